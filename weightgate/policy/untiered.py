"""Conditions with tiers written out as lists of countries, so that packs with different tables can be compared."""

from __future__ import annotations

from collections.abc import Mapping

from weightgate.facts.registry import FACTS, TIERS, Kind
from weightgate.policy.ir import And, AtMost, Condition, Const, Contains, IsIn, Less, Not, Or, holds


def untiered(condition: Condition, tiers: Mapping[str, int]) -> Condition:
    """The same condition about the countries that a tier follows from; a declared tier is not looked at.

    Args:
        condition: The condition.
        tiers: Tier of every country.
    """
    match condition:
        case Const() | Contains():
            return condition
        case Not(part):
            return Not(untiered(part, tiers))
        case And(parts):
            return And(tuple(untiered(part, tiers) for part in parts))
        case Or(parts):
            return Or(tuple(untiered(part, tiers) for part in parts))
        case Less() | AtMost() | IsIn():
            if FACTS[condition.fact].kind is not Kind.TIER:
                return condition
            wanted = [tier for tier in TIERS if holds(condition, {condition.fact: tier})]
            return Or(tuple(_strictest_is(condition.fact, tier, tiers) for tier in wanted))


def _strictest_is(fact: str, tier: int, tiers: Mapping[str, int]) -> Condition:
    """That the strictest of a tier's countries has just this tier."""

    def at_most(most: int) -> Condition:
        countries = tuple(code for code, t in tiers.items() if t <= most)
        return And(tuple(IsIn(part, countries) for part in FACTS[fact].derived_from))

    return And((at_most(tier), Not(at_most(tier - 1))))
