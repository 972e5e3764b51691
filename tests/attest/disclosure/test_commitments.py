"""Commitments bind and hide, one by one; a file of openings is read as strictly as any other."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.attest.disclosure.commitments import (
    MAX_OPENINGS,
    OPENING_SCHEMA,
    Opening,
    read_openings,
    withhold,
    write_openings,
)
from weightgate.errors import InputError
from weightgate.signing.statement import canonical

scalars = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ONE = Opening("model.parameters", "0b" * 32, {"value": 7.0})


def test_a_commitment_can_be_worked_out_by_hand() -> None:
    message = b'weightgate/disclosure/v1\0{"item":"model.parameters","value":{"value":7}}'
    assert ONE.commitment == hmac.new(b"\x0b" * 32, message, hashlib.sha256).hexdigest()


@given(st.dictionaries(st.text(min_size=1, max_size=6), values, max_size=4))
def test_openings_are_read_back_and_open_the_same(items: dict[str, Any]) -> None:
    made = withhold(items)
    assert [o.item for o in made] == sorted(items)
    if items:
        read = read_openings(write_openings(made), "openings")
        assert read == made
        assert [o.commitment for o in read] == [o.commitment for o in made]


@given(values, values)
def test_another_value_opens_nothing(one: Any, other: Any) -> None:
    first, second = Opening("f", "01" * 32, one), Opening("f", "01" * 32, other)
    assert (first.commitment == second.commitment) == (canonical(one) == canonical(other))


@given(st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_every_flipped_digit_of_the_salt_opens_nothing(place: int, digit: str) -> None:
    salt = ONE.salt[:place] + digit + ONE.salt[place + 1 :]
    assert (replace(ONE, salt=salt).commitment == ONE.commitment) == (salt == ONE.salt)


def test_one_fact_is_not_opened_as_another() -> None:
    assert replace(ONE, item="model.active_parameters").commitment != ONE.commitment


def test_an_opening_says_nothing_of_another_of_the_same_value() -> None:
    """Two items with one value have nothing in common that could be seen."""
    one, two = withhold({"a": {"value": 1.0}, "b": {"value": 1.0}})
    assert one.salt != two.salt
    assert one.commitment != two.commitment
    assert replace(two, salt=one.salt).commitment != two.commitment


def line(**changes: Any) -> bytes:
    return json.dumps(ONE.to_json() | changes).encode()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "0 openings, needed 1 to 1000"),
        (b"\n \n", "0 openings"),
        (line(schema="weightgate/opening/v2"), f"opening.schema: needed '{OPENING_SCHEMA}'"),
        (line(salt="0b" * 31), "opening.salt: needed 64 lower-case hex digits"),
        (line(salt="0B" * 32), "opening.salt: needed 64 lower-case hex digits"),
        (line(item=3), "opening.item: needed text"),
        (b"[]", "opening: needed an object"),
        (json.dumps({"schema": OPENING_SCHEMA, "item": "a", "salt": ONE.salt}).encode(), "opening.value: missing"),
        (line(value=[[[[]]]] and json.loads("[" * 70 + "]" * 70)), "nested too deeply"),
        (line() + b"\n{", "not JSON"),
        (line()[:-1] + b', "salt": "00"}', "key 'salt' is there twice"),
        ((line() + b"\n") * (MAX_OPENINGS + 1), "1001 openings"),
    ],
)  # fmt: skip
def test_what_is_no_opening_is_refused_with_its_line(raw: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_openings(raw, "o.jsonl")
    assert message in str(caught.value)
    assert str(caught.value.where).startswith("o.jsonl")


def test_the_line_is_named() -> None:
    with pytest.raises(InputError) as caught:
        read_openings(line() + b"\n\n" + line(salt="x"), "o.jsonl")
    assert (caught.value.where, caught.value.code) == ("o.jsonl:3", "bad_opening")
