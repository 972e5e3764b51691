"""Signed notes: text with signatures under it (c2sp.org/signed-note), Ed25519 only.

A note is a text that ends in a newline, an empty line, and one line for each signature: an em dash, the key's name, and
base64 of the key's identifier (4 bytes) and the signature. A verifier key is written ``name+identifier+base64``.

This reader is narrower than the specification in one thing: base64 is canonical, so that each signature has one
spelling. As the specification demands, signatures of unknown keys are passed over; a false one of a known key is an
error, whatever else is there.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from weightgate.errors import InputError, SignatureError
from weightgate.records import record
from weightgate.signing.keys import ED25519, PublicKey

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
MAX_NAME_LENGTH = 256

_ED25519_TYPE = b"\x01"
_SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410, section 4)."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE_START = "\u2014 "


@record
class VerifierKey:
    """A key that notes are verified with.

    Attributes:
        name: Its name, mostly a URL without scheme; part of its identity.
        key: The Ed25519 public key, 32 bytes.
    """

    name: str
    key: bytes

    @property
    def identifier(self) -> bytes:
        """The four bytes that stand before each of its signatures."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519_TYPE + self.key).digest()[:4]

    def __str__(self) -> str:
        """The key as text, to be handed to others."""
        return f"{self.name}+{self.identifier.hex()}+{_encode(_ED25519_TYPE + self.key)}"

    def verify(self, signature: bytes, text: str) -> bool:
        """Whether ``signature`` is this key's over ``text``."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class NoteKey(Protocol):
    """What a note is signed with: a private key, wherever it lies."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, data: bytes) -> bytes:
        """Signature over ``data``."""


@record
class NoteSigner:
    """A key that notes are signed with, under a name.

    Attributes:
        key: The private key.
        verifier: What its notes are verified with.
    """

    key: NoteKey
    verifier: VerifierKey

    def line(self, text: str) -> str:
        """The signature line for a note's text."""
        signature = self.verifier.identifier + self.key.sign(text.encode())
        return f"{_LINE_START}{self.verifier.name} {_encode(signature)}\n"


@record
class NoteSignature:
    """One signature line, not verified.

    Attributes:
        name: Of the key, as the line states it.
        identifier: Of the key, 4 bytes.
        signature: The signature's own bytes.
    """

    name: str
    identifier: bytes
    signature: bytes


@record
class Note:
    """A note as it was read: nothing in it is to be believed before :func:`note_signers`.

    Attributes:
        text: What is signed, with its final newline.
        signatures: The lines under it, in order.
        raw: The whole note.
    """

    text: str
    signatures: tuple[NoteSignature, ...]
    raw: str


def note_signer(name: str, key: NoteKey) -> NoteSigner:
    """A signer of notes.

    Raises:
        InputError: The name is none (code ``key_name``), or the key is not Ed25519 (code ``key_type``).
    """
    return NoteSigner(key, verifier_key(name, key.public))


def verifier_key(name: str, key: PublicKey) -> VerifierKey:
    """The verifier key for a public key under a name.

    Raises:
        InputError: The name is none (code ``key_name``), or the key is not Ed25519 (code ``key_type``).
    """
    if not is_name(name):
        raise InputError(
            f"{name[:60]!r} is no name of a log",
            hint=f"1 to {MAX_NAME_LENGTH} characters without spaces and plus signs, such as example.com/decisions",
            code="key_name",
        )
    body = b"".join(line for line in key.pem().splitlines() if not line.startswith(b"-----"))
    der = base64.b64decode(body)
    if key.algorithm != ED25519 or not der.startswith(_SPKI_PREFIX):
        raise InputError(
            f"a key of type {key.algorithm}; notes are signed by Ed25519 keys only",
            where=key.source,
            hint="make one with: weightgate keys generate",
            code="key_type",
        )
    return VerifierKey(name, der[len(_SPKI_PREFIX) :])


