"""What of a decision stays the same when its inputs are said more widely."""

from __future__ import annotations

from collections.abc import Iterator

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

    def still(self, case: Case) -> bool:
        """Whether a case comes to the same; the first verdict that differs ends the comparison."""
        return (
            all(was == now for was, now in zip(self.places, _places(case), strict=True))
            and all(was == now for was, now in zip(self.packs, _packs(case), strict=True))
            and possible(case.components) == self.whole
            and _conditions(case, self.places) == self.conditions
        )


def kept_of(case: Case) -> Kept:
    """What has to stay of a case."""
    places = tuple(_places(case))
    return Kept(possible(case.components), places, tuple(_packs(case)), _conditions(case, places))


def _places(case: Case) -> Iterator[Verdicts]:
    for index in range(len(case.places)):
        yield possible([c for c in case.components if c.place == index])


def _packs(case: Case) -> Iterator[Verdicts]:
    for book in case.rulebooks:
        yield possible([c for c in case.components if c.pack == book.name])


def _conditions(case: Case, places: tuple[Verdicts, ...]) -> tuple[tuple[str, str, str], ...]:
    """The conditions; there are none where no place allows with conditions."""
    if not any(Verdict.ALLOW_WITH_CONDITIONS in verdicts for verdicts in places):
        return ()
    return tuple(sorted((c.id, c.text, c.applies) for c in conditions(case)))
