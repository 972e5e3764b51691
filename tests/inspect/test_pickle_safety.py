"""Which names a pickle may ask for: those of weights exactly, those of a trainer's state, and no other."""

from __future__ import annotations

import _compat_pickle
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inspect.memory_source import MemorySource
from weightgate.errors import Exit, ModelError
from weightgate.inspect.weights.pickle_machine import STORAGES
from weightgate.inspect.weights.pickle_safety import (
    SAFE,
    TRAINING_STATE,
    require_safe,
    require_training_state,
)
from weightgate.inspect.weights.pickles import Scan, scan_pickle
from weightgate.inspect.weights.reading import read_weights
from weightgate.inspect.weights.torch_zip import is_pickled, is_tar, read_torch, scan_pickles


@pytest.mark.parametrize("name", sorted(STORAGES))
def test_every_storage_is_safe(name: str) -> None:
    require_safe(scan_pickle(b"\x80\x02ctorch\n" + name.encode() + b"\n.", "m"), "m")


def test_nothing_that_runs_code_is_safe() -> None:
    modules = {module for module, _ in SAFE}
    assert modules == {"collections", "torch", "torch._utils", "torch.storage"}
    functions = {name for module, name in SAFE if module == "torch._utils"}
    assert all(name.startswith("_rebuild_") for name in functions)
    assert not {name for _, name in SAFE if "load" in name or "import" in name or "eval" in name}


@pytest.mark.parametrize(
    "name",
    [
        "transformers.training_args.TrainingArguments",
        "accelerate.state.PartialState",
        "numpy.core.multiarray._reconstruct",
        "torch.optim.adamw.AdamW",
        "builtins.set",
        "_codecs.encode",
        "__builtin__.set",
        "torch.device",
        "torch.float32",
        "numpy._core.multiarray.scalar",
        "datetime.timedelta",
        "pathlib.PosixPath",
        "trl.trainer.sft_config.SFTConfig",
    ],
)
def test_a_trainers_state_may_name_its_libraries(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    scan = scan_pickle(f"c{module}\n{attribute}\n.".encode(), "m")
    require_training_state(scan, "m")


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "builtins.eval",
        "builtins.getattr",
        "torchevil.x",
        "subprocess.run",
        "numpyx.y",
        "sys.exit",
        "torch.hub.load",
        "torch.serialization.load",
        "torch._utils._import_dotted_name",
        "numpy.testing._private.utils.runstring",
        "numpy.load",
        "transformers.utils.import_utils.direct_transformers_import",
        "accelerate.utils.patch_environment",
        "collections._sys.exit",
        "__builtin__.eval",
        "datetime.sys",
        "Torch.device",
    ],
)
def test_a_trainers_state_may_name_nothing_else(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    scan = scan_pickle(f"c{module}\n{attribute}\n.".encode(), "m", base=100)
    with pytest.raises(ModelError, match=f"would import {name}") as caught:
        require_training_state(scan, "file")
    assert caught.value.where == "file: offset 100"
    assert caught.value.code == "unsafe_pickle"


def test_no_name_is_another_ones_in_python_2() -> None:
    # With fix_imports, an unpickler looks old names up under new ones.
    for module, name in SAFE:
        assert (module, name) not in _compat_pickle.NAME_MAPPING
        assert module not in _compat_pickle.IMPORT_MAPPING
    for module, name in TRAINING_STATE - SAFE:
        mapped = _compat_pickle.NAME_MAPPING.get((module, name), (module, name))
        assert (_compat_pickle.IMPORT_MAPPING.get(mapped[0], mapped[0]), mapped[1]) in TRAINING_STATE


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("torch", "os.system"),
        ("torch.utils", "data.os.system"),
        ("transformers", "Trainer.save_model"),
        ("torch x", "Device"),
        ("torch", "Device x"),
        (" torch", "device"),
        ("torch", "_dynamo"),
        ("torch", "\u212a"),
        ("torch", ""),
    ],
)
def test_an_attribute_of_an_attribute_leaves_the_library(module: str, name: str) -> None:
    texts = b"".join(b"\x8c" + bytes([len(t.encode())]) + t.encode() for t in (module, name))
    scan = scan_pickle(b"\x80\x04" + texts + b"\x93.", "m")
    assert [(item.module, item.name) for item in scan.globals] == [(module, name)]
    for require in (require_safe, require_training_state):
        with pytest.raises(ModelError) as caught:
            require(scan, "file")
        assert (caught.value.code, caught.value.exit) == ("unsafe_pickle", Exit.INPUT)
        assert caught.value.hint.startswith("do not load it")


