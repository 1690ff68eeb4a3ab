"""Bytes that other people's programs made; ours must be the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from station.ledger import checkpoint, merkle
from station.ledger.checkpoint import Signer
from station.ledger.entry_body import KEYS, decode
from tests.ledger_station import encode, from_leaves

VECTORS = Path(__file__).parent / "vectors"


def load(name: str) -> Any:  # noqa: ANN401 - vectors are JSON of three shapes
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


ENTRIES = load("entries.json")
MERKLE = load("merkle.json")
HASHES = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in MERKLE["leaves_hex"]]
READ = from_leaves(HASHES)


@pytest.mark.parametrize("vector", ENTRIES, ids=lambda v: v["entry"]["type"])
def test_entry_has_the_canonical_bytes_and_leaf_hash(vector: dict[str, Any]) -> None:
    body = bytes.fromhex(vector["canonical_utf8_hex"])

    entry = decode(body)

    assert encode(entry) == body
    assert merkle.leaf_hash(body).hex() == vector["leaf_sha256"]
    assert vector["entry"].keys() == KEYS
    assert entry.seq == vector["entry"]["seq"]
    assert entry.draft.data == vector["entry"]["data"]


def test_root_of_every_size_is_the_published_one() -> None:
    edge = merkle.Frontier()

    for size, root in enumerate(MERKLE["roots"]):
        assert merkle.root(size, READ).hex() == root
        assert edge.root().hex() == root
        assert edge.size == size
        if size < len(HASHES):
            edge.push(HASHES[size])


def test_inclusion_proofs_are_the_published_ones() -> None:
    for vector in MERKLE["inclusion"]:
        index, size = vector["index"], vector["size"]

        proof = merkle.inclusion_proof(index, size, READ)

        assert [step.hex() for step in proof] == vector["proof"]
        root = bytes.fromhex(MERKLE["roots"][size])
        assert merkle.verify_inclusion(HASHES[index], (index, size), proof, root)


def test_checkpoint_is_the_published_one() -> None:
    vector = load("checkpoint.json")
    seed, root = bytes.fromhex(vector["seed_hex"]), bytes.fromhex(vector["root_hex"])
    signer = Signer(Ed25519PrivateKey.from_private_bytes(seed))
    origin = vector["vkey"].partition("+")[0]

    note = signer.sign(origin, vector["size"], root)

    assert note == vector["checkpoint"]
    assert signer.vkey(origin) == vector["vkey"]
    read = checkpoint.verify(note, vector["vkey"])
    assert (read.origin, read.size, read.root) == (origin, 6, root)
