"""Attestations in a log: the entry follows from the statement, and the check says what a proof shows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.keys import KEY, NAME, OTHER, SIGNER, flips
from weightgate.errors import InputError, SignatureError
from weightgate.ledger.attested import (
    PROOF_MEDIA_TYPE,
    attestation_entry,
    entry_for,
    log_check,
    proof_line,
    read_proof_line,
)
from weightgate.ledger.checkpoint import Checkpoint, sign_checkpoint
from weightgate.ledger.proof import LogProof, write_proof
from weightgate.signing.merkle import Tree, leaf_hash
from weightgate.signing.statement import Subject, compose_statement

DIGEST = "ab" * 32
PREDICATE: dict[str, Any] = {
    "decision": {"verdict": "deny", "more": 1},
    "createdOn": "2026-01-02T03:04:05Z",
    "hypothetical": False,
}


def statement(predicate: dict[str, Any] = PREDICATE, count: int = 1) -> bytes:
    subjects = [Subject("model", {"sha256": DIGEST})] * count
    return compose_statement(subjects, "https://weightgate.dev/decision/v1", predicate)


PAYLOAD = statement()


def proof_for(payload: bytes, index: int = 3, size: int = 6) -> str:
    """The proof that an attestation is in a log of others."""
    leaves = [leaf_hash(b"%d" % i) for i in range(size)]
    leaves[index] = leaf_hash(attestation_entry(payload, "x"))
    tree = Tree(leaves)
    checkpoint = sign_checkpoint(Checkpoint(NAME, size, tree.root()), SIGNER)
    return write_proof(LogProof(index, tree.inclusion(index), checkpoint))


LOGS = {"ours": str(KEY)}
PROOF = proof_for(PAYLOAD)


def state_of(payload: bytes, proof: bytes | str | None, logs: dict[str, str]) -> tuple[str, str]:
    check = log_check(payload, proof, logs)
    assert check.id == "log"
    return str(check.state), check.detail


def test_the_entry_is_what_the_statement_says() -> None:
    assert json.loads(attestation_entry(PAYLOAD, "x")) == {
        "kind": "weightgate/attestation/v1",
        "payload": f"sha256:{hashlib.sha256(PAYLOAD).hexdigest()}",
        "subject": f"sha256:{DIGEST}",
        "subjects": 1,
        "predicate_type": "https://weightgate.dev/decision/v1",
        "verdict": "deny",
        "time": "2026-01-02T03:04:05Z",
    }
    entry = entry_for(PAYLOAD, "x")
    assert (entry.data, entry.key) == (
        attestation_entry(PAYLOAD, "x"),
        f"attestation:sha256:{hashlib.sha256(PAYLOAD).hexdigest()}",
    )


@pytest.mark.parametrize(
    ("predicate", "verdict", "time"),
    [
        ({"verificationResult": "PASSED", "timeVerified": "2026-01-01T00:00:00Z"}, "PASSED", "2026-01-01T00:00:00Z"),
        ({"verdict": "allow"}, "allow", None),
        ({}, None, None),
        ({"decision": {}, "verdict": "not the decision's"}, None, None),
        ({"decision": {"verdict": ["deny"]}, "createdOn": 5}, None, None),
    ],
)  # fmt: skip
def test_other_statements_are_logged_too(
    predicate: dict[str, Any], verdict: str | None, time: str | None
) -> None:
    entry = json.loads(attestation_entry(statement(predicate, count=4), "x"))
    assert (entry["verdict"], entry["time"], entry["subjects"]) == (verdict, time, 4)


def test_an_entry_always_fits_whatever_a_statement_says() -> None:
    huge = {"decision": {"verdict": "x" * 100_000}, "createdOn": "y" * 100_000}
    payload = compose_statement([Subject("m", {"sha256": "z" * 100_000})], "t" * 100_000, huge)
    assert len(attestation_entry(payload, "x")) < 65_535


def test_what_is_no_statement_is_not_logged() -> None:
    for payload in (b"", b"{}", b'{"_type": "x"}', b'{"a":1,"a":2}'):
        with pytest.raises(SignatureError) as caught:
            attestation_entry(payload, "x")
        assert caught.value.code == "statement"


def test_a_proof_that_holds_establishes() -> None:
    state, detail = state_of(PAYLOAD, PROOF, LOGS)
    assert (state, detail) == ("established", f"entry 3 of 6 in log {NAME}, key ours")
    assert state_of(PAYLOAD, PROOF.encode(), {"other": str(OTHER.verifier), **LOGS})[0] == "established"


def test_without_a_proof_or_of_an_unknown_log_nothing_is_established() -> None:
    assert state_of(PAYLOAD, None, LOGS) == ("not_established", "no proof of a log was given")
    for logs in ({}, {"other": str(OTHER.verifier)}):
        state, detail = state_of(PAYLOAD, PROOF, logs)
        assert state == "not_established"
        assert f"it names log '{NAME}', and is signed by no key that was given" in detail


def test_a_proof_of_another_attestation_contradicts() -> None:
    other = statement(PREDICATE | {"createdOn": "2026-01-02T03:04:06Z"})
    assert state_of(other, PROOF, LOGS)[0] == "contradicted"
    assert state_of(PAYLOAD, "no proof", LOGS)[0] == "contradicted"
    assert state_of(PAYLOAD, b"\xff", LOGS)[0] == "contradicted"


def test_no_flipped_byte_of_a_proof_establishes() -> None:
    for flipped in flips(PROOF.encode()):
        assert state_of(PAYLOAD, flipped, LOGS)[0] != "established"


@given(index=st.integers(0, 30), more=st.integers(1, 30))
def test_any_place_in_any_log_is_proven(index: int, more: int) -> None:
    proof = proof_for(PAYLOAD, index, index + more)
    assert state_of(PAYLOAD, proof, LOGS)[0] == "established"


def test_a_key_in_a_trust_file_that_is_none_is_an_error() -> None:
    with pytest.raises(InputError) as caught:
        log_check(PAYLOAD, PROOF, {"ours": "nonsense"})
    assert (caught.value.code, caught.value.where) == ("log_key", "ours")


def test_a_proof_travels_as_a_line_of_a_claims_file() -> None:
    line = proof_line(PROOF)
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert json.loads(line) == {"mediaType": PROOF_MEDIA_TYPE, "proof": PROOF}
    assert read_proof_line(line, "x") == PROOF


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b'{"mediaType": "application/vnd.c2sp.tlog-proof.v1+json"}',
        b'{"mediaType": "application/vnd.c2sp.tlog-proof.v2+json", "proof": ""}',
        b'{"mediaType": "application/vnd.c2sp.tlog-proof.v1+json", "proof": 5}',
        b'{"mediaType": "application/vnd.c2sp.tlog-proof.v1+json", "proof": "", "proof": ""}',
        b'{"mediaType": "application/vnd.c2sp.tlog-proof.v1+json", "proof": "", "more": 1}',
        b" " * 3_000_000,
    ],
)
def test_a_line_that_is_no_proof_is_refused(line: bytes) -> None:
    with pytest.raises(SignatureError) as caught:
        read_proof_line(line, "claims.jsonl:3")
    assert (caught.value.code, caught.value.where) == ("log_proof", "claims.jsonl:3")
