"""The intermediate representation of a condition, small on purpose.

An atom compares one fact with a literal, or tests membership; atoms join by *and*, *or*, *not*. There is no
arithmetic: what must be computed is a derived fact. That is what makes packs provable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from weightgate.facts.values import Scalar
from weightgate.records import record

World = Mapping[str, Scalar | frozenset[str]]
"""One definite value for every fact that a condition mentions."""


@record
class Const:
    """True or false, whatever the facts."""

    value: bool


@record
class Less:
    """The fact's value is smaller than ``bound``; numbers, tiers and days."""

    fact: str
    bound: Scalar


@record
class AtMost:
    """The fact's value is at most ``bound``; numbers, tiers and days."""

    fact: str
    bound: Scalar


@record
class IsIn:
    """The fact's value is one of ``values``; a comparison with ``==`` has one."""

    fact: str
    values: tuple[Scalar, ...]


@record
class Contains:
    """The list-valued fact holds ``member``."""

    fact: str
    member: str


@record
class Not:
    """The condition does not hold."""

    part: Condition


@record
class And:
    """All parts hold."""

    parts: tuple[Condition, ...]


@record
class Or:
    """At least one part holds."""

    parts: tuple[Condition, ...]


Atom = Less | AtMost | IsIn | Contains
Condition = Const | Atom | Not | And | Or


def holds(condition: Condition, world: World) -> bool:
    """Whether a condition holds in a world: the meaning that everything else is held to.

    Raises:
        KeyError: The world has no value for a fact that the condition needs.
    """
    match condition:
        case Const(value):
            return value
        case Less(fact, bound):
            return world[fact] < bound  # type: ignore[operator]
        case AtMost(fact, bound):
            return world[fact] <= bound  # type: ignore[operator]
        case IsIn(fact, values):
            return world[fact] in values
        case Contains(fact, member):
            return member in world[fact]  # type: ignore[operator]
        case Not(part):
            return not holds(part, world)
        case And(parts):
            return all(holds(part, world) for part in parts)
        case Or(parts):
            return any(holds(part, world) for part in parts)


def atoms(condition: Condition) -> Iterator[Atom]:
    """Every atom of a condition, from left to right, repetitions included."""
    match condition:
        case Const():
            return
        case Not(part):
            yield from atoms(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from atoms(part)
        case _:
            yield condition


def facts_in(condition: Condition) -> list[str]:
    """Names of the facts that a condition mentions, in order of appearance."""
    return list(dict.fromkeys(atom.fact for atom in atoms(condition)))


def simplify(condition: Condition, known: Mapping[str, Scalar]) -> Condition:
    """The condition with the atoms about ``known`` facts worked out and constants folded away."""
    match condition:
        case Const() | Contains():
            return condition
        case Less() | AtMost() | IsIn():
            return Const(holds(condition, known)) if condition.fact in known else condition
        case Not(part):
            inner = simplify(part, known)
            return Const(not inner.value) if isinstance(inner, Const) else Not(inner)
        case And(parts):
            return _join([simplify(p, known) for p in parts], absorbing=False)
        case Or(parts):
            return _join([simplify(p, known) for p in parts], absorbing=True)


def _join(parts: list[Condition], *, absorbing: bool) -> Condition:
    """And (false absorbs) or Or (true absorbs), without the parts that do not matter."""
    if any(isinstance(p, Const) and p.value is absorbing for p in parts):
        return Const(absorbing)
    left = tuple(p for p in parts if not isinstance(p, Const))
    if not left:
        return Const(not absorbing)
    if len(left) == 1:
        return left[0]
    return Or(left) if absorbing else And(left)
