"""The walk over pickles against the real unpickler: no global that a load would import is overlooked."""

from __future__ import annotations

import collections
import contextlib
import copyreg
import datetime as dt
import decimal
import fractions
import io
import pathlib
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inspect.writers import state_dict_pickle, tensor_program
from weightgate.errors import ModelError
from weightgate.inspect.pickle_machine import STORAGES, Global
from weightgate.inspect.pickle_safety import SAFE, require_safe, require_training_state
from weightgate.inspect.pickles import begins_as_pickle, scan_pickle

ONE = np.arange(6, dtype=np.float32).reshape(2, 3)


class Inert:
    """What the unpickler gets in place of any global: it can be called, built and filled, and does nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        """Take anything."""

    def __setstate__(self, state: object) -> None:
        """Take anything."""

    def __setitem__(self, key: object, value: object) -> None:
        """Take anything."""

    def append(self, item: object) -> None:
        """Take anything."""

    def extend(self, items: object) -> None:
        """Take anything."""

    def add(self, item: object) -> None:
        """Take anything."""


class Recorder(pickle._Unpickler):
    """The real unpickler, which notes what it would import and imports nothing."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(io.BytesIO(raw))
        self.asked: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        """Note the name."""
        self.asked.add(f"{module}.{name}")
        return Inert

    def get_extension(self, code: int) -> None:
        """Note the number."""
        self.asked.add(f"extension {code}")
        self.append(Inert)  # type: ignore[attr-defined]

    def persistent_load(self, _pid: Any) -> Any:
        """Stand in for a storage."""
        return Inert()


def asked_by_the_unpickler(raw: bytes) -> set[str]:
    """Globals that a load asks for before it ends or fails."""
    recorder = Recorder(raw)
    # A damaged pickle fails in any way; what it had asked for before counts.
    with contextlib.suppress(Exception):
        recorder.load()
    return recorder.asked


def found_by_the_walk(raw: bytes) -> set[str]:
    return {str(item) for item in scan_pickle(raw, "m").globals}


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.binary(max_size=4)
    | st.builds(dt.timedelta, st.integers(0, 99))
    | st.builds(fractions.Fraction, st.integers(0, 9))
    | st.builds(decimal.Decimal, st.integers(0, 9))
    | st.builds(collections.OrderedDict)
    | st.builds(collections.Counter, st.text(max_size=3))
    | st.builds(pathlib.PurePosixPath, st.sampled_from(["a", "a/b"]))
    | st.sampled_from([len, print, dict, collections.deque([1]), bytearray(b"x"), complex(1, 2)])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.lists(inner, max_size=3).map(lambda items: [items, items])
        | st.frozensets(st.integers(), max_size=3)
        | st.sets(st.text(max_size=2), max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=300)
@given(VALUES, st.integers(0, 5))
def test_the_globals_are_those_that_the_unpickler_asks_for(value: object, protocol: int) -> None:
    raw = pickle.dumps(value, protocol)
    scan = scan_pickle(raw + b"rest", "m")
    assert {str(item) for item in scan.globals} == asked_by_the_unpickler(raw)
    assert scan.end == len(raw)
    assert begins_as_pickle(raw) is bool(scan.globals)


SEEDS = [
    *(pickle.dumps([collections.OrderedDict(a=1), {"b": dt.timedelta(1)}, len, {1}], p) for p in range(6)),
    state_dict_pickle({"a": ONE, "b": ONE}, {"c": "a"}),
    b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x8c\x04true\x85R.",
    b"\x80\x04\x8c\x05posix\x940\x8c\x06system\x940h\x00h\x01\x93)R.",
    b"(S'true'\niposix\nsystem\n.",
    b"\x80\x02(cposix\nsystem\nX\x04\x00\x00\x00trueo.",
    b"\x80\x02(K\x01K\x02(K\x031cposix\nsystem\n)R0.",
]
OPCODES = list(pickle._Unpickler.dispatch)


