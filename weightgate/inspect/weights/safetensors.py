"""Headers of safetensors files, read without their tensors and checked as the reference implementation checks them.

Format and checks: https://huggingface.co/docs/safetensors, and ``safetensors/src/tensor.rs`` of the reference
implementation. A file is eight bytes of header length (little-endian), the header as JSON, and the tensors' bytes,
which must cover the rest of the file without a gap or an overlap.
"""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from weightgate.errors import InputError, ModelError
from weightgate.files.json import parse_json
from weightgate.inspect.source import ModelSource
from weightgate.inspect.weights.tensors import TensorInfo

MAX_HEADER = 25 * 1024 * 1024
"""Longest header accepted, in bytes. The reference implementation stops at 100 MB, the Hub's client at 25 MB; a
header of a real model is some tens of kilobytes per shard."""

FIRST_READ = 32 * 1024
"""Bytes of the first read: enough for the header of most shards, so that one request does."""

MAX_DIMENSIONS = 64
MAX_DIMENSION = 2**63 - 1

DTYPE_BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}
"""Bits of one element by type: every type of safetensors 0.8."""

# The layout that every writer in use produces. Anything else is left to the JSON reader, which is slower.
_ENTRY = re.compile(
    r'"([^"]*+)":\{"dtype":"([^"]{1,12}+","shape":\[[^]]{0,160}+)\],"data_offsets":\[([^]]*+)\]\},'
)
_METADATA = re.compile(r'\{"__metadata__":(\{[^{}]*+\}),')
_CONTROL = bytes(range(32))
_SHAPE = re.compile(r"(?:(?:0|[1-9][0-9]{0,18})(?:,(?!$)|$))*")


class Kind(NamedTuple):
    """What tensors of one type and shape have in common.

    Attributes:
        dtype: Stored type.
        shape: Sizes of the dimensions.
        elements: Product of the shape.
        size: Bytes.
    """

    dtype: str
    shape: tuple[int, ...]
    elements: int
    size: int


class Header(NamedTuple):
    """The header of one file, checked.

    Attributes:
        file: Name of the file inside the model.
        names: Names of the tensors, in the order of their bytes.
        kinds: Type and shape of each, in the same order.
        metadata: The header's ``__metadata__``.
        size: Bytes of all tensors.
    """

    file: str
    names: list[str]
    kinds: list[Kind]
    metadata: dict[str, str]
    size: int

    @property
    def tensors(self) -> list[TensorInfo]:
        """The tensors one by one."""
        rows = zip(self.names, self.kinds, strict=True)
        return [TensorInfo(name, kind.dtype, kind.shape, kind.elements) for name, kind in rows]


def read_header(source: ModelSource, name: str) -> Header:
    """Read and check the header of one file, in one or two reads.

    Raises:
        ModelError: The file is truncated, or its header is damaged or says what cannot be.
        UnreachableError: The host did not answer.
    """
    where = source.locate(name)
    size = source.entries[name].size
    first = source.read(name, 0, min(FIRST_READ, size))
    if len(first) < 9:
        raise _bad(f"{size} bytes are too few for a safetensors file", where)
    length = int.from_bytes(first[:8], "little")
    if length > MAX_HEADER:
        raise _bad(f"its header claims {length} bytes, at most {MAX_HEADER} are read", f"{where}: offset 0")
    end = 8 + length
    if end > size:
        raise _bad(f"its header claims {length} bytes, the file holds {size - 8} after offset 8", where)
    raw = first[8:end]
    if end > len(first):
        raw += source.read(name, len(first), end - len(first))
    if len(raw) != length:
        raise _bad(f"its header has {length} bytes, only {len(raw)} could be read", where)
    return parse_header(raw, size - end, file=name, where=where)


def parse_header(raw: bytes, data_size: int, *, file: str, where: str) -> Header:
    """Check a header's bytes.

    Args:
        raw: The JSON, without the eight bytes before it.
        data_size: Bytes of the file after the header.
        file: Name of the file inside the model.
        where: Place for messages.

    Raises:
        ModelError: Not a header that the reference implementation accepts, or one with a tensor named twice.
    """
    if raw[:1] != b"{":
        raise _bad(f"the header begins with {raw[:1]!r}, not with '{{'", f"{where}: offset 8")
    header = _fast(raw, data_size, file) or _slow(raw, file, where)
    if header.size != data_size:
        raise _bad(f"its tensors cover {header.size} bytes, the file holds {data_size}", where)
    return header


