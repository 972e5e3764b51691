"""Files of ``torch.save``: read without unpickling, and refused when a load would run code."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inspect.writers import (
    malicious_pickle,
    parameters,
    state_dict_pickle,
    tensor_program,
    tiny_llama,
    write_torch,
    write_torch_zip,
)
from weightgate.errors import Exit, ModelError
from weightgate.inspect.folder import FolderSource
from weightgate.inspect.weights import pickles, torch_zip, zips
from weightgate.inspect.weights.torch_zip import TorchFile, is_pickled, read_torch, scan_pickles
from weightgate.inspect.weights.zips import RangedFile

NAME = "m.bin"
ONE = np.arange(6, dtype=np.float32).reshape(2, 3)


def read(folder: Path) -> TorchFile:
    return read_torch(FolderSource(folder), NAME)


def refusal(folder: Path, message: str) -> ModelError:
    with pytest.raises(ModelError, match=message) as caught:
        read(folder)
    assert caught.value.exit is Exit.INPUT
    assert caught.value.where.startswith(str(folder / NAME))
    return caught.value


def test_counts_the_parameters_of_a_state_dict(tmp_path: Path) -> None:
    tensors = tiny_llama()
    write_torch(tmp_path / NAME, tensors)
    found = read(tmp_path)
    assert found.elements == parameters(tensors)
    assert found.reason == ""
    assert {t.name: t.shape for t in found.tensors} == {name: array.shape for name, array in tensors.items()}
    assert {t.dtype for t in found.tensors} == {"F32"}
    assert set(found.globals) == {
        "collections.OrderedDict",
        "torch._utils._rebuild_tensor_v2",
        "torch.FloatStorage",
    }


def test_types_are_those_of_the_storages(tmp_path: Path) -> None:
    write_torch(tmp_path / NAME, {"half": ONE.astype(np.float16), "long": ONE.astype(np.int64)})
    assert [(t.name, t.dtype, t.elements) for t in read(tmp_path).tensors] == [
        ("half", "F16", 6),
        ("long", "I64", 6),
    ]


def test_tied_weights_count_once(tmp_path: Path) -> None:
    tensors = tiny_llama()
    write_torch(tmp_path / NAME, tensors, shared={"tied": "lm_head.weight"})
    found = read(tmp_path)
    assert found.elements == parameters(tensors)
    assert len(found.names) == len(tensors) + 1


def state_dict(*programs: bytes) -> bytes:
    items = b"".join(pickle.dumps(f"t{number}", 2)[2:-1] + program for number, program in enumerate(programs))
    return b"\x80\x02}(" + items + b"u."


def test_a_part_of_a_storage_counts_as_itself(tmp_path: Path) -> None:
    write_torch_zip(tmp_path / NAME, state_dict(tensor_program("0", ONE, (3,))), {"0": ONE.tobytes()})
    assert read(tmp_path).elements == 3


def test_parts_that_may_overlap_leave_the_number_unknown(tmp_path: Path) -> None:
    programs = (tensor_program("0", ONE, (3,)), tensor_program("0", ONE, (3,), 1))
    write_torch_zip(tmp_path / NAME, state_dict(*programs), {"0": ONE.tobytes()})
    found = read(tmp_path)
    assert found.elements is None
    assert "'t0' and others" in found.reason


def test_a_storage_that_no_tensor_uses_is_noted(tmp_path: Path) -> None:
    write_torch_zip(
        tmp_path / NAME, state_dict(tensor_program("0", ONE)), {"0": ONE.tobytes(), "9": b"hidden"}
    )
    assert read(tmp_path).notes == ("1 storages in the zip are used by no tensor",)


@pytest.mark.parametrize(
    "program",
    [
        b"\x80\x02}X\x05\x00\x00\x00modelccollections\nOrderedDict\n)Rs.",
        b"\x80\x02]" + tensor_program("0", ONE) + b"a.",
        tensor_program("0", ONE) + b".",
        b"\x80\x02}X\x04\x00\x00\x00stepK\x05s.",
    ],
    ids=["nested", "list", "bare tensor", "a number in it"],
)
def test_what_is_no_plain_state_dict_leaves_the_number_unknown(program: bytes, tmp_path: Path) -> None:
    write_torch_zip(tmp_path / NAME, program, {"0": ONE.tobytes()})
    found = read(tmp_path)
    assert found.elements is None
    assert found.reason == "its pickle is no plain map of names to tensors"


# ---- code in a pickle


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("posix", "system"),
        ("builtins", "eval"),
        ("subprocess", "Popen"),
        ("torch._utils", "_import_dotted_name"),
        ("torch", "load"),
        ("torch.hub", "load"),
        ("collections", "OrderedDict.__reduce__"),
        ("os", "environ"),
        ("transformers.training_args", "TrainingArguments"),
    ],
)
@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_names_anything_else_is_refused(
    module: str, name: str, *, zipped: bool, tmp_path: Path
) -> None:
    program = malicious_pickle(module, name)
    if zipped:
        write_torch_zip(tmp_path / NAME, program, {})
    else:
        (tmp_path / NAME).write_bytes(program)
    error = refusal(tmp_path, f"would import {module}.{name}")
    assert error.code == "unsafe_pickle"
    assert error.where.endswith("offset 2")
    assert "safetensors" in error.hint


TEXT = b"\x8c\x05posix\x8c\x06system"

UNSAFE = {
    "stack global": b"\x80\x04" + TEXT + b"\x93\x8c\x04true\x85R.",
    "names from the memo": b"\x80\x04\x8c\x05posix\x940\x8c\x06system\x940h\x00h\x01\x93\x8c\x04true\x85R.",
    "duplicated name": b"\x80\x04\x8c\x05posix\x8c\x02ab0\x8c\x06system\x93)R.",
    "instance": b"(S'true'\niposix\nsystem\n.",
    "object": b"\x80\x02(cposix\nsystem\nX\x04\x00\x00\x00trueo.",
    "computed name": b"\x80\x04K\x01\x8c\x06system\x93.",
    "extension": b"\x80\x02\x82\x01.",
    "computed call": b"\x80\x02ccollections\nOrderedDict\n)R)R.",
    "second pickle": pickle.dumps(1, 2) + malicious_pickle(),
    "in protocol 0": b"cposix\nsystem\n(S'true'\ntR.",
    "in protocol 0, then damage": b"cposix\nsystem\n(S'true'\ntR\xff",
    "hidden under an item": b"\x80\x02}X\x01\x00\x00\x00acposix\nsystem\ns0ccollections\nOrderedDict\n)R.",
    "attribute of a function": b"\x80\x02ctorch._utils\n_rebuild_tensor\n}X\x01\x00\x00\x00aK\x01sb.",
}


@pytest.mark.parametrize("program", UNSAFE.values(), ids=UNSAFE)
def test_no_way_to_a_global_is_overlooked(program: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(program)
    source = FolderSource(tmp_path)
    assert is_pickled(source, NAME)
    error = refusal(tmp_path, "pickle")
    assert error.code == ("pickle" if program.endswith(b"\xff") else "unsafe_pickle")


def test_a_pickle_beside_the_main_one_is_looked_at_too(tmp_path: Path) -> None:
    write_torch(tmp_path / NAME)
    with zipfile.ZipFile(tmp_path / NAME, "a") as archive:
        archive.writestr("archive/constants.pkl", malicious_pickle())
    assert refusal(tmp_path, "posix.system").where.endswith("archive/constants.pkl: offset 2")


def test_nothing_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    write_torch_zip(tmp_path / NAME, malicious_pickle(argument=f"touch {mark}"), {})
    refusal(tmp_path, "posix.system")
    assert not mark.exists()


def test_a_harmless_old_file_has_unknown_parameters(tmp_path: Path) -> None:
    parts: list[object] = [1, 1001, {"a": 1}, [], []]
    (tmp_path / NAME).write_bytes(b"".join(pickle.dumps(part, 2) for part in parts) + bytes(99))
    found = read(tmp_path)
    assert found.elements is None
    assert "before PyTorch 1.6" in found.reason
    assert found.globals == ()


def test_random_bytes_are_no_pickle(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(bytes(range(256)) * 4)
    assert not is_pickled(FolderSource(tmp_path), NAME)


# ---- zips that lie


def zip_with(folder: Path, **members: bytes) -> None:
    write_torch_zip(folder / NAME, state_dict(tensor_program("0", ONE)), members)


def test_a_storage_of_another_size_is_refused(tmp_path: Path) -> None:
    write_torch_zip(tmp_path / NAME, state_dict(tensor_program("0", ONE)), {"0": bytes(20)})
    refusal(tmp_path, "storage '0' has 20 bytes, but should hold 6 elements of 4 bytes")


def test_a_missing_storage_is_refused(tmp_path: Path) -> None:
    write_torch_zip(tmp_path / NAME, state_dict(tensor_program("7", ONE)), {"0": bytes(24)})
    refusal(tmp_path, "storage '7' is not in the zip")


def test_a_storage_described_twice_is_refused(tmp_path: Path) -> None:
    other = tensor_program("0", ONE.astype(np.float16))
    write_torch_zip(tmp_path / NAME, state_dict(tensor_program("0", ONE), other), {"0": ONE.tobytes()})
    refusal(tmp_path, "storage '0' is described in two ways")


def test_a_compressed_member_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / NAME, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"N." + bytes(100_000))
    refusal(tmp_path, "member 'archive/data.pkl' is compressed")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    write_torch(tmp_path / NAME)
    raw = (tmp_path / NAME).read_bytes()
    at = raw.index(b"PK\x01\x02") + 8
    (tmp_path / NAME).write_bytes(raw[:at] + b"\x01" + raw[at + 1 :])
    refusal(tmp_path, "is encrypted")


def test_a_member_twice_is_refused(tmp_path: Path) -> None:
    write_torch(tmp_path / NAME)
    with zipfile.ZipFile(tmp_path / NAME, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("archive/data/0", b"other")
    refusal(tmp_path, "two members have one name")


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    write_torch(tmp_path / NAME)
    raw = bytearray((tmp_path / NAME).read_bytes())
    first = raw.index(b"PK\x01\x02")
    second = raw.index(b"PK\x01\x02", first + 4)
    third = raw.index(b"PK\x01\x02", second + 4)
    raw[third + 42 : third + 46] = raw[second + 42 : second + 46]
    (tmp_path / NAME).write_bytes(raw)
    refusal(tmp_path, "overlaps the one before it")


def test_bytes_before_the_zip_are_refused(tmp_path: Path) -> None:
    write_torch(tmp_path / NAME)
    raw = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(b"PK\x03\x04 something else" + raw)
    refusal(tmp_path, "its directory of [0-9]+ bytes at [0-9]+ does not end at")


@pytest.mark.parametrize("change", [lambda raw: raw + b"x", lambda raw: raw[:-1], lambda raw: raw[:200]])
def test_a_zip_that_does_not_end_with_the_file_is_refused(change: object, tmp_path: Path) -> None:
    write_torch(tmp_path / NAME)
    assert callable(change)
    (tmp_path / NAME).write_bytes(change((tmp_path / NAME).read_bytes()))
    refusal(tmp_path, "does not end where the file ends")


def test_a_zip_without_a_pickle_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / NAME, "w") as archive:
        archive.writestr("readme", "no weights")
    refusal(tmp_path, "no data.pkl in the zip")


def test_bytes_after_the_pickle_are_refused(tmp_path: Path) -> None:
    write_torch_zip(tmp_path / NAME, state_dict(tensor_program("0", ONE)) + b"more", {"0": ONE.tobytes()})
    refusal(tmp_path, "4 bytes after the end of the pickle")


def test_a_damaged_pickle_is_refused(tmp_path: Path) -> None:
    write_torch(tmp_path / NAME)
    raw = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(raw.replace(b"OrderedDict", b"OrderedDicu", 1))
    refusal(tmp_path, "Bad CRC-32")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (b"\x80\x02", "cannot be followed"),
        (b"\x80\x02(.", "a mark where a value is needed|pickle"),
        (b"\x80\x02R.", "cannot be followed"),
        (b"\x80\x02h\x05.", "cannot be followed"),
        (b"\x80\x02t.", "no mark"),
        (b"\x80\x02q\x00.", "the stack is empty"),
        (b"\x80\x02\xff.", "cannot be followed"),
        (b"\x80\x02X\xff\xff\xff\x7fabc.", "cannot be followed"),
    ],
)
def test_a_pickle_that_cannot_be_followed_is_refused(program: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(program)
    refusal(tmp_path, message)


def test_too_many_opcodes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickles, "MAX_OPCODES", 1000)
    (tmp_path / NAME).write_bytes(b"\x80\x02" + b"N0" * 1000 + b"N.")
    refusal(tmp_path, "more than 1000 opcodes")


def test_a_huge_pickle_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_zip, "MAX_PICKLE", 100)
    write_torch(tmp_path / NAME)
    refusal(tmp_path, "a pickle of [0-9]+ bytes, at most 100")


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_MEMBERS", 3)
    write_torch(tmp_path / NAME)
    refusal(tmp_path, "at most 3 are read")


def test_an_absurd_directory_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_DIRECTORY", 500)
    write_torch(tmp_path / NAME)
    refusal(tmp_path, "at most 500 are read")


# ---- the stream under the zip, and damage at random


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(-1, 3000)), max_size=8))
def test_a_ranged_file_reads_as_a_file_does(steps: list[tuple[int, int]]) -> None:
    with (
        RangedFile(FolderSource(Path(__file__)), Path(__file__).name) as ranged,
        Path(__file__).open("rb") as real,
    ):
        assert ranged.readable()
        assert ranged.seekable()
        for position, size in steps:
            assert ranged.seek(position) == real.seek(position)
            assert ranged.read(size) == real.read(size)
            assert ranged.tell() == real.tell()
        assert ranged.seek(-10, 2) == real.seek(-10, 2)
        assert ranged.read() == real.read()
        with pytest.raises(ValueError, match="before the beginning"):
            ranged.seek(-1)


@settings(max_examples=300)
@given(data=st.data())
def test_damage_raises_nothing_but_a_model_error(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("m", numbered=True)
    zipped = data.draw(st.booleans())
    if zipped:
        zip_with(folder, **{"0": ONE.tobytes()})
        raw = bytearray((folder / NAME).read_bytes())
    else:
        raw = bytearray(state_dict_pickle({"a": ONE, "b": ONE}, {"c": "a"}))
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    (folder / NAME).write_bytes(raw[: data.draw(st.integers(len(raw) // 2, len(raw)))])
    source = FolderSource(folder)
    try:
        found = read_torch(source, NAME)
        scans = scan_pickles(source, NAME)
    except ModelError:
        return
    assert len(scans) >= 1
    assert found.elements is None or found.elements == sum(t.elements for t in found.tensors)
