"""The envelope: DSSE as others write it, and everything that is none."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib import dsse
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from weightgate.errors import Exit, InputError, SignatureError
from weightgate.signing.envelope import (
    MAX_ENVELOPE_BYTES,
    PAYLOAD_TYPE,
    Envelope,
    Signature,
    pae,
    read_envelope,
    seal,
    signers_of,
)
from weightgate.signing.keys import ALGORITHMS, ECDSA_P256, ED25519, PublicKey, generate

KEYS = {name: generate(name) for name in ALGORITHMS}
KEY, OTHER = KEYS[ED25519], KEYS[ECDSA_P256]
SEALED = seal(b'{"a":1}', KEY)


def edited(**changes: Any) -> bytes:
    return json.dumps(json.loads(SEALED) | changes).encode()


def signature_edited(**changes: Any) -> bytes:
    return edited(signatures=[json.loads(SEALED)["signatures"][0] | changes])


def malformed(raw: bytes) -> str:
    with pytest.raises(SignatureError) as caught:
        read_envelope(raw, "a.json")
    assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, "envelope")
    assert caught.value.where == "a.json"
    assert caught.value.message.startswith("malformed envelope: ")
    return caught.value.message.removeprefix("malformed envelope: ")


def test_pae_is_that_of_the_specification() -> None:
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("http://example.com/HelloWorld", b"hello world") == expected
    assert pae("é", b"") == "DSSEv1 2 é 0 ".encode()


def test_the_published_vector_verifies() -> None:
    # secure-systems-lab/dsse, protocol.md, Test Vectors: P-256, SHA-256, raw r||s, no keyid.
    numbers = ec.EllipticCurvePublicNumbers(
        46950820868899156662930047687818585632848591499744589407958293238635476079160,
        5640078356564379163099075877009565129882514886557779369047442380624545832820,
        ec.SECP256R1(),
    )
    key = PublicKey("of the vector", ECDSA_P256, "protocol.md", numbers.public_key())
    signature = base64.b64decode(
        "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    )
    envelope = Envelope(b"hello world", "http://example.com/HelloWorld", (Signature("", signature),))
    assert signers_of(envelope, [key]) == (key,)
    assert signers_of(Envelope(b"hello World", envelope.payload_type, envelope.signatures), [key]) == ()


@given(payload=st.binary(max_size=200), algorithm=st.sampled_from(ALGORITHMS))
def test_what_is_sealed_verifies_and_nothing_else(payload: bytes, algorithm: str) -> None:
    key = KEYS[algorithm]
    raw = seal(payload, key)
    assert raw.endswith(b"}\n")
    assert raw.count(b"\n") == 1
    envelope = read_envelope(raw, "a.json")
    assert (envelope.payload, envelope.payload_type) == (payload, PAYLOAD_TYPE)
    assert signers_of(envelope, [key.public]) == (key.public,)
    assert signers_of(envelope, [k.public for k in KEYS.values() if k is not key]) == ()
    assert signers_of(envelope, []) == ()
    assert signers_of(Envelope(payload + b" ", PAYLOAD_TYPE, envelope.signatures), [key.public]) == ()
    assert signers_of(Envelope(payload, PAYLOAD_TYPE + "x", envelope.signatures), [key.public]) == ()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_securesystemslib_accepts_ours_and_ours_accepts_theirs(algorithm: str) -> None:
    key = KEYS[algorithm]
    crypto = serialization.load_pem_public_key(key.public.pem())
    theirs = SSlibKey.from_crypto(crypto, keyid=key.keyid)
    envelope = dsse.Envelope.from_dict(json.loads(seal(b"{}", key)))
    assert envelope.verify([theirs], 1) == {key.keyid: theirs}
    envelope.payload = b"[]"
    with pytest.raises(VerificationError):
        envelope.verify([theirs], 1)

    private = serialization.load_pem_private_key(key.pem(), None)
    made = dsse.Envelope(b"{}", PAYLOAD_TYPE, {})
    made.sign(CryptoSigner(private, theirs))
    raw = json.dumps(made.to_dict()).encode()
    assert signers_of(read_envelope(raw, "a.json"), [key.public]) == (key.public,)


@pytest.mark.parametrize("keyid", [None, "", KEY.keyid], ids=["null", "empty", "right"])
def test_a_keyid_may_be_absent_empty_null_or_right(keyid: str | None) -> None:
    assert signers_of(read_envelope(signature_edited(keyid=keyid), "a"), [OTHER.public, KEY.public]) == (
        KEY.public,
    )
    bare = edited(signatures=[{"sig": json.loads(SEALED)["signatures"][0]["sig"]}])
    assert signers_of(read_envelope(bare, "a"), [KEY.public]) == (KEY.public,)


def test_a_keyid_of_another_key_is_not_tried() -> None:
    envelope = read_envelope(signature_edited(keyid=OTHER.keyid), "a")
    assert signers_of(envelope, [KEY.public, OTHER.public]) == ()


def test_one_good_signature_among_others_is_found() -> None:
    good = json.loads(SEALED)["signatures"][0]
    junk = {"keyid": "", "sig": base64.b64encode(b"x" * 64).decode()}
    envelope = read_envelope(edited(signatures=[junk] * 31 + [good]), "a")
    assert signers_of(envelope, [OTHER.public, KEY.public]) == (KEY.public,)


def test_several_keys_sign_one_payload_and_each_is_found_once() -> None:
    envelope = read_envelope(seal(b"{}", KEY, OTHER, KEY), "a")
    assert signers_of(envelope, [OTHER.public, KEY.public]) == (KEY.public, OTHER.public)
    assert signers_of(envelope, [OTHER.public]) == (OTHER.public,)


@pytest.mark.parametrize("count", [0, 33])
def test_too_few_or_too_many_keys_to_sign_with(count: int) -> None:
    with pytest.raises(InputError) as caught:
        seal(b"{}", *[KEY] * count)
    assert caught.value.code == "signers"


def test_a_key_inside_the_envelope_is_refused() -> None:
    pem = OTHER.public.pem().decode()
    assert "needed an object with sig and, at most, keyid" in malformed(signature_edited(publicKey=pem))
    assert malformed(edited(publicKey=pem)) == "field 'publicKey', which nobody signed"


@pytest.mark.parametrize("count", [0, 33, 5000])
def test_lists_of_signatures_are_bounded(count: int) -> None:
    good = json.loads(SEALED)["signatures"][0]
    assert malformed(edited(signatures=[good] * count)) == "needed a list of 1 to 32 signatures"


@pytest.mark.parametrize("signatures", [None, {}, "x", 1])
def test_signatures_that_are_no_list(signatures: Any) -> None:
    assert malformed(edited(signatures=signatures)) == "needed a list of 1 to 32 signatures"


@pytest.mark.parametrize("entry", [None, [], "x", {}, {"keyid": "x"}])
def test_signatures_that_are_no_object(entry: Any) -> None:
    assert malformed(edited(signatures=[entry])).startswith("signatures[0]: needed an object with sig")


@pytest.mark.parametrize("keyid", [1, ["x"], "x" * 257])
def test_keyids_that_are_none(keyid: Any) -> None:
    assert (
        malformed(signature_edited(keyid=keyid))
        == "signatures[0]: keyid is no text of at most 256 characters"
    )


@pytest.mark.parametrize("size", [0, 2049])
def test_signatures_of_no_fitting_size(size: int) -> None:
    sig = base64.b64encode(b"x" * size).decode()
    assert malformed(signature_edited(sig=sig)) == f"signatures[0]: a signature of {size} bytes"


@pytest.mark.parametrize(
    "text",
    ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "QQ==QQ==", "-_-_", "Q*==", "é===", "=", None, 7, ["QQ=="]],
)
def test_base64_has_one_spelling(text: Any) -> None:
    assert malformed(edited(payload=text)) == "payload is not standard, padded base64"
    assert malformed(signature_edited(sig=text)) == "signatures[0].sig is not standard, padded base64"


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.in-toto+json ", "", None, 1])
def test_another_payload_type_is_refused(kind: Any) -> None:
    message = malformed(edited(payloadType=kind))
    assert message == f"payloadType {kind!r}, needed 'application/vnd.in-toto+json'"


@pytest.mark.parametrize("key", ["payload", "payloadType", "signatures"])
def test_duplicate_keys_are_refused_as_tampering(key: str) -> None:
    value = json.dumps(json.loads(SEALED)[key]).encode()
    raw = b'{"' + key.encode() + b'":' + value + b"," + SEALED[1:]
    assert malformed(raw) == f"key {key!r} is there twice"


def test_a_number_that_is_not_json_is_refused_as_tampering() -> None:
    assert malformed(SEALED.replace(b'"signatures"', b'"x":NaN,"signatures"')) == "NaN is not JSON"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json"),
        (b"not json", "json"),
        (SEALED[:-3], "json"),
        (b"[" * 100_000, "json"),
        (b'{"a":1,"a":2}', "json"),
        (b"\xff\xfe{}", "not_utf8"),
        (b"[]", "no_attestation"),
        (b"null", "no_attestation"),
        (b'{"payload":"","payloadType":""}', "no_attestation"),
        (b'{"verdict":"allow"}', "no_attestation"),
        (b" " * (MAX_ENVELOPE_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_attestation_at_all_ends_with_4(raw: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_envelope(raw, "a.json")
    assert (caught.value.exit, caught.value.code) == (Exit.INPUT, code)
    assert caught.value.where.startswith("a.json")


def test_too_much_is_not_sealed() -> None:
    with pytest.raises(InputError, match="at most 33554432 can be verified") as caught:
        seal(b"x" * MAX_ENVELOPE_BYTES, KEY)
    assert caught.value.code == "too_large"


@given(
    document=st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["payload", "payloadType", "signatures", "sig", "keyid"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_breaks_the_reader(document: Any) -> None:
    try:
        envelope = read_envelope(json.dumps(document).encode(), "a.json")
    except (InputError, SignatureError):
        return
    assert signers_of(envelope, [KEY.public]) == ()
