"""UTC days as text, which sorts as days do."""

from __future__ import annotations

from datetime import date, timedelta

FOREVER = "9999-12-31"
"""The day that stands for no end."""


def next_day(day: str) -> str:
    """The day after; :data:`FOREVER` has none and stays."""
    return day if day >= FOREVER else (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def day_before(day: str) -> str:
    """The day before.

    Raises:
        OverflowError: ``day`` is the first day there is.
    """
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
