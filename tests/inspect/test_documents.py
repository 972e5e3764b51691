"""Small JSON documents and their typed access."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource
from weightgate.errors import Exit, InputError, ModelError
from weightgate.inspect.documents.json_file import JsonFile, as_model_error, read_json, sha256


def document(data: dict[str, Any]) -> JsonFile:
    return read_json(MemorySource({"a.json": data}), "a.json", max_bytes=100_000)


def test_place_and_digest_are_the_file_s() -> None:
    raw = b'{"a": 1}'
    file = read_json(MemorySource({"d/a.json": raw}, reference="owner/name"), "d/a.json", max_bytes=100)
    assert (file.name, file.where) == ("d/a.json", "owner/name/d/a.json")
    assert file.digest == f"sha256:{hashlib.sha256(raw).hexdigest()}" == sha256(raw)
    assert file.data == {"a": 1}


@pytest.mark.parametrize("data", [{}, {"k": None}])
def test_absent_and_null_are_nothing(data: dict[str, Any]) -> None:
    file = document(data)
    assert file.text("k") is None
    assert file.texts("k") == ()
    assert file.flag("k") is None
    assert file.count("k") is None
    assert file.number("k") is None
    assert file.section("k") is None


def test_values_of_the_right_type() -> None:
    file = document({"t": "x", "l": ["x", "y"], "f": False, "c": 3, "n": 2.5, "s": {"c": 1}, "z": -0.0})
    assert file.text("t") == "x"
    assert file.texts("l") == ("x", "y")
    assert file.flag("f") is False
    assert file.count("c") == 3
    assert (file.number("c"), file.number("n")) == (3.0, 2.5)
    assert str(file.number("z")) == "0.0"
    section = file.section("s")
    assert section is not None
    assert section.where == "./model/a.json: s"
    assert section.count("c") == 1
    assert file.section("t") is None


_ACCESS: dict[str, tuple[Callable[[JsonFile], object], list[Any]]] = {
    "text": (lambda f: f.text("k"), [1, 1.5, True, [], {}]),
    "texts": (lambda f: f.texts("k"), ["x", 1, [1], ["x", None], {}]),
    "flag": (lambda f: f.flag("k"), [0, 1, "true", [], {}]),
    "count": (lambda f: f.count("k"), [-1, 1.0, True, "1", [], {}]),
    "number": (lambda f: f.number("k"), [-1, -0.5, True, "1", [], {}, -1e308]),
}


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, (_, bad) in _ACCESS.items() for value in bad]
)
def test_another_type_is_refused_with_what_was_found_and_needed(kind: str, value: object) -> None:
    with pytest.raises(ModelError) as error:
        _ACCESS[kind][0](document({"k": value}))
    assert error.value.where == "./model/a.json: k"
    assert error.value.code == "bad_type"
    assert error.value.exit is Exit.INPUT
    assert error.value.message.startswith("k is ")
    assert ", needed " in error.value.message
    assert len(error.value.message) < 120


@pytest.mark.parametrize(
    ("raw", "message", "code"),
    [
        (b"", "not JSON", "json"),
        (b"{", "not JSON", "json"),
        (b"null", "holds NoneType, needed an object", "bad_type"),
        (b"[{}]", "holds list, needed an object", "bad_type"),
        (b'{"k": 1, "k": 1}', "twice", "json"),
        (b'{"k": {"k": 1, "k": 1}}', "twice", "json"),
        (b'{"k": -Infinity}', "-Infinity", "json"),
        (b"\xef\xbb\xbf{}", "not JSON", "json"),
        (b"{}\x00", "not JSON", "json"),
        (b'{"k": "\xc3"}', "not UTF-8", "not_utf8"),
        (b'{"k": ' + b"1" * 400 + b"}", "too large", "json"),
        (b"{" + b" " * 1000 + b"}", "at most 1000", "too_large"),
    ],
)
def test_what_is_no_object_of_json(raw: bytes, message: str, code: str) -> None:
    with pytest.raises(ModelError) as error:
        read_json(MemorySource({"a.json": raw}), "a.json", max_bytes=1000)
    assert message in error.value.message
    assert error.value.code == code
    assert error.value.where.startswith("./model/a.json")


def test_an_input_error_becomes_the_model_s_fault_with_the_same_words() -> None:
    error = as_model_error(InputError("m", where="w", hint="h", code="c"))
    assert (error.message, error.where, error.hint, error.code) == ("m", "w", "h", "c")
    assert error.exit is Exit.INPUT


@given(st.integers(0, 10**300))
def test_counts_come_back_as_written(value: int) -> None:
    file = document({"k": value})
    assert file.count("k") == value
    assert file.number("k") == float(value)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=5))
def test_texts_come_back_as_written(data: dict[str, str]) -> None:
    file = document(data)
    assert all(file.text(key) == value for key, value in data.items())
    assert file.digest == sha256(json.dumps(data).encode())
