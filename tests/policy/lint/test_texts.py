from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.lint.packs import CLEAN, HEAD, RULES, TABLE, VALUES, found, only, place

UNUSED = {
    "values.limit": (VALUES, "limit:"),
    "the definition big": ('define:\n  big: model.openness == "closed"\n', "big:"),
    "the table tier": (TABLE, "tier:"),
    "switches.question": (
        (
            "switches:\n  question:\n    title: Which?\n    default: strict\n    readings: {strict: One., lenient: Other.}\n"
            "    cites: [{source: law, place: p}]\n"
        ),
        "question:",
    ),
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_nothing_uses(tmp_path: Path, name: str) -> None:
    part, needle = UNUSED[name]
    text = HEAD + part + RULES
    one = only(tmp_path, text)
    assert (one.code, one.message) == ("unused", f"nothing uses {name}")
    assert one.where.endswith(":" + place(text, needle))


def test_what_only_an_unused_definition_uses_is_unused(tmp_path: Path) -> None:
    defined = "define:\n  big: model.training_operations > values.limit\n"
    text = HEAD + VALUES + defined + RULES
    assert found(tmp_path, text) == [("unused", place(text, "limit:")), ("unused", place(text, "big:"))]


def test_what_a_definition_uses_that_a_rule_uses_is_used(tmp_path: Path) -> None:
    defined = "define:\n  big: model.training_operations > values.limit\n  large: big\n"
    assert found(tmp_path, HEAD + VALUES + defined + RULES.replace('== "open"', '== "open" && large')) == []


def test_what_an_invariant_is_said_under_is_used(tmp_path: Path) -> None:
    said = "invariants: [{id: stays, title: It stays, given: model.training_operations > values.limit, at_most: deny}]\n"
    assert found(tmp_path, HEAD + VALUES + RULES + said) == []


@pytest.mark.parametrize(
    ("condition", "literal"),
    [
        ("model.training_operations > 1e26", "1e26"),
        ("1e26 <= model.training_operations", "1e26"),
        ("!(model.training_operations == 1e26)", "1e26"),
        ("model.training_operations in [0.0, 1e26]", "1e26"),
        ('model.released < "2025-08-02"', '"2025-08-02"'),
    ],
)
def test_a_number_or_day_in_a_condition_has_no_source(tmp_path: Path, condition: str, literal: str) -> None:
    text = CLEAN.replace('when: model.openness == "open"', f"when: '{condition}'")
    day = "model.released: 2025-01-01"
    cases = "".join(
        f"- {{name: at {n}, facts: {{model.training_operations: {n}, {day}}}, expect: deny}}\n"
        for n in ("1.0e26", "1.0e27")
    )
    one = only(tmp_path, text, cases)
    assert (one.code, one.rule) == ("literal_threshold", "open")
    assert one.where.endswith(":" + place(text, literal))


@pytest.mark.parametrize("condition", ["model.training_operations > 0.0", "destination.tier == 1"])
def test_zero_and_tiers_need_no_source(tmp_path: Path, condition: str) -> None:
    text = (
        HEAD
        + TABLE.replace("[DE, US]", "[DE, US, FR]")
        + RULES.replace('== "open"', f'== "open" && {condition}')
    )
    assert [one for one in found(tmp_path, text) if one[0] != "unused"] == []


def test_a_threshold_in_a_definition_is_found_there(tmp_path: Path) -> None:
    text = (
        HEAD
        + "define:\n  big: >\n    model.training_operations\n    > 1e26\n"
        + RULES.replace('"open"', '"open" && big', 1)
    )
    text = text.replace('"open" && big', '"open" && big')
    one = only(tmp_path, text)
    assert (one.code, one.rule) == ("literal_threshold", "")
    assert one.message == "model.training_operations is compared with 1e+26, which has no source"
    assert one.where.endswith(":" + place(text, "1e26"))


@pytest.mark.parametrize(
    "condition",
    [
        'destination.country in ["DE", "US"]',
        'operator.headquarters in ["DE"]',
        'destination.subdivision in ["UA-43"]',
    ],
)
def test_a_list_of_places_in_a_condition_has_no_source(tmp_path: Path, condition: str) -> None:
    cases = "- {name: a, facts: {destination.country: DE, operator.headquarters: DE}, expect: deny}\n"
    sub = "- {name: b, facts: {destination.country: UA, destination.subdivision: UA-43}, expect: deny}\n"
    text = CLEAN.replace('when: model.openness == "open"', f"when: '{condition}'")
    one = only(tmp_path, text, cases + sub)
    assert (one.code, one.rule) == ("literal_countries", "open")
    assert one.where.endswith(":" + place(text, '["'))


@pytest.mark.parametrize(
    "condition", ['destination.country == "DE"', 'model.openness in ["open", "restricted"]']
)
def test_one_country_and_lists_of_other_names_need_no_source(tmp_path: Path, condition: str) -> None:
    assert found(tmp_path, CLEAN.replace('when: model.openness == "open"', f"when: '{condition}'")) == []


def test_a_condition_that_tests_for_a_licence(tmp_path: Path) -> None:
    condition = 'model.openness == "open" || "LICENSE" in operator.authorizations'
    text = CLEAN.replace('when: model.openness == "open"', f"when: '{condition}'")
    one = only(tmp_path, text)
    assert (one.code, one.rule) == ("license_by_name", "open")
    assert one.where.endswith(":" + place(text, '"LICENSE"'))


def test_an_invariant_may_be_said_under_a_licence(tmp_path: Path) -> None:
    given = "'!(\"LICENSE\" in operator.authorizations) && model.training_operations < 1e26'"
    said = f"invariants: [{{id: stays, title: It stays, given: {given}, at_most: deny}}]\n"
    assert found(tmp_path, CLEAN + said) == []


def test_the_condition_of_a_rule_that_is_never_in_force_is_looked_at(tmp_path: Path) -> None:
    early = RULES.replace("open\n    title", "early\n    until: 2024-01-01\n    title").replace(
        "openness", "opennes"
    )
    text = CLEAN + early.removeprefix("rules:\n")
    assert found(tmp_path, text) == [
        ("never_true", place(text, "early")),
        ("condition", place(text, "model.opennes ")),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "'model.openness == \"open\" && model.training_operations > 1e26'",
        '"model.openness == \\"open\\" && model.training_operations > 1e26"',
        '>\n      model.openness == "open" &&\n      model.training_operations > 1e26',
        '|\n      model.openness == "open" // open\n      && model.training_operations > 1e26',
        'model.openness == "open" &&\n      (model.training_operations\n      > 1e26)',
    ],
)
def test_a_literal_is_found_however_the_condition_is_written(tmp_path: Path, written: str) -> None:
    text = CLEAN.replace('model.openness == "open"', written)
    cases = "- {name: a, facts: {model.openness: open, model.training_operations: 1.0e27}, expect: allow}\n"
    assert found(tmp_path, text, cases) == [("literal_threshold", place(text, "1e26"))]


