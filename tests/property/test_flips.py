"""flip(knowledge, changes) = v ⇒ define(changed knowledge) = {v}, and no fewer changes lead there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from math import inf, nextafter

from hypothesis import assume, given, settings

from tests.property.strategies import (
    COUNTRIES,
    LIST_FACTS,
    NUMBERS,
    RandomPack,
    component,
    definite,
    packs,
    part,
    partly,
    world_count,
)
from weightgate.facts.registry import FACTS, OPENNESS
from weightgate.facts.values import Known, Members, Value, bounds
from weightgate.policy.counterfactual.flips import Flip, flips, merged
from weightgate.policy.counterfactual.moves import Move, Toggle, dimension_of, edited
from weightgate.policy.define import define
from weightgate.policy.joint import Component, possible
from weightgate.policy.verdicts import Verdict, settle

CHANGED = tuple(f for f, spec in FACTS.items() if spec.change and f != "operator.tier")
GROUPS = {change: tuple(f for f in CHANGED if FACTS[f].change == change) for change in
          dict.fromkeys(FACTS[f].change for f in CHANGED)}  # fmt: skip
MORE = tuple(nextafter(number, inf) for number in NUMBERS)
CANDIDATES: Mapping[str, tuple[Value, ...]] = {
    "destination.country": tuple(map(Known, (*COUNTRIES, "BR"))),
    "operator.headquarters": tuple(map(Known, (*COUNTRIES, "BR"))),
    "operator.ultimate_parent": tuple(map(Known, (*COUNTRIES, "BR"))),
    "model.openness": tuple(map(Known, OPENNESS)),
    "model.special_purpose": (Known(value=False), Known(value=True)),
    "model.finetune_share": tuple(map(Known, (*NUMBERS, *MORE))),
    "model.training_operations": tuple(map(Known, (*NUMBERS, *MORE))),
}


def moves(components: list[Component]) -> list[Move]:
    """Every change of the facts table, of a destination as if only its country mattered."""
    listed = [Move.of(dimension_of(f, components) for f in facts) for facts in GROUPS.values()]
    return [move for move in listed if move.options]


def found(components: list[Component]) -> list[Flip]:
    """The flips of packs at a place."""
    return flips(components, moves(components), possible(components))


def changed(values: Mapping[str, Value], flip: Flip) -> dict[str, Value]:
    """What is known once a flip's changes were made."""
    after = dict(values)
    for change in flip.changes:
        edit = merged(change.choices)
        held = values[change.fact]
        if isinstance(edit, Toggle):
            if not isinstance(held, Members):
                held = Members(frozenset(), frozenset(LIST_FACTS[change.fact]))
            certain, able = held.certain | edit.gains, held.possible | edit.gains
            edit = Members(certain - edit.loses, able - edit.loses)
        after[change.fact] = edit
    return after


def mentioned(pack: RandomPack, fact: str) -> list[str]:
    """Members of a list that the pack asks for, which the diagram knows."""
    return [v.key[1] for v in pack.compiled.variables if v.fact == fact]


def alternatives(pack: RandomPack, values: Mapping[str, Value], fact: str) -> Iterator[Value]:
    """Everything that one fact could come to be, told apart by this pack or not."""
    before = values[fact]
    if fact in LIST_FACTS:
        held = before if isinstance(before, Members) else Members(frozenset(), frozenset(LIST_FACTS[fact]))
        members = mentioned(pack, fact)
        for size in range(1, len(members) + 1):
            for some in map(frozenset, combinations(members, size)):
                yield Members(held.certain | some, held.possible | some)
                yield Members(held.certain - some, held.possible - some)
    elif FACTS[fact].only_grows:
        _, highest = bounds(before)
        for value in CANDIDATES[fact]:
            if highest is not None and isinstance(value, Known) and float(value.value) >= highest:
                yield value
    else:
        yield from CANDIDATES.get(fact, ())


def worlds_of(pack: RandomPack, values: Mapping[str, Value], change: str) -> Iterator[dict[str, Value]]:
    """Everything that one change could come to."""
    noticed = {v.fact for v in pack.compiled.variables}
    facts = [f for f in GROUPS[change] if f in noticed and f in values]
    for chosen in product(*((None, *alternatives(pack, values, fact)) for fact in facts)):
        yield {f: value for f, value in zip(facts, chosen, strict=True) if value is not None}


