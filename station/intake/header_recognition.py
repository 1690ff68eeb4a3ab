"""Which column is which: header words as Indonesian clerks write them."""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from station.intake.grid import Grid, text
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from station.intake.grid import Value


class Field(enum.StrEnum):
    """What a column holds, besides the papers of one kind of election."""

    CODE = "code"
    NAME = "name"
    KECAMATAN = "kecamatan"
    KECAMATAN_CODE = "kecamatan_code"
    LEVEL = "level"
    PARENT = "parent"
    DAPIL = "dapil"
    TPS = "tps"
    TPS_COUNT = "tps_count"
    DPT = "dpt"
    DPT_L = "dpt_l"
    DPT_P = "dpt_p"
    EACH = "each"
    """Papers of every kind, in a recapitulation."""
    TOTAL = "total"
    """All kinds together: a check."""
    NOTE = "note"
    NUMBER = "number"
    """A running number: never a key."""


Column: TypeAlias = Field | Ballot


class TableKind(enum.StrEnum):
    """What a table lists."""

    AREAS = "areas"
    STATIONS = "stations"
    RECAP = "recap"


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table."""

    kind: TableKind
    start: int
    """Index of its first row in the grid."""
    depth: int
    """How many rows it takes."""
    columns: Mapping[Column, tuple[int, ...]]
    """Where each column stands; more than one place where it stands twice."""
    titles: Sequence[str]
    """Of every column of the grid, as written, in one line."""

    @property
    def body(self) -> int:
        """Index of the first row under it."""
        return self.start + self.depth

    @property
    def ballots(self) -> tuple[Ballot, ...]:
        """The kinds of election that have a column."""
        return tuple(ballot for ballot in Ballot if ballot in self.columns)


_SEARCHED = 40
_DEEPEST = 3
_SAME = MappingProxyType(
    {
        **dict.fromkeys(("nomor", "nomer", "nmr", "number"), "no"),
        **dict.fromkeys(("jml", "total", "banyak", "banyaknya", "jlh"), "jumlah"),
        **dict.fromkeys(("kel", "desa", "ds", "nagari"), "kelurahan"),
        **dict.fromkeys(("kec", "distrik"), "kecamatan"),
        **dict.fromkeys(("kd", "code", "id"), "kode"),
        **dict.fromkeys(("provinsi", "propinsi", "prop"), "prov"),
        "kabupaten": "kab",
        **dict.fromkeys(("laki", "lk", "pria"), "l"),
        **dict.fromkeys(("perempuan", "pr", "wanita"), "p"),
        **dict.fromkeys(("pemilih", "voters"), "dpt"),
        **dict.fromkeys(("ket", "catatan", "note"), "keterangan"),
        "name": "nama",
        "walikota": "wali kota",
    }
)
_DROPPED = frozenset(
    {
        *("surat", "suara", "ss", "ballots", "lembar", "lbr", "lb", "dan", "ri"),
        *("calon", "pasangan", "tahun", "kebutuhan", "wilayah", "kemendagri"),
        *("pemilihan", "pilkada", "pemilu", "tetap", "daftar"),
    }
)
_WORDS: Mapping[str, Column] = MappingProxyType(
    {
        **dict.fromkeys(("kode kelurahan", "kelurahan kode", "kode"), Field.CODE),
        **dict.fromkeys(("kelurahan", "nama kelurahan", "nama"), Field.NAME),
        **dict.fromkeys(("kecamatan", "nama kecamatan"), Field.KECAMATAN),
        **dict.fromkeys(("kode kecamatan", "kecamatan kode"), Field.KECAMATAN_CODE),
        **dict.fromkeys(("level", "tingkat", "tingkatan"), Field.LEVEL),
        **dict.fromkeys(("parent kode", "kode induk", "induk"), Field.PARENT),
        **dict.fromkeys(("tps", "no tps", "tps no", "nama tps"), Field.TPS),
        **dict.fromkeys(("jumlah tps", "tps jumlah"), Field.TPS_COUNT),
        **dict.fromkeys(
            ("dpt", "jumlah dpt", "dpt jumlah", "dpt l p", "jumlah dpt l p", "l p"),
            Field.DPT,
        ),
        **dict.fromkeys(("dpt l", "l", "jumlah l", "jumlah dpt l"), Field.DPT_L),
        **dict.fromkeys(("dpt p", "p", "jumlah p", "jumlah dpt p"), Field.DPT_P),
        "per jenis": Field.EACH,
        **dict.fromkeys(
            ("jumlah", "jumlah semua", "jumlah seluruhnya", "jumlah semua jenis"),
            Field.TOTAL,
        ),
        **dict.fromkeys(
            ("keterangan", "alamat", "lokasi", "alamat tps", "lokasi tps"), Field.NOTE
        ),
        **dict.fromkeys(("no", "no urut", "urut"), Field.NUMBER),
        **dict.fromkeys(
            ("ppwp", "presiden", "presiden wakil presiden", "pilpres", "capres", "pwp"),
            Ballot.PPWP,
        ),
        "dpr": Ballot.DPR,
        "dpd": Ballot.DPD,
        **dict.fromkeys(("dprd prov", "dprdprov", "dprd i"), Ballot.DPRD_PROV),
        **dict.fromkeys(
            ("dprd kota", "dprd kab", "dprd kab kota", "dprdkota", "dprd ii"),
            Ballot.DPRD_KOTA,
        ),
        **dict.fromkeys(
            ("gubernur", "gubernur wakil gubernur", "pilgub", "gub"), Ballot.PILGUB
        ),
        **dict.fromkeys(
            ("bupati", "bupati wakil bupati", "pilbup", "bup"), Ballot.PILBUP
        ),
        **dict.fromkeys(
            ("wali kota", "wali kota wakil wali kota", "pilwali", "pilwalkot"),
            Ballot.PILWALI,
        ),
    }
)

_BEGINNINGS: Mapping[tuple[str, ...], Ballot] = MappingProxyType(
    {
        ("ppwp",): Ballot.PPWP,
        ("presiden",): Ballot.PPWP,
        ("dprd", "prov"): Ballot.DPRD_PROV,
        ("dprd", "kota"): Ballot.DPRD_KOTA,
        ("dprd", "kab"): Ballot.DPRD_KOTA,
        ("dpr",): Ballot.DPR,
        ("dpd",): Ballot.DPD,
    }
)
_OF_A_PLACE = frozenset({Ballot.DPRD_PROV, Ballot.DPRD_KOTA})
"""Kinds that clerks write with the name of their province or kab/kota."""
_FIGURED = frozenset({"wapres", "wakil", "presiden", "dpt", "cadangan", "persen"})
"""What may stand after a kind without making it another figure."""
_OTHER_COUNTS = frozenset(
    {
        *("rusak", "kurang", "lebih", "sisa", "cacat", "baik", "sah", "diterima"),
        *("dikirim", "dipakai", "kotak", "sampul", "segel", "bilik", "pemilih"),
        *("l", "p", "laki", "perempuan", "tps", "jumlah", "kode", "nama"),
    }
)
"""With one of these it counts something else than the papers of a kind."""


def recognise(title: str) -> Column | None:
    """The column that a header's words name, or None.

    >>> recognise("Kode Desa/Kelurahan"), recognise("Surat Suara DPRD Kab./Kota")
    (<Field.CODE: 'code'>, <Ballot.DPRD_KOTA: 'DPRD_KOTA'>)
    """
    folded = unicodedata.normalize("NFKC", title).casefold()
    words: list[str] = []
    for word in re.findall(r"[a-z]+|[0-9]+", folded):
        same = _SAME.get(word, word)
        if same not in _DROPPED and words[-1:] != [same]:
            words.append(same)
    if words[:1] == ["dapil"]:
        return Field.DAPIL
    if "dapil" in words:  # "DPRD Kota Dapil 3"
        words = words[: words.index("dapil")]
    if "dpt" not in words:  # "PPWP (+ 2 %)" is still PPWP; "DPT + 2 %" is no DPT
        words = [word for word in words if not word.isdecimal()]
    found = _WORDS.get(" ".join(words))
    if found is None and words[:1] == ["jumlah"]:  # "Jumlah Surat Suara PPWP"
        found = _WORDS.get(" ".join(words[1:]))
        return found if isinstance(found, Ballot) else None
    return found or _by_its_beginning(words)


def _by_its_beginning(words: Sequence[str]) -> Ballot | None:
    """A kind with words after it: the place's name, or how its figure was made."""
    for beginning, ballot in _BEGINNINGS.items():
        rest = words[len(beginning) :]
        if tuple(words[: len(beginning)]) != beginning or not rest:
            continue
        said = {word for word in rest if not word.isdecimal()} - _FIGURED
        place = ballot in _OF_A_PLACE and not said & _OTHER_COUNTS
        return ballot if place or not said else None
    return None


