"""Verification: a report of what an attestation establishes, and the exit code that follows from it.

The order is that of the SLSA VSA specification: signature, then what the statement is, then whether it agrees with
itself, then whether it is about what is asked. The payload is parsed once, after the signature holds, from the bytes
that were verified. Nothing is looked up on a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weightgate.attest.asked import GATE_CHECKS, NOTHING_ASKED, Asked, asked_checks
from weightgate.attest.own import own_checks
from weightgate.attest.replay import DecideAgain, Replay, replay, replay_check
from weightgate.attest.statement import PREDICATE_TYPE, Attested, read_predicate
from weightgate.errors import Exit, SignatureError, UsageError
from weightgate.policy.verdicts import exit_of
from weightgate.records import record
from weightgate.signing.checks import Check, State
from weightgate.signing.envelope import Envelope, read_envelope, signers_of
from weightgate.signing.keys import PublicKey
from weightgate.signing.statement import parse_statement

if TYPE_CHECKING:
    from weightgate.attest.replay_model import InspectAgain

BEFORE_REPLAY = ("consistency", "subject", "packs")
"""Checks without which there is no question that could be decided again."""

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
"""Between which a verifier's clock may stand: a calendar without an end would have no day before and after."""

MAX_DETAIL = 4000
"""Longest detail of a check, in characters: what is quoted is others' text."""


@record
class Report:
    """What verifying an attestation came to.

    Attributes:
        genuine: Whether everything that was asked for holds; false means exit 6.
        verdict: The attested verdict; nothing when no signature vouches for one.
        signer: The key that signed; nothing when none of the given ones did.
        checks: Each check that was reached, in order.
        replay: What deriving the verdict again came to; nothing when it was not asked for or not reached.
        exit: The exit code.
        decision: The attested decision, for showing more of it; only signed, so look at ``genuine`` first.
    """

    genuine: bool
    verdict: str | None
    signer: PublicKey | None
    checks: tuple[Check, ...]
    replay: Replay | None
    exit: Exit
    decision: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """As ``verify --output json`` prints it."""
        signer = self.signer and {"keyid": self.signer.keyid, "algorithm": self.signer.algorithm}
        return {
            "genuine": self.genuine,
            "verdict": self.verdict,
            "signer": signer,
            "checks": [check.to_json() for check in self.checks],
            "replay": self.replay and self.replay.to_json(),
            "exit": int(self.exit),
        }


def verify(
    raw: bytes,
    *,
    keys: Sequence[PublicKey],
    at: datetime,
    asked: Asked = NOTHING_ASKED,
    any_verdict: bool = False,
    decide_again: DecideAgain | None = None,
    inspect_again: InspectAgain | None = None,
    source: str = "attestation",
) -> Report:
    """Verify an attestation.

    Args:
        raw: The envelope's bytes.
        keys: The keys to accept; none that the attestation holds is.
        at: The verifier's clock, with its offset.
        asked: What the attestation must be about, and how old it may be.
        any_verdict: Whether the exit code is 0 for anything genuine, instead of the verdict's own.
        decide_again: The engine, when the verdict is to be derived again from what is inside.
        inspect_again: The way to the model's own facts, when they are to be derived again too; needs ``decide_again``.
        source: Name of the file, for messages.

    Returns:
        A report; its ``exit`` is the verdict's own code (0 to 3) when every check holds, else 6.

    Raises:
        InputError: The file is no attestation at all (exit 4).
        UsageError: No key, a clock without an offset or outside of :data:`EARLIEST` to :data:`LATEST`, or a maximum
            age that is no number of days (exit 4).
    """
    _check_usage(keys, at, asked.max_age_days)
    checks: list[Check] = []
    signer: PublicKey | None = None
    attested: Attested | None = None
    again: Replay | None = None
    try:
        envelope = read_envelope(raw, source)
        checks.append(Check("envelope", State.ESTABLISHED, "DSSE v1, in-toto"))
        signer = _signer(envelope, keys)
        checks.append(Check("signature", State.ESTABLISHED, f"by {signer.algorithm} key {signer.keyid}"))
        attested = _read(envelope, source, checks)
    except SignatureError as error:
        # The codes of these errors are the identifiers of the checks that failed.
        checks.append(Check(error.code, State.CONTRADICTED, error.message))
    if attested is not None:
        checks += own_checks(attested, at.astimezone(UTC), asked.max_age_days)
        checks += asked_checks(attested, asked)
        consistent = all(c.state is not State.CONTRADICTED for c in checks if c.id in BEFORE_REPLAY)
        if decide_again is not None and consistent:
            again = _replay(attested, decide_again, inspect_again)
        checks.append(replay_check(again, "not asked" if consistent else "not reached"))
        checks.append(Check("revocation", State.NOT_ESTABLISHED, "whether it was revoked since is not known"))
    return _report(checks, signer, attested, again, gate=asked.gate, any_verdict=any_verdict)


