"""The blank custody form: what is written by hand while the station cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.papers.page import (
    CAPTION,
    END,
    LEFT,
    LINE,
    MIDDLE,
    RIGHT,
    SMALL,
    STRONG,
    STRONG_SMALL,
    TEXT,
    THIN,
    TITLE,
    TOP,
)
from labels.papers.signature_blocks import signatures
from labels.papers.waybill_first_page import field, head_of

if TYPE_CHECKING:
    from labels.papers.page import Page

ROWS = 20
_TABLE, _ROW = 73.0, 7.5
_CELL = 4.2
_GROUPS = (4, 1, 5, 1)
"""Characters of an item's number between its hyphens: ``1771-B-0007K-R``."""
_COLUMNS = (
    ("No.", 8),
    ("Kode kotak (di bawah QR)", 56),
    ("TPS", 14),
    ("Kondisi", 16),
    ("Nomor segel", 46),
    ("Jam", 18),
    ("Paraf", 24),
)
_CONDITIONS = "Kondisi: 1 Baik · 2 Basah · 3 Plastik robek · 4 Segel rusak · 5 Rusak"


def draw_form(page: Page, name: str, names: tuple[str, str], note: str) -> None:
    """Draw one form; ``names`` are who issues it and the place it is for."""
    head_of(page, names, note)
    page.write("FORMULIR CADANGAN", (RIGHT - 62, TOP + 4), 62, STRONG, END)
    page.write(name, (RIGHT - 62, TOP + 13), 62, TITLE, END)
    said = (
        "Catatan serah terima kotak selama stasiun tidak dapat dipakai. Setiap "
        "formulir kembali ke stasiun, juga yang kosong atau batal."
    )
    page.write(said, (LEFT, TOP + 23), RIGHT - LEFT, SMALL)
    _fields(page)
    _table(page)
    bottom = _TABLE + _ROW * (ROWS + 1)
    page.write(_CONDITIONS, (LEFT, bottom + 4.2), RIGHT - LEFT, CAPTION)
    roles = ("Yang menyerahkan", "Yang menerima", "Pengemudi", "Pengawal", "Pengawas")
    signatures(page, bottom + 6.4, [(role, "") for role in roles])
    _afterwards(page, bottom + 51)


def _fields(page: Page) -> None:
    half = (RIGHT - LEFT) / 2
    columns = (
        ("Surat jalan nomor", "Gerbang", "Tanggal", "Jam mulai"),
        ("Tujuan", "Kendaraan", "Pengemudi", "Jam selesai"),
    )
    for place, captions in enumerate(columns):
        for row, caption in enumerate(captions):
            at = (LEFT + place * half, TOP + 32 + row * 7.2)
            field(page, at, half - 4 * (1 - place), (caption, ""))


def _table(page: Page) -> None:
    bottom = _TABLE + _ROW * (ROWS + 1)
    x = LEFT
    for caption, width in _COLUMNS:
        page.write(caption, (x, _TABLE + 4.9), width, STRONG_SMALL, MIDDLE)
        page.upright(x, _TABLE, bottom)
        x += width
    page.upright(x, _TABLE, bottom)
    for row in range(ROWS + 2):
        page.rule(_TABLE + row * _ROW, LEFT, RIGHT, LINE)
    for row in range(ROWS):
        y = _TABLE + (row + 1) * _ROW
        page.write(str(row + 1), (LEFT, y + 5), _COLUMNS[0][1], TEXT, MIDDLE)
        _comb(page, LEFT + _COLUMNS[0][1] + 2, y + 1)


def _comb(page: Page, x: float, y: float) -> None:
    """A cell for each character, so that none is left out or run together."""
    for place, many in enumerate(_GROUPS):
        if place:
            page.rule(y + 2.75, x + 0.5, x + 1.5, LINE)
            x += 2
        for _ in range(many):
            page.box((x, y), (_CELL, _ROW - 2), THIN)
            x += _CELL


def _afterwards(page: Page, y: float) -> None:
    """Where it is said that the form came back, and into which entries it went."""
    parts = (("Dimasukkan ke stasiun oleh", 38, 48), ("tanggal dan jam", 24, 34))
    x = LEFT
    for caption, width, line in parts:
        page.write(caption, (x, y), width, CAPTION)
        page.dots(y, x + width, x + width + line - 3)
        x += width + line
    page.write("catatan nomor", (x, y), 20, CAPTION)
    page.dots(y, x + 20, RIGHT)
