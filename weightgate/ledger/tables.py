"""The tables of a ledger: one schema, on SQLite and PostgreSQL.

SQLite keeps a value of any type in any column, so types are checked when values are read, before anything is made of
them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from weightgate.errors import SignatureError

FORMAT = 1
"""Version of the tables; another is refused."""

METADATA = MetaData()


class _Checked(TypeDecorator[Any]):
    """A column whose values must be of one type, with ``None`` where the column may be empty."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok = True
    needed: tuple[type, ...] = (str,)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        """Check what was read; SQLAlchemy's own conversion would make bytes of a number."""
        return self._check

    def _check(self, value: Any) -> Any:
        if type(value) in self.needed:
            return value
        raise SignatureError(
            f"a value of type {type(value).__name__} stands where {self.needed[0].__name__} is kept",
            hint="the ledger was changed from outside: weightgate ledger verify",
            code="ledger_state",
        )


class _Text(_Checked):
    cache_ok = True


class _TextOrNone(_Checked):
    cache_ok = True
    needed = (str, type(None))


class _Number(_Checked):
    impl = BigInteger().with_variant(Integer(), "sqlite")  # an INTEGER PRIMARY KEY is SQLite's row number
    cache_ok = True
    needed = (int,)


class _Bytes(_Checked):
    impl = LargeBinary
    cache_ok = True
    needed = (bytes,)


HEAD = Table(
    "weightgate_ledger",
    METADATA,
    Column("id", _Number, primary_key=True, autoincrement=False),  # always 1
    Column("format", _Number, nullable=False),
    Column("vkey", _Text, nullable=False),
    Column("size", _Number, nullable=False),
    Column("frontier", _Bytes, nullable=False),  # hashes of the perfect subtrees, the largest first
    Column("checkpoint", _Text, nullable=False),  # the latest
)
"""One row: what the ledger is, and how far it has come."""

ENTRIES = Table(
    "weightgate_entries",
    METADATA,
    Column("idx", _Number, primary_key=True, autoincrement=False),
    Column("leaf", _Bytes, nullable=False),
    Column("data", _Bytes, nullable=False),
    Column("key", _TextOrNone, unique=True),  # no second entry may have it
)

TILES = Table(
    "weightgate_tiles",
    METADATA,
    Column("level", _Number, primary_key=True, autoincrement=False),
    Column("idx", _Number, primary_key=True, autoincrement=False),
    Column("hashes", _Bytes, nullable=False),
    Column("root", _Bytes, nullable=False),
)
"""Full tiles only: partial ones are made of entries, and of the roots one level below."""

CHECKPOINTS = Table(
    "weightgate_checkpoints",
    METADATA,
    Column("size", _Number, primary_key=True, autoincrement=False),
    Column("note", _Text, nullable=False),
)
"""Every checkpoint that was signed."""
