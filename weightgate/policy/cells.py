"""Cells: the parts into which a pack's rules cut what a fact may be, and no finer.

Two values in one cell can never lead to different verdicts. What is known of a fact, in whatever form, is a bit mask
over its cells: bit *i* is set when the fact may lie in cell *i*.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from weightgate.facts.values import Interval, Known, Members, OneOf, Scalar, Value
from weightgate.policy.naming import names_text
from weightgate.records import record

OTHER_NAME = "\0another"
"""A name that no rule mentions."""


class Cells(ABC):
    """The cells of one variable of a decision diagram."""

    kind: ClassVar[str]

    @property
    @abstractmethod
    def count(self) -> int:
        """How many cells there are, at least one."""

    @abstractmethod
    def cell_of(self, scalar: Scalar) -> int:
        """The cell of a definite value."""

    @abstractmethod
    def label(self, cell: int) -> str:
        """What a cell stands for, in words."""

    @abstractmethod
    def encode(self) -> Any:
        """Plain data from which :func:`decode_cells` makes the same cells."""

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The label of each cell."""
        return tuple(self.label(cell) for cell in range(self.count))

    @cached_property
    def everything(self) -> int:
        """The mask of a fact of which nothing is known."""
        return (1 << self.count) - 1

    def mask_of(self, value: Value) -> int:
        """The cells in which a fact of which ``value`` is known may lie."""
        if isinstance(value, Known):
            return 1 << self.cell_of(value.value)
        if isinstance(value, OneOf):
            mask = 0
            for scalar in value.values:
                mask |= 1 << self.cell_of(scalar)
            return mask
        return self.everything

    def representatives(self) -> list[Scalar]:
        """At least one value from each cell, for telling apart the cells of two packs."""
        return [self.representative(cell) for cell in range(self.count)]

    @abstractmethod
    def representative(self, cell: int) -> Scalar:
        """A value that lies in the cell."""


@record
class OrderedCells(Cells):
    """Numbers or days, cut at ``cuts``: cell *i* begins at cut *i - 1* and ends before cut *i*."""

    cuts: tuple[float, ...] | tuple[str, ...]
    kind: ClassVar[str] = "ordered"

    @property
    def count(self) -> int:
        """One more than there are cuts."""
        return len(self.cuts) + 1

    def cell_of(self, scalar: Scalar) -> int:
        """Number of cuts at or below the value."""
        return bisect_right(self.cuts, scalar)

    def mask_of(self, value: Value) -> int:
        """An interval covers every cell from its lower to its upper end."""
        if isinstance(value, Known):
            return 1 << bisect_right(self.cuts, value.value)
        if isinstance(value, Interval):
            low = 0 if value.min is None else self.cell_of(value.min)
            high = self.count - 1 if value.max is None else self.cell_of(value.max)
            return _run(low, high)
        return super().mask_of(value)

    def between(self, first: float | str, last: float | str) -> int:
        """The cells in which something from ``first`` to ``last`` may lie."""
        return _run(self.cell_of(first), self.cell_of(last))

    def label(self, cell: int) -> str:
        """``below 1e+26``, ``at least 1e+26``, ``more than 0.25``, or both ends."""
        low = self.cuts[cell - 1] if cell else None
        high = self.cuts[cell] if cell < len(self.cuts) else None
        if low is not None and low == self._before(high):
            return f"exactly {low}"
        ends = [self._from(low)] if low is not None else []
        ends += [self._to(high)] if high is not None else []
        return " and ".join(ends) or "anything"

    def _before(self, cut: float | str | None) -> float | str | None:
        return math.nextafter(cut, 0.0) if isinstance(cut, float) else None

    def _from(self, cut: float | str) -> str:
        # A cut at the double after t comes from "more than t": say t, as the rule does.
        before = self._before(cut)
        return f"more than {before}" if before is not None and _shorter(before, cut) else f"at least {cut}"

    def _to(self, cut: float | str) -> str:
        before = self._before(cut)
        return f"at most {before}" if before is not None and _shorter(before, cut) else f"below {cut}"

    def representative(self, cell: int) -> Scalar:
        """The cell's lower end."""
        if cell:
            return self.cuts[cell - 1]
        return "0001-01-01" if self.cuts and isinstance(self.cuts[0], str) else 0.0

    def encode(self) -> Any:
        """The cuts."""
        return list(self.cuts)


def _run(low: int, high: int) -> int:
    """The mask of the cells from one to another."""
    return (1 << (high + 1)) - (1 << low)


def _shorter(a: float | str, b: float | str) -> bool:
    return len(repr(a)) < len(repr(b))


