"""Tables that have a row for each kelurahan, not one for each TPS."""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from station.intake import cell_values
from station.intake.area_matching import fold
from station.intake.cell_values import CellError
from station.intake.header_recognition import Field, TableKind
from station.intake.problem import ProblemKind
from station.intake.row_sorting import sort_out
from station.intake.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from station.intake.header_recognition import Column
    from station.intake.polling_stations import StationRow
    from station.intake.row_sorting import Rows
    from station.intake.table import TableRow
    from station.settings.election_profiles import Election

_CITY = 10_000_000
"""More voters than any kab/kota has."""
_MOST = 0.75
"""Part of the rows that have more voters than a TPS may: then they are sums."""


def tell_apart(
    tables: Sequence[tuple[Table, Rows]], election: Election
) -> list[tuple[Table, Rows]]:
    """The tables of one file; those that sum up TPS as recapitulations."""
    told: list[tuple[Table, Rows]] = []
    for table, rows in tables:
        others = [more.data for other, more in tables if other is not table]
        sums = table.header.kind is TableKind.STATIONS and _is_recap(
            rows, others, election
        )
        told.append(_recap(table) if sums else (table, rows))
    return told


def hold(
    rows: Sequence[StationRow], registered: Collection[str], election: Election
) -> None:
    """Hold what may be a sum: a kelurahan's one row, that says TPS 3 but no other.

    The number may count the TPS, and few voters of a small kelurahan may still be a
    sum. A vote held again takes place at some TPS only, so there it says nothing.

    Args:
        rows: of all tables.
        registered: ids of the TPS that are registered for this election.
        election: that of the station.
    """
    if election.subset:
        return
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    for key in (*registered, *(row.key for row in rows if row.key)):
        area, _, number = key.partition("/")
        numbers[area].add(number)
    tables: defaultdict[Table, list[StationRow]] = defaultdict(list)
    for row in rows:
        tables[row.line.table].append(row)
    for own in tables.values():
        if _one_each([row.line for row in own]):
            for row in own:
                alone = row.key and numbers[row.area] == {row.number}
                if alone and not row.problems:
                    _hold_alone(row, election)


def _hold_alone(row: StationRow, election: Election) -> None:
    # The first TPS is its own sum, and special ones are counted from 901.
    if 1 < int(row.number) < election.special_from:
        row.problems.append(
            row.line.problem(ProblemKind.LIKE_RECAP, Field.TPS, tps=row.number)
        )


def _is_recap(
    rows: Rows, others: Iterable[Sequence[TableRow]], election: Election
) -> bool:
    if not rows.data or not _one_each(rows.data):
        return False
    voters = [n for n in map(_voters, rows.data) if n is not None]
    above = sum(number > election.most_voters for number in voters)
    if voters and above >= len(voters) * _MOST:
        return True
    numbers = [_number(line.text(Field.TPS)) for line in rows.data]
    villages = map(_village, rows.data)
    return _total_counts_them(rows, numbers) or _counts_others(
        dict(zip(villages, numbers, strict=True)), others
    )


def _one_each(lines: Sequence[TableRow]) -> bool:
    """True where no kelurahan has a second row; its name may stand in two kecamatan."""
    within = (Field.KECAMATAN_CODE, Field.KECAMATAN)
    places = {(_village(line), *map(line.text, within)) for line in lines}
    return len(places) == len(lines)


def _total_counts_them(rows: Rows, numbers: Sequence[int]) -> bool:
    """True where a totals row sums up the "TPS" column, as it does counts."""
    stated = {_number(line.text(Field.TPS)) for line in rows.totals}
    return sum(numbers) in stated and sum(numbers) != len(numbers)


def _counts_others(
    numbers: Mapping[str, int], others: Iterable[Sequence[TableRow]]
) -> bool:
    """True where "TPS" is how many rows the other sheets have of a kelurahan."""
    counted = Counter(_village(line) for data in others for line in data)
    same = [n for village, n in numbers.items() if n and n == counted[village]]
    return max(same, default=0) > 1 and len(same) * 2 >= len(numbers)


def _recap(table: Table) -> tuple[Table, Rows]:
    columns: dict[Column, tuple[int, ...]] = {
        Field.TPS_COUNT if column is Field.TPS else column: places
        for column, places in table.header.columns.items()
    }
    header = replace(table.header, kind=TableKind.RECAP, columns=columns)
    table = Table(table.grid, header)
    return table, sort_out(table)


def _village(line: TableRow) -> str:
    """What names the kelurahan of a row: its code, else its name."""
    with contextlib.suppress(CellError):
        return cell_values.code(line.value(Field.CODE))
    return line.text(Field.CODE) or fold(line.text(Field.NAME))


def _voters(line: TableRow) -> int | None:
    """The voters that a row states, or men and women together."""
    columns = line.table.header.columns
    parts = (Field.DPT,) if Field.DPT in columns else (Field.DPT_L, Field.DPT_P)
    try:
        return sum(cell_values.count(line.value(part), most=_CITY) for part in parts)
    except CellError:
        return None


def _number(found: str) -> int:
    """A number of the "TPS" column, whatever it means; 0 where it is none."""
    try:
        return cell_values.count(
            found.casefold().replace("tps", "").strip(), most=_CITY
        )
    except CellError:
        return 0
