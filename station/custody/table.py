"""A CSV file as somebody saved it: its rows, and what is wrong with their form."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.model import StationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row that has a cell for every column."""

    where: str
    """File name and line, as a problem names it: ``areas.csv line 3``."""
    cells: Mapping[str, str]
    """By column, in one line, without blanks around them."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file's columns and rows."""

    name: str
    """The file's name, without its folder."""
    sha256: str
    """Of the bytes as they lie in the file, hexadecimal."""
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    problems: tuple[str, ...]
    """One sentence for each row that has too few or too many cells."""


def read_table(file: Path) -> Table:
    """The table in a CSV file (UTF-8, with or without its mark; comma or semicolon).

    Rows without any text are left out: spreadsheets leave them behind.

    Raises:
        StationError: the file cannot be read, is not UTF-8, not CSV, or names a
            column twice.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        message = f"Expected a CSV file, could not read {file}: {error.strerror}."
        raise StationError(message) from error
    try:
        text = raw.decode("utf-8-sig")
        lines = list(_lines(text))
    except (UnicodeDecodeError, csv.Error) as error:
        message = (
            f"Expected a CSV file in UTF-8, got something else in {file}: {error};"
            " save it as CSV UTF-8."
        )
        raise StationError(message) from error
    columns = tuple(name.strip() for name in lines[0][1]) if lines else ()
    if len(set(columns)) < len(columns):
        message = f"{file}: expected each column once, got {', '.join(columns)}."
        raise StationError(message)
    rows, problems = _rows(file.name, columns, lines[1:])
    digest = hashlib.sha256(raw).hexdigest()
    return Table(file.name, digest, columns, tuple(rows), tuple(problems))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line on which it ends.

    Raises:
        csv.Error: this is no CSV.
    """
    if "\0" in text:
        raise csv.Error("it holds NUL characters")
    head = text.partition("\n")[0]
    # Spreadsheets save with semicolons where the comma is the decimal sign.
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _rows(
    name: str, columns: Sequence[str], lines: Sequence[tuple[int, list[str]]]
) -> tuple[list[TableRow], list[str]]:
    rows, problems = [], []
    for line, cells in lines:
        where = f"{name} line {line}"
        if len(cells) == len(columns):
            texts = (" ".join(cell.split()) for cell in cells)
            rows.append(TableRow(where, dict(zip(columns, texts, strict=True))))
        else:
            problems.append(
                f"{where}: expected {len(columns)} cells, got {len(cells)}."
            )
    return rows, problems
