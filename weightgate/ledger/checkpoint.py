"""Checkpoints: a log's size and root, signed as a note (c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from weightgate.errors import SignatureError
from weightgate.ledger.note import Note, NoteSigner, VerifierKey, note_signers, read_note, sign_note
from weightgate.records import record
from weightgate.signing.merkle import EMPTY_ROOT, HASH_BYTES

DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
"""A size or an index: decimal, no leading zeros, and below 10**19."""

MAX_SIZE = 2**63 - 1


@record
class Checkpoint:
    """What a log says of itself at one size.

    Attributes:
        origin: The log's name.
        size: Number of entries.
        root: Root hash over them.
        extensions: Further lines, which mean nothing here.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note's text."""
        root = base64.b64encode(self.root).decode("ascii")
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> str:
    """A checkpoint as a signed note."""
    return sign_note(checkpoint.text, signer)


def parse_checkpoint(note: Note, source: str) -> Checkpoint:
    """What a note says, as a checkpoint; nothing in it is to be believed before its signature.

    Raises:
        SignatureError: It is none (code ``checkpoint``).
    """
    origin, *rest = note.text.removesuffix("\n").split("\n")
    if len(rest) < 2 or not origin or not all(rest):
        raise _malformed(source, "needed lines with origin, size and root hash, none of them empty")
    size = read_decimal(rest[0])
    if size is None:
        raise _malformed(source, f"{rest[0][:40]!r} is no size")
    try:
        root = base64.b64decode(rest[1], validate=True)
    except ValueError:
        root = b""
    if len(root) != HASH_BYTES or base64.b64encode(root).decode("ascii") != rest[1]:
        raise _malformed(source, f"{rest[1][:80]!r} is no SHA-256 hash in base64")
    if size == 0 and root != EMPTY_ROOT:
        raise _malformed(source, "the root of no entries is another")
    return Checkpoint(origin, size, root, tuple(rest[2:]))


def open_checkpoint(
    raw: bytes | str, keys: Sequence[VerifierKey], source: str
) -> tuple[Checkpoint, VerifierKey]:
    """Read a checkpoint that one of the given keys, of the log that the checkpoint names, must have signed.

    Returns:
        The checkpoint, and the key that signed it.

    Raises:
        SignatureError: It is none (code ``note`` or ``checkpoint``), no given key is that of the log it names (code
            ``unknown_log``), or the signature does not hold (code ``note_signature``).
    """
    note = read_note(raw, source)
    checkpoint = parse_checkpoint(note, source)
    # The key of one log must not speak for another: the key's name is the log's.
    signers = note_signers(note, [key for key in keys if key.name == checkpoint.origin], source)
    if not signers:
        names = ", ".join(sorted(str(key) for key in keys))
        raise SignatureError(
            f"it names log {checkpoint.origin[:100]!r}, and is signed by no key that was given: {names or 'none was'}",
            where=source,
            code="unknown_log",
        )
    return checkpoint, signers[0]


def read_decimal(text: str) -> int | None:
    """A size or an index in its one spelling; nothing when it is none, or too large."""
    number = int(text) if DECIMAL.fullmatch(text) else -1
    return number if 0 <= number <= MAX_SIZE else None


def _malformed(source: str, problem: str) -> SignatureError:
    return SignatureError(f"malformed checkpoint: {problem}", where=source, code="checkpoint")
