"""``weightgate ledger verify``: compute a whole ledger again, and compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.ledger.common import LOG_KEY, URL, file_in
from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page
from weightgate.cli.paths import check_paths

if TYPE_CHECKING:
    from weightgate.ledger.verify import Verification

VERIFIED_SCHEMA = "weightgate/ledger-verification/v1"
STYLES = {"established": "green", "not_established": "", "contradicted": "bold red"}


@click.command()
@URL
@LOG_KEY
@option(
    "--checkpoint", "kept", metavar="FILE",
    help="A checkpoint, or a .tlog-proof, that you kept: the ledger must still begin with what it was signed for.",
)  # fmt: skip
@OUTPUT
def verify(url: str, log_key: str | None, kept: str | None, output: tuple[str, ...]) -> int:
    """Compute everything in a ledger again from its entries, and compare: order, hashes, tiles, every checkpoint.

    The first place that is wrong is named. Exit code 0 when nothing is, else 6.
    """
    outputs = parse_outputs(output)
    check_paths([o.path for o in outputs], read=[file_in(url), kept])
    from weightgate.files.bounded import read_bytes
    from weightgate.ledger.ledger import open_ledger
    from weightgate.ledger.note import read_verifier_key
    from weightgate.ledger.verify import read_kept, verify_ledger

    key = None if log_key is None else read_verifier_key(log_key, "--log-key")
    with open_ledger(url, key=key) as ledger:
        held = None if kept is None else read_kept(read_bytes(kept), kept, ledger.key)
        found = verify_ledger(ledger, given_key=key is not None, kept=held)
    emit(outputs, lambda: _data(found, url), lambda: _page(found))
    return int(found.exit)


def _data(found: Verification, where: str) -> dict[str, Any]:
    data = {
        "schema": VERIFIED_SCHEMA,
        "genuine": found.genuine,
        "size": found.size,
        "key": str(found.key),
        "checkpoint": found.checkpoint,
        "checks": [check.to_json() for check in found.checks],
    }
    if found.genuine:
        return data
    wrong = [check for check in found.checks if check.state == "contradicted"]
    error = {
        "code": wrong[0].id,
        "message": "; ".join(f"{check.id}: {check.detail}" for check in wrong),
        "where": where,
        "hint": None,
    }
    return {**data, "error": error, "exit": int(found.exit)}


def _page(found: Verification) -> Page:
    page = [
        Line(f"{c.state.replace('_', ' ')}: {c.id}: {c.detail}", style=STYLES[str(c.state)])
        for c in found.checks
    ]
    if found.genuine:
        return [*page, Line(""), Line(f"VERIFIED: {found.size} entries", style="bold green")]
    names = ", ".join(check.id for check in found.checks if check.state == "contradicted")
    return [*page, Line(""), Line(f"NOT VERIFIED: {names}", style="bold red")]
