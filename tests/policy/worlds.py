"""Definite worlds, for the readings of a pack that take no unknowns."""

from __future__ import annotations

from collections.abc import Mapping

from weightgate.facts.values import Known, Members, Scalar, Value


def members_world(values: Mapping[str, Value]) -> dict[str, Scalar | frozenset[str]] | None:
    """The one world that definite values allow, for :meth:`CompiledActivity.verdict`; ``None`` when they leave more."""
    world: dict[str, Scalar | frozenset[str]] = {}
    for fact, value in values.items():
        if isinstance(value, Known):
            world[fact] = value.value
        elif isinstance(value, Members) and value.certain == value.possible:
            world[fact] = value.certain
        else:
            return None
    return world
