"""Options that the commands for models share, and what they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from weightgate.cli.options import option
from weightgate.errors import UsageError
from weightgate.oms.resources import DEFAULT_SHARD_SIZE, FILES, METHODS, SHARDS

if TYPE_CHECKING:
    from weightgate.inspect.reference import FolderReference

METHOD = option(
    "--method", type=click.Choice(METHODS), metavar="METHOD",
    help="files, or shards: byte ranges of them, so that parts can be verified alone.  [default: files]",
)  # fmt: skip
SHARD_SIZE = option(
    "--shard-size", type=click.IntRange(min=1), metavar="BYTES",
    help=f"Bytes of a shard; means --method shards.  [default: {DEFAULT_SHARD_SIZE}]",
)  # fmt: skip
IGNORE = option(
    "--ignore", multiple=True, metavar="PATH",
    help="A path to leave out, relative to the model, with all below it; repeatable. No patterns.",
)  # fmt: skip


def shard_size_of(method: str | None, size: int | None) -> int | None:
    """Bytes of a shard; nothing for whole files.

    Raises:
        UsageError: A size is given for whole files.
    """
    if method == FILES and size is not None:
        raise UsageError("--shard-size is for shards, and --method is files", where="--shard-size")
    return (size or DEFAULT_SHARD_SIZE) if method == SHARDS or size is not None else None


def local(model: str) -> FolderReference:
    """A folder, or a file as a model, on this machine.

    Raises:
        InputError: It is no reference.
        UsageError: It lies elsewhere (code ``not_local``).
    """
    from weightgate.inspect.reference import FolderReference, parse_reference

    reference = parse_reference(model)
    if not isinstance(reference, FolderReference):
        raise UsageError(
            f"{model!r} is no folder here",
            where="MODEL", hint="write a folder or file as ./… or /…; download what lies on the Hub first", code="not_local",
        )  # fmt: skip
    return reference
