"""What a plan would change here: the dry run, as a value that any screen can show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labels.label_code import ItemKind
from station.custody.labelling.first_issue import Issue
from station.intake.plan_values import Area, PollingStation
from station.model import Ballot
from station.settings.election_profiles import MAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from station.custody.plan.plan_records import Plan
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of something registered, as it is and as it would be."""

    what: str
    """Area code or TPS id."""
    field: str
    """``name``, ``dapil``, ``dpt``, or a kind of election."""
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What ``plan.record`` would do now; nothing has been recorded."""

    new_areas: tuple[Area, ...]
    changed_areas: tuple[Area, ...]
    new_stations: tuple[PollingStation, ...]
    changed_stations: tuple[PollingStation, ...]
    changes: tuple[Change, ...]
    """Every figure that differs from what is registered: old and new."""
    unchanged: int
    """Areas and TPS that are registered just so."""
    issues: tuple[Issue, ...]
    """The boxes to register."""
    surplus: tuple[str, ...]
    """Boxes to be voided by hand: of kinds that their TPS no longer holds, and more of
    the committees' own than the station is set to."""
    absent: tuple[str, ...]
    """Registered TPS of the same kelurahan that the files do not name; they stay."""
    special: tuple[str, ...]
    """New TPS with a special number, such as one in a prison."""

    @property
    def boxes(self) -> int:
        """How many boxes would be registered."""
        return sum(len(issue.ballots) for issue in self.issues)

    @property
    def areas_to_record(self) -> tuple[Area, ...]:
        """New and changed ones."""
        return self.new_areas + self.changed_areas

    @property
    def stations_to_record(self) -> tuple[PollingStation, ...]:
        """New and changed ones."""
        return self.new_stations + self.changed_stations

    @property
    def is_empty(self) -> bool:
        """True where the files say nothing new."""
        return not (self.areas_to_record or self.stations_to_record or self.issues)


def propose(db: Connection, plan: Plan) -> Proposal:
    """What the plan's sound rows would change in what is registered now."""
    areas, stations = _areas(db), _stations(db, plan.election.id)
    plan = _completed(plan, areas, stations)
    changes = [
        change
        for row in plan.areas.values()
        if row.code in areas
        for change in _area_changes(areas[row.code], row)
    ]
    changes += [
        change
        for station in plan.stations.values()
        if station.id in stations
        for change in _station_changes(stations[station.id], station)
    ]
    changed = {change.what for change in changes}
    new_areas = tuple(a for c, a in plan.areas.items() if c not in areas)
    new_stations = tuple(s for i, s in plan.stations.items() if i not in stations)
    changed_areas = tuple(a for c, a in plan.areas.items() if c in changed)
    changed_stations = tuple(s for i, s in plan.stations.items() if i in changed)
    touched = len(new_areas) + len(new_stations) + len(changed)
    boxes = _boxes(db, plan.election.id)
    return Proposal(
        new_areas=new_areas,
        changed_areas=changed_areas,
        new_stations=new_stations,
        changed_stations=changed_stations,
        changes=tuple(changes),
        unchanged=len(plan.areas) + len(plan.stations) - touched,
        issues=tuple(_issues(plan, boxes)),
        surplus=tuple(_surplus(plan, boxes)),
        absent=tuple(_absent(plan, stations)),
        special=tuple(
            station.id
            for station in new_stations
            if int(station.number) >= plan.election.special_from
        ),
    )


def _completed(
    plan: Plan, areas: Mapping[str, Area], stations: Mapping[str, PollingStation]
) -> Plan:
    """The plan, with what its files do not speak of as it is registered.

    A file without a column says nothing of it: it takes nothing away.
    """
    return replace(
        plan,
        areas={
            code: replace(area, dapil=areas[code].dapil)
            if area.dapil is None and code in areas
            else area
            for code, area in plan.areas.items()
        },
        stations={
            key: _with_unsaid(station, stations.get(key))
            for key, station in plan.stations.items()
        },
    )


def _with_unsaid(new: PollingStation, old: PollingStation | None) -> PollingStation:
    if old is None or not new.unsaid:
        return new
    kept = {kind: n for kind, n in old.sheets.items() if kind in new.unsaid}
    return replace(new, sheets={**new.sheets, **kept})


def _areas(db: Connection) -> dict[str, Area]:
    rows = db.execute("SELECT level, code, name, parent, dapil FROM area")
    return {row["code"]: Area(*row) for row in rows}


