from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import weightgate
from tests.api.samples import CLOSED, JAPANESE, SECURE, write_model
from weightgate.operators.read import operator_from_dict
from weightgate.policy.source import find_pack


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m")


def test_a_decision_is_frozen_and_says_what_the_command_line_says(model: Path) -> None:
    decision = weightgate.check(model, "IR", facts=CLOSED)
    assert (decision.verdict, decision.exit, decision.allowed) == ("deny", weightgate.Exit.DENY, False)
    assert isinstance(decision, weightgate.Decision)
    with pytest.raises(AttributeError):
        decision.verdict = "allow"  # type: ignore[misc]
    assert decision.to_json()["schema"] == "weightgate/decision/v1"


def test_a_path_is_a_folder_and_a_text_is_what_the_command_line_takes(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model.parent)
    for reference in (Path("m"), Path("./m"), model, "./m", str(model)):
        assert weightgate.check(reference, "IR", facts=CLOSED).model["digest"]
    with pytest.raises(weightgate.InputError) as caught:
        weightgate.check("m", "IR")
    assert caught.value.code == "ambiguous_model"


@pytest.mark.parametrize("to", ["JP", ["JP"], "JP,DE", ("JP", "DE"), ["JP,DE", "FR"]])
def test_destinations_in_every_form(to: str | list[str]) -> None:
    decision = weightgate.check("-", to, facts=CLOSED, operator=JAPANESE)
    assert {d.name for d in decision.destinations} == set(
        ",".join([to] if isinstance(to, str) else to).split(",")
    )
    assert decision.verdict == "allow"


def test_operators_in_every_form(tmp_path: Path) -> None:
    file = tmp_path / "o.yaml"
    file.write_text("name: Example Cloud\nheadquarters: JP\nultimate_parent: JP\n", encoding="utf-8")
    profile = operator_from_dict(JAPANESE, "here")
    assert isinstance(profile, weightgate.Operator)
    digests = {
        weightgate.check("-", "JP", facts=CLOSED, operator=operator).operator["digest"]
        for operator in (file, str(file), JAPANESE, profile)
    }
    assert digests == {profile.digest}
    assert weightgate.check("-", "JP", facts=CLOSED).operator["digest"] is None


def test_facts_in_every_form(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("model.openness: closed\n", encoding="utf-8")
    more = {"model.special_purpose": True}
    forms: list[Any] = [file, str(file), CLOSED, [file], [CLOSED, more], (str(file), more)]
    for facts in forms:
        assert weightgate.check("-", "IR", facts=facts).verdict == "deny"
    assert "model.special_purpose" in weightgate.check("-", "IR", facts=[file, more]).facts


def test_packs_in_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = find_pack("us-ai-diffusion-draft")
    file = tmp_path / "p.yaml"
    file.write_bytes(source.text)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "pack.yaml").write_bytes(source.text)
    monkeypatch.chdir(tmp_path)
    forms: list[Any] = [
        "us-ai-diffusion-draft", source, weightgate.load_policy("us-ai-diffusion-draft"), file, str(file),
        Path("folder"), [source], ["shipped:us-ai-diffusion-draft"],
    ]  # fmt: skip
    for policy in forms:
        decision = weightgate.check("-", "IR", facts=CLOSED, policy=policy)
        assert [p.digest for p in decision.packs] == [source.digest]


def test_the_day_in_every_form() -> None:
    today = datetime.now(UTC).date()
    for as_of, day in (
        (None, today.isoformat()),
        ("2026-01-02", "2026-01-02"),
        (date(2026, 1, 2), "2026-01-02"),
    ):
        assert weightgate.check("-", "JP", as_of=as_of).as_of == day


def test_grades_as_names_or_values() -> None:
    for grade in ("verified", weightgate.Grade.VERIFIED):
        decision = weightgate.check("-", "IR", facts=CLOSED, require_grade={"model.openness": grade})
        assert decision.verdict == "indeterminate"


def test_what_is_insecure_makes_it_a_what_if(model: Path) -> None:
    assert weightgate.check(model, "IR", facts=CLOSED).hypothetical == ""
    decision = weightgate.check(model, "IR", facts=CLOSED, insecure=["only a drill"])
    assert decision.hypothetical == "only a drill"


