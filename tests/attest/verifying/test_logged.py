"""The log in a verification: a proof in the file or beside it, keys given by hand or by a trust file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attest.samples import KEY, NOW, decide, sign
from tests.ledger.keys import KEY as LOG_KEY
from tests.ledger.keys import OTHER, SIGNER
from weightgate import api
from weightgate.attest.verifying.report import Report
from weightgate.errors import Exit, InputError
from weightgate.ledger.attested import attestation_entry, proof_line
from weightgate.ledger.checkpoint import Checkpoint, sign_checkpoint
from weightgate.ledger.note import NoteSigner, VerifierKey
from weightgate.ledger.proof import LogProof, write_proof
from weightgate.signing.envelope import read_envelope
from weightgate.signing.merkle import Tree, leaf_hash

RAW = sign(decide("DE"))
ANOTHER = sign(decide("DE", "AE"))
MINE = str(LOG_KEY)


def proof_of(raw: bytes, signer: NoteSigner = SIGNER) -> str:
    entry = attestation_entry(read_envelope(raw, "x").payload, "x")
    tree = Tree([leaf_hash(b"0"), leaf_hash(entry), leaf_hash(b"2")])
    checkpoint = sign_checkpoint(Checkpoint(signer.verifier.name, 3, tree.root()), signer)
    return write_proof(LogProof(1, tree.inclusion(1), checkpoint))


def verified(folder: Path, raw: bytes, proof: str | None, *keys: str) -> Report:
    path = folder / "a.json"
    path.write_bytes(raw)
    if proof is not None:
        (folder / "a.json.tlog-proof").write_text(proof, encoding="utf-8")
    return api.verify(path, KEY.public, at=NOW, log_key=list(keys), any_verdict=True)


def outcome(report: Report) -> tuple[str, Exit]:
    (check,) = (each for each in report.checks if each.id == "log")
    return str(check.state), report.exit


@pytest.mark.parametrize("inside", [False, True])
def test_a_proof_establishes(tmp_path: Path, inside: bool) -> None:
    proof = proof_of(RAW)
    raw, beside = (RAW + proof_line(proof), None) if inside else (RAW, proof)
    assert outcome(verified(tmp_path, raw, beside, MINE)) == ("established", Exit.OK)
    assert outcome(verified(tmp_path, raw, beside, str(OTHER.verifier), MINE)) == ("established", Exit.OK)


def test_a_log_may_have_had_another_key_under_its_name(tmp_path: Path) -> None:
    later = str(VerifierKey(LOG_KEY.name, OTHER.verifier.key))
    for keys in ((MINE, later), (later, MINE)):
        assert outcome(verified(tmp_path, RAW, proof_of(RAW), *keys)) == ("established", Exit.OK)


def test_what_was_not_asked_is_not_established_and_refuses_nothing(tmp_path: Path) -> None:
    assert outcome(verified(tmp_path, RAW, None)) == ("not_established", Exit.OK)
    assert outcome(verified(tmp_path, RAW, proof_of(RAW))) == ("not_established", Exit.OK)


def test_what_was_asked_and_is_not_shown_is_refused(tmp_path: Path) -> None:
    assert outcome(verified(tmp_path, RAW, None, MINE)) == ("contradicted", Exit.SIGNATURE)
    assert outcome(verified(tmp_path, RAW, proof_of(RAW), str(OTHER.verifier))) == (
        "contradicted",
        Exit.SIGNATURE,
    )
    assert outcome(verified(tmp_path, RAW, proof_of(RAW, OTHER), MINE)) == ("contradicted", Exit.SIGNATURE)


def test_the_proof_of_another_attestation_is_refused(tmp_path: Path) -> None:
    other = proof_of(ANOTHER)
    assert outcome(verified(tmp_path, RAW, other, MINE)) == ("contradicted", Exit.SIGNATURE)


def test_of_several_proofs_all_must_hold_that_can_be_held_against_a_key(tmp_path: Path) -> None:
    both = RAW + proof_line(proof_of(RAW)) + proof_line(proof_of(ANOTHER))
    assert outcome(verified(tmp_path, both, None, MINE)) == ("contradicted", Exit.SIGNATURE)
    twice = RAW + proof_line(proof_of(RAW)) + proof_line(proof_of(RAW, OTHER))
    assert outcome(verified(tmp_path, twice, None, MINE)) == ("established", Exit.OK)


@pytest.mark.parametrize("line", ['"proof":5', '"proof":"x"', '"more":1'])
def test_a_line_that_is_no_proof_is_refused(tmp_path: Path, line: str) -> None:
    raw = RAW + b'{"mediaType":"application/vnd.c2sp.tlog-proof.v1+json",' + line.encode() + b"}\n"
    assert outcome(verified(tmp_path, raw, None, MINE)) == ("contradicted", Exit.SIGNATURE)


def test_each_of_many_has_its_own_proof(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    lines = [RAW, proof_line(proof_of(RAW)), ANOTHER, proof_line(proof_of(ANOTHER)), RAW]
    path.write_bytes(b"".join(lines))
    results = api.verify_each(path, KEY.public, at=NOW, log_key=MINE, any_verdict=True)
    reports = [result.report for result in results]
    assert [outcome(report) for report in reports if report is not None] == [
        ("established", Exit.OK),
        ("established", Exit.OK),
        ("contradicted", Exit.SIGNATURE),
    ]


def test_a_key_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        verified(tmp_path, RAW, None, "nonsense")
    assert (caught.value.code, caught.value.where) == ("log_key", "--log-key")
