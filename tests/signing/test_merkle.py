"""Merkle trees: held to the definitions of RFC 6962, written down here as they stand there."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightgate.errors import Exit, InputError, SignatureError
from weightgate.signing.merkle import (
    EMPTY_ROOT,
    Tree,
    check_consistency,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_from_inclusion,
    root_hash,
)

MOST = 70
LEAVES = tuple(leaf_hash(b"%d" % i) for i in range(MOST))
TREE = Tree(LEAVES)
SIZES = range(MOST + 1)


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


@cache
def defined_root(leaves: tuple[bytes, ...]) -> bytes:
    """RFC 6962, section 2.1: MTH."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + defined_root(leaves[:k]) + defined_root(leaves[k:])).digest()


def defined_path(m: int, leaves: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """RFC 6962, section 2.1.1: PATH."""
    if len(leaves) == 1:
        return ()
    k = split(len(leaves))
    if m < k:
        return (*defined_path(m, leaves[:k]), defined_root(leaves[k:]))
    return (*defined_path(m - k, leaves[k:]), defined_root(leaves[:k]))


def defined_subproof(m: int, leaves: tuple[bytes, ...], *, known: bool) -> tuple[bytes, ...]:
    """RFC 6962, section 2.1.2: SUBPROOF."""
    if m == len(leaves):
        return () if known else (defined_root(leaves),)
    k = split(len(leaves))
    if m <= k:
        return (*defined_subproof(m, leaves[:k], known=known), defined_root(leaves[k:]))
    return (*defined_subproof(m - k, leaves[k:], known=False), defined_root(leaves[:k]))


def refused(old: int, new: int, old_root: bytes, new_root: bytes, proof: tuple[bytes, ...]) -> str:
    with pytest.raises(SignatureError) as caught:
        check_consistency(old, new, old_root, new_root, proof)
    assert (caught.value.exit, caught.value.code) == (Exit.SIGNATURE, "merkle_proof")
    return caught.value.message


def root_or_none(leaf: bytes, index: int, size: int, proof: tuple[bytes, ...]) -> bytes | None:
    try:
        return root_from_inclusion(leaf, index, size, proof)
    except SignatureError:
        return None


def test_hashes_are_those_of_the_rfc() -> None:
    assert leaf_hash(b"x") == sha256(b"\x00x").digest()
    assert root_hash([]) == EMPTY_ROOT == sha256(b"").digest()
    assert Tree([]).inclusions() == []
    # The eight leaves of Certificate Transparency's own test data, and the roots published with them.
    data = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    leaves = [leaf_hash(bytes.fromhex(each)) for each in data]
    assert [root_hash(leaves[: n + 1]).hex() for n in range(8)] == roots


@pytest.mark.parametrize("size", SIZES)
def test_roots_are_the_definition_s(size: int) -> None:
    assert root_hash(LEAVES[:size]) == TREE.root(size) == defined_root(LEAVES[:size])


@pytest.mark.parametrize("size", SIZES[1:])
def test_inclusion_proofs_are_the_definition_s_and_lead_to_the_root(size: int) -> None:
    root = defined_root(LEAVES[:size])
    for index in range(size):
        proof = TREE.inclusion(index, size)
        assert proof == defined_path(index, LEAVES[:size])
        assert root_from_inclusion(LEAVES[index], index, size, proof) == root
    assert Tree(LEAVES[:size]).inclusions() == [TREE.inclusion(index, size) for index in range(size)]
    assert inclusion_proof(LEAVES[:size], size - 1) == TREE.inclusion(size - 1, size)


@pytest.mark.parametrize("new", SIZES[1:])
def test_consistency_proofs_are_the_definition_s_and_hold(new: int) -> None:
    for old in range(1, new + 1):
        proof = TREE.consistency(old, new)
        assert proof == defined_subproof(old, LEAVES[:new], known=True)
        check_consistency(old, new, TREE.root(old), TREE.root(new), proof)
    check_consistency(0, new, EMPTY_ROOT, TREE.root(new), TREE.consistency(0, new))
    assert consistency_proof(LEAVES[:new], new, new) == ()


@given(size=st.integers(1, 3000), data=st.data())
def test_larger_trees_do_the_same(size: int, data: st.DataObject) -> None:
    leaves = tuple(leaf_hash(b"%d" % i) for i in range(size))
    tree = Tree(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert len(tree) == size
    assert tree.root() == defined_root(leaves)
    assert root_from_inclusion(leaves[index], index, size, tree.inclusion(index)) == tree.root()
    check_consistency(old, size, tree.root(old), tree.root(), tree.consistency(old))


def test_a_proof_holds_for_its_leaf_index_and_size_only() -> None:
    for size in range(1, 20):
        for index in range(size):
            proof = TREE.inclusion(index, size)
            for other in range(size):
                for claimed in range(1, 24):
                    root = root_or_none(LEAVES[other], index, claimed, proof)
                    holds = root == TREE.root(claimed) if claimed <= MOST else False
                    assert not holds or (other == index and claimed == size)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_any_flipped_byte_of_a_proof_leads_elsewhere(size: int) -> None:
    for index in range(size):
        proof = TREE.inclusion(index, size)
        for at, byte in ((i, b) for i in range(len(proof)) for b in range(32)):
            flipped = list(proof)
            flipped[at] = proof[at][:byte] + bytes([proof[at][byte] ^ 1]) + proof[at][byte + 1 :]
            assert root_or_none(LEAVES[index], index, size, tuple(flipped)) != TREE.root(size)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (4, 7), (6, 8), (8, 13), (5, 5), (0, 4)])
