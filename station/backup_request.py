"""How `jejak backup` asks a running station: by a file in the station's folder.

The station alone writes the ledger, so it also makes the backup and records it. Who
may write in its folder may ask, and nobody else: no port, no token, no page.

    backup.request        {"id": ..., "to": ...}   put by the command
    backup.taken-ID       the same, while the station works on it
    backup.answer-ID      what came of it, taken away by the command
"""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station import durable
from station.database import WriterLock
from station.model import StationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.model import Json

PATIENCE_S = 15.0
"""How long a running station may take to see a request."""
_TURN_S = 0.2
_ID = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Request:
    """A backup that a person asked for."""

    id: str
    to: Path


def ask(folder: Path, to: Path) -> dict[str, Any]:
    """What the running station says of a backup in ``to``, however long it takes.

    Raises:
        StationError: it does not see the request, or ended before it answered.
    """
    request = Request(secrets.token_hex(8), to)
    file = folder / "backup.request"
    durable.write(file, json.dumps({"id": request.id, "to": str(to)}).encode())
    end = time.monotonic() + PATIENCE_S
    while file.exists():
        if time.monotonic() > end:
            return _withdraw(file, folder, request)
        time.sleep(_TURN_S)
    return _await(folder, request)


def take(folder: Path) -> Request | None:
    """The request that waits, now ours alone; None where there is none."""
    file = folder / "backup.request"
    if not file.is_file():
        return None
    taken = folder / f"backup.taken-{secrets.token_hex(4)}"
    try:
        file.replace(taken)
        told = json.loads(taken.read_text("utf-8"))
        taken.unlink()
        if _ID.fullmatch(told["id"]) and Path(told["to"]).is_absolute():
            return Request(told["id"], Path(told["to"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass  # withdrawn in between, or written by something else
    return None


def answer(folder: Path, request: Request, told: Mapping[str, Json]) -> None:
    """Tell who asked.

    Raises:
        OSError: the disk refuses.
    """
    durable.write(_answer(folder, request), json.dumps(told).encode())


def tidy(folder: Path) -> None:
    """Take away what a station or a command that was killed left behind."""
    for file in folder.glob("backup.*-*"):
        file.unlink(missing_ok=True)
    (folder / "backup.request").unlink(missing_ok=True)


def _answer(folder: Path, request: Request) -> Path:
    return folder / f"backup.answer-{request.id}"


def _withdraw(file: Path, folder: Path, request: Request) -> dict[str, Any]:
    try:
        file.unlink()
    except FileNotFoundError:  # taken in this very moment
        return _await(folder, request)
    raise StationError(
        f"Expected the station on {folder} to see the request within "
        f"{PATIENCE_S:.0f} s, it did not: look at its window; no backup was made."
    )


def _await(folder: Path, request: Request) -> dict[str, Any]:
    file = _answer(folder, request)
    while not file.exists():
        time.sleep(_TURN_S)
        if not file.exists() and _ended(folder):
            raise StationError(
                f"The station on {folder} ended before the backup was made; run the "
                "command again."
            )
    told: dict[str, Any] = json.loads(file.read_text("utf-8"))
    file.unlink()
    return told


def _ended(folder: Path) -> bool:
    try:
        with WriterLock(folder):
            return True
    except StationError:
        return False
