"""Timestamps as they are read; asking a real authority for them is tested in tests/heavy/interop."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.golden.frozen import Frozen
from tests.signing.chains import certify, root
from weightgate.errors import Exit, UnreachableError, UsageError
from weightgate.signing.accepted import Sealed, read_sealed
from weightgate.signing.bundle import MAX_TIMESTAMP_BYTES, Material, write_bundle
from weightgate.signing.certificates import Authority, read_certificates
from weightgate.signing.timestamps import Stamp, request_timestamp, stamps_of

FROZEN = Frozen("bundle-v0.3")
RAW = FROZEN.read("timestamp.json")
TIME = Authority("time", read_certificates(FROZEN.read("time-root.pem"), "time-root.pem"))
OTHER = Authority("other", (root().certificate,))
STAMP = Stamp(datetime.fromisoformat(FROZEN.expected["samples"]["timestamp.json"]["times"][0]), "time")
MATERIAL = read_sealed(RAW, "a.json").material
assert MATERIAL is not None
(TOKEN,) = MATERIAL.timestamps


def holding(*timestamps: bytes) -> Sealed:
    """The same bundle with other timestamps."""
    envelope = json.dumps(json.loads(RAW)["dsseEnvelope"]).encode()
    return read_sealed(write_bundle(envelope, Material(timestamps=timestamps)), "a.json")


def test_a_trusted_authority_gives_a_time() -> None:
    assert stamps_of(read_sealed(RAW, "a.json"), [TIME]) == (STAMP,)
    assert STAMP.time.tzinfo == UTC


def test_nobody_trusted_gives_none() -> None:
    namesake = Authority("time", (certify("time root", None, ()).certificate,))
    for authorities in ((), (OTHER,), (namesake,)):
        assert stamps_of(read_sealed(RAW, "a.json"), authorities) == ()
    assert stamps_of(read_sealed(RAW, "a.json"), [OTHER, TIME]) == (STAMP,)


def test_of_several_the_earliest_comes_first_and_damaged_ones_are_left_out() -> None:
    twice = stamps_of(holding(b"\x30\x00", TOKEN, b"x", TOKEN), [TIME])
    assert twice == (STAMP, STAMP)


def test_the_time_belongs_to_one_signature() -> None:
    other = json.loads(FROZEN.read("key.json"))
    other["verificationMaterial"]["timestampVerificationData"] = json.loads(RAW)["verificationMaterial"][
        "timestampVerificationData"
    ]
    assert stamps_of(read_sealed(json.dumps(other).encode(), "a.json"), [TIME]) == ()


def test_a_plain_envelope_has_none() -> None:
    plain = json.dumps(json.loads(RAW)["dsseEnvelope"]).encode()
    assert stamps_of(read_sealed(plain, "a.json"), [TIME]) == ()


@given(index=st.integers(0, len(TOKEN) - 1), mask=st.integers(1, 255))
@settings(max_examples=200)
def test_no_changed_byte_gives_another_time(index: int, mask: int) -> None:
    changed = bytearray(TOKEN)
    changed[index] ^= mask
    assert stamps_of(holding(bytes(changed)), [TIME]) in ((), (STAMP,))


@given(junk=st.binary(min_size=1, max_size=300), cut=st.integers(1, len(TOKEN) - 1))
def test_no_bytes_break_the_reader(junk: bytes, cut: int) -> None:
    assert stamps_of(holding(junk, TOKEN[:cut], TOKEN[:cut] + junk), [TIME]) == ()


def test_the_longest_junk_is_left_out_too() -> None:
    assert stamps_of(holding(b"\x30\x83\xff\xff\xfa" + b"\x00" * (MAX_TIMESTAMP_BYTES - 5)), [TIME]) == ()


def test_without_the_extra_it_is_named_only_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    assert stamps_of(read_sealed(RAW, "a.json"), []) == ()
    assert stamps_of(read_sealed(FROZEN.read("key.json"), "a.json"), [TIME]) == ()
    with pytest.raises(UsageError, match="needs the extra 'timestamps'") as caught:
        stamps_of(read_sealed(RAW, "a.json"), [TIME])
    assert caught.value.code == "extra_missing"


def test_an_authority_that_is_not_there() -> None:
    with pytest.raises(UnreachableError, match="no timestamp: cannot be reached") as caught:
        request_timestamp(b"signature", "http://127.0.0.1:9/")
    assert (caught.value.exit, caught.value.code) == (Exit.UNREACHABLE, "timestamp")


@pytest.mark.parametrize("url", ["", "time.example", "file:///etc/passwd", "ftp://time.example/"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match="is no address of an authority") as caught:
        request_timestamp(b"signature", url)
    assert (caught.value.exit, caught.value.code) == (Exit.INPUT, "timestamp_url")
