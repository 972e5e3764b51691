"""All that ``policy test`` finds out about a pack: its cases, what they cover, and which mutants they notice."""

from __future__ import annotations

from typing import Any

from weightgate.policy.cases import ACCEPTED, Untested, case_files, run_cases, tests_of, untested, vocabulary
from weightgate.policy.cases_file import read_cases
from weightgate.policy.cases_result import CaseResult
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
        results: How its cases came out, in order.
        untested: Rules that certainly apply in no case, and rows that none names.
        mutation: What became of its mutants; ``None`` when they were not asked for, or a case fails, which would kill
            every one of them.
    """

    name: str
    results: tuple[CaseResult, ...]
    untested: tuple[Untested, ...]
    mutation: MutationReport | None

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(result.passed for result in self.results)

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that failed."""
        return tuple(result for result in self.results if not result.passed)

    def to_json(self) -> dict[str, Any]:
        """Numbers and lists as a JSON object, without the cases."""
        return {
            "pack": self.name,
            "passed": self.passed,
            "failed": len(self.failed),
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
    files = case_files(source)
    results = run_cases(source, files)
    mutation = None
    if mutants and all(result.passed for result in results):
        accepted = read_accepted(tests_of(source) / ACCEPTED)
        mutation = try_mutants(pack, read_cases(files, vocabulary(pack)), accepted)
    return PackTest(pack.document.name, tuple(results), tuple(untested(source, results)), mutation)
