"""``GET /healthz``: what a watching machine needs to know of this station."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify

from station.custody.history import progress_by_place
from web import context
from web.wording.alarm_sentences import Alarm

if TYPE_CHECKING:
    from flask import Response

pages = Blueprint("health", __name__)

_GRAVE = {Alarm.DISK, Alarm.LEDGER, Alarm.BATTERY_LOW}
"""First words: ``ledger:old`` is a matter of the ledger too."""


@pages.get("/healthz")
def healthz() -> Response:
    """Entries, accepted scans and cameras; ``ok`` is false when nothing is recorded.

    The status is 200 even then: the station answers and names what is wrong.
    """
    services = context.services()
    entries, accepted = progress_by_place.counts(context.db())
    alarms = {code.partition(":")[0] for code in services.alarms()}
    cameras = [
        {
            "name": camera.name,
            "state": camera.state.value,
            "fps": round(camera.fps, 1),
            "age_ms": camera.age_ms,
        }
        for camera in services.cameras()
    ]
    return jsonify(
        ok=not alarms & _GRAVE, entries=entries, accepted=accepted, cameras=cameras
    )
