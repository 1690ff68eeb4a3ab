"""What paper will show: pages of a PDF as dots, or in colour for a screen.

pdfium is one library for the whole process and not thread-safe: whoever is in it holds
its lock, page by page, so that a preview does not wait for a long job.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pypdfium2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")

PROOF_DPI = 203.2
"""Of the coarsest printers in use; what reads at this, reads on all others."""
_POINTS_PER_INCH = 72
_AHEAD = 3
"""Pages drawn and not yet read; one of A4 is 4 MB."""
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


def read_along(drawn: Iterable[T], read: Callable[[T], R]) -> Iterator[tuple[T, R]]:
    """Each thing drawn, with what was read of it in a thread while others were drawn.

    An exception of ``read`` is raised in its thing's turn.
    """
    waiting: deque[tuple[T, Future[R]]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="read-back") as reader:
        for thing in drawn:
            waiting.append((thing, reader.submit(read, thing)))
            if len(waiting) > _AHEAD:
                first, reading = waiting.popleft()
                yield first, reading.result()
        for thing, reading in waiting:
            yield thing, reading.result()


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
