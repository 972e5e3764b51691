"""How statements become a fact.

========  ====================================================================================
verified  counts as it stands
inferred  counts as it stands, as the interval its method supports
declared  fills what is unknown; never narrows or replaces stronger evidence
claimed   may only tighten: a claim of *v* counts as the values no looser than *v*; names are shown; about a fact
          that loosens in both directions it narrows nothing, and widens what it contradicts
========  ====================================================================================

Disagreement is never resolved in anyone's favour: the value becomes what covers every side, and the fact is marked
contradicted. So more evidence can make a fact wider, and a liar can at worst make a verdict indeterminate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from weightgate.facts.registry import FACTS, FactSpec, Kind, Loosens
from weightgate.facts.statements import Contradiction, Fact, Facts, Grade, Statement
from weightgate.facts.values import (
    Interval,
    Known,
    Members,
    OneOf,
    Scalar,
    Unknown,
    Value,
    bounds,
    choices,
    hull,
    intersection,
    interval,
    one_of,
)


def merge(statements: Iterable[Statement], *, cap: Grade = Grade.VERIFIED) -> Facts:
    """Group statements by fact and merge each group.

    Args:
        statements: In any order; the result does not depend on it.
        cap: No fact keeps a better grade than this. Values are merged as if there were no cap, so that a decision
            read back from a file, whose grades nobody vouches for, has the same facts at a lower grade.
    """
    groups: dict[str, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(statement.fact, []).append(statement)
    facts = {name: merge_one(FACTS[name], group) for name, group in groups.items()}
    return {name: replace(fact, grade=min(fact.grade, cap)) for name, fact in facts.items()}


def merge_one(spec: FactSpec, statements: Iterable[Statement]) -> Fact:
    """Merge all statements about one fact."""
    ordered = tuple(sorted(statements, key=lambda s: (-s.grade, s.source, s.locator, repr(s.value))))
    reason = next((s.value.reason for s in ordered if isinstance(s.value, Unknown)), "")
    said = [s for s in ordered if not isinstance(s.value, Unknown)]
    state = _State(Unknown(reason))
    state.strengthen([s for s in said if s.grade >= Grade.INFERRED])
    state.fill([s.value for s in said if s.grade == Grade.DECLARED])
    claims = [s.value for s in said if s.grade == Grade.CLAIMED]
    if spec.loosens is Loosens.EITHER:
        state.dispute(claims)
    else:
        state.tighten([no_looser(spec, claim) for claim in claims])
    value = state.value if not isinstance(state.value, Unknown) else Unknown(reason or state.value.reason)
    return Fact(spec.name, value, state.grade, ordered, state.contradicted)


class _State:
    """The value built so far, the weakest grade it rests on, and whether anyone disagreed.

    Every step looks at all statements of its grade together: taken one by one, the third could settle what the first
    two disagree about.
    """

    def __init__(self, value: Value) -> None:
        self.value = value
        self.grade = Grade.VERIFIED
        self.contradicted = False

    def strengthen(self, statements: Sequence[Statement]) -> None:
        """Verified and inferred evidence: all of it holds, so its intersection does."""
        for statement in statements:
            common = intersection(self.value, statement.value)
            if common is None:
                self.value = _cover([s.value for s in statements])
                self.grade = min(s.grade for s in statements)
                self.contradicted = True
                return
            self._become(common, statement.grade)

    def fill(self, declared: Sequence[Value]) -> None:
        """What was declared fills what is unknown, an open end of an interval included.

        None of several declarations outranks another, so what covers them all counts.
        """
        if not declared:
            return
        self.contradicted |= _common(declared) is None
        said = _cover(declared)
        if isinstance(self.value, Unknown):
            self.value, self.grade = said, Grade.DECLARED
        elif intersection(self.value, said) is None:
            self._disagree(said, Grade.DECLARED)
        elif isinstance(self.value, Interval):
            low, high = bounds(said)
            mine = self.value
            filled = interval(
                mine.min if mine.min is not None else low, mine.max if mine.max is not None else high
            )
            self._become(filled, Grade.DECLARED)

    def tighten(self, claims: Sequence[Value]) -> None:
        """Claims count only as far as they make nothing looser, and settle no disagreement of those who outrank them."""
        counted = [claim for claim in claims if not isinstance(claim, Unknown)]
        before = self.value
        agreeing = [common for claim in counted if (common := intersection(before, claim)) is not None]
        if agreeing and not self.contradicted:
            common = _common(agreeing)
            if common is None:
                self.value, self.grade, self.contradicted = _cover(agreeing), Grade.CLAIMED, True
            else:
                self._become(common, Grade.CLAIMED)
        for claim in counted:
            if intersection(before, claim) is None:
                self._disagree(_within(claim, before), Grade.CLAIMED)

    def dispute(self, claims: Sequence[Value]) -> None:
        """Claims about a fact that loosens in both directions narrow nothing: one that disagrees widens what is known."""
        before = self.value
        for claim in claims:
            if intersection(before, claim) is None:
                self._disagree(_within(claim, before), Grade.CLAIMED)

    def _become(self, value: Value, grade: Grade) -> None:
        if value != self.value:
            self.value, self.grade = value, min(self.grade, grade)

    def _disagree(self, other: Value, grade: Grade) -> None:
        self.value = hull(self.value, other)
        self.grade = min(self.grade, grade)
        self.contradicted = True


def _common(values: Sequence[Value]) -> Value | None:
    """What all of the values allow, if anything."""
    common: Value | None = values[0]
    for value in values[1:]:
        common = None if common is None else intersection(common, value)
    return common


def _within(claim: Value, known: Value) -> Value:
    """A claim without the members that are known not to be there: it denies some, and brings none into reach."""
    if isinstance(claim, Members) and isinstance(known, Members):
        return Members(claim.certain, claim.possible & known.possible)
    return claim


def _cover(values: Sequence[Value]) -> Value:
    """The smallest form that covers all of the values."""
    covering = values[0]
    for value in values[1:]:
        covering = hull(covering, value)
    return covering


def no_looser(spec: FactSpec, value: Value) -> Value:
    """What a claim of ``value`` may be counted as: every value that is no looser than the claim.

    A claim that a model took 3e25 operations counts as "at least 3e25"; that it is closed, as closed; that it is
    open, as nothing, since every value is at least as strict as open.
    """
    if isinstance(value, Unknown) or spec.loosens is Loosens.EITHER:
        return Unknown("only claimed")
    if spec.loosens is Loosens.NAME:
        return value
    if isinstance(value, Members):
        # Holding more loosens, so a claim shows at most which members are missing.
        return (
            Members(frozenset(), value.possible)
            if spec.loosens is Loosens.HIGHER
            else Unknown("only claimed")
        )
    if spec.kind is Kind.NUMBER:
        low, high = bounds(value)
        return interval(low, None) if spec.loosens is Loosens.LOWER else interval(None, high)
    ordered = _ordered_domain(spec)
    places = [ordered.index(v) for v in choices(value)]
    kept = ordered[min(places) :] if spec.loosens is Loosens.LOWER else ordered[: max(places) + 1]
    return Unknown("only claimed") if len(kept) == len(ordered) else one_of(kept)


def _ordered_domain(spec: FactSpec) -> tuple[Scalar, ...]:
    if spec.kind is Kind.BOOL:
        return (False, True)
    if spec.kind is Kind.TIER:
        return (1, 2, 3)
    return spec.domain


def contradictions(facts: Facts) -> list[Contradiction]:
    """Every fact about which sources disagree, with the sources that said something."""
    return [
        Contradiction(fact.name, tuple(s.source for s in fact.statements if not isinstance(s.value, Unknown)))
        for fact in facts.values()
        if fact.contradicted
    ]


def require_grades(facts: Facts, required: dict[str, Grade]) -> Facts:
    """Turn each fact whose value rests on weaker evidence than required into unknown."""
    result = dict(facts)
    for name, grade in required.items():
        fact = facts.get(name)
        if fact is not None and fact.grade < grade and not isinstance(fact.value, Unknown):
            result[name] = replace(fact, value=Unknown(f"known only as {fact.grade}, {grade} is required"))
    return result


def without(facts: Facts, dropped: set[tuple[str, Grade, str]], *, cap: Grade = Grade.VERIFIED) -> Facts:
    """The facts as they would be had nobody made the dropped statements, named by (fact, grade, by)."""
    kept = [
        s
        for fact in facts.values()
        for s in fact.statements
        if (s.fact, min(s.grade, cap), s.by or s.source) not in dropped
    ]
    return merge(kept, cap=cap)


__all__ = ["Known", "OneOf", "contradictions", "merge", "merge_one", "no_looser", "require_grades", "without"]
