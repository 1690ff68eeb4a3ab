"""``jejak bench labels``: issue a large regency's boxes, draw labels, read them back.

All in one run, so that the figures compare: ``symbols_s`` is the part of the drawing
that only writes and reads back QR symbols, a lower bound of the whole.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from labels import sheets
from labels.artwork import Artwork
from labels.label_code import ItemId, ItemKind, LabelCode
from labels.printing import zpl as thermal
from labels.qr_symbol import matrix, texts
from labels.raster import rastered, read_along
from labels.stocks import A4_4, STOCKS
from station.custody.labelling import first_issue
from station.custody.labelling.first_issue import Issue
from station.founding import create_station
from station.founding.create_station import NewStation
from station.model import Ballot, system_clock
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")

BOXES = 76_140
"""Kab. Bogor, the largest regency: 15,228 polling stations of five boxes."""
LABELS = 5_000
_KINDS = (Ballot.PPWP, Ballot.DPR, Ballot.DPD, Ballot.DPRD_PROV, Ballot.DPRD_KOTA)
_VILLAGE = 40
"""Polling stations in a made-up village."""
_KEY = bytes(range(32))


def run(boxes: int = BOXES, labels: int = LABELS) -> dict[str, Any]:
    """The figures, times in seconds, memory in MB (this process's peak so far)."""
    issue_s = _issue(boxes)
    issued = {"boxes_issued": boxes, "issue_s": issue_s, "issue_peak_mb": _peak_mb()}
    return {**issued, **draw(labels), "peak_mb": _peak_mb()}


def _issue(boxes: int) -> float:
    """Seconds to register so many boxes, on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        founding = NewStation(regency="3201", title="Bench")
        settings = create_station.create(
            Path(folder) / "station", founding, system_clock
        )
        log = create_station.open_log(settings, system_clock)
        try:
            started = time.perf_counter()
            with log.writing() as batch:
                first_issue.issue(
                    batch,
                    settings.regency,
                    [_boxes_of(number) for number in range(boxes // len(_KINDS))],
                    actor="p01",
                    at=system_clock(),
                )
            return round(time.perf_counter() - started, 2)
        finally:
            database.close_writer(log.db)


def _boxes_of(number: int) -> Issue:
    village, tps = divmod(number, _VILLAGE)
    kecamatan, kelurahan = divmod(village, 10)
    return Issue(
        kind=ItemKind.BOX,
        destination=f"32.01.{kecamatan + 1:02}.{2001 + kelurahan}/{tps + 1:03}",
        ballots=_KINDS,
    )


def draw(count: int, roll: int = 100) -> dict[str, Any]:
    """Draw so many labels on A4 sheets, some for a label printer, and read them."""
    labels = [made_up(number) for number in range(count)]
    codes = [str(label.code) for label in labels]
    symbols_s, _ = _timed(lambda: [matrix(code) for code in codes])
    pdf_s, pdf = _timed(lambda: sheets.render(labels, A4_4))
    again = sheets.render(labels, A4_4)
    read_s, found = _timed(lambda: _texts(rastered(pdf)))
    stock = STOCKS["100x150"]
    zpl_s, zpl = _timed(lambda: thermal.render(labels[:roll], stock))
    dots = (printed.dots for printed in thermal.read(zpl))
    return {
        "labels": count,
        "pdf_s": pdf_s,
        "symbols_s": symbols_s,
        "labels_per_s": round(count / pdf_s),
        "pdf_bytes": len(pdf),
        "pdf_sha256": hashlib.sha256(pdf).hexdigest(),
        "pdf_same_again": again == pdf,
        "read_back_s": read_s,
        "read_back_203_dpi": len(set(codes) & set(found)),
        "read_back_wrong": len(set(found) - set(codes)),
        "zpl_labels": roll,
        "zpl_s": zpl_s,
        "zpl_bytes": len(zpl),
        "zpl_read_back": len(set(codes[:roll]) & set(_texts(dots))),
    }


def made_up(number: int) -> Artwork:
    """The label of a made-up box, five kinds to a polling station."""
    item = ItemId.from_number("1771", ItemKind.BOX, number)
    kind = _KINDS[number % len(_KINDS)].name
    station = number // len(_KINDS)
    return Artwork(
        code=LabelCode.issue(item, 1, _KEY),
        issue=1,
        regency="Kota Rekaan",
        kecamatan=f"Kecamatan {station // 110 + 1}",
        kelurahan=f"Kelurahan {station // 15 + 1}",
        tps=f"{station % 15 + 1:03}",
        ballot=kind,
        bar=kind,
        note="DATA REKAAN",
    )


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    done = work()
    return round(time.perf_counter() - started, 2), done


def _texts(pictures: Iterable[NDArray[np.uint8]]) -> list[str]:
    return [text for _, found in read_along(pictures, texts) for text in found]


def _peak_mb() -> int | None:
    """This process's peak memory, or None on Windows."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - Unix alone has it

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (1_000_000 if sys.platform == "darwin" else 1_000)