@record
class NamedCells(Cells):
    """Names in groups; the last cell also holds every name that no group mentions."""

    groups: tuple[tuple[Scalar, ...], ...]
    kind: ClassVar[str] = "named"

    @cached_property
    def table(self) -> dict[Scalar, int]:
        """Each mentioned name's cell."""
        return {name: cell for cell, group in enumerate(self.groups) for name in group}

    @cached_property
    def _bits(self) -> dict[Scalar, int]:
        return {name: 1 << cell for name, cell in self.table.items()}

    @cached_property
    def _last(self) -> int:
        return 1 << len(self.groups) - 1

    def mask_of(self, value: Value) -> int:
        """The cell of a name, those of several, or all."""
        if isinstance(value, Known):
            return self._bits.get(value.value, self._last)
        return super().mask_of(value) if isinstance(value, OneOf) else self.everything

    @property
    def count(self) -> int:
        """One for each group."""
        return len(self.groups)

    def cell_of(self, scalar: Scalar) -> int:
        """The group that mentions the name, else the last."""
        return self.table.get(scalar, len(self.groups) - 1)

    def label(self, cell: int) -> str:
        """The names of the group, or how many they are."""
        return names_text(self.groups[cell])

    def representatives(self) -> list[Scalar]:
        """Every mentioned name, since another pack may mention any of them alone, and one that nobody mentions."""
        return [*self.table, OTHER_NAME]

    def representative(self, cell: int) -> Scalar:
        """The group's first name; a name that nobody mentions when it has none."""
        return self.groups[cell][0] if self.groups[cell] else OTHER_NAME

    def encode(self) -> Any:
        """The groups."""
        return [list(group) for group in self.groups]


def common_label(partitions: Sequence[NamedCells], chosen: Sequence[tuple[int, ...]]) -> str:
    """The names that lie in some of the chosen combinations of cells, in words.

    Args:
        partitions: Ways in which several packs cut one fact.
        chosen: Combinations of a cell of each.
    """
    wanted = set(chosen)
    mentioned = dict.fromkeys(name for cells in partitions for name in cells.table)
    within = [name for name in mentioned if tuple(c.cell_of(name) for c in partitions) in wanted]
    # A last group that lists names holds all that is left of a closed list, and nothing that nobody mentions.
    other = any(not cells.groups[-1] for cells in partitions)
    return names_text(within, other=other and tuple(c.count - 1 for c in partitions) in wanted)


@record
class MemberCells(Cells):
    """Whether a list-valued fact holds one member: cell 0 no, cell 1 yes."""

    member: str
    kind: ClassVar[str] = "member"

    @property
    def count(self) -> int:
        """Two: no and yes."""
        return 2

    def cell_of(self, scalar: Scalar) -> int:
        """``True`` is yes."""
        return int(bool(scalar))

    def mask_of(self, value: Value) -> int:
        """No, yes, or possibly."""
        if isinstance(value, Members):
            if self.member in value.certain:
                return 2
            return 3 if self.member in value.possible else 1
        return self.everything

    def label(self, cell: int) -> str:
        """Whether the member is there."""
        return f"with {self.member}" if cell else f"without {self.member}"

    def representative(self, cell: int) -> Scalar:
        """``True`` or ``False``."""
        return bool(cell)

    def encode(self) -> Any:
        """The member."""
        return self.member


@record
class TierCells(Cells):
    """Whether a tier follows from its parts (cell 0), or was declared as 1, 2 or 3."""

    kind: ClassVar[str] = "tier"

    @property
    def count(self) -> int:
        """From its parts, 1, 2 and 3."""
        return 4

    def cell_of(self, scalar: Scalar) -> int:
        """The declared tier."""
        return int(scalar)

    def label(self, cell: int) -> str:
        """``tier 2``."""
        return f"tier {cell}" if cell else "as its countries say"

    def representative(self, cell: int) -> Scalar:
        """The tier, 0 for what follows from the parts."""
        return cell

    def encode(self) -> Any:
        """Nothing: all tiers have the same cells."""
        return None


FROM_PARTS = 1
"""Mask of :class:`TierCells` for a tier that was not declared."""


def decode_cells(kind: str, data: Any) -> Cells:
    """Cells from what :meth:`Cells.encode` gave.

    Raises:
        ValueError: No cells are of that kind.
    """
    if kind == OrderedCells.kind:
        return OrderedCells(tuple(data))
    if kind == NamedCells.kind:
        return NamedCells(tuple(tuple(group) for group in data))
    if kind == MemberCells.kind:
        return MemberCells(data)
    if kind == TierCells.kind:
        return TierCells()
    raise ValueError(f"no cells are of kind {kind!r}")
