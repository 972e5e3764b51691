"""Shapes: a document departs from one at a place that is named, and the quick test agrees with the one that names it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.files.shapes import EVERY, MAX_DEPTH, Shape, _fits, _misfit, misfit, too_deep

LEAVES = st.sampled_from(
    [str, int, bool, dict, list, None, "a", "b", ("a", "b"), (str, None), ("a", None, int)]
)


def wider(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(["a", "b", "a?", "c?", EVERY])
    return (
        inner.map(lambda shape: [shape]) | st.dictionaries(keys, inner, max_size=3) | st.tuples(inner, inner)
    )


SHAPES = st.recursive(LEAVES, wider, max_leaves=6)
VALUES = st.recursive(
    st.sampled_from(["a", "b", "", 0, 1, True, False, None, 1.5]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(shape=SHAPES, value=VALUES)
def test_the_quick_test_turns_down_what_departs_and_nothing_else(shape: Shape, value: Any) -> None:
    assert _fits(shape)(value) == (_misfit(value, shape, "x") == "")
    assert misfit(value, shape, "x") == _misfit(value, shape, "x")


@pytest.mark.parametrize(
    ("value", "shape", "problem"),
    [
        ({"a": 1}, {"a": str}, "x.a: needed text"),
        ({}, {"a": str}, "x.a: missing"),
        ({}, {"a?": str}, ""),
        ({"a": None}, {"a?": str}, "x.a: needed text"),
        ({"a": 1, "b": 2}, {"a": int}, ""),
        ({"k": "v", "l": 1}, {EVERY: str}, "x.l: needed text"),
        ([1, "2"], [int], "x[1]: needed a whole number"),
        (True, int, "x: needed a whole number"),
        (1, bool, "x: needed true or false"),
        ("c", ("a", "b"), "x: needed 'a' or 'b'"),
        (0, None, "x: needed null"),
        ([], dict, "x: needed an object"),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": str}]}}, "x.a.b[0].c: needed text"),
        ({"a": [1]}, {"a": ({"b": str}, [str])}, "x.a[0]: needed text"),
    ],
)
def test_where_a_document_departs_is_named(value: Any, shape: Shape, problem: str) -> None:
    assert misfit(value, shape, "x") == problem


def test_what_is_not_from_json_is_judged_alike() -> None:
    assert misfit(OrderedDict(a=OrderedDict(b="c")), {"a": {"b": str}}, "x") == ""
    assert misfit(OrderedDict(a=1), {"a": {"b": str}}, "x") == "x.a: needed an object"


def test_many_shapes_are_not_kept_for_ever() -> None:
    for number in range(600):
        assert misfit({"a": number}, {"a": str(number)}, "x") == f"x.a: needed '{number}'"
        assert misfit({"a": str(number)}, {"a": str(number)}, "x") == ""


def test_depth_is_bounded() -> None:
    value: Any = "x"
    for _ in range(MAX_DEPTH):
        value = {"a": "b", "c": value}
    assert not too_deep(value)
    assert too_deep([value])


@given(VALUES, st.integers(0, 5))
def test_depth_is_that_of_the_definition(value: Any, limit: int) -> None:
    def depth(each: Any) -> int:
        if not isinstance(each, list | dict):
            return 0
        return 1 + max(map(depth, each.values() if isinstance(each, dict) else each), default=0)

    assert too_deep(value, limit) == (depth(value) > limit)
