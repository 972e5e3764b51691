"""Keys that never leave their token: signing through PKCS #11, as a process, against SoftHSM."""

from __future__ import annotations

import json

import pytest

from tests.heavy.services.softhsm_fixtures import PIN, Token, token

__all__ = ["token"]


def public(token: Token, key: str) -> str:
    """Write a token's public key to a file, and name it."""
    shown = token("keys", "show", key, "--output", "json")
    assert shown.code == 0, shown.err
    name = f"{shown.json['keyid']}.pub"
    (token.folder / name).write_text(shown.json["public_pem"], encoding="utf-8")
    return name


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [("hsm:2?label=release", "ecdsa-p256"), ("hsm:", "ecdsa-p256"), ("hsm:3", "ecdsa-p384")],
)
@pytest.mark.parametrize("form", [[], ["--bundle"]], ids=["envelope", "bundle"])
def test_a_token_signs_and_its_public_key_verifies(
    token: Token, key: str, algorithm: str, form: list[str]
) -> None:
    signed = token("attest", "decision.json", "--key", key, "-o", "a.json", "--output", "json", *form)
    assert signed.code == 0, signed.err
    pub = public(token, key)
    assert (signed.json["algorithm"], f"{signed.json['keyid']}.pub") == (algorithm, pub)
    assert token("verify", "a.json", "--key", pub, "--any-verdict").code == 0
    other = public(token, "hsm:3" if algorithm == "ecdsa-p256" else "hsm:2")
    assert token("verify", "a.json", "--key", other, "--any-verdict").code == 6


def test_check_signs_with_a_token(token: Token) -> None:
    words = ["--to", "DE", "--facts", "closed.yaml", "--attest", "c.json", "--key", "hsm:2"]
    assert token("check", "-", *words).code == 3
    assert token("verify", "c.json", "--key", public(token, "hsm:2")).code == 3


def test_a_token_and_a_file_sign_one_envelope(token: Token) -> None:
    assert token("keys", "generate", "-o", "file.pem").code == 0
    keys = ["--key", "hsm:2", "--key", "file.pem"]
    signed = token(
        "attest", "decision.json", *keys, "-o", "two.json", "--output", "json", WEIGHTGATE_KEY_PASSPHRASE=PIN
    )
    assert signed.code == 0, signed.err
    held = json.loads((token.folder / "two.json").read_text())["signatures"]
    assert [each["keyid"] for each in held] == [each["keyid"] for each in signed.json["signers"]]
    for pub in (public(token, "hsm:2"), "file.pem.pub"):
        assert token("verify", "two.json", "--key", pub, "--any-verdict").code == 0


@pytest.mark.parametrize(
    ("key", "env", "code", "name", "told"),
    [
        (
            "hsm:2",
            {"WEIGHTGATE_KEY_PASSPHRASE": "9999"},
            4,
            "key_passphrase",
            "refuses the PIN (PinIncorrect)",
        ),
        ("hsm:2", {"WEIGHTGATE_KEY_PASSPHRASE": ""}, 4, "key_passphrase", "none was given"),
        ("hsm:2", {"PYKCS11LIB": ""}, 4, "key_module", "PYKCS11LIB is not set"),
        ("hsm:2", {"PYKCS11LIB": "/nowhere.so"}, 5, "key_remote", "/nowhere.so"),
        ("hsm:9", {}, 5, "key_remote", "could not find"),
        ("hsm:2?label=other", {}, 5, "key_remote", "No PKCS#11 token found for label other"),
        ("hsm:4", {}, 5, "key_remote", "secp521r1 is not a supported EC curve"),
        ("hsm:two", {}, 4, "bad_key_uri", "names no key of a token"),
        ("hsm:2?pin=1234", {}, 4, "bad_key_uri", "names no key of a token"),
    ],
)
def test_what_cannot_sign_says_why_and_writes_nothing(
    token: Token, key: str, env: dict[str, str], code: int, name: str, told: str
) -> None:
    words = ["attest", "decision.json", "--key", key, "-o", "never.json", "--output", "json"]
    done = token(*words, **env)
    assert (done.code, done.json["error"]["code"]) == (code, name), done.out
    assert told in done.json["error"]["message"]
    assert not (token.folder / "never.json").exists()
    assert "9999" not in done.out + done.err


@pytest.mark.parametrize("key", ["hsm:2", "hsm:3"])
def test_a_token_signs_a_model(token: Token, key: str) -> None:
    model = token.folder / "model"
    model.mkdir(exist_ok=True)
    (model / "config.json").write_text("{}", encoding="utf-8")
    signed = token("model", "sign", "./model", "--key", key, "-o", "model.sig")
    assert signed.code == 0, signed.err
    pub = public(token, key)
    assert token("model", "verify", "./model", "model.sig", "--key", pub).code == 0
    (model / "config.json").write_text("{} ", encoding="utf-8")
    assert token("model", "verify", "./model", "model.sig", "--key", pub).code == 6


def test_a_token_signs_a_declaration(token: Token) -> None:
    words = ["model.openness=closed", "--source", "the release list", "--until", "2099-01-01"]
    digest = f"sha256:{'0' * 64}"
    signed = token("declare", "-", "--digest", digest, *words, "--key", "hsm:2", "-o", "d.json")
    assert signed.code == 0, signed.err
    asked = ["check", "-", "--digest", digest, "--to", "CN", "--facts", "d.json", "--output", "json"]
    done = token(*asked)
    assert done.json["facts"]["model.openness"]["value"] == "closed"
    assert done.json["facts"]["model.openness"]["grade"] == "claimed"
