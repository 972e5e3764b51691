"""How a decision would come out under packs that were not asked, and under other readings of those that were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from weightgate.errors import InputError, PolicyError
from weightgate.facts.statements import Grade
from weightgate.policy.source import TEMPLATE, find_pack, shipped_packs
from weightgate.policy.verdicts import VERDICTS, settle


def stricter_packs(decision: Mapping[str, Any]) -> list[dict[str, str]]:
    """Shipped packs that were not asked and would be stricter on the same facts, the template apart.

    Args:
        decision: A decision of this process, as JSON.

    Returns:
        ``pack`` and ``verdict`` of each.
    """
    from weightgate.decide.again import possible_under

    asked = {pack["digest"] for pack in decision["inputs"]["packs"]}
    rules = map(find_pack, (name for name in shipped_packs() if name != TEMPLATE))
    others = (pack for pack in rules if pack.digest not in asked)
    strictest = VERDICTS[decision["possible"][-1]]
    return [
        {"pack": pack.name, "verdict": settle(possible)}
        for pack, possible in possible_under(decision, others, cap=Grade.VERIFIED)
        if possible[-1] > strictest
    ]


def other_readings(decision: Mapping[str, Any]) -> list[dict[str, str]]:
    """Readings of the decision's packs, each taken alone, under which it would come out otherwise.

    Args:
        decision: A decision as JSON.

    Returns:
        ``switch``, ``reading`` and ``verdict`` of each; nothing where a pack is not the same any more.
    """
    from weightgate.decide.again import possible_otherwise

    try:
        packs = [replace(find_pack(e["locator"]), name=e["name"]) for e in decision["inputs"]["packs"]]
        found = list(possible_otherwise(decision, packs, cap=Grade.VERIFIED))
    except (PolicyError, InputError):
        return []
    stated = tuple(VERDICTS[name] for name in decision["possible"])
    return [
        {"switch": switch, "reading": reading, "verdict": settle(verdicts)}
        for switch, reading, verdicts in found
        if verdicts != stated
    ]
