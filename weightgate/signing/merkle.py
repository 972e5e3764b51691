"""Merkle trees over SHA-256, as RFC 6962, section 2.1, defines them, and proofs as RFC 9162, section 2.1, verifies them.

A tree of *n* leaves splits at the largest power of two below *n*. So every tree is made of *perfect subtrees*: the one
at level *l* and index *i* covers the leaves from ``i << l`` up to ``(i + 1) << l``, and never changes once those leaves
are there. Proofs are computed from perfect subtrees only, wherever these are kept: in memory (:class:`Tree`), in a
database, or in tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from weightgate.errors import InputError, SignatureError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""

MAX_PROOF = 64
"""Hashes in the longest proof of a tree with fewer than 2**63 leaves, with one to spare."""

Nodes = Callable[[int, int], bytes]
"""Gives the hash of the perfect subtree at a level and index."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of one leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees that lie side by side."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree in memory, each subtree hashed once.

    Args:
        leaf_hashes: Hashes of the leaves, in order.
    """

    def __init__(self, leaf_hashes: Iterable[bytes]) -> None:
        hash_ = sha256
        level = list(leaf_hashes)
        self._levels = [level]
        while len(level) > 1:
            pairs = iter(level)
            above = [
                hash_(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)
            ]
            if len(level) & 1:
                above.append(level[-1])  # it has no sibling: it stands for itself one level up
            level = above
            self._levels.append(level)

    def __len__(self) -> int:
        return len(self._levels[0])

    def node(self, level: int, index: int) -> bytes:
        """Hash of a perfect subtree."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """Root of the tree, or of its first ``size`` leaves.

        Raises:
            InputError: There are fewer leaves (code ``merkle_index``).
        """
        return root_of(self.node, self._within(size))

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Proof that a leaf is in the tree, or in that of its first ``size`` leaves; from the leaf's sibling upwards.

        Raises:
            InputError: No such leaf (code ``merkle_index``).
        """
        return inclusion_of(self.node, index, self._within(size))

    def inclusions(self) -> list[tuple[bytes, ...]]:
        """The inclusion proof of every leaf in the whole tree, in order; far quicker than one by one."""
        proofs: list[tuple[bytes, ...]] = [()] if len(self) else []
        for level in self._levels[-2::-1]:
            below = []
            siblings = iter(level)
            for proof, left, right in zip(proofs, siblings, siblings, strict=False):
                below.append((right, *proof))
                below.append((left, *proof))
            if len(level) & 1:
                below.append(proofs[-1])
            proofs = below
        return proofs

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """Proof that the tree of the first ``old`` leaves is the beginning of that of the first ``new``.

        Raises:
            InputError: ``old`` is larger than ``new``, or either than the tree (code ``merkle_index``).
        """
        return consistency_of(self.node, old, self._within(new))

    def _within(self, size: int | None) -> int:
        if size is None:
            return len(self)
        if not 0 <= size <= len(self):
            raise _no_such(f"a tree of {size} leaves, where there are {len(self)}")
        return size


