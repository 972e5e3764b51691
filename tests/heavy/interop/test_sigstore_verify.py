"""Our bundles in another language: npm's @sigstore/verify accepts them, and rejects those that were tampered with.

It signs ECDSA with SHA-256 on every curve and RSA with PKCS #1 v1.5, so Ed25519 and P-256 are what the two share.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.heavy.interop.timestamp_fixtures import Authority, authority
from weightgate.signing.keys import ECDSA_P256, ED25519, PrivateKey, generate
from weightgate.signing.pem import public_der
from weightgate.signing.sealing import Sealer
from weightgate.signing.statement import Subject, compose_statement

__all__ = ["authority"]

HERE = Path(__file__).parent / "sigstore_verify"
KEYS = {name: generate(name) for name in (ED25519, ECDSA_P256)}
STATEMENT = compose_statement(
    [Subject("model", {"sha256": "a" * 64})], "https://weightgate.dev/decision/v1", {"a": 1}
)

Ask = Callable[[list[dict[str, Any]]], list[str]]


@pytest.fixture(scope="session")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Asks the program about many bundles at once; its packages are pinned, and installed here."""
    if shutil.which("npm") is None:
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "nodejs", "npm"]):
            subprocess.run(command, check=True, capture_output=True, timeout=600)
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "verify.js"):
        shutil.copy(HERE / name, folder)
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr

    def ask(questions: list[dict[str, Any]]) -> list[str]:
        said = subprocess.run(
            ["node", "verify.js"], cwd=folder, input=json.dumps(questions), capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
        answers: list[str] = json.loads(said.stdout)
        assert len(answers) == len(questions)
        return answers

    return ask


def question(bundle: dict[str, Any], key: PrivateKey, *stampers: bytes) -> dict[str, Any]:
    """A bundle, and whom to believe."""
    der = base64.b64encode(public_der(key.public.crypto())).decode()
    chain = [base64.b64encode(each).decode() for each in stampers]
    return {"bundle": bundle, "keys": {key.keyid: der}, "timestamps": chain}


def bundle_of(key: PrivateKey, timestamp_url: str = "") -> dict[str, Any]:
    """A bundle of ours, as JSON."""
    made: dict[str, Any] = json.loads(
        Sealer((key,), bundle=True, timestamp_url=timestamp_url).seal(STATEMENT)
    )
    return made


@pytest.mark.parametrize("algorithm", KEYS)
def test_it_accepts_our_bundle_and_rejects_a_tampered_one(verify: Ask, algorithm: str) -> None:
    key, other = KEYS[algorithm], generate(algorithm)
    good = bundle_of(key)
    payload = base64.b64encode(STATEMENT.replace(b'"a":1', b'"a":2')).decode()
    sig = bytearray(base64.b64decode(good["dsseEnvelope"]["signatures"][0]["sig"]))
    sig[-1] ^= 1
    tampered = {
        "payload": good | {"dsseEnvelope": good["dsseEnvelope"] | {"payload": payload}},
        "type": good | {"dsseEnvelope": good["dsseEnvelope"] | {"payloadType": "application/json"}},
        "signature": good
        | {"dsseEnvelope": good["dsseEnvelope"] | {"signatures": [{"sig": base64.b64encode(sig).decode()}]}},
        "hint": good | {"verificationMaterial": {"publicKey": {"hint": other.keyid}, "tlogEntries": []}},
        "version": good | {"mediaType": "application/json"},
    }
    foreign = bundle_of(other)
    foreign["verificationMaterial"]["publicKey"]["hint"] = key.keyid
    questions = [question(each, key) for each in (good, *tampered.values(), foreign)]
    first, *others = verify(questions)
    assert first == "verified"
    assert len(others) == 6
    for name, answer in zip((*tampered, "another key"), others, strict=True):
        assert answer != "verified", name
    assert "signature verification failed" in others[0]
    assert "key not found" in others[3]


def test_it_accepts_the_time_that_a_bundle_holds(verify: Ask, authority: Authority) -> None:
    authority.mode = "good"
    key = KEYS[ED25519]
    good = bundle_of(key, timestamp_url=authority.url)
    chain = [each.public_bytes(Encoding.DER) for each in (authority.signer, authority.root)]
    moved = bundle_of(key)
    moved["verificationMaterial"]["timestampVerificationData"] = bundle_of(
        generate(), timestamp_url=authority.url
    )["verificationMaterial"]["timestampVerificationData"]
    answers = verify(
        [question(good, key, *chain), question(bundle_of(key), key, *chain), question(moved, key, *chain)]
    )
    assert answers[0] == "verified"
    assert "expected 1 timestamps, got 0" in answers[1]
    assert answers[2] != "verified"
