"""The real ``model_signing`` program verifies what we sign, we verify what it signs, and both refuse what was changed.

Where the two cannot agree is tested too: shards, and a single file, under the names of the specification, which
``model_signing`` up to 1.1.1 does not know.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.oms.old_forms import by_certificate, by_key
from tests.oms.samples import FILES, resigned, write_model
from tests.signing.chains import LEAF, Certified, between, certify, leaf, root
from weightgate.signing.keys import (
    ECDSA_P256,
    ECDSA_P384,
    ECDSA_P521,
    PrivateKey,
    generate,
    private_of,
    write_pair,
)

ROOT = Path(__file__).parents[3]
PROGRAM = [str(Path(sys.executable).parent / "model_signing")]
CURVES = [ECDSA_P256, ECDSA_P384, ECDSA_P521]

# The program signs and verifies whole files only; shards are to be had from the library that it is made of.
LIBRARY = """
import sys
from pathlib import Path
import model_signing
from model_signing import hashing

what, size, key = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if what == "sign":
    signing = model_signing.signing.Config().use_elliptic_key_signer(private_key=key)
    signing.set_hashing_config(hashing.Config().use_shard_serialization(shard_size=size))
    signing.sign(Path("m"), Path("m.sig"))
else:
    model_signing.verifying.Config().use_elliptic_key_verifier(public_key=key).verify(Path("m"), Path("m.sig"))
