"""What is wrong with a plan file, so that a clerk can mend it, in Indonesian."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.intake.problem_texts import SENTENCES, ProblemKind

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MOST",
    "SENTENCES",
    "Problem",
    "ProblemKind",
    "Weight",
    "most",
    "printable",
    "shown",
]

MOST = 5_000
"""Problems that are told one by one: a plan with more of them has one cause."""
_LONGEST = 60
"""Characters of what was read that a sentence repeats."""


class Weight(enum.StrEnum):
    """How much stands in the way."""

    HELD = "held"
    """This row cannot be recorded; the others can, where the clerk chooses it."""
    DOUBT = "doubt"
    """The file contradicts itself; nothing is recorded unless the clerk chooses it."""
    NOTE = "note"
    """The clerk should know; nothing is in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong, and where."""

    weight: Weight
    trouble: ProblemKind
    file: str
    sheet: str | None = None
    row: int | None = None
    """Line of a text file or row of a sheet, from 1."""
    cell: str | None = None
    """Of a sheet: ``F19``."""
    column: str | None = None
    """As its header names it."""
    read: str = ""
    """The text that was found; empty for nothing."""
    expected: str
    mend: str

    def __str__(self) -> str:
        """One sentence in Indonesian: where, what was read, expected, what to do."""
        where = [self.file]
        if self.sheet is not None:
            where.append(f"lembar {self.sheet}")
        if self.cell is not None:
            where.append(f"sel {self.cell}")
        elif self.row is not None:
            where.append(f"baris {self.row}")
        if self.column:
            where.append(f"kolom {self.column}")
        read = f"terbaca {shown(self.read)}" if self.read else "kosong"
        said = f"{', '.join(where)}: {read}, diharapkan {self.expected}; {self.mend}."
        return printable(said)


def most(problems: Sequence[Problem]) -> list[Problem]:
    """The problems, or as many as somebody can mend and the word that more remain."""
    if len(problems) <= MOST:
        return list(problems)
    expected, mend = SENTENCES[ProblemKind.MORE]
    more = Problem(
        weight=problems[0].weight,
        trouble=ProblemKind.MORE,
        file=problems[MOST].file,
        sheet=problems[MOST].sheet,
        row=problems[MOST].row,
        read=f"{len(problems) - MOST} masalah lagi dari sini",
        expected=expected.format(most=MOST),
        mend=mend,
    )
    return [*problems[:MOST], more]


def printable(text: str) -> str:
    """The text without signs that no screen shows and that steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text
    )


def shown(text: str) -> str:
    """A text in quotes, in one line, its middle left out where it is long.

    >>> shown("17.71")
    '"17.71"'
    """
    line = printable(text)
    if len(line) > _LONGEST:
        line = f"{line[:40]} ... {line[-15:]}"
    return f'"{line}"'
