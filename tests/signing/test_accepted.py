"""Who of those accepted signed: by key, by certificate, and never by anything that came with the signature."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import pytest

from tests.signing.chains import BEGIN, CA, END, LEAF, NOW, Certified, between, certify, leaf, root
from weightgate.errors import InputError, SignatureError, UsageError
from weightgate.signing.accepted import Accepted, Keyless, SignedBy, read_sealed, signed_by
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.certificates import Authority, der_of
from weightgate.signing.envelope import seal
from weightgate.signing.keys import generate
from weightgate.signing.sealing import Sealer

AUTHORITY = Authority("company", (root().certificate,))
CHAIN = (der_of(leaf().certificate), der_of(between().certificate))
BUNDLE = Sealer((leaf().signer,), bundle=True, certificates=CHAIN).seal(b"{}")
SIGNER = SignedBy(leaf().signer.keyid, "ecdsa-p256", "CN=signer", "company")
KEYLESS = (Keyless("someone@example.com", "https://issuer.example"),)


def signers(raw: bytes, *authorities: Authority, at: Any = NOW, **more: Any) -> tuple[SignedBy, ...]:
    return signed_by(read_sealed(raw, "a.json"), Accepted(authorities=authorities, **more), at)


def bundle(signer: Certified, *chain: Certified) -> bytes:
    material = Material(certificates=tuple(der_of(each.certificate) for each in chain))
    return write_bundle(seal(b"{}", signer.signer), material)


def test_a_certificate_that_leads_to_an_accepted_root_signs() -> None:
    assert signers(BUNDLE, AUTHORITY) == (SIGNER,)
    assert set(json.loads(BUNDLE)["verificationMaterial"]) == {"x509CertificateChain", "tlogEntries"}


def test_one_certificate_is_written_as_the_specification_has_it() -> None:
    own = certify("own", root(), LEAF)
    raw = bundle(own, own)
    assert set(json.loads(raw)["verificationMaterial"]) == {"certificate", "tlogEntries"}
    assert signers(raw, AUTHORITY) == (SignedBy(own.signer.keyid, "ecdsa-p256", "CN=own", "company"),)


def test_the_authority_may_vouch_for_one_name_alone() -> None:
    named = Authority("ci", (root().certificate,), "CN=signer")
    other = Authority("other", (root().certificate,), "CN=somebody else")
    assert signers(BUNDLE, other, named) == (SignedBy(SIGNER.keyid, SIGNER.algorithm, "CN=signer", "ci"),)
    assert signers(BUNDLE, other) == ()


def test_one_signature_is_one_signer_however_many_would_vouch_for_it() -> None:
    second = Authority("second", (root().certificate,))
    assert signers(BUNDLE, AUTHORITY, second) == (SIGNER,)
    assert signers(BUNDLE, AUTHORITY, keys=(leaf().signer.public,)) == (
        SignedBy(SIGNER.keyid, SIGNER.algorithm),
    )


def test_a_key_that_is_accepted_needs_no_certificate() -> None:
    assert signers(BUNDLE, keys=(leaf().signer.public,), at=END + timedelta(days=900)) == (
        SignedBy(SIGNER.keyid, SIGNER.algorithm),
    )


def test_nothing_inside_is_trusted() -> None:
    assert signers(BUNDLE) == ()
    assert signers(BUNDLE, Authority("elsewhere", (certify("root", None, CA).certificate,))) == ()
    mine = certify("root", None, CA)
    forged = certify("signer", mine, LEAF)
    assert signers(bundle(forged, forged, mine), AUTHORITY) == ()


def test_the_leaf_alone_signs() -> None:
    # Signed with the key of a certificate that stands further up, or of another leaf.
    assert signers(bundle(between(), leaf(), between()), AUTHORITY) == ()
    assert signers(bundle(certify("x", between(), LEAF), leaf(), between()), AUTHORITY) == ()
    assert signers(bundle(leaf(), between(), leaf()), AUTHORITY) == ()


def test_certificates_count_at_the_time_that_is_asked_about() -> None:
    assert signers(BUNDLE, AUTHORITY, at=BEGIN) == (SIGNER,)
    assert signers(BUNDLE, AUTHORITY, at=BEGIN - timedelta(seconds=1)) == ()
    assert signers(BUNDLE, AUTHORITY, at=END + timedelta(seconds=1)) == ()


@pytest.mark.parametrize("der", [b"x", b"\x30\x03\x02\x01\x01"])
def test_a_damaged_certificate_signs_nothing_and_hides_no_key(der: bytes) -> None:
    raw = write_bundle(seal(b"{}", leaf().signer), Material(certificates=(der,)))
    assert signers(raw, AUTHORITY) == ()
    assert signers(raw, AUTHORITY, keys=(leaf().signer.public,)) == (
        SignedBy(SIGNER.keyid, SIGNER.algorithm),
    )


@pytest.mark.parametrize("keyid", ["", SIGNER.keyid, None], ids=["empty", "its own", "null"])
def test_a_keyid_beside_a_certificate_must_be_that_of_its_key(keyid: str | None) -> None:
    document = json.loads(BUNDLE)
    document["dsseEnvelope"]["signatures"][0]["keyid"] = keyid
    assert signers(json.dumps(document).encode(), AUTHORITY) == (SIGNER,)
    document["dsseEnvelope"]["signatures"][0]["keyid"] = generate().keyid
    assert signers(json.dumps(document).encode(), AUTHORITY) == ()


def test_no_flipped_byte_of_a_bundle_gives_another_signer() -> None:
    for index in range(0, len(BUNDLE), 2):
        flipped = bytearray(BUNDLE)
        flipped[index] ^= 0x04
        try:
            found = signers(bytes(flipped), AUTHORITY)
        except (InputError, SignatureError):
            continue
        assert found == (), index


def test_nobody_is_accepted_by_default() -> None:
    assert not Accepted()
    assert Accepted(keyless=KEYLESS)
    assert Accepted(authorities=(AUTHORITY,))


def test_a_keyless_signature_needs_the_extra_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sigstore.errors", None)
    logged = write_bundle(
        seal(b"{}", leaf().signer), Material(certificates=CHAIN, log_entries=({"logIndex": "1"},))
    )
    with pytest.raises(UsageError, match="needs the extra 'sigstore'") as caught:
        signers(logged, keyless=KEYLESS)
    assert (caught.value.code, caught.value.hint) == ("extra_missing", "pip install 'weightgate[sigstore]'")
    # Whoever is known by a key or a certificate needs no extra, and a bundle without a log entry is not keyless.
    assert signers(logged, AUTHORITY, keyless=KEYLESS) == (SIGNER,)
    assert signers(BUNDLE, keyless=KEYLESS) == ()
