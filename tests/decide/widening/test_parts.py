"""The parts into which several packs cut a fact, and the values that say some of them."""

from __future__ import annotations

import math

import pytest

from weightgate.decide.widening.parts import ANOTHER, FIRST_DAY, Listed, Named, Ordered, parts_of
from weightgate.facts.registry import FACTS
from weightgate.facts.values import Interval, Known, Members, OneOf, Unknown, Value
from weightgate.policy.cells import MemberCells, NamedCells, OrderedCells, TierCells

NUMBERS = Ordered((1e25, 1e26))


def chosen(*parts: int) -> frozenset[int]:
    return frozenset(parts)


@pytest.mark.parametrize(
    ("value", "parts", "said"),
    [
        (Known(0.0), chosen(0), Interval(None, math.nextafter(1e25, 0.0))),
        (Known(1e25), chosen(1), Interval(1e25, math.nextafter(1e26, 0.0))),
        (Known(5e25), chosen(1), Interval(1e25, math.nextafter(1e26, 0.0))),
        (Known(1e26), chosen(2), Interval(1e26, None)),
        (Interval(None, 5e25), chosen(0, 1), Interval(None, math.nextafter(1e26, 0.0))),
        (Interval(5e25, None), chosen(1, 2), Interval(1e25, None)),
        (OneOf((5e24, 5e26)), chosen(0, 1, 2), Unknown()),
        (Unknown(), chosen(0, 1, 2), Unknown()),
    ],
)
def test_numbers_are_said_to_the_cuts(value: Value, parts: frozenset[int], said: Value) -> None:
    assert NUMBERS.of(value) == parts
    assert NUMBERS.value(parts) == said


def test_numbers_grow_upwards_first_and_leave_no_gap() -> None:
    assert list(NUMBERS.wider(chosen(1))) == [chosen(1, 2), chosen(0, 1)]
    assert list(NUMBERS.wider(chosen(0))) == [chosen(0, 1)]
    assert list(NUMBERS.wider(chosen(2))) == [chosen(1, 2)]


def test_a_part_of_one_double_is_said_exactly() -> None:
    single = Ordered((0.25, math.nextafter(0.25, 1.0)))
    assert single.value(single.of(Known(0.25))) == Known(0.25)


def test_days_are_said_by_the_day_on_which_their_part_begins() -> None:
    days = parts_of("model.released", [OrderedCells(("2025-06-01",)), OrderedCells(("2026-01-01",))])
    assert days == Ordered(("2025-06-01", "2026-01-01"), days=True)
    assert days.value(days.of(Known("2025-07-17"))) == Known("2025-06-01")
    assert days.value(days.of(Known("2020-01-01"))) == Known(FIRST_DAY)
    assert days.value(days.of(OneOf(("2020-01-01", "2026-03-03")))) == OneOf((FIRST_DAY, "2026-01-01"))
    assert list(days.wider(chosen(2))) == [chosen(0, 2), chosen(1, 2)]
    assert days.of(Unknown()) == chosen(0, 1, 2)


def test_the_cuts_of_all_packs_count() -> None:
    assert (
        parts_of("model.training_operations", [OrderedCells((1e26,)), OrderedCells((1e25, 1e26))]) == NUMBERS
    )


def test_a_fact_that_no_pack_asks_for_has_no_parts() -> None:
    assert parts_of("model.parameters", []) is None


def test_names_of_a_closed_list_are_all_said() -> None:
    parts = parts_of("model.openness", [NamedCells((("open",), ("restricted", "closed")))])
    assert parts == Named((("open",), ("restricted", "closed")))
    assert parts.value(parts.of(Known("closed"))) == OneOf(("restricted", "closed"))
    assert parts.of(Unknown()) == chosen(0, 1)
    assert parts.value(chosen(0, 1)) == Unknown()


def test_countries_are_said_in_groups_that_no_pack_tells_apart() -> None:
    tiers = NamedCells((("DE", "FR"), ("CN",), ()))
    listed = NamedCells((("FR",), ()))
    parts = parts_of("operator.headquarters", [tiers, listed])
    assert isinstance(parts, Named)
    assert {("DE",), ("FR",), ("CN",)} < set(parts.groups)
    assert sorted(str(name) for group in parts.groups for name in group) == sorted(
        FACTS["operator.headquarters"].domain
    )


def test_a_name_that_no_pack_mentions_is_not_said() -> None:
    parts = parts_of("model.license", [NamedCells((("mit",), ()))])
    assert isinstance(parts, Named)
    assert parts.value(parts.of(Known("our-own-terms"))) == Known(ANOTHER)
    assert parts.value(parts.of(Known("mit"))) == Known("mit")
    assert parts.of(OneOf(("mit", "our-own-terms"))) == chosen(0, 1)


@pytest.mark.parametrize(
    ("fact", "cells", "groups"),
    [
        ("model.special_purpose", NamedCells(((False,), (True,))), ((False,), (True,))),
        ("operator.tier", TierCells(), ((1,), (2,), (3,))),
    ],
)
def test_yes_and_no_and_tiers(
    fact: str, cells: NamedCells | TierCells, groups: tuple[tuple[object, ...], ...]
) -> None:
    parts = parts_of(fact, [cells])
    assert isinstance(parts, Named)
    assert parts.groups == groups


def test_of_a_list_each_member_that_a_pack_names_is_said() -> None:
    parts = parts_of("model.labels", [MemberCells("b"), MemberCells("a"), MemberCells("b")])
    assert parts == Listed(("a", "b"))
    held = Members(frozenset({"a", "ours"}), frozenset({"a", "ours", "b"}))
    assert parts.of(held) == chosen(1, 2, 3)
    assert parts.value(parts.of(held)) == Members(frozenset({"a"}), frozenset({"a", "b"}))
    assert list(parts.wider(chosen(1, 2, 3))) == [chosen(0, 1, 2, 3)]
    assert parts.value(chosen(0, 1, 2, 3)) == Unknown()
    assert parts.of(Unknown()) == chosen(0, 1, 2, 3)
    assert parts.value(chosen(0, 2)) == Members(frozenset(), frozenset())
