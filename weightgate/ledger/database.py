"""The two databases that a ledger can lie in: connections, transactions that only one writer has, and their failures.

SQLite: write-ahead log, synced at each commit (``synchronous=FULL``), so that what was acknowledged outlives a crash of
the machine. PostgreSQL: ``synchronous_commit`` is on, whatever the server's default.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from weightgate.errors import InputError, UnreachableError, UsageError, WeightgateError
from weightgate.ledger.address import Address
from weightgate.signing.extras import missing

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine

WAIT = 30.0
"""Seconds that a writer waits for the others, unless told otherwise."""

FIRST_PAUSE, LAST_PAUSE = 0.0003, 0.01
"""Seconds between two attempts to get SQLite's lock, which grow."""

CONNECT_SECONDS = 10
MAX_VALUE_BYTES = 2_000_000
"""More than any entry, tile or note takes: a file that holds larger values is not read."""

_WRITES = "weightgate_writes"

NO_LEDGER = "weightgate ledger init makes one"


class Database:
    """A database that a ledger lies in, or is to lie in.

    Args:
        address: Where it is.
        wait: Seconds to wait for other writers.
        create: Whether the file may be made, where it is a file.

    Raises:
        InputError: There is no such file (code ``no_ledger``).
        UsageError: The driver for PostgreSQL is not installed (code ``extra_missing``).
    """

    def __init__(self, address: Address, *, wait: float = WAIT, create: bool = False) -> None:
        self.address = address
        self.on_sqlite = address.path is not None
        if address.path is not None:
            self._engine = _sqlite(address.path, wait, create=create)
            reads: dict[str, Any] = {}
            writes: dict[str, Any] = {_WRITES: True}
        else:
            self._engine = _postgresql(address, wait)
            reads = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            writes = {"isolation_level": "READ COMMITTED"}
        self._reader = self._engine.execution_options(**reads)
        self._writer = self._engine.execution_options(**writes)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the ledger, whatever others write meanwhile."""
        with self._failures(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is there whole or not at all; on SQLite, the only one that writes."""
        with self._failures(), self._writer.begin() as connection:
            yield connection

    def prepare(self) -> None:
        """Make a file of SQLite's one that readers and a writer can use at once; it stays so."""
        if self.on_sqlite:
            with self._failures(), self._engine.connect() as connection:
                raw: Any = connection.connection.dbapi_connection
                raw.execute("PRAGMA journal_mode=WAL")

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise _failure(error, self.address) from None
        except SQLAlchemyError as error:
            raise UnreachableError(
                f"the database failed: {_first_line(error)}", where=self.address.shown, code="ledger_store"
            ) from None


def _sqlite(path: Path, wait: float, *, create: bool) -> Engine:
    import sqlite3

    try:
        missing, folder = not create and not path.exists(), path.is_dir()
    except OSError as error:
        raise UnreachableError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check the path", code="ledger_io"
        ) from None
    if missing or folder:
        problem = "a folder is no ledger" if folder else "there is no ledger here"
        raise InputError(problem, where=str(path), hint=NO_LEDGER, code="no_ledger")
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"

    def connect() -> sqlite3.Connection:
        # autocommit: transactions are begun by hand, for sqlite3 would begin them too late
        connection = sqlite3.connect(
            uri, uri=True, timeout=wait, isolation_level=None, check_same_thread=False
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA trusted_schema=OFF")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
    event.listen(engine, "begin", lambda connection: _begin(connection, wait))
    return engine


def _begin(connection: Connection, wait: float) -> None:
    """Take the write lock at once: a reader that turns writer could find that another was quicker, and fail.

    SQLite itself waits for a lock in steps of up to 100 ms, in which two writers lose half their time; ours are shorter.
    """
    if not connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql("BEGIN")
        return
    end, pause = time.monotonic() + wait, FIRST_PAUSE
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        while not _has_begun(connection, may_fail=time.monotonic() < end):
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret: it keeps writers out of step
            pause = min(pause * 1.5, LAST_PAUSE)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={round(wait * 1000)}")


def _has_begun(connection: Connection, *, may_fail: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except DBAPIError as error:
        if may_fail and _name_of(error.orig) == "SQLITE_BUSY":
            return False
        raise
    return True


def _postgresql(address: Address, wait: float) -> Engine:
    if address.url is None:
        raise UsageError("no database is named", where=address.shown, code="ledger_url")
    arguments = {"connect_timeout": CONNECT_SECONDS}
    try:
        engine = create_engine(address.url, pool_pre_ping=True, connect_args=arguments, hide_parameters=True)
    except ImportError:
        problem = "a ledger in PostgreSQL needs the driver psycopg"
        raise missing(problem, "weightgate[postgresql]", address.shown) from None

    def prepare(connection: Any, _: object) -> None:
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET lock_timeout = {max(1, round(wait * 1000))}")
        connection.commit()

    event.listen(engine, "connect", prepare)
    return engine


def _failure(error: DBAPIError, address: Address) -> WeightgateError:
    original = error.orig
    name = _name_of(original)
    for marks, make in _FAILURES:
        if name.startswith(marks):
            return make(_first_line(original), address.shown)
    return UnreachableError(_said(original, address), where=address.shown, code="ledger_store")


def _name_of(original: BaseException | None) -> str:
    """SQLite's name of a failure, or PostgreSQL's SQLSTATE."""
    return getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None) or ""


def _busy(_: str, where: str) -> WeightgateError:
    return UnreachableError(
        "another writer holds the ledger, and did not let go of it in time",
        where=where,
        hint="try again, or give it longer with --wait SECONDS",
        code="ledger_busy",
    )


def _no_database(said: str, where: str) -> WeightgateError:
    return InputError(f"no ledger: {said}", where=where, hint=NO_LEDGER, code="no_ledger")


def _exists(_: str, where: str) -> WeightgateError:
    return InputError("somebody else has made a ledger there just now", where=where, code="ledger_exists")


def _damaged(said: str, where: str) -> WeightgateError:
    return UnreachableError(
        f"the ledger's file is damaged: {said}",
        where=where,
        hint="restore a copy, and hold it against a checkpoint that was kept: weightgate ledger verify --checkpoint",
        code="ledger_damaged",
    )


def _unwritable(said: str, where: str) -> WeightgateError:
    return UnreachableError(
        f"the ledger cannot be read or written: {said}",
        where=where,
        hint="look at the file's and its folder's rights, and at the space that is left",
        code="ledger_io",
    )


_FAILURES: tuple[tuple[tuple[str, ...], Callable[[str, str], WeightgateError]], ...] = (
    # SQLite's names, and SQLSTATE: lock_not_available, undefined_table, duplicate_table, class 53 insufficient_resources
    (("SQLITE_BUSY", "SQLITE_LOCKED", "55P03"), _busy),
    (("SQLITE_NOTADB", "42P01"), _no_database),
    (("42P07",), _exists),
    (("SQLITE_CORRUPT", "SQLITE_TOOBIG"), _damaged),
    (("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_PERM", "53"), _unwritable),
)


def _said(original: BaseException | None, address: Address) -> str:
    """What the database said, without a password, should the driver have repeated it."""
    said = _first_line(original)
    for secret in address.secrets:
        said = said.replace(secret, "***")
    return f"the database failed: {said}"


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or ["no reason was given"])[0][:300]