@settings(max_examples=800)
@given(st.data())
def test_a_damaged_pickle_hides_nothing(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        change = data.draw(st.sampled_from(["set", "insert", "delete"]))
        byte = data.draw(st.sampled_from(OPCODES) | st.integers(0, 255))
        if change == "set":
            raw[at] = byte
        elif change == "insert":
            raw.insert(at, byte)
        elif len(raw) > 1:
            del raw[at]
    try:
        found = found_by_the_walk(bytes(raw))
    except ModelError:
        return  # refused as a whole
    assert asked_by_the_unpickler(bytes(raw)) <= found


@settings(max_examples=300)
@given(st.lists(st.sampled_from(OPCODES), max_size=12), st.binary(max_size=6))
def test_any_program_of_opcodes_is_followed_or_refused(opcodes: list[int], tail: bytes) -> None:
    raw = b"\x80\x04" + bytes(opcodes) + tail + b"."
    try:
        found = found_by_the_walk(raw)
    except ModelError:
        return
    assert asked_by_the_unpickler(raw) <= found


def test_extensions_are_refused_though_they_are_registered() -> None:
    copyreg.add_extension("posix", "system", 0x77)
    try:
        raw = b"\x80\x02\x82\x77X\x04\x00\x00\x00true\x85R."
        assert asked_by_the_unpickler(raw) == {"extension 119"}
        with pytest.raises(ModelError, match="number 119 of the extension registry") as caught:
            scan_pickle(raw, "m")
        assert caught.value.code == "unsafe_pickle"
    finally:
        copyreg.remove_extension("posix", "system", 0x77)


# ---- state dicts


def test_a_state_dict_is_read_with_shapes_and_storages() -> None:
    scan = scan_pickle(state_dict_pickle({"a": ONE, "b": ONE.astype(np.int64)}, {"c": "a"}), "m")
    assert scan.state_dict is not None
    assert {name: tensor.shape for name, tensor in scan.state_dict.items()} == dict.fromkeys("abc", (2, 3))
    assert {key: (item.kind, item.elements) for key, item in scan.storages.items()} == {
        "0": ("FloatStorage", 6),
        "1": ("LongStorage", 6),
    }
    assert scan.state_dict["c"].storage == scan.storages["0"]


def test_the_metadata_that_torch_sets_on_a_state_dict_changes_nothing() -> None:
    plain = state_dict_pickle({"a": ONE}, {})
    state = b"}X\x09\x00\x00\x00_metadataccollections\nOrderedDict\n)Rsb."
    assert scan_pickle(plain[:-1] + state, "m").state_dict == scan_pickle(plain, "m").state_dict


def test_a_parameter_is_a_tensor() -> None:
    call = (
        b"ctorch._utils\n_rebuild_parameter\n("
        + tensor_program("0", ONE)
        + b"\x88ccollections\nOrderedDict\n)RtR"
    )
    scan = scan_pickle(b"\x80\x02}X\x01\x00\x00\x00w" + call + b"s.", "m")
    assert scan.state_dict is not None
    assert scan.state_dict["w"].shape == (2, 3)
    require_safe(scan, "m")


@pytest.mark.parametrize(
    "program",
    [
        tensor_program("0", ONE, [-1]),
        tensor_program("0", ONE, [1] * 65),
        tensor_program("0", ONE).replace(b"X\x07\x00\x00\x00storage", b"X\x07\x00\x00\x00stortge"),
        tensor_program("0", ONE).replace(b"FloatStorage", b"NoneStorage"),
    ],
    ids=["negative", "dimensions", "no storage", "unknown class"],
)
def test_a_tensor_that_makes_no_sense_is_no_tensor(program: bytes) -> None:
    assert scan_pickle(b"\x80\x02}X\x01\x00\x00\x00w" + program + b"s.", "m").state_dict is None


def test_a_dict_built_at_once_is_read() -> None:
    raw = b"\x80\x02(X\x01\x00\x00\x00w" + tensor_program("0", ONE) + b"d."
    assert scan_pickle(raw, "m").state_dict is not None


# ---- what may be named


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
    ],
)
def test_a_trainers_state_may_name_nothing_else(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    scan = scan_pickle(f"c{module}\n{attribute}\n.".encode(), "m", base=100)
    with pytest.raises(ModelError, match=f"would import {name}") as caught:
        require_training_state(scan, "file")
    assert caught.value.where == "file: offset 100"
    assert caught.value.code == "unsafe_pickle"


def test_the_first_use_of_a_global_is_the_one_that_is_named() -> None:
    raw = b"\x80\x02ca\nb\n0cposix\nsystem\n0cposix\nsystem\n."
    assert scan_pickle(raw, "m").globals == (Global("a", "b", 2), Global("posix", "system", 8))
