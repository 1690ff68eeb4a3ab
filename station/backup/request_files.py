"""How `jejak backup` asks a running station: by a file in the station's folder.

The station alone writes the ledger, so it also makes the backup and records it. Who
may write in its folder may ask, and nobody else: no port, no token, no page. Each
request has files of its own, so that several may wait at once.

    backup.request-ID     {"to": ...}   put by the command
    backup.taken-ID       the same, while the station has it in hand; touched each
                          second as a sign of life
    backup.answer-ID      what came of it, taken away by the command
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station.errors import StationError
from station.storage import atomic_file
from station.storage.database import WriterLock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.model import Json

PATIENCE_S = 15.0
"""How long a running station may take to see a request."""
SIGNS_S = 60.0
"""How long a station that has a request in hand may give no sign of life."""
_TURN_S = 0.2
_ID = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class BackupRequest:
    """A backup that a person asked for."""

    id: str
    to: Path


def ask(folder: Path, to: Path) -> dict[str, Any]:
    """What the running station says of a backup in ``to``, while it is at work on it.

    Raises:
        StationError: it does not see the request, ended before it answered, or gives
            no sign of life any more.
    """
    request = BackupRequest(secrets.token_hex(8), to)
    file = _file(folder, "request", request.id)
    atomic_file.write(file, json.dumps({"to": str(to)}).encode())
    try:
        end = time.monotonic() + PATIENCE_S
        while file.exists():
            if time.monotonic() > end:
                return _withdraw(file, folder, request)
            time.sleep(_TURN_S)
        return _await(folder, request)
    finally:  # also where a person presses Ctrl-C
        file.unlink(missing_ok=True)


def take(folder: Path) -> BackupRequest | None:
    """The request that waits longest, now in our hands; None where there is none."""
    for file in _oldest_first(folder):
        taken = _file(folder, "taken", file.name.partition("-")[2])
        with contextlib.suppress(OSError):  # withdrawn in between
            file.replace(taken)
            request = _read(taken)
            if request is not None:
                return request
            taken.unlink()
    return None


def alive(folder: Path) -> None:
    """Tell those whose request is in hand that the station lives; each second."""
    for taken in folder.glob("backup.taken-*"):
        with contextlib.suppress(OSError):  # answered in this very moment
            os.utime(taken)


def answer(folder: Path, request: BackupRequest, told: Mapping[str, Json]) -> None:
    """Tell who asked.

    Raises:
        OSError: the disk refuses; who asked is told that the request was given up.
    """
    try:
        atomic_file.write(
            _file(folder, "answer", request.id), json.dumps(told).encode()
        )
    finally:
        _file(folder, "taken", request.id).unlink(missing_ok=True)


def tidy(folder: Path) -> None:
    """Take away what a station or a command that was killed left behind."""
    for file in folder.glob("backup.*-*"):
        file.unlink(missing_ok=True)


def _file(folder: Path, what: str, request: str) -> Path:
    return folder / f"backup.{what}-{request}"


def _oldest_first(folder: Path) -> list[Path]:
    found: list[tuple[int, Path]] = []
    for file in folder.glob("backup.request-*"):
        with contextlib.suppress(OSError):  # withdrawn in between
            found.append((file.stat().st_mtime_ns, file))
    return [file for _, file in sorted(found)]


def _read(taken: Path) -> BackupRequest | None:
    """What was asked for; None where something else wrote the file."""
    name = taken.name.partition("-")[2]
    try:
        told = json.loads(taken.read_text("utf-8"))
        to = Path(told["to"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return BackupRequest(name, to) if _ID.fullmatch(name) and to.is_absolute() else None


def _withdraw(file: Path, folder: Path, request: BackupRequest) -> dict[str, Any]:
    try:
        file.unlink()
    except FileNotFoundError:  # taken in this very moment
        return _await(folder, request)
    raise StationError(
        f"Expected the station on {folder} to see the request within "
        f"{PATIENCE_S:.0f} s, it did not: look at its window; no backup was made."
    )


def _await(folder: Path, request: BackupRequest) -> dict[str, Any]:
    file = _file(folder, "answer", request.id)
    taken = _file(folder, "taken", request.id)
    seen, turns = _sign(taken), 0
    while not file.exists():
        time.sleep(_TURN_S)
        sign = _sign(taken)
        # Counted in turns: no clock tells what passed while the machine slept.
        seen, turns = sign, 0 if sign != seen else turns + 1
        _check_life(folder, file, sign=sign, silent_s=turns * _TURN_S)
    told: dict[str, Any] = json.loads(file.read_text("utf-8"))
    file.unlink()
    return told


def _check_life(
    folder: Path, answer: Path, *, sign: int | None, silent_s: float
) -> None:
    """Let a station pass that has the request in hand.

    Args:
        folder: The station's.
        answer: Where its answer will lie.
        sign: The last sign of life; None: the request is not in its hands.
        silent_s: For how many seconds there was no newer one.

    Raises:
        StationError: it ended, gave the request up, or is silent for too long.
    """
    # What it did last is answered: looked for after everything else.
    if _ended(folder) and not answer.exists():
        raise StationError(
            f"The station on {folder} ended before the backup was made; run the "
            "command again."
        )
    if sign is None and not answer.exists():
        raise StationError(
            f"The station on {folder} gave the request up, as one does that was "
            "started anew or whose disk refuses; look at its window and run the "
            "command again."
        )
    if silent_s > SIGNS_S and not answer.exists():
        raise StationError(
            f"The station on {folder} took the request and gave no sign of life for "
            f"{SIGNS_S:.0f} s: look at its window. It may still make the backup; look "
            "into the folder before you run the command again."
        )


def _sign(taken: Path) -> int | None:
    try:
        return taken.stat().st_mtime_ns
    except OSError:
        return None


def _ended(folder: Path) -> bool:
    try:
        with WriterLock(folder):
            return True
    except StationError:
        return False
