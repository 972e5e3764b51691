"""Keyless signatures: a bundle that Sigstore's public instance vouches for is verified offline, and for nobody else."""

from __future__ import annotations

import base64
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from weightgate.errors import InputError, SignatureError, UnreachableError, UsageError
from weightgate.signing.accepted import Accepted, Keyless, SignedBy, read_sealed, signed_by
from weightgate.signing.keyless import KeylessSigner

VECTORS = Path(
    os.environ.get("WEIGHTGATE_VECTORS") or Path(__file__).resolve().parents[4] / "shared" / "vectors"
)
BUNDLE = VECTORS / "oms" / "valid" / "sigstore.bundle.json"
WHO = Keyless("stefanb@us.ibm.com", "https://sigstore.verify.ibm.com/oauth2")

needs_vectors = pytest.mark.skipif(not BUNDLE.is_file(), reason=f"NO VECTORS: {BUNDLE} is not there")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A machine whose sockets lead nowhere."""
    tried: list[Any] = []

    def refuse(_self: socket.socket, address: Any) -> None:
        tried.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


def signers(raw: bytes, *keyless: Keyless) -> tuple[SignedBy, ...]:
    return signed_by(read_sealed(raw, "a.json"), Accepted(keyless=keyless), datetime.now(UTC))


@needs_vectors
def test_a_bundle_of_the_public_instance_verifies_offline(offline: list[Any]) -> None:
    (who,) = signers(BUNDLE.read_bytes(), WHO)
    assert (who.identity, who.issuer, who.algorithm) == (WHO.identity, WHO.issuer, "ecdsa-p256")
    assert offline == []


@needs_vectors
def test_it_is_nobody_elses() -> None:
    raw = BUNDLE.read_bytes()
    assert signers(raw, Keyless("somebody@us.ibm.com", WHO.issuer)) == ()
    assert signers(raw, Keyless(WHO.identity, "https://accounts.google.com")) == ()
    assert signers(raw, Keyless("somebody@us.ibm.com", WHO.issuer), WHO)[0].identity == WHO.identity
    assert signers(raw) == ()


@needs_vectors
def test_what_was_tampered_with_is_nobodys() -> None:
    good = json.loads(BUNDLE.read_bytes())
    envelope, held = good["dsseEnvelope"], good["verificationMaterial"]
    payload = bytearray(base64.b64decode(envelope["payload"]))
    payload[len(payload) // 2] ^= 1
    (entry,) = held["tlogEntries"]
    proof = entry["inclusionProof"]
    tampered = {
        "payload": {"dsseEnvelope": envelope | {"payload": base64.b64encode(payload).decode()}},
        "keyid": {"dsseEnvelope": envelope | {"signatures": [envelope["signatures"][0] | {"keyid": "x"}]}},
        "no log entry": {"verificationMaterial": held | {"tlogEntries": []}},
        "index": {"verificationMaterial": held | {"tlogEntries": [entry | {"logIndex": "1"}]}},
        "time": {"verificationMaterial": held | {"tlogEntries": [entry | {"integratedTime": "1"}]}},
        "proof": {
            "verificationMaterial": held
            | {"tlogEntries": [entry | {"inclusionProof": proof | {"hashes": proof["hashes"][1:]}}]}
        },
        "junk": {"verificationMaterial": held | {"tlogEntries": [{"logIndex": []}]}},
    }
    for name, change in tampered.items():
        assert signers(json.dumps(good | change).encode(), WHO) == (), name


@needs_vectors
def test_flipped_bytes_are_nobodys_and_break_nothing() -> None:
    raw = json.dumps(json.loads(BUNDLE.read_bytes()), separators=(",", ":")).encode()
    # Not those of the log and the timestamps: of what one of them says another is enough for the library.
    places = [*range(raw.index(b'"tlogEntries"')), *range(raw.index(b'"dsseEnvelope"'), len(raw))]
    for index in places[::29]:
        flipped = bytearray(raw)
        flipped[index] ^= 0x01
        try:
            assert signers(bytes(flipped), WHO) == (), index
        except (InputError, SignatureError):
            continue


def test_a_machine_without_an_identity_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("ACTIONS_", "GITHUB_", "GITLAB_", "CI", "CIRCLE", "BUILDKITE", "SIGSTORE")):
            monkeypatch.delenv(name)
    with pytest.raises((UsageError, UnreachableError)) as caught:
        KeylessSigner().seal_bundle(b"{}")
    assert caught.value.code in {"no_identity", "sigstore"}
    assert caught.value.where == "--key sigstore:"
