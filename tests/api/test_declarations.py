"""A private model whose developer speaks: what a decision makes of it, and what a stranger can check of that."""

from __future__ import annotations

import base64
import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weightgate
from tests.api.samples import SECURE, write_model
from tests.attest.trust.samples import KEYS, STRANGER, document, text
from weightgate.api import digest as digest_of
from weightgate.attest.declarations.check import check_declarations
from weightgate.attest.declarations.declarable import facts_of
from weightgate.attest.declarations.declaring import declare, with_details
from weightgate.attest.signed_packs import sign_pack
from weightgate.attest.trust import Trust, parse_trust, read_trust
from weightgate.errors import Exit, SignatureError, UsageError
from weightgate.facts.statements import Grade
from weightgate.files.yaml import Document
from weightgate.policy.source import find_pack
from weightgate.signing.envelope import seal
from weightgate.signing.keys import PrivateKey
from weightgate.signing.sealing import Sealer

LAB = KEYS["release"]
RULE = "us-ear-ai-diffusion-2025"
OPERATOR = SECURE | {"security_standards": []}
FACTS = {"model.openness": "closed", "model.training_operations": 2.0e25}
NOW = datetime.now(UTC)
TODAY = NOW.date().isoformat()
FAR = "9000-01-01"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "m")


def trust_file(folder: Path, *facts: str, name: str = "trust.yaml", **changes: Any) -> Path:
    """A trust file that lets the lab declare these facts."""
    declare_ = [{"identities": ["release"], "facts": list(facts or FACTS)}]
    path = folder / name
    path.write_bytes(text(document(declare=declare_, expires=FAR, **changes)))
    return path


def declaration(
    model: Path, name: str = "d.json", facts: dict[str, Any] = FACTS, key: PrivateKey = LAB, **details: str
) -> Path:
    """A declaration over the model, beside it."""
    digest = digest_of(model).digest
    said = with_details(
        facts_of(Document(facts, "facts", {})), {"source": "log", "until": FAR} | details, NOW
    )
    path = model.parent / name
    path.write_bytes(declare(digest, said, Sealer((key,)), now=NOW))
    return path


def check(model: Path, *facts: Any, trust: Path | Trust | None = None, **more: Any) -> weightgate.Decision:
    return weightgate.check(model, "AE", facts=facts, trust=trust, policy=RULE, operator=OPERATOR, **more)


def test_a_private_model_is_no_longer_indeterminate_for_ever(model: Path, tmp_path: Path) -> None:
    said = declaration(model)
    assert check(model).verdict == "indeterminate"
    assert check(model, said).verdict == "indeterminate"
    decision = check(model, said, trust=trust_file(tmp_path))
    assert (decision.verdict, decision.rests_on, decision.hypothetical) == ("allow", (), "")
    assert {decision.facts[name].grade for name in FACTS} == {Grade.VERIFIED}
    assert (
        check(model, declaration(model, key=STRANGER), trust=trust_file(tmp_path)).verdict == "indeterminate"
    )


def test_each_fact_needs_its_own_grant(model: Path, tmp_path: Path) -> None:
    decision = check(model, declaration(model), trust=trust_file(tmp_path, "model.openness"))
    assert decision.verdict == "indeterminate"
    grades = [decision.facts[name].grade for name in FACTS]
    assert grades == [Grade.VERIFIED, Grade.CLAIMED]


def test_the_end_that_was_declared_is_the_end_of_the_decision(model: Path, tmp_path: Path) -> None:
    until = (NOW + timedelta(days=3)).date().isoformat()
    decision = check(model, declaration(model, until=until), trust=trust_file(tmp_path))
    assert decision.valid_until["date"] == until
    later = check(model, declaration(model, until=until), trust=trust_file(tmp_path), as_of="2099-01-01")
    assert later.verdict == "indeterminate"
    missing = next(m for m in later.missing if m.fact == "model.training_operations")
    assert missing is not None
    assert "declared until" in str(later.facts["model.training_operations"].value)


def test_several_declarations_and_a_facts_file_together(model: Path, tmp_path: Path) -> None:
    one = declaration(model, "one.json", {"model.openness": "closed"})
    other = declaration(model, "two.json", {"model.training_operations": 2.0e25})
    decision = check(model, one, other, one, {"model.special_purpose": False}, trust=trust_file(tmp_path))
    assert decision.verdict == "allow"
    assert [d["source"] for d in decision.inputs["declarations"]] == [str(one), str(other)]


