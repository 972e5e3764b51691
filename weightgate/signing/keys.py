"""Signing keys as PEM files: Ed25519, ECDSA on P-256, P-384 and P-521, and RSA-PSS.

Private keys are PKCS #8 (RFC 5958), public keys SubjectPublicKeyInfo (RFC 5280, section 4.1). A key's identifier is
the hex SHA-256 of the DER SubjectPublicKeyInfo. How each kind signs is in :mod:`weightgate.signing.algorithms`.
"""

from __future__ import annotations

import hashlib
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from weightgate.errors import InputError
from weightgate.records import record
from weightgate.signing import pem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from weightgate.signing.algorithms import SigningKey, VerifyingKey

ED25519 = "ed25519"
ECDSA_P256 = "ecdsa-p256"
ECDSA_P384 = "ecdsa-p384"
ECDSA_P521 = "ecdsa-p521"
RSA_PSS = "rsa-pss"
ALGORITHMS = (ED25519, ECDSA_P256, ECDSA_P384, ECDSA_P521, RSA_PSS)


class Signer(Protocol):
    """What an envelope is signed with."""

    @property
    def keyid(self) -> str:
        """Identifier of the key, to be written into the envelope."""

    @property
    def algorithm(self) -> str:
        """One of :data:`ALGORITHMS`."""

    def sign(self, data: bytes) -> bytes:
        """Signature over ``data``."""


@record
class PublicKey:
    """A key to verify with.

    Attributes:
        keyid: Hex SHA-256 of the DER SubjectPublicKeyInfo.
        algorithm: One of :data:`ALGORITHMS`.
        source: Where it came from, for messages.
    """

    keyid: str
    algorithm: str
    source: str
    _key: VerifyingKey = field(repr=False, compare=False)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether ``signature`` is this key's over ``data``, in the way of its kind; ECDSA as DER or as raw r||s."""
        if self.algorithm == ED25519:
            from weightgate.signing import ed25519

            return ed25519.verify(cast("Ed25519PublicKey", self._key), signature, data)
        from weightgate.signing.algorithms import verify

        return verify(self._key, signature, data)

    def pem(self) -> bytes:
        """The key as a PEM SubjectPublicKeyInfo."""
        return pem.public_pem(self._key)

    def crypto(self) -> VerifyingKey:
        """The key as ``cryptography`` has it."""
        return self._key


@record
class PrivateKey:
    """A key to sign with; never shown.

    Attributes:
        public: The public half.
        notes: What its owner should know about the file it came from, in sentences.
    """

    public: PublicKey
    _key: SigningKey = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()

    @property
    def keyid(self) -> str:
        """Identifier of the public half."""
        return self.public.keyid

    @property
    def algorithm(self) -> str:
        """One of :data:`ALGORITHMS`."""
        return self.public.algorithm

    def sign(self, data: bytes) -> bytes:
        """Signature over ``data``, in the way of the key's kind; ECDSA as DER."""
        from weightgate.signing.algorithms import sign

        return sign(self._key, data)

    def pem(self, passphrase: bytes | None = None) -> bytes:
        """The key as PKCS #8 PEM, encrypted when there is a passphrase.

        Raises:
            InputError: The passphrase is empty or too long (code ``key_passphrase``).
        """
        return pem.private_pem(self._key, passphrase)


def generate(algorithm: str = ED25519) -> PrivateKey:
    """Make a new key pair; RSA has 3072 bits.

    Raises:
        InputError: ``algorithm`` is not one of :data:`ALGORITHMS` (code ``key_type``).
    """
    from weightgate.signing.algorithms import make

    key = make(algorithm)
    if key is None:
        raise InputError(
            f"no key type is called {algorithm!r}", hint="one of " + ", ".join(ALGORITHMS), code="key_type"
        )
    return private_of(key, "")


def private_of(key: Any, source: str, notes: tuple[str, ...] = ()) -> PrivateKey:
    """A private key of ``cryptography`` as one to sign with.

    Raises:
        InputError: It is of a kind that does not sign here (code ``key_type``).
    """
    _check_kind(key, source)
    return PrivateKey(public_of(key.public_key(), source), key, notes)


def public_of(key: Any, source: str) -> PublicKey:
    """A public key of ``cryptography`` as one to verify with.

    Args:
        key: The key, from a certificate, say.
        source: Where it came from, for messages.

    Raises:
        InputError: It is of a kind that does not sign here (code ``key_type``).
    """
    algorithm = _check_kind(key, source)
    return PublicKey(hashlib.sha256(pem.public_der(key)).hexdigest(), algorithm, source, key)


def public_from_pem(raw: bytes, source: str) -> PublicKey:
    """Read a public key out of PEM text.

    Raises:
        InputError: ``key_unreadable`` (no PEM, a private key, damaged) or ``key_type`` (none of :data:`ALGORITHMS`).
    """
    return public_of(pem.parse_public(raw, source), source)


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
            wrong) or ``key_type`` (none of :data:`ALGORITHMS`).
    """
    raw, mode = pem.read_pem(path)
    key, notes = pem.parse_private(raw, str(path), passphrase)
    if mode & 0o077:
        notes += (f"{path} can be read by others (mode {mode & 0o777:04o}); chmod 600 it",)
    return private_of(key, str(path), notes)


def load_public(path: Path) -> PublicKey:
    """Read a public key.

    Raises:
        InputError: ``key_unreadable`` (no file, no PEM, a private key, damaged) or ``key_type`` (none of
            :data:`ALGORITHMS`).
    """
    raw, _ = pem.read_pem(path)
    return public_from_pem(raw, str(path))


def _check_kind(key: object, source: str) -> str:
    from weightgate.signing.ed25519 import is_ed25519

    if is_ed25519(key):
        return ED25519
    from weightgate.signing.algorithms import SUPPORTED, algorithm_of, describe

    algorithm = algorithm_of(key)
    if not algorithm:
        raise InputError(
            f"{describe(key)}; needed {SUPPORTED}",
            where=source,
            hint="make one with: weightgate keys generate",
            code="key_type",
        )
    return algorithm
