"""Pictures as PNG, for a browser. Knows no paper: only brightness and colour."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def encode(picture: NDArray[np.uint8]) -> bytes:
    """The PNG of a picture; the same picture gives the same bytes.

    Args:
        picture: Brightness, shape (height, width), or red, green and blue, shape
            (height, width, 3); row 0 on top.
    """
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()
