"""prove(pack) finds a counterexample ⇔ Z3 satisfies the invariant's negation; what prove shows satisfies it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import z3
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from tests.policy.samples import HEAD, rule, rules, source
from tests.property.strategies import COUNTRIES, condition_texts
from tests.property.z3_packs import Rules, World, broken, formula, satisfiable
from weightgate.facts.encode import parse_value
from weightgate.facts.registry import ACTIVITIES, AUTHORIZATIONS, FACTS, STANDARDS
from weightgate.facts.values import Value
from weightgate.files.yaml import parse_yaml
from weightgate.policy.invariants import parse_change
from weightgate.policy.pack import Pack
from weightgate.policy.prove.proving import prove
from weightgate.policy.prove.report import Finding
from weightgate.policy.reading import Reading
from weightgate.policy.schema import Invariant
from weightgate.policy.source import find_pack, shipped_packs
from weightgate.policy.verdicts import VERDICTS, Verdict

VALUES = """\
values:
  limit: [{from: 2025-01-01, value: 1.0e26, cite: {source: law, place: a}, grade: V}]
  quarter: [{from: 2025-01-01, value: 0.25, cite: {source: law, place: a}, grade: V}]
  some: [{from: 2025-01-01, value: [AE, IN], cite: {source: law, place: a}, grade: V}]
"""
ORDERED = ("destination.tier", "operator.tier", "model.openness", "model.special_purpose")
SIZED = ("model.training_operations", "model.finetune_share")
WORDS = tuple(VERDICTS)


def change_texts() -> st.SearchStrategy[str]:
    """What ``never_loosens_when`` may say of the facts that random packs mention."""
    sizes = st.builds("{} {}".format, st.sampled_from(SIZED), st.sampled_from(["grows", "shrinks"]))
    stricter = st.builds(
        "{} gets {}".format, st.sampled_from(ORDERED), st.sampled_from(["stricter", "looser"])
    )
    moves = st.sampled_from(["loses", "gains"])
    held = st.builds(
        "operator.authorizations {} {}".format, moves, st.sampled_from([*AUTHORIZATIONS, "anything"])
    )
    kept = st.builds(
        "operator.security_standards {} {}".format, moves, st.sampled_from([*STANDARDS, "anything"])
    )
    return st.one_of(sizes, stricter, held, kept)


@st.composite
def pack_texts(draw: st.DrawFn) -> str:
    """A pack with random rules, tiers and invariants."""
    default = draw(st.sampled_from(["allow", "license_required", "deny"]))
    entries = [
        rule(text, draw(st.sampled_from(WORDS)), f"rule-{index}")
        for index, text in enumerate(draw(st.lists(condition_texts(), min_size=1, max_size=4)))
    ]
    text = HEAD.replace("verdict: deny", f"verdict: {default}") + draw(tables()) + VALUES + rules(*entries)
    text += "invariants:\n"
    for index in range(draw(st.integers(1, 3))):
        text += draw(invariant_texts(f"claim-{index}"))
    return text


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table of tiers for the countries that random packs mention."""
    text = "tables:\n  tier:\n    rows:\n"
    for code in COUNTRIES:
        tier = draw(st.integers(1, 3))
        text += f"      - {{value: {tier}, from: 2025-01-01, countries: [{code}], cite: {{source: law, place: a}}, grade: V}}\n"
    return text + "    otherwise: {value: 2, cite: {source: law, place: a}, grade: V}\n"


@st.composite
def invariant_texts(draw: st.DrawFn, name: str) -> str:
    """One invariant."""
    given = draw(st.none() | condition_texts())
    said = draw(
        st.one_of(
            change_texts().map(lambda text: f"never_loosens_when: {text}"),
            change_texts().map(lambda text: f"never_loosens_when: {text}"),
            st.sampled_from(WORDS).map(lambda word: f"at_most: {word}"),
            st.sampled_from(WORDS).map(lambda word: f"at_least: {word}"),
        )
    )
    under = "" if given is None else f"    given: '{given}'\n"
    return f"  - id: {name}\n    title: Something\n{under}    {said}\n"


def bounds_of(invariant: Invariant) -> tuple[int, int]:
    """The least and the most that an invariant lets a verdict be."""
    least = VERDICTS[invariant.at_least] if invariant.at_least else Verdict.ALLOW
    return int(least), int(VERDICTS[invariant.at_most] if invariant.at_most else Verdict.DENY)


def negation(pack: Pack, invariant: Invariant, about: Rules) -> Any:
    """What Z3 is asked of an invariant."""
    said = invariant.never_loosens_when
    return broken(about, invariant.id, parse_change(said) if said else None, *bounds_of(invariant))


