"""The tree against its definition, and every wrong proof refused."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.ledger import merkle

LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(66)]
READ = merkle.from_leaves(LEAVES)


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


@pytest.mark.parametrize("new", [1, 2, 3, 5, 8, 33, 66])
def test_every_consistency_proof_holds_and_no_mutant_does(new: int) -> None:
    root = defined_root(LEAVES[:new])
    for old in range(1, new + 1):
        before = defined_root(LEAVES[:old])
        proof = merkle.consistency_proof(old, new, READ)

        def holds(
            steps: list[bytes],
            sizes: tuple[int, int] = (old, new),
            before: bytes = before,
        ) -> bool:
            return merkle.verify_consistency(sizes, steps, before, root)

        assert holds(proof)
        assert not holds([*proof, root])
        assert not holds([]) or old == new
        assert not holds(proof, (0, new))
        assert not holds(proof, (new + 1, new))
        assert not holds(proof, before=bytes(32))
        for at in range(len(proof)):
            assert not holds(proof[:at] + proof[at + 1 :])
            assert not holds([*proof[:at], bytes(32), *proof[at + 1 :]])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_proofs_of_large_trees_hold(data: st.DataObject) -> None:
    # The leaves of a large tree are all alike, so that a subtree is one hash.
    alike = [merkle.leaf_hash(b"")]
    for _ in range(40):
        alike.append(merkle.node_hash(alike[-1], alike[-1]))

    def read(level: int, _: int) -> bytes:
        return alike[level]

    new = data.draw(st.integers(1, 2**40 - 1))
    old = data.draw(st.integers(1, new))

    proof = merkle.consistency_proof(old, new, read)
    roots = merkle.root(old, read), merkle.root(new, read)
    assert merkle.verify_consistency((old, new), proof, *roots)
    path = merkle.inclusion_proof(old - 1, new, read)
    assert merkle.verify_inclusion(alike[0], (old - 1, new), path, roots[1])


def test_what_is_outside_the_tree_has_no_proof() -> None:
    with pytest.raises(ValueError, match="below 3"):
        merkle.inclusion_proof(3, 3, READ)
    with pytest.raises(ValueError, match="from 1 to 3"):
        merkle.consistency_proof(4, 3, READ)
