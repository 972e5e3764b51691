from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.lint.packs import CLEAN, HEAD, RULES, TABLE, found, linted, only, place, rule

ALLOWING = HEAD.replace("verdict: deny", "verdict: allow")
"""A pack that allows unless a rule says otherwise."""

SWITCHES = """\
switches:
  wide:
    title: Wide or narrow?
    default: narrow
    readings: {narrow: It is narrow., wide: It is wide.}
    cites: [{source: law, place: p}]
"""


def test_a_condition_that_is_never_true(tmp_path: Path) -> None:
    text = CLEAN + rule('model.openness == "closed" && model.openness == "restricted"')
    one = only(tmp_path, text)
    assert (one.code, one.rule) == ("never_true", "second")
    assert one.message == "the condition of second is never true"
    assert one.where.endswith(":" + place(text, '\'model.openness == "closed"'))


def test_a_condition_that_contradicts_the_table_is_never_true(tmp_path: Path) -> None:
    text = HEAD + TABLE + RULES + rule('destination.tier == 3 && destination.country == "DE"')
    assert found(tmp_path, text) == [("never_true", place(text, "'destination.tier"))]


def test_a_condition_that_is_true_in_one_reading_is_not_never_true(tmp_path: Path) -> None:
    text = HEAD + SWITCHES + RULES + rule('switches.wide == "wide" && model.openness == "closed"')
    reading = "- {name: wide, set: {wide: wide}, facts: {model.openness: closed}, expect: allow}\n"
    assert (
        found(tmp_path, text, reading + "- {name: o, facts: {model.openness: open}, expect: allow}\n") == []
    )


def test_a_condition_that_is_true_on_earlier_days_is_not_never_true(tmp_path: Path) -> None:
    row = TABLE.splitlines(keepends=True)[4]
    ends = TABLE.replace(row, row.replace("2025-01-01", "2025-01-01, until: 2025-04-30"))
    text = HEAD + ends + RULES + rule("destination.tier == 3")
    early = "- {name: e, as_of: 2025-02-01, facts: {destination.country: CN}, expect: allow}\n"
    assert found(tmp_path, text, early + "- {name: o, facts: {model.openness: open}, expect: allow}\n") == []


def test_a_rule_that_ends_before_the_pack_begins(tmp_path: Path) -> None:
    text = CLEAN + rule('model.openness == "closed"', more="    until: 2024-12-31\n")
    one = only(tmp_path, text)
    assert (one.code, one.message) == (
        "never_true", "second is in force on no day since the pack begins, on 2025-01-01",
    )  # fmt: skip
    assert one.where.endswith(":" + place(text, "second"))


def test_an_activity_for_which_a_condition_is_never_true_is_worth_a_note(tmp_path: Path) -> None:
    text = CLEAN.replace("activity: host", "activity: [host, fine_tune]").replace(
        'when: model.openness == "open"', 'when: \'activity == "host" && model.openness == "open"\''
    )
    one = only(tmp_path, text)
    assert (one.code, one.severity) == ("idle_activity", "note")
    assert one.message == "the condition of open is never true for fine_tune"
    assert one.where.endswith(":" + place(text, "fine_tune"))


def test_a_rule_that_a_stricter_one_always_overrules(tmp_path: Path) -> None:
    loose = rule('model.openness == "closed" && model.special_purpose', "allow_with_conditions", "loose")
    text = ALLOWING + "rules:\n" + rule('model.openness == "closed"', "deny") + loose
    one = only(tmp_path, text)
    assert (one.code, one.severity, one.rule) == ("always_overruled", "warning", "loose")
    assert one.message == "wherever loose applies, a rule stricter than allow_with_conditions applies too"
    assert one.where.endswith(":" + place(text, "allow_with"))


def test_a_rule_that_asks_for_a_licence_is_not_overruled_where_one_lifts_it(tmp_path: Path) -> None:
    """A licence turns license_required into allow_with_conditions, which stands beside an allowance."""
    asks = rule('model.openness == "closed"', "license_required")
    allows = rule('model.openness == "closed"', "allow", "allows")
    text = HEAD + "rules:\n" + asks + allows
    assert found(tmp_path, text) == [("always_overruled", place(text, "allow\n"))]


