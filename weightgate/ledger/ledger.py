"""The one interface of a ledger: opening, appending, reading, proving."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Self

from weightgate.errors import InputError, SignatureError, UsageError
from weightgate.ledger.address import parse_address
from weightgate.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from weightgate.ledger.database import WAIT, Database
from weightgate.ledger.entry import Entry, Receipt, check_key
from weightgate.ledger.note import NoteKey, NoteSigner, VerifierKey, note_signer, read_verifier_key
from weightgate.ledger.proof import LogProof, write_proof
from weightgate.ledger.store import Locked, Row, Snapshot, check_is_ledger, create, root_of_frontier
from weightgate.ledger.tiles import TileNodes, check_entry
from weightgate.signing.merkle import EMPTY_ROOT, consistency_of, inclusion_of

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


class Writer:
    """A ledger that is locked: nobody else writes until the block ends, and then all of it is there, or nothing.

    What has to agree with the log, such as the sums of a budget, can be read and written in the same transaction through
    :attr:`connection`.

    Attributes:
        connection: The transaction, of SQLAlchemy.
        checkpoint: The latest checkpoint; once the block has ended, one that covers what was appended.
        signed: What was signed when the block ended; nothing when nothing was appended.
    """

    def __init__(self, store: Locked, signer: NoteSigner) -> None:
        self._store = store
        self._signer = signer
        self.connection: Connection = store.connection
        self.checkpoint = store.head.checkpoint
        self.signed: Checkpoint | None = None

    @property
    def size(self) -> int:
        """Number of entries, those just appended too."""
        return self._store.size

    def find(self, key: str) -> int | None:
        """Index of the entry with a key."""
        return self._store.find(key)

    def entry(self, index: int) -> bytes:
        """An entry that was there when the block began.

        Raises:
            InputError: There is none at that index (code ``no_entry``).
        """
        return self._store.row(index).data

    def append(self, entries: Sequence[bytes | Entry]) -> list[tuple[int, bytes, bool]]:
        """Append entries in order.

        Returns:
            Index and leaf hash of each, and whether it was added; one whose key is there already is not added again.

        Raises:
            InputError: An entry is too long or empty (code ``entry_size``), its key is none (code ``entry_key``), or
                its key is that of an entry with other content (code ``key_conflict``). Then nothing is appended.
        """
        given = [each if isinstance(each, Entry) else Entry(each) for each in entries]
        for each in given:
            check_entry(each.data)
            check_key(each.key)
        there = self._store.keyed([each.key for each in given if each.key is not None])
        new: list[Entry] = []
        places = [self._place(each, there, new) for each in given]
        first = self._store.size
        leaves = self._store.add([(each.data, each.key) for each in new]) if new else []
        return [(i, leaves[i - first] if leaf is None else leaf, added) for i, leaf, added in places]

    def end(self) -> None:
        """Sign for what was appended, and keep that; called when the block ends."""
        if self.size > self._store.head.size:
            self.signed = Checkpoint(self._signer.verifier.name, self.size, self._store.root())
            self.checkpoint = sign_checkpoint(self.signed, self._signer)
            self._store.keep(self.checkpoint)

    def _place(self, entry: Entry, there: dict[str, Row], new: list[Entry]) -> tuple[int, bytes | None, bool]:
        """Where an entry stands or will stand, its leaf hash if it stood there already, and whether it is to be added."""
        row = None if entry.key is None else there.get(entry.key)
        if row is None:
            index = self.size + len(new)
            new.append(entry)
            if entry.key is not None:
                there[entry.key] = Row(index, b"", entry.data, entry.key)
            return index, None, True
        if row.data != entry.data:
            raise InputError(
                f"entry {row.index} has the key {entry.key!r} and other content",
                hint="what is logged cannot be changed; choose another key",
                code="key_conflict",
            )
        return row.index, row.leaf or None, False


class Ledger:
    """An append-only log in a database. Use :func:`open_ledger`.

    Attributes:
        key: What its checkpoints are verified with; as the ledger states it, unless it was held against a given one.
        where: How messages name it.
    """

    def __init__(self, database: Database, key: VerifierKey, signer: NoteSigner | None) -> None:
        self._database = database
        self._signer = signer
        self._seen = (Checkpoint(key.name, 0, EMPTY_ROOT), "")
        self.key = key
        self.where = database.address.shown

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Lock the ledger; what is appended in the block is there when it has ended without an error.

        Raises:
            UsageError: The ledger was opened without a key to sign with (code ``ledger_key``).
            UnreachableError: Other writers took too long (code ``ledger_busy``), or the database failed.
        """
        if self._signer is None:
            raise UsageError(
                "no key to sign with", where=self.where, hint="give --key KEY", code="ledger_key"
            )
        seen = self._seen
        with self._database.writing() as connection:
            store = Locked(connection, self.where)
            self._check(store, *seen)
            writer = Writer(store, self._signer)
            yield writer
            writer.end()
        if writer.signed is not None:
            self._seen = (writer.signed, writer.checkpoint)

    def append(self, entries: Sequence[bytes | Entry]) -> tuple[Receipt, ...]:
        """Append entries, all or none.

        Returns:
            A receipt for each; when it is there, the entry is durable.

        Raises:
            InputError: See :meth:`Writer.append`.
            UsageError: The ledger was opened without a key to sign with (code ``ledger_key``).
            UnreachableError: Other writers took too long (code ``ledger_busy``), or the database failed.
        """
        if not entries:
            return ()
        with self.writing() as writer:
            places = writer.append(entries)
        return tuple(Receipt(index, leaf, writer.checkpoint, added) for index, leaf, added in places)

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """The ledger as it is now, whatever others append meanwhile.

        Raises:
            InputError: It is no ledger any more (code ``no_ledger``).
            UnreachableError: The database failed.
        """
        with self._database.reading() as connection:
            yield Snapshot(connection, self.where)

    @contextmanager
    def proven(self) -> Iterator[Snapshot]:
        """The ledger as it is now, its state and latest checkpoint held against its key and each other.

        Raises:
            SignatureError: They do not agree (code ``ledger_state``, or see :func:`open_checkpoint`).
        """
        seen = self._seen
        with self.reading() as now:
            self._check(now, *seen)
            yield now

    def size(self) -> int:
        """Number of entries."""
        with self.reading() as now:
            return now.head.size

    def checkpoint(self) -> str:
        """The latest signed checkpoint."""
        with self.reading() as now:
            return now.head.checkpoint

    def row(self, index: int) -> Row:
        """An entry with its hash and key.

        Raises:
            InputError: There is none at that index (code ``no_entry``).
        """
        with self.reading() as now:
            return now.row(index)

    def entry(self, index: int) -> bytes:
        """An entry.

        Raises:
            InputError: There is none at that index (code ``no_entry``).
        """
        return self.row(index).data

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[Row]:
        """The entries from ``first`` up to ``end``, in order."""
        with self.reading() as now:
            yield from now.rows(max(first, 0), now.head.size if end is None else min(end, now.head.size))

    def find(self, key: str) -> int | None:
        """Index of the entry with a key; nothing when there is none."""
        with self.reading() as now:
            return now.find(key)

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Proof that an entry is in the tree of the first ``size`` entries, or of all.

        Raises:
            InputError: No such entry or tree (code ``merkle_index``).
        """
        with self.reading() as now:
            size = _within(now, size)
            return inclusion_of(now.nodes(size), index, size)

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """Proof that the tree of the first ``old`` entries is the beginning of that of the first ``new``, or of all.

        Raises:
            InputError: No such trees (code ``merkle_index``).
        """
        with self.reading() as now:
            new = _within(now, new)
            return consistency_of(now.nodes(new), old, new)

    def prove(self, index: int) -> str:
        """Proof that an entry is under the latest checkpoint, to be verified without the ledger: ``.tlog-proof``.

        Raises:
            InputError: There is no such entry (code ``no_entry``).
            SignatureError: The checkpoint is not the ledger's own (see :func:`open_checkpoint`).
        """
        (proof,) = self.prove_all([index])
        return proof

    def prove_all(self, indexes: Sequence[int]) -> list[str]:
        """Proofs of several entries under one checkpoint; errors as :meth:`prove`."""
        with self.proven() as now:
            nodes = now.nodes(now.size)
            return [self._proof(now, nodes, index) for index in indexes]

    def _proof(self, now: Snapshot, nodes: TileNodes, index: int) -> str:
        now.row(index)
        path = inclusion_of(nodes, index, now.size)
        return write_proof(LogProof(index, path, now.head.checkpoint))

    def _check(self, now: Snapshot, seen: Checkpoint, note: str) -> None:
        """Refuse to sign or prove on top of what this ledger's key has not signed, or less than was there before.

        A log must never sign what contradicts an earlier checkpoint of its own (c2sp.org/tlog-checkpoint). What was seen
        has to be taken before the transaction begins: another thread may see more meanwhile.
        """
        if now.head.checkpoint == note:
            checkpoint = seen
        else:
            checkpoint, _ = open_checkpoint(now.head.checkpoint, [self.key], self.where)
        problem = ""
        if (checkpoint.size, checkpoint.root) != (now.head.size, root_of_frontier(now.head.frontier)):
            problem = (
                f"its state of {now.head.size} entries is not what its checkpoint of {checkpoint.size} says"
            )
        elif checkpoint.size < seen.size:
            problem = f"it had {seen.size} entries, and has {checkpoint.size} now"
        if problem:
            raise SignatureError(
                problem,
                where=self.where,
                hint="the ledger was changed from outside: weightgate ledger verify",
                code="ledger_state",
            )
        self._seen = (checkpoint, now.head.checkpoint)


def open_ledger(
    url: str, *, signer: NoteKey | None = None, key: VerifierKey | None = None, wait: float = WAIT
) -> Ledger:
    """Open a ledger that is there.

    Args:
        url: ``sqlite:PATH``, a path, or ``postgresql://USER@HOST/DATABASE``.
        signer: The ledger's private key, to append with.
        key: What its checkpoints must be signed with, known from elsewhere.
        wait: Seconds that a writer waits for the others.

    Raises:
        InputError: There is no ledger (code ``no_ledger``).
        SignatureError: ``signer`` or ``key`` is not the ledger's (code ``ledger_key``).
        UsageError: ``url`` is none (code ``ledger_url``), or the driver for it is not installed (``extra_missing``).
        UnreachableError: The database cannot be reached or read.
    """
    with ExitStack() as opened:
        database = Database(parse_address(url), wait=wait)
        opened.callback(database.close)
        where = database.address.shown
        with database.reading() as connection:
            check_is_ledger(connection, where)
            kept = Snapshot(connection, where).head.vkey
        own = read_verifier_key(kept, where)
        if key is not None and key != own:
            raise _other_key(f"the ledger's key is {own}; needed {key}", where)
        writes = None if signer is None else note_signer(own.name, signer)
        if writes is not None and writes.verifier != own:
            raise _other_key(f"the ledger's key is {own}; this one would be {writes.verifier}", where)
        opened.pop_all()
    return Ledger(database, own, writes)


def init_ledger(url: str, name: str, signer: NoteKey, *, wait: float = WAIT) -> Ledger:
    """Make a ledger without entries, and open it.

    Args:
        url: See :func:`open_ledger`.
        name: What the log is called for ever, mostly a URL without scheme: no spaces, no plus sign.
        signer: Its private key, Ed25519.
        wait: Seconds that a writer waits for the others.

    Raises:
        InputError: There is one already (code ``ledger_exists``), the file is something else (``no_ledger``), the name
            is none (``key_name``) or the key not Ed25519 (``key_type``).
        UsageError: See :func:`open_ledger`.
        UnreachableError: The database cannot be reached or written.
    """
    writes = note_signer(name, signer)
    with ExitStack() as opened:
        database = Database(parse_address(url), wait=wait, create=True)
        opened.callback(database.close)
        database.prepare()
        with database.writing() as connection:
            checkpoint = sign_checkpoint(Checkpoint(name, 0, EMPTY_ROOT), writes)
            create(connection, str(writes.verifier), checkpoint, database.address.shown)
        opened.pop_all()
    return Ledger(database, writes.verifier, writes)


def _within(now: Snapshot, size: int | None) -> int:
    if size is None:
        return now.head.size
    if not 0 <= size <= now.head.size:
        raise InputError(
            f"there is no tree of {size} entries; the ledger has {now.head.size}", code="merkle_index"
        )
    return size


def _other_key(problem: str, where: str) -> SignatureError:
    return SignatureError(
        problem, where=where, hint="each ledger has one key: give that one", code="ledger_key"
    )
