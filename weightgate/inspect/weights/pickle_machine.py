"""The stack machine of pickle, played with names in place of objects (``pickletools`` documents the opcodes).

A global stays a name, a call is looked at and not made.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from weightgate.errors import ModelError

if TYPE_CHECKING:
    import pickletools

_MAX_DIMENSIONS = 64
_TOO_MANY = 2**63

NAMING = frozenset(["GLOBAL", "INST"])
"""Opcodes with a module and a name on two lines."""

# What pickletools raises on damage; a bad escape in a string is a warning, which may be set to raise.
UNFOLLOWABLE = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    EOFError,
    struct.error,
    DeprecationWarning,
)
"""What a step raises that no unpickler could take either."""

STORAGES = {
    "DoubleStorage": ("F64", 8),
    "FloatStorage": ("F32", 4),
    "HalfStorage": ("F16", 2),
    "BFloat16Storage": ("BF16", 2),
    "LongStorage": ("I64", 8),
    "IntStorage": ("I32", 4),
    "ShortStorage": ("I16", 2),
    "CharStorage": ("I8", 1),
    "ByteStorage": ("U8", 1),
    "BoolStorage": ("BOOL", 1),
    "ComplexFloatStorage": ("C64", 8),
    "ComplexDoubleStorage": ("C128", 16),
    "QInt8Storage": ("QI8", 1),
    "QUInt8Storage": ("QU8", 1),
    "QInt32Storage": ("QI32", 4),
    "UntypedStorage": ("U8", 1),
}
"""Type and bytes of an element by class of storage (``torch/storage.py``)."""


class Global(NamedTuple):
    """A name that a load would import.

    Attributes:
        module: Its module.
        name: Its name in the module.
        offset: Byte offset of the opcode in the pickle.
    """

    module: str
    name: str
    offset: int

    def __str__(self) -> str:
        """The dotted name."""
        return f"{self.module}.{self.name}"


class Storage(NamedTuple):
    """A storage that tensors point to: its key, class and number of elements."""

    key: str
    kind: str
    elements: int


class Tensor(NamedTuple):
    """A tensor over a storage, from an offset in elements."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]


class ByteText(str):
    """A string of Python 2: which characters its bytes are is for the reader to say, so it can name no global."""

    __slots__ = ()


class _Mark:
    """The machine's mark."""


@dataclass
class NameDict:
    """A dict being built. ``plain`` turns False with the first item that is no name with a tensor."""

    items: dict[str, Tensor] = field(default_factory=dict)
    plain: bool = True

    def put(self, key: Any, value: Any) -> None:
        """Set one item."""
        if isinstance(key, str) and isinstance(value, Tensor):
            self.items[key] = value
        else:
            self.plain = False


class Machine:
    """The stack machine of pickle, with names in place of objects."""

    def __init__(self, where: str, base: int) -> None:
        self.where = where
        self.offset = base
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.globals: dict[tuple[str, str], Global] = {}
        self.storages: dict[str, Storage] = {}

    def bad(self, message: str, code: str = "pickle") -> ModelError:
        """An error at the opcode being looked at."""
        return ModelError(
            message,
            where=f"{self.where}: offset {self.offset}",
            hint="do not load it; ask the publisher for safetensors",
            code=code,
        )

    def step(self, opcode: pickletools.OpcodeInfo, argument: Any) -> None:
        """Play one opcode; the argument of one that names a global is the pair of module and name."""
        special = _SPECIAL.get(opcode.name)
        if special is not None:
            special(self, argument)
        elif opcode.name in _BYTE_TEXTS:
            self.stack.append(ByteText(argument))
        elif opcode.name in _LITERALS:
            self.stack.append(argument)
        else:
            self._by_effect(opcode)

    def _by_effect(self, opcode: pickletools.OpcodeInfo) -> None:
        """Any other opcode: take off and put on as many unknowns as its documentation says."""
        before = opcode.stack_before
        if any(item.name == "mark" for item in before):
            self.since_mark()
            before = before[: [item.name for item in before].index("mark")]
        for _ in before:
            self.pop()
        self.stack.extend(None for _ in opcode.stack_after)

    def pop(self) -> Any:
        """Take off the top, which must be there and no mark."""
        value = self.stack.pop()
        if value is _Mark:
            raise self.bad("a mark where a value is needed")
        return value

    def since_mark(self) -> list[Any]:
        """Take off everything down to the last mark, and the mark."""
        position = len(self.stack) - 1
        while position >= 0 and self.stack[position] is not _Mark:
            position -= 1
        if position < 0:
            raise self.bad("no mark")
        values = self.stack[position + 1 :]
        del self.stack[position:]
        return values

    def found(self, module: Any, name: Any) -> None:
        """Note a global, and put it on the stack."""
        if type(module) is not str or type(name) is not str:
            message = "unsafe pickle: it imports a name that it first computes"
            raise self.bad(message, "unsafe_pickle")
        found = Global(module, name, self.offset)
        self.globals.setdefault((module, name), found)
        self.stack.append(found)


def _global(machine: Machine, argument: Any) -> None:
    module, name = argument
    machine.found(module, name)


def _stack_global(machine: Machine, _: Any) -> None:
    name = machine.pop()
    machine.found(machine.pop(), name)


