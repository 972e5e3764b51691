"""What was changed between two packs' documents, by name."""

from __future__ import annotations

import pytest

from tests.policy.samples import HEAD, TABLE, VALUES, load, rule, rules
from weightgate.policy.changes.document import changes
from weightgate.policy.changes.words import LONGEST
from weightgate.policy.difference import Side
from weightgate.policy.reading import Reading

FREE = rule("true", "allow", "free")
LARGE = rule("model.training_operations >= values.limit", "deny", "large")
SWITCH = """\
switches:
  reach:
    title: Does it reach fine-tunes?
    default: narrow
    readings: {narrow: "It does not", wide: "It does"}
    cites: [{source: law, place: section 7}]
"""
LIST = """\
  banned:
    - {from: 2025-01-01, value: [CN, IR], cite: {source: law, place: section 6}, grade: V}
"""
DEFINE = "define:\n  small: model.training_operations < values.limit\n"
PACK = HEAD + TABLE + SWITCH + VALUES + LIST + DEFINE + rules(FREE, LARGE)


def changed(old: str, new: str, day: str = "") -> list[str]:
    """What was changed when a text stands for another in the pack."""
    assert old in PACK
    return told(PACK, PACK.replace(old, new), day)


def told(before: str, after: str, day: str = "") -> list[str]:
    return [str(one) for one in changes(Side(load(before)), Side(load(after)), day)]


def test_nothing_was_changed_in_the_same_document_or_in_its_remarks() -> None:
    assert told(PACK, PACK) == []
    assert told(PACK, "# A remark.\n" + PACK) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("value: 1.0e26", "value: 5.0e26", ["values.limit from 2026-01-01: 1e+26 -> 5e+26"]),
        ("value: 1.0e25", "value: 10", ["values.limit until 2025-12-31: 1e+25 -> 10"]),
        ("value: [CN, IR]", "value: [IR, JP, BR]", ["values.banned: + BR, + JP, - CN"]),
        ("  banned:", "  barred:", ["values.banned: removed", "values.barred: added"]),
        ("countries: [CN]", "countries: [CN, BR, IN]", ["tables.tier: BR, IN 2 -> 3"]),
        ("countries: [DE, US]", "countries: [US]", ["tables.tier: DE 1 -> 2"]),
        (TABLE, "", ["tables.tier: removed"]),
        (
            "verdict: deny, title: Nothing allows it",
            "verdict: allow, title: Nothing allows it",
            ["default.verdict: deny -> allow"],
        ),
        ("title: Nothing allows it", "title: None", ["default: changed, and not its verdict"]),
        ("default: narrow", "default: wide", ["switches.reach.default: narrow -> wide"]),
        ("wide: ", "far: ", ["switches.reach.readings: + far, - wide"]),
        ('"It does not"', '"Not so"', ["switches.reach: worded otherwise"]),
        (SWITCH, "", ["switches.reach: removed"]),
        (
            "operations < values.limit\n",
            "operations <= values.limit\n",
            [
                (
                    "define.small: model.training_operations < values.limit -> "
                    "model.training_operations <= values.limit"
                )
            ],
        ),
        ("status: effective", "status: enacted", ["status: changed"]),
        ("summary: A sample.", "summary: Another.", ["summary: changed"]),
        ("title: The law", "title: Another law", ["sources: changed"]),
    ],
)
def test_what_was_changed_is_named(old: str, new: str, found: list[str]) -> None:
    assert changed(old, new) == found


def test_another_beginning_is_named() -> None:
    earlier = PACK.replace("2025-01-01", "2024-01-01")
    later = earlier.replace("{from: 2024-01-01, status", "{from: 2025-01-01, status")
    assert told(earlier, later) == ["begins: 2024-01-01 -> 2025-01-01"]


def test_rows_that_say_the_same_are_told_when_what_is_said_of_them_changed() -> None:
    same = "the same on every day, with other rows: days of knowledge, sources, grades or notes"
    assert changed("place: section 6", "place: section 8") == [f"values.banned: {same}"]
    assert changed("place: list 1", "place: list 3") == [f"tables.tier: {same}"]
    assert changed("place: section 6", "place: section 8", "2025-05-01") == []


def test_a_change_that_comes_and_goes_is_told_for_each_time() -> None:
    row = "    - {{from: {}, value: [{}], cite: {{source: law, place: a}}, grade: V}}\n"
    more = row.format("2025-02-01, until: 2025-03-31", "JP") + row.format("2025-07-01", "JP")
    assert changed(LIST, LIST + more) == [
        "values.banned from 2025-02-01 until 2025-03-31: + JP", "values.banned from 2025-07-01: + JP",
    ]  # fmt: skip


