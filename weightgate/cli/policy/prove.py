"""``weightgate policy prove``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page, head
from weightgate.cli.paths import check_paths
from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.policy.prove.report import Claim, Finding, Proof


@click.command()
@click.argument("packs", metavar="[PACK]…", nargs=-1)
@OUTPUT
def prove(packs: tuple[str, ...], output: tuple[str, ...]) -> int:
    """Prove what packs declare of themselves, for all facts: all shipped ones, or those named.

    It shows that each invariant of the pack holds, that the default of each switch is nowhere looser than its other
    readings, and where the pack's default stands: on every stretch of days, as known on every day, in every combination of
    the switches, for every activity.

    What does not hold is shown as cases for tests/NAME.yaml, with what the pack says of them now. Exit 7 when there is
    such a thing.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=packs)
    from weightgate.policy.prove.proving import prove as prove_pack
    from weightgate.policy.source import find_pack, shipped_packs

    proofs = [prove_pack(find_pack(name)) for name in packs or shipped_packs()]
    findings = sum(len(proof.findings) for proof in proofs)
    data = {
        "schema": "weightgate/policy-prove/v1",
        "proved": not findings,
        "findings": findings,
        "packs": [proof.to_json() for proof in proofs],
    }
    emit(outputs, lambda: data, lambda: [line for proof in proofs for line in _page(proof)])
    return int(Exit.FINDINGS if findings else Exit.OK)


def _page(proof: Proof) -> Page:
    held = sum(claim.holds for claim in proof.claims)
    style = "bold red" if proof.findings else "bold green"
    title = f"{proof.pack} {proof.version}: {held} of {len(proof.claims)} claims hold"
    page = [Line(title, style=style), Line(_extent(proof), 2)]
    page += [Line(f"not looked at: {words}", 2) for words in proof.left_out]
    page += [_claim(claim) for claim in proof.claims]
    for finding in proof.findings:
        page += _finding(finding)
    return [*page, Line("")]


def _extent(proof: Proof) -> str:
    return (
        f"for all facts, on {_count(proof.stretches, 'stretch', 'stretches')} of days, as known on "
        f"{_count(len(proof.known), 'day', 'days')}, in {proof.looked_at} of "
        f"{_count(proof.combinations, 'combination', 'combinations')} of switches"
    )


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _claim(claim: Claim) -> Line:
    name = f"{claim.id}: " if claim.kind == "invariant" else ""
    note = f" ({claim.note})" if claim.note else ""
    return Line(f"{'holds' if claim.holds else 'FAILS'}  {name}{claim.says}{note}", 2, hang=7)


def _finding(finding: Finding) -> Iterator[Line]:
    yield from head(str(finding))
    if finding.elsewhere:
        yield Line(
            f"and in {_count(finding.elsewhere, 'other reading', 'other readings')} or stretches of days", 2
        )
    yield Line(finding.hint, 2)
    for case in finding.cases:
        yield Line("")
        yield from (Line.as_laid_out(row) for row in case.splitlines())
