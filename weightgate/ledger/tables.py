"""The tables of a ledger: one schema, on SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

FORMAT = 1
"""Version of the tables; another is refused."""

METADATA = MetaData()

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # an INTEGER PRIMARY KEY is SQLite's own row number

HEAD = Table(
    "weightgate_ledger",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("format", Integer, nullable=False),
    Column("vkey", Text, nullable=False),
    Column("size", _NUMBER, nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # hashes of the perfect subtrees, the largest first
    Column("checkpoint", Text, nullable=False),  # the latest
)
"""One row: what the ledger is, and how far it has come."""

ENTRIES = Table(
    "weightgate_entries",
    METADATA,
    Column("idx", _NUMBER, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("key", Text, unique=True),  # no second entry may have it
)

TILES = Table(
    "weightgate_tiles",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("idx", _NUMBER, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
)
"""Full tiles only: partial ones are made of entries, and of the roots one level below."""

CHECKPOINTS = Table(
    "weightgate_checkpoints",
    METADATA,
    Column("size", _NUMBER, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)
"""Every checkpoint that was signed."""
