"""UTC days as text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.policy.days import FOREVER, day_before, next_day

DAYS = st.dates(min_value=date(1, 1, 2), max_value=date(9999, 12, 30))


@given(DAYS)
def test_the_next_and_the_one_before(day: date) -> None:
    text = day.isoformat()
    assert next_day(text) == (day + timedelta(days=1)).isoformat()
    assert day_before(next_day(text)) == text
    assert day_before(text) < text < next_day(text)


@given(DAYS, DAYS)
def test_text_sorts_as_days_do(a: date, b: date) -> None:
    assert (a < b) == (a.isoformat() < b.isoformat())


@pytest.mark.parametrize(("day", "after"), [("2024-02-28", "2024-02-29"), ("2025-02-28", "2025-03-01"),
                                            ("2025-12-31", "2026-01-01"), (FOREVER, FOREVER)])  # fmt: skip
def test_edges(day: str, after: str) -> None:
    assert next_day(day) == after


def test_the_first_day_has_none_before() -> None:
    with pytest.raises(OverflowError):
        day_before("0001-01-01")
