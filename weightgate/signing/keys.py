"""Signing keys: Ed25519 and ECDSA P-256, as PEM files.

Private keys are PKCS #8 (RFC 5958), public keys SubjectPublicKeyInfo (RFC 5280, section 4.1). A key's identifier is
the hex SHA-256 of the DER SubjectPublicKeyInfo, as OpenSSF model signing names keys too.
"""

from __future__ import annotations

import hashlib
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from weightgate.errors import InputError
from weightgate.records import record
from weightgate.signing import pem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = "ed25519"
ECDSA_P256 = "ecdsa-p256"
ALGORITHMS = (ED25519, ECDSA_P256)

P256_RAW_BYTES = 64
"""Length of a P-256 signature written as r||s instead of DER."""


class Signer(Protocol):
    """What an envelope is signed with."""

    @property
    def keyid(self) -> str:
        """Identifier of the key, to be written into the envelope."""

    def sign(self, data: bytes) -> bytes:
        """Signature over ``data``."""


@record
class PublicKey:
    """A key to verify with.

    Attributes:
        keyid: Hex SHA-256 of the DER SubjectPublicKeyInfo.
        algorithm: One of :data:`ALGORITHMS`.
        source: The file it came from, for messages.
    """

    keyid: str
    algorithm: str
    source: str
    _key: Ed25519PublicKey | EllipticCurvePublicKey = field(repr=False, compare=False)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether ``signature`` is this key's over ``data``; ECDSA as DER or as raw r||s."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        if isinstance(self._key, Ed25519PublicKey):
            try:
                self._key.verify(signature, data)
            except InvalidSignature:
                return False
            return True
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256

        for der in _der_forms(signature):
            try:
                self._key.verify(der, data, ec.ECDSA(SHA256()))
            except InvalidSignature:
                continue
            return True
        return False

    def pem(self) -> bytes:
        """The key as a PEM SubjectPublicKeyInfo."""
        return pem.public_pem(self._key)


@record
class PrivateKey:
    """A key to sign with; never shown.

    Attributes:
        public: The public half.
        notes: What its owner should know about the file it came from, in sentences.
    """

    public: PublicKey
    _key: Ed25519PrivateKey | EllipticCurvePrivateKey = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()

    @property
    def keyid(self) -> str:
        """Identifier of the public half."""
        return self.public.keyid

    def sign(self, data: bytes) -> bytes:
        """Signature over ``data``: Ed25519 (RFC 8032), or ECDSA with SHA-256 as DER."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(data)
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256

        return self._key.sign(data, ec.ECDSA(SHA256()))

    def pem(self, passphrase: bytes | None = None) -> bytes:
        """The key as PKCS #8 PEM, encrypted when there is a passphrase.

        Raises:
            InputError: The passphrase is empty or too long (code ``key_passphrase``).
        """
        return pem.private_pem(self._key, passphrase)


def generate(algorithm: str = ED25519) -> PrivateKey:
    """Make a new key pair.

    Raises:
        InputError: ``algorithm`` is not one of :data:`ALGORITHMS` (code ``key_type``).
    """
    if algorithm == ED25519:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return _private(Ed25519PrivateKey.generate(), "", ())
    if algorithm == ECDSA_P256:
        from cryptography.hazmat.primitives.asymmetric import ec

        return _private(ec.generate_private_key(ec.SECP256R1()), "", ())
    raise InputError(
        f"no key type is called {algorithm!r}", hint="one of " + ", ".join(ALGORITHMS), code="key_type"
    )


def write_pair(key: PrivateKey, private: Path, public: Path, *, passphrase: bytes | None = None) -> None:
    """Write both halves as PEM, the private one readable by its owner only; neither replaces a file.

    Args:
        key: The pair.
        private: Where the private half goes; mode 0600.
        public: Where the public half goes; mode 0644.
        passphrase: Encrypts the private half; 1 to 1023 bytes.

    Raises:
        InputError: Either file is there already, or cannot be written, or the passphrase has no fitting length.
    """
    content = key.pem(passphrase)
    pem.write_new(private, content, 0o600)
    try:
        pem.write_new(public, key.public.pem(), 0o644)
    except InputError:
        private.unlink()
        raise


def load_private(path: Path, passphrase: bytes | None = None) -> PrivateKey:
    """Read a private key.

    Args:
        path: A PEM file.
        passphrase: Its passphrase; not used when the key is not encrypted, and then noted.

    Raises:
        InputError: ``key_unreadable`` (no file, no PEM, a public key, damaged), ``key_passphrase`` (missing or
            wrong) or ``key_type`` (not Ed25519 or ECDSA P-256).
    """
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw, mode = pem.read_pem(path)
    key, notes = pem.parse_private(raw, path, passphrase)
    if mode & 0o077:
        notes += (f"{path} can be read by others (mode {mode & 0o777:04o}); chmod 600 it",)
    if isinstance(key, Ed25519PrivateKey):
        return _private(key, str(path), notes)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return _private(key, str(path), notes)
    raise pem.wrong_type(key, path)


def load_public(path: Path) -> PublicKey:
    """Read a public key.

    Raises:
        InputError: ``key_unreadable`` (no file, no PEM, a private key, damaged) or ``key_type`` (not Ed25519 or
            ECDSA P-256).
    """
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw, _ = pem.read_pem(path)
    key = pem.parse_public(raw, path)
    if isinstance(key, Ed25519PublicKey):
        return _public(key, str(path))
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return _public(key, str(path))
    raise pem.wrong_type(key, path)


def _private(
    key: Ed25519PrivateKey | EllipticCurvePrivateKey, source: str, notes: tuple[str, ...]
) -> PrivateKey:
    return PrivateKey(_public(key.public_key(), source), key, notes)


def _public(key: Ed25519PublicKey | EllipticCurvePublicKey, source: str) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    algorithm = ED25519 if isinstance(key, Ed25519PublicKey) else ECDSA_P256
    return PublicKey(hashlib.sha256(pem.public_der(key)).hexdigest(), algorithm, source, key)


def _der_forms(signature: bytes) -> list[bytes]:
    """The signature itself, and, where its length allows, what it is when read as raw r||s."""
    forms = [signature]
    if len(signature) == P256_RAW_BYTES:
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        half = P256_RAW_BYTES // 2
        r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
        forms.append(encode_dss_signature(r, s))
    return forms
