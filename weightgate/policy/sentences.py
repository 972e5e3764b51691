"""Conditions in words that a lawyer reads: what CEL says, as nested lists of plain sentences.

The words come from the condition as it was written, so that named values, definitions and switches keep their names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from weightgate.facts.countries import COUNTRIES
from weightgate.facts.registry import FACTS, FactSpec, Kind
from weightgate.policy.cel import NamedValue, Scope, parse
from weightgate.policy.checked import MIRRORED, Node
from weightgate.policy.figures import said
from weightgate.records import record

JOINED = {"_&&_": "all of these hold", "_||_": "at least one of these holds"}
_OPPOSITE = {
    "_&&_": "_||_", "_||_": "_&&_", "_==_": "_!=_", "_!=_": "_==_", "_<_": "_>=_", "_>=_": "_<_", "_>_": "_<=_", "_<=_": "_>_",
}  # fmt: skip
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
NAMED = 12
"""Countries that are called by their names where they are listed; of more, there are the codes."""
_TWO = 2


@record
class Word:
    """A piece of a sentence.

    Attributes:
        text: What it says.
        kind: What it names, with spaces for underscores: a definition, a named value, a switch, or a reading of one;
            empty for plain words.
    """

    text: str
    kind: Literal["", "term", "value", "switch", "reading"] = ""


Sentence = tuple[Word, ...]


@record
class Clause:
    """A sentence, or several under a heading.

    Attributes:
        words: The sentence; for several, how they are joined.
        parts: The several.
    """

    words: Sentence
    parts: tuple[Clause, ...] = ()

    @property
    def text(self) -> str:
        """The sentence in one text, with its names in asterisks."""
        return "".join(f"*{word.text}*" if word.kind else word.text for word in self.words)

    def to_json(self) -> dict[str, Any]:
        """The clause as a JSON object; its depth is bounded by that of a condition."""
        return {"text": self.text, "parts": [part.to_json() for part in self.parts]}


def clause(text: str, scope: Scope, written: Mapping[str, str] | None = None) -> Clause:
    """A condition in words.

    Args:
        text: The condition, which has been checked.
        scope: What it may name.
        written: Named values as they were written, where that is not their number: ``1/3``.

    Raises:
        ConditionError: It is none.
    """
    return _Words(scope, written or {}).clause(parse(text, scope), positive=True)


def countries(codes: Sequence[str]) -> str:
    """Countries in words: with their names when they are few, else by their codes.

    Args:
        codes: ISO 3166-1 alpha-2 codes.
    """
    return ", ".join(map(_country, codes) if len(codes) <= NAMED else codes)


def _country(code: str) -> str:
    return f"{COUNTRIES[code]} ({code})" if code in COUNTRIES else code


def subject(spec: FactSpec) -> str:
    """A fact as the subject of a sentence."""
    if spec.kind is Kind.DATE and "." not in spec.name:
        return "the day"
    owner, _, name = spec.name.partition(".")
    words = name.replace("_", " ").replace("finetune", "fine-tune").replace("license", "licence")
    return f"the {owner}'s {words}" if owner in _OWNERS else f"the {spec.name.replace('_', ' ')}"


def _be(spec: FactSpec) -> str:
    return "are" if spec.name.endswith("s") and not spec.name.endswith("ss") else "is"


def _sentence(*pieces: str | Word | Sentence) -> Sentence:
    """Pieces as one sentence, with plain words that follow each other in one."""
    found: list[Word] = []
    for piece in pieces:
        for word in (
            piece if isinstance(piece, tuple) else (Word(piece) if isinstance(piece, str) else piece,)
        ):
            if found and not word.kind and not found[-1].kind:
                found[-1] = Word(found[-1].text + word.text)
            else:
                found.append(word)
    return tuple(found)


class _Words:
    """Words for the nodes of one condition."""

    def __init__(self, scope: Scope, written: Mapping[str, str]) -> None:
        self.scope = scope
        self.written = written

    def clause(self, node: Node, *, positive: bool) -> Clause:
        """A node, or its negation."""
        if node.name == "!_":
            return self.clause(node.args[0], positive=not positive)
        if node.name in JOINED:
            joined = node.name if positive else _OPPOSITE[node.name]
            return _joined(joined, self._flat(node, node.name, positive=positive))
        if node.name == "_?_:_":
            return self._either(node, positive=positive)
        if node.kind == "ident":
            return Clause(self._named(node, positive=positive))
        if node.kind == "const":
            return Clause(_sentence("always" if bool(node.value) is positive else "never"))
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
        ways = [
            _joined("_&&_", [self.clause(test, positive=holds), self.clause(part, positive=positive)])
            for holds, part in ((True, then), (False, otherwise))
        ]
        return _joined("_||_", ways)

    def _named(self, node: Node, *, positive: bool) -> Sentence:
        """A definition, or a fact that is yes or no."""
        spec = FACTS.get(node.name)
        if spec is None:
            return _sentence(Word(_spaced(node.name), "term"), " holds" if positive else " does not hold")
        says = spec.meaning.removeprefix("Whether ")
        return _sentence(says if positive else f"it is not so that {says}")

    def _membership(self, node: Node, *, positive: bool) -> Sentence:
        element, container = node.args
        listed = FACTS.get(container.name) if container.kind == "ident" else None
        if listed is not None:
            include = "include" if positive else "do not include"
            return _sentence(f"{subject(listed)} {include} ", self._value(element, listed))
        spec = FACTS[element.name]
        is_ = f"{subject(spec)} {_be(spec)} {'' if positive else 'not '}"
        if container.kind == "list":
            return _sentence(is_, self._any_of(container, spec))
        return _sentence(is_, "in ", self._list(container))

    def _any_of(self, container: Node, spec: FactSpec) -> Sentence:
        """The members of a list that is written into the condition."""
        named = len(container.args) <= NAMED
        pieces: list[str | Sentence] = []
        for one in container.args:
            by_name = named or one.kind == "ident"
            pieces += [" or ", self._value(one, spec) if by_name else str(one.value)]
        return _sentence(*pieces[1:])

    def _compared(self, node: Node, *, positive: bool) -> Sentence:
        left, right = node.args
        name = node.name if positive else _OPPOSITE[node.name]
        if left.name not in FACTS and not left.name.startswith("switches."):
            left, right, name = right, left, MIRRORED[name]
        if left.name.startswith("switches."):
            return self._read(left.name.removeprefix("switches."), str(right.value), positive=name == "_==_")
        spec = FACTS[left.name]
        if spec.kind is Kind.BOOL:
            return self._named(left, positive=(right.value is True) is (name == "_==_"))
        words = (_DAYS.get(name) if spec.kind is Kind.DATE else None) or _COMPARED[name]
        return _sentence(
            f"{subject(spec)} {_be(spec)} ", f"{words} " if words else "", self._value(right, spec)
        )

    def _read(self, switch: str, reading: str, *, positive: bool) -> Sentence:
        """How a switch is set; not one of two readings is the other, which takes no negation to say."""
        readings = self.scope.switches[switch].readings
        if not positive and len(readings) == _TWO and reading in readings:
            reading, positive = next(one for one in readings if one != reading), True
        how = " is read as " if positive else " is read otherwise than as "
        return _sentence(Word(_spaced(switch), "switch"), how, Word(_spaced(reading), "reading"))

    def _value(self, node: Node, spec: FactSpec) -> Sentence:
        if node.kind == "ident":
            name = node.name.removeprefix("values.")
            shown = self.written.get(name) or self._plain(self.scope.values[name], spec)
            return _sentence(Word(_spaced(name), "value"), f" ({shown})")
        return _sentence(self._plain(node.value if node.value is not None else "", spec))

    def _plain(self, value: NamedValue | bool | int, spec: FactSpec) -> str:
        if spec.kind is Kind.NUMBER and isinstance(value, int | float):
            return said(value, spec.unit)
        if spec.kind is Kind.COUNTRY:
            return _country(str(value))
        return "empty" if value == "" else str(value)

    def _list(self, node: Node) -> Sentence:
        name = node.name.removeprefix("values.")
        members = self.scope.values[name]
        if not isinstance(members, tuple):
            return _sentence(str(members))
        more = f" and {len(members) - SHOWN} more" if len(members) > SHOWN else ""
        return _sentence(Word(_spaced(name), "value"), f" ({', '.join(members[:SHOWN])}{more})")


def _joined(how: str, parts: Sequence[Clause]) -> Clause:
    return Clause(_sentence(JOINED[how]), tuple(parts))


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def as_text(found: Clause) -> str:
    """The sentence of a clause, with its names in asterisks."""
    return found.text


def rows(found: Clause, mark: Callable[[int], str], say: Callable[[Clause], str] = as_text) -> list[str]:
    """A clause as lines, one for each sentence.

    Args:
        found: The clause.
        mark: What stands before a line, by its depth.
        say: Writes the sentence of a clause.
    """
    lines = []
    stack = [(found, 0)]
    while stack:
        one, depth = stack.pop()
        lines.append(f"{mark(depth)}{say(one)}{':' if one.parts else ''}")
        stack += [(part, depth + 1) for part in reversed(one.parts)]
    return lines
