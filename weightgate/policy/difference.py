"""``policy diff``: where two packs come to different verdicts, with a smallest example of each difference.

By meaning, not by text: a pack that says the same in other words does not differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.cells import Cells, OrderedCells
from weightgate.policy.compile import LICENSE, NO_RULE, Builder
from weightgate.policy.compiled import Variable
from weightgate.policy.days import FOREVER, day_before
from weightgate.policy.diagram import Diagram, Ref, leaves
from weightgate.policy.example import AS_OF, Asked, Example, Kept, example, find, trim
from weightgate.policy.ir import Condition, simplify
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.untiered import untiered
from weightgate.policy.verdicts import VERDICTS, Verdict
from weightgate.records import record

SILENT = "not applicable"
"""Stands for the verdict of a pack that has not begun, or has no rule about the activity."""

_SILENT = len(Verdict)
_BASE = _SILENT + 1

Ruling = tuple[str, Verdict, Condition]


@record
class Side:
    """One of the two packs.

    Attributes:
        pack: The pack.
        reading: How it is read.
    """

    pack: Pack
    reading: Reading = AS_WRITTEN


@record
class Difference:
    """A pair of verdicts that two packs come to on the same facts.

    Attributes:
        activity: What is to be done.
        start: First day.
        end: Last day; :data:`~weightgate.policy.days.FOREVER` when it goes on.
        before: The first pack's verdict, or :data:`SILENT`.
        after: The second's.
        rules: Rules that decide the example: the first pack's and the second's.
        example: A smallest example; ``None`` where every one needs facts that cannot be together.
    """

    activity: str
    start: str
    end: str
    before: str
    after: str
    rules: tuple[tuple[str, ...], tuple[str, ...]]
    example: Example | None

    @property
    def direction(self) -> str:
        """``loosens``, ``tightens``, or ``begins`` or ``ends`` where one of the two says nothing."""
        if self.before == SILENT:
            return "begins"
        if self.after == SILENT:
            return "ends"
        return "loosens" if VERDICTS[self.after] < VERDICTS[self.before] else "tightens"

    def case(self) -> str:
        """The example as a case of the second pack, in YAML; empty where there is none."""
        if self.example is None or self.after == SILENT:
            return ""
        name = f"{self.before} became {self.after}, {self.activity} from {self.start}"
        return self.example.case(name.replace("_", " "), self.after, note=f"Before: {self.before}.")

    def to_json(self) -> dict[str, Any]:
        """The difference as a JSON object; ``until`` is null when it goes on."""
        return {
            "activity": self.activity,
            "from": self.start,
            "until": None if self.end == FOREVER else self.end,
            "before": self.before,
            "after": self.after,
            "direction": self.direction,
            "rules": {"before": list(self.rules[0]), "after": list(self.rules[1])},
            "case": self.case() or None,
        }


_ORDER = {"loosens": 0, "ends": 1, "begins": 2, "tightens": 3}


def differences(first: Side, second: Side, day: str = "") -> list[Difference]:
    """Every pair of verdicts that two packs come to on the same facts, those that loosen first.

    Args:
        first: The pack before.
        second: The pack after.
        day: Compare them on this day alone; empty for every day.

    Raises:
        PolicyError: A pack does not stand in its reading, or a diagram outgrows its bound.
    """
    sides = [(side.pack, side.pack.read(side.reading)) for side in (first, second)]
    found: list[Difference] = []
    for activity in ACTIVITIES:
        for start, end, stand in _stretches([standings for _, standings in sides], activity, day):
            rulings = [_rulings(standing, activity) for standing in stand]
            if any(rulings):
                defaults = [VERDICTS[pack.document.default.verdict] for pack, _ in sides]
                asked = Asked(activity, start, end, second.reading)
                found += _Compared(rulings, defaults, asked).differences()
    return sorted(found, key=lambda d: (_ORDER[d.direction], ACTIVITIES.index(d.activity), d.start))


def _stretches(
    sides: Sequence[Sequence[PackAt]], activity: str, day: str
) -> Iterator[tuple[str, str, list[PackAt | None]]]:
    """Days on which neither pack changes what it says about an activity."""
    starts = [day] if day else sorted({standing.start for side in sides for standing in side})
    merged: list[tuple[str, list[PackAt | None], object]] = []
    for start in starts:
        stand = [next((s for s in side if s.start <= start <= s.end), None) for side in sides]
        says = [(_rulings(s, activity), s.tiers if s else {}) for s in stand]
        if not merged or merged[-1][2] != says:
            merged.append((start, stand, says))
    ends = [*(day_before(start) for start, _, _ in merged[1:]), day or FOREVER]
    for (start, stand, _), end in zip(merged, ends, strict=True):
        yield start, end, stand


def _rulings(standing: PackAt | None, activity: str) -> list[Ruling]:
    """What a pack says about an activity, of countries and not of tiers."""
    if standing is None:
        return []
    known = {"activity": activity}
    return [
        (one.rule.id, VERDICTS[one.rule.verdict], simplify(untiered(one.condition, standing.tiers), known))
        for one in standing.rules
        if activity in one.rule.activity
    ]


class _Compared:
    """Two packs over one table of nodes, about one activity on days that are alike."""

    def __init__(self, rulings: Sequence[list[Ruling]], defaults: Sequence[Verdict], asked: Asked) -> None:
        self.asked = asked
        self.builder = Builder([*(c for side in rulings for _, _, c in side), LICENSE], {})
        self.masks = [
            _days(v.cells, asked) if v.fact == AS_OF else v.cells.everything for v in self.builder.variables
        ]
        self.said = [
            [(name, v, root) for name, verdict, c in side for v, root, _ in self.builder.said(c, verdict)]
            for side in rulings
        ]
        before, after = (self._verdict(side, d) for side, d in zip(self.said, defaults, strict=True))
        self.both = self.diagram.apply(lambda a, b: a * _BASE + b, before, after)

    @property
    def diagram(self) -> Diagram:
        """The table of nodes."""
        return self.builder.diagram

    def _verdict(self, said: list[tuple[str, Verdict, Ref]], default: Verdict) -> Ref:
        if not said:
            return ~_SILENT
        strictest = self.builder.strictest((verdict, root) for _, verdict, root in said)
        return self.diagram.map_leaves(lambda leaf: int(default) if leaf == NO_RULE else leaf, strictest)

    def differences(self) -> Iterator[Difference]:
        """Each pair of verdicts that differ somewhere."""
        found = leaves(self.diagram.level, self.diagram.kids, self.both, self.masks)
        for leaf in range(_BASE * _BASE):
            before, after = divmod(leaf, _BASE)
            if found >> leaf & 1 and before != after:
                yield self._difference(before, after, leaf)

    def _difference(self, before: int, after: int, leaf: int) -> Difference:
        wanted = 1 << leaf
        variables, asked = self.builder.variables, self.asked
        cells = find(variables, self.diagram, self.both, wanted, self.masks)
        shown = None
        rules: tuple[tuple[str, ...], tuple[str, ...]] = (), ()
        if cells is not None:
            fixed = [AS_OF] if any(v.fact == AS_OF for v in variables) else []
            cells = trim(variables, cells, [Kept(self.diagram, self.both, wanted)], fixed)
            shown = example(variables, cells, asked)
            deciding = [
                _deciding(self.diagram, variables, cells, said, verdict)
                for said, verdict in zip(self.said, (before, after), strict=True)
            ]
            rules = deciding[0], deciding[1]
        words = [SILENT if v == _SILENT else str(Verdict(v)) for v in (before, after)]
        return Difference(asked.activity, asked.start, asked.end, words[0], words[1], rules, shown)


def _days(cells: Cells, asked: Asked) -> int:
    """The cells of the day itself that lie in the stretch."""
    if not isinstance(cells, OrderedCells):
        return cells.everything
    low, high = cells.cell_of(asked.start), cells.cell_of(asked.end)
    return (1 << (high + 1)) - (1 << low)


def _deciding(
    diagram: Diagram,
    variables: Sequence[Variable],
    cells: Mapping[int, int],
    said: Iterable[tuple[str, Verdict, Ref]],
    verdict: int,
) -> tuple[str, ...]:
    """The rules that give a verdict in a world; ``default`` where none does."""
    masks = [1 << cells[n] if n in cells else v.cells.everything for n, v in enumerate(variables)]
    found = [
        name
        for name, v, root in said
        if v == verdict and leaves(diagram.level, diagram.kids, root, masks) == _TRUE
    ]
    return () if verdict == _SILENT else tuple(found) or ("default",)


_TRUE = 2  # the mask of the single leaf "true"
