"""Timestamps by a real authority, ``openssl ts``: asked for, put into a bundle, verified, and all that goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.heavy.interop.timestamp_fixtures import Authority, authority, make_authority
from weightgate.errors import Exit, UnreachableError, UsageError, WeightgateError
from weightgate.signing import timestamps
from weightgate.signing.accepted import Accepted, SignedBy, read_sealed, signed_by
from weightgate.signing.bundle import Material, write_bundle
from weightgate.signing.certificates import Authority as Root
from weightgate.signing.envelope import seal
from weightgate.signing.keys import ECDSA_P256, ED25519, RSA_PSS, generate
from weightgate.signing.sealing import Sealer
from weightgate.signing.timestamps import Stamp, request_timestamp, stamps_of

__all__ = ["authority"]

ROOT = Path(__file__).resolve().parents[3]
KEYS = {name: generate(name) for name in (ED25519, ECDSA_P256, RSA_PSS)}
KEY = KEYS[ED25519]


@pytest.fixture
def working(authority: Authority) -> Authority:
    """The authority as it behaves well."""
    authority.mode = "good"
    return authority


def root_of(authority: Authority, name: str = "time") -> Root:
    """The authority as a verifier trusts it."""
    return Root(name, (authority.root,))


def stamps(raw: bytes, *roots: Root) -> tuple[Stamp, ...]:
    """What a verifier learns of the time."""
    return stamps_of(read_sealed(raw, "a.json"), roots)


def with_timestamps(raw: bytes, *held: bytes) -> bytes:
    """The same envelope with other timestamps."""
    envelope = json.dumps(json.loads(raw)["dsseEnvelope"]).encode()
    return write_bundle(envelope, Material(hint=KEY.keyid, timestamps=held))


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_bundle_is_stamped_and_the_time_is_trusted(working: Authority, algorithm: str) -> None:
    key = KEYS[algorithm]
    raw = Sealer((key,), bundle=True, timestamp_url=working.url).seal(b"{}")
    (stamp,) = stamps(raw, root_of(working))
    assert stamp.authority == "time"
    assert abs(stamp.time - datetime.now(UTC)) < timedelta(seconds=30)
    sealed = read_sealed(raw, "a.json")
    assert signed_by(sealed, Accepted(keys=(key.public,)), stamp.time) == (SignedBy(key.keyid, algorithm),)


def test_openssl_verifies_what_is_in_the_bundle(working: Authority, tmp_path: Path) -> None:
    sealed = read_sealed(Sealer((KEY,), bundle=True, timestamp_url=working.url).seal(b"{}"), "a.json")
    assert sealed.material is not None
    (tmp_path / "answer.tsr").write_bytes(sealed.material.timestamps[0])
    (tmp_path / "signature").write_bytes(sealed.envelope.signatures[0].sig)
    words = [
        "ts",
        "-verify",
        "-data",
        "signature",
        "-in",
        "answer.tsr",
        "-CAfile",
        str(working.folder / "root.pem"),
    ]
    done = subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Verification: OK" in done.stdout


def test_a_timestamp_by_nobody_trusted_establishes_nothing_and_harms_nothing(
    working: Authority, tmp_path: Path
) -> None:
    other = make_authority(tmp_path / "other")
    raw = Sealer((KEY,), bundle=True, timestamp_url=working.url).seal(b"{}")
    assert stamps(raw) == ()
    assert stamps(raw, root_of(other)) == ()
    assert [stamp.authority for stamp in stamps(raw, root_of(other, "other"), root_of(working))] == ["time"]
    accepted = Accepted(keys=(KEY.public,))
    assert signed_by(read_sealed(raw, "a.json"), accepted, datetime.now(UTC)) == (
        SignedBy(KEY.keyid, ED25519),
    )


def test_a_certificate_that_is_not_for_timestamps_establishes_nothing(
    tmp_path: Path, working: Authority
) -> None:
    query = Sealer((KEY,), bundle=True, timestamp_url=working.url).seal(b"{}")
    sealed = read_sealed(query, "a.json")
    assert sealed.material is not None
    wrong = make_authority(tmp_path / "wrong", ExtendedKeyUsageOID.CODE_SIGNING)
    assert stamps(query, root_of(wrong)) == ()
    # openssl itself refuses to sign with it, as RFC 3161 demands.
    with pytest.raises(AssertionError, match="certificate"):
        wrong.answer((working.folder / "query.tsq").read_bytes())


def test_a_timestamp_of_another_signature_establishes_nothing(working: Authority) -> None:
    one, other = (Sealer((KEY,), bundle=True, timestamp_url=working.url).seal(p) for p in (b"{}", b"[]"))
    moved = read_sealed(other, "a.json").material
    assert moved is not None
    assert stamps(with_timestamps(one, *moved.timestamps), root_of(working)) == ()


def test_no_flipped_byte_of_a_timestamp_gives_another_time(working: Authority) -> None:
    raw = Sealer((KEY,), bundle=True, timestamp_url=working.url).seal(b"{}")
    material = read_sealed(raw, "a.json").material
    assert material is not None
    (good,), whole = material.timestamps, stamps(raw, root_of(working))
    kept = 0
    for index in range(len(good)):
        for mask in (0x01, 0x80, 0xFF):
            flipped = bytearray(good)
            flipped[index] ^= mask
            found = stamps(with_timestamps(raw, bytes(flipped)), root_of(working))
            # Bytes outside of what the authority signed, such as its words to the asker, may change.
            assert found in ((), whole), (index, mask)
            kept += bool(found)
    assert kept < len(good)


@pytest.mark.parametrize("cut", [0, 1, 2, 50, 400])
def test_a_damaged_timestamp_is_left_out(working: Authority, cut: int) -> None:
    raw = Sealer((KEY,), bundle=True, timestamp_url=working.url).seal(b"{}")
    material = read_sealed(raw, "a.json").material
    assert material is not None
    (good,) = material.timestamps
    held = (good[:cut] or b"x", b"\x30\x80", good)
    assert len(stamps(with_timestamps(raw, *held), root_of(working))) == 1


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("refusing", "it refused with status 2"),
        ("another", "its answer is about another request"),
        ("html", "it answered with 'text/html', needed 'application/timestamp-reply'"),
        ("nonsense", "its answer cannot be read"),
        ("cut", "its answer cannot be read"),
        ("large", "it answered with more than 65536 bytes"),
        ("down", "it answered with status 503"),
    ],
)
def test_an_authority_that_misbehaves_is_named(authority: Authority, mode: str, told: str) -> None:
    authority.mode = "good"
    request_timestamp(b"before", authority.url)
    authority.mode = mode
    with pytest.raises(UnreachableError) as caught:
        request_timestamp(b"signature", authority.url)
    assert (caught.value.exit, caught.value.code) == (Exit.UNREACHABLE, "timestamp")
    assert caught.value.where == authority.url
    assert told in caught.value.message


def test_an_authority_that_drips_is_not_waited_for(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.mode = "dripping"
    monkeypatch.setattr(timestamps, "TIMEOUT", 1.0)
    with pytest.raises(UnreachableError, match="no answer within 1 seconds"):
        request_timestamp(b"signature", authority.url)


def test_an_authority_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="cannot be reached"):
        request_timestamp(b"signature", "http://127.0.0.1:9/")
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1"):
        with pytest.raises(UsageError, match="is no address"):
            request_timestamp(b"signature", url)


def weightgate(folder: Path, *words: str) -> Any:
    """Run the command as a process, and read what it printed as JSON."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "weightgate", *words, "--output", "json"], cwd=folder, env=env,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_attest_asks_for_a_timestamp_as_a_process(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "closed.yaml").write_text("model.openness: closed\n", encoding="utf-8")
    _, decision = weightgate(tmp_path, "check", "-", "--to", "DE", "--facts", "closed.yaml")
    (tmp_path / "decision.json").write_text(json.dumps(decision), encoding="utf-8")
    weightgate(tmp_path, "keys", "generate", "-o", "k")
    signing = ["attest", "decision.json", "--key", "k", "-o", "a.json", "--timestamp-url", authority.url]
    authority.mode = "good"
    code, error = weightgate(tmp_path, *signing)
    assert (code, error["error"]["code"]) == (4, "signers")
    assert weightgate(tmp_path, *signing, "--bundle")[0] == 0
    assert len(stamps((tmp_path / "a.json").read_bytes(), root_of(authority))) == 1
    assert weightgate(tmp_path, "verify", "a.json", "--key", "k.pub", "--any-verdict")[0] == 0
    (tmp_path / "a.json").unlink()
    authority.mode = "down"
    code, error = weightgate(tmp_path, *signing, "--bundle")
    assert (code, error["error"]["code"]) == (5, "timestamp")
    assert not (tmp_path / "a.json").exists()


