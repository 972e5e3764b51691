"""The conditions of one pack: each parsed once, lowered for each set of values, with errors at their place in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weightgate.errors import PolicyError
from weightgate.facts.registry import FACTS, Kind
from weightgate.facts.values import Scalar
from weightgate.files.yaml import Document
from weightgate.policy.cel import Scope, lower, parse, parts_of, remarks
from weightgate.policy.checked import Node
from weightgate.policy.ir import And, Condition, Not, atoms, simplify
from weightgate.policy.mistakes import no_number
from weightgate.policy.position import place_in
from weightgate.policy.refused import ConditionError
from weightgate.records import record

MAX_LOWERED = 1_000_000
"""Parts of all conditions of a pack, each counted once for every set of values that it stands with: a few seconds."""

Path = tuple[str | int, ...]
Key = tuple[Path, tuple[object, ...]]


@record
class Joined:
    """A rule's condition, ``unless`` included.

    Attributes:
        condition: When the rule applies, simplified.
        tier: A tier that it was written with; empty when it was written with none.
        parts: What it was made of.
    """

    condition: Condition
    tier: str
    parts: tuple[Condition, Condition | None]


class Conditions:
    """Parses and lowers the conditions of a pack.

    A pack's names have the same types on every day, so that one parse of a text serves them all.
    """

    def __init__(self, text: str, file: str, yaml: Document) -> None:
        self.text = text
        self.file = file
        self.yaml = yaml
        self._nodes: dict[Path, Node] = {}
        self._lowered: dict[Key, Condition] = {}
        self._joined: dict[tuple[int, int], Joined] = {}
        self._parts = 0

    def lower(self, text: str, scope: Scope, path: Path) -> Condition:
        """The condition at ``path`` under a scope.

        Raises:
            PolicyError: With file, line and column; code ``too_large`` when a pack's conditions together are too large.
        """
        try:
            node = self._nodes.get(path)
            if node is None:
                self._refuse_swallowing(path, text)
                node = self._nodes[path] = parse(text, scope)
            key = path, tuple(_used(node, scope))
            found = self._lowered.get(key)
            if found is None:
                found = self._lowered[key] = lower(text, node, scope)
                self._parts += parts_of(found)
        except ConditionError as error:
            if error.value:
                raise self._of_value(error) from None
            where = self._place(path, text, error.line, error.column)
            raise PolicyError(error.message, where=where, hint=error.hint, code="condition") from None
        if self._parts > MAX_LOWERED:
            message = f"with all their values and definitions written in, conditions have more than {MAX_LOWERED} parts"
            hint = "let values that many conditions use change on fewer days, or split the pack"
            raise PolicyError(message, where=self._place(path, text, 1, 1), hint=hint, code="too_large")
        return found

    def joined(self, when: Condition, unless: Condition | None) -> Joined:
        """Where ``when`` holds and ``unless`` does not; the same object for the same two objects."""
        key = id(when), id(unless)
        if key not in self._joined:
            both = when if unless is None else And((when, Not(unless)))
            tier = next((atom.fact for atom in atoms(both) if FACTS[atom.fact].kind is Kind.TIER), "")
            # The two are kept alive, so that nothing else can come by their identities.
            self._joined[key] = Joined(simplify(both, {}), tier, (when, unless))
        return self._joined[key]

    def parsed(self, path: Path) -> Node:
        """The condition at ``path`` as parsed.

        Raises:
            KeyError: It was never lowered: its rule is never in force.
        """
        return self._nodes[path]

    def __contains__(self, path: Path) -> bool:
        """Whether the condition at ``path`` was lowered."""
        return path in self._nodes

    def where(self, path: Path, text: str, offset: int) -> str:
        """``file:line:column`` of a character of a condition's text."""
        before = text[:offset]
        return self._place(path, text, before.count("\n") + 1, offset - before.rfind("\n"))

    def changed(self, nodes: Mapping[Path, Node]) -> Conditions:
        """The same conditions but for some, which are given as parsed."""
        other = Conditions(self.text, self.file, self.yaml)
        other._nodes = {**self._nodes, **nodes}
        # Copies, which keep alive what their keys name.
        other._lowered = {key: found for key, found in self._lowered.items() if key[0] not in nodes}
        other._joined = dict(self._joined)
        return other

    def _refuse_swallowing(self, path: Path, text: str) -> None:
        """Refuse a remark that YAML folded the lines after it into: they would be no part of the condition.

        Raises:
            ConditionError: There is one.
        """
        for start, end in remarks(text):
            places = [
                self.where(path, text, offset).split(":")[-2]
                for offset in (start, len(text[:end].rstrip()) - 1)
            ]
            if places[0] != places[1]:
                line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
                hint = "write | for > before the condition, or the remark after a # above it"
                raise ConditionError(
                    "this remark swallows the lines after it, which YAML folds into one", line, column, hint
                )

    def _of_value(self, error: ConditionError) -> PolicyError:
        """What a condition found wrong with a named value, at that value."""
        rows = self.yaml.data["values"][error.value]
        message, hint, place = error.message, error.hint, _member(rows, error.member)
        if error.member is None:
            index = next((i for i, row in enumerate(rows) if isinstance(row["value"], str)), 0)
            message, hint = no_number(str(rows[index]["value"]), rows[index].get("unit"))
            place = index, "value"
        return PolicyError(message, where=self.yaml.where("values", error.value, *place), hint=hint)

    def _place(self, path: Path, text: str, line: int, column: int) -> str:
        line, column = place_in(self.text, self.yaml.marks[path], text, line, column)
        return f"{self.file}:{line}:{column}"


def _member(rows: Any, member: Scalar | None) -> Path:
    """Where a member of a named value stands among its rows; nowhere, when the rows were changed since."""
    for i, row in enumerate(rows):
        if isinstance(row["value"], list):
            if member in row["value"]:
                return i, "value", row["value"].index(member)
        elif row["value"] == member:
            return i, "value"
    return ()


def _used(node: Node, scope: Scope) -> Iterator[object]:
    """What a condition takes from its scope: as long as that is the same, so is the condition."""
    stack = [node]
    while stack:
        one = stack.pop()
        stack += one.args
        kind, _, name = one.name.rpartition(".")
        if one.kind != "ident":
            continue
        if kind == "values":
            yield scope.values[name]
        elif kind == "switches":
            yield scope.switches[name].reading
        elif one.name in scope.definitions:
            # A definition that is lowered alike is the same object, which stays alive here.
            yield id(scope.definitions[one.name])
