"""``policy show`` as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from weightgate.policy.figures import said
from weightgate.policy.show.shown import GRADES, PackShown, ShownCite, ShownRow, ShownRule, ShownStatus

WIDTH = 100


def text(shown: PackShown) -> str:
    """The whole pack for people to read; what does not hold on the day says so."""
    return "\n".join(_lines(shown)) + "\n"


def _lines(shown: PackShown) -> Iterator[str]:
    yield f"{shown.name} {shown.version}: {shown.title}"
    if shown.unknown:
        yield shown.unknown
        yield f"{shown.digest} from {shown.source}"
        return
    known = f", as known on {shown.known_at}" if shown.known_at else ""
    yield f"status on {shown.as_of}{known}: {shown.status_then}"
    yield f"{shown.digest} from {shown.source}"
    yield ""
    yield fill(shown.summary, WIDTH)
    yield from _head("Status over time")
    yield from _status(shown.status)
    yield from _switches(shown)
    yield from _tables(shown)
    if shown.definitions:
        yield from _head("Definitions")
    for name, condition in shown.definitions.items():
        yield f"  {name}:"
        yield from _indented(condition)
    yield from _head("Rules")
    for rule in shown.rules:
        yield from _rule(rule)
    if shown.invariants:
        yield from _head("Expected, whatever the facts")
    for one in shown.invariants:
        yield f"  {one.id}: {one.title}"
        yield from _indented(one.says + (f", given {one.given}" if one.given else ""))
    yield from _head("Where no rule applies")
    yield f"  {shown.default.verdict}: {shown.default.title}"
    yield from _cites_and_remedy(shown.default)
    yield from _sources(shown)


def _sources(shown: PackShown) -> Iterator[str]:
    yield from _head("Sources")
    for source in shown.sources:
        yield from _indented(f"{source.id}: {source.title}", 2)
        published = f"published on {source.published}" if source.published else ""
        about = ", ".join(filter(None, (source.publisher, published)))
        if about:
            yield from _indented(about)
        if source.url:
            # A URL stays whole, to be copied.
            yield f"    {source.url}"


def _switches(shown: PackShown) -> Iterator[str]:
    for switch in shown.switches:
        yield from _head(f"Left open: {switch.name}")
        yield from _indented(switch.title, 2)
        for name, says in switch.readings.items():
            yield from _indented(
                f"{name}{' (unless chosen otherwise)' if name == switch.default else ''}: {says}"
            )
        for cite in switch.cites:
            yield from _indented(f"source: {cite}")
        if switch.note:
            yield from _indented(f"note: {switch.note}")


def _tables(shown: PackShown) -> Iterator[str]:
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
            yield from _row(f"values.{name} = {_value(row)}", row)


def _value(row: ShownRow) -> str:
    if isinstance(row.value, list):
        return ", ".join(map(str, row.value))
    return said(row.value, row.unit) + (" ratio" if row.unit == "ratio" else "")


def _head(title: str) -> Iterator[str]:
    yield ""
    yield title


def _status(rows: tuple[ShownStatus, ...], margin: str = "  ") -> Iterator[str]:
    for status in rows:
        known = f", known {status.known}" if status.known else ""
        yield f"{margin}from {status.start}{known}  {status.status}{'  (on that day)' if status.current else ''}"
        yield from _details(status.cite, status.note)


def _days(row: ShownRow | ShownRule) -> str:
    known = f" (known {row.known})" if row.known else ""
    until_known = f" (known {row.until_known})" if row.until_known else ""
    first = f"from {row.start}{known}" if row.start else f"from the first day{known}" if known else ""
    return " ".join(filter(None, (first, f"until {row.until}{until_known}" if row.until else "")))


def _row(says: str, row: ShownRow) -> Iterator[str]:
    yield f"  {says}, {_days(row)}{'' if row.current else '  (not on that day)'}"
    if row.countries and not isinstance(row.value, list):
        yield from _indented(", ".join(row.countries))
    yield from _details(row.cite, row.note)
    yield f"    grade {row.grade}: {GRADES[row.grade]}"


def _rule(rule: ShownRule) -> Iterator[str]:
    rows = f" [{', '.join(rule.rows)}]" if rule.rows else ""
    yield f"  {rule.id}{rows}: {rule.title}{'' if rule.current else '  (not on that day)'}"
    yield f"    {rule.verdict}, for {', '.join(rule.activities)}"
    if _days(rule):
        yield f"    {_days(rule)}"
    yield from _status(rule.status, "    ")
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


def _details(cite: ShownCite, note: str) -> Iterator[str]:
    yield from _indented(f"source: {cite}")
    if note:
        yield from _indented(f"note: {note}")


def _indented(text_: str, by: int = 4) -> Iterator[str]:
    margin = " " * by
    for line in text_.splitlines() or [""]:
        yield fill(line, WIDTH, initial_indent=margin, subsequent_indent=margin, break_long_words=False)
