"""What could change about a case: each change of the world that the facts table names, where a pack would notice it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from weightgate.decide.case import HELD, ORDER, ORDER_PACK, Case
from weightgate.decide.training import another_training
from weightgate.destinations.footprint import resolve
from weightgate.destinations.names import SUBDIVIDED
from weightgate.destinations.places import Destination, Place, facts_of
from weightgate.destinations.regions import region_names
from weightgate.facts.countries import COUNTRIES, SUBDIVISIONS
from weightgate.facts.registry import ELSEWHERE, FACTS, PROVIDERS, TRAINING
from weightgate.facts.values import Scalar, Unknown
from weightgate.policy.cells import Cells, NamedCells
from weightgate.policy.counterfactual.moves import MAX_OPTIONS, Choice, Dimension, Move, dimension_of
from weightgate.policy.joint import Component
from weightgate.policy.tiers import TIER_FACTS

COUNTRY, SUBDIVISION = "destination.country", "destination.subdivision"
PROVIDER, REGION = "destination.provider", "destination.region"

MAX_EXCHANGED = 12
"""Most destinations that are tried to be exchanged for another."""

Class = tuple[str, tuple[Scalar, ...]]
"""The fact that tells destinations of one kind apart, and those among which no pack and no authorisation does."""


def moves_of(case: Case) -> list[Move]:
    """Everything that could change, in the order of the facts table."""
    asked = [c for c in case.components if c.pack != ORDER_PACK]
    noticed = {v.fact for c in asked for v in c.rules.variables}
    found = _other_destinations(case, asked) if _placed(noticed) else []
    by_change: dict[str, list[str]] = {}
    for name, spec in FACTS.items():
        if spec.change and spec.change != ELSEWHERE and name in noticed:
            by_change.setdefault(spec.change, []).append(name)
    for change, names in by_change.items():
        dimensions = [dimension_of(n, asked, frozenset({ORDER})) for n in names if _open_to_change(case, n)]
        if change == TRAINING:
            found.append(another_training(case, dimensions))
        else:
            found.append(Move.of(d for d in dimensions if d.choices))
    return [move for move in found if move.options]


def _placed(noticed: Iterable[str]) -> bool:
    """Whether any pack notices where the destination lies."""
    return any(fact.startswith("destination.") or fact == HELD for fact in noticed)


def _open_to_change(case: Case, name: str) -> bool:
    """A tier is told only where it was declared, of an operator whose countries are not known at all."""
    if name not in TIER_FACTS:
        return True
    return name in case.facts and all(
        isinstance(case.shared.get(part, Unknown()), Unknown) for part in FACTS[name].derived_from
    )


def _other_destinations(case: Case, asked: Sequence[Component]) -> list[Move]:
    """Each destination exchanged for one place elsewhere."""
    cells, scopes = _partitions(asked), _scopes(case)
    at: dict[str, tuple[Component, ...]] = {}

    def components(there: Destination) -> tuple[Component, ...]:
        if there.name not in at:
            at[there.name] = case.elsewhere(there).components
        return at[there.name]

    exchanged = case.destinations[:MAX_EXCHANGED]
    return [_another_destination(case, d, cells, scopes, components) for d in exchanged]


def _another_destination(
    case: Case,
    destination: Destination,
    cells: Mapping[str, list[Cells]],
    scopes: Sequence[frozenset[str]],
    components: Callable[[Destination], tuple[Component, ...]],
) -> Move:
    """A destination exchanged for one place elsewhere, chosen as a whole: what follows from it comes with it."""
    indexes = {i for i, (d, _) in enumerate(case.places) if d is destination}
    drops = frozenset(i for i, c in enumerate(case.components) if c.place in indexes)
    here = case.components[min(drops)].place
    present = _key(destination.places[0], destination.name, cells, scopes)
    choices = []
    for fact, names in _classes(cells, scopes, destination):
        there = resolve(str(names[0]))
        if len(destination.places) == 1 and present == _key(there.places[0], there.name, cells, scopes):
            continue
        # The packs, and the orders in scope, as they stand there.
        asked = tuple(Component(c.pack, here, c.rules, c.values, c.tiers) for c in components(there))
        choices.append(Choice(Unknown(), names, _leaves(destination, there), 1, fact, asked))
    return Move.of([Dimension(COUNTRY, tuple(choices[:MAX_OPTIONS]))], drops, destination.name)


def _leaves(here: Destination, there: Destination) -> bool:
    """Whether a destination is another one, and not just a part of what was asked for."""
    place = here.places[0]
    part = there.places[0]
    return not (
        len(here.places) == 1 and not place.provider and place.country == part.country and not part.provider
    )


def _partitions(asked: Sequence[Component]) -> Mapping[str, list[Cells]]:
    """The different ways in which packs tell places apart, by fact."""
    found: dict[str, list[Cells]] = {fact: [] for fact in (COUNTRY, SUBDIVISION, PROVIDER, REGION)}
    for component in asked:
        for variable in component.rules.variables:
            if variable.fact in found and variable.cells not in found[variable.fact]:
                found[variable.fact].append(variable.cells)
    return found


def _scopes(case: Case) -> list[frozenset[str]]:
    """The countries and sites that the operator's authorisations name."""
    entries = case.operator.authorizations or ()
    return list({frozenset((*(e.countries or ()), *(e.sites or ()))): None for e in entries})


