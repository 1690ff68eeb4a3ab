"""Print jobs: made, proved, handed over, and only then recorded as printed.

``prepare`` draws the labels, reads every one of them back from its dots and offers
nothing that does not read. ``begin`` makes the next issues where this is a reprint:
the old labels are dead before the first new one is on paper. Then the job goes to its
printer or file, and ``finish`` records it. A job that failed on the way leaves its
labels among those "never printed", and can be handed over again as it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from labels import raster, sheets
from labels.label_code import ItemKind
from labels.printing import zpl
from station.custody import registry
from station.custody.entry_data.words import PrintForm, SystemEvent
from station.custody.labelling import print_history, read_back, reissue
from station.custody.labelling import selection as printing
from station.custody.labelling.print_errors import PrintError, PrintObstacle
from station.custody.labelling.read_back import ReadBackPage
from station.custody.labelling.selection import Selection
from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from labels.artwork import Artwork
    from labels.stocks import Stock
    from station.custody.labelling.read_back import Decode
    from station.custody.registry import NamedItem
    from station.ledger.log import Log
    from station.model import Entry, Instant, Json
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

    Progress: TypeAlias = Callable[[str, int, int], None]
    """Told ``draw`` or ``verify``, how much is done, and how much there is."""

BOX_COPIES = 2
"""One for each of two adjacent sides of a box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintRequest:
    """What somebody wants printed."""

    selection: Selection = field(default_factory=Selection)
    stock: str = "a4-4"
    """Short name of one of the station's stocks."""
    form: PrintForm = PrintForm.PDF
    dpi: int = 203
    """Of a label printer: 203 or 300."""
    copies: int | None = None
    """None: two for a box, one for anything else."""
    skip: int = 0
    """Positions of the first sheet that are used up."""
    offset_mm: tuple[float, float] = (0.0, 0.0)
    reason: str | None = None
    """Why labels are printed again: makes the next issue of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintWorkshop:
    """What it takes to make a job."""

    settings: Settings
    key: bytes
    """The label key of the kab/kota."""
    decode: Decode
    progress: Progress = lambda *_: None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedJob:
    """Labels drawn and read back, ready to be handed over."""

    request: PrintRequest
    items: tuple[NamedItem, ...]
    """Each with the issue that its label bears."""
    labels: int
    """How many, copies included."""
    data: bytes

    @property
    def sha256(self) -> str:
        """Hexadecimal, of the data."""
        return hashlib.sha256(self.data).hexdigest()


def prepare(db: Connection, request: PrintRequest, press: PrintWorkshop) -> PreparedJob:
    """The job of this request, every label of it read back; nothing is recorded.

    Raises:
        StationError: nothing fits the selection, no such stock, labels are on paper
            already and no reason says why again, or a label does not read back; the
            sentence names it.
        LabelError: copies, used positions or resolution are out of bounds.
    """
    stock = stock_named(press.settings, request.stock)
    items = printing.select(db, request.selection)
    if request.reason is None:
        _check_unprinted(db, items)
    else:
        items = _renewed(db, items)
    regency = printing.regency_name(db, press.settings)
    artworks = []
    for item in items:
        drawn = printing.artwork(item, press.settings, press.key, regency)
        artworks += [drawn] * _copies(item, request.copies)
    data = _drawn(artworks, stock, request, press.progress)
    done = 0
    pages = _pages(data, artworks, (stock, request))
    for page in read_back.checked(pages, press.decode):
        done += len(page.labels) * page.copies
        press.progress("verify", done, len(artworks))
    return PreparedJob(
        request=request, items=tuple(items), labels=len(artworks), data=data
    )


def begin(log: Log, job: PreparedJob, *, actor: str, at: Instant) -> list[Entry]:
    """Make the issues that a reprint's labels bear; again, where that failed before.

    Raises:
        PrintError: an item was printed, reprinted or voided since the job was
            prepared.
    """
    with log.writing() as batch:
        if job.request.reason is None:
            _check_unprinted(batch.db, job.items)
        behind = []
        for item in job.items:
            now = registry.item(batch.db, item.item.id)
            ahead = None if now is None else item.item.issue - now.item.issue
            if now is None or now.item.voided or ahead not in {0, 1}:
                raise PrintError(
                    PrintObstacle.CHANGED,
                    "Expected %(hri)s as it was when its label was drawn, it was "
                    "reprinted or voided since; prepare the job again.",
                    label=item.hri,
                    hri=item.hri,
                )
            if ahead:
                behind.append(item.item.id)
        reason = job.request.reason
        if not behind or reason is None:
            return []
        return reissue.reissue(batch, behind, reason=reason, actor=actor, at=at)


def finish(
    log: Log, job: PreparedJob, target: str, *, actor: str, at: Instant
) -> list[Entry]:
    """Record a job that was handed over whole: what, on what, to where, by whom.

    The entry is of type ``system``, event ``print``: paper was made, no item's state
    changed. More than one entry where the items need them; each names its part.
    """
    request = job.request
    facts: dict[str, Json] = {
        "sha256": job.sha256,
        "form": request.form.value,
        "stock": request.stock,
        "labels": job.labels,
        "copies": request.copies,
        "skip": request.skip,
        "dpi": request.dpi if request.form is PrintForm.ZPL else None,
        # A ledger holds no fractions.
        "offset_um": [round(mm * 1000) for mm in request.offset_mm],
        "target": target,
    }
    if request.reason is not None:
        facts["reason"] = request.reason.strip()
    pieces = list(reissue.parts([item.item.id for item in job.items]))
    with log.writing() as batch:
        return [
            batch.note(
                SystemEvent.PRINT,
                {**facts, "part": [number, len(pieces)]},
                actor=actor,
                at=at,
                items=piece,
            )
            for number, piece in enumerate(pieces, start=1)
        ]


def page_items(
    db: Connection, seq: int, page: int, settings: Settings
) -> tuple[str, ...]:
    """The items on one page of a recorded job, to print that page again.

    Args:
        db: Any connection of the station.
        seq: The job's entry; where it has several, its first.
        page: Counts from 1.
        settings: The station's, for its stocks.

    Raises:
        PrintError: this entry is no print job, or it had no such page.
    """
    job = print_history.job(db, seq)
    stock = stock_named(settings, job.stock)
    copies, skip = job.copies, job.skip
    # Those voided since had their places on the paper too.
    items = printing.in_order(registry.items(db, print_history.items(db, job)))
    places = [item for item in items for _ in range(_copies(item, copies))]
    first = (page - 1) * stock.per_page - skip
    there = places[max(0, first) : max(0, first + stock.per_page)] if page > 0 else []
    found = [item.item.id for item in there if not item.item.voided]
    if not found:
        raise PrintError(
            PrintObstacle.NO_PAGE,
            "Expected a page of print job %(seq)s, it has no page %(page)s.",
            page=page,
            seq=seq,
        )
    return tuple(dict.fromkeys(found))


def stock_named(settings: Settings, name: str) -> Stock:
    """The stock of this short name.

    Raises:
        PrintError: The station knows no such stock.
    """
    stock = settings.stocks.get(name)
    if stock is None:
        known = ", ".join(settings.stocks)
        raise PrintError(
            PrintObstacle.NO_STOCK,
            "Expected one of the stocks %(known)s, got %(name)r; choose one.",
            known=known,
            name=name,
        )
    return stock


def _check_unprinted(db: Connection, items: Sequence[NamedItem]) -> None:
    """Let labels pass that are not on paper yet.

    Raises:
        PrintError: some are: two valid labels of one item would be about.
    """
    printed = printing.on_paper(db, [item.item.id for item in items])
    there = [item for item in items if item.item.id in printed]
    if there:
        raise PrintError(
            PrintObstacle.PRINTED,
            "Expected labels that were never printed, %(printed)s of %(items)s "
            "were, such as %(hri)s: print the missing ones alone, or print again "
            "with a reason, which makes the labels before dead.",
            n=len(there),
            label=there[0].hri,
            printed=len(there),
            items=len(items),
            hri=there[0].hri,
        )


def _renewed(db: Connection, items: Sequence[NamedItem]) -> list[NamedItem]:
    """Each with its next issue where the valid one is on paper, else as it is."""
    printed = printing.on_paper(db, [item.item.id for item in items])
    return [
        replace(item, item=replace(item.item, issue=item.item.issue + 1))
        if item.item.id in printed
        else item
        for item in items
    ]


def _copies(item: NamedItem, wanted: int | None) -> int:
    if wanted is not None:
        return wanted
    return BOX_COPIES if item.item.id[5] == ItemKind.BOX else 1


def _drawn(
    artworks: Sequence[Artwork], stock: Stock, request: PrintRequest, progress: Progress
) -> bytes:
    def drawn(done: int, total: int) -> None:
        progress("draw", done, total)

    if request.form is PrintForm.ZPL:
        return zpl.render(
            artworks,
            stock,
            dpi=request.dpi,
            offset_mm=request.offset_mm,
            progress=drawn,
        )
    return sheets.render(
        artworks,
        stock,
        skip=request.skip,
        offset_mm=request.offset_mm,
        progress=drawn,
    )


def _pages(
    data: bytes, artworks: Sequence[Artwork], paper: tuple[Stock, PrintRequest]
) -> Iterator[ReadBackPage]:
    """Each page's dots, those sent or a 203 dpi printer's, and what stands on it.

    Raises:
        StationError: The job holds another number of labels than were drawn.
    """
    stock, request = paper
    if request.form is PrintForm.PDF:
        pages = sheets.paged(artworks, request.skip, stock.per_page)
        for dots, sheet in zip(raster.rastered(data), pages, strict=True):
            yield ReadBackPage(dots, [label for _, label in sheet])
        return
    start = 0
    for found in zpl.read(data):
        # The copies of one label are one picture.
        yield ReadBackPage(found.dots, artworks[start : start + 1], found.copies)
        start += found.copies
    if start != len(artworks):
        raise StationError(
            "Expected %(count)s labels in the job, it holds %(start)s.",
            count=len(artworks),
            start=start,
        )
