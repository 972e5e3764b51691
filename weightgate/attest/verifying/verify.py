"""Verification: a report of what an attestation establishes, and the exit code that follows from it.

The order is that of the SLSA VSA specification: signature, then what the statement is and whether its signer may say it,
then whether it agrees with itself, then whether it is about what is asked, then whether it still counts. The payload is
parsed once, after the signature holds, from the bytes that were verified. Nothing is looked up on a network here: what
revocation lists say is passed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from weightgate.attest.declarations.check import check_declarations
from weightgate.attest.replay.deriving import DecideAgain, replay_check
from weightgate.attest.statements.asked import MAX_AGE_DAYS, NOTHING_ASKED, Asked
from weightgate.attest.statements.attested import PREDICATE_TYPE, Attested, read_predicate
from weightgate.attest.statements.claims import read_claims
from weightgate.attest.statements.own import own_checks
from weightgate.attest.verifying.about import asked_checks
from weightgate.attest.verifying.authority import PackSigned, trust_checks
from weightgate.attest.verifying.believed import believed_of
from weightgate.attest.verifying.counted import (
    BESIDE,
    decision_target,
    moment_of,
    proved,
    revocation_of,
    timestamp_check,
)
from weightgate.attest.verifying.groups import SUMMARY_TYPES, Group, Unread, groups
from weightgate.attest.verifying.report import Report, report_of
from weightgate.attest.verifying.terms import Terms, check_terms
from weightgate.attest.verifying.unsealing import Unsealer, failed
from weightgate.errors import InputError, SignatureError
from weightgate.signing.checks import Check, State
from weightgate.signing.keys import PublicKey

if TYPE_CHECKING:
    from weightgate.attest.revocation.judge import Source
    from weightgate.attest.trust.trust import Trust

FOUNDED = ("consistency", "subject", "packs")
"""Checks without which there is no question that could be decided again, and nothing to hold a summary against."""


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
    """Verify the claims about one subject, on terms that have been checked.

    Raises:
        InputError: It is no attestation at all, or about several subjects (code ``many``, exit 4).
    """
    found = list(groups(read_claims(raw, source), Unsealer(terms)))
    for group in found:
        if isinstance(group, Unread):
            raise group.error
    if len(found) != 1:
        raise InputError(
            f"{len(found)} attestations in one file", where=source, hint="verify them one by one", code="many"
        )
    return verify_group(found[0], terms)


def verify_group(group: Group | Unread, terms: Terms) -> Report:
    """Verify what a file says of one subject.

    Raises:
        InputError: It is no attestation at all (exit 4).
    """
    if isinstance(group, Unread):
        raise group.error
    unsealed = group.main
    checks = list(unsealed.checks)
    statement = unsealed.statement
    if statement is None:
        return report_of(checks, unsealed.signers, None, terms)
    kind = statement.predicate_type
    if kind in SUMMARY_TYPES:
        from weightgate.attest.verifying.summaries import verify_summary

        return verify_summary(unsealed, statement, terms, logged=_logged(group, terms))
    if kind != PREDICATE_TYPE:
        other = f"it is {kind[:120]!r}, needed {PREDICATE_TYPE!r}"
        return report_of(
            [*checks, Check("predicate_type", State.CONTRADICTED, other)], unsealed.signers, None, terms
        )
    checks.append(Check("predicate_type", State.ESTABLISHED, PREDICATE_TYPE))
    try:
        attested = read_predicate(statement)
    except SignatureError as error:
        return report_of([*checks, failed(error)], unsealed.signers, None, terms)
    checks.append(Check("predicate", State.ESTABLISHED, "its fields have the shape of a decision"))
    return _verify_decision(group, attested, checks, terms)


def _verify_decision(group: Group, attested: Attested, checks: list[Check], terms: Terms) -> Report:
    unsealed, verdict = group.main, str(attested.decision["verdict"])
    max_age = terms.believed.max_age_days(verdict, terms.asked.max_age_days, MAX_AGE_DAYS)
    judgement = revocation_of(unsealed, lambda: decision_target(unsealed, attested), terms)
    checks += terms.believed.checks(terms.at)
    checks += trust_checks(terms.believed, attested, judgement.signers, _pack_signed(terms), proved(unsealed))
    declared = check_declarations(attested.decision, terms.believed.trust, now=terms.at)
    checks += [] if declared is None else [declared]
    checks += own_checks(attested, moment_of(attested.created, unsealed.stamped, terms), max_age)
    checks += asked_checks(attested, terms.asked)
    consistent = all(c.state is not State.CONTRADICTED for c in checks if c.id in FOUNDED)
    if consistent:
        checks.append(_beside(group, attested, terms))
    checks += (judgement.check, timestamp_check(unsealed, attested.created, terms))
    checks.append(_logged(group, terms))
    again = None
    if consistent and terms.decide_again is not None:
        from weightgate.attest.replay.from_model import replay_attested

        again = replay_attested(attested, terms.decide_again, terms.inspect_again)
    checks.append(replay_check(again, "not asked" if consistent else "not reached"))
    return report_of(checks, unsealed.signers, verdict, terms, decision=attested.decision, again=again)


def _pack_signed(terms: Terms) -> PackSigned | None:
    if terms.believed.trust is None:
        return None
    from weightgate.attest.signed_packs import pack_signed

    return pack_signed(terms.believed.trust, now=terms.at, more=terms.pack_signatures)


def _beside(group: Group, attested: Attested, terms: Terms) -> Check:
    if not group.summaries:
        return Check(BESIDE, State.NOT_ESTABLISHED, "there are none beside the decision")
    from weightgate.attest.verifying.summaries import beside_check

    return beside_check(group.summaries, group.main, attested, terms)


def _logged(group: Group, terms: Terms) -> Check:
    if not group.proofs and terms.log_proof is None and not terms.must_be_logged:
        return Check("log", State.NOT_ESTABLISHED, "no proof of a log was given")
    from weightgate.attest.verifying.logged import logged_check

    return logged_check(group.main.payload, group.proofs, terms)
