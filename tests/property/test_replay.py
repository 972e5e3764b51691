"""decide_again(decide(question)) = decide(question), to the last byte of its JSON."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operators.strategies import DIGEST
from tests.property.questions import NOW, questions, statements
from weightgate.decide import Question, decide
from weightgate.decide.again import decide_again
from weightgate.facts.statements import Grade, Statement
from weightgate.files.json import parse_json
from weightgate.inspect.inspection import Inspection, ManifestEntry
from weightgate.operators.profile import Operator

INSPECTIONS = (
    Inspection("-"),
    Inspection("./model", digest=DIGEST, manifest=(ManifestEntry("a.safetensors", "ab" * 32),)),
    Inspection(
        "owner/name",
        "c" * 40,
        DIGEST,
        (ManifestEntry("a.bin", "ab" * 32, reported=True),),
        (),
        ("Whether the publisher had the right to license was not established.",),
    ),
)


@settings(max_examples=40)
@given(
    questions(),
    st.lists(statements(), max_size=4),
    st.lists(statements(), max_size=3),
    st.sampled_from(INSPECTIONS),
    st.sampled_from(Grade),
    st.sampled_from([{}, {"model.openness": Grade.VERIFIED}, {"operator.headquarters": Grade.INFERRED}]),
)
def test_a_decision_is_derived_again_from_its_own_inputs(
    question: Question,
    found: list[Statement],
    declared: list[Statement],
    inspection: Inspection,
    cap: Grade,
    required: dict[str, Grade],
) -> None:
    asked = replace(question, require_grade=required, insecure=("a test",))
    looked = replace(inspection, statements=tuple(found))
    once = decide(asked, looked, declared, now=NOW, cap=cap).to_json()
    text = json.dumps(once, allow_nan=False)
    again = decide_again(parse_json(text, "decision.json"), question.packs, cap=Grade.VERIFIED)
    assert json.dumps(again, allow_nan=False) == text


@settings(max_examples=25)
@given(questions(), st.lists(statements(), max_size=4), st.sampled_from(Grade))
def test_a_cap_changes_no_value_and_no_verdict(question: Question, said: list[Statement], cap: Grade) -> None:
    inspection = Inspection("./model", digest=DIGEST)
    plain = decide(question, inspection, said, now=NOW)
    capped = decide(question, inspection, said, now=NOW, cap=cap)
    assert capped.possible == plain.possible
    assert {f: x.value for f, x in capped.facts.items()} == {f: x.value for f, x in plain.facts.items()}
    assert all(x.grade <= cap for x in capped.facts.values())


@settings(max_examples=25)
@given(
    questions(),
    st.booleans(),
    st.dictionaries(st.sampled_from(["headquarters", "authorizations"]), st.just("3:7")),
)
def test_an_operator_file_is_derived_again_with_its_places(
    question: Question, empty: bool, marks: dict[str, str]
) -> None:
    operator = (
        Operator(source="o.yaml") if empty else replace(question.operator, source="o.yaml", marks=marks)
    )
    once = decide(replace(question, operator=operator), Inspection("-"), [], now=NOW).to_json()
    again = decide_again(parse_json(json.dumps(once), "d.json"), question.packs, cap=Grade.VERIFIED)
    assert again == once
