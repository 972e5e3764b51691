"""Ledgers in PostgreSQL: a real server, several writers, and crashes of either."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.heavy.services.postgresql_fixtures import PASSWORD, Server, execute, running
from tests.ledger import behaviour
from tests.ledger.places import Appender, check_against, made, opened, write_key
from weightgate.errors import UnreachableError, WeightgateError
from weightgate.ledger.ledger import open_ledger
from weightgate.ledger.verify import verify_ledger

NUMBERS = itertools.count()
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as it:
        yield it


@pytest.fixture
def url(server: Server) -> str:
    return server.create(f"ledger{next(NUMBERS)}")


def test_appends_in_order(url: str) -> None:
    behaviour.appends_in_order(url)


def test_keeps_what_was_proven_before(url: str) -> None:
    behaviour.keeps_what_was_proven_before(url)


def test_appends_an_entry_with_a_key_once(url: str) -> None:
    behaviour.appends_an_entry_with_a_key_once(url)


def test_refuses_what_it_cannot_do(url: str, server: Server) -> None:
    behaviour.refuses_what_it_cannot_do(url, server.create(f"ledger{next(NUMBERS)}"))


def test_writes_all_of_a_block_or_nothing(url: str) -> None:
    behaviour.writes_all_of_a_block_or_nothing(url)


def test_lets_a_reader_see_one_state(url: str) -> None:
    behaviour.lets_a_reader_see_one_state(url)


def test_makes_writers_wait_and_then_gives_up(url: str) -> None:
    behaviour.makes_writers_wait_and_then_gives_up(url)


def test_refuses_to_sign_on_top_of_less_than_it_saw(url: str) -> None:
    def roll_back() -> None:
        execute(
            url,
            "UPDATE weightgate_ledger SET size = 1,"
            " frontier = (SELECT leaf FROM weightgate_entries WHERE idx = 0),"
            " checkpoint = (SELECT note FROM weightgate_checkpoints WHERE size = 1)",
            "DELETE FROM weightgate_entries WHERE idx = 1",
            "DELETE FROM weightgate_checkpoints WHERE size = 2",
        )

    behaviour.refuses_to_sign_on_top_of_less_than_it_saw(url, roll_back)


def test_has_no_gap_with_several_writers(url: str, tmp_path: Path) -> None:
    behaviour.has_no_gap_with_several_writers(url, tmp_path, writers=4)


def test_loses_nothing_acknowledged_when_a_writer_is_killed(url: str, tmp_path: Path) -> None:
    behaviour.loses_nothing_acknowledged_when_killed(url, tmp_path, kills=15)


def test_loses_nothing_acknowledged_when_the_server_is_killed(
    url: str, server: Server, tmp_path: Path
) -> None:
    made(url).close()
    key = write_key(tmp_path)
    seen: dict[int, str] = {}
    for number in range(3):
        writers = [Appender(url, key, f"{number}-{n}", batch=n + 1, count=100_000) for n in range(2)]
        for each in writers:
            each.wait_for_first()
        server.crash()
        for each in writers:
            said = each.end()
            assert each.process.returncode == 1
            assert "UnreachableError" in said
            assert PASSWORD not in said
            seen |= each.acknowledged()
        server.start()
    with opened(url) as ledger:
        entries = [row.data for row in ledger.entries()]
        assert {i: entries[i].decode() for i in seen} == seen
        check_against(ledger, entries)
        assert verify_ledger(ledger).genuine


def test_a_ledger_outlives_its_server_s_restart(url: str, server: Server) -> None:
    with made(url) as ledger:
        ledger.append([b"a"])
        server.stop()
        with pytest.raises(UnreachableError):
            ledger.append([b"b"])
        server.start()
        assert [r.index for r in ledger.append([b"c"])] == [1]


def test_commits_are_durable_whatever_the_server_s_default(url: str) -> None:
    execute(url, "ALTER ROLE keeper SET synchronous_commit = off")
    try:
        with made(url) as ledger, ledger.writing() as writer:
            assert writer.connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    finally:
        execute(url, "ALTER ROLE keeper RESET synchronous_commit")


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE weightgate_entries SET data = 'x' WHERE idx = 5", "entries"),
        ("DELETE FROM weightgate_entries WHERE idx = 299", "entries"),
        ("UPDATE weightgate_tiles SET hashes = substr(hashes, 2) || 'x'::bytea", "tiles"),
        ("UPDATE weightgate_checkpoints SET note = replace(note, '300', '301') WHERE size = 300", "checkpoints"),
        ("UPDATE weightgate_ledger SET frontier = substr(frontier, 33) || substr(frontier, 1, 32)", "state"),
    ],
)  # fmt: skip
def test_changes_from_outside_are_found(url: str, statement: str, check: str) -> None:
    with made(url) as ledger:
        ledger.append([b"%d" % i for i in range(300)])
        assert verify_ledger(ledger).genuine
        execute(url, statement)
        found = verify_ledger(ledger)
        assert next(c.id for c in found.checks if c.state == "contradicted") == check


@pytest.mark.parametrize(
    ("name", "code"), [("wrong password", "ledger_store"), ("no such database", "ledger_store")]
)
def test_what_cannot_be_reached_says_so_without_the_password(server: Server, name: str, code: str) -> None:
    wrong = server.url("postgres", "s3cret-and-wrong") if "password" in name else server.url("none")
    with pytest.raises(WeightgateError) as caught:
        open_ledger(wrong)
    assert (caught.value.code, int(caught.value.exit)) == (code, 5)
    text = f"{caught.value}{caught.value.hint}"
    assert PASSWORD not in text
    assert "s3cret-and-wrong" not in text
    assert "127.0.0.1" in caught.value.where


def test_the_command_line_keeps_a_ledger_there(url: str, tmp_path: Path) -> None:
    key = write_key(tmp_path)

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "weightgate", "ledger", *words],
            capture_output=True, text=True, check=False, cwd=ROOT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert PASSWORD not in done.stdout + done.stderr
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("init", url, "--name", "example.com/pg", "--key", str(key))
    assert "ledger: postgresql://keeper:***@127.0.0.1" in run("show", url)
    assert "VERIFIED: 0 entries" in run("verify", url)


def test_serves_several_threads(url: str) -> None:
    behaviour.serves_several_threads(url)
