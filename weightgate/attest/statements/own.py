"""The checks of an attestation that need nothing but the attestation and a clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from weightgate.attest.statements.attested import MODEL_SUBJECT, Attested, subject_of
from weightgate.attest.statements.consistency import hypothetical_reasons, input_problems
from weightgate.errors import InputError
from weightgate.facts.encode import parse_day
from weightgate.records import record
from weightgate.signing.checks import Check, State
from weightgate.signing.statement import MAX_AHEAD, write_time


@record
class Moment:
    """When an attestation is judged.

    Attributes:
        at: The verifier's clock; UTC.
        judged: The moment for which age and validity are judged: the clock, or, for an archive, the time of signing.
        basis: Where ``judged`` comes from, in words; empty for the clock.
    """

    at: datetime
    judged: datetime
    basis: str = ""

    @property
    def said(self) -> str:
        """What a check's detail adds about the moment."""
        return f"; judged at {write_time(self.judged)}, {self.basis}" if self.basis else ""


def own_checks(attested: Attested, moment: Moment, max_age_days: float) -> Iterator[Check]:
    """Whether the attestation agrees with itself, and with the time.

    Args:
        attested: A verified statement's predicate.
        moment: When it is judged.
        max_age_days: The oldest an attestation may be.
    """
    yield _subject(attested)
    yield _consistency(attested)
    yield _packs(attested)
    yield _time(attested, moment.at)
    yield _age(attested, moment, max_age_days)
    yield _validity(attested, moment)
    yield _hypothetical(attested)


def _consistency(attested: Attested) -> Check:
    problems = list(input_problems(attested.decision))
    if problems:
        return Check("consistency", State.CONTRADICTED, "; ".join(problems))
    return Check("consistency", State.ESTABLISHED, "the decision agrees with its own inputs")


def _subject(attested: Attested) -> Check:
    try:
        expected = subject_of(attested.decision)
    except InputError as error:
        return Check("subject", State.CONTRADICTED, error.message)
    name, digest = attested.subject
    if attested.subject != expected:
        detail = (
            f"subject is {name[:80]!r} {digest[:80]!r}, but the decision is about {expected[0]} {expected[1]}"
        )
        return Check("subject", State.CONTRADICTED, detail)
    if name != MODEL_SUBJECT:
        return Check("subject", State.ESTABLISHED, f"what was asked, sha256:{digest}; no model was at hand")
    manifest = attested.decision["inputs"]["manifest"]
    reported = sum(entry["reported"] for entry in manifest)
    said = f", {reported} of them by their host's word" if reported else ""
    return Check("subject", State.ESTABLISHED, f"model sha256:{digest}, {len(manifest)} files{said}")


def _packs(attested: Attested) -> Check:
    for pack, digest in zip(attested.packs, attested.digests, strict=True):
        if pack.digest != digest:
            detail = f"pack {pack.name[:80]!r} is said to be {digest[:80]!r}, its bytes are {pack.digest}"
            return Check("packs", State.CONTRADICTED, detail)
    needed = sorted(pack["digest"] for pack in attested.decision["inputs"]["packs"])
    if sorted(attested.digests) != needed:
        detail = f"the packs inside are {sorted(attested.digests)!r}, the decision was made under {needed!r}"
        return Check("packs", State.CONTRADICTED, detail[:600])
    names = ", ".join(f"{pack.name[:80]!r} {pack.digest}" for pack in attested.packs)
    return Check("packs", State.ESTABLISHED, names)


def _time(attested: Attested, at: datetime) -> Check:
    moments = {"signed": attested.created, "decided": attested.decided}
    for word, moment in moments.items():
        if moment > at + MAX_AHEAD:
            detail = f"{word} at {write_time(moment)}, ahead of this verifier's {write_time(at)}"
            return Check("time", State.CONTRADICTED, detail)
    if attested.decided > attested.created + MAX_AHEAD:
        detail = f"signed at {write_time(attested.created)}, before it was decided at {write_time(attested.decided)}"
        return Check("time", State.CONTRADICTED, detail)
    detail = (
        f"decided {write_time(attested.decided)}, signed {write_time(attested.created)}, by the signer's word"
    )
    return Check("time", State.ESTABLISHED, detail)


def _age(attested: Attested, moment: Moment, max_age_days: float) -> Check:
    # The earlier of the two: signing an old decision anew does not make it younger.
    days = max(0.0, (moment.judged - min(attested.created, attested.decided)) / timedelta(days=1))
    state = State.STALE if days > max_age_days else State.ESTABLISHED
    return Check("age", state, f"{days:.1f} days old, at most {max_age_days:g} allowed{moment.said}")


def _validity(attested: Attested, moment: Moment) -> Check:
    limit = attested.decision["valid_until"]
    if limit is None or limit["date"] is None:
        return Check("validity", State.ESTABLISHED, "no input of the decision lapses")
    try:
        day = parse_day(limit["date"], "valid_until.date")
    except InputError as error:
        return Check("validity", State.CONTRADICTED, f"valid_until: {error.message}"[:200])
    because = repr(limit.get("because", ""))[:200]
    if moment.judged.date().isoformat() > day:
        detail = f"held until {day} only, because of {because}{moment.said}"
        return Check("validity", State.STALE, detail)
    return Check("validity", State.ESTABLISHED, f"holds until {day}, because of {because}{moment.said}")


def _hypothetical(attested: Attested) -> Check:
    stated = attested.decision["hypothetical"]
    reasons = list(hypothetical_reasons(attested.decision, attested.decided))
    if stated is False and reasons:
        return Check("hypothetical", State.CONTRADICTED, "says it is real, but " + "; ".join(reasons))
    if stated is False:
        return Check("hypothetical", State.ESTABLISHED, "a decision about its day and what was at hand")
    return Check("hypothetical", State.NOT_ESTABLISHED, f"a what-if: {stated!r}"[:300])
