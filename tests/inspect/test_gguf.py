"""Headers of GGUF files: agreement with the ``gguf`` package, and every lie refused."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inspect.writers import parameters, tiny_llama, write_gguf
from weightgate.errors import Exit, ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.source import FileEntry
from weightgate.inspect.weights.gguf import BLOCKS, MAX_STRING, GgufHeader, read_gguf, summarize_gguf


class Bytes:
    """A model of one file in memory, read a little at a time."""

    reference = "memory"

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.entries = {"m.gguf": FileEntry("m.gguf", len(raw))}

    def read(self, name: str, offset: int, length: int) -> bytes:
        assert name == "m.gguf"
        return self.raw[offset : offset + length]

    def locate(self, name: str) -> str:
        return f"memory/{name}"


def header_of(raw: bytes) -> GgufHeader:
    return read_gguf(Bytes(raw), "m.gguf")


def refused(raw: bytes, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        header_of(raw)
    assert caught.value.code == "gguf"
    assert caught.value.exit is Exit.INPUT
    assert caught.value.where.startswith("memory/m.gguf: offset ")


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def key(name: str, kind: int, value: bytes) -> bytes:
    return text(name) + struct.pack("<I", kind) + value


def tensor(name: str = "t", shape: tuple[int, ...] = (4,), kind: int = 0, offset: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


def build(
    *, keys: tuple[bytes, ...] = (), tensors: tuple[bytes, ...] = (), data: int = 64, version: int = 3
) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys)) + b"".join((*keys, *tensors))
    return head + bytes(-len(head) % 32) + bytes(data)


def test_reads_what_the_package_wrote_as_the_package_reads_it(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", numbers={"llama.expert_count": 8}, strings={"general.url": "é"})
    header = read_gguf(FolderSource(tmp_path), "m.gguf")
    reference = gguf.GGUFReader(path)
    assert [t.name for t in header.tensors] == [t.name for t in reference.tensors]
    assert [t.elements for t in header.tensors] == [t.n_elements for t in reference.tensors]
    assert [list(t.shape) for t in header.tensors] == [t.shape.tolist() for t in reference.tensors]
    for name, value in header.metadata.items():
        field = reference.get_field(name)
        assert field is not None
        assert value == field.contents()
    assert header.metadata["llama.expert_count"] == 8
    assert header.metadata["general.url"] == "é"
    assert header.metadata["tokenizer.ggml.add_bos_token"] is True
    assert header.version == 3


def test_quantised_weights_count_as_what_they_stand_for(tmp_path: Path) -> None:
    tensors = {
        "blk.0.ffn_up.weight": np.ones((4, 64), np.float32),
        "output.weight": np.ones((2, 32), np.float32),
    }
    write_gguf(tmp_path / "m.gguf", tensors, quantize=True)
    summary = summarize_gguf([read_gguf(FolderSource(tmp_path), "m.gguf")], "m")
    assert summary.parameters == 4 * 64 + 2 * 32
    assert summary.dtypes == {"Q8_0": 320}
    assert summary.head_parameters == 64


def test_a_header_longer_than_the_first_read_is_read_on(tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", words=150_000)
    header = read_gguf(FolderSource(tmp_path), "m.gguf")
    assert sum(t.elements for t in header.tensors) == parameters(tiny_llama())


def test_block_sizes_are_those_of_the_package() -> None:
    expected = {kind.value: (kind.name, *sizes) for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    assert {number: expected[number] for number in BLOCKS} == BLOCKS


@pytest.mark.parametrize("version", [2, 3])
def test_versions_2_and_3_are_read(version: int) -> None:
    assert header_of(build(tensors=(tensor(),), version=version)).version == version


def test_a_string_too_long_to_keep_is_passed_over() -> None:
    keys = (key("long", 8, text("x" * (MAX_STRING + 1))), key("after", 4, struct.pack("<I", 7)))
    assert header_of(build(keys=keys)).metadata == {"after": 7}


def test_every_scalar_type_is_read() -> None:
    values = {0: ("B", 200), 1: ("b", -3), 2: ("H", 60000), 3: ("h", -7), 4: ("I", 2**31), 5: ("i", -9)}
    values |= {10: ("Q", 2**63), 11: ("q", -(2**40))}
    keys = tuple(
        key(f"k{kind}", kind, struct.pack("<" + code, value)) for kind, (code, value) in values.items()
    )
    keys += (key("f", 6, struct.pack("<f", 0.5)), key("d", 12, struct.pack("<d", 0.1)), key("b", 7, b"\1"))
    found = header_of(build(keys=keys)).metadata
    assert found == {f"k{kind}": value for kind, (_, value) in values.items()} | {
        "f": 0.5,
        "d": 0.1,
        "b": True,
    }


def array(kind: int, count: int, raw: bytes = b"") -> bytes:
    return key("a", 9, struct.pack("<IQ", kind, count) + raw)


WORDS = array(8, 3, text("a") + text("") + text("ccc"))

LIES = {
    "magic": (b"GGML" + bytes(40), "begins with b'GGML'"),
    "short": (b"GG", "4 bytes are needed here, the file ends at 2"),
    "big-endian": (b"GGUF" + struct.pack(">I", 3) + bytes(16), "big-endian"),
    "version 1": (build(version=1), "version 1, only 2 and 3"),
    "version 4": (build(version=4), "version 4"),
    "tensor count": (b"GGUF" + struct.pack("<IQQ", 3, 2**40, 0) + bytes(64), f"claims {2**40} tensors"),
    "key count": (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**63) + bytes(64), "keys in a file of 88 bytes"),
    "key length": (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**62) + bytes(64), "a name of"),
    "key cut": (build(keys=(struct.pack("<Q", 500),), data=0), "500 bytes are needed here"),
    "key not UTF-8": (
        build(keys=(key("", 4, b"")[:-4].replace(bytes(8), text(b"\xff\xfe")) + bytes(8),)),
        "UTF-8",
    ),
    "value not UTF-8": (build(keys=(key("k", 8, text(b"\xff")),)), "not UTF-8"),
    "key twice": (build(keys=(key("k", 7, b"\0"), key("k", 7, b"\0"))), "'k' is there twice"),
    "value type": (build(keys=(key("k", 13, bytes(8)),)), "unknown value type 13"),
    "element type": (build(keys=(array(77, 1, bytes(8)),)), "element type 77 is not read"),
    "nested array": (build(keys=(array(9, 1, bytes(12)),)), "element type 9 is not read"),
    "array count": (build(keys=(array(8, 2**60),)), "an array of"),
    "array cut": (build(keys=(array(10, 90),)), "720 bytes are needed here"),
    "words cut": (build(keys=(array(8, 50, text("a")),), data=0), "bytes are needed here"),
    "word length": (build(keys=(array(8, 2, struct.pack("<Q", 2**63)),)), "bytes are needed here"),
    "dimensions": (build(tensors=(tensor(shape=(1,) * 5),)), "has 5 dimensions"),
    "tensor beyond": (build(tensors=(tensor(shape=(17,)),)), "ends at 68, the file holds 64 bytes of data"),
    "absurd shape": (build(tensors=(tensor(shape=(2**63, 2**63)),)), "the file holds 64 bytes"),
    "offset": (build(tensors=(tensor(offset=2**62),)), "the file holds 64 bytes"),
    "not aligned": (build(tensors=(tensor(offset=4),)), "not aligned"),
    "overlap": (build(tensors=(tensor("a", (16,)), tensor("b", (4,), offset=32))), "overlaps the one before"),
    "one name": (build(tensors=(tensor("a"), tensor("a", offset=32))), "two tensors have one name"),
    "blocks": (build(tensors=(tensor(shape=(33,), kind=8),)), "does not divide into blocks of 32"),
    "alignment": (build(keys=(key("general.alignment", 4, struct.pack("<I", 3)),)), "not a power of two"),
    "alignment text": (build(keys=(key("general.alignment", 8, text("8")),)), "not a power of two"),
    "no data": (build(tensors=(tensor(),), data=0), "the file holds 0 bytes of data"),
}


@pytest.mark.parametrize(("raw", "message"), LIES.values(), ids=LIES)
def test_a_lying_file_is_refused(raw: bytes, message: str) -> None:
    refused(raw, message)


def test_an_alignment_that_the_file_states_is_used() -> None:
    keys = (key("general.alignment", 4, struct.pack("<I", 64)),)
    head = b"GGUF" + struct.pack("<IQQ", 3, 2, 1) + keys[0] + tensor("a") + tensor("b", offset=64)
    raw = head + bytes(-len(head) % 64) + bytes(128)
    assert len(header_of(raw).tensors) == 2
    refused(raw.replace(tensor("b", offset=64), tensor("b", offset=32)), "not aligned")


def test_an_unknown_type_leaves_the_parameters_unknown() -> None:
    summary = summarize_gguf([header_of(build(tensors=(tensor(kind=99),)))], "m")
    assert summary.parameters is None
    assert summary.expert_parameters is None
    assert summary.reason == "tensor 't' (type 99) has a type that this version does not know"


@pytest.mark.parametrize(
    ("keys", "role"),
    [
        ((), "model"),
        ((key("general.type", 8, text("adapter")),), "adapter"),
        ((key("general.type", 8, text("mmproj")),), "projector"),
        ((key("general.architecture", 8, text("clip")),), "projector"),
    ],
)
def test_the_role_is_what_the_file_says(keys: tuple[bytes, ...], role: str) -> None:
    assert summarize_gguf([header_of(build(keys=keys, tensors=(tensor(),)))], "m").role == role


def split(number: int, count: int, name: str, total: int = 2) -> GgufHeader:
    keys = (
        key("split.no", 2, struct.pack("<H", number)),
        key("split.count", 2, struct.pack("<H", count)),
        key("split.tensors.count", 5, struct.pack("<i", total)),
    )
    return header_of(build(keys=keys, tensors=(tensor(name),)))


def test_a_split_model_is_added_up() -> None:
    assert summarize_gguf([split(0, 2, "a"), split(1, 2, "b")], "m").parameters == 8


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ([split(0, 3, "a"), split(1, 3, "b")], "number 0 .* of 3 files"),
        ([split(1, 2, "a"), split(0, 2, "b")], "number 1 .* not 0 of 2"),
        ([split(0, 2, "a"), split(1, 2, "a")], "'a' is in two files"),
        ([split(0, 2, "a", 5), split(1, 2, "b", 5)], "2 tensors where split.tensors.count is 5"),
        ([split(0, 2, "a")], "of 2 files"),
    ],
)
def test_a_split_model_that_does_not_fit_is_refused(headers: list[GgufHeader], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        summarize_gguf(headers, "m")
    assert caught.value.where == "m"


VALID = build(
    keys=(
        WORDS,
        key("general.name", 8, text("tiny")),
        array(6, 2, bytes(8)).replace(b"a", b"z"),
        key("n", 4, bytes(4)),
    ),
    tensors=(tensor("a", (2, 4)), tensor("b", (32,), 8, 32)),
    data=128,
)


def test_the_file_that_is_damaged_below_is_good() -> None:
    assert sum(t.elements for t in header_of(VALID).tensors) == 40


@settings(max_examples=400)
@given(st.data())
def test_a_damaged_file_raises_nothing_but_a_model_error(data: st.DataObject) -> None:
    raw = bytearray(VALID[: data.draw(st.integers(0, len(VALID)))] if data.draw(st.booleans()) else VALID)
    for _ in range(data.draw(st.integers(0, 4)) if raw else 0):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        header = header_of(bytes(raw))
    except ModelError:
        return
    assert all(t.elements == math.prod(t.shape) for t in header.tensors)
