"""The parts into which the packs of one question cut a fact, taken together: no value says less than a union of them.

Two values in one part lead to the same decision, whatever else is known. A value is widened by adding parts to those in
which it lies; its ends are then numbers and names that the packs themselves name, and tell nothing of where in a part
the value was.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from weightgate.facts.registry import FACTS, TIERS, FactSpec, Kind
from weightgate.facts.values import (
    Members,
    Scalar,
    Unknown,
    Value,
    bounds,
    choices,
    interval,
    one_of,
)
from weightgate.policy.cells import Cells, MemberCells, OrderedCells, TierCells
from weightgate.records import record

ANOTHER = "withheld: a name that no rule mentions"
"""Stands for every name that no pack of the question mentions; in lower case, as names without case are kept."""

FIRST_DAY = "0001-01-01"

Chosen = frozenset[int]
"""Some parts, by their numbers."""


class Parts(ABC):
    """The parts of one fact, numbered from 0."""

    count: int

    @abstractmethod
    def of(self, value: Value) -> Chosen:
        """The parts in which a fact of which ``value`` is known may lie."""

    @abstractmethod
    def value(self, chosen: Chosen) -> Value | None:
        """The value that says just these parts; ``None`` when no value does, unknown when they are all."""

    def wider(self, chosen: Chosen) -> Iterator[Chosen]:
        """The parts with one more, in the order in which they are tried."""
        yield from (chosen | {part} for part in range(self.count) if part not in chosen)


@record
class Ordered(Parts):
    """Numbers or days, cut at every number that some pack compares; part *i* begins at cut *i - 1*.

    Days have no intervals: a part of them is said by the day on which it begins.
    """

    cuts: tuple[float, ...] | tuple[str, ...]
    days: bool = False

    @property
    def count(self) -> int:  # type: ignore[override]
        """One more than there are cuts."""
        return len(self.cuts) + 1

    @cached_property
    def _cells(self) -> OrderedCells:
        return OrderedCells(self.cuts)

    def of(self, value: Value) -> Chosen:
        """From the part of the lowest to that of the highest number."""
        if isinstance(value, Unknown):
            return frozenset(range(self.count))
        if self.days:
            return frozenset(self._cells.cell_of(day) for day in choices(value))
        low, high = bounds(value)
        first = 0 if low is None else self._cells.cell_of(low)
        last = self.count - 1 if high is None else self._cells.cell_of(high)
        return frozenset(range(first, last + 1))

    def wider(self, chosen: Chosen) -> Iterator[Chosen]:
        """First upwards, then downwards: an interval has no gaps. Days are tried in order."""
        if self.days:
            yield from super().wider(chosen)
            return
        if max(chosen) + 1 < self.count:
            yield chosen | {max(chosen) + 1}
        if min(chosen):
            yield chosen | {min(chosen) - 1}

    def value(self, chosen: Chosen) -> Value | None:
        """An interval that is open where nothing bounds it; its upper end is the last double before a cut."""
        if len(chosen) == self.count:
            return Unknown()
        if self.days:
            return one_of([str(self.cuts[part - 1]) if part else FIRST_DAY for part in sorted(chosen)])
        first, last = min(chosen), max(chosen)
        low = None if first == 0 else float(self.cuts[first - 1])
        high = None if last + 1 == self.count else math.nextafter(float(self.cuts[last]), -math.inf)
        return interval(low, high)


@record
class Named(Parts):
    """Names, countries, tiers, yes and no: in groups that no pack tells apart."""

    groups: tuple[tuple[Scalar, ...], ...]

    @property
    def count(self) -> int:  # type: ignore[override]
        """One for each group."""
        return len(self.groups)

    @cached_property
    def _group(self) -> dict[Scalar, int]:
        return {name: number for number, group in enumerate(self.groups) for name in group}

    def of(self, value: Value) -> Chosen:
        """The groups of its names; where any text may be, the last also holds every name that nobody mentions."""
        if not choices(value):
            return frozenset(range(self.count))
        return frozenset(self._group.get(name, self._group.get(ANOTHER, 0)) for name in choices(value))

    def value(self, chosen: Chosen) -> Value | None:
        """Every name of the groups."""
        if len(chosen) == self.count:
            return Unknown()
        return one_of([name for part in sorted(chosen) for name in self.groups[part]])


@record
class Listed(Parts):
    """A list-valued fact: of each member that some pack names, whether it is there. Part 2 *i* is no, 2 *i* + 1 is yes.

    Members that no pack names are neither said to be there nor not to be.
    """

    members: tuple[str, ...]

    @property
    def count(self) -> int:  # type: ignore[override]
        """Two for each member."""
        return 2 * len(self.members)

    def of(self, value: Value) -> Chosen:
        """No, yes, or both where it is only possible."""
        found = set()
        for number, member in enumerate(self.members):
            mask = MemberCells(member).mask_of(value)
            found |= {2 * number + cell for cell in (0, 1) if mask >> cell & 1}
        return frozenset(found)

    def value(self, chosen: Chosen) -> Value | None:
        """What is certainly and what is possibly there."""
        if len(chosen) == self.count:
            return Unknown()
        possible = {member for number, member in enumerate(self.members) if 2 * number + 1 in chosen}
        open_ = {member for number, member in enumerate(self.members) if 2 * number in chosen}
        return Members(frozenset(possible - open_), frozenset(possible))


def parts_of(fact: str, cut: Iterable[Cells]) -> Parts | None:
    """The parts of a fact under several ways to cut it; ``None`` when no pack asks for it.

    Args:
        fact: Name in the facts table.
        cut: Its cells in each pack.
    """
    spec, partitions = FACTS[fact], list(dict.fromkeys(cut))
    if not partitions:
        return None
    if spec.kind is Kind.LIST:
        members = {cells.member for cells in partitions if isinstance(cells, MemberCells)}
        return Listed(tuple(sorted(members)))
    if spec.kind in (Kind.NUMBER, Kind.DATE):
        ordered = [cells for cells in partitions if isinstance(cells, OrderedCells)]
        if spec.kind is Kind.DATE:
            return Ordered(tuple(sorted({str(cut) for cells in ordered for cut in cells.cuts})), days=True)
        return Ordered(tuple(sorted({float(cut) for cells in ordered for cut in cells.cuts})))
    return _named(spec, partitions)


def _named(spec: FactSpec, partitions: Sequence[Cells]) -> Named:
    groups: dict[tuple[int, ...], list[Scalar]] = {}
    for name in _names(spec, partitions):
        groups.setdefault(tuple(cells.cell_of(name) for cells in partitions), []).append(name)
    return Named(tuple(tuple(group) for group in groups.values()))


def _names(spec: FactSpec, partitions: Sequence[Cells]) -> list[Scalar]:
    if spec.kind is Kind.BOOL:
        return [False, True]
    if spec.kind is Kind.TIER or isinstance(partitions[0], TierCells):
        return list(TIERS)
    if spec.domain and spec.closed:
        return list(spec.domain)
    mentioned = {n for cells in partitions for n in cells.representatives() if not str(n).startswith("\0")}
    return [*sorted(mentioned, key=str), ANOTHER]
