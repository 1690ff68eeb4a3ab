"""What paper will show: pages of a PDF as dots, or in colour for a screen.

pdfium is one library for the whole process and not thread-safe: whoever is in it holds
its lock, page by page, so that a preview does not wait for a long job.
"""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

PROOF_DPI = 203.2
"""Of the coarsest printers in use; what reads at this, reads on all others."""
_POINTS_PER_INCH = 72
_ALONE = threading.Lock()
"""Of the one pdfium in this process; it guards nothing of ours."""


def rastered(pdf: bytes, dpi: float = PROOF_DPI) -> Iterator[NDArray[np.uint8]]:
    """The brightness of each page, shape (height, width), row 0 on top.

    Args:
        pdf: A whole document, as this program made it.
        dpi: Dots an inch; label printers have 203.2 (8 a millimetre) or 300.
    """
    with _opened(pdf) as document:
        for number in range(len(document)):
            yield _page(document, number, dpi, grey=True)


def pictured(pdf: bytes, dpi: float) -> NDArray[np.uint8]:
    """The first page in colour, shape (height, width, 3): red, green, blue.

    Args:
        pdf: A whole document, as this program made it.
        dpi: Dots an inch of the picture.
    """
    with _opened(pdf) as document:
        return _page(document, 0, dpi, grey=False)


@contextmanager
def _opened(pdf: bytes) -> Iterator[Any]:
    with _ALONE:
        document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        with _ALONE:
            document.close()


def _page(document: Any, number: int, dpi: float, *, grey: bool) -> NDArray[np.uint8]:  # noqa: ANN401 - no types are shipped
    """One page's brightness, or its colours."""
    with _ALONE, closing(document[number]) as page:
        bitmap = page.render(
            scale=dpi / _POINTS_PER_INCH, grayscale=grey, rev_byteorder=not grey
        )
        pixels: NDArray[np.uint8] = bitmap.to_numpy()
        if grey:
            pixels = pixels.reshape(pixels.shape[:2])
        # A copy: the bitmap's memory goes with it.
        copied = np.array(pixels)
        bitmap.close()
    return copied
