"""What packs say about one activity, and how several stand side by side over time: for walks that compare them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from weightgate.policy.days import FOREVER, day_before
from weightgate.policy.ir import Condition, simplify
from weightgate.policy.pack import PackAt, RuleAt, at
from weightgate.policy.untiered import untiered
from weightgate.policy.verdicts import VERDICTS, Verdict


class Clause(NamedTuple):
    """What one rule says, in a form that can be compared.

    Attributes:
        rule: Its identifier.
        verdict: Its verdict.
        condition: When it applies.
    """

    rule: str
    verdict: Verdict
    condition: Condition

    def about(self, activity: str, tiers: Mapping[str, int] | None = None) -> Clause:
        """The same with the activity worked out.

        Args:
            activity: The activity.
            tiers: If given, the tier of every country: the condition becomes one about countries.
        """
        condition = self.condition if tiers is None else untiered(self.condition, tiers)
        return self._replace(condition=simplify(condition, {"activity": activity}))


def rules_about(standing: PackAt, activity: str) -> tuple[RuleAt, ...]:
    """The rules in force about an activity, in the pack's order."""
    return tuple(rule for rule in standing.rules if activity in rule.rule.activity)


def clauses(standing: PackAt | None, activity: str) -> tuple[Clause, ...]:
    """What a pack says about an activity, conditions as they stand; nothing before it begins."""
    about = rules_about(standing, activity) if standing else ()
    return tuple(Clause(one.rule.id, VERDICTS[one.rule.verdict], one.condition) for one in about)


def side_by_side(
    sides: Sequence[Sequence[PackAt]],
) -> Iterator[tuple[str, str, tuple[PackAt | None, ...]]]:
    """The stretches of days on which none of several packs changes: first day, last day, and how each stands."""
    starts = sorted({standing.start for side in sides for standing in side})
    ends = [*(day_before(start) for start in starts[1:]), FOREVER]
    for start, end in zip(starts, ends, strict=False):
        yield start, end, tuple(at(side, start) for side in sides)
