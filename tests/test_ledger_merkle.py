"""The tree against its definition, and every wrong proof refused."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.ledger import merkle
from tests.ledger_station import from_leaves

LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(66)]
READ = from_leaves(LEAVES)


def defined_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = defined_root(leaves[:split]), defined_root(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(len(LEAVES)))
def test_root_is_as_defined_however_it_is_read(size: int) -> None:
    expected = defined_root(LEAVES[:size])

    assert merkle.root(size, READ) == expected
    edge = merkle.Frontier.read(size, READ)
    assert edge.root() == expected
    copy = edge.copy()
    copy.push(LEAVES[0])
    assert edge.root() == expected


def test_pushing_makes_every_full_subtree_once() -> None:
    edge = merkle.Frontier()

    made = [node for leaf in LEAVES for node in edge.push(leaf)]

    assert len(made) == sum(len(LEAVES) >> level for level in range(1, 7))
    assert all(READ(level, index) == found for level, index, found in made)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 33, 66])
def test_every_inclusion_proof_holds_and_no_mutant_does(size: int) -> None:
    root = defined_root(LEAVES[:size])
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, READ)
        leaf = LEAVES[index]

        assert merkle.verify_inclusion(leaf, (index, size), proof, root)
        assert (
            not merkle.verify_inclusion(LEAVES[index - 2], (index, size), proof, root)
            or size < 3
        )
        assert not merkle.verify_inclusion(leaf, (index + 1, size), proof, root)
        assert not merkle.verify_inclusion(leaf, (-1, size), proof, root)
        assert not merkle.verify_inclusion(leaf, (index, size), [*proof, leaf], root)
        assert not merkle.verify_inclusion(leaf, (index, size), proof, bytes(32))
        if proof:
            assert not merkle.verify_inclusion(leaf, (index, size), proof[:-1], root)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_proofs_of_large_trees_hold(data: st.DataObject) -> None:
    # The leaves of a large tree are all alike, so that a subtree is one hash.
    alike = [merkle.leaf_hash(b"")]
    for _ in range(40):
        alike.append(merkle.node_hash(alike[-1], alike[-1]))

    def read(level: int, _: int) -> bytes:
        return alike[level]

    size = data.draw(st.integers(1, 2**40 - 1))
    index = data.draw(st.integers(0, size - 1))

    path = merkle.inclusion_proof(index, size, read)
    root = merkle.root(size, read)
    assert merkle.verify_inclusion(alike[0], (index, size), path, root)


def test_what_is_outside_the_tree_has_no_proof() -> None:
    with pytest.raises(ValueError, match="below 3"):
        merkle.inclusion_proof(3, 3, READ)
