"""A pack as compiled: all that a decision needs, as plain data that can be stored and loaded without CEL or pydantic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from weightgate.errors import PolicyError
from weightgate.facts.registry import FACTS, Kind, nearest
from weightgate.facts.values import Scalar, Unknown, Value
from weightgate.policy.cells import FROM_PARTS, Cells, MemberCells, TierCells, decode_cells
from weightgate.policy.days import FOREVER
from weightgate.policy.diagram import Ref, leaves
from weightgate.policy.reading import Reading
from weightgate.policy.verdicts import VERDICTS, Verdict
from weightgate.records import record

_RANKED = tuple(Verdict)

World = Mapping[str, Scalar | frozenset[str]]

_NOTHING = Unknown()


@record
class Variable:
    """What a level of a diagram tests: a fact, or one member of a list-valued fact.

    Attributes:
        fact: Name in the facts table.
        cells: The parts that rules tell apart.
    """

    fact: str
    cells: Cells

    @property
    def key(self) -> tuple[str, str]:
        """Fact and member; the member is empty for facts that are no lists."""
        return self.fact, self.cells.member if isinstance(self.cells, MemberCells) else ""

    def mask(self, value: Value) -> int:
        """The cells in which the variable may lie, given what is known of its fact."""
        return self.cells.mask_of(value)

    def mask_among(self, values: Mapping[str, Value]) -> int:
        """The cells in which it may lie, given what is known of the facts; an absent one may be anything."""
        if self.fact not in values and isinstance(self.cells, TierCells):
            return FROM_PARTS
        return self.cells.mask_of(values.get(self.fact, _NOTHING))

    def encode(self) -> dict[str, Any]:
        """As plain data."""
        return {"fact": self.fact, "kind": self.cells.kind, "cells": self.cells.encode()}


@record
class CompiledRule:
    """One rule, or one of the two things that a rule says which yields to a LICENSE.

    Attributes:
        id: The rule's identifier.
        verdict: What it says when it applies.
        root: When it applies.
        facts: Facts that its condition mentions, in order.
        by_licence: Whether this is the reading in which a licence in scope lifts the rule.
        text: Title, rows, cites, remedy, review policy and conditions, as the pack has them.
    """

    id: str
    verdict: Verdict
    root: Ref
    facts: tuple[str, ...]
    by_licence: bool
    text: Mapping[str, Any]


@record
class CompiledActivity:
    """A pack's rules about one activity between two days.

    Attributes:
        variables: What each level tests.
        level: For each node, the level it tests.
        kids: For each node, its children.
        root: The verdict, for any facts.
        plain: The verdict, for facts without declared tiers.
        default: Where no rule applies.
        rules: The rules, in the pack's order.
    """

    variables: tuple[Variable, ...]
    level: list[int]
    kids: list[tuple[Ref, ...]]
    root: Ref
    plain: Ref
    default: Ref
    rules: tuple[CompiledRule, ...]

    @cached_property
    def readers(self) -> list[Callable[[World], int]]:
        """For each level, a function from a definite world to the cell."""
        return [_reader(variable) for variable in self.variables]

    def verdict(self, world: World) -> Verdict:
        """The verdict in a world in which every fact is known and no tier was declared.

        Raises:
            KeyError: The world lacks a fact that the verdict depends on.
        """
        node, level, kids, readers = self.plain, self.level, self.kids, self.readers
        while node >= 0:
            node = kids[node][readers[level[node]](world)]
        return _RANKED[~node]

    def masks(self, values: Mapping[str, Value]) -> list[int]:
        """For each level, the cells in which it may lie; an absent fact may be anything."""
        get = values.get
        return [
            absent if (value := get(fact)) is None else mask_of(value)
            for fact, mask_of, absent in self._askers
        ]

    @cached_property
    def _askers(self) -> list[tuple[str, Callable[[Value], int], int]]:
        """For each level, its fact, what is asked of a value of it, and the mask without one."""
        return [
            (v.fact, v.cells.mask_of, FROM_PARTS if isinstance(v.cells, TierCells) else v.cells.everything)
            for v in self.variables
        ]

    @cached_property
    def levels(self) -> dict[str, int]:
        """For each fact that rules mention, the levels that test it or what it is derived from, as a bit mask."""
        tested: dict[str, int] = {}
        for level, variable in enumerate(self.variables):
            tested[variable.fact] = tested.get(variable.fact, 0) | 1 << level
        found = {}
        for fact in self.mentioned:
            found[fact] = tested.get(fact, 0)
            for part in FACTS[fact].derived_from:
                found[fact] |= tested.get(part, 0)
        return found

    @cached_property
    def mentioned(self) -> tuple[str, ...]:
        """The facts that rules mention, in order of appearance."""
        return tuple(dict.fromkeys(fact for rule in self.rules for fact in rule.facts))

    def possible(self, masks: list[int]) -> int:
        """The verdicts that some world allows, as a bit mask over their ranks."""
        return leaves(self.level, self.kids, self.root, masks)

    def encode(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "variables": [v.encode() for v in self.variables],
            "level": self.level,
            "kids": self.kids,
            "roots": [self.root, self.plain, self.default],
            "rules": [[r.id, str(r.verdict), r.root, r.facts, r.by_licence] for r in self.rules],
        }

    @classmethod
    def decode(cls, data: Any, texts: Mapping[str, Any]) -> CompiledActivity:
        """From what :meth:`encode` gave.

        Args:
            data: The plain data.
            texts: Texts of the pack's rules, by their identifiers.
        """
        root, plain, default = data["roots"]
        return cls(
            tuple(Variable(v["fact"], decode_cells(v["kind"], v["cells"])) for v in data["variables"]),
            data["level"],
            [tuple(kids) for kids in data["kids"]],
            root,
            plain,
            default,
            tuple(
                CompiledRule(i, VERDICTS[v], r, tuple(f), lic, texts[i]) for i, v, r, f, lic in data["rules"]
            ),
        )


def _reader(variable: Variable) -> Callable[[World], int]:
    fact, cells = variable.fact, variable.cells
    if isinstance(cells, MemberCells):
        member = cells.member
        return lambda world: member in world[fact]  # type: ignore[operator]
    if FACTS[fact].kind is Kind.COUNTRY:
        table = {code: cells.cell_of(code) for code in FACTS[fact].domain}
        return lambda world: table[world[fact]]  # type: ignore[index]
    cell_of = cells.cell_of
    return lambda world: cell_of(world[fact])  # type: ignore[arg-type]


@record
class CompiledSpan:
    """A pack between two days on which something in it changes.

    Attributes:
        start: First day.
        end: Last day.
        tiers: Tier of every country; empty when the pack has no such table.
        activities: The rules by activity; an activity without rules is absent.
        left_out: Rules that a reading of what is in force leaves out, with what their text was worth.
    """

    start: str
    end: str
    tiers: Mapping[str, int]
    activities: Mapping[str, CompiledActivity]
    left_out: tuple[tuple[str, str], ...] = ()


@record
class CompiledPack:
    """A pack as compiled in one reading, for every day.

    Attributes:
        name: The pack's name.
        version: The pack's version.
        digest: ``sha256:…`` of the pack's bytes.
        title: One line.
        default: Verdict, title, cites and remedy where no rule applies.
        status: What the text was worth from which day, in order of days.
        sources: Titles and links of what is cited.
        spans: The pack through time; none when it was not known by then.
        known: Every day on which something in the pack became known, in order.
        switches: What the text leaves open: title, default and readings of each switch.
        chosen: The reading taken of each switch.
        own_status: Whether rules of the pack have a status of their own.
    """

    name: str
    version: str
    digest: str
    title: str
    default: Mapping[str, Any]
    status: tuple[Mapping[str, Any], ...]
    sources: Mapping[str, Any]
    spans: tuple[CompiledSpan, ...]
    known: tuple[str, ...]
    switches: Mapping[str, Any]
    chosen: Mapping[str, str]
    own_status: bool

    def at(self, day: str) -> CompiledSpan | None:
        """The pack as it stands at a day; ``None`` before it begins."""
        return next((s for s in self.spans if s.start <= day <= s.end), None)

    def normal(self, reading: Reading) -> Reading:
        """A reading in its simplest form: two that come to the same thing have one form.

        Raises:
            PolicyError: The pack has no such switch, or the switch no such reading; the nearest is named.
        """
        chosen = {}
        for name, value in sorted(reading.switches.items()):
            readings = self.switches.get(name, {}).get("readings", {})
            if value not in readings:
                raise self._no_reading(name, value, tuple(readings))
            if value != self.switches[name]["default"]:
                chosen[name] = value
        day = max((day for day in self.known if day <= reading.known_at), default="")
        known_at = FOREVER if day == self.known[-1] else day
        return Reading(known_at, chosen, reading.in_force and self.own_status)

    def _no_reading(self, name: str, value: str, readings: tuple[str, ...]) -> PolicyError:
        known = readings or tuple(self.switches)
        wrong = value if readings else name
        near = nearest(wrong, known)
        listed = ("one of " + ", ".join(known)) if known else "it has none"
        what = (
            f"{value!r} is no reading of {self.name}.{name}"
            if readings
            else f"{self.name} has no switch {name!r}"
        )
        hint = f"did you mean {near[0]}?" if near else listed
        return PolicyError(
            what, where="--set", hint=hint, code="unknown_reading" if readings else "unknown_switch"
        )

    def status_at(self, day: str) -> Mapping[str, Any] | None:
        """What the text is worth at a day."""
        current = [row for row in self.status if row["from"] <= day]
        return current[-1] if current else None
