from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import weightgate
from tests.api.samples import CLOSED, JAPANESE, SECURE, write_model

REFUSED: dict[str, dict[str, Any]] = {
    "deny": {"to": "IR"},
    "license_required": {"to": "IN", "operator": {**SECURE, "security_standards": []}},
    "indeterminate": {"to": "IN"},
}
ALLOWED: dict[str, Any] = {"to": "JP", "facts": CLOSED, "operator": JAPANESE}
CONDITIONS: dict[str, Any] = {"to": "IN", "facts": CLOSED, "operator": SECURE}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m")


def today(ahead: int = 0) -> date:
    return datetime.now(UTC).date() + timedelta(days=ahead)


def test_the_body_runs_after_allow_and_has_the_decision(model: Path) -> None:
    with weightgate.gate(model, **ALLOWED) as decision:
        assert decision.verdict == "allow"
        assert isinstance(decision, weightgate.Decision)


@pytest.mark.parametrize("verdict", REFUSED)
def test_the_body_does_not_run_after_anything_else(model: Path, verdict: str) -> None:
    ran = []
    gate = weightgate.gate(model, facts=CLOSED, **REFUSED[verdict])
    with pytest.raises(weightgate.Refused) as caught, gate:
        ran.append(1)
    assert ran == []
    error = caught.value
    assert (error.decision.verdict, error.exit, error.code) == (verdict, error.decision.exit, "refused")
    assert str(error).startswith(f"{verdict}: host ")
    assert isinstance(error, weightgate.WeightgateError)


def test_what_would_settle_it_is_in_the_hint(model: Path) -> None:
    with pytest.raises(weightgate.Refused) as caught, weightgate.gate(model, "IR"):
        pass
    assert "model.openness" in caught.value.hint


def test_as_a_decorator_it_stands_before_every_call(model: Path) -> None:
    calls = []

    @weightgate.gate(model, **ALLOWED, digest=weightgate.check(model, "JP").model["digest"])
    def deploy(name: str, *, times: int) -> str:
        """Deploy it."""
        calls.append((name, times))
        return name * times

    assert deploy("a", times=2) == "aa"
    assert deploy("b", times=1) == "b"
    assert (deploy.__name__, deploy.__doc__) == ("deploy", "Deploy it.")
    (model / "new.txt").write_text("the model changed", encoding="utf-8")
    with pytest.raises(weightgate.SignatureError):
        deploy("c", times=1)
    assert calls == [("a", 2), ("b", 1)]


def test_nothing_is_decided_before_the_body_is_to_run(tmp_path: Path) -> None:
    gate = weightgate.gate(tmp_path / "later", **ALLOWED)
    with pytest.raises(weightgate.UnreachableError), gate:
        pass
    write_model(tmp_path / "later")
    with gate as decision:
        assert decision.allowed


def test_conditions_are_good_enough_unless_they_are_not(model: Path) -> None:
    with weightgate.gate(model, **CONDITIONS) as decision:
        assert decision.verdict == "allow_with_conditions"
    with pytest.raises(weightgate.Refused), weightgate.gate(model, **CONDITIONS, conditions=False):
        pass
    with weightgate.gate(model, **ALLOWED, conditions=False) as decision:
        assert decision.verdict == "allow"


def test_an_error_in_the_body_goes_on(model: Path) -> None:
    with pytest.raises(ZeroDivisionError), weightgate.gate(model, **ALLOWED):
        _ = 1 / 0


@pytest.mark.parametrize(
    "options", [{"to": "UK"}, {"policy": "none"}, {"facts": {"x": 1}}, {"activity": "export_compute"}]
)
@pytest.mark.parametrize("warn", [False, True])
def test_an_error_refuses_whatever_the_rules(model: Path, options: dict[str, Any], *, warn: bool) -> None:
    until = today() if warn else None
    ran = []
    gate = weightgate.gate(model, **{**ALLOWED, **options}, insecure_warn_until=until)
    with pytest.raises(weightgate.WeightgateError) as caught, gate:
        ran.append(1)
    assert ran == []
    assert not isinstance(caught.value, weightgate.Refused)


@pytest.mark.parametrize("options", [{"polcy": "x"}, {"conditon": False}, {"model": "x"}])
def test_a_misspelt_option_is_an_error_at_once(model: Path, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        weightgate.gate(model, **ALLOWED, **options)


@pytest.mark.parametrize("verdict", REFUSED)
@pytest.mark.parametrize("until", [today(), today(90).isoformat()])
def test_a_gate_that_only_warns_lets_everything_through_and_says_so(
    model: Path, verdict: str, until: date | str
) -> None:
    with weightgate.gate(model, facts=CLOSED, **REFUSED[verdict], insecure_warn_until=until) as decision:
        assert decision.verdict == verdict
        assert "not enforced until" in decision.hypothetical


@pytest.mark.parametrize("until", [today(-1), today(91), "soon", "2026-02-30"])
def test_a_gate_cannot_warn_for_ever(model: Path, until: date | str) -> None:
    gate = weightgate.gate(model, **ALLOWED, insecure_warn_until=until)
    with pytest.raises(weightgate.WeightgateError) as caught, gate:
        pass
    assert caught.value.where == "--insecure-warn-until"


WHAT_IFS: dict[str, dict[str, Any]] = {
    "as_of 2025-06-01 is not today": {"as_of": "2025-06-01"},
    "no model at hand": {},
}


@pytest.mark.parametrize("why", WHAT_IFS)
@pytest.mark.parametrize("more", [{}, {"insecure": ["tls"]}, {"insecure_warn_until": today(1)}])
def test_a_what_if_is_no_ground_to_run_anything(tmp_path: Path, why: str, more: dict[str, Any]) -> None:
    model = "-" if why == "no model at hand" else write_model(tmp_path / "m")
    ran = []
    gate = weightgate.gate(model, **ALLOWED, **WHAT_IFS[why], **more)
    with pytest.raises(weightgate.Refused) as caught, gate:
        ran.append(1)
    error = caught.value
    assert ran == []
    assert why in error.message
    assert error.message.startswith("the decision is hypothetical: ")
    assert (error.code, error.exit, error.decision.verdict) == ("hypothetical", 4, "allow")
    assert "insecure" not in error.message
    assert not error.message.endswith("; ")


@pytest.mark.parametrize("insecure", [["tls"], ["a; b", "c"], "abc"])
def test_what_is_only_insecure_runs_and_says_so(model: Path, insecure: list[str] | str) -> None:
    with weightgate.gate(model, **ALLOWED, insecure=insecure) as decision:
        assert decision.hypothetical == (insecure if isinstance(insecure, str) else "; ".join(insecure))
