"""The rows of a table of areas: values, and everything wrong with them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.intake import cell_values
from station.intake.cell_values import CellError
from station.intake.csv_text import LOST
from station.intake.header_recognition import Field
from station.intake.plan_values import Area
from station.intake.polling_stations import form
from station.intake.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from station.intake.table import TableRow

LEVELS: Mapping[int, tuple[str, ...]] = {
    2: ("kota", "kabupaten"),
    3: ("kecamatan",),
    4: ("kelurahan", "desa"),
}
"""By the parts of the code."""
_LONGEST_NAME = 120
_LONGEST_DAPIL = 40


@dataclass(slots=True)
class AreaRow:
    """A row of the table: its code as far as it is known, its value if it is sound."""

    line: TableRow
    code: str = ""
    level: str = ""
    name: str = ""
    parent: str | None = None
    dapil: str | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def area(self) -> Area | None:
        """The area, or None where the row is held."""
        if self.problems:
            return None
        return Area(self.level, self.code, self.name, self.parent, self.dapil)


def read(data: Sequence[TableRow], regency: str | None) -> list[AreaRow]:
    """Every row of data, sound or held; parents are not looked up yet."""
    return [_row(line, regency) for line in data]


def _row(line: TableRow, regency: str | None) -> AreaRow:
    row = AreaRow(line)
    row.problems.extend(form(line))
    if row.problems:
        return row
    try:
        row.code = cell_values.code(line.value(Field.CODE))
    except CellError as error:
        row.problems.append(line.problem(error.trouble, Field.CODE))
        return row
    parts = row.code.count(".") + 1
    if parts not in LEVELS:
        row.problems.append(line.problem(ProblemKind.CODE_FORM, Field.CODE))
        return row
    row.parent = row.code.rpartition(".")[0] if parts > min(LEVELS) else None
    # One form of each letter, or the same name from another program is another one.
    row.dapil = unicodedata.normalize("NFC", line.text(Field.DAPIL)) or None
    row.name = unicodedata.normalize("NFC", line.text(Field.NAME))
    row.problems.extend(_wrong(row, LEVELS[parts], regency))
    return row


def _is_plain(name: str, longest: int) -> bool:
    """True without signs that no screen or label shows, and not too long."""
    return name.isprintable() and LOST not in name and len(name) <= longest


def _wrong_words(row: AreaRow) -> Iterator[Problem]:
    if not row.name or not _is_plain(row.name, _LONGEST_NAME):
        yield row.line.problem(ProblemKind.NAME_FORM, Field.NAME)
    if not _is_plain(row.dapil or "", _LONGEST_DAPIL):
        yield row.line.problem(ProblemKind.DAPIL_FORM, Field.DAPIL)


def _wrong(
    row: AreaRow, levels: tuple[str, ...], regency: str | None
) -> Iterator[Problem]:
    line = row.line
    row.level = line.text(Field.LEVEL).casefold()
    if Field.LEVEL not in line.table.header.columns:
        # Kelurahan are numbered from 1001, desa from 2001.
        row.level = levels[-1] if row.code.rpartition(".")[2][0] == "2" else levels[0]
    if row.level not in levels:
        yield line.problem(ProblemKind.LEVEL, Field.LEVEL, levels=" atau ".join(levels))
    yield from _wrong_words(row)
    if regency is not None and not f"{row.code}.".startswith(f"{regency}."):
        yield line.problem(ProblemKind.CODE_OTHER_REGENCY, Field.CODE, regency=regency)
    if line.text(Field.PARENT):
        try:
            given = cell_values.code(line.value(Field.PARENT))
        except CellError:
            given = ""
        if given != row.parent:
            parent = row.parent or "kosong"
            yield line.problem(ProblemKind.PARENT_OTHER, Field.PARENT, parent=parent)
