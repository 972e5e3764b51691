"""Who signs, and in which form, on the command line: several keys, bundles, certificates, URIs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import ALLOWED, prepare
from tests.cli.shell import Done, Shell
from tests.signing.chains import between, leaf
from weightgate.cli.keys import KINDS

MANY = list(KINDS)


@pytest.fixture
def keys(shell: Shell) -> list[str]:
    """A key of every kind, and a decision to sign."""
    prepare(shell)
    for kind in MANY:
        assert shell.here("keys", "generate", "-o", f"{kind}.key", "--type", kind).code == 0
    return [f"{kind}.key" for kind in MANY]


def attest(shell: Shell, *words: str) -> Done:
    return shell.here("attest", "decision.json", "-o", "a.json", "--output", "json", *words)


def signing(keys: list[str]) -> list[str]:
    return [word for key in keys for word in ("--key", key)]


def attestation(shell: Shell) -> Any:
    return json.loads((shell.folder / "a.json").read_bytes())


def test_every_kind_of_key_signs_one_envelope_and_each_verifies(shell: Shell, keys: list[str]) -> None:
    done = attest(shell, *signing(keys))
    assert done.code == 0, done.err
    assert [each["algorithm"] for each in done.json["signers"]] == list(KINDS.values())
    assert [each["keyid"] for each in attestation(shell)["signatures"]] == [
        s["keyid"] for s in done.json["signers"]
    ]
    for key in keys:
        assert shell.here("verify", "a.json", "--key", f"{key}.pub").code == 0


@pytest.mark.parametrize("kind", MANY)
def test_a_bundle_of_every_kind_of_key_verifies(shell: Shell, keys: list[str], kind: str) -> None:
    done = attest(shell, "--key", f"{kind}.key", "--bundle")
    assert (done.code, done.json["bundle"], done.json["algorithm"]) == (0, True, KINDS[kind])
    assert attestation(shell)["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert shell.here("verify", "a.json", "--key", f"{kind}.key.pub").code == 0
    other = "p256.key.pub" if kind != "p256" else "p384.key.pub"
    assert shell.here("verify", "a.json", "--key", other).code == 6


def test_a_certificate_goes_into_the_bundle(shell: Shell) -> None:
    prepare(shell)
    shell.write("leaf.key", leaf().signer.pem().decode())
    (shell.folder / "leaf.key").chmod(0o600)
    shell.write("chain.pem", (leaf().pem + between().pem).decode())
    words = ["--key", "leaf.key", "--certificate-chain", "chain.pem"]
    assert attest(shell, *words, "--bundle").code == 0
    held = attestation(shell)["verificationMaterial"]["x509CertificateChain"]["certificates"]
    assert len(held) == 2
    refused = attest(shell, *words)
    assert (refused.code, refused.error["code"]) == (4, "signers")
    assert "no place for certificates" in refused.error["message"]


@pytest.mark.parametrize("command", ["check", "guard"])
def test_check_and_guard_sign_with_several_keys(shell: Shell, keys: list[str], command: str) -> None:
    tail = ["--", "true"] if command == "guard" else []
    done = shell(command, "./m", *ALLOWED, "--attest", "a.json", *signing(keys[:2]), *tail)
    assert done.code == 0, done.err
    assert len(attestation(shell)["signatures"]) == 2


def test_the_variable_holds_several_keys_too(shell: Shell, keys: list[str]) -> None:
    words = ["attest", "decision.json", "-o", "a.json", "--output", "json"]
    done = shell(*words, WEIGHTGATE_KEY="ed25519.key,file:p256.key")
    assert (done.code, len(done.json["signers"])) == (0, 2)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--key", "ed25519.key", "--key", "file:ed25519.key"], "signers", "one key is named twice"),
        (["--key", "ed25519.key", "--key", "p256.key", "--bundle"], "signers", "2 keys for a bundle"),
        (
            ["--key", "ed25519.key", "--timestamp-url", "http://127.0.0.1:9/"],
            "signers",
            "no place for a timestamp",
        ),
        (["--key", "sigstore:"], "signers", "a keyless signature needs a bundle"),
        (["--key", "hsm:two"], "bad_key_uri", "names no key of a token"),
        (["--key", "none.key"], "key_unreadable", "cannot read the key"),
        (["--key", "ed25519.key", "--bundle", "--batch"], "signers", "a batch is signed in a plain envelope"),
    ],
)
def test_what_cannot_sign_says_why_and_writes_nothing(
    shell: Shell, keys: list[str], words: list[str], code: str, told: str
) -> None:
    done = attest(shell, *words)
    assert (done.code, done.error["code"]) == (4, code)
    assert told in done.error["message"]
    assert not (shell.folder / "a.json").exists()


def test_an_authority_out_of_reach_ends_with_5_and_writes_nothing(shell: Shell, keys: list[str]) -> None:
    done = attest(shell, "--key", "ed25519.key", "--bundle", "--timestamp-url", "http://127.0.0.1:9/")
    assert (done.code, done.error["code"], done.error["where"]) == (5, "timestamp", "http://127.0.0.1:9/")
    assert not (shell.folder / "a.json").exists()


@pytest.mark.parametrize("key", ["ed25519.key", "file:ed25519.key", "file:./ed25519.key"])
def test_no_key_is_written_over(shell: Shell, keys: list[str], key: str) -> None:
    before = (shell.folder / "ed25519.key").read_bytes()
    done = shell.here("attest", "decision.json", "-o", "ed25519.key", "--key", key, "--output", "json")
    assert (done.code, done.error["code"]) == (4, "output_over_input")
    done = shell.here("check", "./m", *ALLOWED, "--attest", "ed25519.key", "--key", key, "--output", "json")
    assert (done.code, done.error["code"]) == (4, "output_over_input")
    assert (shell.folder / "ed25519.key").read_bytes() == before


def test_show_takes_a_uri(shell: Shell, keys: list[str]) -> None:
    plain, named = (
        shell.here("keys", "show", key, "--output", "json") for key in ("rsa.key", "file:rsa.key")
    )
    assert plain.json == named.json
    assert plain.json["algorithm"] == "rsa-pss"
    assert shell.here("keys", "show", "file:rsa.key.pub", "--output", "json").json == plain.json
    done = shell.here("keys", "show", "sigstore:", "--output", "json")
    assert (done.code, done.error["code"]) == (4, "needs_bundle")


def test_encrypted_keys_of_every_kind(shell: Shell) -> None:
    prepare(shell)
    for kind in MANY:
        made = shell(
            "keys", "generate", "-o", f"{kind}.locked", "--type", kind, WEIGHTGATE_KEY_PASSPHRASE="sésame"
        )
        assert made.code == 0
        assert b"ENCRYPTED PRIVATE KEY" in Path(shell.folder, f"{kind}.locked").read_bytes()
    words = ["attest", "decision.json", "-o", "a.json", *signing([f"{kind}.locked" for kind in MANY])]
    assert shell(*words, WEIGHTGATE_KEY_PASSPHRASE="sésame").code == 0
    assert shell(*words, WEIGHTGATE_KEY_PASSPHRASE="wrong").code == 4
