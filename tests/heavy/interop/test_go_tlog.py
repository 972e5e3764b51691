"""Go's golang.org/x/mod/sumdb (note, tlog) verifies what we write, refuses what was changed, and we verify Go's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.heavy.interop.go_fixtures import GoTlog
from tests.ledger.keys import KEY, NAME, OTHER, SIGNER, flips
from tests.ledger.places import made
from weightgate.errors import SignatureError
from weightgate.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from weightgate.ledger.export import export_ledger
from weightgate.ledger.note import open_note, read_verifier_key, sign_note
from weightgate.ledger.proof import LogProof, check_proof, read_proof, write_proof
from weightgate.signing.merkle import Tree, check_consistency, leaf_hash, root_from_inclusion

ENTRIES = [b"%d" % i for i in range(70_000)]
TREE = Tree([leaf_hash(each) for each in ENTRIES])
SIZES = (1, 2, 3, 7, 8, 13, 255, 256, 257, 1000)


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoTlog]:
    program = GoTlog(tmp_path_factory.mktemp("go"))
    yield program
    program.end()


def hashes_of(words: list[str]) -> list[bytes]:
    return [bytes.fromhex(word.removeprefix("x")) for word in words]


def proof_of(index: int, size: int) -> str:
    checkpoint = sign_checkpoint(Checkpoint(NAME, size, TREE.root(size)), SIGNER)
    return write_proof(LogProof(index, TREE.inclusion(index, size), checkpoint))


@pytest.mark.parametrize("text", ["one line\n", "two\n\nparagraphs\n", "\n", "è subito sera — \u2028\n"])
def test_go_opens_our_notes(go: GoTlog, text: str) -> None:
    assert hashes_of(go.ask("open", str(KEY), sign_note(text, SIGNER).encode())) == [text.encode()]
    assert go.ask("open", str(KEY), sign_note(text, OTHER, SIGNER).encode())
    assert not go.accepts("open", str(OTHER.verifier), sign_note(text, SIGNER).encode())


def test_go_refuses_a_note_with_any_byte_changed(go: GoTlog) -> None:
    for flipped in flips(sign_note("text\n", SIGNER).encode()):
        assert not go.accepts("open", str(KEY), flipped)


def test_we_refuse_what_go_refuses(go: GoTlog) -> None:
    note = sign_note("text\n", SIGNER)
    bad = [
        note[:-1],
        note + "more\n",
        note.replace("text", "te\tt"),
        note.replace(NAME, "a b"),
        "\ufeff" + note,
        note.replace("\n\n", "\n"),
        "\n" + note,
        note * 2,
        note + SIGNER.line("other\n").replace("=", "A="),
    ]
    for each in bad:
        assert not go.accepts("open", str(KEY), each.encode())
        with pytest.raises(SignatureError):
            open_note(each, [KEY], "x")


def test_we_open_go_s_notes_and_write_its_keys(go: GoTlog) -> None:
    private, public = go.ask("generate", "go.example/log")
    key = read_verifier_key(public, "go")
    assert str(key) == public
    checkpoint = Checkpoint("go.example/log", 13, TREE.root(13))
    (raw,) = hashes_of(go.ask("sign", private, checkpoint.text.encode()))
    assert open_checkpoint(raw, [key], "go") == (checkpoint, key)
    for flipped in flips(raw):
        with pytest.raises(SignatureError):
            open_checkpoint(flipped, [key], "go")
    proof = write_proof(LogProof(5, tuple(hashes_of(go.ask("prove", 13, 5))), raw.decode()))
    assert check_proof(leaf_hash(b"5"), read_proof(proof, "go"), [key], "go").index == 5


@pytest.mark.parametrize("size", SIZES)
def test_go_makes_the_same_trees_and_proofs(go: GoTlog, size: int) -> None:
    assert hashes_of(go.ask("root", size)) == [TREE.root(size)]
    for index in {0, 1, size // 2, size - 1} & set(range(size)):
        path = hashes_of(go.ask("prove", size, index))
        assert tuple(path) == TREE.inclusion(index, size)
        assert root_from_inclusion(leaf_hash(ENTRIES[index]), index, size, path) == TREE.root(size)
        old = index + 1
        proof = hashes_of(go.ask("consistency", size, old))
        assert tuple(proof) == TREE.consistency(old, size)
        check_consistency(old, size, TREE.root(old), TREE.root(size), proof)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (6, 7), (255, 256), (69_999, 70_000)])
def test_go_verifies_our_proofs_and_no_others(go: GoTlog, index: int, size: int) -> None:
    proof = proof_of(index, size).encode()
    assert go.accepts("proof", str(KEY), proof, ENTRIES[index])
    assert not go.accepts("proof", str(KEY), proof, ENTRIES[index] + b"x")
    assert not go.accepts("proof", str(OTHER.verifier), proof, ENTRIES[index])
    if size > 1:
        other = (index + 1) % size
        assert not go.accepts("proof", str(KEY), proof_of(other, size).encode(), ENTRIES[index])


def test_go_refuses_a_proof_with_any_byte_changed(go: GoTlog) -> None:
    # Go reads hashes with unused bits set, and decimals with a sign: where it does, we are the stricter.
    for flipped in flips(proof_of(5, 13).encode()):
        if go.accepts("proof", str(KEY), flipped, ENTRIES[5]):
            with pytest.raises(SignatureError):
                check_proof(leaf_hash(ENTRIES[5]), read_proof(flipped, "x"), [KEY], "x")


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (4, 7), (6, 8), (255, 257), (300, 70_000), (9, 9)])
def test_go_verifies_our_consistency_proofs(go: GoTlog, old: int, new: int) -> None:
    proof = TREE.consistency(old, new)
    words = ("tree", new, TREE.root(new), old, TREE.root(old))
    assert go.accepts(*words, *proof)
    assert not go.accepts(
        "tree", new, TREE.root(new), old, TREE.root(old - 1) if old > 1 else bytes(32), *proof
    )
    for at in range(len(proof)):
        changed = list(proof)
        changed[at] = bytes(32)
        assert not go.accepts(*words, *changed)
        assert not go.accepts(*words, *proof[:at])


@pytest.mark.parametrize("size", [2, 300, 70_000])
def test_go_verifies_our_tiles(go: GoTlog, tmp_path: Path, size: int) -> None:
    folder = tmp_path / "x"
    with made(str(tmp_path / "l.db")) as ledger:
        ledger.append(ENTRIES[:size])
        export_ledger(ledger, folder)
    for index in {0, size // 2, size - 1}:
        old = index + 1
        words = ("tiles", str(KEY), str(folder).encode(), index, old, ENTRIES[index], TREE.root(old))
        assert go.ask(*words) == []
        assert not go.accepts(*words[:5], b"other", words[6])
    tile = max(folder.glob("tile/0/0*"), key=lambda path: path.name)
    changed = tile if tile.is_file() else next(tile.iterdir())
    raw = changed.read_bytes()
    changed.write_bytes(raw[:32] + bytes([raw[32] ^ 1]) + raw[33:])  # the sibling of the tile's first hash
    first = 256 * int(tile.name[:3])
    assert not go.accepts(
        "tiles", str(KEY), str(folder).encode(), first, size, ENTRIES[first], TREE.root(size)
    )
