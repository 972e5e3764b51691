"""Whether a pack's cases notice a mutant.

A case is decided by the engine itself, on the pack's conditions with what the case knows already worked out. What is
left of them is small, and where it is the same as in the pack itself the case cannot notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from weightgate.errors import InputError
from weightgate.facts.values import Known, Scalar, Value
from weightgate.policy.builder import LICENSE, Builder
from weightgate.policy.cases import values_of
from weightgate.policy.cases_file import PolicyCase
from weightgate.policy.cases_result import CaseResult, judge
from weightgate.policy.clauses import Clause, clauses
from weightgate.policy.compile import compile_activity, rule_texts
from weightgate.policy.ir import Const, atoms, simplify
from weightgate.policy.joint import Component, settle
from weightgate.policy.pack import Pack, PackAt, RuleAt, at
from weightgate.policy.reading import Reading
from weightgate.policy.reasons import applied
from weightgate.policy.tiers import TIER_FACTS, computed_tier
from weightgate.policy.verdicts import VERDICTS
from weightgate.records import record

NEVER = Const(False)

Left = tuple[Clause, ...]
"""What each rule says, with what is left of its condition."""


@record
class _Group:
    """Cases about one activity on one day in one reading."""

    reading: Reading
    day: str
    activity: str
    cases: tuple[PolicyCase, ...]


@record
class _Asked:
    """What a case asks of a form of the pack.

    Attributes:
        values: Its facts as a decision would have them.
        known: Those that have one value, tiers that follow from countries included.
        left: What they leave of each rule's condition.
    """

    values: Mapping[str, Value]
    known: Mapping[str, Scalar]
    left: Left

    @cached_property
    def applicable(self) -> Left:
        """What is left of the rules that can apply."""
        return _applicable(self.left)


class Trial:
    """A pack and its cases, all of which pass.

    Args:
        pack: The pack.
        cases: Its cases.
    """

    def __init__(self, pack: Pack, cases: Sequence[PolicyCase]) -> None:
        self.pack = pack
        self.cases = tuple(cases)
        self._texts = rule_texts(pack)
        self._standings: dict[int, tuple[PackAt, ...]] = {}
        self._asked: dict[str, _Asked | None] = {}

    def killer(self, mutant: Pack) -> PolicyCase | None:
        """The first case that fails under a mutant of the pack; ``None`` when all pass.

        Raises:
            PolicyError: The mutant does not stand in a reading of some case.
        """
        for reading, groups in self._groups:
            ours, theirs = self._read(reading), mutant.read(reading)
            for group in groups:
                before, after = at(ours, group.day), at(theirs, group.day)
                found = self._first(group, before, after, mutant)
                if found is not None:
                    return found
        return None

    def decide(self, case: PolicyCase, pack: Pack, standing: PackAt) -> CaseResult | None:
        """How a case comes out under a form of the pack; ``None`` where it cannot be asked at all."""
        asked = _asked(case, standing)
        return self._decide(case, pack, standing, asked, asked.left) if asked else None

    @cached_property
    def _groups(self) -> list[tuple[Reading, list[_Group]]]:
        """The cases by reading, then by day and activity; the reading of most cases first."""
        found: list[tuple[Reading, dict[tuple[str, str], list[PolicyCase]]]] = []
        for case in self.cases:
            about = next((groups for reading, groups in found if reading == case.reading), None)
            if about is None:
                about = {}
                found.append((case.reading, about))
            about.setdefault((case.as_of, case.activity), []).append(case)
        found.sort(key=lambda pair: -sum(map(len, pair[1].values())))
        return [
            (reading, [_Group(reading, day, activity, tuple(c)) for (day, activity), c in about.items()])
            for reading, about in found
        ]

    def _read(self, reading: Reading) -> tuple[PackAt, ...]:
        key = next(i for i, (one, _) in enumerate(self._groups) if one == reading)
        if key not in self._standings:
            self._standings[key] = self.pack.read(reading)
        return self._standings[key]

    def _first(
        self, group: _Group, before: PackAt | None, after: PackAt | None, mutant: Pack
    ) -> PolicyCase | None:
        """The first case of a group that fails."""
        if before is None or after is None:
            return group.cases[0]
        ours, theirs = clauses(before, group.activity), clauses(after, group.activity)
        default = mutant.document.default.verdict == self.pack.document.default.verdict
        tiers = before.tiers == after.tiers
        if default and tiers and ours == theirs:
            return None
        if not theirs:
            return group.cases[0]
        # Where tiers are the same, what a case leaves of a rule that is the same is the same.
        earlier = [ours.index(one) if tiers and one in ours else None for one in theirs]
        for case in group.cases:
            was = self._before(case, before)
            asked = was if tiers else _asked(case, after)
            if asked is None or was is None:
                return case
            left = tuple(
                _left(one, asked.known) if i is None else was.left[i]
                for one, i in zip(theirs, earlier, strict=True)
            )
            same = default and _applicable(left) == was.applicable and (tiers or not _needs_tiers(left))
            if not same and not self._decide(case, mutant, after, asked, left).passed:
                return case
        return None

    def _before(self, case: PolicyCase, standing: PackAt) -> _Asked | None:
        """What a case asks of the pack itself."""
        if case.name not in self._asked:
            self._asked[case.name] = _asked(case, standing)
        return self._asked[case.name]

    def _decide(
        self, case: PolicyCase, pack: Pack, standing: PackAt, asked: _Asked, left: Left
    ) -> CaseResult:
        default = VERDICTS[pack.document.default.verdict]
        named = {one.rule.id: one.rule for one in standing.rules}
        rules = [RuleAt(named[name], condition) for name, _, condition in _applicable(left)]
        conditions = [rule.condition for rule in rules]
        builder = Builder([*conditions, LICENSE], standing.tiers)
        compiled = compile_activity(builder, rules, conditions, default, self._texts)
        component = Component(pack.document.name, 0, compiled, asked.values, standing.tiers)
        return judge(case, settle([component]), applied([component], {component.pack: default}))


def _asked(case: PolicyCase, standing: PackAt) -> _Asked | None:
    """What a case asks of a form of the pack; ``None`` when what it states contradicts itself there."""
    try:
        values = values_of(case, standing)
    except InputError:
        return None
    known = _known(values, standing.tiers)
    return _Asked(values, known, tuple(_left(one, known) for one in clauses(standing, case.activity)))


def _left(one: Clause, known: Mapping[str, Scalar]) -> Clause:
    return one._replace(condition=simplify(one.condition, known))


def _applicable(left: Left) -> Left:
    return tuple(one for one in left if one.condition != NEVER)


def _known(values: Mapping[str, Value], tiers: Mapping[str, int]) -> dict[str, Scalar]:
    """The facts of which just one value is possible, tiers included that follow from known countries."""
    known = {name: value.value for name, value in values.items() if isinstance(value, Known)}
    for fact in TIER_FACTS if tiers else ():
        if fact not in values:
            computed = computed_tier(fact, values, tiers)
            if isinstance(computed, Known):
                known[fact] = computed.value
    # A declared tier, and 0 for one that follows from its countries, is the diagram's to read.
    return {name: value for name, value in known.items() if name not in TIER_FACTS or value}


def _needs_tiers(left: Left) -> bool:
    return any(atom.fact in TIER_FACTS for _, _, condition in left for atom in atoms(condition))
