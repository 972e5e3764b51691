"""What a pack must keep beyond its schema: sources that exist, names used once, days in order."""

from __future__ import annotations

from collections.abc import Iterator

from weightgate.errors import PolicyError
from weightgate.policy.dated import end_known_day, known_day
from weightgate.policy.mistakes import no_number
from weightgate.policy.schema import Cite, Dated, PackDocument, Rule, StatusRow, ValueRow
from weightgate.policy.standing import Fail
from weightgate.policy.status import ORDER_PACK

Path = tuple[str | int, ...]

ALLOW_WITH_CONDITIONS = "allow_with_conditions"


def check_document(document: PackDocument, fail: Fail) -> None:
    """Check everything that needs neither conditions nor a day.

    Args:
        document: The pack.
        fail: Makes the error at a place of it.

    Raises:
        PolicyError: With the place.
    """
    if document.name == ORDER_PACK:
        hint = "give it another name"
        raise fail(f"{ORDER_PACK!r} stands for orders in the operator file", "name", hint=hint)
    for cite, path in _cites(document):
        if cite.source not in document.sources:
            raise fail(f"no source is called {cite.source!r}", *path, "source", hint="sources: lists them")
    _check_rules(document, fail)
    _check_names(document, fail)
    _check_values(document, fail)
    for row, path in _dated(document):
        _check_days(row, path, fail)
    _check_status(document.status, ("status",), fail)
    for i, rule in enumerate(document.rules):
        _check_status(rule.status, ("rules", i, "status"), fail)
    _check_invariants(document, fail)


def _cites(document: PackDocument) -> Iterator[tuple[Cite, Path]]:
    yield from ((row.cite, ("status", i, "cite")) for i, row in enumerate(document.status))
    yield from ((c, ("default", "cites", i)) for i, c in enumerate(document.default.cites))
    for name, switch in document.switches.items():
        yield from ((c, ("switches", name, "cites", i)) for i, c in enumerate(switch.cites))
    for name, table in document.tables.items():
        yield table.otherwise.cite, ("tables", name, "otherwise", "cite")
    for row, path in _dated(document):
        if isinstance(row, Dated):
            yield row.cite, (*path, "cite")
    for i, rule in enumerate(document.rules):
        yield from ((c, ("rules", i, "cites", j)) for j, c in enumerate(rule.cites))
        yield from ((row.cite, ("rules", i, "status", j, "cite")) for j, row in enumerate(rule.status))


def _dated(document: PackDocument) -> Iterator[tuple[Dated | Rule, Path]]:
    for name, table in document.tables.items():
        yield from ((row, ("tables", name, "rows", i)) for i, row in enumerate(table.rows))
    for value, rows in document.values.items():
        yield from ((row, ("values", value, i)) for i, row in enumerate(rows))
    yield from ((rule, ("rules", i)) for i, rule in enumerate(document.rules))


def _check_rules(document: PackDocument, fail: Fail) -> None:
    seen: set[str] = set()
    for i, rule in enumerate(document.rules):
        if rule.id == "default":
            raise fail(
                f"{rule.id!r} stands for where no rule applies", "rules", i, "id", hint="give it another name"
            )
        if rule.id in seen:
            raise fail(f"rule {rule.id!r} is there twice", "rules", i, "id", hint="give it a name of its own")
        seen.add(rule.id)
        if rule.verdict == ALLOW_WITH_CONDITIONS and not rule.conditions:
            message = f"rule {rule.id!r} allows with conditions and names none"
            raise fail(message, "rules", i, hint="name them under conditions:, or let it allow")
    if document.default.verdict == ALLOW_WITH_CONDITIONS:
        raise fail("the default allows with conditions and names none", "default", "verdict")


def _check_names(document: PackDocument, fail: Fail) -> None:
    for name in document.define:
        if name in document.values:
            hint = "rename one of them"
            raise fail(f"{name!r} is both a value and a definition", "define", name, hint=hint)
    for name, switch in document.switches.items():
        if switch.default not in switch.readings:
            hint = "one of " + ", ".join(switch.readings)
            raise fail(f"{switch.default!r} is no reading of {name}", "switches", name, "default", hint=hint)


def _check_values(document: PackDocument, fail: Fail) -> None:
    """The rows of one value are of one kind, so that every condition has one type on every day."""
    for name, rows in document.values.items():
        kinds = [_kind(row.value, row.unit) for row in rows]
        for i, kind in enumerate(kinds):
            if kind != kinds[0]:
                raise _two_kinds(name, rows, kinds, i, fail)


def _two_kinds(name: str, rows: list[ValueRow], kinds: list[str], other: int, fail: Fail) -> PolicyError:
    """A value of two kinds: of a number and a text, it is the text that is wrong."""
    message, hint = f"{name} is a {kinds[0]} and a {kinds[other]}", ""
    if {kinds[0], kinds[other]} == {"number", "text"}:
        other = 0 if kinds[0] == "text" else other
        message, hint = no_number(str(rows[other].value), rows[other].unit)
    return fail(message, "values", name, other, "value", hint=hint)


def _kind(value: object, unit: str | None) -> str:
    if isinstance(value, list):
        return "list"
    return "text" if isinstance(value, str) and unit != "ratio" else "number"


def _check_days(row: Dated | Rule, path: Path, fail: Fail) -> None:
    what = f"rule {row.id!r}" if isinstance(row, Rule) else "the row"
    if row.until and row.from_ and row.until < row.from_:
        raise fail(f"{what} ends on {row.until}, before it begins", *path, "until", hint="mend from or until")
    if row.until_known and not row.until:
        raise fail(
            f"{what} has until_known and no until", *path, "until_known", hint="state until, or leave it out"
        )
    if row.until and end_known_day(row) < known_day(row):
        message = f"{what} became known on {known_day(row)}, after its end did on {end_known_day(row)}"
        raise fail(message, *path, hint="leave the row out, or mend known or until_known")


def _check_status(rows: list[StatusRow], path: Path, fail: Fail) -> None:
    days: set[str] = set()
    for i, status in enumerate(rows):
        if status.from_ in days:
            hint = "keep one of them"
            raise fail(f"two statuses begin on {status.from_}", *path, i, "from", hint=hint)
        days.add(status.from_)


def _check_invariants(document: PackDocument, fail: Fail) -> None:
    seen: set[str] = set()
    for i, one in enumerate(document.invariants):
        if one.id in seen:
            raise fail(f"invariant {one.id!r} is there twice", "invariants", i, "id")
        seen.add(one.id)
        said = [one.never_loosens_when, one.at_most, one.at_least]
        if sum(s is not None for s in said) != 1:
            hint = "say never_loosens_when, at_most or at_least, and one of them"
            raise fail(f"invariant {one.id!r} says not exactly one thing", "invariants", i, hint=hint)
