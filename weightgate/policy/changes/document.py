"""``policy diff``: what was changed in a pack's document, by name, whether or not it makes a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from weightgate.policy.cel import NamedValue
from weightgate.policy.changes.rules import of_rules
from weightgate.policy.changes.words import from_to, members
from weightgate.policy.clauses import side_by_side
from weightgate.policy.days import FOREVER
from weightgate.policy.difference import Side
from weightgate.policy.pack import PackAt, at
from weightgate.policy.schema import PackDocument
from weightgate.records import record

Named = tuple[str, str]
"""A part of a document, and what became of it."""


@record
class DocumentChange:
    """Something that two packs' documents say otherwise.

    Attributes:
        part: Where, such as ``values.threshold``.
        change: What became of it, such as ``5e+25 -> 1e+26``.
        start: First day on which it is so; empty when it is since both packs have begun.
        end: Last day; empty when it goes on.
    """

    part: str
    change: str
    start: str = ""
    end: str = ""

    def __str__(self) -> str:
        """The change in one line, with its days."""
        days = f" from {self.start}" * bool(self.start) + f" until {self.end}" * bool(self.end)
        return f"{self.part}{days}: {self.change}"

    def to_json(self) -> dict[str, Any]:
        """One entry of ``changed``."""
        return {
            "part": self.part,
            "change": self.change,
            "from": self.start or None,
            "until": self.end or None,
        }


def changes(first: Side, second: Side, day: str = "") -> list[DocumentChange]:
    """What was changed between two packs' documents.

    Values, lists and tiers are compared as they stand on each day on which both packs do; the rest as it is written.

    Args:
        first: The pack before.
        second: The pack after.
        day: Compare what holds on this day alone; empty for every day.

    Raises:
        PolicyError: A pack does not stand in its reading.
    """
    before, after = first.pack.document, second.pack.document
    sides = [side.pack.read(side.reading) for side in (first, second)]
    one_day = [(day, day, tuple(at(side, day) for side in sides))]
    stretches = one_day if day else list(side_by_side(sides))
    dated = _dated(stretches)
    if day:
        on = {rule.rule.id for standing in stretches[0][2] if standing for rule in standing.rules}
        dated = [DocumentChange(one.part, one.change) for one in dated]
        rules = of_rules(before, after, on)
    else:
        dated += [DocumentChange(*one) for one in _rows(before, after, {one.part for one in dated})]
        rules = of_rules(before, after)
    written = [*_head(before, after, first.pack.begins, second.pack.begins), *rules, *_rest(before, after)]
    return [*dated, *(DocumentChange(*one) for one in written)]


def _dated(stretches: Sequence[tuple[str, str, tuple[PackAt | None, ...]]]) -> list[DocumentChange]:
    """What stands otherwise on some days; on stretches that follow one another, once."""
    found: dict[str, list[DocumentChange]] = {}
    last: dict[Named, tuple[int, int]] = {}
    both = [(start, end, one, other) for start, end, (one, other) in stretches if one and other]
    for number, (start, end, before, after) in enumerate(both):
        shown = "" if end == FOREVER else end
        for named in (*_tiers(before.tiers, after.tiers), *_values(before.values, after.values)):
            part = found.setdefault(named[0], [])
            stretch, place = last.get(named, (-2, 0))
            if stretch == number - 1:
                part[place] = DocumentChange(*named, part[place].start, shown)
            else:
                place = len(part)
                part.append(DocumentChange(*named, start if number else "", shown))
            last[named] = number, place
    return [one for part in found.values() for one in part]


def _tiers(before: dict[str, int], after: dict[str, int]) -> Iterator[Named]:
    if bool(before) != bool(after):
        yield "tables.tier", "removed" if before else "added"
        return
    moved: dict[tuple[int, int], list[str]] = {}
    for country in sorted(before):
        if before[country] != after[country]:
            moved.setdefault((before[country], after[country]), []).append(country)
    for (was, now), countries in sorted(moved.items()):
        yield "tables.tier", f"{', '.join(countries)} {was} -> {now}"


def _values(before: dict[str, NamedValue], after: dict[str, NamedValue]) -> Iterator[Named]:
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        part = f"values.{name}"
        if was is None or now is None:
            value = was if now is None else now
            said = "removed" if now is None else "added"
            yield part, said if isinstance(value, tuple) else f"{said}, {_shown(value)}"
        elif isinstance(was, tuple) and isinstance(now, tuple):
            if set(was) != set(now):
                yield part, members(was, now)
        elif was != now:
            yield part, f"{_shown(was)} -> {_shown(now)}"


def _shown(value: NamedValue | None) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


_SAME = "the same on every day, with other rows: days of knowledge, sources, grades or notes"


def _rows(before: PackDocument, after: PackDocument, told: set[str]) -> Iterator[Named]:
    """Tables and values that are written in other rows, and say the same."""
    pairs = [(f"values.{name}", rows, after.values.get(name)) for name, rows in before.values.items()]
    tables = before.tables.get("tier"), after.tables.get("tier")
    for part, was, now in [("tables.tier", *tables), *pairs]:
        if was is not None and now is not None and was != now and part not in told:
            yield part, _SAME


def _head(before: PackDocument, after: PackDocument, began: str, begins: str) -> Iterator[Named]:
    if began != begins:
        yield "begins", f"{began} -> {begins}"
    elif before.status != after.status:
        yield "status", "changed"
    if before.default.verdict != after.default.verdict:
        yield "default.verdict", f"{before.default.verdict} -> {after.default.verdict}"
    elif before.default != after.default:
        yield "default", "changed, and not its verdict"
    for name in dict.fromkeys((*before.switches, *after.switches)):
        was, now = before.switches.get(name), after.switches.get(name)
        part = f"switches.{name}"
        if was is None or now is None:
            yield part, "added" if was is None else "removed"
            continue
        if set(was.readings) != set(now.readings):
            yield f"{part}.readings", members(was.readings, now.readings)
        if was.default != now.default:
            yield f"{part}.default", f"{was.default} -> {now.default}"
        elif was != now and set(was.readings) == set(now.readings):
            yield part, "worded otherwise"


def _rest(before: PackDocument, after: PackDocument) -> Iterator[Named]:
    for name in dict.fromkeys((*before.define, *after.define)):
        text, other = before.define.get(name), after.define.get(name)
        if text != other:
            yield f"define.{name}", from_to(text, other)
    yield from _listed("invariants", before.invariants, after.invariants)
    for part in ("title", "summary", "sources"):
        if getattr(before, part) != getattr(after, part):
            yield part, "changed"


def _listed(part: str, before: Iterable[Any], after: Iterable[Any]) -> Iterator[Named]:
    was, now = ({one.id: one for one in side} for side in (before, after))
    if set(was) != set(now):
        yield part, members(was, now)
    for name in was:
        if name in now and was[name] != now[name]:
            yield f"{part}.{name}", "changed"