def root_hash(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root of the tree over the leaves."""
    return Tree(leaf_hashes).root()


def inclusion_proof(leaf_hashes: Iterable[bytes], index: int) -> tuple[bytes, ...]:
    """Proof that leaf ``index`` is in the tree; ``Tree.inclusions`` makes all at once.

    Raises:
        InputError: No such leaf (code ``merkle_index``).
    """
    return Tree(leaf_hashes).inclusion(index)


def consistency_proof(leaf_hashes: Iterable[bytes], old: int, new: int) -> tuple[bytes, ...]:
    """Proof that the tree of the first ``old`` leaves is the beginning of that of the first ``new``.

    Raises:
        InputError: ``old`` is larger than ``new``, or either than the tree (code ``merkle_index``).
    """
    return Tree(leaf_hashes).consistency(old, new)


def root_of(nodes: Nodes, size: int) -> bytes:
    """Root of the tree of the first ``size`` leaves, from its perfect subtrees."""
    return _range_hash(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_of(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """Proof that leaf ``index`` is in the tree of the first ``size`` leaves, from its perfect subtrees.

    Raises:
        InputError: No such leaf (code ``merkle_index``).
    """
    return tuple(_range_hash(nodes, *each) for each in inclusion_ranges(index, size))


def consistency_of(nodes: Nodes, old: int, new: int) -> tuple[bytes, ...]:
    """Proof between the trees of the first ``old`` and the first ``new`` leaves, from their perfect subtrees.

    Raises:
        InputError: ``old`` is larger than ``new`` (code ``merkle_index``).
    """
    return tuple(_range_hash(nodes, *each) for each in consistency_ranges(old, new))


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose hashes make an inclusion proof, from the leaf's sibling upwards (RFC 9162, 2.1.3.1).

    Raises:
        InputError: No such leaf (code ``merkle_index``).
    """
    if not 0 <= index < size:
        raise _no_such(f"leaf {index} of a tree of {size}")
    low, high = 0, size
    ranges = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose hashes make a consistency proof (RFC 9162, 2.1.4.1); from or to nothing, none.

    Raises:
        InputError: ``old`` is larger than ``new``, or negative (code ``merkle_index``).
    """
    if not 0 <= old <= new:
        raise _no_such(f"the first {old} leaves of a tree of {new}")
    if old in (0, new):
        return []
    low, high = 0, new
    ranges = []
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    # The old tree itself is known to whoever asks; a part of it is not.
    return ([(low, high)] if low else []) + ranges[::-1]


def range_nodes(low: int, high: int) -> list[tuple[int, int]]:
    """The perfect subtrees (level, index) that a range of leaves falls into, from left to right.

    Args:
        low: First leaf; 0, or where a subtree at least as large as the range begins.
        high: The leaf after the last.
    """
    nodes = []
    while low < high:
        level = (high - low).bit_length() - 1
        nodes.append((level, low >> level))
        low += 1 << level
    return nodes


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that a tree must have if an inclusion proof holds (RFC 9162, 2.1.3.2).

    Args:
        leaf: Hash of the leaf.
        index: Its index.
        size: Number of leaves in the tree.
        proof: From the leaf's sibling upwards.

    Returns:
        The root; whoever verifies compares it with the one that was signed.

    Raises:
        SignatureError: No proof of that leaf in a tree of that size (code ``merkle_proof``).
    """
    if not 0 <= index < size:
        raise _unproven(f"leaf {index} of a tree of {size}")
    _check_hashes((leaf, *proof))
    # As long as the path runs inside the right border, an index bit tells the side; along the border all are to the left.
    inner = (index ^ (size - 1)).bit_length()
    needed = inner + (index >> inner).bit_count()
    if len(proof) != needed:
        amount = "more" if len(proof) > needed else "fewer"
        raise _unproven(f"{len(proof)} hashes, {amount} than leaf {index} of {size} needs")
    root, hash_ = leaf, sha256
    for sibling in proof[:inner]:
        pair = sibling + root if index & 1 else root + sibling
        root = hash_(b"\x01" + pair).digest()
        index >>= 1
    for sibling in proof[inner:]:
        root = hash_(b"\x01" + sibling + root).digest()
    return root


def check_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Hold a later tree against an earlier one (RFC 9162, 2.1.4.2; the empty tree is the beginning of every tree).

    Raises:
        SignatureError: The earlier tree is not the beginning of the later, or the proof does not show it (code
            ``merkle_proof``).
    """
    if not 0 <= old_size <= new_size:
        raise _unproven(f"from {old_size} leaves to {new_size}")
    _check_hashes((old_root, new_root, *proof))
    if old_size in (0, new_size):
        if proof:
            raise _unproven(f"{len(proof)} hashes, where none is needed")
        if old_root != (new_root if old_size else EMPTY_ROOT):
            raise _unproven(f"another root for the same {old_size} leaves")
        return
    before, after = _roots_from_consistency(old_size, new_size, old_root, proof)
    if before != old_root:
        raise _unproven(f"the proof does not lead to the root of the first {old_size} leaves")
    if after != new_root:
        raise _unproven(f"the proof does not lead to the root of the {new_size} leaves")


def _roots_from_consistency(
    old_size: int, new_size: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    left, last = old_size - 1, new_size - 1
    while left & 1:
        left, last = left >> 1, last >> 1
    path = list(proof) if left else [old_root, *proof]
    if not path:
        raise _unproven(f"no hashes between {old_size} leaves and {new_size}")
    before = after = path[0]
    for each in path[1:]:
        if not last:
            raise _unproven(f"{len(proof)} hashes, more than from {old_size} leaves to {new_size} are needed")
        if left & 1 or left == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while left and not left & 1:
                left, last = left >> 1, last >> 1
        else:
            after = node_hash(after, each)
        left, last = left >> 1, last >> 1
    if last:
        raise _unproven(f"{len(proof)} hashes, fewer than from {old_size} leaves to {new_size} are needed")
    return before, after


def _range_hash(nodes: Nodes, low: int, high: int) -> bytes:
    hashes = [nodes(*each) for each in range_nodes(low, high)]
    result = hashes.pop()
    while hashes:
        result = node_hash(hashes.pop(), result)
    return result


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if len(hashes) > MAX_PROOF + 2:
        raise _unproven(f"a proof of {len(hashes)} hashes; at most {MAX_PROOF}")
    odd = set(map(len, hashes)) - {HASH_BYTES}
    if odd:
        raise _unproven(f"a hash of {min(odd)} bytes, needed {HASH_BYTES}")


def _no_such(what: str) -> InputError:
    return InputError(f"there is no such thing as {what}", code="merkle_index")


def _unproven(problem: str) -> SignatureError:
    return SignatureError(f"Merkle proof: {problem}", code="merkle_proof")
