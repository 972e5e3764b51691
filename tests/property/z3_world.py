"""A question put to Z3: packs about places, and what is known of the facts there.

No cells and no diagrams: a number is its place among the doubles, so that a world never lies between two neighbours; a
day is its ordinal; a name is an integer, and one that nobody mentions any other; a list is a yes or no for each member
that is mentioned; a tier is looked up in the pack's table.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import z3

from weightgate.facts.registry import FACTS, TIERS, FactSpec, Kind
from weightgate.facts.values import Interval, Known, Members, Scalar, Unknown, Value, allows, choices
from weightgate.policy.define import LICENSE, Part
from weightgate.policy.ir import And, AtMost, Condition, Const, Contains, IsIn, Less, Not, Or
from weightgate.policy.verdicts import Verdict

SORTS = {Kind.BOOL: z3.Bool, Kind.LIST: z3.Bool}
NOBODY = "a name that nobody mentions"


class Key(NamedTuple):
    """A variable: a fact, or a member of one; -1 is every place, and only a declared tier is one pack's."""

    fact: str
    member: str
    place: int
    pack: str


def place_among_doubles(number: float) -> int:
    """The place of a number that is not negative: the next double has the next place."""
    return int(struct.unpack(">q", struct.pack(">d", abs(number)))[0])


def double_at(place: int) -> float:
    """The number at a place among the doubles."""
    return float(struct.unpack(">d", struct.pack(">q", place))[0])


