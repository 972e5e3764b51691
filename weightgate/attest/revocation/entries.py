"""What a revocation list says, entry by entry; docs/revocation.md is its specification."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from weightgate.errors import SignatureError
from weightgate.files.digests import is_digest
from weightgate.files.shapes import Shape, misfit
from weightgate.records import record
from weightgate.signing.statement import read_time, write_time

KEY_COMPROMISE = "key_compromise"
SUPERSEDED = "superseded"
REASONS = ("unspecified", KEY_COMPROMISE, "mistake", "withdrawn", SUPERSEDED)
"""Why something is revoked; ``key_compromise`` says too that the signer's own word about time counts for nothing."""

MAX_ENTRIES = 10_000
MAX_NOTE = 1000
MAX_NAME = 200


_MATCH: Shape = {
    "attestation?": str,
    "signer?": str,
    "engine?": str,
    "pack?": str,
    "model?": str,
    "signedFrom?": str,
    "signedUntil?": str,
}
_ENTRY: Shape = {"match": _MATCH, "reason": REASONS, "from": str, "note?": str, "supersededBy?": str}
_DIGESTS = ("attestation", "pack", "model")
_CRITERIA = (*_DIGESTS, "signer", "engine")


@record
class Match:
    """Which attestations an entry is about: those that have all that is named here.

    Attributes:
        attestation: ``sha256:…`` of the payload of its envelope, or of a statement under a batch.
        signer: Identifier of the key that signed it, or the identity that its certificate names.
        engine: The engine that decided, such as ``weightgate/0.2.0``.
        pack: ``sha256:…`` of a pack that it was decided under.
        model: ``sha256:…`` of the model that it is about.
        signed_from: The first moment of signing that is meant; since ever when there is none.
        signed_until: The last one; without end when there is none.
    """

    attestation: str = ""
    signer: str = ""
    engine: str = ""
    pack: str = ""
    model: str = ""
    signed_from: datetime | None = None
    signed_until: datetime | None = None

    def to_json(self) -> dict[str, str]:
        """As a list spells it; what is not named is left out."""
        texts = {name: getattr(self, name) for name in _CRITERIA}
        times = {"signedFrom": self.signed_from, "signedUntil": self.signed_until}
        return {k: v for k, v in texts.items() if v} | {k: write_time(t) for k, t in times.items() if t}


@record
class Entry:
    """One revocation.

    Attributes:
        match: What is revoked.
        reason: One of :data:`REASONS`.
        since: From when it no longer counts; UTC.
        note: More about the reason, for people.
        superseded_by: ``sha256:…`` of the payload of the attestation that replaces it; empty when none does.
    """

    match: Match
    reason: str
    since: datetime
    note: str = ""
    superseded_by: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a list spells it."""
        entry = {"match": self.match.to_json(), "reason": self.reason, "from": write_time(self.since)}
        more = {"note": self.note, "supersededBy": self.superseded_by}
        return entry | {key: text for key, text in more.items() if text}


def read_entry(entry: Any, place: str) -> Entry:
    """Read one entry of a list.

    Nothing that an entry does not define is passed over: what would narrow a revocation must not be missed, nor what
    would widen it.

    Args:
        entry: Parsed JSON.
        place: Its name, for messages.

    Raises:
        SignatureError: It is malformed, or its parts do not go together (code ``predicate``).
    """
    problem = misfit(entry, _ENTRY, place) or _unknown(entry, place)
    if not problem:
        problem = _disagreement(entry, place)
    if problem:
        raise SignatureError(problem, code="predicate")
    match = entry["match"]
    window = [
        read_time(match[key], f"{place}.match.{key}") if key in match else None
        for key in ("signedFrom", "signedUntil")
    ]
    return Entry(
        Match(
            *(match.get(name, "") for name in ("attestation", "signer", "engine", "pack", "model")), *window
        ),
        entry["reason"],
        read_time(entry["from"], f"{place}.from"),
        entry.get("note", ""),
        entry.get("supersededBy", ""),
    )


def _unknown(entry: dict[str, Any], place: str) -> str:
    for fields, shape, where in ((entry, _ENTRY, place), (entry["match"], _MATCH, f"{place}.match")):
        known = {name.removesuffix("?") for name in shape} if isinstance(shape, dict) else set()
        more = sorted(set(fields) - known)
        if more:
            return f"{where}.{more[0][:40]}: no such field"
    return ""


def _disagreement(entry: dict[str, Any], place: str) -> str:
    match, reason = entry["match"], entry["reason"]
    named = [name for name in _CRITERIA if name in match]
    if not named:
        return f"{place}.match: names nothing; needed one of {', '.join(_CRITERIA)}"
    for name in named:
        if not 1 <= len(match[name]) <= MAX_NAME:
            return f"{place}.match.{name}: needed 1 to {MAX_NAME} characters"
        if name in _DIGESTS and not is_digest(match[name]):
            return f"{place}.match.{name}: needed sha256: and 64 hex digits"
    if len(entry.get("note", "")) > MAX_NOTE:
        return f"{place}.note: longer than {MAX_NOTE} characters"
    if reason == KEY_COMPROMISE and ("signer" not in match or "signedUntil" in match):
        return f"{place}: {KEY_COMPROMISE} is about a signer, and has no end"
    newer = entry.get("supersededBy")
    if (newer is not None) != (reason == SUPERSEDED) or (newer is not None and named != ["attestation"]):
        return f"{place}: {SUPERSEDED} is about one attestation, and names the one that replaces it"
    if newer is not None and not is_digest(newer):
        return f"{place}.supersededBy: needed sha256: and 64 hex digits"
    return ""