def values_of(case: dict[str, Any]) -> dict[str, Value]:
    """The facts of a case, its day among them."""
    facts = {**case.get("facts", {}), "as_of": case["as_of"]}
    return {name: parse_value(FACTS[name], raw, "") for name, raw in facts.items()}


def shown_in(finding: Finding) -> list[dict[str, Any]]:
    """The cases that a finding shows."""
    cases: list[dict[str, Any]] = parse_yaml("".join(finding.cases).encode(), "cases").data
    return cases


def hold_to_z3(world: World, verdict: Any, case: dict[str, Any], about: Rules) -> None:
    """In every world with a case's facts the verdict is the one that the case expects, and there is such a world."""
    facts = z3.And(world.stated(values_of(case)), world.real(about.standing.start, about.standing.end))
    assert satisfiable([facts])
    assert not satisfiable([facts, verdict != int(VERDICTS[case["expect"]])])


@settings(
    max_examples=30, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)  # to shrink, Z3 takes minutes
@given(pack_texts())
def test_random_invariants_of_random_packs(text: str) -> None:
    pack = Pack(source(text))
    proof = prove(source(text))
    failed = {one.about: one for one in proof.findings if one.code != "vacuous"}
    vacuous = {one.about for one in proof.findings if one.code == "vacuous"}
    about = Rules(pack.standings[0], "host", VERDICTS[pack.document.default.verdict])
    for invariant in pack.document.invariants:
        asked = negation(pack, invariant, about)
        event(f"broken: {invariant.id in failed}")
        assert satisfiable([asked.formula]) == (invariant.id in failed)
        if invariant.id in failed and failed[invariant.id].cases:
            cases = shown_in(failed[invariant.id])
            stated = [world.stated(values_of(case)) for world, case in zip(asked.worlds, cases, strict=True)]
            assert satisfiable([asked.formula, *stated])
            for world, verdict, case in zip(asked.worlds, asked.verdicts, cases, strict=True):
                hold_to_z3(world, verdict, case, about)
        met = World("given", about.standing.tiers)
        condition = formula(about.simple(about.standing.given[invariant.id]), met)
        assert satisfiable([condition, met.real(about.standing.start, about.standing.end)]) == (
            invariant.id not in vacuous
        )


def every_rules(pack: Pack, reading: Reading) -> Iterator[Rules]:
    """Each activity on the latest days."""
    standing = pack.read(reading)[-1]
    for activity in ACTIVITIES:
        about = Rules(standing, activity, VERDICTS[pack.document.default.verdict])
        if about.asked():
            yield about


@pytest.mark.parametrize("name", shipped_packs())
def test_invariants_of_shipped_packs(name: str) -> None:
    pack = Pack(find_pack(name))
    asked = 0
    for about in every_rules(pack, Reading()):
        for invariant in pack.document.invariants:
            if not invariant.activity or about.activity in invariant.activity:
                asked += 1
                assert not satisfiable([negation(pack, invariant, about).formula]), (
                    invariant.id,
                    about.activity,
                )
    assert asked


@pytest.mark.parametrize(
    "name", [name for name in shipped_packs() if Pack(find_pack(name)).document.switches]
)
def test_switches_of_shipped_packs(name: str) -> None:
    pack = Pack(find_pack(name))
    for switch, declared in pack.document.switches.items():
        for other in declared.readings:
            pairs = zip(
                every_rules(pack, Reading()),
                every_rules(pack, Reading(switches={switch: other})),
                strict=True,
            )
            for strict, about in pairs:
                world = World("w", about.standing.tiers)
                ranks = strict.verdict(world), about.verdict(world)
                real = world.real(about.standing.start, about.standing.end)
                assert not satisfiable([real, ranks[0] < ranks[1]]), (switch, other, about.activity)


def test_z3_refutes_what_prove_refutes_in_a_shipped_pack() -> None:
    text = find_pack("us-ai-diffusion-draft").text.decode()
    rule_, ban = (
        re.search(r"  - id: closed-weights-tier-3\n(?:    .*\n)*?(    verdict: deny)\n", text),
        "    verdict: deny",
    )
    assert rule_
    loose = text[: rule_.start(1)] + ban.replace("deny", "license_required") + text[rule_.end(1) :]
    proof = prove(source(loose))
    failed = {one.about for one in proof.findings}
    pack = Pack(source(loose))
    refuted = {
        invariant.id
        for about in every_rules(pack, Reading())
        for invariant in pack.document.invariants
        if not invariant.activity or about.activity in invariant.activity
        if satisfiable([negation(pack, invariant, about).formula])
    }
    assert "no-closed-weights-in-tier-3" in refuted
    assert refuted <= failed
