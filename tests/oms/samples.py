"""Small models, signatures over them, and what verifying these comes to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from weightgate.oms.listing import list_model
from weightgate.oms.sign import sign_model
from weightgate.oms.unsealing import Unsealed, unseal_signature
from weightgate.oms.verify import EVERYTHING, ModelAsked, ModelReport, verify_folder
from weightgate.signing.accepted import Accepted
from weightgate.signing.envelope import PAYLOAD_TYPE, pae
from weightgate.signing.keys import ECDSA_P256, PrivateKey, generate

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
KEY = generate(ECDSA_P256)
OTHER_KEY = generate(ECDSA_P256)
ACCEPTED = Accepted((KEY.public,))

FILES = {"config.json": b"{}", "model-1.bin": b"a" * 2500, "model-2.bin": b"b" * 1000, "sub/empty": b""}

Changes = Callable[[dict[str, Any]], None]


def write_model(folder: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """A model with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def sign(model: Path, key: PrivateKey = KEY, **listing: Any) -> bytes:
    """A signature over a model."""
    return sign_model(list_model(model, **listing), key).bundle


def opened(raw: bytes, accepted: Accepted = ACCEPTED, at: datetime = NOW) -> Unsealed:
    """A signature, opened."""
    return unseal_signature(raw, accepted=accepted, at=at, source="model.sig")


def verify(
    raw: bytes,
    model: Path,
    accepted: Accepted = ACCEPTED,
    asked: ModelAsked = EVERYTHING,
    signature: Path | None = None,
) -> ModelReport:
    """What a signature establishes about a model."""
    return verify_folder(opened(raw, accepted), model, asked=asked, signature=signature)


def failed(report: ModelReport) -> dict[str, str]:
    """The checks that failed, with why."""
    found = {check.id: check.detail for check in report.checks if check.state == "contradicted"}
    assert bool(found) != report.genuine
    assert report.exit == (6 if found else 0)
    return found


def differing(report: ModelReport) -> list[tuple[str, str]]:
    """Each file that differs, and how."""
    return [(each.name, each.problem) for each in report.differences]


def statement_of(raw: bytes) -> dict[str, Any]:
    """The statement in a signature."""
    statement: dict[str, Any] = json.loads(base64.b64decode(json.loads(raw)["dsseEnvelope"]["payload"]))
    return statement


def bundle_over(
    payload: bytes, key: PrivateKey = KEY, *, sign: Callable[[bytes], bytes] | None = None, keyid: object = None,
    material: Mapping[str, Any] | None = None,
) -> bytes:  # fmt: skip
    """A bundle over any payload, as other programs and other times wrote them."""
    signature: dict[str, Any] = {"sig": _text((sign or (lambda p: key.sign(pae(PAYLOAD_TYPE, p))))(payload))}
    if keyid is not ...:
        signature["keyid"] = keyid
    bundle = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": ""}} if material is None else dict(material),
        "dsseEnvelope": {"payload": _text(payload), "payloadType": PAYLOAD_TYPE, "signatures": [signature]},
    }
    return json.dumps(bundle, indent=2).encode()


def resigned(raw: bytes, change: Changes, key: PrivateKey = KEY) -> bytes:
    """A signature whose statement says something else, signed anew."""
    statement = statement_of(raw)
    change(statement)
    return bundle_over(json.dumps(statement).encode(), key)


def changed(raw: bytes, change: Changes) -> bytes:
    """A signature whose file says something else."""
    bundle = json.loads(raw)
    change(bundle)
    return json.dumps(bundle).encode()


def names_of(statement: Mapping[str, Any]) -> Sequence[str]:
    """Names of the resources, in their order."""
    return [entry["name"] for entry in statement["predicate"]["resources"]]


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
