"""What a pack must be to load, and that each fault is shown with file, line and column."""

from __future__ import annotations

import pytest

from tests.policy.samples import HEAD, PLAIN, RULES, TABLE, VALUES, load, place_of, refused, rule, rules
from weightgate.errors import Exit
from weightgate.policy.dated import in_force
from weightgate.policy.ir import IsIn, Not

CITES = "    cites: [{source: law, place: section 9}]\n"
TIER = "when: 'destination.tier == 3'"


def test_a_plain_pack_loads() -> None:
    pack = load(PLAIN)
    assert pack.begins == "2025-01-01"
    assert tuple((s.start, s.end) for s in pack.standings) == (("2025-01-01", "9999-12-31"),)
    standing = pack.at("2025-01-01")
    assert standing is not None
    assert [r.condition for r in standing.rules] == [IsIn("model.openness", ("open",))]
    assert standing.tiers == {}
    assert pack.at("2024-12-31") is None


@pytest.mark.parametrize(
    ("text", "needle", "message", "code"),
    [
        (HEAD.replace("version: 1.0.0\n", "") + RULES, "schema: weightgate", "version: Field required", "pack_schema"),
        (PLAIN.replace("version: 1.0.0", "version: 1.0"), "1.0\n", "version: Input should be", "pack_schema"),
        (PLAIN.replace("name: sample", "name: A Sample"), "A Sample", "name: String should match", "pack_schema"),
        (PLAIN + "extra: 77\n", "77", "extra: Extra inputs are not permitted", "pack_schema"),
        (PLAIN.replace("pack/v1", "pack/v2"), "weightgate/pack/v2", "schema: Input should be", "pack_schema"),
        (PLAIN.replace("verdict: allow\n", "verdict: maybe\n"), "maybe", "rules.0.verdict", "pack_schema"),
        (PLAIN.replace("activity: host", "activity: hosting"), "hosting", "rules.0.activity.0", "pack_schema"),
        (PLAIN.replace("2025-01-01", "2025-02-30"), "2025-02-30", "'2025-02-30' is not a day", "pack_schema"),
        (PLAIN.replace("section 5}", "section 5, x: 77}"), "77}", "rules.0.cites.0.x: Extra", "pack_schema"),
        (HEAD + TABLE.replace("[CN]", "[UK]") + RULES, "UK", "'UK' is not a country code", "pack_schema"),
        (HEAD + TABLE.replace("[CN]", "[cn]") + RULES, "cn", "write CN in capitals", "pack_schema"),
        (HEAD + TABLE.replace(", grade: V}\n      - {value: 3", "}\n      - {value: 3") + RULES,
         "{value: 1", "tables.tier.rows.0.grade: Field required", "pack_schema"),
        (HEAD + TABLE.replace("    otherwise", "    other") + RULES, "rows:", "tables.tier.otherwise", "pack_schema"),
        (HEAD + VALUES.replace(", cite: {source: law, place: section 4}", "", 1) + RULES,
         "{from: 2025-01-01, until", "values.limit.0.cite: Field required", "pack_schema"),
        (PLAIN.replace("section 5", '""'), '""', "rules.0.cites.0.place", "pack_schema"),
        (HEAD + "rules: []\n", "[]\n", "rules: List should have at least 1 item", "pack_schema"),
        (PLAIN.replace("{source: law, place: section 5}", "{source: lore, place: section 5}"),
         "lore", "no source is called 'lore'", "policy"),
        (PLAIN.replace("{source: law, place: section 1}", "{source: lore, place: section 1}"),
         "lore", "no source is called 'lore'", "policy"),
        (HEAD + TABLE.replace("{source: law, place: section 3}", "{source: lore, place: x}") + RULES,
         "lore", "no source is called 'lore'", "policy"),
        (HEAD + VALUES.replace("law", "lore") + RULES, "lore", "no source is called 'lore'", "policy"),
        (HEAD + rules(rule("true", name="second-place"), rule("true", name="x")).replace("id: x", "id:  second-place"), "second-place\n    title: Rule x", "rule 'second-place' is there twice", "policy"),
        (HEAD + rules(rule("true", name="default")), "default\n", "'default' stands for where no rule applies", "policy"),
        (HEAD + rules(rule("true", more="    from: 2026-01-01\n    until: 2025-12-31\n")),
         "2025-12-31", "rule 'first' ends on 2025-12-31, before it begins", "policy"),
        (HEAD + VALUES + "define:\n  limit: 'true'\n" + RULES, "'true'", "'limit' is both a value and", "policy"),
        (HEAD + VALUES.replace("2025-12-31", "2025-12-30") + RULES, "- {from: 2025-01-01, until",
         "limit has no value on 2025-12-31", "policy"),
        (HEAD + VALUES.replace("2025-12-31", "2026-01-01") + RULES, "{from: 2026-01-01",
         "limit has two values on 2026-01-01", "policy"),
        (HEAD + VALUES.replace("{from: 2025-01-01", "{from: 2025-01-02") + RULES, "- {from: 2025-01-02",
         "limit has no value on 2025-01-01", "policy"),
        (HEAD + VALUES.replace("until: 2025-12-31", "until: 2024-12-31") + RULES, "2024-12-31",
         "the row ends on 2024-12-31, before it begins", "policy"),
        (HEAD + TABLE.replace("from: 2025-01-01, countries: [CN]",
                              "from: 2025-01-01, until: 2024-06-30, countries: [CN]") + RULES,
         "2024-06-30", "the row ends on 2024-06-30, before it begins", "policy"),
        (HEAD + TABLE.replace("[CN]", "[CN, US]") + RULES, "US], cite: {source: law, place: list 2}",
         "US has two tiers on 2025-01-01", "policy"),
        (HEAD + rules(rule("destination.tier == 3")), "'destination.tier", "the pack has no table tier", "policy"),
        (HEAD + rules(rule("true", more="    unless: operator.tier == 3\n")), "'true'",
         "operator.tier is used and the pack has no table tier", "policy"),
        (HEAD.replace("cites: [{source: law, place: section 2}]", "cites: []") + RULES, "[]}", "default.cites", "pack_schema"),
        (PLAIN.replace("default: {verdict: deny", "default: {verdict: allow_with_conditions"), "allow_with_conditions",
         "the default allows with conditions and names none", "policy"),
        (PLAIN.replace("status:\n", "status:\n  - {from: 2025-01-01, status: announced, cite: {source: law, place: p}}\n"),
         "2025-01-01, status: effective", "two statuses begin on 2025-01-01", "policy"),
        (PLAIN.replace("version: 1.0.0", "version: &v 1.0.0"), "&v", "anchor &v is refused", "yaml"),
        (PLAIN + "name: again\n", "name: again", "key 'name' is there twice", "yaml"),
        ("- a list\n", "- a list", "not a policy pack: the document is no mapping", "pack_schema"),
    ],
)  # fmt: skip
def test_a_fault_is_shown_in_its_place(text: str, needle: str, message: str, code: str) -> None:
    error = refused(text)
    assert message in error.message
    assert error.where == place_of(text, needle)
    assert (error.exit, error.code) == (Exit.INPUT, code)


