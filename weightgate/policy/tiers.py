"""Tiers: what a pack's table says of countries of which more or less is known."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from weightgate.facts.registry import FACTS, TIERS
from weightgate.facts.values import Known, OneOf, Scalar, Unknown, Value, allows, choices, one_of

TIER_FACTS = ("destination.tier", "operator.tier")


def computed_tier(fact: str, values: Mapping[str, Value], tiers: Mapping[str, int]) -> Value:
    """The tiers that a fact may have, as the strictest of its countries' tiers.

    Args:
        fact: ``destination.tier`` or ``operator.tier``.
        values: What is known of its countries.
        tiers: The pack's table.
    """
    sets = [_tiers_of(values.get(part, Unknown()), tiers) for part in FACTS[fact].derived_from]
    found: list[Scalar] = sorted({max(chosen) for chosen in product(*sets)})
    return Unknown("its countries are not known") if len(found) == len(TIERS) else one_of(found)


def _tiers_of(country: Value, tiers: Mapping[str, int]) -> set[int]:
    known = choices(country)
    return {tiers[str(code)] for code in known} if known else set(tiers.values())


def declared_tier(declared: Value, computed: Value) -> tuple[Value | None, bool]:
    """How a declared tier counts beside the one that follows from its countries.

    It stands while the countries are not known, and never beside known ones. If it contradicts them, both count.

    Returns:
        What decides the diagram's tier variable (0 stands for "as its countries say"; ``None`` for just that), and
        whether the two contradict each other.
    """
    stated = [tier for tier in TIERS if allows(declared, tier)]
    fitting: list[Scalar] = [tier for tier in stated if allows(computed, tier)]
    if not fitting:
        return OneOf((0, *stated)), True
    if isinstance(computed, Known) or isinstance(declared, Unknown):
        return None, False
    return one_of(fitting), False