def test_what_else_changes_on_the_way_does_not_part_a_change() -> None:
    """The limit changes in 2026, and the list is another all the time."""
    both = changed("value: [CN, IR]", "value: [CN]")
    assert both == ["values.banned: - IR"]


def test_one_day_alone_may_be_looked_at() -> None:
    assert changed("value: 1.0e26", "value: 5.0e26", "2025-12-31") == []
    assert changed("value: 1.0e26", "value: 5.0e26", "2026-01-01") == ["values.limit: 1e+26 -> 5e+26"]
    later = LARGE + "    from: 2026-01-01\n"
    before, after = PACK.replace(LARGE, ""), PACK.replace(LARGE, later)
    assert told(before, after, "2025-12-31") == []
    assert told(before, after, "2026-01-01") == [
        "rules.large: added, deny from 2026-01-01: Rule large",
    ]
    assert told(before, after, "2020-01-01") == []


def test_values_are_taken_as_they_were_known() -> None:
    late = PACK.replace("2026-01-01, value", "2026-01-01, known: 2026-08-01, value").replace(
        "until: 2025-12-31", "until: 2025-12-31, until_known: 2026-08-01"
    )
    other = late.replace("value: 1.0e26", "value: 5.0e26")
    early = Reading("2026-07-31")
    found = changes(Side(load(late), early), Side(load(other), early), "2026-05-01")
    assert found == []
    assert told(late, other, "2026-05-01") == ["values.limit: 1e+26 -> 5e+26"]


def test_invariants_are_compared_by_their_identifiers() -> None:
    one = "  - {id: a, title: A, at_least: allow}\n"
    two = "  - {id: b, title: B, at_least: allow}\n"
    before = PACK + "invariants:\n" + one
    assert told(before, before + two) == ["invariants: + b"]
    assert told(before, before.replace("title: A,", "title: Other,")) == ["invariants.a: changed"]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (rules(FREE), ["rules.large: removed, deny: Rule large"]),
        (rules(FREE, LARGE.replace("id: large", "id: huge")), ["rules.large: renamed to huge"]),
        (
            rules(FREE, LARGE.replace("large", "huge")),
            ["rules.large: renamed to huge", "rules.huge.title: changed"],
        ),
        (rules(LARGE, FREE), ["rules: in another order"]),
        (
            rules(FREE, LARGE, rule("model.special_purpose", "license_required", "new")),
            ["rules.new: added, license required: Rule new"],
        ),
        (rules(FREE, LARGE.replace("deny", "allow")), ["rules.large.verdict: deny -> allow"]),
        (
            rules(FREE, LARGE.replace("activity: host", "activity: [host, fine_tune]")),
            ["rules.large.activity: + fine_tune"],
        ),
        (
            rules(FREE, LARGE.replace(">= values.limit", "> values.limit")),
            [
                (
                    "rules.large.when: model.training_operations >= values.limit -> "
                    "model.training_operations > values.limit"
                )
            ],
        ),
        (
            rules(FREE, LARGE.replace(">= values.limit", ">=  values.limit")),
            ["rules.large.when: laid out otherwise"],
        ),
        (
            rules(FREE, LARGE + "    unless: model.special_purpose\n    until: 2026-06-30\n"),
            ["rules.large.unless: added, model.special_purpose", "rules.large.until: none -> 2026-06-30"],
        ),
        (rules(FREE, LARGE + "    remedy: Ask.\n"), ["rules.large.remedy: changed"]),
        (
            rules(FREE, LARGE + "    conditions: [{id: report, text: Report.}]\n"),
            ["rules.large.conditions: + report"],
        ),
    ],
)
def test_rules_are_compared_by_their_identifiers(after: str, found: list[str]) -> None:
    assert changed(rules(FREE, LARGE), after) == found


def test_a_condition_that_is_long_is_not_shown() -> None:
    long = " || ".join(["model.special_purpose"] * (LONGEST // 20))
    assert changed("values.limit'", f"values.limit || {long}'") == ["rules.large.when: changed"]
    found = changed(rules(FREE, LARGE), rules(FREE, LARGE + f"    unless: {long}\n"))
    assert found == ["rules.large.unless: added"]


def test_a_change_is_plain_data() -> None:
    (one,) = changes(Side(load(PACK)), Side(load(PACK.replace("value: 1.0e26", "value: 5.0e26"))))
    assert one.to_json() == {
        "part": "values.limit", "change": "1e+26 -> 5e+26", "from": "2026-01-01", "until": None,
    }  # fmt: skip
