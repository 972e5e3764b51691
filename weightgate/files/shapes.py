"""Shapes of JSON, written as data, and the place at which a document departs from one.

A shape is a type (``str``, ``int``, ``bool``, ``dict``, ``list``), ``None`` for null, a text that must be met exactly,
a tuple of alternatives, a one-element list for "a list of", or a dict of keys; a key that ends in ``?`` may be absent,
and keys that a shape does not name are allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Shape = type | str | None | tuple[Any, ...] | list[Any] | dict[str, Any]

MAX_DEPTH = 64
"""Levels of objects and lists; a decision has about ten."""

_NESTING = (dict, list)

TEXT = (str, None)

EVERY = "*"
"""Stands in a shape for every key of an object whose keys are names of its own."""


def misfit(value: Any, shape: Shape, place: str) -> str:
    """Where and how ``value`` departs from ``shape``; empty when it does not.

    Args:
        value: Parsed JSON.
        shape: What it should look like.
        place: Name of ``value``, to start places with: ``decision.reasons[0].rule``.
    """
    return "" if _fits(shape)(value) else _misfit(value, shape, place)


def _misfit(value: Any, shape: Shape, place: str) -> str:
    if isinstance(shape, dict):
        return _object_misfit(value, shape, place)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{place}: needed a list"
        found = (_misfit(item, shape[0], f"{place}[{index}]") for index, item in enumerate(value))
        return next(filter(None, found), "")
    if isinstance(shape, tuple):
        problems = []
        for alternative in shape:
            problem = _misfit(value, alternative, place)
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
    # Types are compared, not asked for their kin: a parser gives no other, and there are hundreds of values.
    level = [value] if type(value) in _NESTING else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            inner
            for each in level
            for inner in (each.values() if type(each) is dict else each)
            if type(inner) is dict or type(inner) is list
        ]
    return bool(level)


def _object_misfit(value: Any, shape: dict[str, Any], place: str) -> str:
    if not isinstance(value, dict):
        return f"{place}: needed an object"
    for name, inner in shape.items():
        key = name.removesuffix("?")
        if key == EVERY:
            found = (_misfit(one, inner, f"{place}.{key}") for key, one in value.items())
            problem = next(filter(None, found), "")
            if problem:
                return problem
        elif key in value:
            problem = _misfit(value[key], inner, f"{place}.{key}")
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


Fits = Callable[[Any], bool]

_KNOWN: dict[int, tuple[Shape, Fits]] = {}
_MOST_KNOWN = 256


def _fits(shape: Shape) -> Fits:
    """A quick test for what JSON gives; what it turns down is looked at again, to say why or that nothing is wrong."""
    known = _KNOWN.get(id(shape))
    if known is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        # The shape is kept with its test, so that no other object can have its identity.
        known = _KNOWN[id(shape)] = (shape, _compiled(shape))
    return known[1]


def _compiled(shape: Shape) -> Fits:
    if isinstance(shape, dict):
        return _compiled_object(shape)
    if isinstance(shape, list):
        item = _compiled(shape[0])
        return lambda value: type(value) is list and all(map(item, value))
    if isinstance(shape, tuple):
        return _compiled_alternatives(shape)
    if isinstance(shape, type):
        return lambda value: type(value) is shape
    return lambda value: bool(value == shape) and (shape is not None or value is None)


def _compiled_alternatives(shape: tuple[Any, ...]) -> Fits:
    texts = frozenset(one for one in shape if isinstance(one, str))
    kinds = frozenset(
        type(None) if one is None else one for one in shape if one is None or isinstance(one, type)
    )
    others = [_compiled(one) for one in shape if isinstance(one, (dict, list, tuple))]

    def fits_one(value: Any) -> bool:
        kind = type(value)
        return kind in kinds or (kind is str and value in texts) or any(fits(value) for fits in others)

    return fits_one


def _compiled_object(shape: dict[str, Any]) -> Fits:
    named = {name: inner for name, inner in shape.items() if name.removesuffix("?") != EVERY}
    kinds = [(n, inner) for n, inner in named.items() if not n.endswith("?") and isinstance(inner, type)]
    needed = [
        (n, _compiled(inner)) for n, inner in named.items() if (n, inner) not in kinds and n[-1:] != "?"
    ]
    optional = [(n.removesuffix("?"), _compiled(inner)) for n, inner in named.items() if n.endswith("?")]
    every = [_compiled(inner) for name, inner in shape.items() if name.removesuffix("?") == EVERY]

    def fits_object(value: Any) -> bool:
        if type(value) is not dict:
            return False
        try:
            for name, kind in kinds:
                if type(value[name]) is not kind:
                    return False
            for name, fits in needed:
                if not fits(value[name]):
                    return False
        except KeyError:
            return False
        for name, fits in optional:
            if name in value and not fits(value[name]):
                return False
        return all(all(map(fits, value.values())) for fits in every)

    return fits_object
