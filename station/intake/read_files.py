"""Files -> tables -> rows: everything that they hold and everything wrong, at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.errors import StationError
from station.intake import (
    areas,
    ballot_kinds,
    header_recognition,
    polling_stations,
    reading_notes,
    recapitulation,
    stated_totals,
    uploaded_file,
)
from station.intake.findings import Findings
from station.intake.header_recognition import TableKind
from station.intake.plan_values import KnownAreas
from station.intake.problem import ProblemKind, Weight
from station.intake.row_sorting import sort_out
from station.intake.table import Table
from station.intake.unreadable_file import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from station.intake.areas import AreaRow
    from station.intake.grid import Grid
    from station.intake.header_recognition import Header
    from station.intake.polling_stations import StationRow
    from station.intake.row_sorting import Rows
    from station.intake.uploaded_file import PlanFile, Upload
    from station.settings.election_profiles import Election

_TWINS = 3
"""Other places of the same TPS or area that a problem names."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A table of one of the files."""

    source: PlanFile
    table: Table
    rows: Rows

    @property
    def kind(self) -> TableKind:
        return self.table.header.kind


def read(
    given: Iterable[Path | Upload],
    known: KnownAreas,
    election: Election,
    registered: Collection[str] | None = None,
) -> Findings:
    """Everything in these files; areas of any of them hold for all.

    Args:
        given: the files.
        known: the areas that are registered.
        election: the station's.
        registered: ids of the TPS that are; None where nobody looked.

    A file that cannot be read is a problem among those of the others.

    Raises:
        StationError: none of the files can be read or holds such a table; one sentence
            for each of them.
    """
    found = Findings()
    tables = _open(given, found, election)
    for one in tables:
        if one.kind is TableKind.AREAS:
            found.areas += areas.read(one.rows.data, known.regency)
    _settle_areas(found.areas, known)
    claimed = {row.code: row.name for row in found.areas if row.code}
    known = KnownAreas(known.regency, {**known.names, **claimed})
    for one in tables:
        if one.kind is TableKind.STATIONS:
            found.stations += _stations(one, known, election, found)
    _settle_stations(found.stations)
    recapitulation.hold(found.stations, registered or (), election)
    for one in tables:
        _check(one, found, known, election, registered)
    return found


def _open(
    given: Iterable[Path | Upload], found: Findings, election: Election
) -> list[_Found]:
    """The tables of all files.

    Raises:
        StationError: see ``read``.
    """
    tables: list[_Found] = []
    faults: list[UnreadableError] = []
    for file in given:
        try:
            opened = uploaded_file.load(file)
            tables += _tables(opened, found, election)
        except UnreadableError as error:
            faults.append(error)
        else:
            found.sources.append(opened)
    if faults and not found.sources:
        raise StationError(" ".join(map(str, faults)))
    found.unreadable += [fault.problem for fault in faults]
    return tables


def _tables(opened: PlanFile, found: Findings, election: Election) -> list[_Found]:
    """The tables of one file.

    Raises:
        UnreadableError: it has none that says what goes where.
    """
    read: list[tuple[Table, Rows]] = []
    for grid in opened.grids:
        known = None if grid.hidden else header_recognition.find(grid)
        if known is None:
            found.notes += reading_notes.left_out(grid)
        else:
            table = Table(grid, _seen(grid, known))
            read.append((table, sort_out(table)))
    tables = [_Found(opened, *one) for one in recapitulation.tell_apart(read, election)]
    if all(one.kind is TableKind.RECAP for one in tables):
        raise UnreadableError(*reading_notes.no_table(opened, recap=bool(tables)))
    return tables


def _seen(grid: Grid, known: Header) -> Header:
    """The header without hidden columns that stand visibly elsewhere."""
    columns = {
        column: tuple(place for place in places if place not in grid.hidden_columns)
        or places
        for column, places in known.columns.items()
    }
    return replace(known, columns=columns)


def _settle_areas(rows: Sequence[AreaRow], known: KnownAreas) -> None:
    """Find what stands twice and what lies nowhere."""
    by_code: defaultdict[str, list[AreaRow]] = defaultdict(list)
    for row in rows:
        if row.code:
            by_code[row.code].append(row)
    for same in by_code.values():
        for row in same if len(same) > 1 else ():
            other = _others(same, row)
            row.problems.append(
                row.line.problem(
                    ProblemKind.CODE_TWICE, header_recognition.Field.CODE, other=other
                )
            )
    for row in rows:
        parent = row.parent
        if parent and parent not in by_code and parent not in known.names:
            row.problems.append(
                row.line.problem(
                    ProblemKind.PARENT_UNKNOWN,
                    header_recognition.Field.CODE,
                    parent=parent,
                )
            )


def _stations(
    one: _Found, known: KnownAreas, election: Election, found: Findings
) -> list[StationRow]:
    rows, told = polling_stations.read(one.table, one.rows.data, known, election)
    found.notes += told
    return rows


def _settle_stations(rows: Sequence[StationRow]) -> None:
    """Hold every row of a TPS that stands twice: neither may win."""
    by_key: defaultdict[str, list[StationRow]] = defaultdict(list)
    for row in rows:
        if row.key:
            by_key[row.key].append(row)
    for same in by_key.values():
        for row in same if len(same) > 1 else ():
            row.problems.append(
                row.line.problem(
                    ProblemKind.TPS_TWICE,
                    header_recognition.Field.TPS,
                    tps=row.number,
                    area=row.area,
                    other=_others(same, row),
                )
            )


def _others(same: Sequence[AreaRow | StationRow], row: AreaRow | StationRow) -> str:
    """Where else it stands: the first places, and how many more there are."""
    # One more than are named, or a file of one row repeated would take for ever.
    others = [o.line.where for o in same[: _TWINS + 1] if o is not row][:_TWINS]
    more = len(same) - 1 - len(others)
    return ", ".join(others) + (f" dan {more} lain" if more else "")


def _check(
    one: _Found,
    found: Findings,
    known: KnownAreas,
    election: Election,
    registered: Collection[str] | None,
) -> None:
    """The sums that a table states, and what the clerk should know of it."""
    understood = reading_notes.understood(one.table, found)
    found.readings.append(
        reading_notes.reading(one.source, one.table, one.rows, understood)
    )
    found.notes += reading_notes.of_table(one.source, one.table, one.rows)
    if one.kind is TableKind.AREAS:
        return
    if one.kind is TableKind.RECAP:
        details = [
            row
            for row in found.stations
            if row.line.table.grid.file == one.table.grid.file
        ]
        sums = (*one.rows.data, *one.rows.totals)
        checks, doubts = stated_totals.check_recap(sums, details, known.names)
    else:
        checks, doubts = stated_totals.check_table(one.rows)
        mine = [row for row in found.stations if row.line.table is one.table]
        told = [
            *ballot_kinds.kinds_outside(one.table, election),
            *ballot_kinds.kinds_empty(one.table, one.rows, election),
            *ballot_kinds.kinds_missing(one.table, mine, election, registered),
            *ballot_kinds.none_held(mine, election),
            *ballot_kinds.formula(mine, election),
        ]
        doubts += [p for p in told if p.weight is not Weight.NOTE]
        found.notes += [p for p in told if p.weight is Weight.NOTE]
    found.checks += checks
    found.doubts += doubts
