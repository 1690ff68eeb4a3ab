"""The rows of a table of polling stations: values, and everything wrong with them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.intake import area_matching, cell_values
from station.intake.cell_values import CellError
from station.intake.grid import span_name, text
from station.intake.header_recognition import Field
from station.intake.plan_values import PollingStation
from station.intake.problem import ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from station.intake.header_recognition import Column
    from station.intake.plan_values import KnownAreas
    from station.intake.problem import Problem
    from station.intake.table import Table, TableRow
    from station.model import Ballot
    from station.settings.election_profiles import Election

_DASHES = ("-", "\N{EN DASH}", "\N{EM DASH}")
_ASIDE = (Field.NOTE, Field.NUMBER)
"""Columns that nothing is read from."""
_SEPARATORS = ";,\t|"


@dataclass(slots=True)
class StationRow:
    """A row of the table: its key as far as it is known, its value if it is sound."""

    line: TableRow
    area: str = ""
    number: str = ""
    dpt: int | None = None
    sheets: dict[Ballot, int] = field(default_factory=dict)
    unsaid: frozenset[Ballot] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    @property
    def key(self) -> str:
        """``17.71.03.1011/003``, or nothing where a part of it is not known."""
        return f"{self.area}/{self.number}" if self.area and self.number else ""

    @property
    def station(self) -> PollingStation | None:
        """The polling station, or None where the row is held."""
        if self.problems or self.dpt is None:
            return None
        return PollingStation(
            self.area, self.number, self.dpt, dict(self.sheets), self.unsaid
        )


def read(
    table: Table, data: Sequence[TableRow], known: KnownAreas, election: Election
) -> tuple[list[StationRow], list[Problem]]:
    """Every row of data, sound or held, in the file's order; and notes on names."""
    filled = frozenset(
        ballot
        for ballot in table.header.ballots
        if any(line.text(ballot) for line in data)
    )
    matcher = area_matching.Matcher(known, table.stated_kecamatan)
    rows = [_row(line, matcher, election, filled) for line in data]
    return rows, matcher.notes


def _row(
    line: TableRow,
    matcher: area_matching.Matcher,
    election: Election,
    filled: frozenset[Ballot],
) -> StationRow:
    row = StationRow(line)
    row.problems.extend(form(line))
    if row.problems:
        _read_key(row, matcher)
        return row
    row.area, problem = matcher.village(line)
    if problem is not None:
        row.problems.append(problem)
    row.number = _read_tps(row)
    row.problems.extend(_merged(line))
    row.dpt = _read_dpt(row, election.most_voters)
    # In a part of the kinds an empty cell says "not held here"; no column, nothing.
    said = line.table.header.ballots if election.subset else filled
    row.unsaid = frozenset(election.kinds).difference(said)
    for ballot in (kind for kind in election.kinds if kind in filled):
        sheets = _read_sheets(row, ballot, subset=election.subset)
        if sheets:
            row.sheets[ballot] = sheets
    if not row.sheets and not row.problems:
        row.problems.append(line.problem(ProblemKind.NO_PAPERS))
    row.problems.extend(_check_sum(row))
    return row


def _read_key(row: StationRow, matcher: area_matching.Matcher) -> None:
    """Which TPS a row with spoilt cells speaks of, where its own cells are sound.

    So that the TPS is listed as open, and a second row of it is told.
    """
    spoilt = {problem.column for problem in row.problems}
    keys = (Field.CODE, Field.NAME, Field.KECAMATAN_CODE, Field.TPS)
    columns, table = row.line.table.header.columns, row.line.table
    titles = {table.title(at) for key in keys for at in columns.get(key, ())}
    if spoilt & {*titles, None}:
        return
    area, problem = matcher.village(row.line)
    with contextlib.suppress(CellError):
        row.number = cell_values.tps(row.line.value(Field.TPS))
    row.area = "" if problem is not None else area


def form(line: TableRow) -> Iterator[Problem]:
    """What is wrong with a row's cells before any of them is read."""
    yield from _different(line)
    grid = line.table.grid
    row = grid.numbers[line.index]
    for at in line.table.header.columns.values():
        for place in at:
            if (row, place) in grid.uncalculated:
                yield line.problem_at(ProblemKind.UNCALCULATED, place)
    if grid.widths is not None:
        yield from _ragged(line, grid.widths)


