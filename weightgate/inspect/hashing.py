"""Hashing ranges of a model's files in threads, the longest first."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from weightgate.errors import ModelError, UsageError

if TYPE_CHECKING:
    from weightgate.inspect.folder import FolderSource

Progress = Callable[[int, int], None]
"""Called with bytes hashed and bytes in all; from the hashing threads, one call at a time."""

THREADS = 2
BUFFER = 1024 * 1024
"""Bytes that a thread reads at a time: it stays in the second-level cache, and is long enough to make the cost of a
call invisible."""

DIGEST_BYTES = {"sha256": 32, "blake2b": 64, "blake3": 32}
"""Length of a digest under each hash that model signing names."""

_ALONE_BELOW = 8 * 1024 * 1024
"""Bytes in all below which a second thread costs more than it saves."""


class Range(NamedTuple):
    """Bytes of one file.

    Attributes:
        name: The file.
        start: Offset of the first byte.
        end: Offset after the last byte; the size of the file when it is hashed to its end.
    """

    name: str
    start: int
    end: int


def new_hash(algorithm: str) -> Any:
    """A hash to feed, with ``update`` and ``hexdigest``.

    Raises:
        UsageError: It is BLAKE3, and the ``blake3`` package is not installed (code ``extra_missing``).
    """
    if algorithm == "sha256":
        return hashlib.sha256()
    if algorithm == "blake2b":
        return hashlib.blake2b()
    try:
        from importlib import import_module

        return import_module("blake3").blake3()
    except ImportError:
        raise UsageError(
            "the signature's digests are BLAKE3, which needs the package blake3",
            hint="pip install blake3",
            code="extra_missing",
        ) from None


def digests_of(
    source: FolderSource,
    ranges: Sequence[Range],
    *,
    algorithm: str = "sha256",
    progress: Progress | None = None,
    threads: int = THREADS,
) -> dict[Range, str]:
    """The hex digest of every range.

    Args:
        source: The folder.
        ranges: What to hash; a range that ends where its file did when the folder was listed must end there still.
        algorithm: One of :data:`DIGEST_BYTES`.
        progress: Told how far it is.
        threads: Ranges hashed at a time; the longest are begun first, so that all threads stay busy.

    Raises:
        ModelError: A file changed its size, was replaced or vanished since the folder was listed.
        UsageError: See :func:`new_hash`.
    """
    new_hash(algorithm)
    total = sum(each.end - each.start for each in ranges)
    waiting = deque(sorted(ranges, key=lambda each: each.start - each.end))
    job = _Job(source, waiting, total, algorithm, progress)
    if threads < 2 or len(ranges) < 2 or total < _ALONE_BELOW:
        job.work()
    else:
        _in_threads(job, threads)
    return job.digests


@dataclass
class _Job:
    """Ranges to hash, shared by the threads: each takes the next one until none is left or one has failed."""

    source: FolderSource
    waiting: deque[Range]
    total: int
    algorithm: str
    progress: Progress | None
    digests: dict[Range, str] = field(default_factory=dict)
    done: int = 0
    stopped: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self) -> None:
        buffer = memoryview(bytearray(BUFFER))
        while not self.stopped:
            try:
                each = self.waiting.popleft()
            except IndexError:
                return
            self.digests[each] = self._hash(each, buffer)

    def _hash(self, each: Range, buffer: memoryview) -> str:
        digest, offset = new_hash(self.algorithm), each.start
        size = self.source.entries[each.name].size
        # At the end of a file one byte more is asked for: it must not have grown.
        end = each.end + 1 if each.end == size else each.end
        descriptor = self.source.open(each.name)
        try:
            while offset < end and not self.stopped:
                count = os.preadv(descriptor, [buffer[: end - offset]], offset)
                if not count:
                    break
                digest.update(buffer[:count])
                offset += count
                self._advance(count)
        finally:
            os.close(descriptor)
        if offset != each.end and not self.stopped:
            raise ModelError(
                f"{offset} bytes where {size} were listed: the file changed while it was read",
                where=self.source.locate(each.name),
                hint="let nothing write to the model while it is checked",
                code="changed_while_read",
            )
        return str(digest.hexdigest())

    def _advance(self, count: int) -> None:
        if self.progress is None:
            return
        with self.lock:
            self.done += count
            self.progress(self.done, self.total)


def _in_threads(job: _Job, threads: int) -> None:
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(job.work) for _ in range(threads)]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            # Reached on an error in one thread, and when the user interrupts: the others must not go on.
            job.stopped = any(not future.done() or future.exception() for future in futures)
    for future in futures:
        future.result()
