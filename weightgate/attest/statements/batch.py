"""Many statements under one signature: a Merkle tree over them, whose root is signed, and a proof beside each.

A *member* is one line of JSON that verifies alone: a statement, its place in the tree, the proof, and the envelope of the
signed root. The leaf of a statement is DSSE's pre-authentication encoding of its payload type and bytes, so that a
statement under another payload type is another leaf; leaves and inner nodes are hashed apart (RFC 6962, section 2.1).
The signed root states the size, and a proof holds for one index of one size: a member can be no other member.
docs/attestation.md, Batches, is the specification.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, Generic, TypeVar

from weightgate.errors import InputError, SignatureError
from weightgate.files.json import parse_json
from weightgate.files.shapes import Shape, misfit
from weightgate.records import record
from weightgate.signing.checks import Check, State
from weightgate.signing.envelope import (
    MAX_ENVELOPE_BYTES,
    PAYLOAD_TYPE,
    canonical_base64,
    decode_base64,
    malformed,
    read_envelope,
    seal,
    signers_of,
)
from weightgate.signing.keys import PublicKey, Signer
from weightgate.signing.merkle import HASH_BYTES, MAX_PROOF, Tree, root_from_inclusion
from weightgate.signing.statement import Subject, compose_statement, parse_statement

BATCH_TYPE = "https://weightgate.dev/batch/v1"
BATCH_SUBJECT = "weightgate:batch"
MEMBER_MEDIA_TYPE = "application/vnd.weightgate.batch-member.v1+json"
TREE = "rfc6962-sha256"

MAX_MEMBERS = 2**20
"""Most statements under one root that are written; any size can be read."""

MAX_ROOT_BYTES = 512 * 1024
"""Longest root in a member, in base64: an envelope of as many signatures as there may be, or a bundle."""

MAX_ROOTS = 64
"""Roots that a reader keeps at a time."""

_MAX_SIZE = 2**53
_LEAF = b"\x00DSSEv1 %d %b " % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode()) + b"%d %b"
_PAYLOAD = b'"payload":"'
_MAX_HEAD = 8192
"""Within how many bytes a member's payload begins, as members are written: a proof is at most 3,500 of them."""

_FIELDS = {"mediaType", "index", "proof", "payloadType", "payload", "root"}
_PREDICATE: Shape = {"tree": TREE, "size": int}

S = TypeVar("S")


@record
class Unsealed(Generic[S]):
    """A member whose place in its batch has been proved.

    Attributes:
        payload: The statement's bytes.
        signers: Who signed the root.
        root: The root's envelope, as it came.
        check: What was proved, for a report.
    """

    payload: bytes
    signers: S
    root: bytes
    check: Check


@record
class _Root(Generic[S]):
    signers: S
    size: int
    digest: bytes
    sealed: bytes


def seal_batch(payloads: Sequence[bytes], *signers: Signer) -> Iterator[bytes]:
    """Sign many in-toto statements at once.

    Args:
        payloads: The statements, as bytes to sign.
        signers: The keys to sign the root with.

    Yields:
        A member for each, in order, as one line of JSON.

    Raises:
        InputError: There are none, or more than :data:`MAX_MEMBERS`, or a member would be too large to be verified.
    """
    if not 1 <= len(payloads) <= MAX_MEMBERS:
        raise InputError(
            f"a batch of {len(payloads)} statements; needed 1 to {MAX_MEMBERS}", code="too_large"
        )
    tree = Tree(map(leaf_of, payloads))
    statement = compose_statement(
        [Subject.of(BATCH_SUBJECT, tree.root().hex())], BATCH_TYPE, {"tree": TREE, "size": len(payloads)}
    )
    root = b64encode(seal(statement, *signers).rstrip(b"\n"))
    proofs = tree.inclusions()
    for index, (payload, proof) in enumerate(zip(payloads, proofs, strict=True)):
        line = member_line(index, proof, payload, root)
        if len(line) > MAX_ENVELOPE_BYTES:
            raise InputError(
                f"a member of {len(line)} bytes; at most {MAX_ENVELOPE_BYTES} can be verified",
                code="too_large",
            )
        yield line


