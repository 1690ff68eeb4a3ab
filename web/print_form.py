"""What the Label page asks for: its form or address, as a request to print."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.label_code import ItemKind, LabelError
from labels.label_errors import LabelFault
from station.custody.entry_data.words import PrintForm
from station.custody.labelling import print_jobs
from station.custody.labelling import selection as printing
from station.custody.labelling.print_errors import PrintError, PrintObstacle
from station.custody.labelling.print_jobs import BOX_COPIES, PrintRequest
from station.custody.labelling.selection import Selection
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labels.stocks import Stock
    from station.custody.labelling.selection import Counted
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

FIELDS = (
    *("kec", "kel", "tps", "ballot", "election", "kind", "missing"),
    *("item", "job", "page"),
    *("stock", "form", "dpi", "copies", "skip", "right", "up"),
)
"""Of the form; ``asked`` tells a form from an address without any of them."""
MOST_COPIES = 20
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintQuery:
    """A request to print, and how the form shows it."""

    request: PrintRequest
    stock: Stock
    counted: Counted
    values: Mapping[str, str]
    """The form's fields as they were understood; empty ones left out."""

    @property
    def again(self) -> bool:
        """True where the labels are printed again: the old ones die."""
        return self.request.reason is not None

    def check_reason(self) -> None:
        """Require a reason where labels are printed again.

        Raises:
            PrintError: it does not.
        """
        if self.request.reason == "":
            raise PrintError(PrintObstacle.NO_REASON, "Expected a reason, got none.")

    @property
    def labels(self) -> int:
        """How many labels the chosen items make."""
        if self.request.copies is not None:
            return self.counted.items * self.request.copies
        return self.counted.items + (BOX_COPIES - 1) * self.counted.boxes

    @property
    def pages(self) -> int:
        """How many sheets those labels take; of a roll, how many labels."""
        used = self.request.skip + self.labels
        return -(-used // self.stock.per_page) if self.labels else 0

    def but(self, **changed: str) -> dict[str, str]:
        """The fields with some of them changed, for an address."""
        return {"asked": "1", **self.values, **changed}


def read(
    args: Mapping[str, str], settings: Settings, db: Connection, reason: str = ""
) -> PrintQuery:
    """What a form or an address asks for.

    Args:
        args: Its fields, each ``FIELDS`` at most once.
        settings: The station's.
        db: A connection of the station.
        reason: Why labels are printed again; only where they are.

    Raises:
        LabelError: a number that is none, or out of its bounds; an offset too far.
        PrintError: no such stock, item, print job or page.
    """
    given = {name: args[name].strip() for name in FIELDS if args.get(name, "").strip()}
    if "asked" not in args and "item" not in given and "job" not in given:
        given["missing"] = "1"
    stock = print_jobs.stock_named(settings, given.setdefault("stock", "a4-4"))
    selection = _selection(given, settings, db)
    counted = printing.count(db, selection)
    offset = (_mm(given, "right"), _mm(given, "up"))
    stock.check_offset(offset)
    request = PrintRequest(
        selection=selection,
        stock=given["stock"],
        form=_form(given, stock),
        dpi=300 if given.get("dpi") == "300" else 203,
        copies=_number(given, "copies", 1, MOST_COPIES),
        skip=_number(given, "skip", 0, stock.per_page - 1) or 0,
        offset_mm=offset,
        reason=reason.strip()[:LONGEST_REASON] if counted.printed else None,
    )
    return PrintQuery(request=request, stock=stock, counted=counted, values=given)


def read_most(
    args: Mapping[str, str], settings: Settings, db: Connection
) -> PrintQuery:
    """What can be understood of a form with a fault, to show it again."""
    for names in (FIELDS[:7], FIELDS[:2], ()):
        sound = {
            name: args[name] for name in ("asked", "stock", *names) if name in args
        }
        for fields in (sound, {n: v for n, v in sound.items() if n != "stock"}):
            with contextlib.suppress(LabelError, PrintError):
                return read(fields, settings, db)
    return read({"asked": "1"}, settings, db)


def _selection(given: dict[str, str], settings: Settings, db: Connection) -> Selection:
    if "job" in given:
        job = _number(given, "job", 0, 2**53) or 0
        page = _number(given, "page", 1, 2**31) or 1
        return Selection(items=print_jobs.page_items(db, job, page, settings))
    if "item" in given:
        return Selection(items=(printing.item_of(given["item"]),))
    return chosen(given)


def chosen(given: dict[str, str]) -> Selection:
    """What the fields choose; a kelurahan of another kecamatan is left out of them.

    Raises:
        PrintError: an area or TPS is none.
    """
    kec, kel = (
        printing.area_of(given[name]) if name in given else None
        for name in ("kec", "kel")
    )
    if kel and kec and not kel.startswith(f"{kec}."):
        kel = None
        del given["kel"]
    ballot, kind = given.get("ballot"), given.get("kind")
    return Selection(
        area=kel or kec,
        tps=printing.tps_of(given["tps"]) if "tps" in given else None,
        ballot=Ballot(ballot) if ballot in set(Ballot) else None,
        election=given.get("election"),
        kind=kind if kind in set(ItemKind) else None,
        missing="missing" in given,
    )


def _form(given: Mapping[str, str], stock: Stock) -> PrintForm:
    """Rolls are printed as ZPL unless a PDF is wanted; sheets as PDF only."""
    return PrintForm.ZPL if stock.roll and given.get("form") != "pdf" else PrintForm.PDF


def _number(given: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    short = text if len(text) <= len(str(most)) else f"{text[:10]}..."
    if not (text.isascii() and text.isdigit()) or short != text:
        raise LabelError(LabelFault.COUNT, f"{least} sampai {most}", short)
    if not least <= int(text) <= most:
        raise LabelError(LabelFault.COUNT, f"{least} sampai {most}", text)
    return int(text)


def _mm(given: Mapping[str, str], name: str) -> float:
    text = given.get(name, "0").replace(",", ".")
    try:
        return float(text)
    except ValueError as error:
        fault = LabelFault.RIGHT if name == "right" else LabelFault.UP
        raise LabelError(fault, "0", text[:20]) from error
