"""A parsed condition as CEL again, for messages and for names."""

from __future__ import annotations

import json

from weightgate.policy.checked import Node

MAX_SHOWN = 80


def operator(name: str) -> str:
    """An operator as it is written: ``_<=_`` is ``<=``."""
    return name.strip("_@")


def as_cel(node: Node) -> str:
    """A condition as CEL."""
    if node.kind == "const":
        return json.dumps(node.value, ensure_ascii=False)
    if node.kind == "list":
        return "[" + ", ".join(map(as_cel, node.args)) + "]"
    if node.kind != "call":
        return node.name
    parts = [f"({as_cel(a)})" if a.name in ("_&&_", "_||_", "_?_:_") else as_cel(a) for a in node.args]
    if node.name == "!_":
        plain = node.args[0].kind == "ident" or parts[0].startswith("(")
        return f"!{parts[0]}" if plain else f"!({parts[0]})"
    if node.name == "_?_:_":
        return "{} ? {} : {}".format(*parts)
    return f" {operator(node.name)} ".join(parts)


def shortened(node: Node) -> str:
    """A condition as CEL, without its middle when it is long."""
    text = as_cel(node)
    half = MAX_SHOWN // 2
    return text if len(text) <= MAX_SHOWN else f"{text[:half]}…{text[-half:]}"
