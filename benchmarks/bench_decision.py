"""One decision in process: the decision diagram against public policy engines. ``python -m benchmarks.bench_decision``.

The pack has 12 rules over 15 facts. Every engine decides it in its best form, with typed variables and with tiers already
looked up; the diagram looks tiers up itself. An engine is timed only after it has come to our verdict in many worlds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import Goal, conclude, interleaved, table
from benchmarks.peers import Facts, Peer, peers
from weightgate.facts.values import Known, Members, Unknown, Value
from weightgate.policy.cache import compile_now
from weightgate.policy.compiled import CompiledActivity
from weightgate.policy.joint import Component, settle
from weightgate.policy.pack import Pack
from weightgate.policy.reasons import applied
from weightgate.policy.source import find_pack

PACK = Path(__file__).parent / "packs" / "twelve.yaml"
DAY = "2026-06-01"
WORLDS = 200
SLOW = ("cel-python", "regopy")

DEFINITE: dict[str, Any] = {
    "as_of": DAY,
    "activity": "host",
    "destination.country": "IN",
    "destination.provider": "aws",
    "model.openness": "restricted",
    "model.base_openness": "open",
    "model.special_purpose": True,
    "model.finetune_share": 0.2,
    "model.training_operations": 3e25,
    "model.license": "llama4",
    "model.parameters": 7e10,
    "operator.headquarters": "AE",
    "operator.ultimate_parent": "GB",
    "operator.authorizations": ["NVEU"],
    "operator.security_standards": ["supp10-14", "supp10-15"],
}
OPEN = (
    "model.training_operations", "model.openness", "operator.ultimate_parent", "operator.authorizations",
    "operator.security_standards", "model.special_purpose",
)  # fmt: skip
CHANGES: dict[str, tuple[Any, ...]] = {
    "destination.country": ("DE", "IN", "CN", "KR"),
    "destination.provider": ("aws", "huawei"),
    "model.openness": ("open", "restricted", "closed"),
    "model.base_openness": ("open", "closed"),
    "model.special_purpose": (True, False),
    "model.finetune_share": (0.2, 0.25, 0.3),
    "model.training_operations": (3e25, 1e26, 2e26),
    "model.license": ("llama4", "hunyuan", "mit"),
    "model.parameters": (7e10, 2e11),
    "operator.headquarters": ("AE", "DE", "CN"),
    "operator.ultimate_parent": ("GB", "CN"),
    "operator.authorizations": ((), ("NVEU",), ("UVEU", "NVEU")),
    "operator.security_standards": ((), ("supp10-14", "supp10-15"), ("supp10-14", "supp10-15", "supp10-18")),
}
"""Other values of the facts, on both sides of every boundary. Licences are left out: CEL knows nothing of them."""


def main() -> None:
    """Measure and print."""
    pack = Pack(find_pack(str(PACK)))
    rules, tiers = _compiled()
    engines, absent = peers(pack, DAY, "host")
    _agree(rules, engines)
    timed = {peer.name: peer.ready(DEFINITE) for peer in engines}
    slow = {name: call for name, call in timed.items() if name.startswith(SLOW)}
    ours = _ours(rules, tiers)
    seconds = interleaved({name: timed[name] for name in timed if name not in slow} | ours, calls=1000)
    seconds |= interleaved(slow, calls=20)
    table(
        f"one decision, {len(pack.document.rules)} rules, {len(DEFINITE)} facts",
        {name: seconds[name] for name in (*timed, *ours)},
    )
    for name in absent:
        print(f"  not installed  {name}")
    whole = min(seconds[peer.name] for peer in engines if not peer.taken_in)
    taken_in = min((seconds[peer.name] for peer in engines if peer.taken_in), default=None)
    _conclude({name: seconds[name] for name in ours}, whole, taken_in)


def _conclude(ours: Mapping[str, float], whole: float, taken_in: float | None) -> None:
    walk, definite, _, exact, reasons, missing, everything = ours.values()
    goals = [
        Goal("definite verdict / best public engine", definite / whole, 0.25),
        Goal("exact set with six unknowns / best public engine", exact / whole, 30 / 9.4),
        Goal("definite verdict with reasons / best public engine", reasons / whole, 60 / 9.4),
        Goal("open verdict with missing facts / best public engine", missing / whole, 60 / 9.4),
        Goal(
            "open verdict with reasons and missing facts / best public engine", everything / whole, 60 / 9.4
        ),
    ]
    if taken_in is not None:
        goals.insert(
            0, Goal("facts taken in before: definite verdict / best public engine", walk / taken_in, 0.25)
        )
    conclude(goals)


def _compiled() -> tuple[CompiledActivity, dict[str, int]]:
    span = compile_now(find_pack(str(PACK))).at(DAY)
    if span is None:
        raise SystemExit(f"{PACK} has not begun on {DAY}")
    return span.activities["host"], dict(span.tiers)


def _agree(rules: CompiledActivity, engines: list[Peer]) -> None:
    """Hold every engine to our verdicts.

    Raises:
        SystemExit: One says something else, so what it takes means nothing.
    """
    draw = random.Random(0)  # noqa: S311 (worlds to compare in)
    worlds = [DEFINITE] + [
        DEFINITE | {fact: draw.choice(values) for fact, values in CHANGES.items()} for _ in range(WORLDS)
    ]
    said = {rules.verdict(_world(world)) for world in worlds}
    if len(said) < 3:
        raise SystemExit("the worlds hardly differ")
    for peer in engines:
        for world in worlds[:20] if peer.name.startswith("cel-python") else worlds:
            plain = {k: list(v) if isinstance(v, tuple) else v for k, v in world.items()}
            theirs, own = peer.verdict(peer.ready(plain)()), str(rules.verdict(_world(world)))
            if theirs != own:
                raise SystemExit(f"{peer.name} says {theirs}, the diagram {own}, of {plain}")


def _ours(rules: CompiledActivity, tiers: dict[str, int]) -> dict[str, Callable[[], object]]:
    world = _world(DEFINITE)
    known = {fact: _value(value) for fact, value in DEFINITE.items()}
    unknown = known | {fact: Unknown() for fact in OPEN}
    defaults = {"twelve": rules.rules[0].verdict}

    def component(values: dict[str, Value]) -> Component:
        return Component("twelve", 0, rules, values, tiers)

    def explained(values: dict[str, Value]) -> object:
        one = component(values)
        return settle([one]), applied([one], defaults)

    masks = rules.masks(known)
    return {
        "definite verdict, facts taken in before": lambda: rules.possible(masks),
        "definite verdict from ready facts": lambda: rules.verdict(world),
        "definite verdict from facts with evidence": lambda: rules.possible(rules.masks(known)),
        "exact set, six facts unknown": lambda: rules.possible(rules.masks(unknown)),
        "definite verdict with reasons": lambda: explained(known),
        "open verdict with missing facts and outcomes": lambda: settle([component(unknown)]),
        "open verdict with reasons, missing facts and outcomes": lambda: explained(unknown),
    }


def _world(facts: Facts) -> dict[str, Any]:
    return {k: frozenset(v) if isinstance(v, list | tuple) else v for k, v in facts.items()}


def _value(value: Any) -> Value:
    return Members(frozenset(value), frozenset(value)) if isinstance(value, list) else Known(value)


if __name__ == "__main__":
    main()