def test_every_literal_of_a_condition_is_found(tmp_path: Path) -> None:
    condition = 'model.parameters > 1e9 && model.parameters < 1e12 && destination.country in ["DE"]'
    text = CLEAN.replace(
        'when: model.openness == "open"', f"when: '{condition}'\n    unless: developer.revenue > 5e8"
    )
    cases = "- {name: a, facts: {model.parameters: 1.0e10, destination.country: DE, developer.revenue: 1}, expect: allow}\n"
    assert found(tmp_path, text, cases) == [
        ("literal_threshold", place(text, "1e9")),
        ("literal_threshold", place(text, "1e12")),
        ("literal_countries", place(text, '["DE"]')),
        ("literal_threshold", place(text, "5e8")),
    ]


def test_what_is_used_in_unless_is_used(tmp_path: Path) -> None:
    text = HEAD + VALUES + RULES + "    unless: model.training_operations > values.limit\n"
    assert found(tmp_path, text) == []


OPERATIONS = "model.training_operations"


@pytest.mark.parametrize("unit", ["ratio", "USD", "FLOP"])
@pytest.mark.parametrize("condition", [f"{OPERATIONS} < values.limit", f"values.limit > {OPERATIONS}"])
def test_a_value_of_another_unit_than_its_fact(tmp_path: Path, unit: str, condition: str) -> None:
    valued = VALUES.replace("1.0e25", f"1.0e25, unit: {unit}")
    text = HEAD + valued + RULES.replace('== "open"', f'== "open" && {condition}')
    one = only(tmp_path, text)
    assert (one.code, one.severity, one.rule) == ("other_unit", "warning", "")
    assert one.message == f"limit is in {unit}, and {OPERATIONS}, with which it is compared, in operations"
    assert one.hint.startswith("write unit: operations and the value in it")
    assert one.where.endswith(":" + place(text, unit))
    assert found(tmp_path, text.replace(f"unit: {unit}", "unit: operations")) == []
    assert found(tmp_path, text.replace(f", unit: {unit}", "")) == []


def test_a_unit_is_looked_at_once_and_through_definitions(tmp_path: Path) -> None:
    valued = VALUES.replace("1.0e25", "1.0e25, unit: USD") + f"define:\n  big: {OPERATIONS} > values.limit\n"
    both = f'== "open" && big && {OPERATIONS} != values.limit'
    text = HEAD + valued + RULES.replace('== "open"', both)
    assert found(tmp_path, text) == [("other_unit", place(text, "USD"))]
