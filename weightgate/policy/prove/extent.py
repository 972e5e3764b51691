"""The readings in which a pack is proved: combinations of its switches, and days of knowledge."""

from __future__ import annotations

from itertools import islice

from weightgate.policy.days import FOREVER
from weightgate.policy.pack import Pack
from weightgate.policy.readings import (
    MAX_COMBINATIONS,
    Chosen,
    count_combinations,
    earlier_days,
    telling_combinations,
)
from weightgate.records import record

MAX_PAIRS = 512
"""Combinations that are looked at at most."""
MAX_STANDINGS = 4_000
"""Combinations times stretches of days times days of knowledge; beyond, only what is known today is looked at, and of that
as many combinations as fit."""
MAX_CONDITIONS = 200_000
"""The same, times rules: some twenty seconds."""


@record
class Extent:
    """The readings that are looked at.

    Attributes:
        chosen: Combinations of switches, the defaults first.
        combinations: How many combinations there are.
        known: Days of knowledge, :data:`FOREVER` first: all that is known today.
        left_out: What is not looked at, in words.
    """

    chosen: tuple[Chosen, ...]
    combinations: int
    known: tuple[str, ...]
    left_out: tuple[str, ...]


def extent_of(pack: Pack) -> Extent:
    """The readings in which a pack is to be proved."""
    every = count_combinations(pack)
    chosen = tuple(islice(telling_combinations(pack), MAX_PAIRS))
    left_out = []
    if every > MAX_COMBINATIONS:
        left_out.append(
            f"{len(chosen)} of {every} combinations of switches are looked at: the defaults, each switch alone, and "
            f"pairs; all are up to {MAX_COMBINATIONS}"
        )
    known = (FOREVER, *earlier_days(pack))
    stretches = max(1, len(pack.standings))
    most = max(1, min(MAX_STANDINGS, MAX_CONDITIONS // len(pack.document.rules)) // stretches)
    if len(chosen) * len(known) > most:
        left_out.append(
            f"only what is known today is looked at: {len(chosen)} combinations of switches, {stretches} stretches of "
            f"days and {len(known)} days of knowledge are too many together"
        )
        known = (FOREVER,)
    if len(chosen) > most:
        left_out.append(f"{most} of {every} combinations of switches are looked at, the defaults first")
        chosen = chosen[:most]
    return Extent(chosen, every, known, tuple(left_out))
