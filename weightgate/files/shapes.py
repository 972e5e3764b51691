"""Shapes of JSON, written as data, and the place at which a document departs from one.

A shape is a type (``str``, ``int``, ``bool``, ``dict``, ``list``), ``None`` for null, a text that must be met exactly,
a tuple of alternatives, a one-element list for "a list of", or a dict of keys; a key that ends in ``?`` may be absent,
and keys that a shape does not name are allowed.
"""

from __future__ import annotations

from typing import Any

Shape = type | str | None | tuple[Any, ...] | list[Any] | dict[str, Any]

MAX_DEPTH = 64
"""Levels of objects and lists; a decision has about ten."""

TEXT = (str, None)

_NESTING = (dict, list)

EVERY = "*"
"""Stands in a shape for every key of an object whose keys are names of its own."""


def misfit(value: Any, shape: Shape, place: str) -> str:
    """Where and how ``value`` departs from ``shape``; empty when it does not.

    Args:
        value: Parsed JSON.
        shape: What it should look like.
        place: Name of ``value``, to start places with: ``decision.reasons[0].rule``.
    """
    if isinstance(shape, dict):
        return _object_misfit(value, shape, place)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{place}: needed a list"
        found = (misfit(item, shape[0], f"{place}[{index}]") for index, item in enumerate(value))
        return next(filter(None, found), "")
    if isinstance(shape, tuple):
        problems = []
        for alternative in shape:
            problem = misfit(value, alternative, place)
            if not problem:
                return ""
            problems.append(problem)
        return _alternatives(problems, shape, place)
    if isinstance(shape, type):
        fits = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    else:
        fits = value is None if shape is None else value == shape
    return "" if fits else f"{place}: needed {_words(shape)}"


def too_deep(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Whether objects and lists are nested deeper than ``limit`` levels."""
    level = [value] if isinstance(value, _NESTING) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            inner
            for v in level
            for inner in (v.values() if type(v) is dict else v)
            if isinstance(inner, _NESTING)
        ]
    return bool(level)


def _object_misfit(value: Any, shape: dict[str, Any], place: str) -> str:
    if not isinstance(value, dict):
        return f"{place}: needed an object"
    for name, inner in shape.items():
        key = name.removesuffix("?")
        if key == EVERY:
            found = (misfit(one, inner, f"{place}.{key}") for key, one in value.items())
            problem = next(filter(None, found), "")
            if problem:
                return problem
        elif key in value:
            problem = misfit(value[key], inner, f"{place}.{key}")
            if problem:
                return problem
        elif key == name:
            return f"{place}.{key}: missing"
    return ""


def _alternatives(found: list[str], shape: tuple[Any, ...], place: str) -> str:
    """The problem inside the alternative that got furthest, else what was needed here."""
    inner = [problem for problem in found if not problem.startswith(f"{place}: ")]
    return inner[0] if inner else f"{place}: needed {' or '.join(_words(s) for s in shape)}"


def _words(shape: Any) -> str:
    words = {str: "text", int: "a whole number", bool: "true or false", dict: "an object", list: "a list"}
    if isinstance(shape, type):
        return words[shape]
    if shape is None:
        return "null"
    if isinstance(shape, str):
        return repr(shape)
    return "an object" if isinstance(shape, dict) else "a list"
