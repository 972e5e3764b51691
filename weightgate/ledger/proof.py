"""Proofs that an entry is in a log, to be verified without the log (c2sp.org/tlog-proof)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from weightgate.errors import SignatureError
from weightgate.ledger.checkpoint import Checkpoint, open_checkpoint, read_decimal
from weightgate.ledger.note import MAX_NOTE_BYTES, VerifierKey
from weightgate.records import record
from weightgate.signing.merkle import HASH_BYTES, MAX_PROOF, root_from_inclusion

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 100_000


@record
class LogProof:
    """A proof as it was read: nothing in it is to be believed before :func:`check_proof`.

    Attributes:
        index: The entry's index.
        path: The inclusion proof, from the leaf's sibling upwards.
        checkpoint: The signed checkpoint, whole.
        extra: Data that nobody signed; never to be trusted.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None


@record
class Proven:
    """What a proof that holds establishes.

    Attributes:
        index: The entry's index.
        checkpoint: The checkpoint it is under.
        key: The log's key.
    """

    index: int
    checkpoint: Checkpoint
    key: VerifierKey


def write_proof(proof: LogProof) -> str:
    """A proof as text."""
    lines = [FIRST_LINE]
    if proof.extra is not None:
        lines.append(f"extra {_encode(proof.extra)}")
    lines += [f"index {proof.index}", *map(_encode, proof.path), ""]
    return "\n".join(lines) + "\n" + proof.checkpoint


def read_proof(raw: bytes | str, source: str) -> LogProof:
    """Read a proof without believing it.

    Raises:
        SignatureError: It is none (code ``log_proof``).
    """
    if len(raw) > MAX_PROOF_BYTES:
        raise _malformed(source, f"larger than {MAX_PROOF_BYTES} bytes")
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
    except UnicodeDecodeError:
        raise _malformed(source, "not UTF-8") from None
    head, split, checkpoint = text.partition("\n\n")
    first, *lines = head.split("\n")
    if first != FIRST_LINE or not split:
        raise _malformed(source, f"needed {FIRST_LINE!r}, an index, hashes, an empty line and a checkpoint")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = _decode(lines.pop(0).removeprefix("extra "), source)
    index = read_decimal(lines.pop(0).removeprefix("index ")) if lines and lines[0][:6] == "index " else None
    if index is None:
        raise _malformed(source, "no line with the index")
    if len(lines) > MAX_PROOF:
        raise _malformed(source, f"{len(lines)} hashes; at most {MAX_PROOF}")
    path = tuple(_decode(line, source) for line in lines)
    if any(len(each) != HASH_BYTES for each in path):
        raise _malformed(source, "a line that is no SHA-256 hash")
    return LogProof(index, path, checkpoint, extra)


def check_proof(leaf: bytes, proof: LogProof, keys: Sequence[VerifierKey], source: str) -> Proven:
    """Hold an entry against a proof, and the proof against the keys of logs.

    Args:
        leaf: The entry's leaf hash.
        proof: The proof.
        keys: Keys of the logs that are accepted.
        source: Name of the proof, for messages.

    Raises:
        SignatureError: The checkpoint is malformed (code ``note`` or ``checkpoint``), of another log (``unknown_log``),
            or not signed as it says (``note_signature``); or the entry is not in it (``log_proof``).
    """
    checkpoint, key = open_checkpoint(proof.checkpoint, keys, source)
    try:
        root = root_from_inclusion(leaf, proof.index, checkpoint.size, proof.path)
    except SignatureError as error:
        raise SignatureError(error.message, where=source, code="log_proof") from None
    if root != checkpoint.root:
        raise SignatureError(
            f"entry {proof.index} of log {checkpoint.origin} is another, or the proof was changed",
            where=source,
            code="log_proof",
        )
    return Proven(proof.index, checkpoint, key)


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decode(text: str, source: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = None
    if raw is None or _encode(raw) != text:
        raise _malformed(source, f"{text[:60]!r} is not standard, padded base64")
    return raw


def _malformed(source: str, problem: str) -> SignatureError:
    return SignatureError(f"malformed proof: {problem}", where=source, code="log_proof")
