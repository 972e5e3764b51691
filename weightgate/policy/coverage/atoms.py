"""The atoms of each rule's condition, as written with definitions written in."""

from __future__ import annotations

from collections.abc import Sequence

from weightgate.facts.values import Known, OneOf
from weightgate.policy.as_cel import as_cel
from weightgate.policy.builder import Builder
from weightgate.policy.cases import values_of
from weightgate.policy.cases_file import PolicyCase
from weightgate.policy.cel import lower
from weightgate.policy.checked import Node
from weightgate.policy.conditions import Path
from weightgate.policy.coverage.covered import Covered
from weightgate.policy.diagram import ONLY_FALSE, ONLY_TRUE, Ref, leaves
from weightgate.policy.ir import Condition
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.records import record


@record
class _Atom:
    """An atom as written."""

    node: Node
    text: str
    path: Path


class AtomsSeen:
    """The atoms of each rule's condition, and how cases found them."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._atoms = {
            rule.id: _atoms_of(pack, i, rule.unless is not None) for i, rule in enumerate(pack.document.rules)
        }
        self._seen: dict[tuple[str, str], set[bool]] = {}
        self._stood: dict[int, tuple[Builder, dict[tuple[str, str], Ref]]] = {}
        self._read: list[tuple[Reading, tuple[PackAt, ...]]] = [(AS_WRITTEN, pack.standings)]

    def ask(self, case: PolicyCase) -> None:
        """Note which atoms of the rules about a case's activity its facts settle."""
        standings = self._standings(case.reading)
        standing = next(s for s in standings if s.start <= case.as_of <= s.end)
        builder, roots = self._standing(standing, case.reading)
        values = values_of(case, standing)
        masks = [variable.mask_among(values) for variable in builder.variables]
        about = {one.rule.id for one in standing.rules if case.activity in one.rule.activity}
        for key, root in roots.items():
            if key[0] in about:
                outcome = leaves(builder.diagram.level, builder.diagram.kids, root, masks)
                if outcome in (ONLY_FALSE, ONLY_TRUE):
                    self._seen.setdefault(key, set()).add(outcome == ONLY_TRUE)

    def covered(self) -> tuple[Covered, ...]:
        """What was found, in the pack's order."""
        possible = self._possible()
        found = []
        for rule, atoms in self._atoms.items():
            for text, atom in atoms.items():
                key = rule, text
                written = self._pack.yaml.data
                for part in atom.path:
                    written = written[part]
                where = self._pack.conditions.where(atom.path, written, atom.node.offset)
                ways = frozenset(possible.get(key, set()))
                seen = frozenset(self._seen.get(key, set()))
                found.append(Covered("atom", f"{rule}: {text}", where, seen, ways | seen))
        return tuple(found)

    def _possible(self) -> dict[tuple[str, str], set[bool]]:
        """Whether each atom can be true and can be false, whatever the facts, on some day and in some reading."""
        possible: dict[tuple[str, str], set[bool]] = {}
        activities = {rule.id: rule.activity for rule in self._pack.document.rules}
        for standing in self._pack.standings:
            builder, roots = self._standing(standing, AS_WRITTEN)
            for key, root in roots.items():
                asked = {"activity": _any_of(activities[key[0]])}
                masks = [variable.mask_among(asked) for variable in builder.variables]
                outcome = leaves(builder.diagram.level, builder.diagram.kids, root, masks)
                ways = possible.setdefault(key, set())
                ways |= {way for way, mask in ((False, ONLY_FALSE), (True, ONLY_TRUE)) if outcome & mask}
        for rule, atoms in self._atoms.items():
            for text, atom in atoms.items():
                if any(arg.name.startswith("switches.") for arg in atom.node.args):
                    possible[rule, text] = {True, False}
        return possible

    def _standings(self, reading: Reading) -> tuple[PackAt, ...]:
        for one, standings in self._read:
            if one == reading:
                return standings
        standings = self._pack.read(reading)
        self._read.append((reading, standings))
        return standings

    def _standing(self, standing: PackAt, reading: Reading) -> tuple[Builder, dict[tuple[str, str], Ref]]:
        """The atoms of the rules that hold, over one table of nodes."""
        if id(standing) not in self._stood:
            scope = self._pack.names_at(standing, reading)
            lowered: dict[tuple[str, str], Condition] = {
                (one.rule.id, text): lower(text, atom.node, scope)
                for one in standing.rules
                for text, atom in self._atoms[one.rule.id].items()
            }
            builder = Builder(list(lowered.values()), standing.tiers)
            roots = {key: builder.build(condition) for key, condition in lowered.items()}
            self._stood[id(standing)] = builder, roots
        return self._stood[id(standing)]


def _any_of(activities: Sequence[str]) -> Known | OneOf:
    return Known(activities[0]) if len(activities) == 1 else OneOf(tuple(activities))


def _atoms_of(pack: Pack, index: int, unless: bool) -> dict[str, _Atom]:
    """The atoms of a rule's condition by their text, definitions written in."""
    found: dict[str, _Atom] = {}
    paths: list[Path] = [("rules", index, key) for key in (("unless", "when") if unless else ("when",))]
    stack = [(pack.conditions.parsed(path), path) for path in paths if path in pack.conditions]
    while stack:
        node, path = stack.pop()
        if node.kind == "const":
            continue
        if node.name in ("_&&_", "_||_", "!_", "_?_:_"):
            stack.extend((arg, path) for arg in reversed(node.args))
        elif node.kind == "ident" and node.name in pack.document.define:
            inner: Path = ("define", node.name)
            stack.append((pack.conditions.parsed(inner), inner))
        else:
            text = as_cel(node)
            found.setdefault(text, _Atom(node, text, path))
    return found
