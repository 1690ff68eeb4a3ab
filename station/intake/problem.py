"""What is wrong with a plan file, so that a clerk can mend it, in Indonesian."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.intake.problem_texts import SENTENCES, ProblemKind
from station.language import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "MOST",
    "SENTENCES",
    "Problem",
    "ProblemKind",
    "Weight",
    "filled",
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
        return printable(self.text)

    @property
    def text(self) -> Text:
        """The same, to be translated."""
        read = self.read if isinstance(self.read, Text) else shown(self.read)
        read = Text("terbaca %(text)s", text=read)
        return Text(
            "%(where)s: %(read)s, diharapkan %(expected)s; %(mend)s.",
            where=self.where,
            read=read if self.read else Text("kosong"),
            expected=self.expected,
            mend=self.mend,
        )

    @property
    def where(self) -> Text:
        """File, sheet, cell or row, and column."""
        where = Text("%(file)s", file=self.file)
        for word, place in (
            (Text("lembar"), self.sheet),
            (Text("sel"), self.cell),
            (Text("baris"), None if self.cell is not None else self.row),
            (Text("kolom"), self.column or None),
        ):
            if place is not None:
                where = Text(
                    "%(where)s, %(word)s %(place)s", where=where, word=word, place=place
                )
        return where


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
        read=Text("%(count)s masalah lagi dari sini", count=len(problems) - MOST),
        expected=Text(expected, most=MOST),
        mend=Text(mend),
    )
    return [*problems[:MOST], more]


def filled(text: str, facts: Mapping[str, object]) -> Text:
    """A text of ``SENTENCES`` with those facts that it has places for."""
    return Text(text, **{k: v for k, v in facts.items() if f"%({k})" in text})


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
