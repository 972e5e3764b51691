"""A model in a local folder, read so that nothing outside the folder can get in.

Symbolic links are refused, with one exception: a snapshot in the Hugging Face cache consists of links to
``blobs`` of the same repository (``models--owner--name/snapshots/REVISION/FILE -> ../../blobs/HASH``). These are
read under the link's name.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from weightgate.errors import ModelError, UnreachableError
from weightgate.inspect.manifest_names import is_ignored, normal_name, parents_of
from weightgate.inspect.source import MAX_RANGE, FileEntry

MAX_FILES = 100_000
MAX_DEPTH = 32

_CACHED_REPO = re.compile(r"(?:models|datasets|spaces)--.+")
_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_HINT_LINK = "put the file itself into the folder"


class _Found(NamedTuple):
    """A file as the listing met it: where it is to be opened, and what it was."""

    folder: str
    parts: tuple[str, ...]
    device: int
    inode: int


class _Folder(NamedTuple):
    """A folder of the listing: the prefix of its files' names, where it is, and the folders gone through to it."""

    prefix: str
    path: Path
    trail: tuple[Path, ...]

    def inner(self, name: str, path: Path) -> _Folder:
        return _Folder(f"{name}/", path, (*self.trail, path))


class FolderSource:
    """A model in a folder, or a single file as a model.

    The folder is listed once, when the source is made. A file that has been replaced since is refused when it is
    opened.

    Args:
        path: The folder, or a single file, whose basename is then its name (as in model signing).
        reference: The model as the user wrote it; ``path`` unless given.
        ignore: Paths relative to the folder to leave out, with all below them; no patterns.
        keep: Names of files that are part of the model although they, or folders around them, would be left out.
        only: Names of the only files to look at; all unless given.
        follow_links: Whether symbolic links are followed, and what they lead to goes under the link's name.

    Attributes:
        ignored: Names left out, folders as one name each, in code-point order.
        notes: What is odd about links that were followed, in sentences.

    Raises:
        ModelError: A link, a device, a name that is not UTF-8, too many files, or no file at all.
        UnreachableError: The folder is not there or may not be read.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        reference: str | None = None,
        ignore: Collection[str] = (),
        keep: Collection[str] = (),
        only: Collection[str] | None = None,
        follow_links: bool = False,
    ) -> None:
        self._reference = os.fspath(path) if reference is None else reference
        self._given = Path(path)
        self._ignore = frozenset(normal_name(name) for name in ignore)
        self._keep = _with_parents(keep)
        self._only = None if only is None else _with_parents(only)
        self._follow = follow_links
        self.notes: list[str] = []
        self._found: dict[str, _Found] = {}
        self._sizes: dict[str, int] = {}
        ignored: list[str] = []
        try:
            self._list(ignored)
        except OSError as error:
            raise UnreachableError(
                f"cannot be read: {error.strerror}", where=str(error.filename or path), hint="check the path"
            ) from None
        if not self._sizes:
            raise ModelError(
                "the model is empty: no file in it",
                where=str(path),
                hint="check the path",
                code="empty_model",
            )
        self._entries = {name: FileEntry(name, self._sizes[name]) for name in sorted(self._sizes)}
        self.ignored = tuple(sorted(ignored))

    @property
    def reference(self) -> str:
        """The model as the user wrote it."""
        return self._reference

    @property
    def entries(self) -> Mapping[str, FileEntry]:
        """Every file of the model by name, in code-point order."""
        return self._entries

    def locate(self, name: str) -> str:
        """Path of a file as the user would write it, for evidence and messages: where the folder lies is nobody's business."""
        return self._reference if not self._given.is_dir() else f"{self._reference.rstrip('/')}/{name}"

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Bytes of a file, fewer where it ends sooner.

        Raises:
            ModelError: No such file, it was replaced, or ``length`` is above the limit.
            UnreachableError: The file may not be read.
        """
        if length > MAX_RANGE:
            raise ModelError(f"{length} bytes at once, at most {MAX_RANGE} are read", where=self.locate(name))
        descriptor = self.open(name)
        try:
            # Room for all that is asked for is made before anything is read.
            return os.pread(descriptor, max(min(length, self._sizes[name] - offset), 0), offset)
        except OSError as error:
            raise self._unreadable(name, error) from None
        finally:
            os.close(descriptor)

    def open(self, name: str) -> int:
        """A descriptor of a file, for reading; the caller closes it.

        Every part of the path is opened without following a link, and the file must be the one that was listed.

        Raises:
            ModelError: No such file in the model, or it has been replaced since the folder was listed.
            UnreachableError: The file may not be read.
        """
        found = self._found.get(name)
        if found is None:
            raise ModelError(f"no file {name!r} in the model", where=str(self._given), code="no_such_file")
        try:
            descriptor = _open_below(found.folder, found.parts)
        except OSError as error:
            raise self._unreadable(name, error) from None
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) != (found.device, found.inode) or not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise ModelError(
                "replaced by another file while the model was read",
                where=self.locate(name),
                hint="let nothing write to the model while it is checked",
                code="changed_while_read",
            )
        return descriptor

    def _unreadable(self, name: str, error: OSError) -> UnreachableError:
        return UnreachableError(f"cannot be read: {error.strerror}", where=self.locate(name))

    def _list(self, ignored: list[str]) -> None:
        status = self._given.stat()
        if stat.S_ISDIR(status.st_mode):
            self._root = self._given.resolve()
            self._blobs = _blobs_of(self._root)
            self._walk(ignored)
            return
        # A single file: its folder is looked at only for the cache layout.
        self._root = self._given.parent.resolve()
        self._blobs = _blobs_of(self._root)
        name = self._given.name
        if self._follow and self._given.is_symlink() and not self._is_blob(name):
            self._take_link(name, _Folder("", self._root, ()), [])
        else:
            self._take(name, self._given.lstat())

    def _walk(self, ignored: list[str]) -> None:
        folders = [_Folder("", self._root, (self._root,))]
        seen = 0
        while folders:
            folder = folders.pop()
            with os.scandir(folder.path) as entries:
                for entry in entries:
                    seen += 1
                    name = folder.prefix + entry.name
                    if seen > MAX_FILES or name.count("/") > MAX_DEPTH:
                        raise ModelError(
                            f"more than {MAX_FILES} files, or folders nested over {MAX_DEPTH} deep",
                            where=str(self._root),
                            code="too_large",
                        )
                    if self._only is not None and name not in self._only:
                        continue
                    if self._leaves_out(name):
                        ignored.append(name)
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append(folder.inner(name, folder.path / entry.name))
                    elif self._follow and entry.is_symlink() and not self._is_blob(name):
                        self._take_link(name, folder, folders)
                    else:
                        self._take(name, entry.stat(follow_symlinks=False), folder)

    def _leaves_out(self, name: str) -> bool:
        if name in self._keep:
            return False
        # The folders around a file that is kept are gone through: what else lies in them is left out one by one.
        if is_ignored(name) or name in self._ignore:
            return True
        return bool(self._keep and self._ignore) and any(p in self._ignore for p in parents_of(name))

    def _take_link(self, name: str, folder: _Folder, folders: list[_Folder]) -> None:
        """Note what a link leads to under the link's name."""
        from weightgate.inspect.links import follow

        target = follow(folder.path / name.rpartition("/")[2], name, self._root, folder.trail)
        if target.note:
            self.notes.append(target.note)
        if target.is_folder and not target.cycle:
            folders.append(folder.inner(name, target.path))
        elif not target.is_folder:
            self._note(name, target.path.parent, (target.path.name,), target.status)

    def _take(self, name: str, status: os.stat_result, inside: _Folder | None = None) -> None:
        """Note one file of the listing, after looking at what it is."""
        folder, parts = self._root, tuple(name.split("/"))
        if inside is not None and self._follow:
            folder, parts = inside.path, parts[-1:]
        if stat.S_ISLNK(status.st_mode):
            folder, blob = self._blob(name)
            parts = (blob,)
            status = os.lstat(folder / blob)
        self._note(name, folder, parts, status)

    def _note(self, name: str, folder: Path, parts: tuple[str, ...], status: os.stat_result) -> None:
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            where = os.fsencode(self._root / name).decode("utf-8", "backslashreplace")
            raise ModelError("a file name that is not valid UTF-8", where=where, code="bad_name") from None
        if not stat.S_ISREG(status.st_mode):
            raise ModelError(
                "neither a file nor a folder", where=self.locate(name), hint="remove it", code="not_a_file"
            )
        self._found[name] = _Found(str(folder), parts, status.st_dev, status.st_ino)
        self._sizes[name] = status.st_size

    def _is_blob(self, name: str) -> bool:
        """Whether a link is one of a cache snapshot's, which are files of the model and need nobody's leave."""
        link = self._root / name
        target = Path(os.path.normpath(link.parent / os.readlink(link)))
        return self._blobs is not None and target.parent == self._blobs

    def _blob(self, name: str) -> tuple[Path, str]:
        """The blob that a link of a cache snapshot stands for."""
        link = self._root / name
        target = os.readlink(link)
        reached = Path(os.path.normpath(link.parent / target))
        if self._blobs is not None and reached.parent == self._blobs:
            return self._blobs, reached.name
        if reached.is_relative_to(self._root):
            message, code = f"a symbolic link to {target!r}: links are not part of a model", "symlink"
        else:
            message, code = f"a symbolic link that leads out of the model, to {target!r}", "symlink_out"
        raise ModelError(message, where=str(link), hint=self._link_hint(name), code=code)

    def _link_hint(self, name: str) -> str:
        if _CACHED_REPO.fullmatch(self._root.name) and name.startswith("snapshots/"):
            return "this is a repository in the Hugging Face cache: give one folder of its snapshots"
        return _HINT_LINK


def _with_parents(names: Collection[str]) -> frozenset[str]:
    """The names, and those of the folders around them."""
    return frozenset(names).union(*map(parents_of, names))


def _blobs_of(root: Path) -> Path | None:
    """Folder of the blobs when ``root`` is a snapshot of the Hugging Face cache, or lies in one; else None."""
    for folder in (root, *root.parents):
        if folder.parent.name == "snapshots" and _CACHED_REPO.fullmatch(folder.parent.parent.name):
            blobs = folder.parent.parent / "blobs"
            return None if blobs.is_symlink() else blobs
    return None


def _open_below(folder: str, parts: tuple[str, ...]) -> int:
    """Open ``folder/parts…``, following no link below ``folder``."""
    if len(parts) == 1:
        return os.open(f"{folder}/{parts[0]}", _OPEN)
    descriptor = os.open(folder, _OPEN | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _OPEN | os.O_DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        return os.open(parts[-1], _OPEN, dir_fd=descriptor)
    finally:
        os.close(descriptor)
