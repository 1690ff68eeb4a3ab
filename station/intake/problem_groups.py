"""Problems with one cause as one problem, with the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.intake.problem import printable, shown
from station.intake.problem_texts import ProblemKind
from station.language import Text, joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.intake.problem import Problem, Weight

_NAMED = 6
"""So many values that were read, and rows, are named in a group's sentence."""


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Problems that one correction removes, in the order of the files."""

    problems: tuple[Problem, ...]
    """At least one."""

    @property
    def first(self) -> Problem:
        """The problem that stands for all of them."""
        return self.problems[0]

    @property
    def weight(self) -> Weight:
        """How much stands in the way; the same for all."""
        return self.first.weight

    @property
    def values(self) -> tuple[str, ...]:
        """The different texts that were read, in their order."""
        return tuple(dict.fromkeys(problem.read for problem in self.problems))

    @property
    def read(self) -> Text:
        """What was read, in a few words."""
        named = [shown(value) for value in self.values[:_NAMED] if value]
        if not named:
            return Text("kosong")
        if len(self.values) > _NAMED:
            return Text("%(named)s dan lain-lain", named=joined(named))
        return joined(named)

    @property
    def text(self) -> Text:
        """One sentence: what is wrong, how often, what to do."""
        if len(self.problems) == 1:
            return self.first.text
        if self.first.trouble is ProblemKind.CODE_UNKNOWN:
            return Text(
                "%(count)s kelurahan belum terdaftar (kode %(codes)s), %(rows)s baris; "
                "impor dulu berkas wilayahnya, atau periksa kodenya.",
                count=len(self.values),
                codes=self.read,
                rows=len(self.problems),
            )
        return Text(
            "%(where)s dan %(more)s tempat lain: terbaca %(read)s, diharapkan "
            "%(expected)s; %(mend)s.",
            where=self.first.where,
            more=len(self.problems) - 1,
            read=self.read,
            expected=self.first.expected,
            mend=self.first.mend,
        )

    def __str__(self) -> str:
        """Every row behind it, a line each; a search looks here."""
        return printable(" ".join(map(str, self.problems)))


def grouped(problems: Iterable[Problem]) -> list[ProblemGroup]:
    """Problems by their cause, each group where its first problem was.

    One cause is one kind of problem in one column with the same expectation and the
    same correction: rows whose expected value differs are corrected one by one.
    """
    found: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        cause = (
            *(problem.weight, problem.trouble, problem.column),
            *(problem.expected, problem.mend),
        )
        found.setdefault(cause, []).append(problem)
    return [ProblemGroup(tuple(group)) for group in found.values()]
