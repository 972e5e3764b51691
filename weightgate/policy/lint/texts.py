"""What the texts of conditions show: names that nobody uses, literals that should carry a source, LICENSE by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weightgate.errors import PolicyError
from weightgate.facts.registry import FACTS, FactSpec, Kind
from weightgate.policy.checked import MIRRORED, Node
from weightgate.policy.lint.codes import CODES
from weightgate.policy.lint.findings import Finding, Path, at, at_key
from weightgate.policy.lint.loading import condition_finding, texts_of
from weightgate.policy.lint.schema import rule_at
from weightgate.policy.pack import Pack
from weightgate.records import record

_HELD = "operator.authorizations"
_LICENSE = "LICENSE"
_SUBDIVISION = "destination.subdivision"


@record
class Text:
    """A condition as it is written.

    Attributes:
        path: Where it stands in the pack.
        text: What it says.
        node: The same, parsed.
    """

    path: Path
    text: str
    node: Node

    @property
    def names(self) -> frozenset[str]:
        """The facts, named values, switches and definitions that it names."""
        return frozenset(node.name for node in nodes(self.node) if node.kind == "ident")


def texts(pack: Pack) -> tuple[list[Text], list[Finding]]:
    """Every condition of a pack, and what is wrong with those that loading passed over: rules that are never in force."""
    scope = pack.names_at(pack.standings[0])
    found, wrong = [], []
    for path, text in texts_of(pack.document):
        try:
            pack.conditions.lower(text, scope, path)
        except PolicyError as error:
            wrong.append(condition_finding(error, pack.yaml, path))
            continue
        found.append(Text(path, text, pack.conditions.parsed(path)))
    return found, wrong


def nodes(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += one.args


def text_findings(pack: Pack, every: Sequence[Text]) -> Iterator[Finding]:
    """Everything that the texts show."""
    by_rules = reached(every, ("rules",))
    yield from _unused(pack, by_rules | reached(every, ("invariants",)))
    yield from _units(pack, every)
    for text in every:
        if text.path[0] == "rules" or (text.path[0] == "define" and text.path[1] in by_rules):
            for node in nodes(text.node):
                for code, message, where in _literals(node):
                    yield _at(pack, text, code, message, where)


def reached(every: Sequence[Text], roots: tuple[str, ...]) -> frozenset[str]:
    """The names that the conditions under some keys of the pack use, through definitions too."""
    names = {str(text.path[1]): text.names for text in every if text.path[0] == "define"}
    found: set[str] = set()
    waiting = [name for text in every if text.path[0] in roots for name in text.names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += names.get(name, ())
    return frozenset(found)


def _unused(pack: Pack, used: frozenset[str]) -> Iterator[Finding]:
    document = pack.document
    for name in document.values:
        if f"values.{name}" not in used:
            yield at_key(pack.yaml, "unused", f"nothing uses values.{name}", ("values", name))
    for name in document.define:
        if name not in used:
            yield at_key(pack.yaml, "unused", f"nothing uses the definition {name}", ("define", name))
    for name in document.switches:
        if f"switches.{name}" not in used:
            yield at_key(pack.yaml, "unused", f"nothing uses switches.{name}", ("switches", name))
    for name in document.tables:
        if not any(one.endswith(f".{name}") for one in used):
            yield at_key(pack.yaml, "unused", f"nothing uses the table {name}", ("tables", name))


def _units(pack: Pack, every: Sequence[Text]) -> Iterator[Finding]:
    """Named values whose unit is not that of a number that they are compared with, each at its unit."""
    compared = {pair for text in every for node in nodes(text.node) for pair in _number_and_value(node)}
    for fact, name in sorted(compared):
        for i, row in enumerate(pack.document.values[name]):
            if row.unit and row.unit != FACTS[fact].unit:
                message = (
                    f"{name} is in {row.unit}, and {fact}, with which it is compared, in {FACTS[fact].unit}"
                )
                hint = f"write unit: {FACTS[fact].unit} and the value in it, or compare it with another fact"
                yield at(pack.yaml, "other_unit", message, ("values", name, i, "unit"), hint=hint)


def _number_and_value(node: Node) -> Iterator[tuple[str, str]]:
    """The fact and the named value that a comparison of numbers compares."""
    if node.kind == "call" and node.name in MIRRORED:
        for one, other in (node.args, node.args[::-1]):
            spec = FACTS.get(one.name)
            if spec and spec.kind is Kind.NUMBER and other.name.startswith("values."):
                yield spec.name, other.name.removeprefix("values.")


def _literals(node: Node) -> Iterator[tuple[str, str, Node]]:
    """What is wrong with the literals of one comparison or test of membership: code, message, and where it stands."""
    if node.kind != "call" or len(node.args) != 2:
        return
    left, right = node.args
    if node.name in MIRRORED:
        spec = FACTS.get(left.name) or FACTS.get(right.name)
        yield from _thresholds(spec, (left, right))
    elif node.name == "@in" and left.value == _LICENSE and right.name == _HELD:
        yield "license_by_name", "tests whether a LICENSE is held, to which the rule yields anyway", left
    elif node.name == "@in" and right.kind == "list":
        spec = FACTS.get(left.name)
        if spec and (spec.kind is Kind.COUNTRY or spec.name == _SUBDIVISION):
            yield "literal_countries", f"{spec.name} is in a list that has no source", right
        yield from _thresholds(spec, right.args)


def _thresholds(spec: FactSpec | None, literals: tuple[Node, ...]) -> Iterator[tuple[str, str, Node]]:
    if spec and spec.kind in (Kind.NUMBER, Kind.DATE):
        for one in literals:
            if one.kind == "const" and one.value != 0:
                yield (
                    "literal_threshold",
                    f"{spec.name} is compared with {one.value}, which has no source",
                    one,
                )


def _at(pack: Pack, text: Text, code: str, message: str, node: Node) -> Finding:
    """A finding at a node of a condition."""
    where = pack.conditions.where(text.path, text.text, node.offset)
    return Finding(code, message, where, CODES[code].hint, rule_at(pack.yaml, text.path))
