"""What needs the days alone: what is not said to be known in time, and tables that leave out days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weightgate.policy.dated import begins, last_day
from weightgate.policy.days import FOREVER, day_before, next_day
from weightgate.policy.lint.document import Row, rows
from weightgate.policy.lint.findings import Finding, Path, at
from weightgate.policy.pack import Pack
from weightgate.policy.schema import PackDocument, Rule, StatusRow, Table

Days = tuple[str, str]
"""A first and a last day."""


def date_findings(pack: Pack) -> Iterator[Finding]:
    """Everything that the days show."""
    yield from _unknown_in_time(pack)
    for name, table in pack.document.tables.items():
        yield from _table(pack, table, ("tables", name, "rows"))
        yield from _otherwise(pack, table, ("tables", name, "rows"))


def _unknown_in_time(pack: Pack) -> Iterator[Finding]:
    latest = max(_latest(pack.document), pack.known[0])
    first = min(_earliest(row, pack.document) for row in pack.document.status)
    for row, path in rows(pack.document):
        if row.known is not None or row.from_ is None:
            continue
        published = _published(row, pack.document)
        # Nobody can ask what was known before the pack itself could have been.
        known = max(published, first) if published else latest
        if row.from_ > known:
            message = f"begins on {row.from_}, was known on {known}, and does not say so"
            hint = f"write known: {known}, or the day on which it became known"
            if known == published:
                hint = f"write known: {known}, if it was known from its publication, or the day on which it became known"
            rule = row.id if isinstance(row, Rule) else ""
            yield at(pack.yaml, "known_missing", message, (*path, "from"), hint=hint, rule=rule)


def _published(row: Row, document: PackDocument) -> str:
    """The latest day on which a source of a row was published; empty when none says."""
    cites = row.cites if isinstance(row, Rule) else [row.cite]
    return max((document.sources[cite.source].published or "" for cite in cites), default="")


def _earliest(row: StatusRow, document: PackDocument) -> str:
    """The earliest day on which a status can have been known: as stated, else when its source was published."""
    return row.known or min(row.from_, _published(row, document) or row.from_)


def _latest(document: PackDocument) -> str:
    """The last day on which anything in a pack was published or became known; empty when nothing says."""
    days = [source.published for source in document.sources.values()]
    days += [row.known for row, _ in rows(document)]
    return max((day for day in days if day), default="")


def _table(pack: Pack, table: Table, path: Path) -> Iterator[Finding]:
    """Days without any row, and days between the rows of one country."""
    first = begins(pack.document)
    every = [(row.from_, last_day(row)) for row in table.rows]
    missing = _gaps(every, first, FOREVER)
    for start, end in missing:
        index = next((i for i, row in enumerate(table.rows) if row.from_ > end), len(table.rows) - 1)
        where = (
            (*path, index, "from")
            if table.rows and table.rows[index].from_ > end
            else (*path, index, "until")
        )
        message = f"no row is in force {_days(start, end)}, so that every country falls to otherwise"
        yield at(pack.yaml, "table_gap", message, where if table.rows else path)
    named: dict[str, list[tuple[Days, Path]]] = {}
    for i, row in enumerate(table.rows):
        for j, country in enumerate(row.countries):
            named.setdefault(country, []).append(((row.from_, last_day(row)), (*path, i, "countries", j)))
    for country, stretches in named.items():
        stretches.sort(key=lambda one: one[0])
        for start, end in _gaps([days for days, _ in stretches], stretches[0][0][0], stretches[-1][0][1]):
            if (start, end) not in missing:
                where = next(place for days, place in stretches if days[0] > end)
                message = f"{country} has no row {_days(start, end)} and falls to otherwise"
                yield at(pack.yaml, "table_gap", message, where)


def _gaps(stretches: Iterable[Days], first: str, last: str) -> list[Days]:
    """The stretches of days from ``first`` to ``last`` that none of the others covers."""
    found = []
    free = first
    for start, end in sorted(stretches):
        if start > free:
            found.append((free, day_before(start)))
        if end >= FOREVER:
            return found
        free = max(free, next_day(end))
    return [*found, (free, last)] if free <= last else found


def _days(start: str, end: str) -> str:
    return (
        f"from {start} on" if end >= FOREVER else f"from {start} to {end}" if start < end else f"on {start}"
    )


def _otherwise(pack: Pack, table: Table, path: Path) -> Iterator[Finding]:
    for i, row in enumerate(table.rows):
        if row.value == table.otherwise.value:
            named = ", ".join(row.countries[:6]) + (" …" if len(row.countries) > 6 else "")
            message = f"gives {named} {row.value}, as otherwise does"
            yield at(pack.yaml, "row_says_otherwise", message, (*path, i, "value"))
