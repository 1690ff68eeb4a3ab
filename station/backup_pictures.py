"""The pictures of a backup folder: each copied once, however many backups name it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station import durable
from station.model import StationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(slots=True)
class Plan:
    """What one backup adds to the pool."""

    wanted: list[str] = field(default_factory=list)
    """SHA-256 of each picture that does not lie there whole."""
    bytes: int = 0
    """What they need together."""
    copied: list[str] = field(default_factory=list)
    lost: int = 0
    """Named by the ledger, gone or damaged in the station's own folder."""


class Pool:
    """Pictures by hash, in a backup folder; only ever added to."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source = source
        self._target = target

    def plan(self, names: Iterable[str]) -> Plan:
        """What is to be copied so that all of these pictures lie in the pool."""
        plan = Plan()
        for name in names:
            there, here = _within(self._target, name), _within(self._source, name)
            if not here.is_file():
                plan.lost += not there.is_file()
            elif not there.is_file() or there.stat().st_size != here.stat().st_size:
                plan.wanted.append(name)
                plan.bytes += here.stat().st_size
        return plan

    def copy(self, plan: Plan) -> None:
        """Copy what was planned; a picture that is not as its name says stays out.

        Raises:
            OSError: the disk refuses.
        """
        for name in plan.wanted:
            data = _within(self._source, name).read_bytes()
            if hashlib.sha256(data).hexdigest() != name:
                plan.lost += 1
                continue
            target = _within(self._target, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            durable.write(target, data)
            durable.sync_file(target)
            plan.copied.append(name)

    def check(self, plan: Plan) -> None:
        """Read back what was copied; what is not as it was written is taken away.

        Raises:
            StationError: there was some.
        """
        damaged = list(self._damaged(plan))
        for path in damaged:
            path.unlink()
        if damaged:
            raise StationError(
                f"{len(damaged)} of {len(plan.copied)} pictures were read back "
                "otherwise than they were written"
            )

    def _damaged(self, plan: Plan) -> Iterator[Path]:
        for name in plan.copied:
            path = _within(self._target, name)
            if hashlib.sha256(path.read_bytes()).hexdigest() != name:
                yield path


def _within(folder: Path, name: str) -> Path:
    return folder / name[:2] / f"{name}.jpg"
