"""The walks: where a verdict goes too far, and where a change of one fact loosens it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from weightgate.facts.registry import FACTS, TIERS, Kind
from weightgate.policy.builder import leaf_of
from weightgate.policy.diagram import FALSE, Diagram, Ref, explored
from weightgate.policy.examples.example import definite, find
from weightgate.policy.invariants import Change
from weightgate.policy.prove.stage import Stage
from weightgate.policy.verdicts import Verdict
from weightgate.records import record

STRICTEST = leaf_of(Verdict.DENY)

Cells = dict[int, int]
"""A cell for every level: one world."""


@record
class Step:
    """Two worlds that differ in what changes alone, of which the second is the looser.

    Attributes:
        before: The first.
        after: The second.
        levels: The levels that may differ.
    """

    before: Cells
    after: Cells
    levels: frozenset[int]


def beyond(stage: Stage, root: Ref, given: Ref, least: int, most: int) -> Ref:
    """Where the condition holds and the verdict's leaf is below ``least`` or above ``most``."""
    return stage.diagram.apply(lambda met, value: int(met and not least <= value <= most), given, root)


def looser(stage: Stage, default: Ref, other: Ref) -> Ref:
    """Where a default reading is looser than another."""
    worse = stage.diagram.apply(lambda value, others: int(others > value), default, other)
    return stage.diagram.all_of((worse, stage.real))


def world(stage: Stage, where: Ref) -> Cells | None:
    """The plainest world in a condition; ``None`` when there is none."""
    if where == FALSE:
        return None
    cells = find(stage.variables, stage.diagram, where, 2)
    return None if cells is None else definite(stage.variables, cells)


def levels_of(stage: Stage, change: Change) -> tuple[int, ...]:
    """The levels that test what changes; none when nothing depends on it."""
    spec = FACTS[change.fact]
    facts = spec.derived_from if spec.kind is Kind.TIER else (change.fact,)
    if spec.kind is Kind.TIER and not stage.builder.tiers:
        return ()
    return tuple(
        level
        for level, variable in enumerate(stage.variables)
        if variable.fact in facts and (not change.member or variable.key[1] == change.member)
    )


def loosening(stage: Stage, root: Ref, given: Ref, change: Change) -> Step | None:
    """A change that loosens a verdict, both worlds in the condition; ``None`` when there is none."""
    levels = levels_of(stage, change)
    if not depends(stage, root, levels):
        return None
    # 0 where the condition does not hold, so that it is never the stricter nor the looser one.
    masked = stage.diagram.apply(lambda value, met: value * met, root, given)
    kind = FACTS[change.fact].kind
    if kind is Kind.TIER:
        return _of_tier(stage, masked, levels, change)
    if kind is Kind.LIST and not change.member:
        return _of_members(stage, masked, levels, change.upwards)
    return _of_cells(stage, masked, levels[0], _passed(stage, levels[0], change))


def _passed(stage: Stage, level: int, change: Change) -> list[int]:
    """The cells that a change passes, in order; names that rules do not tell apart share one, which may come twice."""
    spec, cells = FACTS[change.fact], stage.variables[level].cells
    upwards = [cells.cell_of(n) for n in spec.domain] if spec.kind is Kind.ENUM else [*range(cells.count)]
    return upwards if change.upwards else upwards[::-1]


def _of_cells(stage: Stage, masked: Ref, level: int, passed: list[int]) -> Step | None:
    """Walk the cells in order, with the strictest verdict so far for all else the same."""
    diagram = stage.diagram
    so_far: Ref = ~0
    for index, cell in enumerate(passed):
        here = diagram.fix(masked, level, cell)
        after = world(stage, diagram.apply(_drops, so_far, here))
        if after is not None:
            return _step(stage, masked, {**after, level: cell}, _nearest(level, passed[:index]))
        so_far = diagram.largest((so_far, here), STRICTEST)
    return None


def _nearest(level: int, earlier: list[int]) -> Iterator[dict[int, int]]:
    for cell in dict.fromkeys(reversed(earlier)):
        yield {level: 1 << cell}


def _of_tier(stage: Stage, masked: Ref, levels: tuple[int, ...], change: Change) -> Step | None:
    """The same for the tiers of countries, with the strictest verdict of all countries of a tier."""
    diagram = stage.diagram
    tiers = TIERS if change.upwards else TIERS[::-1]
    inside = [
        diagram.apply(lambda value, here: value * here, masked, stage.tier(change.fact, tier))
        for tier in tiers
    ]
    so_far: Ref = ~0
    for index, here in enumerate(inside):
        after = world(stage, diagram.apply(_drops, so_far, here))
        if after is not None:
            free = dict.fromkeys(levels, -1)
            return next(
                step
                for source in reversed(inside[:index])
                if (step := _step(stage, source, after, [free], diagram.leaf(masked, after)))
            )
        so_far = diagram.largest((so_far, _project(diagram, here, levels)), STRICTEST)
    return None


def _of_members(stage: Stage, masked: Ref, levels: tuple[int, ...], gains: bool) -> Step | None:
    """The strictest verdict of every list from which this one can come, member by member."""
    diagram, come = stage.diagram, int(gains)
    strictest = masked
    for level in levels:
        other = diagram.fix(strictest, level, 1 - come)
        there = diagram.apply(lambda value, here: value * here, other, diagram.test(level, 1 << come))
        strictest = diagram.largest((strictest, there), STRICTEST)
    after = world(stage, diagram.apply(_drops, strictest, masked))
    if after is None:
        return None
    # The list comes from one with other members where it has come to be what it is; the rest stays.
    return _step(stage, masked, after, [{level: -1 for level in levels if after[level] == come}])


def _drops(before: int, after: int) -> int:
    return int(0 < after < before)


def _step(
    stage: Stage, source: Ref, after: Cells, ways: Iterable[dict[int, int]], own: int | None = None
) -> Step | None:
    """The nearest world from which a looser one can come; ``None`` when it cannot.

    Args:
        stage: The stage.
        source: The verdict of the worlds from which it may come, 0 for all others.
        after: The looser world.
        ways: For each way in which it may come, nearest first: the cells of the levels that differ.
        own: The leaf of the looser world, where ``source`` does not have it.
    """
    found = stage.diagram.leaf(source, after) if own is None else own
    stricter = ~((2 << found) - 1)
    for way in ways:
        masks = [way.get(n, 1 << after[n]) & v.cells.everything for n, v in enumerate(stage.variables)]
        cells = find(stage.variables, stage.diagram, source, stricter, masks)
        if cells is not None:
            return Step({**after, **cells}, after, frozenset(way))
    return None


def _project(diagram: Diagram, root: Ref, levels: tuple[int, ...]) -> Ref:
    """The strictest verdict over all cells of some levels."""
    for level in levels:
        cells = [diagram.fix(root, level, cell) for cell in range(diagram.counts[level])]
        root = diagram.largest(cells, STRICTEST)
    return root


def depends(stage: Stage, root: Ref, levels: Sequence[int]) -> bool:
    """Whether a diagram tests one of some levels."""
    everything = [variable.cells.everything for variable in stage.variables]
    _, tested = explored(stage.diagram.level, stage.diagram.kids, root, everything)
    return any(tested >> level & 1 for level in levels)
