"""From worlds that a walk found to cases that say what the pack says of them now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.values import Known
from weightgate.policy.diagram import Ref
from weightgate.policy.examples.example import Asked, Example, Kept, example, trim
from weightgate.policy.examples.text import written
from weightgate.policy.invariants import Change
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
    return Verdict(stage.diagram.leaf(seen.root, seen.cells) - 1)


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
            kept.append(Kept(stage.diagram, there, 1 << stage.diagram.leaf(root, world.cells)))
    needed = trim(stage.variables, shared, kept)
    found = []
    for world in worlds:
        asked = Asked(stage.activity, stage.start, stage.end, world.reading)
        one = example(stage.variables, needed | {level: world.cells[level] for level in differ}, asked)
        if one is None:
            return None
        found.append(one)
    return found


def in_order(stage: Stage, worlds: Sequence[Seen], shown: Sequence[Example], change: Change) -> list[Example]:
    """The two examples of a change of names, with names that it passes in that order.

    Rules may not tell open from closed, and restricted from neither: then it matters which one stands for the two.
    """
    spec = FACTS[change.fact]
    if spec.kind is not Kind.ENUM:
        return list(shown)
    cells = [world.cells[stage.builder.levels[change.fact, ""]] for world in worlds]
    of = stage.variables[stage.builder.levels[change.fact, ""]].cells.cell_of
    passed = spec.domain if change.upwards else spec.domain[::-1]
    pairs = [pair for pair in combinations(passed, 2) if [of(name) for name in pair] == cells]
    nearest = min(pairs, key=lambda pair: passed.index(pair[1]) - passed.index(pair[0]))
    return [
        replace(one, values={**one.values, change.fact: Known(name)})
        for one, name in zip(shown, nearest, strict=True)
    ]


def difference(before: Example, after: Example) -> str:
    """The facts that differ between two examples, in words."""
    facts = [fact for fact in before.values if before.values[fact] != after.values.get(fact)]
    told = [f"{fact} from {written(before.values[fact])} to {written(after.values[fact])}" for fact in facts]
    return " and ".join(told)


def in_words(one: Example) -> str:
    """The facts of an example on one line."""
    return ", ".join(f"{fact} {written(value)}" for fact, value in one.values.items()) or "whatever the facts"
