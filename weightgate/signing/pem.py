"""PEM files of keys: reading them with errors that say what the file is instead, and writing them once."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.errors import InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

MAX_KEY_BYTES = 64 * 1024
MAX_PASSPHRASE_BYTES = 1023
"""The longest passphrase that OpenSSL, and so cryptography, takes for a PEM file."""

_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_PRIVATE = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY")


def read_pem(path: Path) -> tuple[bytes, int]:
    """The bytes of a key file, and its mode.

    Raises:
        InputError: It cannot be read, or is too large for a key (code ``key_unreadable``).
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(MAX_KEY_BYTES + 1)
    except OSError as error:
        raise _unreadable(str(path), f"cannot read the key: {error.strerror or error}") from None
    if len(raw) > MAX_KEY_BYTES:
        raise _unreadable(str(path), f"larger than {MAX_KEY_BYTES} bytes, which no key file is")
    return raw, mode


def parse_private(
    raw: bytes, source: str, passphrase: bytes | None
) -> tuple[PrivateKeyTypes, tuple[str, ...]]:
    """The private key in ``raw``, and notes about it.

    Raises:
        InputError: See :func:`weightgate.signing.keys.load_private`.
    """
    labels = _labels(raw, source)
    if not any(label in _PRIVATE for label in labels):
        raise _instead(labels, source, "a private key")
    encrypted = "ENCRYPTED PRIVATE KEY" in labels or b"Proc-Type: 4,ENCRYPTED" in raw
    if encrypted and not passphrase:
        raise InputError(
            "the key is encrypted, and no passphrase was given",
            where=source,
            hint="set WEIGHTGATE_KEY_PASSPHRASE",
            code="key_passphrase",
        )
    notes = (
        ("the key is not encrypted, so the passphrase was not used",) if passphrase and not encrypted else ()
    )
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(raw, passphrase if encrypted else None), notes
    except UnsupportedAlgorithm:
        raise InputError("a kind of key that is not supported", where=source, code="key_type") from None
    except (ValueError, TypeError):
        if encrypted:
            raise InputError(
                "the passphrase is wrong, or the key is damaged", where=source, code="key_passphrase"
            ) from None
        raise _unreadable(source, "the private key is damaged") from None


def parse_public(raw: bytes, source: str) -> PublicKeyTypes:
    """The public key in ``raw``.

    Raises:
        InputError: See :func:`weightgate.signing.keys.load_public`.
    """
    labels = _labels(raw, source)
    if labels != ["PUBLIC KEY"]:
        raise _instead(labels, source, "one public key")
    from weightgate.signing.ed25519 import plain_public

    plain = plain_public(raw)
    if plain is not None:
        return plain
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        return load_pem_public_key(raw)
    except UnsupportedAlgorithm:
        raise InputError("a kind of key that is not supported", where=source, code="key_type") from None
    except (ValueError, TypeError):
        raise _unreadable(source, "the public key is damaged") from None


def private_pem(key: PrivateKeyTypes, passphrase: bytes | None) -> bytes:
    """A private key as PKCS #8 PEM, encrypted when there is a passphrase.

    Raises:
        InputError: The passphrase is empty or too long (code ``key_passphrase``).
    """
    from cryptography.hazmat.primitives import serialization as s

    if passphrase is not None and not 1 <= len(passphrase) <= MAX_PASSPHRASE_BYTES:
        raise InputError(
            f"a passphrase of {len(passphrase)} bytes; needed 1 to {MAX_PASSPHRASE_BYTES}",
            code="key_passphrase",
        )
    encryption = s.NoEncryption() if passphrase is None else s.BestAvailableEncryption(passphrase)
    return key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, encryption)


def public_pem(key: PublicKeyTypes) -> bytes:
    """A public key as SubjectPublicKeyInfo PEM."""
    from cryptography.hazmat.primitives import serialization as s

    return key.public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)


def public_der(key: PublicKeyTypes) -> bytes:
    """A public key as SubjectPublicKeyInfo DER."""
    from weightgate.signing import ed25519

    if ed25519.is_public(key):
        return ed25519.public_der(key)
    from cryptography.hazmat.primitives import serialization as s

    return key.public_bytes(s.Encoding.DER, s.PublicFormat.SubjectPublicKeyInfo)


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that must not be there yet; on failure nothing stays behind.

    Raises:
        InputError: It is there already (``key_exists``), or cannot be written (``unwritable``).
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except FileExistsError:
        raise InputError(
            "is there already, and a key is never overwritten",
            where=str(path),
            hint="choose another name, or move the old key away",
            code="key_exists",
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritable(path, error) from None


def _labels(raw: bytes, source: str) -> list[str]:
    labels = [label.decode("ascii") for label in _LABEL.findall(raw)]
    if not labels:
        raise _unreadable(source, "not a PEM file", "a key starts with -----BEGIN")
    return labels


def _instead(labels: list[str], source: str, needed: str) -> InputError:
    found = ", ".join(label.lower() for label in labels[:4])
    hint = "convert it with: ssh-keygen -p -m PKCS8" if "OPENSSH PRIVATE KEY" in labels else ""
    if not hint and "public" in needed and any("PRIVATE KEY" in label for label in labels):
        hint = "give the file with its public half, which ends in .pub; weightgate keys show prints it"
    return _unreadable(source, f"holds {found}; needed {needed}", hint)


def _unreadable(source: str, message: str, hint: str = "") -> InputError:
    return InputError(message, where=source, hint=hint, code="key_unreadable")


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot write: {error.strerror or error}", where=str(path), code="unwritable")
