"""A pack as loaded: read, checked, and standing as it does from day to day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy

from pydantic import ValidationError

from weightgate.errors import InputError, PolicyError
from weightgate.files.yaml import Document, parse_yaml
from weightgate.policy.cel import Chosen, NamedValue, Scope
from weightgate.policy.checked import Node
from weightgate.policy.checking import check_document
from weightgate.policy.conditions import Conditions, Path
from weightgate.policy.dated import begins, in_force, known_days, spans, status_at
from weightgate.policy.days import FOREVER
from weightgate.policy.ir import Condition, Const
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.schema import UNSEEN, PackDocument, Rule, unseen
from weightgate.policy.source import PackSource
from weightgate.policy.standing import tiers_at, value_at
from weightgate.policy.status import BINDING
from weightgate.records import record

MAX_DAYS = 4_000
"""Days on which a pack changes, times days on which something in it became known."""
MAX_LOOKS = 1_000_000
"""The same, times rows and rules: a few seconds."""


_CONDITIONS = frozenset({"when", "unless", "given", "define"})
_START = "weightgate policy new NAME starts one"
_LINT = (
    "weightgate policy lint lists everything that keeps the pack from loading, with the nearest known names"
)


def _to_do(kind: str, path: Path) -> str:
    """What to do about something that pydantic found."""
    if kind == "too_long":
        return "split the pack"
    if kind == "string_too_long":
        return "split it with define:" if _CONDITIONS & set(map(str, path)) else "shorten it"
    return _LINT


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
        given: What each invariant is said under, by its identifier.
        left_out: Rules that a reading of what is in force leaves out, with what their text was worth.
    """

    start: str
    end: str
    tiers: dict[str, int]
    values: dict[str, NamedValue]
    rules: tuple[RuleAt, ...]
    given: dict[str, Condition]
    left_out: tuple[tuple[str, str], ...] = ()


def at(standings: Iterable[PackAt], day: str) -> PackAt | None:
    """How a pack stands at a day; ``None`` before it begins."""
    return next((s for s in standings if s.start <= day <= s.end), None)


