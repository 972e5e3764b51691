"""A pack's rules about one activity over one stretch of days, in every combination of its switches.

All diagrams of a stage share one table of nodes, so that two of them mean the same exactly when they have one
reference, and what holds of one holds of all that are alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from weightgate.facts.countries import SUBDIVISIONS
from weightgate.facts.registry import FACTS, TIERS, Kind
from weightgate.facts.values import Scalar
from weightgate.policy.builder import LICENSE, UNSAID, Builder, leaf_of
from weightgate.policy.cells import OrderedCells
from weightgate.policy.clauses import Clause, clauses
from weightgate.policy.compiled import Variable
from weightgate.policy.diagram import TRUE, Diagram, Ref
from weightgate.policy.examples.example import AS_OF
from weightgate.policy.examples.plain import ALL, COUNTRY, PART, SUBDIVISION, WHOLE
from weightgate.policy.invariants import Change
from weightgate.policy.ir import Condition, IsIn, Not, Or, atoms, simplify
from weightgate.policy.pack import PackAt
from weightgate.policy.readings import Chosen
from weightgate.policy.verdicts import Verdict
from weightgate.records import record


@record
class Look:
    """A stage in one combination of switches.

    Attributes:
        chosen: The combination.
        root: The verdict: leaves as of :func:`~weightgate.policy.builder.leaf_of`.
        nowhere: Where no rule applies.
        given: What each invariant about the activity is said under, by its identifier; worlds that cannot be are not.
    """

    chosen: Chosen
    root: Ref
    nowhere: Ref
    given: Mapping[str, Ref]


class Stage:
    """See the module.

    Attributes:
        activity: The activity.
        start: First day of the stretch.
        end: Last day.
        known_at: Day of knowledge.
        builder: The variables, and the table of nodes.
        real: Worlds that can be: on a day of the stretch, with a part of a country in that country, and with no fewer
            operations in all than in the base or the fine-tune.
        looks: One for each combination of switches.

    Raises:
        PolicyError: The diagrams outgrow their bound.
    """

    def __init__(
        self,
        standings: Sequence[tuple[Chosen, PackAt]],
        activity: str,
        known_at: str,
        default: Verdict,
        changes: Iterable[Change],
    ) -> None:
        first = standings[0][1]
        self.activity, self.known_at = activity, known_at
        self.start, self.end = first.start, first.end
        self.default = default
        asked = [_asked(standing, activity) for _, standing in standings]
        said = [(*(one.condition for one in about), *given.values()) for about, given in asked]
        every = list(dict.fromkeys(chain.from_iterable(said)))
        extra = [*_tier_atoms(changes, first.tiers), *_of_places(every)]
        self.builder = Builder([*every, LICENSE, *extra], first.tiers)
        self._built = {c: self.builder.from_parts(self.builder.build(c)) for c in (*every, LICENSE, *extra)}
        places = (self._built[one] for one in extra if isinstance(one, Or))
        self.real = self.diagram.all_of((self._in_time(), *places, self._in_all(WHOLE), self._in_all(PART)))
        self._verdicts: dict[tuple[tuple[Ref, Verdict], ...], tuple[Ref, Ref]] = {}
        self.looks = [self._look(chosen, *one) for (chosen, _), one in zip(standings, asked, strict=True)]

    @property
    def diagram(self) -> Diagram:
        """The table of nodes."""
        return self.builder.diagram

    @property
    def variables(self) -> list[Variable]:
        """What each level tests."""
        return self.builder.variables

    def tier(self, fact: str, tier: int) -> Ref:
        """Where the countries have a tier."""
        return self._built[IsIn(fact, (tier,))]

    def _look(self, chosen: Chosen, about: Sequence[Clause], given: Mapping[str, Condition]) -> Look:
        key = tuple((self._built[one.condition], one.verdict) for one in about)
        if key not in self._verdicts:
            self._verdicts[key] = self._decided(key)
        root, nowhere = self._verdicts[key]
        met = {name: self.diagram.all_of((self._built[c], self.real)) for name, c in given.items()}
        return Look(chosen, root, nowhere, met)

    def _decided(self, rules: Iterable[tuple[Ref, Verdict]]) -> tuple[Ref, Ref]:
        """The strictest of what the rules say, else the default; and where it is the default's turn."""
        said = (said for root, verdict in rules for said in self.builder.said(root, verdict))
        strictest = self.builder.strictest((verdict, root) for verdict, root, _ in said)
        default = leaf_of(self.default)
        return (
            self.diagram.map_leaves(lambda leaf: default if leaf == UNSAID else leaf, strictest),
            self.diagram.apply(lambda leaf, real: int(leaf == UNSAID and real), strictest, self.real),
        )

    def _in_time(self) -> Ref:
        level = self.builder.levels.get((AS_OF, ""))
        cells = self.variables[level].cells if level is not None else None
        if level is None or not isinstance(cells, OrderedCells):
            return TRUE
        return self.diagram.test(level, cells.between(self.start, self.end))

    def _in_all(self, fact: str) -> Ref:
        """That some operations are no more than those in all."""
        levels = [self.builder.levels.get((name, "")) for name in (ALL, fact)]
        every, some = (None if level is None else self.variables[level].cells for level in levels)
        if not isinstance(every, OrderedCells) or not isinstance(some, OrderedCells):
            return TRUE
        both = [level for level in levels if level is not None]
        parts = []
        for cell in range(some.count):
            # The cell of its least number, and those above.
            enough = every.everything & -(1 << every.cell_of(some.representative(cell)))
            parts.append(
                self.diagram.all_of(
                    (self.diagram.test(both[1], 1 << cell), self.diagram.test(both[0], enough))
                )
            )
        return self.diagram.any_of(parts)


def _asked(standing: PackAt, activity: str) -> tuple[list[Clause], dict[str, Condition]]:
    """What the rules say about an activity, and what invariants are said under."""
    given = {name: simplify(one, {"activity": activity}) for name, one in standing.given.items()}
    return [one.about(activity) for one in clauses(standing, activity)], given


def _tier_atoms(changes: Iterable[Change], tiers: Mapping[str, int]) -> Iterator[Condition]:
    """What cuts the countries by tier, for changes of a tier that no rule may mention."""
    for fact in dict.fromkeys(change.fact for change in changes if FACTS[change.fact].kind is Kind.TIER):
        if tiers:
            yield from (IsIn(fact, (tier,)) for tier in TIERS)


def _of_places(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """That a part of a country lies in it, where conditions tell parts apart."""
    parts: dict[str, list[Scalar]] = {}
    if any(atom.fact == SUBDIVISION for condition in conditions for atom in atoms(condition)):
        for code in SUBDIVISIONS:
            parts.setdefault(code.partition("-")[0], []).append(code)
    for country, codes in parts.items():
        yield Or((Not(IsIn(SUBDIVISION, tuple(codes))), IsIn(COUNTRY, (country,))))
