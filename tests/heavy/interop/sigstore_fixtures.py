"""A Sigstore of one process: an authority, a log of certificates and a log of signatures, each a key and nothing more.

They sign what Fulcio, the certificate log (RFC 6962) and Rekor sign, so that the real ``sigstore`` package verifies the
bundle against the trusted root that is written beside it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.signing.chains import CA, Certified, certify, usage

SIGNED = datetime(2026, 6, 1, tzinfo=UTC)
TYPE = "application/vnd.in-toto+json"
_KEY_ID = b"local authority"
_ISSUER_OLD = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_SCTS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


class LocalSigstore:
    """Certifies whom it is told to, and logs what they sign."""

    def __init__(self) -> None:
        self.authority = certify("local fulcio", None, (*CA, _key_id()))
        self.certificate_log = ec.generate_private_key(ec.SECP256R1())
        self.log = ec.generate_private_key(ec.SECP256R1())

    def write_trusted_root(self, path: Path) -> Path:
        """What a verifier has to trust."""
        valid = {"start": "2025-01-01T00:00:00Z"}
        chain = {"certificates": [{"rawBytes": _text(self.authority.certificate.public_bytes(Encoding.DER))}]}
        root = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [_log(self.log, valid)],
            "ctlogs": [_log(self.certificate_log, valid)],
            "certificateAuthorities": [
                {
                    "subject": {"organization": "local", "commonName": "local fulcio"},
                    "uri": "https://fulcio.example",
                    "certChain": chain,
                    "validFor": valid,
                }
            ],
            "timestampAuthorities": [],
        }
        path.write_text(json.dumps(root), encoding="utf-8")
        return path

    def sign(self, payload: bytes, identity: str, issuer: str) -> bytes:
        """A bundle over a statement, by a certificate of ten minutes."""
        signer = self._certificate(identity, issuer)
        signed = signer.key.sign(
            b"DSSEv1 %d %b %d %b" % (len(TYPE), TYPE.encode(), len(payload), payload), ec.ECDSA(SHA256())
        )
        envelope = {"payload": _text(payload), "payloadType": TYPE, "signatures": [{"sig": _text(signed)}]}
        bundle = {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": _text(signer.certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [self._entry(signer, envelope, payload)],
            },
            "dsseEnvelope": envelope,
        }
        return json.dumps(bundle).encode()

    def _certificate(self, identity: str, issuer: str) -> Certified:
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()

        def with_timestamps(content: bytes) -> Certified:
            extensions = (
                (usage(digital_signature=True), True),
                (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False),
                (x509.AuthorityKeyIdentifier(_KEY_ID, None, None), False),
                (x509.SubjectAlternativeName([x509.RFC822Name(identity)]), False),
                (x509.UnrecognizedExtension(_ISSUER_OLD, issuer.encode()), False),
                (
                    x509.UnrecognizedExtension(_ISSUER, b"\x0c" + bytes([len(issuer)]) + issuer.encode()),
                    False,
                ),
                (x509.UnrecognizedExtension(_SCTS, content), False),
            )
            return certify(
                "signer", self.authority, extensions, key=key, serial=serial,
                begin=SIGNED - timedelta(minutes=1), end=SIGNED + timedelta(minutes=9),
            )  # fmt: skip

        # What the log signs is the certificate without the log's own word, so a first one stands in for it.
        bare = with_timestamps(self._timestamps(b"")).certificate.tbs_precertificate_bytes
        return with_timestamps(self._timestamps(bare))

    def _timestamps(self, bare: bytes) -> bytes:
        """The log's word that it saw a certificate, as the extension holds it."""
        moment = int(SIGNED.timestamp() * 1000)
        issuer = hashlib.sha256(_der(self.authority.key)).digest()
        entry = issuer + struct.pack("!I", len(bare))[1:] + bare
        signed = struct.pack("!BBQH", 0, 0, moment, 1) + entry + struct.pack("!H", 0)
        signature = self.certificate_log.sign(signed, ec.ECDSA(SHA256()))
        word = struct.pack("!B32sQH", 0, hashlib.sha256(_der(self.certificate_log)).digest(), moment, 0)
        word += struct.pack("!BBH", 4, 3, len(signature)) + signature
        words = struct.pack("!H", len(word)) + word
        content = struct.pack("!H", len(words)) + words
        return (
            b"\x04" + (bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])) + content
        )

    def _entry(self, signer: Certified, envelope: dict[str, Any], payload: bytes) -> dict[str, Any]:
        """An entry in a log that has no other, with its proof and the log's promise."""
        body: Any = {
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(rfc8785.dumps(envelope)).hexdigest()},
                "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
                "signatures": [{"signature": envelope["signatures"][0]["sig"], "verifier": _text(signer.pem)}],
            },
        }  # fmt: skip
        raw = rfc8785.dumps(body)
        log_id = hashlib.sha256(_der(self.log)).digest()
        root = hashlib.sha256(b"\0" + raw).digest()
        note = f"rekor.example - 1\n1\n{_text(root)}\n"
        noted = log_id[:4] + self.log.sign(note.encode(), ec.ECDSA(SHA256()))
        moment = int(SIGNED.timestamp())
        promised: Any = {"body": _text(raw), "integratedTime": moment, "logID": log_id.hex(), "logIndex": 0}
        promise = self.log.sign(rfc8785.dumps(promised), ec.ECDSA(SHA256()))
        return {
            "logIndex": "0",
            "logId": {"keyId": _text(log_id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(moment),
            "inclusionPromise": {"signedEntryTimestamp": _text(promise)},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": _text(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 rekor.example {_text(noted)}\n"},
            },
            "canonicalizedBody": _text(raw),
        }


def _log(key: ec.EllipticCurvePrivateKey, valid: dict[str, str]) -> dict[str, Any]:
    return {
        "baseUrl": "https://log.example",
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _text(_der(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": valid,
        },
        "logId": {"keyId": _text(hashlib.sha256(_der(key)).digest())},
    }


def _key_id() -> tuple[x509.ExtensionType, bool]:
    return x509.SubjectKeyIdentifier(_KEY_ID), False


def _der(key: Any) -> bytes:
    raw: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return raw


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