class Pack:
    """A pack whose schema, dates, sources and conditions have been checked.

    Attributes:
        source: Its bytes, and where they are.
        document: What they say.
        yaml: The same as plain data, with the place of each part.
        conditions: Its conditions as parsed.
        known: Every day on which something in it became known, in order.
        standings: How it stands over time, as written and at its switches' defaults.

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
        self._refuse_unseen()
        self.document = self._validate()
        check_document(self.document, self.fail)
        self.known = known_days(self.document)
        self.conditions = Conditions(self.text, self.file, self.yaml)
        # Every condition must load on every day and as known on every day, so that a pack never breaks later without
        # being touched.
        self._bound_time()
        if self.begins == FOREVER:
            message = f"the pack begins on {FOREVER}, which stands for never, so that it says nothing"
            raise self.fail(message, "status", 0, "from", hint="let a status begin earlier")
        self.standings = self._read(AS_WRITTEN)
        for day in self.known[:-1]:
            self._read(Reading(day))

    @property
    def begins(self) -> str:
        """First day of which the pack says anything."""
        return begins(self.document)

    @property
    def switches(self) -> dict[str, str]:
        """The default of each switch."""
        return {name: switch.default for name, switch in self.document.switches.items()}

    def at(self, day: str, reading: Reading = AS_WRITTEN) -> PackAt | None:
        """The pack as it stands at a day; ``None`` before it begins."""
        return at(self.read(reading), day)

    def read(self, reading: Reading) -> tuple[PackAt, ...]:
        """How the pack stands over time in one reading; nothing when it was not known by then.

        Raises:
            PolicyError: A value or a country's tier has a gap or an overlap in time, or a condition does not fit a
                value.
        """
        return self.standings if reading == AS_WRITTEN else self._read(reading)

    def _read(self, reading: Reading) -> tuple[PackAt, ...]:
        stretches = spans(self.document, reading.known_at, reading.in_force)
        return tuple(self._at(start, end, reading) for start, end in stretches)

    def names_at(self, standing: PackAt, reading: Reading = AS_WRITTEN) -> Scope:
        """What conditions may name as the pack stands in a reading."""
        return self._scope(standing.values, reading)

    def changed(self, document: PackDocument, nodes: Mapping[Path, Node]) -> Pack:
        """The pack with other data, or with other conditions in some places: for finding out what would notice.

        Args:
            document: The data. Conditions are taken from the same places as before.
            nodes: Conditions as parsed, by their places, that stand there instead.

        Raises:
            PolicyError: It does not stand: a gap or an overlap in time, or a condition that does not fit its values.
        """
        other = copy(self)
        other.document = document
        other.conditions = self.conditions.changed(nodes)
        other.standings = other._read(AS_WRITTEN)  # noqa: SLF001
        return other

    def fail(self, message: str, *path: str | int, hint: str = "", code: str = "policy") -> PolicyError:
        """An error at a place of the document."""
        return PolicyError(message, where=self.yaml.where(*path), hint=hint, code=code)

    def _refuse_unseen(self) -> None:
        """Refuse what lets a reviewer see another text than the one that is read, in remarks too."""
        found = UNSEEN.search(self.text.removeprefix("\ufeff"))
        if found:
            before = self.text.removeprefix("\ufeff")[: found.start()]
            line, column = before.count("\n") + 1, found.start() - before.rfind("\n")
            where = f"{self.file}:{line}:{column}"
            raise PolicyError(unseen(found.group()), where=where, hint="leave it out", code="unseen")

    def _validate(self) -> PackDocument:
        if not isinstance(self.yaml.data, dict):
            raise self.fail("not a policy pack: the document is no mapping", hint=_START, code="pack_schema")
        try:
            return PackDocument.model_validate(self.yaml.data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            path = first["loc"]
            shown = ".".join(str(p) for p in path)
            message = first["msg"].removeprefix("Value error, ")
            hint = _to_do(first["type"], path)
            raise self.fail(f"{shown}: {message}", *path, hint=hint, code="pack_schema") from None

    def _bound_time(self) -> None:
        """Refuse what would take too long to look at: every row is looked at for each day and each day of knowledge.

        Raises:
            PolicyError: There are too many.
        """
        document = self.document
        rows = sum(len(t.rows) for t in document.tables.values()) + sum(map(len, document.values.values()))
        days = len(spans(document)) * len(self.known)
        if days > MAX_DAYS or days * (rows + len(document.rules)) > MAX_LOOKS:
            message = (
                f"{rows} rows and {len(document.rules)} rules change on {len(spans(document))} days and became "
                f"known on {len(self.known)}, which is too much to check"
            )
            raise self.fail(
                message, "rules", hint="split the pack, or let rows change together", code="too_large"
            )

    def _at(self, start: str, end: str, reading: Reading) -> PackAt:
        document = self.document
        tiers = tiers_at(document, start, reading.known_at, self.fail)
        values = {
            name: value_at(name, rows, start, reading.known_at, self.fail)
            for name, rows in document.values.items()
        }
        scope = self._scope(values, reading)
        rules, left_out = [], []
        for i, rule in enumerate(document.rules):
            if not in_force(rule, start, reading.known_at):
                continue
            status = self._status(rule, start, reading)
            if reading.in_force and status not in BINDING:
                left_out.append((rule.id, status))
            else:
                rules.append(RuleAt(rule, self._condition(i, rule, scope, tiers)))
        given = {
            one.id: self.conditions.lower(one.given, scope, ("invariants", i, "given"))
            if one.given
            else Const(True)
            for i, one in enumerate(document.invariants)
        }
        return PackAt(start, end, tiers, values, tuple(rules), given, tuple(left_out))

    def _status(self, rule: Rule, day: str, reading: Reading) -> str:
        """What a rule's text was worth: its own word, else the pack's."""
        own = status_at(rule.status, day, reading.known_at)
        found = own or status_at(self.document.status, day, reading.known_at)
        return found.status if found else ""

    def _scope(self, values: dict[str, NamedValue], reading: Reading) -> Scope:
        chosen = {**self.switches, **reading.switches}
        switches = {
            name: Chosen(chosen[name], tuple(switch.readings))
            for name, switch in self.document.switches.items()
        }
        scope = Scope(values, {}, switches)
        for name, text in self.document.define.items():
            defined = self.conditions.lower(text, scope, ("define", name))
            scope = Scope(values, {**scope.definitions, name: defined}, switches)
        return scope

    def _condition(self, index: int, rule: Rule, scope: Scope, tiers: dict[str, int]) -> Condition:
        when = self.conditions.lower(rule.when, scope, ("rules", index, "when"))
        unless = None
        if rule.unless is not None:
            unless = self.conditions.lower(rule.unless, scope, ("rules", index, "unless"))
        joined = self.conditions.joined(when, unless)
        if joined.tier and not tiers:
            message = f"{joined.tier} is used and the pack has no table tier"
            raise self.fail(message, "rules", index, "when")
        return joined.condition
