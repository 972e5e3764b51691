"""The limits of a grant, each with what it keeps out, in words; empty words for what lies within."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from weightgate.attest.trust.model import Grant


def day_of(moment: datetime) -> str:
    """The UTC day of a moment.

    Raises:
        ValueError: The moment has no offset.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return moment.astimezone(UTC).date().isoformat()


def lies(day: str, start: str, ends: str) -> bool:
    """Whether a day lies in a term, whose end is the first day after it."""
    return start <= day and (not ends or day < ends)


def window(grant: Grant, at: datetime) -> str:
    """What keeps a grant from counting for what was signed at a moment, in words."""
    day = day_of(at)
    if grant.start <= day and (not grant.until or day <= grant.until):
        return ""
    return f"it holds {_from_until(grant)}, and this was signed on {day}"


def _from_until(grant: Grant) -> str:
    since = f"from {grant.start}" if grant.start else ""
    until = f"until {grant.until}" if grant.until else ""
    return " ".join(filter(None, (since, until)))


def beside(grant: Grant, limit: str, values: Sequence[str]) -> str:
    """What of some values a grant's limit leaves out, in words; a limited grant of nothing at all is none."""
    if limit not in grant.limits:
        return ""
    allowed = grant.limits[limit]
    other = [value for value in values if value not in allowed]
    if values and not other:
        return ""
    shown = ", ".join(allowed[:5]) + (" …" if len(allowed) > 5 else "")
    return f"{limit} are {shown}, and not {', '.join(map(repr, other))[:120] or 'none at all'}"


def speaks(grant: Grant, verifier_id: str | None) -> str:
    """What keeps a summary from being signed under a grant, in words: it carries the URI of that very grant."""
    if verifier_id is None or verifier_id == grant.verifier_id:
        return ""
    return f"verifier_id is {grant.verifier_id or 'not stated'}, and not {verifier_id[:200]}"


def threshold(grant: Grant, acting: Collection[str]) -> str:
    """How many more it takes than signed, in words."""
    if len(acting) >= grant.threshold:
        return ""
    signed = ", ".join(sorted(acting))
    return f"it takes {grant.threshold} of {', '.join(grant.identities)}, and {signed} signed"
