"""A station in a process of its own, to be killed: hand-overs, scans, backups.

Each act is told before it is asked for and once it is acknowledged, a line each:
``? shift p02`` and ``shift p02``.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from labels.label_code import ItemId, LabelCode
from station.backup import snapshot
from station.backup.backup_order import BackupOrder
from station.custody.entry_data.words import OwnWords
from station.founding import create_station
from station.model import ScanSource, system_clock
from station.serve import Station
from station.settings import station_toml

KEEP = 3
FIRST, OTHER = "p01", "p02"


def say(line: str) -> None:
    # In one piece: two threads tell.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def back_up(station: Station, to: Path) -> None:
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


def work(station: Station, items: list[str]) -> None:
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


def main() -> None:
    folder, to, *items = sys.argv[1:]
    with Station(station_toml.load(Path(folder))) as station:
        for gate in ("gerbang-1", "gerbang-2"):
            station.gates[gate].start_shift(FIRST, sound_heard=True)
        for item in items:  # what the round before had loaded when it was killed
            if f"{item} " in to_take_off(station):
                station.gates["gerbang-2"].take_off(item, OwnWords("uji"), FIRST)
        say("ready")
        threading.Thread(target=back_up, args=(station, Path(to)), daemon=True).start()
        work(station, items)


def to_take_off(station: Station) -> str:
    rows = station.on_ledger(
        lambda log: log.db.execute(
            "SELECT item FROM consignment_item WHERE loaded_seq IS NOT NULL"
        ).fetchall()
    )
    return "".join(f"{row['item']} " for row in rows)


if __name__ == "__main__":
    main()
