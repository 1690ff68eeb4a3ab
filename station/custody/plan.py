"""The plan: areas and polling stations read from CSV, recorded all or nothing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labels.code import ItemKind
from station.custody import issuing
from station.custody.issuing import Issue
from station.custody.table import read_table
from station.model import Ballot, Draft, EntryType, StationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from station.custody.table import Table, TableRow
    from station.database import Connection
    from station.ledger.log import Log
    from station.model import Instant, Json

AREA_COLUMNS = ("level", "code", "name", "parent_code", "dapil_dprd_kota")
STATION_COLUMNS = ("kelurahan_code", "tps", "dpt")
SHEETS = {ballot: f"ballots_{ballot.value.lower()}" for ballot in Ballot}
"""The column of each kind's ballot count; a kind with none or 0 is not held here."""

_KELURAHAN_DOTS = 3
_LEVELS = {2: ("kota", "kabupaten"), 3: ("kecamatan",), 4: ("kelurahan", "desa")}
_CODE = re.compile(r"[0-9]{2}\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?")
_NUMBER = re.compile("[0-9]{1,6}")
"""More digits are no count of people or papers at one TPS."""
_CHUNK = 40_000
"""Characters of plan rows in one entry, well under its 65,535 bytes."""


@dataclass(frozen=True, slots=True)
class PollingStation:
    """One TPS of the plan."""

    area: str
    number: str
    dpt: int
    sheets: dict[Ballot, int]

    @property
    def id(self) -> str:
        """Area code and number: ``17.71.03.1011/003``."""
        return f"{self.area}/{self.number}"


