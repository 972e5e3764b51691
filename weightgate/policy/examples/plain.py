"""The plainest value in a cell: what a person would write into a case to stand for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product

from weightgate.facts.derived import SHARE, quotient
from weightgate.facts.registry import FACTS, FactSpec, Kind
from weightgate.facts.values import Scalar
from weightgate.policy.cells import Cells, MemberCells, NamedCells, OrderedCells
from weightgate.policy.days import day_before

KNOWN = ("DE", "US", "JP", "IN", "AE", "BR", "CN", "RU", "IR", "UA", "closed")
"""Names that everybody knows, among them countries of every sort; the plainest first."""

OTHER = "something-else"
"""A name that no rule mentions, as a case may write it."""

SOME_DAY = "2025-01-01"

SUBDIVISION = "destination.subdivision"
COUNTRY = "destination.country"
PART, WHOLE = FACTS[SHARE].derived_from
ALL = "model.training_operations"
"""Operations in all, those of the base and of the fine-tune included."""
_SHORT = 5
"""Characters of a number that is plain as it is."""
_FACT = 64
_RARE = 20

Partition = tuple[Cells, int]
"""The cells of a fact, and one of them."""


def cost(cells: Cells, cell: int) -> int:
    """What it costs an example to name a fact with this cell: a fact more costs more than any rare value."""
    if isinstance(cells, MemberCells):
        # Of a list, members are named in one breath.
        return _FACT // 4 + cell
    if isinstance(cells, NamedCells):
        return _FACT + min((_rank(name) for name in cells.groups[cell]), default=_RARE - 1)
    return _FACT


def _rank(name: Scalar) -> int:
    return KNOWN.index(str(name)) if name in KNOWN else _RARE - (name == "")


def plain(spec: FactSpec, cells: Cells, cell: int) -> Scalar:
    """A value from a cell.

    Args:
        spec: The fact.
        cells: Its cells.
        cell: The cell.
    """
    if isinstance(cells, OrderedCells):
        return _day(cells, cell) if spec.kind is Kind.DATE else next(numbers(cells, cell))
    if isinstance(cells, NamedCells):
        return min(cells.groups[cell], key=_rank) if cells.groups[cell] else _other(cells)
    return cells.representative(cell)


def _other(cells: NamedCells) -> str:
    name = OTHER
    while name in cells.table:
        name += "-still"
    return name


def _day(cells: OrderedCells, cell: int) -> str:
    """The cell's first day; of the days before every other, the last."""
    if cell:
        return str(cells.cuts[cell - 1])
    return day_before(str(cells.cuts[0])) if cells.cuts else SOME_DAY


def numbers(cells: OrderedCells, cell: int) -> Iterator[float]:
    """Values from a cell of numbers, shortest first: its ends, or what is near them."""
    low = float(cells.cuts[cell - 1]) if cell else 0.0
    high = math.nextafter(float(cells.cuts[cell]), 0.0) if cell < len(cells.cuts) else math.inf
    middle = high / 2 if high < math.inf else 2 * low or 1.0
    ends = [end for end in (low, high, middle) if 0 < end < math.inf]
    seen = {end for end in (low, high) if 0 < end < math.inf and len(repr(end)) <= _SHORT}
    yield from sorted(seen)
    for digits in range(17):
        for end in ends:
            number = float(f"{end:.{digits}e}")
            if low <= number <= high and number not in seen:
                seen.add(number)
                yield number
    if low == 0.0:
        yield 0.0


def agreeing(scalars: Mapping[str, Scalar], partitions: Mapping[str, Partition]) -> dict[str, Scalar] | None:
    """The values, changed within their cells so that they can stand together; ``None`` when they cannot.

    A part of a country lies in it, operations in all are no fewer than those of the base or the fine-tune, and a ratio
    beside its parts is left out, since it follows from them.
    """
    agreed: dict[str, Scalar] | None = dict(scalars)
    for step in (_in_country, _as_shared, _in_all):
        agreed = None if agreed is None else step(agreed, partitions)
    return agreed


def _in_country(agreed: dict[str, Scalar], partitions: Mapping[str, Partition]) -> dict[str, Scalar] | None:
    country = str(agreed.get(SUBDIVISION, "")).partition("-")[0]
    if not country or COUNTRY not in agreed:
        return agreed
    cells, cell = partitions[COUNTRY]
    return agreed | {COUNTRY: country} if cells.cell_of(country) == cell else None


def _as_shared(agreed: dict[str, Scalar], partitions: Mapping[str, Partition]) -> dict[str, Scalar] | None:
    if SHARE not in agreed or WHOLE not in agreed:
        return agreed
    wholes = [number for number in _numbers(partitions[WHOLE]) if number]
    if PART not in agreed:
        return agreed | {WHOLE: wholes[0]} if wholes else None
    for part, whole in _pairs(partitions, wholes):
        within = _lies(partitions[PART], part) and _lies(partitions[WHOLE], whole)
        if within and _lies(partitions[SHARE], quotient(part, whole)):
            return {f: v for f, v in agreed.items() if f != SHARE} | {WHOLE: whole, PART: part}
    return None


def _pairs(partitions: Mapping[str, Partition], wholes: list[float]) -> Iterator[tuple[float, float]]:
    """Parts and wholes that may have a share in its cell."""
    parts = _numbers(partitions[PART])
    for share in _numbers(partitions[SHARE]):
        yield from ((share * whole, whole) for whole in wholes)
        yield from ((part, part / share) for part in parts if share and 0 < part / share < math.inf)
    yield from product(parts, wholes)


def _in_all(agreed: dict[str, Scalar], partitions: Mapping[str, Partition]) -> dict[str, Scalar] | None:
    if ALL not in agreed:
        return agreed
    whole = float(agreed.get(WHOLE, 0.0))
    least = whole + max(float(agreed.get(PART, 0.0)), float(agreed.get(SHARE, 0.0)) * whole)
    enough = next((number for number in _numbers(partitions[ALL]) if number >= least), None)
    if enough is not None:
        return agreed | {ALL: enough}
    if SHARE in partitions or (PART in agreed and WHOLE in agreed):
        return None
    most, fact = max(_numbers(partitions[ALL])), PART if PART in agreed else WHOLE
    fewer = min(_numbers(partitions[fact]))
    return agreed | {ALL: most, fact: fewer} if fewer <= most else None


def _numbers(partition: Partition) -> list[float]:
    cells, cell = partition
    return list(numbers(cells, cell)) if isinstance(cells, OrderedCells) else []


def _lies(partition: Partition, number: float) -> bool:
    cells, cell = partition
    return number < math.inf and cells.cell_of(number) == cell
