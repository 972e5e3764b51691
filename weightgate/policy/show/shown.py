"""A pack as it is shown: plain data, with sources in words and everything that holds on the day marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
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
class ShownStatus:
    """What the text was worth from a day on; ``known`` is the day it became known, where that is another."""

    start: str
    status: str
    cite: str
    note: str
    current: bool
    known: str = ""


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
        known: Day on which it became known, where that is not the first; else empty.
        until_known: Day on which its end became known, where that is not the day after it; else empty.
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
        cites: Titles of sources, and the places in them.
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
    cites: tuple[str, ...]
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
        cites: Titles of sources, and the places in them.
        note: What the author adds.
    """

    name: str
    title: str
    default: str
    readings: Mapping[str, str]
    cites: tuple[str, ...]
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

    def to_json(self) -> dict[str, Any]:
        """The pack as one JSON object."""
        return {"schema": "weightgate/pack-shown/v1", "status_then": self.status_then, **asdict(self)}
