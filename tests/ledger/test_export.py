"""A ledger as files: whoever has them and the key can check all of it, with nothing of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ledger.keys import KEY
from tests.ledger.places import made
from weightgate.errors import UsageError
from weightgate.ledger.checkpoint import open_checkpoint
from weightgate.ledger.export import Exported, export_ledger
from weightgate.ledger.tiles import ENTRIES, levels_of, read_bundle, tile_path, tiles_of
from weightgate.signing.merkle import Tree, leaf_hash


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def check(folder: Path, entries: list[bytes]) -> None:
    """Read a log as a stranger does, and hold it against its entries."""
    checkpoint, _ = open_checkpoint((folder / "checkpoint").read_bytes(), [KEY], "checkpoint")
    size = checkpoint.size
    read: list[bytes] = []
    for index, width in tiles_of(size, 0):
        read += read_bundle((folder / tile_path(ENTRIES, index, width)).read_bytes(), width, "x")
    assert read == entries
    tree = Tree([leaf_hash(each) for each in read])
    assert tree.root() == checkpoint.root
    for level in levels_of(size):
        for index, width in tiles_of(size, level):
            hashes = b"".join(tree.node(8 * level, index * 256 + i) for i in range(width))
            assert (folder / tile_path(level, index, width)).read_bytes() == hashes


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_all_of_a_ledger_is_in_its_files(tmp_path: Path, size: int) -> None:
    entries = [b"%d" % i for i in range(size)]
    with made(str(tmp_path / "l.db")) as ledger:
        ledger.append(entries)
        export_ledger(ledger, tmp_path / "x")
    check(tmp_path / "x", entries)


def test_exactly_the_specification_s_files_are_there(tmp_path: Path) -> None:
    with made(str(tmp_path / "l.db")) as ledger:
        ledger.append([b"x"] * 513)
        done = export_ledger(ledger, tmp_path / "x")
    assert files_in(tmp_path / "x") == {
        "checkpoint",
        *(f"tile/{kind}/{name}" for kind in ("0", "entries") for name in ("000", "001", "002.p/1")),
        "tile/1/000.p/2",
    }
    assert done == Exported(513, 8, 0)


def test_what_is_new_is_added_and_nothing_else_touched(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    entries = [b"%d" % i for i in range(300)]
    with made(str(tmp_path / "l.db")) as ledger:
        ledger.append(entries)
        export_ledger(ledger, folder)
        before = {name: (folder / name).read_bytes() for name in files_in(folder)}
        assert export_ledger(ledger, folder) == Exported(300, 1, 5)
        ledger.append([b"more"])
        assert export_ledger(ledger, folder) == Exported(301, 3, 3)
    after = {name: (folder / name).read_bytes() for name in files_in(folder)}
    assert {name for name in before if before[name] != after[name]} == {"checkpoint"}
    check(folder, [*entries, b"more"])


def test_another_content_is_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    with made(str(tmp_path / "l.db")) as ledger:
        ledger.append([b"x"])
        export_ledger(ledger, folder)
        (folder / "tile/0/000.p/1").write_bytes(b"other")
        with pytest.raises(UsageError) as caught:
            export_ledger(ledger, folder)
    assert (caught.value.code, caught.value.where) == ("export_differs", str(folder / "tile/0/000.p/1"))


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file")
    with made(str(tmp_path / "l.db")) as ledger:
        ledger.append([b"x"])
        with pytest.raises(UsageError) as caught:
            export_ledger(ledger, tmp_path / "x")
    assert caught.value.code == "unwritable"
