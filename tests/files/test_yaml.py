"""The YAML loader: what it reads, and the place of everything it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import Exit, InputError
from weightgate.files.yaml import MAX_BYTES, MAX_DEPTH, MAX_NODES, Document, parse_yaml, read_yaml


def load(text: str | bytes) -> Any:
    """The data of a document."""
    return parse_yaml(text, "f.yaml").data


def refused(text: str | bytes) -> InputError:
    """The error that a document is refused with."""
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "f.yaml")
    assert caught.value.exit is Exit.INPUT
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("false", False),
        ("False", False),
        ("FALSE", False),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("~", None),
        ("none", "none"),
        ("1e26", 1e26),
        ("1E26", 1e26),
        ("5.0e25", 5.0e25),
        ("1.0e+26", 1e26),
        ("-2.5e-3", -2.5e-3),
        (".5", 0.5),
        ("5.", 5.0),
        ("+1.5", 1.5),
        ("0", 0),
        ("-12", -12),
        ("+12", 12),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b101", "0b101"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-02-03", "2026-02-03"),
        ("2026-02-03T10:00:00Z", "2026-02-03T10:00:00Z"),
        ("1.2.3", "1.2.3"),
        ("e5", "e5"),
        (".", "."),
        ("'1e26'", "1e26"),
        ('"true"', "true"),
        ("''", ""),
        ('"\\u00e9\\n"', "\u00e9\n"),
        ("=", "="),
        ("inf", "inf"),
        ("nan", "nan"),
    ],
)
def test_scalars_of_the_core_schema(text: str, value: Any) -> None:
    found = load(f"key: {text}\n")["key"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_text_whatever_they_look_like() -> None:
    assert load("NO: 1\n5: 2\nnull: 3\ntrue: 4\n2026-01-01: 5\n") == {
        "NO": 1,
        "5": 2,
        "null": 3,
        "true": 4,
        "2026-01-01": 5,
    }


@pytest.mark.parametrize("text", ["", "   \n", "# only a comment\n", "\n\n"])
def test_an_empty_file_is_nothing(text: str) -> None:
    assert parse_yaml(text, "f.yaml") == Document(None, "f.yaml", {(): (1, 1)})


def test_one_document_may_have_its_markers() -> None:
    assert load("---\na: 1\n...\n") == {"a": 1}


def test_block_scalars() -> None:
    assert load("a: >\n  one\n  two\nb: |\n  one\n  two\n") == {"a": "one two\n", "b": "one\ntwo\n"}


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert load("\ufeffa: 1\n".encode()) == {"a": 1}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**300), 10**300) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(PLAIN)
def test_json_means_here_what_it_means_there(data: Any) -> None:
    text = json.dumps(data)
    if '"<<":' in text or "\\ud" in text:
        return
    assert load(text) == data


def refusal(raw: bytes | str) -> InputError | None:
    """The error that a document is refused with, if it is."""
    try:
        parse_yaml(raw, "f.yaml")
    except InputError as error:
        return error
    return None


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    error = refusal(raw)
    assert error is None or (error.where.startswith("f.yaml") and error.message)


@given(st.text(st.sampled_from("ab:-[]{}\"'\n #&*!|>?,<%@`\t.0~\\"), max_size=40))
def test_any_text_of_yaml_signs_is_read_or_refused_with_its_place(text: str) -> None:
    error = refusal(text)
    if error is not None:
        name, line, column = error.where.split(":")
        assert name == "f.yaml"
        assert 1 <= int(line) <= text.count("\n") + 2
        assert int(column) >= 1


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1", "key 'a' is there twice", "keep one of them"),
        ("a: {b: 1, b: 2}\n", "1:11", "key 'b' is there twice", "keep one of them"),
        ("a: 1\n'a': 2\n", "2:1", "key 'a' is there twice", "keep one of them"),
        ("1: a\n'1': b\n", "2:1", "key '1' is there twice", "keep one of them"),
        ("a: &x 1\n", "1:4", "anchor &x is refused", "write the value out"),
        ("a: 1\nb: *x\n", "2:4", "alias *x is refused", "write the value out"),
        ("&x a: 1\n", "1:1", "anchors and tags are refused", "leave them out"),
        ("a: &x [1]\n", "1:4", "anchor &x is refused", "write the value out"),
        ("a: !!str 1\n", "1:4", "tag tag:yaml.org,2002:str is refused", "leave the tag out"),
        ("a: !!python/object/apply:os.system ['id']\n", "1:4", "is refused", "leave the tag out"),
        ("a: !local {b: 1}\n", "1:4", "tag !local is refused", "leave the tag out"),
        ("a: ! 1\n", "1:4", "tag ! is refused", "leave the tag out"),
        ("!!str a: 1\n", "1:1", "anchors and tags are refused", "leave them out"),
        ("a:\n  <<: {b: 1}\n", "2:3", "merge keys are refused", "write the values out"),
        ("a: 1\n---\nb: 2\n", "2:1", "a second document starts here", "keep one document in a file"),
        ("? [a, b]\n: 1\n", "1:3", "a key must be plain text", ""),
        ("? {a: 1}\n: 1\n", "1:3", "a key must be plain text", ""),
        ("a: .inf\n", "1:4", ".inf is no number a fact can have", "write null for unknown"),
        ("a: -.INF\n", "1:4", "-.INF is no number a fact can have", "write null for unknown"),
        ("a: .NaN\n", "1:4", ".NaN is no number a fact can have", "write null for unknown"),
        ("a: 1e999\n", "1:4", "1e999 is too large for a double", ""),
        ("a: [1, 1" + "0" * 400 + "]\n", "1:8", "a number too large for a double", ""),
        ("a: 1" + "0" * 309 + "\n", "1:4", "a number too large for a double", ""),
        ("a: -1" + "0" * 309 + "\n", "1:4", "a number too large for a double", ""),
        ("a: 0x" + "f" * 300 + "\n", "1:4", "a number too large for a double", ""),
        ("a: 0o" + "7" * 400 + "\n", "1:4", "a number too large for a double", ""),
        ("a: [1, 2\nb: 3\n", "2:2", "not YAML", ""),
        ("a: 'open\n", "2:1", "not YAML", ""),
        ("a:\n\t- b\n", "2:1", "not YAML", ""),
        ("a: b: c\n", "1:5", "mapping values are not allowed", "put text with ': ' in quotes"),
        ("a: 1\n  b: 2\n", "2:4", "mapping values are not allowed", "indent the keys of one mapping alike"),
        ("a: @x\n", "1:4", "not YAML", ""),
        ("a: x\x01y\n", "1:5", "not YAML", ""),
        ("a: 1\nb: é\x01\n", "2:5", "not YAML", ""),
        ("%YAML 1.1\n---\na: NO\n", "1:1", "directives are refused", "leave it out"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", "1:1", "directives are refused", "leave it out"),
    ],
)
def test_what_is_refused_and_where(text: str, place: str, message: str, hint: str) -> None:
    error = refused(text)
    assert error.where == f"f.yaml:{place}"
    assert message in error.message
    assert error.hint == hint
    assert error.code == "yaml"


def test_a_lone_surrogate_is_refused() -> None:
    assert refused("a: \ud800\n").where == "f.yaml:1:4"
    assert refused('a: "\\ud800"\n').code == "yaml"


@pytest.mark.parametrize(
    ("raw", "byte", "place"),
    [
        (b"a: \xff\n", "0xff", "1:4"),
        (b"\xff\xfea\x00", "0xff", "1:1"),
        ("\n# \u00e9 ".encode() + b"caf\xe9", "0xe9", "2:8"),
    ],
)
def test_what_is_not_utf_8_is_refused_with_its_place(raw: bytes, byte: str, place: str) -> None:
    error = refused(raw)
    assert (error.message, error.where, error.code) == (
        f"not UTF-8: byte {byte}",
        f"f.yaml:{place}",
        "not_utf8",
    )


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert refused(bomb).where == "f.yaml:1:4"


def test_depth_is_bounded() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert load(deepest) is not None
    error = refused("[[" + deepest + "]]\n")
    assert error.message == f"nested deeper than {MAX_DEPTH} levels"
    assert refused("{a: " * 5000).message.startswith(f"nested deeper than {MAX_DEPTH} levels")


def test_the_number_of_values_is_bounded() -> None:
    error = refused("[" + "1," * MAX_NODES + "]")
    assert error.message == f"more than {MAX_NODES} values"
    assert len(load("[" + "1," * (MAX_NODES - 1) + "]")) == MAX_NODES - 1


def test_the_size_is_bounded(tmp_path: Path) -> None:
    error = refused(b"# " + b"x" * MAX_BYTES)
    assert (error.message, error.code, error.hint) == (
        f"larger than {MAX_BYTES} bytes",
        "too_large",
        "split the file",
    )
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES * 100)
    with pytest.raises(InputError, match="larger than"):
        read_yaml(path)


PLACES = """\
name: x
list:
  - a: 1
    b: {c: 2}
  - [7, 8]
