from __future__ import annotations

from math import inf, nextafter

import pytest

from tests.policy.samples import HEAD, TABLE, compiled, rule, rules
from weightgate.facts.registry import FACTS, STANDARDS, Kind
from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, Value, exactly
from weightgate.policy.counterfactual.flips import MAX_MOVES, Flip, flips, merged
from weightgate.policy.counterfactual.moves import (
    MAX_OPTIONS,
    Choice,
    Move,
    Toggle,
    dimension_of,
    edited,
    has_grown,
)
from weightgate.policy.joint import Component, possible
from weightgate.policy.verdicts import Verdict

DAY = "2026-05-01"


def asked(text: str, values: dict[str, Value], place: int = 0, name: str = "sample") -> Component:
    """A pack about a place."""
    span = compiled(text).at(DAY)
    assert span is not None
    return Component(name, place, span.activities["host"], values, span.tiers)


def allowing(*when: str, more: str = "") -> str:
    """A pack that denies where one of the conditions holds."""
    found = [rule(text, "deny", f"r{i}") for i, text in enumerate(when)]
    return HEAD.replace("verdict: deny", "verdict: allow") + more + rules(*found)


def found(component: Component, *facts: str) -> list[Flip]:
    """The flips when each fact is a change of its own."""
    moves = [Move.of([dimension_of(fact, [component])]) for fact in facts]
    return flips([component], [m for m in moves if m.options], possible([component]))


def told(flip: Flip) -> list[tuple[str, Value | Toggle]]:
    """The changes of a flip, the cells of each fact as one."""
    return [(change.fact, merged(change.choices)) for change in flip.changes]


def test_a_number_s_cells_are_ranges_and_touching_ones_are_told_as_one() -> None:
    text = allowing("model.training_operations >= 1e25", "model.training_operations > 1e26")
    (flip,) = found(asked(text, {"model.training_operations": Known(1e24)}), "model.training_operations")
    assert told(flip) == [("model.training_operations", Interval(1e25, None))]
    assert flip.verdict is Verdict.DENY


def test_ranges_that_do_not_touch_are_two_changes() -> None:
    text = allowing("model.finetune_share < 0.1", "model.finetune_share > 0.25")
    component = asked(text, {"model.finetune_share": Known(0.2)})
    shown = [told(flip)[0][1] for flip in found(component, "model.finetune_share")]
    assert shown == [Interval(None, nextafter(0.1, 0.0)), Interval(nextafter(0.25, inf), None)]


def test_names_that_lead_to_the_same_are_one_change() -> None:
    text = allowing(
        'model.openness == "closed"', 'model.openness == "restricted" && destination.country == "CN"'
    )
    values: dict[str, Value] = {"model.openness": Known("open"), "destination.country": Known("CN")}
    (flip,) = found(asked(text, values), "model.openness")
    assert told(flip) == [("model.openness", OneOf(("restricted", "closed")))]


def test_what_only_grows_is_never_proposed_to_shrink() -> None:
    text = allowing("model.training_operations >= 1e26")
    assert found(asked(text, {"model.training_operations": Known(2e26)}), "model.training_operations") == []
    text = allowing("!model.below_published_frontier")
    assert len(found(asked(text, {"model.below_published_frontier": Known(value=False)}),
                     "model.below_published_frontier")) == 1  # fmt: skip
    text = allowing("model.below_published_frontier")
    assert found(asked(text, {"model.below_published_frontier": Known(value=False)}),
                 "model.below_published_frontier") != []  # fmt: skip
    assert found(asked(text, {"model.below_published_frontier": Known(value=True)}),
                 "model.below_published_frontier") == []  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "grown"),
    [
        (Known(1.0), Interval(2.0, None), True),
        (Known(1.0), Interval(None, 0.5), False),
        (Known(1.0), Interval(0.0, 1.0), True),
        (Interval(1.0, None), Interval(0.0, 5.0), False),
        (Interval(1.0, None), Interval(5.0, None), True),
        (Interval(1.0, 4.0), Interval(0.0, 5.0), True),
        (Unknown(), Interval(0.0, 5.0), False),
        (Known(value=False), Known(value=True), True),
        (Known(value=True), Known(value=False), False),
    ],
)
def test_to_grow_is_to_be_able_to_lie_there_whatever_it_is_now(
    before: Value, after: Value, grown: bool
) -> None:
    assert has_grown(before, after) is grown


