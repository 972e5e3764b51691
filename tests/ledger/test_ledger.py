"""Ledgers in a file of SQLite's."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger import behaviour
from tests.ledger.keys import KEY, NAME
from tests.ledger.places import check_against, made, opened
from weightgate.errors import UsageError
from weightgate.ledger.address import parse_address
from weightgate.ledger.ledger import open_ledger
from weightgate.ledger.verify import verify_ledger


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "ledger.db")


def test_appends_in_order(url: str) -> None:
    behaviour.appends_in_order(url)


def test_keeps_what_was_proven_before(url: str) -> None:
    behaviour.keeps_what_was_proven_before(url)


def test_appends_an_entry_with_a_key_once(url: str) -> None:
    behaviour.appends_an_entry_with_a_key_once(url)


def test_refuses_what_it_cannot_do(url: str) -> None:
    behaviour.refuses_what_it_cannot_do(url, url + ".none")


def test_writes_all_of_a_block_or_nothing(url: str) -> None:
    behaviour.writes_all_of_a_block_or_nothing(url)


def test_lets_a_reader_see_one_state(url: str) -> None:
    behaviour.lets_a_reader_see_one_state(url)


def test_makes_writers_wait_and_then_gives_up(url: str) -> None:
    behaviour.makes_writers_wait_and_then_gives_up(url)


def test_refuses_to_sign_on_top_of_less_than_it_saw(url: str) -> None:
    def roll_back() -> None:
        with sqlite3.connect(url) as raw:
            note = raw.execute("SELECT note FROM weightgate_checkpoints WHERE size = 1").fetchone()[0]
            leaf = raw.execute("SELECT leaf FROM weightgate_entries WHERE idx = 0").fetchone()[0]
            raw.execute("DELETE FROM weightgate_entries WHERE idx = 1")
            raw.execute("DELETE FROM weightgate_checkpoints WHERE size = 2")
            raw.execute("UPDATE weightgate_ledger SET size = 1, frontier = ?, checkpoint = ?", (leaf, note))
        raw.close()

    behaviour.refuses_to_sign_on_top_of_less_than_it_saw(url, roll_back)


def test_has_no_gap_with_several_writers(url: str, tmp_path: Path) -> None:
    behaviour.has_no_gap_with_several_writers(url, tmp_path)


def test_loses_nothing_acknowledged_when_killed(url: str, tmp_path: Path) -> None:
    behaviour.loses_nothing_acknowledged_when_killed(url, tmp_path, kills=12)


@settings(max_examples=25)
@given(batches=st.lists(st.lists(st.binary(min_size=1, max_size=20), max_size=40), max_size=12))
def test_any_history_of_appends_is_the_tree_over_its_entries(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[bytes]]
) -> None:
    with made(str(tmp_path_factory.mktemp("history") / "l.db")) as ledger:
        for batch in batches:
            ledger.append(batch)
        check_against(ledger, [entry for batch in batches for entry in batch])
        assert verify_ledger(ledger).genuine


def test_every_commit_is_synced(url: str) -> None:
    with made(url) as ledger, ledger.writing() as writer:
        pragmas = {
            name: writer.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "journal_mode")
        }
    assert pragmas == {"synchronous": 2, "journal_mode": "wal"}


@pytest.mark.parametrize("form", ["sqlite:{}", "sqlite:///{}", "{}"])
def test_a_file_is_named_in_several_ways(tmp_path: Path, form: str) -> None:
    url = form.format(tmp_path / "a ledger?mode=ro#é%20.db")
    made(url).close()
    with opened(url) as ledger:
        ledger.append([b"x"])
        assert ledger.size() == 1
    assert (tmp_path / "a ledger?mode=ro#é%20.db").is_file()


def test_a_relative_path_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made("sqlite:///a.db").close()
    made("sqlite:b.db").close()
    made("c.db").close()
    assert {path.name for path in tmp_path.glob("*.db")} == {"a.db", "b.db", "c.db"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite:",
        "sqlite:///",
        "sqlite://host/x",
        "mysql://u:secret@h/d",
        "http://u:secret@h",
        "postgresql://h",
    ],
)
def test_a_place_that_is_none_says_how_to_write_one(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(url)
    assert (caught.value.code, "postgresql://" in caught.value.hint) == ("ledger_url", True)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@host:5433/db?sslmode=require",
        "postgresql://me@host:5433/db?password=secret&sslmode=require",
        "postgresql+psycopg://me:secret@host:5433/db?sslpassword=secret&sslmode=require",
    ],
)
def test_passwords_are_never_shown(url: str) -> None:
    address = parse_address(url)
    assert "secret" not in address.shown
    assert "secret" not in repr(address)
    assert address.shown.endswith("@host:5433/db?sslmode=require")


def test_a_proof_is_held_against_its_log_without_a_database_library() -> None:
    code = "import sys, weightgate.ledger.attested as a; print(sorted({'sqlalchemy', 'sqlite3'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_a_ledger_says_of_itself(url: str) -> None:
    made(url).close()
    with open_ledger(url, key=KEY) as ledger:
        assert (ledger.key.name, ledger.where) == (NAME, url)
        assert ledger.checkpoint().startswith(f"{NAME}\n0\n")


def test_serves_several_threads(url: str) -> None:
    behaviour.serves_several_threads(url)
