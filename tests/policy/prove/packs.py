"""Packs with invariants, and what is found of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.policy.samples import HEAD, TABLE, rules, source
from weightgate.files.yaml import parse_yaml
from weightgate.policy.cases import run_cases
from weightgate.policy.prove.proving import prove
from weightgate.policy.prove.report import Finding, Proof

DRAFT = "us-ai-diffusion-draft"
NOT_OPEN = 'model.openness != "open"'
LARGE = "model.training_operations >= 1e26"


def invariant(said: str, name: str = "claim", given_: str = "", activity: str = "") -> str:
    """One entry of ``invariants``."""
    under = f"    given: '{given_}'\n" if given_ else ""
    about = f"    activity: {activity}\n" if activity else ""
    return f"  - id: {name}\n    title: Claim {name}\n{about}{under}    {said}\n"


def never(change: str, name: str = "claim", given_: str = "") -> str:
    """An invariant about a change."""
    return invariant(f"never_loosens_when: {change}", name, given_)


def pack(*rules_: str, claims: tuple[str, ...] = (), more: str = "", default: str = "deny") -> str:
    """A pack with a table of tiers, rules and invariants."""
    head = HEAD.replace("verdict: deny", f"verdict: {default}")
    declared = "invariants:\n" + "".join(claims) if claims else ""
    return head + TABLE + more + rules(*rules_) + declared


def switch(name: str, default: str, *others: str) -> str:
    """One entry of ``switches``."""
    readings = "".join(f"      {one}: As {one}.\n" for one in (default, *others))
    return (
        f"  {name}:\n    title: What is meant?\n    default: {default}\n    readings:\n{readings}"
        "    cites: [{source: law, place: section 7}]\n"
    )


def only(text: str) -> Finding:
    """The one thing that does not hold, with its cases held to the pack."""
    (finding,) = proved(text).findings
    return finding


def proved(text: str) -> Proof:
    """The proof."""
    return prove(source(text))


def cases_of(finding: Finding) -> list[dict[str, Any]]:
    """The cases that a finding shows."""
    found: list[dict[str, Any]] = parse_yaml("".join(finding.cases).encode(), "cases").data
    return found


def facts(case: dict[str, Any]) -> dict[str, Any]:
    """What a case states."""
    stated: dict[str, Any] = case.get("facts", {})
    return stated


def hold_to_policy_test(text: str, proof: Proof, folder: Path) -> None:
    """Every case that is shown passes ``policy test`` now."""
    cases = "".join(case for finding in proof.findings for case in finding.cases)
    cases += "".join(case for claim in proof.claims for case in claim.cases)
    file = folder / "cases.yaml"
    file.write_text(cases)
    assert [result.problem for result in run_cases(source(text), [file]) if not result.passed] == []
