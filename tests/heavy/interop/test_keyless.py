"""Keyless signatures of models, verified by the real ``sigstore`` package, ``model_signing``, and by us through the former."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.heavy.interop.sigstore_fixtures import LocalSigstore
from tests.oms.samples import write_model
from weightgate.oms.listing import list_model
from weightgate.oms.statement import write_statement

WHO, ISSUER = "lab@example.com", "https://accounts.example.com"
ROOT = Path(__file__).parents[3]

# An audit hook that ends the process at the first attempt to speak to anybody.
OFFLINE = """
import sys

def forbid(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise SystemExit(f"network: {event}")

sys.addaudithook(forbid)
from weightgate.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore()


@pytest.fixture
def folder(tmp_path: Path, sigstore: LocalSigstore) -> Path:
    write_model(tmp_path / "m")
    sigstore.write_trusted_root(tmp_path / "root.json")
    (tmp_path / "m.sig").write_bytes(sigstore.sign(payload_of(tmp_path / "m"), WHO, ISSUER))
    return tmp_path


def payload_of(model: Path) -> bytes:
    listed = list_model(model)
    return write_statement(listed.name, listed.resources, listed.serialization)


def verify(
    folder: Path, identity: str = WHO, issuer: str = ISSUER, root: str = "root.json"
) -> tuple[int, str]:
    words = [
        "model",
        "verify",
        "./m",
        "m.sig",
        "--identity",
        identity,
        "--issuer",
        issuer,
        "--trusted-root",
        root,
    ]
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_a_keyless_signature_verifies_without_a_network(folder: Path) -> None:
    code, out = verify(folder)
    assert code == 0, out
    assert f"by '{WHO}', vouched for by '{ISSUER}', in Sigstore's log" in " ".join(out.split())


def test_the_program_itself_accepts_it(folder: Path) -> None:
    # Neither typed nor there in the environment of the ordinary tests.
    models, verifying, policy = map(
        import_module, ("sigstore.models", "sigstore.verify", "sigstore.verify.policy")
    )
    bundle = models.Bundle.from_json((folder / "m.sig").read_bytes())
    verifier = verifying.Verifier(trusted_root=models.TrustedRoot.from_file(str(folder / "root.json")))
    kind, payload = verifier.verify_dsse(bundle, policy.Identity(identity=WHO, issuer=ISSUER))
    assert (kind, payload) == ("application/vnd.in-toto+json", payload_of(folder / "m"))


def test_another_identity_issuer_or_instance(folder: Path) -> None:
    assert verify(folder, identity="other@example.com")[0] == 6
    assert verify(folder, issuer="https://other.example.com")[0] == 6
    LocalSigstore().write_trusted_root(folder / "other.json")
    assert verify(folder, root="other.json")[0] == 6
    (folder / "m" / "config.json").write_bytes(b"[]")
    code, out = verify(folder)
    assert (code, "'config.json' has" in out) == (6, True)


def _flip(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[len(raw) // 2] ^= 1
    return base64.b64encode(raw).decode()


def _entry(bundle: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = bundle["verificationMaterial"]["tlogEntries"][0]
    return entry


TAMPERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "payload": lambda b: b["dsseEnvelope"].update(payload=_flip(b["dsseEnvelope"]["payload"])),
    "signature": lambda b: b["dsseEnvelope"]["signatures"][0].update(sig=_flip(b["dsseEnvelope"]["signatures"][0]["sig"])),
    "certificate": lambda b: b["verificationMaterial"]["certificate"].update(rawBytes=_flip(b["verificationMaterial"]["certificate"]["rawBytes"])),
    "body": lambda b: _entry(b).update(canonicalizedBody=_flip(_entry(b)["canonicalizedBody"])),
    "promise": lambda b: _entry(b)["inclusionPromise"].update(signedEntryTimestamp=_flip(_entry(b)["inclusionPromise"]["signedEntryTimestamp"])),
    "no promise": lambda b: _entry(b).pop("inclusionPromise"),
    "time": lambda b: _entry(b).update(integratedTime=str(int(_entry(b)["integratedTime"]) + 3600)),
    "root": lambda b: _entry(b)["inclusionProof"].update(rootHash=_flip(_entry(b)["inclusionProof"]["rootHash"])),
    "no entry": lambda b: b["verificationMaterial"].update(tlogEntries=[]),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_tampered_bundles(name: str, folder: Path) -> None:
    bundle = json.loads((folder / "m.sig").read_bytes())
    TAMPERED[name](bundle)
    (folder / "m.sig").write_text(json.dumps(bundle))
    code, out = verify(folder)
    assert (code, "NOT VERIFIED" in out) == (6, True), out


def test_a_trusted_root_that_is_none(folder: Path) -> None:
    (folder / "bad.json").write_text("{}")
    for root in ("bad.json", "none.json"):
        code, out = verify(folder, root=root)
        assert code in (4, 6), out
