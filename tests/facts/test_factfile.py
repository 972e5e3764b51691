"""``--facts``: what it accepts, and the place of everything it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from weightgate.errors import Exit, InputError
from weightgate.facts.factfile import ASKED, declare, read_facts
from weightgate.facts.registry import FACTS
from weightgate.facts.statements import Grade, Statement
from weightgate.facts.values import Interval, Known, Unknown, exactly

TODAY = "2026-03-14"


def read(folder: Path, text: str, as_of: str = TODAY) -> list[Statement]:
    """What a facts file of that text says."""
    path = folder / "facts.yaml"
    path.write_text(text, encoding="utf-8")
    return read_facts(path, as_of)


def test_the_file_of_the_contract(tmp_path: Path) -> None:
    said = read(tmp_path, "model.openness: closed\nmodel.training_operations: {min: 5.0e25, max: 2.0e26}\n")
    source = str(tmp_path / "facts.yaml")
    assert said == [
        Statement("model.openness", Known("closed"), Grade.DECLARED, source, "1:17"),
        Statement("model.training_operations", Interval(5e25, 2e26), Grade.DECLARED, source, "2:28"),
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_says_nothing(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == []


def test_null_is_unknown_and_an_empty_list_is_none(tmp_path: Path) -> None:
    said = read(tmp_path, "model.special_purpose:\noperator.authorizations: []\n")
    assert [s.value for s in said] == [Unknown("stated as unknown"), exactly()]


def test_json_is_yaml_too(tmp_path: Path) -> None:
    said = read(tmp_path, '{"operator.headquarters": "NO", "model.special_purpose": true}')
    assert [s.value for s in said] == [Known("NO"), Known(True)]


def test_whoever_says_so(tmp_path: Path) -> None:
    text = "model.special_purpose:\n  value: false\n  source: a memo\n  by: counsel\n  on: 2026-01-01\n"
    (said,) = read(tmp_path, text)
    assert (said.source, said.by, said.on, said.until) == ("a memo", "counsel", "2026-01-01", "")
    assert said.value == Known(False)


@pytest.mark.parametrize(
    ("details", "value"),
    [
        (f"until: {TODAY}", Known(True)),
        ("until: 2026-03-13", Unknown("declared until 2026-03-13, before 2026-03-14")),
        (f"on: {TODAY}", Known(True)),
        ("on: 2026-03-15", Unknown("declared of 2026-03-15, after 2026-03-14")),
        ("on: 2026-01-01, until: 2026-12-31", Known(True)),
        ("on: null, until: null", Known(True)),
    ],
)
def test_a_declaration_counts_on_its_days_both_included(
    tmp_path: Path, details: str, value: Known | Unknown
) -> None:
    (said,) = read(tmp_path, f"model.special_purpose: {{value: true, {details}}}\n")
    assert said.value == value


def test_a_value_in_any_form_may_have_a_source(tmp_path: Path) -> None:
    text = (
        "model.training_operations: {value: {min: 1.0}, source: log}\n"
        "model.openness: {value: {one_of: [open, closed]}, by: me}\n"
        "operator.authorizations: {value: [NVEU], source: letter}\n"
        "model.special_purpose: {value: null, source: nobody}\n"
    )
    said = read(tmp_path, text)
    assert [s.source for s in said] == ["log", str(tmp_path / "facts.yaml"), "letter", "nobody"]
    assert said[0].value == Interval(1.0, None)
    assert said[2].value == exactly("NVEU")
    assert isinstance(said[3].value, Unknown)


@pytest.mark.parametrize(
    ("text", "place", "code", "message"),
    [
        ("- model.openness\n", ":1:1", "bad_facts", "not a mapping of fact names to values"),
        ("closed\n", ":1:1", "bad_facts", "not a mapping of fact names to values"),
        ("model.openess: closed\n", ":1:1", "unknown_fact", "unknown fact 'model.openess'"),
        (
            "model.license: mit\nmodel.openness: opne\n",
            ":2:17",
            "bad_value",
            "'opne' is no value of model.openness",
        ),
        ("model.openness: 3\n", ":1:17", "bad_type", "model.openness is 3"),
        ("operator.headquarters: UK\n", ":1:24", "unknown_country", "'UK' is not a country code"),
        ("model.openness: {value: opne}\n", ":1:17", "bad_value", "'opne' is no value"),
        (
            "model.openness: {value: open, form: x}\n",
            ":1:31",
            "bad_facts",
            "model.openness: unknown key 'form'",
        ),
        ("model.openness: {value: open, by: 3}\n", ":1:35", "bad_facts", "model.openness: by is not text"),
        ("model.openness: {value: open, on: soon}\n", ":1:35", "bad_date", "'soon' is not a day"),
        ("model.openness: {value: open, until: 2026}\n", ":1:38", "bad_facts", "until is not text"),
        (
            "model.openness: open\nmodel.openness: closed\n",
            ":2:1",
            "yaml",
            "key 'model.openness' is there twice",
        ),
        ("model.openness: &x open\n", ":1:17", "yaml", "anchor &x is refused"),
        ("model.training_operations: .nan\n", ":1:28", "yaml", ".nan is no number a fact can have"),
        ("model.training_operations: 1e400\n", ":1:28", "yaml", "1e400 is too large for a double"),
        ("model.openness: [\n", ":2:1", "yaml", "not YAML"),
    ],
)
def test_what_is_refused_and_where(tmp_path: Path, text: str, place: str, code: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    error = caught.value
    assert error.where == str(tmp_path / "facts.yaml") + place
    assert (error.code, error.exit) == (code, Exit.INPUT)
    assert message in error.message


def test_a_misspelt_fact_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "model.openess: closed\n")
    assert caught.value.hint == "did you mean model.openness?"
    with pytest.raises(InputError) as caught:
        read(tmp_path, "zzzzzz: closed\n")
    assert caught.value.hint == "docs/facts.md lists every fact"


@pytest.mark.parametrize("name", sorted(ASKED))
def test_what_the_question_fixes_is_no_fact_to_declare(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"{name}: DE\n")
    assert caught.value.message == f"{name} comes from {ASKED[name]}, not from facts"
    assert caught.value.code == "asked_fact"


def test_every_other_fact_may_be_declared_unknown(tmp_path: Path) -> None:
    names = [name for name in FACTS if name not in ASKED]
    said = read(tmp_path, "".join(f"{name}: null\n" for name in names))
    assert [s.fact for s in said] == names
    assert {s.grade for s in said} == {Grade.DECLARED}


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_facts(tmp_path / "gone.yaml", TODAY)
    assert caught.value.message == "cannot read: No such file or directory"
    assert caught.value.where == str(tmp_path / "gone.yaml")


def test_plain_values_are_declared_as_a_file_would() -> None:
    said = declare({"model.openness": "closed", "model.finetune_share": {"max": 0.25}}, "the caller", "")
    assert [(s.fact, s.value, s.source) for s in said] == [
        ("model.openness", Known("closed"), "the caller"),
        ("model.finetune_share", Interval(None, 0.25), "the caller"),
    ]
    with pytest.raises(InputError) as caught:
        declare({"model.opennes": "closed"}, "the caller", "")
    assert (caught.value.where, caught.value.hint) == ("the caller", "did you mean model.openness?")
