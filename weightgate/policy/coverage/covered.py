"""What is covered and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from weightgate.records import record


@record
class Covered:
    """Something that cases should show both ways, or reach.

    Attributes:
        kind: ``rule``, ``atom`` or ``leaf``.
        name: The rule; the rule and the atom; or activity, verdict and rule.
        where: ``file:line:column`` of it in the pack.
        seen: What cases showed: ``true``, ``false`` or both; of a leaf ``true`` when one reached it.
        possible: What could be shown at all.
    """

    kind: Literal["rule", "atom", "leaf"]
    name: str
    where: str
    seen: frozenset[bool]
    possible: frozenset[bool]

    @property
    def missing(self) -> frozenset[bool]:
        """What could be shown and was not."""
        return self.possible - self.seen

    def __str__(self) -> str:
        """What no case shows, place first."""
        if self.kind == "leaf":
            return f"{self.where}: {self.name}: no case leads there"
        if not self.missing:
            way = (
                "both ways"
                if len(self.possible) > 1
                else f"never {'false' if True in self.possible else 'true'}"
            )
            return f"{self.where}: {self.kind} {self.name}: {way}"
        if self.kind == "rule":
            words = {True: "certainly applies", False: "certainly does not apply"}
        else:
            words = {True: "is true", False: "is false"}
        shown = " or ".join(words[way] for way in (True, False) if way in self.missing)
        return f"{self.where}: {self.kind} {self.name}: no case in which it {shown}"


@record
class Coverage:
    """What the cases of a pack show.

    Attributes:
        rules: Every rule.
        atoms: Every atom of every rule's condition.
        leaves: Every activity, verdict and rule that decides it.
        nodes: Nodes of the decision diagrams, as written and at the defaults of all switches.
        visited: Those that a case comes to by facts that are known.
    """

    rules: tuple[Covered, ...]
    atoms: tuple[Covered, ...]
    leaves: tuple[Covered, ...]
    nodes: int
    visited: int

    @property
    def gaps(self) -> tuple[Covered, ...]:
        """What is not covered."""
        return tuple(one for one in (*self.rules, *self.atoms, *self.leaves) if one.missing)

    @property
    def share(self) -> float:
        """The least of the shares of rules, atoms and leaves that are covered."""
        return min(_share(part) for part in (self.rules, self.atoms, self.leaves))

    @property
    def one_way(self) -> tuple[Covered, ...]:
        """Atoms that can only be true, or only false, whatever the facts."""
        return tuple(one for one in self.atoms if len(one.possible) < 2)

    def to_json(self) -> dict[str, Any]:
        """Numbers, and what is not covered, as a JSON object."""
        parts = {"rules": self.rules, "atoms": self.atoms, "leaves": self.leaves}
        counts = {
            name: {"all": len(part), "covered": sum(not one.missing for one in part)}
            for name, part in parts.items()
        }
        return {
            **counts,
            "nodes": {"all": self.nodes, "covered": self.visited},
            "share": self.share,
            "one_way": [
                {"name": one.name, "where": one.where, "always": True in one.possible} for one in self.one_way
            ],
            "gaps": [
                {
                    "kind": one.kind,
                    "name": one.name,
                    "where": one.where,
                    "missing": sorted(one.missing, reverse=True),
                }
                for one in self.gaps
            ],
        }


def _share(part: Sequence[Covered]) -> float:
    return sum(not one.missing for one in part) / len(part) if part else 1.0
