"""``weightgate policy show``."""

from __future__ import annotations

import click

from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.policy.day import AS_OF, day


@click.command()
@click.argument("pack", metavar="PACK")
@AS_OF
@OUTPUT
def show(pack: str, as_of: str | None, output: tuple[str, ...]) -> int:
    """Show a pack: its rules, tables and values, with where all of it comes from."""
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[pack])
    asked = day(as_of)
    from weightgate.policy.show import show as show_pack
    from weightgate.policy.show.text import text
    from weightgate.policy.source import find_pack

    shown = show_pack(find_pack(pack), asked)
    emit(outputs, shown.to_json, lambda: [Line.as_laid_out(row) for row in text(shown).splitlines()])
    return 0
