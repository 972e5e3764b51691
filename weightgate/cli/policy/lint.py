"""``weightgate policy lint``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page
from weightgate.cli.paths import check_paths
from weightgate.errors import Exit, PolicyError

if TYPE_CHECKING:
    from weightgate.policy.lint import Finding

STYLES = {"error": "bold red", "warning": "bold yellow", "note": ""}


@click.command()
@click.argument("packs", metavar="[PACK]…", nargs=-1)
@OUTPUT
def lint(packs: tuple[str, ...], output: tuple[str, ...]) -> int:
    """Find what is wrong with packs: all shipped ones, or those named.

    Exit 7 when there is an error or a warning; notes alone are exit 0. A pack that does not load is an error; a path that
    does not exist is exit 4. docs/lint.md says what each code means.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=packs)
    from weightgate.policy.source import shipped_packs

    names = packs or tuple(shipped_packs())
    found = [(name, finding) for name in names for finding in _lint(name)]
    counts = Counter(str(finding.severity) for _, finding in found)
    data = {
        "schema": "weightgate/policy-lint/v1",
        "packs": list(names),
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notes": counts["note"],
        "findings": [{"pack": name, **finding.to_json()} for name, finding in found],
    }
    emit(outputs, lambda: data, lambda: _page([finding for _, finding in found], len(names), counts))
    return int(Exit.FINDINGS if counts["error"] or counts["warning"] else Exit.OK)


def _lint(name: str) -> list[Finding]:
    """What is found in one pack.

    Raises:
        PolicyError: There is no such pack, or it cannot be read.
    """
    from weightgate.policy.lint import Finding, lint
    from weightgate.policy.source import find_pack

    try:
        source = find_pack(name)
    except PolicyError as error:
        if error.code != "too_large":
            raise
        return [Finding(error.code, error.message, error.where, error.hint)]
    return lint(source)


def _page(found: list[Finding], packs: int, counts: Counter[str]) -> Page:
    page: Page = []
    for finding in found:
        page += [
            Line(str(finding), style=STYLES[finding.severity]),
            *([Line(finding.hint, 4)] if finding.hint else []),
        ]
    some = [f"{n} {word}{'s' if n != 1 else ''}" for word in STYLES if (n := counts[word])]
    many = f"{packs} pack{'s' if packs != 1 else ''}"
    style = next((STYLES[word] for word in ("error", "warning") if counts[word]), "bold green")
    return [*page, Line(f"{many}: {', '.join(some) or 'nothing found'}", style=style)]
