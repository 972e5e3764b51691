"""Headers of GGUF files: key-value metadata and the list of tensors, walked over without their data.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian. Sizes of the
quantised blocks are those of ``ggml.c`` (the ``type_traits`` table).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

from weightgate.errors import ModelError
from weightgate.inspect.source import MAX_RANGE, ModelSource
from weightgate.inspect.weights.tensors import Role, Tally, TensorInfo, WeightsSummary
from weightgate.records import record

MAX_HEADER = MAX_RANGE
"""Longest header accepted, in bytes. A vocabulary of 256,000 words takes about 11 MB."""

MAX_NAME = 65_535
MAX_DIMENSIONS = 4
MAX_TENSORS = 1_000_000
MAX_KEYS = 100_000
MAX_STRING = 1024 * 1024
"""Longest string value that is kept; longer ones, such as some licence texts and templates, are passed over."""

_FIRST_READ = 1024 * 1024
_STRING, _ARRAY, _BOOL = 8, 9, 7
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<B",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_U64 = struct.Struct("<Q")

BLOCKS = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
"""Name, elements of a block and bytes of a block, by ggml's number of the type."""

Metadata = dict[str, str | int | float | bool]


@record
class GgufHeader:
    """The header of one file, checked.

    Attributes:
        file: Name of the file inside the model.
        version: Of the format.
        metadata: Numbers, booleans and strings; arrays are left out.
        tensors: In the order of the file.
        strange: The first tensor of a type that this version does not know; empty when there is none.
    """

    file: str
    version: int
    metadata: Metadata
    tensors: tuple[TensorInfo, ...]
    strange: str


def read_gguf(source: ModelSource, name: str) -> GgufHeader:
    """Read and check the header of one file.

    Raises:
        ModelError: Not GGUF, big-endian, an unsupported version, truncated, or a header that says what cannot be.
        UnreachableError: The host did not answer.
    """
    window = _Window(source, name)
    version, tensor_count, key_count = _preamble(window)
    metadata: Metadata = {}
    seen: set[str] = set()
    for _ in range(key_count):
        key = window.text(MAX_NAME)
        if key in seen:
            raise window.bad(f"key {key!r} is there twice")
        seen.add(key)
        value = _value(window, window.u32())
        if value is not None:
            metadata[key] = value
    placed = _tensors(window, tensor_count)
    strange = _check_places(window, placed, _alignment(window, metadata))
    return GgufHeader(name, version, metadata, tuple(tensor for tensor, _, _ in placed), strange)


def summarize_gguf(headers: Sequence[GgufHeader], where: str) -> WeightsSummary:
    """Add up a file, or the files of a split model in their order.

    Raises:
        ModelError: The files do not belong together.
    """
    first = headers[0]
    _check_split(headers, where)
    tally = Tally()
    for header in headers:
        tally.add_tensors(header.tensors)
    strange = next((header.strange for header in headers if header.strange), "")
    return tally.summary(
        format="gguf",
        role=_role(first.metadata),
        files=[header.file for header in headers],
        reason=f"tensor {strange} has a type that this version does not know" if strange else "",
        metadata=first.metadata,
    )


class _Window:
    """The beginning of a file, read further as the walk gets on."""

    def __init__(self, source: ModelSource, name: str) -> None:
        self._source = source
        self._name = name
        self.where = source.locate(name)
        self.size = source.entries[name].size
        self.position = 0
        self._buffer = source.read(name, 0, min(_FIRST_READ, self.size))

    def bad(self, message: str) -> ModelError:
        """An error at this place."""
        return ModelError(
            message,
            where=f"{self.where}: offset {self.position}",
            hint="the file is damaged, or no GGUF file",
            code="gguf",
        )

    def need(self, count: int) -> None:
        """See that ``count`` more bytes are in the window."""
        end = self.position + count
        if end > self.size:
            raise self.bad(f"{count} bytes are needed here, the file ends at {self.size}")
        if end > MAX_HEADER:
            raise self.bad(f"the header goes on beyond {MAX_HEADER} bytes")
        have = len(self._buffer)
        if end <= have:
            return
        wanted = min(max(end, 2 * have), self.size, MAX_HEADER)
        self._buffer += self._source.read(self._name, have, wanted - have)
        if len(self._buffer) < end:
            raise self.bad(f"the file ends at {len(self._buffer)}, it was {self.size} bytes long")

    def take(self, count: int) -> bytes:
        """The next bytes."""
        self.need(count)
        begin = self.position
        self.position += count
        return self._buffer[begin : self.position]

    def u32(self) -> int:
        """The next number of four bytes."""
        return int.from_bytes(self.take(4), "little")

    def u64(self) -> int:
        """The next number of eight bytes."""
        return int.from_bytes(self.take(8), "little")

    def text(self, limit: int) -> str:
        """The next string, which must be UTF-8 and not longer than ``limit`` bytes."""
        length = self.u64()
        if length > limit:
            raise self.bad(f"a name of {length} bytes, at most {limit} are read")
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError:
            raise self.bad("a string that is not UTF-8") from None

    def skip(self, count: int) -> None:
        """Pass over bytes."""
        self.need(count)
        self.position += count

    def skip_strings(self, count: int) -> None:
        """Pass over strings, of which a vocabulary has some 100,000: none is built."""
        unpack = _U64.unpack_from
        while count:
            buffer, position, done = self._buffer, self.position, 0
            try:
                # Nothing is checked in here but that the next length is in the window.
                for done in range(count):  # noqa: B007  (how far it got)
                    position += 8 + unpack(buffer, position)[0]
                done = count
            except (struct.error, IndexError, OverflowError):
                pass
            self.position = position
            count -= done
            self.need(8 if count else 0)


