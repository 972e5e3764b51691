from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.lint.packs import CASES, CLEAN, HEAD, RULES, found, only, place, rule

CLOSED = rule('model.openness == "closed" && model.special_purpose', "allow")


def test_a_rule_that_no_case_makes_apply(tmp_path: Path) -> None:
    case = "- name: an open model\n  facts: {model.openness: open}\n  expect: allow\n"
    text = CLEAN + CLOSED
    one = only(tmp_path, text, case)
    assert (one.code, one.message, one.rule) == (
        "untested_rule", "no case makes second certainly apply", "second",
    )  # fmt: skip
    assert one.where.endswith(":" + place(text, "second"))


def test_a_case_in_which_a_rule_possibly_applies_shows_nothing(tmp_path: Path) -> None:
    case = "- name: an open model\n  facts: {model.openness: open}\n  expect: allow\n"
    perhaps = "- name: perhaps\n  facts: {model.openness: closed}\n  expect: indeterminate\n"
    assert [code for code, _ in found(tmp_path, CLEAN + CLOSED, case + perhaps)] == ["untested_rule"]


def test_whether_cases_pass_is_not_for_lint_to_say(tmp_path: Path) -> None:
    case = "- name: an open model\n  facts: {model.openness: open}\n  expect: deny\n"
    assert found(tmp_path, CLEAN, case) == []


def test_no_cases_at_all_are_one_finding(tmp_path: Path) -> None:
    one = only(tmp_path, CLEAN + CLOSED, None)
    assert one.code == "no_cases"
    assert one.hint == "write cases to tests/NAME.yaml beside the pack"
    assert one.where.endswith("pack.yaml:1:1")


def test_cases_that_do_not_load_are_one_finding_at_their_own_place(tmp_path: Path) -> None:
    one = only(tmp_path, CLEAN + CLOSED, CASES.replace("model.openness: closed", "model.opennes: closed", 1))
    assert (one.code, one.hint) == ("bad_cases", "did you mean model.openness?")
    assert "tests/cases.yaml:" in one.where


def test_a_case_about_another_day_or_activity_shows_nothing(tmp_path: Path) -> None:
    early = "- name: early\n  as_of: 2024-01-01\n  facts: {model.openness: open}\n  expect: allow\n"
    other = "- name: other\n  activity: fine_tune\n  facts: {model.openness: open}\n  expect: allow\n"
    assert found(tmp_path, CLEAN, early + other) == [("untested_rule", place(CLEAN, "open\n    title"))]


SWITCHED = (
    "switches:\n  wide:\n    title: Wide?\n    default: narrow\n    readings: {narrow: It is., wide: It is not.}\n"
    "    cites: [{source: law, place: p}]\n"
)
OPEN = "- {name: an open model, facts: {model.openness: open}, expect: allow}\n"


def test_a_case_is_looked_at_in_its_own_reading(tmp_path: Path) -> None:
    text = HEAD + SWITCHED + RULES + rule('switches.wide == "wide" && model.openness == "closed"')
    case = "- {name: a closed model, facts: {model.openness: closed}, expect: allow}\n"
    assert [code for code, _ in found(tmp_path, text, OPEN + case)] == ["untested_rule"]
    wide = case.replace("facts", "set: {wide: wide}, facts")
    assert found(tmp_path, text, OPEN + wide) == []


def test_a_case_is_looked_at_as_known_on_its_own_day(tmp_path: Path) -> None:
    ends = "    from: 2025-01-01\n    until: 2025-06-30\n    until_known: 2025-05-01\n"
    text = CLEAN + rule('model.openness == "closed"', more=ends)
    case = "- {name: a closed model, as_of: 2025-08-01, facts: {model.openness: closed}, expect: allow}\n"
    assert [code for code, _ in found(tmp_path, text, OPEN + case)] == ["untested_rule"]
    early = case.replace("as_of: 2025-08-01", "as_of: 2025-08-01, known_at: 2025-02-01")
    assert found(tmp_path, text, OPEN + early) == []


def test_a_case_of_what_was_in_force_leaves_out_what_was_not(tmp_path: Path) -> None:
    proposed = "    status: [{from: 2025-01-01, status: proposed, cite: {source: law, place: p}}]\n"
    text = CLEAN + rule('model.openness == "closed"', more=proposed)
    case = "- {name: a closed model, status: in-force, facts: {model.openness: closed}, expect: deny}\n"
    assert [code for code, _ in found(tmp_path, text, OPEN + case)] == ["untested_rule"]
    assert found(tmp_path, text, OPEN + case.replace("status: in-force, ", "")) == []


@pytest.mark.parametrize("held", ["[]", "[LICENSE]"])
def test_a_rule_that_a_licence_lifts_applies_all_the_same(tmp_path: Path, held: str) -> None:
    text = CLEAN + rule('model.openness == "closed"', "license_required")
    facts = f"{{model.openness: closed, operator.authorizations: {held}}}"
    case = f"- {{name: a closed model, facts: {facts}, expect: deny}}\n"
    assert found(tmp_path, text, OPEN + case) == []


def test_cases_in_several_files_count_together(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    closed = "- {name: a closed one, facts: {model.openness: closed, model.special_purpose: true}, expect: allow}\n"
    (tmp_path / "tests" / "more.yaml").write_text(closed, encoding="utf-8")
    assert found(tmp_path, CLEAN + CLOSED, OPEN) == []


def test_a_case_that_contradicts_itself_does_not_load(tmp_path: Path) -> None:
    parts = "model.finetune_share: 0.5, model.finetune_operations: 1.0e20, model.base_operations: 1.0e24"
    one = only(tmp_path, CLEAN, OPEN + f"- {{name: a, facts: {{{parts}}}, expect: deny}}\n")
    assert one.code == "bad_cases"
    assert one.where.endswith("tests/cases.yaml:2:43")
