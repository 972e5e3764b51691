"""From a pack to its decision diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from weightgate.errors import PolicyError
from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.builder import LICENSE, UNSAID, Builder
from weightgate.policy.clauses import rules_about
from weightgate.policy.compiled import CompiledActivity, CompiledPack, CompiledRule, CompiledSpan
from weightgate.policy.dated import known_day
from weightgate.policy.diagram import MAX_STEPS, compact
from weightgate.policy.ir import Condition, facts_in, simplify
from weightgate.policy.pack import Pack, PackAt, RuleAt
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.readings import own_status
from weightgate.policy.verdicts import VERDICTS, Verdict

MAX_WORK = 4 * MAX_STEPS
"""The bound on the diagrams of all days and activities of a pack together."""


def compile_pack(pack: Pack, reading: Reading = AS_WRITTEN) -> CompiledPack:
    """Compile a pack in one reading, for every activity and every stretch of days.

    Raises:
        PolicyError: A diagram outgrows its bound; with the place of the pack's rules.
    """
    document = pack.document
    spans = _spans(pack, pack.read(reading))
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
        own_status(pack),
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
            rules = rules_about(standing, activity)
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
        for verdict, root, lifted in builder.said(builder.build(condition), VERDICTS[rule.rule.verdict])
    ]
    strictest = builder.strictest((verdict, root) for _, _, verdict, root, _ in built)
    decided = builder.decided(strictest, default)
    defaulted = diagram.map_leaves(lambda leaf: int(leaf == UNSAID), strictest)
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
