"""``weightgate ledger checkpoint``: the latest signed checkpoint."""

from __future__ import annotations

from pathlib import Path

import click

from weightgate.cli.ledger.common import URL, as_data, file_in
from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import deliver, emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths


@click.command()
@URL
@option("-o", "path", metavar="FILE", help="Where it goes too, byte for byte.")
@OUTPUT
def checkpoint(url: str, path: str | None, output: tuple[str, ...]) -> int:
    """Print the latest signed checkpoint.

    Whoever keeps it can tell later whether the ledger was rolled back or rewritten: ledger verify --checkpoint FILE.
    """
    outputs = parse_outputs(output)
    check_paths([path, *(o.path for o in outputs)], read=[file_in(url)])
    from weightgate.ledger.ledger import open_ledger

    with open_ledger(url) as ledger:
        data = as_data(ledger)
    note = data["checkpoint"]
    if path is not None:
        deliver(Path(path), note.encode())
    emit(outputs, lambda: data, lambda: [Line.as_laid_out(row) for row in note.splitlines()])
    return 0
