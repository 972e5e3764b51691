"""The readings of a pack that can differ: combinations of its switches, days of knowledge, and what was in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product
from math import prod

from weightgate.policy.days import FOREVER
from weightgate.policy.pack import Pack
from weightgate.policy.reading import Reading

MAX_COMBINATIONS = 64
"""Up to as many, walks look at every combination of switches; of more, at each switch alone and at pairs."""

Chosen = Mapping[str, str]
"""The reading of every switch."""


def count_combinations(pack: Pack) -> int:
    """How many combinations of a pack's switches there are."""
    return prod(len(switch.readings) for switch in pack.document.switches.values())


def every_combination(pack: Pack) -> Iterator[Chosen]:
    """Every combination of a pack's switches, the defaults first."""
    ordered = _ordered(pack)
    for chosen in product(*ordered.values()):
        yield dict(zip(ordered, chosen, strict=True))


def telling_combinations(pack: Pack) -> Iterator[Chosen]:
    """The combinations that walks look at, the defaults first.

    Every one up to :data:`MAX_COMBINATIONS`; of more, the defaults, then each switch alone, then every pair.
    """
    return every_combination(pack) if count_combinations(pack) <= MAX_COMBINATIONS else _few(pack)


def own_status(pack: Pack) -> bool:
    """Whether rules have a status of their own, so that some may have been in force while others were not."""
    return any(rule.status for rule in pack.document.rules)


def earlier_days(pack: Pack) -> tuple[str, ...]:
    """The days of knowledge on which not all was known yet, latest first: on the last one, all is."""
    return pack.known[-2::-1]


def reading_of(pack: Pack, chosen: Chosen, known_at: str = FOREVER) -> Reading:
    """The reading with just the switches that are not at their defaults."""
    return Reading(known_at, {name: value for name, value in chosen.items() if value != pack.switches[name]})


def _ordered(pack: Pack) -> dict[str, list[str]]:
    """The readings of each switch, its default first."""
    return {
        name: [switch.default, *(r for r in switch.readings if r != switch.default)]
        for name, switch in pack.document.switches.items()
    }


def _few(pack: Pack) -> Iterator[Chosen]:
    defaults, ordered = pack.switches, _ordered(pack)
    yield defaults
    for names in chain(combinations(ordered, 1), combinations(ordered, 2)):
        for others in product(*(ordered[name][1:] for name in names)):
            yield {**defaults, **dict(zip(names, others, strict=True))}
