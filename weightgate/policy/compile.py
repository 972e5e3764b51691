"""From a pack to its decision diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import mul
from typing import Any

from weightgate.errors import PolicyError
from weightgate.facts.registry import ACTIVITIES, FACTS, TIERS, Kind, position
from weightgate.facts.values import Scalar
from weightgate.policy.cells import Cells, MemberCells, NamedCells, OrderedCells, TierCells
from weightgate.policy.compiled import CompiledActivity, CompiledPack, CompiledRule, CompiledSpan, Variable
from weightgate.policy.cutting import cuts_of, split
from weightgate.policy.dated import known_day
from weightgate.policy.diagram import FALSE, MAX_STEPS, TRUE, Diagram, Ref, compact
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
    facts_in,
    holds,
    simplify,
)
from weightgate.policy.pack import Pack, PackAt, RuleAt
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.verdicts import VERDICTS, Verdict

LICENSE = Contains("operator.authorizations", "LICENSE")
"""Every rule that asks for a licence yields to one in scope, which gives allow_with_conditions."""

MAX_WORK = 4 * MAX_STEPS
"""The bound on the diagrams of all days and activities of a pack together."""

NO_RULE = len(Verdict)
"""The leaf where no rule applies."""


def compile_pack(pack: Pack, reading: Reading = AS_WRITTEN) -> CompiledPack:
    """Compile a pack in one reading, for every activity and every stretch of days.

    Raises:
        PolicyError: A diagram outgrows its bound; with the place of the pack's rules.
    """
    document = pack.document
    standings = pack.standings if reading == AS_WRITTEN else pack.read(reading)
    spans = _spans(pack, standings)
    dump: Any = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    known = {row.from_ for row in document.status if known_day(row) <= reading.known_at}
    return CompiledPack(
        document.name,
        document.version,
        pack.source.digest,
        document.title,
        dump["default"],
        tuple(
            sorted((row for row in dump["status"] if row["from"] in known), key=lambda row: str(row["from"]))
        ),
        dump["sources"],
        spans,
        pack.known,
        dump.get("switches", {}),
        {**pack.switches, **reading.switches},
        any(rule.status for rule in document.rules),
    )


def rule_texts(pack: Pack) -> dict[str, Any]:
    """What people read of each rule, by its identifier."""
    keep = ("title", "row", "cites", "remedy", "review_policy", "conditions", "activity")
    dump = pack.document.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {rule["id"]: {key: rule[key] for key in keep if key in rule} for rule in dump["rules"]}


def _spans(pack: Pack, standings: Iterable[PackAt]) -> tuple[CompiledSpan, ...]:
    """Every span.

    Raises:
        PolicyError: A diagram outgrows its bound; with the place of the pack's rules.
    """
    try:
        return _Spans(pack).of(standings)
    except PolicyError as error:
        raise pack.fail(error.message, "rules", hint=error.hint, code=error.code) from None


class _Spans:
    """Compiles how a pack stands over time; what stays the same from one span to the next is compiled once."""

    def __init__(self, pack: Pack) -> None:
        self.default = VERDICTS[pack.document.default.verdict]
        self.texts = rule_texts(pack)
        self._compiled: dict[object, CompiledActivity] = {}
        self._left = MAX_WORK

    def of(self, standings: Iterable[PackAt]) -> tuple[CompiledSpan, ...]:
        """Every span."""
        return tuple(self._span(standing) for standing in standings)

    def _span(self, standing: PackAt) -> CompiledSpan:
        activities = {}
        for activity in ACTIVITIES:
            rules = [r for r in standing.rules if activity in r.rule.activity]
            if rules:
                activities[activity] = self._activity(rules, activity, standing.tiers)
        return CompiledSpan(standing.start, standing.end, standing.tiers, activities, standing.left_out)

    def _activity(self, rules: Sequence[RuleAt], activity: str, tiers: dict[str, int]) -> CompiledActivity:
        # A condition that says the same as on the days before is the same object (Conditions.joined).
        key = activity, tuple((r.rule.id, id(r.condition)) for r in rules), tuple(tiers.items())
        if key not in self._compiled:
            if self._left <= 0:
                message = "the decision diagrams of all days together take too many steps to build"
                hint = "let values that many conditions use change on fewer days, or split the pack"
                raise PolicyError(message, hint=hint, code="diagram_too_large")
            conditions = [simplify(r.condition, {"activity": activity}) for r in rules]
            builder = Builder([*conditions, LICENSE], tiers, MAX_STEPS)
            self._compiled[key] = compile_activity(builder, rules, conditions, self.default, self.texts)
            self._left -= builder.diagram.spent + builder.size
        return self._compiled[key]


def compile_activity(
    builder: Builder,
    rules: Sequence[RuleAt],
    conditions: Sequence[Condition],
    default: Verdict,
    texts: Mapping[str, Any],
) -> CompiledActivity:
    """Compile the rules about one activity, as they stand at one day.

    Args:
        builder: For the conditions, and for :data:`LICENSE`.
        rules: The rules.
        conditions: When each applies, with the activity worked out.
        default: The verdict where none does.
        texts: What people read of each rule, by its identifier.
    """
    diagram = builder.diagram
    built = [
        (rule, condition, verdict, root, lifted)
        for rule, condition in zip(rules, conditions, strict=True)
        for verdict, root, lifted in builder.said(condition, VERDICTS[rule.rule.verdict])
    ]
    strictest = builder.strictest((verdict, root) for _, _, verdict, root, _ in built)
    decided = diagram.map_leaves(lambda leaf: int(default) if leaf == NO_RULE else leaf, strictest)
    defaulted = diagram.map_leaves(lambda leaf: int(leaf == NO_RULE), strictest)
    plain = builder.from_parts(decided)
    level, kids, roots = compact(diagram, [decided, plain, defaulted, *(b[3] for b in built)])
    return CompiledActivity(
        tuple(builder.variables),
        level,
        kids,
        roots[0],
        roots[1],
        roots[2],
        tuple(
            CompiledRule(rule.rule.id, verdict, root, tuple(facts_in(condition)), lifted, texts[rule.rule.id])
            for (rule, condition, verdict, _, lifted), root in zip(built, roots[3:], strict=True)
        ),
    )


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

    def said(self, condition: Condition, verdict: Verdict) -> list[tuple[Verdict, Ref, bool]]:
        """What a rule says where: its verdict, and with a licence in scope another if it asks for one.

        Returns:
            Verdict, where it is said, and whether a licence lifted the rule.
        """
        root = self.build(condition)
        if verdict is not Verdict.LICENSE_REQUIRED:
            return [(verdict, root, False)]
        licensed = self.build(LICENSE)
        unlicensed = self.diagram.negate(licensed)
        return [
            (verdict, self.diagram.all_of((root, unlicensed)), False),
            (Verdict.ALLOW_WITH_CONDITIONS, self.diagram.all_of((root, licensed)), True),
        ]

    def strictest(self, said: Iterable[tuple[Verdict, Ref]]) -> Ref:
        """The strictest verdict that is said; :data:`NO_RULE` where nothing is."""
        by_verdict: dict[Verdict, list[Ref]] = {verdict: [] for verdict in reversed(Verdict)}
        for verdict, root in said:
            by_verdict[verdict].append(root)
        # One more than the rank of what is said, so that nothing said is the least of all.
        strictest = FALSE
        for verdict, roots in by_verdict.items():
            ranked = self.diagram.map_leaves(partial(mul, verdict + 1), self.diagram.any_of(roots))
            strictest = self.diagram.largest((strictest, ranked), len(Verdict))
        return self.diagram.map_leaves(lambda rank: rank - 1 if rank else NO_RULE, strictest)

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
