"""A file of which nothing can be read, in one sentence."""

from __future__ import annotations

from station.errors import StationError
from station.intake.grid import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, letters
from station.intake.problem import Problem, ProblemKind, Weight
from station.language import Text

Why = tuple[str, str, str, str]
"""The file's name, what was expected, what was read, and what to do."""


class UnreadableError(StationError):
    """Why a file is left out as a whole; its message is the whole sentence."""

    def __init__(self, file: str, expected: str, read: str, mend: str) -> None:
        super().__init__(
            "%(file)s: diharapkan %(expected)s, terbaca %(read)s; %(mend)s.",
            file=file,
            expected=expected,
            read=read,
            mend=mend,
        )
        self.file, self.expected, self.read, self.mend = file, expected, read, mend

    @property
    def problem(self) -> Problem:
        """The same among the problems of files that could be read."""
        return Problem(
            weight=Weight.HELD,
            trouble=ProblemKind.UNREADABLE,
            file=self.file,
            read=self.read,
            expected=self.expected,
            mend=self.mend,
        )


def no_workbook(name: str, error: BaseException) -> Why:
    """For a workbook that is broken."""
    return (
        name,
        Text("buku kerja XLSX, ODS atau XLS"),
        Text("berkas yang rusak (%(error)s)", error=error),
        Text("simpan ulang dari Excel atau LibreOffice"),
    )


def locked(name: str) -> Why:
    """For a workbook that only its password opens."""
    return (
        name,
        Text("buku kerja tanpa kata sandi"),
        Text("berkas yang dilindungi kata sandi"),
        Text("buka dengan kata sandinya, simpan tanpa kata sandi, lalu impor lagi"),
    )


def too_large(name: str) -> Why:
    """For a workbook that would fill the memory."""
    return (
        name,
        Text("paling banyak %(most_cells)s sel selembar", most_cells=MOST_CELLS),
        Text("lebih"),
        Text("hapus baris dan kolom kosong di ujung lembar, lalu simpan"),
    )


def too_many_columns(name: str, columns: int) -> Why:
    """For a sheet or text that is wider than any plan."""
    return (
        name,
        Text("paling banyak %(most_columns)s kolom", most_columns=MOST_COLUMNS),
        Text(
            "%(columns)s kolom, sampai kolom %(letters)s",
            columns=columns,
            letters=letters(columns - 1),
        ),
        Text("hapus semua kolom di kanan tabel, lalu simpan"),
    )


def too_many_rows(name: str, sheet: str | None, row: int) -> Why:
    """For a sheet or text that is filled as no plan is.

    Args:
        name: of the file.
        sheet: its title; None for a text.
        row: the last one, or the first that is too many, or where the filling starts.
    """
    where = "" if sheet is None else Text(" di lembar %(sheet)s", sheet=sheet)
    return (
        name,
        Text(
            "paling banyak %(most_rows)s baris%(where)s",
            most_rows=MOST_ROWS,
            where=where,
        ),
        Text(
            "isi yang berulang sampai ujung%(where)s, lihat baris %(row)s",
            where=where,
            row=row,
        ),
        Text("hapus semua baris di bawah baris TPS terakhir, lalu simpan"),
    )