def test_progress_is_told_of_every_byte(model: Path) -> None:
    told: list[tuple[int, int]] = []
    weightgate.check(model, "IR", facts=CLOSED, progress=lambda done, total: told.append((done, total)))
    size = sum(path.stat().st_size for path in model.iterdir())
    assert told[-1] == (size, size)


@pytest.mark.parametrize(
    ("options", "error", "code"),
    [
        ({"to": "UK"}, weightgate.InputError, "unknown_country"),
        ({"to": ()}, weightgate.UsageError, "usage"),
        ({"to": []}, weightgate.UsageError, "usage"),
        ({"activity": "hosting"}, weightgate.UsageError, "unknown_activity"),
        ({"activity": "export_compute"}, weightgate.NotAvailableYet, "not_available_yet"),
        ({"status": "now"}, weightgate.UsageError, "usage"),
        ({"policy": "nothing"}, weightgate.PolicyError, "unknown_pack"),
        ({"policy": []}, weightgate.PolicyError, "not_applicable"),
        ({"as_of": "2026-02-30"}, weightgate.InputError, "bad_date"),
        ({"as_of": datetime(2026, 1, 1, tzinfo=UTC)}, weightgate.InputError, "bad_date"),
        ({"facts": {"model.opennes": "open"}}, weightgate.InputError, "unknown_fact"),
        ({"facts": {"as_of": "2026-01-01"}}, weightgate.InputError, "asked_fact"),
        ({"operator": {"headquarter": "JP"}}, weightgate.InputError, "unknown_key"),
        ({"require_grade": {"model.openness": "sure"}}, weightgate.UsageError, "unknown_grade"),
        ({"require_grade": {"openness": "verified"}}, weightgate.UsageError, "unknown_fact"),
        ({"digest": "md5:0"}, weightgate.UsageError, "bad_digest"),
        ({"status": "in-force"}, weightgate.PolicyError, "nothing_in_force"),
    ],
)
def test_what_cannot_be_asked_is_an_error_of_its_own(
    options: Mapping[str, Any], error: type[weightgate.WeightgateError], code: str
) -> None:
    words: dict[str, Any] = {"to": "DE", "model": "-", **options}
    with pytest.raises(error) as caught:
        weightgate.check(**words)
    assert caught.value.code == code
    assert caught.value.exit == 4
    assert caught.value.message


def test_another_digest_is_a_binding_failure(model: Path) -> None:
    digest = weightgate.check(model, "IR").model["digest"]
    assert digest is not None
    upper = digest.upper().replace("SHA256", "sha256")
    assert weightgate.check(model, "IR", digest=upper).model["digest"] == digest
    with pytest.raises(weightgate.SignatureError) as caught:
        weightgate.check(model, "IR", digest="sha256:" + "1" * 64)
    assert (caught.value.code, caught.value.exit) == ("binding", 6)


def test_inspect_finds_facts_with_evidence(model: Path) -> None:
    found = weightgate.inspect(model)
    assert isinstance(found, weightgate.ModelReport)
    assert found.facts["model.parameters"].grade is weightgate.Grade.INFERRED
    assert found.to_json()["model"]["digest"] == found.inspection.digest


def test_load_policy_checks_the_pack(tmp_path: Path) -> None:
    pack = weightgate.load_policy("us-ai-diffusion-draft")
    assert isinstance(pack, weightgate.Pack)
    assert pack.document.name == "us-ai-diffusion-draft"
    (tmp_path / "p.yaml").write_text("name: x\n", encoding="utf-8")
    with pytest.raises(weightgate.PolicyError) as caught:
        weightgate.load_policy(tmp_path / "p.yaml")
    assert "p.yaml:" in caught.value.where


def test_conditions_are_an_allowance() -> None:
    decision = weightgate.check("-", "IN", facts=CLOSED, operator=SECURE)
    assert (decision.verdict, decision.allowed, int(decision.exit)) == ("allow_with_conditions", True, 0)
    assert decision.conditions
