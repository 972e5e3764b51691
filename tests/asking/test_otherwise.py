"""What another reading of a text would change."""

from __future__ import annotations

from typing import Any

from tests.decide.samples import ask, company
from weightgate.asking.otherwise import other_readings
from weightgate.operators.profile import Authorization
from weightgate.policy.source import find_pack

EAR = find_pack("us-ear-ai-diffusion-2025")
LARGE = {
    "model.openness": "closed",
    "model.training_operations": 2e26,
    "model.below_published_frontier": False,
    "model.base_openness": "closed",
}
AIA = (Authorization("AIA", ("DE", "SG")),)


def decided(to: str, facts: dict[str, Any] = LARGE, **more: Any) -> dict[str, Any]:
    return ask(to, facts, company("US", held=AIA), packs=(EAR,), **more).to_json()


def test_a_reading_that_would_change_the_verdict_is_named() -> None:
    decision = decided("DE")
    assert decision["verdict"] == "license_required"
    assert other_readings(decision) == [
        {"switch": f"{EAR.name}.security_inside_tier_1", "reading": "outside_only", "verdict": "allow"}
    ]


def test_the_reading_taken_is_not_another() -> None:
    lenient = decided("DE", switches={f"{EAR.name}.security_inside_tier_1": "outside_only"})
    assert lenient["verdict"] == "allow"
    assert other_readings(lenient) == [
        {
            "switch": f"{EAR.name}.security_inside_tier_1",
            "reading": "everywhere",
            "verdict": "license_required",
        }
    ]


def test_where_no_reading_matters_none_is_named() -> None:
    assert other_readings(decided("DE", {"model.openness": "open"})) == []


def test_a_pack_that_is_not_there_any_more_says_nothing() -> None:
    decision = decided("DE")
    decision["inputs"]["packs"][0]["locator"] = "./gone/pack.yaml"
    assert other_readings(decision) == []
