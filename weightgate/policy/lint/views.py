"""A pack as lint looks at it: every combination of its switches, on every day, for every activity.

All conditions of a few stretches of days are diagrams over one table of nodes, so that two of them mean the same
exactly when they have the same reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.builder import LICENSE, Builder
from weightgate.policy.clauses import clauses
from weightgate.policy.diagram import ONLY_TRUE, Diagram, Ref
from weightgate.policy.examples.example import find
from weightgate.policy.ir import Condition
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.reading import Reading
from weightgate.policy.readings import count_combinations, every_combination, own_status
from weightgate.records import record

"""Mask of the leaf "true"."""

MAX_LOOKS = 20_000
"""Readings, times stretches of days, times rules: more would take half a minute."""
MAX_SHARED = 8
"""Stretches of days that share one table of nodes: what stays the same on all is built once, and facts are cut finer."""


@record
class View:
    """A pack's rules about one activity, in one reading, between two days.

    Attributes:
        reading: The reading.
        day: The first of the days.
        activity: The activity.
        rules: When each rule in force applies, by its index in the pack.
        conditions: The same as conditions.
        builder: The variables, and the table of nodes that all views of some days share.
    """

    reading: Reading
    day: str
    activity: str
    rules: Mapping[int, Ref]
    conditions: Mapping[int, Condition]
    builder: Builder

    @property
    def diagram(self) -> Diagram:
        """The table of nodes."""
        return self.builder.diagram


def readings_of(pack: Pack) -> Iterator[Reading]:
    """Every combination of a pack's switches; of a pack with rules of their own status, also what was in force."""
    for in_force in (False, True) if own_status(pack) else (False,):
        for chosen in every_combination(pack):
            yield Reading(switches=chosen, in_force=in_force)


def looks(pack: Pack) -> int:
    """How many rules there are to look at, in every reading and on every stretch of days."""
    readings = count_combinations(pack) * (2 if own_status(pack) else 1)
    return readings * len(pack.standings) * len(pack.document.rules)


def views(pack: Pack) -> list[View]:
    """Every view of a pack; whoever asks looks first whether they are more than :data:`MAX_LOOKS`.

    Raises:
        PolicyError: The diagrams outgrow their bound.
    """
    index = {rule.id: i for i, rule in enumerate(pack.document.rules)}
    asked = [
        (reading, standing, activity, _conditions(standing, activity, index))
        for reading in readings_of(pack)
        for standing in pack.read(reading)
        for activity in ACTIVITIES
    ]
    asked.sort(key=lambda one: one[1].start)
    found: list[View] = []
    for _, same_table in groupby(asked, key=lambda one: one[1].tiers):
        alike = list(same_table)
        starts = list(dict.fromkeys(standing.start for _, standing, _, _ in alike))
        for begin in range(0, len(starts), MAX_SHARED):
            together = starts[begin : begin + MAX_SHARED]
            found += _views([one for one in alike if one[1].start in together])
    return found


Asked = tuple[Reading, PackAt, str, dict[int, Condition]]
"""A reading, how the pack stands in it, an activity, and when each rule about it applies."""


def _conditions(standing: PackAt, activity: str, index: Mapping[str, int]) -> dict[int, Condition]:
    return {index[one.rule]: one.about(activity).condition for one in clauses(standing, activity)}


def _views(asked: Sequence[Asked]) -> Iterator[View]:
    """The views of days with one table of countries."""
    every = dict.fromkeys(condition for *_, conditions in asked for condition in conditions.values())
    builder = Builder([*every, LICENSE], asked[0][1].tiers)
    # A declared tier counts only as long as its countries are not known, and then as one of theirs.
    built = {condition: builder.from_parts(builder.build(condition)) for condition in every}
    for reading, standing, activity, conditions in asked:
        if conditions:
            rules = {i: built[condition] for i, condition in conditions.items()}
            yield View(reading, standing.start, activity, rules, conditions, builder)


def world_of(builder: Builder, ref: Ref) -> str:
    """In words, the plainest facts under which a condition is true; empty when it never is."""
    cells = find(builder.variables, builder.diagram, ref, ONLY_TRUE)
    if cells is None:
        return ""
    named = ((builder.variables[level], cell) for level, cell in sorted(cells.items()))
    said = [f"{variable.fact} is {variable.cells.labels[cell]}" for variable, cell in named]
    return ", ".join(said) or "anything"