class Asked:
    """What packs say about places, as a formula over every world that is possible there."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.solver = z3.Solver()
        self.variables: dict[Key, Any] = {}
        self.names: dict[str, int] = {}
        ranks = [self._rank(part) for part in parts]
        self.verdict = z3.Int("verdict")
        self.solver.add(*(self.verdict >= rank for rank in ranks))
        self.solver.add(z3.Or([self.verdict == rank for rank in ranks]))

    def worlds(self) -> dict[Verdict, list[Part]]:
        """A world for each verdict that some world has."""
        found = {}
        for verdict in Verdict:
            self.solver.push()
            self.solver.add(self.verdict == int(verdict))
            answer = self.solver.check()
            assert answer != z3.unknown
            if answer == z3.sat:
                found[verdict] = self._world(self.solver.model())
            self.solver.pop()
        return found

    def _rank(self, part: Part) -> Any:
        """The rank of the strictest rule that applies, else of the default."""
        strictest: Any = z3.IntVal(-1)
        for rule in part.rules:
            said: Any = z3.IntVal(int(rule.verdict))
            if rule.verdict is Verdict.LICENSE_REQUIRED:
                said = z3.If(self._formula(part, LICENSE), int(Verdict.ALLOW_WITH_CONDITIONS), said)
            stricter = z3.And(self._formula(part, rule.condition), said > strictest)
            strictest = z3.If(stricter, said, strictest)
        return z3.If(strictest < 0, int(part.default), strictest)

    def _formula(self, part: Part, condition: Condition) -> Any:
        match condition:
            case Const(value):
                return z3.BoolVal(value)
            case Less(fact, bound):
                return self._term(part, fact) < self._literal(FACTS[fact], bound)
            case AtMost(fact, bound):
                return self._term(part, fact) <= self._literal(FACTS[fact], bound)
            case IsIn(fact, values):
                literals = [self._literal(FACTS[fact], value) for value in values]
                return z3.Or([self._term(part, fact) == literal for literal in literals])
            case Contains(fact, member):
                return self._variable(part, fact, member)
            case Not(inner):
                return z3.Not(self._formula(part, inner))
            case And(inners):
                return z3.And([self._formula(part, inner) for inner in inners])
            case Or(inners):
                return z3.Or([self._formula(part, inner) for inner in inners])

    def _term(self, part: Part, fact: str) -> Any:
        variable = self._variable(part, fact)
        if FACTS[fact].kind is not Kind.TIER:
            return variable
        found: Any = z3.IntVal(0)
        for origin in FACTS[fact].derived_from:
            country = self._variable(part, origin)
            tier: Any = z3.IntVal(0)
            for one in TIERS:
                listed = [country == self._name(code) for code, t in part.tiers.items() if t == one]
                tier = z3.If(z3.Or(listed), one, tier)
            found = z3.If(tier > found, tier, found)
        return z3.If(variable == 0, found, variable)

    def _variable(self, part: Part, fact: str, member: str = "") -> Any:
        spec = FACTS[fact]
        place = part.place if spec.per_destination else -1
        key = Key(fact, member, place, part.pack if spec.kind is Kind.TIER else "")
        if key not in self.variables:
            made = self.variables[key] = SORTS.get(spec.kind, z3.Int)("/".join(map(str, key)))
            self._keep_within(spec, made)
            self._keep_to(part.values.get(fact, Unknown()), spec, member, made)
        return self.variables[key]

    def _keep_within(self, spec: FactSpec, variable: Any) -> None:
        """The values that a fact can have at all."""
        if spec.kind is Kind.NUMBER:
            self.solver.add(variable >= 0, variable <= place_among_doubles(sys.float_info.max))
        elif spec.kind is Kind.DATE:
            self.solver.add(variable >= 1, variable <= date.max.toordinal())
        elif spec.kind is Kind.COUNTRY or (spec.kind is Kind.ENUM and spec.closed):
            self.solver.add(z3.Or([variable == self._name(one) for one in spec.domain]))

    def _keep_to(self, known: Value, spec: FactSpec, member: str, variable: Any) -> None:
        """The values that are left by what is known."""
        if spec.kind is Kind.TIER:
            # 0: as its countries say, which is all there is when no tier was declared.
            left = [0] if isinstance(known, Unknown) else [t for t in (0, *TIERS) if allows(known, t)]
            self.solver.add(z3.Or([variable == tier for tier in left]))
        elif isinstance(known, Members):
            if member in known.certain:
                self.solver.add(variable)
            elif member not in known.possible:
                self.solver.add(z3.Not(variable))
        elif isinstance(known, Interval):
            if known.min is not None:
                self.solver.add(variable >= place_among_doubles(known.min))
            if known.max is not None:
                self.solver.add(variable <= place_among_doubles(known.max))
        elif not isinstance(known, Unknown):
            self.solver.add(z3.Or([variable == self._literal(spec, one) for one in choices(known)]))

    def _literal(self, spec: FactSpec, value: Scalar) -> Any:
        if spec.kind is Kind.BOOL:
            return z3.BoolVal(bool(value))
        if spec.kind is Kind.NUMBER:
            return z3.IntVal(place_among_doubles(float(value)))
        if spec.kind is Kind.DATE:
            return z3.IntVal(date.fromisoformat(str(value)).toordinal())
        return z3.IntVal(int(value) if spec.kind is Kind.TIER else self._name(str(value)))

    def _name(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))

    def _world(self, model: Any) -> list[Part]:
        """The parts with every fact known, as a model has them."""
        values: dict[tuple[str, int, str], Value] = {}
        for key, variable in self.variables.items():
            where = key.fact, key.place, key.pack
            value = self._decoded(FACTS[key.fact], model.eval(variable, model_completion=True))
            if FACTS[key.fact].kind is Kind.LIST:
                before = values.get(where)
                held = before.certain if isinstance(before, Members) else frozenset()
                held |= {key.member} if value else frozenset()
                values[where] = Members(held, held)
            else:
                values[where] = Known(value)
        return [
            replace(
                part,
                values={
                    fact: value
                    for (fact, place, pack), value in values.items()
                    if place in (-1, part.place) and pack in ("", part.pack)
                },
            )
            for part in self.parts
        ]

    def _decoded(self, spec: FactSpec, found: Any) -> Scalar:
        if spec.kind in SORTS:
            return bool(z3.is_true(found))
        number = int(found.as_long())
        if spec.kind is Kind.NUMBER:
            return double_at(number)
        if spec.kind is Kind.DATE:
            return date.fromordinal(number).isoformat()
        if spec.kind is Kind.TIER:
            return number
        return next((name for name, one in self.names.items() if one == number), NOBODY)
