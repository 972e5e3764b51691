"""The identity of a model: the OpenSSF model signing manifest (method *files*) and its root digest.

Rules: OpenSSF model signing v1.0 (https://github.com/ossf/model-signing-spec). Each regular file has a SHA-256; the
root digest is the SHA-256 of these digests, as raw bytes, in the code-point order of the names. The root leaves
names out, so whoever compares two models compares manifests too.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from weightgate.errors import ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.inspection import ManifestEntry
from weightgate.inspect.manifest_names import normal_name

Progress = Callable[[int, int], None]
"""Called with bytes hashed and bytes in all; from the hashing threads, one call at a time."""

THREADS = 2
BUFFER = 1024 * 1024
"""Bytes that a thread reads at a time: it stays in the second-level cache, and is long enough to make the cost of a
call invisible."""

_ALONE_BELOW = 8 * 1024 * 1024
"""Bytes in all below which a second thread costs more than it saves."""


def root_digest(entries: Iterable[ManifestEntry]) -> str:
    """The root digest of a manifest, as ``sha256:`` and 64 hex digits.

    Raises:
        ModelError: No entry, a name twice, a name against the rules, or a digest that is not a SHA-256.
    """
    rows = sorted(entries, key=lambda entry: entry.name)
    if not rows:
        raise ModelError("a model without a file has no digest", code="empty_model")
    whole = hashlib.sha256()
    before = None
    for row in rows:
        if normal_name(row.name) != row.name or row.name == before:
            raise ModelError(f"{row.name!r} is not normal, or is in the manifest twice", code="bad_name")
        before = row.name
        whole.update(_raw(row))
    return f"sha256:{whole.hexdigest()}"


def manifest_of_folder(
    source: FolderSource, *, progress: Progress | None = None, threads: int = THREADS
) -> tuple[ManifestEntry, ...]:
    """Hash every file of a folder.

    Args:
        source: The folder.
        progress: Told how far it is.
        threads: Files hashed at a time; the largest are begun first, so that all threads stay busy.

    Returns:
        The manifest, in code-point order of the names.

    Raises:
        ModelError: A file changed its size, was replaced or vanished since the folder was listed.
    """
    sizes = {name: entry.size for name, entry in source.entries.items()}
    job = _Job(source, deque(sorted(sizes, key=lambda name: -sizes[name])), sum(sizes.values()), progress)
    if threads < 2 or len(sizes) < 2 or job.total < _ALONE_BELOW:
        job.work()
    else:
        _in_threads(job, threads)
    return tuple(ManifestEntry(name, job.digests[name]) for name in sorted(sizes))


class Differences(NamedTuple):
    """How a model differs from the manifest that was expected of it. Each list is in code-point order.

    Attributes:
        missing: Names expected and not there.
        unexpected: Names there and not expected.
        changed: Names whose content differs.
    """

    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.missing or self.unexpected or self.changed)

    def sentences(self) -> tuple[str, ...]:
        """Each difference as one sentence that names the file."""
        return (
            *(f"{name} is missing" for name in self.missing),
            *(f"{name} is there, but was not expected" for name in self.unexpected),
            *(f"{name} has other content" for name in self.changed),
        )


def compare(expected: Iterable[ManifestEntry], found: Iterable[ManifestEntry]) -> Differences:
    """Compare two manifests by name and digest; where a digest came from makes no difference."""
    was = {entry.name: entry.digest for entry in expected}
    now = {entry.name: entry.digest for entry in found}
    return Differences(
        missing=tuple(sorted(was.keys() - now.keys())),
        unexpected=tuple(sorted(now.keys() - was.keys())),
        changed=tuple(sorted(name for name in was.keys() & now.keys() if was[name] != now[name])),
    )


def _raw(entry: ManifestEntry) -> bytes:
    try:
        raw = bytes.fromhex(entry.digest)
    except ValueError:
        raw = b""
    if len(raw) != hashlib.sha256().digest_size:
        raise ModelError(f"the digest of {entry.name!r} is not a SHA-256 in hex", code="manifest")
    return raw


@dataclass
class _Job:
    """Files to hash, shared by the threads: each takes the next one until none is left or one has failed."""

    source: FolderSource
    waiting: deque[str]
    total: int
    progress: Progress | None
    digests: dict[str, str] = field(default_factory=dict)
    done: int = 0
    stopped: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self) -> None:
        buffer = memoryview(bytearray(BUFFER))
        while not self.stopped:
            try:
                name = self.waiting.popleft()
            except IndexError:
                return
            self.digests[name] = self._hash(name, buffer)

    def _hash(self, name: str, buffer: memoryview) -> str:
        expected = self.source.entries[name].size
        digest = hashlib.sha256()
        read = 0
        descriptor = self.source.open(name)
        try:
            while read <= expected and (count := os.readv(descriptor, [buffer])) and not self.stopped:
                digest.update(buffer[:count])
                read += count
                self._advance(count)
        finally:
            os.close(descriptor)
        if read != expected and not self.stopped:
            raise ModelError(
                f"{read} bytes where {expected} were listed: the file changed while it was read",
                where=self.source.locate(name),
                hint="let nothing write to the model while it is checked",
                code="changed_while_read",
            )
        return digest.hexdigest()

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
