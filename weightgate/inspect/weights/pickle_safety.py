"""Which globals a pickle may name: those of weights, and those of a trainer's own state."""

from __future__ import annotations

import re

from weightgate.errors import ModelError
from weightgate.inspect.weights.pickle_machine import STORAGES
from weightgate.inspect.weights.pickles import Scan

_DTYPES = {
    "float64 double float32 float float16 half bfloat16 complex64 cfloat complex128 cdouble uint8 uint16 uint32",
    "uint64 int8 int16 short int32 int int64 long bool qint8 quint8 qint32 float8_e4m3fn float8_e5m2",
    "float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu",
}
_REBUILD = (
    "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state"
    " _rebuild_sparse_tensor _rebuild_qtensor _rebuild_meta_tensor_no_storage"
)

SAFE = frozenset(
    {("collections", "OrderedDict"), ("torch.storage", "UntypedStorage"), ("torch.storage", "TypedStorage")}
    | {("torch", name) for name in STORAGES}
    | {("torch", name) for line in _DTYPES for name in line.split()}
    | {("torch._utils", name) for name in _REBUILD.split()}
)
"""Globals that a file of weights may name. They are listed one by one: ``torch._utils`` as a whole would let
``_import_dotted_name`` through, which reaches everything."""


_TRAINER_LIBRARIES = frozenset({"torch", "transformers", "accelerate", "trl", "peft"})
"""Libraries whose classes a trainer's state may name. Their functions it may not: some of them run anything."""

_CLASS = re.compile(r"[A-Z]\w*", re.ASCII)

# numpy 1 and 2 have two names for one module; fix_imports writes the builtins of Python 2.
_ARRAYS = {
    (f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")
}
_BUILTINS = {
    (module, name)
    for module in ("builtins", "__builtin__")
    for name in (
        "set",
        "frozenset",
        "dict",
        "list",
        "tuple",
        "int",
        "float",
        "bool",
        "str",
        "bytes",
        "complex",
    )
}
_DATA = {
    "collections": "defaultdict deque Counter",
    "datetime": "datetime date time timedelta timezone",
    "pathlib": "Path PosixPath PurePosixPath WindowsPath PureWindowsPath",
    "numpy": "ndarray dtype",
    "torch": "device Size",
    "_codecs": "encode",
}

TRAINING_STATE = (
    SAFE | _ARRAYS | _BUILTINS | {(m, name) for m, names in _DATA.items() for name in names.split()}
)
"""Globals that a trainer's own state may name beside the classes of its libraries."""


def require_safe(scan: Scan, where: str) -> None:
    """Refuse a pickle that names anything but tensors and what they are made of.

    Raises:
        ModelError: With code ``unsafe_pickle``; it names the global and the offset of its opcode.
    """
    for found in scan.globals:
        if (found.module, found.name) not in SAFE:
            raise ModelError(
                f"unsafe pickle: loading this file would import {found}, which has no place in weights",
                where=f"{where}: offset {found.offset}",
                hint="do not load it; ask the publisher for safetensors",
                code="unsafe_pickle",
            )


def require_training_state(scan: Scan, where: str) -> None:
    """Refuse a pickle of a trainer's own state that names more than plain data and classes of the writing libraries.

    Args:
        scan: The pickle.
        where: The file, for messages.

    Raises:
        ModelError: With code ``unsafe_pickle``.
    """
    for found in scan.globals:
        library = found.module.partition(".")[0]
        # A name with a dot is an attribute of an attribute, and leaves the library at its first import.
        of_library = library in _TRAINER_LIBRARIES and _CLASS.fullmatch(found.name)
        if not of_library and (found.module, found.name) not in TRAINING_STATE:
            raise ModelError(
                f"unsafe pickle: loading this file would import {found}, which has no place in a trainer's state",
                where=f"{where}: offset {found.offset}",
                hint="do not load it, and do not trust the model that it came with",
                code="unsafe_pickle",
            )
