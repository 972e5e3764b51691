"""Public policy engines as they decide a pack, each in its best form, from facts as plain Python values.

To take the facts in is part of a decision, since every question has facts of its own; to lay them out in the shape that
an engine wants is not. What an engine does not know (tiers, cells, the strictest verdict of several) is written into its
rules, looked up beforehand or worked out afterwards, and never counted against it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weightgate.facts.registry import FACTS, Kind
from weightgate.policy.cel import Scope, environment
from weightgate.policy.export import Exported, export, to_cedar, to_rego
from weightgate.policy.pack import Pack

Facts = Mapping[str, Any]
"""Definite facts, as JSON has them."""

LEVELS = ("allow", "allow_with_conditions", "license_required", "deny")


@dataclass(frozen=True)
class Peer:
    """A public engine that has been given a pack.

    Attributes:
        name: Its name, and in what form it has the rules.
        ready: From definite facts, laid out as the engine wants them, to the call that is timed.
        verdict: From what the call returns to the verdict.
        taken_in: Whether the facts are taken in before the call, so that it is no whole decision.
    """

    name: str
    ready: Callable[[Facts], Callable[[], Any]]
    verdict: Callable[[Any], str]
    taken_in: bool = False


def peers(pack: Pack, day: str, activity: str) -> tuple[list[Peer], list[str]]:
    """Every engine that is installed, and what the others are called in the package index.

    Args:
        pack: A pack whose rules are CEL as it stands, without definitions or named values.
        day: The day of the question.
        activity: What is to be done.
    """
    exported = export(pack, day, activity)
    makers: dict[str, tuple[str, Callable[[Exported], list[Peer]]]] = {
        "cel_expr_python": ("cel-expr-python", _official),
        "cel": ("common-expression-language", _rust),
        "cedarpy": ("cedarpy", _cedar),
        "regopy": ("regopy", _rego),
        "celpy": ("cel-python", _celpy),
    }
    found, absent = [], []
    for module, (name, make) in makers.items():
        if importlib.util.find_spec(module) is None:
            absent.append(name)
        else:
            found += make(exported)
    return found, absent


def _official(exported: Exported) -> list[Peer]:
    expression = environment(Scope({}, {})).compile(_bits(exported))

    def ready(facts: Facts) -> Callable[[], Any]:
        data = _with_tiers(exported, facts)
        return lambda: expression.eval(data=data).value()

    return [Peer("cel-expr-python, all rules in one expression", ready, _strictest(exported))]


def _rust(exported: Exported) -> list[Peer]:
    cel: Any = importlib.import_module("cel")
    program = cel.compile(_bits(exported))

    def ready(facts: Facts) -> Callable[[], Any]:
        nested = _nested(_with_tiers(exported, facts))
        return lambda: program.execute(nested)

    def taken_in(facts: Facts) -> Callable[[], Any]:
        context = cel.Context(variables=_nested(_with_tiers(exported, facts)))
        return lambda: program.execute(context)

    name, verdict = "common-expression-language, the same", _strictest(exported)
    return [
        Peer(name, ready, verdict),
        Peer(f"{name}, facts taken in before", taken_in, verdict, taken_in=True),
    ]


def _celpy(exported: Exported) -> list[Peer]:
    celpy: Any = importlib.import_module("celpy")
    parser = celpy.Environment()
    program = parser.program(parser.compile(_bits(exported)))

    def ready(facts: Facts) -> Callable[[], Any]:
        nested = _nested(_with_tiers(exported, facts))
        return lambda: program.evaluate({name: celpy.json_to_cel(part) for name, part in nested.items()})

    return [Peer("cel-python, the same", ready, _strictest(exported))]


def _cedar(exported: Exported) -> list[Peer]:
    from cedarpy import PolicySet, is_authorized_batch

    policies = PolicySet.from_str(to_cedar(exported))

    def ready(facts: Facts) -> Callable[[], Any]:
        request = {
            "principal": 'Anyone::"anyone"',
            "resource": 'Anything::"anything"',
            "context": _cells(exported, facts),
        }
        asked = [request | {"action": f'Weightgate::Action::"{level}"'} for level in LEVELS[:-1]]
        return lambda: [result.allowed for result in is_authorized_batch(asked, policies, [])]

    def verdict(permits: Sequence[bool]) -> str:
        return LEVELS[permits.index(True)] if any(permits) else "deny"

    return [Peer("cedarpy, parsed policies, three levels at once", ready, verdict)]


def _rego(exported: Exported) -> list[Peer]:
    regopy: Any = importlib.import_module("regopy")
    module = to_rego(exported)
    package = next(line for line in module.splitlines() if line.startswith("package ")).split()[1]

    def ready(facts: Facts) -> Callable[[], Any]:
        engine = regopy.Interpreter()
        engine.add_module("pack.rego", module)
        bundle = engine.build(f"data.{package}.verdict")
        text = json.dumps(_cells(exported, facts))

        def ask() -> str:
            engine.set_input_term(text)
            return str(engine.query_bundle(bundle))

        return ask

    return [Peer("regopy, compiled bundle", ready, lambda answer: str(json.loads(answer)["expressions"][0]))]


def _bits(exported: Exported) -> str:
    """All rules in one expression that sets one bit for each rule that applies."""
    texts = [one.rule.rule.when for one in exported.rules if not one.licensed]
    return " + ".join(f"(({text.strip()}) ? {1 << number} : 0)" for number, text in enumerate(texts))


def _strictest(exported: Exported) -> Callable[[Any], str]:
    verdicts = [str(one.verdict) for one in exported.rules if not one.licensed]

    def verdict(bits: Any) -> str:
        applies = [said for number, said in enumerate(verdicts) if int(bits) >> number & 1]
        return max(applies, key=LEVELS.index, default=str(exported.default))

    return verdict


def _with_tiers(exported: Exported, facts: Facts) -> dict[str, Any]:
    tiers = {
        spec.name: max(exported.tiers[facts[part]] for part in spec.derived_from)
        for spec in FACTS.values()
        if spec.kind is Kind.TIER
    }
    return {**facts, **tiers}


def _nested(facts: Facts) -> dict[str, Any]:
    """Dotted names as maps in maps."""
    nested: dict[str, Any] = {}
    for name, value in facts.items():
        *path, last = name.split(".")
        inner = nested
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return nested


def _cells(exported: Exported, facts: Facts) -> dict[str, Any]:
    """What an export asks for: of numbers and days, the cell."""
    return dict(_asked(exported, facts))


def _asked(exported: Exported, facts: Facts) -> Iterator[tuple[str, Any]]:
    for one in exported.inputs:
        yield one.key, facts[one.fact] if one.cells is None else bisect_right(one.cells.cuts, facts[one.fact])
