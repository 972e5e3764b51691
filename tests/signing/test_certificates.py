from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA224
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from tests.signing.chains import (
    BEGIN,
    CA,
    END,
    LEAF,
    NOW,
    Certified,
    Extension,
    between,
    certify,
    leaf,
    root,
    usage,
)
from weightgate.errors import Exit, InputError, SignatureError
from weightgate.signing.certificates import (
    MAX_CERTIFICATES,
    MAX_DEPTH,
    Authority,
    fingerprint,
    names_of,
    read_certificates,
    read_der,
    verify_chain,
)

ROOT = Authority("test root", (root().certificate,))


def verified(signer: Certified, *others: Certified, authority: Authority = ROOT, at: datetime = NOW) -> str:
    """Identifier of the key that a chain vouches for."""
    chain = [other.certificate for other in others]
    return verify_chain(signer.certificate, chain, authority, at).keyid


def refused(signer: Certified, *others: Certified, authority: Authority = ROOT, at: datetime = NOW) -> str:
    """Why a chain does not hold."""
    with pytest.raises(SignatureError) as raised:
        verified(signer, *others, authority=authority, at=at)
    assert (raised.value.code, raised.value.exit) == ("certificate", Exit.SIGNATURE)
    return raised.value.message


def under_root(*extensions: Extension, **settings: object) -> Certified:
    return certify("signer", root(), extensions, **settings)  # type: ignore[arg-type]


def test_a_chain_to_the_root_gives_the_leafs_key() -> None:
    assert verified(leaf(), between()) == leaf().signer.keyid
    assert verified(under_root(*LEAF)) != leaf().signer.keyid


def test_what_comes_with_the_signature_is_trusted_for_nothing() -> None:
    assert "no path from 'CN=signer' to test root" in refused(leaf())
    own_root = certify("root", None, CA)
    own = certify("signer", own_root, LEAF)
    assert "is not signed by" in refused(own, own_root)
    # The same name and key usage do not make it the verifier's.
    assert "is not signed by" in refused(own, own_root, root())


def test_certificates_that_lead_nowhere_do_no_harm() -> None:
    others = [certify(f"other {n}", root(), CA) for n in range(5)]
    assert verified(leaf(), *others, between(), leaf()) == leaf().signer.keyid


def test_a_root_that_is_no_root_of_its_own_is_trusted_when_the_verifier_says_so() -> None:
    assert verified(leaf(), authority=Authority("between", (between().certificate,)))
    assert verified(leaf(), authority=Authority("itself", (leaf().certificate,)))


def test_time_counts_for_every_certificate_of_the_path() -> None:
    assert verified(leaf(), between(), at=BEGIN)
    assert verified(leaf(), between(), at=END)
    assert "not on 2025-12-31" in refused(leaf(), between(), at=BEGIN - timedelta(seconds=1))
    assert "not on 2027-01-02" in refused(leaf(), between(), at=END + timedelta(days=1))
    short = certify("short", root(), CA, end=BEGIN + timedelta(days=10))
    longer = certify("signer", short, LEAF)
    assert verified(longer, short, at=BEGIN + timedelta(days=10))
    assert "'CN=short' is valid from" in refused(longer, short)
    old_root = certify("root", None, CA, end=BEGIN + timedelta(days=10))
    assert "'CN=root'" in refused(
        certify("signer", old_root, LEAF), authority=Authority("old", (old_root.certificate,))
    )


@pytest.mark.parametrize(
    ("extensions", "why"),
    [
        ((), "states no use of its key"),
        (((usage(key_agreement=True), True),), "not for digital signatures"),
        (((usage(digital_signature=True), True), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)), "not for code signing"),
        (((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), False),), "not for code signing"),
        ((*LEAF, (x509.InhibitAnyPolicy(0), True)), "critical extension 2.5.29.54"),
        ((*LEAF, (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)), "critical extension 1.2.3.4"),
    ],
)  # fmt: skip
def test_a_leaf_that_is_not_for_signing_code(extensions: tuple[Extension, ...], why: str) -> None:
    assert why in refused(under_root(*extensions))


@pytest.mark.parametrize(
    "extensions",
    [
        ((usage(digital_signature=True), True),),
        ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), True),),
        (*CA[:1], *LEAF),
        (*LEAF, (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False)),
    ],
)
def test_a_leaf_that_is(extensions: tuple[Extension, ...]) -> None:
    assert verified(under_root(*extensions))


@pytest.mark.parametrize(
    ("extensions", "why"),
    [
        ((), "is no certificate authority"),
        (((x509.BasicConstraints(ca=False, path_length=None), True),), "is no certificate authority"),
        ((CA[0], (usage(digital_signature=True), True)), "not for signing certificates"),
        (
            (*CA, (x509.NameConstraints([x509.DNSName("example.com")], None), True)),
            "critical extension 2.5.29.30",
        ),
    ],
)
def test_an_issuer_that_may_not_issue(extensions: tuple[Extension, ...], why: str) -> None:
    issuer = certify("issuer", root(), extensions)
    assert why in refused(certify("signer", issuer, LEAF), issuer)


