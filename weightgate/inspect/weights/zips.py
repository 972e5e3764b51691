"""Zips, opened only when every reader sees the same members in them.

A zip can show one content to Python and another to the reader that loads it (for weights, miniz in PyTorch): by a
second directory, by names that differ in case alone, by members that lie over one another. What looks in such a zip
and what loads it must not see two things, so anything that no writer of weights does is refused.

Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.12 to 4.3.16 and 4.5.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

from weightgate.errors import ModelError
from weightgate.inspect.source import ModelSource

if TYPE_CHECKING:
    import zipfile

MAX_MEMBERS = 200_000
MAX_DIRECTORY = 64 * 1024 * 1024
"""Longest directory, and longest member, that is read, in bytes."""

START = b"PK\x03\x04"
"""First bytes of a zip with a member."""

_BLOCK = 256 * 1024
_LOCAL_HEADER = 30
_ENCRYPTED, _UTF8 = 0x1, 0x800
_END = struct.Struct("<4s4H2IH")
_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
_TAIL = _END64.size + _LOCATOR.size + _END.size
_END64_REST = _END64.size - 12  # its size leaves out signature and size
_ZIP64_EXTRA, _UNICODE_PATH = 0x0001, 0x7075


class RangedFile(io.RawIOBase):
    """A file of a model as a seekable stream of bytes, read in blocks.

    Args:
        source: The model.
        name: The file.
    """

    def __init__(self, source: ModelSource, name: str) -> None:
        super().__init__()
        self._source = source
        self._name = name
        self._size = source.entries[name].size
        self._position = 0
        self._block = b""
        self._begin = 0

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def seekable(self) -> bool:
        """Whether it can be sought in: yes."""
        return True

    def tell(self) -> int:
        """The position, in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position; before the beginning raises ValueError, as files do."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, all of them that the file has.

        Raises:
            ModelError: More is asked for than any directory or pickle may have.
        """
        left = max(self._size - self._position, 0)
        count = left if size is None or size < 0 else min(size, left)
        if count > MAX_DIRECTORY:
            raise _bad(
                f"a zip directory of {count} bytes, at most {MAX_DIRECTORY} are read",
                self._source.locate(self._name),
            )
        skip = self._position - self._begin
        if skip < 0 or skip + count > len(self._block):
            # The directory is at the end and read backwards: keep what lies before the position as well.
            self._begin = max(min(self._position, self._size - _BLOCK), 0)
            skip = self._position - self._begin
            self._block = self._source.read(self._name, self._begin, max(skip + count, _BLOCK))
        found = self._block[skip : skip + count]
        self._position += len(found)
        return found


def open_zip(source: ModelSource, name: str) -> zipfile.ZipFile:
    """Open a zip, after a look at its end.

    Raises:
        ModelError: Damaged, or with a directory that readers may find in two places.
        UnreachableError: The host did not answer.
    """
    import zipfile

    _check_end(source, name)
    try:
        return zipfile.ZipFile(RangedFile(source, name))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as error:
        raise _bad(f"the zip cannot be read: {error}", source.locate(name)) from None


def members_of(archive: zipfile.ZipFile, where: str) -> list[zipfile.ZipInfo]:
    """The members, in the order of their bytes, after a look at what a directory can lie about.

    Raises:
        ModelError: Too many, compressed or encrypted ones, some that overlap, or names that readers take in two ways.
    """
    members = sorted(archive.infolist(), key=lambda info: info.header_offset)
    if len(members) > MAX_MEMBERS:
        raise _bad(f"{len(members)} members, at most {MAX_MEMBERS} are read", where)
    # miniz looks names up without regard to case.
    if len({info.filename.lower() for info in members}) != len(members):
        raise _bad("two members have one name, or names that differ in case alone", where)
    if members and members[0].header_offset:
        raise _bad(f"{members[0].header_offset} bytes before the first member", where)
    end = 0
    for info in members:
        _check_member(info, where)
        if info.header_offset < end:
            raise _bad(f"member {info.filename!r} overlaps the one before it", where)
        name = info.filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")
        end = info.header_offset + _LOCAL_HEADER + len(name) + info.file_size
    if end > archive.start_dir:
        raise _bad(f"members go on to offset {end}, into the directory at {archive.start_dir}", where)
    return members


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> bytes:
    """All bytes of a member.

    Args:
        archive: The zip.
        info: The member, one that :func:`members_of` gave.
        where: Place for messages.

    Raises:
        ModelError: Its own header says another thing than the directory, or its checksum is wrong.
        UnreachableError: The host did not answer.
    """
    import zipfile

    try:
        with archive.open(info) as stream:
            return stream.read()
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        ValueError,
        EOFError,
        OverflowError,
        struct.error,
    ) as error:
        raise _bad(f"the member cannot be read: {error}", where) from None


def _check_end(source: ModelSource, name: str) -> None:
    """See that every reader finds one and the same directory: at the very end, and where the end says."""
    where, size = source.locate(name), source.entries[name].size
    tail = source.read(name, max(size - _TAIL, 0), _TAIL)
    if tail[-_END.size : -_END.size + 4] != b"PK\x05\x06" or tail[-2:] != b"\0\0":
        raise _bad("the zip does not end where the file ends: truncated, or something was added", where)
    _, disk, disks, here, total, length, offset, _ = _END.unpack(tail[-_END.size :])
    start = size - _END.size
    if tail[-_END.size - _LOCATOR.size :].startswith(b"PK\x06\x07"):
        start = size - _TAIL
        wide = _end64(tail, start, where)
        for narrow, exact, ones in zip((here, total, length, offset), wide, _ALL_ONES, strict=True):
            if narrow not in (exact, ones):
                raise _bad(f"the zip's two ends disagree: {narrow} and {exact}", where)
        here, total, length, offset = wide
    if disk or disks or here != total:
        raise _bad("a zip in several parts", where)
    if offset + length != start:
        message = f"its directory of {length} bytes at {offset} does not end at {start}, where its end is"
        raise _bad(message, where)


_ALL_ONES = (2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1)


def _end64(tail: bytes, start: int, where: str) -> tuple[int, int, int, int]:
    """What the end of a zip64 says: members here, members in all, bytes and offset of the directory."""
    _, disk, place, disks = _LOCATOR.unpack(tail[-_END.size - _LOCATOR.size : -_END.size])
    if len(tail) < _TAIL or tail[:4] != b"PK\x06\x06" or place != start:
        raise _bad(f"the end of the zip64 is said to be at {place}, needed {max(start, 0)}", where)
    _, rest, _, _, this_disk, first_disk, *counts = _END64.unpack(tail[: _END64.size])
    if rest != _END64_REST or disk or this_disk or first_disk or disks > 1:
        raise _bad("a zip in several parts, or with more in its end than belongs there", where)
    here, total, length, offset = counts
    return here, total, length, offset


def _check_member(info: zipfile.ZipInfo, where: str) -> None:
    what = f"member {info.filename!r}"
    if info.flag_bits & _ENCRYPTED:
        raise _bad(f"{what} is encrypted", where)
    if info.compress_type or info.compress_size != info.file_size:
        raise _bad(f"{what} is compressed, which torch.save never does", where)
    tags = _extra_tags(info.extra)
    if info.orig_filename != info.filename or _UNICODE_PATH in tags:
        raise _bad(f"{what} has a second name, {info.orig_filename!r} or one in its extra field", where)
    if tags.count(_ZIP64_EXTRA) > 1:
        raise _bad(f"{what} states its size more than once", where)


def _extra_tags(extra: bytes) -> list[int]:
    """Kinds of the fields in a member's extra data."""
    tags = []
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, position)
        tags.append(tag)
        position += 4 + length
    return tags


def _bad(message: str, where: str) -> ModelError:
    return ModelError(
        message, where=where, hint="the file is damaged or was not written by torch.save", code="torch"
    )
