"""Weights written by ``torch.save``: a zip of one pickle and one member for each storage. Nothing is unpickled.

Format: https://pytorch.org/docs/stable/notes/serialization.html. The pickle ``NAME/data.pkl`` describes the tensors
and refers to storages, whose bytes are the members ``NAME/data/0``, ``NAME/data/1`` …, stored without compression.
Files from before PyTorch 1.6 are bare pickles: what they would import is looked at, their weights are not.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from weightgate.errors import ModelError
from weightgate.inspect.source import ModelSource
from weightgate.inspect.weights.pickle_machine import STORAGES, Storage, Tensor
from weightgate.inspect.weights.pickle_safety import require_safe
from weightgate.inspect.weights.pickle_sniff import begins_as_pickle, may_begin_as_pickle
from weightgate.inspect.weights.pickles import Scan, scan_pickle
from weightgate.inspect.weights.tensors import TensorInfo
from weightgate.inspect.weights.zips import START, members_of, open_zip, read_member
from weightgate.records import record

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterable

MAX_PICKLE = 64 * 1024 * 1024
MAX_LEGACY = 16 * 1024 * 1024
"""How far into a file without a zip its pickles are followed, in bytes."""

MAX_PICKLES = 64
"""How many pickles that follow one another are looked at in a file that ``torch.save`` did not write."""

# A file of the old format begins with five pickles: magic number, protocol, system, object, storage keys; what
# follows are the storages' own bytes.
_LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_LEGACY_PICKLES = 5
_SNIFF = 64 * 1024
_PROTO, _NEWEST_PROTOCOL = 0x80, 5
_TAR_BLOCK, _TAR_CHECKSUM = 512, slice(148, 156)


@record
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


def is_pickled(source: ModelSource, name: str) -> bool:
    """Whether a load by torch or pickle would take this file: a zip, a pickle, or what begins as one."""
    sniffed = source.read(name, 0, _SNIFF)
    if sniffed[:4] == START or _has_protocol(sniffed):
        return True
    if source.entries[name].size <= _SNIFF:
        return begins_as_pickle(sniffed)
    return may_begin_as_pickle(sniffed) and begins_as_pickle(source.read(name, 0, MAX_LEGACY))


def is_tar(source: ModelSource, name: str) -> bool:
    """Whether a file is a tar, as torch.save wrote them before PyTorch 0.1.10 and torch.load still reads them."""
    block = source.read(name, 0, _TAR_BLOCK)
    if len(block) < _TAR_BLOCK or not block[0]:
        return False
    checksum = block[_TAR_CHECKSUM].strip(b" \0")
    if not checksum or checksum.translate(None, b"01234567"):
        return False
    blank = block[: _TAR_CHECKSUM.start] + b" " * 8 + block[_TAR_CHECKSUM.stop :]
    return int(checksum, 8) == sum(blank)


def read_torch(source: ModelSource, name: str) -> TorchFile:
    """Look at one file of ``torch.save``, with or without a zip.

    Raises:
        ModelError: Damaged, lying, or unsafe to load (code ``unsafe_pickle``).
        UnreachableError: The host did not answer.
    """
    if source.read(name, 0, 4) == START:
        return _read_zip(source, name)
    scans = scan_pickles(source, name)
    for scan in scans:
        require_safe(scan, source.locate(name))
    found = dict.fromkeys(str(item) for scan in scans for item in scan.globals)
    return TorchFile(name, (), None, "written before PyTorch 1.6: a bare pickle", (), tuple(found), ())


def scan_pickles(source: ModelSource, name: str) -> list[Scan]:
    """Walk over every pickle of a file: those in its zip, or those that follow one another from its beginning.

    Raises:
        ModelError: A pickle that cannot be followed, or a damaged zip.
    """
    where = source.locate(name)
    if source.read(name, 0, 4) == START:
        archive = open_zip(source, name)
        return [scan for _, scan in _pickles(archive, members_of(archive, where), where)]
    raw = source.read(name, 0, MAX_LEGACY)
    most = _LEGACY_PICKLES if raw.startswith(_LEGACY_MAGIC) else MAX_PICKLES
    scans = [scan_pickle(raw, where)]
    position = scans[0].end
    while (
        position < len(raw) and len(scans) < most and (scan := _next_pickle(raw[position:], where, position))
    ):
        scans.append(scan)
        position += scan.end
    return scans


def _has_protocol(raw: bytes) -> bool:
    return len(raw) > 1 and raw[0] == _PROTO and raw[1] <= _NEWEST_PROTOCOL


def _next_pickle(raw: bytes, where: str, base: int) -> Scan | None:
    """The pickle after another one; None when there is none that would import anything."""
    try:
        return scan_pickle(raw, where, base=base)
    except ModelError as error:
        if error.code == "unsafe_pickle" or begins_as_pickle(raw):
            raise
        return None


def _read_zip(source: ModelSource, name: str) -> TorchFile:
    where = source.locate(name)
    archive = open_zip(source, name)
    members = members_of(archive, where)
    folders = {info.filename.partition("/")[0] for info in members}
    if len(folders) > 1:
        raise _bad(f"members in several folders ({', '.join(sorted(folders))[:200]}), needed one", where)
    main: Scan | None = None
    prefix = ""
    for member, scan in _pickles(archive, members, where):
        require_safe(scan, f"{where}: {member}")
        if member.endswith("/data.pkl") and member.count("/") == 1:
            main, prefix = scan, member.removesuffix("data.pkl")
    if main is None:
        raise _bad("no data.pkl in the zip: not written by torch.save", where)
    sizes = {
        info.filename.removeprefix(prefix + "data/"): info.file_size
        for info in members
        if info.filename.startswith(prefix + "data/")
    }
    _check_storages(main.storages.values(), sizes, where)
    return _torch_file(name, main, sizes)


def _pickles(
    archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo], where: str
) -> Iterator[tuple[str, Scan]]:
    """Every pickle among the members, by name."""
    for info in members:
        # A reader without regard to case takes DATA.PKL for data.pkl.
        if info.filename.lower().endswith(".pkl"):
            yield info.filename, _scan_member(archive, info, where)


def _scan_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> Scan:
    place = f"{where}: {info.filename}"
    if info.file_size > MAX_PICKLE:
        raise _bad(f"a pickle of {info.file_size} bytes, at most {MAX_PICKLE} are read", place)
    raw = read_member(archive, info, place)
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
