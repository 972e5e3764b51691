"""``policy test --output junit``: a suite for each pack, a case for each case, coverage as properties."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.files.junit import TestCase, TestSuite, junit

if TYPE_CHECKING:
    from weightgate.policy.cases_result import CaseResult
    from weightgate.policy.testing import PackTest

AS_ASKED = "the pack is tested as it should be"


def write(tests: Sequence[PackTest], weak: Sequence[Sequence[str]]) -> str:
    """The tests of packs as JUnit XML.

    Args:
        tests: The tests.
        weak: For each, what falls short of what was asked for.
    """
    return junit("weightgate policy test", [_suite(one, w) for one, w in zip(tests, weak, strict=True)])


def _suite(one: PackTest, weak: Sequence[str]) -> TestSuite:
    lines = [*map(str, one.untested), *weak]
    whole = TestCase(
        AS_ASKED,
        one.name,
        failure=f"{len(lines)} things are missing" if len(lines) > 1 else "".join(lines),
        details="\n".join(lines),
    )
    return TestSuite(one.name, [*(_case(one.name, result) for result in one.results), whole], _numbers(one))


def _case(pack: str, result: CaseResult) -> TestCase:
    group = f"{pack}.{Path(result.file).stem}"
    return TestCase(result.name, group, result.file, result.line, result.problem, str(result))


def _numbers(one: PackTest) -> dict[str, str]:
    found = one.coverage
    parts = {"rules": found.rules, "atoms": found.atoms, "leaves": found.leaves}
    numbers = {
        f"covered.{name}": f"{sum(not c.missing for c in part)} of {len(part)}"
        for name, part in parts.items()
    }
    numbers["covered.nodes"] = f"{found.visited} of {found.nodes}"
    if one.mutation is not None:
        numbers["mutants.noticed"] = f"{one.mutation.killed} of {one.mutation.counted}"
        numbers["mutants.equivalent"] = str(one.mutation.equivalent)
    return numbers