def _preamble(window: _Window) -> tuple[int, int, int]:
    """Version, number of tensors, number of keys."""
    magic = window.take(4)
    if magic != b"GGUF":
        raise window.bad(f"begins with {magic!r}, not with b'GGUF'")
    version = window.u32()
    if version & 0xFFFF == 0:
        raise window.bad("big-endian GGUF is not read")
    if version not in (2, 3):
        raise window.bad(f"GGUF version {version}, only 2 and 3 are read")
    tensors, keys = window.u64(), window.u64()
    # The least a tensor takes: name length, dimensions, type, offset; a key: length, type, one byte.
    if tensors > MAX_TENSORS or keys > MAX_KEYS or tensors * 24 + keys * 13 > window.size:
        raise window.bad(f"claims {tensors} tensors and {keys} keys in a file of {window.size} bytes")
    return version, tensors, keys


def _value(window: _Window, kind: int) -> str | int | float | bool | None:
    """The next value; None for what is not kept."""
    if kind == _STRING:
        start = window.position
        length = window.u64()
        if length > MAX_STRING:
            window.skip(length)
            return None
        window.position = start
        return window.text(MAX_STRING)
    if kind == _ARRAY:
        _skip_array(window)
        return None
    code = _SCALARS.get(kind)
    if code is None:
        raise window.bad(f"unknown value type {kind}")
    value: int | float = struct.unpack(code, window.take(struct.calcsize(code)))[0]
    return bool(value) if kind == _BOOL else value


def _skip_array(window: _Window) -> None:
    kind, count = window.u32(), window.u64()
    if count > window.size:
        raise window.bad(f"an array of {count} elements in a file of {window.size} bytes")
    if kind == _STRING:
        window.skip_strings(count)
    elif kind in _SCALARS:
        window.skip(count * struct.calcsize(_SCALARS[kind]))
    else:
        # Arrays of arrays are in the specification; llama.cpp refuses them, and no writer makes them.
        raise window.bad(f"element type {kind} is not read")


def _tensors(window: _Window, count: int) -> list[tuple[TensorInfo, int, int]]:
    placed = []
    names: set[str] = set()
    for _ in range(count):
        placed.append(_tensor(window))
        names.add(placed[-1][0].name)
        # At once: a sparse file of zeros would go on for a million of them.
        if len(names) != len(placed):
            raise window.bad(f"two tensors have one name, {placed[-1][0].name!r}")
    return placed


def _tensor(window: _Window) -> tuple[TensorInfo, int, int]:
    """The next tensor, its offset, and its bytes (-1 when its type is not known)."""
    name = window.text(MAX_NAME)
    dimensions = window.u32()
    if dimensions > MAX_DIMENSIONS:
        raise window.bad(f"tensor {name!r} has {dimensions} dimensions, at most {MAX_DIMENSIONS} exist")
    shape = tuple(window.u64() for _ in range(dimensions))
    kind, offset = window.u32(), window.u64()
    elements = math.prod(shape)
    label, block, block_size = BLOCKS.get(kind, (f"type {kind}", 0, 0))
    if not block:
        return TensorInfo(name, label, shape, elements), offset, -1
    if elements % block or (shape and shape[0] % block):
        raise window.bad(f"tensor {name!r} of {shape} does not divide into blocks of {block} ({label})")
    return TensorInfo(name, label, shape, elements), offset, elements // block * block_size


def _alignment(window: _Window, metadata: Metadata) -> int:
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or alignment < 1 or alignment > 2**20 or alignment & (alignment - 1):
        raise window.bad(f"general.alignment is {alignment!r}, not a power of two")
    return alignment


def _check_places(window: _Window, placed: Sequence[tuple[TensorInfo, int, int]], alignment: int) -> str:
    """See that the tensors lie in the file, aligned and apart; return the first of an unknown type."""
    start = -(-window.position // alignment) * alignment
    room = window.size - start
    end = 0
    strange = ""
    for tensor, offset, size in sorted(placed, key=lambda item: (item[1], item[2])):
        if offset % alignment or offset < end:
            raise window.bad(
                f"tensor {tensor.name!r} at {offset} is not aligned, or overlaps the one before it"
            )
        end = offset + max(size, 0)
        if end > room:
            raise window.bad(
                f"tensor {tensor.name!r} ends at {end}, the file holds {max(room, 0)} bytes of data"
            )
        if size < 0:
            strange = strange or f"{tensor.name!r} ({tensor.dtype})"
    return strange


def _role(metadata: Metadata) -> Role:
    kind = metadata.get("general.type", "model")
    if kind == "adapter":
        return "adapter"
    return "projector" if kind == "mmproj" or metadata.get("general.architecture") == "clip" else "model"


def _check_split(headers: Sequence[GgufHeader], where: str) -> None:
    """See that the files of a split model say what their names say (llama.cpp's ``split.*`` keys)."""
    names: set[str] = set()
    total = sum(len(header.tensors) for header in headers)
    for number, header in enumerate(headers):
        count = header.metadata.get("split.count", len(headers))
        if count not in (len(headers), 0) or header.metadata.get("split.no", number) != number:
            raise ModelError(
                f"{header.file!r} says it is number {header.metadata.get('split.no')} (from 0) of {count} files, "
                f"not {number} of {len(headers)}",
                where=where,
                hint="complete the download, and keep the files' names",
                code="missing_shard",
            )
        if header.metadata.get("split.tensors.count", total) != total:
            claimed = header.metadata["split.tensors.count"]
            raise ModelError(
                f"{total} tensors where split.tensors.count is {claimed}", where=where, code="shards"
            )
        for tensor in header.tensors:
            if tensor.name in names:
                raise ModelError(f"tensor {tensor.name!r} is in two files", where=where, code="shards")
            names.add(tensor.name)
