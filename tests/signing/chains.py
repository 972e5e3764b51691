"""Certificates made for tests: an authority, one between, and signers under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from weightgate.signing.keys import PrivateKey, private_of

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=100)
END = BEGIN + timedelta(days=365)

Extension = tuple[x509.ExtensionType, bool]


@dataclass(frozen=True)
class Certified:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: Any

    @property
    def signer(self) -> PrivateKey:
        """The key as one to sign with."""
        return private_of(self.key, "test")

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)


def usage(**allowed: bool) -> x509.KeyUsage:
    """Key usage with only what is named."""
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})


CA: tuple[Extension, ...] = (
    (x509.BasicConstraints(ca=True, path_length=None), True),
    (usage(key_cert_sign=True), True),
)
LEAF: tuple[Extension, ...] = (
    (usage(digital_signature=True), True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False),
)


def certify(
    name: str,
    issuer: Certified | None,
    extensions: tuple[Extension, ...],
    *,
    key: Any = None,
    begin: datetime = BEGIN,
    end: datetime = END,
    algorithm: Any = None,
    issuer_name: str = "",
    serial: int = 0,
) -> Certified:
    """A new certificate; signed by itself when nobody else issues it."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    above = _name(issuer_name) if issuer_name else issuer.certificate.subject if issuer else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    signing = issuer.key if issuer else key
    return Certified(builder.sign(signing, algorithm or SHA256()), key)


@cache
def root() -> Certified:
    """An authority."""
    return certify("root", None, CA)


@cache
def between() -> Certified:
    """An authority under the root."""
    return certify("between", root(), CA)


@cache
def leaf() -> Certified:
    """A signer under that."""
    return certify("signer", between(), LEAF)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
