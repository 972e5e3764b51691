"""Multi-valued decision diagrams: shared, reduced, with a fixed order of variables.

A node tests one variable and has one child for each of its cells. A child that is not a node is a leaf, written as
the complement of its value, so that ``~leaf`` gives the value and a negative reference is a leaf. Two nodes that test
the same and have the same children are one node, and a node whose children are all the same is that child; so two
conditions mean the same exactly when they have the same reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from weightgate.errors import PolicyError

Ref = int
"""A node's index, or the complement of a leaf's value."""

FALSE: Ref = ~0
TRUE: Ref = ~1

MAX_NODES = 200_000


def too_large() -> PolicyError:
    """The error for a diagram that outgrows :data:`MAX_NODES`."""
    return PolicyError(
        f"the decision diagram outgrows {MAX_NODES} nodes",
        hint="ask fewer packs, places or orders at once, or compare fewer facts in one rule",
        code="diagram_too_large",
    )


class Nodes:
    """A table of nodes, each there only once.

    Attributes:
        level: For each node, the variable it tests.
        kids: For each node, its children, which come before it.
    """

    def __init__(self) -> None:
        self.level: list[int] = []
        self.kids: list[tuple[Ref, ...]] = []
        self._index: dict[tuple[int, tuple[Ref, ...]], Ref] = {}

    def node(self, level: int, kids: tuple[Ref, ...]) -> Ref:
        """The node that tests variable ``level`` and goes to ``kids``; a child when all children are the same.

        Raises:
            PolicyError: There would be more than :data:`MAX_NODES`.
        """
        first = kids[0]
        if kids.count(first) == len(kids):
            return first
        key = (level, kids)
        found = self._index.get(key)
        if found is None:
            if len(self.level) >= MAX_NODES:
                raise too_large()
            found = self._index[key] = len(self.level)
            self.level.append(level)
            self.kids.append(kids)
            self._added(kids)
        return found

    def _added(self, kids: tuple[Ref, ...]) -> None:
        """Told of each new node."""


class Diagram(Nodes):
    """A table of nodes that any number of diagrams over the same variables share.

    Attributes:
        counts: Number of cells of each variable, in the order in which they are tested.
    """

    def __init__(self, counts: Sequence[int]) -> None:
        super().__init__()
        self.counts = list(counts)

    def test(self, level: int, mask: int) -> Ref:
        """Whether a variable lies in one of the cells of a mask."""
        return self.node(
            level, tuple(TRUE if mask >> cell & 1 else FALSE for cell in range(self.counts[level]))
        )

    def apply(self, join: Callable[[int, int], int], a: Ref, b: Ref) -> Ref:
        """The diagram whose leaves are ``join`` of the leaves of two diagrams."""
        done: dict[tuple[Ref, Ref], Ref] = {}
        stack = [(a, b)]
        while stack:
            pair = stack[-1]
            x, y = pair
            if pair in done:
                stack.pop()
            elif x < 0 and y < 0:
                done[pair] = ~join(~x, ~y)
            else:
                level = min(self.level[ref] for ref in pair if ref >= 0)
                pairs = list(zip(self._children(x, level), self._children(y, level), strict=True))
                waiting = [p for p in pairs if p not in done]
                if waiting:
                    stack += waiting
                else:
                    done[pair] = self.node(level, tuple(done[p] for p in pairs))
        return done[a, b]

    def map_leaves(self, change: Callable[[int], int], a: Ref) -> Ref:
        """The diagram with every leaf's value changed."""
        return self.apply(lambda x, _: change(x), a, FALSE)

    def fix(self, a: Ref, level: int, cell: int) -> Ref:
        """The diagram under the condition that a variable lies in one cell."""
        done: dict[Ref, Ref] = {}
        stack = [a]
        while stack:
            ref = stack[-1]
            if ref in done:
                stack.pop()
            elif ref < 0 or self.level[ref] > level:
                done[ref] = ref
            elif self.level[ref] == level:
                done[ref] = self.kids[ref][cell]
            else:
                waiting = [kid for kid in self.kids[ref] if kid not in done]
                if waiting:
                    stack += waiting
                else:
                    done[ref] = self.node(self.level[ref], tuple(done[kid] for kid in self.kids[ref]))
        return done[a]

    def all_of(self, parts: Iterable[Ref]) -> Ref:
        """The conjunction of conditions."""
        result = TRUE
        for part in parts:
            result = self.apply(lambda x, y: x & y, result, part)
        return result

    def any_of(self, parts: Iterable[Ref]) -> Ref:
        """The disjunction of conditions."""
        result = FALSE
        for part in parts:
            result = self.apply(lambda x, y: x | y, result, part)
        return result

    def negate(self, a: Ref) -> Ref:
        """The negation of a condition."""
        return self.map_leaves(lambda x: 1 - x, a)

    def _children(self, a: Ref, level: int) -> tuple[Ref, ...]:
        if a >= 0 and self.level[a] == level:
            return self.kids[a]
        return (a,) * self.counts[level]