def smallest(pack: RandomPack, values: Mapping[str, Value], most: int) -> dict[Verdict, int]:
    """By brute force, how many changes each verdict takes."""
    before = settle(possible([component(pack, dict(values))]))
    least: dict[Verdict, int] = {}
    for size in range(1, most + 1):
        for chosen in combinations(GROUPS, size):
            for edits in product(*(list(worlds_of(pack, values, change)) for change in chosen)):
                after = {**values, **{f: v for edit in edits for f, v in edit.items()}}
                verdict = settle(possible([component(pack, after)]))
                if verdict not in (before, "indeterminate"):
                    least.setdefault(Verdict[verdict.upper()], size)
    return least


@given(packs(), definite())
def test_every_flip_leads_where_it_says(pack: RandomPack, values: dict[str, Value]) -> None:
    for flip in found([component(pack, values)]):
        after = changed(values, flip)
        assume(world_count([part(pack, after)]) <= 2000)
        assert define([part(pack, after)]) == {flip.verdict}
        assert define([part(pack, values)]) != {flip.verdict}


@given(packs(3), partly(3))
def test_every_flip_leads_where_it_says_whatever_is_unknown(
    pack: RandomPack, values: dict[str, Value]
) -> None:
    for flip in found([component(pack, values)]):
        after = changed(values, flip)
        assume(world_count([part(pack, after)]) <= 500)
        assert settle(define([part(pack, after)])) == str(flip.verdict)
        assert settle(define([part(pack, values)])) != str(flip.verdict)


@settings(max_examples=40, deadline=None)
@given(packs(2), definite())
def test_no_fewer_changes_lead_there_and_none_is_overlooked(
    pack: RandomPack, values: dict[str, Value]
) -> None:
    listed: dict[Verdict, set[int]] = {}
    for flip in found([component(pack, values)]):
        listed.setdefault(flip.verdict, set()).add(len(flip.moves))
    singles = smallest(pack, values, 1)
    assert {v for v, sizes in listed.items() if 1 in sizes} == set(singles)
    assert all(sizes == {1} for v, sizes in listed.items() if v in singles)
    assert all(len(sizes) == 1 for sizes in listed.values())


@settings(max_examples=25, deadline=None)
@given(packs(1), definite())
def test_two_changes_are_found_where_one_is_not_enough(pack: RandomPack, values: dict[str, Value]) -> None:
    variables = {v.fact for v in pack.compiled.variables}
    assume(len(variables) <= 4 and not variables >= {"model.finetune_share", "model.training_operations"})
    listed = {flip.verdict: len(flip.moves) for flip in found([component(pack, values)])}
    assert {v: size for v, size in listed.items() if size <= 2} == smallest(pack, values, 2)


@given(packs(3), packs(3), partly(3))
def test_several_packs_are_flipped_together(a: RandomPack, b: RandomPack, values: dict[str, Value]) -> None:
    both = [component(a, values, 0, "a"), component(b, values, 0, "b")]
    for flip in found(both):
        edits = [(change.fact, merged(change.choices)) for change in flip.changes]
        assert settle(possible([edited(one, edits) for one in both])) == str(flip.verdict)
        assert settle(possible(both)) != str(flip.verdict)


@given(packs(), partly())
def test_operations_are_never_proposed_to_be_fewer(pack: RandomPack, values: dict[str, Value]) -> None:
    _, most = bounds(values["model.training_operations"])
    for flip in found([component(pack, values)]):
        for change in flip.changes:
            edit = merged(change.choices)
            assert change.fact not in ("as_of", "activity", "model.license")
            if change.fact == "model.training_operations" and not isinstance(edit, Toggle):
                _, end = bounds(edit)
                assert end is None or (most is not None and end >= most)


@given(packs(3), partly(3))
def test_a_flip_changes_something_that_is_known(pack: RandomPack, values: dict[str, Value]) -> None:
    for flip in found([component(pack, values)]):
        assert any(choice.outside for change in flip.changes for choice in change.choices)
        assert len({change.fact for change in flip.changes}) == len(flip.changes)
        assert 1 <= len(flip.moves) <= 3
