"""From a place in a decision diagram to facts that lead there, and to a case that ``policy test`` takes.

For every walk that has to show what it found. Three steps, of which the middle one may be left out::

    cells = find(variables, diagram, root, wanted)        # the plainest way to a leaf: a cell for each variable on it
    cells = trim(variables, cells, [Kept(diagram, root, wanted)])        # without the facts that do not matter
    found = example(variables, cells, Asked("host", start, end, reading))      # facts; None: no world is like that
    text = found.case("weights nobody thought of", "deny")                # YAML, to be put into tests/NAME.yaml

``wanted`` is a bit mask over the values of leaves, as :func:`~weightgate.policy.diagram.leaves` gives them. A walk over
several diagrams joins them first (:meth:`~weightgate.policy.diagram.Diagram.apply`), with a leaf for what it looks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from weightgate.facts.registry import FACTS, position
from weightgate.facts.values import Known, Members, Scalar, Value
from weightgate.policy.cells import FROM_PARTS, MemberCells, OrderedCells, TierCells
from weightgate.policy.compiled import Variable
from weightgate.policy.days import FOREVER
from weightgate.policy.diagram import Ref, leaves
from weightgate.policy.examples.plain import agreeing, cost, plain
from weightgate.policy.examples.text import case_text
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.verdicts import Verdict
from weightgate.records import record

AS_OF = "as_of"
_GROUPS = ("model", "developer", "destination", "operator", "compute", "activity", "as_of")


class Graph(Protocol):
    """Nodes of decision diagrams: a :class:`~weightgate.policy.diagram.Diagram`, or a compiled activity."""

    @property
    def level(self) -> Sequence[int]:
        """For each node, the variable it tests."""

    @property
    def kids(self) -> Sequence[tuple[Ref, ...]]:
        """For each node, its children."""


class Kept(NamedTuple):
    """What must stay true of an example: that a diagram leads to one of the wanted leaves.

    Attributes:
        graph: The nodes.
        root: Where to start.
        wanted: Bit mask over the values of leaves.
    """

    graph: Graph
    root: Ref
    wanted: int


class Asked(NamedTuple):
    """The question that an example belongs to.

    Attributes:
        activity: What is to be done.
        start: First day on which the pack stands so.
        end: Last day.
        reading: How the pack is read.
    """

    activity: str
    start: str
    end: str = FOREVER
    reading: Reading = AS_WRITTEN

    def masks(self, variables: Sequence[Variable]) -> list[int]:
        """For each variable, the cells in which it may lie: the day in the stretch, and no tier declared of itself.

        A declared tier that agrees with its countries changes nothing, and one that does not is no world.
        """
        return [self._mask(variable) for variable in variables]

    def _mask(self, variable: Variable) -> int:
        cells = variable.cells
        if isinstance(cells, TierCells):
            return FROM_PARTS
        if variable.fact == AS_OF and isinstance(cells, OrderedCells):
            return cells.between(self.start, self.end)
        return cells.everything


@record
class Example:
    """The facts of one world that leads to a place of a diagram; what is not named may be anything.

    Attributes:
        values: Facts as a case states them.
        activity: What is to be done.
        as_of: Day of the question.
        reading: How the pack is read.
    """

    values: Mapping[str, Value]
    activity: str
    as_of: str
    reading: Reading = AS_WRITTEN

    def case(self, name: str, expect: Verdict | str, *, note: str = "") -> str:
        """The example as one case, in YAML, with a line end at the end."""
        return case_text(name, self.as_of, self.activity, self.reading, self.values, str(expect), note)


def find(
    variables: Sequence[Variable],
    graph: Graph,
    root: Ref,
    wanted: int,
    masks: Sequence[int] | None = None,
) -> dict[int, int] | None:
    """The plainest way from a node to a wanted leaf: few facts, and common values.

    Args:
        variables: What each level tests.
        graph: The nodes.
        root: Where to start.
        wanted: Bit mask over the values of leaves.
        masks: For each level, the cells in which it may lie; any when left out.

    Returns:
        The cell of each level on the way; ``None`` when no way leads there.
    """
    allowed = masks or [variable.cells.everything for variable in variables]
    best = _cheapest(variables, graph, root, wanted, allowed)
    if best.get(root, _NOWHERE) == _NOWHERE:
        return None
    cells: dict[int, int] = {}
    while root >= 0:
        level, cell = graph.level[root], best[root][1]
        cells[level] = cell
        root = graph.kids[root][cell]
    return cells


_NOWHERE = (1 << 60, -1)
_NOT_HELD = 1


def _cheapest(
    variables: Sequence[Variable], graph: Graph, root: Ref, wanted: int, allowed: Sequence[int]
) -> dict[Ref, tuple[int, int]]:
    """For each node that is reached: what the cheapest way to a wanted leaf costs, and its first cell."""
    costs = [[cost(v.cells, cell) for cell in range(v.cells.count)] for v in variables]
    best: dict[Ref, tuple[int, int]] = {}
    stack = [root]
    while stack:
        ref = stack[-1]
        if ref in best:
            stack.pop()
        elif ref < 0:
            best[ref] = (0, -1) if wanted >> ~ref & 1 else _NOWHERE
        else:
            level = graph.level[ref]
            open_kids = [(c, k) for c, k in enumerate(graph.kids[ref]) if allowed[level] >> c & 1]
            waiting = [kid for _, kid in open_kids if kid not in best]
            stack += waiting
            if not waiting:
                reached = [
                    (best[kid][0] + costs[level][c], c) for c, kid in open_kids if best[kid] != _NOWHERE
                ]
                best[ref] = min(reached, default=_NOWHERE)
    return best


def trim(
    variables: Sequence[Variable], cells: Mapping[int, int], kept: Sequence[Kept], fixed: Sequence[str] = ()
) -> dict[int, int]:
    """The cells without the facts that do not matter: each of ``kept`` stays as it is, whatever those facts are.

    A list is known whole or not at all, so its members go together.

    Args:
        variables: What each level tests.
        cells: The cell of some levels.
        kept: What must stay true.
        fixed: Facts that stay.
    """
    left = dict(cells)
    for fact in reversed(list(dict.fromkeys(variables[level].fact for level in sorted(cells)))):
        fewer = {level: cell for level, cell in left.items() if variables[level].fact != fact}
        if fact not in fixed and all(_stays(variables, fewer, one) for one in kept):
            left = fewer
    return left


def _stays(variables: Sequence[Variable], cells: Mapping[int, int], kept: Kept) -> bool:
    named = {variables[level].fact for level in cells}
    masks = [
        1 << cells[level] if level in cells else _left_open(variable, variable.fact in named)
        for level, variable in enumerate(variables)
    ]
    return not leaves(kept.graph.level, kept.graph.kids, kept.root, masks) & ~kept.wanted


def _left_open(variable: Variable, named: bool) -> int:
    """The cells of a variable that an example does not name: of a list of which it names a member, that it is not held."""
    if isinstance(variable.cells, TierCells):
        return FROM_PARTS
    return _NOT_HELD if named and isinstance(variable.cells, MemberCells) else variable.cells.everything


def example(variables: Sequence[Variable], cells: Mapping[int, int], asked: Asked) -> Example | None:
    """A world in which the variables lie in the given cells, with the plainest values.

    Members of a list of which some are named and others not are left out of it. A tier that follows from its countries
    is not named; one in another cell was declared.

    Returns:
        The world; ``None`` where none is like that: a ratio that does not fit its parts, a part of another country,
        a day beyond the stretch.
    """
    scalars: dict[str, Scalar] = {}
    members: dict[str, set[str]] = {}
    day: str | None = asked.start
    for level, cell in sorted(cells.items()):
        variable = variables[level]
        if isinstance(variable.cells, MemberCells):
            members.setdefault(variable.fact, set()).update({variable.cells.member} if cell else ())
        elif variable.fact == AS_OF and isinstance(variable.cells, OrderedCells):
            day = _day_in(variable.cells, cell, asked)
        elif cell or not isinstance(variable.cells, TierCells):
            scalars[variable.fact] = plain(FACTS[variable.fact], variable.cells, cell)
    partitions = {v.fact: (v.cells, cells[n]) for n, v in enumerate(variables) if n in cells}
    agreed = agreeing(scalars, partitions)
    if day is None or agreed is None:
        return None
    values: dict[str, Value] = {fact: Known(value) for fact, value in agreed.items()}
    values |= {fact: Members(frozenset(held), frozenset(held)) for fact, held in members.items()}
    ordered = {fact: values[fact] for fact in sorted(values, key=_order)}
    return Example(ordered, asked.activity, day, asked.reading)


def _day_in(cells: OrderedCells, cell: int, asked: Asked) -> str | None:
    """The first day of the stretch that lies in the cell."""
    day = max(asked.start, str(cells.representative(cell)))
    return day if day <= asked.end and cells.cell_of(day) == cell else None


def _order(fact: str) -> tuple[int, int]:
    """Models first, as cases are written; then the place, then the operator."""
    return _GROUPS.index(fact.partition(".")[0]), position(fact)


def definite(variables: Sequence[Variable], cells: Mapping[int, int]) -> dict[int, int]:
    """A cell for every level: the one given, else the plainest; no tier is declared of itself."""
    return {level: cells.get(level, _plainest(variable)) for level, variable in enumerate(variables)}


def _plainest(variable: Variable) -> int:
    cells = variable.cells
    return 0 if isinstance(cells, TierCells) else min(range(cells.count), key=lambda cell: cost(cells, cell))
