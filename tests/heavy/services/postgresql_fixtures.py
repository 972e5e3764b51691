"""A real PostgreSQL server, started for the tests and ended with them."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

PASSWORD = "not-shown"


def execute(url: str, *statements: str) -> None:
    """Run statements, each a transaction of its own."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def programs() -> Path:
    """The folder of the server's programs; Debian's package is installed when there is none.

    Raises:
        RuntimeError: There is no server, and it could not be installed.
    """
    found = _programs()
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
            command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", *words]
            subprocess.run(command, env=quiet, capture_output=True, check=False)
        found = _programs()
    if found is None:
        raise RuntimeError("no PostgreSQL server: install Debian's package postgresql, or put initdb on PATH")
    return found


def _programs() -> Path | None:
    names = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)]
    on_path = shutil.which("initdb")
    if on_path:
        names.append(Path(on_path))
    return names[0].parent if names else None


def user() -> str | None:
    """Whom the server runs as: initdb refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


class Server:
    """A server on 127.0.0.1 with a folder of its own.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bin = programs()
        self._user = user()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        if self._user is not None:
            shutil.chown(folder, self._user)

    def url(self, database: str, password: str = PASSWORD) -> str:
        """Where a ledger in one of its databases lies."""
        return f"postgresql://keeper:{password}@127.0.0.1:{self.port}/{database}"

    def init(self) -> None:
        """Make the data folder."""
        secret = self._folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        words = [
            "-D",
            str(self._folder / "data"),
            "-U",
            "keeper",
            "-A",
            "scram-sha-256",
            "--pwfile",
            str(secret),
        ]
        done = subprocess.run(
            [str(self._bin / "initdb"), "-E", "UTF8", "--locale=C", *words],
            user=self._user, cwd=self._folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = (
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self._folder}",
        )
        words = [word for setting in settings for word in ("-c", setting)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self._folder / "data"), *words],
                user=self._user, cwd=self._folder, stdout=log, stderr=log,
            )  # fmt: skip
        for _ in range(600):
            if self._answers():
                return
            assert self._process.poll() is None, (self._folder / "log").read_text(encoding="utf-8")
            time.sleep(0.1)
        raise AssertionError((self._folder / "log").read_text(encoding="utf-8"))

    def crash(self) -> None:
        """End it as a fallen machine would: its processes have no time to write anything."""
        process = self._running()
        children = (
            Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        )
        process.kill()
        process.wait(timeout=60)
        for child in children:  # the server's own processes, which end by themselves when they notice
            _wait_gone(int(child))

    def stop(self) -> None:
        """End it at once, and in order."""
        process = self._running()
        process.send_signal(2)  # SIGINT: fast shutdown
        process.wait(timeout=60)

    def create(self, database: str) -> str:
        """Make an empty database; where a ledger in it lies."""
        execute(self.url("postgres"), f'CREATE DATABASE "{database}"')
        return self.url(database)

    def _answers(self) -> bool:
        try:
            execute(self.url("postgres"))
        except OperationalError:
            return False
        return True

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process


@contextmanager
def running() -> Iterator[Server]:
    """A server that runs."""
    with tempfile.TemporaryDirectory(prefix="weightgate-pg-") as folder:
        server = Server(Path(folder))
        server.init()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_gone(pid: int) -> None:
    for _ in range(600):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)
    raise AssertionError(f"process {pid} of the server is still there")
