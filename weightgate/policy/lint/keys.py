"""The keys that the pack format knows at a place of a pack, for "did you mean"."""

from __future__ import annotations

from functools import cache
from typing import Any

from weightgate.policy.schema import PackDocument


def keys_at(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of the mapping at a path; none where there is no mapping with keys of its own."""
    nodes = [_schema()]
    for part in path:
        nodes = [inner for node in nodes for inner in _step(node, part)]
    return tuple(dict.fromkeys(key for node in nodes for key in node.get("properties", ())))


@cache
def _schema() -> Any:
    return PackDocument.model_json_schema(by_alias=True)


def _step(node: Any, part: str | int) -> list[Any]:
    if isinstance(part, int):
        inner = node.get("items")
    else:
        inner = node.get("properties", {}).get(part) or _of_any_key(node)
    return _resolved(inner)


def _of_any_key(node: Any) -> Any:
    found = node.get("additionalProperties")
    if isinstance(found, dict):
        return found
    # A mapping whose keys have a pattern.
    return next(iter(node.get("patternProperties", {}).values()), None)


def _resolved(node: Any) -> list[Any]:
    """A schema without references and alternatives: every mapping that it may stand for."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        if "$ref" in one:
            waiting.append(_schema()["$defs"][one["$ref"].rpartition("/")[2]])
        elif "anyOf" in one:
            waiting += one["anyOf"]
        else:
            found.append(one)
    return found
