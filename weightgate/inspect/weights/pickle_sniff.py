"""Whether a file is a pickle that imports something though it does not say so, as those of protocol 0 do not.

This walk is looser than the one of :mod:`weightgate.inspect.weights.pickles`: it goes on wherever any unpickler would, with
any encoding of old strings. What it takes for a pickle is then walked over strictly, and refused if that fails.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from weightgate.errors import ModelError
from weightgate.inspect.weights.pickle_machine import NAMING, UNFOLLOWABLE, Machine

if TYPE_CHECKING:
    import pickletools

MAX_STEPS = 2_000_000
"""How many opcodes are looked at; no file without a protocol takes so many before its first import."""

_DOTTED = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_LINE = -1  # pickletools.UP_TO_NEWLINE
# Bytes of the length before an argument, by pickletools.TAKEN_FROM_ARGUMENT1, 4, 4U and 8U.
_LENGTH_BYTES = {-2: 1, -3: 4, -4: 4, -5: 8}


def begins_as_pickle(raw: bytes) -> bool:
    """Whether a whole file is a pickle that imports something, before its end or before it fails.

    A load of a damaged pickle has already run what stands before the damage.
    """
    return _look(raw)[0]


def may_begin_as_pickle(raw: bytes) -> bool:
    """Whether the beginning of a file is a pickle that imports something, or may be one that goes on."""
    imports, cut = _look(raw)
    return imports or cut


def _look(raw: bytes) -> tuple[bool, bool]:
    """Whether it imports something before its end or its damage; and whether it is nothing worse than cut off."""
    from pickletools import opcodes

    by_byte = {ord(opcode.code): opcode for opcode in opcodes}
    machine = Machine("", 0)
    position = 0
    try:
        for _ in range(MAX_STEPS):
            opcode = by_byte[raw[position]] if position < len(raw) else None
            if opcode is None:
                break
            argument, position = _argument(raw, position + 1, opcode)
            if opcode.name not in NAMING and position > len(raw):
                break
            machine.step(opcode, argument)
            if opcode.name == "STOP":
                return _imports(machine), False
    except ModelError as error:
        return error.code == "unsafe_pickle" or _imports(machine), False
    except UNFOLLOWABLE:
        return _imports(machine), False
    return _imports(machine), position >= len(raw)


def _imports(machine: Machine) -> bool:
    return any(_DOTTED.fullmatch(str(found)) for found in machine.globals.values())


def _argument(raw: bytes, start: int, opcode: pickletools.OpcodeInfo) -> tuple[Any, int]:
    """The argument that begins at ``start``, and where it ends; beyond the end of the bytes when it is cut off."""
    if opcode.arg is None:
        return None, start
    if opcode.name in NAMING:
        module, middle = _line(raw, start)
        name, end = _line(raw, middle)
        return (module.decode(errors="replace"), name.decode(errors="replace")), end
    if opcode.arg.n == _LINE:
        line, end = _line(raw, start)
        return line.decode("raw_unicode_escape", "replace"), end
    if opcode.arg.n >= 0:
        end = start + opcode.arg.n
        return int.from_bytes(raw[start:end], "little"), end
    begin = start + _LENGTH_BYTES[opcode.arg.n]
    end = begin + int.from_bytes(raw[start:begin], "little")
    return raw[begin:end].decode(errors="replace"), end


def _line(raw: bytes, start: int) -> tuple[bytes, int]:
    """A line without its end, and where the next begins.

    Unpicklers take the end of a file for the end of a line, and the last byte before it for the line's end, whatever it is.
    """
    end = raw.find(b"\n", start)
    return (raw[start:-1], len(raw) + 1) if end < 0 else (raw[start:end], end + 1)
