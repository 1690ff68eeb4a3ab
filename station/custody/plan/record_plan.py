"""The plan of an election: areas, polling stations, ballot counts, and the boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody.labelling import first_issue
from station.custody.plan import dry_run, import_history
from station.custody.plan.plan_records import Imported, Plan
from station.errors import StationError
from station.intake import findings, read_files, uploaded_file
from station.intake.plan_values import Area, KnownAreas, PollingStation
from station.intake.problem import most
from station.intake.uploaded_file import Upload
from station.model import Draft, EntryType
from station.settings.election_profiles import MAIN, PROFILES, Election

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Iterable,
        Iterator,
        Mapping,
    )
    from pathlib import Path

    from station.custody.labelling.first_issue import Issue
    from station.custody.plan.dry_run import Proposal
    from station.intake.problem import Problem
    from station.ledger.log import Batch, Log
    from station.model import Instant
    from station.storage.database import Connection

__all__ = [
    "Area",
    "Imported",
    "Plan",
    "PollingStation",
    "Upload",
    "read",
    "record",
]


def read(
    files: Iterable[Path | Upload],
    known_areas: Mapping[str, str] | Iterable[str] = (),
    election: Election = PROFILES[MAIN],
    regency: str | None = None,
    registered: Collection[str] | None = None,
) -> Plan:
    """The plan in these files; nothing is recorded and no file is touched.

    Args:
        files: CSV, XLSX, ODS or XLS with areas and polling stations, in any order.
        known_areas: what is registered already: names by code, or codes alone.
        election: the kinds that are held, and the formula to compare with.
        regency: four digits of the kab/kota; areas of another one are held. None
            leaves that to ``record``.
        registered: ids of the election's TPS that are registered already; None where
            nobody looked.

    Raises:
        StationError: none of the files can be read or holds a table of a plan.
    """
    names = _names_by_code(known_areas)
    known = KnownAreas(None if regency is None else _dotted(regency), names)
    findings = read_files.read(files, known, election, registered)
    areas, stations = _sound_rows(findings, names)
    problems = _problems(findings)
    return Plan(
        election=election,
        areas=areas,
        stations=stations,
        sha256=uploaded_file.digests(findings.sources),
        problems=[*most(problems), *most(findings.doubts)],
        held_rows=len({(p.file, p.sheet, p.row) for p in problems}),
        notes=most(findings.notes),
        checks=findings.checks,
        readings=findings.readings,
        waiting=_waiting(findings, stations, {*areas, *names}),
    )


def _names_by_code(areas: Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    return dict(areas) if isinstance(areas, dict) else dict.fromkeys(areas, "")


def _sound_rows(
    findings: findings.Findings, known: Collection[str]
) -> tuple[dict[str, Area], dict[str, PollingStation]]:
    """Areas by code and TPS by id; none that lies in an area with a problem."""
    doubtful = {row.code for row in findings.areas if row.area is None} - set(known)
    areas = {
        row.area.code: row.area
        for row in sorted(findings.areas, key=lambda row: row.code.count("."))
        if row.area is not None and not _within(row.code, doubtful)
    }
    stations = {
        row.station.id: row.station
        for row in findings.stations
        if row.station is not None and not _within(row.station.area, doubtful)
    }
    return areas, stations


def _problems(findings: findings.Findings) -> list[Problem]:
    problems = [*findings.unreadable]
    problems += [p for row in findings.areas for p in row.problems]
    problems += [p for row in findings.stations for p in row.problems]
    return problems


def _waiting(
    findings: findings.Findings, stations: Collection[str], areas: Collection[str]
) -> list[str]:
    """TPS of sound areas that have no sound row, each once; one may have no key."""
    open_ = dict.fromkeys(
        row.key
        for row in findings.stations
        if row.key not in stations and row.area in areas
    )
    return [key for key in open_ if key]


def record(  # noqa: PLR0913 - the log, the plan, and four things about the act
    log: Log,
    plan: Plan,
    regency: str,
    *,
    actor: str,
    at: Instant,
    progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Record a plan and register its boxes, in one commit: all of it or nothing.

    What is registered already and unchanged is not recorded again.

    Args:
        log: the station's.
        plan: without problems, or ``good_rows`` of one.
        regency: four digits of the station's kab/kota.
        actor: who imports it.
        at: when.
        progress: called with the boxes registered so far and the boxes in all.

    Raises:
        StationError: the plan has problems, or is another kab/kota's.
    """
    _check_problems(plan)
    _check_regency(plan, regency)
    with log.writing() as batch:
        change = dry_run.propose(batch.db, plan)
        if not news(batch.db, plan, change):
            return Imported(0, 0, 0)
        _append_entries(batch, plan, change, actor, at)
        boxes = _with_progress(change.issues, change.boxes, progress)
        first_issue.issue(batch, regency, boxes, actor=actor, at=at)
    return Imported(
        areas=len(change.new_areas) + len(change.changed_areas),
        stations=len(change.new_stations) + len(change.changed_stations),
        boxes=change.boxes,
        held=plan.held_rows,
        waiting=len(plan.waiting),
    )


def _append_entries(
    batch: Batch, plan: Plan, change: Proposal, actor: str, at: Instant
) -> None:
    for data in import_history.entries(plan, change):
        batch.append(
            Draft(
                type=EntryType.REGISTRY,
                event=at,
                actor=actor,
                place=batch.place,
                data=data,
            )
        )


def news(db: Connection, plan: Plan, change: Proposal) -> bool:
    """True where the plan has anything that is not recorded yet.

    Rows that are held are news too, once: else nobody would ever see that their TPS
    are open.
    """
    if not change.is_empty:
        return True
    return bool(plan.held_rows) and not import_history.is_recorded(db, plan)


def known_areas(db: Connection) -> dict[str, str]:
    """Name of every registered area by its code."""
    return {row["code"]: row["name"] for row in db.execute("SELECT * FROM area")}


def registered(db: Connection, election: Election) -> set[str]:
    """Ids of the TPS that are registered for an election."""
    rows = db.execute(
        "SELECT id FROM polling_station WHERE election = ?", (election.id,)
    )
    return {row["id"] for row in rows}


def _within(code: str, areas: Collection[str]) -> bool:
    """True where an area or what it lies in is one of these."""
    parts = code.split(".")
    return any(".".join(parts[: n + 1]) in areas for n in range(len(parts)))


def _dotted(regency: str) -> str:
    return f"{regency[:2]}.{regency[2:]}"


def _check_problems(plan: Plan) -> None:
    if plan.problems and not plan.accepted:
        first = plan.problems[0]
        raise StationError(
            "%(count)s problems, nothing recorded. First: %(first)s",
            count=len(plan.problems),
            first=first.text,
        )


def _check_regency(plan: Plan, regency: str) -> None:
    own = _dotted(regency)
    for code in (*plan.areas, *(row.area for row in plan.stations.values())):
        if code != own and not code.startswith(f"{own}."):
            raise StationError(
                "Expected areas of %(own)s alone, got %(code)s; import it at the "
                "station of that kab/kota.",
                own=own,
                code=code,
            )


def _with_progress(
    issues: Iterable[Issue], boxes: int, progress: Callable[[int, int], None] | None
) -> Iterator[Issue]:
    done = 0
    for issue in issues:
        yield issue
        done += len(issue.ballots)
        if progress is not None:
            progress(done, boxes)
