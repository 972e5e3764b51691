"""Headers of safetensors files: agreement with the reference implementation, and every lie refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save

from tests.inspect.writers import parameters, safetensors_bytes, tiny_llama, write_safetensors
from weightgate.errors import Exit, ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.weights import safetensors as module
from weightgate.inspect.weights.safetensors import (
    DTYPE_BITS,
    FIRST_READ,
    MAX_HEADER,
    Header,
    parse_header,
    read_header,
)


def header_of(raw: bytes, folder: Path) -> Header:
    (folder / "m.safetensors").write_bytes(raw)
    return read_header(FolderSource(folder), "m.safetensors")


def refusal(raw: bytes, folder: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        header_of(raw, folder)
    assert caught.value.exit is Exit.INPUT
    assert caught.value.where.startswith(str(folder / "m.safetensors"))
    return caught.value


def entry(dtype: object = "F32", shape: object = (2,), offsets: object = (0, 8)) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def test_reads_what_the_reference_wrote(tmp_path: Path) -> None:
    tensors = tiny_llama()
    write_safetensors(tmp_path / "m.safetensors", tensors, format="pt", title="tiny")
    header = read_header(FolderSource(tmp_path), "m.safetensors")
    with safe_open(tmp_path / "m.safetensors", "np") as reference:
        assert sorted(header.names) == sorted(reference.keys())
        for tensor in header.tensors:
            assert list(tensor.shape) == reference.get_slice(tensor.name).get_shape()
            assert tensor.dtype == reference.get_slice(tensor.name).get_dtype()
        assert header.metadata == reference.metadata() == {"format": "pt", "title": "tiny"}
    assert sum(tensor.elements for tensor in header.tensors) == parameters(tensors)
    assert header.size == sum(array.nbytes for array in tensors.values())


ARRAYS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.tuples(
        st.sampled_from(
            ["float64", "float32", "float16", "int64", "int8", "uint8", "bool", "uint16", "complex64"]
        ),
        st.lists(st.integers(0, 4), max_size=4),
    ),
    max_size=6,
).map(
    lambda spec: {
        name: np.zeros(shape, dtype) for name, (dtype, shape) in spec.items() if name != "__metadata__"
    }
)


@given(ARRAYS, st.none() | st.dictionaries(st.text(max_size=5), st.text(max_size=5), min_size=1, max_size=2))
def test_any_file_of_the_reference_is_read_as_it_was_written(
    arrays: dict[str, np.ndarray[Any, Any]], metadata: dict[str, str] | None
) -> None:
    raw = save(arrays, metadata)
    end = 8 + int.from_bytes(raw[:8], "little")
    header = parse_header(raw[8:end], len(raw) - end, file="m", where="m")
    assert {t.name: t.shape for t in header.tensors} == {name: array.shape for name, array in arrays.items()}
    assert header.metadata == (metadata or {})


@pytest.mark.parametrize(
    "mutate",
    [
        lambda text: text.replace('"layers', '"l\\u0061yers'),
        lambda text: text.replace('":{"', '": {"'),
        lambda text: text.replace("model.norm", "modèle.norm"),
    ],
    ids=["escape", "space", "not ascii"],
)
def test_an_unusual_layout_gives_the_same_header(mutate: Callable[[str], str]) -> None:
    raw = save(tiny_llama())
    end = 8 + int.from_bytes(raw[:8], "little")
    usual = parse_header(raw[8:end], len(raw) - end, file="m", where="m")
    other = parse_header(mutate(raw[8:end].decode()).encode(), len(raw) - end, file="m", where="m")
    assert other.kinds == usual.kinds
    assert len(other.names) == len(usual.names)


def test_entries_out_of_order_come_out_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    raw = safetensors_bytes({"b": entry(offsets=[8, 16]), "a": entry()}, bytes(16))
    assert header_of(raw, tmp_path).names == ["a", "b"]


def test_a_header_longer_than_the_first_read_takes_a_second(tmp_path: Path) -> None:
    tensors = {f"layer.{number:05}.weight": np.zeros(1, np.float32) for number in range(1000)}
    write_safetensors(tmp_path / "m.safetensors", tensors)
    assert int.from_bytes((tmp_path / "m.safetensors").read_bytes()[:8], "little") > FIRST_READ
    assert len(read_header(FolderSource(tmp_path), "m.safetensors").names) == 1000


def test_a_file_without_tensors_is_read(tmp_path: Path) -> None:
    assert header_of(safetensors_bytes({}), tmp_path).names == []


@pytest.mark.parametrize("dtype", sorted(DTYPE_BITS))
def test_every_dtype_has_the_size_that_the_reference_gives_it(dtype: str, tmp_path: Path) -> None:
    size = DTYPE_BITS[dtype]  # eight elements take as many bytes as one takes bits
    raw = safetensors_bytes({"t": entry(dtype, [8], [0, size])}, bytes(size))
    (tmp_path / "m.safetensors").write_bytes(raw)
    with safe_open(tmp_path / "m.safetensors", "np") as reference:
        assert reference.get_slice("t").get_dtype() == dtype
    assert header_of(raw, tmp_path).tensors[0].elements == 8


DUPLICATE = b'{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'

LIES = {
    "dtype": ({"t": entry("F33")}, 8, "unknown dtype 'F33'"),
    "dtype no text": ({"t": entry(4)}, 8, "unknown dtype '4'"),
    "shape against bytes": (
        {"t": entry(shape=[3])},
        8,
        "covers 8 bytes, but 3 elements of F32 need 12 bytes",
    ),
    "negative shape": ({"t": entry(shape=[-2])}, 8, "no valid shape"),
    "shape of booleans": ({"t": entry(shape=[True, 2])}, 8, "no valid shape"),
    "shape of fractions": ({"t": entry(shape=[2.0])}, 8, "no valid shape"),
    "absurd dimension": ({"t": entry(shape=[2**64])}, 8, "no valid shape"),
    "dimensions": ({"t": entry(shape=[1] * 65)}, 8, "no valid shape"),
    "offsets turned": ({"t": entry(offsets=[8, 0])}, 8, "no valid data_offsets"),
    "one offset": ({"t": entry(offsets=[8])}, 8, "no valid data_offsets"),
    "gap at the start": ({"t": entry(offsets=[8, 16])}, 16, "leaves a gap before it"),
    "overlap": (
        {"a": entry(offsets=[0, 8]), "b": entry(offsets=[4, 12])},
        12,
        "'b' at 4 overlaps the one before",
    ),
    "gap": ({"a": entry(), "b": entry(offsets=[12, 20])}, 20, "'b' at 12 leaves a gap"),
    "beyond the file": ({"t": entry()}, 4, "its tensors cover 8 bytes, the file holds 4"),
    "bytes left over": ({"t": entry()}, 9, "its tensors cover 8 bytes, the file holds 9"),
    "half a byte": ({"t": entry("F4", [1], [0, 1])}, 1, "1 elements of F4 need 0.5 bytes"),
    "no offsets": ({"t": {"dtype": "F32", "shape": [2]}}, 8, "needs dtype, shape and data_offsets"),
    "extra key": ({"t": entry() | {"x": 1}}, 8, "and nothing else"),
    "entry no map": ({"t": 5}, 8, "needs dtype"),
    "metadata no text": ({"__metadata__": {"a": 1}, "t": entry()}, 8, "not a map of strings"),
    "tensor twice": (DUPLICATE, 8, "'t' is there twice"),
    "not JSON": (b'{"t":', 0, "not JSON"),
    "not UTF-8": (b'{"\xff":1}', 0, "not UTF-8"),
    "a list": (b"[]", 0, r"begins with b'\['"),
    "leading space": (b" {}", 0, "begins with b' '"),
    "nothing": (b"", 1, "begins with b''"),
    "deep": (b'{"a":' + b"[" * 200_000, 0, "nested too deeply"),
    "absurd number": (
        b'{"t":{"dtype":"F32","shape":[' + b"9" * 5000 + b'],"data_offsets":[0,8]}}',
        8,
        "too large",
    ),
    "control character": (
        b'{"\x01":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
        8,
        "control character",
    ),
    "leading zero": (b'{"t":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}', 8, "not JSON"),
    "no comma": (b'{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}', 8, "not JSON"),
    "trailing comma": (b'{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}', 8, "not JSON"),
    "metadata twice": (
        b'{"__metadata__":{"a":"b","a":"c"},"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
        8,
        "'a' is there twice",
    ),
}


@pytest.mark.parametrize(("header", "data", "message"), LIES.values(), ids=LIES)
def test_a_lying_header_is_refused(header: object, data: int, message: str, tmp_path: Path) -> None:
    error = refusal(safetensors_bytes(header, bytes(data)), tmp_path)
    assert error.code == "safetensors"
    with pytest.raises(ModelError, match=message):
        raise error


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "0 bytes are too few"),
        (b"12345678", "8 bytes are too few"),
        ((100).to_bytes(8, "little") + b"{}", "claims 100 bytes, the file holds 2"),
        ((2**63).to_bytes(8, "little") + b"{}", f"at most {MAX_HEADER} are read"),
        ((MAX_HEADER + 1).to_bytes(8, "little") + b"{}", f"at most {MAX_HEADER} are read"),
    ],
)
def test_a_lying_length_is_refused(raw: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"so that the model is not empty")
    assert message in refusal(raw, tmp_path).message


def test_many_dimensions_do_not_hang(tmp_path: Path) -> None:
    raw = safetensors_bytes({"t": entry(shape=[9] * 500_000, offsets=[0, 8])}, bytes(8))
    assert "no valid shape" in refusal(raw, tmp_path).message


def accepted_by_the_reference(raw: bytes) -> bool:
    try:
        load(raw)
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError, MemoryError):
        return False
    return True


FIXED = save({"a.weight": np.zeros((2, 3), np.float32), "b": np.zeros(4, np.int64)}, {"format": "pt"})


@settings(max_examples=400)
@given(st.data())
def test_a_damaged_file_is_refused_or_one_that_the_reference_accepts(data: st.DataObject) -> None:
    raw = bytearray(FIXED[: data.draw(st.integers(8, len(FIXED)))] if data.draw(st.booleans()) else FIXED)
    for _ in range(data.draw(st.integers(0, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    end = 8 + int.from_bytes(raw[:8], "little")
    if end > len(raw):
        return
    try:
        header = parse_header(bytes(raw[8:end]), len(raw) - end, file="m", where="m")
    except ModelError:
        return
    assert all(tensor.elements == math.prod(tensor.shape) for tensor in header.tensors)
    assert accepted_by_the_reference(bytes(raw))


@settings(max_examples=300)
@given(st.data())
def test_the_fast_way_accepts_nothing_that_the_slow_way_refuses(data: st.DataObject) -> None:
    end = 8 + int.from_bytes(FIXED[:8], "little")
    raw = bytearray(FIXED[8:end])
    for _ in range(data.draw(st.integers(1, 2))):
        raw[data.draw(st.integers(1, len(raw) - 1))] = data.draw(st.sampled_from(b'{}[]":,0123456789 \\abF_'))
    fast = module._fast(bytes(raw), len(FIXED) - end, "m")
    if fast is not None:
        slow = module._slow(bytes(raw), "m", "m")
        assert (fast.kinds, fast.metadata, fast.size) == (slow.kinds, slow.metadata, slow.size)
        assert sorted(fast.names) == sorted(json.loads(raw).keys() - {"__metadata__"})
