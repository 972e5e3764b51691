"""How a value of some grade is said in statements that merge to just that value and grade, and say nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weightgate.facts.merge import merge_one
from weightgate.facts.registry import FACTS, TIERS, FactSpec, Kind, Loosens
from weightgate.facts.statements import SIGNED, Grade, Statement
from weightgate.facts.values import Interval, Members, Scalar, Value, bounds, choices, interval, one_of

WITHHELD = "withheld"
"""Stands where a source, a path or a name was."""

Said = tuple[Statement, ...]


def say(fact: str, value: Value, grade: Grade, method: str = "") -> Said | None:
    """Statements that come to a value of a grade; ``None`` when none are found that do.

    A mere claim tightens and no more, so one that bounds a fact on the side that loosens needs a stronger word beside it.

    Args:
        fact: Its name.
        value: What is to be said.
        grade: Who is to speak.
        method: :data:`SIGNED` for what came out of a signed declaration, else empty.
    """
    spec = FACTS[fact]
    for way in _ways(spec, value, grade):
        said = tuple(Statement(fact, part, voice, WITHHELD, method=method) for part, voice in way)
        merged = merge_one(spec, said)
        if (merged.value, merged.grade) == (value, grade):
            return said
    return None


def _ways(spec: FactSpec, value: Value, grade: Grade) -> Iterator[tuple[tuple[Value, Grade], ...]]:
    yield ((value, grade),)
    sides = _sides(spec, value) if grade is Grade.CLAIMED else None
    if sides is not None:
        strong, claim = sides
        yield ((strong, Grade.DECLARED), (claim, Grade.CLAIMED))


def _sides(spec: FactSpec, value: Value) -> tuple[Value, Value] | None:
    """What a stronger word says, and what the claim adds to it."""
    if spec.loosens in (Loosens.EITHER, Loosens.NAME):
        return None
    if isinstance(value, Members):
        everything = frozenset(spec.domain) | value.possible
        return Members(value.certain, everything), Members(frozenset(), value.possible)
    if isinstance(value, Interval) or spec.kind is Kind.NUMBER:
        low, high = bounds(value)
        below, above = interval(None, high), interval(low, None)
        return (below, above) if spec.loosens is Loosens.LOWER else (above, below)
    ordered = _ordered(spec)
    places = [ordered.index(v) for v in choices(value)]
    if not places:
        return None
    below, above = one_of(ordered[: max(places) + 1]), one_of(ordered[min(places) :])
    return (below, above) if spec.loosens is Loosens.LOWER else (above, below)


def _ordered(spec: FactSpec) -> tuple[Scalar, ...]:
    if spec.kind is Kind.BOOL:
        return (False, True)
    return TIERS if spec.kind is Kind.TIER else spec.domain


def stripped(statement: Statement) -> Statement:
    """A statement with its value and grade, and nothing of who said it, where and when."""
    signed = SIGNED if statement.method.startswith(SIGNED) else ""
    return Statement(statement.fact, statement.value, statement.grade, WITHHELD, method=signed)


def method_of(fact: str, statements: Iterable[Statement]) -> str:
    """:data:`SIGNED` when a fact, or what it is derived from, was said in a signed declaration; else empty.

    A verifier is to know that it was, and that the declaration is not there.
    """
    about = {fact, *FACTS[fact].derived_from}
    return SIGNED if any(s.fact in about and s.method.startswith(SIGNED) for s in statements) else ""
