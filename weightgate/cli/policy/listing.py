"""``weightgate policy list``."""

from __future__ import annotations

import click

from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.policy.day import AS_OF, day


@click.command("list")
@AS_OF
@OUTPUT
def list_(as_of: str | None, output: tuple[str, ...]) -> int:
    """List the shipped packs, and what their text is worth."""
    outputs = parse_outputs(output)
    asked = day(as_of)
    from weightgate.policy.show import list_packs

    rows = list_packs(asked)
    emit(
        outputs,
        lambda: [row.to_json() for row in rows],
        lambda: [Line(f"{row.name} {row.version} ({row.status}): {row.title}") for row in rows],
    )
    return 0
