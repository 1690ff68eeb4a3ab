"""The first page of a waybill: where it goes, with whom, how much, and who signs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from labels.papers.manifest_symbol import (
    USUAL,
    draw_manifest,
    draw_no_manifest,
    manifest_symbol,
    side_of,
)
from labels.papers.number_words import grouped, spelled
from labels.papers.page import (
    CAPTION,
    END,
    LEFT,
    NAME,
    RIGHT,
    SMALL,
    STRONG,
    STRONG_SMALL,
    TEXT,
    THICK,
    THIN,
    TITLE,
    TOP,
    wrapped,
)
from labels.papers.signature_blocks import signatures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labels.papers.page import Page, Style
    from labels.papers.waybill_facts import Waybill, WaybillHead

_LABEL = 29.0
"""Width of the captions before what is known of the trip."""
_ROW = 6.0
_SIGNATURES = 238.0
"""Upper edge of the blocks for signatures."""
_SUBJECT = "Serah terima dan pengangkutan perlengkapan pemungutan suara"
_VERSION_LINES = 4
_WORD_COLUMNS = 3
_COUNTS = 42.0
"""Height for the counts by kind; nine kinds stand in it without crowding."""


def draw_first(page: Page, bill: Waybill, missing_on: int) -> None:
    """Draw it; ``missing_on`` is the page that names what is missing.

    Raises:
        PaperError: The manifest's symbol is too wide for the page.
        LabelError: The manifest has characters that are not for a symbol.
    """
    dark = manifest_symbol(bill.manifest) if bill.manifest else None
    y = head_of(page, (bill.issuer, _SUBJECT), bill.note)
    page.write("SURAT JALAN", (RIGHT - 80, TOP + 4), 80, STRONG, END)
    page.write(f"{bill.number:04}", (RIGHT - 80, TOP + 12.5), 80, TITLE, END)
    if bill.version > 1:
        y = _replaces(page, bill, y)
    y = _trip(page, bill, _route(page, bill, y))
    if dark is None:
        side = USUAL
        draw_no_manifest(page, (LEFT, y + 1))
    else:
        side = side_of(dark)
        draw_manifest(page, dark, (LEFT, y + 1), _said(bill))
    column = (LEFT + side + 6, RIGHT)
    counted = _totals(page, bill, (y + 6, *column), missing_on)
    told = _ledger_head(page, bill.head, (counted + 7, *column))
    _remarks(page, max(y + side + 3, told) + 6)
    signatures(
        page,
        _SIGNATURES,
        [
            ("Yang menyerahkan", bill.hands_over),
            ("Yang menerima", bill.receives),
            ("Pengemudi", bill.driver),
            ("Pengawal", bill.escort),
            ("Pengawas", bill.supervisor),
        ],
    )


def head_of(page: Page, names: tuple[str, str], note: str) -> float:
    """Draw who issues a paper, over a double rule; gives the height below it."""
    issuer, place = names
    page.write(issuer.upper(), (LEFT, TOP + 4.5), 118, NAME)
    page.write(place, (LEFT, TOP + 10), 118, TEXT)
    if note.strip():
        page.write(note, (LEFT, TOP + 14.6), 118, STRONG)
    page.rule(TOP + 17, LEFT, RIGHT, THICK)
    page.rule(TOP + 18, LEFT, RIGHT, THIN)
    return TOP + 18


def _replaces(page: Page, bill: Waybill, y: float) -> float:
    version = bill.version
    said = f"VERSI {version} \N{EN DASH} menggantikan versi {version - 1}: "
    said += bill.version_reason
    lines = wrapped(said, RIGHT - LEFT - 6, STRONG, _VERSION_LINES)
    page.box((LEFT, y + 2.5), (RIGHT - LEFT, 2.6 + 4.4 * len(lines)), THICK)
    for place, line in enumerate(lines):
        at = (LEFT + 3, y + 7.2 + 4.4 * place)
        page.write(line, at, RIGHT - LEFT - 6, STRONG)
    return y + 5.1 + 4.4 * len(lines)


def _route(page: Page, bill: Waybill, y: float) -> float:
    """From and to, the largest words of the page."""
    half = (RIGHT - LEFT) / 2
    ends = (("DARI", bill.departs_from), ("KE", bill.goes_to))
    for place, (caption, name) in enumerate(ends):
        x = LEFT + place * half
        page.write(caption, (x, y + 5.2), 20, CAPTION)
        page.write(name, (x, y + 11), half - 4, NAME)
    page.rule(y + 14, LEFT, RIGHT, THIN)
    return y + 14


def _trip(page: Page, bill: Waybill, y: float) -> float:
    """What is known of the trip, in two columns."""
    cover = {None: "", True: "dipasang", False: "tidak dipasang"}[bill.rain_cover]
    escort = ", ".join(part for part in (bill.escort, bill.escort_unit) if part.strip())
    columns = (
        (
            ("Jenis pemilu", ", ".join(bill.kinds)),
            ("Rencana berangkat", bill.planned_departure),
            ("Rencana tiba", bill.planned_arrival),
            ("Berangkat", bill.departed),
            ("Cuaca", bill.weather),
            ("Penutup hujan", cover),
            ("Ditutup oleh", " dan ".join(bill.closed_by)),
        ),
        (
            ("Kendaraan", bill.vehicle),
            ("Pengangkut", bill.carrier),
            ("Pengemudi", bill.driver),
            ("Pengawal", escort),
            ("Pengawas hadir", bill.supervisor),
            ("Segel pintu truk", bill.door_seal),
            ("Pemegang kunci", bill.key_holder),
        ),
    )
    half = (RIGHT - LEFT) / 2
    for place, rows in enumerate(columns):
        for row, (caption, said) in enumerate(rows):
            field(
                page,
                (LEFT + place * half, y + 6 + row * _ROW),
                half - 4,
                (caption, said),
            )
    bottom = y + 6 + 6 * _ROW + 3
    page.rule(bottom, LEFT, RIGHT, THIN)
    return bottom


def field(
    page: Page, at: tuple[float, float], width: float, said: tuple[str, str]
) -> None:
    """Draw a caption and what is known, or the line to write it on."""
    x, y = at
    caption, known = said
    page.write(caption, at, _LABEL - 2, SMALL)
    if known.strip():
        page.write(known, (x + _LABEL, y), width - _LABEL, TEXT)
    else:
        page.dots(y + 0.5, x + _LABEL, x + width)


def _said(bill: Waybill) -> str:
    count = f"{grouped(len(bill.items))} {bill.unit}"
    return f"Manifes {count}, bertanda tangan. Pindai atau foto di gerbang."


def _totals(
    page: Page, bill: Waybill, at: tuple[float, float, float], missing_on: int
) -> float:
    """Draw the counts by kind; gives the last baseline."""
    y, left, right = at
    cells = ("Rencana", "Kurang", "Berangkat")
    page.write("JUMLAH", (left, y), right - left, STRONG_SMALL)
    _count_row(page, (y + 4.6, left, right), ("Jenis", *cells), CAPTION)
    page.rule(y + 6, left, right)
    y += 10
    rows = _counts(bill)
    for row in rows:
        _count_row(page, (y, left, right), row, SMALL)
        y += min(4.6, _COUNTS / len(rows))
    page.rule(y - 3.2, left, right)
    gone, kept = len(bill.items), len(bill.missing)
    total = ("Jumlah", *map(grouped, (gone + kept, kept, gone)))
    _count_row(page, (y + 0.6, left, right), total, STRONG_SMALL)
    y += 0.6
    for line in wrapped(f"{spelled(gone)} {bill.unit}", right - left, SMALL, 2):
        y += 4.2
        page.write(line, (left, y), right - left, SMALL)
    said = "Lengkap, tidak ada yang kurang."
    if kept:
        said = f"Kurang {grouped(kept)} {bill.unit}: lihat halaman {missing_on}."
    page.write(said, (left, y + 4.4), right - left, STRONG_SMALL if kept else SMALL)
    return y + 4.4


def _counts(bill: Waybill) -> list[tuple[str, ...]]:
    """A row a kind: its name, how many were planned, are missing, departed."""
    gone = Counter(item.kind for item in bill.items)
    kept = Counter(item.kind for item in bill.missing)
    kinds = dict.fromkeys([*bill.kinds, *gone, *kept])
    return [
        (
            kind.strip() or "Tanpa jenis",
            *map(grouped, (gone[kind] + kept[kind], kept[kind], gone[kind])),
        )
        for kind in kinds
    ]


def _count_row(
    page: Page, at: tuple[float, float, float], row: Sequence[str], style: Style
) -> None:
    y, left, right = at
    cell = (right - left) * 0.22
    page.write(row[0], (left, y), right - left - 3 * cell - 1, style)
    for place, said in enumerate(row[1:]):
        x = right - (3 - place) * cell
        page.write(said, (x + 1.5, y), cell - 1.5, style, END)


def _ledger_head(
    page: Page, head: WaybillHead, at: tuple[float, float, float]
) -> float:
    """Draw the ledger's head with its words; gives the last baseline."""
    y, left, right = at
    wide = right - left
    page.rule(y - 4.2, left, right, THIN)
    page.write("KEPALA BUKU CATATAN", (left, y), wide, STRONG_SMALL)
    page.write(head.origin, (left, y + 4.2), wide, SMALL)
    page.write(f"{grouped(head.size)} catatan", (left, y + 8.2), wide, SMALL)
    # In fours, so that an eye that compares it keeps its place.
    root = " ".join(head.root[at : at + 4] for at in range(0, len(head.root), 4))
    y += 8.2
    for line in wrapped(root, wide, SMALL, 2):
        y += 4
        page.write(line, (left, y), wide, SMALL)
    return _words(page, head.words, (y + 5, left, wide)) if head.words else y


def _words(page: Page, words: Sequence[str], at: tuple[float, float, float]) -> float:
    """Draw what two stations read aloud to compare their heads."""
    y, left, wide = at
    page.write("Bacakan dan cocokkan:", (left, y), wide, CAPTION)
    rows = -(-len(words) // _WORD_COLUMNS)
    step = min(4.4, (_SIGNATURES - 3 - y) / rows)
    cell = wide / _WORD_COLUMNS
    for place, word in enumerate(words):
        column, row = divmod(place, rows)
        spot = (left + column * cell, y + step * (row + 1))
        page.write(f"{place + 1} {word}", spot, cell - 2, STRONG_SMALL)
    return y + step * rows


def _remarks(page: Page, y: float) -> None:
    """Draw lines for what the receiver finds, where the page has room for them."""
    step, end = 7.0, _SIGNATURES - 4
    if y + step > end:
        return
    page.write("Catatan saat diterima:", (LEFT, y), _LABEL + 8, SMALL)
    left = LEFT + _LABEL + 8
    while y <= end:
        page.dots(y + 0.5, left, RIGHT)
        y, left = y + step, LEFT