def _instance(machine: Machine, argument: Any) -> None:
    # The unpickler imports before it looks for the mark.
    _global(machine, argument)
    machine.pop()
    machine.since_mark()
    machine.stack.append(None)


def _extension(machine: Machine, argument: Any) -> None:
    message = f"unsafe pickle: it uses number {argument} of the extension registry, which can be anything"
    raise machine.bad(message, "unsafe_pickle")


def _put(machine: Machine, argument: Any) -> None:
    if not machine.stack:
        raise machine.bad("the stack is empty")
    machine.memo[len(machine.memo) if argument is None else int(argument)] = machine.stack[-1]


def _get(machine: Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _tuple(size: int | None) -> Callable[[Machine, Any], None]:
    def build(machine: Machine, _: Any) -> None:
        values = machine.since_mark() if size is None else [machine.pop() for _ in range(size)][::-1]
        machine.stack.append(tuple(values))

    return build


def _empty_dict(machine: Machine, _: Any) -> None:
    machine.stack.append(NameDict())


def _dict(machine: Machine, _: Any) -> None:
    values = machine.since_mark()
    built = NameDict()
    for key, value in zip(values[::2], values[1::2], strict=True):
        built.put(key, value)
    machine.stack.append(built)


def _set_item(machine: Machine, _: Any) -> None:
    value, key = machine.pop(), machine.pop()
    if isinstance(machine.stack[-1], NameDict):
        machine.stack[-1].put(key, value)


def _set_items(machine: Machine, _: Any) -> None:
    values = machine.since_mark()
    target = machine.stack[-1]
    for key, value in zip(values[::2], values[1::2], strict=True):
        if isinstance(target, NameDict):
            target.put(key, value)


def _build(machine: Machine, _: Any) -> None:
    # The state of an OrderedDict is an attribute (torch's _metadata); what it is set on stays what it is.
    machine.pop()
    if isinstance(machine.stack[-1], Global):
        message = f"unsafe pickle: it changes {machine.stack[-1]} itself"
        raise machine.bad(message, "unsafe_pickle")


def _persistent(machine: Machine, _: Any) -> None:
    """A reference out of the pickle: torch names its storages so."""
    reference = machine.pop()
    storage = _storage(reference)
    if storage is not None:
        known = machine.storages.setdefault(storage.key, storage)
        if known != storage:
            raise machine.bad(f"storage {storage.key!r} is described in two ways")
    machine.stack.append(storage)


def _storage(reference: Any) -> Storage | None:
    match reference:
        case ("storage", Global(name=kind), str(key), _, int(elements), *_) if (
            kind in STORAGES and 0 <= elements < _TOO_MANY
        ):
            return Storage(key, kind, elements)
    return None


def _reduce(machine: Machine, _: Any) -> None:
    """A call: of ``OrderedDict()`` and of torch's rebuilding functions, the result is known."""
    arguments, function = machine.pop(), machine.pop()
    if not isinstance(function, Global):
        raise machine.bad("unsafe pickle: it calls something that it first computes", "unsafe_pickle")
    machine.stack.append(_called(function, arguments))


def _called(function: Any, arguments: Any) -> Any:
    match function, arguments:
        case Global(module="collections", name="OrderedDict"), ():
            return NameDict()
        case (
            Global(module="torch._utils", name="_rebuild_tensor" | "_rebuild_tensor_v2"),
            (Storage() as storage, int(offset), tuple(shape), *_),
        ) if len(shape) <= _MAX_DIMENSIONS and all(
            type(size) is int and 0 <= size < _TOO_MANY for size in shape
        ):
            return Tensor(storage, offset, shape)
        case Global(module="torch._utils", name="_rebuild_parameter"), (Tensor() as tensor, *_):
            return tensor
    return None


def _pop(machine: Machine, _: Any) -> None:
    machine.stack.pop()


def _pop_mark(machine: Machine, _: Any) -> None:
    machine.since_mark()


def _dup(machine: Machine, _: Any) -> None:
    value = machine.pop()
    machine.stack += [value, value]


_BYTE_TEXTS = frozenset(["STRING", "BINSTRING", "SHORT_BINSTRING"])
_LITERALS = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "UNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE",
        "BINUNICODE8",
    ]
)
_SPECIAL: dict[str, Callable[[Machine, Any], None]] = {
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "INST": _instance,
    "EXT1": _extension,
    "EXT2": _extension,
    "EXT4": _extension,
    "PUT": _put,
    "BINPUT": _put,
    "LONG_BINPUT": _put,
    "MEMOIZE": _put,
    "GET": _get,
    "BINGET": _get,
    "LONG_BINGET": _get,
    "MARK": lambda machine, _: machine.stack.append(_Mark),
    "POP_MARK": _pop_mark,
    "EMPTY_TUPLE": lambda machine, _: machine.stack.append(()),
    "TUPLE": _tuple(None),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "EMPTY_DICT": _empty_dict,
    "DICT": _dict,
    "SETITEM": _set_item,
    "SETITEMS": _set_items,
    "BUILD": _build,
    "BINPERSID": _persistent,
    "REDUCE": _reduce,
    "STOP": lambda _machine, _: None,
    "POP": _pop,
    "DUP": _dup,
    "FRAME": lambda _machine, _: None,
    "PROTO": lambda _machine, _: None,
}
