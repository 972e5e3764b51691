"""``weightgate ledger entries``: what is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.ledger.common import URL, file_in
from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line
from weightgate.cli.paths import check_paths
from weightgate.cli.text import one_line

if TYPE_CHECKING:
    from weightgate.ledger.store import Row

ENTRIES_SCHEMA = "weightgate/ledger-entries/v1"


@click.command()
@URL
@option(
    "--from",
    "first",
    type=click.IntRange(min=0),
    metavar="INDEX",
    help="The first.  [default: the last ones]",
)
@option(
    "--count", type=click.IntRange(1, 10_000), default=100, show_default=True, metavar="N", help="How many."
)
@OUTPUT
def entries(url: str, first: int | None, count: int, output: tuple[str, ...]) -> int:
    """Show what is logged: the last entries, or those from an index on."""
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[file_in(url)])
    from weightgate.ledger.ledger import open_ledger

    with open_ledger(url) as ledger, ledger.proven() as now:
        start = max(0, now.size - count) if first is None else first
        rows = list(now.rows(start, min(start + count, now.size)))
        size, where = now.size, ledger.where
    data = {
        "schema": ENTRIES_SCHEMA,
        "ledger": where,
        "size": size,
        "entries": [_data(row) for row in rows],
    }
    page = [Line.as_laid_out(one_line(f"{row.index}: {_text(row)}")) for row in rows]
    emit(outputs, lambda: data, lambda: [*page, Line(f"{len(rows)} of {size} entries")])
    return 0


def _data(row: Row) -> dict[str, Any]:
    import base64

    return {
        "index": row.index,
        "leaf_hash": f"sha256:{row.leaf.hex()}",
        "key": row.key,
        "entry": _json(row.data),
        "data": base64.b64encode(row.data).decode("ascii"),
    }


def _json(data: bytes) -> Any:
    """An entry as JSON; null when it is none."""
    from weightgate.errors import InputError
    from weightgate.files.json import parse_json

    try:
        return parse_json(data, "entry")
    except InputError:
        return None


def _text(row: Row) -> str:
    return row.data.decode("utf-8", "replace")[:2000]
