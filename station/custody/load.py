"""A consignment as a load: what is expected, counted, missing, and on the truck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody import registry
from station.leg import Leg
from station.model import Ballot, Consignment, Phase

if TYPE_CHECKING:
    from station.custody.registry import NamedItem
    from station.storage.database import Connection, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Between which places a consignment goes."""

    leg: Leg
    source: str
    """Code of the place that it leaves."""
    source_name: str
    """Of that place's area."""
    destination: str
    destination_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Ends):
    """A consignment as a screen tells of it."""

    id: str
    number: int
    phase: Phase
    area: str
    """Code of the place whose goods it carries: the lower of both ends."""
    kinds: tuple[Ballot, ...]
    vehicle: str | None
    gate: str | None
    listed: int
    """Items of the frozen expected set."""
    loaded: int
    departed: int
    accepted: int

    @property
    def expected(self) -> int:
        """How many the gate that works on it waits for in all."""
        return self.departed if self.phase is Phase.ARRIVING else self.listed

    @property
    def counted(self) -> int:
        """How many of them that gate has counted."""
        return self.accepted if self.phase is Phase.ARRIVING else self.loaded

    @property
    def missing(self) -> int:
        """How many it still waits for."""
        return self.expected - self.counted

    def as_consignment(self) -> Consignment:
        """As much of it as the rule may know."""
        kinds = frozenset(self.kinds)
        return Consignment(self.id, self.area, kinds, self.phase, self.leg)


@dataclass(frozen=True, slots=True)
class MissingLine:
    """An expected item that was not counted yet."""

    item: NamedItem


def open_load(db: Connection, gate: str) -> Load | None:
    """The consignment that is open at this gate, or None."""
    found = db.execute(
        "SELECT id FROM consignment"
        " WHERE gate = ? AND phase IN ('loading', 'arriving')",
        (gate,),
    ).fetchone()
    return None if found is None else find_load(db, found["id"])


def find_load(db: Connection, consignment: str) -> Load | None:
    """The consignment of this id, or None."""
    # By a bound id the view counts this consignment alone, by anything else all.
    row = db.execute(
        "SELECT * FROM consignment_progress WHERE id = ?", (consignment,)
    ).fetchone()
    return None if row is None else load_from_row(row)


def find_ends(db: Connection, consignment: str) -> Ends | None:
    """Between which places the consignment of this id goes, or None; counts nothing."""
    row = db.execute(
        "SELECT * FROM consignment WHERE id = ?", (consignment,)
    ).fetchone()
    if row is None:
        return None
    source, destination = row["source"], row["destination"]
    return Ends(
        leg=Leg.parse(row["leg"]),
        source=source,
        source_name=registry.area_name(db, source.partition("/")[0]),
        destination=destination,
        destination_name=registry.area_name(db, destination.partition("/")[0]),
    )


def busy_gates(db: Connection) -> set[str]:
    """The gates at which a consignment is open."""
    rows = db.execute("SELECT gate FROM consignment WHERE gate IS NOT NULL")
    return {row["gate"] for row in rows}


def list_loads(
    db: Connection,
    election: str | None = None,
    kecamatan: str | None = None,
    first: int | None = None,
) -> list[Load]:
    """Every consignment, newest first; of a number of them what is not finished before.

    Args:
        db: Any connection of the station.
        election: Those alone that have items of this one.
        kecamatan: Those of its goods alone, by its code.
        first: No more than these; None: all.
    """
    rows = db.execute(
        "SELECT * FROM consignment_progress WHERE id IN ("
        " SELECT id FROM consignment"
        " WHERE (:kecamatan IS NULL OR area = :kecamatan"
        "  OR substr(area, 1, length(:kecamatan) + 1) = :kecamatan || '.')"
        " AND (:election IS NULL OR id IN ("
        "  SELECT consignment_item.consignment FROM consignment_item"
        "  JOIN item ON item.id = consignment_item.item WHERE election = :election))"
        " ORDER BY phase IN ('accepted', 'cancelled'), number DESC LIMIT :first)"
        " ORDER BY :first > 0 AND phase IN ('accepted', 'cancelled'), number DESC",
        {
            "kecamatan": kecamatan,
            "election": election,
            "first": -1 if first is None else first,
        },
    )
    return [load_from_row(row) for row in rows]


def load_from_row(row: Row) -> Load:
    """A row of the view ``consignment_progress`` as a value."""
    return Load(
        id=row["id"],
        number=row["number"],
        phase=Phase(row["phase"]),
        leg=Leg.parse(row["leg"]),
        source=row["source"],
        source_name=row["source_name"] or row["source"],
        destination=row["destination"],
        destination_name=row["destination_name"] or row["destination"],
        area=row["area"],
        kinds=tuple(kind for kind in Ballot if kind in kinds_from_row(row)),
        vehicle=row["vehicle"],
        gate=row["gate"],
        listed=row["listed"],
        loaded=row["loaded"],
        departed=row["departed"],
        accepted=row["accepted"],
    )


def kinds_from_row(row: Row) -> frozenset[Ballot]:
    """The kinds of election of a row that has the column ``kinds``."""
    return frozenset(Ballot(kind) for kind in row["kinds"].split(",") if kind)


def _missing(load: Load) -> str:
    if load.phase is Phase.ARRIVING:
        return "departed = 1 AND accepted_seq IS NULL"
    return "loaded_seq IS NULL"


def missing_items(db: Connection, load: Load) -> list[MissingLine]:
    """Expected and not counted yet, by kelurahan, TPS and kind."""
    rows = db.execute(
        # The condition is one of this module's own texts.
        "SELECT item_text.* FROM consignment_item"  # noqa: S608
        " JOIN item_text ON item_text.id = consignment_item.item"
        f" WHERE consignment_item.consignment = ? AND {_missing(load)}"
        " ORDER BY destination, item_text.id",
        (load.id,),
    )
    return [MissingLine(registry.item_from_row(row)) for row in rows]


def missing_by_kind(db: Connection, load: Load) -> dict[Ballot, int]:
    """How many of each kind are expected and not counted yet; none is left out."""
    rows = db.execute(
        # The condition is one of this module's own texts.
        "SELECT ballot, count(*) AS n FROM consignment_item"  # noqa: S608
        " JOIN item ON item.id = consignment_item.item"
        f" WHERE consignment_item.consignment = ? AND {_missing(load)}"
        " AND ballot IS NOT NULL GROUP BY ballot",
        (load.id,),
    )
    counts = {row["ballot"]: int(row["n"]) for row in rows}
    return {ballot: counts[ballot] for ballot in Ballot if ballot in counts}


def items_on_truck(db: Connection, load: Load) -> list[NamedItem]:
    """What was loaded on this consignment and not taken off again, newest first."""
    rows = db.execute(
        "SELECT item_text.* FROM consignment_item"
        " JOIN item_text ON item_text.id = consignment_item.item"
        " WHERE consignment_item.consignment = ? AND loaded_seq IS NOT NULL"
        " ORDER BY loaded_seq DESC",
        (load.id,),
    )
    return [registry.item_from_row(row) for row in rows]
