"""Labels read back from their dots before anybody is offered them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labels import raster
from station.custody.labelling.print_errors import PrintError, PrintObstacle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from labels.artwork import Artwork

Decode: TypeAlias = Callable[[NDArray[np.uint8]], Sequence[str]]
"""The QR texts in a grey picture (height, width), one for each symbol."""


@dataclass(frozen=True, slots=True)
class ReadBackPage:
    """What a printer will print, and what should stand on it."""

    dots: NDArray[np.uint8]
    """Brightness, shape (height, width)."""
    labels: Sequence[Artwork]
    copies: int = 1


def checked(pages: Iterable[ReadBackPage], decode: Decode) -> Iterator[ReadBackPage]:
    """Each page, once its labels all read, each as itself, and nothing else does.

    Args:
        pages: Dots and labels; copies beside each other are named each.
        decode: The station's own reader.

    Raises:
        PrintError: A label does not read, or something else does; it is named.
    """
    read = raster.read_along(pages, lambda page: decode(page.dots))
    for number, (page, texts) in enumerate(read, start=1):
        _check(page, texts, number)
        yield page


def _check(page: ReadBackPage, texts: Sequence[str], number: int) -> None:
    drawn = Counter(str(label.code) for label in page.labels)
    found = Counter(texts)
    for label in page.labels:
        if found[str(label.code)] < drawn[str(label.code)]:
            hri = label.code.item.as_hri()
            raise PrintError(
                PrintObstacle.UNREAD,
                "Expected label %(hri)s on page %(number)s to read back, it does "
                "not; nothing was printed: choose a larger stock, another offset, "
                "or report this label.",
                label=hri,
                page=number,
                hri=hri,
                number=number,
            )
    if strange := found - drawn:
        raise PrintError(
            PrintObstacle.STRANGE,
            "Expected only the labels drawn on page %(number)s, read also "
            "%(strange)a; nothing was printed: report this job.",
            page=number,
            number=number,
            strange=next(iter(strange)),
        )
