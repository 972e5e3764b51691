"""From worlds that a walk found to cases that say what the pack says of them now."""

from __future__ import annotations

from collections.abc import Sequence

from weightgate.policy.diagram import Ref
from weightgate.policy.example import Asked, Example, Kept, example, trim
from weightgate.policy.example_text import written
from weightgate.policy.prove.stage import Stage
from weightgate.policy.prove.walks import Cells
from weightgate.policy.reading import Reading
from weightgate.policy.verdicts import Verdict
from weightgate.records import record


@record
class Seen:
    """One world of a finding.

    Attributes:
        cells: The world.
        reading: How the pack is read there.
        root: The verdict in that reading.
        given: What must hold there.
    """

    cells: Cells
    reading: Reading
    root: Ref
    given: Ref


def verdict_of(stage: Stage, seen: Seen) -> Verdict:
    """What the pack says of a world."""
    return Verdict(_end(stage, seen.root, seen.cells) - 1)


def examples(stage: Stage, worlds: Sequence[Seen]) -> list[Example] | None:
    """The worlds as facts, without those facts that they share and that do not matter to any of them.

    Returns:
        ``None`` where a ratio and its parts, which diagrams look at apart, do not fit each other.
    """
    first = worlds[0].cells
    differ = [level for level in first if any(world.cells[level] != first[level] for world in worlds)]
    shared = {level: cell for level, cell in first.items() if level not in differ}
    kept = []
    for world in worlds:
        for root in (world.root, world.given):
            there = root
            for level in differ:
                there = stage.diagram.fix(there, level, world.cells[level])
            kept.append(Kept(stage.diagram, there, 1 << _end(stage, root, world.cells)))
    needed = trim(stage.variables, shared, kept)
    found = []
    for world in worlds:
        asked = Asked(stage.activity, stage.start, stage.end, world.reading)
        one = example(stage.variables, needed | {level: world.cells[level] for level in differ}, asked)
        if one is None:
            return None
        found.append(one)
    return found


def _end(stage: Stage, root: Ref, cells: Cells) -> int:
    while root >= 0:
        root = stage.diagram.kids[root][cells[stage.diagram.level[root]]]
    return ~root


def difference(before: Example, after: Example) -> str:
    """The facts that differ between two examples, in words."""
    facts = [fact for fact in before.values if before.values[fact] != after.values.get(fact)]
    told = [f"{fact} from {written(before.values[fact])} to {written(after.values[fact])}" for fact in facts]
    return " and ".join(told)


def in_words(one: Example) -> str:
    """The facts of an example on one line."""
    return ", ".join(f"{fact} {written(value)}" for fact, value in one.values.items()) or "whatever the facts"
