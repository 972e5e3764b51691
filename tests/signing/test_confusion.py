"""Attacks on who signed with what: keys, kinds and paddings confused, keys brought along, signatures made of nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from weightgate.errors import Exit, InputError, SignatureError
from weightgate.signing.accepted import Accepted, read_sealed, signed_by
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.envelope import PAYLOAD_TYPE, pae, seal
from weightgate.signing.keys import (
    ALGORITHMS,
    ECDSA_P256,
    ECDSA_P384,
    ECDSA_P521,
    ED25519,
    RSA_PSS,
    PrivateKey,
    generate,
)

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
PAYLOAD = b'{"a":1}'
KEYS = {name: generate(name) for name in ALGORITHMS}
ATTACKER = generate()
SIZES = {ED25519: 64, ECDSA_P256: 64, ECDSA_P384: 96, ECDSA_P521: 132, RSA_PSS: 384}


def signed_with(key: PrivateKey, sig: bytes, keyid: str | None = "right") -> bytes:
    """An envelope that says it is signed by a key, with a signature made elsewhere."""
    named = key.keyid if keyid == "right" else keyid
    entry = {"keyid": named, "sig": base64.b64encode(sig).decode()}
    return json.dumps(
        {"payload": base64.b64encode(PAYLOAD).decode(), "payloadType": PAYLOAD_TYPE, "signatures": [entry]}
    ).encode()


def accepted(raw: bytes, key: PrivateKey) -> bool:
    """Whether a verifier that believes the key, as an envelope or in a bundle, takes this for signed."""
    whom = Accepted(keys=(key.public,))
    bundle = write_bundle(raw, Material(hint=key.keyid))
    found = [bool(signed_by(read_sealed(each, "a.json"), whom, NOW)) for each in (raw, bundle)]
    assert found[0] == found[1]
    return found[0]


def refusal(raw: bytes) -> str:
    with pytest.raises((SignatureError, InputError)) as caught:
        read_sealed(raw, "a.json")
    assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, "envelope")
    return caught.value.message


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("other", ALGORITHMS)
def test_a_signature_of_another_kind_under_the_right_keyid(algorithm: str, other: str) -> None:
    signature = generate(other).sign(pae(PAYLOAD_TYPE, PAYLOAD))
    assert not accepted(signed_with(KEYS[algorithm], signature), KEYS[algorithm])
    assert not accepted(signed_with(KEYS[algorithm], signature, None), KEYS[algorithm])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_no_signature_at_all(algorithm: str) -> None:
    key, size = KEYS[algorithm], SIZES[algorithm]
    assert "a signature of 0 bytes" in refusal(signed_with(key, b""))
    for sig in (b"\0", b"\0" * size, b"\xff" * size, b"\0" * (size - 1) + b"\x01", b"none"):
        assert not accepted(signed_with(key, sig), key)


@pytest.mark.parametrize("algorithm", [ECDSA_P256, ECDSA_P384, ECDSA_P521])
def test_numbers_at_the_edges_of_ecdsa(algorithm: str) -> None:
    key, half = KEYS[algorithm], SIZES[algorithm] // 2
    crypto = key.public.crypto()
    assert isinstance(crypto, ec.EllipticCurvePublicKey)
    order = crypto.curve.group_order
    for r, s in ((0, 0), (0, 1), (1, 0), (order, 1), (1, order), (order, order), (1, 1)):
        assert not accepted(signed_with(key, r.to_bytes(half, "big") + s.to_bytes(half, "big")), key)
        assert not accepted(signed_with(key, encode_dss_signature(r, s)), key)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_public_key_is_no_secret_to_sign_with(algorithm: str) -> None:
    key = KEYS[algorithm]
    for digest in (hashlib.sha256, hashlib.sha384, hashlib.sha512):
        tag = hmac.new(key.public.pem(), pae(PAYLOAD_TYPE, PAYLOAD), digest).digest()
        assert not accepted(signed_with(key, tag), key)


@pytest.mark.parametrize("scheme", ["PKCS #1", "PSS with SHA-512", "PSS with another salt"])
def test_rsa_in_any_other_way(scheme: str) -> None:
    key = KEYS[RSA_PSS]
    assert isinstance(key._key, rsa.RSAPrivateKey)
    sha256, sha512 = hashes.SHA256(), hashes.SHA512()
    signature = {
        "PKCS #1": lambda k, d: k.sign(d, padding.PKCS1v15(), sha256),
        "PSS with SHA-512": lambda k, d: k.sign(d, padding.PSS(padding.MGF1(sha512), 64), sha512),
        "PSS with another salt": lambda k, d: k.sign(d, padding.PSS(padding.MGF1(sha256), 20), sha256),
    }[scheme](key._key, pae(PAYLOAD_TYPE, PAYLOAD))
    assert not accepted(signed_with(key, signature), key)
    assert accepted(signed_with(key, key.sign(pae(PAYLOAD_TYPE, PAYLOAD))), key)


def test_the_payload_signed_without_its_type() -> None:
    for key in KEYS.values():
        for data in (PAYLOAD, base64.b64encode(PAYLOAD), pae("", PAYLOAD), pae("text/plain", PAYLOAD)):
            assert not accepted(signed_with(key, key.sign(data)), key)


BROUGHT = ATTACKER.public.pem().decode()
INTO_SIGNATURE: list[dict[str, Any]] = [
    {"publicKey": BROUGHT}, {"cert": BROUGHT}, {"x5c": [BROUGHT]}, {"jwk": {"kty": "OKP"}}, {"alg": "none"},
]  # fmt: skip


@pytest.mark.parametrize("extra", INTO_SIGNATURE, ids=lambda extra: next(iter(extra)))
def test_a_key_brought_along_is_refused(extra: dict[str, Any]) -> None:
    made = json.loads(seal(PAYLOAD, ATTACKER))
    made["signatures"][0] |= extra
    assert "needed an object with sig and, at most, keyid" in refusal(json.dumps(made).encode())
    assert "which nobody signed" in refusal(json.dumps(json.loads(seal(PAYLOAD, ATTACKER)) | extra).encode())
    bundle = json.loads(write_bundle(seal(PAYLOAD, ATTACKER), Material(hint=ATTACKER.keyid)))
    bundle["verificationMaterial"]["publicKey"] |= extra
    assert "which nobody signed" in refusal(json.dumps(bundle).encode())


def test_the_attackers_own_signature_under_anothers_name() -> None:
    signature = ATTACKER.sign(pae(PAYLOAD_TYPE, PAYLOAD))
    for key in KEYS.values():
        for keyid in (key.keyid, ATTACKER.keyid, "", None):
            assert not accepted(signed_with(key, signature, keyid), key)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_truncated_base64_is_refused(algorithm: str) -> None:
    made = json.loads(seal(PAYLOAD, KEYS[algorithm]))
    text = made["signatures"][0]["sig"]
    for cut in (text[:-1], text[:-2], text[1:], text.rstrip("=") + "===", text[:-4] + "\n" + text[-4:]):
        made["signatures"][0]["sig"] = cut
        try:
            sealed = read_sealed(json.dumps(made).encode(), "a.json")
        except SignatureError as error:
            assert error.code == "envelope"  # noqa: PT017
            continue
        # Cut by whole groups it is base64 still, of another signature.
        assert signed_by(sealed, Accepted(keys=(KEYS[algorithm].public,)), NOW) == ()


def test_many_signatures_are_read_within_bounds() -> None:
    one = json.loads(seal(PAYLOAD, ATTACKER))["signatures"][0]
    made = json.loads(seal(PAYLOAD, KEYS[RSA_PSS]))
    assert "1 to 32 signatures" in refusal(json.dumps(made | {"signatures": [one] * 100_000}).encode())
    full = json.dumps(made | {"signatures": [one] * 31 + made["signatures"]}).encode()
    everybody = Accepted(keys=tuple(key.public for key in KEYS.values()))
    assert [who.keyid for who in signed_by(read_sealed(full, "a.json"), everybody, NOW)] == [
        KEYS[RSA_PSS].keyid
    ]
