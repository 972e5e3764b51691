"""Signed declarations hold exact values in their own bytes: a minimal attestation leaves them out, and says so."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

import weightgate
from tests.api.samples import write_model
from tests.api.test_declarations import LAB, check, declaration, trust_file
from weightgate.attest.disclosure.commitments import read_openings
from weightgate.attest.disclosure.minimal import DECLARATIONS

EXACT = {"model.openness": "closed", "model.training_operations": 2.3456e25}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m")


@pytest.fixture
def decision(model: Path, tmp_path: Path) -> weightgate.Decision:
    said = declaration(model, facts=EXACT)
    return check(model, said, trust=trust_file(tmp_path))


def predicate(raw: bytes) -> dict[str, Any]:
    return dict(json.loads(base64.b64decode(json.loads(raw)["payload"]))["predicate"])


def test_what_was_declared_is_withheld(decision: weightgate.Decision) -> None:
    made = weightgate.attest_minimal(decision, LAB)
    inside = predicate(made.attestation)
    text = json.dumps(inside)
    assert decision.verdict == inside["decision"]["verdict"] == "allow"
    assert "declarations" not in inside["decision"]["inputs"]
    full = json.dumps(predicate(weightgate.attest(decision, LAB)))
    envelope = decision.inputs["declarations"][0]["envelope"]
    assert json.dumps(envelope)[1:-1] in full
    assert json.loads(envelope)["payload"] not in text
    assert "2.3456e+25" not in text
    assert DECLARATIONS in inside["decision"]["not_established"]


def test_it_can_be_shown_later(decision: weightgate.Decision, tmp_path: Path) -> None:
    made = weightgate.attest_minimal(decision, LAB)
    shown = {o.item: o for o in read_openings(made.openings, "o")}["declarations"]
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(shown.to_json()), encoding="utf-8")
    report = weightgate.verify(made.attestation, LAB.public, opening=path, replay=True)
    assert (report.genuine, report.verdict) == (True, "allow")
    assert shown.value == decision.inputs["declarations"]


@pytest.mark.parametrize("minimal", [False, True])
def test_the_model_inspected_again_leaves_what_was_declared_as_it_is(
    decision: weightgate.Decision, model: Path, minimal: bool
) -> None:
    raw = (
        weightgate.attest_minimal(decision, LAB).attestation if minimal else weightgate.attest(decision, LAB)
    )
    report = weightgate.verify(raw, LAB.public, model=model, replay="model")
    assert report.replay is not None
    again = report.replay.to_json()["model"]
    assert (again["same"], again["facts"], again["problem"]) == (True, [], None)


def test_a_verifier_is_told_that_the_declaration_is_not_there(
    decision: weightgate.Decision, tmp_path: Path
) -> None:
    made = weightgate.attest_minimal(decision, LAB)
    report = weightgate.verify(made.attestation, trust=trust_file(tmp_path))
    check_ = next(c for c in report.checks if c.id == "declarations")
    assert (str(check_.state), "its declaration is not inside" in check_.detail) == ("not_established", True)
