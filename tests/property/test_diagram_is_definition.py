"""diagram(packs, places, knowledge) = define(packs, places, knowledge)."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.policy.worlds import members_world
from tests.property.corpus import EXAMPLES, Example
from tests.property.strategies import (
    RandomPack,
    component,
    declared_tiers,
    definite,
    packs,
    part,
    partly,
    shared_and_own,
    world_count,
)
from weightgate.facts.values import Value
from weightgate.policy.define import define
from weightgate.policy.joint import possible, settle


@given(packs(), partly())
def test_one_pack_one_place(pack: RandomPack, values: dict[str, Value]) -> None:
    parts = [part(pack, values)]
    assume(world_count(parts) <= 2000)
    assert set(possible([component(pack, values)])) == define(parts)


@given(packs(), partly(), declared_tiers())
def test_with_declared_tiers(pack: RandomPack, values: dict[str, Value], tiers: dict[str, Value]) -> None:
    known = values | tiers
    parts = [part(pack, known)]
    assume(world_count(parts) <= 2000)
    assert set(possible([component(pack, known)])) == define(parts)


@settings(max_examples=48)
@given(st.lists(packs(3), min_size=2, max_size=3), partly(3))
def test_several_packs(several: list[RandomPack], values: dict[str, Value]) -> None:
    parts = [part(p, values, name=str(i)) for i, p in enumerate(several)]
    assume(world_count(parts) <= 2000)
    joined = [component(p, values, name=str(i)) for i, p in enumerate(several)]
    assert set(possible(joined)) == define(parts)


@settings(max_examples=48)
@given(packs(3), shared_and_own(places=2))
def test_several_places(pack: RandomPack, values: list[dict[str, Value]]) -> None:
    parts = [part(pack, v, i) for i, v in enumerate(values)]
    assume(world_count(parts) <= 2000)
    joined = [component(pack, v, i) for i, v in enumerate(values)]
    assert set(possible(joined)) == define(parts)
    assert settle(joined).possible == possible(joined)


@settings(max_examples=32)
@given(packs(2), packs(2), shared_and_own(places=2, max_open=2), declared_tiers(), declared_tiers())
def test_packs_and_places_and_declared_tiers(
    a: RandomPack,
    b: RandomPack,
    values: list[dict[str, Value]],
    for_a: dict[str, Value],
    for_b: dict[str, Value],
) -> None:
    asked = [
        (pack, v | tiers, i, name)
        for pack, tiers, name in ((a, for_a, "a"), (b, for_b, "b"))
        for i, v in enumerate(values)
    ]
    parts = [part(*one) for one in asked]
    assume(world_count(parts) <= 2000)
    assert set(possible([component(*one) for one in asked])) == define(parts)


@given(packs(), definite())
def test_on_definite_facts_the_short_way_agrees(pack: RandomPack, values: dict[str, Value]) -> None:
    world = members_world(values)
    assert world is not None
    assert {pack.compiled.verdict(world)} == define([part(pack, values)])
    assert possible([component(pack, values)]) == (pack.compiled.verdict(world),)


@given(packs(), partly())
def test_a_repeated_component_changes_nothing(pack: RandomPack, values: dict[str, Value]) -> None:
    once = component(pack, values)
    assert settle([once, once]) == settle([once])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.what)
def test_the_corpus(example: Example) -> None:
    asked = [(p, v, i, str(n)) for n, p in enumerate(example.packs) for i, v in enumerate(example.places)]
    expected = define([part(*one) for one in asked])
    assert set(possible([component(*one) for one in asked])) == expected
    assert set(settle([component(*one) for one in asked]).possible) == expected
