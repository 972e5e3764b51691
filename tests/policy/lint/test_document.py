from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.lint.packs import CLEAN, HEAD, RULES, VALUES, found, only, place, rule


def test_a_pack_with_nothing_wrong_is_clean(tmp_path: Path) -> None:
    assert found(tmp_path, CLEAN) == []


def test_a_source_that_nobody_cites(tmp_path: Path) -> None:
    text = CLEAN.replace("status:\n", "  memo: {title: A memo}\nstatus:\n", 1)
    one = only(tmp_path, text)
    assert (one.code, one.message, one.rule) == ("uncited_source", "nothing cites memo", "")
    assert one.where.endswith(":" + place(text, "memo:"))


def test_a_source_that_only_a_status_cites_is_cited(tmp_path: Path) -> None:
    row = "  - {from: 2025-01-02, known: 2025-01-01, status: superseded, cite: {source: memo, place: p}}\n"
    text = CLEAN.replace("status:\n", "  memo: {title: A memo}\nstatus:\n" + row, 1)
    assert found(tmp_path, text) == []


@pytest.mark.parametrize("verdict", ["license_required", "deny"])
def test_a_rule_that_stops_somebody_and_names_no_way_out(tmp_path: Path, verdict: str) -> None:
    stops = rule('model.openness == "closed"', verdict).replace("    remedy: Ask.\n", "")
    text = HEAD.replace("deny", "allow") + "rules:\n" + stops
    one = only(tmp_path, text)
    assert (one.code, one.rule) == ("no_remedy", "second")
    assert one.message == f"second is {verdict} and names no remedy"
    assert one.where.endswith(":" + place(text, "second"))


def test_a_default_that_stops_somebody_and_names_no_way_out(tmp_path: Path) -> None:
    text = CLEAN.replace("  remedy: Ask.\n", "")
    one = only(tmp_path, text)
    assert (one.code, one.message) == ("no_remedy", "the default is deny and names no remedy")
    assert one.where.endswith(":" + place(text, "default:"))


def test_a_default_that_allows_needs_no_way_out(tmp_path: Path) -> None:
    head = HEAD.replace("  remedy: Ask.\n", "").replace("deny", "allow")
    rules = RULES.replace("verdict: allow", "verdict: deny\n    remedy: Ask.")
    assert found(tmp_path, head + rules) == []


@pytest.mark.parametrize(
    ("note", "says"),
    [("", "no note says"), (", note: The report gives no figure.", "its note does not say")],
)
def test_an_uncertain_value_of_which_no_note_says_how_it_is_read(
    tmp_path: Path, note: str, says: str
) -> None:
    uses = RULES.replace('== "open"', '== "open" && model.training_operations < values.limit')
    text = HEAD + VALUES.replace("grade: V", f"grade: U{note}") + uses
    one = only(tmp_path, text)
    assert one.code == "unexplained_grade"
    assert one.message == f"of grade U, and {says} which stricter reading is taken"
    assert one.where.endswith(":" + place(text, "U,") if note else place(text, "U}"))


def test_an_uncertain_value_whose_note_says_how_it_is_read(tmp_path: Path) -> None:
    uses = RULES.replace('== "open"', '== "open" && model.training_operations < values.limit')
    note = "grade: U, note: The stricter reading is taken."
    assert found(tmp_path, HEAD + VALUES.replace("grade: V", note) + uses) == []


def test_otherwise_is_a_value_with_a_grade(tmp_path: Path) -> None:
    table = (
        "tables: {tier: {rows: [{value: 1, from: 2025-01-01, countries: [DE], cite: {source: law, place: l}, grade: V}],"
        " otherwise: {value: 2, cite: {source: law, place: l}, grade: U}}}\n"
    )
    text = HEAD + table + RULES.replace('== "open"', '== "open" && destination.tier == 1')
    assert found(tmp_path, text) == [("unexplained_grade", place(text, "U}}}"))]


CONDITIONED = rule('model.openness == "closed"', "allow_with_conditions")


def test_an_invariant_with_the_name_of_a_rule(tmp_path: Path) -> None:
    text = CLEAN + "invariants: [{id: open, title: It stays, at_most: deny}]\n"
    one = only(tmp_path, text)
    assert one.code == "same_id"
    assert one.message.startswith("'open' is an invariant here, and a rule at ")
    assert one.message.endswith(place(text, "open"))
    assert one.where.endswith(":" + place(text, "open, title"))


def test_a_condition_with_the_name_of_a_rule(tmp_path: Path) -> None:
    text = CLEAN + CONDITIONED.replace("keep-second", "open")
    assert found(tmp_path, text) == [("same_id", place(text, "open, text"))]


def test_two_conditions_of_one_name_and_two_texts(tmp_path: Path) -> None:
    other = rule('model.openness == "restricted"', "allow_with_conditions", "third")
    text = CLEAN + CONDITIONED + other.replace("keep-third", "keep-second").replace("Keep to it", "Keep it")
    one = only(tmp_path, text)
    assert (one.code, one.rule) == ("same_id", "third")
    assert "another text at" in one.message
    assert one.where.endswith(":" + place(text, "keep-second", 2))


def test_a_condition_may_recur_with_the_same_text(tmp_path: Path) -> None:
    other = rule('model.openness == "restricted"', "allow_with_conditions", "third")
    text = CLEAN + CONDITIONED + other.replace("keep-third", "keep-second")
    assert found(tmp_path, text) == []
