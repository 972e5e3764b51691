"""Our envelopes in securesystemslib and in-toto, and theirs in ours: signatures, thresholds, statements."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from securesystemslib import dsse
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from weightgate.signing.accepted import Accepted, read_sealed, signed_by
from weightgate.signing.envelope import PAYLOAD_TYPE, seal
from weightgate.signing.keys import ALGORITHMS, PrivateKey, generate
from weightgate.signing.statement import Subject, compose_statement

# Only this group has them, and they ship no types.
parse: Any = import_module("google.protobuf.json_format").Parse
in_toto: Any = import_module("in_toto.models.metadata")
refused: Any = import_module("in_toto.exceptions").SignatureVerificationError
statement_pb2: Any = import_module("in_toto_attestation.v1.statement_pb2")
in_toto_statement: Any = import_module("in_toto_attestation.v1.statement")

KEYS = {name: generate(name) for name in ALGORITHMS}
NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
STATEMENT = compose_statement(
    [Subject("model", {"sha256": "a" * 64})],
    "https://weightgate.dev/decision/v1",
    {"verdict": "allow", "n": 1.5},
)


def theirs(key: PrivateKey) -> SSlibKey:
    """A public key as they have it."""
    return SSlibKey.from_crypto(serialization.load_pem_public_key(key.public.pem()), keyid=key.keyid)


def signer(key: PrivateKey) -> CryptoSigner:
    """A private key as they have it."""
    return CryptoSigner(serialization.load_pem_private_key(key.pem(), None), theirs(key))


def spoiled(envelope: dict[str, Any], index: int) -> dict[str, Any]:
    """The envelope with one signature changed."""
    held = [dict(each) for each in envelope["signatures"]]
    sig = bytearray(base64.b64decode(held[index]["sig"]))
    sig[len(sig) // 2] ^= 1
    held[index]["sig"] = base64.b64encode(sig).decode()
    return envelope | {"signatures": held}


def test_they_count_our_signatures_towards_a_threshold() -> None:
    made: dict[str, Any] = json.loads(seal(STATEMENT, *KEYS.values()))
    keys: list[Key] = [theirs(key) for key in KEYS.values()]
    for threshold in range(1, len(keys) + 1):
        verified = dsse.Envelope.from_dict(json.loads(json.dumps(made))).verify(keys, threshold)
        assert len(verified) >= threshold
    with pytest.raises((VerificationError, ValueError)):
        dsse.Envelope.from_dict(json.loads(json.dumps(made))).verify(keys[:2], 3)
    for index in range(len(keys)):
        envelope = dsse.Envelope.from_dict(spoiled(json.loads(json.dumps(made)), index))
        assert len(envelope.verify(keys, len(keys) - 1)) == len(keys) - 1
        with pytest.raises(VerificationError):
            envelope.verify(keys, len(keys))


def test_we_count_their_signatures() -> None:
    made = dsse.Envelope(STATEMENT, PAYLOAD_TYPE, {})
    for key in KEYS.values():
        made.sign(signer(key))
    envelope = made.to_dict()
    accepted = Accepted(keys=tuple(key.public for key in KEYS.values()))
    found = signed_by(read_sealed(json.dumps(envelope).encode(), "theirs"), accepted, NOW)
    assert [who.keyid for who in found] == [key.keyid for key in KEYS.values()]
    for index, key in enumerate(KEYS.values()):
        raw = json.dumps(spoiled(envelope, index)).encode()
        left = {who.keyid for who in signed_by(read_sealed(raw, "theirs"), accepted, NOW)}
        assert left == {other.keyid for other in KEYS.values()} - {key.keyid}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_in_toto_accepts_ours_and_rejects_a_tampered_one(algorithm: str) -> None:
    key, other = KEYS[algorithm], generate(algorithm)
    made = json.loads(seal(STATEMENT, key))
    verifying = theirs(key).to_dict() | {"keyid": key.keyid}
    in_toto.Envelope.from_dict(json.loads(json.dumps(made))).verify_signature(verifying)
    for wrong in (spoiled(made, 0), made | {"payload": base64.b64encode(STATEMENT + b" ").decode()}):
        with pytest.raises(refused):
            in_toto.Envelope.from_dict(json.loads(json.dumps(wrong))).verify_signature(verifying)
    with pytest.raises(refused):
        in_toto.Envelope.from_dict(made).verify_signature(theirs(other).to_dict() | {"keyid": key.keyid})


def test_in_toto_reads_our_statement() -> None:
    payload = base64.b64decode(json.loads(seal(STATEMENT, KEYS["ed25519"]))["payload"])
    statement = in_toto_statement.Statement.copy_from_pb(parse(payload, statement_pb2.Statement()))
    statement.validate()
    assert statement.pb.subject[0].digest["sha256"] == "a" * 64
    assert statement.pb.predicate["n"] == 1.5
