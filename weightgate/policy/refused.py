"""Conditions that cannot be used: the error with its place, and what CEL reports in words for people."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from weightgate.errors import PolicyError
from weightgate.facts.values import Scalar
from weightgate.policy import mistakes

_ERROR = re.compile(r"<input>:(\d+):(\d+): (.*)")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '\(([^']*)\)'")
_VALUE_AFTER = re.compile(r"[<>=!]=?[\s(]*values\.(\w+)")
_VALUE_BEFORE = re.compile(r"values\.(\w+)[\s)]*$")
_TEXT_AFTER = re.compile(r"[<>=!]=?[\s(]*[\"']([^\"']*)[\"']")
_TEXT_BEFORE = re.compile(r"[\"']([^\"']*)[\"'][\s)]*$")
_COMPARISONS = frozenset({"_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_"})
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
# Comments and string literals, raw and triple-quoted ones too: what stands in them is no CEL.
STRING = re.compile(
    r"//[^\n]*"
    r"|[rR][bB]?(?:\"\"\".*?\"\"\"|'''.*?'''|\"[^\"\n]*\"|'[^'\n]*')"
    r"|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''"
    r"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"",
    re.DOTALL,
)


class ConditionError(PolicyError):
    """A condition that cannot be used, with its place inside the condition's own text.

    Attributes:
        line: Line inside the condition, from 1.
        column: Column inside that line, from 1.
        value: The named value whose mistake it is; empty when it is the condition's.
        member: What of that value is wrong; ``None`` when it is text where a number is needed.
    """

    code = "condition"

    def __init__(self, message: str, line: int, column: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column
        self.value = ""
        self.member: Scalar | None = None

    def of_value(self, name: str, member: Scalar | None = None) -> ConditionError:
        """The same error as a mistake of a named value."""
        self.value = name
        self.member = member
        return self


def explain(text: str, report: str, texts: Container[str], own: Sequence[str]) -> ConditionError:
    """What CEL reports of a condition that does not parse or whose types do not fit, in words for people.

    Args:
        text: The condition.
        report: CEL's report.
        texts: The named values that are texts.
        own: The names that the pack gives.
    """
    found = _ERROR.search(report)
    if not found:
        return ConditionError(report.splitlines()[0], 1, 1)
    line, column, problem = int(found[1]), int(found[2]), found[3].removesuffix(" [INVALID_ARGUMENT]")
    row = text.splitlines()[line - 1] if line <= len(text.splitlines()) else ""
    undeclared = _UNDECLARED.search(problem)
    if undeclared:
        name = undeclared[1]
        whole = re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", row)
        column = whole.start() + 1 if whole else column
        hint = mistakes.unknown_name(row, column - 1, name, own)
        return ConditionError(f"unknown fact {name!r}", line, column, hint)
    if problem.startswith("Syntax error"):
        word = mistakes.word_operator(without_strings(text))
        return (
            error_at(text, *word) if word else ConditionError(problem, line, column, mistakes.token(problem))
        )
    return _misfit(problem, row, line, column, texts)


def _misfit(problem: str, row: str, line: int, column: int, texts: Container[str]) -> ConditionError:
    """Operands that an operator does not take, among them named values that are text where a number is needed."""
    found = _OVERLOAD.search(problem)
    if not found:
        return ConditionError(problem, line, column)
    function, types = found[1], found[2]
    hint = mistakes.arithmetic(function)
    if hint:
        return ConditionError(mistakes.NO_ARITHMETIC, line, column, hint)
    message = f"types do not fit: {problem[found.start(1) - 1 :]}"
    error = ConditionError(message, line, column, mistakes.overload(function, types))
    after = types == "double, string"
    if function in _COMPARISONS and (after or types == "string, double"):
        operand = row[column - 1 :] if after else row[: column - 1]
        named = (_VALUE_AFTER.match if after else _VALUE_BEFORE.search)(operand)
        if named and named[1] in texts:
            return error.of_value(named[1])
        literal = (_TEXT_AFTER.match if after else _TEXT_BEFORE.search)(operand)
        if literal and mistakes.number(literal[1]):
            error.hint = f"write {mistakes.number(literal[1])}, without quotes"
    return error


def error_at(text: str, offset: int, message: str, hint: str = "") -> ConditionError:
    """The error at a character of a condition."""
    before = text[:offset]
    return ConditionError(message, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1, hint)


def without_strings(text: str) -> str:
    """A condition with spaces in place of its string literals and remarks."""
    return STRING.sub(lambda m: " " * len(m.group()), text)