def _check_usage(keys: Sequence[PublicKey], at: datetime, max_age_days: float) -> None:
    if not keys:
        raise UsageError("no key to verify with", hint="name a public key with --key")
    if at.tzinfo is None:
        raise UsageError(f"the time {at.isoformat()} has no offset", hint="write it as 2025-01-31T12:00:00Z")
    if not EARLIEST <= at <= LATEST:
        hint = f"needed a time from {EARLIEST.date()} to {LATEST.date()}"
        raise UsageError(
            f"the time {at.isoformat()} is no time of a verifier's clock", where="--at", hint=hint
        )
    if not 0 <= max_age_days < float("inf"):
        raise UsageError(f"a maximum age of {max_age_days} days", hint="needed a number of at least 0")


def _signer(envelope: Envelope, keys: Sequence[PublicKey]) -> PublicKey:
    signers = signers_of(envelope, keys)
    if not signers:
        given = ", ".join(f"{key.source} ({key.keyid[:16]})" for key in keys[:8])
        named = ", ".join(repr(s.keyid[:16]) for s in envelope.signatures if s.keyid) or "no key"
        raise SignatureError(f"no signature by {given} holds; the envelope names {named}", code="signature")
    return signers[0]


def _read(envelope: Envelope, source: str, checks: list[Check]) -> Attested:
    statement = parse_statement(envelope.payload, source)
    checks.append(Check("statement", State.ESTABLISHED, "in-toto Statement v1"))
    kind = statement.predicate_type
    if kind != PREDICATE_TYPE:
        raise SignatureError(f"it is {kind[:120]!r}, needed {PREDICATE_TYPE!r}", code="predicate_type")
    checks.append(Check("predicate_type", State.ESTABLISHED, PREDICATE_TYPE))
    attested = read_predicate(statement)
    checks.append(Check("predicate", State.ESTABLISHED, "its fields have the shape of a decision"))
    return attested


def _replay(attested: Attested, decide_again: DecideAgain, inspect_again: InspectAgain | None) -> Replay:
    """Derive the verdict again from what is inside and, where that is asked, from the model too."""
    again = replay(attested.decision, attested.packs, decide_again)
    if inspect_again is None:
        return again
    from weightgate.attest.replay_model import replay_model

    minimal = attested.disclosure is not None
    return replace(
        again, model=replay_model(attested.decision, attested.packs, inspect_again, minimal=minimal)
    )


def _report(
    checks: list[Check],
    signer: PublicKey | None,
    attested: Attested | None,
    again: Replay | None,
    *,
    gate: bool,
    any_verdict: bool,
) -> Report:
    refused = attested is None or any(c.state in (State.STALE, State.CONTRADICTED) for c in checks)
    if gate:
        refused |= any(c.id in GATE_CHECKS and c.state is not State.ESTABLISHED for c in checks)
    shown = tuple(Check(c.id, c.state, _printable(c.detail[:MAX_DETAIL])) for c in checks)
    if attested is None:
        return Report(False, None, signer, shown, again, Exit.SIGNATURE)
    verdict = str(attested.decision["verdict"])
    code = Exit.SIGNATURE if refused else Exit.OK if any_verdict else exit_of(verdict)
    return Report(not refused, verdict, signer, shown, again, code, attested.decision)


def _printable(text: str) -> str:
    """``text`` on one line, with no character that moves a terminal's cursor or turns the writing direction."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
