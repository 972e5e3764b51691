"""What a pickle would do, found by walking over its opcodes; nothing is ever unpickled.

The walk shows which globals a load would import, and what state dict of tensors ``torch.save`` described.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weightgate.errors import ModelError
from weightgate.inspect.pickle_machine import Global, Machine, NameDict, Storage, Tensor

if TYPE_CHECKING:
    import pickletools

MAX_OPCODES = 2_000_000
"""A state dict takes some 40 opcodes for each tensor."""

# What pickletools raises on damage; a bad escape in a string is a warning, which may be set to raise.
_UNFOLLOWABLE = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    EOFError,
    struct.error,
    DeprecationWarning,
)
_DOTTED = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)


@dataclass(frozen=True)
class Scan:
    """What a pickle would do.

    Attributes:
        globals: Names that it would import, each once, by first use.
        storages: Storages by key.
        state_dict: Tensors by name, when the pickle is one plain dict of names to tensors; else None.
        end: Offset of the byte after it.
    """

    globals: tuple[Global, ...]
    storages: Mapping[str, Storage]
    state_dict: Mapping[str, Tensor] | None
    end: int


def scan_pickle(raw: bytes, where: str, *, base: int = 0) -> Scan:
    """Walk over one pickle.

    Args:
        raw: Bytes that begin with it.
        where: The file, for messages.
        base: Offset of ``raw`` in the file, for messages.

    Raises:
        ModelError: Not a pickle that can be followed to its end. That is never safe to load.
    """
    machine = Machine(where, base)
    try:
        for count, (opcode, argument, position) in enumerate(_opcodes(raw)):
            if count >= MAX_OPCODES:
                raise machine.bad(f"more than {MAX_OPCODES} opcodes")
            machine.offset = base + (position or 0)
            machine.step(opcode, argument)
        top = machine.pop()
    except _UNFOLLOWABLE as error:
        raise machine.bad(f"the pickle cannot be followed: {str(error)[:200]}") from None
    end = machine.offset - base + 1
    plain = isinstance(top, NameDict) and top.plain
    return Scan(
        tuple(machine.globals.values()),
        machine.storages,
        top.items if plain and isinstance(top, NameDict) else None,
        end,
    )


def begins_as_pickle(raw: bytes) -> bool:
    """Whether a file that does not say so is a pickle that imports something, before its end or before it fails.

    A load of a damaged pickle has already run what stands before the damage.
    """
    machine = Machine("", 0)
    try:
        for count, (opcode, argument, _) in enumerate(_opcodes(raw)):
            machine.step(opcode, argument)
            if count >= MAX_OPCODES:
                break
    except ModelError as error:
        if error.code == "unsafe_pickle":
            return True
    except _UNFOLLOWABLE:
        pass
    return any(_DOTTED.fullmatch(str(found)) for found in machine.globals.values())


def _opcodes(raw: bytes) -> Iterator[tuple[pickletools.OpcodeInfo, Any, int | None]]:
    import pickletools

    return pickletools.genops(raw)
