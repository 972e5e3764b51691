"""The readings in which a pack is proved: combinations of its switches, and days of knowledge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, islice, product
from math import prod

from weightgate.policy.days import FOREVER
from weightgate.policy.pack import Pack
from weightgate.records import record

MAX_COMBINATIONS = 64
"""Up to as many, every combination of switches is looked at; of more, each switch alone and every pair."""
MAX_PAIRS = 512
"""Combinations that are looked at at most."""
MAX_STANDINGS = 4_000
"""Combinations times stretches of days times days of knowledge; beyond, only what is known today is looked at, and of that
as many combinations as fit."""
MAX_CONDITIONS = 200_000
"""The same, times rules: some twenty seconds."""

Chosen = Mapping[str, str]
"""The reading of every switch."""


@record
class Readings:
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


def readings_of(pack: Pack) -> Readings:
    """The readings in which a pack is to be proved."""
    switches = pack.document.switches
    every = prod(len(switch.readings) for switch in switches.values())
    left_out = []
    if every <= MAX_COMBINATIONS:
        chosen = tuple(_all(pack))
    else:
        chosen = tuple(islice(_few(pack), MAX_PAIRS))
        left_out.append(
            f"{len(chosen)} of {every} combinations of switches are looked at: the defaults, each switch alone, and "
            f"pairs; all are up to {MAX_COMBINATIONS}"
        )
    # On the last day on which something became known, all is.
    known = (FOREVER, *reversed(pack.known[:-1]))
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
    return Readings(chosen, every, known, tuple(left_out))


def _ordered(pack: Pack) -> dict[str, list[str]]:
    """The readings of each switch, its default first."""
    return {
        name: [switch.default, *(r for r in switch.readings if r != switch.default)]
        for name, switch in pack.document.switches.items()
    }


def _all(pack: Pack) -> Iterator[Chosen]:
    ordered = _ordered(pack)
    for chosen in product(*ordered.values()):
        yield dict(zip(ordered, chosen, strict=True))


def _few(pack: Pack) -> Iterator[Chosen]:
    defaults, ordered = pack.switches, _ordered(pack)
    yield defaults
    for size in (1, 2):
        for names in combinations(ordered, size):
            for others in product(*(ordered[name][1:] for name in names)):
                yield {**defaults, **dict(zip(names, others, strict=True))}
