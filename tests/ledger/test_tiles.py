"""Tiles: where they lie, what they hold, and that proofs can be made of them alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import InputError, SignatureError
from weightgate.ledger.tiles import (
    ENTRIES,
    MAX_ENTRY_BYTES,
    TileNodes,
    bundle,
    check_entry,
    levels_of,
    read_bundle,
    split_hashes,
    tile_path,
    tile_root,
    tiles_of,
)
from weightgate.signing.merkle import Tree, consistency_of, inclusion_of, leaf_hash, root_of

LEAVES = tuple(leaf_hash(b"%d" % i) for i in range(70_000))
TREE = Tree(LEAVES)


def hashes_of(level: int, index: int, width: int) -> bytes:
    """A tile, by its definition: hashes of the subtrees of 256**level leaves."""
    return b"".join(TREE.node(8 * level, index * 256 + i) for i in range(width))


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 273, 112, "tile/0/273.p/112"),
        (1, 1234067, 256, "tile/1/x001/x234/067"),
        (63, 1000, 1, "tile/63/x001/000.p/1"),
        (ENTRIES, 999_999, 255, "tile/entries/x999/999.p/255"),
        (ENTRIES, 1_000_000, 256, "tile/entries/x001/x000/000"),
    ],
)
def test_tiles_lie_where_the_specification_has_them(
    level: int | str, index: int, width: int, path: str
) -> None:
    assert tile_path(level, index, width) == path


def test_the_specification_s_tree_of_70000_has_its_tiles() -> None:
    tiles = {level: list(tiles_of(70_000, level)) for level in levels_of(70_000)}
    assert [len(tiles[level]) for level in tiles] == [274, 2, 1]
    assert tiles[0][-2:] == [(272, 256), (273, 112)]
    assert tiles[1] == [(0, 256), (1, 17)]
    assert tiles[2] == [(0, 1)]
    assert [list(tiles_of(256, level)) for level in levels_of(256)] == [[(0, 256)], [(0, 1)]]
    assert list(levels_of(0)) == []
    assert [list(tiles_of(255, level)) for level in levels_of(255)] == [[(0, 255)]]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_793, 70_000])
def test_every_proof_is_made_of_the_tiles_of_its_tree(size: int) -> None:
    there = {(level, *tile) for level in levels_of(size) for tile in tiles_of(size, level)}

    def fetch(level: int, index: int, width: int) -> bytes:
        assert (level, index, width) in there
        return hashes_of(level, index, width)

    nodes = TileNodes(size, fetch)
    assert root_of(nodes, size) == TREE.root(size)
    for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
        assert inclusion_of(nodes, index, size) == TREE.inclusion(index, size)
        assert consistency_of(nodes, index, size) == TREE.consistency(index, size)


def test_the_root_of_a_tile_is_that_of_its_subtree() -> None:
    assert tile_root(hashes_of(0, 3, 256)) == TREE.node(8, 3)
    assert tile_root(hashes_of(1, 0, 256)) == TREE.node(16, 0)
    assert split_hashes(hashes_of(0, 0, 3)) == list(LEAVES[:3])


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=20))
def test_bundles_hold_what_was_put_in(entries: list[bytes]) -> None:
    raw = bundle(entries)
    assert read_bundle(raw, len(entries), "x") == entries
    for bad in (raw[:-1], raw + b"\x00", raw + b"\x00\x01x", raw[:1], b""):
        with pytest.raises(SignatureError) as caught:
            read_bundle(bad, len(entries), "tile/entries/000")
        assert (caught.value.code, caught.value.where) == ("tile", "tile/entries/000")
    with pytest.raises(SignatureError):
        read_bundle(raw, len(entries) + 1, "x")


def test_an_entry_fits_into_a_bundle_or_is_refused() -> None:
    longest = bytes(MAX_ENTRY_BYTES)
    check_entry(longest)
    assert read_bundle(bundle([longest]), 1, "x") == [longest]
    for bad in (b"", longest + b"x"):
        with pytest.raises(InputError) as caught:
            check_entry(bad)
        assert caught.value.code == "entry_size"
