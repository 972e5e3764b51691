"""Summaries: one that stands alone, verified as its consumer does, and those beside a decision, which must follow from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from weightgate.attest.statements.asked import MAX_AGE_DAYS
from weightgate.attest.statements.attested import Attested
from weightgate.attest.statements.resource import Resource, read_packs
from weightgate.attest.statements.summary import LEVEL_OF, VERDICT_OF, verifier_check
from weightgate.attest.statements.svr import SVR_TYPE, Svr, compose_svr, read_svr, svr_checks
from weightgate.attest.statements.vsa import GATE as VSA_GATE
from weightgate.attest.statements.vsa import VSA_TYPE, Vsa, agreement, read_vsa, vsa_checks
from weightgate.attest.verifying.authority import NO_TRUST, acting_at, times_of
from weightgate.attest.verifying.counted import (
    BESIDE,
    moment_of,
    proved,
    revocation_of,
    summary_target,
    timestamp_check,
)
from weightgate.attest.verifying.report import Report, report_of
from weightgate.attest.verifying.terms import Terms
from weightgate.attest.verifying.unsealing import Unsealed, failed
from weightgate.errors import SignatureError
from weightgate.signing.accepted import SignedBy
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import InTotoStatement, parse_statement

if TYPE_CHECKING:
    from weightgate.attest.revocation.judge import Target
    from weightgate.attest.trust.trust import Trust

_SHOWN = 5

SVR_GATE = ("subject", "verifier", "properties")
"""What a gate wants established of a simple result."""


def verify_summary(unsealed: Unsealed, statement: InTotoStatement, terms: Terms, *, logged: Check) -> Report:
    """Verify a summary that stands alone, in the order of the VSA specification.

    Args:
        unsealed: The claim.
        statement: What was signed, whose predicate type is that of a VSA or an SVR.
        terms: What the verifier wants.
        logged: Whether a log has it.
    """
    checks = list(unsealed.checks)
    is_vsa = statement.predicate_type == VSA_TYPE
    gate = VSA_GATE if is_vsa else SVR_GATE
    try:
        summary: Vsa | Svr = read_vsa(statement) if is_vsa else read_svr(statement)
    except SignatureError as error:
        return report_of([*checks, failed(error)], unsealed.signers, None, terms, gate=gate)
    checks += terms.believed.checks(terms.at)
    judgement = revocation_of(unsealed, lambda: target_of(unsealed, summary), terms)
    checks += _held(unsealed, summary, judgement.signers, terms)
    checks += (judgement.check, timestamp_check(unsealed, summary.time, terms), logged)
    checks += _not_in_a_summary(terms)
    return report_of(checks, unsealed.signers, verdict_of(summary), terms, gate=gate)


def _not_in_a_summary(terms: Terms) -> Iterator[Check]:
    """What may be asked of a decision and no summary can answer: whoever asks for it is refused."""
    if terms.asked.openings:
        yield Check("disclosure", State.CONTRADICTED, "a summary withholds nothing that could be opened")
    if terms.decide_again is None:
        yield Check("replay", State.NOT_ESTABLISHED, "not asked")
    else:
        detail = "asked for, and a summary holds nothing to derive a verdict from: verify the decision"
        yield Check("replay", State.CONTRADICTED, detail)


def passed_by(summary: Vsa | Svr) -> list[tuple[Resource, str]]:
    """The deployments that a summary lets through, each with the verdict that its level stands for."""
    if isinstance(summary, Svr):
        return [(one.resource, VERDICT_OF[one.level]) for one in summary.passed]
    if summary.resource is None or summary.verdict is None:
        return []
    return [(summary.resource, summary.verdict)]


def verdict_of(summary: Vsa | Svr) -> str | None:
    """The verdict that a summary stands for, the stricter of several; nothing when it lets nothing through."""
    found = {verdict for _, verdict in passed_by(summary)}
    return next((verdict for verdict in reversed(LEVEL_OF) if verdict in found), None)


def packs_of(summary: Vsa | Svr) -> list[tuple[str, str]]:
    """Name and digest of each pack that a summary names; an SVR's names are not told."""
    if isinstance(summary, Svr):
        return [("", f"sha256:{digest}") for digest in summary.policies]
    return list(read_packs(summary.policy_uri) or [])


def target_of(unsealed: Unsealed, summary: Vsa | Svr) -> Target:
    """A summary, as far as it can be revoked."""
    inputs = (
        [entry["sha256"] for entry in summary.inputs if "sha256" in entry] if isinstance(summary, Vsa) else []
    )
    model = f"sha256:{summary.subjects[0].sha256}"
    packs = [digest for _, digest in packs_of(summary)]
    return summary_target(unsealed, inputs, packs, model, summary.time)


