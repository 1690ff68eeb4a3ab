"""The sums that a file states itself, against the rows that were read from it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from station.intake import cell_values
from station.intake.area_matching import fold
from station.intake.cell_values import CellError
from station.intake.grid import text
from station.intake.header_recognition import Field
from station.intake.plan_values import Check
from station.intake.problem import ProblemKind, Weight
from station.intake.row_sorting import is_total
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from station.intake.header_recognition import Column
    from station.intake.polling_stations import StationRow
    from station.intake.problem import Problem
    from station.intake.row_sorting import Rows
    from station.intake.table import TableRow

_SUMMED: tuple[Column, ...] = (
    Field.DPT,
    Field.DPT_L,
    Field.DPT_P,
    *Ballot,
    Field.TOTAL,
)
_PARTS = (Field.DPT_L, Field.DPT_P)
_MOST = 10**10


def check_table(rows: Rows) -> tuple[list[Check], list[Problem]]:
    """Each totals row against the rows above it, since the last one, or all."""
    checks: list[Check] = []
    problems: list[Problem] = []
    whole = _sum(rows.data)
    above, following = _Sums(), iter(rows.data)
    line = next(following, None)
    for total in rows.totals:
        block = _Sums()
        while line is not None and line.index < total.index:
            above.add(line)
            block.add(line)
            line = next(following, None)
        sums = (block.found, above.found, whole)
        for column in (Field.TPS, *_SUMMED):
            if column not in total.table.header.columns:
                continue
            stated = _stated(total, column)
            counted = [found[column] for found in sums if column in found]
            if stated is None or not counted:
                continue
            nearest = stated if stated in counted else counted[0]
            check = _check(total, column, stated, nearest)
            checks.append(check)
            if not check.agrees:
                problems.append(
                    total.problem(
                        ProblemKind.TOTAL_DIFFERS,
                        column,
                        weight=Weight.DOUBT,
                        sum=_dotted(nearest),
                    )
                )
    return checks, problems


def check_recap(
    recap: Iterable[TableRow], read: Sequence[StationRow], names: Mapping[str, str]
) -> tuple[list[Check], list[Problem]]:
    """A sheet with one row a kelurahan against the details in the same file."""
    checks: list[Check] = []
    problems: list[Problem] = []
    elsewhere = False
    for line in recap:
        area, rows = _recapped(line, read, names)
        if not rows or (elsewhere and is_total(line)):
            # A recapitulation of the whole city over the details of one kecamatan.
            elsewhere = True
            continue
        for column, counted in _recap_sums(rows).items():
            stated = _stated(line, column)
            if stated is None:
                continue
            check = _check(line, column, stated, counted)
            checks.append(check)
            if not check.agrees:
                problems.append(
                    line.problem(
                        ProblemKind.RECAP_DIFFERS,
                        column if column in line.table.header.columns else _PARTS[0],
                        weight=Weight.DOUBT,
                        sum=_dotted(counted),
                        area=area,
                    )
                )
    return checks, problems


def _recapped(
    line: TableRow, read: Sequence[StationRow], names: Mapping[str, str]
) -> tuple[str, list[StationRow]]:
    """The kelurahan that a row sums up, and its rows; all of them for a total."""
    if is_total(line):
        return "semua kelurahan", list(read)
    try:
        code = cell_values.code(line.value(Field.CODE))
    except CellError:
        code = ""
    name = fold(line.text(Field.NAME))
    rows = [
        row
        for row in read
        if (row.area == code if code else fold(names.get(row.area, "")) == name)
    ]
    if len({row.area for row in rows}) > 1:
        return "", []  # a name that stands for two places checks nothing
    return line.text(Field.NAME), rows


def _recap_sums(rows: Sequence[StationRow]) -> dict[Column, int]:
    sums = _sum([row.line for row in rows])
    sums[Field.TPS_COUNT] = sums.pop(Field.TPS)
    kinds = {sums[kind] for kind in Ballot if kind in sums}
    if len(kinds) == 1:
        sums[Field.EACH] = kinds.pop()
    return sums


class _Sums:
    """How many rows, and the sum of each column, as rows are added one by one."""

    def __init__(self) -> None:
        self._sums: Counter[Column] = Counter({Field.TPS: 0})
        self._broken: set[Column] = set()

    def add(self, line: TableRow) -> None:
        """One more row; a cell of it that is no count spoils its column's sum."""
        self._sums[Field.TPS] += 1
        for column in _SUMMED:
            if column not in line.table.header.columns:
                continue
            try:
                self._sums[column] += cell_values.count(line.value(column), most=_MOST)
            except CellError:
                self._broken.add(column)
            if line.merged(column) is not None:
                self._broken.add(column)

    @property
    def found(self) -> dict[Column, int]:
        """The sums of the columns whose every cell is a count."""
        found = {c: n for c, n in self._sums.items() if c not in self._broken}
        if Field.DPT not in found and set(_PARTS) <= set(found):
            found[Field.DPT] = sum(found[part] for part in _PARTS)
        return found


def _sum(lines: Iterable[TableRow]) -> dict[Column, int]:
    sums = _Sums()
    for line in lines:
        sums.add(line)
    return sums.found


def _stated(line: TableRow, column: Column) -> int | None:
    """A sum as stated; None where the cell says none."""
    places = line.table.header.columns.get(column)
    grid = line.table.grid
    if column is Field.DPT and not places:
        parts = [_stated(line, part) for part in _PARTS]
        return None if None in parts else sum(filter(None, parts))
    if not places or (grid.numbers[line.index], places[0]) in grid.uncalculated:
        return None
    found = text(line.value(column))
    if column is Field.TPS:
        found = found.casefold().replace("tps", "").strip()
    try:
        return cell_values.count(found, most=_MOST)
    except CellError:
        return None


def _check(line: TableRow, column: Column, stated: int, counted: int) -> Check:
    grid, columns = line.table.grid, line.table.header.columns
    places = columns.get(column) or columns[_PARTS[0]]
    return Check(
        grid.file,
        grid.sheet,
        grid.numbers[line.index],
        line.table.title(places[0]),
        stated,
        counted,
    )


def _dotted(number: int) -> str:
    """A number as Indonesians write it: ``59.283``."""
    return f"{number:,}".replace(",", ".")
