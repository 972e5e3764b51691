"""What a verifier wants of every attestation that it looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from weightgate.attest.replay.deriving import DecideAgain
from weightgate.attest.statements.asked import NOTHING_ASKED, Asked
from weightgate.attest.verifying.believed import Believed
from weightgate.errors import UsageError
from weightgate.records import record

if TYPE_CHECKING:
    from weightgate.attest.replay.from_model import InspectAgain
    from weightgate.attest.revocation.judge import Source
    from weightgate.signing.certificates import Authority

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
"""Between which a verifier's clock may stand: a calendar without an end would have no day before and after."""


class Mode(StrEnum):
    """What a verification asks."""

    REPORT = "report"
    """Whether it holds now; what was not asked is only said."""

    GATE = "gate"
    """Whether a deployment may rely on it now: everything must be asked, and match."""

    ARCHIVE = "archive"
    """Whether it held when it was made: age, validity and revocation are judged at the time of signing."""


@record
class Terms:
    """What a verifier wants of every attestation that it looks at.

    Attributes:
        believed: Whom it believes.
        at: Its clock; UTC.
        asked: What the attestation must be about, and how old it may be.
        any_verdict: Whether the exit code is 0 for anything genuine, instead of the verdict's own.
        decide_again: The engine, when the verdict is to be derived again from what is inside.
        inspect_again: The way to the model's own facts, when they are to be derived again too; needs ``decide_again``.
        lists: Revocation lists that it was told to look at.
        max_list_age: The oldest that a list may be; each list's own word when nothing.
        stampers: Certificate authorities that vouch for timestamp authorities.
        pack_signatures: Signatures of packs, beside those that the attestation carries.
        verifier_ids: For which verifiers the keys given may speak; ``None`` when that is not asked, or a trust file says.
        logs: Verifier keys of the logs that are accepted, by name.
        log_proof: The proof that lies beside the attestation's file; nothing when there is none.
        must_be_logged: Whether what no accepted log has is refused.
    """

    believed: Believed
    at: datetime
    asked: Asked = NOTHING_ASKED
    any_verdict: bool = False
    decide_again: DecideAgain | None = None
    lists: Sequence[Source] = ()
    max_list_age: timedelta | None = None
    stampers: Sequence[Authority] = ()
    verifier_ids: frozenset[str] | None = None
    logs: Mapping[str, str] = field(default_factory=dict)
    log_proof: bytes | None = None
    must_be_logged: bool = False
    inspect_again: InspectAgain | None = None
    pack_signatures: Sequence[bytes] = ()

    @property
    def mode(self) -> Mode:
        """What is asked."""
        return Mode.GATE if self.asked.gate else Mode.ARCHIVE if self.asked.archive else Mode.REPORT


def check_terms(at: datetime, asked: Asked) -> None:
    """Refuse what cannot be asked.

    Raises:
        UsageError: As :func:`verify` has it.
    """
    if at.tzinfo is None:
        raise UsageError(f"the time {at.isoformat()} has no offset", hint="write it as 2025-01-31T12:00:00Z")
    if not EARLIEST <= at <= LATEST:
        hint = f"needed a time from {EARLIEST.date()} to {LATEST.date()}"
        raise UsageError(
            f"the time {at.isoformat()} is no time of a verifier's clock", where="--at", hint=hint
        )
    if asked.max_age_days is not None and not 0 <= asked.max_age_days < float("inf"):
        raise UsageError(f"a maximum age of {asked.max_age_days} days", hint="needed a number of at least 0")
    if asked.gate and asked.archive:
        raise UsageError(
            "a gate asks whether it holds now, an archive whether it held when it was made",
            where="--archive",
            hint="ask for one of them",
        )


def days_of(days: float | None) -> timedelta | None:
    """A number of days as a length of time.

    Raises:
        UsageError: It is no number of days.
    """
    if days is None:
        return None
    if not 0 <= days < float("inf"):
        raise UsageError(f"a maximum age of {days} days", hint="needed a number of at least 0")
    return timedelta(days=min(days, MAX_DAYS))


MAX_DAYS = 10_000_000.0
"""Longest that a length of time is taken for, in days: longer than the calendar has."""
