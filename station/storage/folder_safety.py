"""Folders in which a ledger must not lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import PurePath


def unsafe_folder(path: PurePath) -> str | None:
    """What makes this folder unfit for a ledger, or None when it is fit.

    A synchronising client copies the file in the middle of a write and may put
    an older one back; a network share may not honour locks.

        >>> from pathlib import PureWindowsPath
        >>> unsafe_folder(PureWindowsPath(r"C:/Users/gudang/OneDrive - KPU/jejak"))
        'OneDrive'
        >>> unsafe_folder(PureWindowsPath(r"//server/share/jejak"))
        'a network share'
        >>> unsafe_folder(PureWindowsPath(r"D:/jejak"))
    """
    if path.drive.startswith("\\\\"):
        return "a network share"
    synced = {
        "onedrive": "OneDrive",
        "dropbox": "Dropbox",
        "google drive": "Google Drive",
        "googledrive": "Google Drive",
        "my drive": "Google Drive",
        "drive saya": "Google Drive",
        "icloud": "iCloud",
        "nextcloud": "Nextcloud",
        "owncloud": "ownCloud",
        "megasync": "MEGA",
        "gvfs": "a network share",
    }
    for part in path.parts:
        for beginning, name in synced.items():
            if part.lower().startswith(beginning):
                return name
    return None
