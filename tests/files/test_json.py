"""The JSON reader: duplicate keys and numbers that are none are refused, and everything is bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import Exit, InputError
from weightgate.files.json import parse_json

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**300), 10**300) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def refused(raw: bytes | str, **limits: int) -> InputError:
    """The error that a document is refused with."""
    with pytest.raises(InputError) as caught:
        parse_json(raw, "d.json", **limits)
    assert caught.value.exit is Exit.INPUT
    return caught.value


@given(PLAIN, st.booleans(), st.booleans())
def test_what_is_written_is_read_back(data: Any, escaped: bool, as_bytes: bool) -> None:
    text = json.dumps(data, ensure_ascii=escaped)
    assert parse_json(text.encode() if as_bytes else text, "d.json") == data


def refusal(raw: bytes | str) -> InputError | None:
    """The error that a document is refused with, if it is."""
    try:
        parse_json(raw, "d.json")
    except InputError as error:
        return error
    return None


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    error = refusal(raw)
    assert error is None or error.where.startswith("d.json")


@given(st.text(st.sampled_from('{}[]",:0123456789.eE+-tfn\\u "'), max_size=30))
def test_what_is_read_can_be_written_again(text: str) -> None:
    try:
        data = parse_json(text, "d.json")
    except InputError:
        return
    assert parse_json(json.dumps(data, ensure_ascii=False).encode(), "d.json") == data


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        (b'{"a": 1, "a": 2}', "d.json", "key 'a' is there twice"),
        (b'[{"x": {"b": 1, "c": 2, "b": 1}}]', "d.json", "key 'b' is there twice"),
        (b'{"\\u0061": 1, "a": 2}', "d.json", "key 'a' is there twice"),
        (b"NaN", "d.json", "NaN is not JSON"),
        (b"[Infinity]", "d.json", "Infinity is not JSON"),
        (b"[-Infinity]", "d.json", "-Infinity is not JSON"),
        (b"1e999", "d.json", "1e999 is too large for a double"),
        (b"1" + b"0" * 309, "d.json", "a number too large for a double"),
        (b"-1" + b"0" * 309, "d.json", "a number too large for a double"),
        (b"1" * 5000, "d.json", "a number too large for a double"),
        (b'"\\ud800"', "d.json", "half a surrogate pair"),
        (b'{"\\uDFFF": 1}', "d.json", "half a surrogate pair"),
        (b"", "d.json:1:1", "not JSON: Expecting value"),
        (b"{", "d.json:1:2", "not JSON: Expecting property name"),
        (b'{\n "a" 1}', "d.json:2:6", "not JSON: Expecting ':' delimiter"),
        (b"[1] 2", "d.json:1:5", "not JSON: Extra data"),
        (b"\xef\xbb\xbf{}", "d.json:1:1", "not JSON: Unexpected UTF-8 BOM"),
        (b"[01]", "d.json:1:3", "not JSON"),
        (b"['a']", "d.json:1:2", "not JSON: Expecting value"),
        (b"// no\n1", "d.json:1:1", "not JSON: Expecting value"),
        (b'"a\nb"', "d.json:1:3", "not JSON: Invalid control character"),
    ],
)
def test_what_is_refused_and_where(raw: bytes, place: str, message: str) -> None:
    error = refused(raw)
    assert error.where == place
    assert error.message.startswith(message)
    assert error.code == "json"


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse_json(b'"\\ud83d\\ude00"', "d.json") == "\N{GRINNING FACE}"
    assert parse_json(b'"\\\\ud800"', "d.json") == "\\ud800"


def test_what_is_not_utf_8_is_refused_with_its_offset() -> None:
    error = refused(b'{"a": "\xff"}')
    assert (error.message, error.where, error.code) == ("not UTF-8", "d.json: offset 7", "not_utf8")


def test_depth_is_bounded() -> None:
    error = refused("[" * 200_000)
    assert (error.message, error.where) == ("nested too deeply", "d.json")


def test_the_size_is_bounded() -> None:
    assert parse_json(b"[1]", "d.json", max_bytes=3) == [1]
    error = refused(b"[12]", max_bytes=3)
    assert (error.message, error.code) == ("larger than 3 bytes", "too_large")


def test_a_long_number_does_not_fill_the_message() -> None:
    assert len(refused("1" * 300 + "e999").message) < 100
