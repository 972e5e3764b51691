from __future__ import annotations

from tests.policy.lint.packs import CLEAN, HEAD, RULES, TABLE, VALUES, rule
from weightgate.policy.diagram import FALSE, TRUE
from weightgate.policy.lint.views import MAX_SHARED, View, looks, readings_of, views, world_of
from weightgate.policy.pack import Pack
from weightgate.policy.source import PackSource

SWITCHES = """\
switches:
  wide: {title: Wide?, default: narrow, readings: {narrow: It is., wide: It is not.}, cites: [{source: law, place: p}]}
  long: {title: Long?, default: short, readings: {short: It is., long: It is not., longer: No.}, cites: [{source: law, place: p}]}
"""
OWN_STATUS = "    status: [{from: 2025-01-01, status: proposed, cite: {source: law, place: p}}]\n"


def load(text: str) -> Pack:
    """The pack, checked."""
    return Pack(PackSource("p.yaml", "p.yaml", text.encode()))


def of(text: str) -> list[View]:
    """The views of a pack."""
    return views(load(text))


def test_a_plain_pack_has_one_view_for_each_activity_with_rules() -> None:
    (one,) = of(CLEAN)
    assert (one.activity, one.day, list(one.rules)) == ("host", "2025-01-01", [0])
    both = of(
        CLEAN + rule('activity == "fine_tune" && model.openness == "closed"', activity="[host, fine_tune]")
    )
    assert [(view.activity, sorted(view.rules)) for view in both] == [("host", [0, 1]), ("fine_tune", [1])]
    assert both[0].rules[1] == FALSE
    assert both[1].rules[1] != FALSE


def test_there_is_a_view_for_each_combination_of_switches() -> None:
    text = HEAD + SWITCHES + RULES
    chosen = [dict(reading.switches) for reading in readings_of(load(text))]
    assert len(chosen) == len(of(text)) == 6
    assert {(one["wide"], one["long"]) for one in chosen} == {
        (wide, long) for wide in ("narrow", "wide") for long in ("short", "long", "longer")
    }


def test_a_pack_with_rules_of_their_own_status_is_also_looked_at_in_force() -> None:
    text = CLEAN + rule('model.openness == "closed"', more=OWN_STATUS)
    written, in_force = of(text)
    assert (written.reading.in_force, sorted(written.rules)) == (False, [0, 1])
    assert (in_force.reading.in_force, sorted(in_force.rules)) == (True, [0])


def test_looks_are_counted_without_being_made() -> None:
    later = VALUES.replace("from: 2025-01-01", "from: 2025-01-01, until: 2025-05-31") + VALUES.splitlines()[
        2
    ].replace("2025-01-01", "2025-06-01")
    text = (
        HEAD
        + SWITCHES
        + later
        + "\n"
        + RULES
        + rule("model.training_operations > values.limit", more=OWN_STATUS)
    )
    assert looks(load(text)) == 6 * 2 * 2 * 2
    assert looks(load(CLEAN)) == 1


def test_conditions_that_mean_the_same_have_one_reference() -> None:
    text = HEAD + TABLE + RULES.replace('model.openness == "open"', "destination.tier == 1")
    text += rule('destination.country == "DE" || destination.country == "US"') + rule(
        "destination.tier <= 1", name="third"
    )
    (one,) = of(text)
    assert one.rules[0] == one.rules[1] == one.rules[2]


def test_days_with_one_table_share_their_nodes() -> None:
    days = [f"2025-{month:02}-01" for month in range(1, 12)]
    rows = "".join(
        f"    - {{from: {day}, value: [owner-{n}], cite: {{source: law, place: p}}, grade: V}}\n"
        for n, day in enumerate(days)
    )
    found = of(
        HEAD + "values:\n  owners:\n" + rows + RULES.replace('openness == "open"', "owner in values.owners")
    )
    assert [view.day for view in found] == days
    assert len({id(view.builder) for view in found[:MAX_SHARED]}) == 1
    assert len({id(view.builder) for view in found}) == 2
    assert len({view.rules[0] for view in found[:MAX_SHARED]}) == MAX_SHARED


def test_another_table_is_another_table_of_nodes() -> None:
    row = TABLE.splitlines(keepends=True)[4]
    ends = TABLE.replace(row, row.replace("2025-01-01", "2025-01-01, until: 2025-04-30"))
    first, second = of(HEAD + ends + RULES + rule("destination.tier == 3"))
    assert (first.day, second.day) == ("2025-01-01", "2025-05-01")
    assert first.builder is not second.builder
    assert (first.rules[1] != FALSE, second.rules[1]) == (True, FALSE)


def test_a_world_is_told_in_few_words() -> None:
    (one,) = of(CLEAN + rule('model.openness == "closed" && !model.special_purpose'))
    assert world_of(one.builder, one.rules[1]) == "model.openness is closed, model.special_purpose is False"
    assert world_of(one.builder, TRUE) == "anything"
    assert world_of(one.builder, FALSE) == ""
