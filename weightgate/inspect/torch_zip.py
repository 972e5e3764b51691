"""Weights written by ``torch.save``: a zip of one pickle and one member for each storage. Nothing is unpickled.

Format: https://pytorch.org/docs/stable/notes/serialization.html. The pickle ``NAME/data.pkl`` describes the tensors
and refers to storages, whose bytes are the members ``NAME/data/0``, ``NAME/data/1`` …, stored without compression.
Files from before PyTorch 1.6 are bare pickles: what they would import is looked at, their weights are not.
"""

from __future__ import annotations

import io
import math
import struct
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weightgate.errors import ModelError
from weightgate.inspect.pickle_machine import STORAGES, Storage, Tensor
from weightgate.inspect.pickle_safety import require_safe
from weightgate.inspect.pickles import Scan, begins_as_pickle, scan_pickle
from weightgate.inspect.source import ModelSource
from weightgate.inspect.tensors import TensorInfo

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterable

MAX_PICKLE = 64 * 1024 * 1024
MAX_MEMBERS = 200_000
MAX_DIRECTORY = 64 * 1024 * 1024
"""Longest zip directory that is read, in bytes."""

MAX_LEGACY = 16 * 1024 * 1024
"""How far into a file without a zip its pickles are followed, in bytes."""

_LEGACY_PICKLES = 5
_BLOCK = 256 * 1024
_SNIFF = 64 * 1024
_LOCAL_HEADER = 30
_END_RECORD = 22
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class TorchFile:
    """What one file of ``torch.save`` holds.

    Attributes:
        file: Name of the file inside the model.
        tensors: Tensors of the state dict; tensors that share a storage count once, under the first name.
        elements: Logical parameters; None when they cannot be told.
        reason: Why ``elements`` is None.
        names: All names of the state dict.
        globals: Dotted names that a load would import.
        notes: What is odd without being an error.
    """

    file: str
    tensors: tuple[TensorInfo, ...]
    elements: int | None
    reason: str
    names: tuple[str, ...]
    globals: tuple[str, ...]
    notes: tuple[str, ...]


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
            raise ModelError(
                f"a zip directory of {count} bytes, at most {MAX_DIRECTORY} are read",
                where=self._source.locate(self._name),
                code="torch",
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


def is_pickled(source: ModelSource, name: str) -> bool:
    """Whether a load by torch or pickle would take this file: a zip, a pickle, or what begins as one."""
    start = source.read(name, 0, 4)
    if start == b"PK\x03\x04" or (len(start) > 1 and start[0] == 0x80 and start[1] <= 5):
        return True
    return begins_as_pickle(source.read(name, 0, _SNIFF))


def read_torch(source: ModelSource, name: str) -> TorchFile:
    """Look at one file of ``torch.save``, with or without a zip.

    Raises:
        ModelError: Damaged, lying, or unsafe to load (code ``unsafe_pickle``).
        UnreachableError: The host did not answer.
    """
    if source.read(name, 0, 4) == b"PK\x03\x04":
        return _read_zip(source, name)
    scans = scan_pickles(source, name)
    for scan in scans:
        require_safe(scan, source.locate(name))
    found = dict.fromkeys(str(item) for scan in scans for item in scan.globals)
    return TorchFile(name, (), None, "written before PyTorch 1.6: a bare pickle", (), tuple(found), ())


def scan_pickles(source: ModelSource, name: str) -> list[Scan]:
    """Walk over every pickle of a file: those in its zip, or those at its beginning.

    Raises:
        ModelError: A pickle that cannot be followed, or a damaged zip.
    """
    where = source.locate(name)
    if source.read(name, 0, 4) == b"PK\x03\x04":
        archive = _open(source, name)
        pickles = [info for info in _members(archive, source, name) if info.filename.endswith(".pkl")]
        return [_scan_member(archive, info, where) for info in pickles]
    raw = source.read(name, 0, MAX_LEGACY)
    scans: list[Scan] = []
    position = 0
    # A file of the old format begins with five pickles: magic number, protocol, system, object, storage keys.
    while position < len(raw) and len(scans) < _LEGACY_PICKLES and (not scans or raw[position] == 0x80):
        scans.append(scan_pickle(raw[position:], where, base=position))
        position += scans[-1].end
    return scans


def _read_zip(source: ModelSource, name: str) -> TorchFile:
    where = source.locate(name)
    archive = _open(source, name)
    members = _members(archive, source, name)
    main: Scan | None = None
    prefix = ""
    for info in members:
        if info.filename.endswith(".pkl"):
            scan = _scan_member(archive, info, where)
            require_safe(scan, f"{where}: {info.filename}")
            if info.filename.endswith("/data.pkl") and info.filename.count("/") == 1:
                main, prefix = scan, info.filename.removesuffix("data.pkl")
    if main is None:
        raise _bad("no data.pkl in the zip: not written by torch.save", where)
    sizes = {
        info.filename.removeprefix(prefix + "data/"): info.file_size
        for info in members
        if info.filename.startswith(prefix + "data/")
    }
    _check_storages(main.storages.values(), sizes, where)
    return _torch_file(name, main, sizes)


def _open(source: ModelSource, name: str) -> zipfile.ZipFile:
    import zipfile

    # Readers differ in which directory they take when there is data before or after the zip: allow neither.
    if source.read(name, max(source.entries[name].size - _END_RECORD, 0), 4) != b"PK\x05\x06":
        raise _bad(
            "the zip does not end where the file ends: truncated, or something was added", source.locate(name)
        )
    try:
        return zipfile.ZipFile(RangedFile(source, name))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as error:
        raise _bad(f"the zip cannot be read: {error}", source.locate(name)) from None


def _members(archive: zipfile.ZipFile, source: ModelSource, name: str) -> list[zipfile.ZipInfo]:
    """The members, in the order of their bytes, after a look at what a directory can lie about."""
    where = source.locate(name)
    members = sorted(archive.infolist(), key=lambda info: info.header_offset)
    if len(members) > MAX_MEMBERS:
        raise _bad(f"{len(members)} members, at most {MAX_MEMBERS} are read", where)
    if len({info.filename for info in members}) != len(members):
        raise _bad("two members have one name", where)
    end = 0
    if members and members[0].header_offset:
        raise _bad(f"{members[0].header_offset} bytes before the first member", where)
    for info in members:
        what = f"member {info.filename!r}"
        if info.flag_bits & _ENCRYPTED:
            raise _bad(f"{what} is encrypted", where)
        if info.compress_type or info.compress_size != info.file_size:
            raise _bad(f"{what} is compressed, which torch.save never does", where)
        if info.header_offset < end:
            raise _bad(f"{what} overlaps the one before it", where)
        end = info.header_offset + _LOCAL_HEADER + len(info.filename.encode()) + info.file_size
    if end > archive.start_dir:
        raise _bad(f"members go on to offset {end}, into the directory at {archive.start_dir}", where)
    return members


def _scan_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> Scan:
    import zipfile

    place = f"{where}: {info.filename}"
    if info.file_size > MAX_PICKLE:
        raise _bad(f"a pickle of {info.file_size} bytes, at most {MAX_PICKLE} are read", place)
    try:
        with archive.open(info) as stream:
            raw = stream.read(MAX_PICKLE + 1)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        ValueError,
        EOFError,
        OverflowError,
        struct.error,
    ) as error:
        raise _bad(f"the member cannot be read: {error}", place) from None
    scan = scan_pickle(raw, place)
    if scan.end != len(raw):
        raise _bad(f"{len(raw) - scan.end} bytes after the end of the pickle", f"{place}: offset {scan.end}")
    return scan


