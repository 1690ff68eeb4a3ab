"""The pictures of a backup folder: each copied once, however many backups name it.

One that lies there from a backup before is read again by each that relies on it: a
stick that loses its bytes keeps their number, so a size says nothing.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.errors import StationError
from station.storage import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(slots=True)
class CopyPlan:
    """What one backup adds to the pool."""

    wanted: list[str] = field(default_factory=list)
    """SHA-256 of each picture that does not lie there whole."""
    bytes: int = 0
    """What they need together."""
    copied: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Named by the ledger, whole neither there nor in the station's own folder."""


class PicturePool:
    """Pictures by hash, in a backup folder; only ever added to."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source = source
        self._target = target

    def plan(self, names: Iterable[str]) -> CopyPlan:
        """What is to be copied so that all of these pictures lie in the pool, whole."""
        plan = CopyPlan()
        for name in names:
            here = _within(self._source, name)
            if is_whole(self._target, name):
                continue
            if here.is_file():
                plan.wanted.append(name)
                plan.bytes += here.stat().st_size
            else:
                plan.lost.append(name)
        return plan

    def copy(self, plan: CopyPlan) -> None:
        """Copy what was planned; a picture that is not as its name says stays out.

        Raises:
            OSError: the disk refuses.
        """
        for name in plan.wanted:
            data = _within(self._source, name).read_bytes()
            if hashlib.sha256(data).hexdigest() != name:
                plan.lost.append(name)
                continue
            target = _within(self._target, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            atomic_file.write(target, data)
            atomic_file.sync_file(target)
            plan.copied.append(name)

    def check(self, plan: CopyPlan) -> None:
        """Read back what was copied; what is not as it was written is taken away.

        Raises:
            StationError: there was some.
        """
        damaged = [name for name in plan.copied if not is_whole(self._target, name)]
        for name in damaged:
            _within(self._target, name).unlink(missing_ok=True)
        if damaged:
            raise StationError(
                "%(damaged)s of %(copied)s pictures were read back otherwise than "
                "they were written",
                damaged=len(damaged),
                copied=len(plan.copied),
            )


def is_whole(folder: Path, name: str) -> bool:
    """True where the folder holds the picture whose SHA-256 is ``name``."""
    try:
        with _within(folder, name).open("rb") as file:
            _forget(file.fileno())
            data = file.read()
            _forget(file.fileno())
    except OSError:  # not there, or the stick cannot read it any more
        return False
    return hashlib.sha256(data).hexdigest() == name


def _forget(handle: int) -> None:
    """Let the next reading come from the disk, and leave memory to the station."""
    if sys.platform == "linux":
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _within(folder: Path, name: str) -> Path:
    return folder / name[:2] / f"{name}.jpg"
