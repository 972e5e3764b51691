"""A random pack written out as a file would hold it."""

from __future__ import annotations

import json

from tests.property.strategies import COUNTRIES, RandomPack
from weightgate.policy.pack import Pack
from weightgate.policy.source import PackSource

CITE = {"source": "law", "place": "there"}
BEGINS = "2025-01-01"


def as_pack(random: RandomPack, name: str = "random") -> Pack:
    """The pack, loaded from a text of its own."""
    text = json.dumps(document(random, name)).encode()
    return Pack(PackSource(f"{name}.yaml", f"{name}.yaml", text))


def document(random: RandomPack, name: str) -> dict[str, object]:
    """The pack as plain data, without anything that a rule does not need."""
    row = {"from": BEGINS, "cite": CITE, "grade": "V"}
    return {
        "schema": "weightgate/pack/v1",
        "name": name,
        "version": "1.0.0",
        "title": "A random pack",
        "summary": "It is random.",
        "sources": {"law": {"title": "The law"}},
        "status": [{"from": BEGINS, "status": "effective", "cite": CITE}],
        "default": {"verdict": _default(random), "title": "Nothing applies", "cites": [CITE]},
        "tables": {
            "tier": {
                "rows": [{**row, "value": random.tiers[code], "countries": [code]} for code in COUNTRIES],
                "otherwise": {"value": 2, "cite": CITE, "grade": "V"},
            }
        },
        "values": {
            "limit": [{**row, "value": 1e26}],
            "quarter": [{**row, "value": 0.25}],
            "some": [{**row, "value": ["AE", "IN"]}],
        },
        "rules": [
            {
                "id": f"rule-{number}",
                "title": "A rule",
                "activity": "host",
                "when": text,
                "verdict": str(verdict),
                "cites": [CITE],
                **({"conditions": [{"id": "c", "text": "Keep."}]} if str(verdict) == "allow_with_conditions" else {}),
            }
            for number, (text, verdict) in enumerate(zip(random.texts, random.verdicts, strict=True))
        ],
    }  # fmt: skip


def _default(random: RandomPack) -> str:
    # A default that allows with conditions would name none, and does not load.
    return "allow" if str(random.default) == "allow_with_conditions" else str(random.default)
