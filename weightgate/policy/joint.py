"""Several packs and several destinations as one question.

Combining the *sets* of verdicts that each pack allows would be wrong: two packs that turn on the same unknown fact
cannot both go the lenient way. So diagrams are combined first, by their maximum, over common cells; unknowns are
resolved last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cached_property, lru_cache
from typing import NamedTuple

from weightgate.facts.registry import FACTS, FactSpec, Kind, position
from weightgate.facts.values import Interval, Scalar, Unknown, Value, allows, choices
from weightgate.policy.cells import Cells, MemberCells, NamedCells, TierCells, common_label
from weightgate.policy.compiled import CompiledActivity, Variable
from weightgate.policy.diagram import Diagram, Ref, leaves
from weightgate.policy.reduced import Reduced, reduce
from weightgate.policy.verdicts import Verdict
from weightgate.records import record


@record
class Component:
    """One pack's rules about one place.

    Attributes:
        pack: The pack's name.
        place: Index of the destination's place.
        rules: The compiled rules.
        values: What is known of the facts there.
        tiers: Tier of every country in the pack's table; empty when it has none.
    """

    pack: str
    place: int
    rules: CompiledActivity
    values: Mapping[str, Value]
    tiers: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def masks(self) -> list[int]:
        """For each level, the cells in which it may lie."""
        return self.rules.masks(self.values)


class Key(NamedTuple):
    """What makes a variable the same in two components; sorts as diagrams test.

    What is tested at one place stays together: two members that count alike at each of many places would otherwise
    need a node for every subset of the places.
    """

    position: int
    fact: str
    place: int
    member: str
    pack: str


class Outcome(NamedTuple):
    """What would be possible if a fact lay in one of its cells."""

    value: str
    possible: tuple[Verdict, ...]


class Open(NamedTuple):
    """A variable on which the verdict still turns.

    Attributes:
        fact: Name in the facts table.
        place: Index of the place it is about, -1 when it is the same everywhere.
        outcomes: One for each cell in which it may lie.
    """

    fact: str
    place: int
    outcomes: tuple[Outcome, ...]


class Settled(NamedTuple):
    """The question's answer: every verdict that some world allows, and what would settle it."""

    possible: tuple[Verdict, ...]
    missing: tuple[Open, ...]


def possible(components: Sequence[Component]) -> tuple[Verdict, ...]:
    """Every verdict that some world allows, least restrictive first; the components' maximum counts.

    Raises:
        ValueError: There are no components: where nothing was asked, nothing is allowed.
    """
    if len(components) == 1:
        only = components[0]
        return _VERDICTS[only.rules.possible(only.masks)]
    return _VERDICTS[_Joint(components).possible]


def settle(components: Sequence[Component]) -> Settled:
    """Every verdict that some world allows, and the smallest set of facts that always settles which.

    Raises:
        ValueError: There are no components.
    """
    joint = _Alone(components[0]) if len(components) == 1 else _Joint(components)
    reduced = joint.reduced
    if reduced.root < 0:
        return Settled(_VERDICTS[1 << ~reduced.root], ())
    outcomes, found = reduced.outcomes(), 0
    for mask in next(iter(outcomes.values())):
        found |= mask
    return Settled(_VERDICTS[found], tuple([joint.open(level, masks) for level, masks in outcomes.items()]))


_VERDICTS = [tuple(v for v in Verdict if mask >> v & 1) for mask in range(1 << len(Verdict))]
"""The verdicts of each bit mask over their ranks."""


@lru_cache(maxsize=4096)
def _outcome(label: str, possible: int) -> Outcome:
    return Outcome(label, _VERDICTS[possible])


class _Alone:
    """One component's diagram, restricted to what is known; what :class:`_Joint` is for several."""

    def __init__(self, component: Component) -> None:
        rules = component.rules
        self.component = component
        self.reduced = reduce(rules.level, rules.kids, rules.root, component.masks)

    def open(self, level: int, outcomes: Sequence[int]) -> Open:
        """A variable on which the verdict still turns, with what each of its cells would leave possible."""
        variable, mask = self.component.rules.variables[level], self.component.masks[level]
        labels = variable.cells.labels
        if len(labels) > len(outcomes):
            labels = tuple([label for cell, label in enumerate(labels) if mask >> cell & 1])
        place = self.component.place if FACTS[variable.fact].per_destination else -1
        return Open(variable.fact, place, tuple(map(_outcome, labels, outcomes)))


