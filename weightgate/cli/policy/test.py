"""``weightgate policy test``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page, head
from weightgate.cli.paths import check_paths
from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.policy.mutation.report import MutationReport
    from weightgate.policy.testing import PackTest


@click.command()
@click.argument("packs", metavar="[PACK]…", nargs=-1)
@click.option(
    "--mutants", is_flag=True, help="Change one thing in the pack at a time, and see whether a case fails."
)
@option(
    "--least", type=click.FloatRange(0, 1), metavar="SHARE",
    help="Share of the mutants that a case must notice, such as 0.95; asks for --mutants.",
)  # fmt: skip
@OUTPUT
def test(packs: tuple[str, ...], mutants: bool, least: float | None, output: tuple[str, ...]) -> int:
    """Run the cases beside packs: all shipped ones, or those named.

    A mutant that no case notices is shown with a case that would. One that may survive stands in tests/mutants.yaml
    beside the pack, with the reason.

    Exit 7 when a case fails, when a rule or a row of the pack has none, or when too few mutants are noticed.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=packs)
    from weightgate.policy.source import find_pack, shipped_packs
    from weightgate.policy.testing import examine

    asked = mutants or least is not None
    tests = [examine(find_pack(name), mutants=asked) for name in packs or shipped_packs()]
    results = [result for one in tests for result in one.results]
    passed = sum(result.passed for result in results)
    gaps = [gap for one in tests for gap in one.untested]
    data = {
        "schema": "weightgate/policy-test/v1",
        "passed": passed,
        "failed": len(results) - passed,
        "cases": [result.to_json() for result in results],
        "untested": [{"kind": gap.kind, "name": gap.name, "where": gap.where} for gap in gaps],
        "packs": [one.to_json() for one in tests],
    }
    weak = any(_is_weak(one, least) for one in tests)
    emit(outputs, lambda: data, lambda: _page(tests, asked=asked, weak=weak))
    return int(Exit.FINDINGS if weak or gaps or passed < len(results) else Exit.OK)


def _is_weak(one: PackTest, least: float | None) -> bool:
    """Whether too few mutants were noticed, or something is accepted without need."""
    found = one.mutation
    return found is not None and (bool(found.stale) or (least is not None and found.score < least))


def _page(tests: list[PackTest], *, asked: bool, weak: bool) -> Page:
    rows: Page = []
    failed = [result for one in tests for result in one.failed]
    rows += [Line.as_laid_out(row) for result in failed for row in str(result).splitlines()]
    gaps = [gap for one in tests for gap in one.untested]
    if gaps:
        rows += [*head("Not tested"), *(Line(str(gap), 2) for gap in gaps), Line("")]
    for one in tests:
        if one.mutation is not None:
            rows += _mutants(one.name, one.mutation)
        elif asked:
            rows += [*head(f"Mutants of {one.name}"), Line("not tried: a case fails already", 2), Line("")]
    passed = sum(one.passed for one in tests)
    style = "bold red" if failed or gaps or weak else "bold green"
    return [*rows, Line(f"{passed} of {passed + len(failed)} cases passed", style=style)]


def _mutants(name: str, found: MutationReport) -> Page:
    noticed = found.killed + len(found.survivors)
    rows = [*head(f"Mutants of {name}")]
    rows.append(
        Line(f"{found.killed} of {noticed} noticed, {found.score:.1%}; {found.equivalent} mean the same", 2)
    )
    for one in found.survivors:
        rows.append(Line(f"{one.mutant.where}: {one.mutant.id}", 2))
        if one.reason:
            rows.append(Line(f"accepted: {one.reason}", 4))
        else:
            case = one.case or "no case could be made\n"
            rows += [Line.as_laid_out("      " + row) for row in case.splitlines()]
    rows += [Line(f"{one.where}: accepted, and no survivor: {one.mutant}", 2) for one in found.stale]
    return [*rows, Line("")]
