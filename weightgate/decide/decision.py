"""A decision: the verdict, why, what is missing, and everything needed to derive it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weightgate.decide.changes import Flip
from weightgate.errors import Exit
from weightgate.facts.encode import encode_fact, encode_value
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Contradiction, Facts, Grade
from weightgate.facts.values import Known, Value
from weightgate.policy.verdicts import exit_of
from weightgate.records import record

SCHEMA = "weightgate/decision/v1"


@record
class PlaceVerdict:
    """What was decided about one place of a destination.

    Attributes:
        name: The destination.
        country: Its country; ``None`` for places that a provider does not list.
        subdivision: Part of the country where a rule tells parts apart, else ``None``.
        tiers: Tier in each pack's table; ``None`` where it is not known or there is no table.
        verdict: The one word.
        possible: Verdicts that are still possible.
    """

    name: str
    country: str | None
    subdivision: str | None
    tiers: Mapping[str, int | None]
    verdict: str
    possible: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """One entry of ``destinations``."""
        return {
            "name": self.name,
            "country": self.country,
            "subdivision": self.subdivision,
            "tiers": dict(self.tiers),
            "verdict": self.verdict,
            "possible": list(self.possible),
        }


@record
class Because:
    """A fact that made a rule apply, and where it comes from."""

    fact: str
    value: Value
    source: str

    def to_json(self) -> dict[str, Any]:
        """One entry of a reason's ``because``; ``value`` is an object where the fact is not known exactly."""
        value = self.value.value if isinstance(self.value, Known) else encode_value(self.value)
        if isinstance(value, dict) and set(value) == {"value"}:
            value = value["value"]
        return {"fact": self.fact, "value": value, "source": self.source}


@record
class Reason:
    """A rule that applies, certainly or possibly.

    Attributes:
        pack: The pack's name; ``order`` for an order that the operator file states.
        rule: The rule's identifier; ``default`` where no rule applies.
        title: The rule in one line.
        verdict: What it says.
        applies: ``yes`` or ``possibly``.
        destinations: Names of the destinations where it does.
        because: The facts that made it apply.
        cites: Places in sources: ``source``, ``place``, ``title`` and, where there is one, ``url``.
        remedy: What would help; empty when nothing is said.
        review_policy: How an application for a licence is looked at; empty when nothing is said.
    """

    pack: str
    rule: str
    title: str
    verdict: str
    applies: str
    destinations: tuple[str, ...]
    because: tuple[Because, ...]
    cites: tuple[Mapping[str, str], ...] = ()
    remedy: str = ""
    review_policy: str = ""

    def to_json(self) -> dict[str, Any]:
        """One entry of ``reasons``."""
        return {
            "pack": self.pack,
            "rule": self.rule,
            "title": self.title,
            "verdict": self.verdict,
            "applies": self.applies,
            "destinations": list(self.destinations),
            "because": [b.to_json() for b in self.because],
            "cites": [dict(c) for c in self.cites],
            "remedy": self.remedy or None,
            "review_policy": self.review_policy or None,
        }


@record
class Missing:
    """A fact that would settle the decision.

    Attributes:
        fact: Name in the facts table.
        question: What to ask.
        would_accept: What an answer looks like, and where it goes.
        outcomes: (what the fact might turn out to be, verdicts that would then be possible).
        destinations: Destinations for which it matters.
    """

    fact: str
    question: str
    would_accept: str
    outcomes: tuple[tuple[str, tuple[str, ...]], ...]
    destinations: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """One entry of ``missing``."""
        return {
            "fact": self.fact,
            "question": self.question,
            "would_accept": self.would_accept,
            "outcomes": [{"value": value, "possible": list(possible)} for value, possible in self.outcomes],
            "destinations": list(self.destinations),
        }


@record
class OpenCondition:
    """Something that must be kept for the verdict to hold."""

    id: str
    text: str
    due: str
    cites: tuple[Mapping[str, str], ...]
    applies: str

    def to_json(self) -> dict[str, Any]:
        """One entry of ``conditions``."""
        return {
            "id": self.id,
            "text": self.text,
            "due": self.due or None,
            "cites": [dict(c) for c in self.cites],
            "applies": self.applies,
        }


@record
class RestsOn:
    """A claimed or declared fact without which the verdict would differ."""

    fact: str
    grade: Grade
    by: str

    def to_json(self) -> dict[str, Any]:
        """One entry of ``rests_on``."""
        return {"fact": self.fact, "grade": str(self.grade), "by": self.by}


