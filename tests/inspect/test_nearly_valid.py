"""Files that are nearly right: whole structures with a lie in lengths, counts, offsets or types.

A change of random bytes seldom gets past a header's first check; these are built from the format's own parts.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from typing import Any, TypeVar

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError
from safetensors.numpy import load

from tests.inspect.memory_source import MemorySource
from tests.inspect.writers import safetensors_bytes, tensor_program, write_torch_zip
from weightgate.errors import ModelError
from weightgate.inspect.weights.gguf import BLOCKS, read_gguf, summarize_gguf
from weightgate.inspect.weights.pickle_machine import STORAGES
from weightgate.inspect.weights.safetensors import DTYPE_BITS, read_header
from weightgate.inspect.weights.torch_zip import read_torch

EDGES = st.sampled_from(
    [-1, 0, 1, 7, 8, 9, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**40]
)

T = TypeVar("T")


def attempt(read: Callable[[], T]) -> T | ModelError:
    """What was read, or the refusal."""
    try:
        return read()
    except ModelError as error:
        return error


# ---- safetensors


@st.composite
def safetensors_files(draw: st.DrawFn) -> tuple[bytes, bool]:
    """A file, and whether a lie was put into it."""
    header: dict[str, Any] = {}
    position = 0
    for name in draw(st.lists(st.sampled_from(["a", "b.weight", "é", "x y"]), unique=True, max_size=4)):
        dtype = draw(st.sampled_from(["F32", "BF16", "I64", "U8", "F8_E4M3"]))
        shape = draw(st.lists(st.integers(0, 4), max_size=3))
        end = position + math.prod(shape) * DTYPE_BITS[dtype] // 8
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [position, end]}
        position = end
    lie = draw(
        st.sampled_from(["", "shape", "offset", "dtype", "length", "data", "entry", "metadata", "json"])
    )
    data = bytes(position + (draw(st.sampled_from([-1, 1, 4, 100])) if lie == "data" and position else 0))
    if lie in ("shape", "offset", "dtype", "entry") and header:
        entry = header[draw(st.sampled_from(sorted(header)))]
        if lie == "shape":
            entry["shape"].append(draw(EDGES | st.sampled_from([1.0, True, None, "2", [1]])))
        elif lie == "offset":
            entry["data_offsets"][draw(st.integers(0, 1))] = draw(
                EDGES | st.sampled_from([0.0, False, None, "0"])
            )
        elif lie == "dtype":
            entry["dtype"] = draw(st.sampled_from([*DTYPE_BITS, "f32", "F99", "", None, 5, ["F32"]]))
        else:
            entry[draw(st.sampled_from(["x", "dtype", "shape"]))] = draw(
                st.sampled_from([None, {}, [], "F32"])
            )
    if lie == "metadata":
        header["__metadata__"] = draw(st.sampled_from([{"a": "b"}, {"a": 1}, [], None, "x", {"a": None}]))
    raw = safetensors_bytes(header, data)
    if lie == "json":
        text = json.dumps(header).replace("}", draw(st.sampled_from(["", "}}", ",}", "]"])), 1).encode()
        raw = safetensors_bytes(text, data)
    if lie == "length":
        raw = struct.pack("<Q", draw(EDGES.filter(lambda n: 0 <= n < 2**64))) + raw[8:]
    return raw, bool(lie)


def accepted_by_the_reference(raw: bytes) -> bool:
    try:
        load(raw)
    except SafetensorError:
        return False
    except (KeyError, ValueError, TypeError):
        return True  # the reference took the header; numpy does not know the type
    return True


@settings(max_examples=500)
@given(safetensors_files())
def test_a_nearly_valid_safetensors_file_is_refused_unless_the_reference_takes_it(
    built: tuple[bytes, bool],
) -> None:
    raw, lied = built
    header = attempt(lambda: read_header(MemorySource({"m": raw}), "m"))
    if isinstance(header, ModelError):
        assert lied, header  # what has no lie in it is read
        assert header.where.startswith("./model/m")
        return
    assert accepted_by_the_reference(raw)
    assert header.size == len(raw) - 8 - int.from_bytes(raw[:8], "little")
    assert all(tensor.elements == math.prod(tensor.shape) for tensor in header.tensors)


# ---- GGUF


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


@st.composite
def gguf_files(draw: st.DrawFn) -> tuple[bytes, int | None]:
    """A file, and its parameters when there is no lie in it."""
    lie = draw(
        st.sampled_from(
            ["", "count", "keys", "name", "dimensions", "shape", "offset", "type", "value", "array", "cut"]
        )
    )
    wrong = draw(EDGES.filter(lambda n: 0 <= n < 2**64))
    keys = [
        text(b"general.architecture") + struct.pack("<I", 8) + text(b"llama"),
        text(b"n") + struct.pack("<IQ", 10, draw(st.integers(0, 2**64 - 1))),
        text(b"words") + struct.pack("<IIQ", 9, 8, wrong if lie == "array" else 2) + text(b"a") + text(b""),
    ]
    if lie == "value":
        keys[1] = text(b"n") + struct.pack("<IQ", draw(st.integers(13, 2**32 - 1)), 0)
    tensors, offset, elements = [], 0, 0
    for number in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from([0, 1, 8, 12]))
        _, block, size = BLOCKS[kind]
        shape = [block * draw(st.integers(1, 2)), *draw(st.lists(st.integers(1, 3), max_size=2))]
        count = math.prod(shape)
        falsified = number == 0
        parts = [
            struct.pack("<Q", wrong) + b"t" if falsified and lie == "name" else text(f"t{number}".encode()),
            struct.pack("<I", wrong % 2**32 if falsified and lie == "dimensions" else len(shape)),
            struct.pack(f"<{len(shape)}Q", *([wrong, *shape[1:]] if falsified and lie == "shape" else shape)),
            struct.pack("<I", wrong % 2**32 if falsified and lie == "type" else kind),
            struct.pack("<Q", wrong if falsified and lie == "offset" else offset),
        ]
        tensors.append(b"".join(parts))
        elements += count
        offset += -(-(count // block * size) // 32) * 32
    counts = (wrong if lie == "count" else len(tensors), wrong if lie == "keys" else len(keys))
    head = b"GGUF" + struct.pack("<IQQ", 3, *counts) + b"".join(keys) + b"".join(tensors)
    raw = head + bytes(-len(head) % 32) + bytes(offset)
    if lie == "cut":
        raw = raw[: draw(st.integers(0, len(raw) - offset - 1))]
    return raw, None if lie else elements


@settings(max_examples=500)
@given(gguf_files())
def test_a_nearly_valid_gguf_file_is_read_exactly_or_refused(built: tuple[bytes, int | None]) -> None:
    raw, elements = built
    header = attempt(lambda: read_gguf(MemorySource({"m.gguf": raw}), "m.gguf"))
    if isinstance(header, ModelError):
        assert elements is None, header
        assert header.where.startswith("./model/m.gguf: offset ")
        return
    summary = summarize_gguf([header], "m")
    assert elements is None or summary.parameters == elements
    assert all(tensor.elements == math.prod(tensor.shape) for tensor in header.tensors)
    assert summary.parameters is None or summary.parameters * 4 < 256 * len(
        raw
    )  # no more than bytes can stand for


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_every_type_of_the_package_is_counted_by_its_blocks(kind: int) -> None:
    name, block, size = BLOCKS[kind]
    assert gguf.GGMLQuantizationType(kind).name == name
    tensor = text(b"t") + struct.pack("<IQIQ", 1, 2 * block, kind, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + tensor
    whole = head + bytes(-len(head) % 32) + bytes(2 * size)
    assert read_gguf(MemorySource({"m": whole}), "m").tensors[0].elements == 2 * block
    with pytest.raises(ModelError, match=r"the file holds [0-9]+ bytes of data"):
        read_gguf(MemorySource({"m": whole[:-1]}), "m")


# ---- torch


@st.composite
def torch_files(draw: st.DrawFn) -> tuple[bytes, dict[str, bytes], int | None]:
    """The pickle, the storages, and the parameters when there is no lie in it."""
    lie = draw(st.sampled_from(["", "kind", "short", "long", "gone", "shape", "offset", "key"]))
    program, members, elements = b"\x80\x02}(", {}, 0
    for number in range(draw(st.integers(1, 3))):
        array = np.zeros(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)), np.float32)
        falsified = number == 0
        shape = (
            [*array.shape, draw(st.sampled_from([-1, 2, 2**31 - 1]))]
            if falsified and lie == "shape"
            else None
        )
        offset = draw(st.sampled_from([-1, 1, 2**31 - 1])) if falsified and lie == "offset" else 0
        body = tensor_program("9" if falsified and lie == "key" else str(number), array, shape, offset)
        if falsified and lie == "kind":
            other = draw(st.sampled_from([name for name, (_, width) in STORAGES.items() if width != 4]))
            body = body.replace(b"FloatStorage", other.encode())
        data = array.tobytes()
        if falsified and lie in ("short", "long"):
            data = data[:-1] if lie == "short" else data + b"\0"
        if not (falsified and lie == "gone"):
            members[str(number)] = data
        name = f"t{number}".encode()
        program += b"X" + struct.pack("<I", len(name)) + name + body
        elements += array.size
    return program + b"u.", members, None if lie else elements


@settings(max_examples=200)
@given(torch_files())
def test_a_nearly_valid_torch_file_is_read_exactly_or_refused(
    tmp_path_factory: pytest.TempPathFactory, built: tuple[bytes, dict[str, bytes], int | None]
) -> None:
    program, members, elements = built
    raw = write_torch_zip(tmp_path_factory.getbasetemp() / "nearly.bin", program, members).read_bytes()
    found = attempt(lambda: read_torch(MemorySource({"m.bin": raw}), "m.bin"))
    if isinstance(found, ModelError):
        assert elements is None, found
        assert found.code in ("torch", "pickle")
        return
    stored = sum(len(data) // 4 for data in members.values())
    assert elements is None or found.elements == elements
    assert found.elements is None or found.elements <= stored  # never more than there are bytes for
