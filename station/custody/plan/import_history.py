"""Plans as entries keep them: who, when, from which files, and what stayed open."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.errors import StationError
from station.ledger import log as ledger
from station.model import EntryType
from station.settings.election_profiles import MAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from station.custody.plan.dry_run import Proposal
    from station.custody.plan.plan_records import Plan
    from station.model import Entry, Json
    from station.storage.database import Connection

_CHUNK = 40_000
"""Characters of plan rows in one entry, well under its 65,535 bytes."""


@dataclass(slots=True, kw_only=True)
class RecordedPlan:
    """One import, which may take many entries."""

    seq: int
    """Its first entry."""
    last: int
    """The last of its entries about the plan; those of its boxes follow."""
    wall_ms: int
    actor: str
    election: str
    sha256: dict[str, str]
    """Of each file, by its name."""
    areas: int = 0
    stations: int = 0
    held: list[tuple[str, str, int, str]] = field(default_factory=list)
    """File, sheet, row and trouble of what was left out."""
    open: list[str] = field(default_factory=list)
    """TPS that waited when it was recorded."""


def plans(db: Connection) -> list[RecordedPlan]:
    """Every import, newest first; reads every registry entry."""
    rows = db.execute(
        "SELECT seq FROM entry WHERE log_id = ? AND type = 'registry'"
        " AND json_extract(CAST(body AS TEXT), '$.data.action') = 'plan'"
        " ORDER BY seq",
        (ledger.log_id(db),),
    )
    found: list[RecordedPlan] = []
    for row in rows:
        entry = ledger.entry(db, row["seq"])
        if not found or not _goes_on(found[-1], entry):
            found.append(_begun(entry))
        _add(found[-1], entry)
    return found[::-1]


def plan(db: Connection, seq: int) -> RecordedPlan | None:
    """The import that begins in this entry, or None."""
    try:
        entry = ledger.entry(db, seq)
    except StationError:
        return None
    if not _is_plan(entry):
        return None
    recorded = _begun(entry)
    for one in _following(db, seq):
        if one.seq > seq and not _goes_on(recorded, one):
            break
        _add(recorded, one)
    return recorded


def is_recorded(db: Connection, plan: Plan) -> bool:
    """True where an import of these files left just this out; reads every import."""
    return any(
        one.election == plan.election.id
        and one.sha256 == plan.sha256
        and one.open == list(plan.waiting)
        and one.held == _left_out(plan)
        for one in plans(db)
    )


def entries(plan: Plan, change: Proposal) -> Iterator[dict[str, Json]]:
    """The ``data`` of each entry that a plan becomes."""
    tables: dict[str, list[Json]] = {
        "areas": [
            (area.level, area.code, area.name, area.parent, area.dapil)
            for area in change.areas_to_record
        ],
        "polling_stations": [
            (
                row.area,
                row.number,
                row.dpt,
                {kind.value: n for kind, n in row.sheets.items()},
            )
            for row in change.stations_to_record
        ],
        # What was left out, so that nobody takes the plan for whole.
        "held": list(_left_out(plan)),
        "open": list(plan.waiting),
    }
    about: dict[str, Json] = {"action": "plan", "files": dict(plan.sha256)}
    if plan.election.id != MAIN:
        about["election"] = plan.election.id
    for table, rows in tables.items():
        for part in _chunks(rows):
            yield {**about, table: part}


def _left_out(plan: Plan) -> list[tuple[str, str, int, str]]:
    """File, sheet, row and trouble of every problem, as an entry keeps them."""
    return [(p.file, p.sheet or "", p.row or 0, p.trouble.value) for p in plan.problems]


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


def _following(db: Connection, seq: int) -> Iterator[Entry]:
    size = ledger.head(db).size
    for at in range(seq, size):
        one = ledger.entry(db, at)
        if not _is_plan(one):
            return
        yield one


def _is_plan(entry: Entry) -> bool:
    draft = entry.draft
    return draft.type is EntryType.REGISTRY and draft.data.get("action") == "plan"


def _goes_on(recorded: RecordedPlan, entry: Entry) -> bool:
    """True for the next entry of the same import."""
    draft = entry.draft
    return (
        entry.seq == recorded.last + 1
        and draft.event.wall_ms == recorded.wall_ms
        and draft.actor == recorded.actor
        and draft.data.get("files") == recorded.sha256
    )


def _begun(entry: Entry) -> RecordedPlan:
    draft = entry.draft
    files = draft.data.get("files")
    return RecordedPlan(
        seq=entry.seq,
        last=entry.seq,
        wall_ms=draft.event.wall_ms,
        actor=draft.actor,
        election=str(draft.data.get("election", MAIN)),
        sha256={k: str(v) for k, v in files.items()} if isinstance(files, dict) else {},
    )


def _add(recorded: RecordedPlan, entry: Entry) -> None:
    data = entry.draft.data
    recorded.last = entry.seq
    recorded.areas += len(_rows(data, "areas"))
    recorded.stations += len(_rows(data, "polling_stations"))
    recorded.open += [str(one) for one in _rows(data, "open")]
    for row in _rows(data, "held"):
        if isinstance(row, list):
            file, sheet, number, trouble = row
            recorded.held.append(
                (str(file), str(sheet), int(str(number)), str(trouble))
            )


def _rows(data: Json, table: str) -> list[Json]:
    rows = data.get(table) if isinstance(data, dict) else None
    return rows if isinstance(rows, list) else []
