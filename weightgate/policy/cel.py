"""From a condition in CEL to the intermediate representation.

Google's ``cel-expr-python`` parses and type-checks against the facts table; this module lowers the result and refuses
whatever the representation has no form for, always with the place. CEL itself never runs at decision time: on a
missing fact it returns a value that Python takes for true.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import Any

from weightgate.errors import InputError
from weightgate.facts.encode import parse_scalar
from weightgate.facts.registry import FACTS, FactSpec, Kind, nearest
from weightgate.facts.values import Scalar
from weightgate.policy import mistakes
from weightgate.policy.checked import MIRRORED, Node, read_checked
from weightgate.policy.ir import And, AtMost, Condition, Const, Contains, IsIn, Less, Not, Or
from weightgate.policy.refused import STRING, ConditionError, error_at, explain, without_strings
from weightgate.records import record

NamedValue = float | str | tuple[str, ...]
"""A pack's named value at a day: a number, a text, or a list of names such as countries."""

MAX_CONDITION = 10_000
MAX_NESTING = 32
"""The parser's own limit, which it reports in words that help nobody."""
MAX_PARTS = 10_000
"""Parts of one condition after its definitions were written into it: each may double what the one before holds."""
MAX_DEPTH = 200

_SUPPORTED = "a condition compares facts with literals or named values, tests membership, and joins by &&, ||, ! and ?:"


@record
class Chosen:
    """A switch as it is set.

    Attributes:
        reading: The reading taken.
        readings: Every reading that can be.
    """

    reading: str
    readings: tuple[str, ...]


@record
class Scope:
    """What a condition may name besides facts.

    Attributes:
        values: ``values.NAME`` as they stand at the day in question.
        definitions: The pack's own named conditions, which are inlined.
        switches: ``switches.NAME`` as they are set; comparisons with them are constants.
    """

    values: Mapping[str, NamedValue]
    definitions: Mapping[str, Condition]
    switches: Mapping[str, Chosen] = field(default_factory=dict)


def compile_condition(text: str, scope: Scope) -> Condition:
    """Parse, check and lower one condition.

    Raises:
        ConditionError: A syntax or type error, an unknown name, a literal outside the fact's domain, or a form that
            the representation does not have.
    """
    return lower(text, parse(text, scope), scope)


def parse(text: str, scope: Scope) -> Node:
    """Parse a condition and check its types; the result depends on the types in ``scope``, not on the values.

    Raises:
        ConditionError: A syntax or type error, or an unknown name.
    """
    if len(text) > MAX_CONDITION:
        raise ConditionError(f"longer than {MAX_CONDITION} characters", 1, 1, "split it with define:")
    bare = without_strings(text)
    if nesting(bare) > MAX_NESTING:
        raise _too_deep()
    uses_has = re.search(r"\bhas\s*\(", bare)
    if uses_has:
        raise error_at(
            text, uses_has.start(), "has() is refused: an unknown fact is never tested for", "leave it out"
        )
    return read_checked(_check(text, scope))


def remarks(text: str) -> list[tuple[int, int]]:
    """Where each remark of a condition begins and ends, in characters: from ``//`` to the end of its line."""
    return [found.span() for found in STRING.finditer(text) if found.group().startswith("//")]


def lower(text: str, node: Node, scope: Scope) -> Condition:
    """The condition that :func:`parse` read, with the scope's values and definitions written into it.

    Raises:
        ConditionError: A literal outside the fact's domain, a form that the representation does not have, or too large.
    """
    condition = _Lowering(text, scope).condition(node)
    if parts_of(condition) > MAX_PARTS:
        message = f"with its definitions written in, it has more than {MAX_PARTS} parts or {MAX_DEPTH} levels"
        raise ConditionError(message, 1, 1, "let definitions build less upon each other")
    return condition


def _too_deep() -> ConditionError:
    return ConditionError(f"nested deeper than {MAX_NESTING} levels", 1, 1, "split it with define:")


def parts_of(condition: Condition) -> int:
    """How many parts a condition has; more than :data:`MAX_PARTS` when these are too many, or too deep."""
    stack = [(condition, 1)]
    parts = 0
    while stack:
        one, depth = stack.pop()
        parts += 1
        if parts > MAX_PARTS or depth > MAX_DEPTH:
            return MAX_PARTS + 1
        if isinstance(one, And | Or):
            stack += [(part, depth + 1) for part in one.parts]
        elif isinstance(one, Not):
            stack.append((one.part, depth + 1))
    return parts


