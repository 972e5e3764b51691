"""What a decision comes to for those who read summaries: one level for each destination, and the checks that any summary takes.

Summaries (SLSA VSA, in-toto SVR) leave out the reasons. So none is written where leaving them out would mislead: of a
what-if, or of a decision with no model at hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.attested import MODEL_SUBJECT, subject_of
from weightgate.attest.statements.resource import Resource
from weightgate.inspect.inspection import Inspection
from weightgate.policy.verdicts import Verdict
from weightgate.records import record
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import MAX_AHEAD, Subject, write_time

LEVEL_OF = {
    str(Verdict.ALLOW): "WEIGHTGATE_ALLOW",
    str(Verdict.ALLOW_WITH_CONDITIONS): "WEIGHTGATE_ALLOW_WITH_CONDITIONS",
}
"""The level that stands for a verdict; the others pass nothing, and have none."""

VERDICT_OF = {level: verdict for verdict, level in LEVEL_OF.items()}


@record
class Summed:
    """What was decided about one destination.

    Attributes:
        resource: The deployment.
        level: One of :data:`LEVEL_OF`; empty when the verdict lets nothing through.
    """

    resource: Resource
    level: str


def summed(decision: dict[str, Any]) -> list[Summed]:
    """One entry for each destination, in the decision's order; none for a decision that is not to be summarised.

    Args:
        decision: A decision whose shape has been checked, and whose parts agree.

    Raises:
        InputError: The model's digest is not the root of the manifest.
    """
    name, digest = subject_of(decision)
    if name != MODEL_SUBJECT or decision["hypothetical"] is not False:
        return []
    operator = (decision["operator"] or {}).get("digest") or ""
    verdicts: dict[str, list[str]] = {}
    for place in decision["destinations"]:
        verdicts.setdefault(place["name"], []).append(place["verdict"])
    return [
        Summed(Resource(decision["activity"], to, f"sha256:{digest}", operator), _level(found))
        for to, found in verdicts.items()
    ]


def packs_of(decision: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and digest of each pack that decided, in the decision's order."""
    return [(pack["name"], pack["digest"]) for pack in decision["packs"]]


def _level(verdicts: Sequence[str]) -> str:
    """The level of a destination of several places: that of the strictest, and none when one place is not let through."""
    if not all(verdict in LEVEL_OF for verdict in verdicts):
        return ""
    return next((LEVEL_OF[v] for v in reversed(LEVEL_OF) if v in verdicts), "")


def subject_check(subjects: Sequence[Subject], model: Inspection | None) -> Check:
    """Whether a summary is about the model asked about; by root digest, since a summary names no files."""
    about = ", ".join(f"sha256:{subject.sha256[:64]}" for subject in subjects[:5] if subject.sha256)
    about = about or "nothing with a SHA-256"
    if model is None:
        return Check("subject", State.NOT_ESTABLISHED, f"not asked; it is about {about}")
    if not model.digest:
        detail = f"the digest of {model.reference} could not be had"
        return Check("subject", State.CONTRADICTED, detail)
    if all(f"sha256:{subject.sha256}" != model.digest for subject in subjects):
        detail = f"{model.reference} has digest {model.digest}; it is about {about}"
        return Check("subject", State.CONTRADICTED, detail)
    detail = f"{model.reference} has digest {model.digest}; a summary does not name its files"
    return Check("subject", State.ESTABLISHED, detail)


def verifier_check(verifier_id: str, allowed: Collection[str] | None) -> Check:
    """Whether whoever signed may speak for the verifier that the summary names.

    Args:
        verifier_id: What it says.
        allowed: The identities that its signers may use; ``None`` when the consumer has named none.
    """
    named = repr(verifier_id[:200])
    if allowed is None:
        detail = f"it names {named}; which verifier the signer speaks for was not asked"
        return Check("verifier", State.NOT_ESTABLISHED, detail)
    if verifier_id not in allowed:
        may = ", ".join(map(repr, sorted(allowed))) or "no verifier"
        return Check("verifier", State.CONTRADICTED, f"it names {named}; its signer speaks for {may}")
    return Check("verifier", State.ESTABLISHED, f"{named}, for whom its signer speaks")


def time_checks(moment: datetime, at: datetime, max_age_days: float) -> Iterator[Check]:
    """Whether a summary is neither from the future nor too old.

    Args:
        moment: When it says that was verified what it sums up; UTC.
        at: The consumer's clock; UTC.
        max_age_days: The oldest that it may be.
    """
    stated = f"{write_time(moment)}, by the signer's word"
    ahead = moment > at + MAX_AHEAD
    if ahead:
        yield Check("time", State.CONTRADICTED, f"{stated}: ahead of this verifier's {write_time(at)}")
    else:
        yield Check("time", State.ESTABLISHED, stated)
    days = max(0.0, (at - moment) / timedelta(days=1))
    state = State.STALE if days > max_age_days else State.ESTABLISHED
    yield Check("age", state, f"{days:.1f} days old, at most {max_age_days:g} allowed")


def differing(resource: Resource, asked: Asked) -> tuple[list[str], list[str]]:
    """How a deployment differs from the one asked about, in words, and what of it was not asked.

    Of several destinations asked about, one summary can be about none but one.
    """
    wrong, open_ = [], []
    pairs = (
        ("activity", resource.activity, [] if asked.activity is None else [asked.activity]),
        ("destination", resource.to, [destination.name for destination in asked.destinations]),
        ("operator", resource.operator, [] if asked.operator is None else [asked.operator]),
    )
    for what, stated, wanted in pairs:
        if not wanted:
            open_.append(what)
        wrong += [f"asked for {what} {one}, it is about {stated[:120]!r}" for one in wanted if one != stated]
    return wrong, open_
