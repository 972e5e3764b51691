"""Identities by certificate, from real bundles to names: one certificate is one identity, and only of its own authority."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.attest.revocation.samples import entry, listed, source
from tests.attest.trust.samples import NOW, document, trust
from weightgate.attest.revocation.judge import Clock, Target, judge
from weightgate.attest.trust import Trust
from weightgate.signing.accepted import read_sealed, signed_by
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.envelope import seal
from weightgate.signing.keys import private_of

URI = "https://ci.example.com/deploy"
PAYLOAD = b"{}"


def usage(**allowed: bool) -> x509.KeyUsage:
    """Key usage with only what is named."""
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})


def builder(subject: str, issuer: str, public: Any) -> x509.CertificateBuilder:
    """A certificate that is valid for a month around now."""
    above, own = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (issuer, subject))
    begin, end = NOW - timedelta(days=15), NOW + timedelta(days=15)
    return x509.CertificateBuilder(above, own, public, x509.random_serial_number(), begin, end)


class Authority:
    """A certificate authority."""

    def __init__(self, name: str) -> None:
        self.name, self.key = name, ec.generate_private_key(ec.SECP256R1())
        made = builder(name, name, self.key.public_key())
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        made = made.add_extension(usage(key_cert_sign=True), critical=True)
        self.pem = made.sign(self.key, SHA256()).public_bytes(Encoding.PEM).decode()

    def bundle(self, name: str, *others: str, key: Any = None) -> bytes:
        """A bundle signed by somebody whom the authority certifies under these names."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        made = builder(name, self.name, key.public_key())
        made = made.add_extension(usage(digital_signature=True), critical=True)
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        alternatives = [x509.UniformResourceIdentifier(other) for other in others]
        if alternatives:
            made = made.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        leaf = made.sign(self.key, SHA256()).public_bytes(Encoding.DER)
        return write_bundle(seal(PAYLOAD, private_of(key, "test")), Material(certificates=(leaf,)))


OURS, THEIRS = Authority("ours"), Authority("theirs")


def trusting(**more: Any) -> Trust:
    """A trust file with the deploy job that our authority vouches for, and more."""
    deploy = {"certificate_authority": OURS.pem, "subject": URI}
    identities = {**document()["identities"], "deploy": deploy, **more}
    return trust(identities=identities, decide=[{"identities": list(identities), "threshold": 1}])


def names(found: Trust, bundle: bytes, at: datetime = NOW) -> frozenset[str]:
    """Who signed a bundle."""
    return found.names_of(signed_by(read_sealed(bundle, "bundle"), found.accepted(), at), at)


def test_whoever_has_the_certificate_is_the_identity() -> None:
    assert names(trusting(), OURS.bundle("anything", URI)) == {"deploy"}
    by_name = trusting(named={"certificate_authority": OURS.pem, "subject": "CN=named"})
    assert names(by_name, OURS.bundle("named")) == {"named"}


@pytest.mark.parametrize(
    "bundle",
    [
        OURS.bundle("anything"),
        OURS.bundle("anything", URI + "/other"),
        OURS.bundle("anything", URI.upper()),
        OURS.bundle("deploy"),
        THEIRS.bundle("anything", URI),
    ],
    ids=["no name", "another name", "another case", "the identity's own name", "another authority"],
)
def test_anybody_else_is_nobody(bundle: bytes) -> None:
    assert names(trusting(), bundle) == frozenset()


def test_the_same_name_by_two_authorities_is_two_identities() -> None:
    found = trusting(other={"certificate_authority": THEIRS.pem, "subject": URI})
    assert names(found, OURS.bundle("a", URI)) == {"deploy"}
    assert names(found, THEIRS.bundle("a", URI)) == {"other"}


def test_a_certificate_with_two_names_is_one_identity() -> None:
    """One signature must not reach a threshold of two."""
    found = trusting(again={"certificate_authority": OURS.pem, "subject": URI + "/again"})
    bundle = OURS.bundle("a", URI, URI + "/again")
    assert len(names(found, bundle)) == 1
    both = [*signed_by(read_sealed(bundle, "bundle"), found.accepted(), NOW)] * 2
    assert len(found.names_of(both, NOW)) == 1


def test_a_key_of_the_file_is_not_two_because_it_has_a_certificate() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    bare = {"key": private_of(key, "test").public.pem().decode()}
    found = trusting(bare=bare)
    assert len(names(found, OURS.bundle("a", URI, key=key))) == 1


def test_a_certificate_counts_while_it_is_valid() -> None:
    bundle = OURS.bundle("a", URI)
    assert names(trusting(), bundle, NOW + timedelta(days=14)) == {"deploy"}
    assert names(trusting(), bundle, NOW + timedelta(days=16)) == frozenset()


def test_one_authority_vouching_for_one_subject_is_there_once() -> None:
    from weightgate.errors import InputError

    with pytest.raises(InputError) as caught:
        trusting(again={"certificate_authority": OURS.pem, "subject": URI})
    assert caught.value.code == "same_key"


@pytest.mark.parametrize(
    ("name", "revoked"), [(URI, True), ("CN=a", True), (URI + "/again", True), ("CN=b", False)]
)
def test_whoever_is_certified_under_several_names_is_revoked_by_each(name: str, revoked: bool) -> None:
    found = signed_by(read_sealed(OURS.bundle("a", URI, URI + "/again"), "b"), trusting().accepted(), NOW)
    target = Target(("sha256:" + "0" * 64,), found, "", frozenset(), "", NOW)
    judged = judge(target, [source(listed(entry(signer=name)))], Clock(NOW), lambda *_: True)
    assert str(judged.check.state) == ("contradicted" if revoked else "established")