def leaves(level: Sequence[int], kids: Sequence[tuple[Ref, ...]], root: Ref, masks: Sequence[int]) -> int:
    """The values of all leaves that can be reached, as a bit mask.

    Args:
        level: As in :class:`Diagram`.
        kids: As in :class:`Diagram`.
        root: Where to start.
        masks: For each variable, the cells in which it may lie.
    """
    while root >= 0:
        mask = masks[level[root]]
        if mask & (mask - 1):
            break
        root = kids[root][mask.bit_length() - 1]
    else:
        return 1 << ~root
    found = 0
    reached = [root]
    seen = {root}
    for node in reached:
        mask = masks[level[node]]
        for kid in kids[node]:
            if mask & 1:
                if kid < 0:
                    found |= 1 << ~kid
                elif kid not in seen:
                    seen.add(kid)
                    reached.append(kid)
            mask >>= 1
    return found


def explored(
    level: Sequence[int], kids: Sequence[tuple[Ref, ...]], root: Ref, masks: Sequence[int]
) -> tuple[int, int]:
    """The values of all leaves that can be reached, and the variables that are tested on some way there.

    Args:
        level: As in :class:`Diagram`.
        kids: As in :class:`Diagram`.
        root: Where to start.
        masks: For each variable, the cells in which it may lie.

    Returns:
        Two bit masks: over the leaves' values, and over the variables, settled ones included.
    """
    tested = 0
    while root >= 0:
        here = level[root]
        mask = masks[here]
        tested |= 1 << here
        if mask & (mask - 1):
            break
        root = kids[root][mask.bit_length() - 1]
    else:
        return 1 << ~root, tested
    found = 0
    reached = [root]
    seen = {root}
    for node in reached:
        here = level[node]
        mask = masks[here]
        tested |= 1 << here
        for kid in kids[node]:
            if mask & 1:
                if kid < 0:
                    found |= 1 << ~kid
                elif kid not in seen:
                    seen.add(kid)
                    reached.append(kid)
            mask >>= 1
    return found, tested


def compact(diagram: Diagram, roots: Sequence[Ref]) -> tuple[list[int], list[tuple[Ref, ...]], list[Ref]]:
    """The nodes that ``roots`` reach, renumbered, children after parents left in place."""
    order: dict[Ref, Ref] = {}
    for root in roots:
        stack = [root]
        while stack:
            node = stack.pop()
            if node >= 0 and node not in order:
                order[node] = len(order)
                stack.extend(reversed(diagram.kids[node]))

    def moved(ref: Ref) -> Ref:
        return order[ref] if ref >= 0 else ref

    level = [diagram.level[node] for node in order]
    kids = [tuple(moved(kid) for kid in diagram.kids[node]) for node in order]
    return level, kids, [moved(root) for root in roots]
