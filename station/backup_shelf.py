"""The backups of a log that lie in a folder: their names, and which of them go."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole backup."""

    folder: Path
    size: int
    """Entries that it holds."""
    made_ms: int
    """UTC milliseconds."""


def stem(origin: str) -> str:
    """How the names of a log's backups begin.

    >>> stem("jejak/1771/gudang/g1")
    'jejak-1771-gudang-g1'
    """
    return origin.replace("/", "-")


def pool(origin: str) -> str:
    """The name of the folder of the pictures that all these backups share."""
    return f"{stem(origin)}-evidence"


def kept(folder: Path, origin: str) -> list[Kept]:
    """The whole backups of this log, the one that holds the fewest entries first."""
    form = re.compile(re.escape(stem(origin)) + r"-[0-9]{8}T[0-9]{6}Z(-[0-9]+)?")
    found = []
    for file in folder.glob(f"{stem(origin)}-*/manifest.json"):
        if form.fullmatch(file.parent.name):
            # One whose manifest cannot be read is not counted, and so never deleted.
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                told = json.loads(file.read_text("utf-8"))
                found.append(Kept(file.parent, told["size"], told["made_ms"]))
    # By size, since the wall clock may have been set back between two of them.
    return sorted(found, key=lambda one: (one.size, one.made_ms, one.folder.name))


def prune(folder: Path, origin: str, keep: int) -> None:
    """Let the oldest backups go; never the last one.

    Raises:
        OSError: the disk refuses.
    """
    for old in kept(folder, origin)[: -max(1, keep)]:
        # Unnamed first: one that is half gone must not look whole.
        gone = old.folder.rename(old.folder.with_name(f"{old.folder.name}.part"))
        shutil.rmtree(gone)
