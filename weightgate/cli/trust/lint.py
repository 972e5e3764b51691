"""``weightgate trust lint``."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page
from weightgate.cli.paths import check_paths
from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.attest.trust.lint import Finding

SCHEMA = "weightgate/trust-lint/v1"
STYLES = {"error": "bold red", "warning": "bold yellow", "note": ""}


@click.command()
@click.argument("path", metavar="FILE")
@OUTPUT
def lint(path: str, output: tuple[str, ...]) -> int:
    """Find what is wrong with a trust file, or will be.

    Exit 7 when there is an error or a warning; notes alone are exit 0. A file that holds no trust file is an error; one
    that is not there is exit 4. docs/trust.md says what each code means.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[path])
    from weightgate.attest.trust.lint import lint as look
    from weightgate.attest.trust.read import read_bytes

    found = look(read_bytes(Path(path)), path, now=datetime.now(UTC))
    counts = Counter(str(finding.severity) for finding in found)
    data = {
        "schema": SCHEMA,
        "file": path,
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notes": counts["note"],
        "findings": [finding.to_json() for finding in found],
    }
    emit(outputs, lambda: data, lambda: _page(found, path, counts))
    return int(Exit.FINDINGS if counts["error"] or counts["warning"] else Exit.OK)


def _page(found: list[Finding], path: str, counts: Counter[str]) -> Page:
    page: Page = []
    for finding in found:
        page.append(Line(str(finding), style=STYLES[finding.severity]))
        page += [Line(finding.hint, 4)] if finding.hint else []
    some = [f"{n} {word}{'s' if n != 1 else ''}" for word in STYLES if (n := counts[word])]
    style = next((STYLES[word] for word in ("error", "warning") if counts[word]), "bold green")
    return [*page, Line(f"{path}: {', '.join(some) or 'nothing found'}", style=style)]
