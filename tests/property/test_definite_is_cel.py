"""holds(lower(text), world) = CEL(text, world): the official evaluator is the oracle on definite facts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hypothesis import given, settings

from tests.policy.worlds import members_world
from tests.property.strategies import SCOPE, RandomPack, condition_texts, definite, packs, part
from weightgate.facts.registry import FACTS
from weightgate.facts.values import Known, Members, Value
from weightgate.policy.cel import compile_condition, environment
from weightgate.policy.define import define
from weightgate.policy.ir import holds
from weightgate.policy.verdicts import Verdict


@lru_cache(maxsize=1)
def official() -> Any:
    """The official environment, the same that packs are checked in."""
    return environment(SCOPE)


def with_tiers(values: dict[str, Value], tiers: dict[str, int]) -> dict[str, Value]:
    """The tiers that follow from known countries."""

    def tier(*facts: str) -> Known:
        countries = [value.value for fact in facts if isinstance(value := values[fact], Known)]
        return Known(max(tiers[str(country)] for country in countries))

    return values | {
        "destination.tier": tier("destination.country"),
        "operator.tier": tier("operator.headquarters", "operator.ultimate_parent"),
    }


def cel(text: str, values: dict[str, Value]) -> bool:
    """What the official evaluator says; a value that is neither True nor False is a failure."""
    bound: dict[str, Any] = {
        f"values.{name}": list(v) if isinstance(v, tuple) else v for name, v in SCOPE.values.items()
    }
    for fact, value in values.items():
        if isinstance(value, Members):
            bound[fact] = sorted(value.certain)
        elif isinstance(value, Known):
            bound[fact] = value.value
    result = official().compile(text).eval(data=bound).plain_value()
    assert result is True or result is False, (text, result)
    return result


TIERS = dict.fromkeys(FACTS["destination.country"].domain, 2) | {"DE": 1, "FR": 1, "CN": 3, "IR": 3}


@settings(max_examples=100)
@given(condition_texts(), definite())
def test_a_condition_means_what_cel_says(text: str, values: dict[str, Value]) -> None:
    known = with_tiers(values, TIERS)
    world = members_world(known)
    assert world is not None
    assert holds(compile_condition(text, SCOPE), world) == cel(text, known)


@settings(max_examples=40)
@given(packs(4), definite())
def test_a_verdict_is_what_the_rules_say_when_cel_reads_them(
    pack: RandomPack, values: dict[str, Value]
) -> None:
    known = with_tiers(values, pack.tiers)
    held = values["operator.authorizations"]
    licensed = isinstance(held, Members) and "LICENSE" in held.certain
    said = []
    for text, verdict in zip(pack.texts, pack.verdicts, strict=True):
        if cel(text, known):
            lifted = licensed and verdict is Verdict.LICENSE_REQUIRED
            said.append(Verdict.ALLOW_WITH_CONDITIONS if lifted else verdict)
    expected = max(said, default=pack.default)
    world = members_world(values)
    assert world is not None
    assert pack.compiled.verdict(world) is expected
    assert define([part(pack, values)]) == {expected}
