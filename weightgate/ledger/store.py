"""What stands in a ledger's tables: reading it at one moment, and adding to it with the ledger locked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from weightgate.errors import InputError, SignatureError
from weightgate.ledger.tables import CHECKPOINTS, ENTRIES, FORMAT, HEAD, METADATA, TILES
from weightgate.ledger.tiles import HEIGHT, WIDTH, TileNodes, tile_root
from weightgate.records import record
from weightgate.signing.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash, node_hash

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

CHUNK = 512
"""Rows that are read at once."""

# What each append runs is built once.
_HEAD = select(HEAD).where(HEAD.c.id == 1)
_HEAD_TO_WRITE = _HEAD.with_for_update()
_KEYED = select(ENTRIES).where(ENTRIES.c.key.in_(bindparam("keys", expanding=True)))
_ADD_ENTRIES = insert(ENTRIES)
_ADD_CHECKPOINT = insert(CHECKPOINTS)
_MOVE_HEAD = update(HEAD).where(HEAD.c.id == 1)


@record
class Head:
    """How far a ledger has come.

    Attributes:
        vkey: Its verifier key, as text.
        size: Number of entries.
        frontier: Hashes of the perfect subtrees that make the tree, the largest first.
        checkpoint: The latest checkpoint.
    """

    vkey: str
    size: int
    frontier: tuple[bytes, ...]
    checkpoint: str


@record
class Row:
    """One entry.

    Attributes:
        index: Its index.
        leaf: Its leaf hash.
        data: Its bytes.
        key: What no other entry may have; nothing when it has none.
    """

    index: int
    leaf: bytes
    data: bytes
    key: str | None


class Snapshot:
    """A ledger as one transaction sees it.

    Args:
        connection: The transaction.
        where: The ledger's name, for messages.
        locked: Whether other writers are to wait until the transaction ends.
    """

    def __init__(self, connection: Connection, where: str, *, locked: bool = False) -> None:
        self.connection = connection
        self._where = where
        self.head = self._head(locked=locked)
        self.size = self.head.size

    def _head(self, *, locked: bool) -> Head:
        row = self.connection.execute(_HEAD_TO_WRITE if locked else _HEAD).one_or_none()
        if row is None:
            raise _no_ledger("its first row is missing", self._where)
        if row.format != FORMAT:
            raise _no_ledger(f"it has format {row.format}; this version reads format {FORMAT}", self._where)
        hashes = row.frontier
        parts = tuple(hashes[i : i + HASH_BYTES] for i in range(0, len(hashes), HASH_BYTES))
        if len(hashes) != HASH_BYTES * max(0, row.size).bit_count() or row.size < 0:
            raise self._changed(f"{len(parts)} hashes are kept for a tree of {row.size} entries")
        return Head(row.vkey, row.size, parts, row.checkpoint)

    def rows(self, first: int, end: int) -> Iterator[Row]:
        """The entries from ``first`` up to ``end``, in order; those that are missing are left out."""
        while first < end:
            upto = min(first + CHUNK, end)
            query = (
                select(ENTRIES).where(ENTRIES.c.idx >= first, ENTRIES.c.idx < upto).order_by(ENTRIES.c.idx)
            )
            for row in self.connection.execute(query):
                yield Row(row.idx, row.leaf, row.data, row.key)
            first = upto

    def row(self, index: int) -> Row:
        """One entry.

        Raises:
            InputError: There is none at that index (code ``no_entry``).
        """
        if not 0 <= index < self.size:
            raise InputError(
                f"there is no entry {index}; the ledger has {self.size}", where=self._where, code="no_entry"
            )
        found = next(self.rows(index, index + 1), None)
        if found is None:
            raise self._lost(f"entry {index}")
        return found

    def find(self, key: str) -> int | None:
        """Index of the entry with a key."""
        query = select(ENTRIES.c.idx).where(ENTRIES.c.key == key)
        index: int | None = self.connection.execute(query).scalar_one_or_none()
        return index

    def keyed(self, keys: Sequence[str]) -> dict[str, Row]:
        """The entries that have one of the keys."""
        found = {}
        for start in range(0, len(keys), CHUNK):
            for row in self.connection.execute(_KEYED, {"keys": keys[start : start + CHUNK]}):
                found[row.key] = Row(row.idx, row.leaf, row.data, row.key)
        return found

    def tile(self, level: int, index: int, width: int) -> bytes:
        """The first hashes of a tile, full or partial.

        Raises:
            SignatureError: They are not all there (code ``ledger_state``).
        """
        if width == WIDTH:
            query = select(TILES.c.hashes).where(TILES.c.level == level, TILES.c.idx == index)
            found = self.connection.execute(query).scalar_one_or_none()
            hashes = found or b""
        else:
            hashes = b"".join(self.hashes(level, index * WIDTH, width))
        if len(hashes) != width * HASH_BYTES:
            raise self._lost(f"tile {index} of level {level}")
        return hashes

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Hashes of entries (level 0), or roots of the full tiles one level below."""
        end = first + count
        if level == 0:
            query = select(ENTRIES.c.leaf).where(ENTRIES.c.idx >= first, ENTRIES.c.idx < end)
            query = query.order_by(ENTRIES.c.idx)
        else:
            query = select(TILES.c.root).where(TILES.c.level == level - 1)
            query = query.where(TILES.c.idx >= first, TILES.c.idx < end).order_by(TILES.c.idx)
        return list(self.connection.execute(query).scalars())

    def nodes(self, size: int) -> TileNodes:
        """Perfect subtrees of the tree of the first ``size`` entries."""
        return TileNodes(size, self.tile)

    def tiles(self) -> Iterator[tuple[int, int, bytes, bytes]]:
        """Level, index, hashes and root of each full tile that is kept, in order."""
        place = (-1, -1)
        while True:
            later = (TILES.c.level > place[0]) | ((TILES.c.level == place[0]) & (TILES.c.idx > place[1]))
            query = select(TILES).where(later).order_by(TILES.c.level, TILES.c.idx).limit(CHUNK)
            rows = self.connection.execute(query).all()
            if not rows:
                return
            for row in rows:
                yield row.level, row.idx, row.hashes, row.root
            place = (rows[-1].level, rows[-1].idx)

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """Size and note of each checkpoint that is kept, in order."""
        size = -1
        while True:
            query = select(CHECKPOINTS).where(CHECKPOINTS.c.size > size)
            rows = self.connection.execute(query.order_by(CHECKPOINTS.c.size).limit(CHUNK)).all()
            if not rows:
                return
            yield from ((row.size, row.note) for row in rows)
            size = rows[-1].size

    def beyond(self, size: int) -> int:
        """How many entries are kept at indices that the ledger does not have."""
        query = select(func.count()).where((ENTRIES.c.idx < 0) | (ENTRIES.c.idx >= size))
        return int(self.connection.execute(query).scalar_one())

    def _lost(self, what: str) -> SignatureError:
        return self._changed(f"{what} is missing")

    def _changed(self, problem: str) -> SignatureError:
        return SignatureError(
            problem,
            where=self._where,
            hint="the ledger was changed from outside: weightgate ledger verify",
            code="ledger_state",
        )


