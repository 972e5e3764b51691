"""What people write in conditions and values that is not what they mean, and what to write instead."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from weightgate.facts.registry import FACTS, nearest

_ARITHMETIC = {"_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%", "-_": "-"}
NO_ARITHMETIC = "there is no arithmetic in conditions"
COMPUTED = "what must be computed is a fact"
_QUOTIENT_HINT = f"{COMPUTED}; a quotient such as 1/3 is a named value with unit: ratio"

_WORDS = re.compile(r"(?<![\w.])(?:and|or|not|AND|OR|NOT)(?!\w)")
_IN_WORDS = "write && for and, || for or, ! for not"
_ORDERS = ("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in")
_POWERS = "write powers of ten with an exponent, such as 1.0e25"
_TOKENS = {
    "=": "write == to compare",
    "&": "write && for and",
    "|": "write || for or",
    "^": _POWERS,
    "\u00d7": _POWERS,
}
_TOKEN = re.compile(r"token recognition error at: '([=&|^\u00d7])")

_QUOTIENT = re.compile(r"\s*[0-9]+\s*/\s*[0-9]+\s*\Z")
_POWER = re.compile(
    r"\s*(?:([0-9]+(?:\.[0-9]*)?)\s*(?:[\u00d7x\u00b7*]|\\times)\s*)?10\s*(?:\^|\*\*)\s*([+-]?[0-9]{1,3})\s*\Z"
)
_NUMBER = re.compile(r"\s*[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?\s*\Z")
_GROUPED = re.compile(r"\s*[0-9]{1,3}(?:[, _'][0-9]{3})+\s*\Z")


def unknown_name(row: str, column: int, name: str, own: Iterable[str]) -> str:
    """The hint about a name that nothing has.

    Args:
        row: The line of the condition that it stands in.
        column: Its place in the line, from 0.
        name: The name.
        own: The names that the pack gives.
    """
    # A word such as supp10-14 is a subtraction to CEL.
    word = re.match(r"[\w-]+", row[column:])
    for text in (word.group() if word else name, name):
        if any(text in spec.domain for spec in FACTS.values()):
            return f'put it in quotes: "{text}"'
    near = nearest(name, (*FACTS, *own))
    return f"did you mean {near[0]}?" if near else ""


def arithmetic(function: str) -> str:
    """The hint about a function of CEL that computes something; empty when it does not."""
    if function not in _ARITHMETIC:
        return ""
    return _QUOTIENT_HINT if function == "_/_" else COMPUTED


def word_operator(bare: str) -> tuple[int, str, str] | None:
    """Where a condition that does not parse has a word for an operator: the place, the message, and the hint.

    Args:
        bare: The condition, with its string literals blanked out.
    """
    found = _WORDS.search(bare)
    return (found.start(), f"{found.group()!r} is no operator of conditions", _IN_WORDS) if found else None


def token(problem: str) -> str:
    """The hint about a character that CEL does not read."""
    found = _TOKEN.search(problem)
    return _TOKENS[found[1]] if found else ""


def overload(function: str, types: str) -> str:
    """The hint about a function of CEL that does not take operands of these types."""
    if function in _ORDERS and types in ("double, int", "int, double"):
        return "write numbers with a point or an exponent, such as 3.0"
    return ""


def no_number(text: str, unit: str | None) -> tuple[str, str]:
    """What is wrong with a named value that is a text where a number is needed, and what to write.

    Args:
        text: The value.
        unit: Its unit, if it states one.
    """
    if _QUOTIENT.match(text):
        instead = f" in place of unit: {unit}" if unit else ""
        return f"{text!r} is text; a quotient needs unit: ratio", f"write unit: ratio{instead}"
    return f"{text!r} is text, needed a number", f"write {number(text) or 'a number, such as 1.0e25'}"


def number(text: str) -> str:
    """A text that people read as a number, as YAML and CEL read it; empty when it is none."""
    power = _POWER.match(text)
    if power:
        text = f"{power[1] or 1}e{power[2]}"
    elif _GROUPED.match(text):
        text = re.sub(r"[, _']", "", text)
    elif not _NUMBER.match(text):
        return ""
    found = float(text)
    if math.isinf(found):
        return ""
    digits, e, exponent = repr(found).partition("e")
    return f"{digits if '.' in digits else f'{digits}.0'}{e}{exponent.removeprefix('+')}"
