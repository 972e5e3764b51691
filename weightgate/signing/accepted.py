"""What a verifier accepts, and who of that signed: keys, certificates, and identities that sign without a key.

Two forms hold the same signed statement: a plain DSSE envelope, which may have several signatures, and a Sigstore
bundle, which has one. Both are read here, and who signed is told in one way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from weightgate.errors import InputError, SignatureError
from weightgate.records import record
from weightgate.signing.bundle import MAX_BUNDLE_BYTES, Material, bundle_of, is_bundle
from weightgate.signing.envelope import (
    MAX_ENVELOPE_BYTES,
    Envelope,
    as_written,
    encode_base64,
    envelope_of,
    is_envelope,
    pae,
    parse_signed,
    signers_of,
)
from weightgate.signing.keys import PublicKey

if TYPE_CHECKING:
    from weightgate.signing.certificates import Authority


@record
class Keyless:
    """An identity that signs through Sigstore's public instance, with a certificate of minutes.

    Attributes:
        identity: What its certificates say who it is: an e-mail address, or the URI of a workflow.
        issuer: URL of who vouched for that to Sigstore.
        trusted_root: A file with the root of trust of another instance than the public one; empty for that.
    """

    identity: str
    issuer: str
    trusted_root: str = ""


@record
class Accepted:
    """Who a verifier accepts; nothing that comes with a signature ever adds to it.

    Attributes:
        keys: Public keys.
        authorities: Certificate authorities, each with the identities it may vouch for.
        keyless: Identities that sign through Sigstore.
    """

    keys: tuple[PublicKey, ...] = ()
    authorities: tuple[Authority, ...] = ()
    keyless: tuple[Keyless, ...] = ()

    def __bool__(self) -> bool:
        """Whether anybody is accepted at all."""
        return bool(self.keys or self.authorities or self.keyless)


@record
class SignedBy:
    """Somebody accepted, whose signature holds.

    Attributes:
        keyid: Hex SHA-256 of the DER SubjectPublicKeyInfo of the key that signed.
        algorithm: The kind of key; one of :data:`weightgate.signing.keys.ALGORITHMS`.
        identity: Who the certificate says it is; empty for a key that was accepted as such.
        issuer: Name of the authority that vouches for it, or the URL of a keyless identity's issuer; empty for a key.
        names: Every name that its certificate has, ``identity`` among them; empty for a key, or a keyless identity.
    """

    keyid: str
    algorithm: str
    identity: str = ""
    issuer: str = ""
    names: tuple[str, ...] = field(default=(), repr=False, compare=False)


@record
class Sealed:
    """A signed statement as it was read: nothing in it is to be believed before :func:`signed_by`.

    Attributes:
        envelope: The envelope.
        material: What a bundle holds beside it; nothing for a plain envelope.
        raw: The bytes that were read.
    """

    envelope: Envelope
    material: Material | None
    raw: bytes


def read_sealed(raw: bytes, source: str) -> Sealed:
    """Read a plain DSSE envelope or a Sigstore bundle v0.3, without believing it.

    Raises:
        InputError: Neither: not JSON, or without an envelope's or a bundle's fields (code ``no_attestation``), or too
            large (exit 4).
        SignatureError: One of them, malformed or ambiguous (code ``envelope``, exit 6).
    """
    written = as_written(raw, source)
    if written is not None:
        return Sealed(written, None, raw)
    document = parse_signed(raw, source, _is_sealed, max_bytes=MAX_BUNDLE_BYTES)
    if is_bundle(document):
        return Sealed(*bundle_of(document, source), raw)
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise InputError(f"larger than {MAX_ENVELOPE_BYTES} bytes", where=source, code="too_large")
    if not is_envelope(document):
        raise InputError(
            "no attestation: needed a JSON object with payload, payloadType and signatures, or a Sigstore bundle",
            where=source,
            hint="attestations are written by: weightgate attest, or weightgate check --attest",
            code="no_attestation",
        )
    return Sealed(envelope_of(document, source), None, raw)


def signed_by(sealed: Sealed, accepted: Accepted, at: datetime) -> tuple[SignedBy, ...]:
    """Who of those accepted signed, each key once, in the order of the signatures.

    A bundle has one signature, hence one signer at most: it is looked for among the keys, then the authorities, each in
    the order given, then the keyless identities.

    Args:
        sealed: What :func:`read_sealed` read.
        accepted: Whom the verifier accepts.
        at: When certificates have to be valid: a trusted time of the signature, else the verifier's clock; with its
            offset. A keyless signature carries its own, from Sigstore's log.

    Raises:
        UsageError: Only a keyless identity could have signed, and the extra that checks those is not installed.
    """
    material = sealed.material
    if material is None:
        return _by_key(sealed.envelope, accepted.keys)
    found = _by_key(sealed.envelope, [key for key in accepted.keys if hinted(material.hint, key)])
    if found or not material.certificates:
        return found
    found = tuple(islice(_certified(sealed.envelope, material, accepted.authorities, at), 1))
    if found or not accepted.keyless or not material.log_entries:
        return found
    from weightgate.signing.keyless import keyless_signer

    who = keyless_signer(
        sealed.raw, sealed.envelope.payload, [(k.identity, k.issuer) for k in accepted.keyless]
    )
    named = sealed.envelope.signatures[0].keyid
    return (SignedBy(*who),) if who is not None and named in ("", who[0]) else ()


def hinted(hint: str, key: PublicKey) -> bool:
    """Whether a bundle's hint lets a key be tried: it is empty, or one of the ways in which tools name that key.

    These are the SHA-256 of its DER, in hex or base64, and that of its PEM, in hex, as OpenSSF model signing has it.
    """
    if hint in ("", key.keyid):
        return True
    return hint in (encode_base64(bytes.fromhex(key.keyid)), hashlib.sha256(key.pem()).hexdigest())


def _by_key(envelope: Envelope, keys: Sequence[PublicKey]) -> tuple[SignedBy, ...]:
    return tuple(SignedBy(key.keyid, key.algorithm) for key in signers_of(envelope, keys))


def _certified(
    envelope: Envelope, material: Material, authorities: tuple[Authority, ...], at: datetime
) -> Iterator[SignedBy]:
    from weightgate.signing.certificates import names_of, read_der, verify_chain

    signature = envelope.signatures[0]
    signed = pae(envelope.payload_type, envelope.payload)
    for authority in authorities:
        try:
            leaf, *others = [read_der(der, "certificates") for der in material.certificates]
            key = verify_chain(leaf, others, authority, at)
        except SignatureError:
            # No path to this authority: its own trouble, and no reason why a key or another should not count.
            continue
        if signature.keyid in ("", key.keyid) and key.verify(signature.sig, signed):
            names = names_of(leaf)
            yield SignedBy(key.keyid, key.algorithm, authority.subject or names[0], authority.name, names)


def _is_sealed(document: object) -> bool:
    return is_envelope(document) or is_bundle(document)
