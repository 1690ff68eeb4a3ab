"""A station in a process of its own, to be killed: hand-overs, scans, backups.

Each act is told before it is asked for and once it is acknowledged, a line each:
``? shift p02`` and ``shift p02``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from labels.label_code import ItemId, LabelCode
from station.backup import snapshot
from station.backup.backup_order import BackupOrder
from station.camera_frames import ScanSource
from station.custody.entry_data.words import OwnWords
from station.founding import create_station
from station.model import system_clock
from station.serve import Station
from station.settings import station_toml

if TYPE_CHECKING:
    from pathlib import Path

KEEP = 3
FIRST, OTHER = "p01", "p02"


Say = Callable[[str], None]


def teller(pipe: int) -> Say:
    # In one piece: two threads tell.
    def say(line: str) -> None:
        os.write(pipe, f"{line}\n".encode())

    return say


def back_up(station: Station, to: Path, say: Say) -> None:
    settings = station.settings
    while True:
        say("? backup")
        made = snapshot.make(
            BackupOrder(
                database=settings.database,
                evidence=settings.evidence,
                settings=settings.folder / "station.toml",
                to=to,
                keep=KEEP,
                at_ms=system_clock().wall_ms,
            )
        )
        say(f"backup {made.name} {made.size}")


def work(station: Station, items: tuple[str, ...], say: Say) -> None:
    held, free = station.gates["gerbang-1"], station.gates["gerbang-2"]
    key = create_station.label_key(station.settings)
    has = FIRST
    while True:
        to = OTHER if has == FIRST else FIRST
        say(f"? shift {to}")
        held.hand_over(has, to)
        say(f"shift {to}")
        has = to
        for item in items:
            text = str(LabelCode.issue(ItemId.parse(item), 1, key))
            say(f"? load {item}")
            free.submit(text, ScanSource.HANDHELD, FIRST)
            say(f"load {item}")
        for item in items:
            say(f"? off {item}")
            free.take_off(item, OwnWords("uji"), FIRST)
            say(f"off {item}")


def shift(pipe: int, folder: Path, to: Path, *items: str) -> None:
    """Hand-overs and scans on one thread and backups on another, until the kill."""
    say = teller(pipe)
    with Station(station_toml.load(folder)) as station:
        for gate in ("gerbang-1", "gerbang-2"):
            station.gates[gate].start_shift(FIRST, sound_heard=True)
        for item in items:  # what the round before had loaded when it was killed
            if f"{item} " in to_take_off(station):
                station.gates["gerbang-2"].take_off(item, OwnWords("uji"), FIRST)
        say("ready")
        threading.Thread(target=back_up, args=(station, to, say), daemon=True).start()
        work(station, items, say)


def notes(pipe: int, folder: Path, to: Path) -> None:
    """One entry after another while a backup is made, until the kill."""
    with Station(station_toml.load(folder)) as station:
        backup = station.background.backups.make_now
        threading.Thread(target=backup, args=(to,), daemon=True).start()
        teller(pipe)("ready")
        while True:
            station.note("disk_enough")


def to_take_off(station: Station) -> str:
    rows = station.on_ledger(
        lambda log: log.db.execute(
            "SELECT item FROM consignment_item WHERE loaded_seq IS NOT NULL"
        ).fetchall()
    )
    return "".join(f"{row['item']} " for row in rows)
