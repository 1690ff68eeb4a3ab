"""The camera's trial in the ledger, and the test label on paper.

A test label names no item: at a gate it is never counted, never holds the line, and
no picture of it is kept. What is recorded is that the cameras were tried, by whom,
and how well they read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels import raster, sheets
from labels.artwork import Artwork
from labels.label_code import LabelError, parse_typed
from labels.trial_label import ISSUE, is_trial, trial_code
from station.camera_frames import ScanSource
from station.custody.labelling import read_back
from station.custody.labelling.read_back import ReadBackPage
from station.ledger import log
from station.model import Draft, EntryType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labels.stocks import Stock
    from station.camera_frames import Scan
    from station.custody.labelling.read_back import Decode
    from station.ledger.log import Batch
    from station.model import Entry, Instant, Json
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection

_BAR = "UJI KAMERA"
_NOTE = "BUKAN KOTAK, TIDAK DIHITUNG"


def is_shown(scan: Scan, text: str) -> bool:
    """True where a scan is of this station's own test label.

    Args:
        scan: any scan, typed ones included.
        text: what the test label's symbol holds.
    """
    if not scan.source.typed:
        # A wedge scanner types, and Caps Lock turns its letters round.
        read = scan.text.upper() if scan.source is ScanSource.HANDHELD else scan.text
        return read == text
    try:
        return is_trial(parse_typed(scan.text))
    except LabelError:
        return False


def record(
    batch: Batch, gate: GateSettings, actor: str, at: Instant, told: Mapping[str, Json]
) -> Entry:
    """Record one camera's trial in the shift that somebody has here.

    Args:
        batch: The entries of this transaction.
        gate: The gate.
        actor: Who has the shift.
        at: The moment.
        told: ``camera``, ``frames``, ``read``, ``good`` and what was measured.
    """
    return batch.append(
        Draft(
            type=EntryType.SYSTEM,
            event=at,
            actor=actor,
            place=gate.place,
            gate=gate.name,
            data={
                "event": "shift_check",
                "sound_heard": _sound_heard(batch.db, gate.name),
                **told,
            },
        )
    )


def sheet(
    regency: tuple[str, str], key: bytes, stock: Stock, decode: Decode, note: str = ""
) -> bytes:
    """A page of test labels as PDF, each read back from its dots.

    Args:
        regency: The kab/kota's code and name.
        key: Its label key.
        stock: What the page is cut into.
        decode: The station's own reader.
        note: Stands on the labels too, such as that all data is made up.

    Raises:
        StationError: a label does not read back.
    """
    code, name = regency
    label = Artwork(
        code=trial_code(code, key),
        issue=ISSUE,
        regency=name,
        ballot=_BAR,
        note=" · ".join(filter(None, (_NOTE, note))),
    )
    labels = [label] * stock.per_page
    data = sheets.render(labels, stock)
    pages = (ReadBackPage(dots, labels) for dots in raster.rastered(data))
    for _ in read_back.checked(pages, decode):
        pass
    return data


def _sound_heard(db: Connection, gate: str) -> bool | None:
    """What was said of the sound when this shift began; None where nobody was asked."""
    row = db.execute("SELECT seq FROM shift WHERE gate = ?", (gate,)).fetchone()
    heard = None if row is None else log.entry(db, row["seq"]).draft.data
    told = None if heard is None else heard.get("sound_heard")
    return told if isinstance(told, bool) else None
