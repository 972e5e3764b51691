"""``weightgate trust``: everything that can be done with trust files; one module for each command."""

from __future__ import annotations

import click

from weightgate.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "show": ("weightgate.cli.trust.show:show", "Say who may do what."),
    "lint": ("weightgate.cli.trust.lint:lint", "Find what is wrong with a trust file, or will be."),
    "new": ("weightgate.cli.trust.new:new", "Start a trust file from public keys."),
    "sign": ("weightgate.cli.trust.sign:sign", "Sign a new version of a trust file."),
    "update": ("weightgate.cli.trust.update:update", "Put a new version in place of the current one."),
    "succeed": ("weightgate.cli.trust.succeed:succeed", "Let one key take the place of another."),
}


@click.group(cls=LazyGroup, table=COMMANDS, path="weightgate trust")
def trust() -> None:
    """Read, check, sign and update trust files: who may decide, declare, revoke and sign what."""
