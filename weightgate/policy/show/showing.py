"""From a pack to what is shown of it."""

from __future__ import annotations

import re

from weightgate.facts.registry import FACTS, Kind
from weightgate.policy.cel import Scope
from weightgate.policy.dated import in_force, known_day, status_at
from weightgate.policy.days import FOREVER
from weightgate.policy.pack import Pack
from weightgate.policy.reading import Reading
from weightgate.policy.schema import Cite, Dated, Otherwise, PackDocument, Rule, StatusRow, TableRow, ValueRow
from weightgate.policy.sentences import Clause, clause
from weightgate.policy.show.shown import (
    PackShown,
    ShownCite,
    ShownInvariant,
    ShownRow,
    ShownRule,
    ShownSource,
    ShownStatus,
    ShownSwitch,
)
from weightgate.policy.source import PackSource

_OF_COUNTRIES = re.compile(
    r"\b(?:" + "|".join(re.escape(name) for name, spec in FACTS.items() if spec.kind is Kind.COUNTRY) + r")"
    r"\s+in\s+values\.([a-z0-9_]+)"
)


def show(source: PackSource, as_of: str, known_at: str = "") -> PackShown:
    """A pack as it stands on a day; what does not hold then is there too, and marked.

    Args:
        source: The pack.
        as_of: The day.
        known_at: Leave out what became known later; empty for everything.

    Raises:
        PolicyError: The pack does not load.
    """
    pack = Pack(source)
    document = pack.document
    shown = _Shown(pack, as_of, known_at or FOREVER)
    return PackShown(
        name=document.name,
        version=document.version,
        title=document.title,
        summary=document.summary,
        digest=source.digest,
        source=source.locator,
        as_of=as_of,
        known_at=known_at,
        first_known=next(iter(pack.known), FOREVER),
        sources=shown.sources(),
        status=shown.status(document.status),
        tables={
            name: tuple(shown.row(row, tuple(row.countries)) for row in table.rows if shown.is_known(row))
            for name, table in document.tables.items()
        },
        otherwise={name: shown.otherwise(table.otherwise) for name, table in document.tables.items()},
        values={
            name: tuple(shown.value(name, row) for row in rows if shown.is_known(row))
            for name, rows in document.values.items()
        },
        definitions={name: text.strip() for name, text in document.define.items()},
        terms={name: shown.clause(text) for name, text in document.define.items()},
        switches=shown.switches(),
        invariants=shown.invariants(),
        rules=tuple(shown.rule(rule) for rule in document.rules if shown.is_known(rule)),
        default=shown.default(),
    )


class _Shown:
    """Turns the parts of one pack into what is shown."""

    def __init__(self, pack: Pack, as_of: str, known_at: str) -> None:
        self.pack = pack
        self.as_of = as_of
        self.known_at = known_at
        standings = pack.read(Reading(known_at))
        self.begun = bool(standings) and standings[0].start <= as_of
        # Before the pack begins, its words are those of its first day; where nobody knew it, those of today.
        standing = pack.at(as_of, Reading(known_at)) or (standings or pack.standings)[0]
        self.names: Scope = pack.names_at(standing)
        day_known = self.known_at if standings else FOREVER
        self.written = _quotients(pack.document, standing.start, day_known)
        self.of_countries = _of_countries(pack.document)

    def clause(self, text: str) -> Clause:
        """A condition in words, with the values of the day."""
        return clause(text, self.names, self.written)

    def is_known(self, row: Dated | Rule | StatusRow) -> bool:
        """Whether a row was known by the day shown."""
        return known_day(row) <= self.known_at

    def sources(self) -> tuple[ShownSource, ...]:
        """The texts that the pack is taken from."""
        return tuple(
            ShownSource(name, one.title, one.publisher or "", one.published or "", one.url or "")
            for name, one in self.pack.document.sources.items()
        )

    def cite(self, cite: Cite) -> ShownCite:
        """A place in a source."""
        return ShownCite(cite.source, self.pack.document.sources[cite.source].title, cite.place)

    def status(self, rows: list[StatusRow]) -> tuple[ShownStatus, ...]:
        """What a text is worth over time."""
        current = status_at(rows, self.as_of, self.known_at)
        return tuple(
            ShownStatus(
                row.from_,
                row.status,
                self.cite(row.cite),
                row.note or "",
                row is current,
                _other(row.known, row.from_),
            )
            for row in sorted(rows, key=lambda row: row.from_)
            if self.is_known(row)
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
            current=in_force(row, self.as_of, self.known_at),
            known=_other(row.known, row.from_),
            until_known=row.until_known or "",
        )

    def value(self, name: str, row: ValueRow) -> ShownRow:
        """A row of a named value."""
        listed = row.value if isinstance(row.value, list) and name in self.of_countries else ()
        return self.row(row, tuple(listed))

    def otherwise(self, row: Otherwise) -> ShownRow:
        """What a table says of every country that no row names."""
        cite = self.cite(row.cite)
        return ShownRow(row.value, "", (), self.pack.begins, "", cite, row.grade, row.note or "", self.begun)

    def switches(self) -> tuple[ShownSwitch, ...]:
        """What the text leaves open."""
        return tuple(
            ShownSwitch(
                name,
                one.title,
                one.default,
                dict(one.readings),
                tuple(map(self.cite, one.cites)),
                one.note or "",
            )
            for name, one in self.pack.document.switches.items()
        )

    def invariants(self) -> tuple[ShownInvariant, ...]:
        """What is expected of the pack."""
        return tuple(
            ShownInvariant(
                one.id,
                one.title,
                f"never loosens when {one.never_loosens_when}"
                if one.never_loosens_when
                else f"at most {one.at_most}"
                if one.at_most
                else f"at least {one.at_least}",
                one.given or "",
            )
            for one in self.pack.document.invariants
        )

    def rule(self, rule: Rule) -> ShownRule:
        """A rule as written, and in words."""
        return ShownRule(
            id=rule.id,
            title=rule.title,
            rows=tuple(rule.rows),
            activities=tuple(rule.activity),
            when=rule.when,
            unless=rule.unless or "",
            verdict=rule.verdict,
            conditions=tuple(
                condition.text + (f" Due: {condition.due}" if condition.due else "")
                for condition in rule.conditions
            ),
            cites=tuple(self.cite(cite) for cite in rule.cites),
            remedy=rule.remedy or "",
            review_policy=rule.review_policy or "",
            start=rule.from_ or "",
            until=rule.until or "",
            current=self.begun and in_force(rule, self.as_of, self.known_at),
            known=_other(rule.known, rule.from_),
            until_known=rule.until_known or "",
            status=self.status(rule.status),
            says=self.clause(rule.when),
            spares=self.clause(rule.unless) if rule.unless else None,
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


def _other(known: str | None, first: str | None) -> str:
    """The day on which something became known, where it is not the first."""
    return known if known and known != first else ""


def _quotients(document: PackDocument, day: str, known_at: str) -> dict[str, str]:
    """Named values that are written as quotients, as they are written."""
    return {
        name: row.value
        for name, rows in document.values.items()
        for row in rows
        if isinstance(row.value, str) and row.unit == "ratio" and in_force(row, day, known_at)
    }


def _of_countries(document: PackDocument) -> frozenset[str]:
    """Named values that conditions look for a country in: the same letters may be something else in another list."""
    texts = [
        *document.define.values(),
        *(text for one in document.rules for text in (one.when, one.unless or "")),
    ]
    return frozenset(name for text in texts for name in _OF_COUNTRIES.findall(text))