def nesting(bare: str) -> int:
    """How deep brackets are nested in a text without string literals."""
    deepest = depth = 0
    for character in bare:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    return deepest


def _check(text: str, scope: Scope) -> bytes:
    try:
        expression = environment(scope).compile(text)
    except RuntimeError as error:
        report = str(error)
        raise _too_deep() if "recursion" in report else _explain(text, report, scope) from None
    if expression.return_type().name() != "BOOL":
        kind = expression.return_type().name().lower()
        raise ConditionError(
            f"the condition is a {kind}, needed true or false", 1, 1, "compare it with something"
        )
    return bytes(expression.serialize())


def _explain(text: str, report: str, scope: Scope) -> ConditionError:
    texts = {name for name, value in scope.values.items() if isinstance(value, str)}
    own = (*(f"values.{v}" for v in scope.values), *(f"switches.{s}" for s in scope.switches))
    return explain(text, report, texts, (*own, *scope.definitions))


def environment(scope: Scope) -> Any:
    """The CEL environment for conditions: every fact, typed by the facts table, and the scope's names."""
    values = tuple((name, _kind(value)) for name, value in scope.values.items())
    return _environment(values, tuple(scope.definitions), tuple(scope.switches))


def _kind(value: NamedValue) -> Kind:
    if isinstance(value, float):
        return Kind.NUMBER
    return Kind.TEXT if isinstance(value, str) else Kind.LIST


@lru_cache(maxsize=8)
def _environment(
    values: tuple[tuple[str, Kind], ...], definitions: tuple[str, ...], switches: tuple[str, ...]
) -> Any:
    from cel_expr_python import cel

    kinds = {
        Kind.NUMBER: cel.Type.DOUBLE,
        Kind.TIER: cel.Type.INT,
        Kind.BOOL: cel.Type.BOOL,
        Kind.LIST: cel.Type.List(cel.Type.STRING),
    }
    variables = {name: kinds.get(spec.kind, cel.Type.STRING) for name, spec in FACTS.items()}
    variables |= {f"values.{name}": kinds.get(kind, cel.Type.STRING) for name, kind in values}
    variables |= {f"switches.{name}": cel.Type.STRING for name in switches}
    variables |= dict.fromkeys(definitions, cel.Type.BOOL)
    return cel.NewEnv(variables=variables)


