"""What could change: each move is one change of the world, with the ways in which it could turn out.

A move is about facts that change together, such as the countries of another operator's headquarters and ultimate
parent. For each of its facts it knows the cells, of all packs together, that the fact could come to lie in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, islice, product
from typing import NamedTuple

from weightgate.facts.registry import FACTS, TIERS, FactSpec, Kind
from weightgate.facts.values import Known, Members, Scalar, Unknown, Value, bounds, hull, interval
from weightgate.policy.cells import OTHER_NAME, Cells, MemberCells, NamedCells, OrderedCells
from weightgate.policy.compiled import Variable
from weightgate.policy.joint import Component
from weightgate.policy.tiers import TIER_FACTS

MAX_OPTIONS = 256
"""Most ways in which one move is tried."""


class Toggle(NamedTuple):
    """A change of a list: members that it comes to hold, or members that it ceases to hold."""

    gains: frozenset[str]
    loses: frozenset[str]


class Choice(NamedTuple):
    """One cell that a fact could come to lie in.

    Attributes:
        edit: A value from the cell, for evaluation; or what happens to a list.
        names: Every name in the cell, or ``()`` where it holds no names.
        outside: Whether the fact cannot lie there as far as is known now; if not, it may prove to lie there.
        weight: 1, or the number of members that are added and taken away.
        kind: Choices of different kinds are never told in one breath.
        components: For another destination, the packs at it; they stand in the place of those that the move drops.
    """

    edit: Value | Toggle
    names: tuple[Scalar, ...] = ()
    outside: bool = True
    weight: int = 1
    kind: str = ""
    components: tuple[Component, ...] = ()


class Dimension(NamedTuple):
    """One fact of a move, and where it could come to lie.

    Attributes:
        fact: Name in the facts table.
        choices: The cells that it could come to lie in.
        stays: For a number, what it may be without leaving the cells in which it may lie now.
    """

    fact: str
    choices: tuple[Choice, ...]
    stays: Value = Unknown()


Option = tuple[tuple[int, int], ...]
"""A dimension and one of its choices, by their indexes, for each fact that changes: one way in which a move could turn out; dimensions that are not picked stay as they are."""

Feasible = Callable[[dict[str, Value]], bool]
"""Whether facts can take such values together."""


class Move(NamedTuple):
    """One change of the world.

    Attributes:
        dimensions: The facts that change together.
        options: The ways in which it could turn out, lightest first.
        drops: Indexes of the components that do not stand once it is made.
        about: Name of the destination that is exchanged for another; empty for every other move.
    """

    dimensions: tuple[Dimension, ...]
    options: tuple[Option, ...]
    drops: frozenset[int] = frozenset()
    about: str = ""

    @classmethod
    def of(
        cls,
        dimensions: Iterable[Dimension],
        drops: frozenset[int] = frozenset(),
        about: str = "",
        feasible: Feasible = lambda _: True,
    ) -> Move:
        """A move with all the ways in which its facts can change together, up to :data:`MAX_OPTIONS`."""
        listed = tuple(dimensions)
        picks = [[None, *((d, c) for c in range(len(one.choices)))] for d, one in enumerate(listed)]
        options = []
        for chosen in product(*picks):
            option = tuple(pick for pick in chosen if pick is not None)
            if option and feasible(_values(listed, option)):
                options.append(option)
            if len(options) == 16 * MAX_OPTIONS:
                break
        options.sort(key=lambda option: weight(listed, option))
        return cls(listed, tuple(options[:MAX_OPTIONS]), drops, about)

    def choices(self, option: Option) -> list[tuple[str, Choice]]:
        """The facts that an option changes, and where they come to lie."""
        return [
            (self.dimensions[dimension].fact, self.dimensions[dimension].choices[choice])
            for dimension, choice in option
        ]

    def weight(self, option: Option) -> int:
        """How much an option changes within the move."""
        return weight(self.dimensions, option)


def weight(dimensions: Sequence[Dimension], option: Option) -> int:
    """How much an option changes: facts, and members of lists."""
    return sum(dimensions[dimension].choices[choice].weight for dimension, choice in option)


def _values(dimensions: Sequence[Dimension], option: Option) -> dict[str, Value]:
    chosen = [(dimensions[d].fact, dimensions[d].choices[c].edit) for d, c in option]
    return {fact: edit for fact, edit in chosen if not isinstance(edit, Toggle)}


def dimension_of(
    fact: str, components: Sequence[Component], fixed: frozenset[str] = frozenset()
) -> Dimension:
    """Where a fact could come to lie; no choices where no pack asks for it, or where it cannot change.

    Args:
        fact: Its name.
        components: The packs at the places.
        fixed: Members of a list that stay as they are.
    """
    spec = FACTS[fact]
    owners = [
        (component, level, variable)
        for component in components
        for level, variable in enumerate(component.rules.variables)
        if variable.fact == fact
    ]
    if not owners:
        return Dimension(fact, ())
    if spec.kind is Kind.LIST:
        return Dimension(fact, tuple(_toggles(fact, owners, fixed)))
    found, present = [], []
    known = owners[0][0].values.get(fact, Unknown())
    settled = all(not c.masks[level] & (c.masks[level] - 1) for c, level, _ in owners)
    for value, names in _cells(spec, [variable.cells for _, _, variable in owners]):
        inside = all(v.mask(value) & c.masks[level] for c, level, v in owners)
        if inside:
            present.append(value)
        if not (inside and settled) and (not spec.only_grows or has_grown(known, value)):
            found.append(Choice(value, names, not inside))
    stays = hull(present[0], present[-1]) if present and spec.kind is Kind.NUMBER else Unknown()
    return Dimension(fact, tuple(found), stays)


def has_grown(before: Value, after: Value) -> bool:
    """Whether what grows can come to lie there, whatever it is now: a number, or a no that becomes a yes."""
    if isinstance(after, Known) and isinstance(after.value, bool):
        return after.value
    _, highest = bounds(before)
    _, end = bounds(after)
    return end is None or (highest is not None and highest <= end)


def _cells(spec: FactSpec, partitions: Sequence[Cells]) -> list[tuple[Value, tuple[Scalar, ...]]]:
    """The common cells of a fact: a value that stands for each, and the names in it."""
    distinct = [cells for index, cells in enumerate(partitions) if cells not in partitions[:index]]
    only = distinct[0]
    if len(distinct) == 1 and isinstance(only, NamedCells) and all(only.groups):
        return [(Known(group[0]), group) for group in only.groups]
    if spec.kind is Kind.NUMBER:
        cuts: set[float] = set()
        for cells in distinct:
            if isinstance(cells, OrderedCells):
                cuts |= {float(cut) for cut in cells.cuts}
        return [(value, ()) for value in _ranges(sorted(cuts))]
    groups: dict[tuple[int, ...], list[Scalar]] = {}
    for name in _names(spec, distinct):
        groups.setdefault(tuple(cells.cell_of(name) for cells in distinct), []).append(name)
    return [(Known(group[0]), tuple(group)) for group in groups.values()]


def _names(spec: FactSpec, distinct: Sequence[Cells]) -> list[Scalar]:
    if spec.kind is Kind.TIER:
        return list(TIERS)
    if spec.kind is Kind.BOOL:
        return [False, True]
    if spec.domain and spec.closed:
        return list(spec.domain)
    return list(dict.fromkeys(name for cells in distinct for name in (*cells.representatives(), OTHER_NAME)))


def _ranges(cuts: Sequence[float]) -> list[Value]:
    """The intervals between cuts, each of which is the first number of the part above it."""
    from math import nextafter

    starts: list[float | None] = [None, *cuts]
    ends: list[float | None] = [*(nextafter(cut, 0.0) for cut in cuts), None]
    return [interval(start, end) for start, end in zip(starts, ends, strict=True)]


def _toggles(
    fact: str, owners: Sequence[tuple[Component, int, Variable]], fixed: frozenset[str]
) -> Iterator[Choice]:
    """Every way to add members, and every way to take some away, those first that change the least."""
    held = list({component.place: held_of(component, fact) for component, _, _ in owners}.values())
    mentioned = {v.cells.member for _, _, v in owners if isinstance(v.cells, MemberCells)} - fixed
    gains = [m for m in sorted(mentioned) if any(m not in h.certain for h in held)]
    loses = [m for m in sorted(mentioned) if any(m in h.possible for h in held)]
    edits = [Toggle(chosen, frozenset()) for chosen in _subsets(gains)]
    edits += [Toggle(frozenset(), chosen) for chosen in _subsets(loses)]
    for edit in edits:
        outside = any(edit.gains - h.possible or edit.loses & h.certain for h in held)
        yield Choice(edit, (), outside, len(edit.gains | edit.loses), repr(edit))


def _subsets(members: Sequence[str]) -> list[frozenset[str]]:
    """The sets of members, small ones first; of many members only the smallest sets, and all of them."""
    sizes = range(1, len(members) + 1)
    subsets = (frozenset(chosen) for size in sizes for chosen in combinations(members, size))
    found = list(islice(subsets, MAX_OPTIONS // 2 - 1))
    return list(dict.fromkeys((*found, frozenset(members)))) if members else []


def held_of(component: Component, fact: str) -> Members:
    """What is known of a list; of one of which nothing is known, every member that a rule asks for is possible."""
    value = component.values.get(fact, Unknown())
    if isinstance(value, Members):
        return value
    cells = [v.cells for v in component.rules.variables if v.fact == fact]
    return Members(frozenset(), frozenset(c.member for c in cells if isinstance(c, MemberCells)))


def edited(component: Component, edits: Iterable[tuple[str, Value | Toggle]]) -> Component:
    """The same pack at the same place with facts changed."""
    values = changed_values(component, edits)
    return Component(component.pack, component.place, component.rules, values, component.tiers)


def changed_values(component: Component, edits: Iterable[tuple[str, Value | Toggle]]) -> dict[str, Value]:
    """What is known at a component's place once facts have changed; a tier that was declared goes with its countries."""
    values = dict(component.values)
    for fact, edit in edits:
        if isinstance(edit, Toggle):
            held = held_of(component, fact)
            values[fact] = Members(
                held.certain - edit.loses | edit.gains, held.possible - edit.loses | edit.gains
            )
        else:
            values[fact] = edit
        for tier in TIER_FACTS:
            if fact in FACTS[tier].derived_from:
                values.pop(tier, None)
    return values
