"""The lines of a table sorted: rows, totals rows, and what is no row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.intake import cell_values, header_recognition
from station.intake.cell_values import CellError
from station.intake.grid import text
from station.intake.header_recognition import Field
from station.intake.table_footer import signature_block
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.intake.table import Table, TableRow


_TOTAL = re.compile(r"(sub ?|grand ?)?(jumlah|jml|jlh|total)\b", re.IGNORECASE)


_UNDER = 40
"""Lines at the end in which signatures are looked for."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table, told apart."""

    data: tuple[TableRow, ...]
    totals: tuple[TableRow, ...]
    left_out: tuple[TableRow, ...]
    """Titles, signatures, repeated headers."""


def sort_out(table: Table) -> Rows:
    """Tell a table's data from totals and from what is no row at all."""
    data: list[TableRow] = []
    totals: list[TableRow] = []
    left_out: list[TableRow] = []
    lines = list(table.lines())
    under = len(lines) - _signatures(lines)
    for number, line in enumerate(lines):
        if number >= under:
            left_out.append(line)
        elif not _has_code(line) and is_total(line):
            totals.append(line)
        elif _is_numbering(line) or _is_words(line):
            left_out.append(line)
        else:
            data.append(line)
    return Rows(tuple(data), tuple(totals), tuple(left_out))


def _signatures(lines: Sequence[TableRow]) -> int:
    """How many of the last lines are signed words under the table."""
    last = lines[-_UNDER:]
    return signature_block(
        last, [one for one in last if _has_code(one) or is_total(one)]
    )


def is_total(line: TableRow) -> bool:
    """True where the first words of a row say so."""
    for value in line.table.grid.rows[line.index]:
        if isinstance(value, str) and (found := text(value)):
            return _TOTAL.match(found) is not None
    return False


def _has_code(line: TableRow) -> bool:
    try:
        cell_values.code(line.value(Field.CODE))
    except CellError:
        return False
    return True


def _is_numbering(line: TableRow) -> bool:
    """The row ``(1) (2) (3)`` that forms have under their header."""
    if line.index != line.table.header.body:
        return False
    marks = [text(v).strip("()") for v in line.table.grid.rows[line.index]]
    filled = [mark for mark in marks if mark]
    return len(filled) > 3 and filled == [str(n + 1) for n in range(len(filled))]  # noqa: PLR2004 - three may be data


def _is_words(line: TableRow) -> bool:
    """A title, a signature, the header again: nothing in any column that counts."""
    columns = line.table.header.columns
    if header_recognition.recognise(line.text(Field.TPS)) is Field.TPS and not any(
        sign.isdecimal() for sign in line.text(Field.TPS)
    ):
        return True
    if line.table.header.kind is header_recognition.TableKind.AREAS or _has_code(line):
        return False
    counted = {Field.TPS, Field.DPT, Field.DPT_L, Field.DPT_P, *Ballot} & set(columns)
    return not any(line.text(column) for column in counted)