class _Lowering:
    """Turns checked CEL into conditions; one instance for one text."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope

    def refuse_arithmetic(self, node: Node) -> None:
        hint = mistakes.arithmetic(node.name) if node.kind == "call" else ""
        if hint:
            raise self.refuse(node, mistakes.NO_ARITHMETIC, hint)

    def refuse(self, node: Node, message: str, hint: str = _SUPPORTED) -> ConditionError:
        return error_at(self.text, node.offset, message, hint)

    def condition(self, node: Node) -> Condition:
        if node.kind == "const" and isinstance(node.value, bool):
            return Const(node.value)
        if node.kind == "ident":
            if node.name in self.scope.definitions:
                return self.scope.definitions[node.name]
            return IsIn(node.name, (True,))
        if node.kind == "call":
            return self.call(node)
        raise self.refuse(node, f"{node.name or 'this form'} is not supported in conditions")

    def call(self, node: Node) -> Condition:
        match node.name:
            case "_&&_":
                return And(tuple(self.condition(a) for a in node.args))
            case "_||_":
                return Or(tuple(self.condition(a) for a in node.args))
            case "!_":
                return Not(self.condition(node.args[0]))
            case "_?_:_":
                test, then, otherwise = (self.condition(a) for a in node.args)
                return Or((And((test, then)), And((Not(test), otherwise))))
            case "@in":
                return self.membership(node)
            case name if name in MIRRORED:
                return self.comparison(node)
        raise self.refuse(node, f"{node.name.strip('_')} is not supported in conditions")

    def comparison(self, node: Node) -> Condition:
        left, right = node.args
        operator = node.name
        chosen = self.switch(left) or self.switch(right)
        if chosen is not None:
            return self.reading(node, chosen, right if self.switch(left) else left)
        if self.fact(left) is None:
            left, right, operator = right, left, MIRRORED[operator]
        spec = self.fact(left)
        if spec is None or self.fact(right) is not None:
            for one in (left, right):
                self.refuse_arithmetic(one)
            raise self.refuse(node, "a comparison needs one fact and one literal or named value")
        if spec.kind is Kind.LIST:
            raise self.refuse(node, f"{spec.name} is a list: test membership with in")
        bound = self.literal(spec, right)
        match operator:
            case "_==_":
                return IsIn(spec.name, (bound,))
            case "_!=_":
                return Not(IsIn(spec.name, (bound,)))
        if spec.kind not in (Kind.NUMBER, Kind.TIER, Kind.DATE):
            raise self.refuse(node, f"{spec.name} has no order: compare it with == or in")
        match operator:
            case "_<_":
                return Less(spec.name, bound)
            case "_<=_":
                return AtMost(spec.name, bound)
            case "_>_":
                return Not(AtMost(spec.name, bound))
            case _:
                return Not(Less(spec.name, bound))

    def membership(self, node: Node) -> Condition:
        element, container = node.args
        listed = self.fact(container)
        if listed is not None:
            return Contains(listed.name, str(self.literal(listed, element)))
        spec = self.fact(element)
        if spec is None:
            raise self.refuse(node, "in needs a fact on one side")
        if container.kind == "list":
            return IsIn(spec.name, tuple(self.literal(spec, a) for a in container.args))
        values = self.named(container)
        if not isinstance(values, tuple):
            raise self.refuse(container, "in needs a list of literals, a named list or a list-valued fact")
        return IsIn(spec.name, self.members(spec, values, container))

    def members(self, spec: FactSpec, values: tuple[str, ...], node: Node) -> tuple[Scalar, ...]:
        """The members of a named list; when none of several fits, it is the condition that names the wrong list."""
        found: list[Scalar] = []
        wrong: list[ConditionError] = []
        for value in values:
            try:
                found.append(self.typed(spec, value, node))
            except ConditionError as error:
                wrong.append(error)
        if wrong and len(wrong) == len(values) > 1:
            raise wrong[0].of_value("")
        if wrong:
            raise wrong[0]
        return tuple(found)

    def reading(self, node: Node, chosen: Chosen, named: Node) -> Condition:
        """A switch compared with a reading, which is a constant."""
        if node.name not in ("_==_", "_!=_") or named.kind != "const":
            raise self.refuse(node, "a switch is compared with == or != and the name of a reading")
        if named.value not in chosen.readings:
            near = nearest(str(named.value), chosen.readings)
            hint = f"did you mean {near[0]!r}?" if near else "one of " + ", ".join(chosen.readings)
            raise self.refuse(named, f"{named.value!r} is no reading of this switch", hint)
        return Const((chosen.reading == named.value) is (node.name == "_==_"))

    def switch(self, node: Node) -> Chosen | None:
        name = node.name if node.kind == "ident" else ""
        return (
            self.scope.switches.get(name.removeprefix("switches.")) if name.startswith("switches.") else None
        )

    def fact(self, node: Node) -> FactSpec | None:
        return FACTS.get(node.name) if node.kind == "ident" else None

    def named(self, node: Node) -> NamedValue | None:
        return self.scope.values.get(node.name.removeprefix("values.")) if node.kind == "ident" else None

    def literal(self, spec: FactSpec, node: Node) -> Scalar:
        value = node.value if node.kind == "const" else self.named(node)
        if value is None or isinstance(value, tuple):
            self.refuse_arithmetic(node)
            raise self.refuse(
                node, "needed a literal or a named value", "what must be computed is a derived fact"
            )
        return self.typed(spec, value, node)

    def typed(self, spec: FactSpec, value: Scalar, node: Node) -> Scalar:
        try:
            scalar = parse_scalar(spec, value, "")
        except InputError as error:
            raise self.mistyped(node, value, error.message, error.hint) from None
        if isinstance(value, str) and spec.domain and value not in spec.domain:
            near = nearest(value, spec.domain)
            hint = f"did you mean {near[0]!r}?" if near else "one of " + ", ".join(spec.domain[:20])
            raise self.mistyped(node, value, f"{value!r} is no value of {spec.name}", hint)
        return scalar

    def mistyped(self, node: Node, value: Scalar, message: str, hint: str) -> ConditionError:
        """A value that its fact cannot have, which a named value's row may hold."""
        error = self.refuse(node, message, hint)
        return error if node.kind == "const" else error.of_value(node.name.removeprefix("values."), value)
