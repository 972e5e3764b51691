"""How statements become a fact.

========  ====================================================================================
verified  counts as it stands
inferred  counts as it stands, as the interval its method supports
declared  fills what is unknown; never narrows or replaces stronger evidence
claimed   may only tighten: a claim of *v* counts as the values no looser than *v*; names are shown
========  ====================================================================================

Disagreement is never resolved in anyone's favour: the value becomes what covers every side, and the fact is marked
contradicted. So more evidence can make a fact wider, and a liar can at worst make a verdict indeterminate.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    state = _State(Unknown(reason))
    for statement in ordered:
        if statement.grade >= Grade.INFERRED:
            state.strengthen(statement)
    declared = _State(Unknown())
    for statement in ordered:
        if statement.grade == Grade.DECLARED:
            declared.widen(statement)
    state.fill(declared)
    for statement in ordered:
        if statement.grade == Grade.CLAIMED:
            state.tighten(spec, statement)
    value = state.value if not isinstance(state.value, Unknown) else Unknown(reason or state.value.reason)
    return Fact(spec.name, value, state.grade, ordered, state.contradicted)


class _State:
    """The value built so far, the weakest grade it rests on, and whether anyone disagreed."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self.grade = Grade.VERIFIED
        self.contradicted = False

    def strengthen(self, statement: Statement) -> None:
        """Verified and inferred evidence: both hold, so their intersection does."""
        self._meet(statement.value, statement.value, statement.grade)

    def widen(self, statement: Statement) -> None:
        """Several declarations: none outranks another, so what covers them all."""
        if isinstance(statement.value, Unknown):
            return
        if isinstance(self.value, Unknown):
            self.value, self.grade = statement.value, statement.grade
        elif statement.value != self.value:
            self.contradicted |= intersection(self.value, statement.value) is None
            self.value = hull(self.value, statement.value)

    def fill(self, declared: _State) -> None:
        """What was declared fills what is unknown, an open end of an interval included."""
        said = declared.value
        self.contradicted |= declared.contradicted
        if isinstance(said, Unknown):
            return
        if isinstance(self.value, Unknown):
            self.value, self.grade = said, declared.grade
        elif intersection(self.value, said) is None:
            self._disagree(said, declared.grade)
        elif isinstance(self.value, Interval):
            low, high = bounds(said)
            mine = self.value
            filled = interval(
                mine.min if mine.min is not None else low, mine.max if mine.max is not None else high
            )
            if filled != mine:
                self.value, self.grade = filled, min(self.grade, declared.grade)

    def tighten(self, spec: FactSpec, statement: Statement) -> None:
        """A claim counts only as far as it makes nothing looser."""
        counted = no_looser(spec, statement.value)
        if not isinstance(counted, Unknown):
            self._meet(counted, counted, Grade.CLAIMED)

    def _meet(self, narrowing: Value, covering: Value, grade: Grade) -> None:
        if isinstance(narrowing, Unknown):
            return
        common = intersection(self.value, narrowing)
        if common is None:
            self._disagree(covering, grade)
        elif common != self.value:
            self.value, self.grade = common, min(self.grade, grade)

    def _disagree(self, other: Value, grade: Grade) -> None:
        self.value = hull(self.value, other)
        self.grade = min(self.grade, grade)
        self.contradicted = True


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