class _Joint:
    """The maximum of the components' diagrams, restricted to what is known."""

    def __init__(self, components: Sequence[Component]) -> None:
        if not components:
            raise ValueError("no pack about no place says nothing")
        self.components = components
        self.keys: list[Key] = []
        self._levels: list[dict[int, int]] = []  # component -> its level -> joint level
        self._choices: list[list[tuple[int, ...]]] = []  # joint level -> allowed joint cells -> cell by owner
        self._owner: list[dict[int, int]] = []  # joint level -> component -> its place in the tuple
        self._cells: list[list[Cells]] = []
        self._collect()
        self._everything = [(1 << len(chosen)) - 1 for chosen in self._choices]
        self._diagram = diagram = Diagram(
            [len(chosen) for chosen in self._choices], [key.fact for key in self.keys]
        )
        parts = [self._restricted(diagram, index) for index in range(len(components))]
        self._root = diagram.largest(parts, max(Verdict))

    @property
    def possible(self) -> int:
        """The verdicts that some world allows, as a bit mask over their ranks."""
        return leaves(self._diagram.level, self._diagram.kids, self._root, self._everything)

    @cached_property
    def reduced(self) -> Reduced:
        """What is left of the diagram."""
        return reduce(self._diagram.level, self._diagram.kids, self._root, self._everything)

    def open(self, level: int, outcomes: Sequence[int]) -> Open:
        """A variable on which the verdict still turns, with what each of its cells would leave possible."""
        key, partitions = self.keys[level], self._cells[level]
        named = [cells for cells in partitions if isinstance(cells, NamedCells)]
        if len(named) == len(partitions) > 1:
            by_mask: dict[int, list[tuple[int, ...]]] = {}
            for cells, mask in zip(self._choices[level], outcomes, strict=True):
                by_mask.setdefault(mask, []).append(cells)
            found = [_outcome(common_label(named, chosen), mask) for mask, chosen in by_mask.items()]
            return Open(key.fact, key.place, tuple(found))
        found = []
        for cells, mask in zip(self._choices[level], outcomes, strict=True):
            parts = [c.labels[n] for c, n in zip(partitions, cells, strict=True)]
            found.append(_outcome(" and ".join(dict.fromkeys(parts)), mask))
        return Open(key.fact, key.place, tuple(found))

    def _collect(self) -> None:
        """Give each distinct variable its place, and work out its common cells."""
        owners: dict[Key, list[tuple[int, int]]] = {}
        for index, component in enumerate(self.components):
            for level, variable in enumerate(component.rules.variables):
                owners.setdefault(_key(component, variable), []).append((index, level))
        self._levels = [{} for _ in self.components]
        for key in sorted(owners):
            distinct: list[tuple[Cells, int]] = []
            owner: dict[int, int] = {}
            for index, level in owners[key]:
                component = self.components[index]
                pair = component.rules.variables[level].cells, component.masks[level]
                if pair not in distinct:
                    distinct.append(pair)
                owner[index] = distinct.index(pair)
                self._levels[index][level] = len(self.keys)
            value = self.components[owners[key][0][0]].values.get(key.fact, Unknown())
            self.keys.append(key)
            self._owner.append(owner)
            self._cells.append([cells for cells, _ in distinct])
            self._choices.append(_common(FACTS[key.fact], distinct, value))

    def _restricted(self, diagram: Diagram, index: int) -> Ref:
        """One component's diagram over the common cells that are left."""
        rules, levels = self.components[index].rules, self._levels[index]
        done: dict[Ref, Ref] = {}
        stack = [rules.root]
        while stack:
            node = stack[-1]
            if node in done:
                stack.pop()
            elif node < 0:
                done[node] = node
            else:
                level = levels[rules.level[node]]
                mine = self._owner[level][index]
                kids = [rules.kids[node][cell[mine]] for cell in self._choices[level]]
                waiting = [kid for kid in kids if kid not in done]
                if waiting:
                    stack += waiting
                else:
                    done[node] = diagram.node(level, tuple(done[kid] for kid in kids))
        return done[rules.root]


def _key(component: Component, variable: Variable) -> Key:
    fact, member = variable.key
    spec = FACTS[fact]
    place = component.place if spec.per_destination else -1
    # A declared tier is read against each pack's own table.
    pack = component.pack if isinstance(variable.cells, TierCells) else ""
    return Key(position(fact), fact, place, member, pack)


def _common(spec: FactSpec, distinct: list[tuple[Cells, int]], value: Value) -> list[tuple[int, ...]]:
    """The combinations of cells, one for each distinct partition, that some allowed value lies in."""
    if len(distinct) == 1:
        cells, mask = distinct[0]
        return [(cell,) for cell in range(cells.count) if mask >> cell & 1]
    combinations: dict[tuple[int, ...], None] = {}
    for scalar in _candidates(spec, [cells for cells, _ in distinct], value):
        combination = tuple(cells.cell_of(scalar) for cells, _ in distinct)
        if all(mask >> cell & 1 for (_, mask), cell in zip(distinct, combination, strict=True)):
            combinations[combination] = None
    return list(combinations)


def _candidates(spec: FactSpec, partitions: list[Cells], value: Value) -> list[Scalar]:
    """Values enough to meet every combination of cells that an allowed value can lie in."""
    if choices(value):
        return list(choices(value))
    if isinstance(partitions[0], MemberCells | TierCells):
        return partitions[0].representatives()
    found: list[Scalar] = list(spec.domain) if spec.domain and spec.closed else []
    found += [r for cells in partitions for r in cells.representatives()]
    if isinstance(value, Interval):
        found += [end for end in (value.min, value.max) if end is not None]
        found = [scalar for scalar in found if allows(value, scalar)]
    if spec.kind in (Kind.NUMBER, Kind.DATE):
        found = sorted(set(found), key=lambda scalar: (isinstance(scalar, str), scalar))
    return found


__all__ = ["Component", "Open", "Outcome", "Settled", "possible", "settle"]
