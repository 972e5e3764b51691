"""Packs for Z3: from lowered conditions to formulas, sharing no code with the decision diagrams.

Numbers are reals and days are integers, which is enough for order. Names are integers, a name that no rule mentions
being any other; a list is one yes or no for each member that is mentioned. Tiers follow from countries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import z3

from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.values import Known, Members, Scalar, Value
from weightgate.policy.invariants import Change
from weightgate.policy.ir import And, AtMost, Condition, Const, Contains, IsIn, Less, Not, Or, atoms, simplify
from weightgate.policy.pack import PackAt
from weightgate.policy.verdicts import VERDICTS, Verdict

OPERATIONS = "model.training_operations"
PARTS = ("model.base_operations", "model.finetune_operations")
NAMES: dict[str, int] = {}
"""Every name met so far, with its number."""


def number_of(name: Scalar) -> int:
    """The number that stands for a name."""
    return NAMES.setdefault(str(name), 1000 + len(NAMES))


class World:
    """One world: a variable for each fact, or for each member of a list."""

    def __init__(self, suffix: str, tiers: Mapping[str, int]) -> None:
        self.suffix = suffix
        self.tiers = tiers
        self.facts: dict[tuple[str, str], Any] = {}

    def fact(self, name: str, member: str = "") -> Any:
        """The variable of a fact."""
        key = name, member
        if key not in self.facts:
            label = f"{name}/{member}/{self.suffix}"
            kind = FACTS[name].kind
            made = z3.Bool if kind in (Kind.BOOL, Kind.LIST) else z3.Real if kind is Kind.NUMBER else z3.Int
            self.facts[key] = made(label)
        return self.facts[key]

    def tier(self, name: str) -> Any:
        """The stricter of the tiers of a fact's countries."""
        strictest: Any = z3.IntVal(1)
        for part in FACTS[name].derived_from:
            found: Any = z3.IntVal(2)
            for tier in (1, 3):
                codes = [number_of(code) for code, t in self.tiers.items() if t == tier]
                found = z3.If(z3.Or([self.fact(part) == code for code in codes]), tier, found)
            strictest = z3.If(found > strictest, found, strictest)
        return strictest

    def term(self, name: str) -> Any:
        """What is compared."""
        return self.tier(name) if FACTS[name].kind is Kind.TIER else self.fact(name)

    def real(self, start: str, end: str) -> Any:
        """What every world keeps: domains, the days, operations in all, parts of countries."""
        kept = [self._in_domain(name) for name, member in list(self.facts) if not member]
        day = self.fact("as_of")
        kept += [day >= ordinal(start), day <= ordinal(end)]
        kept += [self.fact(OPERATIONS) >= self.fact(part) for part in PARTS]
        kept += [self.fact(part) >= 0 for part in (*PARTS, OPERATIONS)]
        parts = [number_of(code) for code in FACTS["destination.subdivision"].domain if code]
        somewhere = z3.Or([self.fact("destination.subdivision") == part for part in parts])
        kept.append(z3.Implies(somewhere, self.fact("destination.country") == number_of("UA")))
        return z3.And(kept)

    def _in_domain(self, name: str) -> Any:
        spec = FACTS[name]
        if spec.kind is Kind.NUMBER:
            return self.fact(name) >= 0
        if spec.kind is Kind.COUNTRY or (spec.kind is Kind.ENUM and spec.closed):
            return z3.Or([self.fact(name) == number_of(one) for one in spec.domain])
        return z3.BoolVal(True)

    def stated(self, values: Mapping[str, Value]) -> Any:
        """That facts are as a case states them."""
        parts = []
        for name, value in values.items():
            if isinstance(value, Known):
                parts.append(self.term(name) == constant(name, value.value))
            elif isinstance(value, Members):
                held = [(m, v) for (fact, m), v in self.facts.items() if fact == name]
                parts += [v == (m in value.certain) for m, v in held]
        return z3.And(parts)


def ordinal(day: str) -> int:
    """A day's number."""
    return date.fromisoformat(day).toordinal()


def constant(name: str, value: Scalar) -> Any:
    """A literal."""
    kind = FACTS[name].kind
    if kind is Kind.BOOL:
        return z3.BoolVal(bool(value))
    if kind is Kind.NUMBER:
        exact = Fraction(float(value))
        return z3.Q(exact.numerator, exact.denominator)
    if kind is Kind.DATE:
        return z3.IntVal(ordinal(str(value)))
    return z3.IntVal(int(value)) if kind is Kind.TIER else z3.IntVal(number_of(value))


