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
_LEAD = "No case notices these changes. Check each case below against the text, then paste it into tests/."


@click.command()
@click.argument("packs", metavar="[PACK]…", nargs=-1)
@click.option(
    "--mutants", is_flag=True, help="Change one thing in the pack at a time, and see whether a case fails."
)
@option(
    "--least", type=_SHARE, metavar="SHARE",
    help="Share of the mutants that a case must notice, such as 0.95; implies --mutants.",
)  # fmt: skip
@option(
    "--cover",
    type=_SHARE,
    metavar="SHARE",
    help="Share of rules, atoms and leaves that must be covered, each; lists what is not.",
)
@OUTPUT
def test(
    packs: tuple[str, ...], mutants: bool, least: float | None, cover: float | None, output: tuple[str, ...]
) -> int:
    """Run the cases beside packs: all shipped ones, or those named.

    A rule is covered when it certainly applies in one case and certainly does not in another; an atom of its condition
    when it is true in one and false in another; a leaf, an activity with a verdict and the rule that decides it, when a
    case leads there. Nodes are those of the decision diagrams to which known facts lead. What is not covered is listed
    with --cover, or when a rule or row has no case at all.

    A mutant is the pack with one thing changed: a threshold, an operator, a member of a list, a verdict, a day. One
    that no case notices is shown with a case that would. Those that may survive stand in tests/mutants.yaml beside the
    pack, with the reason.

    Exit 7 when a case fails, a rule or row of the pack has none, something is accepted that does not survive, or less
    than SHARE is reached.
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
        lambda: _page(tests, weak, asked=asked, listed=cover is not None),
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


def _page(tests: list[PackTest], weak: list[list[str]], *, asked: bool, listed: bool) -> Page:
    failed = [result for one in tests for result in one.failed]
    rows = [Line.as_laid_out(row) for result in failed for row in str(result).splitlines()]
    for one in tests:
        rows += [*head(one.name), Line(f"{one.passed} of {len(one.results)} cases passed", 2)]
        rows += [Line(f"not tested: {gap}", 2) for gap in one.untested]
        rows += _coverage(one.coverage, listed=listed or bool(one.untested))
        if one.mutation is not None:
            rows += _mutants(one.mutation)
        elif asked:
            rows.append(Line("mutants were not tried: a case fails already", 2))
    rows += [Line(""), *(Line(problem, style="bold red") for problems in weak for problem in problems)]
    passed = sum(one.passed for one in tests)
    short = failed or any(weak) or any(one.untested for one in tests)
    style = "bold red" if short else "bold green"
    rows.append(Line(f"{passed} of {passed + len(failed)} cases passed", style=style))
    return rows if rows[0].text else rows[1:]


def _coverage(found: Coverage, *, listed: bool) -> Page:
    rules, atoms, leaves = (_covered(part) for part in (found.rules, found.atoms, found.leaves))
    counts = f"covered: rules {rules}, atoms {atoms}, leaves {leaves}, nodes {found.visited} of {found.nodes}"
    every = [*found.gaps, *found.one_way]
    if listed:
        return [Line(counts, 2), *(Line(str(one), 4) for one in every)]
    return [Line(counts, 2), *([Line(_how_many(found), 4)] if every else [])]


def _how_many(found: Coverage) -> str:
    """How much there is to list, and how."""
    counts = (len(found.gaps), "gap"), (len(found.one_way), "one-way atom")
    said = " and ".join(f"{count} {what}{'s' * (count > 1)}" for count, what in counts if count)
    return f"{said}: --cover 1 lists {'it' if sum(count for count, _ in counts) == 1 else 'them'}"


def _covered(part: tuple[Covered, ...]) -> str:
    return f"{sum(not one.missing for one in part)} of {len(part)}"


def _mutants(found: MutationReport) -> Page:
    text = f"mutants: {found.killed} of {found.counted} noticed, {found.score:.1%}; {found.equivalent} mean the same"
    rows = [Line(text, 2)]
    if found.open:
        rows.append(Line(_LEAD, 2, hang=0))
    for one in sorted(found.survivors, key=lambda one: bool(one.reason)):
        rows.append(Line(f"{one.mutant.where}: {one.mutant.id}", 4))
        if one.reason:
            rows.append(Line(f"accepted: {one.reason}", 6))
        else:
            case = one.case or "no case could be made\n"
            rows += [Line.as_laid_out("        " + row) for row in case.splitlines()]
    return rows
