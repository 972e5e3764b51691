"""How statements become a fact: what each grade may do, and that nobody wins a disagreement."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facts.strategies import FEW, scalars, specs, statements
from weightgate.facts.merge import contradictions, merge, merge_one, no_looser, require_grades, without
from weightgate.facts.registry import FACTS, FactSpec, Kind, Loosens
from weightgate.facts.statements import Contradiction, Grade, Statement, unknown
from weightgate.facts.values import (
    Interval,
    Known,
    Members,
    OneOf,
    Scalar,
    Unknown,
    Value,
    allows,
    exactly,
)

OPERATIONS, OPENNESS, HELD = "model.training_operations", "model.openness", "operator.authorizations"
STRONG = (Grade.VERIFIED, Grade.INFERRED)
ORDER: tuple[Scalar, ...] = ("open", "restricted", "closed")


def says(value: Value, grade: Grade = Grade.VERIFIED, source: str = "a", fact: str = OPERATIONS) -> Statement:
    """A statement."""
    return Statement(fact, value, grade, source)


def together(*said: Statement) -> tuple[Value, Grade, bool]:
    """What statements about one fact come to."""
    fact = merge_one(FACTS[said[0].fact], said)
    return fact.value, fact.grade, fact.contradicted


# The table of grades: what one statement alone establishes.


@pytest.mark.parametrize("grade", [Grade.VERIFIED, Grade.INFERRED, Grade.DECLARED])
@pytest.mark.parametrize("value", [Known(3.0), Interval(1.0, 2.0), Interval(None, 2.0), OneOf((1.0, 2.0))])
def test_alone_all_but_a_claim_counts_as_it_stands(grade: Grade, value: Value) -> None:
    assert together(says(value, grade)) == (value, grade, False)


def test_a_claim_of_operations_counts_as_at_least_that_much() -> None:
    assert together(says(Known(3e25), Grade.CLAIMED)) == (Interval(3e25, None), Grade.CLAIMED, False)


@pytest.mark.parametrize(
    ("fact", "claimed", "counts"),
    [
        (OPENNESS, Known("closed"), Known("closed")),
        (OPENNESS, Known("restricted"), OneOf(("restricted", "closed"))),
        (OPENNESS, Known("open"), Unknown("only claimed")),
        (OPENNESS, OneOf(("open", "closed")), Unknown("only claimed")),
        (OPERATIONS, Interval(1.0, 2.0), Interval(1.0, None)),
        (OPERATIONS, Interval(None, 2.0), Unknown()),
        ("compute.share_home_us", Known(0.5), Interval(None, 0.5)),
        ("compute.share_home_us", Interval(0.5, None), Unknown()),
        ("model.special_purpose", Known(True), Known(True)),
        ("model.special_purpose", Known(False), Unknown("only claimed")),
        ("model.below_published_frontier", Known(False), Known(False)),
        ("model.below_published_frontier", Known(True), Unknown("only claimed")),
        ("operator.tier", Known(2), OneOf((2, 3))),
        ("operator.tier", Known(1), Unknown("only claimed")),
        (HELD, exactly("UVEU"), Members(frozenset(), frozenset({"UVEU"}))),
        (HELD, exactly(), exactly()),
        ("operator.security_standards", exactly("supp10-14"), Members(frozenset(), frozenset({"supp10-14"}))),
        ("model.base_operations", Known(1e25), Unknown("only claimed")),
        ("model.labels", exactly("internal"), Unknown("only claimed")),
        ("operator.headquarters", Known("DE"), Unknown("only claimed")),
        ("model.base", Known("example/base"), Known("example/base")),
        ("model.license", Known("mit"), Known("mit")),
        (OPENNESS, Unknown("not read"), Unknown("only claimed")),
    ],
)
def test_a_claim_may_only_tighten(fact: str, claimed: Value, counts: Value) -> None:
    assert no_looser(FACTS[fact], claimed) == counts


def looser(spec: FactSpec, one: Scalar, other: Scalar) -> bool:
    """Whether ``one`` is strictly looser than ``other``."""
    order = spec.domain if spec.kind is Kind.ENUM else ()
    a, b = (order.index(str(v)) if order else v for v in (one, other))
    return float(a) < float(b) if spec.loosens is Loosens.LOWER else float(a) > float(b)


ORDERED = specs.filter(lambda s: s.loosens in (Loosens.LOWER, Loosens.HIGHER) and s.kind is not Kind.LIST)


@given(ORDERED.flatmap(lambda s: st.tuples(st.just(s), scalars(s, FEW), scalars(s, FEW))))
def test_a_claim_counts_as_just_the_values_no_looser_than_it(drawn: tuple[FactSpec, Scalar, Scalar]) -> None:
    spec, claimed, other = drawn
    assert allows(no_looser(spec, Known(claimed)), other) >= (not looser(spec, other, claimed))
    if not isinstance(no_looser(spec, Known(claimed)), Unknown):
        assert allows(no_looser(spec, Known(claimed)), other) == (not looser(spec, other, claimed))


# What two grades come to.


def test_verified_and_inferred_evidence_meet() -> None:
    found = together(says(Interval(1.0, 3.0), Grade.INFERRED, "b"), says(Interval(2.0, 4.0), Grade.VERIFIED))
    assert found == (Interval(2.0, 3.0), Grade.INFERRED, False)


def test_evidence_that_adds_nothing_leaves_the_grade() -> None:
    found = together(says(Known(2.0), Grade.VERIFIED), says(Interval(1.0, 3.0), Grade.INFERRED, "b"))
    assert found == (Known(2.0), Grade.VERIFIED, False)


def test_evidence_that_disagrees_is_covered_and_marked() -> None:
    found = together(says(Known(2.0), Grade.VERIFIED), says(Interval(5.0, 6.0), Grade.INFERRED, "b"))
    assert found == (Interval(2.0, 6.0), Grade.INFERRED, True)


def test_a_declaration_fills_what_is_unknown() -> None:
    found = together(says(Unknown("no trainer state")), says(Known(5.0), Grade.DECLARED, "b"))
    assert found == (Known(5.0), Grade.DECLARED, False)


@pytest.mark.parametrize("stronger", [Interval(1.0, 9.0), OneOf((4.0, 5.0))])
@pytest.mark.parametrize("grade", STRONG)
def test_a_declaration_never_narrows_stronger_evidence(stronger: Value, grade: Grade) -> None:
    assert together(says(stronger, grade), says(Known(5.0), Grade.DECLARED, "b")) == (stronger, grade, False)


def test_a_declaration_fills_an_open_end() -> None:
    found = together(says(Interval(1.0, None), Grade.INFERRED), says(Known(5.0), Grade.DECLARED, "b"))
    assert found == (Interval(1.0, 5.0), Grade.DECLARED, False)
    found = together(says(Interval(None, 9.0), Grade.INFERRED), says(Known(5.0), Grade.DECLARED, "b"))
    assert found == (Interval(5.0, 9.0), Grade.DECLARED, False)


def test_a_declaration_that_contradicts_evidence_widens_it() -> None:
    found = together(
        says(Known("closed"), Grade.VERIFIED, fact=OPENNESS),
        says(Known("open"), Grade.DECLARED, "b", OPENNESS),
    )
    assert found == (OneOf(("closed", "open")), Grade.DECLARED, True)


def test_of_two_declarations_neither_outranks_the_other() -> None:
    agree = together(says(Known(2.0), Grade.DECLARED), says(Interval(1.0, 3.0), Grade.DECLARED, "b"))
    assert agree == (Interval(1.0, 3.0), Grade.DECLARED, False)
    differ = together(says(Known(2.0), Grade.DECLARED), says(Known(3.0), Grade.DECLARED, "b"))
    assert differ == (OneOf((2.0, 3.0)), Grade.DECLARED, True)


def test_declarations_that_exclude_each_other_are_marked_whoever_speaks_between_them() -> None:
    for middle in ("b", "z"):
        said = (says(Known(1.0), Grade.DECLARED, "a"), says(Known(3.0), Grade.DECLARED, "c"))
        assert together(*said, says(Interval(0.0, 5.0), Grade.DECLARED, middle))[2]


def test_a_claim_tightens_evidence() -> None:
    found = together(says(Interval(1.0, 9.0), Grade.INFERRED), says(Known(5.0), Grade.CLAIMED, "card"))
    assert found == (Interval(5.0, 9.0), Grade.CLAIMED, False)


def test_a_claim_that_would_loosen_changes_nothing() -> None:
    found = together(
        says(Known("closed"), fact=OPENNESS), says(Known("open"), Grade.CLAIMED, "card", OPENNESS)
    )
    assert found == (Known("closed"), Grade.VERIFIED, False)


def test_a_claim_stricter_than_the_evidence_leaves_both_possible() -> None:
    found = together(
        says(Known("open"), fact=OPENNESS), says(Known("closed"), Grade.CLAIMED, "card", OPENNESS)
    )
    assert found == (OneOf(("open", "closed")), Grade.CLAIMED, True)


# Nobody wins a disagreement, however often something is said.


def test_a_claim_that_denies_a_member_brings_no_other_into_reach() -> None:
    held = "operator.authorizations"
    known = Statement(
        held, Members(frozenset({"NVEU"}), frozenset({"NVEU"})), Grade.DECLARED, "operator.yaml"
    )
    claim = Statement(held, Members(frozenset(), frozenset({"UVEU"})), Grade.CLAIMED, "README.md")
    fact = merge_one(FACTS[held], [known, claim])
    assert fact.value == Members(frozenset(), frozenset({"NVEU"}))
    assert fact.contradicted


def test_saying_it_twice_does_not_win_a_disagreement() -> None:
    said = (
        says(Known("closed"), Grade.VERIFIED, "a", OPENNESS),
        says(Known("open"), Grade.INFERRED, "b", OPENNESS),
        says(Known("open"), Grade.INFERRED, "c", OPENNESS),
    )
    assert together(*said) == (OneOf(("closed", "open")), Grade.INFERRED, True)


def test_two_claims_do_not_outvote_what_was_verified() -> None:
    said = (says(Known(3.0)), says(Known(5.0), Grade.CLAIMED, "b"), says(Known(4.0), Grade.CLAIMED, "c"))
    assert together(*said) == (Interval(3.0, None), Grade.CLAIMED, True)


def test_a_claim_does_not_settle_a_disagreement_of_the_evidence() -> None:
    said = (
        says(Known("closed"), Grade.VERIFIED, "a", OPENNESS),
        says(Known("open"), Grade.INFERRED, "b", OPENNESS),
        says(Known("closed"), Grade.CLAIMED, "card", OPENNESS),
    )
    assert together(*said)[0] == OneOf(("closed", "open"))


def test_a_claim_that_agrees_does_not_loosen_what_another_contradicts() -> None:
    for agreeing in ("b", "z"):
        said = (
            says(Known(3.0)),
            says(Known(2.0), Grade.CLAIMED, agreeing),
            says(Known(5.0), Grade.CLAIMED, "c"),
        )
        assert together(*said)[0] == Interval(3.0, None)


def test_claimed_names_that_differ_are_all_shown() -> None:
    said = [says(Known(name), Grade.CLAIMED, name, "model.base") for name in ("x/a", "x/b")]
    assert together(*said) == (OneOf(("x/a", "x/b")), Grade.CLAIMED, True)
    assert together(*said, says(Known("x/a"), Grade.CLAIMED, "z", "model.base"))[0] == OneOf(("x/a", "x/b"))


@given(
    specs.flatmap(
        lambda s: st.tuples(st.just(s), st.lists(statements(s), min_size=1, max_size=5), st.randoms())
    )
)
def test_the_order_of_statements_does_not_matter(drawn: tuple[FactSpec, list[Statement], object]) -> None:
    spec, said, _ = drawn
    forwards, backwards = merge_one(spec, said), merge_one(spec, reversed(said))
    assert (forwards.value, forwards.grade, forwards.contradicted) == (
        backwards.value,
        backwards.grade,
        backwards.contradicted,
    )


@given(ORDERED.flatmap(lambda s: st.tuples(st.just(s), st.lists(statements(s, STRONG), max_size=3),
                                           st.lists(statements(s, (Grade.CLAIMED,)), min_size=1, max_size=3),
                                           scalars(s, FEW))))  # fmt: skip
def test_claims_admit_nothing_looser_than_what_was_known(
    drawn: tuple[FactSpec, list[Statement], list[Statement], Scalar],
) -> None:
    spec, strong, claims, scalar = drawn
    before, after = merge_one(spec, strong).value, merge_one(spec, strong + claims).value
    if allows(after, scalar) and not allows(before, scalar):
        admitted = [other for other in _few(spec) if allows(before, other)]
        assert all(not looser(spec, scalar, other) for other in admitted[:1] + admitted[-1:])


def _few(spec: FactSpec) -> list[Scalar]:
    """Values from the loosest to the strictest, all that the strategies draw."""
    drawn: list[Scalar] = {
        Kind.NUMBER: [0.0, 1.0, 2.0, 3.0, 1e26],
        Kind.BOOL: [False, True],
        Kind.TIER: [1, 2, 3],
    }.get(spec.kind, list(spec.domain))  # type: ignore[assignment]
    return drawn if spec.loosens is Loosens.LOWER else drawn[::-1]


@given(
    specs.flatmap(lambda s: st.tuples(st.just(s), st.lists(statements(s, STRONG), min_size=1, max_size=4)))
)
def test_evidence_that_disagrees_leaves_every_side_possible(drawn: tuple[FactSpec, list[Statement]]) -> None:
    spec, said = drawn
    fact = merge_one(spec, said)
    if fact.contradicted:
        for statement in said:
            if isinstance(statement.value, Known):
                assert allows(fact.value, statement.value.value)
            elif isinstance(statement.value, OneOf):
                assert all(allows(fact.value, v) for v in statement.value.values)


# Groups, grades and what is left out.


def test_statements_are_grouped_by_fact_strongest_first() -> None:
    said = [
        says(Known(1e25), Grade.CLAIMED, "card"),
        says(Known("open"), Grade.VERIFIED, "hub", OPENNESS),
        says(Interval(1e24, 1e26), Grade.INFERRED, "config.json"),
    ]
    facts = merge(said)
    assert list(facts) == [OPERATIONS, OPENNESS]
    assert [s.source for s in facts[OPERATIONS].statements] == ["config.json", "card"]


def test_why_it_is_unknown_is_kept() -> None:
    fact = merge_one(FACTS[OPERATIONS], [says(Unknown("no trainer state"), Grade.INFERRED)])
    assert fact.value == Unknown("no trainer state")
    claimed = says(Known("open"), Grade.CLAIMED, "card", OPENNESS)
    assert merge_one(FACTS[OPENNESS], [claimed, says(Unknown("a folder"), fact=OPENNESS)]).value == Unknown(
        "a folder"
    )


def test_a_cap_lowers_grades_and_leaves_values() -> None:
    said = [says(Known("open"), fact=OPENNESS), says(Known("closed"), Grade.DECLARED, "b", OPENNESS)]
    full, capped = merge(said)[OPENNESS], merge(said, cap=Grade.CLAIMED)[OPENNESS]
    assert capped == replace(full, grade=Grade.CLAIMED)


def test_contradictions_name_the_sources_that_said_something() -> None:
    said = [
        says(Known("open"), source="hub", fact=OPENNESS),
        says(Known("closed"), Grade.DECLARED, "facts.yaml", OPENNESS),
        says(Unknown("gone"), Grade.INFERRED, "cache", OPENNESS),
        says(Known(1.0)),
    ]
    assert contradictions(merge(said)) == [Contradiction(OPENNESS, ("hub", "facts.yaml"))]


@pytest.mark.parametrize(
    ("grade", "required", "left"),
    [
        (Grade.DECLARED, Grade.VERIFIED, Unknown("known only as declared, verified is required")),
        (Grade.CLAIMED, Grade.INFERRED, Unknown("known only as claimed, inferred is required")),
        (Grade.DECLARED, Grade.DECLARED, Known("closed")),
        (Grade.VERIFIED, Grade.INFERRED, Known("closed")),
    ],
)
def test_weaker_evidence_than_required_is_unknown(grade: Grade, required: Grade, left: Value) -> None:
    facts = merge([says(Known("closed"), grade, fact=OPENNESS)])
    assert require_grades(facts, {OPENNESS: required, OPERATIONS: Grade.VERIFIED})[OPENNESS].value == left


def test_what_was_dropped_does_not_count() -> None:
    said = [
        Statement(OPENNESS, Known("open"), Grade.DECLARED, "f.yaml", by="counsel"),
        says(Known("closed"), Grade.DECLARED, "g.yaml", OPENNESS),
    ]
    facts = merge(said)
    assert without(facts, {(OPENNESS, Grade.DECLARED, "counsel")})[OPENNESS].value == Known("closed")
    assert without(facts, {(OPENNESS, Grade.DECLARED, "f.yaml")})[OPENNESS].value == OneOf(("open", "closed"))
    both = {(OPENNESS, Grade.CLAIMED, "counsel"), (OPENNESS, Grade.CLAIMED, "g.yaml")}
    assert without(facts, both, cap=Grade.CLAIMED) == {}


def test_a_fact_nobody_spoke_of_is_unknown() -> None:
    assert unknown(OPENNESS).value == Unknown("nobody said")
    assert merge([]) == {}