SECURE = " && ".join(f'"{name}" in operator.security_standards' for name in STANDARDS)


def test_all_members_that_are_needed_are_one_change_and_no_others() -> None:
    text = allowing(f"!({SECURE})")
    component = asked(
        text, {"operator.security_standards": exactly("supp10-14"), "model.openness": Known("open")}
    )
    (flip,) = found(component, "operator.security_standards")
    assert told(flip) == [
        ("operator.security_standards", Toggle(frozenset(STANDARDS) - {"supp10-14"}, frozenset()))
    ]


def test_a_list_gains_or_loses_and_never_both() -> None:
    text = allowing('"a" in model.labels && !("b" in model.labels)')
    component = asked(text, {"model.labels": exactly("a")})
    dimension = dimension_of("model.labels", [component])
    edits = [choice.edit for choice in dimension.choices if isinstance(choice.edit, Toggle)]
    assert len(edits) == len(dimension.choices)
    assert all(not (edit.gains and edit.loses) for edit in edits)
    assert {tuple(sorted(e.gains)) for e in edits} == {(), ("b",)}
    assert {tuple(sorted(e.loses)) for e in edits} == {(), ("a",)}


def test_members_that_stay_as_they_are() -> None:
    text = allowing('"ORDER" in operator.authorizations')
    component = asked(text, {"operator.authorizations": exactly("ORDER")})
    assert dimension_of("operator.authorizations", [component]).choices != ()
    mentioned = dimension_of("operator.authorizations", [component], frozenset({"ORDER", "LICENSE"}))
    assert mentioned.choices == ()


def test_a_list_of_many_members_is_bounded_and_still_offers_them_all() -> None:
    names = [f"label-{i}" for i in range(40)]
    text = allowing("!(" + " && ".join(f'"{name}" in model.labels' for name in names) + ")")
    component = asked(text, {"model.labels": exactly()})
    dimension = dimension_of("model.labels", [component])
    assert len(dimension.choices) <= MAX_OPTIONS
    (flip,) = found(component, "model.labels")
    assert told(flip) == [("model.labels", Toggle(frozenset(names), frozenset()))]


def test_no_more_than_three_moves_are_proposed_together() -> None:
    when = 'model.openness == "open" && model.special_purpose && model.finetune_share > 0.5 && '
    last = 'operator.headquarters == "CN"'
    values: dict[str, Value] = {
        "model.openness": Known("closed"), "model.special_purpose": Known(value=False),
        "model.finetune_share": Known(0.1), "operator.headquarters": Known("DE"),
    }  # fmt: skip
    component = asked(allowing(when + last), values)
    assert found(component, *values) == []
    three = asked(allowing(when + last), values | {"operator.headquarters": Known("CN")})
    (flip,) = found(three, *values)
    assert len(flip.moves) == MAX_MOVES


def test_an_unknown_fact_has_to_agree_in_every_world() -> None:
    text = allowing('model.openness != "open" && operator.headquarters == "CN"')
    values: dict[str, Value] = {"model.openness": Known("open"), "operator.headquarters": Unknown()}
    component = asked(text, values)
    assert found(component, "model.openness") == []
    (flip,) = found(component, "model.openness", "operator.headquarters")
    assert [fact for fact, _ in told(flip)] == ["model.openness", "operator.headquarters"]


def test_to_learn_what_is_unknown_is_no_flip_and_nothing_larger_is_either() -> None:
    text = allowing('operator.headquarters == "CN"', 'model.openness == "open" && model.openness == "closed"')
    component = asked(text, {"operator.headquarters": Unknown(), "model.openness": Known("open")})
    assert found(component, "operator.headquarters", "model.openness") == []


