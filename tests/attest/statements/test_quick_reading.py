"""The quick ways to read what is written here: what they take, the slow way takes alike, and nothing more is taken."""

from __future__ import annotations

import base64
import json
from binascii import a2b_base64, b2a_base64
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.attest.samples import KEY
from weightgate.attest.statements.batch import Batches, seal_batch, unseal_by
from weightgate.errors import InputError, SignatureError
from weightgate.signing.accepted import read_sealed
from weightgate.signing.envelope import canonical_base64, read_envelope, seal
from weightgate.signing.keys import public_from_pem
from weightgate.signing.statement import Subject, compose_statement

STATEMENT = compose_statement([Subject("m", {"sha256": "a" * 64})], "https://example.com/p", {"n": 1})
SEALED = seal(STATEMENT, KEY)
MEMBER = next(seal_batch([STATEMENT, b"{}"], KEY))
ALPHABET = st.sampled_from("AQgw4/+9=\n-_ é")


def _slowly(text: str) -> bytes | None:
    try:
        raw = a2b_base64(text)
    except ValueError:
        return None
    return raw if b2a_base64(raw, newline=False).decode() == text else None


@given(st.text(ALPHABET, max_size=16))
@example("QQ==QQ==")
@example("QQ=\n=")
@example("Q=Q=")
@example("QQQ\nQQ==")
@example("QUI=\n")
@example("")
def test_base64_is_taken_in_the_spelling_that_encoding_gives_and_no_other(text: str) -> None:
    assert canonical_base64(text) == _slowly(text)


@given(st.binary(max_size=40))
def test_base64_gives_what_was_encoded(raw: bytes) -> None:
    assert canonical_base64(base64.b64encode(raw)) == raw
    assert canonical_base64(base64.b64encode(raw).decode()) == raw


def _spelled_otherwise(line: bytes) -> bytes:
    """The same document with a space where none is written, which the quick way does not know."""
    return line.replace(b'"payload":"', b'"payload": "')


def test_an_envelope_is_the_same_in_either_spelling() -> None:
    assert read_envelope(SEALED, "a") == read_envelope(_spelled_otherwise(SEALED), "a")
    assert read_sealed(SEALED, "a").envelope == read_envelope(SEALED, "a")


def test_a_member_is_the_same_in_either_spelling() -> None:
    batches = Batches(unseal_by([KEY.public]))
    assert batches.unseal(MEMBER, "m") == batches.unseal(_spelled_otherwise(MEMBER), "m")


@pytest.mark.parametrize("position", range(0, len(SEALED), 3))
@pytest.mark.parametrize("byte", [b'"', b"\\", b"\x00", b"{", b"A", b"=", b"\xff"])
def test_a_changed_envelope_is_read_the_same_way_in_either_spelling(position: int, byte: bytes) -> None:
    changed = SEALED[:position] + byte + SEALED[position + 1 :]
    assert _outcome(read_envelope, changed) == _outcome(read_envelope, _spelled_otherwise(changed))


def _outcome(read: Any, raw: bytes) -> Any:
    try:
        return read(raw, "a")
    except (InputError, SignatureError) as error:
        return type(error), error.code


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"payload":"', b'"payload":{"payload":"'),
        (b'"payload":"', b'"payload":"","payload":"'),
        (b'"payload":"', b'"x":["payload",""],"payload":"'),
        (b'"proof":"', b'"proof":{"payload":""},"x":"'),
        (b'"proof":"', b'"payload":"","proof":"'),
    ],
)
def test_a_payload_elsewhere_in_a_member_is_refused(before: bytes, after: bytes) -> None:
    changed = MEMBER.replace(before, after, 1)
    with pytest.raises((SignatureError, InputError)):
        Batches(unseal_by([KEY.public])).unseal(changed, "m")


def test_a_payload_inside_the_payload_is_refused() -> None:
    document = json.loads(MEMBER)
    document["payload"] = {"payload": document["payload"]}
    changed = json.dumps(document, separators=(",", ":")).encode()
    with pytest.raises(SignatureError) as refused:
        Batches(unseal_by([KEY.public])).unseal(changed, "m")
    assert refused.value.code == "envelope"


def test_a_key_is_the_same_in_every_spelling_of_its_pem() -> None:
    pem = KEY.public.pem()
    unusual = b"a comment\n" + pem.replace(b"\n", b"\r\n")
    assert public_from_pem(pem, "k") == public_from_pem(unusual, "k")
    assert public_from_pem(pem, "k").keyid == KEY.keyid


def test_a_key_of_another_kind_in_as_many_bytes_is_no_signing_key() -> None:
    der = bytes.fromhex("302a300506032b656e032100") + bytes(range(32))
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der) + b"\n-----END PUBLIC KEY-----\n"
    with pytest.raises(InputError) as refused:
        public_from_pem(pem, "k")
    assert refused.value.code == "key_type"
