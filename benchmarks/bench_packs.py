"""Compiling and loading packs. ``python -m benchmarks.bench_packs``.

A pack of 120 random rules is written out, read, checked and compiled; the official CEL library reads and checks the same
conditions in the same run. All shipped packs are loaded from the compiled cache. Goals were set where ``python -c pass``
takes 15 ms, and are multiples of it.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Goal, clean_environment, conclude, peak_memory, table
from weightgate.errors import PolicyError
from weightgate.facts.registry import AUTHORIZATIONS, FACTS, OPENNESS, PROVIDERS, STANDARDS
from weightgate.policy.cache import compile_now, load_compiled
from weightgate.policy.cel import Scope, environment
from weightgate.policy.source import find_pack, shipped_packs
from weightgate.policy.verdicts import VERDICTS

RULES = 120
SEEDS = range(3)
ROUNDS = 5
PASS_MS = 15
"""``python -c pass`` on the machine for which the goals were set, in milliseconds."""
COUNTRIES = ("AE", "BR", "CN", "DE", "ES", "FR", "GB", "IN", "IT", "JP", "KR", "NL", "RU", "SA", "SG", "US")
LICENSES = ("llama4", "hunyuan", "mit", "apache-2.0", "gemma", "other")
ENTWINED = 200
"""Rules over three facts of many cells each, whose diagram outgrows every bound."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packs = [_write(folder / f"random-{seed}.yaml", _random_rules(seed)) for seed in SEEDS]
        seconds = {
            "python -c pass": _taken(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)),
            f"CEL reads and checks {RULES} random conditions": _taken(lambda: _checked_by_cel(packs[0])),
            f"a pack of {RULES} random rules, compiled": max(_taken(lambda p=p: _compiled(p)) for p in packs),  # type: ignore[misc]
            "all shipped packs from the cache": _loaded(folder),
        }
        table("packs", seconds, "ms")
        refused, peak = _refused(_write(folder / "entwined.yaml", _entwined_rules()))
    start, cel, compiled, loaded = seconds.values()
    print(f"  {compiled / cel:.1f} times what CEL takes to read the conditions")
    conclude(
        [
            Goal(f"{RULES} random rules compiled / python -c pass", compiled / start, 3000 / PASS_MS),
            Goal(
                f"{len(shipped_packs())} shipped packs loaded / python -c pass", loaded / start, 15 / PASS_MS
            ),
            Goal(
                "a pack that outgrows its bound refused / python -c pass", refused / start, 10_000 / PASS_MS
            ),
            Goal("memory until it was refused, MB", peak / 1e6, 500),
        ]
    )


