"""The file that holds a model signature: a Sigstore bundle with one DSSE signature by a key, a certificate or an identity.

Written as OMS version 1.0 has it. Read in every released form: a key's own bytes beside or instead of its hint, a ``keyid``
that is null, no list of log entries. Nothing in the file is trusted: a hint narrows the verifier's keys, certificates have
to lead to a root of the verifier's, and log entries count only for Sigstore's identities.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from weightgate.errors import InputError, SignatureError
from weightgate.records import record
from weightgate.signing.accepted import Accepted, SignedBy, hinted
from weightgate.signing.bundle import MAX_BUNDLE_BYTES, MEDIA_TYPE, Material, bundle_of, is_bundle
from weightgate.signing.envelope import (
    PAYLOAD_TYPE,
    Envelope,
    decode_base64,
    encode_base64,
    malformed,
    pae,
    parse_signed,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from weightgate.signing.keys import PublicKey, Signer

_KEY_FIELDS = ("rawBytes", "keyDetails")
"""What releases before 1.1.0 wrote of a key, beside or instead of its hint."""

MAX_DETAILS = 100


@record
class ModelSignature:
    """A signature file as it was read: nothing in it is to be believed before :func:`signer_of`.

    Attributes:
        envelope: The signed statement; its signature's ``keyid`` is left out, which means nothing in OMS.
        material: What stands beside it.
        key: The bytes that it says are the key's; empty when it does not.
        raw: The whole file.
    """

    envelope: Envelope
    material: Material
    key: bytes
    raw: bytes

    @property
    def sig(self) -> bytes:
        """The one signature."""
        return self.envelope.signatures[0].sig


@record
class Held:
    """A signature that holds.

    Attributes:
        by: Whose it is.
        how: That in words.
        old: Whether it is over the encoding of ``model_signing`` 0.2, which only that version's statements may have.
    """

    by: SignedBy
    how: str
    old: bool = False


def read_signature(raw: bytes, source: str) -> ModelSignature:
    """Read a signature file without believing it.

    Raises:
        InputError: It is no Sigstore bundle at all (code ``no_signature``, exit 4), or too large.
        SignatureError: It is one, and malformed or ambiguous (code ``envelope``, exit 6).
    """
    document = parse_signed(raw, source, is_bundle, max_bytes=MAX_BUNDLE_BYTES)
    if not is_bundle(document):
        raise InputError(
            "no model signature: needed a Sigstore bundle, with mediaType and verificationMaterial",
            where=source,
            hint="they are written by: weightgate model sign",
            code="no_signature",
        )
    key = _take_key(document["verificationMaterial"], source)
    envelope, material = bundle_of(document, source)
    if "certificate" in document["verificationMaterial"] and not material.log_entries:
        raise malformed(source, "tlogEntries: a keyless signature needs at least one")
    bare = tuple(type(each)("", each.sig) for each in envelope.signatures)
    return ModelSignature(Envelope(envelope.payload, envelope.payload_type, bare), material, key, raw)


def signer_of(signature: ModelSignature, accepted: Accepted, at: datetime) -> Held:
    """Who of those accepted signed.

    Args:
        signature: What :func:`read_signature` read.
        accepted: Whom the verifier accepts.
        at: When certificates have to be valid: the verifier's clock, with its offset.

    Raises:
        SignatureError: Nobody; why not, by each that was tried (code ``signature`` or ``certificate``).
    """
    problems: list[SignatureError] = []
    for attempt in (_by_key, _by_certificate, _by_identity):
        held = attempt(signature, accepted, at, problems)
        if held is not None:
            return held
    if len(problems) == 1:
        raise problems[0]
    code = "signature" if any(p.code == "signature" for p in problems) else "certificate"
    raise SignatureError("; ".join(p.message for p in problems) or "nobody is accepted", code=code)


def write_signature(payload: bytes, signer: Signer, certificates: Sequence[Certificate] = ()) -> bytes:
    """Sign a statement.

    Args:
        payload: The statement.
        signer: The key.
        certificates: The key's own certificate first, then those that lead on from it; none to sign with a bare key.

    Raises:
        InputError: The first certificate is another key's (code ``certificate``), or the file would be larger than can be
            read again (code ``too_large``).
    """
    material: dict[str, Any] = {"publicKey": {"hint": hint_of(signer)}}
    if certificates:
        check_leaf(signer, certificates)
        material = {"x509CertificateChain": {"certificates": _chain(certificates)}}
    signed = signer.sign(pae(PAYLOAD_TYPE, payload))
    bundle = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {**material, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": encode_base64(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": encode_base64(signed)}],
        },
    }
    raw = json.dumps(bundle, separators=(",", ":")).encode() + b"\n"
    if len(raw) > MAX_BUNDLE_BYTES:
        raise InputError(
            f"a signature of {len(raw)} bytes, at most {MAX_BUNDLE_BYTES} can be verified",
            hint="sign larger shards, or files",
            code="too_large",
        )
    return raw


def hint_of(signer: Signer) -> str:
    """How OMS names a key: the hex SHA-256 of its PEM; of its DER, when a signer tells no more."""
    public: PublicKey | None = getattr(signer, "public", None)
    return signer.keyid if public is None else hashlib.sha256(public.pem()).hexdigest()


def old_pae(payload: bytes) -> bytes:
    """What ``model_signing`` 0.2 signed instead of DSSE's encoding: Python's spelling of the payload.

    The spelling is one for each payload, and no DSSE encoding begins in the same way: it can stand for nothing else.
    """
    return f"DSSEV1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} {payload!r}".encode()


def _take_key(material: Any, source: str) -> bytes:
    """Take out of a bundle what old releases say of the key, so that the rest is of today's form."""
    held = material.get("publicKey") if isinstance(material, dict) else None
    if not isinstance(held, dict) or not set(held) & set(_KEY_FIELDS):
        return b""
    details = held.pop("keyDetails", "")
    if not isinstance(details, str) or len(details) > MAX_DETAILS:
        raise malformed(source, f"publicKey.keyDetails is no text of at most {MAX_DETAILS} characters")
    return decode_base64(held.pop("rawBytes"), source, "publicKey.rawBytes") if "rawBytes" in held else b""