TRUST = """\
schema: weightgate/trust/v1
version: 1
expires: 2099-12-31
identities:
  ci:
    certificate_authority: |
{ca}
    subject: CN=time
timestamp_authorities:
  clock: |
{clock}
decide:
  - identities: [ci]
"""


def pem_of(authority: Authority, indent: int) -> str:
    """An authority's root in PEM, indented."""
    text = (authority.folder / "root.pem").read_text(encoding="ascii").rstrip()
    return "\n".join(" " * indent + line for line in text.splitlines())


def check_of(report: Any, name: str) -> str:
    """How one check came out."""
    return next(str(check["state"]) for check in report["checks"] if check["id"] == name)


def test_a_certificate_that_lapsed_since_still_signed_when_a_trusted_clock_says_so(
    working: Authority, tmp_path: Path
) -> None:
    company = make_authority(tmp_path / "company", ExtendedKeyUsageOID.CODE_SIGNING)
    (tmp_path / "closed.yaml").write_text("model.openness: closed\n", encoding="utf-8")
    _, decision = weightgate(tmp_path, "check", "-", "--to", "DE", "--facts", "closed.yaml")
    (tmp_path / "decision.json").write_text(json.dumps(decision), encoding="utf-8")
    key = company.folder / "signer.key"
    key.chmod(0o600)
    signing = [
        "attest",
        "decision.json",
        "--key",
        str(key),
        "--certificate-chain",
        str(company.folder / "signer.pem"),
    ]
    assert weightgate(tmp_path, *signing, "--bundle", "-o", "bare.json")[0] == 0
    stamped = ["--bundle", "--timestamp-url", working.url, "-o", "stamped.json"]
    assert weightgate(tmp_path, *signing, *stamped)[0] == 0
    trust = TRUST.format(ca=pem_of(company, 6), clock=pem_of(working, 4))
    (tmp_path / "trust.yaml").write_text(trust, encoding="utf-8")
    words = ["--trust", "trust.yaml", "--any-verdict"]
    for name, state in (("bare.json", "not_established"), ("stamped.json", "established")):
        code, report = weightgate(tmp_path, "verify", name, *words)
        assert (code, check_of(report, "timestamp")) == (0, state)
    # Twenty years on the certificate has lapsed, and so has the clock's own.
    later = [*words, "--archive", "--at", "2046-01-01T00:00:00Z"]
    assert weightgate(tmp_path, "verify", "bare.json", *later)[0] == 6
    code, report = weightgate(tmp_path, "verify", "stamped.json", *later)
    assert (code, check_of(report, "signature"), check_of(report, "timestamp")) == (
        0,
        "established",
        "established",
    )