def _taken(call: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return median(times)


def _compiled(path: Path) -> None:
    compile_now(find_pack(str(path)))


def _checked_by_cel(path: Path) -> None:
    env = environment(Scope({}, {}))
    for rule in json.loads(path.read_text())["rules"]:
        env.compile(rule["when"])


def _loaded(folder: Path) -> float:
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    sources = [find_pack(name) for name in shipped_packs()]
    for source in sources:
        load_compiled(source)  # compiles what the wheel has not
    return _taken(lambda: [load_compiled(source) for source in sources])


def _refused(path: Path) -> tuple[float, int]:
    """Seconds until a pack is refused, and the memory of the process.

    Raises:
        SystemExit: It was not.
    """
    begin = time.perf_counter()
    try:
        _compiled(path)
    except PolicyError as error:
        taken = time.perf_counter() - begin
        print(f"  refused: {error.message}")
    else:
        raise SystemExit(f"{path} was not refused")
    script = f"from benchmarks.bench_packs import refuse; refuse({str(path)!r})"
    return taken, peak_memory([sys.executable, "-c", script], clean_environment())


def refuse(path: str) -> None:
    """Try to compile a pack that is too large; in a process of its own, to see what memory that takes."""
    try:
        _compiled(Path(path))
    except PolicyError:
        return


def _write(path: Path, rules: list[tuple[str, str]]) -> Path:
    cite = {"source": "none", "place": "here"}
    document: dict[str, Any] = {
        "schema": "weightgate/pack/v1",
        "name": path.stem,
        "version": "1.0.0",
        "title": "Rules for measuring",
        "summary": "Says nothing about any law.",
        "sources": {"none": {"title": "Written for the benchmark"}},
        "status": [{"from": "2025-01-01", "status": "announced", "cite": cite}],
        "default": {"verdict": "deny", "title": "No rule allows this", "cites": [cite]},
        "tables": {"tier": _tiers(cite)},
        "rules": [
            {
                "id": f"r{number}",
                "title": f"Rule {number}",
                "activity": "host",
                "when": when,
                "verdict": verdict,
                "cites": [cite],
                **({"conditions": [{"id": "keep", "text": "Keep it."}]} if "conditions" in verdict else {}),
            }
            for number, (when, verdict) in enumerate(rules)
        ],
    }
    path.write_text(json.dumps(document, indent=1))
    return path


def _tiers(cite: dict[str, str]) -> dict[str, Any]:
    graded = {"cite": cite, "grade": "S"}
    rows = {1: ["DE", "FR", "GB", "JP", "US"], 3: ["CN", "HK", "IR", "KP", "MO", "RU"]}
    return {
        "rows": [
            {"value": tier, "from": "2025-01-01", "countries": codes, **graded}
            for tier, codes in rows.items()
        ],
        "otherwise": {"value": 2, **graded},
    }


def _random_rules(seed: int) -> list[tuple[str, str]]:
    draw = random.Random(seed)  # noqa: S311 (rules to compile)
    rules = []
    for _ in range(RULES):
        parts = [_atom(draw) for _ in range(draw.randint(2, 4))]
        parts = [f"!({part})" if draw.random() < 0.2 else part for part in parts]
        rules.append((" && ".join(parts), draw.choice(list(VERDICTS))))
    return rules


def _atom(draw: random.Random) -> str:
    return draw.choice(
        [
            f"destination.tier {draw.choice(('==', '<=', '>='))} {draw.randint(1, 3)}",
            f"operator.tier {draw.choice(('==', '<=', '>='))} {draw.randint(1, 3)}",
            f"destination.country in {_some(draw, COUNTRIES, 4)}",
            f"operator.headquarters in {_some(draw, COUNTRIES, 4)}",
            f'model.openness == "{draw.choice(OPENNESS)}"',
            f"model.training_operations >= {draw.choice(('1e25', '3e25', '1e26', '2e26'))}",
            f"model.finetune_share > {draw.choice(('0.25', '0.33'))}",
            "model.special_purpose",
            f'"{draw.choice(AUTHORIZATIONS[:4])}" in operator.authorizations',
            f'"{draw.choice(STANDARDS)}" in operator.security_standards',
            f"model.license in {_some(draw, LICENSES, 2)}",
            f"destination.provider in {_some(draw, PROVIDERS, 3)}",
            f"model.parameters > {draw.choice(('1e10', '7e10', '1e11'))}",
        ]
    )


def _entwined_rules() -> list[tuple[str, str]]:
    draw = random.Random(0)  # noqa: S311 (rules to compile)
    facts = ("destination.country", "operator.headquarters", "operator.ultimate_parent")
    everywhere = FACTS["destination.country"].domain
    return [
        (
            " && ".join(f"{fact} in {_some(draw, everywhere, 60)}" for fact in facts) + f" && {_atom(draw)}",
            verdict,
        )
        for verdict in ("deny", "license_required")
        for _ in range(ENTWINED // 2)
    ]


def _some(draw: random.Random, names: tuple[str, ...], most: int) -> str:
    chosen = ", ".join(f'"{name}"' for name in draw.sample(names, draw.randint(1, most)))
    return f"[{chosen}]"


if __name__ == "__main__":
    main()
