"""What a gate's screen shows while there is no scan: its state and the next step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.camera_frames import CameraState
from station.model import Step
from web.wording import dates
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.custody.gate.panel import Panel
    from station.custody.load import Load
    from web.services import CameraHealth


@dataclass(frozen=True, slots=True)
class Idle:
    """What the panel shows while there is no scan."""

    state: str
    """``ready`` alone waits for a box before the camera."""
    giant: str
    line: str
    act: str
    """What to do next; empty if nothing, or if this person may not do it."""
    shape: str


def idle(panel: Panel, cameras: Sequence[CameraHealth], *, may_work: bool) -> Idle:
    """The true state of a gate that shows no scan, and the next act."""
    load, loading = panel.load, panel.step is Step.LOADING
    if load is None:
        line = gettext("Belum ada surat jalan terbuka. Tidak ada yang dicatat.")
        act = _open_act(loading=loading)
        told = Idle("closed", gettext("BELUM"), line, act, "ring")
    elif not load.missing:
        told = _complete(load, loading=loading)
    elif cameras and panel.shift is None:
        line = gettext("Belum ada yang bertugas. Kamera tidak dicatat.")
        act = gettext("Tekan Mulai tugas.")
        told = Idle("alone", gettext("BELUM"), line, act, "ring")
    elif not any(camera.state is CameraState.LIVE for camera in cameras):
        told = _blind(cameras)
    else:
        line = gettext("Arahkan label kotak ke kamera")
        told = Idle("ready", gettext("SIAP"), line, "", "frame")
    return told if may_work else replace(told, act="")


def _open_act(*, loading: bool) -> str:
    return (
        gettext("Buka surat jalan untuk mulai.")
        if loading
        else gettext("Terima kiriman untuk mulai.")
    )


def _complete(load: Load, *, loading: bool) -> Idle:
    n = dates.number(load.expected)
    if loading:
        line = gettext("Semua %(n)s kotak sudah dimuat.", n=n)
        act = gettext("Tekan F9 untuk menutup surat jalan.")
    else:
        line = gettext("Semua %(n)s kotak sudah diterima.", n=n)
        act = gettext("Tekan F9 untuk menutup penerimaan.")
    return Idle("complete", gettext("LENGKAP"), line, act, "go-square")


def _blind(cameras: Sequence[CameraHealth]) -> Idle:
    line = gettext("Kamera belum hidup. Kotak di depannya tidak terlihat.")
    if not cameras:
        line = gettext("Gerbang ini tanpa kamera.")
    elif all(camera.state is CameraState.ENDED for camera in cameras):
        line = gettext("Rekaman sudah habis. Tidak ada kamera yang melihat kotak.")
    act = gettext("Pakai pemindai genggam, atau F2 lalu ketik kode.")
    return Idle("blind", gettext("PINDAI"), line, act, "alert-triangle")
