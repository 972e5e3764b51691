"""What a summary is about, as one URI: ``weightgate:v1?activity=…&to=…&model=sha256:…&operator=sha256:…``.

Consumers of summaries compare URIs byte by byte, so each deployment has one spelling: the parameters in this order, each
once; ``operator`` left out when nobody said who operates; in a value, every byte of its UTF-8 that is neither an
unreserved character of RFC 3986 nor ``/`` or ``:`` written as ``%XX``, in capitals. docs/attestation.md has the rules.
"""

from __future__ import annotations

import re

from weightgate.errors import UsageError
from weightgate.files.digests import is_digest
from weightgate.records import record

RESOURCE_PREFIX = "weightgate:v1?"
PACKS_PREFIX = "weightgate:v1/packs?"

MAX_URI = 2048
"""Longest URI that is read or written, in characters."""

_PLAIN = "/:"
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?=.*[A-Za-z0-9])(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+\Z"
)
_USUAL = re.compile(
    r"weightgate:v1\?activity=([A-Za-z0-9_.~:/-]+)&to=([A-Za-z0-9_.~:/-]+)&model=(sha256:[0-9a-f]{64})"
    r"(?:&operator=(sha256:[0-9a-f]{64}))?\Z"
)
_PARAMETERS = ("activity", "to", "model", "operator")


@record
class Resource:
    """One deployment that a summary is about.

    Attributes:
        activity: ``host``, ``fine_tune`` or ``export_compute``.
        to: The destination, in its canonical spelling.
        model: The model's OMS root digest, ``sha256:…``.
        operator: Digest of the operator file, ``sha256:…``; empty when the decision was about no operator.
    """

    activity: str
    to: str
    model: str
    operator: str = ""

    @property
    def uri(self) -> str:
        """The URI in its one spelling."""
        values = (self.activity, self.to, self.model, self.operator)
        pairs = zip(_PARAMETERS, values, strict=True)
        return RESOURCE_PREFIX + "&".join(f"{name}={_quoted(value)}" for name, value in pairs if value)


def read_resource(uri: str) -> Resource | None:
    """The deployment that a URI names; nothing when it is none of ours, or not in its one spelling."""
    if not uri.startswith(RESOURCE_PREFIX) or len(uri) > MAX_URI:
        return None
    usual = _USUAL.match(uri)
    if usual:  # nothing is escaped, so nothing can be spelled otherwise
        return Resource(usual[1], usual[2], usual[3], usual[4] or "")
    values = {}
    for pair in uri.removeprefix(RESOURCE_PREFIX).split("&"):
        name, _, value = pair.partition("=")
        values[name] = _unquoted(value)
    if not {"activity", "to", "model"} <= set(values) <= set(_PARAMETERS):
        return None
    digests = [values["model"], values.get("operator")]
    found = Resource(values["activity"], values["to"], values["model"], values.get("operator", ""))
    if not all(digest is None or is_digest(digest) for digest in digests) or found.uri != uri:
        return None
    return found


def packs_uri(packs: list[tuple[str, str]]) -> str:
    """The packs that decided, as one URI: ``weightgate:v1/packs?NAME=sha256:…&…``, in the order of the decision.

    Args:
        packs: Name and digest of each.
    """
    return PACKS_PREFIX + "&".join(f"{_quoted(name)}={_quoted(digest)}" for name, digest in packs)


def read_packs(uri: str) -> list[tuple[str, str]] | None:
    """Name and digest of each pack that a URI lists; nothing when it is no such URI, or not in its one spelling."""
    if not uri.startswith(PACKS_PREFIX):
        return None
    pairs = [pair.partition("=") for pair in uri.removeprefix(PACKS_PREFIX).split("&")]
    packs = [(_unquoted(name), _unquoted(digest)) for name, _, digest in pairs]
    fitting = all(name and is_digest(digest) for name, digest in packs)
    return packs if fitting and packs_uri(packs) == uri else None


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI (RFC 3986) of at most :data:`MAX_URI` characters."""
    return len(text) <= MAX_URI and bool(_URI.match(text))


def check_verifier_id(text: str) -> str:
    """The identity under which summaries are written.

    Raises:
        UsageError: It is no URI (code ``verifier_id``).
    """
    if not is_uri(text):
        raise UsageError(
            f"{text[:80]!r} is no URI",
            where="--verifier-id",
            hint="name whoever decides, such as https://example.com/gate/v1",
            code="verifier_id",
        )
    return text


def _quoted(value: str) -> str:
    from urllib.parse import quote

    return quote(value, safe=_PLAIN)


def _unquoted(text: str) -> str:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(text).decode("utf-8", "replace")