def test_a_declaration_that_contradicts_another_is_told(model: Path, tmp_path: Path) -> None:
    one, other = declaration(model), declaration(model, "e.json", FACTS | {"model.training_operations": 3e26})
    decision = check(model, one, other, trust=trust_file(tmp_path))
    assert [c.fact for c in decision.contradictions] == ["model.training_operations"]
    assert decision.verdict == "indeterminate"


def refused(code: str, model: Any, *facts: Any, **more: Any) -> SignatureError:
    with pytest.raises(SignatureError) as caught:
        check(model, *facts, **more)
    assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, code)
    return caught.value


@pytest.mark.parametrize("trusted", [False, True])
def test_another_model_s_declaration_is_refused(model: Path, tmp_path: Path, *, trusted: bool) -> None:
    said = declaration(model)
    (model / "config.json").write_text("{}")
    error = refused("binding", model, said, trust=trust_file(tmp_path) if trusted else None)
    assert digest_of(model).digest in error.message
    assert error.where == str(said)


def test_without_a_model_its_digest_is_needed(model: Path, tmp_path: Path) -> None:
    said, trust = declaration(model), trust_file(tmp_path)
    digest = digest_of(model).digest
    refused("binding", "-", said, trust=trust)
    refused("binding", "-", said, trust=trust, digest="sha256:" + "0" * 64)
    decision = check("-", said, trust=trust, digest=digest)  # type: ignore[arg-type]
    assert (decision.verdict, decision.hypothetical) == ("allow", "no model at hand")


def test_a_trust_file_that_is_not_in_date_vouches_for_nothing(model: Path, tmp_path: Path) -> None:
    path = trust_file(tmp_path)
    path.write_bytes(text(document(declare=[{"identities": ["release"]}], expires="2026-01-01")))
    error = refused("trust", model, declaration(model), trust=path)
    assert "expired on 2026-01-01" in error.message
    refused("trust", model, trust=path)


def test_a_decision_names_the_trust_file_and_carries_the_declarations(model: Path, tmp_path: Path) -> None:
    path, said = trust_file(tmp_path), declaration(model)
    inputs = check(model, said, trust=path).to_json()["inputs"]
    trust = read_trust(path)
    assert inputs["request"]["trust"] == {"digest": trust.digest, "version": 3}
    carried = inputs["declarations"][0]
    assert carried["envelope"].encode() == said.read_bytes()
    assert {s["digest"] for s in inputs["statements"] if s["fact"] in FACTS and s["digest"]} >= {
        carried["digest"]
    }
    plain = check(model).to_json()["inputs"]
    assert "declarations" not in plain
    assert "trust" not in plain["request"]


# --- signing such a decision, and verifying it ---


def attested(here: Path, decision: Any, **more: Any) -> dict[str, Any]:
    """The decision inside an attestation of it."""
    raw = weightgate.attest(decision, STRANGER, **more)
    assert weightgate.verify(raw, STRANGER.public, model=here, replay=True).genuine
    statement = json.loads(base64.b64decode(json.loads(raw)["payload"]))
    found: dict[str, Any] = statement["predicate"]["decision"]
    return found


def grades(decision: dict[str, Any]) -> list[str]:
    return [decision["facts"][name]["grade"] for name in FACTS]


def test_an_attestation_grades_the_declarations_anew(model: Path, tmp_path: Path) -> None:
    path, said = trust_file(tmp_path), declaration(model)
    decision = check(model, said, trust=path)
    stored = decision.to_json()
    said.unlink()  # it travels inside
    assert grades(attested(model, decision)) == ["verified", "verified"]
    assert grades(attested(model, stored)) == ["declared", "declared"]
    anew = attested(model, stored, model=model, trust=path)
    assert grades(anew) == ["verified", "verified"]
    assert anew["inputs"]["request"]["trust"]["digest"] == read_trust(path).digest