def _check_storages(storages: Iterable[Storage], sizes: Mapping[str, int], where: str) -> None:
    for storage in storages:
        width = STORAGES[storage.kind][1]
        found = sizes.get(storage.key)
        if found is None:
            raise _bad(f"storage {storage.key!r} is not in the zip", where)
        if found != storage.elements * width:
            needed = f"{storage.elements} elements of {width} bytes"
            raise _bad(f"storage {storage.key!r} has {found} bytes, but should hold {needed}", where)


def _torch_file(name: str, scan: Scan, sizes: Mapping[str, int]) -> TorchFile:
    imports = tuple(dict.fromkeys(str(item) for item in scan.globals))
    notes = []
    if unused := sizes.keys() - scan.storages.keys():
        notes.append(f"{len(unused)} storages in the zip are used by no tensor")
    if scan.state_dict is None:
        reason = "its pickle is no plain map of names to tensors"
        return TorchFile(name, (), None, reason, (), imports, tuple(notes))
    tensors = []
    for users in _by_storage(scan.state_dict).values():
        first, tensor = users[0]
        elements = _elements([item for _, item in users])
        if elements is None:
            reason = f"several tensors are parts of one storage ({first!r} and others), perhaps overlapping"
            return TorchFile(name, (), None, reason, tuple(scan.state_dict), imports, tuple(notes))
        tensors.append(TensorInfo(first, STORAGES[tensor.storage.kind][0], tensor.shape, elements))
    total = sum(tensor.elements for tensor in tensors)
    return TorchFile(name, tuple(tensors), total, "", tuple(scan.state_dict), imports, tuple(notes))


def _by_storage(state: Mapping[str, Tensor]) -> Mapping[str, list[tuple[str, Tensor]]]:
    users: defaultdict[str, list[tuple[str, Tensor]]] = defaultdict(list)
    for name, tensor in state.items():
        users[tensor.storage.key].append((name, tensor))
    return users


def _elements(tensors: list[Tensor]) -> int | None:
    """Parameters in a storage, of which a tensor may use a part only; None when that cannot be told."""
    stored = tensors[0].storage.elements
    counts = [math.prod(tensor.shape) for tensor in tensors]
    if max(counts) >= stored:
        return stored
    return counts[0] if len(set(tensors)) == 1 else None


def _bad(message: str, where: str) -> ModelError:
    return ModelError(
        message, where=where, hint="the file is damaged or was not written by torch.save", code="torch"
    )