def leaf_of(payload: bytes) -> bytes:
    """Hash of a statement's leaf: that of DSSE's encoding of its payload type and bytes, copied once."""
    return sha256(_LEAF % (len(payload), payload)).digest()


def member_line(index: int, proof: Sequence[bytes], payload: bytes, root: bytes) -> bytes:
    """One member as it is written.

    Args:
        index: Its place, from 0.
        proof: Hashes from its sibling upwards.
        payload: The statement.
        root: The root's envelope, in base64.
    """
    return b'{"mediaType":"%b","index":%d,"proof":"%b","payloadType":"%b","payload":"%b","root":"%b"}\n' % (
        MEMBER_MEDIA_TYPE.encode(),
        index,
        b64encode(b"".join(proof)),
        PAYLOAD_TYPE.encode(),
        b64encode(payload),
        root,
    )


class Batches(Generic[S]):
    """The batches that are met in one run: the signature of a root is verified once, for the very bytes it came in.

    Args:
        unseal: Gives the payload of a sealed root, and who signed it; takes its bytes and a name for messages. It raises
            SignatureError when nobody did whose word counts.
    """

    def __init__(self, unseal: Callable[[bytes, str], tuple[bytes, S]]) -> None:
        self._unseal = unseal
        self._roots: dict[str, _Root[S] | SignatureError] = {}

    def unseal(self, raw: bytes, source: str) -> Unsealed[S]:
        """Prove that a member is in a batch that somebody signed.

        Raises:
            InputError: It is no member at all (code ``no_attestation``, exit 4).
            SignatureError: The member is malformed or ambiguous (code ``envelope``), nobody signed its root (code
                ``signature``), that is no root of a batch (code ``batch``), or the proof does not lead to it (code
                ``batch``).
        """
        fields = _fields(raw, source)
        payload = _payload(fields, source)
        proof = decode_base64(fields["proof"], source, "proof")
        if len(proof) % HASH_BYTES or len(proof) > MAX_PROOF * HASH_BYTES:
            raise malformed(source, f"a proof of {len(proof)} bytes")
        hashes = [proof[i : i + HASH_BYTES] for i in range(0, len(proof), HASH_BYTES)]
        root, index = self._root(fields, source), fields["index"]
        try:
            found = root_from_inclusion(leaf_of(payload), index, root.size, hashes)
        except SignatureError as error:
            raise SignatureError(error.message, where=source, code="batch") from None
        if found != root.digest:
            detail = f"the proof of entry {index} of {root.size} leads to another root than the signed one"
            raise SignatureError(detail, where=source, code="batch")
        detail = f"entry {index} of {root.size} under root sha256:{found.hex()}"
        return Unsealed(payload, root.signers, root.sealed, Check("batch", State.ESTABLISHED, detail))

    def _root(self, fields: dict[str, Any], source: str) -> _Root[S]:
        text = fields["root"]
        if len(text) > MAX_ROOT_BYTES:
            raise malformed(source, f"a root of {len(text)} bytes; at most {MAX_ROOT_BYTES}")
        known = self._roots.get(text)
        if known is None:
            sealed = decode_base64(text, source, "root")
            try:
                known = _read_root(sealed, *self._unseal(sealed, f"{source}: root"), source)
            except SignatureError as error:
                known = error
            except InputError as error:
                known = malformed(source, f"root: {error.message}")
            if len(self._roots) >= MAX_ROOTS:
                del self._roots[next(iter(self._roots))]
            self._roots[text] = known
        if isinstance(known, SignatureError):
            raise SignatureError(known.message, where=source, code=known.code)
        return known


def unseal_by(keys: Sequence[PublicKey]) -> Callable[[bytes, str], tuple[bytes, tuple[PublicKey, ...]]]:
    """For :class:`Batches`: roots in plain envelopes, signed by at least one of some keys."""

    def unseal(raw: bytes, source: str) -> tuple[bytes, tuple[PublicKey, ...]]:
        envelope = read_envelope(raw, source)
        signers = signers_of(envelope, keys)
        if not signers:
            given = ", ".join(key.keyid[:16] for key in keys[:8])
            raise SignatureError(f"no signature of the batch's root by {given} holds", code="signature")
        return envelope.payload, signers

    return unseal


