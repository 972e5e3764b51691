"""Every stage of a pack: stretches of days, as known on each day of knowledge, activities; those that are alike once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weightgate.facts.registry import ACTIVITIES
from weightgate.policy.clauses import clauses, rules_about
from weightgate.policy.examples.example import AS_OF
from weightgate.policy.invariants import Change
from weightgate.policy.pack import Pack, PackAt
from weightgate.policy.prove.extent import Extent
from weightgate.policy.prove.stage import Stage
from weightgate.policy.readings import Chosen, reading_of
from weightgate.policy.verdicts import VERDICTS
from weightgate.records import record

Standings = list[tuple[Chosen, PackAt]]


@record
class Scene:
    """A stage that is still to be built.

    Attributes:
        activity: The activity.
        known_at: Day of knowledge.
        standings: How the pack stands in each combination of switches.
        times: How many stretches of days and days of knowledge it stands for.
    """

    activity: str
    known_at: str
    standings: Standings
    times: int

    def build(self, pack: Pack, changes: Sequence[Change]) -> Stage:
        """The stage.

        Raises:
            PolicyError: Its diagrams outgrow their bound.
        """
        default = VERDICTS[pack.document.default.verdict]
        return Stage(self.standings, self.activity, self.known_at, default, changes)


def scenes(pack: Pack, extent: Extent) -> list[Scene]:
    """Every scene that has rules: the latest days first, as all is known first."""
    found: dict[object, list[Scene]] = {}
    timed = AS_OF in pack.text
    for known_at, standings in _stretches(pack, extent):
        for activity in ACTIVITIES:
            if any(rules_about(standing, activity) for _, standing in standings):
                key = _key(activity, standings, timed=timed)
                found.setdefault(key, []).append(Scene(activity, known_at, standings, 1))
    return [
        Scene(alike[0].activity, alike[0].known_at, alike[0].standings, len(alike))
        for alike in found.values()
    ]


def _stretches(pack: Pack, extent: Extent) -> Iterator[tuple[str, Standings]]:
    for known_at in extent.known:
        stand = [pack.read(reading_of(pack, chosen, known_at)) for chosen in extent.chosen]
        for same_days in reversed(list(zip(*stand, strict=True))):
            yield known_at, list(zip(extent.chosen, same_days, strict=True))


def _key(activity: str, standings: Standings, *, timed: bool) -> object:
    """What two scenes that are alike have in common: their days too where conditions may ask for the day."""
    rules = tuple(
        tuple((one.verdict, one.condition) for one in clauses(standing, activity))
        for _, standing in standings
    )
    given = tuple(tuple(standing.given.values()) for _, standing in standings)
    first = standings[0][1]
    return activity, rules, given, tuple(first.tiers.items()), (first.start, first.end) if timed else ()
