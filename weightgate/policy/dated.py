"""When the parts of a pack hold: from a first to a last day, as known on some day.

A row that became known later does not exist; an end that became known later is not there. Days are texts, which sort.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weightgate.policy.days import FOREVER, day_before, next_day
from weightgate.policy.schema import Dated, PackDocument, Rule, StatusRow

Row = Dated | Rule


def known_day(row: Row | StatusRow) -> str:
    """The day on which a row became known: as stated, else its first; empty when it is as old as the pack."""
    return row.known or row.from_ or ""


def end_known_day(row: Row) -> str:
    """The day on which a row's end became known: as stated, else the day after it."""
    return row.until_known or (next_day(row.until) if row.until else "")


def last_day(row: Row, known_at: str = FOREVER) -> str:
    """A row's last day as known on a day; :data:`~weightgate.policy.days.FOREVER` when it has none."""
    return row.until if row.until and end_known_day(row) <= known_at else FOREVER


def in_force(row: Row, day: str, known_at: str = FOREVER) -> bool:
    """Whether a row holds at a day, both ends included, as known on another."""
    return known_day(row) <= known_at and (row.from_ or "") <= day <= last_day(row, known_at)


def status_at(rows: Iterable[StatusRow], day: str, known_at: str = FOREVER) -> StatusRow | None:
    """What a text was worth at a day, as known on another; ``None`` before its first status."""
    begun = [row for row in rows if row.from_ <= day and known_day(row) <= known_at]
    return max(begun, key=lambda row: row.from_, default=None)


def begins(document: PackDocument, known_at: str = FOREVER) -> str:
    """First day of which a pack says anything, as known on a day; ``FOREVER`` when it was not known then."""
    return min((row.from_ for row in document.status if known_day(row) <= known_at), default=FOREVER)


def spans(
    document: PackDocument, known_at: str = FOREVER, by_status: bool = False
) -> tuple[tuple[str, str], ...]:
    """The stretches of days between which nothing in a pack changes, as known on a day.

    Args:
        document: The pack.
        known_at: The day of knowledge.
        by_status: Whether what the text was worth changes it, even if no rule has a status of its own.
    """
    first = begins(document, known_at)
    starts = {first}
    for row in _rows(document):
        if known_day(row) <= known_at:
            last = last_day(row, known_at)
            starts |= ({row.from_} if row.from_ else set()) | ({next_day(last)} if last < FOREVER else set())
    if by_status or any(rule.status for rule in document.rules):
        # What the pack was worth matters to the rules that say nothing of themselves.
        rows = [*document.status, *(row for rule in document.rules for row in rule.status)]
        starts |= {row.from_ for row in rows if known_day(row) <= known_at}
    ordered = sorted(s for s in starts if first <= s < FOREVER)
    # A last day is the one before the next first day.
    return tuple(zip(ordered, [*(day_before(s) for s in ordered[1:]), FOREVER], strict=False))


def known_days(document: PackDocument) -> tuple[str, ...]:
    """Every day on which something in a pack became known, in order; before the first, nothing was."""
    days = {known_day(row) for row in document.status}
    for rule in document.rules:
        days |= {known_day(row) for row in rule.status}
    for row in _rows(document):
        days |= {known_day(row), end_known_day(row)}
    first = min(known_day(row) for row in document.status)
    return tuple(sorted(day for day in days if day >= first and day < FOREVER))


def _rows(document: PackDocument) -> Iterator[Row]:
    for table in document.tables.values():
        yield from table.rows
    for values in document.values.values():
        yield from values
    yield from document.rules
