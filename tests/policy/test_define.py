"""The definition on cases small enough to count the worlds by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.property.strategies import SCOPE
from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, Value, exactly
from weightgate.policy.cel import compile_condition
from weightgate.policy.define import Part, Ruling, define, verdict_in, worlds
from weightgate.policy.verdicts import Verdict

ALLOW, CONDITIONS, LICENSE, DENY = Verdict
TIERS = dict.fromkeys(["DE", "AE", "CN", "FR"], 2)
NOBODY: Value = exactly()


def part(
    *rules: tuple[str, Verdict], default: Verdict = DENY, place: int = 0, pack: str = "p", **known: Value
) -> Part:
    from weightgate.facts.registry import FACTS

    tiers = dict.fromkeys(FACTS["destination.country"].domain, 2) | {"DE": 1, "CN": 3}
    values = {"operator.authorizations": NOBODY} | {key.replace("__", "."): v for key, v in known.items()}
    rulings = [Ruling(compile_condition(text, SCOPE), verdict) for text, verdict in rules]
    return Part(place, rulings, default, tiers, values, pack)


@pytest.mark.parametrize(
    ("text", "known", "count"),
    [
        ("model.special_purpose", {}, 2),
        ("model.special_purpose", {"model__special_purpose": Known(True)}, 1),
        ('model.openness == "open"', {}, 3),
        ('model.openness == "open"', {"model__openness": OneOf(("open", "closed"))}, 2),
        ('model.license == "mit"', {}, 2),
        ("model.parameters > 5.0", {}, 3),
        ("model.parameters > 0.0", {}, 2),
        ("model.parameters > 5.0", {"model__parameters": Interval(5.0, None)}, 2),
        ("model.parameters > 5.0", {"model__parameters": Interval(1.0, 2.0)}, 2),
        ("destination.tier == 1", {}, 3),
        ("operator.tier == 1", {}, 9),
        ("operator.tier == 1", {"operator__headquarters": Known("DE")}, 3),
        ('"a" in model.labels || "b" in model.labels', {}, 4),
        ('"a" in model.labels', {"model__labels": Members(frozenset("x"), frozenset("xa"))}, 2),
        ("true", {}, 1),
    ],
)
def test_how_many_worlds_differ(text: str, known: dict[str, Value], count: int) -> None:
    one = part((text, ALLOW))
    values = {**one.values, **{key.replace("__", "."): value for key, value in known.items()}}
    assert len(list(worlds([replace(one, values=values)]))) == count


def test_a_threshold_is_met_from_both_sides() -> None:
    above = math.nextafter(1e26, math.inf)
    values = {
        w["model.training_operations", -1, ""]
        for w in worlds([part(("model.training_operations > 1e26", DENY))])
    }
    assert {1e26, above} <= values
    assert define(
        [part(("model.training_operations > 1e26", LICENSE), model__training_operations=Known(1e26))]
    ) == {DENY}
    assert define(
        [part(("model.training_operations > 1e26", LICENSE), model__training_operations=Known(above))]
    ) == {LICENSE}


def test_the_most_restrictive_rule_else_the_default() -> None:
    rules = (("model.special_purpose", DENY), ("true", ALLOW))
    assert define([part(*rules, model__special_purpose=Known(False))]) == {ALLOW}
    assert define([part(*rules)]) == {ALLOW, DENY}
    assert define([part(("false", ALLOW), default=LICENSE)]) == {LICENSE}


def test_a_licence_lifts_a_rule_and_nothing_else() -> None:
    held = exactly("LICENSE")
    assert define([part(("true", LICENSE), operator__authorizations=held)]) == {CONDITIONS}
    assert define([part(("true", DENY), operator__authorizations=held)]) == {DENY}
    assert define([part(("false", ALLOW), default=LICENSE, operator__authorizations=held)]) == {LICENSE}
    assert define([part(("true", LICENSE), operator__authorizations=Unknown())]) == {CONDITIONS, LICENSE}


def test_parts_share_the_world() -> None:
    opened, closed = part(('model.openness == "open"', ALLOW)), part(('model.openness != "open"', ALLOW))
    assert define([opened]) == define([closed]) == {ALLOW, DENY}
    assert define([opened, closed]) == {DENY}


def test_places_have_facts_of_their_own() -> None:
    rules = (("destination.tier == 1", ALLOW),)
    here, there = (part(*rules, place=p, destination__country=Known(c)) for p, c in ((0, "DE"), (1, "CN")))
    assert define([here]) == {ALLOW}
    assert define([here, there]) == {DENY}
    (world,) = worlds([here, there])
    assert (verdict_in(here, world), verdict_in(there, world)) == (ALLOW, DENY)


def test_a_declared_tier_is_one_pack_s() -> None:
    declared = OneOf((2, 3))
    a = part(("operator.tier == 2", ALLOW), pack="a", operator__tier=declared)
    b = part(("operator.tier == 3", ALLOW), pack="b", operator__tier=declared)
    assert define([a, b]) == {ALLOW, DENY}
    same = part(("operator.tier == 3", ALLOW), pack="a", operator__tier=declared)
    assert define([a, same]) == {DENY}


def test_a_pack_without_a_table_beside_one_with() -> None:
    tiered = part(("operator.tier == 1", ALLOW), pack="a", operator__headquarters=Known("DE"),
                  operator__ultimate_parent=Known("DE"))  # fmt: skip
    plain = Part(0, [Ruling(compile_condition("true", SCOPE), ALLOW)], DENY, {}, tiered.values, "b")
    assert define([tiered, plain]) == {ALLOW}


def test_of_no_pack_there_is_no_verdict() -> None:
    with pytest.raises(ValueError, match="empty"):
        define([])
