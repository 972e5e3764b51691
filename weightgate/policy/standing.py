"""What a pack's tables and named values say on a day, as known on a day: with no gap and no overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from weightgate.errors import PolicyError
from weightgate.facts.countries import COUNTRIES
from weightgate.facts.derived import quotient
from weightgate.policy.cel import NamedValue
from weightgate.policy.dated import in_force
from weightgate.policy.days import FOREVER
from weightgate.policy.schema import PackDocument, ValueRow


class Fail(Protocol):
    """Makes the error at a place of a pack: :meth:`weightgate.policy.pack.Pack.fail`."""

    def __call__(self, message: str, *path: str | int, hint: str = "", code: str = "policy") -> PolicyError:
        """The error, to be raised."""


def tiers_at(document: PackDocument, day: str, known_at: str, fail: Fail) -> dict[str, int]:
    """The tier of every country; empty when the pack has no such table.

    Raises:
        PolicyError: A country has two tiers.
    """
    table = document.tables.get("tier")
    if table is None:
        return {}
    tiers: dict[str, int] = {}
    for i, row in enumerate(table.rows):
        if not in_force(row, day, known_at):
            continue
        for j, country in enumerate(row.countries):
            if country in tiers:
                path = ("tables", "tier", "rows", i, "countries", j)
                if country in row.countries[:j]:
                    raise fail(f"{country} is in this row twice", *path, hint="name it once")
                when = _when(day, known_at)
                raise fail(
                    f"{country} has two tiers {when}", *path, hint="end one row before the other begins"
                )
            tiers[country] = row.value
    return dict.fromkeys(COUNTRIES, int(table.otherwise.value)) | tiers


def value_at(name: str, rows: Sequence[ValueRow], day: str, known_at: str, fail: Fail) -> NamedValue:
    """A named value: the one row in force, or of a list the members of all rows in force.

    Raises:
        PolicyError: It has none, or two; a list names a member twice; or a text with the unit ``ratio`` is no quotient.
    """
    current = [(i, row) for i, row in enumerate(rows) if in_force(row, day, known_at)]
    hint = "let each row begin the day after the last one ends"
    if not current:
        later = next((i for i, row in enumerate(rows) if in_force(row, day)), None)
        if later is not None:
            hint = f"if it was known by then, write known: {known_at}, or an earlier day, in this row"
            raise fail(f"{name} has no value {_when(day, known_at)}", "values", name, later, hint=hint)
        raise fail(f"{name} has no value {_when(day, known_at)}", "values", name, hint=hint)
    if isinstance(current[0][1].value, list):
        return _list(name, current, _when(day, known_at), fail)
    if len(current) > 1:
        raise fail(f"{name} has two values {_when(day, known_at)}", "values", name, current[1][0], hint=hint)
    index, row = current[0]
    if isinstance(row.value, str) and row.unit == "ratio":
        return _quotient(row.value, ("values", name, index, "value"), fail)
    return row.value if isinstance(row.value, str) else float(row.value)  # type: ignore[arg-type]


def _list(name: str, rows: Sequence[tuple[int, ValueRow]], when: str, fail: Fail) -> tuple[str, ...]:
    members: dict[str, int] = {}
    for index, row in rows:
        for place, member in enumerate(row.value if isinstance(row.value, list) else ()):
            if member in members:
                path = ("values", name, index, "value", place)
                if members[member] == index:
                    raise fail(f"{name} names {member} twice in one row", *path, hint="name it once")
                raise fail(
                    f"{name} names {member} twice {when}", *path, hint="let one of the rows end before"
                )
            members[member] = index
    return tuple(members)


def _quotient(text: str, path: tuple[str | int, ...], fail: Fail) -> float:
    part, slash, whole = text.partition("/")
    if (
        not slash
        or not part.strip().isdecimal()
        or not whole.strip().isdecimal()
        or len(text) > 40
        or not int(whole)
    ):
        raise fail(f"{text!r} is no ratio", *path, hint="write a number, or a quotient such as 1/3")
    return quotient(float(part), float(whole))


def _when(day: str, known_at: str) -> str:
    return f"on {day}" + (f", as known on {known_at}" if known_at < FOREVER else "")
