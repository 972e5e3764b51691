"""The walk over pickles against the real unpickler: no global that a load would import is overlooked."""

from __future__ import annotations

import collections
import copyreg
import datetime as dt
import decimal
import fractions
import pathlib
import pickle
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.inspect.unpicklers import InPython, asked_by_the_unpicklers
from tests.inspect.writers import state_dict_pickle, tensor_program
from weightgate.errors import ModelError
from weightgate.inspect.weights.pickle_machine import Global
from weightgate.inspect.weights.pickle_safety import require_safe
from weightgate.inspect.weights.pickle_sniff import begins_as_pickle, may_begin_as_pickle
from weightgate.inspect.weights.pickles import scan_pickle

ONE = np.arange(6, dtype=np.float32).reshape(2, 3)


def found_by_the_walk(raw: bytes) -> set[tuple[str, str]]:
    return {(item.module, item.name) for item in scan_pickle(raw, "m").globals}


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
    assert {(item.module, item.name) for item in scan.globals} == asked_by_the_unpicklers(raw)
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


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "insert", "delete"]),
        st.integers(0, 2000),
        st.sampled_from(OPCODES) | st.sampled_from(b" \n\r\t.'\\\x00\xc3") | st.integers(0, 255),
    ),
    min_size=1,
    max_size=4,
)


def damaged(seed: bytes, changes: list[tuple[str, int, int]]) -> bytes:
    raw = bytearray(seed)
    for change, place, byte in changes:
        at = place % len(raw)
        if change == "set":
            raw[at] = byte
        elif change == "insert":
            raw.insert(at, byte)
        elif len(raw) > 1:
            del raw[at]
    return bytes(raw)


def assert_nothing_is_hidden(raw: bytes) -> None:
    """No unpickler asks for more than the walk found; and where the walk fails, what begins as a pickle is known as one."""
    asked = asked_by_the_unpicklers(raw)
    try:
        found = found_by_the_walk(raw)
    except ModelError:
        # Refused as a whole, if it is taken for a pickle at all: by its first byte, or by what it would import.
        dotted = {pair for pair in asked if re.fullmatch(r"[A-Za-z_][\w.]*", ".".join(pair), re.ASCII)}
        assert raw[:1] == b"\x80" or not dotted or begins_as_pickle(raw)
        return
    assert asked <= found


@settings(max_examples=800)
@given(st.sampled_from(SEEDS), CHANGES)
@example(SEEDS[0], [("set", 6, 32)])
@example(SEEDS[0], [("set", 5, 32)])
@example(SEEDS[0], [("insert", 12, 32)])
@example(b"S'posix'\nS'system'\n\x93.", [("set", 99, 46)])
@example(b"U\x05posixU\x06system\x93)R.", [("set", 99, 46)])
@example(b"cposix\nsystem", [("set", 0, 99)])
@example(b"(S'true'\niposix\nsystem\n.", [("set", 3, 128)])
@example(b"(S'true'\niposix\nsystem\n.", [("set", 0, 149)])
@example(b"I0x10\n0cposix\nsystem\n.", [("set", 0, 73)])
@example(b"L0x10L\n0cposix\nsystem\n.", [("set", 0, 76)])
def test_a_damaged_pickle_hides_nothing(seed: bytes, changes: list[tuple[str, int, int]]) -> None:
    assert_nothing_is_hidden(damaged(seed, changes))


@pytest.mark.parametrize("raw", [b"(S'true'\niposixsystem\n\x80", b"(S'\x80rue'\niposixsystem\n\x80"])
def test_a_last_line_without_an_end_is_a_name_without_its_last_byte(raw: bytes) -> None:
    assert begins_as_pickle(raw)
    assert_nothing_is_hidden(raw)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (" collections", "OrderedDict"),
        ("collections ", "OrderedDict"),
        ("collections", " OrderedDict"),
        ("col lections", "Ordered Dict"),
        ("torch", "x y"),
        ("torch x", "y"),
        ("", "x"),
        ("x", ""),
        ("collections\r", "OrderedDict\r"),
    ],
)
@pytest.mark.parametrize("opcode", ["c", "(i"])
def test_module_and_name_are_the_two_lines_whatever_is_on_them(opcode: str, module: str, name: str) -> None:
    raw = f"{opcode}{module}\n{name}\n.".encode()
    assert found_by_the_walk(raw) == {(module, name)}
    assert asked_by_the_unpicklers(raw) <= {(module, name)}
    with pytest.raises(ModelError, match="unsafe pickle: loading this file would import"):
        require_safe(scan_pickle(raw, "m"), "m")


