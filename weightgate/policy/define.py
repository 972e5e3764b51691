"""The definition: what a set of packs says about a set of places, by looking at every world, one by one.

Short, slow and meant to be obviously right. The decision diagram is the engine; property tests hold it to this.

A world gives every unresolved input fact one value that is allowed. In each world every condition is true or false;
within a pack the most restrictive rule that applies stands, else the pack's default; then the most restrictive pack
and place.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.values import Interval, Known, Members, OneOf, Scalar, Unknown, Value, allows
from weightgate.policy.days import day_before, next_day
from weightgate.policy.ir import AtMost, Atom, Condition, Contains, IsIn, Less, atoms, holds
from weightgate.policy.verdicts import Verdict
from weightgate.records import record

Key = tuple[str, int, str]
"""A fact, the index of its place (-1 being everywhere), and the pack that alone reads it so (empty for all)."""
World = dict[Key, Scalar | frozenset[str]]
"""A value for each fact at each place, -1 being everywhere; a declared tier is one pack's, every other fact all packs'."""
LICENSE = Contains("operator.authorizations", "LICENSE")


@record
class Ruling:
    """A condition and what it says when it holds."""

    condition: Condition
    verdict: Verdict


@record
class Part:
    """One pack's rules about one place.

    Attributes:
        place: Index of the place.
        rules: The rules about the activity.
        default: Where none applies.
        tiers: Tier of every country in the pack's table.
        values: What is known of the facts there; a declared tier as for the decision diagram, 0 standing for the
            tier that the countries have.
        pack: The pack's name; a declared tier is read against each pack's own table.
    """

    place: int
    rules: Sequence[Ruling]
    default: Verdict
    tiers: Mapping[str, int]
    values: Mapping[str, Value]
    pack: str = ""


def define(parts: Sequence[Part]) -> set[Verdict]:
    """Every verdict of the whole decision that some world allows."""
    return {max(verdict_in(part, world) for part in parts) for world in worlds(parts)}


def verdict_in(part: Part, world: World) -> Verdict:
    """What a pack says of a place in one world."""
    facts = _facts_at(part, world)
    said = [_said(rule, facts) for rule in part.rules if holds(rule.condition, facts)]
    return max(said, default=part.default)


def _said(rule: Ruling, facts: Mapping[str, Scalar | frozenset[str]]) -> Verdict:
    if rule.verdict is Verdict.LICENSE_REQUIRED and holds(LICENSE, facts):
        return Verdict.ALLOW_WITH_CONDITIONS
    return rule.verdict


def _facts_at(part: Part, world: World) -> dict[str, Scalar | frozenset[str]]:
    facts = {
        fact: value
        for (fact, place, pack), value in world.items()
        if place in (-1, part.place) and pack in ("", part.pack)
    }
    for name, spec in FACTS.items():
        known = part.tiers and all(p in facts for p in spec.derived_from)
        if spec.kind is Kind.TIER and not facts.get(name) and known:
            facts[name] = max(part.tiers[str(facts[p])] for p in spec.derived_from)
    return facts


def worlds(parts: Sequence[Part]) -> Iterator[World]:
    """Every world that differs from the others in something a rule can see."""
    used: dict[str, list[Atom]] = {LICENSE.fact: [LICENSE]}
    for atom in (a for part in parts for rule in part.rules for a in atoms(rule.condition)):
        used.setdefault(atom.fact, []).append(atom)
    for fact in [f for f in used if FACTS[f].kind is Kind.TIER]:
        for origin in FACTS[fact].derived_from:
            used.setdefault(origin, [])
    tables = [part.tiers for part in parts if part.tiers]
    axes: dict[Key, list[Scalar | frozenset[str]]] = {}
    lists: dict[Key, list[frozenset[str]]] = {}
    for part in parts:
        for fact, about in used.items():
            spec, known = FACTS[fact], part.values.get(fact)
            key = (
                fact,
                part.place if spec.per_destination else -1,
                part.pack if spec.kind is Kind.TIER else "",
            )
            if spec.kind is Kind.LIST:
                lists[key] = _members(about, known)
            else:
                axes[key] = _values(fact, about, known, tables)
    for chosen in itertools.product(*axes.values()):
        plain = dict(zip(axes, chosen, strict=True))
        yield from ({**plain, **held} for held in _held(lists))


def _held(lists: Mapping[Key, Sequence[frozenset[str]]]) -> Iterator[dict[Key, frozenset[str]]]:
    """Every way in which each list holds its first entry and, of each further one, all or nothing.

    One by one: a list of many members has more subsets than there is memory.
    """
    choices = [(frozenset[str](), one) for _, *free in lists.values() for one in free]
    for chosen in itertools.product(*choices):
        left = iter(chosen)
        yield {
            key: certain.union(*itertools.islice(left, len(free))) for key, (certain, *free) in lists.items()
        }


def _values(
    fact: str, used: Sequence[Atom], known: Value | None, tables: Sequence[Mapping[str, int]]
) -> list[Scalar | frozenset[str]]:
    """The values that a fact may have, up to what no rule tells apart."""
    kind = FACTS[fact].kind
    if kind is Kind.TIER:
        # 0: as its countries say. A tier is free only when it was declared.
        return (
            [0]
            if known is None or isinstance(known, Unknown)
            else [t for t in (0, 1, 2, 3) if allows(known, t)]
        )
    if isinstance(known, Known):
        return [known.value]
    if isinstance(known, OneOf):
        return list(known.values)
    if kind is Kind.COUNTRY:
        return _countries(used, tables)
    if kind is Kind.BOOL:
        return [False, True]
    if kind in (Kind.NUMBER, Kind.DATE):
        return _points(used, known)
    mentioned = {v for a in used if isinstance(a, IsIn) for v in a.values}
    domain = FACTS[fact].domain if FACTS[fact].closed else ()
    return list(domain) or [*mentioned, "\0a name that nobody mentions"]


def _members(used: Sequence[Atom], known: Value | None) -> list[frozenset[str]]:
    """What a list certainly holds, and each member that rules ask for and it may hold beside that."""
    members = {a.member for a in used if isinstance(a, Contains)}
    certain = known.certain if isinstance(known, Members) else frozenset()
    possible = known.possible if isinstance(known, Members) else members
    return [certain, *(frozenset({one}) for one in sorted((members & possible) - certain))]


def _countries(used: Sequence[Atom], tables: Sequence[Mapping[str, int]]) -> list[Scalar | frozenset[str]]:
    """One country for each combination of tiers and of lists that it is in."""
    alike: dict[tuple[object, ...], Scalar | frozenset[str]] = {}
    for code in FACTS["destination.country"].domain:
        mentions = tuple(code in a.values for a in used if isinstance(a, IsIn))
        alike.setdefault((mentions, tuple(table[code] for table in tables)), code)
    return list(alike.values())


def _points(used: Sequence[Atom], known: Value | None) -> list[Scalar | frozenset[str]]:
    """The compared numbers or days, their neighbours on both sides, and the ends of what is known."""
    points: set[Scalar] = set()
    for atom in used:
        match atom:
            case Less(_, bound) | AtMost(_, bound):
                points |= _around(bound)
            case IsIn(_, values):
                points |= {near for v in values for near in _around(v)}
    if isinstance(known, Interval):
        points |= {end for end in (known.min, known.max) if end is not None}
        return [p for p in points if allows(known, p)]
    return list(points) or [0.0]


def _around(bound: Scalar) -> set[Scalar]:
    if isinstance(bound, str):
        return {day_before(bound), bound, next_day(bound)}
    number = float(bound)
    return {
        p for p in (math.nextafter(number, -math.inf), number, math.nextafter(number, math.inf)) if p >= 0
    }
