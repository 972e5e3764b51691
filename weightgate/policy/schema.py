"""The pack format: what counsel writes, as pydantic models.

Every value and every table row carries its source, its place in that source, and a grade of confidence; one without
does not load. Dates are UTC days, both ends inclusive.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from weightgate.errors import InputError
from weightgate.facts.encode import parse_country, parse_day
from weightgate.facts.registry import FACTS

SCHEMA = "weightgate/pack/v1"

Confidence = Literal["V", "S", "M", "U"]
"""V read in the legal text itself, S in a secondary source, M recalled, U uncertain: the stricter reading is taken."""

StatusName = Literal[
    "proposed", "announced", "enacted", "effective", "not_enforced", "superseded", "rescinded"
]
VerdictName = Literal["allow", "allow_with_conditions", "license_required", "deny"]
Activity = Literal["host", "fine_tune", "export_compute"]

MAX_RULES = 500
MAX_ROWS = 2_000
"""Rows of one table, or of one named value."""
MAX_ENTRIES = 200
"""Named values, definitions, sources, switches or invariants of one pack."""


UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Characters that a reader does not see, and that change what the rest looks like or where a line ends."""


def unseen(character: str) -> str:
    """What is wrong with such a character."""
    return f"U+{ord(character):04X} is a character that nobody sees"


def _seen(text: str) -> str:
    found = UNSEEN.search(text)
    if found:
        raise ValueError(f"{unseen(found.group())}; leave it out")
    return text


def _day(raw: Any) -> str:
    return _plain(parse_day, raw)


def _country(raw: Any) -> str:
    code = _plain(parse_country, raw)
    if code != raw:
        raise ValueError(f"write {code} in capitals")
    return code


def _plain(parse: Any, raw: Any) -> str:
    try:
        return str(parse(raw, ""))
    except InputError as error:
        raise ValueError(f"{error.message}; {error.hint}") from None


def _tier(raw: Any) -> Any:
    # Python takes true for 1.
    if isinstance(raw, bool):
        raise ValueError("write 1, 2 or 3")  # noqa: TRY004
    return raw


def _no_fact(raw: Any) -> Any:
    if raw in FACTS:
        raise ValueError(f"{raw} is the name of a fact")
    return raw


def _listed(raw: Any) -> Any:
    return [raw] if isinstance(raw, str) else raw


Day = Annotated[str, BeforeValidator(_day)]
CountryCode = Annotated[str, BeforeValidator(_country)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$", max_length=80)]
Name = Annotated[
    str, BeforeValidator(_no_fact), StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
]
Tier = Annotated[Literal[1, 2, 3], BeforeValidator(_tier)]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(_seen)
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Source(_Model):
    """A text that values and rules are taken from."""

    title: Text
    publisher: Text | None = None
    url: Text | None = None
    published: Day | None = None


class Cite(_Model):
    """A place in a source."""

    source: Identifier
    place: Text


class _Known(_Model):
    """Something with a first and a last day, each of which became known on some day.

    As known before ``known`` it does not exist; as known before ``until_known`` it has no end.
    """

    until: Day | None = None
    known: Day | None = Field(
        default=None, description="Day on which it became known, when that was not its first day"
    )
    until_known: Day | None = Field(
        default=None, description="Day on which its end became known, when that was not the day after it"
    )


class Dated(_Known):
    """Something that holds from one day to another, with its source."""

    from_: Day = Field(alias="from")
    cite: Cite
    grade: Confidence
    note: Text | None = None


class ValueRow(Dated):
    """A named value between two days; of a list, some of its members.

    A text such as ``1/3`` with the unit ``ratio`` is the double nearest to that quotient, as shares are computed.
    """

    value: float | int | Text | list[Text]
    unit: Text | None = None


class TableRow(Dated):
    """The countries that a table gives one value, between two days."""

    value: Tier
    countries: list[CountryCode] = Field(min_length=1)


class Otherwise(_Model):
    """What a table says of every country that no row names."""

    value: Tier
    cite: Cite
    grade: Confidence
    note: Text | None = None


class Table(_Model):
    """A total table over the countries."""

    rows: list[TableRow] = Field(max_length=MAX_ROWS)
    otherwise: Otherwise


class StatusRow(_Model):
    """What the text of a pack, or of a rule, was worth from a day on."""

    from_: Day = Field(alias="from")
    known: Day | None = Field(
        default=None, description="Day on which it became known, when that was not its first day"
    )
    status: StatusName
    cite: Cite
    note: Text | None = None


class Condition(_Model):
    """Something to be kept when the verdict is allow_with_conditions."""

    id: Identifier
    text: Text
    due: Text | None = None


class Default(_Model):
    """The verdict when no rule applies."""

    verdict: VerdictName
    title: Text
    cites: list[Cite] = Field(min_length=1)
    remedy: Text | None = None


class Switch(_Model):
    """A question that the text leaves open, with the readings that can be taken; the default is the strict one."""

    title: Text
    default: Name
    readings: dict[Name, Text] = Field(min_length=2, max_length=20)
    cites: list[Cite] = Field(min_length=1)
    note: Text | None = None


class Invariant(_Model):
    """Something that is expected of the pack for all facts, and can be proved."""

    id: Identifier
    title: Text
    activity: Annotated[list[Activity], BeforeValidator(_listed)] = Field(default_factory=list)
    given: Text | None = None
    never_loosens_when: Text | None = None
    at_most: VerdictName | None = None
    at_least: VerdictName | None = None


class Rule(_Known):
    """One rule: when it applies, what it says, and why."""

    id: Identifier
    title: Text
    rows: Annotated[list[Text], BeforeValidator(_listed)] = Field(default_factory=list, alias="row")
    activity: Annotated[list[Activity], BeforeValidator(_listed)] = Field(min_length=1)
    when: Text
    unless: Text | None = None
    verdict: VerdictName
    conditions: list[Condition] = Field(default_factory=list)
    cites: list[Cite] = Field(min_length=1)
    remedy: Text | None = None
    review_policy: Text | None = None
    from_: Day | None = Field(default=None, alias="from")
    status: list[StatusRow] = Field(
        default_factory=list,
        description="What this rule's text was worth, where that differs from the pack's",
    )


class PackDocument(_Model):
    """A whole pack."""

    schema_: Literal["weightgate/pack/v1"] = Field(alias="schema")
    name: Identifier
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    title: Text
    summary: Text
    sources: dict[Identifier, Source] = Field(min_length=1, max_length=MAX_ENTRIES)
    status: list[StatusRow] = Field(min_length=1)
    default: Default
    switches: dict[Name, Switch] = Field(default_factory=dict, max_length=MAX_ENTRIES)
    tables: dict[Literal["tier"], Table] = Field(default_factory=dict)
    values: dict[Name, Annotated[list[ValueRow], Field(min_length=1, max_length=MAX_ROWS)]] = Field(
        default_factory=dict, max_length=MAX_ENTRIES
    )
    define: dict[Name, Text] = Field(default_factory=dict, max_length=MAX_ENTRIES)
    rules: list[Rule] = Field(min_length=1, max_length=MAX_RULES)
    invariants: list[Invariant] = Field(default_factory=list, max_length=MAX_ENTRIES)
