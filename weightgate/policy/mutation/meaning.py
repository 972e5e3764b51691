"""Whether two forms of a pack mean the same: in every reading, on every day, of every activity, for all facts.

They do when all facts lead to the same verdict, and every rule that decides it in one of them applies in the other too;
that a rule applies where it is outranked does not matter. Two conditions are the same exactly when they have the same reference in one table of nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.builder import LICENSE, Builder
from weightgate.policy.clauses import Clause, clauses, side_by_side
from weightgate.policy.diagram import Ref, leaves
from weightgate.policy.examples.example import AS_OF, Asked, Kept, example, find, trim
from weightgate.policy.ir import Condition
from weightgate.policy.pack import Pack
from weightgate.policy.reading import Reading
from weightgate.policy.readings import earlier_days, own_status, reading_of, telling_combinations
from weightgate.policy.verdicts import VERDICTS, Verdict
from weightgate.records import record

MAX_READINGS = 64
"""Combinations of switches that are compared; of a pack with more, these alone."""

Said = list[tuple[str, Verdict, Ref]]
"""Identifier, verdict, and where it is said; a rule that asks for a licence says two things."""

_COUNT = len(Verdict)
_VERDICTS = (1 << _COUNT) - 1


@record
class Difference:
    """Something in which two packs differ.

    Attributes:
        case: A case that the first passes and the second does not, in YAML; empty where none could be made.
    """

    case: str


def difference(one: Pack, other: Pack, name: str) -> Difference | None:
    """The first difference between two packs of the same rules and switches of which a case can be made, else the first.

    Args:
        one: The pack.
        other: Another form of it.
        name: What the case is to be called.

    Returns:
        The difference; ``None`` when they mean the same.

    Raises:
        PolicyError: One of them does not stand in some reading, or a diagram outgrows its bound.
    """
    first = None
    for found in _differences(one, other, name):
        if found.case:
            return found
        first = first or found
    return first


def _differences(one: Pack, other: Pack, name: str) -> Iterator[Difference]:
    """One difference for each reading, stretch of days and activity that has some."""
    seen: set[tuple[object, ...]] = set()
    for reading in _readings(one):
        for start, end, pair in side_by_side([one.read(reading), other.read(reading)]):
            for activity in ACTIVITIES:
                rules = [clauses(standing, activity) for standing in pair]
                tiers = [standing.tiers if standing else {} for standing in pair]
                defaults = [VERDICTS[pack.document.default.verdict] for pack in (one, other)]
                if rules[0] == rules[1] and tiers[0] == tiers[1] and defaults[0] == defaults[1]:
                    continue
                key = (activity, *rules, *(tuple(t.items()) for t in tiers))
                if key in seen or not any(rules):
                    continue
                seen.add(key)
                if not rules[0]:
                    # The first cannot be asked about this at all.
                    yield Difference("")
                    continue
                found = _Compared(rules, tiers, defaults, Asked(activity, start, end, reading)).found(name)
                if found is not None:
                    yield found


def _readings(pack: Pack) -> Iterator[Reading]:
    """Every reading of a pack that may differ from the others."""
    for chosen in islice(telling_combinations(pack), MAX_READINGS):
        yield reading_of(pack, chosen)
    yield from (Reading(day) for day in earlier_days(pack))
    if own_status(pack):
        yield Reading(in_force=True)


class _Compared:
    """Two forms of the rules about one activity, over one table of nodes."""

    def __init__(
        self,
        rules: Sequence[Sequence[Clause]],
        tiers: Sequence[dict[str, int]],
        defaults: Sequence[Verdict],
        asked: Asked,
    ) -> None:
        self.asked = asked
        self.defaults = defaults
        same = tiers[0] == tiers[1]
        self.rules = [
            [one.about(asked.activity, None if same else own) for one in about]
            for about, own in zip(rules, tiers, strict=True)
        ]
        self.builder = Builder(
            [*(c for about in self.rules for _, _, c in about), LICENSE], tiers[0] if same else {}
        )
        self.diagram = self.builder.diagram
        self._said: dict[tuple[Condition, Verdict], list[tuple[Verdict, Ref]]] = {}
        self.masks = asked.masks(self.builder.variables)

    def found(self, name: str) -> Difference | None:
        """The first difference, in verdicts before rules; any case is one where the second says nothing."""
        ours, theirs = self.rules
        if not theirs:
            return self._alone(name)
        changed = [one for one in ours if one not in theirs], [one for one in theirs if one not in ours]
        if self.defaults[0] == self.defaults[1] and self._said_by(changed[0]) == self._said_by(changed[1]):
            return None
        said = [self._said_by(about) for about in self.rules]
        decided = [self._decided(s, d) for s, d in zip(said, self.defaults, strict=True)]
        both = self.diagram.apply(lambda a, b: a if a != b else _COUNT, *decided)
        if self._reached(both) & _VERDICTS:
            return self._difference(name, both, [], "")
        # A rule that is the same in both applies wherever it decides.
        names = {name for side in changed for name, _, _ in side}
        stands = [self._standing(s, d, names) for s, d in zip(said, decided, strict=True)]
        for (rule, verdict), root in stands[0].items():
            more = self._only(root, said[1], rule, decided[0])
            if more is not None:
                kept = [Kept(self.diagram, r, 2) for n, v, r in said[0] if (n, v) == (rule, verdict)]
                return self._difference(name, more, kept, f"rules: [{rule}]")
        for (rule, _), root in stands[1].items():
            more = self._only(root, said[0], rule, decided[0])
            if more is not None:
                kept = [Kept(self.diagram, r, 1) for n, _, r in said[0] if n == rule]
                return self._difference(name, more, kept, f"without: [{rule}]")
        return None

    def _alone(self, name: str) -> Difference:
        """A case of the first, where a rule decides it if one can."""
        said = self._said_by(self.rules[0])
        decided = self._decided(said, self.defaults[0])
        applies = self.diagram.any_of(root for _, _, root in said)
        by_rule = self.diagram.apply(lambda a, verdict: verdict if a else _COUNT, applies, decided)
        found = self._difference(name, by_rule, [], "")
        return found if found.case else self._difference(name, decided, [], "")

    def _only(self, stands: Ref, said: Said, rule: str, decided: Ref) -> Ref | None:
        """The verdict where a rule decides in one form of the pack, and does not even apply in the other."""
        applies = self.diagram.any_of(root for name, _, root in said if name == rule)
        only = self.diagram.all_of((stands, self.diagram.negate(applies)))
        found = self.diagram.apply(lambda a, b: b if a else _COUNT, only, decided)
        return found if self._reached(found) & _VERDICTS else None

    def _said_by(self, rules: Iterable[Clause]) -> Said:
        found: Said = []
        for name, verdict, condition in rules:
            key = condition, verdict
            if key not in self._said:
                root = self.builder.build(condition)
                self._said[key] = [(v, where) for v, where, _ in self.builder.said(root, verdict)]
            found += [(name, v, root) for v, root in self._said[key]]
        return found

    def _decided(self, said: Said, default: Verdict) -> Ref:
        strictest = self.builder.strictest((verdict, root) for _, verdict, root in said)
        return self.builder.decided(strictest, default)

    def _standing(self, said: Said, decided: Ref, names: Collection[str]) -> dict[tuple[str, Verdict], Ref]:
        """Where each of some rules applies and its verdict is the one that stands."""

        def stands(verdict: Verdict) -> Ref:
            return self.diagram.map_leaves(lambda leaf: int(leaf == verdict), decided)

        return {
            (name, verdict): self.diagram.all_of((root, stands(verdict)))
            for name, verdict, root in said
            if name in names
        }

    def _reached(self, root: Ref, masks: Sequence[int] | None = None) -> int:
        return leaves(self.diagram.level, self.diagram.kids, root, self.masks if masks is None else masks)

    def _difference(self, name: str, both: Ref, kept: Sequence[Kept], words: str) -> Difference:
        """A case of the plainest facts that show a difference.

        Args:
            name: What it is to be called.
            both: The first one's verdict where they differ, and another leaf where they do not.
            kept: What must stay true too.
            words: What it expects beside the verdict.
        """
        variables = self.builder.variables
        cells = find(variables, self.diagram, both, _VERDICTS, self.masks)
        if cells is None:
            return Difference("")
        chosen = [1 << cells[n] if n in cells else mask for n, mask in enumerate(self.masks)]
        leaf = self._reached(both, chosen)
        fixed = [AS_OF] if any(v.fact == AS_OF for v in variables) else []
        trimmed = trim(variables, cells, [*kept, Kept(self.diagram, both, leaf)], fixed)
        shown = example(variables, trimmed, self.asked)
        if shown is None:
            return Difference("")
        said = str(Verdict(leaf.bit_length() - 1))
        return Difference(shown.case(name, f"{{verdict: {said}, {words}}}" if words else said))
