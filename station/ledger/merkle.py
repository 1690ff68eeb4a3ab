"""The Merkle tree of RFC 6962: roots, proofs, and the checking of proofs.

The tree is never held whole. A ``NodeReader`` gives the hash of a full subtree:
level 0 are the leaves, the subtree ``(level, index)`` covers the leaves from
``index << level`` to ``(index + 1 << level) - 1``. It reads from a table, from
tiles or from a list alike.

Source: RFC 6962 section 2.1; the checking of proofs is RFC 9162 section 2.1.3.2.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

NodeReader: TypeAlias = "Callable[[int, int], bytes]"

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry's bytes, 32 bytes."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and the two hashes below, 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def peaks(size: int) -> list[tuple[int, int]]:
    """The full subtrees ``(level, index)`` of a tree of ``size``, left to right.

    >>> peaks(6)
    [(2, 0), (1, 2)]
    """
    return _cover(0, size)


def root(size: int, read: NodeReader) -> bytes:
    """The root of the first ``size`` leaves, 32 bytes."""
    return _join([read(level, index) for level, index in peaks(size)])


def inclusion_proof(index: int, size: int, read: NodeReader) -> list[bytes]:
    """The hashes, leaf upwards, that lead from leaf ``index`` to the root.

    Raises:
        ValueError: The leaf is not in a tree of this size.
    """
    if not 0 <= index < size:
        raise ValueError(f"expected a leaf below {size}, got {index}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_subtree(middle, end, read))
            end = middle
        else:
            proof.append(_subtree(start, middle, read))
            start = middle
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, place: tuple[int, int], proof: Sequence[bytes], expected: bytes
) -> bool:
    """True when ``leaf`` (its hash) stands at ``place`` = (index, size)."""
    index, size = place
    if not 0 <= index < size:
        return False
    last, found = size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            found = node_hash(step, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = node_hash(found, step)
        index, last = index >> 1, last >> 1
    return last == 0 and found == expected


class Frontier:
    """The right edge of a growing tree: its size and the hashes of its peaks."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peak_hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peak_hashes)

    @classmethod
    def read(cls, size: int, read: NodeReader) -> Frontier:
        """The edge of a tree of ``size`` whose nodes ``read`` gives."""
        return cls(size, [read(level, index) for level, index in peaks(size)])

    def copy(self) -> Frontier:
        """Another edge in the same state, to grow by itself."""
        return Frontier(self.size, self._peaks)

    def push(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf; the full subtrees that it completed, as (level, index, hash)."""
        made = []
        index, level, found = self.size, 0, leaf
        while index & 1:
            found = node_hash(self._peaks.pop(), found)
            index, level = index >> 1, level + 1
            made.append((level, index, found))
        self._peaks.append(found)
        self.size += 1
        return made

    def root(self) -> bytes:
        """The root of all leaves so far, 32 bytes."""
        return _join(self._peaks)


def _split(width: int) -> int:
    """The largest power of two below ``width`` (``width`` > 1)."""
    return 1 << (width - 1).bit_length() - 1


def _cover(start: int, end: int) -> list[tuple[int, int]]:
    """The full subtrees of [start, end), where ``start`` begins one that is wider."""
    found = []
    for level in range((end - start).bit_length() - 1, -1, -1):
        if (end - start) >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def _subtree(start: int, end: int, read: NodeReader) -> bytes:
    return _join([read(level, index) for level, index in _cover(start, end)])


def _join(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY_ROOT
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found
