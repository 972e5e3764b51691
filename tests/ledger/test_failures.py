"""Files that are no ledgers, cannot be written, are full or held by others: a clear error, and nothing half done."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import gettempdir

import pytest

from tests.ledger.keys import KEY, PRIVATE
from tests.ledger.places import made, opened, write_key
from weightgate.errors import WeightgateError
from weightgate.ledger.ledger import open_ledger
from weightgate.ledger.verify import verify_ledger

FILL = """
import resource, sys
from pathlib import Path
from weightgate.errors import UnreachableError
from weightgate.ledger.ledger import open_ledger
from weightgate.signing.keys import load_private

ledger = open_ledger(sys.argv[1], signer=load_private(Path(sys.argv[2])))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
count = 0
try:
    while True:
        count += len(ledger.append([bytes([65]) * 1000] * 5))
except UnreachableError as error:
    print(count, error.code, int(error.exit))
"""
"""Appends until the file cannot grow any more, and prints how many were acknowledged."""


def failure(url: str) -> tuple[str, int]:
    with pytest.raises(WeightgateError) as caught:
        opened(url)
    assert caught.value.where
    assert caught.value.hint
    return caught.value.code, int(caught.value.exit)


@pytest.mark.parametrize("content", [b"not a database at all", b"", b"SQLite format 3\x00", bytes(5000)])
def test_a_file_that_is_no_ledger_is_input(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert failure(str(path)) == ("no_ledger", 4)
    assert path.read_bytes() == content


def test_no_file_and_a_folder_are_input(tmp_path: Path) -> None:
    assert failure(str(tmp_path / "none")) == ("no_ledger", 4)
    assert failure(str(tmp_path)) == ("no_ledger", 4)
    assert not (tmp_path / "none").exists()


def test_another_program_s_database_is_no_ledger(tmp_path: Path) -> None:
    url = str(tmp_path / "other.db")
    with closing(sqlite3.connect(url)) as raw:
        raw.execute("CREATE TABLE other (x)")
    assert failure(url) == ("no_ledger", 4)


def test_a_ledger_of_another_format_is_refused(tmp_path: Path) -> None:
    url = str(tmp_path / "l.db")
    made(url).close()
    with closing(sqlite3.connect(url)) as raw, raw:
        raw.execute("UPDATE weightgate_ledger SET format = 2")
    with pytest.raises(WeightgateError, match="it has format 2; this version reads format 1"):
        opened(url)


def test_no_ledger_is_made_over_a_file_that_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"precious, and no database")
    with pytest.raises(WeightgateError) as caught:
        made(str(path))
    assert caught.value.code == "no_ledger"
    assert path.read_bytes() == b"precious, and no database"


def test_no_ledger_is_made_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(WeightgateError) as caught:
        made(str(tmp_path / "none" / "l.db"))
    assert (caught.value.code, int(caught.value.exit)) == ("ledger_io", 5)


def test_a_full_disk_loses_nothing_acknowledged(tmp_path: Path) -> None:
    url = str(tmp_path / "l.db")
    made(url).close()
    key = write_key(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", FILL, url, str(key)], capture_output=True, text=True, check=True, timeout=120
    )
    count, code, exit_code = done.stdout.split()
    assert (code, exit_code, done.stderr) == ("ledger_io", "5", "")
    assert int(count) > 50
    with opened(url) as ledger:
        assert ledger.size() == int(count)
        assert [r.index for r in ledger.append([b"after"])] == [int(count)]
        assert verify_ledger(ledger).genuine


READ_ONLY = """
import os, sys
from pathlib import Path
from weightgate.errors import WeightgateError
from weightgate.ledger.ledger import open_ledger
from weightgate.signing.keys import load_private

signer = load_private(Path(sys.argv[1]))
open_ledger(sys.argv[2], signer=signer).append([b"x"])
if os.geteuid() == 0:  # root may write everywhere
    os.setuid(65534)
try:
    open_ledger(sys.argv[3], signer=signer).append([b"x"])
except WeightgateError as error:
    print(error.code, int(error.exit))
"""
"""Appends to one ledger, and then to another that it must not write to."""


def test_a_file_that_cannot_be_written_is_unreachable(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    mine, theirs = str(tmp_path / "mine.db"), str(folder / "l.db")
    made(mine).close()
    made(theirs).close()
    Path(theirs).chmod(0o444)
    folder.chmod(0o555)
    for each in tmp_path.parents:
        if each.is_relative_to(gettempdir()) and each != Path(gettempdir()):
            each.chmod(0o755)
    tmp_path.chmod(0o755)
    words = [sys.executable, "-c", READ_ONLY, str(write_key(tmp_path)), mine, theirs]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    folder.chmod(0o755)
    assert (done.stdout, done.returncode) == ("ledger_io 5\n", 0), done.stderr


def test_a_ledger_that_somebody_else_has_locked_is_waited_for(tmp_path: Path) -> None:
    url = str(tmp_path / "l.db")
    made(url).close()
    with closing(sqlite3.connect(url, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        with open_ledger(url) as reader:
            assert reader.size() == 0
        with open_ledger(url, signer=PRIVATE, key=KEY, wait=0.1) as ledger:
            with pytest.raises(WeightgateError) as caught:
                ledger.append([b"x"])
            assert (caught.value.code, int(caught.value.exit)) == ("ledger_busy", 5)
            raw.execute("ROLLBACK")
            assert len(ledger.append([b"x"])) == 1
