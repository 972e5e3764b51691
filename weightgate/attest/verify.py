"""Verification: a report of what an attestation establishes, and the exit code that follows from it.

The order is that of the SLSA VSA specification: signature, then what the statement is and whether its signer may say it,
then whether it agrees with itself, then whether it is about what is asked, then whether it still counts. The payload is
parsed once, after the signature holds, from the bytes that were verified. Nothing is looked up on a network here: what
revocation lists say is passed in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from weightgate.attest.asked import MAX_AGE_DAYS, NOTHING_ASKED, Asked, asked_checks
from weightgate.attest.authority import trust_checks
from weightgate.attest.believed import believed_of
from weightgate.attest.opening import Opened, failed, open_envelope
from weightgate.attest.own import Moment, own_checks
from weightgate.attest.replay import DecideAgain, Replay, replay
from weightgate.attest.report import Report, exit_for, refuses, shown
from weightgate.attest.revocation.judge import Clock, Judgement, Source, Target, judge
from weightgate.attest.statement import MODEL_SUBJECT, PREDICATE_TYPE, Attested, read_predicate
from weightgate.attest.terms import Terms, check_terms
from weightgate.errors import SignatureError
from weightgate.signing.accepted import SignedBy
from weightgate.signing.checks import Check, State
from weightgate.signing.keys import PublicKey

if TYPE_CHECKING:
    from weightgate.attest.trust.trust import Trust

BEFORE_REPLAY = ("consistency", "subject", "packs")
"""Checks without which there is no question that could be decided again."""


def verify(  # noqa: PLR0913 - each is one of the command's options, and optional
    raw: bytes,
    *,
    keys: Sequence[PublicKey] = (),
    trust: Trust | None = None,
    at: datetime,
    asked: Asked = NOTHING_ASKED,
    any_verdict: bool = False,
    decide_again: DecideAgain | None = None,
    lists: Sequence[Source] = (),
    max_list_age: timedelta | None = None,
    source: str = "attestation",
) -> Report:
    """Verify an attestation.

    Args:
        raw: The envelope's bytes.
        keys: The keys to accept, each for everything; none that the attestation holds is.
        trust: Who may say what, instead of keys.
        at: The verifier's clock, with its offset.
        asked: What the attestation must be about, and how old it may be.
        any_verdict: Whether the exit code is 0 for anything genuine, instead of the verdict's own.
        decide_again: The engine, when the verdict is to be derived again from what is inside.
        lists: Revocation lists, from :func:`weightgate.attest.revocation.sources.load_sources`.
        max_list_age: The oldest that a list may be to show that something is not revoked.
        source: Name of the file, for messages.

    Returns:
        A report; its ``exit`` is the verdict's own code (0 to 3) when every check holds, else 6.

    Raises:
        InputError: The file is no attestation at all (exit 4).
        UsageError: Neither keys nor trust, or both, a clock without an offset or outside of :data:`EARLIEST` to :data:`LATEST`, a maximum
            age that is no number of days, or both a gate and an archive (exit 4).
    """
    check_terms(at, asked)
    terms = Terms(
        believed_of(keys, trust), at.astimezone(UTC), asked, any_verdict, decide_again, lists, max_list_age
    )
    return verify_one(raw, terms, source)


def verify_one(raw: bytes, terms: Terms, source: str) -> Report:
    """Verify one envelope on terms that have been checked.

    Raises:
        InputError: It is no attestation at all (exit 4).
    """
    opened = open_envelope(raw, source, terms.believed, terms.at)
    checks = [*opened.checks]
    attested, again = None, None
    try:
        attested = _read(opened, checks)
    except SignatureError as error:
        checks.append(failed(error))
    if attested is not None:
        checks += terms.believed.checks(terms.at)
        judgement = _revocation(opened, attested, terms)
        moment = _moment(attested, terms)
        checks += trust_checks(terms.believed, attested, judgement.signers)
        checks += own_checks(attested, moment, _max_age(attested, terms))
        checks += asked_checks(attested, terms.asked)
        checks.append(judgement.check)
        again = _replay(attested, checks, terms)
    return _report(checks, opened.signers, attested, again, terms)


def _read(opened: Opened, checks: list[Check]) -> Attested | None:
    statement = opened.statement
    if statement is None:
        return None
    kind = statement.predicate_type
    if kind != PREDICATE_TYPE:
        raise SignatureError(f"it is {kind[:120]!r}, needed {PREDICATE_TYPE!r}", code="predicate_type")
    checks.append(Check("predicate_type", State.ESTABLISHED, PREDICATE_TYPE))
    attested = read_predicate(statement)
    checks.append(Check("predicate", State.ESTABLISHED, "its fields have the shape of a decision"))
    return attested


def _moment(attested: Attested, terms: Terms) -> Moment:
    if not terms.asked.archive:
        return Moment(terms.at, terms.at)
    return Moment(terms.at, attested.created, "when it was signed, by the signer's word")


def _revocation(opened: Opened, attested: Attested, terms: Terms) -> Judgement:
    payload = b"" if opened.sealed is None else opened.sealed.envelope.payload
    name, digest = attested.subject
    target = Target(
        (f"sha256:{hashlib.sha256(payload).hexdigest()}",),
        opened.signers,
        str(attested.decision["engine"]),
        frozenset(pack.digest for pack in attested.packs),
        f"sha256:{digest}" if name == MODEL_SUBJECT else "",
        attested.created,
    )
    return judge(
        target,
        terms.lists,
        Clock(terms.at, terms.asked.archive, terms.max_list_age),
        terms.believed.may_revoke,
    )


def _max_age(attested: Attested, terms: Terms) -> float:
    verdict = str(attested.decision["verdict"])
    return terms.believed.max_age_days(verdict, terms.asked.max_age_days, MAX_AGE_DAYS)


def _replay(attested: Attested, checks: list[Check], terms: Terms) -> Replay | None:
    """Derive the verdict again where that was asked and can be done, and add the check that says so."""
    again = None
    consistent = all(c.state is not State.CONTRADICTED for c in checks if c.id in BEFORE_REPLAY)
    if terms.decide_again is not None and consistent:
        again = replay(attested.decision, attested.packs, terms.decide_again)
    checks.append(_replay_check(again, "not asked" if consistent else "not reached"))
    return again


def _replay_check(again: Replay | None, otherwise: str) -> Check:
    if again is None:
        return Check("replay", State.NOT_ESTABLISHED, otherwise)
    engines = f"by engine {again.engine}"
    if again.engine != again.attested_engine:
        engines += f"; it was decided by engine {again.attested_engine[:80]!r}"
    if again.differences:
        return Check("replay", State.CONTRADICTED, "; ".join(again.differences) + f"; {engines}")
    return Check("replay", State.ESTABLISHED, f"derived again from what is inside, {engines}")


def _report(
    checks: list[Check],
    signers: tuple[SignedBy, ...],
    attested: Attested | None,
    again: Replay | None,
    terms: Terms,
) -> Report:
    reached = shown(checks)
    refused_for = refuses(reached, terms.mode, lists_given=bool(terms.lists))
    decision = None if attested is None else attested.decision
    verdict = None if decision is None else str(decision["verdict"])
    refused = decision is None or bool(refused_for)
    code = exit_for(verdict, refused=refused, any_verdict=terms.any_verdict)
    signer = signers[0] if signers else None
    return Report(
        not refused, verdict, signer, reached, again, code, decision, signers, terms.mode, refused_for
    )