def test_a_rule_that_is_overruled_in_one_reading_only_is_no_finding(tmp_path: Path) -> None:
    strict = rule('model.openness == "closed" && switches.wide == "narrow"', "deny")
    text = (
        ALLOWING
        + SWITCHES
        + "rules:\n"
        + strict
        + rule('model.openness == "closed"', "license_required", "loose")
    )
    cases = (
        "- {name: n, facts: {model.openness: closed, operator.authorizations: []}, expect: deny}\n"
        "- {name: w, set: {wide: wide}, facts: {model.openness: closed}, expect: deny}\n"
    )
    assert found(tmp_path, text, cases) == []


def test_a_rule_that_is_overruled_as_written_and_not_in_force_is_no_finding(tmp_path: Path) -> None:
    proposed = "    status: [{from: 2025-01-01, status: proposed, cite: {source: law, place: p}}]\n"
    strict = rule('model.openness == "closed"', "deny", more=proposed)
    text = (
        ALLOWING + "rules:\n" + strict + rule('model.openness == "closed"', "allow_with_conditions", "loose")
    )
    assert found(tmp_path, text) == []


def test_a_rule_that_says_what_the_default_says_is_kept_for_its_reasons(tmp_path: Path) -> None:
    text = CLEAN + rule('model.openness == "closed"', "deny")
    one = only(tmp_path, text)
    assert (one.code, one.severity, one.rule) == ("kept_for_its_reasons", "note", "second")
    assert one.message == "without second every verdict would be the same"
    assert one.where.endswith(":" + place(text, "second"))


def test_a_rule_of_the_defaults_verdict_that_stops_a_looser_one_matters(tmp_path: Path) -> None:
    text = CLEAN + rule("model.special_purpose", "deny")
    assert found(tmp_path, text) == []


def test_a_rule_that_others_cover_together_is_kept_for_its_reasons(tmp_path: Path) -> None:
    text = (
        CLEAN
        + rule('model.openness == "closed"', name="closed")
        + rule('model.openness != "restricted"', name="both", activity="host")
    )
    codes = [(one.code, one.rule) for one in linted(tmp_path, text)]
    assert codes == [
        ("contained_rule", "open"),
        ("contained_rule", "closed"),
        ("kept_for_its_reasons", "both"),
    ]


def test_two_rules_that_say_the_same(tmp_path: Path) -> None:
    text = CLEAN + rule('!(model.openness != "open")')
    one = only(tmp_path, text)
    assert (one.code, one.severity, one.rule) == ("same_rule", "warning", "second")
    assert one.message.startswith("second says the same as open, at ")
    assert one.message.endswith(place(text, "open\n    title"))
    assert one.where.endswith(":" + place(text, "second"))


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        (rule('model.openness == "open"', activity="fine_tune"), []),
        (rule('model.openness == "open"', "deny"), ["always_overruled"]),
        (
            rule('model.openness == "open"', more="    from: 2025-01-02\n    known: 2025-01-01\n"),
            ["contained_rule"],
        ),
    ],
)
def test_another_activity_verdict_or_day_is_not_the_same(
    tmp_path: Path, other: str, codes: list[str]
) -> None:
    assert [code for code, _ in found(tmp_path, CLEAN + other)] == codes


def test_rules_with_conditions_of_their_own_do_not_say_the_same(tmp_path: Path) -> None:
    one = rule('model.openness == "closed"', "allow_with_conditions")
    other = rule('model.openness == "closed"', "allow_with_conditions", "third")
    assert [code for code, _ in found(tmp_path, CLEAN + one + other)] == ["contained_rule"] * 2


def test_a_rule_within_another_of_the_same_verdict_is_worth_a_note(tmp_path: Path) -> None:
    text = CLEAN + rule('model.openness == "open" && model.special_purpose')
    one = only(tmp_path, text)
    assert (one.code, one.severity, one.rule) == ("contained_rule", "note", "second")
    assert one.message == "wherever second applies, open says allow too"
    assert one.where.endswith(":" + place(text, "'model.openness"))


