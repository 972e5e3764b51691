"""Shapes: what fits, and the place of what does not."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attest.samples import decide
from weightgate.attest.statements.shapes import DECISION
from weightgate.files.shapes import Shape, misfit, too_deep


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("x", str), (1, int), (True, bool), ({}, dict), ([], list), (None, None), ("a", "a"),
        ("a", (None, "a")), ([], [str]), (["x", "y"], [str]), ({"a": 1, "b": 2}, {"a": int}), ({}, {"a?": int}),
        ({"a": {"b": [1]}}, {"a": {"b": [int]}}),
    ],
)  # fmt: skip
def test_what_fits(value: Any, shape: Shape) -> None:
    assert misfit(value, shape, "d") == ""


@pytest.mark.parametrize(
    ("value", "shape", "problem"),
    [
        (1, str, "d: needed text"),
        (True, int, "d: needed a whole number"),
        (1, bool, "d: needed true or false"),
        (1.5, int, "d: needed a whole number"),
        ([], dict, "d: needed an object"),
        ({}, list, "d: needed a list"),
        (0, None, "d: needed null"),
        ("b", "a", "d: needed 'a'"),
        ("b", ("a", None), "d: needed 'a' or null"),
        (1, (dict, [str]), "d: needed an object or a list"),
        ({}, [str], "d: needed a list"),
        (["x", 2, 3], [str], "d[1]: needed text"),
        ([], {"a": int}, "d: needed an object"),
        ({}, {"a": int}, "d.a: missing"),
        ({"a": None}, {"a?": int}, "d.a: needed a whole number"),
        ({"a": [{"b": 1}, {"b": "x"}]}, {"a": [{"b": int}]}, "d.a[1].b: needed a whole number"),
        ({"a": 1}, (None, {"a": str}), "d.a: needed text"),
        (1, ({"a": int}, None), "d: needed an object or null"),
    ],
)
def test_what_does_not_fit_has_its_place(value: Any, shape: Shape, problem: str) -> None:
    assert misfit(value, shape, "d") == problem


def nested(levels: int, *, lists: bool) -> Any:
    value: Any = "end"
    for _ in range(levels):
        value = [value] if lists else {"a": value}
    return value


@pytest.mark.parametrize("lists", [True, False])
def test_depth_is_bounded(lists: bool) -> None:
    assert not too_deep(nested(64, lists=lists))
    assert too_deep(nested(65, lists=lists))
    assert too_deep(nested(900, lists=lists))


def test_a_decision_fits() -> None:
    assert misfit(decide("DE", "AE"), DECISION, "decision") == ""


JUNK: st.SearchStrategy[Any] = st.sampled_from([None, True, 0, -1.5, "", "x", [], {}, [[]], [None], {"a": 1}])


@given(data=st.data(), junk=JUNK)
def test_junk_anywhere_is_placed_and_never_breaks(data: st.DataObject, junk: Any) -> None:
    decision = copy.deepcopy(decide("DE", "AE"))
    here: Any = decision
    path = "decision"
    while True:
        options = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(options))
        path += f".{key}" if isinstance(here, dict) else f"[{key}]"
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.booleans()):
            here[key] = junk
            break
        here = here[key]
    problem = misfit(decision, DECISION, "decision")
    assert problem == "" or problem.startswith(path)