TEXTS = {
    "STRING": b"S'%b'\n",
    "BINSTRING": b"T%c\x00\x00\x00%b",
    "SHORT_BINSTRING": b"U%c%b",
}


@pytest.mark.parametrize("form", TEXTS)
def test_a_string_of_python_2_names_no_global(form: str) -> None:
    # Which characters its bytes are depends on the encoding that the loader chooses.
    def text(raw: bytes) -> bytes:
        template = TEXTS[form]
        return template % (raw if form == "STRING" else (len(raw), raw))

    raw = b"\x80\x02" + text(b"collections") + text(b"OrderedDict") + b"\x93."
    assert asked_by_the_unpicklers(raw) == {("collections", "OrderedDict")}
    with pytest.raises(ModelError, match="imports a name that it first computes") as caught:
        scan_pickle(raw, "m")
    assert (caught.value.code, caught.value.where[:10]) == ("unsafe_pickle", "m: offset ")


def test_a_string_of_python_2_is_a_key_like_any_other() -> None:
    program = state_dict_pickle({"a": ONE}, {}).replace(b"X\x01\x00\x00\x00a", b"U\x01a")
    scan = scan_pickle(program, "m")
    assert scan.state_dict is not None
    assert list(scan.state_dict) == ["a"]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(OPCODES), max_size=12), st.binary(max_size=6))
def test_any_program_of_opcodes_is_followed_or_refused(opcodes: list[int], tail: bytes) -> None:
    assert_nothing_is_hidden(b"\x80\x04" + bytes(opcodes) + tail + b".")


def test_extensions_are_refused_though_they_are_registered() -> None:
    copyreg.add_extension("posix", "system", 0x77)
    try:
        raw = b"\x80\x02\x82\x77X\x04\x00\x00\x00true\x85R."
        # Not the unpickler in C: for an extension it asks nobody, and imports.
        recorder = InPython(raw, "ASCII")
        recorder.load()
        assert recorder.asked == {("extension", "119")}
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


def test_the_first_use_of_a_global_is_the_one_that_is_named() -> None:
    raw = b"\x80\x02ca\nb\n0cposix\nsystem\n0cposix\nsystem\n."
    assert scan_pickle(raw, "m").globals == (Global("a", "b", 2), Global("posix", "system", 8))


# ---- what begins as a pickle


@pytest.mark.parametrize(
    ("raw", "imports", "cut"),
    [
        (b"cposix\nsystem\n(S'true'\ntR.", True, False),
        (b"cposix\nsystem", True, True),  # the end of the file ends the line
        (b"cposix", True, True),
        (b"(S'true'\niposix\nsystem\n.", True, False),
        (b"S'" + b"a" * 99, False, True),
        (b"X\xff\xff\x00\x00abc", False, True),
        (b"I1\n.", False, False),
        (b"N.rest", False, False),
        (b"\x00\x01", False, False),
        (b"\x80\x04\x8c\x01aN\x93.", True, False),  # a computed name is never safe
        (b"\x80\x02h\x05.", False, False),
    ],
)
def test_what_imports_something_begins_as_a_pickle(raw: bytes, *, imports: bool, cut: bool) -> None:
    assert begins_as_pickle(raw) is imports
    assert may_begin_as_pickle(raw) is (imports or cut)


@given(st.binary(max_size=40))
def test_what_begins_as_a_pickle_may_begin_as_one(raw: bytes) -> None:
    assert may_begin_as_pickle(raw) or not begins_as_pickle(raw)
