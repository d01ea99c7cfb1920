"""The Merkle tree of RFC 6962, section 2.1: SHA-256, leaves and inner nodes kept apart by their first byte.

Whoever knows the root needs a hash a level, not the other leaves, to see that a leaf is under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256


def leaf_hash(content: bytes) -> bytes:
    return sha256(b"\0" + content).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """leaves: their hashes, in order; there may be none."""
    top = sha256(b"").digest()
    for level in _levels(leaves):
        top = level[0]
    return top


def path(leaves: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    """What ``climbed`` needs beside the leaf at this place, from 0: its neighbour at each level that has one."""
    found = list[bytes]()
    for level in _levels(leaves):
        if place ^ 1 < len(level):
            found.append(level[place ^ 1])
        place >>= 1
    return tuple(found)


def climbed(leaf: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root over a leaf's hash at this place among ``size``; None where the path cannot be one of such a tree."""
    if not 0 <= place < size:
        return None
    left = list(reversed(path))
    while size > 1:
        if place ^ 1 < size:
            if not left:
                return None
            neighbour = left.pop()
            leaf = _node(neighbour, leaf) if place & 1 else _node(leaf, neighbour)
        place, size = place >> 1, (size + 1) >> 1
    return None if left else leaf


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def _levels(leaves: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """From the leaves to the root; none without leaves. A node without a neighbour goes up as it is."""
    level = leaves
    while level:
        yield level
        if len(level) == 1:
            return
        paired = [_node(level[n], level[n + 1]) for n in range(0, len(level) - 1, 2)]
        level = paired if len(level) % 2 == 0 else [*paired, level[-1]]
