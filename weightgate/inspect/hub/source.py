"""A model on the Hub as a :class:`~weightgate.inspect.source.ModelSource`, pinned to one commit.

What git holds itself is small: it is fetched whole, checked against its git blob id, and kept while there is room.
Large files are never fetched whole: ranges of them are read, and their digests are the Hub's word.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from weightgate.errors import ModelError
from weightgate.inspect.hub.client import HubClient, Revision
from weightgate.inspect.hub.errors import MALFORMED, HubError
from weightgate.inspect.hub.heads import Heads
from weightgate.inspect.manifest_names import is_ignored, normal_name
from weightgate.inspect.source import MAX_RANGE, FileEntry

if TYPE_CHECKING:
    from huggingface_hub.hf_api import RepoFile

MAX_WHOLE = 16 * 1024 * 1024
"""Longest file that is fetched whole. The Hub keeps what is above 10 MB as a large file."""

MAX_KEPT = 64 * 1024 * 1024
"""Bytes of whole small files kept in memory."""

READ_AHEAD = 64 * 1024
"""Bytes fetched at the start of a large file, so that a header's length and the header are one request."""

MAX_NAME = 4096

_SHA256 = re.compile(r"[0-9a-f]{64}")
_GIT_SHA1 = re.compile(r"[0-9a-f]{40}")


