"""Proofs that stand alone: written, read, held against keys, and no byte of them can change."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.keys import KEY, NAME, OTHER, SIGNER, flips
from weightgate.errors import SignatureError
from weightgate.ledger.checkpoint import Checkpoint, sign_checkpoint
from weightgate.ledger.proof import LogProof, Proven, check_proof, read_proof, write_proof
from weightgate.signing.merkle import Tree, leaf_hash

LEAVES = [leaf_hash(b"%d" % i) for i in range(200)]
TREE = Tree(LEAVES)


def proof_of(index: int, size: int, **more: bytes) -> str:
    checkpoint = sign_checkpoint(Checkpoint(NAME, size, TREE.root(size)), SIGNER)
    return write_proof(LogProof(index, TREE.inclusion(index, size), checkpoint, **more))


def proven(raw: bytes | str, leaf: bytes) -> Proven:
    return check_proof(leaf, read_proof(raw, "p"), [KEY], "p")


def refused(raw: bytes | str, leaf: bytes) -> SignatureError:
    with pytest.raises(SignatureError) as caught:
        proven(raw, leaf)
    assert caught.value.where == "p"
    return caught.value


def test_a_proof_looks_as_the_specification_has_it() -> None:
    lines = proof_of(2, 3).split("\n")
    assert lines[:4] == ["c2sp.org/tlog-proof@v1", "index 2", base64.b64encode(TREE.node(1, 0)).decode(), ""]
    assert lines[4:6] == [NAME, "3"]
    extra = proof_of(2, 3, extra=b"more").split("\n")
    assert extra[:3] == ["c2sp.org/tlog-proof@v1", "extra bW9yZQ==", "index 2"]


@given(size=st.integers(1, 200), data=st.data(), extra=st.none() | st.binary(max_size=50))
def test_what_is_proven_holds(size: int, data: st.DataObject, extra: bytes | None) -> None:
    index = data.draw(st.integers(0, size - 1))
    raw = proof_of(index, size) if extra is None else proof_of(index, size, extra=extra)
    found = proven(raw.encode(), LEAVES[index])
    assert (found.index, found.checkpoint.size, found.key) == (index, size, KEY)
    assert read_proof(raw, "p").extra == extra
    assert write_proof(read_proof(raw, "p")) == raw


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (1, 3), (5, 13)])
def test_any_flipped_byte_fails(index: int, size: int) -> None:
    for flipped in flips(proof_of(index, size).encode()):
        refused(flipped, LEAVES[index])


@pytest.mark.parametrize(("index", "size"), [(0, 1), (5, 13)])
def test_any_part_fails(index: int, size: int) -> None:
    raw = proof_of(index, size)
    for length in range(len(raw)):
        refused(raw[:length], LEAVES[index])
        refused(raw[length + 1 :], LEAVES[index])


def test_another_entry_is_not_proven() -> None:
    error = refused(proof_of(5, 13), LEAVES[6])
    assert (error.code, error.message) == (
        "log_proof",
        f"entry 5 of log {NAME} is another, or the proof was changed",
    )


def test_a_proof_by_another_key_of_the_same_name_is_of_an_unknown_log() -> None:
    checkpoint = sign_checkpoint(Checkpoint(NAME, 13, TREE.root(13)), OTHER)
    raw = write_proof(LogProof(5, TREE.inclusion(5, 13), checkpoint))
    assert refused(raw, LEAVES[5]).code == "unknown_log"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("tlog-proof@v1", "tlog-proof@v2", "needed 'c2sp.org/tlog-proof@v1'"),
        ("index 5", "index 05", "no line with the index"),
        ("index 5\n", "", "no line with the index"),
        ("index 5", "index  5", "no line with the index"),
        ("index 5", "extra !!\nindex 5", "is not standard, padded base64"),
        ("index 5\n", "index 5\nAAAA\n", "no SHA-256 hash"),
        ("index 5\n", "index 5\nAAA\n", "is not standard, padded base64"),
        ("index 5\n", "index 5\nextra AAAA\n", "is not standard, padded base64"),
        ("index 5\n", "index 5\n" + ("A" * 43 + "=\n") * 65, "69 hashes; at most 64"),
        (
            "index 5\n",
            "index 5\n" + ("A" * 43 + "=\n"),
            "Merkle proof: 5 hashes, more than leaf 5 of 13 needs",
        ),
        ("index 5", "index 13", "Merkle proof: leaf 13 of a tree of 13"),
        ("index 5", "index 9999999999999999999", "no line with the index"),
    ],
)
def test_what_is_no_proof_says_why(before: str, after: str, said: str) -> None:
    error = refused(proof_of(5, 13).replace(before, after), LEAVES[5])
    assert said in error.message
    assert error.code == "log_proof"


@pytest.mark.parametrize("raw", ["", "\n\n", b"\xff", b"x" * 2_000_000, "c2sp.org/tlog-proof@v1\n\nx"])
def test_anything_else_is_no_proof(raw: bytes | str) -> None:
    assert refused(raw, LEAVES[0]).code == "log_proof"
