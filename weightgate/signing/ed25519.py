"""Ed25519 keys (RFC 8032) by themselves, since verifying with one needs a quarter of ``cryptography``.

A gate is started anew for every deployment, and the reader of all kinds of keys takes longer to import than a
verification takes. Importing this module imports that quarter.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from typing import TypeGuard

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_DER = bytes.fromhex("302a300506032b6570032100")
"""How every SubjectPublicKeyInfo of an Ed25519 key begins (RFC 8410, section 10.1); the key's 32 bytes follow."""

_BEGIN, _END = b"-----BEGIN PUBLIC KEY-----\n", b"\n-----END PUBLIC KEY-----\n"
_BODY = 60
"""Characters of base64 that its 44 bytes take, on one line."""


def plain_public(raw: bytes) -> Ed25519PublicKey | None:
    """The public key in PEM as every tool writes it; nothing when it is spelled otherwise, or of another kind."""
    body = raw[len(_BEGIN) : -len(_END)]
    if len(body) != _BODY or raw != _BEGIN + body + _END:
        return None
    try:
        der = a2b_base64(body)
    except ValueError:
        return None
    if b2a_base64(der, newline=False) != body or not der.startswith(_DER):
        return None
    return Ed25519PublicKey.from_public_bytes(der[len(_DER) :])


def public_der(key: Ed25519PublicKey) -> bytes:
    """The key as SubjectPublicKeyInfo DER."""
    return _DER + key.public_bytes_raw()


def is_public(key: object) -> TypeGuard[Ed25519PublicKey]:
    """Whether a key of ``cryptography`` is a public one of this kind."""
    return isinstance(key, Ed25519PublicKey)


def is_ed25519(key: object) -> bool:
    """Whether a key of ``cryptography``, public or private, is of this kind."""
    return isinstance(key, Ed25519PublicKey | Ed25519PrivateKey)


def verify(key: Ed25519PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether ``signature`` is the key's over ``data``."""
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True