def known(titles: Sequence[Value]) -> dict[Column, int]:
    """The columns that these cells name, each with its first place."""
    found: dict[Column, int] = {}
    for place, title in enumerate(titles):
        column = recognise(text(title))
        if column is not None:
            found.setdefault(column, place)
    return found


def find(grid: Grid) -> Header | None:
    """The header in the first rows of a grid, or None where it has none.

    Titles above it are passed over; up to three rows may make one header.
    """
    best: Header | None = None
    for candidate in _candidates(grid):
        if best is None or _merit(candidate) > _merit(best):
            best = candidate
    return best


def _merit(candidate: Header) -> tuple[int, int]:
    return len(candidate.columns), -candidate.depth


def _candidates(grid: Grid) -> Iterator[Header]:
    last = min(len(grid.rows), _SEARCHED)
    texts = [[text(value) for value in row] for row in grid.rows[: last + _DEEPEST]]
    for start in range(last):
        for depth in range(1, min(_DEEPEST, len(texts) - start) + 1):
            titles, columns = _read(texts[start : start + depth])
            kind = _kind(columns)
            if kind is not None:
                yield Header(kind, start, depth, columns, titles)


def _read(
    rows: Sequence[Sequence[str]],
) -> tuple[list[str], dict[Column, tuple[int, ...]]]:
    """Every column's whole title, and what is recognised in it."""
    filled = [_spread(row, rows[level + 1 :]) for level, row in enumerate(rows)]
    titles: list[str] = []
    columns: dict[Column, tuple[int, ...]] = {}
    for place in range(len(rows[0])):
        parts = list(dict.fromkeys(row[place] for row in filled if row[place]))
        titles.append(" ".join(parts))
        # The whole says most ("DPT" over "L"); else the lowest part alone counts.
        column = recognise(titles[-1]) or (recognise(parts[-1]) if parts else None)
        if column is not None:
            columns[column] = (*columns.get(column, ()), place)
    _settle_sums(columns)
    return titles, columns


