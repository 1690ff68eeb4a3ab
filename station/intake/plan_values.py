"""What a plan holds once it is read: areas, TPS, and how they were read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.intake.header_recognition import TableKind
    from station.model import Ballot

VILLAGE_PARTS = 4
"""Of a kelurahan's or desa's code, between its dots."""


@dataclass(frozen=True, slots=True)
class Area:
    """A kab/kota, kecamatan, kelurahan or desa."""

    level: str
    """``kota``, ``kabupaten``, ``kecamatan``, ``kelurahan`` or ``desa``."""
    code: str
    name: str
    parent: str | None
    """None for the kab/kota."""
    dapil: str | None
    """Electoral district of DPRD kab/kota."""

    def __str__(self) -> str:
        """Its values in a line: ``17.71.03: kecamatan Teluk Segara, dapil 1``."""
        dapil = f", dapil {self.dapil}" if self.dapil else ""
        return f"{self.code}: {self.level} {self.name}{dapil}"


@dataclass(frozen=True, slots=True)
class PollingStation:
    """A TPS with its voters and ballot papers."""

    area: str
    """The kelurahan's code."""
    number: str
    """Three digits."""
    dpt: int
    """Registered voters."""
    sheets: Mapping[Ballot, int]
    """Ballot papers of each kind held here."""
    unsaid: frozenset[Ballot] = field(default=frozenset(), compare=False)
    """Kinds of the election that the file says nothing of."""

    @property
    def id(self) -> str:
        """The destination of its boxes: ``17.71.03.1011/003``."""
        return f"{self.area}/{self.number}"

    def __str__(self) -> str:
        """Its figures in a line: ``17.71.03.1011/003: DPT 228, PPWP 233``."""
        papers = "".join(f", {kind} {n}" for kind, n in self.sheets.items())
        return f"{self.id}: DPT {self.dpt}{papers}"


@dataclass(frozen=True, slots=True)
class KnownAreas:
    """The areas that a row may speak of: registered ones and the plan's own."""

    regency: str | None
    """Code of the station's kab/kota, ``17.71``; None where it does not matter."""
    names: Mapping[str, str]
    """By code; empty where only the code is known."""

    @property
    def kecamatan(self) -> dict[str, str]:
        """Code -> name of every kecamatan."""
        return {c: n for c, n in self.names.items() if c.count(".") == 2}  # noqa: PLR2004 - 17.71.03

    def villages(self, kecamatan: str) -> dict[str, str]:
        """Code -> name of what lies in a kecamatan."""
        return {c: n for c, n in self.names.items() if c.startswith(f"{kecamatan}.")}


@dataclass(frozen=True, slots=True)
class TableReading:
    """How one table was understood, for the clerk to look at."""

    file: str
    sheet: str | None
    kind: TableKind
    form: str
    """``CSV, utf-8, titik koma``."""
    header_row: int
    """Line or row of the header's last row, from 1."""
    columns: tuple[tuple[str, str], ...]
    """Title in the file and what it was taken for; nothing where it was left out."""
    first: tuple[tuple[str, ...], ...]
    """The first rows as they stand, without titles."""
    rows: int
    """How many rows of data."""
    understood: tuple[str, ...] = ()
    """The first sound rows as they would be recorded, each in a line."""


@dataclass(frozen=True, slots=True)
class Check:
    """A sum that the file itself states, against the rows read."""

    file: str
    sheet: str | None
    row: int
    column: str
    stated: int
    counted: int

    @property
    def agrees(self) -> bool:
        """True where both are the same."""
        return self.stated == self.counted
