"""Where rules cut what a fact may be: from the atoms about a fact to its cells. Needed only to compile a pack."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from weightgate.facts.values import Scalar
from weightgate.policy.cells import NamedCells
from weightgate.policy.days import next_day
from weightgate.policy.ir import AtMost, Atom, Contains, IsIn, Less


def cuts_of(atoms: Sequence[Atom]) -> tuple[float, ...] | tuple[str, ...]:
    """Where the atoms about one number or day cut it; a cut is the first value of the upper part."""
    cuts: set[Any] = set()
    for atom in atoms:
        match atom:
            case Less(_, bound):
                cuts.add(bound)
            case AtMost(_, bound):
                cuts.add(after(bound))
            case IsIn(_, values):
                cuts |= {cut for v in values for cut in (v, after(v))}
            case Contains():
                pass
    # Nothing lies below zero, before the first day or at infinity, so a cut there separates nothing.
    return tuple(sorted(c for c in cuts if c not in (0.0, "0001-01-01", math.inf)))


def after(value: Scalar) -> Scalar:
    """The next double, or the next day."""
    if isinstance(value, str):
        return next_day(value)
    return math.nextafter(float(value), math.inf)


def split(names: Sequence[Scalar], sets: Sequence[frozenset[Scalar]], *, rest: bool) -> NamedCells:
    """Group names by which of ``sets`` they belong to; ``rest`` adds a last, empty group for names not listed."""
    member_of: dict[Scalar, list[int]] = {name: [] for name in names}
    for number, each in enumerate(sets):
        for name in each:
            if name in member_of:
                member_of[name].append(number)
    groups: dict[tuple[int, ...], list[Scalar]] = {}
    for name, numbers in member_of.items():
        groups.setdefault(tuple(numbers), []).append(name)
    if not rest:
        return NamedCells(tuple(tuple(g) for g in groups.values()))
    outside = groups.pop((), [])
    return NamedCells((*(tuple(g) for g in groups.values()), tuple(outside)))
