"""Conditions in words that a lawyer reads: what CEL says, as nested lists of plain sentences.

The words come from the condition as it was written, so that named values, definitions and switches keep their names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from weightgate.facts.registry import FACTS, FactSpec, Kind
from weightgate.policy.cel import NamedValue, Scope, parse
from weightgate.policy.checked import Node
from weightgate.records import record

JOINED = {"_&&_": "all of these hold", "_||_": "at least one of these holds"}
_OPPOSITE = {
    "_&&_": "_||_", "_||_": "_&&_", "_==_": "_!=_", "_!=_": "_==_", "_<_": "_>=_", "_>=_": "_<_", "_>_": "_<=_", "_<=_": "_>_",
}  # fmt: skip
_MIRRORED = {"_<_": "_>_", "_<=_": "_>=_", "_>_": "_<_", "_>=_": "_<=_", "_==_": "_==_", "_!=_": "_!=_"}
_COMPARED = {
    "_<_": "less than",
    "_<=_": "at most",
    "_>_": "more than",
    "_>=_": "at least",
    "_==_": "",
    "_!=_": "not",
}
_DAYS = {"_<_": "before", "_<=_": "not after", "_>_": "after", "_>=_": "not before"}
_OWNERS = ("model", "destination", "operator", "compute", "developer")
SHOWN = 8
"""Members of a named list that a sentence quotes; the list itself is in the pack."""


@record
class Clause:
    """A sentence, or several under a heading.

    Attributes:
        text: The sentence; for several, how they are joined.
        parts: The several.
    """

    text: str
    parts: tuple[Clause, ...] = ()


def clause(text: str, scope: Scope) -> Clause:
    """A condition in words.

    Args:
        text: The condition, which has been checked.
        scope: What it may name.

    Raises:
        ConditionError: It is none.
    """
    return _Words(scope).clause(parse(text, scope), positive=True)


def said(number: float | str, unit: str = "") -> str:
    """A number as people write it, with its unit."""
    plain = f"{number:g}" if isinstance(number, float) and float(f"{number:g}") == number else str(number)
    return plain if unit in ("", "ratio") else f"{plain} {unit}"


def subject(spec: FactSpec) -> str:
    """A fact as the subject of a sentence."""
    if spec.kind is Kind.DATE and "." not in spec.name:
        return "the day"
    owner, _, name = spec.name.partition(".")
    words = name.replace("_", " ").replace("finetune", "fine-tune").replace("license", "licence")
    return f"the {owner}'s {words}" if owner in _OWNERS else f"the {spec.name.replace('_', ' ')}"


def _be(spec: FactSpec) -> str:
    return "are" if spec.name.endswith("s") and not spec.name.endswith("ss") else "is"


class _Words:
    """Words for the nodes of one condition."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def clause(self, node: Node, *, positive: bool) -> Clause:
        """A node, or its negation."""
        if node.name == "!_":
            return self.clause(node.args[0], positive=not positive)
        if node.name in JOINED:
            joined = node.name if positive else _OPPOSITE[node.name]
            return Clause(JOINED[joined], tuple(self._flat(node, node.name, positive=positive)))
        if node.name == "_?_:_":
            return self._either(node, positive=positive)
        if node.kind == "ident":
            return Clause(self._named(node, positive=positive))
        if node.kind == "const":
            return Clause("always" if bool(node.value) is positive else "never")
        return Clause(
            self._membership(node, positive=positive)
            if node.name == "@in"
            else self._compared(node, positive=positive)
        )

    def _flat(self, node: Node, joined: str, *, positive: bool) -> Sequence[Clause]:
        found: list[Clause] = []
        for part in node.args:
            if part.name == joined:
                found += self._flat(part, joined, positive=positive)
            else:
                found.append(self.clause(part, positive=positive))
        return found

    def _either(self, node: Node, *, positive: bool) -> Clause:
        test, then, otherwise = node.args
        ways = (
            Clause(JOINED["_&&_"], (self.clause(test, positive=holds), self.clause(part, positive=positive)))
            for holds, part in ((True, then), (False, otherwise))
        )
        return Clause(JOINED["_||_"], tuple(ways))

    def _named(self, node: Node, *, positive: bool) -> str:
        """A definition, or a fact that is yes or no."""
        spec = FACTS.get(node.name)
        if spec is None:
            return f"*{_spaced(node.name)}*" + (" holds" if positive else " does not hold")
        says = spec.meaning.removeprefix("Whether ")
        return says if positive else f"it is not so that {says}"

    def _membership(self, node: Node, *, positive: bool) -> str:
        element, container = node.args
        listed = FACTS.get(container.name) if container.kind == "ident" else None
        if listed is not None:
            return f"{subject(listed)} {'include' if positive else 'do not include'} {self._value(element, listed)}"
        spec = FACTS[element.name]
        if container.kind == "list":
            members = " or ".join(self._value(a, spec) for a in container.args)
            return f"{subject(spec)} {_be(spec)} {'' if positive else 'not '}{members}"
        return f"{subject(spec)} {_be(spec)} {'' if positive else 'not '}in {self._list(container)}"

    def _compared(self, node: Node, *, positive: bool) -> str:
        left, right = node.args
        name = node.name if positive else _OPPOSITE[node.name]
        if left.name not in FACTS and not left.name.startswith("switches."):
            left, right, name = right, left, _MIRRORED[name]
        if left.name.startswith("switches."):
            not_ = "" if name == "_==_" else "not "
            return f"the reading *{_spaced(str(right.value))}* of *{_spaced(left.name[9:])}* is {not_}taken"
        spec = FACTS[left.name]
        words = _DAYS.get(name) if spec.kind is Kind.DATE else None
        if spec.kind is Kind.BOOL:
            holds = (right.value is True) is (name == "_==_")
            return self._named(left, positive=holds)
        return " ".join(
            filter(None, (f"{subject(spec)} {_be(spec)}", words or _COMPARED[name], self._value(right, spec)))
        )

    def _value(self, node: Node, spec: FactSpec) -> str:
        if node.kind == "ident":
            value = self.scope.values[node.name.removeprefix("values.")]
            return f"*{_spaced(node.name[7:])}* ({self._plain(value, spec)})"
        return self._plain(node.value if node.value is not None else "", spec)

    def _plain(self, value: NamedValue | bool | int, spec: FactSpec) -> str:
        if isinstance(value, float):
            return said(value, spec.unit)
        return "empty" if value == "" else str(value)

    def _list(self, node: Node) -> str:
        members = self.scope.values[node.name.removeprefix("values.")]
        if not isinstance(members, tuple):
            return str(members)
        shown = ", ".join(members[:SHOWN]) + (
            f" and {len(members) - SHOWN} more" if len(members) > SHOWN else ""
        )
        return f"*{_spaced(node.name[7:])}* ({shown})"


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def rows(found: Clause, mark: Callable[[int], str]) -> list[str]:
    """A clause as lines, one for each sentence.

    Args:
        found: The clause.
        mark: What stands before a line, by its depth.
    """
    lines = [f"{mark(0)}{found.text}{':' if found.parts else ''}"]
    stack = [(part, 1) for part in reversed(found.parts)]
    while stack:
        one, depth = stack.pop()
        lines.append(f"{mark(depth)}{one.text}{':' if one.parts else ''}")
        stack += [(part, depth + 1) for part in reversed(one.parts)]
    return lines
