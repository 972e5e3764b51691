"""Who speaks, from the weakest to the strongest."""

from __future__ import annotations

import pytest

from weightgate.facts.statements import NOTHING_SAID, Contradiction, Fact, Grade, Statement, unknown
from weightgate.facts.values import Known, Unknown


def test_grades_are_ordered_from_the_weakest() -> None:
    assert sorted(Grade) == [Grade.CLAIMED, Grade.DECLARED, Grade.INFERRED, Grade.VERIFIED]
    assert min(Grade.VERIFIED, Grade.CLAIMED) is Grade.CLAIMED


@pytest.mark.parametrize("grade", Grade)
def test_a_grade_is_spelt_as_files_spell_it(grade: Grade) -> None:
    assert str(grade) == grade.name.lower() == f"{grade}"


def test_a_fact_nobody_spoke_of_says_so() -> None:
    fact = unknown("model.openness")
    assert fact == Fact("model.openness", Unknown(NOTHING_SAID), Grade.VERIFIED, (), contradicted=False)
    assert unknown("model.openness", "a folder").value == Unknown("a folder")


def test_statements_and_facts_cannot_be_changed() -> None:
    said = Statement("model.openness", Known("open"), Grade.VERIFIED, "hub")
    for record, name in ((said, "grade"), (unknown("model.openness"), "value"), (Contradiction("x"), "fact")):
        with pytest.raises(AttributeError):
            setattr(record, name, None)


def test_equal_words_are_one_statement() -> None:
    first = Statement("model.openness", Known("open"), Grade.VERIFIED, "hub", by="x")
    assert {first, Statement("model.openness", Known("open"), Grade.VERIFIED, "hub", by="x")} == {first}
    assert first != Statement("model.openness", Known("open"), Grade.VERIFIED, "hub", by="y")
