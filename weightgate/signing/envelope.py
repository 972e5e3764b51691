"""DSSE v1 envelopes (secure-systems-lab/dsse, protocol 1.0.2), one JSON object on one line.

This is a narrower profile than DSSE allows, so that no byte of an envelope can change unnoticed: base64 is standard,
padded and canonical; there is no field besides ``payload``, ``payloadType``, ``signatures``, ``keyid`` and ``sig``; and
a ``keyid`` that is there must be that of the key. As DSSE demands, a keyid only narrows which of the *given* keys are
tried: nothing in an envelope is ever trusted as a key. ``securesystemslib.dsse`` is not used for reading, because it
skips characters that are not base64, keeps one signature per keyid and does not take raw r||s; the tests hold the two
to each other.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Sequence
from typing import Any

from weightgate.errors import InputError, SignatureError
from weightgate.files.json import parse_json
from weightgate.records import record
from weightgate.signing.keys import PublicKey, Signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"

MAX_ENVELOPE_BYTES = 32 * 1024 * 1024
MAX_SIGNATURES = 32
MAX_SIGNATURE_BYTES = 2048
"""As long as the signature of the largest RSA key."""

MAX_KEYID_LENGTH = 256

_ENVELOPE_FIELDS = frozenset(("payload", "payloadType", "signatures"))
_START = b'{"payload":"'
_SIGNATURE_FIELDS = frozenset(("keyid", "sig"))


@record
class Signature:
    """One signature of an envelope.

    Attributes:
        keyid: Identifier of the key, as the envelope states it; empty when it does not.
        sig: The signature's bytes.
    """

    keyid: str
    sig: bytes


@record
class Envelope:
    """An envelope as it was read: nothing in it is to be believed before :func:`signers_of`."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: the bytes that are signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, *signers: Signer) -> bytes:
    """Sign an in-toto statement, with one key or several.

    Returns:
        The envelope as one line of JSON, newline included.

    Raises:
        InputError: The envelope would be larger than :data:`MAX_ENVELOPE_BYTES`, or have no signature, or more than
            :data:`MAX_SIGNATURES`.
    """
    if not 1 <= len(signers) <= MAX_SIGNATURES:
        raise InputError(
            f"{len(signers)} keys to sign with; needed 1 to {MAX_SIGNATURES}", where="--key", code="signers"
        )
    signed = pae(PAYLOAD_TYPE, payload)
    envelope = {
        "payload": encode_base64(payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": each.keyid, "sig": encode_base64(each.sign(signed))} for each in signers],
    }
    line = json.dumps(envelope, separators=(",", ":")).encode() + b"\n"
    if len(line) > MAX_ENVELOPE_BYTES:
        raise InputError(
            f"an attestation of {len(line)} bytes; at most {MAX_ENVELOPE_BYTES} can be verified",
            code="too_large",
        )
    return line


def read_envelope(raw: bytes, source: str) -> Envelope:
    """Read an envelope without believing it.

    Raises:
        InputError: No envelope at all: not JSON, or without an envelope's fields (code ``no_attestation``), or too
            large (exit 4).
        SignatureError: An envelope that is malformed or ambiguous (code ``envelope``, exit 6).
    """
    return as_written(raw, source) or envelope_of(_fields(raw, source), source)


def payload_end(raw: bytes) -> int:
    """Where the payload ends in an envelope as :func:`seal` writes it, payload first; 0 in anything else."""
    return max(raw.find(b'"', len(_START)), 0) if raw.startswith(_START) else 0


def as_written(raw: bytes, source: str) -> Envelope | None:
    """An envelope whose payload comes first, as :func:`seal` writes it, which is most of it and is no longer parsed.

    The payload has no character but those of base64, so what is around it is the same JSON with and without it.

    Returns:
        Nothing when it is spelled otherwise, or refused for what the whole must be looked at to say.

    Raises:
        SignatureError: It is malformed (code ``envelope``).
    """
    end = payload_end(raw)
    payload = canonical_base64(raw[len(_START) : end]) if 0 < end < MAX_ENVELOPE_BYTES else None
    if payload is None or len(raw) > MAX_ENVELOPE_BYTES:
        return None
    try:
        fields = parse_json(_START + raw[end:], source)
    except InputError:
        return None
    return _envelope(fields, payload, source) if set(fields) == _ENVELOPE_FIELDS else None


def envelope_of(fields: dict[str, Any], source: str) -> Envelope:
    """An envelope out of JSON that was parsed without duplicate keys, and has an envelope's fields.

    Raises:
        SignatureError: It is malformed (code ``envelope``).
    """
    return _envelope(fields, None, source)


def _envelope(fields: dict[str, Any], payload: bytes | None, source: str) -> Envelope:
    if len(fields) > len(_ENVELOPE_FIELDS):
        extra = sorted(set(fields) - _ENVELOPE_FIELDS)
        raise malformed(source, f"field {extra[0][:40]!r}, which nobody signed")
    kind, signatures = fields["payloadType"], fields["signatures"]
    if kind != PAYLOAD_TYPE:
        raise malformed(source, f"payloadType {_short(kind)}, needed {PAYLOAD_TYPE!r}")
    if not isinstance(signatures, list) or not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise malformed(source, f"needed a list of 1 to {MAX_SIGNATURES} signatures")
    if payload is None:
        payload = decode_base64(fields["payload"], source, "payload")
    return Envelope(payload, kind, tuple(_signature(s, i, source) for i, s in enumerate(signatures)))


def signers_of(envelope: Envelope, keys: Sequence[PublicKey]) -> tuple[PublicKey, ...]:
    """Which of the given keys signed the envelope, each once, in the order of the signatures."""
    signed = pae(envelope.payload_type, envelope.payload)
    found = {
        key.keyid: key
        for signature in envelope.signatures
        for key in keys
        if signature.keyid in ("", key.keyid) and key.verify(signature.sig, signed)
    }
    return tuple(found.values())


def _fields(raw: bytes, source: str) -> dict[str, Any]:
    fields = parse_signed(raw, source, is_envelope, max_bytes=MAX_ENVELOPE_BYTES)
    if not is_envelope(fields):
        raise InputError(
            "no attestation: needed a JSON object with payload, payloadType and signatures",
            where=source,
            hint="attestations are written by: weightgate attest, or weightgate check --attest",
            code="no_attestation",
        )
    return dict(fields)


def parse_signed(raw: bytes, source: str, is_meant: Callable[[Any], bool], *, max_bytes: int) -> Any:
    """Parse the JSON of something signed; what a reader less strict than ours would take for it is malformed, not absent.

    Args:
        raw: The bytes.
        source: Their name, for messages.
        is_meant: Whether parsed JSON is of the form that is read.
        max_bytes: Refuse anything longer.

    Raises:
        InputError: It is no JSON, or too large (exit 4).
        SignatureError: It is of that form, and ambiguous (code ``envelope``, exit 6).
    """
    try:
        return parse_json(raw, source, max_bytes=max_bytes)
    except InputError as error:
        if error.code == "json" and is_meant(_loosely(raw)):
            raise malformed(source, error.message) from None
        raise


def _loosely(raw: bytes) -> Any:
    """What a reader less strict than ours would see."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def is_envelope(document: Any) -> bool:
    """Whether parsed JSON has an envelope's fields."""
    return isinstance(document, dict) and set(document) >= _ENVELOPE_FIELDS


def _signature(entry: Any, index: int, source: str) -> Signature:
    place = f"signatures[{index}]"
    if not isinstance(entry, dict) or "sig" not in entry or not set(entry) <= _SIGNATURE_FIELDS:
        raise malformed(source, f"{place}: needed an object with sig and, at most, keyid")
    keyid = entry.get("keyid") or ""
    if not isinstance(keyid, str) or len(keyid) > MAX_KEYID_LENGTH:
        raise malformed(source, f"{place}: keyid is no text of at most {MAX_KEYID_LENGTH} characters")
    sig = decode_base64(entry["sig"], source, f"{place}.sig")
    if not 1 <= len(sig) <= MAX_SIGNATURE_BYTES:
        raise malformed(source, f"{place}: a signature of {len(sig)} bytes")
    return Signature(keyid, sig)


def encode_base64(raw: bytes) -> str:
    """Base64 in its one canonical spelling."""
    return b2a_base64(raw, newline=False).decode("ascii")


def decode_base64(text: Any, source: str, place: str) -> bytes:
    """Decode base64 in its one canonical spelling: standard alphabet, padded, unused bits zero.

    Raises:
        SignatureError: It is spelled otherwise, or no text (code ``envelope``).
    """
    raw = canonical_base64(text) if isinstance(text, str) else None
    if raw is not None:
        return raw
    raise malformed(source, f"{place} is not standard, padded base64")


def canonical_base64(text: str | bytes) -> bytes | None:
    """Decode base64; nothing when it is not in its one canonical spelling.

    ``n`` bytes take at least ``8n/6`` characters of base64. A text of canonical length whose last four characters are
    canonical has no room for one that is none, so that only these four are encoded again to be compared.
    """
    try:
        raw = a2b_base64(text)
    except ValueError:
        return None
    last = b2a_base64(raw[-(len(raw) % 3 or 3) :], newline=False)
    end = text[-4:]
    same = (end.encode() if isinstance(end, str) else end) == last
    return raw if same and len(text) == (len(raw) + 2) // 3 * 4 else None


def _short(value: Any) -> str:
    return repr(value)[:80]


def malformed(source: str, problem: str) -> SignatureError:
    """The error for an envelope that is one, and is refused."""
    return SignatureError(f"malformed envelope: {problem}", where=source, code="envelope")
