"""Which rules apply, certainly or possibly, and which facts made them."""

from __future__ import annotations

from tests.policy.samples import HEAD, TABLE, compiled, rule, rules
from weightgate.facts.values import Known, Members, OneOf, Unknown, Value, exactly
from weightgate.policy.joint import Component
from weightgate.policy.reasons import Applied, applied, shown
from weightgate.policy.verdicts import Verdict

ALLOW, CONDITIONS, LICENSE, DENY = Verdict
TEXT = HEAD + TABLE + rules(
    rule('destination.tier == 3 && model.openness != "open"', "deny", "far"),
    rule("operator.tier == 2 && model.special_purpose", "license_required", "special"),
    rule("destination.tier <= 2", "allow", "near"),
)  # fmt: skip


def component(place: int = 0, name: str = "p", **known: Value) -> Component:
    span = compiled(TEXT).at("2025-06-01")
    assert span is not None
    values = {"operator.authorizations": exactly()} | {key.replace("__", "."): v for key, v in known.items()}
    return Component(name, place, span.activities["host"], values, span.tiers)


def named(found: list[Applied]) -> list[tuple[str, str, bool, tuple[int, ...]]]:
    return [
        (one.rule.id if one.rule else "default", str(one.verdict), one.certain, one.places) for one in found
    ]


def test_a_rule_that_certainly_applies_and_its_facts() -> None:
    found = applied([component(destination__country=Known("CN"), model__openness=Known("closed"),
                               model__special_purpose=Known(False))], {"p": DENY})  # fmt: skip
    assert named(found) == [("far", "deny", True, (0,))]
    assert found[0].because == (("destination.tier", Known(3)), ("model.openness", Known("closed")))


def test_possible_rules_come_after_certain_ones_of_their_rank() -> None:
    found = applied([component(destination__country=OneOf(("DE", "CN")), model__openness=Known("closed"),
                               model__special_purpose=Known(False))], {"p": DENY})  # fmt: skip
    assert named(found) == [("far", "deny", False, (0,)), ("near", "allow", False, (0,))]
    assert found[0].because[0] == ("destination.tier", OneOf((1, 3)))


def test_the_default_is_a_reason_where_no_rule_applies() -> None:
    found = applied([component(destination__country=Known("CN"), model__openness=Known("open"),
                               model__special_purpose=Known(False))], {"p": DENY})  # fmt: skip
    assert named(found) == [("default", "deny", True, (0,))]
    assert dict(found[0].because)["model.openness"] == Known("open")


def test_what_nothing_is_known_of_is_no_reason() -> None:
    found = applied([component(destination__country=Known("CN"), model__openness=Unknown(),
                               model__special_purpose=Known(False))], {"p": DENY})  # fmt: skip
    far = next(one for one in found if one.rule and one.rule.id == "far")
    assert far.because == (("destination.tier", Known(3)),)
    assert not far.certain


def test_places_where_a_rule_applies_for_the_same_facts_are_joined() -> None:
    asked = [component(place, destination__country=Known("CN"), model__openness=Known("closed"),
                       model__special_purpose=Known(False)) for place in (0, 2)]  # fmt: skip
    other = component(1, destination__country=Known("DE"), model__openness=Known("closed"),
                      model__special_purpose=Known(False))  # fmt: skip
    found = applied([*asked, other], {"p": DENY})
    assert named(found) == [("far", "deny", True, (0, 2)), ("near", "allow", True, (1,))]


def test_both_readings_of_a_rule_that_a_licence_may_lift() -> None:
    possibly: Value = Members(frozenset(), frozenset({"LICENSE"}))
    found = applied([component(destination__country=Known("DE"), operator__tier=Known(2), operator__authorizations=possibly,
                               model__special_purpose=Known(True))], {"p": DENY})  # fmt: skip
    assert named(found) == [
        ("special", "license_required", False, (0,)),
        ("special", "allow_with_conditions", False, (0,)),
        ("near", "allow", True, (0,)),
    ]


def test_a_tier_is_shown_as_it_counts() -> None:
    assert shown(component(destination__country=Known("DE")), "destination.tier") == Known(1)
    assert shown(component(operator__tier=Known(2)), "operator.tier") == Known(2)
    contradicted = component(operator__tier=OneOf((0, 1)), operator__headquarters=Known("CN"))
    assert shown(contradicted, "operator.tier") == OneOf((3, 1))
    assert shown(component(), "model.openness") == Unknown()
