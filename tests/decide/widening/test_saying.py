"""Statements that merge to a value of a grade, and to nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.questions import VALUES
from weightgate.decide.widening.saying import WITHHELD, say, stripped
from weightgate.facts.merge import merge_one
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, Value


@given(
    st.sampled_from(sorted(VALUES)).flatmap(lambda f: st.tuples(st.just(f), VALUES[f])),
    st.sampled_from(Grade),
)
def test_what_is_said_is_what_is_merged(asked: tuple[str, Value], grade: Grade) -> None:
    fact, value = asked
    said = say(fact, value, grade)
    if said is not None:
        merged = merge_one(FACTS[fact], said)
        assert (merged.value, merged.grade) == (value, grade)
        assert {s.source for s in said} == {WITHHELD}
    elif not isinstance(value, Unknown):
        assert grade is Grade.CLAIMED


@pytest.mark.parametrize("grade", [Grade.VERIFIED, Grade.INFERRED, Grade.DECLARED])
def test_a_stronger_word_than_a_claim_is_said_in_one(grade: Grade) -> None:
    said = say("model.training_operations", Interval(None, 9e25), grade)
    assert said is not None
    assert len(said) == 1


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("model.training_operations", Interval(1e25, 9e25)),
        ("model.training_operations", Known(1e25)),
        ("model.openness", Known("restricted")),
        ("operator.tier", Known(2)),
        ("operator.security_standards", Members(frozenset({"supp10-14"}), frozenset({"supp10-14"}))),
    ],
)
def test_a_claim_that_bounds_both_sides_stands_on_a_stronger_word(fact: str, value: Value) -> None:
    said = say(fact, value, Grade.CLAIMED)
    assert said is not None
    assert [s.grade for s in said] == [Grade.DECLARED, Grade.CLAIMED]


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("model.training_operations", Interval(None, 9e25)),
        ("model.openness", Known("open")),
        ("model.openness", OneOf(("open", "closed"))),
        ("model.base_operations", Known(1e25)),
        ("model.special_purpose", Known(False)),
    ],
)
def test_what_no_claim_can_bring_about_is_not_said_as_one(fact: str, value: Value) -> None:
    assert say(fact, value, Grade.CLAIMED) is None


def test_nothing_but_value_and_grade_is_left_of_a_statement() -> None:
    full = Statement(
        "model.parameters", Known(7.0), Grade.INFERRED, "m.safetensors", "offset 8", "sha256:00", "counted", "Ada",
        "2025-01-01", "2026-01-01",
    )  # fmt: skip
    assert stripped(full) == Statement("model.parameters", Known(7.0), Grade.INFERRED, WITHHELD)