def test_a_rule_within_another_in_one_reading_only_matters(tmp_path: Path) -> None:
    wide = rule('model.openness == "closed" || switches.wide == "wide"', name="wide")
    text = HEAD + SWITCHES + "rules:\n" + wide + rule('model.openness == "open"')
    assert found(tmp_path, text) == []


def test_a_rule_that_does_not_yield_to_a_licence(tmp_path: Path) -> None:
    asks = rule(
        'model.openness == "closed" && model.special_purpose && !("LICENSE" in operator.authorizations)',
        "license_required",
    )
    text = CLEAN + asks
    one, other = linted(tmp_path, text)
    assert (one.code, other.code) == ("license_by_name", "not_lifted")
    assert other.rule == "second"
    assert other.message == (
        "second asks for a licence, and with one the verdict is no looser, where model.openness is closed, "
        "model.special_purpose is True"
    )
    assert other.where.endswith(":" + place(text, "license_required"))


def test_a_rule_that_tests_for_a_licence_and_yields_all_the_same(tmp_path: Path) -> None:
    asks = rule('model.openness == "closed" && !("LICENSE" in operator.authorizations)', "license_required")
    held = rule('model.openness == "closed"', "allow_with_conditions", "held")
    assert [code for code, _ in found(tmp_path, CLEAN + asks + held)] == ["license_by_name"]


def test_a_default_never_yields_to_a_licence(tmp_path: Path) -> None:
    text = CLEAN.replace("verdict: deny", "verdict: license_required")
    one = only(tmp_path, text)
    assert (one.code, one.rule) == ("not_lifted", "")
    assert one.message.startswith(
        "the default asks for a licence, and with one the verdict is no looser, where "
    )
    assert one.where.endswith(":" + place(text, "license_required"))


def test_a_default_that_asks_for_a_licence_and_never_stands(tmp_path: Path) -> None:
    every = rule('model.openness != "open"', "license_required")
    text = CLEAN.replace("verdict: deny", "verdict: license_required") + every
    assert found(tmp_path, text) == []


SHARES = """\
values:
  share: [{from: 2025-01-01, value: 1/4, unit: ratio, cite: {source: law, place: p}, grade: V}]
  most: [{from: 2025-01-01, value: 1.0e25, cite: {source: law, place: p}, grade: V}]
"""
SHARE_CASES = (
    "- {name: o, facts: {model.openness: open}, expect: allow}\n"
    "- name: t\n  expect: allow\n"
    "  facts: {model.finetune_operations: 1.0e20, model.base_operations: 1.0e24, model.training_operations: 1.0e24}\n"
)


@pytest.mark.parametrize(
    ("when", "more", "beside"),
    [
        (
            "model.finetune_share < values.share && model.base_operations < values.most",
            "",
            "model.base_operations",
        ),
        (
            "model.finetune_operations < values.most && model.finetune_share < values.share",
            "    unless: model.base_operations > values.most\n",
            "model.finetune_operations and model.base_operations",
        ),
        ("model.finetune_share < values.share && small", "", "model.finetune_operations"),
    ],
)
def test_a_ratio_beside_its_parts(tmp_path: Path, when: str, more: str, beside: str) -> None:
    define = "define:\n  small: model.finetune_operations < values.most\n" if "small" in when else ""
    text = HEAD + SHARES + define + RULES + rule(when, more=more)
    one = only(tmp_path, text, SHARE_CASES)
    assert (one.code, one.rule) == ("ratio_beside_parts", "second")
    assert one.message == f"second compares model.finetune_share beside {beside}"
    assert one.where.endswith(":" + place(text, f"'{when}"))


def test_a_ratio_beside_other_numbers_or_its_parts_in_another_rule(tmp_path: Path) -> None:
    ratio = rule("model.finetune_share < values.share && model.training_operations < values.most")
    parts = rule("model.finetune_operations < values.most", name="third")
    assert found(tmp_path, HEAD + SHARES + RULES + ratio + parts, SHARE_CASES) == []


def test_a_tier_beside_its_countries_is_linked_by_the_diagram(tmp_path: Path) -> None:
    text = HEAD + TABLE + RULES + rule('destination.tier == 1 && destination.country != "US"')
    assert found(tmp_path, text) == []
