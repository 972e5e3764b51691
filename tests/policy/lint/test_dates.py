from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.lint.packs import CLEAN, HEAD, RULES, TABLE, VALUES, found, linted, only, place, rule

LIMITED = RULES.replace('== "open"', '== "open" && model.training_operations < values.limit')
TIERED = RULES.replace('== "open"', '== "open" && destination.tier == 1')
LATER = VALUES.replace("{from: 2025-01-01", "{from: 2025-01-01, until: 2025-05-31") + (
    "    - {from: 2025-06-01, value: 1.0e26, cite: {source: law, place: section 4}, grade: V}\n"
)


def test_a_row_that_begins_after_its_source_was_published(tmp_path: Path) -> None:
    text = HEAD + LATER + LIMITED
    one = only(tmp_path, text)
    assert one.code == "known_missing"
    assert one.message == "begins on 2025-06-01, was known on 2025-01-01, and does not say so"
    assert one.hint == (
        "write known: 2025-01-01, if it was known from its publication, or the day on which it became known"
    )
    assert one.where.endswith(":" + place(text, "2025-06-01"))


def test_a_row_that_says_since_when_it_is_known(tmp_path: Path) -> None:
    known = LATER.replace("from: 2025-06-01", "from: 2025-06-01, known: 2025-01-01")
    known = known.replace("until: 2025-05-31", "until: 2025-05-31, until_known: 2025-01-01")
    assert found(tmp_path, HEAD + known + LIMITED) == []


def test_a_row_whose_source_was_published_on_its_first_day(tmp_path: Path) -> None:
    source = "  amendment: {title: An amendment, published: 2025-06-01}\n"
    head = HEAD.replace("status:\n", source + "status:\n", 1)
    before, after = LATER.split("2025-06-01")
    amended = before + "2025-06-01" + after.replace("law", "amendment")
    assert found(tmp_path, head + amended + LIMITED) == []


def test_of_a_source_without_a_day_the_packs_last_day_counts(tmp_path: Path) -> None:
    head = HEAD.replace(", published: 2025-01-01", "")
    text = head + LATER + LIMITED
    assert found(tmp_path, text) == [("known_missing", place(text, "2025-06-01"))]
    published = head.replace("status:\n", "  memo: {title: A memo, published: 2025-07-01}\nstatus:\n", 1)
    cited = published.replace("source: law, place: section 2", "source: memo, place: section 2")
    assert found(tmp_path, cited + LATER + LIMITED) == []


@pytest.mark.parametrize("what", ["rule", "status"])
def test_rules_and_statuses_begin_too(tmp_path: Path, what: str) -> None:
    if what == "rule":
        text = CLEAN + rule('model.openness == "closed"', more="    from: 2025-06-01\n")
    else:
        row = "  - {from: 2025-06-01, status: superseded, cite: {source: law, place: p}}\n"
        text = CLEAN.replace("default:", row + "default:", 1)
    one = only(tmp_path, text)
    assert (one.code, one.rule) == ("known_missing", "second" if what == "rule" else "")
    assert one.where.endswith(":" + place(text, "2025-06-01"))


def test_nobody_could_ask_before_the_pack_was_known(tmp_path: Path) -> None:
    older = HEAD.replace("status:\n", "  old: {title: An old law, published: 2020-01-01}\nstatus:\n", 1)
    assert found(tmp_path, older + VALUES.replace("law", "old") + LIMITED) == []


def test_the_first_rows_say_too_since_when_they_are_known(tmp_path: Path) -> None:
    head = HEAD.replace("published: 2025-01-01", "published: 2020-01-01")
    text = head + TABLE + VALUES + LIMITED.replace('== "open"', '== "open" && destination.tier == 1')
    assert found(tmp_path, text) == [
        ("known_missing", place(text, "2025-01-01", nth)) for nth in range(1, text.count("2025-01-01") + 1)
    ]
    hint = (
        "write known: 2020-01-01, if it was known from its publication, or the day on which it became known"
    )
    assert {one.hint for one in linted(tmp_path, text)} == {hint}
    assert found(tmp_path, text.replace("from: 2025-01-01", "from: 2025-01-01, known: 2020-01-01")) == []


