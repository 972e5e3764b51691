"""Logs of format version 1: what was proven stays proven."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from weightgate.ledger.attested import attestation_entry, log_check
from weightgate.ledger.checkpoint import open_checkpoint
from weightgate.ledger.ledger import open_ledger
from weightgate.ledger.note import read_verifier_key
from weightgate.ledger.tiles import ENTRIES, levels_of, read_bundle, tile_path, tiles_of
from weightgate.ledger.verify import read_kept, verify_ledger
from weightgate.signing.merkle import Tree, check_consistency, leaf_hash

FOLDER = Path(__file__).parent / "tlog-v1"
EXPECTED = json.loads((FOLDER / "expected.json").read_bytes())
VKEY = (FOLDER / "key.vkey").read_text(encoding="utf-8")
PAYLOAD = (FOLDER / "statement.json").read_bytes()
PROOF = (FOLDER / "statement.json.tlog-proof").read_bytes()


def checkpoint_in(name: str) -> tuple[int, bytes]:
    found, _ = open_checkpoint((FOLDER / name).read_bytes(), [read_verifier_key(VKEY, "key.vkey")], name)
    assert found.origin == EXPECTED["origin"]
    return found.size, found.root


def test_the_entry_of_a_statement_is_what_it_was() -> None:
    entry = attestation_entry(PAYLOAD, "statement.json")
    assert entry.decode() == EXPECTED["entry"]
    assert leaf_hash(entry).hex() == EXPECTED["leaf_hash"]


def test_its_proof_holds() -> None:
    check = log_check(PAYLOAD, PROOF, {"golden": VKEY})
    assert check.to_json() == {
        "id": "log",
        "state": "established",
        "detail": "entry 258 of 270 in log example.com/golden, key golden",
    }


@pytest.mark.parametrize("at", range(0, len(PROOF), 7))
def test_its_proof_holds_as_it_stands_only(at: int) -> None:
    flipped = PROOF[:at] + bytes([PROOF[at] ^ 1]) + PROOF[at + 1 :]
    assert log_check(PAYLOAD, flipped, {"golden": VKEY}).state != "established"


def test_the_earlier_checkpoint_is_its_beginning() -> None:
    proof = [bytes.fromhex(line) for line in (FOLDER / "consistency.txt").read_text().splitlines()]
    (old_size, old_root), (size, root) = checkpoint_in("old-checkpoint"), checkpoint_in("export/checkpoint")
    assert (old_size, size) == (EXPECTED["old_size"], EXPECTED["size"])
    check_consistency(old_size, size, old_root, root, proof)


def test_the_exported_tiles_make_its_tree() -> None:
    size, root = checkpoint_in("export/checkpoint")
    entries: list[bytes] = []
    for index, width in tiles_of(size, 0):
        name = tile_path(ENTRIES, index, width)
        entries += read_bundle((FOLDER / "export" / name).read_bytes(), width, name)
    assert entries[EXPECTED["index"]].decode() == EXPECTED["entry"]
    tree = Tree([leaf_hash(each) for each in entries])
    assert tree.root() == root
    for level in levels_of(size):
        for index, width in tiles_of(size, level):
            hashes = b"".join(tree.node(8 * level, index * 256 + i) for i in range(width))
            assert (FOLDER / "export" / tile_path(level, index, width)).read_bytes() == hashes


def test_the_ledger_that_it_came_from_is_opened_and_whole(tmp_path: Path) -> None:
    kept = shutil.copy(FOLDER / "ledger.db", tmp_path / "ledger.db")
    key = read_verifier_key(VKEY, "key.vkey")
    with open_ledger(str(kept), key=key) as ledger:
        old = read_kept((FOLDER / "old-checkpoint").read_bytes(), "old-checkpoint", key)
        found = verify_ledger(ledger, given_key=True, kept=old)
        assert {str(check.state) for check in found.checks} == {"established"}
        assert (found.size, ledger.prove(EXPECTED["index"])) == (EXPECTED["size"], PROOF.decode())
