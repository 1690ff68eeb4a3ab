"""Where a station lives on this machine."""

from __future__ import annotations

import os
from pathlib import Path


def data_folder(given: str | None) -> Path:
    """Where the station lives: ``--data``, else JEJAK_DATA, else the user's own."""
    if given or os.environ.get("JEJAK_DATA"):
        return Path(given or os.environ["JEJAK_DATA"]).expanduser().absolute()
    import platformdirs  # noqa: PLC0415 - rarely needed, and slow to import

    return Path(platformdirs.user_data_dir("jejak", appauthor=False))
