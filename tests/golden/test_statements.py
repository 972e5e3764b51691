"""Decisions, summaries, claims files and batches of every version so far verify for ever, and replay to the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attest.samples import payload_of
from tests.golden.frozen import Frozen
from weightgate.attest.statements.asked import Asked
from weightgate.attest.statements.attested import read_predicate
from weightgate.attest.statements.batch import Batches, unseal_by
from weightgate.attest.statements.claims import Kind, read_claims
from weightgate.attest.statements.svr import read_svr, svr_checks
from weightgate.attest.statements.vsa import read_vsa, vsa_checks
from weightgate.attest.verifying.verify import verify
from weightgate.decide.again import decide_again
from weightgate.destinations.footprint import resolve_all
from weightgate.errors import WeightgateError
from weightgate.inspect.inspection import Inspection
from weightgate.signing.checks import State
from weightgate.signing.envelope import read_envelope, signers_of
from weightgate.signing.statement import InTotoStatement, parse_statement

DECISION, VSA, SVR, CLAIMS, BATCH = map(Frozen, ("decision-v1", "vsa-v1", "svr-v0.2", "claims", "batch-v1"))


def verified(frozen: Frozen, raw: bytes) -> InTotoStatement:
    """The statement of an envelope that the folder's key signed."""
    envelope = read_envelope(raw, frozen.name)
    assert signers_of(envelope, [frozen.key]) == (frozen.key,)
    return parse_statement(envelope.payload, frozen.name)


def holds(frozen: Frozen, raw: bytes) -> bool:
    """Whether the folder's key signed an envelope."""
    try:
        return bool(signers_of(read_envelope(raw, frozen.name), [frozen.key]))
    except WeightgateError:
        return False


def asked(frozen: Frozen, to: str) -> Asked:
    """Everything that a consumer can ask of a summary."""
    expected = frozen.expected
    return Asked(
        model=Inspection("./model", digest=expected["model"]),
        destinations=resolve_all([to]),
        operator=expected["operator"],
        activity=expected["activity"],
        max_age_days=30.0,
    )


def flipped(raw: bytes, step: int) -> list[bytes]:
    """``raw`` with one byte changed, at every ``step``-th place."""
    places = range(0, len(raw) - 1, step)
    return [raw[:place] + bytes([raw[place] ^ 0x01]) + raw[place + 1 :] for place in places]


@pytest.mark.parametrize("name", DECISION.expected["attestations"])
def test_a_decision_of_version_1_verifies_and_replays(name: str) -> None:
    expected = DECISION.expected["attestations"][name]
    raw = DECISION.read(name)
    report = verify(raw, keys=[DECISION.key], at=DECISION.at, decide_again=decide_again)
    assert report.genuine, report.checks
    assert (report.verdict, int(report.exit)) == (expected["verdict"], expected["exit"])
    assert report.replay is not None
    assert report.replay.differences == ()
    assert payload_of(raw)["predicate"]["hypothetical"] == expected["hypothetical"]


def test_there_is_a_decision_of_every_verdict() -> None:
    found = {each["verdict"] for each in DECISION.expected["attestations"].values()}
    assert found == {"allow", "allow_with_conditions", "license_required", "deny", "indeterminate"}


@pytest.mark.parametrize("name", VSA.expected["summaries"])
def test_a_vsa_of_version_1_says_what_it_said(name: str) -> None:
    expected = VSA.expected["summaries"][name]
    vsa = read_vsa(verified(VSA, VSA.read(name)))
    assert vsa.verdict == expected["verdict"]
    checks = vsa_checks(
        vsa, asked(VSA, expected["to"]), at=VSA.at, verifier_ids=[VSA.expected["verifier_id"]]
    )
    refused = [check.id for check in checks if check.state is State.CONTRADICTED]
    assert refused == ([] if expected["verdict"] else ["result", "levels"])


@pytest.mark.parametrize("name", SVR.expected["results"])
def test_an_svr_of_version_02_says_what_it_said(name: str) -> None:
    expected: dict[str, str] = SVR.expected["results"][name]
    svr = read_svr(verified(SVR, SVR.read(name)))
    assert {one.resource.to: one.level for one in svr.passed} == expected
    for to in expected:
        checks = svr_checks(svr, asked(SVR, to), at=SVR.at, verifier_ids=[SVR.expected["verifier_id"]])
        assert not [check for check in checks if check.state is State.CONTRADICTED]


def test_a_claims_file_says_what_it_said() -> None:
    expected: dict[str, Any] = CLAIMS.expected
    raw = CLAIMS.read("claims.jsonl")
    report = verify(raw, keys=[CLAIMS.key], at=CLAIMS.at, decide_again=decide_again)
    assert (report.genuine, report.verdict) == (True, expected["verdict"])
    own, *summaries = [verified(CLAIMS, claim.raw) for claim in read_claims(raw, "claims")]
    assert read_predicate(own).decision["verdict"] == expected["verdict"]
    found = [read_vsa(statement) for statement in summaries[:-1]]
    assert {vsa.resource.to: vsa.result for vsa in found if vsa.resource} == expected["results"]
    assert [one.resource.to for one in read_svr(summaries[-1]).passed] == ["DE"]


def test_a_batch_of_version_1_verifies_member_by_member() -> None:
    expected: list[str] = BATCH.expected["verdicts"]
    claims = read_claims(BATCH.read("batch.jsonl"), "batch")
    assert [claim.kind for claim in claims] == [Kind.MEMBER] * len(expected)
    for index, (claim, verdict) in enumerate(zip(claims, expected, strict=True)):
        report = verify(claim.raw, keys=[BATCH.key], at=BATCH.at, decide_again=decide_again)
        assert (report.genuine, report.verdict) == (True, verdict)
        found = Batches(unseal_by([BATCH.key])).unseal(claim.raw, "m").check
        assert found.detail.startswith(f"entry {index} of {len(expected)} under root sha256:")


@pytest.mark.parametrize(
    ("frozen", "name", "step"),
    [(VSA, "passed.json", 3), (SVR, "passed.json", 3), (DECISION, "deny.json", 97)],
    ids=lambda value: value.name if isinstance(value, Frozen) else None,
)
def test_no_frozen_envelope_verifies_when_a_byte_is_changed(frozen: Frozen, name: str, step: int) -> None:
    for raw in flipped(frozen.read(name), step):
        assert not holds(frozen, raw)


def test_another_key_verifies_none_of_them() -> None:
    for frozen, name in ((DECISION, "allow.json"), (CLAIMS, "claims.jsonl")):
        report = verify(frozen.read(name), keys=[BATCH.key], at=frozen.at)
        assert (report.genuine, report.verdict) == (False, None)


def test_no_folder_holds_a_private_key() -> None:
    for frozen in (DECISION, VSA, SVR, CLAIMS, BATCH):
        assert all(b"PRIVATE" not in path.read_bytes() for path in frozen.folder.iterdir())