def test_a_decision_that_a_trust_file_decided_is_not_signed_without_it(model: Path, tmp_path: Path) -> None:
    stored = check(model, declaration(model), trust=trust_file(tmp_path)).to_json()
    for trust in (None, trust_file(tmp_path, "model.released", name="other.yaml")):
        with pytest.raises(SignatureError) as caught:
            weightgate.attest(stored, STRANGER, model=model, trust=trust)
        assert caught.value.code == "decision_differs"
        assert "verdict" in caught.value.message


def test_a_decision_under_a_pack_that_the_trust_file_refuses_is_not_signed(
    model: Path, tmp_path: Path
) -> None:
    """Else an attestation would name a trust file by which it could never have been decided."""
    stored = check(model, declaration(model), trust=trust_file(tmp_path)).to_json()
    for rule in ({"minimum_version": "99.0.0"}, {"signed": True}):
        strict = trust_file(tmp_path, name="strict.yaml", packs={RULE: rule})
        with pytest.raises(SignatureError) as caught:
            weightgate.attest(stored, STRANGER, model=model, trust=strict)
        assert caught.value.code == "pack_rules"
    granted = trust_file(
        tmp_path, name="signed.yaml", packs={RULE: {"signed": True}}, sign_packs=[{"identities": ["release"]}]
    )
    signature = tmp_path / "pack.sig"
    signature.write_bytes(sign_pack(find_pack(RULE), Sealer((LAB,)), archive="", now=NOW))
    weightgate.attest(stored, STRANGER, model=model, trust=granted, pack_signatures=[signature])


def test_a_trust_file_that_would_be_passed_over_is_refused(model: Path, tmp_path: Path) -> None:
    path = trust_file(tmp_path)
    decision = check(model, declaration(model), trust=path)
    words: list[dict[str, Any]] = [{"trust": path}, {"model_keys": [LAB.public]}]
    for each in words:
        with pytest.raises(UsageError) as caught:
            weightgate.attest(decision, STRANGER, **each)
        assert caught.value.code == "model_missing"


def test_a_model_is_not_called_what_it_was_not_inspected_as(model: Path, tmp_path: Path) -> None:
    path = trust_file(tmp_path)
    stored = check(model, declaration(model), trust=path).to_json()
    stored["model"]["reference"] = "hf:somebody/well-known"
    assert attested(model, stored, model=model, trust=path)["model"]["reference"] == str(model)


def forged(stored: dict[str, Any], **entry: Any) -> dict[str, Any]:
    """The decision with a declaration's entry changed."""
    changed = copy.deepcopy(stored)
    changed["inputs"]["declarations"][0].update(entry)
    return changed


def test_a_forged_declaration_inside_a_decision_is_not_signed(model: Path, tmp_path: Path) -> None:
    path = trust_file(tmp_path)
    stored = check(model, declaration(model), trust=path).to_json()
    other = declaration(model, "o.json", FACTS | {"model.training_operations": 1e20}, STRANGER)
    for changed, code in (
        (forged(stored, digest="sha256:" + "0" * 64), "decision_differs"),
        (forged(stored, envelope=other.read_text()), "decision_differs"),
    ):
        with pytest.raises(SignatureError) as caught:
            weightgate.attest(changed, STRANGER, model=model, trust=path)
        assert caught.value.code == code


def test_statements_that_no_declaration_makes_are_not_signed(model: Path, tmp_path: Path) -> None:
    path = trust_file(tmp_path)
    stored = check(model, declaration(model, facts={"model.openness": "closed"}), trust=path).to_json()
    assert stored["verdict"] == "indeterminate"
    entry = next(s for s in stored["inputs"]["statements"] if s.get("method"))
    invented = entry | {"fact": "model.training_operations", "says": {"value": 1e20}}
    stored["inputs"]["statements"].append(invented)
    with pytest.raises(SignatureError):
        weightgate.attest(
            stored | {"verdict": "allow", "possible": ["allow"], "exit": 0}, STRANGER, model=model, trust=path
        )


def state_of(decision: dict[str, Any], trust: Trust | None) -> str:
    found = check_declarations(decision, trust, now=NOW)
    assert found is not None
    return str(found.state)


