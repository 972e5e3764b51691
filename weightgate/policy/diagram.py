"""Multi-valued decision diagrams: shared, reduced, with a fixed order of variables.

A node tests one variable and has one child for each of its cells. A child that is not a node is a leaf, written as
the complement of its value, so that ``~leaf`` gives the value and a negative reference is a leaf. Two nodes that test
the same and have the same children are one node, and a node whose children are all the same is that child; so two
conditions mean the same exactly when they have the same reference.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat

from weightgate.errors import PolicyError

Ref = int
"""A node's index, or the complement of a leaf's value."""

FALSE: Ref = ~0
TRUE: Ref = ~1
ONLY_FALSE, ONLY_TRUE = 1, 2
"""What :func:`leaves` gives where the single leaf false, and the single leaf true, can be reached."""

MAX_NODES = 200_000
MAX_CELLS = 10_000
"""Cells of one variable."""
MAX_STEPS = 3_000_000
"""Children that are made or looked at to compile or to join packs, and in any one join: a few seconds, and below 400 MB."""

_HALF = 1 << 31
_NO_REF = 1 << 62


class Diagram:
    """A table of nodes, each there only once, that any number of diagrams over the same variables share.

    Attributes:
        counts: Number of cells of each variable, in the order in which they are tested.
        level: For each node, the variable it tests.
        kids: For each node, its children, which come before it.

    Args:
        counts: As above.
        names: What each variable is called, for people.
        steps: Children that may be made or looked at, over all operations.

    Raises:
        PolicyError: A variable has more than :data:`MAX_CELLS` cells.
    """

    def __init__(self, counts: Sequence[int], names: Sequence[str] = (), steps: int = MAX_STEPS) -> None:
        self.counts = list(counts)
        self.level: list[int] = []
        self.kids: list[tuple[Ref, ...]] = []
        self._names = names or ["a fact"] * len(self.counts)
        self._index: dict[tuple[int, tuple[Ref, ...]], Ref] = {}
        self._steps = self._bound = steps
        for name, count in zip(self._names, self.counts, strict=True):
            if count > MAX_CELLS:
                raise PolicyError(
                    f"rules cut {name} into {count} parts, at most {MAX_CELLS} are told apart",
                    hint="compare it with fewer names or numbers",
                    code="diagram_too_large",
                )

    def node(self, level: int, kids: tuple[Ref, ...]) -> Ref:
        """The node that tests variable ``level`` and goes to ``kids``; a child when all children are the same.

        Raises:
            PolicyError: There would be more than :data:`MAX_NODES`, or it took too many steps.
        """
        first = kids[0]
        if first == kids[-1] and kids.count(first) == len(kids):
            return first
        key = (level, kids)
        found = self._index.get(key)
        if found is None:
            if len(self.level) >= MAX_NODES:
                raise self.too_large(f"outgrows {MAX_NODES} nodes")
            found = self._index[key] = len(self.level)
            self.level.append(level)
            self.kids.append(kids)
            self.spend(len(kids))
        return found

    def spend(self, steps: int) -> None:
        """Take steps off those that are left.

        Raises:
            PolicyError: None are left.
        """
        self._steps -= steps
        if self._steps < 0:
            raise self.too_large("takes too many steps to build")

    @property
    def spent(self) -> int:
        """Steps taken so far."""
        return self._bound - self._steps

    def too_large(self, what: str) -> PolicyError:
        """The error for a diagram that outgrows a bound, with the facts that make it large."""
        nodes = Counter(self._names[level] for level in self.level)
        most = ", ".join(name for name, _ in nodes.most_common(3))
        return PolicyError(
            f"the decision diagram {what}; most of it tests {most}",
            hint="ask fewer packs, places or orders at once, or compare fewer facts in one rule",
            code="diagram_too_large",
        )

    def test(self, level: int, mask: int) -> Ref:
        """Whether a variable lies in one of the cells of a mask."""
        return self.node(
            level, tuple(TRUE if mask >> cell & 1 else FALSE for cell in range(self.counts[level]))
        )

    def apply(self, join: Callable[[int, int], int], a: Ref, b: Ref) -> Ref:
        """The diagram whose leaves are ``join`` of the leaves of two diagrams."""
        return _Join(self, join).of(a, b)

    def largest(self, parts: Iterable[Ref], top: int) -> Ref:
        """The diagram whose leaves are the largest of the leaves of several, none of which is above ``top``."""
        return self._all(parts, _Join(self, max, FALSE, ~top))

    def all_of(self, parts: Iterable[Ref]) -> Ref:
        """The conjunction of conditions."""
        return self._all(parts, _Join(self, min, TRUE, FALSE))

    def any_of(self, parts: Iterable[Ref]) -> Ref:
        """The disjunction of conditions."""
        return self.largest(parts, ~TRUE)

    def _all(self, parts: Iterable[Ref], join: _Join) -> Ref:
        """Two and two, then the results two and two: what is large is joined only a few times."""
        left = list(parts) or [join.neutral]
        while len(left) > 1:
            odd = left[len(left) & ~1 :]
            left = [join.of(a, b) for a, b in zip(left[::2], left[1::2], strict=False)] + odd
        return left[0]

    def negate(self, a: Ref) -> Ref:
        """The negation of a condition."""
        return self.map_leaves(lambda x: 1 - x, a)

    def map_leaves(self, change: Callable[[int], int], a: Ref) -> Ref:
        """The diagram with every leaf's value changed."""
        level, kids = self.level, self.kids
        below = [a] if a >= 0 else []
        seen = set(below)
        for node in below:
            self.spend(len(kids[node]))
            for kid in kids[node]:
                if kid >= 0 and kid not in seen:
                    seen.add(kid)
                    below.append(kid)
        done: dict[Ref, Ref] = {}
        for node in sorted(below, key=level.__getitem__, reverse=True):
            changed = [done[kid] if kid >= 0 else ~change(~kid) for kid in kids[node]]
            done[node] = self.node(level[node], tuple(changed))
        return done[a] if a >= 0 else ~change(~a)

    def leaf(self, a: Ref, cells: Mapping[int, int] | Sequence[int]) -> int:
        """The value of the leaf to which a cell of each variable leads."""
        while a >= 0:
            a = self.kids[a][cells[self.level[a]]]
        return ~a

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


