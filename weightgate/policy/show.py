"""``policy list`` and ``policy show``: a pack for people to read, as it stands on a day, with where all of it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from weightgate.policy.cache import load_compiled
from weightgate.policy.dated import in_force
from weightgate.policy.pack import Pack
from weightgate.policy.schema import Cite, Confidence, Dated, Otherwise, Rule, TableRow, ValueRow
from weightgate.policy.source import PackSource, find_pack, shipped_packs
from weightgate.records import record

GRADES: dict[Confidence, str] = {
    "V": "read in the source itself",
    "S": "read in a secondary source",
    "M": "recalled, not checked",
    "U": "uncertain: the stricter reading is taken",
}
"""The grades of confidence, in words."""


@record
class PackRow:
    """One line of ``policy list``.

    Attributes:
        name: The pack's name.
        version: Its version.
        title: One line.
        status: What its text is worth that day; ``not begun`` before its first.
        digest: ``sha256:…`` of its bytes.
        source: ``shipped:NAME``, or its path.
    """

    name: str
    version: str
    title: str
    status: str
    digest: str
    source: str

    def to_json(self) -> dict[str, str]:
        """The row as a JSON object."""
        return asdict(self)


@record
class ShownStatus:
    """What the text was worth from a day on."""

    start: str
    status: str
    cite: str
    note: str
    current: bool


@record
class ShownRow:
    """A row of a table, or a value of a named value, between two days.

    Attributes:
        value: What it says.
        unit: Unit of a number; empty for everything else.
        countries: Countries of a table's row; empty for a value.
        start: First day.
        until: Last day; empty when none is stated.
        cite: Title of the source, and the place in it.
        grade: Grade of confidence, one letter.
        note: What the author adds.
        current: Whether it holds on the day shown.
    """

    value: Any
    unit: str
    countries: tuple[str, ...]
    start: str
    until: str
    cite: str
    grade: Confidence
    note: str
    current: bool


@record
class ShownRule:
    """A rule as written.

    Attributes:
        id: Its identifier.
        title: One line.
        rows: Rows of the framework that it is about.
        activities: What it is about.
        when: Its condition.
        unless: What exempts from it; empty when nothing does.
        verdict: What it says.
        conditions: What must be kept.
        cites: Titles of sources, and the places in them.
        remedy: What would help; empty when nothing is said.
        review_policy: How an application for a licence is looked at; empty when nothing is said.
        start: First day; empty when it holds as long as the pack.
        until: Last day; empty when none is stated.
        current: Whether it holds on the day shown.
    """

    id: str
    title: str
    rows: tuple[str, ...]
    activities: tuple[str, ...]
    when: str
    unless: str
    verdict: str
    conditions: tuple[str, ...]
    cites: tuple[str, ...]
    remedy: str
    review_policy: str
    start: str
    until: str
    current: bool


@record
class PackShown:
    """A whole pack on a day.

    Attributes:
        name: Its name.
        version: Its version.
        title: One line.
        summary: What it carries.
        digest: ``sha256:…`` of its bytes.
        source: ``shipped:NAME``, or its path.
        as_of: The day.
        status: What its text is worth over time, in order of days.
        tables: Rows by table.
        otherwise: What a table says of every other country.
        values: Rows by named value.
        definitions: Named conditions as written.
        rules: Rules in the pack's order.
        default: The verdict where no rule applies, with its title, cites and remedy.
    """

    name: str
    version: str
    title: str
    summary: str
    digest: str
    source: str
    as_of: str
    status: tuple[ShownStatus, ...]
    tables: Mapping[str, tuple[ShownRow, ...]]
    otherwise: Mapping[str, ShownRow]
    values: Mapping[str, tuple[ShownRow, ...]]
    definitions: Mapping[str, str]
    rules: tuple[ShownRule, ...]
    default: ShownRule

    @property
    def status_then(self) -> str:
        """What the text is worth on the day; ``not begun`` before its first."""
        return next((row.status for row in self.status if row.current), "not begun")

    def to_json(self) -> dict[str, Any]:
        """The pack as one JSON object."""
        return {"schema": "weightgate/pack-shown/v1", "status_then": self.status_then, **asdict(self)}


def list_packs(as_of: str, sources: Iterable[PackSource] | None = None) -> list[PackRow]:
    """The shipped packs, or those given, with their status on a day.

    Raises:
        PolicyError: A pack does not load.
    """
    asked = [find_pack(name) for name in shipped_packs()] if sources is None else sources
    rows = []
    for source in asked:
        pack = load_compiled(source)
        status = pack.status_at(as_of)
        word = status["status"] if status else "not begun"
        rows.append(PackRow(pack.name, pack.version, pack.title, word, pack.digest, source.locator))
    return rows


def show(source: PackSource, as_of: str) -> PackShown:
    """A pack as it stands on a day; what does not hold then is there too, and marked.

    Raises:
        PolicyError: The pack does not load.
    """
    pack = Pack(source)
    document = pack.document
    shown = _Shown(pack, as_of)
    return PackShown(
        name=document.name,
        version=document.version,
        title=document.title,
        summary=document.summary,
        digest=source.digest,
        source=source.locator,
        as_of=as_of,
        status=shown.status(),
        tables={
            name: tuple(shown.row(row, tuple(row.countries)) for row in table.rows)
            for name, table in document.tables.items()
        },
        otherwise={name: shown.otherwise(table.otherwise) for name, table in document.tables.items()},
        values={name: tuple(shown.row(row) for row in rows) for name, rows in document.values.items()},
        definitions={name: text.strip() for name, text in document.define.items()},
        rules=tuple(shown.rule(rule) for rule in document.rules),
        default=shown.default(),
    )


class _Shown:
    """Turns the parts of one pack into what is shown."""

    def __init__(self, pack: Pack, as_of: str) -> None:
        self.pack = pack
        self.as_of = as_of
        self.begun = pack.begins <= as_of

    def cite(self, cite: Cite) -> str:
        """Title of the source, and the place in it."""
        return f"{self.pack.document.sources[cite.source].title}: {cite.place}"

    def status(self) -> tuple[ShownStatus, ...]:
        """What the text is worth over time."""
        rows = sorted(self.pack.document.status, key=lambda row: row.from_)
        begun = [row.from_ for row in rows if row.from_ <= self.as_of]
        return tuple(
            ShownStatus(
                row.from_,
                row.status,
                self.cite(row.cite),
                row.note or "",
                bool(begun) and row.from_ == begun[-1],
            )
            for row in rows
        )

    def row(self, row: Dated, countries: tuple[str, ...] = ()) -> ShownRow:
        """A dated row."""
        return ShownRow(
            value=row.value if isinstance(row, TableRow | ValueRow) else None,
            unit=(row.unit or "") if isinstance(row, ValueRow) else "",
            countries=countries,
            start=row.from_,
            until=row.until or "",
            cite=self.cite(row.cite),
            grade=row.grade,
            note=row.note or "",
            current=in_force(row, self.as_of),
        )

    def otherwise(self, row: Otherwise) -> ShownRow:
        """What a table says of every country that no row names."""
        cite = self.cite(row.cite)
        return ShownRow(row.value, "", (), self.pack.begins, "", cite, row.grade, row.note or "", self.begun)

    def rule(self, rule: Rule) -> ShownRule:
        """A rule as written."""
        start, until = rule.from_ or "", rule.until or ""
        return ShownRule(
            id=rule.id,
            title=rule.title,
            rows=tuple(rule.rows),
            activities=tuple(rule.activity),
            when=rule.when,
            unless=rule.unless or "",
            verdict=rule.verdict,
            conditions=tuple(condition.text for condition in rule.conditions),
            cites=tuple(self.cite(cite) for cite in rule.cites),
            remedy=rule.remedy or "",
            review_policy=rule.review_policy or "",
            start=start,
            until=until,
            current=self.begun and start <= self.as_of and (not until or self.as_of <= until),
        )

    def default(self) -> ShownRule:
        """The verdict where no rule applies."""
        default = self.pack.document.default
        cites = tuple(self.cite(cite) for cite in default.cites)
        remedy = default.remedy or ""
        return ShownRule(
            "default",
            default.title,
            (),
            (),
            "",
            "",
            default.verdict,
            (),
            cites,
            remedy,
            "",
            "",
            "",
            self.begun,
        )
