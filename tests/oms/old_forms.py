"""Signatures as releases of ``model_signing`` before version 1.0 of the specification wrote them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.oms.samples import KEY, bundle_over
from tests.signing.chains import Certified
from weightgate.signing.keys import PrivateKey

TYPE = "application/vnd.in-toto+json"


def old_encoding(payload: bytes) -> bytes:
    """What version 0.2 signed: a Python string with the payload's spelling as bytes in it."""
    return f"DSSEV1 {len(TYPE)} {TYPE} {len(payload)} {payload!r}".encode()


def digests_statement(files: Mapping[str, bytes]) -> bytes:
    """The statement of version 0.2: every file is a subject."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": name, "digest": {"sha256": hashlib.sha256(content).hexdigest()}}
            for name, content in files.items()
        ],
        "predicateType": "https://model_signing/Digests/v0.1",
        "predicate": {"unused": "Unused, just passed due to API requirements"},
    }
    return json.dumps(statement, indent=2).encode()


def by_key(files: Mapping[str, bytes], key: PrivateKey = KEY) -> bytes:
    """A bundle of version 0.2, signed by a key."""
    material = {"publicKey": {"rawBytes": _text(key.public.pem()), "keyDetails": "PKIX_ECDSA_P256_SHA_256"}}
    return bundle_over(
        digests_statement(files), key, sign=lambda payload: key.sign(old_encoding(payload)), material=material
    )


def by_certificate(files: Mapping[str, bytes], signer: Certified, *between: Certified) -> bytes:
    """A bundle of version 0.2, signed with a certificate: with SHA-256, whatever the curve."""
    chain = [{"rawBytes": _text(each.certificate.public_bytes(Encoding.DER))} for each in (signer, *between)]
    material: dict[str, Any] = {"x509CertificateChain": {"certificates": chain}}
    return bundle_over(
        digests_statement(files),
        sign=lambda payload: bytes(signer.key.sign(old_encoding(payload), ec.ECDSA(SHA256()))),
        material=material,
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
