"""The day that a ``policy`` command is about."""

from __future__ import annotations

from datetime import UTC, datetime

from weightgate.cli.options import option

AS_OF = option("--as-of", metavar="DATE", help="The day, UTC.  [default: today]")


def day(as_of: str | None) -> str:
    """The day asked for; today, UTC, when none is.

    Raises:
        InputError: It is no day.
    """
    from weightgate.asking.question import day_of

    return day_of(as_of, datetime.now(UTC))
