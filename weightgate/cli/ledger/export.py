"""``weightgate ledger export``: a ledger as files."""

from __future__ import annotations

from pathlib import Path

import click

from weightgate.cli.ledger.common import URL, file_in
from weightgate.cli.options import OUTPUT
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths

EXPORT_SCHEMA = "weightgate/ledger-export/v1"


@click.command()
@URL
@click.argument("folder", metavar="FOLDER")
@OUTPUT
def export(url: str, folder: str, output: tuple[str, ...]) -> int:
    """Write a ledger out as files that any web server can hand to strangers, as c2sp.org/tlog-tiles lays them out.

    Done again later, it adds what is new, and replaces nothing but the checkpoint.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[file_in(url)])
    from weightgate.ledger.export import export_ledger
    from weightgate.ledger.ledger import open_ledger

    with open_ledger(url) as ledger:
        done = export_ledger(ledger, Path(folder))
        where = ledger.where
    data = {
        "schema": EXPORT_SCHEMA,
        "ledger": where,
        "folder": folder,
        "size": done.size,
        "written": done.written,
        "there": done.there,
    }
    line = Line(f"{folder}: {done.size} entries; {done.written} files written, {done.there} there already")
    emit(outputs, lambda: data, lambda: [line])
    return 0
