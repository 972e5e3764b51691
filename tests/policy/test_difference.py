"""Two packs compared by meaning."""

from __future__ import annotations

import pytest

from tests.policy.samples import HEAD, TABLE, VALUES, load, rule, rules
from weightgate.policy.days import FOREVER
from weightgate.policy.difference import Difference, Side, differences
from weightgate.policy.reading import Reading
from weightgate.policy.verdicts import SILENT

CLOSED_3 = rule('model.openness != "open" && destination.tier == 3', "deny", "closed-3")
FREE = rule("true", "allow", "free")
BASE = HEAD + TABLE + rules(FREE, CLOSED_3)


def compared(before: str, after: str, day: str = "") -> list[Difference]:
    return differences(Side(load(before)), Side(load(after)), day)


def brief(found: list[Difference]) -> list[tuple[str, str, str]]:
    return [(one.direction, one.before, one.after) for one in found]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            'model.openness != "open" && destination.tier == 3',
            'destination.tier >= 3 && !(model.openness == "open")',
        ),
        ("Rule closed-3", "Said in other words"),
        ("- id: closed-3", "- id: renamed"),
        ("verdict: deny, title: Nothing", "verdict: allow, title: Nothing"),
    ],
)
def test_the_same_in_other_words_does_not_differ(old: str, new: str) -> None:
    assert old in BASE
    assert compared(BASE, BASE.replace(old, new)) == []


def test_a_difference_has_its_direction_rules_and_smallest_example() -> None:
    stricter = BASE.replace("destination.tier == 3", "destination.tier >= 2")
    (one,) = compared(BASE, stricter)
    assert (one.direction, one.before, one.after, one.activity) == ("tightens", "allow", "deny", "host")
    assert (one.start, one.end) == ("2025-01-01", FOREVER)
    assert one.rules == (("free",), ("closed-3",))
    assert one.case() == (
        '- name: "allow became deny, host from 2025-01-01"\n  note: "Before: allow."\n  as_of: 2025-01-01\n'
        "  facts:\n    model.openness: closed\n    destination.country: JP\n  expect: deny\n"
    )
    (back,) = compared(stricter, BASE)
    assert (back.direction, back.before, back.after) == ("loosens", "deny", "allow")


def test_tables_are_compared_by_country() -> None:
    (one,) = compared(BASE, BASE.replace("countries: [CN]", "countries: [CN, BR]"))
    assert one.example is not None
    assert str(one.example.values["destination.country"]) == "Known(value='BR')"


def test_what_loosens_comes_first() -> None:
    both = HEAD + TABLE + rules(FREE, rule("model.special_purpose", "deny", "purpose"))
    assert [direction for direction, _, _ in brief(compared(BASE, both))] == ["loosens", "tightens"]


def test_of_what_loosens_deny_to_allow_comes_first() -> None:
    asks = rule('destination.country == "BR"', "license_required", "asks")
    bars = rule('destination.country == "IN"', "deny", "bars", activity="fine_tune")
    free = rule("true", "allow", "free-too", activity="fine_tune")
    before = HEAD + TABLE + rules(FREE, free, asks, bars)
    found = compared(before, HEAD + TABLE + rules(FREE, free))
    assert [(one.activity, one.before, one.after) for one in found] == [
        ("fine_tune", "deny", "allow"),
        ("host", "license_required", "allow"),
        ("host", "allow_with_conditions", "allow"),
    ]


def test_a_licence_lifts_a_rule_on_both_sides() -> None:
    licensed = BASE.replace("verdict: deny\n", "verdict: license_required\n")
    assert brief(compared(BASE, licensed)) == [
        ("loosens", "deny", "allow_with_conditions"), ("loosens", "deny", "license_required"),
    ]  # fmt: skip


def test_differences_are_told_by_days() -> None:
    pack = HEAD + VALUES + rules(FREE, rule("model.training_operations >= values.limit", "deny", "large"))
    always = pack.replace("value: 1.0e26", "value: 1.0e25")
    (one,) = compared(pack, always)
    assert (one.start, one.end, one.direction) == ("2026-01-01", FOREVER, "tightens")
    assert compared(pack, always, "2025-12-31") == []
    (day,) = compared(pack, always, "2026-05-01")
    assert (day.start, day.end) == ("2026-05-01", "2026-05-01")


PURPOSE = "model.special_purpose"
LARGE = rule("model.training_operations >= values.limit", "license_required", "large")


