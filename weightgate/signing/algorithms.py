"""The kinds of keys that sign here, and how each of them signs and verifies.

The key alone decides: nothing that comes with a signature chooses a curve, a hash or a padding, so there is nothing to
confuse. Each kind has one hash:

- Ed25519 (RFC 8032);
- ECDSA (FIPS 186-5) on P-256 with SHA-256, P-384 with SHA-384, P-521 with SHA-512; written as DER, read as DER or as
  raw r||s of the curve's length, which DSSE's own vector has;
- RSA-PSS (RFC 8017, section 8.1) with SHA-256, MGF1 with SHA-256, and a salt as long as the digest: 32 bytes, which is
  what securesystemslib's ``rsassa-pss-sha256`` and the key services of the clouds sign with. RFC 8017 makes the salt's
  length a parameter of the key, so no other length verifies. PKCS #1 v1.5 never does.

Importing this module imports ``cryptography``.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from weightgate.signing.keys import ECDSA_P256, ECDSA_P384, ECDSA_P521, ED25519, RSA_PSS

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 16384
"""Sizes of RSA keys: what NIST SP 800-131A allows for new signatures, and what OpenSSL verifies."""

NEW_RSA_BITS = 3072
"""Size of RSA keys that are made here: 128 bits of strength, as the other kinds have (NIST SP 800-57)."""

SUPPORTED = f"Ed25519, ECDSA P-256, P-384 or P-521, or RSA of {MIN_RSA_BITS} to {MAX_RSA_BITS} bits"
"""The kinds of keys, in words."""

SigningKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
VerifyingKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey

# By the curve's name: the kind, how it signs, and the length of a raw r||s.
_CURVES = {
    "secp256r1": (ECDSA_P256, ec.ECDSA(SHA256()), 64),
    "secp384r1": (ECDSA_P384, ec.ECDSA(SHA384()), 96),
    "secp521r1": (ECDSA_P521, ec.ECDSA(SHA512()), 132),
}
_MAKERS: dict[str, Callable[[], ec.EllipticCurve]] = {
    ECDSA_P256: ec.SECP256R1,
    ECDSA_P384: ec.SECP384R1,
    ECDSA_P521: ec.SECP521R1,
}
_PSS, _PSS_HASH = PSS(MGF1(SHA256()), PSS.DIGEST_LENGTH), SHA256()


def algorithm_of(key: object) -> str:
    """The kind of a key of ``cryptography``, public or private; empty when it is none that signs here."""
    if isinstance(key, Ed25519PublicKey | Ed25519PrivateKey):
        return ED25519
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return _CURVES[key.curve.name][0] if key.curve.name in _CURVES else ""
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return RSA_PSS if MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS else ""
    return ""


def describe(key: object) -> str:
    """A key that is none of the kinds here, in words for a message."""
    curve = getattr(getattr(key, "curve", None), "name", "")
    if curve:
        return f"an elliptic-curve key on {curve}"
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return f"an RSA key of {key.key_size} bits"
    kind = type(key).__name__.strip("_").removesuffix("PrivateKey").removesuffix("PublicKey")
    return f"a key of type {kind}"


def make(algorithm: str) -> SigningKey | None:
    """A new key of a kind; nothing when there is no such kind."""
    if algorithm == ED25519:
        return Ed25519PrivateKey.generate()
    if algorithm == RSA_PSS:
        return rsa.generate_private_key(public_exponent=65537, key_size=NEW_RSA_BITS)
    return ec.generate_private_key(_MAKERS[algorithm]()) if algorithm in _MAKERS else None


def sign(key: SigningKey, data: bytes) -> bytes:
    """A signature over ``data``, in the way of the key's kind."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, _PSS, _PSS_HASH)
    return key.sign(data, _CURVES[key.curve.name][1])


def verify(key: VerifyingKey, signature: bytes, data: bytes) -> bool:
    """Whether ``signature`` is the key's over ``data``, in the way of the key's kind."""
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, _PSS, _PSS_HASH)
        else:
            return _verify_ecdsa(key, signature, data)
    except InvalidSignature:
        return False
    return True


def _verify_ecdsa(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> bool:
    _, scheme, raw_bytes = _CURVES[key.curve.name]
    try:
        key.verify(signature, data, scheme)
    except InvalidSignature:
        if len(signature) != raw_bytes:
            return False
    else:
        return True
    half = raw_bytes // 2
    r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    try:
        key.verify(encode_dss_signature(r, s), data, scheme)
    except InvalidSignature:
        return False
    return True
