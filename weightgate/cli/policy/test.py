"""``weightgate policy test``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page, head
from weightgate.cli.paths import check_paths
from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.policy.cases import Untested
    from weightgate.policy.cases_result import CaseResult


@click.command()
@click.argument("packs", metavar="[PACK]…", nargs=-1)
@OUTPUT
def test(packs: tuple[str, ...], output: tuple[str, ...]) -> int:
    """Run the cases beside packs: all shipped ones, or those named.

    Exit 7 when a case fails, or when a rule or a row of the pack has none.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=packs)
    from weightgate.policy.cases import case_files, run_cases, untested
    from weightgate.policy.source import find_pack, shipped_packs

    results: list[CaseResult] = []
    gaps: list[Untested] = []
    for name in packs or shipped_packs():
        source = find_pack(name)
        found = run_cases(source, case_files(source))
        results += found
        gaps += untested(source, found)
    passed = sum(result.passed for result in results)
    data = {
        "schema": "weightgate/policy-test/v1",
        "passed": passed,
        "failed": len(results) - passed,
        "cases": [result.to_json() for result in results],
        "untested": [{"kind": gap.kind, "name": gap.name, "where": gap.where} for gap in gaps],
    }
    emit(outputs, lambda: data, lambda: _page(results, gaps))
    return int(Exit.FINDINGS if gaps or passed < len(results) else Exit.OK)


def _page(results: list[CaseResult], gaps: list[Untested]) -> Page:
    failed = [result for result in results if not result.passed]
    rows = [Line.as_laid_out(row) for result in failed for row in str(result).splitlines()]
    if gaps:
        rows += [*head("Not tested"), *(Line(str(gap), 2) for gap in gaps), Line("")]
    style = "bold red" if failed or gaps else "bold green"
    return [*rows, Line(f"{len(results) - len(failed)} of {len(results)} cases passed", style=style)]
