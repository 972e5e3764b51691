"""``weightgate trust update``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weightgate.cli.options import OUTPUT, option
from weightgate.cli.output import emit, parse_outputs
from weightgate.cli.page import Line, Page
from weightgate.cli.paths import check_paths
from weightgate.errors import Exit

if TYPE_CHECKING:
    from weightgate.attest.trust.update import Update

SCHEMA = "weightgate/trust-update/v1"


@click.command()
@click.argument("current", metavar="CURRENT")
@click.argument("new", metavar="NEW")
@option("--signatures", metavar="FILE", help="The signatures of NEW.  [default: NEW.sig]")
@OUTPUT
def update(current: str, new: str, signatures: str | None, output: tuple[str, ...]) -> int:
    """Put a new version of a trust file in place of the current one, whole, if every rule is kept; else exit 6.

    The threshold of CURRENT's root and that of NEW's own root signed it, its version is higher, it is in date, no pack's
    minimum version falls, and no pack that had to be signed need be so no more.
    """
    outputs = parse_outputs(output)
    signed = signatures or f"{new}.sig"
    check_paths([o.path for o in outputs], read=[current, new, signed])
    from weightgate.attest.trust.update import update as replace

    outcome = replace(Path(current), Path(new), Path(signed), now=datetime.now(UTC))
    emit(outputs, lambda: _data(outcome, current), lambda: _page(outcome, current))
    return int(Exit.SIGNATURE if outcome.breaches else Exit.OK)


def _data(outcome: Update, current: str) -> dict[str, Any]:
    """What became of it; a refusal is shaped as an error too (CONTRACT.md, exit codes)."""
    data = {
        "schema": SCHEMA,
        "updated": not outcome.breaches,
        "file": current,
        "from_version": outcome.current.version,
        "version": outcome.new.version,
        "digest": outcome.new.digest,
        "signed": list(outcome.signed),
        "breaches": [breach.to_json() for breach in outcome.breaches],
        "notes": list(outcome.notes),
        "exit": int(Exit.SIGNATURE if outcome.breaches else Exit.OK),
    }
    if not outcome.breaches:
        return data
    message = "; ".join(breach.message for breach in outcome.breaches)
    error = {"code": outcome.breaches[0].code, "message": message, "where": outcome.new.source, "hint": None}
    return {**data, "error": error}


def _page(outcome: Update, current: str) -> Page:
    page = [Line(f"note: {note}") for note in outcome.notes]
    if outcome.breaches:
        page += [Line(f"{one.code}: {one.message}", style="bold red") for one in outcome.breaches]
        return [
            *page,
            Line(f"NOT UPDATED: {current} stays at version {outcome.current.version}", style="bold red"),
        ]
    said = f"{current}: version {outcome.new.version}, {outcome.new.digest}, signed by {', '.join(outcome.signed)}"
    return [*page, Line(said, style="bold green")]
