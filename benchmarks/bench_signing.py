"""Signing and verifying a statement of 2 KB, against bare ``cryptography`` and ``json``, and against ``securesystemslib``.

``python -m benchmarks.bench_signing``. Bare means what one would write by hand without a check: serialise, encode,
sign; parse, decode, verify, parse the payload. Ours refuses duplicate keys, unknown fields and every second spelling.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib import dsse
from securesystemslib.signer import CryptoSigner, SSlibKey

from benchmarks.measure import Goal, conclude, interleaved, table
from weightgate.signing.accepted import Accepted, read_sealed, signed_by
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.envelope import PAYLOAD_TYPE, pae, read_envelope, seal, signers_of
from weightgate.signing.keys import ALGORITHMS, ED25519, PrivateKey, generate
from weightgate.signing.statement import STATEMENT_TYPE, Subject, compose_statement, parse_statement

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
KIND = "https://weightgate.dev/decision/v1"
DIGEST = {"sha256": "a" * 64}
REASONS = [
    {"rule": f"rule-{n}", "verdict": "allow", "value": n * 1.5, "because": ["x" * 90]} for n in range(12)
]
PREDICATE: dict[str, Any] = {"verdict": "allow", "reasons": REASONS}
STATEMENT = {
    "_type": STATEMENT_TYPE, "subject": [{"name": "model", "digest": DIGEST}], "predicateType": KIND, "predicate": PREDICATE,
}  # fmt: skip
Candidates = dict[str, Callable[[], object]]


def main() -> None:
    """Measure and print."""
    key = generate(ED25519)
    goals = [_build(key), *_verify(key)]
    _kinds()
    conclude(goals)


def _crypto(key: PrivateKey) -> tuple[Ed25519PrivateKey, Ed25519PublicKey]:
    private = serialization.load_pem_private_key(key.pem(), None)
    assert isinstance(private, Ed25519PrivateKey)
    return private, private.public_key()


def _build(key: PrivateKey) -> Goal:
    private, public = _crypto(key)
    signer = CryptoSigner(private, SSlibKey.from_crypto(public, keyid=key.keyid))

    def bare() -> str:
        payload = json.dumps(STATEMENT).encode()
        sig = base64.b64encode(private.sign(pae(PAYLOAD_TYPE, payload))).decode()
        encoded = base64.b64encode(payload).decode()
        return json.dumps(
            {
                "payload": encoded,
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"keyid": key.keyid, "sig": sig}],
            }
        )

    def peer() -> str:
        envelope = dsse.Envelope(json.dumps(STATEMENT).encode(), PAYLOAD_TYPE, {})
        envelope.sign(signer)
        return json.dumps(envelope.to_dict())

    def ours() -> bytes:
        return seal(compose_statement([Subject("model", DIGEST)], KIND, PREDICATE), key)

    candidates: Candidates = {"cryptography and json": bare, "securesystemslib": peer, "weightgate": ours}
    seconds = interleaved(candidates, calls=100, rounds=99)
    table(f"Ed25519: a statement of {len(json.dumps(STATEMENT))} bytes, composed and signed", seconds)
    low, _, own = seconds.values()
    return Goal("compose and sign / bare cryptography and json", own / low, 1.35)


def _verify(key: PrivateKey) -> list[Goal]:
    _, public = _crypto(key)
    known = SSlibKey.from_crypto(public, keyid=key.keyid)
    raw = seal(compose_statement([Subject("model", DIGEST)], KIND, PREDICATE), key)
    bundle = write_bundle(raw, Material(hint=key.keyid))
    accepted = Accepted(keys=(key.public,))

    def bare() -> object:
        envelope = json.loads(raw)
        payload = base64.b64decode(envelope["payload"])
        public.verify(
            base64.b64decode(envelope["signatures"][0]["sig"]), pae(envelope["payloadType"], payload)
        )
        return json.loads(payload)

    def peer() -> object:
        envelope = dsse.Envelope.from_dict(json.loads(raw))
        envelope.verify([known], 1)
        return json.loads(envelope.payload)

    def ours() -> object:
        envelope = read_envelope(raw, "a.json")
        assert signers_of(envelope, [key.public])
        return parse_statement(envelope.payload, "a.json")

    def either(data: bytes) -> object:
        sealed = read_sealed(data, "a.json")
        assert signed_by(sealed, accepted, NOW)
        return parse_statement(sealed.envelope.payload, "a.json")

    candidates: Candidates = {
        "cryptography and json": bare,
        "securesystemslib": peer,
        "weightgate, envelope": ours,
        "weightgate, either form: an envelope": lambda: either(raw),
        "weightgate, either form: a bundle": lambda: either(bundle),
    }
    seconds = interleaved(candidates, calls=50, rounds=99)
    table("Ed25519: the same, verified and parsed", seconds)
    low, peers, own, form, wrapped = seconds.values()
    return [
        Goal("verify and parse / bare cryptography and json", own / low, 1.35),
        Goal("verify and parse, either form / bare cryptography and json", form / low, 1.35),
        Goal("verify and parse a bundle / bare cryptography and json", wrapped / low, 1.35),
        Goal("verify and parse / securesystemslib", own / peers, 1.35),
    ]


def _kinds() -> None:
    """Every kind of key on the same data, for the record."""
    data = json.dumps(STATEMENT).encode()
    keys = {name: generate(name) for name in ALGORITHMS}
    signatures = {name: key.sign(data) for name, key in keys.items()}
    sign: Candidates = {f"{name}, sign": (lambda k=key: k.sign(data)) for name, key in keys.items()}  # type: ignore[misc]
    check: Candidates = {
        f"{name}, verify": (lambda k=key, s=signatures[name]: k.public.verify(s, data))  # type: ignore[misc]
        for name, key in keys.items()
    }
    table("every kind of key, bare signatures", interleaved(sign | check, calls=10, rounds=29))


if __name__ == "__main__":
    main()
