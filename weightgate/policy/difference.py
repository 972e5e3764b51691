"""``policy diff``: where two packs come to different verdicts, with a smallest example of each difference.

By meaning, not by text: a pack that says the same in other words does not differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.builder import LICENSE, Builder
from weightgate.policy.cases_file import NO_RULE
from weightgate.policy.clauses import Clause, clauses, side_by_side
from weightgate.policy.compiled import Variable
from weightgate.policy.days import FOREVER, next_day
from weightgate.policy.diagram import ONLY_TRUE, Diagram, Ref, leaves
from weightgate.policy.examples.example import AS_OF, Asked, Example, Kept, example, find, trim
from weightgate.policy.pack import Pack, PackAt, at
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.verdicts import SILENT, VERDICTS, Verdict
from weightgate.records import record

_SILENT = len(Verdict)
_BASE = _SILENT + 1

Says = tuple[Clause, ...]
"""What a pack says about an activity; nothing before it begins, or without a rule about it."""


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
    """Every pair of verdicts that two packs come to on the same facts, those that loosen most first.

    What the same rules bring about on stretches of days that follow one another is one difference, with the example of
    the first.

    Args:
        first: The pack before.
        second: The pack after.
        day: Compare them on this day alone; empty for every day.

    Raises:
        PolicyError: A pack does not stand in its reading, or a diagram outgrows its bound.
    """
    sides = [side.pack.read(side.reading) for side in (first, second)]
    defaults = [VERDICTS[side.pack.document.default.verdict] for side in (first, second)]
    found: list[Difference] = []
    for activity in ACTIVITIES:
        for start, end, says in _stretches(sides, activity, day):
            if any(says):
                asked = Asked(activity, start, end, second.reading)
                found += _Compared(says, defaults, asked).differences()
    return sorted(_joined(found), key=_weight)


def _joined(found: Iterable[Difference]) -> list[Difference]:
    """Differences of stretches that follow one another as one, where nothing but the days tells them apart."""
    joined: list[Difference] = []
    last: dict[tuple[object, ...], int] = {}
    for one in found:
        key = one.activity, one.before, one.after, one.rules, one.example is None
        place = last.get(key)
        if place is not None and next_day(joined[place].end) == one.start:
            joined[place] = replace(joined[place], end=one.end)
        else:
            last[key] = len(joined)
            joined.append(one)
    return joined


def _weight(one: Difference) -> tuple[int, int, int, str]:
    """Sorts what loosens first, and of that what lets most more through: deny to allow before all else."""
    before, after = (VERDICTS.get(verdict, Verdict.ALLOW) for verdict in (one.before, one.after))
    return _ORDER[one.direction], -abs(before - after), ACTIVITIES.index(one.activity), one.start


def _stretches(
    sides: Sequence[Sequence[PackAt]], activity: str, day: str
) -> Iterator[tuple[str, str, tuple[Says, ...]]]:
    """Days on which neither pack changes what it says about an activity, of countries and not of tiers."""
    if day:
        yield day, day, tuple(_says(at(side, day), activity) for side in sides)
        return
    merged: list[tuple[str, str, tuple[Says, ...]]] = []
    for start, end, stand in side_by_side(sides):
        says = tuple(_says(standing, activity) for standing in stand)
        same = bool(merged) and merged[-1][2] == says
        merged.append((merged.pop()[0] if same else start, end, says))
    yield from merged


def _says(standing: PackAt | None, activity: str) -> Says:
    tiers = standing.tiers if standing else {}
    return tuple(one.about(activity, tiers) for one in clauses(standing, activity))


class _Compared:
    """Two packs over one table of nodes, about one activity on days that are alike."""

    def __init__(self, sides: Sequence[Says], defaults: Sequence[Verdict], asked: Asked) -> None:
        self.asked = asked
        self.builder = Builder([*(one.condition for says in sides for one in says), LICENSE], {})
        self.masks = asked.masks(self.builder.variables)
        self.said = [[said for one in says for said in self._said(one)] for says in sides]
        before, after = (self._verdict(side, d) for side, d in zip(self.said, defaults, strict=True))
        self.both = self.diagram.apply(lambda a, b: a * _BASE + b, before, after)

    @property
    def diagram(self) -> Diagram:
        """The table of nodes."""
        return self.builder.diagram

    def _said(self, one: Clause) -> Iterator[tuple[str, Verdict, Ref]]:
        for verdict, root, _ in self.builder.said(self.builder.build(one.condition), one.verdict):
            yield one.rule, verdict, root

    def _verdict(self, said: list[tuple[str, Verdict, Ref]], default: Verdict) -> Ref:
        if not said:
            return ~_SILENT
        strictest = self.builder.strictest((verdict, root) for _, verdict, root in said)
        return self.builder.decided(strictest, default)

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
        if v == verdict and leaves(diagram.level, diagram.kids, root, masks) == ONLY_TRUE
    ]
    return () if verdict == _SILENT else tuple(found) or (NO_RULE,)