def _merged(line: TableRow) -> Iterator[Problem]:
    """Figures that stand here only because a merged cell covers more than this row."""
    if not line.table.grid.merged:
        return
    for column in line.table.header.columns:
        span = line.merged(column)
        if span is not None:
            yield line.problem(ProblemKind.MERGED, column, cells=span_name(span))


def _different(line: TableRow) -> Iterator[Problem]:
    """Where a column stands twice, both must hold the same."""
    cells = line.table.grid.rows[line.index]
    for column, (first, *others) in line.table.header.columns.items():
        for place in others if column not in _ASIDE else ():
            if text(cells[place]) != text(cells[first]):
                yield line.problem_at(
                    ProblemKind.COLUMNS_DIFFER,
                    place,
                    column=line.table.title(first),
                    other=text(cells[first]) or "kosong",
                )


def _ragged(line: TableRow, widths: Sequence[int]) -> Iterator[Problem]:
    """A row of a text file whose cells are not where its header says."""
    header, cells = line.table.header, line.table.grid.rows[line.index]
    wanted, got = widths[header.body - 1], widths[line.index]
    if got > wanted:
        yield line.problem_at(ProblemKind.CELLS_TOO_MANY, None, wanted=wanted)
    needed = [p for c, at in header.columns.items() for p in at if c not in _ASIDE]
    if got <= max(needed):
        yield line.problem_at(ProblemKind.CELLS_MISSING, None, wanted=wanted)
    for place, value in enumerate(cells):
        if "\n" in str(value) and sum(map(str(value).count, _SEPARATORS)) > 2:  # noqa: PLR2004 - an address has a comma or two
            yield line.problem_at(ProblemKind.CELL_SWALLOWS, place)


def _read_tps(row: StationRow) -> str:
    try:
        return cell_values.tps(row.line.value(Field.TPS))
    except CellError as error:
        row.problems.append(row.line.problem(error.trouble, Field.TPS))
        return ""


def _read_dpt(row: StationRow, most: int) -> int | None:
    """The voters; where only men and women are given, both together."""
    columns = row.line.table.header.columns
    parts = [c for c in (Field.DPT_L, Field.DPT_P) if c in columns]
    men_and_women = [_read_count(row, part) for part in parts]
    total = sum(n for n in men_and_women if n is not None)
    if Field.DPT not in columns:  # then both of them are there
        if total > most:
            told = " + ".join(str(n) for n in men_and_women)
            row.problems.append(
                row.line.problem(
                    ProblemKind.COUNT_LARGE, parts[0], most=most, read=told
                )
            )
        return None if None in men_and_women else total
    dpt = _read_count(row, Field.DPT, most)
    both = len(parts) == 2 and None not in men_and_women  # noqa: PLR2004 - men, women
    if dpt is not None and both and total != dpt:
        row.problems.append(
            row.line.problem(ProblemKind.PARTS_DIFFER, Field.DPT, sum=total)
        )
    return dpt


def _read_sheets(row: StationRow, ballot: Ballot, *, subset: bool) -> int:
    """The papers of a kind; 0 where the kind is not held here."""
    found = row.line.text(ballot)
    if found in _DASHES or (subset and not found):
        return 0
    return _read_count(row, ballot) or 0


def _read_count(
    row: StationRow, column: Column, most: int = cell_values.MOST
) -> int | None:
    try:
        return cell_values.count(row.line.value(column), most=most)
    except CellError as error:
        trouble = error.trouble
        if trouble is ProblemKind.COUNT_EMPTY and isinstance(column, Field):
            trouble = ProblemKind.DPT_EMPTY  # nobody may take 0 for it
        row.problems.append(row.line.problem(trouble, column, most=most))
        return None


def _check_sum(row: StationRow) -> Iterator[Problem]:
    """The row's own sum of all kinds, where it gives one."""
    if row.problems or not row.line.text(Field.TOTAL):
        return
    if set(row.line.table.header.ballots) - set(row.sheets):
        return  # a kind that is not this election's may be in the sum
    try:
        stated = cell_values.count(
            row.line.value(Field.TOTAL), most=10 * cell_values.MOST
        )
    except CellError as error:
        yield row.line.problem(error.trouble, Field.TOTAL, most=10 * cell_values.MOST)
        return
    papers = sum(row.sheets.values())
    if stated != papers:
        yield row.line.problem(ProblemKind.SUM_DIFFERS, Field.TOTAL, sum=papers)
