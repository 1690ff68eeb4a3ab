"""A small station's ledger in a folder, for the tests of the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from station.ledger import merkle
from station.ledger.checkpoint import Signer
from station.ledger.entry_body import inscribe
from station.ledger.log import Log
from station.model import Draft, Entry, EntryType, Instant, Verdict
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from station.ledger.log import Project
    from station.ledger.merkle import NodeReader
    from station.storage.database import Connection

ORIGIN = "jejak/1771/gudang/g1"
PLACE = "1771/gudang"
START_MS = 1_795_500_000_000
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@dataclass
class TickingClock:
    """A clock that goes on by 10 ms each time it is read."""

    wall_ms: int = START_MS
    mono_ms: int = 50_000

    def __call__(self) -> Instant:
        self.wall_ms += 10
        self.mono_ms += 10
        return Instant(self.wall_ms, self.mono_ms)


@dataclass
class Ledger:
    """A ledger open for writing, and all that it was made of."""

    path: Path
    db: Connection
    log: Log
    clock: TickingClock = field(default_factory=TickingClock)

    def append(self, *drafts: Draft) -> list[Entry]:
        """The drafts as entries of one commit."""
        with self.log.writing() as batch:
            return [batch.append(draft) for draft in drafts]

    def reopen(self, project: Project | None = None) -> None:
        """Close the file and open it again, as after a restart."""
        self.db.close()
        self.db = database.open_writer(self.path)
        self.log = Log.open(self.db, SIGNER, self.clock, project)


def begin(
    folder: Path, project: Project | None = None, signer: Signer = SIGNER
) -> Ledger:
    """A new ledger in the folder, with its genesis."""
    clock = TickingClock()
    path = folder / "ledger.db"
    db = database.create(path)
    log = Log.create(
        db, origin=ORIGIN, place=PLACE, signer=signer, clock=clock, project=project
    )
    return Ledger(path, db, log, clock)


def ledgers(folder: Path) -> Iterator[Ledger]:
    """One ledger of seven entries, closed when the test is over."""
    ledger = begin(folder)
    ledger.append(*(loading(number) for number in range(4)))
    ledger.append(loading(4))
    ledger.append(loading(5))
    yield ledger
    ledger.db.close()


def loading(number: int) -> Draft:
    """A box scanned onto the truck."""
    return Draft(
        type=EntryType.LOADING,
        event=Instant(START_MS, 0),
        actor="p01",
        place=PLACE,
        gate="gerbang-1",
        items=(item(number),),
        verdict=Verdict.ACCEPTED,
        consignment="C-0012",
        evidence=(f"{number:064x}",),
        data={"source": "camera", "camera": f"kamera-{number}"},
    )


def item(number: int) -> str:
    return f"1771-B-{number:05d}"


def encode(entry: Entry) -> bytes:
    """The bytes that are recorded of an entry."""
    return inscribe(entry)[0]


def from_leaves(hashes: Sequence[bytes]) -> NodeReader:
    """The nodes over these leaf hashes, computed as they are asked for."""

    def read(level: int, index: int) -> bytes:
        if level == 0:
            return hashes[index]
        return merkle.node_hash(
            read(level - 1, 2 * index), read(level - 1, 2 * index + 1)
        )

    return read


def bare(path: Path) -> Connection:
    """A connection as anybody makes one: no pragma of ours, no guard of ours."""
    return database._connect(path, mode="rw")


def drop_guards(db: Connection) -> None:
    """What the owner of the file can always do."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for (name,) in rows.fetchall():
        db.execute(f"DROP TRIGGER {name}")
