"""missing = ∅ ⇔ one verdict is left; outcome(fact, cell) = define(knowledge ∧ fact ∈ cell)."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.strategies import (
    LIST_FACTS,
    SCALAR_FACTS,
    RandomPack,
    component,
    definite,
    packs,
    part,
    partly,
    shared_and_own,
    world_count,
)
from weightgate.facts.registry import FACTS
from weightgate.facts.values import Known, Members, Value, allows
from weightgate.policy.cells import MemberCells
from weightgate.policy.define import define
from weightgate.policy.joint import Component, Open, possible, settle
from weightgate.policy.verdicts import Verdict


def compatible(value: Value, world: Value) -> bool:
    """Whether a definite value is one that the knowledge allows."""
    if isinstance(world, Members):
        return not isinstance(value, Members) or value.certain <= world.certain <= value.possible
    return isinstance(world, Known) and allows(value, world.value)


def restricted(pack: RandomPack, values: dict[str, Value], opened: Open) -> dict[str, set[Verdict]]:
    """By label, what the definition says when a list certainly has an open member, or certainly has it not."""
    value = values[opened.fact]
    domain = frozenset(LIST_FACTS[opened.fact])
    held = value if isinstance(value, Members) else Members(frozenset(), domain)
    found: dict[str, set[Verdict]] = {}
    for variable in pack.compiled.variables:
        cells = variable.cells
        if variable.fact == opened.fact and isinstance(cells, MemberCells) and cells.member in held.possible:
            with_it = Members(held.certain | {cells.member}, held.possible)
            without = Members(held.certain, held.possible - {cells.member})
            found[cells.label(1)] = define([part(pack, values | {opened.fact: with_it})])
            found[cells.label(0)] = define([part(pack, values | {opened.fact: without})])
    return found


@given(packs(), partly())
def test_nothing_is_missing_exactly_when_the_verdict_is_settled(
    pack: RandomPack, values: dict[str, Value]
) -> None:
    settled = settle([component(pack, values)])
    assert (len(settled.possible) == 1) == (settled.missing == ())
    assert settled.possible == possible([component(pack, values)])


@given(packs(), partly(), definite())
def test_to_learn_what_is_missing_settles_the_verdict(
    pack: RandomPack, values: dict[str, Value], world: dict[str, Value]
) -> None:
    settled = settle([component(pack, values)])
    learnt = dict(values)
    for one in settled.missing:
        assume(compatible(values[one.fact], world[one.fact]))
        learnt[one.fact] = world[one.fact]
    assert len(possible([component(pack, learnt)])) == 1


@given(packs(), partly(), definite(), st.sampled_from([*SCALAR_FACTS, *LIST_FACTS]))
def test_what_is_not_missing_changes_nothing(
    pack: RandomPack, values: dict[str, Value], world: dict[str, Value], fact: str
) -> None:
    settled = settle([component(pack, values)])
    assume(fact not in {one.fact for one in settled.missing})
    assume(compatible(values[fact], world[fact]))
    assert settle([component(pack, values | {fact: world[fact]})]) == settled


@given(packs(), partly())
def test_each_outcome_is_exact(pack: RandomPack, values: dict[str, Value]) -> None:
    whole = component(pack, values)
    settled = settle([whole])
    for one in settled.missing:
        assert len(one.outcomes) >= 2
        assert len({outcome.possible for outcome in one.outcomes}) >= 1
        assert {v for outcome in one.outcomes for v in outcome.possible} == set(settled.possible)
        for outcome in one.outcomes:
            assert set(outcome.possible) == expected(pack, whole, one, outcome.value)


def expected(pack: RandomPack, whole: Component, opened: Open, label: str) -> set[Verdict]:
    """What is possible with one variable's mask cut to the cell of that label."""
    for level, variable in enumerate(pack.compiled.variables):
        if variable.fact == opened.fact and label in variable.cells.labels:
            masks = list(whole.masks)
            masks[level] = 1 << variable.cells.labels.index(label)
            mask = pack.compiled.possible(masks)
            return {v for v in Verdict if mask >> v & 1}
    raise AssertionError(label)


@settings(max_examples=40)
@given(packs(3), partly(3))
def test_the_outcomes_of_a_list_s_members_are_what_the_definition_says(
    pack: RandomPack, values: dict[str, Value]
) -> None:
    assume(world_count([part(pack, values)]) <= 500)
    for one in settle([component(pack, values)]).missing:
        if one.fact in LIST_FACTS:
            said = restricted(pack, values, one)
            assert all(set(outcome.possible) == said[outcome.value] for outcome in one.outcomes)


@settings(max_examples=40)
@given(packs(2), packs(2), shared_and_own(places=2))
def test_several_packs_and_places(a: RandomPack, b: RandomPack, values: list[dict[str, Value]]) -> None:
    joined = [component(p, v, i, n) for p, n in ((a, "a"), (b, "b")) for i, v in enumerate(values)]
    settled = settle(joined)
    assert (len(settled.possible) == 1) == (settled.missing == ())
    for one in settled.missing:
        assert (one.place >= 0) == FACTS[one.fact].per_destination
        assert {v for outcome in one.outcomes for v in outcome.possible} == set(settled.possible)
    keys = [(list(FACTS).index(one.fact), one.place) for one in settled.missing]
    assert keys == sorted(keys)


@given(packs(3), partly(3))
def test_the_order_of_packs_and_places_does_not_matter(pack: RandomPack, values: dict[str, Value]) -> None:
    here, there = component(pack, values, 0), component(pack, values, 1)
    assert settle([here, there]).possible == settle([there, here]).possible
    assert settle([here, there]).missing == settle([there, here]).missing
