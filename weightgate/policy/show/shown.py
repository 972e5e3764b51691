"""A pack as it is shown: plain data, with sources in words and everything that holds on the day marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from weightgate.policy.schema import Confidence
from weightgate.policy.sentences import Clause
from weightgate.records import record

GRADES: dict[Confidence, str] = {
    "V": "read in the source itself",
    "S": "read in a secondary source",
    "M": "recalled, not checked",
    "U": "uncertain: the stricter reading is taken",
}
"""The grades of confidence, in words."""


@record
class ShownSource:
    """A text that the pack is taken from.

    Attributes:
        id: The short name that places in it are cited with.
        title: Its title.
        publisher: Who published it; empty when that is not stated.
        published: Day on which it was; empty when that is not stated.
        url: Where it can be read; empty when that is not stated.
    """

    id: str
    title: str
    publisher: str
    published: str
    url: str


@record
class ShownCite:
    """A place in a source, by the source's short name and its title."""

    source: str
    title: str
    place: str

    def __str__(self) -> str:
        """The title, and the place."""
        return f"{self.title}: {self.place}"


@record
class ShownStatus:
    """What the text was worth from a day on; ``known`` is the day it became known, where that is another."""

    start: str
    status: str
    cite: ShownCite
    note: str
    current: bool
    known: str = ""


@record
class ShownRow:
    """A row of a table, or a value of a named value, between two days.

    Attributes:
        value: What it says.
        unit: Unit of a number; empty for everything else.
        countries: Countries of a table's row, or of a value that conditions compare with countries; empty for others.
        start: First day.
        until: Last day; empty when none is stated.
        cite: Where it stands.
        grade: Grade of confidence, one letter.
        note: What the author adds.
        current: Whether it holds on the day shown.
        known: Day on which it became known, where that is not the first; else empty.
        until_known: Day on which its end became known, where that is not the day after it; else empty.
    """

    value: Any
    unit: str
    countries: tuple[str, ...]
    start: str
    until: str
    cite: ShownCite
    grade: Confidence
    note: str
    current: bool
    known: str = ""
    until_known: str = ""


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
        cites: Where it stands.
        remedy: What would help; empty when nothing is said.
        review_policy: How an application for a licence is looked at; empty when nothing is said.
        start: First day; empty when it holds as long as the pack.
        until: Last day; empty when none is stated.
        current: Whether it holds on the day shown.
        known: Day on which it became known, where that is not the first; else empty.
        until_known: Day on which its end became known, where that is not the day after it; else empty.
        status: What its own text is worth over time; nothing where that is what the pack's is.
        says: The condition in words.
        spares: What exempts from it, in words; ``None`` when nothing does.
    """

    id: str
    title: str
    rows: tuple[str, ...]
    activities: tuple[str, ...]
    when: str
    unless: str
    verdict: str
    conditions: tuple[str, ...]
    cites: tuple[ShownCite, ...]
    remedy: str
    review_policy: str
    start: str
    until: str
    current: bool
    known: str = ""
    until_known: str = ""
    status: tuple[ShownStatus, ...] = ()
    says: Clause | None = None
    spares: Clause | None = None


@record
class ShownSwitch:
    """A question that the text leaves open.

    Attributes:
        name: Its name.
        title: The question.
        default: The reading that is taken unless another is chosen.
        readings: What each reading takes the text to say.
        cites: Where it stands.
        note: What the author adds.
    """

    name: str
    title: str
    default: str
    readings: Mapping[str, str]
    cites: tuple[ShownCite, ...]
    note: str


@record
class ShownInvariant:
    """Something that is expected of the pack for all facts, and can be proved; ``says`` is what, ``given`` under what."""

    id: str
    title: str
    says: str
    given: str


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
        known_at: The day as of which it is known; empty when everything is.
        first_known: The day on which something of it first became known.
        sources: The texts that it is taken from.
        status: What its text is worth over time, in order of days.
        tables: Rows by table.
        otherwise: What a table says of every other country.
        values: Rows by named value.
        definitions: Named conditions as written.
        terms: The same in words.
        switches: What the text leaves open.
        invariants: What is expected of the pack, whatever the facts.
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
    known_at: str
    first_known: str
    sources: tuple[ShownSource, ...]
    status: tuple[ShownStatus, ...]
    tables: Mapping[str, tuple[ShownRow, ...]]
    otherwise: Mapping[str, ShownRow]
    values: Mapping[str, tuple[ShownRow, ...]]
    definitions: Mapping[str, str]
    terms: Mapping[str, Clause]
    switches: tuple[ShownSwitch, ...]
    invariants: tuple[ShownInvariant, ...]
    rules: tuple[ShownRule, ...]
    default: ShownRule

    @property
    def status_then(self) -> str:
        """What the text is worth on the day; ``not begun`` before its first."""
        return next((row.status for row in self.status if row.current), "not begun")

    @property
    def unknown(self) -> str:
        """That nothing of the pack was known on the day as of which it is shown; empty when something was."""
        return not_known(self.known_at, self.first_known)

    def to_json(self) -> dict[str, Any]:
        """The pack as one JSON object."""
        data = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return {"schema": "weightgate/pack-shown/v1", "status_then": self.status_then, **data}


def not_known(known_at: str, first_known: str) -> str:
    """That nothing of a pack was known on a day, in a sentence; empty when something was, or no day was asked for."""
    if not known_at or known_at >= first_known:
        return ""
    return f"nothing of this pack was known on {known_at}; it first became known on {first_known}"


def _plain(value: Any) -> Any:
    """What JSON can hold; records lie in records, and never deep."""
    if isinstance(value, Clause):
        return value.to_json()
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value