@dataclass(slots=True)
class Plan:
    """What the files say, and everything that is wrong with them."""

    sha256: dict[str, str] = field(default_factory=dict)
    """By file name."""
    areas: dict[str, tuple[str, str, str, str | None, str | None]] = field(
        default_factory=dict
    )
    """By code: level, code, name, parent, dapil."""
    stations: dict[str, PollingStation] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import recorded."""

    areas: int
    stations: int
    boxes: int


def read(files: Sequence[Path], known_areas: Iterable[str] = ()) -> Plan:
    """The plan in these CSV files (UTF-8); nothing is recorded.

    Args:
        files: areas and polling stations, in any order.
        known_areas: codes of what is registered already.

    Raises:
        StationError: a file that cannot be read or has other columns.
    """
    plan = Plan()
    tables = [read_table(file) for file in files]
    rows: dict[tuple[str, ...], list[TableRow]] = {
        kind: [row for table in tables if _kind(table) is kind for row in table.rows]
        for kind in (AREA_COLUMNS, STATION_COLUMNS)
    }
    for table in tables:
        plan.sha256[table.name] = table.sha256
        plan.problems.extend(table.problems)
    registered = set(known_areas)
    known = registered.union(row.cells["code"] for row in rows[AREA_COLUMNS])
    for row in rows[AREA_COLUMNS]:
        found = _area(plan, row.cells, known)
        plan.problems.extend(f"{row.where}: {problem}" for problem in found)
    known = registered.union(plan.areas)
    for row in rows[STATION_COLUMNS]:
        found = _station(plan, row.cells, known)
        plan.problems.extend(f"{row.where}: {problem}" for problem in found)
    return plan


def record(log: Log, plan: Plan, regency: str, *, actor: str, at: Instant) -> Imported:
    """Record a plan without problems and register its boxes, in one commit.

    What is registered already and unchanged is not recorded again.

    Raises:
        StationError: the plan has problems, or is another kab/kota's; nothing is
            recorded.
    """
    if plan.problems:
        first = plan.problems[0]
        message = f"{len(plan.problems)} problems, nothing recorded. First: {first}"
        raise StationError(message)
    _check_regency(plan, regency)
    with log.writing() as batch:
        areas = [row for row in plan.areas.values() if _is_new_area(batch.db, row)]
        stations = [
            row for row in plan.stations.values() if _is_new_station(batch.db, row)
        ]
        tables: dict[str, list[Json]] = {
            "areas": list(areas),
            "polling_stations": [
                (
                    row.area,
                    row.number,
                    row.dpt,
                    {kind.value: n for kind, n in row.sheets.items()},
                )
                for row in stations
            ],
        }
        for data in _entries(plan, tables):
            batch.append(
                Draft(
                    type=EntryType.REGISTRY,
                    event=at,
                    actor=actor,
                    place=batch.place,
                    data=data,
                )
            )
        boxes = list(_boxes(batch.db, plan.stations.values()))
        issuing.issue(batch, regency, boxes, actor=actor, at=at)
    return Imported(len(areas), len(stations), sum(len(box.ballots) for box in boxes))


def _kind(table: Table) -> tuple[str, ...]:
    for kind in (AREA_COLUMNS, STATION_COLUMNS):
        if set(kind) <= set(table.columns):
            return kind
    message = (
        f"{table.name}: expected the columns {', '.join(AREA_COLUMNS)} or "
        f"{', '.join(STATION_COLUMNS)}, got {', '.join(table.columns) or 'none'}."
    )
    raise StationError(message)


def _check_regency(plan: Plan, regency: str) -> None:
    own = f"{regency[:2]}.{regency[2:]}"
    for code in (*plan.areas, *(row.area for row in plan.stations.values())):
        if code != own and not code.startswith(f"{own}."):
            message = (
                f"Expected areas of {own} alone, got {code}; import it at the station"
                " of that kab/kota."
            )
            raise StationError(message)


def _area(plan: Plan, cells: Mapping[str, str], known: set[str]) -> Iterator[str]:
    code, level, name = cells["code"], cells["level"], cells["name"]
    if not _CODE.fullmatch(code):
        yield f"code: expected one like 17.71.03.1011, got {code!r}."
        return
    expected = _LEVELS[len(code.split("."))]
    if level not in expected:
        yield f"level: expected {' or '.join(expected)}, got {level!r}."
    if not name or not name.isprintable():
        yield f"name: expected a name, got {name!r}."
    parent = code.rpartition(".")[0] if code.count(".") > 1 else None
    if parent is not None and parent not in known:
        yield f"code: {code} lies in {parent}, which is not in the plan."
    if cells["parent_code"] not in {"", parent}:
        yield f"parent_code: {code} lies in {parent}, got {cells['parent_code']!r}."
    if code in plan.areas:
        yield f"code: {code} stands twice."
    plan.areas[code] = (level, code, name, parent, cells["dapil_dprd_kota"] or None)


def _station(plan: Plan, cells: Mapping[str, str], known: set[str]) -> Iterator[str]:
    area, tps, dpt = cells["kelurahan_code"], cells["tps"], cells["dpt"]
    if area not in known:
        yield f"kelurahan_code: {area!r} is not a registered area."
    elif area.count(".") != _KELURAHAN_DOTS:
        yield f"kelurahan_code: expected a kelurahan or desa, got {area!r}."
    if not re.fullmatch("[0-9]{3}", tps):
        yield f"tps: expected three digits such as 003, got {tps!r}."
    if not _NUMBER.fullmatch(dpt):
        yield f"dpt: expected a whole number, got {dpt!r}."
    sheets, problems = _sheets(cells)
    yield from problems
    station = PollingStation(
        area, tps, int(dpt) if _NUMBER.fullmatch(dpt) else 0, sheets
    )
    if station.id in plan.stations:
        yield f"tps: TPS {tps} of {area} stands twice."
    plan.stations[station.id] = station


def _sheets(cells: Mapping[str, str]) -> tuple[dict[Ballot, int], list[str]]:
    """Ballot papers of each kind that has a count, and what is wrong with them."""
    sheets, problems = {}, []
    for ballot, column in SHEETS.items():
        value = cells.get(column, "")
        if value and not _NUMBER.fullmatch(value):
            problems.append(f"{column}: expected a whole number, got {value!r}.")
        elif value and int(value):
            sheets[ballot] = int(value)
    if not sheets and not problems:
        columns = ", ".join(SHEETS.values())
        problems.append(f"expected a ballot count in one of {columns}, got none.")
    return sheets, problems


def _is_new_area(db: Connection, row: tuple[object, ...]) -> bool:
    found = db.execute(
        "SELECT level, code, name, parent, dapil FROM area WHERE code = ?", (row[1],)
    ).fetchone()
    return found is None or tuple(found) != row


def _is_new_station(db: Connection, row: PollingStation) -> bool:
    found = db.execute(
        "SELECT dpt FROM polling_station WHERE id = ?", (row.id,)
    ).fetchone()
    sheets = {
        entry["ballot"]: entry["sheets"]
        for entry in db.execute(
            "SELECT ballot, sheets FROM ballot_count WHERE polling_station = ?",
            (row.id,),
        )
    }
    return found is None or found["dpt"] != row.dpt or sheets != row.sheets


def _boxes(db: Connection, stations: Iterable[PollingStation]) -> Iterator[Issue]:
    """One box for each kind of election of each TPS that has none yet."""
    have = {
        (row["destination"], row["ballot"])
        for row in db.execute(
            "SELECT destination, ballot FROM item WHERE substr(id, 6, 1) = ?",
            (ItemKind.BOX,),
        )
    }
    for station in stations:
        wanted = tuple(
            kind for kind in station.sheets if (station.id, kind) not in have
        )
        if wanted:
            yield Issue(kind=ItemKind.BOX, destination=station.id, ballots=wanted)


def _entries(plan: Plan, tables: dict[str, list[Json]]) -> Iterator[dict[str, Json]]:
    """The ``data`` of each entry that a plan becomes."""
    for table, rows in tables.items():
        for part in _chunks(rows):
            yield {"action": "plan", "files": dict(plan.sha256), table: part}


def _chunks(rows: Sequence[Json]) -> Iterator[list[Json]]:
    part: list[Json] = []
    size = 0
    for row in rows:
        length = len(json.dumps(row))
        if part and size + length > _CHUNK:
            yield part
            part, size = [], 0
        part.append(row)
        size += length
    if part:
        yield part