@record
class PackVerdict:
    """What one pack says.

    Attributes:
        name: The pack's name.
        version: Its version.
        digest: ``sha256:…`` of its bytes.
        status: What its text was worth at the day of the decision.
        verdict: The one word over all destinations; ``None`` when the pack is not applicable.
        possible: Verdicts that are still possible.
        applicable: Whether it had begun and has a rule for the activity.
    """

    name: str
    version: str
    digest: str
    status: str
    verdict: str | None
    possible: tuple[str, ...]
    applicable: bool

    def to_json(self) -> dict[str, Any]:
        """One entry of ``packs``."""
        return {
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "status": self.status,
            "verdict": self.verdict,
            "possible": list(self.possible),
            "applicable": self.applicable,
        }


@record
class Decision:
    """The answer to one question, with everything it rests on.

    Attributes:
        verdict: ``allow``, ``allow_with_conditions``, ``license_required``, ``deny`` or ``indeterminate``.
        possible: Verdicts that are still possible, least restrictive first.
        decided_at: UTC time, RFC 3339.
        engine: Name and version of what decided.
        activity: What is to be done.
        as_of: Day that the decision is about.
        known_at: Day as of which the law is taken as known.
        status_mode: ``as-written`` or ``in-force``.
        switches: Readings taken where packs leave one open, by ``PACK.SWITCH``: ``value`` and ``default``.
        hypothetical: Why this is no decision about now and here; empty when it is one.
        model: ``reference``, ``revision`` and ``digest``.
        operator: ``name``, ``headquarters``, ``ultimate_parent`` and ``digest``.
        destinations: One for each place.
        reasons: Rules that apply, strictest first.
        missing: Facts that would settle it.
        flips: The smallest changes that would lead to another verdict.
        conditions: What must be kept.
        contradictions: Facts about which sources disagree.
        rests_on: Claimed and declared facts that carry the verdict.
        not_established: What was not established, in sentences.
        left_out: Packs, and rules of packs, that ``in-force`` left out, and why.
        valid_until: Last day on which the same inputs give the same decision, and what changes then.
        packs: What each pack says.
        facts: Everything known, with evidence.
        inputs: What the decision can be derived from again.
    """

    verdict: str
    possible: tuple[str, ...]
    decided_at: str
    engine: str
    activity: str
    as_of: str
    known_at: str
    status_mode: str
    switches: Mapping[str, Mapping[str, str]]
    hypothetical: str
    model: Mapping[str, str | None]
    operator: Mapping[str, str | None]
    destinations: tuple[PlaceVerdict, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    flips: tuple[Flip, ...]
    conditions: tuple[OpenCondition, ...]
    contradictions: tuple[Contradiction, ...]
    rests_on: tuple[RestsOn, ...]
    not_established: tuple[str, ...]
    left_out: tuple[Mapping[str, str], ...]
    valid_until: Mapping[str, str | None]
    packs: tuple[PackVerdict, ...]
    facts: Facts
    inputs: Mapping[str, Any]

    @property
    def exit(self) -> Exit:
        """Exit code of the verdict."""
        return exit_of(self.verdict)

    @property
    def allowed(self) -> bool:
        """Whether the deployment may go ahead, with conditions or without."""
        return self.exit is Exit.OK

    def to_json(self) -> dict[str, Any]:
        """The decision as one JSON object, whose shape docs/decision.schema.json gives."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "possible": list(self.possible),
            "exit": int(self.exit),
            "decided_at": self.decided_at,
            "engine": self.engine,
            "activity": self.activity,
            "as_of": self.as_of,
            "known_at": self.known_at,
            "status_mode": self.status_mode,
            "switches": {name: dict(taken) for name, taken in self.switches.items()},
            "hypothetical": self.hypothetical or False,
            "model": dict(self.model),
            "operator": dict(self.operator),
            "destinations": [d.to_json() for d in self.destinations],
            "reasons": [r.to_json() for r in self.reasons],
            "missing": [m.to_json() for m in self.missing],
            "flips": [f.to_json() for f in self.flips],
            "conditions": [c.to_json() for c in self.conditions],
            "contradictions": [{"fact": c.fact, "sources": list(c.sources)} for c in self.contradictions],
            "rests_on": [r.to_json() for r in self.rests_on],
            "not_established": list(self.not_established),
            "left_out": [dict(entry) for entry in self.left_out],
            "valid_until": dict(self.valid_until),
            "packs": [p.to_json() for p in self.packs],
            "not_asked": [],
            "facts": {name: encode_fact(fact, FACTS[name].unit) for name, fact in sorted(self.facts.items())},
            "inputs": dict(self.inputs),
        }