def test_verify_says_whether_its_own_trust_file_vouches(model: Path, tmp_path: Path) -> None:
    path = trust_file(tmp_path, decide=[{"identities": ["bot"]}])
    raw = weightgate.attest(check(model, declaration(model), trust=path), KEYS["bot"])
    by_trust = weightgate.verify(raw, trust=path, model=model, replay=True)
    assert (by_trust.genuine, by_trust.verdict) == (True, "allow")
    assert next(str(c.state) for c in by_trust.checks if c.id == "declarations") == "established"
    by_key = weightgate.verify(raw, KEYS["bot"].public)
    assert next(str(c.state) for c in by_key.checks if c.id == "declarations") == "not_established"
    assert by_key.genuine


def test_a_verifier_grades_declarations_by_its_own_trust_file(model: Path, tmp_path: Path) -> None:
    path = trust_file(tmp_path)
    decision = check(model, declaration(model), trust=path).to_json()
    own, other = read_trust(path), read_trust(trust_file(tmp_path, "model.released", name="other.yaml"))
    for trust, state, detail in (
        (own, "established", "model.openness by release"),
        (None, "not_established", own.digest),
        (other, "not_established", "facts are model.released"),
    ):
        found = check_declarations(decision, trust, now=NOW)
        assert found is not None
        assert (str(found.state), detail in found.detail) == (state, True)


def test_claims_and_decisions_without_declarations_need_no_trust(model: Path) -> None:
    assert check_declarations(check(model).to_json(), None, now=NOW) is None
    assert state_of(check(model, declaration(model)).to_json(), None) == "established"


def test_a_verifier_sees_what_a_declaration_does_not_say(model: Path, tmp_path: Path) -> None:
    path = trust_file(tmp_path)
    trust, decision = read_trust(path), check(model, declaration(model), trust=path).to_json()
    lied, left_out, moved = (copy.deepcopy(decision) for _ in range(3))
    next(
        s
        for s in lied["inputs"]["statements"]
        if s["fact"] == "model.training_operations" and s.get("method")
    )["says"] = {"value": 1e20}
    left_out["inputs"]["declarations"] = []
    moved["model"]["digest"] = "sha256:" + "0" * 64
    states = [state_of(one, trust) for one in (lied, left_out, moved)]
    assert states == ["contradicted", "not_established", "contradicted"]


def test_a_base_that_is_vouched_for_is_looked_at_like_a_declared_one() -> None:
    from weightgate.asking.model import base_of
    from weightgate.facts.factfile import declare as by_the_asker

    vouched = by_the_asker({"model.base": "owner/name"}, "d.json", TODAY)
    assert base_of(vouched) == "hf:owner/name"


def test_a_trust_file_as_read_will_do(model: Path) -> None:
    trust = parse_trust(text(document(declare=[{"identities": ["release"]}], expires=FAR)), "trust.yaml")
    assert check(model, declaration(model), trust=trust).verdict == "allow"


JUNK: list[Any] = [None, True, -1, "", "\x1b[31m", [], {}, [[]], {"a": 1}, "sha256:" + "0" * 64]


@pytest.fixture(scope="module")
def carrying(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The statement of an attestation that carries a declaration, and the trust file that graded it."""
    folder = tmp_path_factory.mktemp("carrying")
    model, path = write_model(folder / "m"), trust_file(folder, decide=[{"identities": ["bot"]}])
    raw = weightgate.attest(check(model, declaration(model), trust=path), KEYS["bot"])
    statement: dict[str, Any] = json.loads(base64.b64decode(json.loads(raw)["payload"]))
    return statement, path


@given(data=st.data(), junk=st.sampled_from(JUNK))
def test_a_signer_who_puts_junk_beside_a_declaration_breaks_nothing(
    carrying: tuple[dict[str, Any], Path], data: st.DataObject, junk: Any
) -> None:
    statement, path = copy.deepcopy(carrying[0]), carrying[1]
    inputs = statement["predicate"]["decision"]["inputs"]
    taken = [s for s in inputs["statements"] if "signed declaration" in (s.get("method") or "")]
    here: Any = data.draw(
        st.sampled_from([inputs, inputs["request"]["trust"], inputs["declarations"][0], *taken])
    )
    here[data.draw(st.sampled_from(sorted(here)))] = junk
    raw = seal(json.dumps(statement).encode(), KEYS["bot"])
    for trust in ({"trust": path}, {"keys": KEYS["bot"].public}):
        report = weightgate.verify(raw, **trust)
        assert report.exit in (Exit.OK, Exit.SIGNATURE)
        assert all("\x1b" not in check_.detail for check_ in report.checks)
