"""Which registered area a row speaks of: by code, or by a name that fits only one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.intake import cell_values
from station.intake.cell_values import CellError
from station.intake.header_recognition import Field
from station.intake.plan_values import VILLAGE_PARTS
from station.intake.problem import ProblemKind, Weight

if TYPE_CHECKING:
    from station.intake.plan_values import KnownAreas
    from station.intake.problem import Problem
    from station.intake.table import TableRow

_SHORT = re.compile("[12][0-9]{3}")
"""The last part of a kelurahan's or desa's code."""
_RANK = re.compile(r"^(kelurahan|kel|desa|ds|kecamatan|kec)\b[. ]*")


def fold(name: str) -> str:
    """A name without what clerks write differently: capitals, blanks, its rank.

    >>> fold("KEL. PASAR  BARU") == fold("Pasar Baru")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    return "".join(sign for sign in _RANK.sub("", folded) if sign.isalnum())


def _code(line: TableRow) -> str:
    """A row's code, which may stand in two columns: kecamatan and kelurahan.

    Raises:
        CellError: there is none, or it has another form.
    """
    own = line.text(Field.CODE)
    if _SHORT.fullmatch(own) and line.text(Field.KECAMATAN_CODE):
        return f"{cell_values.code(line.value(Field.KECAMATAN_CODE))}.{own}"
    return cell_values.code(line.value(Field.CODE))


@dataclass(slots=True)
class Matcher:
    """Finds the kelurahan of each row; remembers what it told already."""

    known: KnownAreas
    stated: str
    """The kecamatan in the table's title, or nothing."""
    notes: list[Problem] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set, init=False)
    _villages: dict[str, dict[str, str]] = field(default_factory=dict, init=False)
    _kecamatan: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._kecamatan = self.known.kecamatan
        self._villages = {code: self.known.villages(code) for code in self._kecamatan}

    def village(self, line: TableRow) -> tuple[str, Problem | None]:
        """The code of a row's kelurahan, and what is wrong with it."""
        if not line.text(Field.CODE) and Field.CODE not in line.table.header.columns:
            return self._by_name(line)
        try:
            code = _code(line)
        except CellError as error:
            return "", line.problem(error.trouble, Field.CODE)
        return code, self._wrong(line, code)

    def _wrong(self, line: TableRow, code: str) -> Problem | None:
        regency = self.known.regency
        if code.count(".") + 1 != VILLAGE_PARTS:
            return line.problem(ProblemKind.CODE_NO_VILLAGE, Field.CODE)
        if regency is not None and not code.startswith(f"{regency}."):
            return line.problem(
                ProblemKind.CODE_OTHER_REGENCY, Field.CODE, regency=regency
            )
        if code not in self.known.names:
            return line.problem(ProblemKind.CODE_UNKNOWN, Field.CODE)
        return self._other_kecamatan(line, code) or self._other_name(line, code)

    def _other_kecamatan(self, line: TableRow, code: str) -> Problem | None:
        own = code.rpartition(".")[0]
        column, given = Field.KECAMATAN, line.text(Field.KECAMATAN)
        name = self.known.names.get(own, "")
        if not given or not name or fold(given) == fold(name):
            return None
        if any(fold(other) == fold(given) for other in self._kecamatan.values()):
            return line.problem(
                ProblemKind.KECAMATAN_OTHER, column, kecamatan=name, code=code
            )
        self._tell(line, column, code=own, name=name)
        return None

    def _other_name(self, line: TableRow, code: str) -> Problem | None:
        given, name = line.text(Field.NAME), self.known.names[code]
        if not given or not name or fold(given) == fold(name):
            return None
        near = self._villages.get(code.rpartition(".")[0], {})
        for other, other_name in near.items():
            if other != code and fold(other_name) == fold(given):
                return line.problem(
                    ProblemKind.NAME_OTHER,
                    Field.NAME,
                    code=code,
                    name=name,
                    other=other,
                )
        self._tell(line, Field.NAME, code=code, name=name)
        return None

    def _tell(self, line: TableRow, column: Field, **facts: str) -> None:
        """Say once for each area that its name is written differently."""
        told = (facts["code"], fold(line.text(column)))
        if told not in self._told:
            self._told.add(told)
            self.notes.append(
                line.problem(
                    ProblemKind.NAME_DIFFERS, column, weight=Weight.NOTE, **facts
                )
            )

    def _by_name(self, line: TableRow) -> tuple[str, Problem | None]:
        given = line.text(Field.NAME)
        stated = line.text(Field.KECAMATAN) or self.stated
        kecamatan = self._stated(line, stated)
        if not given:
            return "", line.problem(ProblemKind.CODE_EMPTY, Field.NAME)
        if len(kecamatan) != 1:
            return "", line.problem(ProblemKind.NAME_NO_KECAMATAN, Field.NAME)
        near = self._villages[kecamatan[0]]
        found = [code for code, name in near.items() if fold(name) == fold(given)]
        if not found:
            name = self._kecamatan[kecamatan[0]]
            return "", line.problem(
                ProblemKind.NAME_UNKNOWN, Field.NAME, kecamatan=name
            )
        if len(found) > 1:
            codes = ", ".join(found)
            return "", line.problem(ProblemKind.NAME_AMBIGUOUS, Field.NAME, codes=codes)
        told = (found[0], "")
        if told not in self._told:
            self._told.add(told)
            self.notes.append(
                line.problem(
                    ProblemKind.NAME_MATCHED,
                    Field.NAME,
                    weight=Weight.NOTE,
                    code=found[0],
                )
            )
        return found[0], None

    def _stated(self, line: TableRow, stated: str) -> list[str]:
        """The kecamatan that a row or title names."""
        if line.text(Field.KECAMATAN_CODE):
            try:
                code = cell_values.code(line.value(Field.KECAMATAN_CODE))
            except CellError:
                return []
            return [code] if code in self._kecamatan else []
        exact = [c for c, n in self._kecamatan.items() if n and fold(n) == fold(stated)]
        if exact or not stated:
            return exact
        # A title goes on: "Kecamatan Selebar Kota Bengkulu".
        words = f"{stated.casefold()} "
        return [
            code
            for code, name in self._kecamatan.items()
            if name and words.startswith(f"{name.casefold()} ")
        ]
