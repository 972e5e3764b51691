"""A decision diagram restricted to what is known: what is left of it is exactly what is still open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from weightgate.policy.diagram import Nodes, Ref


class Reduced(NamedTuple):
    """A reduced diagram whose nodes have one child for each cell that is still possible.

    Attributes:
        root: A node's index, or the complement of a leaf's value.
        level: For each node, the variable it tests; children come before their parents.
        kids: For each node, its children.
        leaves: For each node, the values of the leaves below it, as a bit mask.
    """

    root: Ref
    level: list[int]
    kids: list[tuple[Ref, ...]]
    leaves: list[int]

    @property
    def possible(self) -> int:
        """The values of all leaves, as a bit mask."""
        return self.below(self.root)

    def below(self, ref: Ref) -> int:
        """The values of the leaves below a node, or the leaf's own."""
        return self.leaves[ref] if ref >= 0 else 1 << ~ref

    def open_levels(self) -> list[int]:
        """The variables that are still tested: the unique smallest set that always settles the question."""
        return sorted(set(self.level))

    def outcomes(self, level: int, count: int) -> list[int]:
        """For each of the ``count`` possible cells of a variable, the values that would still be possible."""
        levels, kids, below = self.level, self.kids, self.leaves
        anyway = 0
        found = [0] * count
        seen = {self.root}
        stack = [self.root]
        while stack:
            node = stack.pop()
            if node < 0:
                anyway |= 1 << ~node
            elif levels[node] > level:
                anyway |= below[node]
            elif levels[node] == level:
                for cell, kid in enumerate(kids[node]):
                    found[cell] |= below[kid] if kid >= 0 else 1 << ~kid
            else:
                for kid in kids[node]:
                    if kid not in seen:
                        seen.add(kid)
                        stack.append(kid)
        return [each | anyway for each in found]


class Builder(Nodes):
    """Makes the nodes of a :class:`Reduced` diagram, bottom up, each only once."""

    def __init__(self) -> None:
        super().__init__()
        self.leaves: list[int] = []

    def _added(self, kids: tuple[Ref, ...]) -> None:
        mask = 0
        for kid in kids:
            mask |= self.leaves[kid] if kid >= 0 else 1 << ~kid
        self.leaves.append(mask)

    def finish(self, root: Ref) -> Reduced:
        """The diagram below ``root``; nodes that it does not reach must not have been made."""
        return Reduced(root, self.level, self.kids, self.leaves)


def reduce(level: Sequence[int], kids: Sequence[tuple[Ref, ...]], root: Ref, masks: Sequence[int]) -> Reduced:
    """Restrict one diagram to masks over its variables' cells."""
    builder = Builder()
    done: dict[Ref, Ref] = {}

    def settled(ref: Ref) -> Ref:
        """Down from ``ref`` past the variables that are known."""
        while ref >= 0:
            mask = masks[level[ref]]
            if mask & (mask - 1):
                break
            ref = kids[ref][mask.bit_length() - 1]
        return ref

    root = settled(root)
    stack = [root] if root >= 0 else []
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        mask, below, waiting = masks[level[node]], [], False
        for kid in kids[node]:
            if mask & 1:
                child = settled(kid)
                found = done.get(child) if child >= 0 else child
                if found is None:
                    stack.append(child)
                    waiting = True
                else:
                    below.append(found)
            mask >>= 1
        if not waiting:
            done[node] = builder.node(level[node], tuple(below))
    return builder.finish(done[root] if root >= 0 else root)
