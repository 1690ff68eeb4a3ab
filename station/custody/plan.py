"""The plan: areas and polling stations read from CSV, recorded all or nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labels.code import ItemKind
from station.custody import issuing
from station.custody.issuing import Issue
from station.model import Ballot, Draft, EntryType, StationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from station.database import Connection
    from station.ledger.log import Log
    from station.model import Instant, Json

AREA_COLUMNS = ("level", "code", "name", "parent_code", "dapil_dprd_kota")
STATION_COLUMNS = ("kelurahan_code", "tps", "dpt")
SHEETS = {ballot: f"ballots_{ballot.value.lower()}" for ballot in Ballot}
"""The column of each kind's ballot count; a kind without one is not held here."""

_LEVELS = {2: ("kota", "kabupaten"), 3: ("kecamatan",), 4: ("kelurahan", "desa")}
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

    Raises:
        StationError: a file that cannot be read or has other columns.
    """
    plan = Plan()
    tables = [_table(file, plan) for file in files]
    for kind in (AREA_COLUMNS, STATION_COLUMNS):
        for file, columns, rows in tables:
            if kind is _columns_of(file, columns):
                _absorb(plan, file, kind, rows, set(known_areas))
    return plan


def record(log: Log, plan: Plan, regency: str, *, actor: str, at: Instant) -> Imported:
    """Record a plan without problems and register its boxes, in one commit.

    What is registered already and unchanged is not recorded again.

    Raises:
        StationError: the plan has problems; nothing is recorded.
    """
    if plan.problems:
        first = plan.problems[0]
        message = f"{len(plan.problems)} problems, nothing recorded. First: {first}"
        raise StationError(message)
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


def _table(file: Path, plan: Plan) -> tuple[Path, list[str], list[dict[str, str]]]:
    try:
        raw = file.read_bytes()
    except OSError as error:
        message = f"Expected a CSV file, could not read {file}: {error.strerror}."
        raise StationError(message) from error
    plan.sha256[file.name] = hashlib.sha256(raw).hexdigest()
    try:
        text = raw.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        return file, list(reader.fieldnames or ()), list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        message = (
            f"Expected a CSV file in UTF-8, got something else in {file}: {error};"
            " save it as CSV UTF-8."
        )
        raise StationError(message) from error


def _columns_of(file: Path, columns: Sequence[str]) -> tuple[str, ...]:
    for kind in (AREA_COLUMNS, STATION_COLUMNS):
        if set(kind) <= set(columns):
            return kind
    message = (
        f"{file}: expected the columns {', '.join(AREA_COLUMNS)} or "
        f"{', '.join(STATION_COLUMNS)}, got {', '.join(columns) or 'none'}."
    )
    raise StationError(message)


def _absorb(
    plan: Plan,
    file: Path,
    kind: tuple[str, ...],
    rows: Sequence[dict[str, str]],
    known: set[str],
) -> None:
    for line, row in enumerate(rows, start=2):
        where = f"{file.name} line {line}"
        cells = {column: (row.get(column) or "").strip() for column in row if column}
        if kind is AREA_COLUMNS:
            plan.problems.extend(_area(plan, where, cells, known))
        else:
            plan.problems.extend(_station(plan, where, cells, known))


def _area(
    plan: Plan, where: str, cells: dict[str, str], known: set[str]
) -> Iterator[str]:
    code, level, name = cells["code"], cells["level"], cells["name"]
    if not re.fullmatch(r"\d\d\.\d\d(\.\d\d(\.\d{4})?)?", code):
        yield f"{where}: code: expected one like 17.71.03.1011, got {code!r}."
        return
    expected = _LEVELS[len(code.split("."))]
    if level not in expected:
        yield f"{where}: level: expected {' or '.join(expected)}, got {level!r}."
    if not name:
        yield f"{where}: name: expected a name, got nothing."
    parent = code.rpartition(".")[0] if code.count(".") > 1 else None
    if parent is not None and parent not in plan.areas and parent not in known:
        yield f"{where}: code: {code} lies in {parent}, which is not in the plan."
    if code in plan.areas:
        yield f"{where}: code: {code} stands twice."
    plan.areas[code] = (level, code, name, parent, cells["dapil_dprd_kota"] or None)


def _station(
    plan: Plan, where: str, cells: dict[str, str], known: set[str]
) -> Iterator[str]:
    area, tps, dpt = cells["kelurahan_code"], cells["tps"], cells["dpt"]
    if area not in plan.areas and area not in known:
        yield f"{where}: kelurahan_code: {area!r} is not a registered area."
    if not re.fullmatch(r"\d{3}", tps):
        yield f"{where}: tps: expected three digits such as 003, got {tps!r}."
    if not dpt.isdecimal():
        yield f"{where}: dpt: expected a whole number, got {dpt!r}."
    sheets, wrong = _sheets(cells)
    yield from (f"{where}: {problem}" for problem in wrong)
    station = PollingStation(area, tps, int(dpt) if dpt.isdecimal() else 0, sheets)
    if station.id in plan.stations:
        yield f"{where}: TPS {tps} of {area} stands twice."
    plan.stations[station.id] = station


def _sheets(cells: dict[str, str]) -> tuple[dict[Ballot, int], list[str]]:
    """Ballot papers of each kind that has a count, and what is wrong with them."""
    sheets, problems = {}, []
    for ballot, column in SHEETS.items():
        value = cells.get(column, "")
        if value and not value.isdecimal():
            problems.append(f"{column}: expected a whole number, got {value!r}.")
        elif value:
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
    for station in stations:
        have = {
            row["ballot"]
            for row in db.execute(
                "SELECT ballot FROM item WHERE destination = ? AND id LIKE '%-B-%'",
                (station.id,),
            )
        }
        wanted = tuple(ballot for ballot in station.sheets if ballot not in have)
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
