"""Attacks on the bytes: nothing that was changed ends with a verdict's code, and nothing ends with a traceback."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attest.samples import KEY, NOW, OTHER_KEY, check, decide, payload_of, sign
from weightgate.attest.statements.asked import Asked
from weightgate.attest.verifying.verify import verify
from weightgate.cli.page import plain as plain_page
from weightgate.cli.verify import _page
from weightgate.decide.again import decide_again
from weightgate.errors import Exit, InputError
from weightgate.signing.envelope import PAYLOAD_TYPE, pae, seal
from weightgate.signing.keys import ECDSA_P256, PrivateKey, generate

P256 = generate(ECDSA_P256)
RAW = sign(decide("DE"))
SIGNED_BY = {"ed25519": (KEY, RAW), "p256": (P256, sign(decide("DE"), key=P256))}
PAYLOAD = base64.b64decode(json.loads(RAW)["payload"])
WHITESPACE = b" \t\r\n"


def exit_of(raw: bytes, key: PrivateKey = KEY) -> int:
    """The exit code of ``weightgate verify`` for anything genuine, and for nothing else, is 0 with this sample."""
    try:
        return int(verify(raw, keys=[key.public], at=NOW, any_verdict=True).exit)
    except InputError as error:
        return int(error.exit)


REFUSALS = (Exit.INPUT, Exit.SIGNATURE)


@pytest.mark.parametrize(("key", "raw"), SIGNED_BY.values(), ids=SIGNED_BY)
def test_every_flipped_byte_is_refused(key: PrivateKey, raw: bytes) -> None:
    assert exit_of(raw, key) == Exit.OK
    small = seal(b"{}", key)
    for sample, step in ((small, 1), (raw, 7)):
        for index in range(0, len(sample), step):
            for mask in (0x01, 0x20, 0x80, 0xFF):
                flipped = bytearray(sample)
                flipped[index] ^= mask
                assert exit_of(bytes(flipped), key) in REFUSALS, (index, mask)


@given(index=st.integers(0, len(RAW) - 1), byte=st.integers(0, 255))
@settings(max_examples=400)
def test_any_other_byte_anywhere_is_refused(index: int, byte: int) -> None:
    changed = RAW[:index] + bytes([byte]) + RAW[index + 1 :]
    if changed == RAW:
        return
    if index == len(RAW) - 1 and byte in WHITESPACE:
        # The newline after the envelope says nothing; any white space will do.
        assert exit_of(changed) == Exit.OK
        return
    assert exit_of(changed) in REFUSALS


@given(cut=st.integers(0, len(RAW) - 2))
def test_any_truncation_is_no_attestation(cut: int) -> None:
    assert exit_of(RAW[:cut]) == Exit.INPUT


@given(st.binary(max_size=300))
def test_no_bytes_break_the_verifier(raw: bytes) -> None:
    assert exit_of(raw) == Exit.INPUT


@given(index=st.integers(0, len(PAYLOAD) - 1), mask=st.integers(1, 255))
def test_a_changed_payload_under_the_old_signature_is_refused(index: int, mask: int) -> None:
    payload = bytearray(PAYLOAD)
    payload[index] ^= mask
    raw = json.dumps(json.loads(RAW) | {"payload": base64.b64encode(payload).decode()}).encode()
    report = check(raw)
    assert (report.exit, report.verdict, report.checks[-1].id) == (Exit.SIGNATURE, None, "signature")


@given(index=st.integers(0, len(PAYLOAD) - 1), byte=st.integers(0, 255))
@settings(max_examples=200)
def test_a_holder_of_the_key_who_signs_a_damaged_payload_breaks_nothing(index: int, byte: int) -> None:
    payload = PAYLOAD[:index] + bytes([byte]) + PAYLOAD[index + 1 :]
    report = verify(seal(payload, KEY), keys=[KEY.public], at=NOW, asked=Asked(activity="host"))
    assert report.signer is not None
    assert report.signer.keyid == KEY.keyid
    assert report.exit in (*Exit,)
    assert report.genuine is (report.exit != Exit.SIGNATURE)


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1e300,
        "",
        "x",
        "\x1b[31m",
        [],
        {},
        [[]],
        [None],
        {"a": 1},
        "sha256:" + "0" * 64,
        "DE",
    ]
)


@given(data=st.data(), junk=JUNK)
@settings(max_examples=300)
def test_a_holder_of_the_key_who_signs_junk_anywhere_breaks_nothing(data: st.DataObject, junk: Any) -> None:
    statement = copy.deepcopy(payload_of(RAW))
    here: Any = statement
    while True:
        key = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.integers(0, 5)) == 0:
            here[key] = junk
            break
        here = here[key]
    raw = seal(json.dumps(statement).encode(), KEY)
    report = verify(raw, keys=[KEY.public], at=NOW, asked=Asked(gate=True), decide_again=decide_again)
    assert report.exit == Exit.SIGNATURE
    assert "\x1b" not in json.dumps([c.detail for c in report.checks])
    assert all("\x1b" not in c.detail for c in report.checks)


def test_reordered_fields_are_the_same_envelope_and_a_reordered_payload_is_not() -> None:
    envelope = json.loads(RAW)
    assert exit_of(json.dumps(dict(reversed(envelope.items()))).encode()) == Exit.OK
    statement = dict(reversed(payload_of(RAW).items()))
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    assert exit_of(json.dumps(envelope | {"payload": payload}).encode()) == Exit.SIGNATURE


def test_a_signature_is_bound_to_the_payload_type() -> None:
    other = "application/vnd.other+json"
    sig = base64.b64encode(KEY.sign(pae(other, PAYLOAD))).decode()
    assert exit_of(json.dumps(json.loads(RAW) | {"signatures": [{"sig": sig}]}).encode()) == Exit.SIGNATURE
    plain = base64.b64encode(KEY.sign(PAYLOAD)).decode()
    assert exit_of(json.dumps(json.loads(RAW) | {"signatures": [{"sig": plain}]}).encode()) == Exit.SIGNATURE
    good = base64.b64encode(KEY.sign(pae(PAYLOAD_TYPE, PAYLOAD))).decode()
    assert exit_of(json.dumps(json.loads(RAW) | {"signatures": [{"sig": good}]}).encode()) == Exit.OK


def test_a_key_of_another_type_or_owner_does_not_verify() -> None:
    for key, raw in SIGNED_BY.values():
        for other in (KEY, P256, OTHER_KEY):
            assert exit_of(raw, other) == (Exit.OK if other is key else Exit.SIGNATURE)


def test_a_borrowed_keyid_is_no_signature() -> None:
    forged = json.loads(seal(PAYLOAD, OTHER_KEY))
    forged["signatures"][0]["keyid"] = KEY.keyid
    assert exit_of(json.dumps(forged).encode()) == Exit.SIGNATURE


def test_two_attestations_in_one_file_are_none() -> None:
    assert exit_of(RAW + RAW) == Exit.INPUT
    assert exit_of(b"[" + RAW + b"," + RAW + b"]") == Exit.INPUT


def test_duplicate_keys_inside_the_signed_payload_are_refused() -> None:
    payload = PAYLOAD.replace(b'"verdict":"allow"', b'"verdict":"deny","verdict":"allow"', 1)
    assert payload != PAYLOAD
    report = check(seal(payload, KEY))
    assert (report.exit, report.verdict, report.checks[-1].id) == (Exit.SIGNATURE, None, "statement")
    assert "'verdict' is there twice" in report.checks[-1].detail


@given(
    countries=st.lists(st.sampled_from(["DE", "AE", "CN"]), min_size=1, max_size=3, unique=True),
    openness=st.sampled_from(["open", "closed"]),
    algorithm=st.sampled_from([KEY, P256]),
)
def test_what_is_signed_verifies_and_replays(
    countries: list[str], openness: str, algorithm: PrivateKey
) -> None:
    decision = decide(*countries, openness=openness)
    raw = sign(decision, key=algorithm)
    report = verify(raw, keys=[algorithm.public], at=NOW, decide_again=decide_again)
    assert (report.genuine, report.verdict, int(report.exit)) == (True, decision["verdict"], decision["exit"])
    assert report.replay is not None
    assert report.replay.differences == ()


@given(data=st.data(), junk=JUNK | st.just("left out"))
@settings(max_examples=300)
def test_whatever_a_holder_of_the_key_signs_can_be_shown(data: st.DataObject, junk: Any) -> None:
    statement = copy.deepcopy(payload_of(RAW))
    here: Any = statement["predicate"]["decision"]
    while True:
        key = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.integers(0, 5)) == 0:
            break
        here = here[key]
    here[key] = junk
    if junk == "left out":
        del here[key]
    report = verify(seal(json.dumps(statement).encode(), KEY), keys=[KEY.public], at=NOW)
    assert plain_page(_page(report))
