"""Texts that people write for numbers, and names that are no facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.policy.mistakes import arithmetic, no_number, number, unknown_name


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("5e25", "5.0e25"),
        ("5.5E25", "5.5e25"),
        ("5\u00d710^25", "5.0e25"),
        ("5 x 10^25", "5.0e25"),
        ("5*10**25", "5.0e25"),
        ("10^-3", "0.001"),
        ("100,000", "100000.0"),
        ("500 000 000", "500000000.0"),
        ("7", "7.0"),
        ("1e400", ""),
        ("10^999", ""),
        ("1/3", ""),
        ("33%", ""),
        ("many", ""),
        ("", ""),
        ("1,00", ""),
    ],
)
def test_a_text_that_people_read_as_a_number(text: str, written: str) -> None:
    assert number(text) == written


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False))
def test_what_is_to_be_written_is_the_same_number(value: float) -> None:
    written = number(repr(value))
    assert float(written) == value
    assert "." in written


@given(st.text(max_size=60))
def test_any_text_has_something_to_be_written(text: str) -> None:
    message, hint = no_number(text, None)
    assert repr(text) in message
    assert hint.startswith("write ")


def test_only_functions_that_compute_are_arithmetic() -> None:
    assert arithmetic("_+_")
    assert "ratio" in arithmetic("_/_")
    assert arithmetic("_==_") == ""
    assert arithmetic("size") == ""


def test_a_literal_comes_before_a_near_name() -> None:
    assert unknown_name("model.openness == open", 18, "open", ["opens"]) == 'put it in quotes: "open"'
    assert unknown_name("opne", 0, "opne", ["opened"]) == "did you mean opened?"
    assert unknown_name("UA-43 == x", 0, "UA", []) == 'put it in quotes: "UA-43"'
    assert unknown_name("zzz", 0, "zzz", []) == ""