def formula(condition: Condition, world: World) -> Any:
    """A condition in a world."""
    match condition:
        case Const(value):
            return z3.BoolVal(value)
        case Less(fact, bound):
            return world.term(fact) < constant(fact, bound)
        case AtMost(fact, bound):
            return world.term(fact) <= constant(fact, bound)
        case IsIn(fact, values):
            return z3.Or([world.term(fact) == constant(fact, value) for value in values])
        case Contains(fact, member):
            return world.fact(fact, member)
        case Not(part):
            return z3.Not(formula(part, world))
        case And(parts):
            return z3.And([formula(part, world) for part in parts])
        case Or(parts):
            return z3.Or([formula(part, world) for part in parts])


@dataclass(frozen=True)
class Rules:
    """The rules about one activity between two days.

    Attributes:
        standing: How the pack stands.
        activity: The activity.
        default: The pack's default.
    """

    standing: PackAt
    activity: str
    default: Verdict

    def asked(self) -> bool:
        """Whether there is a rule."""
        return any(self.activity in rule.rule.activity for rule in self.standing.rules)

    def verdict(self, world: World) -> Any:
        """The rank of the verdict in a world."""
        strictest: Any = z3.IntVal(-1)
        licensed = world.fact("operator.authorizations", "LICENSE")
        for rule in self.standing.rules:
            if self.activity in rule.rule.activity:
                said = VERDICTS[rule.rule.verdict]
                ranked: Any = z3.IntVal(int(said))
                if said is Verdict.LICENSE_REQUIRED:
                    ranked = z3.If(licensed, int(Verdict.ALLOW_WITH_CONDITIONS), ranked)
                applies = formula(self.simple(rule.condition), world)
                strictest = z3.If(z3.And(applies, ranked > strictest), ranked, strictest)
        return z3.If(strictest < 0, int(self.default), strictest)

    def simple(self, condition: Condition) -> Condition:
        """A condition about this activity."""
        return simplify(condition, {"activity": self.activity})

    def members(self, fact: str) -> set[str]:
        """Members of a list that anything mentions."""
        every = [*(r.condition for r in self.standing.rules), *self.standing.given.values()]
        found = {a.member for c in every for a in atoms(c) if isinstance(a, Contains) and a.fact == fact}
        return found | ({"LICENSE"} if fact == "operator.authorizations" else set())


def changed(before: World, after: World, change: Change, rules: Rules) -> Any:
    """That two worlds differ in what changes alone, and in the order in which it changes."""
    spec = FACTS[change.fact]
    free: set[tuple[str, str]] = set()
    if spec.kind is Kind.TIER:
        free = {(part, "") for part in spec.derived_from}
        ordered = _less(before.tier(change.fact), after.tier(change.fact), change)
    elif spec.kind is Kind.LIST:
        members = {change.member} if change.member else rules.members(change.fact)
        free = {(change.fact, member) for member in members}
        fewer, more = (before, after) if change.upwards else (after, before)
        ordered = z3.And([z3.Implies(fewer.fact(*key), more.fact(*key)) for key in free])
    else:
        free = {(change.fact, "")}
        ordered = _less(_place(before, change.fact), _place(after, change.fact), change)
    for key in list(before.facts):
        after.fact(*key)
    for key in list(after.facts):
        before.fact(*key)
    same = [before.fact(*key) == after.fact(*key) for key in before.facts if key not in free]
    return z3.And(ordered, *same)


def _less(a: Any, b: Any, change: Change) -> Any:
    return a < b if change.upwards else a > b


def _place(world: World, name: str) -> Any:
    """A fact's place in its order."""
    spec, term = FACTS[name], world.fact(name)
    if spec.kind is Kind.BOOL:
        return z3.If(term, 1, 0)
    if spec.kind is Kind.ENUM:
        place: Any = z3.IntVal(-1)
        for index, one in enumerate(spec.domain):
            place = z3.If(term == number_of(one), index, place)
        return place
    return term


def satisfiable(parts: Iterable[Any]) -> bool:
    """Whether some worlds are so."""
    solver = z3.Solver()
    solver.add(*parts)
    found = solver.check()
    assert found != z3.unknown
    return bool(found == z3.sat)


@dataclass(frozen=True)
class Broken:
    """That an invariant does not hold, as a formula about one world, or two."""

    worlds: Sequence[World]
    verdicts: Sequence[Any]
    formula: Any


def broken(rules: Rules, name: str, change: Change | None, least: int, most: int) -> Broken:
    """The negation of an invariant."""
    given = rules.simple(rules.standing.given[name])
    count = 1 if change is None else 2
    worlds = [World(f"w{index}", rules.standing.tiers) for index in range(count)]
    verdicts = [rules.verdict(world) for world in worlds]
    parts = [formula(given, world) for world in worlds]
    if change is None:
        parts.append(z3.Or(verdicts[0] < least, verdicts[0] > most))
    else:
        parts.append(verdicts[1] < verdicts[0])
    parts += [world.real(rules.standing.start, rules.standing.end) for world in worlds]
    if change is not None:
        parts.append(changed(worlds[0], worlds[1], change, rules))
    return Broken(worlds, verdicts, z3.And(parts))
