"""The manifest's QR symbol on a waybill: large enough for a webcam at the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.geometry import QUIET_MODULES
from labels.label_errors import LabelFault
from labels.papers.page import CAPTION, MIDDLE, TEXT, THIN, wrapped
from labels.papers.waybill_facts import WaybillError
from labels.qr_symbol import code_matrix

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labels.papers.page import Page

LEAST_MODULE = 1.2
"""A 1080p webcam 40 cm away then sees each module with more than 3 pixels."""
WIDEST, USUAL = 120.0, 110.0
"""Of the symbol with its border; it grows beyond the usual only where it must."""
_NONE = (
    "Tanpa QR: daftar kotak terlalu panjang untuk satu simbol. Hitung dari daftar isi; "
    "kata-kata pembukuan di samping tetap berlaku."
)
_MOST = 1_046
"""Characters that version 18, the largest within the widest, holds at level L."""


def manifest_symbol(text: str) -> NDArray[np.bool_]:
    """The symbol at level M, or at L where M would be too wide for the page.

    Raises:
        WaybillError: Too wide even then.
        LabelError: The text has characters that are not for a symbol.
    """
    if len(text) > _MOST:
        expected = f"a manifest of up to {_MOST} characters, {WIDEST:.0f} mm wide"
        remedy = "split the load over two consignments"
        raise WaybillError(LabelFault.SYMBOL, expected, str(len(text)), remedy)
    dark = code_matrix(text, "M")
    return dark if _width(dark) <= WIDEST else code_matrix(text, "L")


def fits(text: str) -> bool:
    """True where a manifest is short enough for a symbol on the page."""
    return len(text) <= _MOST


def draw_no_manifest(page: Page, at: tuple[float, float]) -> None:
    """Say in the symbol's place that the load is too large for one."""
    left, top = at
    page.box((left, top), (USUAL, USUAL), THIN)
    lines = wrapped(_NONE, USUAL - 12, TEXT, 6)
    for place, line in enumerate(lines):
        at = (left + 6, top + USUAL / 2 + 5 * place)
        page.write(line, at, USUAL - 12, TEXT, MIDDLE)


def _width(dark: NDArray[np.bool_]) -> float:
    """The least width of a symbol with its border, in millimetres."""
    return (len(dark) + 2 * QUIET_MODULES) * LEAST_MODULE


def side_of(dark: NDArray[np.bool_]) -> float:
    """Of the symbol with its border, in millimetres."""
    return max(USUAL, _width(dark))


def draw_manifest(
    page: Page, dark: NDArray[np.bool_], at: tuple[float, float], said: str
) -> None:
    """Draw the symbol, its border's upper left corner at ``at``, over a line of words.

    The border is white already: nothing is drawn in it.
    """
    left, top = at
    side = side_of(dark)
    module = side / (len(dark) + 2 * QUIET_MODULES)
    border = QUIET_MODULES * module
    page.symbol(dark, (left + border, top + border), module)
    page.write(said, (left, top + side + 1.9), side, CAPTION, MIDDLE)
