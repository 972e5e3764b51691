from __future__ import annotations

from pathlib import Path

from tests.policy.lint.packs import CASES, CLEAN, found, only, place, rule

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