def test_two_packs_that_turn_on_one_unknown_fact_agree() -> None:
    first = asked(allowing('model.openness == "open" || operator.headquarters == "CN"'), {
        "model.openness": Known("closed"), "operator.headquarters": Unknown(),
    })  # fmt: skip
    second = Component(
        "other", 0, asked(allowing('operator.headquarters != "CN" && model.special_purpose'), {}).rules,
        {"model.special_purpose": Known(value=False), "operator.headquarters": Unknown()}, {},
    )  # fmt: skip
    move = Move.of([dimension_of("model.special_purpose", [first, second])])
    (flip,) = flips([first, second], [move], possible([first, second]))
    # Whether the headquarters are in China or not, one of the two denies.
    assert (flip.verdict, told(flip)) == (Verdict.DENY, [("model.special_purpose", Known(value=True))])


def test_a_declared_tier_goes_with_the_countries_that_it_was_declared_for() -> None:
    text = allowing("operator.tier == 3", more=TABLE)
    component = asked(text, {"operator.tier": Known(3)})
    moved = edited(component, [("operator.headquarters", Known("DE"))])
    assert "operator.tier" not in moved.values
    both = [("operator.headquarters", Known("DE")), ("operator.ultimate_parent", Known("US"))]
    assert possible([edited(component, both)]) == (Verdict.ALLOW,)


def test_a_move_leaves_out_what_facts_cannot_take_together() -> None:
    text = allowing("model.finetune_share > 0.5", "model.finetune_operations > 1e25")
    component = asked(text, {"model.finetune_share": Known(0.1), "model.finetune_operations": Known(1e24)})
    dimensions = [dimension_of(f, [component]) for f in ("model.finetune_share", "model.finetune_operations")]
    assert len(Move.of(dimensions).options) == 3
    assert len(Move.of(dimensions, feasible=lambda values: len(values) == 2).options) == 1


def test_a_fact_that_no_pack_asks_for_cannot_be_told_to_change() -> None:
    component = asked(allowing("model.special_purpose"), {})
    assert dimension_of("model.openness", [component]).choices == ()
    assert Move.of([dimension_of("model.openness", [component])]).options == ()


def test_what_a_list_is_not_known_to_hold_is_all_possible() -> None:
    component = asked(allowing('"a" in model.labels'), {})
    (moved,) = [edited(component, [("model.labels", Toggle(frozenset({"a"}), frozenset()))])]
    assert moved.values["model.labels"] == Members(frozenset({"a"}), frozenset({"a"}))


def test_only_the_verdict_asked_for_is_looked_for() -> None:
    text = HEAD + rules(
        rule('model.openness == "open"'), rule("model.special_purpose", "license_required", "b")
    )
    values: dict[str, Value] = {"model.openness": Known("closed"), "model.special_purpose": Known(value=False),
                                "operator.authorizations": exactly()}  # fmt: skip
    component = asked(text, values)
    moves = [Move.of([dimension_of(f, [component])]) for f in values]
    every = flips([component], moves, possible([component]))
    assert {f.verdict for f in every} == {
        Verdict.ALLOW,
        Verdict.ALLOW_WITH_CONDITIONS,
        Verdict.LICENSE_REQUIRED,
    }
    only = flips([component], moves, possible([component]), Verdict.ALLOW)
    assert only == [f for f in every if f.verdict is Verdict.ALLOW]


def test_a_choice_covers_every_name_in_its_cell() -> None:
    assert merged((Choice(Known("a"), ("a", "b")), Choice(Known("c"), ("c",)))) == OneOf(("a", "b", "c"))


def test_the_facts_table_says_of_each_fact_what_changes_it() -> None:
    changing = {name for name, spec in FACTS.items() if spec.change}
    assert changing.isdisjoint({"as_of", "activity", "model.base_operations", "model.base_openness", "model.base",
                                "model.parameters", "model.license", "model.labels", "destination.tier"})  # fmt: skip
    assert {n for n, s in FACTS.items() if s.only_grows} == {
        "model.training_operations", "model.below_published_frontier",
    }  # fmt: skip
    assert all(s.change for n, s in FACTS.items() if s.only_grows)
    assert all(s.kind in (Kind.NUMBER, Kind.BOOL) for n, s in FACTS.items() if s.only_grows)
