"""The mutants of a pack, and which of them its cases notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from weightgate.errors import PolicyError
from weightgate.policy.cases_file import PolicyCase
from weightgate.policy.mutation.accepted import Accepted
from weightgate.policy.mutation.conditions import of_conditions
from weightgate.policy.mutation.data import of_data
from weightgate.policy.mutation.meaning import difference
from weightgate.policy.mutation.mutant import Mutant, named
from weightgate.policy.mutation.trial import Trial
from weightgate.policy.pack import Pack
from weightgate.records import record

MAX_MUTANTS = 10_000
"""Mutants that are tried, about four minutes for packs like those shipped."""


@record
class Survivor:
    """A mutant that means something else than the pack, and that no case notices.

    Attributes:
        mutant: The mutant.
        case: A case that the pack passes and the mutant does not, in YAML; empty where none could be made.
        reason: Why that is accepted; empty when nobody said.
    """

    mutant: Mutant
    case: str
    reason: str = ""


@record
class MutationReport:
    """What became of a pack's mutants.

    Attributes:
        killed: How many some case fails under.
        equivalent: How many mean the same as the pack, which no case could notice.
        survivors: Those that no case notices.
        stale: What was accepted to survive and does not.
    """

    killed: int
    equivalent: int
    survivors: tuple[Survivor, ...]
    stale: tuple[Accepted, ...] = ()

    @property
    def counted(self) -> int:
        """How many some case could notice."""
        return self.killed + len(self.survivors)

    @property
    def score(self) -> float:
        """The share of those that some case could notice which one does; 1 when there are none."""
        return self.killed / self.counted if self.counted else 1.0

    @property
    def open(self) -> tuple[Survivor, ...]:
        """Survivors for which nobody gave a reason."""
        return tuple(one for one in self.survivors if not one.reason)

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return {
            "killed": self.killed,
            "equivalent": self.equivalent,
            "survived": len(self.survivors),
            "score": self.score,
            "survivors": [
                {
                    "mutant": s.mutant.id,
                    "where": s.mutant.where,
                    "reason": s.reason or None,
                    "case": s.case or None,
                }
                for s in self.survivors
            ],
            "stale": [{"mutant": one.mutant, "where": one.where} for one in self.stale],
        }


def mutants(pack: Pack) -> Iterator[Mutant]:
    """Every mutant of a pack, those that do not stand included."""
    yield from named(chain(of_data(pack), of_conditions(pack)))


def try_mutants(
    pack: Pack,
    cases: Sequence[PolicyCase],
    accepted: Mapping[str, Accepted] | None = None,
    *,
    most: int = MAX_MUTANTS,
) -> MutationReport:
    """Try every mutant of a pack against its cases.

    Args:
        pack: The pack.
        cases: Its cases, all of which pass.
        accepted: Those that may survive, by identifier.
        most: How many mutants there may be.

    Returns:
        What became of them. Mutants that do not stand, such as one with a gap in time, are not counted.

    Raises:
        PolicyError: There are too many mutants.
    """
    if sum(1 for _ in islice(mutants(pack), most + 1)) > most:
        hint = "split the pack, or its longest lists"
        raise PolicyError(f"{pack.file} has more than {most} mutants", hint=hint, code="too_large")
    may = accepted or {}
    trial = Trial(pack, cases)
    killed = equivalent = 0
    survivors: list[Survivor] = []
    for mutant in mutants(pack):
        try:
            changed = mutant.of(pack)
            if trial.killer(changed) is not None:
                killed += 1
                continue
            found = difference(pack, changed, f"tells from {mutant.id}")
            if found is None:
                equivalent += 1
            else:
                reason = may[mutant.id].reason if mutant.id in may else ""
                survivors.append(Survivor(mutant, found.case, reason))
        except PolicyError:
            pass
    alive = {one.mutant.id for one in survivors}
    stale = tuple(one for name, one in may.items() if name not in alive)
    return MutationReport(killed, equivalent, tuple(survivors), stale)
