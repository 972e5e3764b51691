"""diagram(packs, places, knowledge) = {v : Z3 finds a world with verdict v}, and each such world has v by definition."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.corpus import EXAMPLES, Example
from tests.property.strategies import (
    COUNTRIES,
    NEIGHBOURS,
    RandomPack,
    component,
    declared_tiers,
    packs,
    part,
    partly,
    shared_and_own,
)
from tests.property.z3_world import Asked
from weightgate.facts.registry import ACTIVITIES, FACTS, Kind
from weightgate.facts.values import Interval, Known, Members, Scalar, Unknown, Value, one_of
from weightgate.policy.compile import compile_pack
from weightgate.policy.compiled import CompiledPack
from weightgate.policy.days import day_before, next_day
from weightgate.policy.define import Part, Ruling, define
from weightgate.policy.ir import AtMost, Atom, Contains, IsIn, Less, atoms, simplify
from weightgate.policy.joint import Component, possible
from weightgate.policy.pack import Pack
from weightgate.policy.source import find_pack, shipped_packs
from weightgate.policy.verdicts import VERDICTS

Named = tuple[RandomPack, dict[str, Value], int, str]


def hold_to_z3(components: Sequence[Component], parts: Sequence[Part]) -> None:
    """The diagram's verdicts are those of which Z3 shows a world, and the definition sees the same in each."""
    worlds = Asked(parts).worlds()
    assert set(possible(components)) == set(worlds)
    for verdict, world in worlds.items():
        assert define(world) == {verdict}


def hold_all_to_z3(asked: Sequence[Named]) -> None:
    """The same of random packs about places."""
    hold_to_z3([component(*one) for one in asked], [part(*one) for one in asked])


@given(packs(compared=NEIGHBOURS), partly(11), declared_tiers())
def test_one_pack_one_place(pack: RandomPack, values: dict[str, Value], tiers: dict[str, Value]) -> None:
    hold_all_to_z3([(pack, values | tiers, 0, "pack")])


@settings(max_examples=40)
@given(
    st.lists(packs(3, compared=NEIGHBOURS), min_size=2, max_size=3),
    st.integers(1, 3).flatmap(lambda places: shared_and_own(places, 7)),
    st.lists(declared_tiers(), min_size=3, max_size=3),
)
def test_several_packs_and_places(
    several: list[RandomPack], places: list[dict[str, Value]], tiers: list[dict[str, Value]]
) -> None:
    hold_all_to_z3(
        [
            (pack, values | tiers[number], place, str(number))
            for number, pack in enumerate(several)
            for place, values in enumerate(places)
        ]
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.what)
def test_the_corpus(example: Example) -> None:
    hold_all_to_z3(
        [(p, v, i, str(n)) for n, p in enumerate(example.packs) for i, v in enumerate(example.places)]
    )


@cache
def shipped(name: str) -> tuple[Pack, CompiledPack]:
    """A shipped pack, as loaded and as compiled."""
    pack = Pack(find_pack(name))
    return pack, compile_pack(pack)


def shipped_about(name: str, activity: str, day: str) -> tuple[Component, Part] | None:
    """A shipped pack as it stands; ``None`` where it says nothing of the activity."""
    pack, compiled = shipped(name)
    standing, span = pack.at(day), compiled.at(day)
    if standing is None or span is None or activity not in span.activities:
        return None
    known = {"activity": activity}
    rulings = tuple(
        Ruling(simplify(r.condition, known), VERDICTS[r.rule.verdict])
        for r in standing.rules
        if activity in r.rule.activity
    )
    default = VERDICTS[pack.document.default.verdict]
    rules = span.activities[activity]
    return Component(name, 0, rules, {}, span.tiers), Part(0, rulings, default, standing.tiers, {}, name)


def near(atom: Atom) -> Iterator[Scalar]:
    """What an atom compares with, and the values beside it."""
    if isinstance(atom, IsIn):
        yield from atom.values
    elif isinstance(atom, Less | AtMost):
        bound = atom.bound
        if isinstance(bound, str):
            yield from (day_before(bound), bound, next_day(bound))
        else:
            yield from (math.nextafter(bound, 0.0), float(bound), math.nextafter(bound, math.inf))


def knowledge(fact: str, used: Sequence[Atom]) -> st.SearchStrategy[Value]:
    """Anything that may be known of a fact, in terms of what rules ask of it."""
    spec = FACTS[fact]
    if spec.kind is Kind.LIST:
        members = st.frozensets(st.sampled_from(sorted({a.member for a in used if isinstance(a, Contains)})))
        return st.just(Unknown()) | st.builds(lambda few, more: Members(few, few | more), members, members)
    mentioned = {value for atom in used for value in near(atom)}
    more = COUNTRIES if spec.kind is Kind.COUNTRY else spec.domain if spec.closed else ("other",)
    if spec.kind is Kind.BOOL:
        more = (False, True)  # type: ignore[assignment]
    if spec.kind in (Kind.NUMBER, Kind.DATE):
        more = ()
    some = st.sampled_from(sorted(mentioned | set(more), key=lambda value: (str(type(value)), value)))
    forms = st.just(Unknown()) | some.map(Known) | st.lists(some, min_size=1, max_size=3).map(one_of)
    if spec.kind is Kind.NUMBER:
        forms |= st.lists(some.map(float), min_size=2, max_size=2).map(lambda ends: Interval(*sorted(ends)))
        forms |= some.map(lambda end: Interval(float(end), None))
    return forms


@st.composite
def shipped_questions(draw: st.DrawFn) -> tuple[list[Component], list[Part]]:
    """Shipped packs about places of which more or less is known."""
    names = draw(st.lists(st.sampled_from(sorted(shipped_packs())), min_size=1, max_size=3, unique=True))
    day = draw(st.sampled_from([standing.start for standing in shipped(names[0])[0].standings]))
    activity = draw(st.sampled_from(ACTIVITIES))
    told = [one for name in names if (one := shipped_about(name, activity, day))]
    used: dict[str, list[Atom]] = {}
    for _, asked in told:
        for rule in asked.rules:
            for atom in atoms(rule.condition):
                used.setdefault(atom.fact, []).append(atom)
    for fact in [f for f in used if FACTS[f].kind is Kind.TIER]:
        del used[fact]
        for origin in FACTS[fact].derived_from:
            used.setdefault(origin, [])
    shared = {fact: draw(knowledge(fact, about)) for fact, about in sorted(used.items())}
    components, parts = [], []
    for place in range(draw(st.integers(1, 2))):
        own = {f: draw(knowledge(f, used[f])) for f in shared if FACTS[f].per_destination}
        values = {**shared, **own}
        for before, asked in told:
            components.append(Component(before.pack, place, before.rules, values, before.tiers))
            parts.append(Part(place, asked.rules, asked.default, asked.tiers, values, asked.pack))
    return components, parts


@settings(max_examples=30)
@given(shipped_questions())
def test_shipped_packs(question: tuple[list[Component], list[Part]]) -> None:
    components, parts = question
    if components:
        hold_to_z3(components, parts)
