"""The papers that travel with a load, as PDF: waybills and blank custody forms."""

from __future__ import annotations

from labels.label_errors import LabelError, LabelFault
from labels.papers.blank_form import draw_form
from labels.papers.item_list import draw_list
from labels.papers.missing_list import draw_missing
from labels.papers.number_words import grouped
from labels.papers.page import (
    CAPTION,
    END,
    FOOT,
    LEFT,
    MIDDLE,
    RIGHT,
    STRONG_CAPTION,
    THIN,
    Document,
    Page,
)
from labels.papers.waybill_facts import (
    LoadedItem,
    MissingItem,
    Waybill,
    WaybillError,
    WaybillHead,
)
from labels.papers.waybill_first_page import draw_first

__all__ = ["LoadedItem", "MissingItem", "Waybill", "WaybillError", "WaybillHead"]
__all__ += ["custody_form", "form_name", "waybill"]

MOST_FORMS = 500


def waybill(bill: Waybill) -> bytes:
    """The PDF of a surat jalan; the same words give the same bytes.

    Raises:
        LabelError: The manifest is no text for a QR symbol, or its symbol would be
            too wide for the page.
    """
    document = Document(bill.title)
    first = document.page()
    draw_list(document.page, bill)
    missing_on = len(document.pages) + 1
    draw_missing(document.page, bill)
    draw_first(first, bill, missing_on)
    for number, page in enumerate(document.pages, 1):
        _foot(page, bill, f"Halaman {number} dari {len(document.pages)}")
    return document.pdf()


def custody_form(
    numbers: range, place: str, *, issuer: str = "", note: str = ""
) -> bytes:
    """The PDF of blank custody forms, a page each; the same range, the same bytes.

    Args:
        numbers: Of the forms, from 1.
        place: Where they are kept for use: ``Gudang KPU Kota Bengkulu``.
        issuer: ``KPU Kota Bengkulu``.
        note: Stands beside the title: ``DATA REKAAN``.

    Raises:
        LabelError: No forms, too many, or a number below 1.
    """
    if not 1 <= len(numbers) <= MOST_FORMS:
        raise LabelError(
            LabelFault.COUNT, f"1 to {MOST_FORMS} forms", str(len(numbers))
        )
    if min(numbers) < 1:
        raise LabelError(LabelFault.COUNT, "form numbers from 1", str(min(numbers)))
    document = Document("Formulir cadangan")
    for number in numbers:
        name = form_name(number)
        draw_form(document.page(), name, (issuer, place), note)
    return document.pdf()


def form_name(number: int) -> str:
    """The number as the form shows it.

    >>> form_name(7)
    'F-0007'
    """
    return f"F-{number:04}"


def _foot(page: Page, bill: Waybill, count: str) -> None:
    """Which paper this page belongs to, which ledger vouches for it, which page."""
    page.rule(FOOT - 4.4, LEFT, RIGHT, THIN)
    used = page.write(bill.title, (LEFT, FOOT), 60, STRONG_CAPTION) + 2
    page.write(bill.goods_of or bill.goes_to, (LEFT + used, FOOT), 92 - used, CAPTION)
    head = f"Buku: {grouped(bill.head.size)} · {bill.head.root[:12]}"
    page.write(head, (LEFT + 95, FOOT), 50, CAPTION, MIDDLE)
    page.write(count, (RIGHT - 34, FOOT), 34, CAPTION, END)
