"""The first bytes of large files, fetched several at a time once they are read one after the other.

A header is small and a round trip is slow: a model of 160 shards is read in seconds instead of most of a minute.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

AHEAD = 8
"""Files fetched at a time, and so the files whose first bytes are in memory."""


class Heads:
    """First bytes by file name, for one reader at a time.

    Args:
        names: The large files in the order in which they are read.
        fetch: Gives a file's first bytes; called from several threads.
    """

    def __init__(self, names: Sequence[str], fetch: Callable[[str], bytes]) -> None:
        self._names = names
        self._place = {name: i for i, name in enumerate(names)}
        self._fetch = fetch
        self._last = ("", b"")
        self._waiting: dict[str, Future[bytes]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def get(self, name: str) -> bytes:
        """A file's first bytes.

        Raises:
            ModelError: From ``fetch``.
            HubError: From ``fetch``.
        """
        before, raw = self._last
        if name == before:
            return raw
        following = (
            self._following(name) if before and self._place.get(before, -2) + 1 == self._place[name] else ()
        )
        mine = self._waiting.pop(name, None)
        for dropped in self._waiting.keys() - set(following):
            self._waiting.pop(dropped).cancel()
        for other in following:
            if other not in self._waiting:
                self._waiting[other] = self._threads().submit(self._fetch, other)
        raw = mine.result() if mine is not None else self._fetch(name)
        self._last = (name, raw)
        return raw

    def _following(self, name: str) -> Sequence[str]:
        """The next files of the same kind."""
        start = self._place[name] + 1
        kind = name.rpartition(".")[2]
        return [other for other in self._names[start : start + AHEAD - 1] if other.rpartition(".")[2] == kind]

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(AHEAD)
            weakref.finalize(self, self._pool.shutdown, wait=False, cancel_futures=True)
        return self._pool