"""

Words = tuple[str, ...]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # The environment of this group has no weightgate installed: it is the one that these tests lie beside.
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def ours(folder: Path, *words: str) -> int:
    done = run(folder, sys.executable, "-m", "weightgate", "model", *words)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def theirs(folder: Path, *words: str) -> int:
    return run(folder, *PROGRAM, *words).returncode


def library(folder: Path, what: str, key: str, size: int = 0) -> int:
    return run(folder, sys.executable, "-c", LIBRARY, what, str(size), key).returncode


def we_verify(folder: Path, model: str = "./m") -> int:
    return ours(folder, "verify", model, "m.sig", "--key", "key.pub")


def they_verify(folder: Path, model: str = "m") -> int:
    return theirs(folder, "verify", "key", model, "--signature", "m.sig", "--public_key", "key.pub")


def pair(folder: Path, key: PrivateKey) -> PrivateKey:
    write_pair(key, folder / "key", folder / "key.pub")
    return key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model(tmp_path / "m", {**FILES, "a-b": b"1", "a/b": b"2", ".gitignore": b"x", "naïve 🙂.bin": b"3"})
    return tmp_path


CHANGES: dict[str, Callable[[Path], object]] = {
    "changed": lambda model: (model / "config.json").write_bytes(b"[]"),
    "missing": lambda model: (model / "a" / "b").unlink(),
    "unsigned": lambda model: (model / "new").write_bytes(b"x"),
    "renamed": lambda model: (model / "a-b").rename(model / "a-c"),
    "swapped": lambda model: ((model / "a-b").write_bytes(b"2"), (model / "a" / "b").write_bytes(b"1")),
}


def both_refuse_tampered_signatures(folder: Path) -> None:
    """The signature itself: a byte of the payload, of the signature, of the key's name."""
    raw = (folder / "m.sig").read_bytes()
    for place in ("payload", "sig", "hint"):
        bundle = json.loads(raw)
        envelope = bundle["dsseEnvelope"]
        if place == "hint":
            bundle["verificationMaterial"]["publicKey"]["hint"] = "0" * 64
        else:
            held = envelope if place == "payload" else envelope["signatures"][0]
            changed = bytearray(base64.b64decode(held[place]))
            changed[len(changed) // 2] ^= 1
            held[place] = base64.b64encode(changed).decode()
        (folder / "m.sig").write_text(json.dumps(bundle))
        assert (we_verify(folder), they_verify(folder) != 0) == (6, True), place
    (folder / "m.sig").write_bytes(raw)


@pytest.mark.parametrize("algorithm", CURVES)
def test_they_accept_ours(algorithm: str, folder: Path) -> None:
    pair(folder, generate(algorithm))
    assert ours(folder, "sign", "./m", "--key", "key", "-o", "m.sig") == 0
    assert (we_verify(folder), they_verify(folder)) == (0, 0)
    both_refuse_tampered_signatures(folder)


@pytest.mark.parametrize("algorithm", CURVES)
def test_we_accept_theirs(algorithm: str, folder: Path) -> None:
    pair(folder, generate(algorithm))
    assert theirs(folder, "sign", "key", "m", "--signature", "m.sig", "--private_key", "key") == 0
    assert (we_verify(folder), they_verify(folder)) == (0, 0)
    both_refuse_tampered_signatures(folder)


@pytest.mark.parametrize("who", ["ours", "theirs"])
@pytest.mark.parametrize("name", CHANGES)
def test_both_refuse_a_changed_model(name: str, who: str, folder: Path) -> None:
    pair(folder, generate(ECDSA_P256))
    if who == "ours":
        assert ours(folder, "sign", "./m", "--key", "key", "-o", "m.sig") == 0
    else:
        assert theirs(folder, "sign", "key", "m", "--signature", "m.sig", "--private_key", "key") == 0
    assert (we_verify(folder), they_verify(folder)) == (0, 0)
    CHANGES[name](folder / "m")
    assert (we_verify(folder), they_verify(folder) != 0) == (6, True)


def test_another_key(folder: Path) -> None:
    pair(folder, generate(ECDSA_P256))
    assert ours(folder, "sign", "./m", "--key", "key", "-o", "m.sig") == 0
    (folder / "key.pub").write_bytes(generate(ECDSA_P256).public.pem())
    assert (we_verify(folder), they_verify(folder) != 0) == (6, True)


def test_paths_that_are_left_out_and_the_signature_in_the_model(folder: Path) -> None:
    pair(folder, generate(ECDSA_P256))
    (folder / "m" / ".cache" / "huggingface").mkdir(parents=True)
    (folder / "m" / ".cache" / "huggingface" / "x").write_bytes(b"1")
    (folder / "m" / "log").write_bytes(b"1")
    assert ours(folder, "sign", "./m", "--key", "key", "-o", "m/model.sig", "--ignore", "log") == 0
    (folder / "m" / "log").write_bytes(b"2")
    (folder / "m" / ".cache" / "huggingface" / "x").write_bytes(b"2")
    words = ("--signature", "m/model.sig", "--public_key", "key.pub")
    assert theirs(folder, "verify", "key", "m", *words) == 0
    assert ours(folder, "verify", "./m", "m/model.sig", "--key", "key.pub") == 0
    signing = ("--signature", "m/model.sig", "--private_key", "key", "--ignore-paths", "m/log")
    assert theirs(folder, "sign", "key", "m", *signing) == 0
    (folder / "m" / "log").write_bytes(b"3")
    assert theirs(folder, "verify", "key", "m", *words) == 0
    assert ours(folder, "verify", "./m", "m/model.sig", "--key", "key.pub") == 0
    (folder / "m" / "log2").write_bytes(b"3")
    assert theirs(folder, "verify", "key", "m", *words) != 0
    assert ours(folder, "verify", "./m", "m/model.sig", "--key", "key.pub") == 6


def test_links(folder: Path) -> None:
    pair(folder, generate(ECDSA_P256))
    (folder / "m" / "link").symlink_to("config.json")
    assert ours(folder, "sign", "./m", "--key", "key", "-o", "m.sig") == 4
    assert theirs(folder, "sign", "key", "m", "--signature", "m.sig", "--private_key", "key") != 0
    assert ours(folder, "sign", "./m", "--key", "key", "-o", "m.sig", "--allow-symlinks") == 0
    words = ("--signature", "m.sig", "--public_key", "key.pub", "--allow_symlinks")
    assert theirs(folder, "verify", "key", "m", *words) == 0
    signing = ("--signature", "m.sig", "--private_key", "key", "--allow_symlinks")
    assert theirs(folder, "sign", "key", "m", *signing) == 0
    assert we_verify(folder) == 0


@pytest.mark.parametrize("algorithm", CURVES)
def test_shards(algorithm: str, folder: Path) -> None:
    pair(folder, generate(algorithm))
    assert library(folder, "sign", "key", 700) == 0
    # It writes the size as 700.0, and then takes that for part of the hash's name: it cannot read its own.
    assert (we_verify(folder), library(folder, "verify", "key.pub") != 0) == (0, True)
    sharded = ("sign", "./m", "--key", "key", "-o", "m.sig", "--shard-size", "700")
    assert ours(folder, *sharded, "--for-model-signing") == 0
    assert (we_verify(folder), library(folder, "verify", "key.pub")) == (0, 0)
    (folder / "m" / "model-1.bin").write_bytes(b"a" * 2499 + b"b")
    assert (we_verify(folder), library(folder, "verify", "key.pub") != 0) == (6, True)


def test_shards_by_the_specification_are_not_known_to_model_signing(folder: Path) -> None:
    """When this fails, a release reads them, and ``--for-model-signing`` has had its day."""
    pair(folder, generate(ECDSA_P256))
    assert ours(folder, "sign", "./m", "--key", "key", "-o", "m.sig", "--shard-size", "700") == 0
    assert (we_verify(folder), library(folder, "verify", "key.pub") != 0) == (0, True)


def test_a_single_file(folder: Path) -> None:
    pair(folder, generate(ECDSA_P256))
    one = ("./m/config.json", "m/config.json")
    assert theirs(folder, "sign", "key", one[1], "--signature", "m.sig", "--private_key", "key") == 0
    assert (we_verify(folder, one[0]), they_verify(folder, one[1])) == (0, 0)
    signing = ("sign", one[0], "--key", "key", "-o", "m.sig")
    assert ours(folder, *signing, "--for-model-signing") == 0
    assert (we_verify(folder, one[0]), they_verify(folder, one[1])) == (0, 0)
    assert ours(folder, *signing) == 0
    # By the specification it goes by its basename, which model_signing 1.1.1 does not know yet.
    assert (we_verify(folder, one[0]), they_verify(folder, one[1]) != 0) == (0, True)


def chain(folder: Path, signer: Certified) -> None:
    """A certified key, its certificate, one between, and two authorities."""
    pair(folder, private_of(signer.key, ""))
    for name, certified in (
        ("leaf", signer),
        ("between", between()),
        ("ca", root()),
        ("other", certify("x", None, ())),
    ):
        (folder / f"{name}.pem").write_bytes(certified.pem)


@pytest.mark.parametrize("who", ["ours", "theirs"])
def test_certificates(who: str, folder: Path) -> None:
    chain(folder, leaf())
    if who == "ours":
        words = ("--certificate-chain", "leaf.pem", "--certificate-chain", "between.pem")
        assert ours(folder, "sign", "./m", "--key", "key", "-o", "m.sig", *words) == 0
    else:
        words = ("--signing_certificate", "leaf.pem", "--certificate_chain", "between.pem")
        signing = ("--signature", "m.sig", "--private_key", "key")
        assert theirs(folder, "sign", "certificate", "m", *signing, *words) == 0
    at = ("--at", "2026-06-01T00:00:00Z")

    def outcomes(authority: str) -> tuple[int, bool]:
        we = ours(folder, "verify", "./m", "m.sig", "--certificate-authority", authority, *at)
        they = theirs(
            folder, "verify", "certificate", "m", "--signature", "m.sig", "--certificate_chain", authority
        )
        return we, they == 0

    assert outcomes("ca.pem") == (0, True)
    assert outcomes("other.pem") == (6, False)
    (folder / "m" / "config.json").write_bytes(b"[]")
    assert outcomes("ca.pem") == (6, False)


def test_version_0_2(folder: Path) -> None:
    """What the tests say version 0.2 wrote is what ``model_signing`` reads as such."""
    files = {
        str(p.relative_to(folder / "m")): p.read_bytes() for p in (folder / "m").rglob("*") if p.is_file()
    }
    del files[".gitignore"]
    key = pair(folder, generate(ECDSA_P256))
    (folder / "m.sig").write_bytes(by_key(files, key))
    assert (we_verify(folder), they_verify(folder)) == (0, 0)
    (folder / "m" / "config.json").write_bytes(b"[]")
    assert (we_verify(folder), they_verify(folder) != 0) == (6, True)
    write_model(folder / "m", {"config.json": files["config.json"]})
    signer = certify("signer", between(), LEAF)
    (folder / "m.sig").write_bytes(by_certificate(files, signer, between()))
    (folder / "ca.pem").write_bytes(root().pem)
    words = ("--signature", "m.sig", "--certificate_chain", "ca.pem")
    assert theirs(folder, "verify", "certificate", "m", *words) == 0
    at = ("--at", "2026-06-01T00:00:00Z")
    assert ours(folder, "verify", "./m", "m.sig", "--certificate-authority", "ca.pem", *at) == 0


def test_statements_that_are_signed_and_wrong(folder: Path) -> None:
    key = pair(folder, generate(ECDSA_P256))
    assert ours(folder, "sign", "./m", "--key", "key", "-o", "m.sig") == 0
    raw = (folder / "m.sig").read_bytes()
    for change in (
        lambda statement: statement.update(predicateType="https://example.com/x"),
        lambda statement: statement["subject"][0]["digest"].update(sha256="0" * 64),
        lambda statement: statement["predicate"]["resources"].pop(),
    ):
        (folder / "m.sig").write_bytes(resigned(raw, change, key))
        assert (we_verify(folder), they_verify(folder) != 0) == (6, True)
