"""What of a decision stays the same when its inputs are said more widely."""

from __future__ import annotations

from weightgate.decide.case import Case
from weightgate.decide.explaining import conditions
from weightgate.policy.joint import possible
from weightgate.policy.verdicts import Verdict
from weightgate.records import record

Verdicts = tuple[Verdict, ...]


@record
class Kept:
    """What stays the same, to the last verdict.

    Rules that carry no verdict are not among it: of two rules that allow, one may become possible only.

    Attributes:
        whole: The verdicts still possible.
        places: Those of each place.
        packs: Those of each pack.
        conditions: What must be kept for the verdict to hold: identifier, text, and whether it certainly applies.
    """

    whole: Verdicts
    places: tuple[Verdicts, ...]
    packs: tuple[Verdicts, ...]
    conditions: tuple[tuple[str, str, str], ...]

    def but_for_names(self) -> Kept:
        """The same without the wording of conditions, in which the number of a licence may stand."""
        applies = tuple(sorted(("", "", answer) for _, _, answer in self.conditions))
        return Kept(self.whole, self.places, self.packs, applies)


def kept_of(case: Case) -> Kept:
    """What has to stay of a case."""
    components = case.components
    return Kept(
        possible(components),
        tuple(possible([c for c in components if c.place == index]) for index in range(len(case.places))),
        tuple(possible([c for c in components if c.pack == book.name]) for book in case.rulebooks),
        tuple(sorted((c.id, c.text, c.applies) for c in conditions(case))),
    )