def _stations(db: Connection, election: str) -> dict[str, PollingStation]:
    sheets: dict[str, dict[Ballot, int]] = {}
    for row in db.execute(
        "SELECT polling_station, ballot, sheets FROM ballot_count WHERE election = ?",
        (election,),
    ):
        kinds = sheets.setdefault(row["polling_station"], {})
        kinds[Ballot(row["ballot"])] = row["sheets"]
    return {
        row["id"]: PollingStation(
            row["area"], row["number"], row["dpt"], sheets.get(row["id"], {})
        )
        for row in db.execute(
            "SELECT id, area, number, dpt FROM polling_station WHERE election = ?",
            (election,),
        )
    }


def _boxes(db: Connection, election: str) -> dict[tuple[str, Ballot | None], list[str]]:
    """Ids of the registered boxes by where they go and what they hold.

    A voided one is out of use for good: the plan wants another in its place.
    """
    boxes: dict[tuple[str, Ballot | None], list[str]] = {}
    for row in db.execute(
        "SELECT id, destination, ballot FROM item"
        " WHERE substr(id, 6, 1) = ? AND election = ? AND voided = 0",
        (ItemKind.BOX, election),
    ):
        ballot = None if row["ballot"] is None else Ballot(row["ballot"])
        boxes.setdefault((row["destination"], ballot), []).append(row["id"])
    return boxes


def _area_changes(old: Area, new: Area) -> Iterator[Change]:
    for name in ("level", "name", "parent", "dapil"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Change(new.code, name, was or "", now or "")


def _station_changes(old: PollingStation, new: PollingStation) -> Iterator[Change]:
    if old.dpt != new.dpt:
        yield Change(new.id, "dpt", str(old.dpt), str(new.dpt))
    for ballot in Ballot:
        was, now = old.sheets.get(ballot, 0), new.sheets.get(ballot, 0)
        if was != now:
            yield Change(new.id, ballot.value, str(was), str(now))


def _issues(
    plan: Plan, boxes: Mapping[tuple[str, Ballot | None], Sequence[str]]
) -> Iterator[Issue]:
    """One box for each kind of each TPS, and the committees' own, where not there."""
    election = plan.election
    for station in plan.stations.values():
        wanted: tuple[Ballot | None, ...] = tuple(
            kind for kind in station.sheets if (station.id, kind) not in boxes
        )
        if wanted:
            yield Issue(
                kind=ItemKind.BOX,
                destination=station.id,
                ballots=wanted,
                election=election.id,
            )
    for code in _kecamatan(plan):
        missing = election.boxes_per_ppk - len(boxes.get((code, None), ()))
        if missing > 0:
            yield Issue(
                kind=ItemKind.BOX,
                destination=code,
                ballots=(None,) * missing,
                election=election.id,
            )


def _surplus(
    plan: Plan, boxes: Mapping[tuple[str, Ballot | None], Sequence[str]]
) -> Iterator[str]:
    kecamatan = _kecamatan(plan)
    for (destination, ballot), ids in boxes.items():
        station = plan.stations.get(destination)
        if station is not None and ballot not in station.sheets:
            yield from ids
        elif ballot is None and destination in kecamatan:
            # The last ones registered, where the station is set to fewer by now.
            yield from sorted(ids)[plan.election.boxes_per_ppk :]


def _kecamatan(plan: Plan) -> dict[str, None]:
    """The kecamatan in which the plan has TPS, in its order."""
    return dict.fromkeys(row.area.rpartition(".")[0] for row in plan.stations.values())


def _absent(plan: Plan, stations: Mapping[str, PollingStation]) -> Iterator[str]:
    villages = {station.area for station in plan.stations.values()}
    named = {*plan.stations, *plan.waiting}
    for station in stations.values():
        if station.area in villages and station.id not in named:
            yield station.id


def still_open(db: Connection) -> list[tuple[str, str]]:
    """Election and id of every TPS that was held by an import and is not there yet.

    Reads every registry entry: for a page that is opened now and then.
    """
    rows = db.execute(
        "SELECT json_extract(CAST(body AS TEXT), '$.data.election') AS election,"
        " value AS station"
        " FROM entry, json_each(CAST(body AS TEXT), '$.data.open')"
        " WHERE entry.type = 'registry' ORDER BY seq"
    )
    held = dict.fromkeys((row["election"] or MAIN, row["station"]) for row in rows)
    there = {
        (row["election"], row["id"])
        for row in db.execute("SELECT election, id FROM polling_station")
    }
    return [one for one in held if one not in there]