def test_rows_of_a_source_without_a_day_are_as_old_as_the_pack_is_known(tmp_path: Path) -> None:
    undated = HEAD.replace(", published: 2025-01-01", "")
    assert found(tmp_path, undated + VALUES + LIMITED) == []
    known = undated.replace("from: 2025-01-01", "from: 2025-01-01, known: 2024-01-01")
    text = known + RULES + rule('model.openness == "closed"', more="    from: 2025-01-01\n")
    one = only(tmp_path, text)
    assert one.hint == "write known: 2024-01-01, or the day on which it became known"
    assert one.where.endswith(":" + place(text, "2025-01-01", 2))


def test_a_table_that_starts_after_the_pack(tmp_path: Path) -> None:
    late = TABLE.replace("from: 2025-01-01", "from: 2025-02-01, known: 2025-01-01")
    text = HEAD + late + TIERED
    one = only(tmp_path, text)
    assert one.code == "table_gap"
    assert one.message == (
        "no row is in force from 2025-01-01 to 2025-01-31, so that every country falls to otherwise"
    )
    assert one.where.endswith(":" + place(text, "2025-02-01"))


def test_a_table_that_ends(tmp_path: Path) -> None:
    text = (
        HEAD
        + TABLE.replace("from: 2025-01-01", "from: 2025-01-01, until: 2025-03-31")
        + TIERED.replace("== 1", "<= 2")
    )
    one = only(tmp_path, text)
    assert one.message == "no row is in force from 2025-04-01 on, so that every country falls to otherwise"
    assert one.where.endswith(":" + place(text, "2025-03-31", 2))


def test_a_table_without_rows(tmp_path: Path) -> None:
    empty = "tables:\n  tier:\n    rows: []\n" + TABLE[TABLE.index("    otherwise") :]
    text = HEAD + empty + TIERED.replace("tier == 1", "tier == 2")
    assert found(tmp_path, text) == [("table_gap", place(text, "[]"))]


def test_a_country_that_drops_out_between_two_rows(tmp_path: Path) -> None:
    row = TABLE.splitlines(keepends=True)[4]
    again = row.replace("2025-01-01", "2025-05-02, known: 2025-01-01").replace("value: 3", "value: 1")
    before = row.replace("2025-01-01", "2025-01-01, until: 2025-04-30, until_known: 2025-01-01")
    text = HEAD + TABLE.replace(row, before + again) + TIERED
    one = only(tmp_path, text)
    assert (one.code, one.message) == ("table_gap", "CN has no row on 2025-05-01 and falls to otherwise")
    assert one.where.endswith(":" + place(text, "CN", 2))
    assert found(tmp_path, text.replace("2025-05-02", "2025-05-01")) == []


def test_a_country_may_leave_a_table_or_join_it(tmp_path: Path) -> None:
    row = TABLE.splitlines(keepends=True)[4]
    leaves = row.replace("2025-01-01", "2025-01-01, until: 2025-04-30")
    joins = row.replace("2025-01-01", "2025-03-01, known: 2025-01-01").replace("CN", "IR")
    assert found(tmp_path, HEAD + TABLE.replace(row, leaves + joins) + TIERED) == []


def test_a_row_that_says_what_otherwise_says_is_worth_a_note(tmp_path: Path) -> None:
    text = HEAD + TABLE.replace("value: 3", "value: 2").replace("CN", "CN, IN") + TIERED
    one = only(tmp_path, text)
    assert (one.code, one.severity) == ("row_says_otherwise", "note")
    assert one.message == "gives CN, IN 2, as otherwise does"
    assert one.where.endswith(":" + place(text, "2, from"))
