"""From conditions to decision diagrams over one table of nodes, so that several of them can be joined and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from operator import mul

from weightgate.facts.registry import FACTS, TIERS, Kind, position
from weightgate.facts.values import Scalar
from weightgate.policy.cells import Cells, MemberCells, NamedCells, OrderedCells, TierCells
from weightgate.policy.compiled import Variable
from weightgate.policy.cutting import cuts_of, split
from weightgate.policy.diagram import FALSE, MAX_STEPS, TRUE, Diagram, Ref
from weightgate.policy.ir import (
    And,
    AtMost,
    Atom,
    Condition,
    Const,
    Contains,
    IsIn,
    Less,
    Not,
    Or,
    atoms,
    holds,
)
from weightgate.policy.verdicts import Verdict

LICENSE = Contains("operator.authorizations", "LICENSE")
"""Every rule that asks for a licence yields to one in scope, which gives allow_with_conditions."""

UNSAID = 0
"""The leaf where no rule says anything: the least of all."""


def leaf_of(verdict: Verdict) -> int:
    """The leaf that stands for a verdict that is said: one more than its rank."""
    return int(verdict) + 1


class Builder:
    """Variables and diagrams of a set of conditions, for walks that compare several of them.

    Attributes:
        variables: What each level of the diagram tests.
        levels: The level of each fact, or member of one.
        diagram: The table of nodes that all the diagrams share.
        size: How many atoms the conditions have.

    Args:
        conditions: Every condition that may be built; their atoms cut the facts into cells.
        tiers: The tier of every country; empty without a table.
        steps: Bound on the work: comparing packs takes more of it than compiling one.
    """

    def __init__(
        self, conditions: Sequence[Condition], tiers: dict[str, int], steps: int = 10 * MAX_STEPS
    ) -> None:
        self.tiers = tiers
        every = [atom for condition in conditions for atom in atoms(condition)]
        self.size = len(every)
        self.variables = _variables(list(dict.fromkeys(every)), tiers)
        self.levels = {variable.key: level for level, variable in enumerate(self.variables)}
        counts = [variable.cells.count for variable in self.variables]
        self.diagram = Diagram(counts, [variable.fact for variable in self.variables], steps)
        self._tier_of: dict[str, Ref] = {}

    def build(self, condition: Condition) -> Ref:
        """The diagram of a condition."""
        match condition:
            case Const(value):
                return TRUE if value else FALSE
            case Not(part):
                return self.diagram.negate(self.build(part))
            case And(parts):
                return self.diagram.all_of(self.build(part) for part in parts)
            case Or(parts):
                return self.diagram.any_of(self.build(part) for part in parts)
            case Contains(fact, member):
                return self.diagram.test(self.levels[fact, member], 2)
            case Less() | AtMost() | IsIn():
                return (
                    self._tier(condition)
                    if FACTS[condition.fact].kind is Kind.TIER
                    else self._atom(condition)
                )

    def said(self, root: Ref, verdict: Verdict) -> list[tuple[Verdict, Ref, bool]]:
        """What a rule says where: its verdict, and with a licence in scope another if it asks for one.

        Args:
            root: When it applies.
            verdict: Its verdict.

        Returns:
            Verdict, where it is said, and whether a licence lifted the rule.
        """
        if verdict is not Verdict.LICENSE_REQUIRED:
            return [(verdict, root, False)]
        licensed = self.build(LICENSE)
        unlicensed = self.diagram.negate(licensed)
        return [
            (verdict, self.diagram.all_of((root, unlicensed)), False),
            (Verdict.ALLOW_WITH_CONDITIONS, self.diagram.all_of((root, licensed)), True),
        ]

    def strictest(self, said: Iterable[tuple[Verdict, Ref]]) -> Ref:
        """The strictest verdict that is said: leaves as of :func:`leaf_of`, :data:`UNSAID` where nothing is."""
        by_verdict: dict[Verdict, list[Ref]] = {verdict: [] for verdict in reversed(Verdict)}
        for verdict, root in said:
            by_verdict[verdict].append(root)
        strictest = FALSE
        for verdict, roots in by_verdict.items():
            ranked = self.diagram.map_leaves(partial(mul, leaf_of(verdict)), self.diagram.any_of(roots))
            strictest = self.diagram.largest((strictest, ranked), leaf_of(Verdict.DENY))
        return strictest

    def decided(self, strictest: Ref, default: Verdict) -> Ref:
        """The verdict: leaves are ranks, that of the default where nothing is said."""
        return self.diagram.map_leaves(lambda leaf: int(default) if leaf == UNSAID else leaf - 1, strictest)

    def _atom(self, atom: Less | AtMost | IsIn) -> Ref:
        level = self.levels[atom.fact, ""]
        cells = self.variables[level].cells
        mask = 0
        for cell in range(cells.count):
            if holds(atom, {atom.fact: cells.representative(cell)}):
                mask |= 1 << cell
        return self.diagram.test(level, mask)

    def _tier(self, atom: Less | AtMost | IsIn) -> Ref:
        """A tier as declared, or else as the stricter of its countries' tiers in the pack's table."""
        wanted = [holds(atom, {atom.fact: tier}) for tier in TIERS]
        from_parts = self.diagram.map_leaves(
            lambda tier: int(wanted[tier - 1]), self._from_countries(atom.fact)
        )
        declared = tuple(TRUE if w else FALSE for w in wanted)
        level = self.levels[atom.fact, ""]
        chosen = self.diagram.node(level, (FALSE, *declared))
        undeclared = self.diagram.test(level, 1)
        return self.diagram.any_of((chosen, self.diagram.all_of((undeclared, from_parts))))

    def _from_countries(self, fact: str) -> Ref:
        if fact not in self._tier_of:
            parts = []
            for part in FACTS[fact].derived_from:
                level = self.levels[part, ""]
                cells = self.variables[level].cells
                kids = tuple(~self.tiers[str(cells.representative(c))] for c in range(cells.count))
                parts.append(self.diagram.node(level, kids))
            self._tier_of[fact] = self.diagram.largest(parts, max(TIERS))
        return self._tier_of[fact]

    def from_parts(self, root: Ref) -> Ref:
        """The diagram for facts without declared tiers."""
        for level, variable in enumerate(self.variables):
            if isinstance(variable.cells, TierCells):
                root = self.diagram.fix(root, level, 0)
        return root


def _variables(used: Iterable[Atom], tiers: dict[str, int]) -> list[Variable]:
    by_fact: dict[str, list[Atom]] = {}
    for atom in used:
        by_fact.setdefault(atom.fact, []).append(atom)
    tiered: set[str] = set()
    for fact in list(by_fact):
        if FACTS[fact].kind is Kind.TIER:
            tiered |= set(FACTS[fact].derived_from)
    for part in tiered:
        by_fact.setdefault(part, [])
    variables: list[Variable] = []
    for fact in sorted(by_fact, key=position):
        cells = _cells(fact, by_fact[fact], tiers if fact in tiered else {})
        variables += [Variable(fact, c) for c in cells]
    return variables


def _cells(fact: str, used: list[Atom], tiers: dict[str, int]) -> list[Cells]:
    spec = FACTS[fact]
    sets = [frozenset(atom.values) for atom in used if isinstance(atom, IsIn)]
    match spec.kind:
        case Kind.LIST:
            # In the same order in every pack, so that diagrams of several packs test in one order.
            return [MemberCells(m) for m in sorted({a.member for a in used if isinstance(a, Contains)})]
        case Kind.TIER:
            return [TierCells()]
        case Kind.NUMBER | Kind.DATE:
            return [OrderedCells(cuts_of(used))]
        case Kind.BOOL:
            return [NamedCells(((False,), (True,)))]
        case Kind.COUNTRY:
            by_tier: list[frozenset[Scalar]] = (
                [frozenset(c for c, t in tiers.items() if t == tier) for tier in TIERS] if tiers else []
            )
            return [split(spec.domain, [*by_tier, *sets], rest=False)]
        case Kind.ENUM:
            return [split(spec.domain, sets, rest=not spec.closed)]
        case Kind.TEXT:
            mentioned: list[Scalar] = list(
                dict.fromkeys(v for a in used if isinstance(a, IsIn) for v in a.values)
            )
            return [split(mentioned, sets, rest=True)]
