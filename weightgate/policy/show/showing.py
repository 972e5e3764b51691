"""From a pack to what is shown of it."""

from __future__ import annotations

from weightgate.policy.cel import Scope
from weightgate.policy.dated import in_force, known_day, status_at
from weightgate.policy.days import FOREVER
from weightgate.policy.pack import Pack
from weightgate.policy.reading import Reading
from weightgate.policy.schema import Cite, Dated, Otherwise, Rule, StatusRow, TableRow, ValueRow
from weightgate.policy.sentences import Clause, clause
from weightgate.policy.show.shown import (
    PackShown,
    ShownInvariant,
    ShownRow,
    ShownRule,
    ShownStatus,
    ShownSwitch,
)
from weightgate.policy.source import PackSource


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
        status=shown.status(document.status),
        tables={
            name: tuple(shown.row(row, tuple(row.countries)) for row in table.rows if shown.is_known(row))
            for name, table in document.tables.items()
        },
        otherwise={name: shown.otherwise(table.otherwise) for name, table in document.tables.items()},
        values={
            name: tuple(shown.row(row) for row in rows if shown.is_known(row))
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

    def clause(self, text: str) -> Clause:
        """A condition in words, with the values of the day."""
        return clause(text, self.names)

    def is_known(self, row: Dated | Rule | StatusRow) -> bool:
        """Whether a row was known by the day shown."""
        return known_day(row) <= self.known_at

    def cite(self, cite: Cite) -> str:
        """Title of the source, and the place in it."""
        return f"{self.pack.document.sources[cite.source].title}: {cite.place}"

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
