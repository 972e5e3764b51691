"""A decision diagram restricted to what is known: what is left of it is exactly what is still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from weightgate.policy.diagram import Ref
from weightgate.policy.verdicts import Verdict

_WIDTH = len(Verdict)
_ALL = (1 << _WIDTH) - 1

_CELLS_AT_ONCE = 512
"""Cells that one pass over the nodes looks at, which bounds the bits that it holds for each node."""


class Reduced(NamedTuple):
    """A reduced diagram of verdicts whose nodes have one child for each cell that is still possible.

    Attributes:
        root: A node's index, or the complement of a leaf's value.
        level: For each node, the variable it tests; children come before their parents.
        kids: For each node, its children.
    """

    root: Ref
    level: list[int]
    kids: list[tuple[Ref, ...]]

    def outcomes(self) -> dict[int, list[int]]:
        """For each variable that is still tested, in order, the values that each of its cells would leave, as bit masks.

        These variables are the unique smallest set that always settles the question.
        """
        counts = sorted(dict(zip(self.level, map(len, self.kids), strict=True)).items())
        found: dict[int, list[int]] = {level: [] for level, _ in counts}
        for batch in _batches(tuple(counts)):
            left = self._left(*_masks(batch))
            for level, first, end, _ in batch:
                for _ in range(first, end):
                    found[level].append(left & _ALL)
                    left >>= _WIDTH
        return found

    def _left(self, masks: Mapping[int, Sequence[int]], every: int) -> int:
        """For each cell, the values that would be left if its variable lay there, side by side.

        A node leaves what its children leave. Where its own variable is assumed to lie in a cell, it leaves what that
        child does: the other children are masked out there. So one pass serves all assumptions.
        """
        # A leaf's reference is negative: leaves stand at the end of the list, the first one last.
        left = [0] * len(self.level) + [every << value for value in reversed(range(_WIDTH))]
        for node, level in enumerate(self.level):
            found = cell = 0
            counted = masks.get(level, ())
            for kid in self.kids[node]:
                found |= left[kid] & counted[cell] if counted else left[kid]
                cell += 1  # noqa: SIM113 (twice as fast as enumerate)
            left[node] = found
        return left[self.root]


_Cells = tuple[int, int, int, int]
"""Some cells of a variable: its level, the first of them, the one after the last, and how many it has in all."""


@lru_cache(maxsize=64)
def _batches(counts: tuple[tuple[int, int], ...]) -> list[tuple[_Cells, ...]]:
    """All cells of all variables, at most :data:`_CELLS_AT_ONCE` together."""
    batches: list[tuple[_Cells, ...]] = []
    batch: list[_Cells] = []
    room = _CELLS_AT_ONCE
    for level, count in counts:
        first = 0
        while count - first > room:
            batches.append((*batch, (level, first, first + room, count)))
            first, batch, room = first + room, [], _CELLS_AT_ONCE
        batch.append((level, first, count, count))
        room -= count - first
    return [*batches, tuple(batch)]


@lru_cache(maxsize=64)
def _masks(batch: tuple[_Cells, ...]) -> tuple[dict[int, list[int]], int]:
    """For each child of a node of each level, the bits in which it counts; and the lowest bit of every cell."""
    full = (1 << _WIDTH * sum(end - first for _, first, end, _ in batch)) - 1
    masks: dict[int, list[int]] = {}
    shift = 0
    for level, first, end, count in batch:
        width = _WIDTH * (end - first)
        others = full ^ ((1 << width) - 1 << shift)
        own = [others | _ALL << at for at in range(shift, shift + width, _WIDTH)]
        masks[level] = [others] * first + own + [others] * (count - end)
        shift += width
    return masks, full // _ALL


def reduce(level: Sequence[int], kids: Sequence[tuple[Ref, ...]], root: Ref, masks: Sequence[int]) -> Reduced:
    """Restrict one diagram to masks over its variables' cells."""
    root, reached = _restrict(level, kids, root, masks)
    if root < 0:
        return Reduced(root, [], [])
    new_level: list[int] = []
    new_kids: list[tuple[Ref, ...]] = []
    done: dict[Ref, Ref] = {}
    get = done.get
    index: dict[tuple[Ref, ...], Ref] = {}
    current, number = -1, 0
    # Children test later variables than their parents, and so are made before them.
    for node in sorted(reached, key=level.__getitem__, reverse=True):
        below = tuple([get(ref, ref) for ref in reached[node]])  # a leaf is never done, and stays what it is
        first = below[0]
        if first == below[-1] and below.count(first) == len(below):
            done[node] = first
            continue
        if level[node] != current:
            current, index = level[node], {}
        done[node] = same = index.setdefault(below, number)
        if same == number:
            new_level.append(current)
            new_kids.append(below)
            number += 1
    return Reduced(done[root], new_level, new_kids)


def _restrict(
    level: Sequence[int], kids: Sequence[tuple[Ref, ...]], root: Ref, masks: Sequence[int]
) -> tuple[Ref, dict[Ref, list[Ref]]]:
    """The first node whose variable is open, and for each that it reaches, the next ones by its possible cells."""
    first: list[Ref] = []
    reached: dict[Ref, list[Ref]] = {}
    rows: list[tuple[list[Ref], Sequence[Ref]]] = [(first, (root,))]
    for found, refs in rows:
        for start in refs:
            ref = start
            while ref >= 0:
                mask = masks[level[ref]]
                if mask & (mask - 1):
                    if ref not in reached:
                        below: list[Ref] = []
                        reached[ref] = below
                        row = kids[ref]
                        rows.append((below, row if mask + 1 == 1 << len(row) else _chosen(row, mask)))
                    break
                ref = kids[ref][mask.bit_length() - 1]
            found.append(ref)
    return first[0], reached


def _chosen(refs: tuple[Ref, ...], mask: int) -> list[Ref]:
    """The children for the cells in a mask."""
    return [ref for cell, ref in enumerate(refs) if mask >> cell & 1]
