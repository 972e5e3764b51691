"""Reads what ``cel-expr-python`` serialises: a ``cel.expr.CheckedExpr`` inside an ``Any``.

Only the parts of ``cel/expr/checked.proto`` and ``syntax.proto`` that a condition can use are read; the field numbers
are fixed by those files. Anything else becomes a :class:`Node` of kind ``other``, which the lowering refuses.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from weightgate.facts.values import Scalar
from weightgate.records import record

MIRRORED = {"_<_": "_>_", "_<=_": "_>=_", "_>_": "_<_", "_>=_": "_<=_", "_==_": "_==_", "_!=_": "_!=_"}
"""CEL's names of the comparisons, each with the one that says the same of its operands the other way round."""


@record
class Node:
    """One expression of a checked CEL program.

    Attributes:
        kind: ``const``, ``ident``, ``call``, ``list`` or ``other``.
        offset: Place in the condition's text, in characters.
        name: Name of an identifier, or function of a call.
        value: Value of a constant.
        args: Arguments of a call, or elements of a list.
    """

    kind: str
    offset: int
    name: str = ""
    value: Scalar | None = None
    args: tuple[Node, ...] = ()


# Field numbers, from cel/expr/checked.proto, cel/expr/syntax.proto and google/protobuf/any.proto.
_ANY_VALUE = 2
_CHECKED_EXPR, _CHECKED_SOURCE = 4, 5
_SOURCE_POSITIONS = 4
_EXPR_ID, _EXPR_CONST, _EXPR_IDENT, _EXPR_CALL, _EXPR_LIST = 2, 3, 4, 6, 7
_CALL_TARGET, _CALL_FUNCTION, _CALL_ARGS = 1, 2, 3
_CONST_BOOL, _CONST_INT, _CONST_DOUBLE, _CONST_STRING = 2, 3, 5, 6


def read_checked(serialized: bytes) -> Node:
    """The expression tree of a serialised program, with the place of each node."""
    checked = dict(_fields(_bytes(dict(_fields(serialized)), _ANY_VALUE)))
    positions: dict[int, int] = {}
    for number, entry in _fields(_bytes(checked, _CHECKED_SOURCE)):
        if number == _SOURCE_POSITIONS and isinstance(entry, bytes):
            pair = dict(_fields(entry))
            positions[_int(pair, 1)] = _int(pair, 2)
    return _node(_bytes(checked, _CHECKED_EXPR), positions)


def _node(raw: bytes, positions: dict[int, int]) -> Node:
    fields = dict(_fields(raw))
    offset = positions.get(_int(fields, _EXPR_ID), 0)
    if _EXPR_CONST in fields:
        return Node("const", offset, value=_constant(_bytes(fields, _EXPR_CONST)))
    if _EXPR_IDENT in fields:
        return Node("ident", offset, name=_bytes(dict(_fields(_bytes(fields, _EXPR_IDENT))), 1).decode())
    if _EXPR_CALL in fields:
        call = list(_fields(_bytes(fields, _EXPR_CALL)))
        if any(number == _CALL_TARGET for number, _ in call):
            return Node("other", offset, name=next(v for n, v in call if n == _CALL_FUNCTION).decode())  # type: ignore[union-attr]
        name = next(v for n, v in call if n == _CALL_FUNCTION and isinstance(v, bytes)).decode()
        args = tuple(_node(v, positions) for n, v in call if n == _CALL_ARGS and isinstance(v, bytes))
        return Node("call", offset, name=name, args=args)
    if _EXPR_LIST in fields:
        elements = _fields(_bytes(fields, _EXPR_LIST))
        return Node(
            "list",
            offset,
            args=tuple(_node(v, positions) for n, v in elements if n == 1 and isinstance(v, bytes)),
        )
    return Node("other", offset)


def _constant(raw: bytes) -> Scalar | None:
    for number, value in _fields(raw):
        if number == _CONST_BOOL:
            return bool(value)
        if number == _CONST_INT and isinstance(value, int):
            return value - (1 << 64) if value >> 63 else value
        if number == _CONST_DOUBLE and isinstance(value, bytes):
            return float(struct.unpack("<d", value)[0])
        if number == _CONST_STRING and isinstance(value, bytes):
            return value.decode()
    return None


def _bytes(fields: dict[int, int | bytes], number: int) -> bytes:
    value = fields.get(number, b"")
    return value if isinstance(value, bytes) else b""


def _int(fields: dict[int, int | bytes], number: int) -> int:
    value = fields.get(number, 0)
    return value if isinstance(value, int) else 0


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field number and value of each field of a protobuf message, in order."""
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(raw, at)
            yield number, value
        else:
            length, at = (8, at) if wire == 1 else (4, at) if wire == 5 else _varint(raw, at)
            yield number, raw[at : at + length]
            at += length


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = raw[at]
        at += 1
        result |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return result, at