def _fast(raw: bytes, data_size: int, file: str) -> Header | None:
    """Read a header in the usual layout; None when it is not, or when anything at all is wrong with it.

    It accepts nothing that :func:`_slow` refuses: the text is cut into the entries that it consists of and nothing
    else, and each is compared with what it must say, so no number is read twice and no JSON value is built.
    """
    if b"\\" in raw or not raw.isascii():
        return None
    text = raw.decode("ascii").rstrip(" ")
    metadata: dict[str, str] | None = {}
    start = 1
    if found := _METADATA.match(text):
        metadata = _plain_metadata(found.group(1))
        start = found.end()
    parts = _ENTRY.split(text[start:-1] + ",")
    names, kinds = parts[1::4], parts[2::4]
    distinct = set(names)
    if metadata is None or any(parts[0::4]) or not text.endswith("}}") or len(distinct) != len(names):
        return None
    joined = "".join(names).encode("ascii")
    if "__metadata__" in distinct or len(joined.translate(None, _CONTROL)) != len(joined):
        return None
    rows = [row for row in map(_kind, kinds) if row is not None]
    if len(rows) != len(kinds):
        return None
    ends = list(accumulate([row.size for row in rows], initial=0))
    if ends[-1] != data_size or [f"{begin},{end}" for begin, end in pairwise(ends)] != parts[3::4]:
        return None
    return Header(file, names, rows, metadata, data_size)


def _plain_metadata(text: str) -> dict[str, str] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    # Without escapes, two quotes stand around each string: a lost key would show as quotes too many.
    plain = all(isinstance(item, str) for item in value.values()) and text.count('"') == 4 * len(value)
    return value if plain else None


@lru_cache(maxsize=1024)
def _kind(text: str) -> Kind | None:
    """Read ``BF16","shape":[4096,4096``; None when the long way has to say what is wrong with it."""
    dtype, _, shape = text.partition('","shape":[')
    bits = DTYPE_BITS.get(dtype)
    if bits is None or len(shape) > MAX_DIMENSIONS * 20 or not _SHAPE.fullmatch(shape):
        return None
    dimensions = tuple(map(int, shape.split(","))) if shape else ()
    if len(dimensions) > MAX_DIMENSIONS or max(dimensions, default=0) > MAX_DIMENSION:
        return None
    elements = math.prod(dimensions)
    size, rest = divmod(elements * bits, 8)
    return None if rest else Kind(dtype, dimensions, elements, size)


def _slow(raw: bytes, file: str, where: str) -> Header:
    """Read any header that is JSON, and say what is wrong with one that is not right."""
    try:
        document = parse_json(raw, f"{where}: header", max_bytes=MAX_HEADER)
    except InputError as error:
        raise ModelError(
            f"not a safetensors header: {error.message}", where=error.where, code="safetensors"
        ) from None
    metadata = document.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _bad("__metadata__ is not a map of strings to strings", where)
    placed = sorted(
        (_tensor(name, entry, where) for name, entry in document.items()), key=lambda item: item[:3]
    )
    position = 0
    for begin, end, name, _ in placed:
        if begin != position:
            what = "overlaps the one before it" if begin < position else "leaves a gap before it"
            raise _bad(f"tensor {name!r} at {begin} {what}, which ends at {position}", where)
        position = end
    return Header(file, [name for _, _, name, _ in placed], [kind for *_, kind in placed], metadata, position)


def _tensor(name: str, entry: Any, where: str) -> tuple[int, int, str, Kind]:
    """First byte, end, name and kind of one tensor."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _bad(f"tensor {name!r} needs dtype, shape and data_offsets, and nothing else", where)
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    bits = DTYPE_BITS.get(dtype) if isinstance(dtype, str) else None
    if bits is None:
        raise _bad(f"tensor {name!r} has the unknown dtype {str(dtype)[:40]!r}", where)
    if not _naturals(shape) or len(shape) > MAX_DIMENSIONS:
        raise _bad(f"tensor {name!r} has no valid shape: at most {MAX_DIMENSIONS} natural numbers", where)
    if not _naturals(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise _bad(
            f"tensor {name!r} has no valid data_offsets: two natural numbers, the first not larger", where
        )
    elements = math.prod(shape)
    begin, end = offsets
    if (end - begin) * 8 != elements * bits:
        needed = f"{elements} elements of {dtype} need {elements * bits / 8:g} bytes"
        raise _bad(f"tensor {name!r} covers {end - begin} bytes, but {needed}", where)
    return begin, end, name, Kind(dtype, tuple(shape), elements, end - begin)


def _naturals(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int and 0 <= item <= MAX_DIMENSION for item in value)


def _bad(message: str, where: str) -> ModelError:
    return ModelError(
        message, where=where, hint="the file is damaged or was not written by safetensors", code="safetensors"
    )
