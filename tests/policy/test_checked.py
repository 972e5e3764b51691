"""The reader of serialised CEL against what the official parser writes."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.policy.cel import Scope, environment
from weightgate.policy.checked import Node, read_checked

SCOPE = Scope({"limit": 1e26, "names": ("a", "b")}, {})


def read(text: str) -> Node:
    return read_checked(bytes(environment(SCOPE).compile(text).serialize()))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0))
def test_every_double_arrives_bit_for_bit(number: float) -> None:
    node = read(
        f"{number!r} == model.parameters" if "e" in repr(number) or "." in repr(number) else "0.0 == 0.0"
    )
    value = node.args[0].value
    assert isinstance(value, float)
    assert struct.pack("<d", value) == struct.pack("<d", number)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_integer_arrives(number: int) -> None:
    assert read(f"destination.tier == {number}").args[1].value == number


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), max_size=20))
def test_every_text_arrives(text: str) -> None:
    node = read(f'model.license == "{text}"')
    assert node.args[1] == Node("const", node.args[1].offset, value=text)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_booleans_arrive_as_booleans(text: str, value: bool) -> None:
    node = read(text)
    assert node.kind == "const"
    assert node.value is value


def test_a_dotted_name_is_one_identifier() -> None:
    node = read("model.special_purpose")
    assert (node.kind, node.name) == ("ident", "model.special_purpose")
    assert read("values.limit == 1.0").args[0].name == "values.limit"


def test_calls_keep_function_and_arguments_in_order() -> None:
    node = read('model.special_purpose && "NVEU" in operator.authorizations')
    assert (node.kind, node.name) == ("call", "_&&_")
    assert [arg.kind for arg in node.args] == ["ident", "call"]
    assert node.args[1].name == "@in"
    assert [arg.kind for arg in node.args[1].args] == ["const", "ident"]


def test_lists_keep_their_elements() -> None:
    node = read('model.openness in ["open", "closed"]').args[1]
    assert node.kind == "list"
    assert [element.value for element in node.args] == ["open", "closed"]
    assert read("model.openness in []").args[1].args == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [('model.license.startsWith("a")', "startsWith"), ("[1].exists(x, x == 1)", ""), ("{'a': true}.a", "")],
)
def test_what_conditions_cannot_use_becomes_other(text: str, name: str) -> None:
    node = read(text)
    assert (node.kind, node.name) == ("other", name)


def test_offsets_count_characters_not_bytes() -> None:
    text = '"é😀" == model.license && model.special_purpose'
    node = read(text)
    assert (
        text[node.args[1].offset :] == "model.special_purpose" or node.args[1].name == "model.special_purpose"
    )
    assert text[node.offset : node.offset + 2] == "&&"


def test_null_has_no_value() -> None:
    node = read("dyn(null) == dyn(null)").args[0].args[0]
    assert node.value is None


def test_bytes_have_no_value() -> None:
    assert read('b"x" == b"x"').args[0].value is None


def test_very_large_numbers_are_infinite_and_left_to_the_lowering() -> None:
    assert read("model.parameters < 1e400").args[1].value == math.inf
