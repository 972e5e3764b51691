"""Consistency: what can be told of a decision without deciding again."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.attest.samples import NOW, PACK, STRICT_PACK, decide
from weightgate.attest.statements.consistency import hypothetical_reasons, input_problems

Change = Callable[[dict[str, Any]], object]


def changed(change: Change, **arguments: Any) -> dict[str, Any]:
    decision = copy.deepcopy(decide("DE", "gcp/eu", **arguments))
    change(decision)
    return decision


@pytest.mark.parametrize(
    "arguments", [{}, {"openness": "open"}, {"packs": (PACK, STRICT_PACK)}, {"model": False}]
)
def test_an_honest_decision_agrees_with_itself(arguments: dict[str, Any]) -> None:
    # gcp/eu is many places, each with an entry of its own under one name.
    assert list(input_problems(changed(lambda d: d, **arguments))) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda d: d.update(activity="fine_tune"), "activity is 'fine_tune', its inputs say 'host'"),
        (lambda d: d.update(as_of="2025-01-20"), "as_of is '2025-01-20', its inputs say '2026-03-14'"),
        (
            lambda d: d.update(status_mode="in-force"),
            "status_mode is 'in-force', its inputs say 'as-written'",
        ),
        (
            lambda d: d["inputs"]["request"].update(known_at="2025-01-20"),
            "known_at is '2026-03-14', its inputs say",
        ),
        (lambda d: d["packs"].pop(), f"packs are ['{PACK.digest}'], its inputs say ['{PACK.digest}', "),
        (lambda d: d["packs"][0].update(digest="sha256:0"), "packs are ['sha256:0', "),
        (lambda d: d["packs"].append(d["packs"][0]), "packs are ["),
        (lambda d: d["destinations"].pop(0), "destinations are ['gcp/eu'], its inputs say ['DE', 'gcp/eu']"),
        (
            lambda d: d["inputs"]["destinations"].pop(0),
            "destinations are ['DE', 'gcp/eu'], its inputs say ['gcp/eu']",
        ),
        (lambda d: d["inputs"]["destinations"][0]["places"].clear(), "it is about no place"),
        (lambda d: (d["inputs"]["destinations"].clear(), d["destinations"].clear()), "it is about no place"),
        (lambda d: d.update(verdict="allow"), "verdict is allow, but possible is"),
        (lambda d: d.update(possible=["deny", "deny"]), "possible is empty, or names a verdict twice"),
        (lambda d: d.update(exit=0), "exit is 0, but license_required ends with 2"),
    ],
)
def test_each_disagreement_is_told(change: Change, problem: str) -> None:
    found = list(input_problems(changed(lambda d: (d.update(possible=["license_required"], verdict="license_required", exit=2), change(d)), packs=(PACK, STRICT_PACK))))  # fmt: skip
    assert any(told.startswith(problem) for told in found), found


def test_a_pack_may_be_left_out_when_it_says_so() -> None:
    decision = changed(lambda d: d["packs"].pop(), packs=(PACK, STRICT_PACK))
    assert list(input_problems(decision)) != []
    assert list(input_problems(decision | {"left_out": [{"pack": "strict", "because": "rescinded"}]})) == []


def test_no_pack_at_all_is_no_decision() -> None:
    def change(decision: dict[str, Any]) -> None:
        decision["packs"].clear()
        decision["inputs"]["packs"].clear()

    assert list(input_problems(changed(change))) == ["it was made under no pack"]


def test_several_verdicts_may_settle_into_one() -> None:
    both = {"possible": ["allow", "allow_with_conditions"], "verdict": "allow_with_conditions", "exit": 0}
    assert list(input_problems(decide("DE") | both)) == []
    open_ended = {"possible": ["allow", "deny"], "verdict": "indeterminate", "exit": 3}
    assert list(input_problems(decide("DE") | open_ended)) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            lambda d: d.update(as_of="2025-02-01"),
            "as_of '2025-02-01' is not the day of the decision, 2026-03-14",
        ),
        (
            lambda d: d.update(known_at="2025-02-01"),
            "known_at '2025-02-01' is not the day of the decision, 2026-03-14",
        ),
        (lambda d: d.update(status_mode="in-force"), "status_mode is 'in-force'"),
        (lambda d: d["inputs"]["request"].update(insecure=["http"]), "something insecure was allowed"),
        (lambda d: d["model"].update(reference="-"), "no model was at hand"),
    ],
)
def test_what_makes_a_decision_a_what_if(change: Change, why: str) -> None:
    assert list(hypothetical_reasons(changed(change), NOW)) == [why]


def test_a_real_decision_and_a_shipment_are_none() -> None:
    assert list(hypothetical_reasons(decide("DE"), NOW)) == []
    shipment = decide("DE", model=False) | {"activity": "export_compute"}
    assert list(hypothetical_reasons(shipment, NOW)) == []
    assert list(hypothetical_reasons(decide("DE") | {"known_at": None}, NOW)) == []


def test_the_day_is_that_of_the_decision_in_utc() -> None:
    late = datetime.fromisoformat("2026-03-13T23:59:59Z")
    assert len(list(hypothetical_reasons(decide("DE"), late))) == 2