class HubSource:
    """The files of one repo at one commit.

    Args:
        client: Who asks, and where.
        repo: ``owner/name``, as it was asked for.
        revision: The commit, and what the Hub says of the repo.
        entries: The files there, without those that are no part of a model's identity.
        blob_ids: Git blob ids of the files that git holds itself, by name.
        reference: The model as the user wrote it.
        ignored: Files left out, in code-point order.
    """

    def __init__(
        self,
        client: HubClient,
        repo: str,
        revision: Revision,
        entries: Mapping[str, FileEntry],
        blob_ids: Mapping[str, str],
        *,
        reference: str,
        ignored: tuple[str, ...] = (),
    ) -> None:
        self.client = client
        self.repo = repo
        self.revision = revision
        self._entries = entries
        self._blob_ids = blob_ids
        self._reference = reference
        self.ignored = ignored
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._heads = Heads([name for name in entries if not self.is_whole(name)], self._head)
        self._lock = threading.Lock()

    @property
    def reference(self) -> str:
        """The model as the user wrote it."""
        return self._reference

    @property
    def entries(self) -> Mapping[str, FileEntry]:
        """Every file by name, in code-point order, but for those that are no part of a model's identity."""
        return self._entries

    def locate(self, name: str) -> str:
        """Address of a file at this commit."""
        return self.client.file_url(self.repo, self.revision.sha, name)

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Bytes ``offset`` to ``offset + length`` of a file, fewer where it ends sooner.

        Raises:
            ModelError: The file is not listed, ``length`` is above the limit, or its bytes are not those that the
                listing promises.
            HubError: The Hub refused or could not be reached.
        """
        entry = self._entry(name)
        if length > MAX_RANGE:
            message = f"{length} bytes at once, at most {MAX_RANGE} are read"
            raise ModelError(message, where=self.locate(name), code="too_large")
        length = min(length, entry.size - offset)
        if length <= 0:
            return b""
        if self.is_whole(name):
            return self.whole(name)[offset : offset + length]
        return self._read_large(entry, offset, length)

    def is_whole(self, name: str) -> bool:
        """Whether a file is fetched whole and checked: git holds it itself, and it is small."""
        return name in self._blob_ids and self._entry(name).size <= MAX_WHOLE

    def whole(self, name: str) -> bytes:
        """A small file's bytes, checked against its git blob id. May be called from several threads.

        Raises:
            ModelError: Other bytes than the listing promises.
            HubError: The Hub refused or could not be reached.
        """
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        entry = self._entry(name)
        raw = self._fetch(entry, 0, entry.size) if entry.size else b""
        found = hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()
        if found != self._blob_ids[name]:
            raise self._other_bytes(name, f"git blob {self._blob_ids[name]}", found)
        with self._lock:
            self._kept[name] = raw
            while sum(map(len, self._kept.values())) > MAX_KEPT and len(self._kept) > 1:
                self._kept.popitem(last=False)
        return raw

    def _read_large(self, entry: FileEntry, offset: int, length: int) -> bytes:
        head = min(READ_AHEAD, entry.size)
        if offset + length <= head:
            return self._heads.get(entry.name)[offset : offset + length]
        return self._fetch(entry, offset, length)

    def _head(self, name: str) -> bytes:
        entry = self._entry(name)
        return self._fetch(entry, 0, min(READ_AHEAD, entry.size))

    def _fetch(self, entry: FileEntry, offset: int, length: int) -> bytes:
        url = self.locate(entry.name)
        raw = self.client.read_range(url, self.revision.sha, offset, length, entry.size)
        if length == entry.size and entry.sha256:
            found = hashlib.sha256(raw).hexdigest()
            if found != entry.sha256:
                raise self._other_bytes(entry.name, f"sha256 {entry.sha256}", found)
        return raw

    def _entry(self, name: str) -> FileEntry:
        entry = self._entries.get(name)
        if entry is None:
            message = f"there is no file {name!r} at this revision"
            raise ModelError(message, where=self.locate(name), code="no_such_file")
        return entry

    def _other_bytes(self, name: str, listed: str, found: str) -> ModelError:
        hint = "the host serves other bytes than it lists: do not use this copy; ask the model's first host"
        message = f"listed as {listed}, served as {found}"
        return ModelError(message, where=self.locate(name), hint=hint, code="digest_mismatch")


def open_on_hub(client: HubClient, repo: str, revision: str = "", *, reference: str = "") -> HubSource:
    """Pin a revision to its commit and list what lies there.

    Args:
        client: Who asks, and where.
        repo: ``owner/name``.
        revision: Branch, tag or commit; empty for the head of the default branch.
        reference: The model as the user wrote it; ``repo`` unless given.

    Raises:
        HubError: Refused or unreachable; its ``code`` says which (:mod:`weightgate.inspect.hub.errors`).
        ModelError: A listing that no repo can have.
    """
    seen = client.revision(repo, revision)
    files = client.tree(repo, seen.sha)
    where = f"{client.endpoint}/{repo}/tree/{seen.sha}"
    entries: dict[str, FileEntry] = {}
    blob_ids: dict[str, str] = {}
    ignored: list[str] = []
    for file in sorted(_checked(files, where), key=lambda f: f.path):
        if is_ignored(file.path):
            ignored.append(file.path)
            continue
        if file.path in entries:
            raise HubError(f"{file.path!r} is listed twice", where=where, code=MALFORMED)
        sha256 = file.lfs.sha256.lower() if file.lfs is not None else ""
        entries[file.path] = FileEntry(file.path, file.size, sha256)
        if file.lfs is None:
            blob_ids[file.path] = file.blob_id
    if not entries:
        message = "the model is empty: no file at this revision"
        raise ModelError(message, where=where, hint="check the name and the revision", code="empty_model")
    return HubSource(
        client, repo, seen, entries, blob_ids, reference=reference or repo, ignored=tuple(ignored)
    )


def _checked(files: Iterable[RepoFile], where: str) -> Iterable[RepoFile]:
    """The listing's files, each with a name that stays inside, a size, and ids of the right shape."""
    for file in files:
        _check_name(file.path, where)
        # The client stores whatever JSON arrives.
        size: object = file.size
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise HubError(f"{file.path!r} is listed with {size!r} bytes", where=where, code=MALFORMED)
        listed: object = file.blob_id if file.lfs is None else file.lfs.sha256
        shape = _GIT_SHA1 if file.lfs is None else _SHA256
        if not isinstance(listed, str) or not shape.fullmatch(listed.lower()):
            raise HubError(
                f"{file.path!r} is listed with id {str(listed)[:80]!r}", where=where, code=MALFORMED
            )
        yield file


def _check_name(name: object, where: str) -> None:
    """Raise ModelError unless a path is one that a folder can hold too, and stays inside the model."""
    hint = "the listing was tampered with, or its author means harm: do not download this model"
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise ModelError(f"a file name {str(name)[:80]!r}…", where=where, hint=hint, code="bad_name")
    try:
        plain = normal_name(name)
    except ModelError as error:
        raise ModelError(error.message, where=where, hint=hint, code=error.code) from None
    if plain != name:
        raise ModelError(f"the file name {name!r} is not normal", where=where, hint=hint, code="bad_name")
