"""Conditions as another engine can hold them: numbers and days by their cells, and nothing negated but tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from weightgate.facts.registry import FACTS, TIERS, Kind
from weightgate.policy.cells import OrderedCells
from weightgate.policy.export.exported import cell_key
from weightgate.policy.ir import (
    And,
    AtMost,
    Atom,
    Condition,
    Const,
    Contains,
    IsIn,
    Less,
    Not,
    Or,
    holds,
)

Change = Callable[[Atom], Condition]


def rewrite(condition: Condition, change: Change) -> Condition:
    """The condition with every atom changed, negations moved down to the tests, and constants folded away.

    Returns:
        A constant; or *and* and *or*, of which neither stands directly in its like, over tests and negated tests.
    """
    return _moved(condition, change, negated=False)


def _moved(condition: Condition, change: Change, *, negated: bool) -> Condition:
    match condition:
        case Const(value):
            return Const(value is not negated)
        case Not(part):
            return _moved(part, change, negated=not negated)
        case And(parts) | Or(parts):
            join = And if isinstance(condition, And) is not negated else Or
            return _joined(join, [_moved(part, change, negated=negated) for part in parts])
        case _:
            changed = change(condition)
            if isinstance(changed, Less | AtMost | IsIn | Contains):
                return Not(changed) if negated else changed
            return _moved(changed, lambda atom: atom, negated=negated)


def _joined(join: type[And | Or], parts: Iterable[Condition]) -> Condition:
    """The parts joined, without constants, repetitions, or a join directly in its like."""
    neutral = Const(join is And)
    found: dict[Condition, None] = {}
    for part in parts:
        if isinstance(part, And | Or) and isinstance(part, join):
            found |= dict.fromkeys(part.parts)
        elif isinstance(part, Const) and part != neutral:
            return part
        elif part != neutral:
            found[part] = None
    left = tuple(found)
    if len(left) > 1:
        return join(left)
    return left[0] if left else neutral


def by_cell(atom: Atom, cells: Mapping[str, OrderedCells]) -> Condition:
    """A test of a number or a day as one of the index of its cell; an empty choice as never."""
    if isinstance(atom, IsIn) and not atom.values:
        return Const(value=False)
    if isinstance(atom, Contains) or FACTS[atom.fact].kind not in (Kind.NUMBER, Kind.DATE):
        return atom
    own, key = cells[atom.fact], cell_key(atom.fact)
    wanted = tuple(c for c in range(own.count) if holds(atom, {atom.fact: own.representative(c)}))
    if len(wanted) in (0, own.count):
        return Const(bool(wanted))
    match atom:
        case Less():
            return Less(key, len(wanted))
        case AtMost():
            return AtMost(key, len(wanted) - 1)
        case IsIn():
            return IsIn(key, wanted)


def by_country(atom: Atom, tiers: Mapping[str, int]) -> Condition:
    """A test of a tier as one of the countries that it follows from: the strictest of their tiers is the tier."""
    if isinstance(atom, Contains) or FACTS[atom.fact].kind is not Kind.TIER:
        return atom
    wanted = [tier for tier in TIERS if holds(atom, {atom.fact: tier})]
    parts = FACTS[atom.fact].derived_from
    if len(parts) == 1:
        return _in_tiers(parts[0], tiers, wanted)

    def at_most(tier: int) -> Condition:
        return And(tuple(_in_tiers(part, tiers, range(1, tier + 1)) for part in parts))

    # The strictest of several is from one tier to another when all are at most the one, and not all below the other.
    firsts = [tier for tier in wanted if tier - 1 not in wanted]
    lasts = [tier for tier in wanted if tier + 1 not in wanted]
    stretches = zip(firsts, lasts, strict=True)
    return Or(tuple(And((at_most(last), Not(at_most(first - 1)))) for first, last in stretches))


def _in_tiers(part: str, tiers: Mapping[str, int], wanted: Sequence[int]) -> Condition:
    countries = tuple(country for country, tier in tiers.items() if tier in wanted)
    return IsIn(part, countries) if 0 < len(countries) < len(tiers) else Const(bool(countries))
