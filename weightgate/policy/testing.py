"""All that ``policy test`` finds out about a pack: its cases, what they cover, and which mutants they notice."""

from __future__ import annotations

from typing import Any

from weightgate.policy.cases import (
    ACCEPTED,
    Readings,
    Untested,
    case_files,
    folder_of_tests,
    results_of,
    untested_of,
    vocabulary,
)
from weightgate.policy.cases_file import read_cases
from weightgate.policy.cases_result import CaseResult
from weightgate.policy.coverage.cover import cover
from weightgate.policy.coverage.covered import Coverage
from weightgate.policy.mutation.accepted import read_accepted
from weightgate.policy.mutation.report import MutationReport, try_mutants
from weightgate.policy.pack import Pack
from weightgate.policy.source import PackSource
from weightgate.records import record


@record
class PackTest:
    """What was found out about one pack.

    Attributes:
        name: The pack's name.
        file: Its file, as places in it name it.
        results: How its cases came out, in order.
        untested: Rules that certainly apply in no case, and rows that none names.
        coverage: What the cases show of the pack.
        mutation: What became of its mutants; ``None`` when they were not asked for, or a case fails, which would kill
            every one of them.
    """

    name: str
    file: str
    results: tuple[CaseResult, ...]
    untested: tuple[Untested, ...]
    coverage: Coverage
    mutation: MutationReport | None

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(result.passed for result in self.results)

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that failed."""
        return tuple(result for result in self.results if not result.passed)

    def weaknesses(self, least: float | None, cover: float | None) -> list[str]:
        """What falls short of what was asked for, each in one line.

        Args:
            least: Share of the mutants that a case must notice.
            cover: Share of rules, of atoms and of leaves that must be covered.
        """
        found = []
        share, mutation = self.coverage.share, self.mutation
        if cover is not None and share < cover:
            found.append(f"{self.name}: {share:.1%} covered, needed {cover:.1%}")
        if least is not None and mutation is not None and mutation.score < least:
            found.append(f"{self.name}: {mutation.score:.1%} of the mutants noticed, needed {least:.1%}")
        stale = mutation.stale if mutation else ()
        found += [f"{one.where}: accepted, and no mutant that survives: {one.mutant}" for one in stale]
        return found

    def to_json(self) -> dict[str, Any]:
        """Numbers and lists as a JSON object, without the cases."""
        return {
            "pack": self.name,
            "passed": self.passed,
            "failed": len(self.failed),
            "coverage": self.coverage.to_json(),
            "mutants": self.mutation and self.mutation.to_json(),
        }


def examine(source: PackSource, *, mutants: bool = False) -> PackTest:
    """Test a pack by the cases beside it.

    Args:
        source: The pack.
        mutants: Whether to try its mutants too, which takes seconds and not milliseconds.

    Raises:
        PolicyError: The pack does not load.
        InputError: It has no cases, or a file beside it does not load or asks what the pack has no rule about.
        ReadingsDisagreeError: The two readings of the pack differ.
    """
    pack = Pack(source)
    cases = read_cases(case_files(source), vocabulary(pack))
    readings = Readings(pack)
    results = results_of(readings, cases)
    mutation = None
    if mutants and all(result.passed for result in results):
        mutation = try_mutants(pack, cases, read_accepted(folder_of_tests(source) / ACCEPTED))
    gaps = tuple(untested_of(pack, results))
    return PackTest(pack.document.name, pack.file, tuple(results), gaps, cover(readings, cases), mutation)
