"""Decisions that read packs as known on a day, with switches set, and for what was in force."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.samples import DAY, DRAFT, NOW, ask, company
from tests.policy.samples import HEAD, named, rule, rules, source
from weightgate.attest.replay.deriving import replay
from weightgate.attest.statements.consistency import hypothetical_reasons, input_problems
from weightgate.decide.again import decide_again
from weightgate.errors import PolicyError, UsageError
from weightgate.facts.statements import Grade
from weightgate.policy.source import PackSource

SWITCHES = """\
switches:
  storage:
    title: Does the condition bind inside Tier 1?
    default: strict
    readings: {strict: It does., lenient: It does not.}
    cites: [{source: law, place: section 7}]
"""
LATE = """\
values:
  banned:
    - {from: 2025-01-01, value: [IR], cite: {source: law, place: a}, grade: V}
    - {from: 2026-03-01, known: 2026-04-01, value: [BR], cite: {source: law, place: b}, grade: V}
"""
PACK = source(
    HEAD
    + SWITCHES
    + LATE
    + rules(
        rule("true", name="free"),
        rule('switches.storage == "strict" && destination.country == "DE"', "deny", "strict-only"),
        rule("destination.country in values.banned", "deny", "banned"),
    )
)
STATUS = "    status: [{from: 2025-05-01, status: not_enforced, cite: {source: law, place: letter}}]\n"
PARTLY = source(
    named(HEAD, "partly") + rules(rule("true", name="free"), rule("true", "deny", "ban", more=STATUS)),
    "partly.yaml",
)


def decided(to: str, *, packs: tuple[PackSource, ...] = (PACK,), **more: Any) -> dict[str, Any]:
    return ask(to, {}, company("US"), packs=packs, **more).to_json()


def same_again(decision: dict[str, Any], *packs: PackSource) -> None:
    assert replay(decision, packs, decide_again).differences == ()
    assert decide_again(decision, packs, cap=Grade.VERIFIED) == decision
    assert list(input_problems(decision)) == []


def test_a_switch_changes_the_verdict_and_is_named() -> None:
    strict = decided("DE")
    assert strict["verdict"] == "deny"
    assert strict["switches"] == {"sample.storage": {"value": "strict", "default": "strict"}}
    lenient = decided("DE", switches={"sample.storage": "lenient"})
    assert lenient["verdict"] == "allow"
    assert lenient["switches"] == {"sample.storage": {"value": "lenient", "default": "strict"}}
    assert lenient["inputs"]["request"]["switches"] == {"sample.storage": "lenient"}
    for decision in (strict, lenient):
        same_again(decision, PACK)


def test_a_default_may_be_set_by_name() -> None:
    decision = decided("DE", switches={"sample.storage": "strict"})
    assert decision["verdict"] == "deny"
    same_again(decision, PACK)


def test_the_switches_of_every_pack_asked_are_named() -> None:
    decision = decided("DE", packs=(DRAFT, PACK))
    assert "sample.storage" in decision["switches"]


@pytest.mark.parametrize(
    ("switches", "error", "message"),
    [
        (
            {"other.storage": "strict"},
            UsageError,
            "'other.storage' sets a switch of 'other', which is not asked",
        ),
        ({"storage": "strict"}, UsageError, "'storage' names no pack"),
        ({"sample.store": "strict"}, PolicyError, "sample has no switch 'store'"),
        ({"sample.storage": "harsh"}, PolicyError, "'harsh' is no reading of sample.storage"),
    ],
)
def test_a_switch_that_is_none_is_refused(
    switches: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        decided("DE", switches=switches)
    assert str(caught.value).startswith(f"--set: {message}")


def test_a_decision_takes_all_that_a_pack_holds_as_known_unless_asked_otherwise() -> None:
    assert decided("BR")["verdict"] == "deny"
    assert decided("BR")["known_at"] == NOW.date().isoformat()
    early = decided("BR", known_at="2026-03-31")
    assert early["verdict"] == "allow"
    assert early["known_at"] == "2026-03-31"
    assert early["hypothetical"] == "the law as known on 2026-03-31"
    assert any("known_at" in why for why in hypothetical_reasons(early, NOW))
    same_again(early, PACK)


def test_a_day_of_knowledge_is_a_what_if_also_today() -> None:
    decision = decided("BR", known_at=DAY)
    assert decision["hypothetical"] == f"the law as known on {DAY}"
    assert any("as known on a day" in why for why in hypothetical_reasons(decision, NOW))
    same_again(decision, PACK)


def test_a_reading_that_was_changed_in_the_file_is_found() -> None:
    decision = decided("DE", switches={"sample.storage": "lenient"})
    decision["switches"]["sample.storage"]["value"] = "strict"
    assert list(input_problems(decision)) == ["switches.sample.storage is 'strict', its inputs say 'lenient'"]
    assert any("switches" in difference for difference in replay(decision, (PACK,), decide_again).differences)


def test_in_force_leaves_out_rules_that_bound_nobody() -> None:
    written = decided("DE", packs=(PARTLY,))
    assert (written["verdict"], written["left_out"]) == ("deny", [])
    in_force = decided("DE", packs=(PARTLY,), status_mode="in-force")
    assert in_force["verdict"] == "allow"
    assert in_force["left_out"] == [
        {"pack": "partly", "rule": "ban", "status": "not_enforced", "because": "not_enforced on 2026-05-01"}
    ]
    same_again(in_force, PARTLY)


def test_nothing_is_in_force_when_every_rule_is_left_out() -> None:
    only = source(named(HEAD, "only") + rules(rule("true", "allow", "free", more=STATUS)), "only.yaml")
    with pytest.raises(PolicyError) as caught:
        decided("DE", packs=(only,), status_mode="in-force")
    assert caught.value.code == "nothing_in_force"
    assert decided("DE", packs=(only,), status_mode="in-force", as_of="2025-04-30")["verdict"] == "allow"


def test_a_pack_that_nobody_knew_is_not_applicable() -> None:
    with pytest.raises(PolicyError) as caught:
        decided("DE", known_at="2024-12-31")
    assert "sample (was not known on 2024-12-31)" in caught.value.message
    beside = decided("DE", packs=(PACK, source(named(HEAD, "old").replace("2025-01-01", "2020-01-01") + rules(rule("true")), "old.yaml")),
                     known_at="2024-12-31")  # fmt: skip
    assert [(p["name"], p["applicable"]) for p in beside["packs"]] == [("sample", False), ("old", True)]
