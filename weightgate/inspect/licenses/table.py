"""What a licence grants, by its identifier: a table, shipped as data, of SPDX identifiers and the Hub's own.

The table is read when a grant is asked for, not when a licence is merely named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import cache
from pathlib import Path

from weightgate.errors import PolicyError
from weightgate.files.yaml import Document
from weightgate.inspect.names import identifier
from weightgate.records import record

_FIELDS = {"title", "grants", "why", "source", "grade"}
_JOIN = re.compile(r"\s+(and|or)\s+", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9.+_-]*\Z")


class Grants(Enum):
    """What a licence lets anyone do."""

    OPEN = "open"  # use for any purpose, and pass on
    RESTRICTED = "restricted"  # some use, change or passing on is limited
    UNKNOWN = "unknown"  # its name does not tell


@record
class Grant:
    """What one or several licences together let anyone do.

    Attributes:
        grants: The outcome.
        reason: Why, in a sentence.
        sources: Where the licences can be read.
    """

    grants: Grants
    reason: str
    sources: tuple[str, ...] = ()


@record
class License:
    """One row of the table.

    Attributes:
        name: Identifier in lower case.
        title: Full name.
        grants: What it lets anyone do.
        why: What a restricted licence limits.
        source: URL of its text or of the list that defines the identifier.
        grade: V read in its own text, S in a secondary source, M recalled.
    """

    name: str
    title: str
    grants: Grants
    why: str
    source: str
    grade: str


@cache
def license_table() -> dict[str, License]:
    """The shipped table.

    Raises:
        PolicyError: The table is damaged.
    """
    from weightgate.files.shipped import shipped

    return read_table(shipped("licenses.yaml"))


def read_table(path: Path) -> dict[str, License]:
    """Read a table of licences.

    Raises:
        InputError: It is not YAML.
        PolicyError: A row without a source or a reason, or with an unknown field; the message gives its place.
    """
    from weightgate.files.yaml import read_yaml

    document = read_yaml(path)
    rows = document.data.get("licenses") if isinstance(document.data, dict) else None
    if not isinstance(rows, dict):
        raise PolicyError("no mapping 'licenses'", where=document.where(), code="bad_table")
    return {name: _row(document, name) for name in rows}


def _row(document: Document, name: str) -> License:
    row = document.data["licenses"][name]
    where = document.where("licenses", name)
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise PolicyError(f"{name} is no mapping of texts", where=where, code="bad_table")
    if set(row) - _FIELDS or not {"title", "grants", "source", "grade"} <= set(row):
        raise PolicyError(
            f"{name} needs title, grants, source and grade, and may have why", where=where, code="bad_table"
        )
    if row["grants"] not in {g.value for g in Grants} or row["grade"] not in ("V", "S", "M"):
        raise PolicyError(
            f"{name}: grants is open, restricted or unknown, and grade V, S or M",
            where=where,
            code="bad_table",
        )
    if not row["source"].startswith("https://"):
        raise PolicyError(f"{name}: the source is no https URL", where=where, code="bad_table")
    if (row["grants"] != "open") != bool(row.get("why")):
        raise PolicyError(f"{name}: 'why' says what is limited, and only that", where=where, code="bad_table")
    if not _IDENTIFIER.match(name):
        raise PolicyError(f"{name} is no identifier in lower case", where=where, code="bad_table")
    return License(name, row["title"], Grants(row["grants"]), row.get("why", ""), row["source"], row["grade"])


def operands(expression: str) -> tuple[str, tuple[str, ...]]:
    """Split a simple licence expression.

    Returns:
        ``("or", names)`` or ``("and", names)``; a single name is ``("and", (name,))``. An expression that mixes both,
        or has parentheses or ``WITH``, is left whole, as a name that no table knows.
    """
    text = identifier(expression)
    joins = {join.lower() for join in _JOIN.findall(text)}
    if len(joins) != 1 or "(" in text or " with " in text:
        return "and", (text,)
    return joins.pop(), tuple(part for part in _JOIN.split(text)[::2])


def grant_of(name: str) -> Grant:
    """What a licence, or a choice or conjunction of licences, lets anyone do.

    Of a choice (``OR``) the licensee takes the best; a conjunction (``AND``) holds whole.
    """
    join, names = operands(name)
    grants = [_single(part) for part in names]
    if len(grants) == 1:
        return grants[0]
    if join == "or":
        best = next((g for g in grants if g.grants is Grants.OPEN), None)
        if best is not None:
            return best
        kind = Grants.RESTRICTED if all(g.grants is Grants.RESTRICTED for g in grants) else Grants.UNKNOWN
        return _joined(kind, grants)
    return all_of(names)


def all_of(names: Iterable[str]) -> Grant:
    """What several licences let anyone do when all of them apply: open only if every one is."""
    grants = [grant_of(name) for name in names]
    if not grants:
        return Grant(Grants.UNKNOWN, "no licence is named")
    for kind in (Grants.RESTRICTED, Grants.UNKNOWN):
        decisive = [g for g in grants if g.grants is kind]
        if decisive:
            return _joined(kind, decisive)
    return _joined(Grants.OPEN, grants)


def _joined(kind: Grants, grants: list[Grant]) -> Grant:
    reasons = dict.fromkeys(g.reason for g in grants)
    sources = dict.fromkeys(source for g in grants for source in g.sources)
    return Grant(kind, "; ".join(reasons), tuple(sources))


def _single(name: str) -> Grant:
    row = license_table().get(name)
    if row is None:
        return Grant(Grants.UNKNOWN, f"{name!r} is not in the table of licences")
    if row.grants is Grants.OPEN:
        return Grant(row.grants, f"{row.title} grants use and redistribution", (row.source,))
    return Grant(row.grants, f"{row.title}: {row.why}", (row.source,))
