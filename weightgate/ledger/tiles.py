"""Tiles: a log as a finite set of files (c2sp.org/tlog-tiles).

A hash tile at level *L* and index *N* holds up to 256 hashes: at level 0 those of the entries from ``N * 256``, at each
level above the roots of the 256 full tiles below. An entry bundle holds the entries of a tile of level 0, each after its
length in two bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from weightgate.errors import InputError, SignatureError
from weightgate.signing.merkle import HASH_BYTES, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAX_ENTRY_BYTES = 65_535
"""The longest entry that a bundle can hold."""

ENTRIES = "entries"

TileHashes = Callable[[int, int, int], bytes]
"""Gives the first hashes of a tile, concatenated: its level, its index, how many."""


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Where a tile lies below a log's prefix.

    Args:
        level: The level of a hash tile, or :data:`ENTRIES` for a bundle.
        index: Its index within the level.
        width: How many hashes or entries it holds; fewer than 256 make it a partial one.
    """
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    partial = f".p/{width}" if width < WIDTH else ""
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def tiles_of(size: int, level: int) -> Iterator[tuple[int, int]]:
    """Index and width of each tile of a level in a tree of ``size`` entries; the last one may be partial."""
    count = size >> (HEIGHT * level)
    for index in range(count // WIDTH):
        yield index, WIDTH
    if count % WIDTH:
        yield count // WIDTH, count % WIDTH


def levels_of(size: int) -> range:
    """The levels at which a tree of ``size`` entries has tiles."""
    return range((size.bit_length() + HEIGHT - 1) // HEIGHT)


def bundle(entries: Iterable[bytes]) -> bytes:
    """An entry bundle."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(raw: bytes, width: int, source: str) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        SignatureError: It does not hold ``width`` entries and nothing more (code ``tile``).
    """
    entries: list[bytes] = []
    offset = 0
    while offset + 2 <= len(raw) and len(entries) < width:
        start = offset + 2
        offset = start + int.from_bytes(raw[offset:start], "big")
        entries.append(raw[start:offset])
    if len(entries) != width or offset != len(raw):
        raise SignatureError(f"no bundle of {width} entries: {len(raw)} bytes", where=source, code="tile")
    return entries


def check_entry(entry: bytes) -> None:
    """Refuse an entry that no bundle can hold.

    Raises:
        InputError: It is empty or too long (code ``entry_size``).
    """
    if not 1 <= len(entry) <= MAX_ENTRY_BYTES:
        raise InputError(
            f"an entry of {len(entry)} bytes; a ledger takes 1 to {MAX_ENTRY_BYTES}", code="entry_size"
        )


def tile_root(hashes: bytes) -> bytes:
    """Root of a full tile, or of a power of two of hashes."""
    level = split_hashes(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def split_hashes(hashes: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [hashes[i : i + HASH_BYTES] for i in range(0, len(hashes), HASH_BYTES)]


class TileNodes:
    """Perfect subtrees of a tree of ``size`` entries, from its tiles; each tile is fetched once."""

    def __init__(self, size: int, fetch: TileHashes) -> None:
        self._size = size
        self._fetch = fetch
        self._tiles: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Hash of the perfect subtree at a level and index."""
        tile_level, above = divmod(level, HEIGHT)
        tile, first = divmod(index << above, WIDTH)
        hashes = self._tile(tile_level, tile)
        return tile_root(hashes[first * HASH_BYTES : (first + (1 << above)) * HASH_BYTES])

    def _tile(self, level: int, index: int) -> bytes:
        found = self._tiles.get((level, index))
        if found is None:
            width = min(WIDTH, (self._size >> (HEIGHT * level)) - index * WIDTH)
            found = self._tiles[level, index] = self._fetch(level, index, width)
        return found
