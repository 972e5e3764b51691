"""Keys: what is written can be read back, and everything that is no fitting key says what it is instead."""

from __future__ import annotations

import base64
import hashlib
import os
import resource
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import Exit, InputError
from weightgate.signing.algorithms import SUPPORTED
from weightgate.signing.keys import (
    ALGORITHMS,
    ECDSA_P256,
    ECDSA_P384,
    ECDSA_P521,
    ED25519,
    RSA_PSS,
    PrivateKey,
    generate,
    load_private,
    load_public,
    write_pair,
)

PAIRS = {name: generate(name) for name in ALGORITHMS}
OTHERS = {name: generate(name) for name in ALGORITHMS}
PEM = serialization.Encoding.PEM
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PKCS8 = serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()


def saved(folder: Path, key: PrivateKey, passphrase: bytes | None = None) -> tuple[Path, Path]:
    private, public = folder / "gate.key", folder / "gate.pub"
    write_pair(key, private, public, passphrase=passphrase)
    return private, public


def refused(
    path: Path, content: bytes | None, *, private: bool, passphrase: bytes | None = None
) -> InputError:
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(InputError) as caught:
        load_private(path, passphrase) if private else load_public(path)
    assert caught.value.exit == Exit.INPUT
    assert caught.value.where == str(path)
    return caught.value


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("passphrase", [None, b"correct horse", "über".encode()])
def test_written_pair_reads_back(tmp_path: Path, algorithm: str, passphrase: bytes | None) -> None:
    private, public = saved(tmp_path, PAIRS[algorithm], passphrase)
    loaded, key = load_private(private, passphrase), load_public(public)
    assert loaded.notes == ()
    assert loaded.keyid == key.keyid == PAIRS[algorithm].keyid
    assert (key.algorithm, key.source) == (algorithm, str(public))
    assert key.verify(loaded.sign(b"words"), b"words")
    assert not key.verify(loaded.sign(b"words"), b"other words")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_files_are_pkcs8_and_spki_with_modes(tmp_path: Path, algorithm: str) -> None:
    private, public = saved(tmp_path, PAIRS[algorithm])
    assert private.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert public.read_bytes().startswith(b"-----BEGIN PUBLIC KEY-----\n")
    assert private.stat().st_mode & 0o777 == 0o600
    assert public.stat().st_mode & 0o777 == 0o644
    der = serialization.load_pem_public_key(public.read_bytes()).public_bytes(
        serialization.Encoding.DER, SPKI
    )
    assert PAIRS[algorithm].keyid == hashlib.sha256(der).hexdigest()


def test_private_mode_does_not_depend_on_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        private, _ = saved(tmp_path, PAIRS[ED25519])
    finally:
        os.umask(before)
    assert private.stat().st_mode & 0o777 == 0o600


def test_encrypted_file_holds_no_plain_key(tmp_path: Path) -> None:
    private, _ = saved(tmp_path, PAIRS[ED25519], b"secret")
    assert private.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")


def test_the_default_is_ed25519() -> None:
    assert generate().public.algorithm == ED25519
    assert generate().keyid != generate().keyid


def test_unknown_algorithm_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="no key type is called 'dsa'") as caught:
        generate("dsa")
    assert caught.value.code == "key_type"
    assert caught.value.hint == "one of ed25519, ecdsa-p256, ecdsa-p384, ecdsa-p521, rsa-pss"