def read_verifier_key(text: str, source: str) -> VerifierKey:
    """Read a verifier key, ``name+identifier+base64``.

    Args:
        text: The key; white space around it is left away.
        source: Where it stands, for messages.

    Raises:
        InputError: It is none, is of another type, or its identifier is not its own (code ``log_key``).
    """
    name, _, rest = text.strip().partition("+")
    identifier, _, encoded = rest.partition("+")
    raw = _decode(encoded) or b""
    if not is_name(name) or not re.fullmatch(r"[0-9a-f]{8}", identifier) or not raw:
        raise _no_key(source, "needed NAME+IDENTIFIER+BASE64 on one line")
    if raw[:1] != _ED25519_TYPE or len(raw) != 33:
        raise _no_key(source, f"a key of signature type {raw[0]:#04x}, {len(raw) - 1} bytes; needed Ed25519")
    key = VerifierKey(name, raw[1:])
    if key.identifier.hex() != identifier:
        raise _no_key(source, f"identifier {identifier}, but name and key make {key.identifier.hex()}")
    return key


def is_name(text: str) -> bool:
    """Whether a text can be a key's name: not empty, no spaces, no plus sign, no control characters."""
    fits = 1 <= len(text) <= MAX_NAME_LENGTH and "+" not in text and not _CONTROL.search(text)
    return fits and not any(c.isspace() or "\ud800" <= c <= "\udfff" for c in text)


def sign_note(text: str, *signers: NoteSigner) -> str:
    """Sign a text that ends in a newline.

    Raises:
        InputError: It cannot be a note's text (code ``note_text``).
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise InputError(
            "a note's text ends in a newline, and holds no other control character", code="note_text"
        )
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def read_note(raw: bytes | str, source: str) -> Note:
    """Read a note without believing it.

    Raises:
        SignatureError: It is none, or not well formed (code ``note``).
    """
    if len(raw) > MAX_NOTE_BYTES:
        raise _malformed(source, f"larger than {MAX_NOTE_BYTES} bytes")
    try:
        whole = raw.decode() if isinstance(raw, bytes) else raw
        whole.encode()
    except UnicodeError:
        raise _malformed(source, "not UTF-8") from None
    if _CONTROL.search(whole):
        raise _malformed(source, "a control character")
    text, split, rest = whole.rpartition("\n\n")
    if not split:
        raise _malformed(source, "no empty line between text and signatures")
    lines = rest.split("\n")
    if lines.pop() or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise _malformed(
            source, f"needed 1 to {MAX_SIGNATURES} lines of signatures, each ending in a newline"
        )
    return Note(text + "\n", tuple(_signature(line, source) for line in lines), whole)


def note_signers(note: Note, keys: Iterable[VerifierKey], source: str) -> tuple[VerifierKey, ...]:
    """Which of the given keys signed a note, each once, in the order of the signatures.

    Raises:
        SignatureError: A signature that names one of them is not its own (code ``note_signature``).
    """
    known = {(key.name, key.identifier): key for key in keys}
    found: dict[VerifierKey, None] = {}
    for each in note.signatures:
        key = known.get((each.name, each.identifier))
        if key is None:
            continue
        if not key.verify(each.signature, note.text):
            raise SignatureError(
                f"the signature of {key.name} does not hold", where=source, code="note_signature"
            )
        found[key] = None
    return tuple(found)


def open_note(raw: bytes | str, keys: Sequence[VerifierKey], source: str) -> Note:
    """Read a note that one of the given keys must have signed.

    Raises:
        SignatureError: It is none (code ``note``), or no given key signed it, or one signed something else (code
            ``note_signature``).
    """
    note = read_note(raw, source)
    if not note_signers(note, keys, source):
        needed = ", ".join(str(key) for key in keys) or "no key was given"
        by = ", ".join(sorted({f"{each.name}+{each.identifier.hex()}" for each in note.signatures[:4]}))
        raise SignatureError(f"signed by {by}; needed {needed}", where=source, code="note_signature")
    return note


def _signature(line: str, source: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_LINE_START).partition(" ")
    raw = _decode(encoded) or b""
    if not line.startswith(_LINE_START) or not is_name(name) or len(raw) < 5:
        raise _malformed(source, f"no signature line: {line[:80]!r}")
    return NoteSignature(name, raw[:4], raw[4:])


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decode(text: str) -> bytes | None:
    """Decode base64 in its one canonical spelling; nothing when it is another."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if _encode(raw) == text else None


def _malformed(source: str, problem: str) -> SignatureError:
    return SignatureError(f"malformed note: {problem}", where=source, code="note")


def _no_key(source: str, problem: str) -> InputError:
    return InputError(
        f"no verifier key of a log: {problem}",
        where=source,
        hint="weightgate ledger show prints a ledger's key",
        code="log_key",
    )
