"""Sigstore bundles v0.3: one DSSE envelope with one signature, and what a verifier may want beside it.

Source: sigstore/protobuf-specs, sigstore_bundle.proto and sigstore_common.proto, in protobuf's JSON form. The envelope
inside is the one that :mod:`weightgate.signing.envelope` reads and writes, and the reader is as strict: no field that
the specification does not name, no key twice, one spelling of base64, everything bounded. What a bundle says of the
key is a hint, which narrows the verifier's own keys; certificates have to lead to a root that the verifier gives;
timestamps and log entries are evidence for those who trust who made them, and nothing to anybody else.
"""

from __future__ import annotations

import json
from typing import Any

from weightgate.errors import InputError
from weightgate.records import record
from weightgate.signing.envelope import (
    MAX_ENVELOPE_BYTES,
    Envelope,
    decode_base64,
    encode_base64,
    envelope_of,
    is_envelope,
    malformed,
)

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MEDIA_TYPES = (MEDIA_TYPE, "application/vnd.dev.sigstore.bundle+json;version=0.3")
"""The two spellings of version 0.3; the first is written."""

MAX_BUNDLE_BYTES = MAX_ENVELOPE_BYTES + 4 * 1024 * 1024
MAX_CERTIFICATES = 10
MAX_CERTIFICATE_BYTES = 64 * 1024
MAX_TIMESTAMPS = 8
MAX_TIMESTAMP_BYTES = 64 * 1024
MAX_LOG_ENTRIES = 32
MAX_HINT_LENGTH = 256

_BUNDLE_FIELDS = frozenset(("mediaType", "verificationMaterial", "dsseEnvelope"))
_METHODS = ("publicKey", "certificate", "x509CertificateChain")
_MATERIAL_FIELDS = frozenset((*_METHODS, "tlogEntries", "timestampVerificationData"))
_LOG_FIELDS = frozenset(
    (
        "logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof",
        "canonicalizedBody",
    )
)  # fmt: skip


@record
class Material:
    """What a bundle holds beside its envelope: none of it is to be believed as it stands.

    Attributes:
        hint: What it says of the key; empty when nothing, or when it has certificates.
        certificates: DER, the signer's first; empty when it names a key.
        timestamps: RFC 3161 timestamp responses, DER.
        log_entries: Entries of transparency logs, in protobuf's JSON form.
    """

    hint: str = ""
    certificates: tuple[bytes, ...] = ()
    timestamps: tuple[bytes, ...] = ()
    log_entries: tuple[dict[str, Any], ...] = ()


def write_bundle(sealed: bytes, material: Material) -> bytes:
    """Put an envelope into a bundle.

    Args:
        sealed: A DSSE envelope with one signature, as :func:`weightgate.signing.envelope.seal` writes it.
        material: What goes beside it.

    Returns:
        The bundle as one line of JSON, newline included.

    Raises:
        InputError: The envelope has more than one signature (code ``signers``).
    """
    envelope = json.loads(sealed)
    if len(envelope["signatures"]) != 1:
        raise InputError(
            f"{len(envelope['signatures'])} keys to sign a bundle with; it holds one signature",
            where="--key", hint="leave --bundle out: a plain envelope holds several", code="signers",
        )  # fmt: skip
    held: dict[str, Any] = _method(material)
    held["tlogEntries"] = list(material.log_entries)
    if material.timestamps:
        stamps = [{"signedTimestamp": encode_base64(stamp)} for stamp in material.timestamps]
        held["timestampVerificationData"] = {"rfc3161Timestamps": stamps}
    bundle = {"mediaType": MEDIA_TYPE, "verificationMaterial": held, "dsseEnvelope": envelope}
    return json.dumps(bundle, separators=(",", ":")).encode() + b"\n"


def is_bundle(document: Any) -> bool:
    """Whether parsed JSON is meant as a bundle."""
    return isinstance(document, dict) and "mediaType" in document and "verificationMaterial" in document