text: >
  folded
  text
nothing:
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "1:1"),
        (("name",), "1:7"),
        (("list",), "3:3"),
        (("list", 0), "3:5"),
        (("list", 0, "a"), "3:8"),
        (("list", 0, "b", "c"), "4:12"),
        (("list", 1, 1), "5:9"),
        (("text",), "7:1"),
        (("nothing",), "9:1"),
        (("list", 0, "gone"), "3:5"),
        (("list", 9, "a"), "3:3"),
        (("gone", "too"), "1:1"),
    ],
)
def test_every_value_has_its_place(path: tuple[str | int, ...], place: str) -> None:
    assert parse_yaml(PLACES, "f.yaml").where(*path) == f"f.yaml:{place}"


def test_a_document_without_places_names_the_file() -> None:
    assert Document({"a": 1}, "the caller", {}).where("a") == "the caller"


def test_a_file_is_read_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: é\n".encode())
    document = read_yaml(path)
    assert document.data == {"a": "é"}
    assert document.where("a") == f"{path}:1:4"


@pytest.mark.parametrize(
    ("name", "problem"), [("gone.yaml", "No such file or directory"), (".", "Is a directory")]
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        read_yaml(tmp_path / name)
    assert caught.value.message == f"cannot read: {problem}"
    assert (caught.value.where, caught.value.code) == (str(tmp_path / name), "unreadable")
