"""The ledger: appends a second, proofs, and verifying all of it. ``python -m benchmarks.bench_ledger``.

Appends are durable: each is synced before it is acknowledged. The limit is SQLite itself, inserting one row a transaction
with the same durability, in the same folder, in the same run. Two processes write in turns.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.measure import Goal, conclude, interleaved
from weightgate.ledger.entry import Entry
from weightgate.ledger.ledger import Ledger, init_ledger, open_ledger
from weightgate.ledger.verify import verify_ledger
from weightgate.signing.keys import generate, load_private

NAME = "example.com/bench"
COUNT = 500
ROUNDS = 3
LARGE = 100_000
BATCH = 1000
DATA = b'{"kind":"bench","subject":"sha256:%064d","time":"2026-01-01T00:00:00Z","verdict":"allow"}'


def main() -> None:
    """Measure and print; with arguments, append as one of several processes."""
    if len(sys.argv) > 1:
        _append(*sys.argv[1:])
        return
    key = generate()
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        (folder / "key.pem").write_bytes(key.pem())
        (folder / "key.pem").chmod(0o600)
        with init_ledger(str(folder / "l.db"), NAME, key) as ledger:
            rates = [_one_by_one(ledger, folder) for _ in range(ROUNDS)]
            bare, ours, two_bare, two = (max(each) for each in zip(*rates, strict=True))
            batched = _batches(ledger)
            proof = interleaved({"proof": lambda: ledger.prove(ledger.size() // 3)}, calls=20)["proof"]
            size = ledger.size()
            verify = _seconds(lambda: verify_ledger(ledger))
    print(f"  {bare:10.0f} /s  SQLite, one row a synced transaction")
    print(f"  {ours:10.0f} /s  append, one entry with a key, one process")
    print(f"  {two_bare:10.0f} /s  SQLite, two processes in turns")
    print(f"  {two:10.0f} /s  append, two processes in turns")
    print(f"  {batched:10.0f} /s  append in batches of {BATCH}, one process")
    print(f"  {proof * 1e3:10.2f} ms  proof of an entry of {size}, from opening a transaction to its text")
    print(f"  {verify:10.2f} s   verify {size} entries, each tile and checkpoint")
    conclude(
        [
            Goal("appends of one process / SQLite's own", ours / bare, 0.2, at_most=False),
            Goal("appends of two processes / SQLite's own", two / two_bare, 0.2, at_most=False),
            Goal("batched appends / one by one", batched / ours, 10, at_most=False),
        ]
    )


def _one_by_one(ledger: Ledger, folder: Path) -> tuple[float, float, float, float]:
    start = ledger.size()
    bare = _bare(folder / f"bare{start}.db")
    entries = [Entry(DATA % i, f"{start}-{i}") for i in range(COUNT)]
    ours = COUNT / _seconds(lambda: [ledger.append([each]) for each in entries])
    two_bare = _two("bare", folder / f"two{start}.db", folder)
    two = _two("ours", folder / "l.db", folder)
    return bare, ours, two_bare, two


def _bare(path: Path) -> float:
    def fill() -> None:
        for number in range(COUNT):
            _insert(raw, number)

    with closing(_table(path)) as raw:
        return COUNT / _seconds(fill)


def _table(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None, timeout=60)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, data BLOB)")
    return raw


def _insert(raw: sqlite3.Connection, number: int) -> None:
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("INSERT INTO entries (data) VALUES (?)", (DATA % number,))
    raw.execute("COMMIT")


def _two(kind: str, path: Path, folder: Path) -> float:
    """Appends a second of two processes together, their start left out."""
    _table(folder / "unused.db").close()
    words = [sys.executable, "-m", "benchmarks.bench_ledger", kind, str(path), str(folder / "key.pem")]
    pipes = [
        subprocess.Popen([*words, f"{time.time_ns()}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for each in pipes:
        if each.stdout is not None:
            each.stdout.readline()
    begin = time.perf_counter()
    for each in pipes:
        each.communicate(b"go\n")
    return 2 * COUNT / (time.perf_counter() - begin)


def _append(kind: str, path: str, key: str, name: str) -> None:
    if kind == "bare":
        with closing(_table(Path(path))) as raw:
            _wait_for_start()
            for number in range(COUNT):
                _insert(raw, number)
        return
    with open_ledger(path, signer=load_private(Path(key)), wait=60) as ledger:
        ledger.size()
        _wait_for_start()
        for number in range(COUNT):
            ledger.append([Entry(DATA % number, f"{name}-{number}")])


def _wait_for_start() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def _batches(ledger: Ledger) -> float:
    """Fill the ledger up; entries a second."""
    count = LARGE - ledger.size()
    batches = [[DATA % (first + i) for i in range(BATCH)] for first in range(0, count, BATCH)]
    return sum(map(len, batches)) / _seconds(lambda: [ledger.append(each) for each in batches])


def _seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
