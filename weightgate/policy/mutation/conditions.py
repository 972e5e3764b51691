"""Mutants of conditions: operators, literals, members of lists, and what joins them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from weightgate.facts.registry import FACTS, TIERS, Kind
from weightgate.facts.values import Scalar
from weightgate.policy.as_cel import operator, shortened
from weightgate.policy.checked import Node
from weightgate.policy.conditions import Path
from weightgate.policy.days import FOREVER, day_before, next_day
from weightgate.policy.mutation.mutant import Change
from weightgate.policy.pack import Pack

Edit = tuple[Node, Node, str]
"""The part of a condition that is changed, what stands there instead, and both in words."""

_NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "_<_": ("_<=_",),
    "_<=_": ("_<_",),
    "_>_": ("_>=_",),
    "_>=_": ("_>_",),
    "_==_": ("_!=_",),
    "_!=_": ("_==_",),
}
_JOINS = {"_&&_": "_||_", "_||_": "_&&_"}
_ORDERED = (Kind.NUMBER, Kind.TIER, Kind.DATE)
_BESIDE_EQUAL = ("_<=_", "_>=_")
"""What ``==`` is also swapped for where the fact has an order."""


def of_conditions(pack: Pack) -> Iterator[Change]:
    """Every change of a rule's or definition's condition, in the pack's order."""
    document = pack.document
    for name, text in document.define.items():
        yield from _of_text(pack, ("define", name), f"define.{name}", text)
    for i, rule in enumerate(document.rules):
        yield from _of_text(pack, ("rules", i, "when"), f"{rule.id}.when", rule.when)
        if rule.unless is not None:
            yield from _of_text(pack, ("rules", i, "unless"), f"{rule.id}.unless", rule.unless)


def _of_text(pack: Pack, path: Path, part: str, text: str) -> Iterator[Change]:
    if path not in pack.conditions:
        return
    root = pack.conditions.parsed(path)
    for node, negated in _nodes(root):
        for old, new, words in _edits(node, negated=negated):
            changed = _replaced(root, old, new)
            where = pack.conditions.where(path, text, old.offset)
            yield Change(part, words, where, pack.document, {path: changed})


def _nodes(root: Node) -> Iterator[tuple[Node, bool]]:
    """Every part of a condition that is true or false, from left to right, and whether it is what a ``!`` negates."""
    stack = [(root, False)]
    while stack:
        node, negated = stack.pop()
        yield node, negated
        if node.name in ("_&&_", "_||_", "!_", "_?_:_"):
            stack.extend((arg, node.name == "!_") for arg in reversed(node.args))


def _edits(node: Node, *, negated: bool) -> Iterator[Edit]:
    if node.kind == "ident" or node.name == "@in":
        # To negate what is negated is to drop the negation, which is done there.
        if not negated:
            new = Node("call", node.offset, "!_", args=(node,))
            yield node, new, f"{shortened(node)} -> {shortened(new)}"
        yield from _of_operands(node)
    elif node.name == "!_":
        yield node, node.args[0], f"{shortened(node)} -> {shortened(node.args[0])}"
    elif node.name == "_?_:_":
        test, then, otherwise = node.args
        yield node, replace(node, args=(test, otherwise, then)), f"{shortened(node)} with its answers swapped"
    elif node.name in _JOINS:
        other = _JOINS[node.name]
        yield (
            node,
            replace(node, name=other),
            f"{shortened(node)} with {operator(other)} for {operator(node.name)}",
        )
    elif node.kind == "call":
        yield from _swapped(node)
        yield from _of_operands(node)


def _swapped(node: Node) -> Iterator[Edit]:
    names = _NEIGHBOURS.get(node.name, ())
    fact = next((arg.name for arg in node.args if arg.name in FACTS), "")
    if node.name == "_==_" and fact and FACTS[fact].kind in _ORDERED:
        names += _BESIDE_EQUAL
    for name in names:
        yield node, replace(node, name=name), f"{shortened(node)} with {operator(name)}"


def _of_operands(node: Node) -> Iterator[Edit]:
    """Changes of the literals that a fact is compared with."""
    fact = next((arg.name for arg in node.args if arg.name in FACTS), "")
    if not fact:
        return
    for i, arg in enumerate(node.args):
        for new, words in _literals(fact, arg):
            args = (*node.args[:i], new, *node.args[i + 1 :])
            yield node, replace(node, args=args), f"{shortened(node)} with {words}"


def _literals(fact: str, node: Node) -> Iterator[tuple[Node, str]]:
    if node.kind == "list":
        for i, member in enumerate(node.args):
            yield replace(node, args=(*node.args[:i], *node.args[i + 1 :])), f"no {shortened(member)}"
    elif node.kind == "const" and node.value is not None:
        for value in near(FACTS[fact].kind, node.value):
            new = replace(node, value=value)
            yield new, shortened(new)


def near(kind: Kind, value: Scalar) -> list[Scalar]:
    """Values near a threshold: the doubles beside it, ten times and a tenth; the days or tiers beside it."""
    if kind is Kind.NUMBER:
        number = float(value)
        found = (math.nextafter(number, math.inf), math.nextafter(number, 0.0), number * 10, number / 10)
        return [n for n in dict.fromkeys(found) if n != number and math.isfinite(n)]
    if kind is Kind.TIER:
        return [tier for tier in (int(value) - 1, int(value) + 1) if tier in TIERS]
    if kind is Kind.DATE and isinstance(value, str) and value < FOREVER:
        return [day_before(value), next_day(value)]
    return []


def _replaced(root: Node, old: Node, new: Node) -> Node:
    """The condition with one of its nodes, found by identity, replaced."""
    if root is old:
        return new
    # Conditions are nested at most as deep as the parser allows.
    args = tuple(_replaced(arg, old, new) for arg in root.args)
    return root if all(a is b for a, b in zip(args, root.args, strict=True)) else replace(root, args=args)
