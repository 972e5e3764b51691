"""``--replay=model``: the model inspected again, the facts that differ, and whether the verdict does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import weightgate
from tests.api.samples import CLOSED, JAPANESE, SECURE, write_model
from tests.attest.samples import decision_of, detail, resigned, state
from tests.inspect.writers import tiny_llama, write_safetensors
from weightgate.errors import Exit, UsageError
from weightgate.signing.keys import PrivateKey, generate

KEY: PrivateKey = generate()
SMALL = """\
schema: weightgate/pack/v1
name: small
version: 1.0.0
title: Small models go anywhere
summary: Small models go anywhere.
sources: {tests: {title: What these tests say}}
status: [{from: 2025-01-01, status: effective, cite: {source: tests, place: all}}]
default: {verdict: deny, title: Not small, cites: [{source: tests, place: all}]}
rules:
  - {id: small, title: Small, activity: host, when: model.parameters < 2000.0, verdict: allow,
     cites: [{source: tests, place: all}]}
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = write_model(tmp_path / "m")
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture
def decision(model: Path, pack: Path) -> weightgate.Decision:
    return weightgate.check(model, "JP", facts=CLOSED, operator=JAPANESE, policy=pack)


def verify(raw: bytes, model: Path) -> weightgate.Report:
    return weightgate.verify(raw, KEY.public, model=model, replay="model")


def again(report: weightgate.Report) -> dict[str, Any]:
    assert report.replay is not None
    return dict(report.replay.to_json()["model"])


def says(raw: bytes, fact: str, **value: Any) -> bytes:
    """What a signer would sign who puts another value where the inspection's own was, and decides again from that."""
    from weightgate.attest.statements.attested import read_predicate
    from weightgate.decide.again import decide_again
    from weightgate.facts.statements import Grade
    from weightgate.signing.envelope import read_envelope
    from weightgate.signing.statement import parse_statement

    packs = read_predicate(parse_statement(read_envelope(raw, "a").payload, "a")).packs

    def change(statement: dict[str, Any]) -> None:
        stated = decision_of(statement)
        for entry in stated["inputs"]["statements"]:
            if entry["fact"] == fact:
                entry["says"] = value
        fresh = json.loads(json.dumps(decide_again(stated, packs, cap=Grade.VERIFIED)))
        statement["predicate"].update(decision=fresh)

    return resigned(raw, change, key=KEY)


def test_the_same_model_gives_the_same(decision: weightgate.Decision, model: Path) -> None:
    report = verify(weightgate.attest(decision, KEY), model)
    assert (report.genuine, report.verdict, state(report, "replay")) == (True, "allow", "established")
    assert again(report) == {
        "reference": str(model), "same": True, "possible": {"attested": ["allow"], "found": ["allow"]}, "facts": [],
        "problem": None,
    }  # fmt: skip
    assert detail(report, "replay").endswith("the model inspected again: the same facts; the same verdict")


def test_inside_alone_says_nothing_of_the_model(decision: weightgate.Decision, model: Path) -> None:
    raw = weightgate.attest(decision, KEY)
    for replay in (True, "inside"):
        report = weightgate.verify(raw, KEY.public, model=model, replay=replay)
        assert report.replay is not None
        assert set(report.replay.to_json()) == {"same", "engine", "attested_engine", "differences"}


def test_a_fact_that_was_attested_otherwise_is_named(decision: weightgate.Decision, model: Path) -> None:
    raw = says(weightgate.attest(decision, KEY), "model.parameters", value=9.0)
    report = verify(raw, model)
    assert (report.genuine, report.verdict, state(report, "replay")) == (True, "allow", "established")
    (fact,) = again(report)["facts"]
    found = decision.facts["model.parameters"].value
    assert (fact["fact"], fact["differs"], fact["attested"]["value"]) == ("model.parameters", ["value"], 9.0)
    assert fact["found"] == {"value": getattr(found, "value", None), "grade": "inferred"}
    assert "other facts: model.parameters (value); the same verdict" in detail(report, "replay")


