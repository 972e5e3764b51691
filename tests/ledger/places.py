"""Ledgers for tests, and programs that append to them as processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.ledger.keys import KEY, NAME, PRIVATE
from weightgate.ledger.ledger import Ledger, init_ledger, open_ledger
from weightgate.ledger.proof import check_proof, read_proof
from weightgate.signing.merkle import Tree, check_consistency, leaf_hash

APPENDER = """
import sys
from pathlib import Path
from weightgate.ledger.entry import Entry
from weightgate.ledger.ledger import open_ledger
from weightgate.signing.keys import load_private

url, key, name, batch, count = sys.argv[1:]
ledger = open_ledger(url, signer=load_private(Path(key)), wait=60)
for number in range(int(count)):
    entries = [Entry(f"{name}-{number}-{i}".encode(), f"{name}-{number}-{i}") for i in range(int(batch))]
    for entry, receipt in zip(entries, ledger.append(entries), strict=True):
        print(receipt.index, entry.key, flush=True)
"""
"""Appends batches, and prints each entry once it has its receipt."""


def made(url: str) -> Ledger:
    """A new ledger."""
    return init_ledger(url, NAME, PRIVATE)


def opened(url: str) -> Ledger:
    """A ledger that is there, to append to."""
    return open_ledger(url, signer=PRIVATE, key=KEY)


def write_key(folder: Path) -> Path:
    """The ledger's private key as a file."""
    path = folder / "ledger.pem"
    path.write_bytes(PRIVATE.pem())
    path.chmod(0o600)
    return path


class Appender:
    """A process that appends, and writes each entry that it has a receipt for into a file."""

    def __init__(self, url: str, key: Path, name: str, *, batch: int, count: int) -> None:
        self._printed = key.with_name(f"{name}.out")
        words = [sys.executable, "-c", APPENDER, url, str(key), name, str(batch), str(count)]
        with self._printed.open("wb") as out:
            self.process = subprocess.Popen(words, stdout=out, stderr=subprocess.PIPE, text=True)

    def wait_for_first(self) -> None:
        """Wait until something has been acknowledged."""
        while not self.acknowledged():
            assert self.process.poll() is None, self.end()
            time.sleep(0.01)

    def kill(self) -> None:
        """End the process, wherever it is."""
        self.process.kill()
        self.end()
        assert self.process.returncode == -signal.SIGKILL

    def end(self) -> str:
        """Wait until it has ended; what it said on stderr."""
        return self.process.communicate(timeout=300)[1]

    def acknowledged(self) -> dict[int, str]:
        """What it has a receipt for, by index; a line that was cut off counts for nothing."""
        printed = self._printed.read_text(encoding="utf-8")
        pairs = [line.split(" ") for line in printed[: printed.rfind("\n") + 1].splitlines()]
        return {int(index): key for index, key in pairs}


def check_against(ledger: Ledger, entries: list[bytes]) -> None:
    """Hold a ledger against the definition: the tree over its entries."""
    tree = Tree([leaf_hash(each) for each in entries])
    size = len(entries)
    assert [row.data for row in ledger.entries()] == entries
    assert [row.index for row in ledger.entries()] == list(range(size))
    note = ledger.checkpoint()
    for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
        assert ledger.inclusion(index) == tree.inclusion(index)
        proven = check_proof(leaf_hash(entries[index]), read_proof(ledger.prove(index), "p"), [KEY], "p")
        assert (proven.index, proven.checkpoint.size, proven.checkpoint.root) == (index, size, tree.root())
        proof = ledger.consistency(index)
        assert proof == tree.consistency(index)
        check_consistency(index, size, tree.root(index), tree.root(), proof)
    assert note.split("\n")[:2] == [NAME, str(size)]