class _Join:
    """How two diagrams become one, leaf by leaf.

    Args:
        diagram: The table of nodes.
        join: From two leaves' values to the value of the one that stands for both.
        neutral: A leaf that changes nothing. Given only for a join that is commutative and makes ``x`` of ``x`` and
            ``x``.
        absorbing: A leaf beside which nothing else counts.
    """

    def __init__(
        self,
        diagram: Diagram,
        join: Callable[[int, int], int],
        neutral: Ref = _NO_REF,
        absorbing: Ref = _NO_REF,
    ) -> None:
        self.diagram = diagram
        self.join = join
        self.neutral = neutral
        self.absorbing = absorbing
        self._done: dict[int, Ref] = {}
        self._waiting: dict[int, list[int]] = {}
        self._levels: list[int] = []

    def of(self, a: Ref, b: Ref) -> Ref:
        """The two as one.

        Pairs are found level by level from the top, and their nodes made from the bottom. A pair is kept as one number
        outside the range of references: so many small objects would cost the garbage collector more than the work.
        """
        top: list[int] = []
        self._look(((a, b),), top)
        rows = []
        looked_at = 0
        while self._levels:
            level = heapq.heappop(self._levels)
            pairs = self._waiting.pop(level)
            rows.append((level, pairs, self._row(level, pairs)))
            looked_at += len(rows[-1][2])
            if looked_at > MAX_STEPS:
                raise self.diagram.too_large("takes too many steps to build")
        done, self._done = self._done, {}
        get = done.get
        for level, pairs, row in reversed(rows):
            count = self.diagram.counts[level]
            for at, pair in enumerate(pairs):
                below = row[at * count : (at + 1) * count]
                done[pair] = self.diagram.node(level, tuple([get(ref, ref) for ref in below]))
        return get(top[0], top[0])

    def _row(self, level: int, pairs: list[int]) -> list[int]:
        """What the children of pairs come to, one pair's after the other's."""
        kids, level_of = self.diagram.kids, self.diagram.level
        row: list[int] = []
        for pair in pairs:
            x, y = pair >> 32, (pair & 0xFFFFFFFF) - _HALF
            xs = kids[x] if x >= 0 and level_of[x] == level else repeat(x)
            ys = kids[y] if y >= 0 and level_of[y] == level else repeat(y)
            self._look(zip(xs, ys, strict=False), row)
        return row

    def _look(self, pairs: Iterable[tuple[Ref, Ref]], row: list[int]) -> None:
        """Add each pair to a row: as a reference where that is clear, else as the number of a pair to work out."""
        neutral, absorbing, level, done = self.neutral, self.absorbing, self.diagram.level, self._done
        lattice, before = neutral != _NO_REF, len(row)
        for x, y in pairs:
            if y == neutral or x == absorbing or (x == y and lattice):
                row.append(x)
            elif x == neutral or y == absorbing:
                row.append(y)
            elif x < 0 and y < 0:
                row.append(~self.join(~x, ~y))
            else:
                pair = _HALF + ((y << 32) + x if lattice and x < y else (x << 32) + y)
                row.append(pair)
                if pair not in done:
                    done[pair] = FALSE
                    at = level[y] if x < 0 or (y >= 0 and level[y] < level[x]) else level[x]
                    if at in self._waiting:
                        self._waiting[at].append(pair)
                    else:
                        self._waiting[at] = [pair]
                        heapq.heappush(self._levels, at)
        self.diagram.spend(len(row) - before)


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