def test_a_signer_may_not_certify_others() -> None:
    assert "is no certificate authority" in refused(certify("mallory", leaf(), LEAF), leaf(), between())


def test_the_length_of_the_path_is_what_each_authority_allows() -> None:
    limits = (x509.BasicConstraints(ca=True, path_length=0), True)
    top = certify("top", root(), (limits, CA[1]))
    assert verified(certify("signer", top, LEAF), top)
    below = certify("below", top, CA)
    assert "allows 0 authorities below it, not 1" in refused(certify("signer", below, LEAF), below, top)


def test_a_self_issued_authority_does_not_count_for_the_length() -> None:
    top = certify("top", root(), ((x509.BasicConstraints(ca=True, path_length=0), True), CA[1]))
    renewed = certify("top", top, CA)
    assert verified(certify("signer", renewed, LEAF), renewed, top)


def test_the_depth_is_bounded() -> None:
    chain = [root()]
    for number in range(MAX_DEPTH):
        chain.append(certify(f"ca {number}", chain[-1], CA))
    within, beyond = chain[1 : MAX_DEPTH - 1], chain[1:]
    assert verified(certify("signer", within[-1], LEAF), *within)
    assert f"more than {MAX_DEPTH} certificates" in refused(certify("signer", beyond[-1], LEAF), *beyond)


def test_a_search_through_namesakes_is_bounded() -> None:
    many = [certify("same", None, CA, issuer_name="same") for _ in range(MAX_CERTIFICATES - 1)]
    assert "no path" in refused(certify("signer", many[0], LEAF), *many[1:])
    ring = [
        certify("same", many[0], CA, issuer_name="same", key=many[0].key) for _ in range(MAX_CERTIFICATES - 1)
    ]
    assert "signatures to check" in refused(certify("signer", many[0], LEAF), *ring)
    assert f"at most {MAX_CERTIFICATES}" in refused(leaf(), *[between()] * MAX_CERTIFICATES)


def test_whom_the_authority_may_vouch_for() -> None:
    alternative = x509.SubjectAlternativeName(
        [x509.RFC822Name("ml@example.com"), x509.UniformResourceIdentifier("https://example.com/ci"), x509.DNSName("ci.example.com")]
    )  # fmt: skip
    signer = under_root(*LEAF, (alternative, True))
    names = names_of(signer.certificate)
    assert names == ("CN=signer", "ml@example.com", "https://example.com/ci", "ci.example.com")
    for name in names:
        assert verified(signer, authority=Authority("named", ROOT.roots, name))
    for other in ("signer", "ML@example.com", "example.com", "CN=signe"):
        assert "needed" in refused(signer, authority=Authority("named", ROOT.roots, other))


def test_weak_keys_and_hashes() -> None:
    small = certify("small", None, CA, key=rsa.generate_private_key(public_exponent=65537, key_size=1024))
    weak = Authority("weak", (small.certificate,))
    assert "has 1024 bits" in refused(certify("signer", small, LEAF), authority=weak)
    assert "sha224, which is too weak" in refused(certify("signer", root(), LEAF, algorithm=SHA224()))


def test_every_kind_of_authority_and_leaf() -> None:
    for key in (
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        ec.generate_private_key(ec.SECP521R1()),
    ):
        top = certify("top", None, CA, key=key)
        signer = certify("signer", top, LEAF, key=ec.generate_private_key(ec.SECP384R1()))
        assert verified(signer, authority=Authority("top", (top.certificate,))) == signer.signer.keyid
    odd = under_root(*LEAF, key=ec.generate_private_key(ec.SECP256K1()))
    assert "secp256k1" in refused(odd)


def test_no_flipped_byte_of_a_leaf_passes() -> None:
    der = leaf().certificate.public_bytes(Encoding.DER)
    for position in range(len(der)):
        for flip in (0x01, 0x80):
            raw = bytearray(der)
            raw[position] ^= flip
            with pytest.raises(SignatureError) as raised:
                verify_chain(read_der(bytes(raw), "leaf"), [between().certificate], ROOT, NOW)
            assert raised.value.code == "certificate", position


@given(st.binary(max_size=300))
def test_what_is_no_certificate(raw: bytes) -> None:
    with pytest.raises(SignatureError):
        read_der(raw, "certificates[0]")
    with pytest.raises(InputError) as raised:
        read_certificates(b"-----BEGIN CERTIFICATE-----\n" + raw + b"\n-----END CERTIFICATE-----\n", "ca.pem")
    assert (raised.value.code, raised.value.where) == ("certificate", "ca.pem")


def test_a_file_of_certificates() -> None:
    pem = root().pem + between().pem
    assert read_certificates(pem, "ca.pem") == (root().certificate, between().certificate)
    assert len(fingerprint(root().certificate)) == 64
    for raw, why in ((b"", "needed 1 to"), (pem * 9, "needed 1 to"), (b" " * 2**21, "larger than")):
        with pytest.raises(InputError) as raised:
            read_certificates(raw, "ca.pem")
        assert why in raised.value.message
