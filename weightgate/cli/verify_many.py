"""``weightgate verify`` of many attestations: a line for each, and the most severe exit code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from weightgate.cli.output import Output, emit
from weightgate.cli.page import Line, Page
from weightgate.cli.report import report_json
from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.attest.verifying.stream import Result


def verify_many(outputs: Sequence[Output], results: Iterable[Result]) -> int:
    """Show what came of each attestation of a file; JSON is JSON Lines.

    Args:
        outputs: Where it goes, and in which form.
        results: What came of them, made as it is asked for.

    Returns:
        The most severe of the exit codes.
    """
    from weightgate.attest.verifying.stream import most_severe

    codes: set[Exit] = set()
    lines: list[str] = []
    page: Page = []
    as_json = any(output.format == "json" for output in outputs)
    as_text = any(output.format == "text" for output in outputs)
    for result in results:
        codes.add(result.exit)
        if as_json:
            lines.append(json.dumps(_data(result), ensure_ascii=True, allow_nan=False))
        if as_text:
            page.append(_line(result))
    ended = most_severe(codes)
    page.append(Line(f"{len(page)} attestations, exit {int(ended)}"))
    emit(outputs, dict, lambda: page, others={"json": lambda: "".join(f"{line}\n" for line in lines)})
    return int(ended)


def _data(result: Result) -> dict[str, Any]:
    if result.report is not None:
        return report_json(result.report, result.source) | {"source": result.source}
    from weightgate.cli.failures import describe

    error = result.error
    return {**describe(error), "source": result.source} if error else {"source": result.source}


def _line(result: Result) -> Line:
    report = result.report
    if report is None:
        said = result.error.message if result.error else "nothing"
        return Line(f"{result.source}: NO ATTESTATION: {said}", style="bold red")
    if not report.genuine:
        names = ", ".join(check.id for check in report.refused_for) or report.checks[-1].id
        return Line(f"{result.source}: NOT VERIFIED: {names}", style="bold red")
    return Line(f"{result.source}: VERIFIED: {report.verdict}", style="green")
