"""``policy show`` as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from weightgate.policy.show import GRADES, PackShown, ShownRow, ShownRule

WIDTH = 100


def text(shown: PackShown) -> str:
    """The whole pack for people to read; what does not hold on the day says so."""
    return "\n".join(_lines(shown)) + "\n"


def _lines(shown: PackShown) -> Iterator[str]:
    yield f"{shown.name} {shown.version}: {shown.title}"
    yield f"status on {shown.as_of}: {shown.status_then}"
    yield f"{shown.digest} from {shown.source}"
    yield ""
    yield fill(shown.summary, WIDTH)
    yield from _head("Status over time")
    for status in shown.status:
        yield f"  from {status.start}  {status.status}{'  (on that day)' if status.current else ''}"
        yield from _details(status.cite, status.note)
    for name, rows in shown.tables.items():
        yield from _head(f"Table {name}")
        for row in rows:
            yield from _row(f"{name} {row.value}", row)
        yield from _row(
            f"{name} {shown.otherwise[name].value} for every other country", shown.otherwise[name]
        )
    if shown.values:
        yield from _head("Values")
    for name, rows in shown.values.items():
        for row in rows:
            value = ", ".join(row.value) if isinstance(row.value, list) else row.value
            yield from _row(f"values.{name} = {value} {row.unit}".rstrip(), row)
    if shown.definitions:
        yield from _head("Definitions")
    for name, condition in shown.definitions.items():
        yield f"  {name}:"
        yield from _indented(condition)
    yield from _head("Rules")
    for rule in shown.rules:
        yield from _rule(rule)
    yield from _head("Where no rule applies")
    yield f"  {shown.default.verdict}: {shown.default.title}"
    yield from _cites_and_remedy(shown.default)


def _head(title: str) -> Iterator[str]:
    yield ""
    yield title


def _row(says: str, row: ShownRow) -> Iterator[str]:
    days = f"from {row.start}" + (f" until {row.until}" if row.until else "")
    yield f"  {says}, {days}{'' if row.current else '  (not on that day)'}"
    if row.countries:
        yield from _indented(", ".join(row.countries))
    yield from _details(row.cite, row.note)
    yield f"    grade {row.grade}: {GRADES[row.grade]}"


def _rule(rule: ShownRule) -> Iterator[str]:
    rows = f" [{', '.join(rule.rows)}]" if rule.rows else ""
    yield f"  {rule.id}{rows}: {rule.title}{'' if rule.current else '  (not on that day)'}"
    yield f"    {rule.verdict}, for {', '.join(rule.activities)}"
    if rule.start or rule.until:
        yield "    " + " ".join(
            f"{word} {day}" for word, day in (("from", rule.start), ("until", rule.until)) if day
        )
    yield "    when"
    yield from _indented(rule.when, 6)
    if rule.unless:
        yield "    unless"
        yield from _indented(rule.unless, 6)
    for condition in rule.conditions:
        yield from _indented(f"condition: {condition}")
    yield from _cites_and_remedy(rule)
    yield ""


def _cites_and_remedy(rule: ShownRule) -> Iterator[str]:
    for cite in rule.cites:
        yield from _indented(f"source: {cite}")
    if rule.review_policy:
        yield from _indented(f"review policy: {rule.review_policy}")
    if rule.remedy:
        yield from _indented(f"remedy: {rule.remedy}")


def _details(cite: str, note: str) -> Iterator[str]:
    yield from _indented(f"source: {cite}")
    if note:
        yield from _indented(f"note: {note}")


def _indented(text_: str, by: int = 4) -> Iterator[str]:
    margin = " " * by
    for line in text_.splitlines() or [""]:
        yield fill(line, WIDTH, initial_indent=margin, subsequent_indent=margin, break_long_words=False)
