"""What every ledger does, wherever it lies: run on SQLite here, and on PostgreSQL by the heavy group ``services``."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.ledger.keys import KEY, NAME, OTHER_PRIVATE, PRIVATE
from tests.ledger.places import Appender, check_against, made, opened, write_key
from weightgate.errors import InputError, SignatureError, UnreachableError, UsageError, WeightgateError
from weightgate.ledger.entry import Entry
from weightgate.ledger.ledger import Ledger, init_ledger, open_ledger
from weightgate.ledger.note import note_signer
from weightgate.ledger.verify import verify_ledger
from weightgate.signing.keys import ECDSA_P256, generate
from weightgate.signing.merkle import leaf_hash


def code_of(attempt: Callable[[], object]) -> tuple[str, int]:
    """Code and exit code of the error that an attempt ends in."""
    with pytest.raises(WeightgateError) as caught:
        attempt()
    return caught.value.code, int(caught.value.exit)


def appends_in_order(url: str) -> None:
    entries: list[bytes] = []
    with made(url) as ledger:
        check_against(ledger, [])
        for count in (1, 1, 2, 3, 250, 1, 600, 0, 255):
            new = [b"%d.%d" % (len(entries), i) for i in range(count)]
            receipts = ledger.append(new)
            assert [r.index for r in receipts] == list(range(len(entries), len(entries) + count))
            assert [r.leaf_hash for r in receipts] == [leaf_hash(each) for each in new]
            assert all(r.added for r in receipts)
            entries += new
            assert not receipts or receipts[0].checkpoint == ledger.checkpoint()
        check_against(ledger, entries)
    with opened(url) as again:
        assert again.size() == len(entries) == 1113
        assert again.entry(7) == entries[7]
        assert [row.data for row in again.entries(500, 520)] == entries[500:520]
        assert again.key == KEY
        assert verify_ledger(again).genuine


def keeps_what_was_proven_before(url: str) -> None:
    with made(url) as ledger:
        ledger.append([b"%d" % i for i in range(300)])
        before = [ledger.inclusion(i, 257) for i in range(257)]
        ledger.append([b"more %d" % i for i in range(70_000)])
        assert [ledger.inclusion(i, 257) for i in range(257)] == before
        check_against(ledger, [b"%d" % i for i in range(300)] + [b"more %d" % i for i in range(70_000)])
        assert verify_ledger(ledger).genuine


def appends_an_entry_with_a_key_once(url: str) -> None:
    with made(url) as ledger:
        (first,) = ledger.append([Entry(b"a", "k:1")])
        other, again, twin = ledger.append([b"b", Entry(b"a", "k:1"), Entry(b"c", "k:2")])
        assert (again.index, again.added, again.leaf_hash) == (first.index, False, first.leaf_hash)
        assert again.checkpoint == twin.checkpoint != first.checkpoint
        assert (other.index, twin.index, ledger.size()) == (1, 2, 3)
        same, same_again = ledger.append([Entry(b"d", "k:3"), Entry(b"d", "k:3")])
        assert (same.index, same_again.index, same_again.added) == (3, 3, False)
        assert same_again.leaf_hash == leaf_hash(b"d")
        assert code_of(lambda: ledger.append([b"x", Entry(b"other", "k:1")])) == ("key_conflict", 4)
        assert code_of(lambda: ledger.append([Entry(b"e", "k:4"), Entry(b"f", "k:4")])) == ("key_conflict", 4)
        assert (ledger.size(), ledger.find("k:2"), ledger.find("k:4")) == (4, 2, None)
        many = [Entry(b"%d" % i, f"m:{i}") for i in range(1500)]
        assert [r.added for r in ledger.append(many)] == [True] * 1500
        assert [r.index for r in ledger.append(many)] == list(range(4, 1504))
        check_against(ledger, [b"a", b"b", b"c", b"d", *(each.data for each in many)])


def refuses_what_it_cannot_do(url: str, absent: str) -> None:
    with made(url) as ledger:
        assert code_of(lambda: ledger.append([b"fine", b""])) == ("entry_size", 4)
        assert code_of(lambda: ledger.append([bytes(65_536)])) == ("entry_size", 4)
        for key in ("", "with space", "é", "x" * 201, "new\nline", "nul\x00"):
            assert code_of(lambda key=key: ledger.append([Entry(b"x", key)])) == ("entry_key", 4)  # type: ignore[misc]
        assert ledger.append([]) == ()
        assert ledger.size() == 0
        ledger.append([bytes(65_535), b"x"])
        for index in (-1, 2, 2**62):
            assert code_of(lambda index=index: ledger.entry(index)) == ("no_entry", 4)  # type: ignore[misc]
            assert code_of(lambda index=index: ledger.prove(index)) == ("no_entry", 4)  # type: ignore[misc]
        assert code_of(lambda: ledger.inclusion(0, 3)) == ("merkle_index", 4)
        assert code_of(lambda: ledger.consistency(2, 1)) == ("merkle_index", 4)
        assert code_of(lambda: ledger.consistency(0, -1)) == ("merkle_index", 4)
    assert code_of(lambda: made(url)) == ("ledger_exists", 4)
    assert code_of(lambda: open_ledger(absent)) == ("no_ledger", 4)
    assert code_of(lambda: open_ledger(url, signer=OTHER_PRIVATE)) == ("ledger_key", 6)
    other = note_signer(NAME, OTHER_PRIVATE).verifier
    assert code_of(lambda: open_ledger(url, key=other)) == ("ledger_key", 6)
    assert code_of(lambda: open_ledger(url, signer=generate(ECDSA_P256))) == ("key_type", 4)
    assert code_of(lambda: init_ledger(absent, "a b", PRIVATE)) == ("key_name", 4)
    with open_ledger(url) as reader:
        assert reader.size() == 2
        assert code_of(lambda: reader.append([b"x"])) == ("ledger_key", 4)


def writes_all_of_a_block_or_nothing(url: str) -> None:
    with made(url) as ledger:
        with ledger.writing() as writer:
            assert writer.append([b"a", Entry(b"b", "k")]) == [
                (0, leaf_hash(b"a"), True),
                (1, leaf_hash(b"b"), True),
            ]
            assert (writer.find("k"), writer.find("none"), writer.entry(1), writer.size) == (1, None, b"b", 2)
            writer.append([b"c"])
        assert writer.checkpoint == ledger.checkpoint()
        note = ledger.checkpoint()
        with pytest.raises(ZeroDivisionError):
            fail_within(ledger)
        with ledger.writing():
            pass
        assert (ledger.size(), ledger.checkpoint()) == (3, note)
        ledger.append([b"d"])
        check_against(ledger, [b"a", b"b", b"c", b"d"])
        assert verify_ledger(ledger).genuine


def fail_within(ledger: Ledger) -> None:
    """Append, and fail before the block has ended."""
    with ledger.writing() as writer:
        writer.append([b"d"] * 600)
        raise ZeroDivisionError


def lets_a_reader_see_one_state(url: str) -> None:
    with made(url) as ledger, opened(url) as other:
        ledger.append([b"a"])
        with other.reading() as now:
            assert now.head.size == 1
            ledger.append([b"b"])
            assert [row.data for row in now.rows(0, 10)] == [b"a"]
            assert now.head.checkpoint != ledger.checkpoint()
        assert [row.data for row in other.entries()] == [b"a", b"b"]


def makes_writers_wait_and_then_gives_up(url: str) -> None:
    with made(url) as ledger, open_ledger(url, signer=PRIVATE, wait=0.2) as hasty:
        with ledger.writing() as writer:
            writer.append([b"a"])
            with pytest.raises(UnreachableError) as caught:
                hasty.append([b"b"])
        assert (caught.value.code, "--wait" in caught.value.hint) == ("ledger_busy", True)
        assert [r.index for r in hasty.append([b"b"])] == [1]


def refuses_to_sign_on_top_of_less_than_it_saw(url: str, roll_back: Callable[[], None]) -> None:
    with made(url) as ledger:
        ledger.append([b"a"])
        ledger.append([b"b"])
        roll_back()
        with pytest.raises(SignatureError) as caught:
            ledger.append([b"other"])
        assert caught.value.code == "ledger_state"
        assert caught.value.message == "it had 2 entries, and has 1 now"


def has_no_gap_with_several_writers(url: str, folder: Path, writers: int = 3) -> None:
    made(url).close()
    key = write_key(folder)
    started = [Appender(url, key, f"w{n}", batch=3, count=30) for n in range(writers)]
    seen: dict[int, str] = {}
    for each in started:
        said = each.end()
        assert each.process.returncode == 0, said
        mine = each.acknowledged()
        assert len(mine) == 90
        assert not seen.keys() & mine.keys()
        seen |= mine
    assert sorted(seen) == list(range(90 * writers))
    with opened(url) as ledger:
        check_against(ledger, [seen[i].encode() for i in range(90 * writers)])
        assert verify_ledger(ledger).genuine


def loses_nothing_acknowledged_when_killed(url: str, folder: Path, *, kills: int) -> None:
    """Kill one of two writers again and again; whatever either printed is there, in place, and provable."""
    made(url).close()
    key, chance = write_key(folder), random.Random(5)
    steady = Appender(url, key, "steady", batch=1, count=40 * kills)
    seen: dict[int, str] = {}
    for number in range(kills):
        each = Appender(url, key, f"killed{number}", batch=chance.choice((1, 7, 300)), count=10_000)
        each.wait_for_first()
        time.sleep(chance.random() * 0.1)
        each.kill()
        seen |= each.acknowledged()
        with opened(url) as ledger:
            assert {i: ledger.entry(i).decode() for i in each.acknowledged()} == each.acknowledged()
    said = steady.end()
    assert steady.process.returncode == 0, said
    seen |= steady.acknowledged()
    with opened(url) as ledger:
        ledger.append([b"after"])
        entries = [row.data for row in ledger.entries()]
        assert {i: entries[i].decode() for i in seen} == seen
        assert len(set(entries)) == len(entries)
        check_against(ledger, entries)
        assert verify_ledger(ledger).genuine


def names_an_unusable_place(url: str, password: str) -> None:
    with pytest.raises((InputError, UsageError, UnreachableError)) as caught:
        open_ledger(url, wait=1)
    assert password not in f"{caught.value} {caught.value.hint} {caught.value.where}"


def serves_several_threads(url: str) -> None:
    with made(url) as ledger:

        def work(name: int) -> list[int]:
            found = []
            for number in range(20):
                (receipt,) = ledger.append([b"%d.%d" % (name, number)])
                assert ledger.entry(receipt.index) == b"%d.%d" % (name, number)
                ledger.prove(receipt.index)
                found.append(receipt.index)
            return found

        with ThreadPoolExecutor(4) as pool:
            indexes = [index for each in pool.map(work, range(4)) for index in each]
        assert sorted(indexes) == list(range(80))
        assert verify_ledger(ledger).genuine
