"""The Hub's address, checked before anything is sent there or written down."""

from __future__ import annotations

import os

from weightgate.errors import InputError


def check_environment() -> None:
    """Check ``HF_ENDPOINT`` before the client is imported, which fails on one that is no URL.

    Raises:
        InputError: As for :func:`check_endpoint`.
    """
    endpoint = os.environ.get("HF_ENDPOINT")
    if endpoint is not None:
        check_endpoint(endpoint)


def check_endpoint(endpoint: str, where: str = "HF_ENDPOINT") -> str:
    """The address without a slash at its end.

    It goes into evidence, errors and attestations. So it may hold no user, password or query, and a refused one is never
    quoted.

    Args:
        endpoint: As the user wrote it.
        where: Where it was written.

    Raises:
        InputError: No such address.
    """
    from urllib.parse import urlsplit

    message = ""
    try:
        parts = urlsplit(endpoint)
        if parts.port == 0 or not parts.hostname or parts.scheme not in ("http", "https"):
            message = "the Hub's address is no http or https URL"
        elif "@" in parts.netloc or "?" in endpoint or "#" in endpoint:
            message = "the Hub's address holds a user, a password, a query or a fragment"
    except ValueError:  # a port or an IPv6 address that cannot be
        message = "the Hub's address is no URL"
    if not message and (not endpoint.isprintable() or " " in endpoint or "\\" in endpoint):
        message = "the Hub's address holds a blank or another character that no URL has"
    if message:
        hint = "write it as https://host or https://host:port/path; a token goes into HF_TOKEN"
        raise InputError(message, where=where, hint=hint, code="bad_endpoint")
    return endpoint.rstrip("/")
