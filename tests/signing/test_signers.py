"""What a URI names to sign with; tokens themselves are tested in tests/heavy/services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey

from weightgate.errors import Exit, InputError, UnreachableError, UsageError, WeightgateError
from weightgate.signing import pem, signers
from weightgate.signing.keyless import KeylessSigner
from weightgate.signing.keys import ALGORITHMS, PrivateKey, generate, public_of, write_pair
from weightgate.signing.signers import SCHEMES, RemoteSigner, load_signer, path_of, scheme_of

KEY = generate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_pair(KEY, tmp_path / "k", tmp_path / "k.pub")
    write_pair(KEY, tmp_path / "locked", tmp_path / "locked.pub", passphrase=b"secret")
    return tmp_path / "k"


def refused(uri: str, **more: Any) -> WeightgateError:
    with pytest.raises(WeightgateError) as caught:
        load_signer(uri, **more)
    return caught.value


@pytest.mark.parametrize(
    ("uri", "scheme", "path"),
    [
        ("gate.key", "", "gate.key"),
        ("./hsm", "", "./hsm"),
        ("./hsm:2", "", "./hsm:2"),
        ("C:\\gate.key", "", "C:\\gate.key"),
        ("other:thing", "", "other:thing"),
        ("", "", ""),
        ("file:gate.key", "file", "gate.key"),
        ("file:/a/b", "file", "/a/b"),
        ("hsm:", "hsm", None),
        ("hsm:2?label=x", "hsm", None),
        ("gcpkms:projects/p", "gcpkms", None),
        ("sigstore:", "sigstore", None),
    ],
)
def test_what_is_a_file_and_what_is_not(uri: str, scheme: str, path: str | None) -> None:
    assert (scheme_of(uri), path_of(uri)) == (scheme, path)


@pytest.mark.parametrize("form", ["{}", "file:{}"])
def test_a_key_file_signs(file: Path, form: str) -> None:
    signer = load_signer(form.format(file))
    assert isinstance(signer, PrivateKey)
    assert KEY.public.verify(signer.sign(b"words"), b"words")


def test_a_passphrase_is_given_or_asked_for_once(file: Path) -> None:
    locked, asked = str(file.with_name("locked")), []

    def ask(prompt: str) -> bytes:
        asked.append(prompt)
        return b"secret"

    assert load_signer(locked, passphrase=b"secret", ask=ask).keyid == KEY.keyid
    assert asked == []
    assert load_signer(f"file:{locked}", ask=ask).keyid == KEY.keyid
    assert asked == [f"passphrase of {locked}"]
    assert load_signer(str(file), ask=ask).keyid == KEY.keyid
    assert len(asked) == 1
    assert refused(locked).code == "key_passphrase"
    assert refused(locked, passphrase=b"wrong", ask=ask).code == "key_passphrase"
    assert refused(locked, ask=lambda _: b"wrong").code == "key_passphrase"


@pytest.mark.parametrize("uri", ["none", "file:none", "file:", "other:thing"])
def test_what_is_no_file(uri: str) -> None:
    error = refused(uri)
    assert (error.exit, error.code) == (Exit.INPUT, "key_unreadable")


@pytest.mark.parametrize(
    "uri",
    [
        "hsm:two", "hsm:-1", "hsm:2?pin=1234", "hsm:2?label=a&label2=b", "hsm://host/2", "hsm:2#x", "sigstore:me",
        "sigstore://", "gcpkms:", "awskms:", "hv:", "azurekms:name", "azurekms://v.vault.azure.net/secrets/k",
        "azurekms://v.vault.azure.net/keys/", "azurekms://v.vault.azure.net/keys/k/1/2",
    ],
)  # fmt: skip
def test_a_malformed_uri_is_a_usage_error(uri: str) -> None:
    error = refused(uri)
    assert isinstance(error, UsageError)
    assert (error.exit, error.code, error.where) == (Exit.INPUT, "bad_key_uri", "--key")
    assert error.hint


@pytest.mark.parametrize(
    ("uri", "package"),
    [
        ("hsm:2", "weightgate[hsm]"),
        ("gcpkms:projects/p", "securesystemslib[gcpkms]"),
        ("awskms:id", "securesystemslib[awskms]"),
        ("azurekms://v.vault.azure.net/keys/k", "securesystemslib[azurekms]"),
        ("hv:name", "securesystemslib[vault]"),
        ("hv:name/3", "securesystemslib[vault]"),
    ],
)
def test_a_missing_library_names_itself(uri: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYKCS11LIB", "/nowhere.so")
    error = refused(uri)
    assert (error.exit, error.code, error.where) == (Exit.INPUT, "extra_missing", uri)
    assert error.hint == f"pip install '{package}'"


def test_a_token_needs_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYKCS11LIB", raising=False)
    error = refused("hsm:2")
    assert (error.exit, error.code) == (Exit.INPUT, "key_module")


def test_keyless_is_found_without_the_extra() -> None:
    assert isinstance(load_signer("sigstore:"), KeylessSigner)


def test_every_scheme_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "signing-keys.md").read_text(encoding="utf-8")
    for scheme in SCHEMES:
        assert f"`{scheme}:" in page, scheme
    for algorithm in ALGORITHMS:
        assert f"`{algorithm}`" in page, algorithm


def remote(key: PrivateKey, signer: Any = None) -> RemoteSigner:
    return RemoteSigner(key.public, "hsm:2", signer or CryptoSigner(key._key))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signer_of_securesystemslib_signs_with_its_own_key(algorithm: str) -> None:
    key = generate(algorithm)
    signer = remote(key)
    assert (signer.keyid, signer.algorithm) == (key.keyid, algorithm)
    assert key.public.verify(signer.sign(b"words"), b"words")
    assert "CryptoSigner" not in repr(signer)


class Failing:
    """Signs nothing, in one of the ways that libraries have."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def sign(self, _data: bytes) -> Signature:
        raise self._error