def test_verify_takes_an_authority_by_hand(working: Authority, tmp_path: Path) -> None:
    (tmp_path / "closed.yaml").write_text("model.openness: closed\n", encoding="utf-8")
    _, decision = weightgate(tmp_path, "check", "-", "--to", "DE", "--facts", "closed.yaml")
    (tmp_path / "decision.json").write_text(json.dumps(decision), encoding="utf-8")
    weightgate(tmp_path, "keys", "generate", "-o", "k")
    stamped = ["--bundle", "--timestamp-url", working.url, "-o", "a.json"]
    assert weightgate(tmp_path, "attest", "decision.json", "--key", "k", *stamped)[0] == 0
    other = make_authority(tmp_path / "other")
    verifying = ["verify", "a.json", "--key", "k.pub", "--any-verdict", "--timestamp-authority"]
    for clock, state in ((working, "established"), (other, "not_established")):
        code, report = weightgate(tmp_path, *verifying, str(clock.folder / "root.pem"))
        assert (code, check_of(report, "timestamp")) == (0, state)


def test_a_plain_envelope_has_no_time(working: Authority) -> None:
    assert stamps(seal(b"{}", KEY), root_of(working)) == ()
    with pytest.raises(WeightgateError, match="no place for a timestamp"):
        Sealer((KEY,), timestamp_url=working.url).seal(b"{}")