class Locked(Snapshot):
    """A ledger that nobody else writes to until the transaction ends."""

    def __init__(self, connection: Connection, where: str) -> None:
        super().__init__(connection, where, locked=True)
        self._frontier = list(self.head.frontier)

    def add(self, entries: Sequence[tuple[bytes, str | None]]) -> list[bytes]:
        """Add entries with their keys at the end.

        Returns:
            Their leaf hashes.
        """
        first = self.size
        leaves = [leaf_hash(data) for data, _ in entries]
        self.connection.execute(
            _ADD_ENTRIES,
            [
                {"idx": first + i, "leaf": leaf, "data": data, "key": key}
                for i, (leaf, (data, key)) in enumerate(zip(leaves, entries, strict=True))
            ],
        )
        for leaf in leaves:
            self._grow(leaf)
        return leaves

    def root(self) -> bytes:
        """Root over all entries, those just added too."""
        return root_of_frontier(self._frontier)

    def keep(self, checkpoint: str) -> None:
        """Keep the checkpoint that was signed for what has been added."""
        self.connection.execute(_ADD_CHECKPOINT, {"size": self.size, "note": checkpoint})
        head = {"size": self.size, "frontier": b"".join(self._frontier), "checkpoint": checkpoint}
        self.connection.execute(_MOVE_HEAD, head)

    def _grow(self, leaf: bytes) -> None:
        subtrees = grow(self._frontier, self.size, leaf)
        self.size += 1
        for level in range(HEIGHT, len(subtrees), HEIGHT):
            self._keep_tile(level // HEIGHT - 1, (self.size >> level) - 1, subtrees[level])

    def _keep_tile(self, level: int, index: int, root: bytes) -> None:
        hashes = b"".join(self.hashes(level, index * WIDTH, WIDTH))
        if len(hashes) != WIDTH * HASH_BYTES or tile_root(hashes) != root:
            raise self._changed(
                f"tile {index} of level {level} is not what it was when its entries were added"
            )
        self.connection.execute(insert(TILES), {"level": level, "idx": index, "hashes": hashes, "root": root})


def check_is_ledger(connection: Connection, where: str) -> None:
    """Refuse a database in which there is no ledger.

    Raises:
        InputError: There is none (code ``no_ledger``).
    """
    if not connection.dialect.has_table(connection, HEAD.name):
        raise _no_ledger("the database holds none", where)


def create(connection: Connection, vkey: str, checkpoint: str, where: str) -> None:
    """Make the tables of a ledger without entries.

    Raises:
        InputError: One is there already (code ``ledger_exists``).
    """
    if connection.dialect.has_table(connection, HEAD.name):
        raise InputError(
            "there is a ledger already, and none is ever replaced",
            where=where,
            hint="choose another place",
            code="ledger_exists",
        )
    METADATA.create_all(connection, checkfirst=False)
    first = {"id": 1, "format": FORMAT, "vkey": vkey, "size": 0, "frontier": b"", "checkpoint": checkpoint}
    connection.execute(insert(HEAD), first)
    connection.execute(insert(CHECKPOINTS), {"size": 0, "note": checkpoint})


def grow(frontier: list[bytes], size: int, leaf: bytes) -> list[bytes]:
    """Add a leaf to the perfect subtrees of a tree of ``size`` leaves.

    Returns:
        The perfect subtrees that are now complete: that of level *l* at place *l*, beginning with the leaf.
    """
    subtrees = [leaf]
    while size & 1:
        leaf = node_hash(frontier.pop(), leaf)
        subtrees.append(leaf)
        size >>= 1
    frontier.append(leaf)
    return subtrees


def root_of_frontier(frontier: Sequence[bytes]) -> bytes:
    """Root of the tree that perfect subtrees make, the largest first."""
    if not frontier:
        return EMPTY_ROOT
    *rest, root = frontier
    while rest:
        root = node_hash(rest.pop(), root)
    return root


def _no_ledger(problem: str, where: str) -> InputError:
    return InputError(
        f"no ledger: {problem}", where=where, hint="weightgate ledger init makes one", code="no_ledger"
    )