def _classes(
    cells: Mapping[str, list[Cells]], scopes: Sequence[frozenset[str]], destination: Destination
) -> list[Class]:
    """Destinations that could be chosen, those together among which nothing tells apart."""
    by_region = bool(cells[PROVIDER] or cells[REGION])
    found: list[Class] = []
    places: list[tuple[str, str, Place]] = []
    if not (by_region and destination.provider):
        found = _countries(cells, scopes)
        if cells[SUBDIVISION]:
            places += [(SUBDIVISION, code, Place(code.partition("-")[0], code)) for code in SUBDIVISIONS]
    if by_region:
        places += [(REGION, d.name, d.places[0]) for d in _regions()]
    groups: dict[tuple[str, tuple[object, ...]], list[Scalar]] = {}
    for fact, name, place in places:
        groups.setdefault((fact, _key(place, name, cells, scopes)), []).append(name)
    return [*found, *((fact, tuple(names)) for (fact, _), names in groups.items())]


def _countries(cells: Mapping[str, list[Cells]], scopes: Sequence[frozenset[str]]) -> list[Class]:
    """All countries, in groups that nothing tells apart."""
    named = [c for c in cells[COUNTRY] if isinstance(c, NamedCells)]
    groups: list[Sequence[Scalar]] = [*named[0].groups] if named else [tuple(COUNTRIES)]
    for other in named[1:]:
        groups = [part for group in groups for part in _split(group, other.table)]
    for listed in (*scopes, *([SUBDIVIDED] if cells[SUBDIVISION] else [])):
        groups = [part for group in groups for part in _split(group, {c: c in listed for c in group})]
    return [(COUNTRY, tuple(group)) for group in groups]


def _split(group: Sequence[Scalar], table: Mapping[Scalar, int]) -> list[Sequence[Scalar]]:
    parts: dict[int, list[Scalar]] = {}
    for code in group:
        parts.setdefault(table[code], []).append(code)
    return list(parts.values())


@cache
def _regions() -> tuple[Destination, ...]:
    """Every region that the table knows and that is one place."""
    named = (resolve(f"{provider}/{name}") for provider in PROVIDERS for name in region_names(provider))
    return tuple(d for d in named if len(d.places) == 1)


def _key(
    place: Place, name: str, cells: Mapping[str, list[Cells]], scopes: Sequence[frozenset[str]]
) -> tuple[object, ...]:
    """What packs and authorisations make of a place."""
    values = facts_of(place)
    masks = [c.mask_of(values[fact]) for fact, listed in cells.items() for c in listed]
    return (*masks, *(place.country in s for s in scopes), *(name in s for s in scopes))
