"""``weightgate ledger``: an append-only log of what was decided; one module for each command."""

from __future__ import annotations

import click

from weightgate.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("weightgate.cli.ledger.init:init", "Make a ledger."),
    "add": ("weightgate.cli.ledger.add:add", "Log attestations."),
    "show": ("weightgate.cli.ledger.show:show", "Show a ledger's key, size and checkpoint."),
    "entries": ("weightgate.cli.ledger.entries:entries", "Show what is logged."),
    "checkpoint": ("weightgate.cli.ledger.checkpoint:checkpoint", "Print the latest signed checkpoint."),
    "prove": ("weightgate.cli.ledger.prove:prove", "Write the proof that something is logged."),
    "verify": ("weightgate.cli.ledger.verify:verify", "Compute a whole ledger again, and compare."),
    "export": ("weightgate.cli.ledger.export:export", "Write a ledger out as files for strangers."),
}


@click.group(cls=LazyGroup, table=COMMANDS, path="weightgate ledger")
def ledger() -> None:
    """Log decisions so that nobody can rewrite them unnoticed.

    URL is where a ledger lies: a path or sqlite:PATH, or postgresql://USER@HOST/DATABASE.
    """
