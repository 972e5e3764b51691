"""Replay: the same again, or each field that is not."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.attest.samples import (
    PACK,
    STRICT_PACK,
    OtherEngine,
    decide,
    decision_of,
    payload_of,
    sign,
)
from weightgate.attest.replay.deriving import differences, plain, replay, value_differences
from weightgate.decide.again import decide_again
from weightgate.errors import InputError
from weightgate.facts.statements import Grade
from weightgate.policy.source import PackSource
from weightgate.version import ENGINE


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    decision = copy.deepcopy(decide("DE", "AE"))
    change(decision)
    return decision


def by_rule(decision: dict[str, Any], rule: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [r for r in decision["reasons"] if r["rule"] == rule]
    return found[0]


def test_an_honest_decision_replays() -> None:
    again = replay(decide("DE", "AE"), [PACK], decide_again)
    assert again.differences == ()
    assert again.to_json() == {"same": True, "engine": ENGINE, "attested_engine": ENGINE, "differences": []}


def test_another_engine_is_named() -> None:
    again = replay(decide("DE"), [PACK], OtherEngine("weightgate/0.9.0"))
    assert (again.engine, again.attested_engine, again.differences) == ("weightgate/0.9.0", ENGINE, ())


def test_another_pack_replays_to_another_verdict() -> None:
    again = replay(decide("DE"), [STRICT_PACK], decide_again)
    assert again.differences == ("cannot be derived again: the packs are not those of the decision",)
    assert again.to_json()["same"] is False


def test_an_engine_that_refuses_is_a_difference() -> None:
    def refuses(decision: dict[str, Any], packs: Sequence[PackSource], *, cap: Grade) -> dict[str, Any]:
        raise InputError(f"{len(packs)} packs, {cap}, {decision['verdict']}", where="inputs")

    again = replay(decide("DE"), [PACK], refuses)
    assert again.differences == ("cannot be derived again: inputs: 1 packs, verified, allow",)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda d: d.update(verdict="allow"), 'verdict: stated "allow", derived "license_required"'),
        (lambda d: d.update(possible=["allow", "deny"]), "possible: stated"),
        (lambda d: d.update(exit=0), "exit: stated 0, derived 2"),
        (lambda d: d.update(switches={"toy.x": {"value": "y", "default": "z"}}), "switches: stated"),
        (lambda d: d["operator"].update(headquarters="US"), "operator: stated"),
        (lambda d: d.update(operator=None), "operator: stated null"),
        (lambda d: d["destinations"][1].update(verdict="allow"), 'destinations[AE].verdict: stated "allow"'),
        (lambda d: d["destinations"][1].update(country="DE"), 'destinations[AE].country: stated "DE"'),
        (lambda d: d["destinations"].pop(), 'destinations: stated ["DE"], derived ["AE", "DE"]'),
        (lambda d: d["reasons"].clear(), 'reasons: stated [], derived ["toy tier-1", "toy tier-2"]'),
        (lambda d: d["reasons"].append(d["reasons"][0]), "reasons: stated"),
        (
            lambda d: by_rule(d, "tier-2").update(applies="possibly"),
            'reasons[toy tier-2].applies: stated "possibly"',
        ),
        (lambda d: by_rule(d, "tier-2").update(destinations=["DE"]), "reasons[toy tier-2].destinations"),
        (lambda d: d["conditions"].append({"id": "c"}), 'conditions: stated ["c"], derived []'),
        (lambda d: d["packs"][0].update(digest="sha256:0"), 'packs: stated ["toy sha256:0"]'),
        (
            lambda d: d["packs"][0].update(verdict="allow"),
            f'packs[toy {PACK.digest}].verdict: stated "allow"',
        ),
        (lambda d: d["packs"][0].update(status="in force"), f"packs[toy {PACK.digest}].status: stated"),
        (lambda d: d.update(hypothetical="because"), 'hypothetical: stated "because", derived false'),
        (lambda d: d.update(valid_until=None), 'valid_until.date: stated null, derived "2026-12-31"'),
        (lambda d: d["valid_until"].update(date="2099-01-01"), 'valid_until.date: stated "2099-01-01"'),
    ],
)
def test_each_field_that_was_changed_is_named(change: Callable[[dict[str, Any]], object], found: str) -> None:
    stated = changed(change)
    named = differences(stated, decide_again(stated, [PACK], cap=Grade.VERIFIED))
    assert len(named) == 1
    assert named[0].startswith(found)


def test_order_grades_and_wording_are_no_difference() -> None:
    def change(decision: dict[str, Any]) -> None:
        decision["destinations"].reverse()
        decision["rests_on"] = []
        decision["facts"]["model.openness"]["grade"] = "declared"
        decision["reasons"][0]["title"] = "another title"
        decision["decided_at"] = "2020-01-01T00:00:00Z"

    assert differences(changed(change), decide("DE", "AE")) == ()


def test_a_fact_whose_value_does_not_follow_from_its_evidence() -> None:
    def change(decision: dict[str, Any]) -> None:
        decision["facts"]["model.openness"]["value"] = "open"

    stated = changed(change)
    expected = ('facts.model.openness: stated {"value": "open"}, derived {"value": "closed"}',)
    assert value_differences(stated, decide("DE", "AE")) == expected
    assert replay(stated, [PACK], decide_again).differences == expected


def test_a_raised_grade_and_what_the_verdict_rests_on_are_derived_again() -> None:
    honest = decision_of(payload_of(sign(decide("AE"), cap=Grade.DECLARED)))
    assert honest["rests_on"]
    assert replay(honest, [PACK], decide_again).differences == ()
    raised = copy.deepcopy(honest)
    raised["facts"]["model.openness"]["grade"] = "computed"
    [found] = replay(raised, [PACK], decide_again).differences
    assert found.startswith('facts.model.openness.grade: stated "computed", derived "')
    silent = honest | {"rests_on": []}
    [found] = replay(silent, [PACK], decide_again).differences
    assert found.startswith("rests_on: stated [], derived [")


def test_what_a_condition_says_is_derived_again() -> None:
    kept = {"id": "report", "text": "Report it.", "due": "within 30 days", "cites": [], "applies": "yes"}
    decision = decide("DE") | {"conditions": [kept]}
    assert differences(decision, decision) == ()
    for change in ({"text": "Do nothing."}, {"due": None}, {"applies": "possibly"}):
        assert len(differences(decision | {"conditions": [kept | change]}, decision)) == 1


def test_a_fact_that_is_not_derived_again() -> None:
    stated = changed(lambda d: d["facts"].update({"model.license": {"value": "mit"}}))
    derived = decide("DE", "AE")
    assert value_differences(stated, derived) == ('facts.model.license: stated {"value": "mit"}, derived {}',)
    assert value_differences(derived, stated) == ()


def test_long_values_are_cut() -> None:
    named = differences(changed(lambda d: d.update(verdict="x" * 5000)), decide("DE", "AE"))
    assert len(named[0]) < 300


def test_plain_is_what_a_reader_sees() -> None:
    assert plain({"a": (1, 2), "b": Grade.DECLARED}) == {"a": [1, 2], "b": 1}