@given(st.sampled_from(sorted(SAFE)), st.integers(0, 30), st.sampled_from(" .\t_Aa0"))
def test_nothing_but_the_exact_name_is_safe(pair: tuple[str, str], at: int, letter: str) -> None:
    for changed in (0, 1):
        text = pair[changed]
        other = text[: at % (len(text) + 1)] + letter + text[at % (len(text) + 1) :]
        asked = (other, pair[1]) if changed == 0 else (pair[0], other)
        scan = scan_pickle(f"c{asked[0]}\n{asked[1]}\n.".encode(), "m")
        if asked in SAFE:
            require_safe(scan, "m")
            continue
        with pytest.raises(ModelError, match="unsafe pickle"):
            require_safe(scan, "m")


# ---- pickles that follow one another

MAGIC = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
EVIL = b"cposix\nsystem\n(S'true'\ntR."
SYSTEM: list[object] = [1001, {"little_endian": True}, {"a": 1}, []]
PLAIN = [pickle.dumps(item, 2) for item in SYSTEM]


def scans_of(raw: bytes) -> list[Scan]:
    return scan_pickles(MemorySource({"m.bin": raw}), "m.bin")


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_no_pickle_of_the_old_format_is_overlooked(place: int) -> None:
    parts = [MAGIC, *PLAIN]
    parts[place] = EVIL
    with pytest.raises(ModelError, match=r"posix\.system") as caught:
        read_torch(MemorySource({"m.bin": b"".join(parts)}), "m.bin")
    assert caught.value.where == f"./model/m.bin: offset {len(b''.join(parts[:place]))}"


@pytest.mark.parametrize("filler", [b"I1001\n.", b"N.", b"(lp0\n.", b"\x80\x02N."])
def test_a_harmless_pickle_between_hides_nothing(filler: bytes) -> None:
    with pytest.raises(ModelError, match=r"posix\.system"):
        read_torch(MemorySource({"m.bin": MAGIC + filler + filler + EVIL}), "m.bin")


def test_storages_after_the_five_pickles_are_no_pickles() -> None:
    assert len(scans_of(b"".join([MAGIC, *PLAIN]) + EVIL)) == 5


def test_a_file_of_others_is_followed_to_its_end() -> None:
    many = b"N." * 9
    assert len(scans_of(many)) == 9
    assert len(scans_of(many + b"\xff\xff")) == 9
    assert len(scans_of(b"N." * 99)) == 64
    with pytest.raises(ModelError, match=r"would import posix\.system"):
        read_weights(MemorySource({"m.pkl": b"cbuiltins\nset\n." + many + EVIL, "a.bin": EVIL}))


def test_damage_after_an_import_is_refused() -> None:
    with pytest.raises(ModelError, match="cannot be followed"):
        scans_of(MAGIC + b"cposix\nsystem\n(S'true'\ntR\xff")


# ---- what is taken for a pickle


@pytest.mark.parametrize("filler", [b"S'" + b"x" * 100_000 + b"'\n0", b"N0" * 50_000])
def test_an_import_far_behind_is_found(filler: bytes) -> None:
    source = MemorySource({"m.bin": filler + EVIL})
    assert is_pickled(source, "m.bin")
    with pytest.raises(ModelError, match=r"posix\.system"):
        read_weights(source)


def test_a_large_file_that_is_no_pickle_is_not_read_on() -> None:
    source = MemorySource({"m.bin": b"\0\1\2" + bytes(10**6)})
    assert not is_pickled(source, "m.bin")
    assert source.reads == ["m.bin"]


def test_a_tar_of_the_oldest_torch_is_refused(tmp_path: Path) -> None:
    import tarfile

    (tmp_path / "pickle").write_bytes(EVIL)
    with tarfile.open(tmp_path / "old.tar", "w") as archive:
        archive.add(tmp_path / "pickle", "pickle")
    raw = (tmp_path / "old.tar").read_bytes()
    source = MemorySource({"pytorch_model.bin": raw})
    assert is_tar(source, "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"a tar, whose pickles torch\.load would load") as caught:
        read_weights(source)
    assert (caught.value.code, caught.value.where) == ("unsafe_pickle", "./model/pytorch_model.bin")


@pytest.mark.parametrize("raw", [b"", b"x" * 600, bytes(600), b"a" * 148 + b"0000000\0" + b"b" * 500])
def test_other_files_are_no_tars(raw: bytes) -> None:
    assert not is_tar(MemorySource({"m.bin": raw}), "m.bin")
