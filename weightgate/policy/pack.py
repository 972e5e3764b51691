"""A pack as loaded, and as it stands at one day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from weightgate.errors import InputError, PolicyError
from weightgate.facts.countries import COUNTRIES
from weightgate.files.yaml import Document, parse_yaml
from weightgate.policy.cel import ConditionError, NamedValue, Scope, compile_condition
from weightgate.policy.days import FOREVER, day_before, next_day
from weightgate.policy.ir import And, Condition, Not, atoms, simplify
from weightgate.policy.position import place_in
from weightgate.policy.schema import Cite, Dated, PackDocument, Rule, ValueRow
from weightgate.policy.source import PackSource
from weightgate.records import record

ALLOW_WITH_CONDITIONS = "allow_with_conditions"


@record
class RuleAt:
    """A rule with its condition lowered, ``unless`` included.

    Attributes:
        rule: The rule as written.
        condition: When it applies.
    """

    rule: Rule
    condition: Condition


@record
class PackAt:
    """A pack as it stands from one day to another.

    Attributes:
        start: First day on which it stands so.
        end: Last day, or :data:`FOREVER`.
        tiers: Tier of every country; empty when the pack has no such table.
        values: Named values.
        rules: Rules in force, in the pack's order.
    """

    start: str
    end: str
    tiers: dict[str, int]
    values: dict[str, NamedValue]
    rules: tuple[RuleAt, ...]


class Pack:
    """A pack whose schema, dates, sources and conditions have been checked.

    Raises:
        PolicyError: With file, line and column of what is wrong.
    """

    def __init__(self, source: PackSource) -> None:
        self.source = source
        self.text = source.text.decode("utf-8", "replace")
        self.file = source.name if source.locator.startswith("shipped:") else source.locator
        try:
            self.yaml: Document = parse_yaml(source.text, self.file)
        except InputError as error:
            raise PolicyError(error.message, where=error.where, hint=error.hint, code=error.code) from None
        self.document = self._validate()
        self._check_cites()
        self._check_rules()
        self._check_dates()
        self.spans = self._spans()
        # Every condition must load at every day, so that a pack never breaks later without being touched.
        self.standings = tuple(self._at(start, end) for start, end in self.spans)

    @property
    def begins(self) -> str:
        """First day of which the pack says anything."""
        return min(row.from_ for row in self.document.status)

    def at(self, day: str) -> PackAt | None:
        """The pack as it stands at a day; ``None`` before it begins."""
        return next((s for s in self.standings if s.start <= day <= s.end), None)

    def fail(self, message: str, *path: str | int, hint: str = "", code: str = "policy") -> PolicyError:
        """An error at a place of the document."""
        return PolicyError(message, where=self.yaml.where(*path), hint=hint, code=code)

    def _validate(self) -> PackDocument:
        if not isinstance(self.yaml.data, dict):
            raise self.fail("not a policy pack: the document is no mapping", code="pack_schema")
        try:
            return PackDocument.model_validate(self.yaml.data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            path = first["loc"]
            shown = ".".join(str(p) for p in path)
            message = first["msg"].removeprefix("Value error, ")
            raise self.fail(f"{shown}: {message}", *path, code="pack_schema") from None

    def _check_cites(self) -> None:
        document = self.document
        cites: list[tuple[Cite, tuple[str | int, ...]]] = []
        cites += [(row.cite, ("status", i, "cite")) for i, row in enumerate(document.status)]
        cites += [(c, ("default", "cites", i)) for i, c in enumerate(document.default.cites)]
        for name, table in document.tables.items():
            cites += [(row.cite, ("tables", name, "rows", i, "cite")) for i, row in enumerate(table.rows)]
            cites.append((table.otherwise.cite, ("tables", name, "otherwise", "cite")))
        for value, rows in document.values.items():
            cites += [(row.cite, ("values", value, i, "cite")) for i, row in enumerate(rows)]
        for i, rule in enumerate(document.rules):
            cites += [(c, ("rules", i, "cites", j)) for j, c in enumerate(rule.cites)]
        for cite, path in cites:
            if cite.source not in document.sources:
                raise self.fail(
                    f"no source is called {cite.source!r}", *path, "source", hint="sources: lists them"
                )

    def _check_rules(self) -> None:
        seen: set[str] = set()
        for i, rule in enumerate(self.document.rules):
            if rule.id in seen or rule.id == "default":
                raise self.fail(f"rule {rule.id!r} is there twice", "rules", i, "id")
            seen.add(rule.id)
            if rule.verdict == ALLOW_WITH_CONDITIONS and not rule.conditions:
                raise self.fail(f"rule {rule.id!r} allows with conditions and names none", "rules", i)
            if rule.until and rule.from_ and rule.until < rule.from_:
                raise self.fail(f"rule {rule.id!r} ends before it begins", "rules", i, "until")
        if self.document.default.verdict == ALLOW_WITH_CONDITIONS:
            raise self.fail("the default allows with conditions and names none", "default", "verdict")
        for name in self.document.define:
            if name in self.document.values:
                raise self.fail(f"{name!r} is both a value and a definition", "define", name)

    def _check_dates(self) -> None:
        document = self.document
        dated: list[tuple[Dated, tuple[str | int, ...]]] = []
        for name, table in document.tables.items():
            dated += [(row, ("tables", name, "rows", i)) for i, row in enumerate(table.rows)]
        for value, rows in document.values.items():
            dated += [(row, ("values", value, i)) for i, row in enumerate(rows)]
        for row, path in dated:
            if row.until and row.until < row.from_:
                raise self.fail(f"the row ends on {row.until}, before it begins", *path, "until")
        days: set[str] = set()
        for i, status in enumerate(document.status):
            if status.from_ in days:
                raise self.fail(f"two statuses begin on {status.from_}", "status", i, "from")
            days.add(status.from_)

    def _spans(self) -> tuple[tuple[str, str], ...]:
        """The stretches of days between which nothing in the pack changes."""
        starts = {self.begins}
        for row in self._dated():
            starts |= {row.from_} | ({next_day(row.until)} if row.until else set())
        for rule in self.document.rules:
            starts |= ({rule.from_} if rule.from_ else set()) | (
                {next_day(rule.until)} if rule.until else set()
            )
        ordered = sorted(s for s in starts if self.begins <= s < FOREVER)
        ends = [*(day_before(s) for s in ordered[1:]), FOREVER]
        return tuple(zip(ordered, ends, strict=True))

    def _dated(self) -> Iterable[Dated]:
        for table in self.document.tables.values():
            yield from table.rows
        for values in self.document.values.values():
            yield from values

    def _at(self, start: str, end: str) -> PackAt:
        tiers = self._tiers(start)
        values = {name: self._value(name, rows, start) for name, rows in self.document.values.items()}
        scope = self._scope(values)
        rules = tuple(
            RuleAt(rule, self._condition(i, rule, scope, tiers))
            for i, rule in enumerate(self.document.rules)
            if (rule.from_ or start) <= start <= (rule.until or FOREVER)
        )
        return PackAt(start, end, tiers, values, rules)

    def _tiers(self, day: str) -> dict[str, int]:
        table = self.document.tables.get("tier")
        if table is None:
            return {}
        tiers: dict[str, int] = {}
        for i, row in enumerate(table.rows):
            if not in_force(row, day):
                continue
            for j, country in enumerate(row.countries):
                if country in tiers:
                    path = ("tables", "tier", "rows", i, "countries", j)
                    raise self.fail(
                        f"{country} has two tiers on {day}", *path, hint="end one row before the other begins"
                    )
                tiers[country] = row.value
        return dict.fromkeys(COUNTRIES, int(table.otherwise.value)) | tiers

    def _value(self, name: str, rows: Sequence[ValueRow], day: str) -> NamedValue:
        current = [(i, row) for i, row in enumerate(rows) if in_force(row, day)]
        if len(current) != 1:
            problem = "has no value" if not current else "has two values"
            path = ("values", name) if not current else ("values", name, current[1][0])
            raise self.fail(
                f"{name} {problem} on {day}", *path, hint="let each row begin the day after the last one ends"
            )
        value = current[0][1].value
        if isinstance(value, list):
            return tuple(value)
        return value if isinstance(value, str) else float(value)

    def _scope(self, values: dict[str, NamedValue]) -> Scope:
        scope = Scope(values, {})
        for name, text in self.document.define.items():
            scope = Scope(values, {**scope.definitions, name: self._compile(text, scope, ("define", name))})
        return scope

    def _condition(self, index: int, rule: Rule, scope: Scope, tiers: dict[str, int]) -> Condition:
        condition = self._compile(rule.when, scope, ("rules", index, "when"))
        if rule.unless is not None:
            condition = And((condition, Not(self._compile(rule.unless, scope, ("rules", index, "unless")))))
        if not tiers:
            used = next((a.fact for a in atoms(condition) if a.fact.endswith(".tier")), None)
            if used:
                raise self.fail(f"{used} is used and the pack has no table tier", "rules", index, "when")
        return simplify(condition, {})

    def _compile(self, text: str, scope: Scope, path: tuple[str | int, ...]) -> Condition:
        try:
            return compile_condition(text, scope)
        except ConditionError as error:
            line, column = place_in(self.text, self.yaml.marks[path], text, error.line, error.column)
            where = f"{self.file}:{line}:{column}"
            raise PolicyError(error.message, where=where, hint=error.hint, code="condition") from None


def in_force(row: Dated, day: str) -> bool:
    """Whether a dated row holds at a day, both ends included."""
    return row.from_ <= day <= (row.until or FOREVER)
