"""The intermediate representation's meaning, and that simplifying keeps it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.policy.ir import (
    And,
    AtMost,
    Condition,
    Const,
    Contains,
    IsIn,
    Less,
    Not,
    Or,
    atoms,
    facts_in,
    holds,
    simplify,
)

WORLD: dict[str, str | float | frozenset[str]] = {"n": 2.0, "s": "a", "l": frozenset({"x"})}
TRUE_ATOM, FALSE_ATOM = IsIn("s", ("a",)), IsIn("s", ("b",))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Const(True), True), (Const(False), False),
        (Less("n", 2.0), False), (Less("n", 2.5), True), (AtMost("n", 2.0), True), (AtMost("n", 1.5), False),
        (IsIn("s", ("a", "b")), True), (IsIn("s", ()), False), (IsIn("n", (2.0,)), True),
        (Contains("l", "x"), True), (Contains("l", "y"), False),
        (Not(TRUE_ATOM), False), (And(()), True), (Or(()), False),
        (And((TRUE_ATOM, FALSE_ATOM)), False), (Or((FALSE_ATOM, TRUE_ATOM)), True),
        (Not(Or((FALSE_ATOM, And((TRUE_ATOM, Not(FALSE_ATOM)))))), False),
    ],
)  # fmt: skip
def test_meaning(condition: Condition, expected: bool) -> None:
    assert holds(condition, WORLD) is expected


def test_days_and_tiers_are_ordered_too() -> None:
    assert holds(Less("d", "2025-01-13"), {"d": "2025-01-12"})
    assert not holds(AtMost("t", 2), {"t": 3})


def test_a_world_without_a_needed_fact_is_an_error_and_no_answer() -> None:
    with pytest.raises(KeyError):
        holds(Not(IsIn("missing", ("a",))), WORLD)


def test_atoms_and_facts_in_order_of_appearance() -> None:
    condition = And((Less("n", 1.0), Or((TRUE_ATOM, Not(Less("n", 1.0)))), Const(True)))
    assert list(atoms(condition)) == [Less("n", 1.0), TRUE_ATOM, Less("n", 1.0)]
    assert facts_in(condition) == ["n", "s"]
    assert facts_in(Const(True)) == []


LEAVES: st.SearchStrategy[Condition] = st.sampled_from([Const(True), Const(False), Less("n", 2.5), AtMost("n", 1.0), TRUE_ATOM, FALSE_ATOM,
                          Contains("l", "x"), Contains("l", "y")])  # fmt: skip
conditions: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, max_size=3).map(tuple).map(And),
        st.lists(inner, max_size=3).map(tuple).map(Or),
    ),
    max_leaves=12,
)


@given(conditions)
def test_simplifying_keeps_the_meaning(condition: Condition) -> None:
    assert holds(simplify(condition, {}), WORLD) == holds(condition, WORLD)
    assert holds(simplify(condition, {"s": "a"}), WORLD) == holds(condition, WORLD)


@given(conditions)
def test_what_is_known_is_gone_and_constants_stand_alone(condition: Condition) -> None:
    small = simplify(condition, {"s": "a", "n": 2.0})
    assert not {"s", "n"} & set(facts_in(small))
    if not isinstance(small, Const):
        assert not any(isinstance(part, Const) for part in nodes(small))


def nodes(condition: Condition) -> list[Condition]:
    match condition:
        case Not(part):
            return [condition, *nodes(part)]
        case And(parts) | Or(parts):
            return [condition, *(n for part in parts for n in nodes(part))]
    return [condition]


def test_membership_in_a_list_is_left_alone() -> None:
    assert simplify(Contains("l", "x"), {"l": "x"}) == Contains("l", "x")


def test_absorbing_and_neutral_parts() -> None:
    assert simplify(And((Const(True), TRUE_ATOM)), {}) == TRUE_ATOM
    assert simplify(And((Const(False), TRUE_ATOM)), {}) == Const(False)
    assert simplify(Or((Const(True), TRUE_ATOM)), {}) == Const(True)
    assert simplify(Or((Const(False), TRUE_ATOM, FALSE_ATOM)), {}) == Or((TRUE_ATOM, FALSE_ATOM))
    assert simplify(Not(Not(Const(True))), {}) == Const(True)