@pytest.mark.parametrize("there", ["gate.key", "gate.pub"])
def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("precious")
    with pytest.raises(InputError, match="never overwritten") as caught:
        saved(tmp_path, PAIRS[ED25519])
    assert caught.value.code == "key_exists"
    assert caught.value.where == str(tmp_path / there)
    assert [p.name for p in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "precious"


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "gate.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError) as caught:
        saved(tmp_path, PAIRS[ED25519])
    assert caught.value.code == "key_exists"
    assert not (tmp_path / "elsewhere").exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write: No such file") as caught:
        saved(tmp_path / "nowhere", PAIRS[ED25519])
    assert caught.value.code == "unwritable"


@pytest.mark.parametrize("passphrase", [b"", b"x" * 1024])
def test_a_passphrase_of_no_fitting_length_writes_nothing(tmp_path: Path, passphrase: bytes) -> None:
    with pytest.raises(InputError, match="needed 1 to 1023") as caught:
        saved(tmp_path, PAIRS[ED25519], passphrase)
    assert caught.value.code == "key_passphrase"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_missing_and_wrong_passphrase(tmp_path: Path, algorithm: str) -> None:
    private, _ = saved(tmp_path, PAIRS[algorithm], b"right")
    missing = refused(private, None, private=True)
    assert (missing.code, missing.hint) == ("key_passphrase", "set WEIGHTGATE_KEY_PASSPHRASE")
    assert "no passphrase was given" in missing.message
    wrong = refused(private, None, private=True, passphrase=b"hunter2")
    assert wrong.code == "key_passphrase"
    assert "passphrase is wrong" in wrong.message
    assert "hunter2" not in str(wrong)


def test_needless_passphrase_is_noted(tmp_path: Path) -> None:
    private, _ = saved(tmp_path, PAIRS[ED25519])
    assert load_private(private, b"any").notes == (
        "the key is not encrypted, so the passphrase was not used",
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_read_is_noted(tmp_path: Path, mode: int) -> None:
    private, _ = saved(tmp_path, PAIRS[ED25519])
    private.chmod(mode)
    assert load_private(private).notes == (
        f"{private} can be read by others (mode {mode:04o}); chmod 600 it",
    )


def test_each_half_in_the_place_of_the_other(tmp_path: Path) -> None:
    private, public = saved(tmp_path, PAIRS[ED25519])
    error = refused(public, None, private=True)
    assert (error.code, error.message) == ("key_unreadable", "holds public key; needed a private key")
    error = refused(private, None, private=False)
    assert (error.code, error.message) == ("key_unreadable", "holds private key; needed one public key")
    assert error.hint.startswith("give the file with its public half")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a PEM file"),
        (b"hello\n", "not a PEM file"),
        (b"x" * 70_000, "larger than 65536 bytes"),
        (b"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n", "holds certificate"),
        (b"-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n", "damaged"),
        (b"-----BEGIN PRIVATE KEY-----\n!!!!\n", "damaged"),
    ],
)
def test_what_is_no_private_key(tmp_path: Path, content: bytes, message: str) -> None:
    error = refused(tmp_path / "k", content, private=True)
    assert error.code == "key_unreadable"
    assert message in error.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "not a PEM file"),
        (b"-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n", "the public key is damaged"),
        (PAIRS[ED25519].public.pem() * 2, "holds public key, public key; needed one public key"),
    ],
)
def test_what_is_no_public_key(tmp_path: Path, content: bytes, message: str) -> None:
    error = refused(tmp_path / "k", content, private=False)
    assert error.code == "key_unreadable"
    assert message in error.message


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for private in (True, False):
        assert "No such file" in refused(tmp_path / "none", None, private=private).message
        assert "Is a directory" in refused(tmp_path, None, private=private).message


def test_openssh_key_says_how_to_convert(tmp_path: Path) -> None:
    content = ed25519.Ed25519PrivateKey.generate().private_bytes(
        PEM, serialization.PrivateFormat.OpenSSH, PLAIN
    )
    error = refused(tmp_path / "k", content, private=True)
    assert error.message == "holds openssh private key; needed a private key"
    assert "ssh-keygen" in error.hint


def test_sec1_key_is_read(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "k"
    path.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.TraditionalOpenSSL, PLAIN))
    path.chmod(0o600)
    assert load_private(path).public.algorithm == ECDSA_P256


OTHER_TYPES = [
    (rsa.generate_private_key(public_exponent=65537, key_size=1024), "an RSA key of 1024 bits"),
    (ec.generate_private_key(ec.SECP256K1()), "an elliptic-curve key on secp256k1"),
    (ec.generate_private_key(ec.SECP224R1()), "an elliptic-curve key on secp224r1"),
    (x25519.X25519PrivateKey.generate(), "a key of type X25519"),
]


@pytest.mark.parametrize(("key", "kind"), OTHER_TYPES)
def test_other_types_are_named(
    tmp_path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey, kind: str
) -> None:
    private = refused(tmp_path / "k", key.private_bytes(PEM, PKCS8, PLAIN), private=True)
    public = refused(tmp_path / "p", key.public_key().public_bytes(PEM, SPKI), private=False)
    for error in (private, public):
        assert error.code == "key_type"
        assert error.message == f"{kind}; needed {SUPPORTED}"


def test_keys_do_not_show_themselves() -> None:
    for key in PAIRS.values():
        assert "_key" not in repr(key)
        assert "object at" not in repr(key)


@pytest.mark.parametrize(("algorithm", "half"), [(ECDSA_P256, 32), (ECDSA_P384, 48), (ECDSA_P521, 66)])
def test_ecdsa_takes_der_and_raw(algorithm: str, half: int) -> None:
    key = PAIRS[algorithm]
    der = key.sign(b"words")
    r, s = decode_dss_signature(der)
    raw = r.to_bytes(half, "big") + s.to_bytes(half, "big")
    assert key.public.verify(der, b"words")
    assert key.public.verify(raw, b"words")
    assert not key.public.verify(raw, b"other")
    assert not key.public.verify(raw[half:] + raw[:half], b"words")
    assert not key.public.verify(b"\0" * (2 * half), b"words")
    longer = r.to_bytes(half + 1, "big") + s.to_bytes(half + 1, "big")
    assert not key.public.verify(longer, b"words")
    assert not key.public.verify(der + b"\0", b"words")