def _held(
    unsealed: Unsealed, summary: Vsa | Svr, signers: tuple[SignedBy, ...], terms: Terms
) -> Iterator[Check]:
    """The checks of the summary's own kind, and after that for whom its signers speak, what they may say."""
    trust = terms.believed.trust
    times = times_of(summary.time, proved(unsealed))
    ids = terms.verifier_ids if trust is None else trust.verifier_ids(acting_at(trust, signers, times))
    # Of several verdicts in one result, the one that may be least old: any of them may be what is asked about.
    verdicts = {verdict for _, verdict in passed_by(summary)} or {""}
    limits = (terms.believed.max_age_days(v, terms.asked.max_age_days, MAX_AGE_DAYS) for v in verdicts)
    days = min(limits)
    asked = terms.asked if terms.asked.age_limit == days else replace(terms.asked, max_age_days=days)
    # Never later than the clock: what is from the future is so for an archive too.
    at = min(moment_of(summary.time, unsealed.stamped, terms).judged, terms.at)
    if isinstance(summary, Vsa):
        found = vsa_checks(summary, asked, at=at, verifier_ids=ids)
    else:
        found = svr_checks(summary, asked, at=at, verifier_ids=ids)
    for check in found:
        yield check
        if check.id == "verifier":
            yield from _authority(summary, signers, trust, times)


def _authority(
    summary: Vsa | Svr, signers: tuple[SignedBy, ...], trust: Trust | None, times: Sequence[datetime]
) -> Iterator[Check]:
    if trust is None:
        yield Check("authority", State.NOT_ESTABLISHED, NO_TRUST)
        return
    names = acting_at(trust, signers, times)
    who = ", ".join(sorted(names)) or "nobody who acts on the day of signing"
    packs = packs_of(summary)
    problems = [
        answer.because
        for resource, verdict in passed_by(summary)
        for at in times
        if not (
            answer := trust.may_decide(
                names, verdict=verdict, destinations=[resource.to], packs=[name for name, _ in packs],
                activity=resource.activity, at=at, verifier_id=summary.verifier_id,
            )
        ).granted
    ]  # fmt: skip
    state = State.CONTRADICTED if problems else State.ESTABLISHED
    said = "; ".join(problems[:3]) or "who may let this through"
    yield Check("authority", state, f"signed by {who}, {said}")
    from weightgate.attest.trust.model import Answer

    # Versions and signatures of packs are in no summary: a rule about them refuses it.
    answers = [trust.pack_rule(name).allows(digest, "", signed=False) for name, digest in packs]
    if trust.packs and not (packs and all(name for name, _ in packs)):
        answers.append(Answer(False, "it names no packs, and the trust file has rules for them"))
    refused = [answer.because for answer in answers if not answer.granted]
    state = State.CONTRADICTED if refused else State.ESTABLISHED
    yield Check("pack_rules", state, "; ".join(refused or [answer.because for answer in answers]))


def beside_check(summaries: Sequence[Unsealed], main: Unsealed, attested: Attested, terms: Terms) -> Check:
    """Whether the summaries beside a decision are signed too, still count, and say what it says.

    Args:
        summaries: The summaries; at least one.
        main: The decision.
        attested: What it says.
        terms: What the verifier wants.
    """
    states, details = [], []
    for unsealed in summaries:
        check = _one_beside(unsealed, main, attested, terms)
        states.append(check.state)
        if check.state is not State.ESTABLISHED:
            details.append(f"{unsealed.source}: {check.detail}")
    if details:
        state = State.CONTRADICTED if State.CONTRADICTED in states else State.STALE
        return Check(BESIDE, state, "; ".join(details[:_SHOWN]))
    many = f"{len(summaries)} say" if len(summaries) > 1 else "1 says"
    return Check(BESIDE, State.ESTABLISHED, f"{many} what the decision says")


def _one_beside(unsealed: Unsealed, main: Unsealed, attested: Attested, terms: Terms) -> Check:
    if unsealed.statement is None:
        last = unsealed.checks[-1]
        return Check(BESIDE, State.CONTRADICTED, f"{last.id}: {last.detail}")
    try:
        summary: Vsa | Svr
        if unsealed.statement.predicate_type == VSA_TYPE:
            summary = read_vsa(unsealed.statement)
            found = agreement(summary, attested.decision, main.payload)
        else:
            summary = read_svr(unsealed.statement)
            found = _svr_agreement(summary, attested.decision)
    except SignatureError as error:
        return failed(error)
    judgement = revocation_of(unsealed, lambda: target_of(unsealed, summary), terms)
    if judgement.check.state in (State.CONTRADICTED, State.STALE):
        return judgement.check
    trust = terms.believed.trust
    if trust is not None:
        times = times_of(summary.time, proved(unsealed))
        ids = trust.verifier_ids(acting_at(trust, judgement.signers, times))
        speaks = verifier_check(summary.verifier_id, ids)
        if speaks.state is not State.ESTABLISHED:
            return speaks
    return found


def _svr_agreement(svr: Svr, decision: dict[str, Any]) -> Check:
    """Whether a simple result says what the decision beside it says: of the one written here, nothing is left open."""
    raw = compose_svr(decision, svr.verifier_id)
    if raw is None:
        detail = "the decision beside it is a what-if, or about no model"
        return Check(BESIDE, State.CONTRADICTED, detail)
    expected = read_svr(parse_statement(raw, "svr"))
    same = (svr.subjects, set(svr.properties)) == (expected.subjects, set(expected.properties))
    if not same or (svr.kind == SVR_TYPE and svr.policies != expected.policies):
        return Check(BESIDE, State.CONTRADICTED, "the decision beside it says something else")
    return Check(BESIDE, State.ESTABLISHED, "it says what the decision beside it says")
