"""What paper will show: pages of a PDF as dots.

pdfium is not thread-safe: one thread at a time may be in here.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

PROOF_DPI = 203.2
"""Of the coarsest printers in use; what reads at this, reads on all others."""
_POINTS_PER_INCH = 72


def rastered(pdf: bytes, dpi: float = PROOF_DPI) -> Iterator[NDArray[np.uint8]]:
    """The brightness of each page, shape (height, width), row 0 on top.

    Args:
        pdf: A whole document, as this program made it.
        dpi: Dots an inch; label printers have 203.2 (8 a millimetre) or 300.
    """
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for number in range(len(document)):
            with closing(document[number]) as page:
                bitmap = page.render(scale=dpi / _POINTS_PER_INCH, grayscale=True)
                grey: NDArray[np.uint8] = bitmap.to_numpy()
                # A copy: the bitmap's memory goes with it.
                yield np.array(grey.reshape(grey.shape[:2]))
                bitmap.close()
