"""Where revocation lists come from: files, and URLs, which are asked only because the verifier names them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.attest.revocation.lists import MAX_LIST_BYTES
from weightgate.errors import InputError, UnreachableError, UsageError
from weightgate.version import VERSION

if TYPE_CHECKING:
    from http.client import HTTPResponse

TIMEOUT = 10.0
"""Seconds that fetching one list may take in all."""

MAX_REDIRECTS = 3

_LOCAL = ("127.0.0.1", "::1", "localhost")
_CHUNK = 64 * 1024


def is_url(place: str) -> bool:
    """Whether a list's place is a URL, and not a file."""
    return place.startswith(("https://", "http://"))


def read_place(place: str) -> bytes:
    """The bytes of a list.

    Args:
        place: A file, or a URL: ``https``, or ``http`` on this machine.

    Raises:
        UsageError: The URL is one that anybody on the way could answer (code ``insecure_url``), or malformed.
        InputError: The file cannot be read, or is longer than
            :data:`~weightgate.attest.revocation.lists.MAX_LIST_BYTES`.
        UnreachableError: The URL gives nothing, takes longer than :data:`TIMEOUT`, or gives more than that.
    """
    return _fetch(place) if is_url(place) else _read(Path(place))


def check_place(place: str) -> None:
    """Refuse a URL that is never asked, before anything is.

    Raises:
        UsageError: As :func:`read_place` has it.
    """
    if not is_url(place):
        return
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(place)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"no URL: {error}", where=place, code="bad_url") from None
    if not host or parts.username is not None or not place.isprintable() or " " in place:
        raise UsageError(
            "no URL of a revocation list: needed https://HOST/PATH with no user in it",
            where=place,
            code="bad_url",
        )
    if parts.scheme == "http" and host not in _LOCAL:
        raise UsageError(
            "http can be answered by anybody on the way", where=place, hint="use https", code="insecure_url"
        )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_LIST_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"cannot read: {error.strerror or error}", where=str(path), code="unreadable"
        ) from None
    if len(raw) > MAX_LIST_BYTES:
        raise InputError(f"longer than {MAX_LIST_BYTES} bytes", where=str(path), code="too_large")
    return raw


def _fetch(url: str) -> bytes:
    from http.client import HTTPException

    end = time.monotonic() + TIMEOUT
    place = url
    try:
        for _ in range(MAX_REDIRECTS + 1):
            moved, content = _ask(place, end)
            if not moved:
                return content
            place = _redirected(place, moved)
    except (OSError, HTTPException, ValueError) as error:
        # URLError is an OSError; its reason says more.
        raise UnreachableError(f"cannot be fetched: {getattr(error, 'reason', error)}", where=url) from None
    raise UnreachableError(f"more than {MAX_REDIRECTS} redirections", where=url)


def _redirected(place: str, moved: str) -> str:
    """Where a redirection leads, which must be no less safe than where it came from."""
    from urllib.parse import urljoin

    target = urljoin(place, moved)
    if not is_url(target) or (place.startswith("https:") and not target.startswith("https:")):
        raise UnreachableError(f"redirected to {target[:200]!r}, which is not https", where=place)
    try:
        check_place(target)
    except UsageError as error:
        raise UnreachableError(f"redirected to {target[:200]!r}: {error.message}", where=place) from None
    return target


def _ask(url: str, end: float) -> tuple[str, bytes]:
    """Where it has moved to, or else what it holds."""
    import urllib.request as web

    opener = web.OpenerDirector()
    # No other kind of URL can be opened, and what the server answers is left to us. This machine needs no proxy.
    proxies: dict[str, str] | None = {} if url.startswith("http:") else None
    for handler in (web.ProxyHandler(proxies), web.HTTPHandler(), web.HTTPSHandler()):
        opener.add_handler(handler)
    request = web.Request(url, headers={"User-Agent": f"weightgate/{VERSION}"})  # noqa: S310 - checked above
    answer = opener.open(request, timeout=_left(end))
    if answer is None:
        raise OSError("no kind of URL that is fetched")
    with answer:
        if answer.status in (301, 302, 303, 307, 308):
            return answer.headers.get("Location") or url, b""
        if answer.status != 200:
            raise OSError(f"the server answered {answer.status}")
        return "", _bounded(answer, end)


def _bounded(answer: HTTPResponse, end: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    read: Callable[[int], bytes] = answer.read1
    while chunk := read(_CHUNK):
        size += len(chunk)
        if size > MAX_LIST_BYTES:
            raise OSError(f"longer than {MAX_LIST_BYTES} bytes")
        parts.append(chunk)
        _left(end)
    expected = answer.headers.get("Content-Length", "")
    if expected.isdecimal() and int(expected) != size:
        raise OSError(f"cut off after {size} of {expected} bytes")
    return b"".join(parts)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError(f"took longer than {TIMEOUT:g} seconds")
    return left
