"""``weightgate model``: a model's identity by OpenSSF model signing; one module for each command."""

from __future__ import annotations

import click

from weightgate.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "digest": ("weightgate.cli.model.digest:digest", "Print the root digest of a model."),
    "sign": ("weightgate.cli.model.sign:sign", "Sign a model's files or shards."),
    "verify": ("weightgate.cli.model.verify:verify", "Verify a model against its signature."),
}


@click.group(cls=LazyGroup, table=COMMANDS, path="weightgate model")
def model() -> None:
    """Work out, sign and verify a model's digest and manifest (OpenSSF model signing)."""