def peek_member(raw: bytes, source: str) -> bytes:
    """The statement in a member, of which nothing is proved.

    Raises:
        InputError: It is no member at all.
        SignatureError: It is malformed.
    """
    return _payload(_fields(raw, source), source)


def _read_root(sealed: bytes, payload: bytes, signers: S, source: str) -> _Root[S]:
    statement = parse_statement(payload, source)
    kind, predicate = statement.predicate_type, statement.predicate
    if kind != BATCH_TYPE:
        raise SignatureError(f"what was signed is {kind[:120]!r}, needed {BATCH_TYPE!r}", code="batch")
    subject = statement.only_subject()
    problem = misfit(predicate, _PREDICATE, "predicate")
    if not problem and not 1 <= predicate["size"] <= _MAX_SIZE:
        problem = f"predicate.size: {predicate['size']}"
    digest = _hex(subject.sha256)
    if not problem and len(digest) != HASH_BYTES:
        problem = f"statement.subject[0].digest.sha256: {subject.sha256[:80]!r} is no SHA-256"
    if problem:
        raise SignatureError(problem, code="batch")
    return _Root(signers, predicate["size"], digest, sealed)


def _payload(fields: dict[str, Any], source: str) -> bytes:
    payload = fields["payload"]
    return payload if isinstance(payload, bytes) else decode_base64(payload, source, "payload")


def _fields(raw: bytes, source: str) -> dict[str, Any]:
    """A member's fields; the payload is bytes when it is decoded already, and is not known to be right otherwise."""
    fields = _as_written(raw, source)
    return _whole(raw, source) if fields is None else fields


def _as_written(raw: bytes, source: str) -> dict[str, Any] | None:
    """The fields of a member whose payload has no character but base64's; it is most of the line, and is not parsed.

    What is around it is the same JSON with and without it.

    Returns:
        Nothing when it is spelled otherwise, or refused for what the whole must be looked at to say.
    """
    begin = raw.find(_PAYLOAD, 0, _MAX_HEAD) + len(_PAYLOAD)
    end = raw.find(b'"', begin)
    if not len(_PAYLOAD) <= begin <= end or len(raw) > MAX_ENVELOPE_BYTES:
        return None
    payload = canonical_base64(raw[begin:end])
    if payload is None:
        return None
    try:
        fields = _whole(raw[:begin] + raw[end:], source)
    except (InputError, SignatureError):
        return None
    # Nothing else has an inside, and this is empty: the place that was left out is here.
    flat = fields["payload"] == "" and isinstance(fields["proof"], str)
    return {**fields, "payload": payload} if flat else None


def _whole(raw: bytes, source: str) -> dict[str, Any]:
    try:
        fields = parse_json(raw, source, max_bytes=MAX_ENVELOPE_BYTES)
    except InputError as error:
        if error.code == "json":
            raise malformed(source, error.message) from None
        raise
    if not isinstance(fields, dict) or fields.get("mediaType") != MEMBER_MEDIA_TYPE:
        raise InputError(
            f"no attestation: needed a member of a batch, of mediaType {MEMBER_MEDIA_TYPE}",
            where=source,
            code="no_attestation",
        )
    if set(fields) != _FIELDS:
        odd = sorted(set(fields) ^ _FIELDS)
        raise malformed(source, f"field {odd[0][:40]!r} is missing, or nobody proved it")
    if fields["payloadType"] != PAYLOAD_TYPE:
        found = repr(fields["payloadType"])[:80]
        raise malformed(source, f"payloadType {found}, needed {PAYLOAD_TYPE!r}")
    if type(fields["index"]) is not int or not isinstance(fields["root"], str):
        raise malformed(source, "needed a whole number as index, and text as root")
    return fields


def _hex(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return b""
    return raw if raw.hex() == text else b""
