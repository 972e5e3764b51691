"""Packs written out at random, and definite facts at and beside everything that a pack compares with."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from typing import Any

import yaml

from tests.policy.export.engines import Facts
from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.values import Known, Members, Value
from weightgate.policy.days import day_before, next_day
from weightgate.policy.define import Part, Ruling, define
from weightgate.policy.ir import AtMost, Contains, IsIn, Less, atoms
from weightgate.policy.pack import Pack, PackAt

CITE = {"source": "law", "place": "section 1"}
CONDITIONS = [{"id": "report", "text": "Report."}]


def pack_text(
    rules: Sequence[tuple[str, str, str]],
    default: str = "deny",
    *,
    tiers: dict[str, int] | None = None,
    values: dict[str, Any] | None = None,
    activity: str = "host",
) -> str:
    """A pack as YAML.

    Args:
        rules: For each its title, condition and verdict.
        default: The verdict where none applies.
        tiers: Tier of some countries; all others are in Tier 2.
        values: Named values.
        activity: What all rules are about.
    """
    dated = {"from": "2025-01-01", "cite": CITE, "grade": "V"}
    document: dict[str, Any] = {
        "schema": "weightgate/pack/v1",
        "name": "sample",
        "version": "1.0.0",
        "title": "A sample",
        "summary": "A sample.",
        "sources": {"law": {"title": "The law"}},
        "status": [{"from": "2025-01-01", "status": "effective", "cite": CITE}],
        "default": {"verdict": default, "title": "Nothing applies", "cites": [CITE]},
        "values": {name: [{**dated, "value": value}] for name, value in (values or {}).items()},
        "rules": [
            {
                "id": f"rule-{number}",
                "title": title,
                "activity": activity,
                "when": when,
                "verdict": verdict,
                "cites": [CITE],
                **({"conditions": CONDITIONS} if verdict == "allow_with_conditions" else {}),
            }
            for number, (title, when, verdict) in enumerate(rules)
        ],
    }
    if tiers is not None:
        rows = [{**dated, "value": tier, "countries": [country]} for country, tier in tiers.items()]
        otherwise = {"value": 2, "cite": CITE, "grade": "V"}
        document["tables"] = {"tier": {"rows": rows, "otherwise": otherwise}}
    # Written out and read again, no two parts are one object, for which YAML would write an anchor.
    return yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False, width=10_000)


def defined(standing: PackAt, default: str, activity: str, day: str, facts: Facts) -> str:
    """The verdict that the definition gives."""
    from weightgate.policy.verdicts import VERDICTS

    known = as_values({**facts, "activity": activity, "as_of": day})
    rules = tuple(
        Ruling(r.condition, VERDICTS[r.rule.verdict]) for r in standing.rules if activity in r.rule.activity
    )
    (verdict,) = define([Part(0, rules, VERDICTS[default], standing.tiers, known)])
    return str(verdict)


def as_values(facts: Facts) -> dict[str, Value]:
    """Definite facts as what is known of them."""
    return {
        fact: Members(frozenset(value), frozenset(value)) if isinstance(value, list) else Known(value)
        for fact, value in facts.items()
    }


def random_facts(pack: Pack, chance: random.Random, count: int) -> list[Facts]:
    """Definite facts of every kind that a pack mentions, most of them at what it compares them with or next to it."""
    found = {atom for standing in pack.standings for rule in standing.rules for atom in atoms(rule.condition)}
    mentioned = sorted(found, key=repr)
    tables = [standing.tiers for standing in pack.standings if standing.tiers]
    choices: dict[str, list[Any]] = {}
    for fact, spec in FACTS.items():
        own = [atom for atom in mentioned if atom.fact == fact]
        compared = [a.bound for a in own if isinstance(a, Less | AtMost)]
        compared += [value for a in own if isinstance(a, IsIn) for value in a.values]
        match spec.kind:
            case Kind.NUMBER:
                numbers = [float(value) for value in compared]
                beside = [math.nextafter(n, end) for n in numbers for end in (0.0, math.inf)]
                choices[fact] = [0.0, *numbers, *beside]
            case Kind.DATE:
                days = [str(value) for value in compared]
                choices[fact] = ["2026-01-01", *days, *map(day_before, days), *map(next_day, days)]
            case Kind.COUNTRY:
                choices[fact] = [
                    *map(str, compared),
                    *(c for t in tables for c in t if t[c] != 2),
                    *spec.domain,
                ]
            case Kind.BOOL:
                choices[fact] = [False, True]
            case Kind.LIST:
                strange = () if spec.domain and spec.closed else ("another",)
                members = {*spec.domain, *strange, *(a.member for a in own if isinstance(a, Contains))}
                choices[fact] = sorted(members)
            case _:
                choices[fact] = [*compared, *(spec.domain or ["another"])]
    return [_facts(choices, chance) for _ in range(count)]


def _facts(choices: dict[str, list[Any]], chance: random.Random) -> Facts:
    lists = [fact for fact in choices if FACTS[fact].kind is Kind.LIST]
    facts: dict[str, Any] = {fact: chance.choice(values) for fact, values in choices.items() if values}
    facts |= {fact: [name for name in choices[fact] if chance.random() < 0.5] for fact in lists}
    return {
        f: v for f, v in facts.items() if FACTS[f].kind is not Kind.TIER and f not in ("as_of", "activity")
    }
