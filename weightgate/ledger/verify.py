"""Verifying a whole ledger: everything that follows from its entries is computed again, and held against what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from weightgate.errors import Exit, SignatureError
from weightgate.ledger.checkpoint import Checkpoint, open_checkpoint
from weightgate.ledger.note import VerifierKey
from weightgate.ledger.proof import FIRST_LINE, read_proof
from weightgate.ledger.store import Snapshot, grow, root_of_frontier
from weightgate.ledger.tiles import HEIGHT
from weightgate.records import record
from weightgate.signing.checks import Check, State
from weightgate.signing.merkle import leaf_hash

if TYPE_CHECKING:
    from weightgate.ledger.ledger import Ledger


@record
class Verification:
    """What verifying a ledger came to.

    Attributes:
        genuine: Whether nothing is wrong.
        size: Number of entries that it says it has.
        checkpoint: Its latest checkpoint, as it stands there.
        key: The key that its checkpoints were held against.
        checks: ``key``, ``entries``, ``state``, ``checkpoints``, ``tiles`` and, when one was given, ``kept``, in that
            order; a check that failed names the first place that is wrong.
    """

    genuine: bool
    size: int
    checkpoint: str
    key: VerifierKey
    checks: tuple[Check, ...]

    @property
    def exit(self) -> Exit:
        """The exit code."""
        return Exit.OK if self.genuine else Exit.SIGNATURE


@record
class Kept:
    """A checkpoint that somebody kept, its signature verified.

    Attributes:
        checkpoint: What it says.
        source: Where it was kept, for messages.
    """

    checkpoint: Checkpoint
    source: str


def read_kept(raw: bytes, source: str, key: VerifierKey) -> Kept:
    """A checkpoint that was kept, as a file of its own or at the end of a proof.

    Args:
        raw: The file's bytes.
        source: Its name, for messages.
        key: The key that must have signed it.

    Raises:
        SignatureError: It is none (code ``note``, ``checkpoint`` or ``log_proof``), or another key's (``unknown_log``,
            ``note_signature``).
    """
    if raw.startswith(FIRST_LINE.encode()):
        raw = read_proof(raw, source).checkpoint.encode()
    checkpoint, _ = open_checkpoint(raw, [key], source)
    return Kept(checkpoint, source)


def verify_ledger(ledger: Ledger, *, given_key: bool = False, kept: Kept | None = None) -> Verification:
    """Verify a whole ledger as it is now.

    Args:
        ledger: The ledger.
        given_key: Whether its key was known from elsewhere, and held against it when it was opened.
        kept: A checkpoint of earlier, or of somebody else's view, to hold it against.

    Raises:
        SignatureError: Its state does not even have the right shape (code ``ledger_state``).
        UnreachableError: The database cannot be read.
    """
    with ledger.reading() as now:
        walk = _Walk(now, ledger.key, ledger.where, kept)
        checks = [_key_check(ledger.key, given=given_key), *walk.checks()]
        genuine = all(check.state is not State.CONTRADICTED for check in checks)
        return Verification(genuine, now.size, now.head.checkpoint, ledger.key, tuple(checks))


class _Walk:
    """One pass over the entries; roots are compared at the sizes at which something was signed."""

    def __init__(self, now: Snapshot, key: VerifierKey, where: str, kept: Kept | None) -> None:
        self._now = now
        self._key = key
        self._where = where
        self._kept = kept
        self._kept_root: bytes | None = None
        self._wrong_entry = ""
        self._wrong_checkpoint = ""
        self._checkpoints = 0
        self._tiles: dict[tuple[int, int], tuple[bytes, bytes]] = {}

    def checks(self) -> Iterator[Check]:
        """The checks in order."""
        frontier = self._walk()
        count = f"{self._now.size} entries, each with the hash that is kept for it"
        yield _outcome("entries", self._wrong_entry, count)
        yield self._state(frontier)
        signed = f"{self._checkpoints} signed checkpoints, each the beginning of the next"
        yield _outcome("checkpoints", self._wrong_checkpoint, signed)
        yield _outcome(
            "tiles", self._wrong_tile(), f"{len(self._tiles)} full tiles, as the entries make them"
        )
        if self._kept is not None:
            yield self._held_against_kept(self._kept)

    def _walk(self) -> list[bytes]:
        frontier: list[bytes] = []
        level: dict[int, list[bytes]] = {}
        notes = self._now.checkpoints()
        note = self._compare(next(notes, None), notes, 0, frontier)
        size = 0
        for row in self._now.rows(0, self._now.size):
            if row.index != size:
                break
            leaf = leaf_hash(row.data)
            if leaf != row.leaf and not self._wrong_entry:
                self._wrong_entry = f"entry {row.index} has another hash than the one kept for it"
            subtrees = grow(frontier, size, leaf)
            size += 1
            self._note_tiles(level, size, subtrees)
            note = self._compare(note, notes, size, frontier)
        self._end(size, note)
        return frontier

    def _end(self, size: int, note: tuple[int, str] | None) -> None:
        if size != self._now.size:
            self._wrong_entry = self._wrong_entry or f"entry {size} is missing, of {self._now.size}"
        elif self._now.beyond(size):
            self._wrong_entry = self._wrong_entry or f"there are entries beyond the {size} of the ledger"
        if note is not None and not self._wrong_checkpoint:
            self._wrong_checkpoint = f"there is one for {note[0]} entries, of which {size} are there"

    def _compare(
        self, note: tuple[int, str] | None, notes: Iterator[tuple[int, str]], size: int, frontier: list[bytes]
    ) -> tuple[int, str] | None:
        """Hold what was signed for this size against the entries.

        Returns:
            The next checkpoint.
        """
        if self._kept is not None and self._kept.checkpoint.size == size:
            self._kept_root = root_of_frontier(frontier)
        if note is None or note[0] > size:
            if size == self._now.size and not self._wrong_checkpoint:
                self._wrong_checkpoint = f"there is none for all {size} entries"
            return note
        self._checkpoints += 1
        if not self._wrong_checkpoint:
            self._wrong_checkpoint = self._wrong_note(*note, root_of_frontier(frontier))
        if size == self._now.size and note[1] != self._now.head.checkpoint and not self._wrong_checkpoint:
            self._wrong_checkpoint = f"that for {size} entries is not the one that the ledger hands out"
        return next(notes, None)

    def _wrong_note(self, size: int, note: str, root: bytes) -> str:
        try:
            checkpoint, _ = open_checkpoint(note, [self._key], self._where)
        except SignatureError as error:
            return f"that for {size} entries: {error.message}"
        if checkpoint.size != size:
            return f"that for {size} entries says {checkpoint.size}"
        return "" if checkpoint.root == root else f"that for {size} entries has another root than they make"

    def _note_tiles(self, level: dict[int, list[bytes]], size: int, subtrees: list[bytes]) -> None:
        level.setdefault(0, []).append(subtrees[0])
        for height in range(HEIGHT, len(subtrees), HEIGHT):
            below = height // HEIGHT - 1
            hashes = b"".join(level.pop(below))
            self._tiles[below, (size >> height) - 1] = (sha256(hashes).digest(), subtrees[height])
            level.setdefault(below + 1, []).append(subtrees[height])

    def _wrong_tile(self) -> str:
        left = dict(self._tiles)
        for level, index, hashes, root in self._now.tiles():
            expected = left.pop((level, index), None)
            if expected is None:
                return f"tile {index} of level {level} is kept, and the entries make none"
            if expected != (sha256(hashes).digest(), root):
                return f"tile {index} of level {level} is not what the entries make"
        for level, index in left:
            return f"tile {index} of level {level} is missing"
        return ""

    def _state(self, frontier: list[bytes]) -> Check:
        problem = (
            "" if tuple(frontier) == self._now.head.frontier else "its hashes are not what the entries make"
        )
        return _outcome("state", problem, f"size {self._now.size} and the hashes kept for appending")

    def _held_against_kept(self, kept: Kept) -> Check:
        size = kept.checkpoint.size
        if kept.checkpoint.origin != self._key.name:
            problem = f"{kept.source} is of log {kept.checkpoint.origin}, this is {self._key.name}"
        elif self._kept_root is None:
            problem = (
                f"{kept.source} was signed for {size} entries, and {self._now.size} are there: rolled back"
            )
        elif self._kept_root != kept.checkpoint.root:
            problem = f"the first {size} entries are not those that {kept.source} was signed for: a fork"
        else:
            problem = ""
        return _outcome("kept", problem, f"{kept.source}, for {size} entries, is its beginning")


def _key_check(key: VerifierKey, *, given: bool) -> Check:
    if given:
        return Check("key", State.ESTABLISHED, f"{key} was given")
    return Check(
        "key",
        State.NOT_ESTABLISHED,
        f"{key} is what the ledger says of itself: whoever can write to it could have put another there",
    )


def _outcome(check: str, problem: str, fine: str) -> Check:
    return Check(check, State.CONTRADICTED if problem else State.ESTABLISHED, problem or fine)
