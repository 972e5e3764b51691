"""Sigstore bundles: what is written reads back, and everything that is none, or says more than was signed."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import Exit, InputError, SignatureError
from weightgate.signing.accepted import Accepted, SignedBy, read_sealed, signed_by
from weightgate.signing.bundle import MAX_BUNDLE_BYTES, MEDIA_TYPE, MEDIA_TYPES, Material, write_bundle
from weightgate.signing.envelope import PAYLOAD_TYPE, seal
from weightgate.signing.keys import ALGORITHMS, ECDSA_P256, ED25519, generate

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
KEYS = {name: generate(name) for name in ALGORITHMS}
KEY, OTHER = KEYS[ED25519], KEYS[ECDSA_P256]
ALL = Accepted(keys=tuple(key.public for key in KEYS.values()))
ENVELOPE = seal(b'{"a":1}', KEY)
BUNDLE = write_bundle(ENVELOPE, Material(hint=KEY.keyid))
BASE64 = base64.b64encode(b"some bytes").decode()


def edited(**changes: Any) -> bytes:
    return json.dumps(json.loads(BUNDLE) | changes).encode()


def with_material(**changes: Any) -> bytes:
    held = json.loads(BUNDLE)["verificationMaterial"] | changes
    return edited(verificationMaterial={name: value for name, value in held.items() if value is not ...})


def with_envelope(**changes: Any) -> bytes:
    return edited(dsseEnvelope=json.loads(ENVELOPE) | changes)


def signers(raw: bytes, accepted: Accepted = ALL) -> tuple[SignedBy, ...]:
    return signed_by(read_sealed(raw, "a.json"), accepted, NOW)


def malformed(raw: bytes) -> str:
    with pytest.raises(SignatureError) as caught:
        read_sealed(raw, "a.json")
    assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, "envelope")
    assert caught.value.where == "a.json"
    return caught.value.message.removeprefix("malformed envelope: ")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_bundle_reads_back_and_names_its_signer(algorithm: str) -> None:
    key = KEYS[algorithm]
    raw = write_bundle(seal(b"{}", key), Material(hint=key.keyid))
    assert raw.endswith(b"}\n")
    assert raw.count(b"\n") == 1
    sealed = read_sealed(raw, "a.json")
    assert (sealed.envelope.payload, sealed.envelope.payload_type) == (b"{}", PAYLOAD_TYPE)
    assert sealed.material == Material(hint=key.keyid)
    assert signed_by(sealed, ALL, NOW) == (SignedBy(key.keyid, algorithm),)
    others = tuple(each.public for each in KEYS.values() if each is not key)
    assert signed_by(sealed, Accepted(keys=others), NOW) == ()
    assert signed_by(sealed, Accepted(), NOW) == ()


def test_a_bundle_has_the_fields_of_the_specification() -> None:
    assert json.loads(BUNDLE) == {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": KEY.keyid}, "tlogEntries": []},
        "dsseEnvelope": json.loads(ENVELOPE),
    }


def test_a_plain_envelope_is_read_by_the_same_reader() -> None:
    sealed = read_sealed(ENVELOPE, "a.json")
    assert sealed.material is None
    assert signed_by(sealed, ALL, NOW) == (SignedBy(KEY.keyid, ED25519),)


def test_several_signers_of_an_envelope_are_each_named_once() -> None:
    names = signers(seal(b"{}", KEY, OTHER, KEY))
    assert names == (SignedBy(KEY.keyid, ED25519), SignedBy(OTHER.keyid, ECDSA_P256))


def test_a_bundle_holds_one_signature() -> None:
    with pytest.raises(InputError, match="it holds one signature") as caught:
        write_bundle(seal(b"{}", KEY, OTHER), Material(hint=KEY.keyid))
    assert caught.value.code == "signers"
    both = json.loads(seal(b"{}", KEY, OTHER))["signatures"]
    assert malformed(with_envelope(signatures=both)) == "2 signatures in a bundle, needed one"
    assert "1 to 32 signatures" in malformed(with_envelope(signatures=[]))
    assert "1 to 32 signatures" in malformed(with_envelope(signatures=both * 5000))


@pytest.mark.parametrize(
    "material",
    [
        Material(certificates=(b"one",)),
        Material(certificates=(b"one", b"two", b"three")),
        Material(hint="h", timestamps=(b"t1", b"t2")),
        Material(hint="", log_entries=({"logIndex": "7"},)),
    ],
)
def test_all_material_reads_back(material: Material) -> None:
    assert read_sealed(write_bundle(ENVELOPE, material), "a.json").material == material


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_both_spellings_of_the_version_are_read(kind: str) -> None:
    assert signers(edited(mediaType=kind)) == (SignedBy(KEY.keyid, ED25519),)


@pytest.mark.parametrize(
    "kind", ["application/vnd.dev.sigstore.bundle+json;version=0.2", "", None, 3, MEDIA_TYPE + " "]
)
def test_another_version_is_refused(kind: Any) -> None:
    assert malformed(edited(mediaType=kind)) == f"mediaType {kind!r}, needed {MEDIA_TYPE!r}"


def test_a_hint_narrows_the_verifiers_own_keys() -> None:
    pem = hashlib.sha256(KEY.public.pem()).hexdigest()
    der = base64.b64encode(bytes.fromhex(KEY.keyid)).decode()
    for hint in ("", KEY.keyid, pem, der):
        assert signers(with_material(publicKey={"hint": hint})), hint
    assert signers(with_material(publicKey={}))
    for hint in (OTHER.keyid, KEY.keyid.upper(), KEY.keyid[:-1], "gate"):
        assert signers(with_material(publicKey={"hint": hint})) == (), hint


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (edited(more=1), "the bundle: field 'more', which nobody signed"),
        (edited(messageSignature={}), "the bundle: field 'messageSignature', which nobody signed"),
        (edited(dsseEnvelope=None), "dsseEnvelope: needed payload, payloadType and signatures"),
        (edited(dsseEnvelope=[]), "dsseEnvelope: needed payload, payloadType and signatures"),
        (edited(verificationMaterial=None), "verificationMaterial: needed an object"),
        (edited(verificationMaterial={}), "verificationMaterial: needed one of publicKey"),
        (with_material(more=1), "verificationMaterial: field 'more'"),
        (with_material(certificate={"rawBytes": BASE64}), "verificationMaterial: needed one of publicKey"),
        (with_material(publicKey=None), "publicKey: needed an object"),
        (with_material(publicKey={"rawBytes": BASE64}), "publicKey: field 'rawBytes', which nobody signed"),
        (with_material(publicKey={"hint": 1}), "publicKey.hint is no text"),
        (with_material(publicKey={"hint": "x" * 257}), "publicKey.hint is no text"),
        (with_material(publicKey=..., certificate=None), "certificates[0]: needed an object"),
        (with_material(publicKey=..., certificate={"rawBytes": ""}), "certificates[0].rawBytes: 0 bytes"),
        (with_material(publicKey=..., certificate={"rawBytes": "QR=="}), "is not standard, padded base64"),
        (with_material(publicKey=..., x509CertificateChain={"certificates": []}), "needed at least one"),
        (
            with_material(publicKey=..., x509CertificateChain={"roots": []}),
            "x509CertificateChain: field 'roots'",
        ),
        (
            with_material(publicKey=..., x509CertificateChain={"certificates": [{"rawBytes": BASE64}] * 11}),
            "certificates: needed a list of at most 10",
        ),
        (with_material(tlogEntries={}), "tlogEntries: needed a list of at most 32"),
        (with_material(tlogEntries=[{}] * 33), "tlogEntries: needed a list of at most 32"),
        (with_material(tlogEntries=[{"publicKey": BASE64}]), "tlogEntries[0]: field 'publicKey'"),
        (with_material(timestampVerificationData=[]), "timestampVerificationData: needed an object"),
        (with_material(timestampVerificationData={"x": []}), "timestampVerificationData: field 'x'"),
        (
            with_material(timestampVerificationData={"rfc3161Timestamps": [{"signedTimestamp": BASE64}] * 9}),
            "rfc3161Timestamps: needed a list of at most 8",
        ),
        (
            with_material(
                timestampVerificationData={"rfc3161Timestamps": [{"signedTimestamp": BASE64 + "="}]}
            ),
            "rfc3161Timestamps[0].signedTimestamp is not standard, padded base64",
        ),
        (with_envelope(publicKey="x"), "field 'publicKey', which nobody signed"),
        (with_envelope(payload="QQ"), "payload is not standard, padded base64"),
    ],
)
def test_what_departs_from_the_format_is_named(raw: bytes, problem: str) -> None:
    assert problem in malformed(raw)


@pytest.mark.parametrize("key", ["mediaType", "verificationMaterial", "dsseEnvelope"])
def test_duplicate_keys_are_refused_as_tampering(key: str) -> None:
    value = json.dumps(json.loads(BUNDLE)[key]).encode()
    assert (
        malformed(b'{"' + key.encode() + b'":' + value + b"," + BUNDLE[1:]) == f"key {key!r} is there twice"
    )
    inner = BUNDLE.replace(b'"hint":', b'"hint":"","hint":')
    assert malformed(inner) == "key 'hint' is there twice"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json"),
        (BUNDLE[:-3], "json"),
        (b"[]", "no_attestation"),
        (b'{"mediaType":"x"}', "no_attestation"),
        (b" " * (MAX_BUNDLE_BYTES + 1), "too_large"),
        (b"\xff{}", "not_utf8"),
    ],
)
def test_what_is_neither_ends_with_4(raw: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_sealed(raw, "a.json")
    assert (caught.value.exit, caught.value.code) == (Exit.INPUT, code)


def test_a_plain_envelope_may_be_no_larger_in_this_reader_than_in_the_other() -> None:
    padded = ENVELOPE + b" " * (MAX_BUNDLE_BYTES - len(ENVELOPE))
    with pytest.raises(InputError) as caught:
        read_sealed(padded, "a.json")
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("raw", [BUNDLE, seal(b'{"a":1}', KEY, OTHER)], ids=["bundle", "two signatures"])
def test_no_flipped_byte_keeps_all_signers(raw: bytes) -> None:
    whole = signers(raw)
    assert whole
    for index in range(len(raw)):
        for mask in (0x01, 0x20, 0x80, 0xFF):
            flipped = bytearray(raw)
            flipped[index] ^= mask
            try:
                found = signers(bytes(flipped))
            except (InputError, SignatureError):
                continue
            assert len(found) < len(whole), (index, mask)
            assert set(found) < set(whole)


@given(cut=st.integers(0, len(BUNDLE) - 2))
def test_any_truncation_is_no_attestation(cut: int) -> None:
    with pytest.raises(InputError) as caught:
        read_sealed(BUNDLE[:cut], "a.json")
    assert caught.value.exit == Exit.INPUT


NAMES = [
    "mediaType",
    "verificationMaterial",
    "dsseEnvelope",
    "publicKey",
    "hint",
    "tlogEntries",
    "certificate",
]


@given(
    document=st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(MEDIA_TYPES),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
        max_leaves=12,
    )
)
def test_no_json_breaks_the_reader(document: Any) -> None:
    for raw in (json.dumps(document).encode(), edited(verificationMaterial=document)):
        try:
            found = signers(raw)
        except (InputError, SignatureError):
            continue
        assert {signer.keyid for signer in found} <= {KEY.keyid}
