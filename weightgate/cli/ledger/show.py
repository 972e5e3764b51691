"""``weightgate ledger show``: a ledger's key, size and checkpoint."""

from __future__ import annotations

import click

from weightgate.cli.ledger.common import URL, as_data, as_page, file_in
from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths


@click.command()
@URL
@OUTPUT
def show(url: str, output: tuple[str, ...]) -> int:
    """Show a ledger: its key, how many entries it has, and its latest checkpoint."""
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[file_in(url)])
    from weightgate.ledger.ledger import open_ledger

    with open_ledger(url) as ledger:
        data = as_data(ledger)
    note = [Line(""), *(Line.as_laid_out(row) for row in data["checkpoint"].splitlines())]
    emit(outputs, lambda: data, lambda: [*as_page(data), *note])
    return 0
