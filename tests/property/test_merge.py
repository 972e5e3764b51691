"""loosest(merge(said + claim)) ≥ loosest(merge(said)): a claim loosens nothing, for every fact of the table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weightgate.facts.merge import merge, merge_one, require_grades
from weightgate.facts.registry import FACTS, FactSpec, Kind, Loosens
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Interval, Known, Members, Scalar, Unknown, Value, allows, interval, one_of

ORDERED = [spec for spec in FACTS.values() if spec.loosens in (Loosens.LOWER, Loosens.HIGHER)]
FREE = [spec for spec in FACTS.values() if spec.loosens is Loosens.EITHER]
NUMBERS = (0.0, 0.25, 1e25, 1e26)
SOURCES = ("card", "hub", "facts.yaml")


def scale(spec: FactSpec) -> tuple[Scalar, ...]:
    """Values of a fact in the order of the table; a list stands for itself."""
    scales: dict[Kind, tuple[Scalar, ...]] = {
        Kind.NUMBER: NUMBERS, Kind.BOOL: (False, True), Kind.TIER: (1, 2, 3), Kind.DATE: ("2025-01-01", "2026-01-01"),
        Kind.TEXT: ("mit", "x", "y"),
    }  # fmt: skip
    return scales.get(spec.kind, spec.domain[:4])


def values(spec: FactSpec) -> st.SearchStrategy[Value]:
    """Anything that may be known of a fact."""
    if spec.kind is Kind.LIST:
        some = st.frozensets(st.sampled_from(spec.domain[:3] or ("a", "b", "c")))
        return st.just(Unknown()) | st.builds(
            lambda certain, more: Members(certain, certain | more), some, some
        )
    scalars = st.sampled_from(scale(spec))
    forms = st.just(Unknown()) | scalars.map(Known) | st.lists(scalars, min_size=1, max_size=3).map(one_of)
    if spec.kind is Kind.NUMBER:
        ends = st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=2).map(sorted)
        forms |= ends.map(lambda pair: interval(*pair)) | scalars.map(lambda n: Interval(float(n), None))
    return forms


@st.composite
def about(
    draw: st.DrawFn, specs: list[FactSpec], grades: tuple[Grade, ...] = tuple(Grade)
) -> tuple[FactSpec, list[Statement]]:
    """A fact and up to four statements about it."""
    spec = draw(st.sampled_from(specs))
    statement = st.builds(
        Statement, st.just(spec.name), values(spec), st.sampled_from(grades), st.sampled_from(SOURCES)
    )
    return spec, draw(st.lists(statement, max_size=4))


def loosest(spec: FactSpec, value: Value) -> float:
    """How strict the loosest value is that the knowledge allows; more is stricter."""
    if isinstance(value, Members):
        return -len(value.possible) if spec.loosens is Loosens.HIGHER else 0
    ranked = scale(spec) if spec.loosens is Loosens.LOWER else tuple(reversed(scale(spec)))
    if isinstance(value, Unknown):
        return 0 if spec.kind is not Kind.LIST else -3
    allowed = [rank for rank, scalar in enumerate(ranked) if allows(value, scalar)]
    return min(allowed)


@settings(max_examples=400)
@given(about(ORDERED), st.data())
def test_a_claim_never_loosens(case: tuple[FactSpec, list[Statement]], data: st.DataObject) -> None:
    spec, said = case
    claim = Statement(spec.name, data.draw(values(spec)), Grade.CLAIMED, "card")
    before, after = merge_one(spec, said).value, merge_one(spec, [*said, claim]).value
    assert loosest(spec, after) >= loosest(spec, before)


@pytest.mark.parametrize("spec", ORDERED, ids=lambda spec: spec.name)
def test_the_loosest_claim_alone_says_nothing_looser_than_silence(spec: FactSpec) -> None:
    ends: list[Value] = [Known(scale(spec)[0]), Known(scale(spec)[-1])] if spec.kind is not Kind.LIST else []
    for value in [*ends, Unknown()]:
        merged = merge_one(spec, [Statement(spec.name, value, Grade.CLAIMED, "card")]).value
        assert loosest(spec, merged) >= loosest(spec, Unknown())
        loose = ends and value == (ends[0] if spec.loosens is Loosens.LOWER else ends[1])
        # "At least 0" says as much as nothing; only a number's upper end is a claim of its own.
        if loose and spec.kind is not Kind.NUMBER:
            assert isinstance(merged, Unknown)


@pytest.mark.parametrize("spec", FREE, ids=lambda spec: spec.name)
def test_a_claim_about_a_fact_that_may_loosen_either_way_counts_as_nothing(spec: FactSpec) -> None:
    value: Value = (
        Members(frozenset("a"), frozenset("a")) if spec.kind is Kind.LIST else Known(scale(spec)[0])
    )
    assert isinstance(merge_one(spec, [Statement(spec.name, value, Grade.CLAIMED, "card")]).value, Unknown)


@settings(max_examples=200)
@given(about(list(FACTS.values())), st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(
    case: tuple[FactSpec, list[Statement]], random: object
) -> None:
    spec, said = case
    shuffled = list(said)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merge_one(spec, shuffled) == merge_one(spec, said)


@settings(max_examples=200)
@given(about(list(FACTS.values()), (Grade.VERIFIED, Grade.INFERRED)), st.data())
def test_a_declaration_never_narrows_what_was_found(
    case: tuple[FactSpec, list[Statement]], data: st.DataObject
) -> None:
    spec, found = case
    declared = Statement(spec.name, data.draw(values(spec)), Grade.DECLARED, "facts.yaml")
    before, after = merge_one(spec, found).value, merge_one(spec, [*found, declared]).value
    if isinstance(before, Unknown):
        return
    if isinstance(before, Members) and isinstance(after, Members):
        assert after.certain <= before.certain
        assert after.possible >= before.possible
    elif not isinstance(before, Interval):
        assert all(allows(after, scalar) for scalar in scale(spec) if allows(before, scalar))
    elif before.min is not None and before.max is not None:
        assert all(allows(after, end) for end in (before.min, before.max))


@settings(max_examples=200)
@given(about(list(FACTS.values())), st.sampled_from(Grade))
def test_a_cap_changes_no_value(case: tuple[FactSpec, list[Statement]], cap: Grade) -> None:
    _, said = case
    plain, capped = merge(said), merge(said, cap=cap)
    assert {name: fact.value for name, fact in capped.items()} == {
        name: fact.value for name, fact in plain.items()
    }
    assert all(fact.grade == min(plain[name].grade, cap) for name, fact in capped.items())


@settings(max_examples=200)
@given(about(list(FACTS.values())), st.sampled_from(Grade))
def test_to_require_a_grade_keeps_a_value_or_makes_it_unknown(
    case: tuple[FactSpec, list[Statement]], grade: Grade
) -> None:
    spec, said = case
    facts = merge(said)
    required = require_grades(facts, {spec.name: grade})
    for name, fact in facts.items():
        if fact.grade >= grade or isinstance(fact.value, Unknown):
            assert required[name].value == fact.value
        else:
            assert isinstance(required[name].value, Unknown)


@settings(max_examples=200)
@given(about(list(FACTS.values()), (Grade.VERIFIED, Grade.INFERRED)))
def test_nobody_wins_a_disagreement(case: tuple[FactSpec, list[Statement]]) -> None:
    spec, said = case
    fact = merge_one(spec, said)
    if not fact.contradicted or spec.kind is Kind.LIST:
        return
    for statement in said:
        if isinstance(statement.value, Known):
            assert allows(fact.value, statement.value.value)