def test_a_verdict_that_the_model_does_not_bear_out_is_refused(tmp_path: Path, pack: Path) -> None:
    large = tmp_path / "large"
    write_safetensors(large / "model.safetensors", tiny_llama(layers=9))
    stated = weightgate.check(large, "JP", facts=CLOSED, operator=JAPANESE, policy=pack)
    assert stated.verdict == "deny"
    raw = says(weightgate.attest(stated, KEY), "model.parameters", value=9.0)
    # Inside, it all agrees: the verdict follows from the facts that the signer says.
    assert weightgate.verify(raw, KEY.public, model=large, replay=True).verdict == "allow"
    report = verify(raw, large)
    assert (report.genuine, report.exit, state(report, "replay")) == (False, Exit.SIGNATURE, "contradicted")
    assert again(report)["possible"] == {"attested": ["allow"], "found": ["deny"]}
    assert "possible is now deny, attested was allow" in detail(report, "replay")


def test_what_was_read_is_compared_by_its_digest(decision: weightgate.Decision, model: Path) -> None:
    def change(statement: dict[str, Any]) -> None:
        for entry in decision_of(statement)["facts"]["model.architecture"]["evidence"]:
            entry["digest"] = "sha256:" + "00" * 32

    report = verify(resigned(weightgate.attest(decision, KEY), change, key=KEY), model)
    differs = {fact["fact"]: fact["differs"] for fact in again(report)["facts"]}
    assert differs == {"model.architecture": ["evidence"]}


def test_another_model_is_refused_before_its_facts_are_compared(
    decision: weightgate.Decision, model: Path
) -> None:
    raw = weightgate.attest(decision, KEY)
    (model / "config.json").write_text("{}", encoding="utf-8")
    report = verify(raw, model)
    assert (report.genuine, state(report, "model"), state(report, "replay")) == (
        False,
        "contradicted",
        "contradicted",
    )
    assert "is not the model of the decision" in again(report)["problem"]
    assert again(report)["possible"]["found"] == []


def test_a_grade_that_was_lowered_for_want_of_the_model_is_no_difference(
    decision: weightgate.Decision, model: Path
) -> None:
    raw = weightgate.attest(decision.to_json(), KEY)
    assert again(verify(raw, model))["facts"] == []


def test_of_a_minimal_attestation_what_lies_within_is_no_difference(
    decision: weightgate.Decision, model: Path
) -> None:
    made = weightgate.attest_minimal(decision, KEY)
    report = verify(made.attestation, model)
    assert (report.genuine, report.verdict, state(report, "replay")) == (True, "allow", "established")
    assert again(report)["facts"] == []


def test_of_a_minimal_attestation_what_lies_outside_is_one(tmp_path: Path, pack: Path) -> None:
    large = tmp_path / "large"
    write_safetensors(large / "model.safetensors", tiny_llama(layers=9))
    stated = weightgate.check(large, "JP", facts=CLOSED, operator=JAPANESE, policy=pack)
    raw = says(weightgate.attest_minimal(stated, KEY).attestation, "model.parameters", max=1999.0)
    report = verify(raw, large)
    assert state(report, "replay") == "contradicted"
    assert [fact["fact"] for fact in again(report)["facts"]] == ["model.parameters"]


def test_under_a_shipped_pack_too(model: Path) -> None:
    stated = weightgate.check(model, "GB", facts=CLOSED, operator=SECURE)
    for raw in (weightgate.attest(stated, KEY), weightgate.attest_minimal(stated, KEY).attestation):
        report = verify(raw, model)
        assert (report.genuine, report.verdict) == (True, stated.verdict)
        assert again(report)["same"] is True


@pytest.mark.parametrize(
    ("replay", "code"), [("model", "model_missing"), ("models", "unknown_replay"), ("", "unknown_replay")]
)
def test_what_cannot_be_replayed(decision: weightgate.Decision, replay: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        weightgate.verify(weightgate.attest(decision, KEY), KEY.public, replay=replay)
    assert caught.value.code == code


def test_nothing_is_inspected_of_what_nobody_accepted_signed(
    decision: weightgate.Decision, model: Path
) -> None:
    report = weightgate.verify(
        weightgate.attest(decision, generate()), KEY.public, model=model, replay="model"
    )
    assert (report.genuine, report.replay) == (False, None)
