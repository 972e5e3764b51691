"""One decision in process: the decision diagram against the official CEL evaluator. ``python -m benchmarks.bench_decision``.

The pack has 12 rules over 15 facts. CEL gets its best form: all rules in one expression that sets one bit for each,
with typed variables and tiers already looked up; the diagram looks tiers up itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.measure import Goal, conclude, interleaved, table
from weightgate.facts.values import Known, Members, Unknown, Value
from weightgate.policy.cache import compile_now
from weightgate.policy.cel import Scope, environment
from weightgate.policy.compiled import CompiledActivity
from weightgate.policy.joint import Component, settle
from weightgate.policy.reasons import applied
from weightgate.policy.source import find_pack

PACK = Path(__file__).parent / "packs" / "twelve.yaml"
DAY = "2026-06-01"

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


def main() -> None:
    """Measure and print."""
    rules, tiers, texts = _pack()
    world = {k: frozenset(v) if isinstance(v, list) else v for k, v in DEFINITE.items()}
    known = {fact: _value(value) for fact, value in DEFINITE.items()}
    unknown = known | {fact: Unknown() for fact in OPEN}
    cel = _cel(texts, tiers)
    defaults = {"twelve": rules.rules[0].verdict}

    def component(values: dict[str, Value]) -> Component:
        return Component("twelve", 0, rules, values, tiers)

    def explained() -> object:
        one = component(known)
        return settle([one]), applied([one], defaults)

    seconds = interleaved(
        {
            "cel-expr-python, all rules in one expression": cel,
            "definite verdict from ready facts": lambda: rules.verdict(world),
            "definite verdict from facts with evidence": lambda: rules.possible(rules.masks(known)),
            "exact set, six facts unknown": lambda: rules.possible(rules.masks(unknown)),
            "definite verdict with reasons": explained,
            "open verdict with missing facts and outcomes": lambda: settle([component(unknown)]),
        },
        calls=2000,
    )
    table(f"one decision, {len(texts)} rules, {len(DEFINITE)} facts", seconds)
    best = seconds["cel-expr-python, all rules in one expression"]
    conclude(
        [
            Goal("definite verdict / CEL", seconds["definite verdict from ready facts"] / best, 0.25),
            Goal(
                "exact set with six unknowns / CEL", seconds["exact set, six facts unknown"] / best, 30 / 9.4
            ),
            Goal("with reasons / CEL", seconds["definite verdict with reasons"] / best, 60 / 9.4),
            Goal(
                "open, with missing / CEL",
                seconds["open verdict with missing facts and outcomes"] / best,
                60 / 9.4,
            ),
        ]
    )


def _pack() -> tuple[CompiledActivity, dict[str, int], list[str]]:
    import yaml

    source = find_pack(str(PACK))
    span = compile_now(source).at(DAY)
    if span is None:
        raise SystemExit(f"{PACK} has not begun on {DAY}")
    texts = [rule["when"] for rule in yaml.safe_load(source.text)["rules"]]
    return span.activities["host"], dict(span.tiers), texts


def _cel(texts: list[str], tiers: dict[str, int]) -> Any:
    env = environment(Scope({}, {}))
    bits = " + ".join(f"(({text.strip()}) ? {1 << i} : 0)" for i, text in enumerate(texts))
    expression = env.compile(bits)
    looked_up = {
        "destination.tier": tiers[DEFINITE["destination.country"]],
        "operator.tier": max(
            tiers[DEFINITE[f"operator.{part}"]] for part in ("headquarters", "ultimate_parent")
        ),
    }
    data = DEFINITE | looked_up
    return lambda: expression.eval(data=data).value()


def _value(value: Any) -> Value:
    return Members(frozenset(value), frozenset(value)) if isinstance(value, list) else Known(value)


if __name__ == "__main__":
    main()
