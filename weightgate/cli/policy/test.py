"""``weightgate policy test``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page, head
from weightgate.cli.paths import check_paths
from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.policy.coverage.covered import Coverage, Covered
    from weightgate.policy.mutation.report import MutationReport
    from weightgate.policy.testing import PackTest

_SHARE = click.FloatRange(0, 1)


@click.command()
@click.argument("packs", metavar="[PACK]…", nargs=-1)
@click.option(
    "--mutants", is_flag=True, help="Change one thing in the pack at a time, and see whether a case fails."
)
@option(
    "--least", type=_SHARE, metavar="SHARE",
    help="Share of the mutants that a case must notice, such as 0.95; asks for --mutants.",
)  # fmt: skip
@option(
    "--cover",
    type=_SHARE,
    metavar="SHARE",
    help="Share of rules, atoms and leaves that must be covered, each.",
)
@OUTPUT
def test(
    packs: tuple[str, ...], mutants: bool, least: float | None, cover: float | None, output: tuple[str, ...]
) -> int:
    r"""Run the cases beside packs: all shipped ones, or those named.

    A rule is covered when it certainly applies in one case and certainly does not in another; an atom of its condition
    when it is true in one and false in another; a leaf, an activity with a verdict and the rule that decides it, when a
    case leads there. Nodes are those of the decision diagrams to which known facts lead.

    A mutant is the pack with one thing changed: a threshold, an operator, a member of a list, a verdict, a day. One
    that no case notices is shown with a case that would. Those that may survive stand in tests/mutants.yaml beside the
    pack, with the reason.

    \b
    Exit 7   a case fails, a rule or row of the pack has none, something is
             accepted that does not survive, or less than SHARE is reached
    """
    outputs = parse_outputs(output, also=("junit",))
    check_paths([o.path for o in outputs], read=packs)
    from weightgate.policy.source import find_pack, shipped_packs
    from weightgate.policy.testing import examine

    asked = mutants or least is not None
    tests = [examine(find_pack(name), mutants=asked) for name in packs or shipped_packs()]
    weak = [one.weaknesses(least, cover) for one in tests]

    def junit() -> str:
        from weightgate.cli.policy.junit import write

        return write(tests, weak)

    emit(
        outputs,
        lambda: _data(tests),
        lambda: _page(tests, weak, asked=asked),
        others={"junit": junit},
    )
    found = any(weak) or any(one.failed or one.untested for one in tests)
    return int(Exit.FINDINGS if found else Exit.OK)


def _data(tests: list[PackTest]) -> dict[str, Any]:
    return {
        "schema": "weightgate/policy-test/v1",
        "passed": sum(one.passed for one in tests),
        "failed": sum(len(one.failed) for one in tests),
        "cases": [result.to_json() for one in tests for result in one.results],
        "untested": [
            {"kind": gap.kind, "name": gap.name, "where": gap.where} for one in tests for gap in one.untested
        ],
        "packs": [one.to_json() for one in tests],
    }


def _page(tests: list[PackTest], weak: list[list[str]], *, asked: bool) -> Page:
    failed = [result for one in tests for result in one.failed]
    rows = [Line.as_laid_out(row) for result in failed for row in str(result).splitlines()]
    gaps = [gap for one in tests for gap in one.untested]
    if gaps:
        rows += [*head("Not tested"), *(Line(str(gap), 2) for gap in gaps), Line("")]
    for one in tests:
        rows += [*head(one.name), Line(f"{one.passed} of {len(one.results)} cases passed", 2)]
        rows += _coverage(one.coverage)
        if one.mutation is not None:
            rows += _mutants(one.mutation)
        elif asked:
            rows.append(Line("mutants were not tried: a case fails already", 2))
    rows += [Line(""), *(Line(problem, style="bold red") for problems in weak for problem in problems)]
    passed = sum(one.passed for one in tests)
    style = "bold red" if failed or gaps or any(weak) else "bold green"
    rows.append(Line(f"{passed} of {passed + len(failed)} cases passed", style=style))
    return rows if rows[0].text else rows[1:]


def _coverage(found: Coverage) -> Page:
    rules, atoms, leaves = (_covered(part) for part in (found.rules, found.atoms, found.leaves))
    rows = [
        Line(
            f"covered: rules {rules}, atoms {atoms}, leaves {leaves}, nodes {found.visited} of {found.nodes}",
            2,
        )
    ]
    rows += [Line(str(gap), 4) for gap in found.gaps]
    return rows + [Line(str(one), 4) for one in found.one_way]


def _covered(part: tuple[Covered, ...]) -> str:
    return f"{sum(not one.missing for one in part)} of {len(part)}"


def _mutants(found: MutationReport) -> Page:
    text = f"mutants: {found.killed} of {found.counted} noticed, {found.score:.1%}; {found.equivalent} mean the same"
    rows = [Line(text, 2)]
    for one in found.survivors:
        rows.append(Line(f"{one.mutant.where}: {one.mutant.id}", 4))
        if one.reason:
            rows.append(Line(f"accepted: {one.reason}", 6))
        else:
            case = one.case or "no case could be made\n"
            rows += [Line.as_laid_out("        " + row) for row in case.splitlines()]
    return rows
