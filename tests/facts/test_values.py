"""The algebra of what is known: covering, meeting, allowing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facts.strategies import FEW, intervals, members, scalars, specs, values
from weightgate.facts.registry import FACTS, FactSpec, Kind
from weightgate.facts.values import (
    Interval,
    Known,
    Members,
    OneOf,
    Scalar,
    Unknown,
    Value,
    allows,
    bounds,
    choices,
    exactly,
    hull,
    intersection,
    interval,
    is_settled,
    one_of,
)

OPERATIONS = FACTS["model.training_operations"]
SCALAR_SPECS = specs.filter(lambda spec: spec.kind is not Kind.LIST)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[FactSpec, Value, Value, Scalar]:
    """Two readings of one fact, and a value that either of them mentions or not."""
    spec = draw(SCALAR_SPECS)
    first, second = draw(values(spec, FEW)), draw(values(spec, FEW))
    mentioned = [*choices(first), *choices(second)]
    mentioned += [
        end for v in (first, second) if isinstance(v, Interval) for end in (v.min, v.max) if end is not None
    ]
    near = st.one_of(scalars(spec, FEW), st.sampled_from(mentioned)) if mentioned else scalars(spec, FEW)
    return spec, first, second, draw(near)


@given(pairs())
def test_what_covers_both_allows_whatever_either_allows(pair: tuple[FactSpec, Value, Value, Scalar]) -> None:
    _, first, second, scalar = pair
    if allows(first, scalar) or allows(second, scalar):
        assert allows(hull(first, second), scalar)


@given(pairs())
def test_what_both_allow_is_what_their_intersection_allows(
    pair: tuple[FactSpec, Value, Value, Scalar],
) -> None:
    _, first, second, scalar = pair
    common = intersection(first, second)
    both = allows(first, scalar) and allows(second, scalar)
    assert both == (common is not None and allows(common, scalar))


@given(pairs())
def test_covering_and_meeting_do_not_depend_on_the_order(pair: tuple[FactSpec, Value, Value, Scalar]) -> None:
    _, first, second, scalar = pair
    assert allows(hull(first, second), scalar) == allows(hull(second, first), scalar)
    one, other = intersection(first, second), intersection(second, first)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert allows(one, scalar) == allows(other, scalar)


@given(pairs())
def test_a_value_covers_and_meets_itself(pair: tuple[FactSpec, Value, Value, Scalar]) -> None:
    _, value, _, _ = pair
    assert hull(value, value) == value
    assert intersection(value, value) == value


@given(members(st.sampled_from("abcd")), members(st.sampled_from("abcd")))
def test_lists_cover_every_list_that_either_allows(first: Members, second: Members) -> None:
    covering = hull(first, second)
    assert isinstance(covering, Members)
    assert covering.certain == first.certain & second.certain
    assert covering.possible == first.possible | second.possible
    for one in (first, second):
        assert covering.certain <= one.certain <= one.possible <= covering.possible


@given(
    members(st.sampled_from("abcd")), members(st.sampled_from("abcd")), st.frozensets(st.sampled_from("abcd"))
)
def test_lists_meet_in_the_lists_that_both_allow(
    first: Members, second: Members, chosen: frozenset[str]
) -> None:
    def fits(value: Members | None) -> bool:
        return value is not None and value.certain <= chosen <= value.possible

    common = intersection(first, second)
    assert common is None or isinstance(common, Members)
    assert fits(common) == (fits(first) and fits(second))


def test_lists_that_contradict_each_other_have_nothing_in_common() -> None:
    assert intersection(exactly("LICENSE"), exactly()) is None
    assert intersection(exactly("LICENSE"), Members(frozenset(), frozenset({"UVEU"}))) is None


@given(specs.flatmap(values))
def test_unknown_covers_everything_and_narrows_nothing(value: Value) -> None:
    assert isinstance(hull(value, Unknown("why")), Unknown)
    assert isinstance(hull(Unknown("why"), value), Unknown)
    assert intersection(value, Unknown("why")) == value or isinstance(value, Unknown)
    assert intersection(Unknown("why"), value) == value


@given(intervals())
def test_an_interval_holds_its_ends(value: Interval) -> None:
    for end in (value.min, value.max):
        if end is not None:
            assert allows(value, end)
    assert bounds(value) == (value.min, value.max)
    assert not is_settled(value)


@pytest.mark.parametrize(
    ("minimum", "maximum", "simplest"),
    [
        (None, None, Unknown()),
        (1e26, 1e26, Known(1e26)),
        (0.0, 0.0, Known(0.0)),
        (1.0, 2.0, Interval(1.0, 2.0)),
        (None, 2.0, Interval(None, 2.0)),
        (1.0, None, Interval(1.0, None)),
    ],
)
def test_bounds_take_their_simplest_form(
    minimum: float | None, maximum: float | None, simplest: Value
) -> None:
    assert interval(minimum, maximum) == simplest


def test_choices_take_their_simplest_form() -> None:
    assert one_of(["open"]) == Known("open")
    assert one_of(["open", "closed", "open"]) == OneOf(("open", "closed"))
    with pytest.raises(ValueError, match="at least one possible value"):
        one_of([])


@pytest.mark.parametrize(
    ("value", "ends"),
    [
        (Known(3.0), (3.0, 3.0)),
        (OneOf((5.0, 1.0, 3.0)), (1.0, 5.0)),
        (Interval(None, 2.0), (None, 2.0)),
        (Unknown(), (None, None)),
    ],
)
def test_bounds_of_every_form(value: Value, ends: tuple[float | None, float | None]) -> None:
    assert bounds(value) == ends


@pytest.mark.parametrize(
    ("first", "second", "covering"),
    [
        (Known(1.0), Interval(2.0, 3.0), Interval(1.0, 3.0)),
        (Known(1.0), Known(2.0), OneOf((1.0, 2.0))),
        (Interval(1.0, 2.0), Interval(None, 1.5), Interval(None, 2.0)),
        (Interval(1.0, None), Interval(None, 0.5), Unknown()),
        (OneOf(("open", "closed")), Known("restricted"), OneOf(("open", "closed", "restricted"))),
    ],
)
def test_the_smallest_form_that_covers_both(first: Value, second: Value, covering: Value) -> None:
    assert hull(first, second) == covering


@pytest.mark.parametrize(
    ("first", "second", "common"),
    [
        (Interval(1.0, 3.0), Interval(3.0, 4.0), Known(3.0)),
        (Interval(1.0, 2.0), Interval(3.0, 4.0), None),
        (Interval(1.0, None), Interval(None, 2.0), Interval(1.0, 2.0)),
        (Interval(1.0, None), Known(0.5), None),
        (OneOf((1.0, 2.0, 3.0)), Interval(2.0, None), OneOf((2.0, 3.0))),
        (Known("open"), Known("closed"), None),
        (OneOf(("open", "closed")), Known("closed"), Known("closed")),
    ],
)
def test_what_two_readings_have_in_common(first: Value, second: Value, common: Value | None) -> None:
    assert intersection(first, second) == common


@pytest.mark.parametrize(
    ("value", "settled"),
    [
        (Known("open"), True),
        (OneOf(("open", "closed")), False),
        (exactly("UVEU"), True),
        (exactly(), True),
        (Members(frozenset(), frozenset({"UVEU"})), False),
        (Unknown(), False),
    ],
)
def test_settled_leaves_a_single_possibility(value: Value, settled: bool) -> None:
    assert is_settled(value) is settled


@given(values(OPERATIONS), st.integers(-5, 5))
def test_values_cannot_be_changed(value: Value, number: int) -> None:
    field: Any = next(iter(type(value).__dataclass_fields__))
    with pytest.raises(AttributeError):
        setattr(value, field, number)
