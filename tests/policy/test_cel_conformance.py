"""CEL's public conformance cases: what a condition may be has the value that they state, and all else is refused.

A condition compares one fact with a literal. So the cases are put three times: as they are, where only constants and what
joins them are conditions; with their variable as a fact; and with either side of a comparison of two literals as a fact
that has that value. Nothing may be taken for something else, and every refusal has a place inside the text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from weightgate.facts.values import Scalar
from weightgate.policy.cel import Scope, compile_condition
from weightgate.policy.ir import atoms, holds
from weightgate.policy.refused import ConditionError
from weightgate.records import record

VECTORS = Path(os.environ.get("WEIGHTGATE_VECTORS", Path(__file__).parents[3] / "shared" / "vectors")) / "cel"
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="CEL's conformance cases are not here (WEIGHTGATE_VECTORS)"
)

FACTS: dict[type, str] = {
    float: "model.training_operations",
    str: "model.base",
    bool: "model.special_purpose",
    int: "destination.tier",
}
"""For each type of value a fact of that type; the texts and numbers that it may be are not narrowed any further."""

SCOPE = Scope({}, {})
_LITERAL = r"""(?:-?[0-9.]+(?:e[+-]?[0-9]+)?|r?'[^'\\]*'|"[^"\\]*"|'(?:[^'\\]|\\u[0-9A-F]{4})*'|true|false)"""
_COMPARISON = re.compile(rf"({_LITERAL}) (==|!=|<|<=|>|>=) ({_LITERAL})")
_MEMBERSHIP = re.compile(rf"({_LITERAL}) in (\[.*\])")


@record
class Case:
    """One conformance case.

    Attributes:
        name: File, section and test.
        text: The expression.
        expected: The truth value that it has; ``None`` when it has another value, or none.
        bound: Values of its variables.
    """

    name: str
    text: str
    expected: bool | None
    bound: Mapping[str, Scalar]


@cache
def file_class() -> Any:
    """A message of the parts of ``SimpleTestFile`` that are read here; the text format lets all others be skipped."""
    from google.protobuf import (  # type: ignore[import-untyped]
        descriptor_pb2,
        descriptor_pool,
        message_factory,
    )

    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="simple.proto", package="cases", syntax="proto2")

    def message(name: str, *fields: tuple[str, int | str, bool]) -> None:
        made = file.message_type.add(name=name)
        for number, (field, kind, repeated) in enumerate(fields, 1):
            label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            added = made.field.add(name=field, number=number, label=label)
            added.type = kinds.TYPE_MESSAGE if isinstance(kind, str) else kind
            if isinstance(kind, str):
                added.type_name = f".cases.{kind}"

    text = kinds.TYPE_STRING
    message(
        "Value",
        ("bool_value", kinds.TYPE_BOOL, False),
        ("int64_value", kinds.TYPE_INT64, False),
        ("double_value", kinds.TYPE_DOUBLE, False),
        ("string_value", text, False),
    )
    message("Bound", ("value", "Value", False))
    message("Binding", ("key", text, False), ("value", "Bound", False))
    message(
        "Test",
        ("name", text, False),
        ("expr", text, False),
        ("value", "Value", False),
        ("bindings", "Binding", True),
    )
    message("Section", ("name", text, False), ("test", "Test", True))
    message("File", ("section", "Section", True))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("cases.File"))


@cache
def cases() -> tuple[Case, ...]:
    """Every case of every file."""
    from google.protobuf import text_format

    found = []
    for path in sorted(VECTORS.glob("*.textproto")):
        file = text_format.Parse(path.read_text("utf-8"), file_class()(), allow_unknown_field=True)
        for section in file.section:
            for test in section.test:
                expected = value_of(test.value)
                bound = {b.key: value_of(b.value.value) for b in test.bindings}
                found.append(
                    Case(
                        f"{path.stem}/{section.name}/{test.name}",
                        test.expr,
                        expected if isinstance(expected, bool) else None,
                        {name: value for name, value in bound.items() if value is not None},
                    )
                )
    return tuple(found)


def value_of(value: Any) -> Scalar | None:
    """A value as Python has it; ``None`` for the kinds that no fact has."""
    for field in ("bool_value", "int64_value", "double_value", "string_value"):
        if value.HasField(field):
            found: Scalar = getattr(value, field)
            return found
    return None


def verdict(text: str, world: Mapping[str, Scalar]) -> bool | None:
    """What a condition gives in a world; ``None`` when it is refused, with a place inside the text."""
    try:
        condition = compile_condition(text, SCOPE)
    except ConditionError as refusal:
        check_place(text, refusal)
        return None
    assert {atom.fact for atom in atoms(condition)} <= set(world)
    return holds(condition, world)


def check_place(text: str, refusal: ConditionError) -> None:
    """A refusal says what is wrong, and where inside the text."""
    rows = text.split("\n")
    assert refusal.message
    assert 1 <= refusal.line <= len(rows), text
    assert 1 <= refusal.column <= len(rows[refusal.line - 1]) + 1, text


def with_facts() -> Iterator[tuple[Case, str, dict[str, Scalar]]]:
    """Cases about one variable or two literals, with a fact in place of the variable or of either literal."""
    for case in cases():
        if case.expected is None:
            continue
        for name, value in case.bound.items():
            if name in ("true", "false"):
                continue  # no name may hide a constant: the case is put as it is
            fact = FACTS[type(value)]
            yield case, re.sub(rf"\b{name}\b", fact, case.text), {fact: value}
        compared = _COMPARISON.fullmatch(case.text)
        listed = _MEMBERSHIP.fullmatch(case.text)
        if compared:
            left, operator, right = compared.groups()
            first, second = literal(left), literal(right)
            yield case, f"{FACTS[type(first)]} {operator} {right}", {FACTS[type(first)]: first}
            yield case, f"{left} {operator} {FACTS[type(second)]}", {FACTS[type(second)]: second}
        elif listed:
            value = literal(listed[1])
            yield case, f"{FACTS[type(value)]} in {listed[2]}", {FACTS[type(value)]: value}


def literal(text: str) -> Scalar:
    """The value of a literal, as the official evaluator reads it."""
    from cel_expr_python import cel

    value: Scalar = cel.NewEnv(variables={}).compile(text).eval(data={}).plain_value()
    return value


@needs_vectors
def test_the_cases_are_all_read() -> None:
    tests = sum(path.read_text("utf-8").count("\n  test {") for path in VECTORS.glob("*.textproto"))
    assert len(cases()) == tests > 700
    assert sum(case.expected is not None for case in cases()) > 400
    assert any(case.bound for case in cases())


@needs_vectors
def test_a_case_without_facts_has_its_value_or_is_refused() -> None:
    given = [(case, verdict(case.text, {})) for case in cases()]
    wrong = [case.name for case, value in given if value is not None and value is not case.expected]
    assert wrong == []
    accepted = [case for case, value in given if value is not None]
    assert len(accepted) >= 14
    assert {case.expected for case in accepted} == {True, False}
    assert {token for case in accepted for token in ("&&", "||", "!") if token in case.text} == {
        "&&",
        "||",
        "!",
    }
    assert len(given) - len(accepted) > 700


@needs_vectors
def test_a_case_with_a_fact_has_its_value_or_is_refused() -> None:
    given = [(case, text, verdict(text, world)) for case, text, world in with_facts()]
    wrong = [
        (case.name, text) for case, text, value in given if value is not None and value is not case.expected
    ]
    assert wrong == []
    accepted = [(text, value) for _, text, value in given if value is not None]
    assert len(accepted) >= 60
    for operator in ("==", "!=", "<", "<=", ">", ">=", "in"):
        assert {value for text, value in accepted if f" {operator} " in text} == {True, False}, operator
    for fact in FACTS.values():
        assert any(fact in text for text, _ in accepted), fact
    assert sum(value is None for _, _, value in given) >= 60


@pytest.mark.parametrize(
    ("text", "value"), [("true && 1 == 1", None), ("true ? false : true", False), ("!(false || false)", True)]
)
def test_the_check_itself_tells_a_value_from_a_refusal(text: str, value: bool | None) -> None:
    assert verdict(text, {}) is value
