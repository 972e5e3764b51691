"""The manifest of a commit on the Hub: the digests it reports for large files, and those of its small files.

Nothing large is downloaded. A cache snapshot, a ``local_dir`` download and the commit itself have one root digest.
"""

from __future__ import annotations

import hashlib

from weightgate.errors import ModelError
from weightgate.inspect.hub.source import HubSource
from weightgate.inspect.inspection import ManifestEntry
from weightgate.inspect.manifest import Progress

CONNECTIONS = 4
"""Small files fetched at a time."""


MAX_FETCHED = 512 * 1024 * 1024
"""Most bytes of small files that are fetched for one digest."""


def without_digest(source: HubSource) -> tuple[str, ...]:
    """Files of which no SHA-256 can be had: the Hub reports none, and they are too large to fetch."""
    unreported = [entry for entry in source.entries.values() if not entry.sha256]
    if sum(entry.size for entry in unreported) > MAX_FETCHED:
        return tuple(entry.name for entry in unreported)
    return tuple(entry.name for entry in unreported if not source.is_whole(entry.name))


def manifest_of_revision(source: HubSource, *, progress: Progress | None = None) -> tuple[ManifestEntry, ...]:
    """The manifest in code-point order of the names; what was fetched was checked against its git blob id.

    Args:
        source: The commit.
        progress: Told bytes fetched and bytes to fetch.

    Raises:
        ModelError: A file is among :func:`without_digest`, or has other bytes than listed.
        HubError: The Hub refused or could not be reached.
    """
    missing = without_digest(source)
    if missing:
        message = f"no SHA-256 is reported for {missing[0]!r}, and it is too large to fetch"
        raise ModelError(message, where=source.locate(missing[0]), code="no_digest")
    small = [name for name, entry in source.entries.items() if not entry.sha256]
    computed = dict(zip(small, _digests(source, small, progress), strict=True))
    return tuple(
        ManifestEntry(name, computed.get(name) or entry.sha256, reported=name not in computed)
        for name, entry in source.entries.items()
    )


def _digests(source: HubSource, names: list[str], progress: Progress | None) -> list[str]:
    from concurrent.futures import ThreadPoolExecutor

    total = sum(source.entries[name].size for name in names)
    digests: list[str] = []
    done = 0
    pool = ThreadPoolExecutor(CONNECTIONS)
    try:
        for name, digest in zip(names, pool.map(lambda n: _digest(source, n), names), strict=True):
            digests.append(digest)
            done += source.entries[name].size
            if progress is not None:
                progress(done, total)
    finally:
        # After an error in one file, those not yet begun are not worth their requests.
        pool.shutdown(cancel_futures=True)
    return digests


def _digest(source: HubSource, name: str) -> str:
    return hashlib.sha256(source.whole(name)).hexdigest()