def test_any_flipped_byte_of_a_consistency_proof_or_root_fails(old: int, new: int) -> None:
    proof, before, after = TREE.consistency(old, new), TREE.root(old), TREE.root(new)
    parts = [before, after, *proof]
    for at, byte in ((i, b) for i in range(len(parts)) for b in range(32)):
        if (old, at) == (0, 1):
            continue  # whatever follows, the empty tree is its beginning
        flipped = list(parts)
        flipped[at] = parts[at][:byte] + bytes([parts[at][byte] ^ 1]) + parts[at][byte + 1 :]
        refused(old, new, flipped[0], flipped[1], tuple(flipped[2:]))


def test_what_is_no_proof_is_refused_with_its_reason() -> None:
    proof, before, after = TREE.consistency(3, 7), TREE.root(3), TREE.root(7)
    assert refused(3, 7, before, after, proof[:-1]) == (
        "Merkle proof: 3 hashes, fewer than from 3 leaves to 7 are needed"
    )
    assert refused(3, 7, before, after, (*proof, after)) == (
        "Merkle proof: 5 hashes, more than from 3 leaves to 7 are needed"
    )
    assert refused(3, 7, before, after, ()) == "Merkle proof: no hashes between 3 leaves and 7"
    assert refused(4, 7, TREE.root(4), after, ()) == (
        "Merkle proof: 0 hashes, fewer than from 4 leaves to 7 are needed"
    )
    assert refused(7, 3, after, before, proof) == "Merkle proof: from 7 leaves to 3"
    assert refused(-1, 3, after, before, proof) == "Merkle proof: from -1 leaves to 3"
    assert refused(7, 7, after, before, ()) == "Merkle proof: another root for the same 7 leaves"
    assert refused(7, 7, after, after, (after,)) == "Merkle proof: 1 hashes, where none is needed"
    assert refused(0, 7, after, after, ()) == "Merkle proof: another root for the same 0 leaves"
    assert refused(3, 7, before, after, (b"short", *proof[1:])) == (
        "Merkle proof: a hash of 5 bytes, needed 32"
    )
    assert refused(
        3, 7, before, after, proof * 30
    ) == "Merkle proof: a proof of 122 hashes; at most 64".replace("122", "122")
    assert refused(3, 7, after, after, proof).endswith("the root of the first 3 leaves")
    assert refused(3, 7, before, before, proof).endswith("the root of the 7 leaves")


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (5, 2)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(InputError) as caught:
        TREE.inclusion(index, size)
    assert caught.value.code == "merkle_index"
    assert root_or_none(LEAVES[0], index, size, ()) is None


def test_a_tree_that_is_not_there_has_no_proof() -> None:
    for ask in (lambda: TREE.root(MOST + 1), lambda: TREE.consistency(5, 3), lambda: TREE.consistency(0, -1)):
        with pytest.raises(InputError) as caught:
            ask()
        assert caught.value.code == "merkle_index"