def _by_key(
    signature: ModelSignature, accepted: Accepted, _: datetime, problems: list[SignatureError]
) -> Held | None:
    named = [key for key in accepted.keys if _may_be(signature, key)]
    for key in named:
        for old, signed in ((False, _signed(signature)), (True, old_pae(signature.envelope.payload))):
            if key.verify(signature.sig, signed):
                return Held(SignedBy(key.keyid, key.algorithm), f"by {key.algorithm} key {key.keyid}", old)
    if accepted.keys:
        given = ", ".join(f"{key.source} ({key.keyid[:16]})" for key in accepted.keys[:8])
        other = "" if named else "; the bundle names another key"
        problems.append(SignatureError(f"no signature by {given} holds{other}", code="signature"))
    return None


def _may_be(signature: ModelSignature, key: PublicKey) -> bool:
    """Whether what the bundle says of its key fits this one."""
    from weightgate.signing.pem import public_der

    if signature.key and signature.key not in (key.pem(), public_der(key.crypto())):
        return False
    return hinted(signature.material.hint, key)


def _by_certificate(
    signature: ModelSignature, accepted: Accepted, at: datetime, problems: list[SignatureError]
) -> Held | None:
    if accepted.authorities and not signature.material.certificates:
        problems.append(SignatureError("the bundle holds no certificate", code="certificate"))
        return None
    for authority in accepted.authorities:
        from weightgate.signing.certificates import names_of, read_der, verify_chain

        try:
            leaf, *others = [read_der(der, "certificates") for der in signature.material.certificates]
            key = verify_chain(leaf, others, authority, at)
        except SignatureError as error:
            problems.append(error)
            continue
        name = authority.subject or names_of(leaf)[0]
        by = SignedBy(key.keyid, key.algorithm, name, authority.name)
        how = f"by {key.algorithm} key {key.keyid}, certified for {name!r:.200} under {authority.name}"
        if key.verify(signature.sig, _signed(signature)):
            return Held(by, how)
        if _verify_old(key, signature):
            return Held(by, how, old=True)
        problems.append(SignatureError(f"the signature is not that of {name!r:.200}", code="signature"))
    return None


def _verify_old(key: PublicKey, signature: ModelSignature) -> bool:
    """As ``model_signing`` 0.2 signed with a certificate: over its own encoding, with SHA-256 whatever the curve."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    held = key.crypto()
    if not isinstance(held, ec.EllipticCurvePublicKey):
        return False
    try:
        held.verify(signature.sig, old_pae(signature.envelope.payload), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _by_identity(
    signature: ModelSignature, accepted: Accepted, _: datetime, problems: list[SignatureError]
) -> Held | None:
    if not accepted.keyless:
        return None
    if not signature.material.log_entries:
        problems.append(SignatureError("the bundle holds no entry of a log", code="signature"))
        return None
    from weightgate.signing.keyless import keyless_signer

    for one in accepted.keyless:
        who = keyless_signer(
            signature.raw,
            signature.envelope.payload,
            [(one.identity, one.issuer)],
            trusted_root=one.trusted_root,
        )
        if who is not None:
            by = SignedBy(*who)
            return Held(by, f"by {by.identity!r:.200}, vouched for by {by.issuer!r:.200}, in Sigstore's log")
    wanted = ", ".join(f"{each.identity} of {each.issuer}" for each in accepted.keyless[:8])
    problems.append(SignatureError(f"no keyless signature by {wanted} holds", code="signature"))
    return None


def _signed(signature: ModelSignature) -> bytes:
    return pae(signature.envelope.payload_type, signature.envelope.payload)


def check_leaf(signer: Signer, certificates: Sequence[Certificate]) -> None:
    """Whether the first certificate, if there is any, is the signing key's own.

    Raises:
        InputError: It is another key's (code ``certificate``).
    """
    if not certificates:
        return
    from weightgate.signing.keys import public_of

    leaf = public_of(certificates[0].public_key(), "the first certificate")
    if leaf.keyid != signer.keyid:
        raise InputError(
            f"the first certificate is of key {leaf.keyid}, and {signer.keyid} is to sign",
            where="--certificate-chain",
            hint="name the signing key's own certificate first",
            code="certificate",
        )


def _chain(certificates: Sequence[Certificate]) -> list[dict[str, str]]:
    from cryptography.hazmat.primitives.serialization import Encoding

    return [{"rawBytes": encode_base64(each.public_bytes(Encoding.DER))} for each in certificates]
