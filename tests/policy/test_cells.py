"""Cells: what rules can tell apart, no finer, and the masks over them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, Value, allows, exactly
from weightgate.policy.cells import (
    Cells,
    MemberCells,
    NamedCells,
    OrderedCells,
    TierCells,
    decode_cells,
)
from weightgate.policy.cutting import after, cuts_of, split
from weightgate.policy.ir import AtMost, Contains, IsIn, Less, holds

NUMBERS = st.sampled_from(
    [0.0, 5e-324, 0.25, math.nextafter(0.25, 1), 1.0, 1e26, math.nextafter(1e26, math.inf)]
)
ATOMS = st.one_of(st.builds(Less, st.just("x"), NUMBERS), st.builds(AtMost, st.just("x"), NUMBERS),
                  st.builds(lambda values: IsIn("x", tuple(values)), st.lists(NUMBERS, max_size=3)))  # fmt: skip


@given(st.lists(ATOMS, min_size=1, max_size=4), NUMBERS, NUMBERS)
def test_numbers_in_one_cell_satisfy_the_same_atoms(
    atoms: list[Less | AtMost | IsIn], a: float, b: float
) -> None:
    cells = OrderedCells(cuts_of(atoms))
    if cells.cell_of(a) == cells.cell_of(b):
        assert [holds(atom, {"x": a}) for atom in atoms] == [holds(atom, {"x": b}) for atom in atoms]
    representative = cells.representative(cells.cell_of(a))
    assert [holds(atom, {"x": representative}) for atom in atoms] == [holds(atom, {"x": a}) for atom in atoms]


@given(st.lists(ATOMS, min_size=1, max_size=4), NUMBERS, NUMBERS, NUMBERS)
def test_an_interval_covers_the_cells_of_its_numbers(
    atoms: list[Less | AtMost | IsIn], low: float, high: float, inside: float
) -> None:
    cells = OrderedCells(cuts_of(atoms))
    interval = Interval(min(low, high), max(low, high))
    if allows(interval, inside):
        assert cells.mask_of(interval) >> cells.cell_of(inside) & 1
    every = [c for c in range(cells.count) if cells.mask_of(interval) >> c & 1]
    assert every == list(range(cells.cell_of(min(low, high)), cells.cell_of(max(low, high)) + 1))
    assert cells.mask_of(Interval(None, None)) == cells.everything


def test_where_numbers_are_cut() -> None:
    assert cuts_of([Less("x", 1.0)]) == (1.0,)
    assert cuts_of([AtMost("x", 1.0)]) == (math.nextafter(1.0, 2),)
    assert cuts_of([IsIn("x", (1.0,))]) == (1.0, math.nextafter(1.0, 2))
    assert cuts_of([Less("x", 0.0), AtMost("x", 1.7976931348623157e308)]) == ()
    assert cuts_of([IsIn("x", (0.0,))]) == (5e-324,)
    assert cuts_of([Contains("x", "y")]) == ()


def test_where_days_are_cut() -> None:
    assert cuts_of([Less("as_of", "2025-01-13")]) == ("2025-01-13",)
    assert cuts_of([AtMost("as_of", "2024-12-31")]) == ("2025-01-01",)
    assert cuts_of([Less("as_of", "0001-01-01")]) == ()
    cells = OrderedCells(("2025-01-13",))
    assert [cells.cell_of(day) for day in ("2025-01-12", "2025-01-13", "2026-01-01")] == [0, 1, 1]
    assert cells.representative(0) == "0001-01-01"


def test_after_is_the_very_next() -> None:
    assert after("2024-02-28") == "2024-02-29"
    assert after(1e26) == math.nextafter(1e26, math.inf)


@pytest.mark.parametrize(
    ("cuts", "labels"),
    [
        ((1e26,), ["below 1e+26", "at least 1e+26"]),
        ((math.nextafter(0.25, 1),), ["at most 0.25", "more than 0.25"]),
        ((0.25, math.nextafter(0.25, 1)), ["below 0.25", "exactly 0.25", "more than 0.25"]),
        ((1.0, 2.0), ["below 1.0", "at least 1.0 and below 2.0", "at least 2.0"]),
        (("2025-01-13",), ["below 2025-01-13", "at least 2025-01-13"]),
        ((), ["anything"]),
    ],
)
def test_cells_of_numbers_in_words(cuts: tuple[float, ...] | tuple[str, ...], labels: list[str]) -> None:
    assert list(OrderedCells(cuts).labels) == labels


def test_names_are_grouped_by_the_sets_that_hold_them() -> None:
    cells = split(["a", "b", "c", "d"], [frozenset("ab"), frozenset("bc")], rest=False)
    assert cells.groups == (("a",), ("b",), ("c",), ("d",))
    assert split(["a", "b"], [frozenset("ab")], rest=True).groups == (("a", "b"), ())
    assert split([], [], rest=True).groups == ((),)


def test_a_name_that_nobody_mentions_lies_in_the_last_cell() -> None:
    cells = split(["mit"], [frozenset({"mit"})], rest=True)
    assert (cells.cell_of("mit"), cells.cell_of("gpl"), cells.cell_of("\0another")) == (0, 1, 1)
    assert cells.labels == ("mit", "anything else")
    assert cells.representatives() == ["mit", "\0another"]


def test_every_mentioned_name_is_met_beside_another_pack() -> None:
    cells = split(["mit", "apache-2.0"], [frozenset({"mit", "apache-2.0"})], rest=True)
    assert set(cells.representatives()) >= {"mit", "apache-2.0"}


def test_long_groups_are_cut_short_in_words() -> None:
    cells = NamedCells((tuple(f"n{i}" for i in range(20)),))
    assert cells.label(0).endswith("n11 and 8 more")


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        (exactly("a"), 2),
        (exactly(), 1),
        (exactly("b"), 1),
        (Members(frozenset(), frozenset("a")), 3),
        (Unknown(), 3),
    ],
)
def test_membership(value: Value, mask: int) -> None:
    cells = MemberCells("a")
    assert cells.mask_of(value) == mask
    assert cells.labels == ("without a", "with a")
    assert [cells.cell_of(cells.representative(c)) for c in (0, 1)] == [0, 1]


def test_tiers() -> None:
    cells = TierCells()
    assert cells.labels == ("as its countries say", "tier 1", "tier 2", "tier 3")
    assert cells.mask_of(OneOf((0, 3))) == 0b1001
    assert cells.mask_of(Known(2)) == 0b0100


ALL: list[Cells] = [
    OrderedCells((0.25, 1e26)), OrderedCells(("2025-01-13",)), OrderedCells(()), NamedCells((("a", "b"), ())),
    NamedCells(((False,), (True,))), MemberCells("x"), TierCells(),
]  # fmt: skip


@pytest.mark.parametrize("cells", ALL, ids=repr)
def test_every_kind_of_cells_survives_storage(cells: Cells) -> None:
    import json

    assert decode_cells(cells.kind, json.loads(json.dumps(cells.encode()))) == cells


@pytest.mark.parametrize("cells", ALL, ids=repr)
def test_masks_of_forms_are_unions_of_their_values(cells: Cells) -> None:
    scalars = [cells.representative(c) for c in range(cells.count)]
    assert [cells.cell_of(s) for s in scalars] == list(range(cells.count))
    assert cells.mask_of(Unknown()) == cells.everything == (1 << cells.count) - 1
    if not isinstance(cells, MemberCells):
        assert [cells.mask_of(Known(s)) for s in scalars] == [1 << c for c in range(cells.count)]
        assert cells.mask_of(OneOf(tuple(scalars))) == cells.everything


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no cells are of kind 'odd'"):
        decode_cells("odd", None)


def test_what_lies_between_two_days_or_numbers() -> None:
    days = OrderedCells(("2025-03-01", "2025-06-01"))
    assert days.between("2025-01-01", "2025-02-28") == 0b001
    assert days.between("2025-02-28", "2025-03-01") == 0b011
    assert days.between("2025-06-01", "9999-12-31") == 0b100
    assert OrderedCells((1.0, 2.0)).between(0.0, 5.0) == 0b111
