"""Verifying a whole ledger: whatever is changed from outside is found, and the first wrong place is named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.ledger.keys import KEY, NAME, OTHER, PRIVATE, flips
from tests.ledger.places import made, opened
from weightgate.errors import Exit, SignatureError, UnreachableError
from weightgate.ledger.checkpoint import Checkpoint, sign_checkpoint
from weightgate.ledger.ledger import Ledger, open_ledger
from weightgate.ledger.note import note_signer
from weightgate.ledger.verify import Verification, read_kept, verify_ledger
from weightgate.signing.merkle import leaf_hash

SIZE = 600


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = str(tmp_path / "l.db")
    with made(url) as ledger:
        ledger.append([b"%d" % i for i in range(300)])
        ledger.append([b"%d" % i for i in range(300, 500)])
        ledger.append([b"%d" % i for i in range(500, SIZE)])
        assert verify_ledger(ledger).genuine
    return url


def change(url: str, *statements: str, **values: object) -> None:
    """Change the file as somebody could who can write to it."""
    with closing(sqlite3.connect(url)) as raw, raw:
        for statement in statements:
            raw.execute(statement, values)


def wrong(url: str) -> dict[str, str]:
    """What verifying finds, by check."""
    with opened(url) as ledger:
        found = verify_ledger(ledger)
    assert (found.genuine, found.exit) == (False, Exit.SIGNATURE)
    return {check.id: check.detail for check in found.checks if check.state == "contradicted"}


def test_what_is_whole_is_genuine(url: str) -> None:
    with open_ledger(url) as ledger:
        found = verify_ledger(ledger)
    assert (found.genuine, found.exit, found.size, found.key) == (True, Exit.OK, SIZE, KEY)
    assert [(c.id, str(c.state)) for c in found.checks] == [
        ("key", "not_established"),
        ("entries", "established"),
        ("state", "established"),
        ("checkpoints", "established"),
        ("tiles", "established"),
    ]
    assert "4 signed checkpoints" in found.checks[3].detail
    assert "2 full tiles" in found.checks[4].detail
    with open_ledger(url, key=KEY) as ledger:
        assert verify_ledger(ledger, given_key=True).checks[0].state == "established"


@pytest.mark.parametrize(
    ("statement", "check", "detail"),
    [
        ("UPDATE weightgate_entries SET data = x'00' WHERE idx IN (7, 9)", "entries", "entry 7 has another hash"),
        ("UPDATE weightgate_entries SET leaf = zeroblob(32) WHERE idx = 7", "entries", "entry 7 has another hash"),
        ("DELETE FROM weightgate_entries WHERE idx = 7", "entries", "entry 7 is missing, of 600"),
        ("DELETE FROM weightgate_entries WHERE idx = 599", "entries", "entry 599 is missing, of 600"),
        ("UPDATE weightgate_entries SET idx = 600 WHERE idx = 7", "entries", "entry 7 is missing"),
        ("INSERT INTO weightgate_entries SELECT 600, leaf, data, NULL FROM weightgate_entries WHERE idx = 0",
         "entries", "there are entries beyond the 600 of the ledger"),
        ("INSERT INTO weightgate_entries SELECT -1, leaf, data, NULL FROM weightgate_entries WHERE idx = 0",
         "entries", "there are entries beyond the 600 of the ledger"),
        ("UPDATE weightgate_tiles SET hashes = zeroblob(8192) WHERE idx = 1", "tiles", "tile 1 of level 0 is not"),
        ("UPDATE weightgate_tiles SET root = zeroblob(32)", "tiles", "tile 0 of level 0 is not what the entries"),
        ("DELETE FROM weightgate_tiles WHERE idx = 1", "tiles", "tile 1 of level 0 is missing"),
        ("INSERT INTO weightgate_tiles SELECT 1, 0, hashes, root FROM weightgate_tiles WHERE idx = 0",
         "tiles", "tile 0 of level 1 is kept, and the entries make none"),
        ("DELETE FROM weightgate_checkpoints WHERE size = 600", "checkpoints", "there is none for all 600"),
        ("UPDATE weightgate_checkpoints SET size = 601 WHERE size = 600",
         "checkpoints", "there is none for all 600"),
        ("UPDATE weightgate_checkpoints SET size = 501 WHERE size = 500",
         "checkpoints", "that for 501 entries says 500"),
        ("UPDATE weightgate_checkpoints SET note = replace(note, 'A', 'B') WHERE size = 300",
         "checkpoints", "that for 300 entries: "),
        ("UPDATE weightgate_checkpoints SET note = 'nothing' WHERE size = 300",
         "checkpoints", "that for 300 entries: malformed note"),
        ("UPDATE weightgate_ledger SET checkpoint = (SELECT note FROM weightgate_checkpoints WHERE size = 300)",
         "checkpoints", "that for 600 entries is not the one that the ledger hands out"),
        ("UPDATE weightgate_ledger SET frontier = zeroblob(128)", "state", "its hashes are not what the entries"),
    ],
)  # fmt: skip
def test_a_change_is_found_and_named(url: str, statement: str, check: str, detail: str) -> None:
    change(url, statement)
    found = wrong(url)
    assert detail in found[check]


def test_entries_that_change_places_are_found(url: str) -> None:
    change(
        url,
        "UPDATE weightgate_entries SET idx = -1 WHERE idx = 7",
        "UPDATE weightgate_entries SET idx = 7 WHERE idx = 8",
        "UPDATE weightgate_entries SET idx = 8 WHERE idx = -1",
    )
    found = wrong(url)
    assert found["checkpoints"] == "that for 300 entries has another root than they make"
    assert found["state"]
    assert "tile 0 of level 0" in found["tiles"]


def test_a_change_that_keeps_its_hash_in_step_is_found_at_the_next_checkpoint(url: str) -> None:
    change(
        url,
        "UPDATE weightgate_entries SET data = :data, leaf = :leaf WHERE idx = 350",
        data=b"x",
        leaf=leaf_hash(b"x"),
    )
    found = wrong(url)
    assert "entries" not in found
    assert found["checkpoints"] == "that for 500 entries has another root than they make"


def test_a_state_without_the_right_shape_is_no_ledger_s(url: str) -> None:
    for statement in ("SET frontier = x'00'", "SET size = 599", "SET size = -1"):
        before = Path(url).read_bytes()
        change(url, f"UPDATE weightgate_ledger {statement}")
        with pytest.raises(SignatureError) as caught:
            open_ledger(url)
        assert (caught.value.code, caught.value.exit) == ("ledger_state", 6)
        change(url, "PRAGMA wal_checkpoint(TRUNCATE)")
        Path(url).write_bytes(before)


def test_nothing_is_appended_or_proven_on_a_changed_state(url: str) -> None:
    change(url, "UPDATE weightgate_ledger SET frontier = zeroblob(128)")
    with opened(url) as ledger:
        for attempt in (lambda: ledger.append([b"x"]), lambda: ledger.prove(0)):
            with pytest.raises(SignatureError) as caught:
                attempt()
            assert caught.value.code == "ledger_state"
            assert "weightgate ledger verify" in caught.value.hint


def test_a_tile_is_not_made_of_changed_entries(url: str) -> None:
    change(url, "UPDATE weightgate_entries SET leaf = zeroblob(32) WHERE idx = 550")
    with opened(url) as ledger, pytest.raises(SignatureError) as caught:
        ledger.append([b"x"] * 200)
    assert caught.value.message == "tile 2 of level 0 is not what it was when its entries were added"


def kept(ledger: Ledger, note: str) -> Verification:
    return verify_ledger(ledger, kept=read_kept(note.encode(), "kept.txt", ledger.key))


def test_a_checkpoint_that_was_kept_is_the_beginning(url: str) -> None:
    with opened(url) as ledger:
        note, proof = ledger.checkpoint(), ledger.prove(5)
        ledger.append([b"more"])
        for text in (note, proof):
            found = kept(ledger, text)
            assert found.genuine
            assert found.checks[-1].to_json() == {
                "id": "kept",
                "state": "established",
                "detail": "kept.txt, for 600 entries, is its beginning",
            }
        assert kept(ledger, ledger.checkpoint()).genuine


def test_a_rollback_is_found_by_a_checkpoint_that_was_kept(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(url)) as raw, closing(sqlite3.connect(copy)) as other:
        raw.backup(other)
    with opened(url) as ledger:
        (receipt,) = ledger.append([b"more"])
    with opened(str(copy)) as ledger:
        assert verify_ledger(ledger).genuine
        found = kept(ledger, receipt.checkpoint)
        assert (found.genuine, found.checks[-1].detail) == (
            False,
            "kept.txt was signed for 601 entries, and 600 are there: rolled back",
        )
        ledger.append([b"other", b"and more"])
        assert verify_ledger(ledger).genuine
        found = kept(ledger, receipt.checkpoint)
        assert (found.genuine, found.checks[-1].detail) == (
            False,
            "the first 601 entries are not those that kept.txt was signed for: a fork",
        )


def test_a_kept_checkpoint_must_be_the_log_s_own(url: str) -> None:
    elsewhere = note_signer("example.com/elsewhere", PRIVATE)
    notes = [
        sign_checkpoint(Checkpoint(NAME, 1, leaf_hash(b"0")), OTHER),
        sign_checkpoint(Checkpoint("example.com/elsewhere", 1, leaf_hash(b"0")), elsewhere),
    ]
    with opened(url) as ledger:
        for note in notes:
            with pytest.raises(SignatureError) as caught:
                kept(ledger, note)
            assert (caught.value.code, caught.value.where) == ("unknown_log", "kept.txt")


def test_a_ledger_that_was_replaced_whole_is_found_by_its_key(tmp_path: Path) -> None:
    from tests.ledger.keys import OTHER_PRIVATE
    from weightgate.ledger.ledger import init_ledger

    with init_ledger(str(tmp_path / "other.db"), NAME, OTHER_PRIVATE) as ledger:
        ledger.append([b"x"])
        assert verify_ledger(ledger).genuine
    with pytest.raises(SignatureError) as caught:
        open_ledger(str(tmp_path / "other.db"), key=KEY)
    assert caught.value.code == "ledger_key"


def test_any_flipped_byte_of_a_small_ledger_s_entries_and_notes_is_found(tmp_path: Path) -> None:
    url = str(tmp_path / "small.db")
    with made(url) as ledger:
        ledger.append([b"abc"])
    places = {
        "weightgate_entries": ("data", "leaf"),
        "weightgate_checkpoints": ("note",),
        "weightgate_ledger": ("frontier", "checkpoint"),
    }
    for table, columns in places.items():
        for column in columns:
            change_each_byte(url, table, column)


def change_each_byte(url: str, table: str, column: str) -> None:
    with closing(sqlite3.connect(url)) as raw, opened(url) as ledger:
        (value,) = raw.execute(f"SELECT {column} FROM {table} ORDER BY 1 DESC LIMIT 1").fetchone()
        row = raw.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]
        is_text = isinstance(value, str)
        for flipped in flips(value.encode() if is_text else value, bits=(0x01,)):
            if is_text and (b"\x00" in flipped or not _is_utf8(flipped)):
                continue
            raw.execute(
                f"UPDATE {table} SET {column} = ? WHERE rowid = ?",
                (flipped.decode() if is_text else flipped, row),
            )
            raw.commit()
            assert not verify_ledger(ledger).genuine, (table, column)
        raw.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row))
        raw.commit()
        assert verify_ledger(ledger).genuine


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_a_damaged_file_is_told_from_a_forged_one(url: str) -> None:
    change(url, "PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(Path(url).read_bytes())
    for page in range(3, len(raw) // 4096):
        raw[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    Path(url).write_bytes(raw)
    with pytest.raises(UnreachableError) as caught, opened(url) as ledger:
        verify_ledger(ledger)
    assert (caught.value.code, caught.value.exit) == ("ledger_damaged", 5)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE weightgate_entries SET data = 'text' WHERE idx = 5",
        "UPDATE weightgate_entries SET leaf = 1000000000000 WHERE idx = 5",
        "UPDATE weightgate_entries SET key = x'00' WHERE idx = 5",
        "UPDATE weightgate_ledger SET size = 'many'",
        "UPDATE weightgate_ledger SET frontier = 5",
        "UPDATE weightgate_ledger SET checkpoint = x'ff'",
        "UPDATE weightgate_checkpoints SET note = x'ff' WHERE size = 300",
        "UPDATE weightgate_tiles SET hashes = 'text'",
        "UPDATE weightgate_tiles SET idx = 1.5 WHERE idx = 1",
    ],
)
def test_a_value_of_another_type_is_no_ledger_s(url: str, statement: str) -> None:
    change(url, statement)
    with pytest.raises(SignatureError) as caught, opened(url) as ledger:
        verify_ledger(ledger)
    assert (caught.value.code, caught.value.exit) == ("ledger_state", 6)


def test_a_value_that_is_larger_than_any_is_not_read(url: str) -> None:
    change(url, "UPDATE weightgate_entries SET data = zeroblob(3000000) WHERE idx = 5")
    with opened(url) as ledger, pytest.raises(UnreachableError) as caught:
        verify_ledger(ledger)
    assert (caught.value.code, caught.value.exit) == ("ledger_damaged", 5)
