"""Envelopes and bundles of every form and kind of key so far verify for ever, and their signers stay the same."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.golden.frozen import Frozen
from weightgate.errors import InputError, SignatureError
from weightgate.signing.accepted import Accepted, Sealed, SignedBy, read_sealed, signed_by
from weightgate.signing.certificates import Authority, read_certificates
from weightgate.signing.keys import ALGORITHMS, load_public
from weightgate.signing.timestamps import stamps_of

FOLDERS = [Frozen("key-types"), Frozen("dsse-multi"), Frozen("bundle-v0.3")]
SAMPLES = [(frozen, name) for frozen in FOLDERS for name in frozen.expected["samples"]]
LATER = datetime.fromisoformat("2026-04-11T00:00:00Z")
each_sample = pytest.mark.parametrize(
    ("frozen", "name"), SAMPLES, ids=[f"{frozen.name}/{name}" for frozen, name in SAMPLES]
)


def authority(file: Path, name: str) -> Authority:
    return Authority(name, read_certificates(file.read_bytes(), str(file)))


def accepted(folder: Path) -> Accepted:
    """Everybody whose public half lies in the folder."""
    roots = tuple(authority(file, "root") for file in folder.glob("root.pem"))
    return Accepted(tuple(load_public(file) for file in sorted(folder.glob("*.pub"))), roots)


def signers(frozen: Frozen, raw: bytes, whom: Accepted) -> tuple[SignedBy, ...]:
    at = datetime.fromisoformat(frozen.expected.get("at", LATER.isoformat()))
    return signed_by(read_sealed(raw, frozen.name), whom, at)


@each_sample
def test_signers_stay_who_they_were(frozen: Frozen, name: str) -> None:
    raw = frozen.read(name)
    said: dict[str, Any] = frozen.expected["samples"][name]
    found = signers(frozen, raw, accepted(frozen.folder))
    assert found == tuple(SignedBy(**signer) for signer in said["signers"])
    assert found
    payload = read_sealed(raw, name).envelope.payload
    assert hashlib.sha256(payload).hexdigest() == frozen.expected["payload_sha256"]


def test_there_is_one_of_every_kind_of_key() -> None:
    kinds = {who["algorithm"] for each in FOLDERS[0].expected["samples"].values() for who in each["signers"]}
    together = [who["algorithm"] for who in FOLDERS[1].expected["samples"]["all-kinds.json"]["signers"]]
    assert kinds == set(together) == set(ALGORITHMS)


def stamped(frozen: Frozen, name: str, by: str = "time-root.pem") -> list[str]:
    sealed: Sealed = read_sealed(frozen.read(name), name)
    return [each.time.isoformat() for each in stamps_of(sealed, [authority(frozen.folder / by, "time")])]


def test_times_stay_what_they_were() -> None:
    frozen = FOLDERS[2]
    for name, said in frozen.expected["samples"].items():
        assert stamped(frozen, name) == said["times"], name
    assert len(stamped(frozen, "timestamp.json")) == 1
    assert stamped(frozen, "timestamp.json", by="root.pem") == []


@each_sample
def test_a_changed_sample_loses_a_signer(frozen: Frozen, name: str) -> None:
    """Any other bit, outside of timestamps and certificates, which may be there or not for all that the signature says."""
    raw, whom = frozen.read(name), accepted(frozen.folder)
    whole = set(signers(frozen, raw, whom))
    begin = raw.index(b'"dsseEnvelope"') if b'"dsseEnvelope"' in raw else 0
    for index in range(begin, len(raw), 3):
        flipped = bytearray(raw)
        flipped[index] ^= 0x11
        try:
            left = set(signers(frozen, bytes(flipped), whom))
        except (InputError, SignatureError):
            continue
        assert left < whole, index


def test_no_private_key_lies_beside_a_sample() -> None:
    for frozen in FOLDERS:
        for file in frozen.folder.iterdir():
            assert b"PRIVATE" not in file.read_bytes(), file
        assert json.loads(frozen.read("expected.json"))["samples"]
