"""Pictures kept beside the ledger, each under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from station.capture.jpeg import WIDEST, colour_of, jpeg_of, width_of
from station.errors import StationError
from station.storage import atomic_file

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{64}\Z")


class EvidenceStore:
    """A folder of pictures, each durable before an entry names it.

    Nothing in it is ever changed or deleted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, jpeg: bytes) -> str:
        """Store a JPEG durably; returns its SHA-256 (hex).

        A picture wider than 1280 pixels is shrunk first; any other is kept as
        the camera made it.

        Raises:
            StationError: the bytes are not a picture, or the disk refuses.
        """
        data = _shrunk(jpeg)
        name = hashlib.sha256(data).hexdigest()
        target = self.path(name)
        try:
            self._write(target, data)
        except OSError as error:
            raise StationError(
                "expected room for a picture in %(folder)s, got: %(reason)s; free "
                "the disk",
                folder=self._folder,
                reason=error.strerror,
            ) from error
        return name

    def path(self, sha: str) -> Path:
        """The path of the picture with this SHA-256, present or not.

        Raises:
            StationError: the name is not 64 lower-case hexadecimal characters.
        """
        if not _NAME.match(sha):
            raise StationError(
                "expected a SHA-256 of 64 hexadecimal characters, got %(sha)r; "
                "take it from an entry's evidence",
                sha=sha[:80],
            )
        return self._folder / sha[:2] / f"{sha}.jpg"

    def _write(self, target: Path, data: bytes) -> None:
        """Write atomically: after a power cut all of it is there, or nothing."""
        if target.is_file() and target.stat().st_size == len(data):
            atomic_file.sync_folder(
                target.parent
            )  # its writer may have died just before
            return
        new_folder = not target.parent.is_dir()
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic_file.write(target, data)
        if new_folder:
            atomic_file.sync_folder(self._folder)


def _shrunk(jpeg: bytes) -> bytes:
    wide = width_of(jpeg)
    if wide and wide <= WIDEST:
        return jpeg
    pixels = colour_of(jpeg) if wide else None
    if pixels is None:
        raise StationError(
            "expected a JPEG picture as evidence, got %(count)s bytes that are "
            "none; scan again",
            count=len(jpeg),
        )
    return jpeg_of(pixels)
