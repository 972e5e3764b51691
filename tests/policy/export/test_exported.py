"""What is exported of a pack: which rules, which facts, and when there is nothing to export."""

from __future__ import annotations

import pytest

from tests.policy.export.worlds import pack_text
from tests.policy.samples import HEAD, PLAIN, TABLE, VALUES, load, rule, rules
from weightgate.errors import Exit, PolicyError
from weightgate.policy.cells import OrderedCells
from weightgate.policy.export import Exported, export
from weightgate.policy.ir import And, Const, Contains, IsIn, Less, Not
from weightgate.policy.reading import Reading
from weightgate.policy.verdicts import Verdict

DAY = "2026-06-01"
OPEN = IsIn("model.openness", ("open",))
LICENSE = Contains("operator.authorizations", "LICENSE")


def exported(text: str, day: str = DAY, activity: str = "host") -> Exported:
    return export(load(text), day, activity)


def test_it_says_what_it_is_of() -> None:
    one = exported(PLAIN)
    assert one.title == "sample 1.0.0: A sample"
    assert (one.name, one.day, one.activity, one.status) == ("sample", DAY, "host", "effective")
    assert one.digest == load(PLAIN).source.digest
    assert one.default is Verdict.DENY
    assert [(r.rule.rule.id, r.condition, r.verdict) for r in one.rules] == [("open", OPEN, Verdict.ALLOW)]


def test_a_rule_that_asks_for_a_licence_is_two() -> None:
    one = exported(HEAD + rules(rule('model.openness == "open"', "license_required")))
    assert [(r.condition, r.verdict, r.licensed) for r in one.rules] == [
        (And((OPEN, Not(LICENSE))), Verdict.LICENSE_REQUIRED, False),
        (And((OPEN, LICENSE)), Verdict.ALLOW_WITH_CONDITIONS, True),
    ]
    assert [i.key for i in one.inputs] == ["model.openness", "operator.authorizations"]


def test_a_rule_that_denies_does_not_yield_to_a_licence() -> None:
    one = exported(HEAD + rules(rule("true", "deny")))
    assert [(r.condition, r.verdict) for r in one.rules] == [(Const(True), Verdict.DENY)]
    assert one.inputs == ()


def test_day_and_activity_are_worked_out() -> None:
    text = HEAD + rules(rule('as_of >= "2026-06-01" && activity == "host" && model.openness == "open"'))
    assert exported(text, "2026-06-01").rules[0].condition == OPEN
    assert exported(text, "2026-05-31").rules[0].condition == Const(False)


def test_the_values_are_those_of_the_day() -> None:
    text = HEAD + VALUES + rules(rule("model.training_operations < values.limit"))
    found = {day: exported(text, day).rules[0].condition for day in ("2025-12-31", "2026-01-01")}
    assert found == {
        "2025-12-31": Less("model.training_operations", 1e25),
        "2026-01-01": Less("model.training_operations", 1e26),
    }


def test_numbers_and_days_are_given_by_their_cells() -> None:
    text = HEAD + rules(
        rule('model.finetune_share > 0.25 || model.finetune_share == 0.25 || model.released < "2025-01-01"')
    )
    one = exported(text)
    assert [i.key for i in one.inputs] == ["model.finetune_share.cell", "model.released.cell"]
    assert one.cells == {
        "model.finetune_share": OrderedCells((0.25, 0.25000000000000006)),
        "model.released": OrderedCells(("2025-01-01",)),
    }


def test_instead_of_a_tier_the_countries_are_given_that_it_follows_from() -> None:
    one = exported(HEAD + TABLE + rules(rule("destination.tier == 3 && operator.tier <= 2")))
    assert [i.key for i in one.inputs] == [
        "destination.country",
        "operator.headquarters",
        "operator.ultimate_parent",
    ]
    assert (one.tiers["DE"], one.tiers["CN"], one.tiers["BR"]) == (1, 3, 2)


def test_only_rules_about_the_activity_are_there() -> None:
    text = HEAD + rules(rule("true", name="one"), rule("true", name="two", activity="fine_tune"))
    assert [r.rule.rule.id for r in exported(text, activity="fine_tune").rules] == ["two"]


def test_a_reading_is_taken_over() -> None:
    switch = (
        "switches:\n  broad:\n    title: How broad is it?\n    default: strict\n"
        "    readings: {strict: All of it., lenient: A part of it.}\n"
        "    cites: [{source: law, place: section 9}]\n"
    )
    pack = load(HEAD + switch + rules(rule('switches.broad == "lenient"')))
    assert export(pack, DAY, "host").readings == {"broad": "strict"}
    lenient = export(pack, DAY, "host", Reading(switches={"broad": "lenient"}))
    assert lenient.readings == {"broad": "lenient"}
    assert (export(pack, DAY, "host").rules[0].condition, lenient.rules[0].condition) == (
        Const(False),
        Const(True),
    )


def test_what_became_known_later_is_not_there() -> None:
    row = "value: 1.0e26, cite"
    text = HEAD + VALUES.replace(row, "value: 1.0e26, known: 2026-03-01, cite").replace(
        "until: 2025-12-31,", "until: 2025-12-31, until_known: 2026-03-01,"
    )
    pack = load(text + rules(rule("model.training_operations < values.limit")))
    found = {day: export(pack, DAY, "host", Reading(day)) for day in ("2026-02-28", "2026-03-01")}
    assert {day: (one.rules[0].condition, one.known_at) for day, one in found.items()} == {
        "2026-02-28": (Less("model.training_operations", 1e25), "2026-02-28"),
        "2026-03-01": (Less("model.training_operations", 1e26), "2026-03-01"),
    }
    with pytest.raises(PolicyError) as caught:
        export(pack, DAY, "host", Reading("2024-06-01"))
    assert caught.value.message == f"sample says nothing of {DAY}, as known on 2024-06-01"


@pytest.mark.parametrize(
    ("day", "activity", "message", "hint"),
    [
        (
            "2024-12-31",
            "host",
            "sample says nothing of 2024-12-31",
            "it begins on 2025-01-01: choose a later day",
        ),
        (DAY, "fine_tune", f"sample has no rule about fine_tune on {DAY}", "it is about host"),
    ],
)
def test_nothing_to_export_is_an_error(day: str, activity: str, message: str, hint: str) -> None:
    with pytest.raises(PolicyError) as caught:
        exported(PLAIN, day, activity)
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert (caught.value.code, caught.value.exit) == ("not_applicable", Exit.INPUT)


def test_a_pack_whose_rules_have_all_ended_is_an_error() -> None:
    text = pack_text([("A rule", "true", "allow")]).replace(
        "verdict: allow\n", "verdict: allow\n  until: 2025-06-01\n"
    )
    with pytest.raises(PolicyError) as caught:
        exported(text)
    assert caught.value.hint == "choose another day with --as-of"