def _settle_sums(columns: dict[Column, tuple[int, ...]]) -> None:
    """Tell which "Jumlah" sums men and women, and which the kinds of election."""
    sums = columns.pop(Field.TOTAL, ())
    parts = (*columns.get(Field.DPT_L, ()), *columns.get(Field.DPT_P, ()))
    voters = [place for place in sums if parts and place == max(parts) + 1]
    if voters and Field.DPT not in columns:
        columns[Field.DPT] = tuple(voters)
    papers = [place for kind in Ballot for place in columns.get(kind, ())]
    after = [place for place in sums if papers and place > max(papers)]
    if after:
        columns[Field.TOTAL] = (after[0],)


def _spread(row: Sequence[str], below: Sequence[Sequence[str]]) -> list[str]:
    """A title over several columns stands in the first alone where none are merged."""
    spread: list[str] = []
    for place, title in enumerate(row):
        under = any(lower[place] for lower in below)
        spread.append(title or (spread[-1] if spread and under else ""))
    return spread


def _kind(columns: Mapping[Column, tuple[int, ...]]) -> TableKind | None:
    counts = {Field.DPT, Field.DPT_L, *Ballot} & set(columns)
    named = Field.CODE in columns or Field.NAME in columns
    voters = Field.DPT in columns or {Field.DPT_L, Field.DPT_P} <= set(columns)
    if named and Field.TPS in columns and voters:
        return TableKind.STATIONS
    if named and (Field.TPS_COUNT in columns or (counts and Field.TPS not in columns)):
        return TableKind.RECAP
    if (
        Field.CODE in columns
        and Field.NAME in columns
        and not counts
        and not {Field.TPS, Field.TPS_COUNT} & set(columns)
    ):
        return TableKind.AREAS
    return None
