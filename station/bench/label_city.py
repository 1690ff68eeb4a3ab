"""``jejak bench labels``: a large regency issued, a city's labels drawn and read."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from labels.label_code import ItemKind
from station.bench import label_speed as drawing
from station.custody.labelling import first_issue
from station.custody.labelling.first_issue import Issue
from station.founding import create_station
from station.founding.create_station import NewStation
from station.model import Ballot, system_clock
from station.storage import database

BOXES = 76_140
"""Kab. Bogor, the largest regency: 15,228 polling stations of five boxes."""
_KINDS = (Ballot.PPWP, Ballot.DPR, Ballot.DPD, Ballot.DPRD_PROV, Ballot.DPRD_KOTA)
_VILLAGE = 40
"""Polling stations in a made-up village."""


def run(boxes: int = BOXES, labels: int = drawing.LABELS) -> dict[str, Any]:
    """The figures, times in seconds, memory in MB (this process's peak so far)."""
    issue_s = _issue(boxes)
    issued = {"boxes_issued": boxes, "issue_s": issue_s, "issue_peak_mb": _peak_mb()}
    drawn = drawing.run(labels)
    return {**issued, **drawn, "peak_mb": _peak_mb()}


def _issue(boxes: int) -> float:
    """Seconds to register so many boxes, on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        founding = NewStation(regency="3201", title="Bench")
        settings = create_station.create(
            Path(folder) / "station", founding, system_clock
        )
        log = create_station.open_log(settings, system_clock)
        try:
            started = time.perf_counter()
            with log.writing() as batch:
                first_issue.issue(
                    batch,
                    settings.regency,
                    [_station(number) for number in range(boxes // len(_KINDS))],
                    actor="p01",
                    at=system_clock(),
                )
            return round(time.perf_counter() - started, 2)
        finally:
            database.close_writer(log.db)


def _station(number: int) -> Issue:
    village, tps = divmod(number, _VILLAGE)
    kecamatan, kelurahan = divmod(village, 10)
    return Issue(
        kind=ItemKind.BOX,
        destination=f"32.01.{kecamatan + 1:02}.{2001 + kelurahan}/{tps + 1:03}",
        ballots=_KINDS,
    )


def _peak_mb() -> int | None:
    """The most memory that this process ever had; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - Unix alone has it

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (1_000_000 if sys.platform == "darwin" else 1_000)
