"""Names in words: many of them cut short, and most countries told by those that are left out."""

from __future__ import annotations

from collections.abc import Sequence

from weightgate.facts.countries import COUNTRIES
from weightgate.facts.values import Scalar

MAX_NAMED = 12
"""Most names that a text lists."""


def names_text(names: Sequence[Scalar], *, other: bool = False) -> str:
    """Some names, of which a fact has one.

    Args:
        names: The names.
        other: Whether it may also have a name that nothing mentions.

    Returns:
        ``DE``, ``one of DE, FR``, ``any country but DE, FR`` where they are most countries and few are left out, or
        ``anything else``.
    """
    named = [str(name) for name in names]
    if COUNTRIES.keys() >= set(named):
        named.sort()
    if not named:
        return "anything else"
    rest = _left_out(named)
    if rest:
        return f"any country but {', '.join(rest)}"
    more = f" and {len(named) - MAX_NAMED} more" if len(named) > MAX_NAMED else ""
    listed = ", ".join(named[:MAX_NAMED]) + more
    if other:
        return f"one of {listed}, or anything else"
    return listed if len(named) == 1 else f"one of {listed}"


def _left_out(names: Sequence[str]) -> list[str]:
    """The countries that are not among the names, if these are most countries and few are left out; else none."""
    if len(names) * 2 <= len(COUNTRIES):
        return []
    listed = set(names)
    rest = [country for country in COUNTRIES if country not in listed]
    return sorted(rest) if listed <= COUNTRIES.keys() and len(rest) <= MAX_NAMED else []
