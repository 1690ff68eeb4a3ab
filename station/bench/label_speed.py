"""How fast labels are drawn, and whether every one of them reads.

All in one run, so that the figures compare: ``symbols_s`` is the part of the drawing
that only writes and reads back QR symbols, the floor below which it cannot go.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

from labels import sheets
from labels.artwork import Artwork
from labels.label_code import ItemId, ItemKind, LabelCode
from labels.printing import zpl as thermal
from labels.qr_symbol import matrix, texts
from labels.raster import rastered, read_along
from labels.stocks import A4_4, STOCKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

LABELS = 5_000
_KEY = bytes(range(32))
_KINDS = ("PPWP", "DPR", "DPD", "DPRD_PROV", "DPRD_KOTA")


def run(count: int = LABELS, roll: int = 100) -> dict[str, Any]:
    """The figures, times in seconds.

    Args:
        count: Labels on A4 sheets.
        roll: Labels for a label printer.
    """
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
    kind = _KINDS[number % len(_KINDS)]
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


def _timed(work: Any) -> tuple[float, Any]:  # noqa: ANN401 - of any work
    started = time.perf_counter()
    done = work()
    return round(time.perf_counter() - started, 2), done


def _texts(pictures: Iterable[NDArray[np.uint8]]) -> list[str]:
    return [text for _, found in read_along(pictures, texts) for text in found]
