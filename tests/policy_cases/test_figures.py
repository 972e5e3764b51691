"""Numbers in prose."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.policy.figures import TIMES, said

SIZES = {"million": 10**6, "billion": 10**9, "trillion": 10**12}


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (1e26, "operations", "10^26 operations"),
        (8e25, "operations", f"8 {TIMES} 10^25 operations"),
        (1.5e25, "operations", f"1.5 {TIMES} 10^25 operations"),
        (10**26, "operations", "10^26 operations"),
        (0.0, "operations", "0 operations"),
        (-0.0, "", "0"),
        (5e8, "USD", "USD 500 million"),
        (1e9, "USD", "USD 1 billion"),
        (1.25e12, "USD", "USD 1.25 trillion"),
        (1234567.0, "USD", "USD 1,234,567"),
        (999999.5, "USD", "USD 999,999.5"),
        (0.0, "USD", "USD 0"),
        (0.25, "ratio", "0.25"),
        (1 / 3, "ratio", "0.3333333333333333"),
        ("1/3", "ratio", "1/3"),
        (70e9, "parameters", "70,000,000,000 parameters"),
        (4800.0, "TPP", "4,800 TPP"),
        (3, "", "3"),
        (1e-7, "", "10^-7"),
        (-2e20, "", f"-2 {TIMES} 10^20"),
        (math.inf, "operations", "inf operations"),
        ("2025-08-02", "", "2025-08-02"),
    ],
)
def test_a_number_is_written_as_people_write_it(number: float | str, unit: str, words: str) -> None:
    assert said(number, unit) == words


def read(words: str) -> Fraction:
    """The number that words say."""
    head, _, size = words.removeprefix("USD ").partition(" ")
    if size.startswith(TIMES):
        return Fraction(head) * Fraction(10) ** int(size.partition("^")[2])
    if head.startswith("10^"):
        return Fraction(10) ** int(head[3:])
    return Fraction(head.replace(",", "")) * SIZES.get(size, 1)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["", "ratio", "USD"]))
def test_nothing_is_rounded(number: float, unit: str) -> None:
    assert read(said(number, unit)) == Fraction(repr(number))