def test_stretches_that_follow_one_another_are_one_difference() -> None:
    """What else changes on the way, such as the limit here, does not part them."""
    found = compared(
        HEAD + VALUES + rules(FREE, LARGE), HEAD + VALUES + rules(FREE, LARGE, rule(PURPOSE, "deny", "ban"))
    )
    assert [(one.before, one.after, one.start, one.end) for one in found] == [
        (before, "deny", "2025-01-01", FOREVER)
        for before in ("allow", "allow_with_conditions", "license_required")
    ]
    assert [one.example.as_of for one in found if one.example] == ["2025-01-01"] * 3


def test_stretches_of_other_rules_stay_two_differences() -> None:
    bans = (
        rule(PURPOSE, "deny", "early", more="    until: 2025-12-31\n"),
        rule(PURPOSE, "deny", "late", more="    from: 2026-01-01\n"),
    )
    found = compared(HEAD + rules(FREE), HEAD + rules(FREE, *bans))
    assert [(one.start, one.end, one.rules[1]) for one in found] == [
        ("2025-01-01", "2025-12-31", ("early",)), ("2026-01-01", FOREVER, ("late",)),
    ]  # fmt: skip


def test_stretches_apart_from_one_another_stay_two_differences() -> None:
    row = "    - {{from: {}, value: [{}], cite: {{source: law, place: a}}, grade: V}}\n"
    always = row.format("2025-01-01", "CN")
    twice = row.format("2025-01-01, until: 2025-03-31", "JP") + row.format("2025-07-01", "JP")
    listed = rules(FREE, rule("destination.country in values.banned", "deny", "banned"))
    before, after = (HEAD + "values:\n  banned:\n" + rows + listed for rows in (always, always + twice))
    found = compared(before, after)
    assert [(one.start, one.end) for one in found] == [
        ("2025-01-01", "2025-03-31"), ("2025-07-01", FOREVER),
    ]  # fmt: skip


def test_a_rule_about_the_day_itself_is_compared_within_its_days() -> None:
    dated = HEAD + rules(FREE, rule('as_of >= "2026-03-01"', "deny", "later"))
    (one,) = compared(HEAD + rules(FREE), dated)
    assert one.example is not None
    assert one.example.as_of == "2026-03-01"
    assert compared(HEAD + rules(FREE), dated, "2026-02-28") == []
    (that_day,) = compared(HEAD + rules(FREE), dated, "2026-03-01")
    assert that_day.after == "deny"


def test_where_one_says_nothing_the_other_begins_or_ends() -> None:
    tune = HEAD + TABLE + rules(FREE, CLOSED_3, rule("true", "allow", "tune", activity="fine_tune"))
    (begins,) = compared(BASE, tune)
    assert (begins.direction, begins.before, begins.after, begins.rules) == (
        "begins",
        SILENT,
        "allow",
        ((), ("tune",)),
    )
    assert begins.case()
    (ends,) = compared(tune, BASE)
    assert (ends.direction, ends.before, ends.after) == ("ends", "allow", SILENT)
    assert ends.case() == ""
    later = BASE.replace("from: 2025-01-01, status", "from: 2026-01-01, status")
    days = {(one.start, one.end, one.direction) for one in compared(BASE, later)}
    assert days == {("2025-01-01", "2025-12-31", "ends")}


def test_readings_of_one_pack_are_compared_too() -> None:
    text = (
        HEAD
        + "switches:\n  s:\n    title: S?\n    default: strict\n    readings: {strict: Yes., lenient: No.}\n"
        + "    cites: [{source: law, place: s}]\n"
        + rules(FREE, rule('switches.s == "strict" && model.special_purpose', "deny", "strict"))
    )
    pack = load(text)
    (one,) = differences(Side(pack), Side(pack, Reading(switches={"s": "lenient"})))
    assert brief([one]) == [("loosens", "deny", "allow")]
    assert "  set: {s: lenient}\n" in one.case()


def test_the_default_is_named_where_it_decides() -> None:
    (one,) = compared(HEAD + rules(rule("model.special_purpose", "allow", "purpose")), HEAD + rules(FREE))
    assert one.rules == (("default",), ("free",))


def test_facts_that_cannot_be_together_make_no_example() -> None:
    more = rule(
        "model.finetune_share > 0.5 && model.finetune_operations < 1.0 && model.base_operations > 1e20",
        "deny",
        "odd",
    )
    (one,) = compared(HEAD + rules(FREE), HEAD + rules(FREE, more))
    assert one.example is None
    assert one.case() == ""
    assert one.to_json()["case"] is None
