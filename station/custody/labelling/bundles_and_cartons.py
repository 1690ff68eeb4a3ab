"""Bundles (ikat) and cartons (dus) of ballot papers, from the counts of the plan.

Bundles belong into the box of their TPS and kind. Cartons stay in the warehouse, where
bundles are taken out of them, so they go to no kecamatan and onto no truck. What is
registered already is not registered again. Sizes are the election's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.label_code import ItemKind
from station.custody.labelling import first_issue
from station.custody.labelling.first_issue import Issue
from station.errors import OperationRefused, RefusalReason
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.custody.labelling.selection import Selection
    from station.ledger.log import Log
    from station.model import Entry, Instant
    from station.settings.election_profiles import Election
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

MOST = 20_000
"""Packages registered by one press: scans wait a second or two for them."""
_BOXES = (
    "SELECT item.id, item.destination, item.ballot, item.election,"
    " sheets - coalesce(packed.papers, 0) AS sheets FROM item"
    # By place and kind, not by box: what was packed for a box that was voided and
    # replaced belongs into the one that took its place.
    " LEFT JOIN (SELECT destination, ballot, election,"
    "  sum(coalesce(quantity, :size)) AS papers FROM item"
    "  WHERE substr(id, 6, 1) = 'K' AND voided = 0 GROUP BY 1, 2, 3) AS packed"
    "  ON packed.destination = item.destination AND packed.ballot = item.ballot"
    "  AND packed.election = item.election"
    " JOIN ballot_count ON ballot_count.election = item.election"
    "  AND ballot_count.polling_station = item.destination"
    "  AND ballot_count.ballot = item.ballot"
    " JOIN polling_station ON polling_station.election = item.election"
    "  AND polling_station.id = item.destination"
    " WHERE (:area IS NULL OR item.destination = :area"
    "  OR substr(item.destination, 1, length(:area) + 1)"
    "   IN (:area || '.', :area || '/'))"
    " AND (:ballot IS NULL OR item.ballot = :ballot)"
    " AND (:election IS NULL OR item.election = :election)"
    " AND (:tps IS NULL OR polling_station.number = :tps)"
    " AND substr(item.id, 6, 1) = 'B' AND item.voided = 0"
    " AND sheets > coalesce(packed.papers, 0)"
    " ORDER BY item.destination, item.id"
)
_SUMS = (
    "SELECT ballot, election, sum(sheets) AS sheets FROM ballot_count"
    " WHERE (:ballot IS NULL OR ballot = :ballot)"
    " AND (:election IS NULL OR election = :election)"
    " GROUP BY 1, 2 ORDER BY 2, 1"
)


def proposed(
    db: Connection, kind: ItemKind, selection: Selection, election: Election, home: str
) -> list[Issue]:
    """The packages that are not registered yet.

    Args:
        db: Any connection of the station.
        kind: ``BUNDLE`` or ``CARTON``.
        selection: Area, TPS, kind of election and election; cartons are of the whole
            kab/kota, so no area narrows them.
        election: Says how many papers a package holds.
        home: Code of the kab/kota, ``17.71``.
    """
    if kind is ItemKind.BUNDLE:
        return list(_bundles(db, selection, election.bundle_size))
    return list(_cartons(db, selection, election.carton_size, home))


def register(  # noqa: PLR0913 - what, for what, and by whom
    log: Log,
    kind: ItemKind,
    selection: Selection,
    settings: Settings,
    *,
    shown: int,
    actor: str,
    at: Instant,
) -> list[Entry]:
    """Register the packages that are not yet, in one commit.

    Args:
        log: Takes the entries.
        kind: As ``proposed``.
        selection: As ``proposed``.
        settings: The station's.
        shown: How many who asks was told.
        actor: Who asks.
        at: Now.

    Raises:
        OperationRefused: they are more than ``MOST``, or another number by now.
        StationError: no numbers are left.
    """
    with log.writing() as batch:
        issues = proposed(batch.db, kind, selection, settings.election, settings.home)
        many = count(issues)
        if many > MOST:
            message = f"Expected at most {MOST} packages at once, got {many}."
            raise OperationRefused(RefusalReason.TOO_MANY_ITEMS, message, most=MOST)
        if not many or many != shown:
            message = f"Expected {shown} packages to register, got {many}."
            raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message)
        return first_issue.issue(batch, settings.regency, issues, actor=actor, at=at)


def count(issues: list[Issue]) -> int:
    """How many packages these are."""
    return sum(len(issue.ballots) for issue in issues)


def _bundles(db: Connection, selection: Selection, size: int) -> Iterator[Issue]:
    bound = {
        "area": selection.area,
        "tps": selection.tps,
        "ballot": selection.ballot,
        "election": selection.election,
        "size": size,
    }
    for row in db.execute(_BOXES, bound).fetchall():
        place = (row["destination"], row["election"], row["id"])
        yield from _packed(ItemKind.BUNDLE, place, row["ballot"], (row["sheets"], size))


def _cartons(
    db: Connection, selection: Selection, size: int, home: str
) -> Iterator[Issue]:
    bound = {"ballot": selection.ballot, "election": selection.election}
    for row in db.execute(_SUMS, bound).fetchall():
        (there,) = db.execute(
            "SELECT coalesce(sum(quantity), 0) FROM item WHERE destination = ?"
            " AND election = ? AND ballot = ? AND substr(id, 6, 1) = 'C'"
            " AND voided = 0",
            (home, row["election"], row["ballot"]),
        ).fetchone()
        place = (home, row["election"], None)
        left = (row["sheets"] - there, size)
        yield from _packed(ItemKind.CARTON, place, row["ballot"], left)


def _packed(
    kind: ItemKind,
    place: tuple[str, str, str | None],
    ballot: str,
    papers: tuple[int, int],
) -> Iterator[Issue]:
    """Full packages, then what is left over, each an issue of its own."""
    destination, election, container = place
    full, rest = divmod(max(0, papers[0]), papers[1])
    for many, quantity in ((full, papers[1]), (1 if rest else 0, rest)):
        if many:
            yield Issue(
                kind=kind,
                destination=destination,
                ballots=(Ballot(ballot),) * many,
                container=container,
                quantity=quantity,
                election=election,
            )