def bundle_of(document: dict[str, Any], source: str) -> tuple[Envelope, Material]:
    """The envelope and the material of a bundle that was parsed without duplicate keys.

    Raises:
        SignatureError: It is malformed, of another version, or signs something else than an envelope (code
            ``envelope``).
    """
    kind = document["mediaType"]
    if kind not in MEDIA_TYPES:
        raise malformed(source, f"mediaType {repr(kind)[:80]}, needed {MEDIA_TYPE!r}")
    _only(document, _BUNDLE_FIELDS, source, "the bundle")
    inner = document.get("dsseEnvelope")
    if not is_envelope(inner):
        raise malformed(source, "dsseEnvelope: needed payload, payloadType and signatures")
    envelope = envelope_of(dict(inner or {}), source)
    if len(envelope.signatures) != 1:
        raise malformed(source, f"{len(envelope.signatures)} signatures in a bundle, needed one")
    return envelope, _material(document["verificationMaterial"], source)


def _method(material: Material) -> dict[str, Any]:
    chain = [{"rawBytes": encode_base64(der)} for der in material.certificates]
    if len(chain) == 1:
        return {"certificate": chain[0]}
    return (
        {"x509CertificateChain": {"certificates": chain}} if chain else {"publicKey": {"hint": material.hint}}
    )


def _material(held: Any, source: str) -> Material:
    _only(held, _MATERIAL_FIELDS, source, "verificationMaterial")
    methods = [name for name in _METHODS if name in held]
    if len(methods) != 1:
        raise malformed(source, f"verificationMaterial: needed one of {', '.join(_METHODS)}")
    hint = ""
    certificates: tuple[bytes, ...] = ()
    if methods == ["publicKey"]:
        hint = _hint(held["publicKey"], source)
    else:
        certificates = _certificates(held, source)
    entries = _list(held.get("tlogEntries"), MAX_LOG_ENTRIES, source, "tlogEntries")
    for index, entry in enumerate(entries):
        _only(entry, _LOG_FIELDS, source, f"tlogEntries[{index}]")
    return Material(hint, certificates, _timestamps(held, source), tuple(entries))


def _hint(held: Any, source: str) -> str:
    # A key itself (rawBytes, in bundles before version 0.3) is refused like any other unknown field.
    _only(held, frozenset(("hint",)), source, "publicKey")
    hint = held.get("hint", "")
    if not isinstance(hint, str) or len(hint) > MAX_HINT_LENGTH:
        raise malformed(source, f"publicKey.hint is no text of at most {MAX_HINT_LENGTH} characters")
    return hint


def _certificates(held: dict[str, Any], source: str) -> tuple[bytes, ...]:
    chain = held.get("x509CertificateChain")
    if chain is None:
        entries = [held["certificate"]]
    else:
        _only(chain, frozenset(("certificates",)), source, "x509CertificateChain")
        entries = _list(chain.get("certificates"), MAX_CERTIFICATES, source, "certificates")
    if not entries:
        raise malformed(source, "certificates: needed at least one")
    return tuple(
        _blob(entry, "rawBytes", MAX_CERTIFICATE_BYTES, source, f"certificates[{index}]")
        for index, entry in enumerate(entries)
    )


def _timestamps(held: dict[str, Any], source: str) -> tuple[bytes, ...]:
    data = held.get("timestampVerificationData", {})
    _only(data, frozenset(("rfc3161Timestamps",)), source, "timestampVerificationData")
    entries = _list(data.get("rfc3161Timestamps"), MAX_TIMESTAMPS, source, "rfc3161Timestamps")
    return tuple(
        _blob(entry, "signedTimestamp", MAX_TIMESTAMP_BYTES, source, f"rfc3161Timestamps[{index}]")
        for index, entry in enumerate(entries)
    )


def _blob(entry: Any, name: str, limit: int, source: str, place: str) -> bytes:
    _only(entry, frozenset((name,)), source, place)
    raw = decode_base64(entry.get(name), source, f"{place}.{name}")
    if not 1 <= len(raw) <= limit:
        raise malformed(source, f"{place}.{name}: {len(raw)} bytes, needed 1 to {limit}")
    return raw


def _list(value: Any, limit: int, source: str, place: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > limit:
        raise malformed(source, f"{place}: needed a list of at most {limit}")
    return value


def _only(value: Any, fields: frozenset[str], source: str, place: str) -> None:
    if not isinstance(value, dict):
        raise malformed(source, f"{place}: needed an object")
    extra = sorted(set(value) - fields)
    if extra:
        raise malformed(source, f"{place}: field {extra[0][:40]!r}, which nobody signed")