@pytest.mark.parametrize(
    ("algorithm", "hashes"),
    [
        (ECDSA_P256, (SHA384(), SHA512(), SHA1())),
        (ECDSA_P384, (SHA256(), SHA512())),
        (ECDSA_P521, (SHA256(), SHA384())),
    ],
)
def test_a_curve_has_one_hash(algorithm: str, hashes: tuple[HashAlgorithm, ...]) -> None:
    key = PAIRS[algorithm]
    crypto = serialization.load_pem_private_key(key.pem(), None)
    assert isinstance(crypto, ec.EllipticCurvePrivateKey)
    for other in hashes:
        assert not key.public.verify(crypto.sign(b"words", ec.ECDSA(other)), b"words")


PSS_32 = PSS(MGF1(SHA256()), 32)


@pytest.mark.parametrize(
    ("padding", "digest", "accepted"),
    [
        (PSS_32, SHA256(), True),
        (PSS(MGF1(SHA256()), 0), SHA256(), False),
        (PSS(MGF1(SHA256()), 20), SHA256(), False),
        (PSS(MGF1(SHA256()), PSS.MAX_LENGTH), SHA256(), False),
        (PSS(MGF1(SHA512()), 32), SHA256(), False),
        (PSS_32, SHA512(), False),
        (PKCS1v15(), SHA256(), False),
        (PKCS1v15(), SHA512(), False),
    ],
    ids=[
        "salt 32", "salt 0", "salt 20", "longest salt", "MGF1 with SHA-512", "SHA-512", "PKCS #1", "PKCS #1 with SHA-512"
    ],
)  # fmt: skip
def test_rsa_is_pss_with_sha256_and_a_salt_of_32_bytes(
    padding: PSS | PKCS1v15, digest: HashAlgorithm, *, accepted: bool
) -> None:
    key = PAIRS[RSA_PSS]
    crypto = serialization.load_pem_private_key(key.pem(), None)
    assert isinstance(crypto, rsa.RSAPrivateKey)
    assert key.public.verify(crypto.sign(b"words", padding, digest), b"words") is accepted


def test_an_rsa_key_has_3072_bits_and_signs_anew_each_time() -> None:
    key = PAIRS[RSA_PSS]
    crypto = serialization.load_pem_public_key(key.public.pem())
    assert isinstance(crypto, rsa.RSAPublicKey)
    assert (crypto.key_size, crypto.public_numbers().e) == (3072, 65537)
    assert key.sign(b"words") != key.sign(b"words")


def test_the_smallest_rsa_key_that_is_taken_has_2048_bits(tmp_path: Path) -> None:
    for bits, taken in ((2048, True), (2040, False)):
        made = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        path = tmp_path / str(bits)
        path.write_bytes(made.private_bytes(PEM, serialization.PrivateFormat.TraditionalOpenSSL, PLAIN))
        if taken:
            assert load_private(path).algorithm == RSA_PSS
        else:
            assert refused(path, None, private=True).message == f"an RSA key of 2040 bits; needed {SUPPORTED}"


@given(data=st.binary(max_size=64), signature=st.binary(max_size=80), index=st.integers(0, 10_000))
def test_no_made_up_or_flipped_signature_verifies(data: bytes, signature: bytes, index: int) -> None:
    for key in PAIRS.values():
        assert not key.public.verify(signature, data)
        flipped = bytearray(key.sign(data))
        flipped[index // 8 % len(flipped)] ^= 1 << index % 8
        assert not key.public.verify(bytes(flipped), data)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_no_other_key_of_any_kind_takes_a_signature(algorithm: str) -> None:
    signature = PAIRS[algorithm].sign(b"words")
    takers = {name for name, key in PAIRS.items() if key.public.verify(signature, b"words")}
    assert takers == {algorithm}
    assert not OTHERS[algorithm].public.verify(signature, b"words")


# SubjectPublicKeyInfo and PKCS #8 of a made-up algorithm, 1.2.3.4.5.
UNKNOWN_PUBLIC = bytes.fromhex("300d300606042a03040503030000ff")
UNKNOWN_PRIVATE = bytes.fromhex("300e020100300606042a030405040100")


def test_an_algorithm_nobody_knows(tmp_path: Path) -> None:
    for label, der, private in (("PUBLIC", UNKNOWN_PUBLIC, False), ("PRIVATE", UNKNOWN_PRIVATE, True)):
        body = base64.b64encode(der).decode()
        content = f"-----BEGIN {label} KEY-----\n{body}\n-----END {label} KEY-----\n".encode()
        error = refused(tmp_path / "k", content, private=private)
        assert (error.code, error.message) == ("key_type", "a kind of key that is not supported")


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, hard))
    try:
        with pytest.raises(InputError, match="cannot write: File too large") as caught:
            saved(tmp_path, PAIRS[ED25519])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.code == "unwritable"
    assert list(tmp_path.iterdir()) == []