def test_what_comes_back_must_be_a_signature_of_that_key() -> None:
    signer = remote(KEY, CryptoSigner(generate()._key))
    with pytest.raises(UnreachableError, match="no ed25519 signature of its key") as caught:
        signer.sign(b"words")
    assert (caught.value.exit, caught.value.code, caught.value.where) == (
        Exit.UNREACHABLE,
        "key_remote",
        "hsm:2",
    )
    old = CryptoSigner(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    old.public_key.scheme = "rsa-pkcs1v15-sha256"
    pkcs1 = CryptoSigner(old._private_key, old.public_key)
    public = public_of(old._private_key.public_key(), "x")
    with pytest.raises(UnreachableError, match="no rsa-pss signature"):
        RemoteSigner(public, "awskms:id", pkcs1).sign(b"words")


@pytest.mark.parametrize(
    "error", [ValueError("no key"), RuntimeError("gone"), OSError(5, "bad"), TimeoutError()]
)
def test_what_a_library_raises_names_the_key(error: Exception) -> None:
    with pytest.raises(UnreachableError, match="cannot use the key") as caught:
        remote(KEY, Failing(error)).sign(b"words")
    assert type(error).__name__ in caught.value.message


def test_a_defect_is_no_excuse() -> None:
    with pytest.raises(ZeroDivisionError):
        remote(KEY, Failing(ZeroDivisionError())).sign(b"words")


def test_a_key_that_would_sign_otherwise_is_refused() -> None:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    for scheme in ("rsa-pkcs1v15-sha256", "rsassa-pss-sha512"):
        with pytest.raises(InputError, match=scheme) as caught:
            signers._public(SSlibKey.from_crypto(made, scheme=scheme), "awskms:id")
        assert caught.value.code == "key_type"
    key = signers._public(SSlibKey.from_crypto(made), "awskms:id")
    assert key.pem() == pem.public_pem(made)
    edwards = signers._public(SSlibKey.from_crypto(KEY.public.crypto()), "hv:name")
    assert edwards.keyid == KEY.keyid
