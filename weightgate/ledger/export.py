"""Writing a ledger out as files that any web server can hand to strangers (c2sp.org/tlog-tiles)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from weightgate.errors import UsageError
from weightgate.files.output import write_whole
from weightgate.ledger.tiles import ENTRIES, WIDTH, bundle, levels_of, tile_path, tiles_of
from weightgate.records import record

if TYPE_CHECKING:
    from weightgate.ledger.ledger import Ledger
    from weightgate.ledger.store import Snapshot


@record
class Exported:
    """What was written.

    Attributes:
        size: Number of entries.
        written: Files that are new or changed.
        there: Files that were there already, byte for byte.
    """

    size: int
    written: int
    there: int


def export_ledger(ledger: Ledger, folder: Path) -> Exported:
    """Write all tiles, entry bundles and the latest checkpoint into a folder; the checkpoint last.

    Done again later, it adds what is new. A file that is there is never replaced by another content, but the checkpoint.

    Raises:
        UsageError: A file cannot be written (code ``unwritable``), or is there with other content (code
            ``export_differs``).
        SignatureError: The ledger's state is not what it signed (code ``ledger_state``).
    """
    with ledger.proven() as now:
        counts = [0, 0]
        for level in levels_of(now.size):
            for index, width in tiles_of(now.size, level):
                counts[_put(folder / tile_path(level, index, width), now.tile(level, index, width))] += 1
        for index, width in tiles_of(now.size, 0):
            counts[_put(folder / tile_path(ENTRIES, index, width), _bundle(now, index, width))] += 1
        _make(folder)
        write_whole(folder / "checkpoint", now.head.checkpoint.encode())
        return Exported(now.size, counts[False] + 1, counts[True])


def _bundle(now: Snapshot, index: int, width: int) -> bytes:
    first = index * WIDTH
    return bundle(row.data for row in now.rows(first, first + width))


def _put(path: Path, content: bytes) -> bool:
    """Write a file, unless it is there."""
    try:
        there = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise UsageError(
            f"cannot read: {error.strerror or error}", where=str(path), code="unwritable"
        ) from None
    if there is None:
        _make(path.parent)
        write_whole(path, content)
    elif there != content:
        raise UsageError(
            "there is another content already, and what a log has handed out never changes",
            where=str(path),
            hint="export into an empty folder, or verify the ledger: weightgate ledger verify",
            code="export_differs",
        )
    return there is not None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot make the folder: {error.strerror or error}", where=str(folder), code="unwritable"
        ) from None
