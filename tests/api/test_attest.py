from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import weightgate
from tests.api.samples import CLOSED, JAPANESE, write_model
from weightgate.signing.keys import PrivateKey, generate, write_pair


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m")


@pytest.fixture
def key() -> PrivateKey:
    return generate()


@pytest.fixture
def decision(model: Path) -> weightgate.Decision:
    return weightgate.check(model, "JP", facts=CLOSED, operator=JAPANESE)


def test_a_decision_is_signed_and_verified_without_a_file(
    decision: weightgate.Decision, key: PrivateKey, model: Path
) -> None:
    envelope = weightgate.attest(decision, key)
    report = weightgate.verify(
        envelope, key.public, model=model, to="JP", operator=JAPANESE, activity="host", gate=True, replay=True,
        policy="us-ai-diffusion-draft",
    )  # fmt: skip
    assert isinstance(report, weightgate.Report)
    assert (report.genuine, report.verdict, report.exit) == (True, "allow", weightgate.Exit.OK)
    assert report.replay is not None
    assert report.replay.differences == ()


def test_paths_stand_for_keys_decisions_and_attestations(
    decision: weightgate.Decision, key: PrivateKey, tmp_path: Path, model: Path
) -> None:
    write_pair(key, tmp_path / "k", tmp_path / "k.pub", passphrase=b"secret")
    (tmp_path / "d.json").write_text(json.dumps(decision.to_json()), encoding="utf-8")
    envelope = weightgate.attest(tmp_path / "d.json", tmp_path / "k", passphrase=b"secret", model=model)
    (tmp_path / "a.json").write_bytes(envelope)
    for keys in (
        tmp_path / "k.pub",
        str(tmp_path / "k.pub"),
        [tmp_path / "k.pub"],
        [generate().public, key.public],
    ):
        assert weightgate.verify(tmp_path / "a.json", keys).genuine


def grades(envelope: bytes, key: PrivateKey) -> set[str]:
    """Grades of the facts that an attestation carries."""
    decision = weightgate.verify(envelope, key.public).decision
    assert decision is not None
    return {fact["grade"] for fact in decision["facts"].values() if fact["grade"]}


def test_grades_are_kept_by_whoever_inspected(
    decision: weightgate.Decision, key: PrivateKey, model: Path
) -> None:
    assert "inferred" in grades(weightgate.attest(decision, key), key)
    assert "inferred" not in grades(weightgate.attest(decision.to_json(), key), key)
    assert "inferred" in grades(weightgate.attest(decision.to_json(), key, model=model), key)


def test_the_model_must_be_the_decision_s(
    decision: weightgate.Decision, key: PrivateKey, tmp_path: Path
) -> None:
    other = write_model(tmp_path / "other")
    (other / "more.txt").write_text("x", encoding="utf-8")
    with pytest.raises(weightgate.SignatureError) as caught:
        weightgate.attest(decision, key, model=other)
    assert caught.value.code == "binding"


def test_a_decision_without_a_model_cannot_be_given_one(key: PrivateKey, model: Path) -> None:
    decision = weightgate.check("-", "JP", facts=CLOSED, operator=JAPANESE)
    assert weightgate.verify(weightgate.attest(decision, key), key.public).verdict == "allow"
    with pytest.raises(weightgate.SignatureError) as caught:
        weightgate.attest(decision, key, model=model)
    assert "no digest" in caught.value.message
    with pytest.raises(weightgate.SignatureError):
        weightgate.attest(decision, key, model="-")


def test_an_edited_decision_is_refused(decision: weightgate.Decision, key: PrivateKey) -> None:
    edited: dict[str, Any] = decision.to_json() | {"as_of": "2026-01-01"}
    with pytest.raises(weightgate.SignatureError) as caught:
        weightgate.attest(edited, key)
    assert "as_of" in caught.value.message


@pytest.mark.parametrize("edited", [{}, {"schema": "weightgate/decision/v1"}, {"schema": 1}])
def test_what_is_no_decision_is_an_input_error(edited: dict[str, Any], key: PrivateKey) -> None:
    with pytest.raises(weightgate.InputError) as caught:
        weightgate.attest(edited, key)
    assert caught.value.code == "bad_decision"


def test_verification_refuses_by_its_report_and_not_by_an_error(
    decision: weightgate.Decision, key: PrivateKey
) -> None:
    envelope = weightgate.attest(decision, key)
    for options in ({"to": "DE"}, {"activity": "fine_tune"}, {"gate": True}, {"operator": {"name": "b"}}):
        report = weightgate.verify(envelope, key.public, **options)
        assert (report.genuine, report.exit) == (False, weightgate.Exit.SIGNATURE)
    assert not weightgate.verify(envelope, generate().public).genuine


def test_the_verifier_s_clock_decides_about_age(decision: weightgate.Decision, key: PrivateKey) -> None:
    envelope = weightgate.attest(decision, key)
    later = datetime.now(UTC) + timedelta(days=10)
    assert weightgate.verify(envelope, key.public, at=later).genuine
    assert not weightgate.verify(envelope, key.public, at=later, max_age_days=9).genuine


def test_no_key_is_no_verification(decision: weightgate.Decision, key: PrivateKey) -> None:
    with pytest.raises(weightgate.UsageError):
        weightgate.verify(weightgate.attest(decision, key), [])


@pytest.mark.parametrize("raw", [b"", b"{}", b"not json", b"[]"])
def test_what_is_no_attestation_is_an_input_error(raw: bytes, key: PrivateKey) -> None:
    with pytest.raises(weightgate.InputError):
        weightgate.verify(raw, key.public)


def test_a_denial_keeps_its_code(key: PrivateKey, model: Path) -> None:
    envelope = weightgate.attest(weightgate.check(model, "IR", facts=CLOSED), key)
    assert weightgate.verify(envelope, key.public).exit is weightgate.Exit.DENY
    assert weightgate.verify(envelope, key.public, any_verdict=True).exit is weightgate.Exit.OK


def test_files_that_cannot_be_read_are_named(tmp_path: Path, key: PrivateKey) -> None:
    for call in (
        lambda: weightgate.attest(tmp_path / "none", key),
        lambda: weightgate.verify(tmp_path / "none", key.public),
        lambda: weightgate.verify(b"{}", tmp_path / "none"),
    ):
        with pytest.raises(weightgate.InputError) as caught:
            call()
        assert "none" in caught.value.where