def test_an_empty_file_and_one_that_is_not_utf8() -> None:
    assert "no mapping" in refused("").message
    from weightgate.errors import PolicyError
    from weightgate.policy.pack import Pack
    from weightgate.policy.source import PackSource

    with pytest.raises(PolicyError, match="not UTF-8"):
        Pack(PackSource("p.yaml", "p.yaml", b"\xff\xfe"))


def test_conditions_must_be_named_where_the_verdict_has_some() -> None:
    entry = rule("true", "allow_with_conditions").replace(
        "    conditions: [{id: report, text: Report.}]\n", ""
    )
    assert "allows with conditions and names none" in refused(HEAD + rules(entry)).message


def test_spans_are_cut_where_anything_changes() -> None:
    later = rule("true", more="    from: 2025-06-01\n    until: 2025-06-30\n")
    pack = load(HEAD + VALUES + rules(later))
    assert tuple((s.start, s.end) for s in pack.standings) == (
        ("2025-01-01", "2025-05-31"),
        ("2025-06-01", "2025-06-30"),
        ("2025-07-01", "2025-12-31"),
        ("2026-01-01", "9999-12-31"),
    )
    days = ["2025-05-31", "2025-06-01", "2025-06-30", "2025-07-01", "2025-12-31", "2026-01-01"]
    standings = [pack.at(day) for day in days]
    assert [len(s.rules) if s else None for s in standings] == [0, 1, 1, 0, 0, 0]
    assert [s.values["limit"] if s else None for s in standings] == [1e25, 1e25, 1e25, 1e25, 1e25, 1e26]


def test_a_rule_from_before_the_pack_begins_is_there_from_its_first_day() -> None:
    pack = load(HEAD + rules(rule("true", more="    from: 2020-01-01\n")))
    assert pack.standings[0].start == "2025-01-01"
    standing = pack.at("2025-01-01")
    assert standing is not None
    assert len(standing.rules) == 1


def test_a_table_is_total_and_follows_its_dates() -> None:
    table = TABLE.replace("countries: [CN]", "until: 2025-03-31, countries: [CN]")
    pack = load(HEAD + table + rules(rule("destination.tier == 3")))
    before, after = pack.at("2025-03-31"), pack.at("2025-04-01")
    assert before is not None
    assert after is not None
    assert (before.tiers["CN"], after.tiers["CN"]) == (3, 2)
    assert before.tiers["XK"] == 2
    assert before.tiers["DE"] == 1
    assert len(before.tiers) == 250


def test_unless_takes_away() -> None:
    pack = load(HEAD + rules(rule("model.special_purpose", more='    unless: model.openness == "open"\n')))
    condition = pack.standings[0].rules[0].condition
    from weightgate.policy.ir import holds

    assert holds(condition, {"model.special_purpose": True, "model.openness": "closed"})
    assert not holds(condition, {"model.special_purpose": True, "model.openness": "open"})


def test_definitions_may_use_those_before_them_only() -> None:
    good = 'define:\n  a: model.special_purpose\n  b: "!a"\n' + rules(rule("b"))
    assert load(HEAD + good).standings[0].rules[0].condition == Not(IsIn("model.special_purpose", (True,)))
    bad = HEAD + 'define:\n  b: "!a"\n  a: model.special_purpose\n' + rules(rule("b"))
    assert refused(bad).message == "unknown fact 'a'"
    assert refused(bad).where == place_of(bad, 'a"\n  a:')
    cycle = HEAD + "define:\n  a: a\n" + rules(rule("a"))
    assert refused(cycle).message == "unknown fact 'a'"


def test_both_ends_of_a_row_are_inside() -> None:
    row = load(HEAD + VALUES + RULES).document.values["limit"][0]
    assert [in_force(row, day) for day in ("2024-12-31", "2025-01-01", "2025-12-31", "2026-01-01")] == [
        False, True, True, False,
    ]  # fmt: skip
