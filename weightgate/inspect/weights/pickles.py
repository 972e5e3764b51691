"""What a pickle would do, found by walking over its opcodes; nothing is ever unpickled.

The walk shows which globals a load would import, and what state dict of tensors ``torch.save`` described.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from weightgate.inspect.weights.pickle_machine import (
    NAMING,
    UNFOLLOWABLE,
    Global,
    Machine,
    NameDict,
    Storage,
    Tensor,
)
from weightgate.records import record

if TYPE_CHECKING:
    import pickletools

MAX_OPCODES = 2_000_000
"""A state dict takes some 40 opcodes for each tensor."""


@record
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
        for count, (opcode, argument, position) in enumerate(_opcodes(io.BytesIO(raw))):
            if count >= MAX_OPCODES:
                raise machine.bad(f"more than {MAX_OPCODES} opcodes")
            machine.offset = base + position
            machine.step(opcode, argument)
        top = machine.pop()
    except UNFOLLOWABLE as error:
        raise machine.bad(f"the pickle cannot be followed: {str(error)[:200]}") from None
    end = machine.offset - base + 1
    plain = isinstance(top, NameDict) and top.plain
    return Scan(
        tuple(machine.globals.values()),
        machine.storages,
        top.items if plain and isinstance(top, NameDict) else None,
        end,
    )


def _opcodes(stream: io.BytesIO) -> Iterator[tuple[pickletools.OpcodeInfo, Any, int]]:
    """The opcodes with argument and position; where one names a global, its argument is (module, name)."""
    import pickletools

    raw = stream.getbuffer()
    for opcode, argument, position in pickletools.genops(stream):
        start = position or 0
        if opcode.name in NAMING:
            # pickletools joins the two lines with a space, which may be in either.
            module, name = bytes(raw[start + 1 : stream.tell() - 1]).decode("ascii").split("\n")
            yield opcode, (module, name), start
        else:
            yield opcode, argument, start
