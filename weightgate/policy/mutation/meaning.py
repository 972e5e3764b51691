"""Whether two forms of a pack mean the same: in every reading, on every day, of every activity, for all facts.

They do when all facts lead to the same verdict, and every rule that decides it in one of them applies in the other too;
that a rule applies where it is outranked does not matter. Two conditions are the same exactly when they have the same reference in one table of nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice, product

from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.cells import FROM_PARTS, Cells, OrderedCells, TierCells
from weightgate.policy.compile import LICENSE, NO_RULE, Builder
from weightgate.policy.days import FOREVER, day_before
from weightgate.policy.diagram import Ref, leaves
from weightgate.policy.example import AS_OF, Asked, Kept, example, find, trim
from weightgate.policy.ir import Condition, simplify
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.reading import AS_WRITTEN, Reading
from weightgate.policy.untiered import untiered
from weightgate.policy.verdicts import VERDICTS, Verdict
from weightgate.records import record

MAX_READINGS = 64
"""Combinations of switches that are compared; of a pack with more, these alone."""

Rules = tuple[tuple[str, str, Condition], ...]
"""Identifier, verdict and condition of each rule about one activity."""

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
    """The first difference between two packs of the same rules and switches; ``None`` when they mean the same.

    Args:
        one: The pack.
        other: Another form of it.
        name: What the case is to be called.

    Raises:
        PolicyError: One of them does not stand in some reading, or a diagram outgrows its bound.
    """
    seen: set[tuple[object, ...]] = set()
    for reading in _readings(one):
        for start, end, pair in _stretches(read(one, reading), read(other, reading)):
            for activity in ACTIVITIES:
                rules = [rules_about(standing, activity) for standing in pair]
                tiers = [standing.tiers if standing else {} for standing in pair]
                defaults = [VERDICTS[pack.document.default.verdict] for pack in (one, other)]
                if rules[0] == rules[1] and tiers[0] == tiers[1] and defaults[0] == defaults[1]:
                    continue
                if not all(rules):
                    if any(rules):
                        return Difference("")
                    continue
                key = (activity, *rules, *(tuple(t.items()) for t in tiers))
                if key not in seen:
                    seen.add(key)
                    found = _Compared(rules, tiers, defaults, Asked(activity, start, end, reading)).found(
                        name
                    )
                    if found is not None:
                        return found
    return None


def _readings(pack: Pack) -> Iterator[Reading]:
    """Every reading of a pack that may differ from the others."""
    yield AS_WRITTEN
    switches = pack.document.switches
    names = list(switches)
    chosen = product(*(switches[name].readings for name in names)) if names else ()
    yield from (Reading(switches=dict(zip(names, one, strict=True))) for one in islice(chosen, MAX_READINGS))
    yield from (Reading(known_at=day) for day in pack.known[:-1])
    if any(rule.status for rule in pack.document.rules):
        yield Reading(in_force=True)


def _stretches(
    ours: Sequence[PackAt], theirs: Sequence[PackAt]
) -> Iterator[tuple[str, str, tuple[PackAt | None, PackAt | None]]]:
    """Days on which neither changes: the first, the last, and how both stand."""
    starts = sorted({standing.start for standing in (*ours, *theirs)})
    ends = [*(day_before(start) for start in starts[1:]), FOREVER]
    for start, end in zip(starts, ends, strict=False):
        yield start, end, (at(ours, start), at(theirs, start))


def read(pack: Pack, reading: Reading) -> tuple[PackAt, ...]:
    """How a pack stands over time in a reading; what it holds already is not worked out again."""
    return pack.standings if reading == AS_WRITTEN else pack.read(reading)


def at(standings: Iterable[PackAt], day: str) -> PackAt | None:
    """The pack as it stands at a day."""
    return next((s for s in standings if s.start <= day <= s.end), None)


def rules_about(standing: PackAt | None, activity: str) -> Rules:
    """What a pack says about an activity, in a form that can be compared; nothing before it begins."""
    if standing is None:
        return ()
    return tuple(
        (one.rule.id, one.rule.verdict, one.condition)
        for one in standing.rules
        if activity in one.rule.activity
    )


class _Compared:
    """Two forms of the rules about one activity, over one table of nodes."""

    def __init__(
        self,
        rules: Sequence[Rules],
        tiers: Sequence[dict[str, int]],
        defaults: Sequence[Verdict],
        asked: Asked,
    ) -> None:
        self.asked = asked
        self.defaults = defaults
        known = {"activity": asked.activity}
        same = tiers[0] == tiers[1]
        self.rules = [
            [(i, VERDICTS[v], simplify(c if same else untiered(c, t), known)) for i, v, c in about]
            for about, t in zip(rules, tiers, strict=True)
        ]
        self.builder = Builder(
            [*(c for about in self.rules for _, _, c in about), LICENSE], tiers[0] if same else {}
        )
        self.diagram = self.builder.diagram
        self._said: dict[tuple[Condition, Verdict], list[tuple[Verdict, Ref]]] = {}
        # A declared tier that agrees with its countries changes nothing, and one that does not is no world.
        self.masks = [
            _days(v.cells, asked) if v.fact == AS_OF else _free(v.cells) for v in self.builder.variables
        ]

    def found(self, name: str) -> Difference | None:
        """The first difference, in verdicts before rules."""
        ours, theirs = self.rules
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

    def _only(self, stands: Ref, said: Said, rule: str, decided: Ref) -> Ref | None:
        """The verdict where a rule decides in one form of the pack, and does not even apply in the other."""
        applies = self.diagram.any_of(root for name, _, root in said if name == rule)
        only = self.diagram.all_of((stands, self.diagram.negate(applies)))
        found = self.diagram.apply(lambda a, b: b if a else _COUNT, only, decided)
        return found if self._reached(found) & _VERDICTS else None

    def _said_by(self, rules: Iterable[tuple[str, Verdict, Condition]]) -> Said:
        found: Said = []
        for name, verdict, condition in rules:
            key = condition, verdict
            if key not in self._said:
                self._said[key] = [(v, root) for v, root, _ in self.builder.said(condition, verdict)]
            found += [(name, v, root) for v, root in self._said[key]]
        return found

    def _decided(self, said: Said, default: Verdict) -> Ref:
        strictest = self.builder.strictest((verdict, root) for _, verdict, root in said)
        return self.diagram.map_leaves(lambda leaf: int(default) if leaf == NO_RULE else leaf, strictest)

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


def _free(cells: Cells) -> int:
    return FROM_PARTS if isinstance(cells, TierCells) else cells.everything


def _days(cells: Cells, asked: Asked) -> int:
    """The cells of the day itself that lie in the stretch."""
    if not isinstance(cells, OrderedCells):
        return cells.everything
    low, high = cells.cell_of(asked.start), cells.cell_of(asked.end)
    return (1 << high + 1) - (1 << low)
