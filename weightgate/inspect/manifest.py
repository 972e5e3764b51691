"""The identity of a model: the OpenSSF model signing manifest (method *files*) and its root digest.

Rules: OpenSSF model signing v1.0 (https://github.com/ossf/model-signing-spec). Each regular file has a SHA-256; the
root digest is the SHA-256 of these digests, as raw bytes, in the code-point order of the names. The root leaves
names out, so whoever compares two models compares manifests too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from weightgate.errors import ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.hashing import BUFFER, THREADS, Progress, Range, digests_of
from weightgate.inspect.inspection import ManifestEntry
from weightgate.inspect.manifest_names import normal_name

__all__ = ["BUFFER", "THREADS", "Differences", "Progress", "compare", "manifest_of_folder", "root_digest"]


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
    ranges = [Range(name, 0, entry.size) for name, entry in source.entries.items()]
    digests = digests_of(source, ranges, progress=progress, threads=threads)
    return tuple(ManifestEntry(each.name, digests[each]) for each in ranges)


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
