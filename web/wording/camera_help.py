"""Setting a camera up: the words and figures of the help on the gate's page.

The judgement is ``station/camera_advice.py``'s; here are its words, and its figures
as the page gets them with each picture.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

from labels import stocks
from station.camera_advice import Advice, Gauge, Grade, advice, readings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

    from station.runtime.hub import Picture

ADVICE: Mapping[Advice, LazyString] = {
    Advice.SHOW: _l("Tunjukkan label"),
    Advice.CLOSER: _l("Lebih dekat"),
    Advice.LIGHT: _l("Tambah cahaya"),
    Advice.GLARE: _l("Kurangi silau"),
    Advice.FOCUS: _l("Atur fokus"),
    Advice.SLOWER: _l("Lebih pelan"),
    Advice.RATE: _l("Gambar tersendat"),
    Advice.FINE: _l("Kamera baik"),
}

HOW: Mapping[Advice, LazyString] = {
    Advice.SHOW: _l("Pegang label uji di tempat kotak akan lewat."),
    Advice.CLOSER: _l("Dekatkan kamera, atau pakai label yang lebih besar."),
    Advice.LIGHT: _l("Arahkan lampu ke label, bukan ke kamera."),
    Advice.GLARE: _l("Miringkan label atau geser lampu; luruskan plastik."),
    Advice.FOCUS: _l("Lap lensa, lalu putar cincin fokus sampai tajam."),
    Advice.SLOWER: _l("Jalankan kotak lebih pelan, atau tambah cahaya."),
    Advice.RATE: _l("Periksa kabel USB dan cahaya; tutup program lain."),
    Advice.FINE: _l("Label terbaca pada jarak, cahaya dan gerak ini."),
}
"""What to do, one line under the advice."""

GAUGE: Mapping[Gauge, LazyString] = {
    Gauge.SIZE: _l("Ukuran"),
    Gauge.LIGHT: _l("Cahaya"),
    Gauge.FOCUS: _l("Fokus"),
    Gauge.MOTION: _l("Gerak"),
    Gauge.RATE: _l("Gambar"),
}

UNIT: Mapping[Gauge, LazyString] = {
    Gauge.SIZE: _l("px"),
    Gauge.LIGHT: _l("%"),
    Gauge.RATE: _l("/dtk"),
}
"""Pixels a module, percent, a second; blur and smear in modules, without a unit."""

GRADE: Mapping[tuple[Gauge, Grade], LazyString] = {
    (Gauge.SIZE, Grade.GOOD): _l("Cukup besar"),
    (Gauge.SIZE, Grade.FAIR): _l("Agak kecil"),
    (Gauge.SIZE, Grade.BAD): _l("Terlalu kecil"),
    (Gauge.LIGHT, Grade.GOOD): _l("Cukup terang"),
    (Gauge.LIGHT, Grade.FAIR): _l("Agak gelap"),
    (Gauge.LIGHT, Grade.BAD): _l("Terlalu gelap"),
    (Gauge.FOCUS, Grade.GOOD): _l("Fokus baik"),
    (Gauge.FOCUS, Grade.FAIR): _l("Kurang fokus"),
    (Gauge.FOCUS, Grade.BAD): _l("Tidak fokus"),
    (Gauge.MOTION, Grade.GOOD): _l("Cukup pelan"),
    (Gauge.MOTION, Grade.FAIR): _l("Agak cepat"),
    (Gauge.MOTION, Grade.BAD): _l("Terlalu cepat"),
    (Gauge.RATE, Grade.GOOD): _l("Lancar"),
    (Gauge.RATE, Grade.FAIR): _l("Agak lambat"),
    (Gauge.RATE, Grade.BAD): _l("Tersendat"),
}

LABEL_MM = round(stocks.A4_4.layout.spot.side_mm)
"""Side of the symbol on the label for which distances are shown."""


def words(table: Mapping[Advice, LazyString]) -> dict[str, str]:
    """A table of words for the page's script."""
    return {key.value: str(text) for key, text in table.items()}


def grades(gauge: Gauge) -> dict[str, str]:
    """The words of one gauge's grades."""
    return {grade.value: str(GRADE[gauge, grade]) for grade in Grade}


def figures(picture: Picture, asked_fps: float) -> str:
    """A picture's sight as JSON, or nothing where none was measured.

    ``camera``; ``gauges``: name, value or null, grade, share of a full bar;
    ``advice``; ``far_m``: about how far the label is, how far it may be to be read
    well, and at all, for the largest stock and a usual lens; ``tried``: frames of
    the test label read, frames, ended, good; or null.

    Args:
        picture: the newest of a gate.
        asked_fps: what its camera was asked for.
    """
    sight = picture.sight
    if sight is None:
        return ""
    gauges = readings(sight, picture.fps, asked_fps)
    px = None if sight.label is None else sight.label.px_per_module
    told: dict[str, Any] = {
        "camera": picture.camera,
        "gauges": [[g.gauge, g.value, g.grade, round(g.share, 3)] for g in gauges],
        "advice": advice(gauges, sight),
        "far_m": [
            None if not px else _reach(picture.width, px),
            _reach(picture.width, stocks.COMFORTABLE_PX),
            _reach(picture.width, stocks.LEAST_PX),
        ],
        "tried": None,
    }
    if picture.tried is not None:
        tried = picture.tried
        told["tried"] = [tried.read, tried.frames, tried.ended, tried.good]
    return json.dumps(told, separators=(",", ":"))


def _reach(width: int, px: float) -> float:
    module_mm = stocks.A4_4.layout.spot.module_mm
    return round(stocks.reach_m(module_mm, width, px), 2)
