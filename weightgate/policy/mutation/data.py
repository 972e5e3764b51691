"""Mutants of a pack's data: named values, tables, verdicts, dates, switches, and rules as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

from weightgate.facts.countries import COUNTRIES
from weightgate.facts.derived import quotient
from weightgate.facts.registry import Kind
from weightgate.policy.checked import Node
from weightgate.policy.conditions import Path
from weightgate.policy.days import day_before, next_day
from weightgate.policy.mutation.conditions import near
from weightgate.policy.mutation.mutant import Change
from weightgate.policy.pack import Pack
from weightgate.policy.schema import PackDocument, Rule, TableRow, ValueRow
from weightgate.policy.verdicts import VERDICTS, Verdict

Row = TypeVar("Row", ValueRow, TableRow)


def of_data(pack: Pack) -> Iterator[Change]:
    """Every change of a pack's data, in the pack's order."""
    yield from _of_default(pack)
    yield from _of_switches(pack)
    yield from _of_table(pack)
    yield from _of_values(pack)
    for i, rule in enumerate(pack.document.rules):
        yield from _of_rule(pack, i, rule)


def _of_default(pack: Pack) -> Iterator[Change]:
    default = pack.document.default
    for verdict in _beside(default.verdict):
        changed = default.model_copy(update={"verdict": verdict})
        yield Change(
            "default.verdict",
            f"{default.verdict} -> {verdict}",
            pack.yaml.where("default", "verdict"),
            pack.document.model_copy(update={"default": changed}),
        )


def _beside(verdict: str) -> list[str]:
    """The verdicts one rank below and above."""
    rank = int(VERDICTS[verdict])
    return [str(v) for v in Verdict if abs(int(v) - rank) == 1]


def _of_switches(pack: Pack) -> Iterator[Change]:
    switches = pack.document.switches
    for name, switch in switches.items():
        for reading in switch.readings:
            if reading != switch.default:
                changed = {**switches, name: switch.model_copy(update={"default": reading})}
                yield Change(
                    f"switches.{name}",
                    f"{switch.default} -> {reading}",
                    pack.yaml.where("switches", name, "default"),
                    pack.document.model_copy(update={"switches": changed}),
                )


def _of_table(pack: Pack) -> Iterator[Change]:
    table = pack.document.tables.get("tier")
    if table is None:
        return

    def document(rows: Sequence[TableRow]) -> PackDocument:
        changed = table.model_copy(update={"rows": list(rows)})
        return pack.document.model_copy(update={"tables": {"tier": changed}})

    listed = {country for row in table.rows for country in row.countries}
    first = {row.value: i for i, row in reversed(list(enumerate(table.rows)))}
    for i, row in enumerate(table.rows):
        part = f"tables.tier.{row.value} from {row.from_}"
        path = ("tables", "tier", "rows", i, "countries")
        for j, words, countries in _members(row.countries, listed, add=first[row.value] == i):
            yield Change(
                part,
                words,
                pack.yaml.where(*path, j),
                document(_with(table.rows, i, {"countries": countries})),
            )
    for tier in near(Kind.TIER, table.otherwise.value):
        otherwise = table.otherwise.model_copy(update={"value": tier})
        changed = table.model_copy(update={"otherwise": otherwise})
        yield Change(
            "tables.tier.otherwise",
            f"{table.otherwise.value} -> {tier}",
            pack.yaml.where("tables", "tier", "otherwise", "value"),
            pack.document.model_copy(update={"tables": {"tier": changed}}),
        )
    yield from _boundaries(pack, "tables.tier", ("tables", "tier", "rows"), table.rows, document)


def _of_values(pack: Pack) -> Iterator[Change]:
    values = pack.document.values
    for name, rows in values.items():

        def document(changed: Sequence[ValueRow], name: str = name) -> PackDocument:
            return pack.document.model_copy(update={"values": {**values, name: list(changed)}})

        listed = {member for row in rows if isinstance(row.value, list) for member in row.value}
        for i, row in enumerate(rows):
            for place, words, value in _of_value(row, listed, add=i == 0):
                where = pack.yaml.where("values", name, i, "value", *place)
                part = f"values.{name} from {row.from_}"
                yield Change(part, words, where, document(_with(rows, i, {"value": value})))
        yield from _boundaries(pack, f"values.{name}", ("values", name), rows, document)


def _of_value(row: ValueRow, listed: set[str], *, add: bool) -> Iterator[tuple[tuple[int, ...], str, Any]]:
    value = row.value
    if isinstance(value, list):
        for j, words, members in _members(value, listed, add=add):
            yield (j,), words, members
    elif isinstance(value, str) and row.unit == "ratio":
        part, _, whole = value.partition("/")
        for new in near(Kind.NUMBER, quotient(float(part), float(whole))):
            yield (), f"{value} -> {new}", new
    elif isinstance(value, str):
        for day in near(Kind.DATE, value) if _is_day(value) else ():
            yield (), f"{value} -> {day}", day
    else:
        for new in near(Kind.NUMBER, value):
            yield (), f"{value} -> {new}", new


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _members(members: Sequence[str], listed: set[str], *, add: bool) -> Iterator[tuple[int, str, list[str]]]:
    """Each member dropped; of countries, if asked, also one added that no row names: the next one by its code."""
    for j, member in enumerate(members):
        yield j, f"without {member}", [m for m in members if m != member]
    if add and members and all(member in COUNTRIES for member in members):
        codes = sorted(COUNTRIES)
        start = codes.index(members[0])
        added = next((c for c in codes[start:] + codes[:start] if c not in listed), None)
        if added is not None:
            yield 0, f"with {added}", [*members, added]


def _with(rows: Sequence[Row], index: int, update: dict[str, Any]) -> list[Row]:
    return [row.model_copy(update=update) if i == index else row for i, row in enumerate(rows)]


def _boundaries(
    pack: Pack,
    part: str,
    path: tuple[str | int, ...],
    rows: Sequence[Row],
    document: Callable[[Sequence[Row]], PackDocument],
) -> Iterator[Change]:
    """Each day on which rows begin, or the day after they end, moved by a day: for all that meet there together."""
    days: dict[str, tuple[int, str]] = {}
    for i, row in enumerate(rows):
        days.setdefault(row.from_, (i, "from"))
        if row.until is not None:
            days.setdefault(next_day(row.until), (i, "until"))
    for day, (index, key) in days.items():
        for to, words in ((day_before(day), "a day earlier"), (next_day(day), "a day later")):
            moved = [_moved(row, day, to) for row in rows]
            if all(row.until is None or row.from_ <= row.until for row in moved):
                where = pack.yaml.where(*path, index, key)
                yield Change(part, f"what changes on {day} does {words}", where, document(moved))


def _moved(row: Row, day: str, to: str) -> Row:
    update = {}
    if row.from_ == day:
        update["from_"] = to
    if row.until is not None and next_day(row.until) == day:
        update["until"] = day_before(to)
    return row.model_copy(update=update) if update else row


def _of_rule(pack: Pack, index: int, rule: Rule) -> Iterator[Change]:
    document = pack.document

    def changed(update: dict[str, Any]) -> PackDocument:
        rules = [rule.model_copy(update=update) if i == index else r for i, r in enumerate(document.rules)]
        return document.model_copy(update={"rules": rules})

    at = pack.yaml.where("rules", index, "id")
    never: dict[Path, Node] = {("rules", index, "when"): Node("const", 0, value=False)}
    yield Change(rule.id, "dropped", at, document, never)
    if rule.unless is not None:
        where = pack.yaml.where("rules", index, "unless")
        yield Change(f"{rule.id}.unless", "dropped", where, changed({"unless": None}))
    for verdict in _beside(rule.verdict):
        where = pack.yaml.where("rules", index, "verdict")
        yield Change(
            f"{rule.id}.verdict", f"{rule.verdict} -> {verdict}", where, changed({"verdict": verdict})
        )
    for activity in rule.activity if len(rule.activity) > 1 else ():
        where = pack.yaml.where("rules", index, "activity")
        left = [a for a in rule.activity if a != activity]
        yield Change(f"{rule.id}.activity", f"without {activity}", where, changed({"activity": left}))
    for key, attribute in (("from", "from_"), ("until", "until")):
        day = getattr(rule, attribute)
        for to in (day_before(day), next_day(day)) if day else ():
            where = pack.yaml.where("rules", index, key)
            yield Change(f"{rule.id}.{key}", f"{day} -> {to}", where, changed({attribute: to}))
