"""The words of each verdict on the gate's screen: giant word, line and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from station.model import (
    Reason,
    Step,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString


@dataclass(frozen=True, slots=True)
class VerdictWords:
    """How a gate shows one verdict."""

    word: LazyString
    """What it is, in lists and on the camera picture."""
    giant: Mapping[Step, LazyString]
    """What to do, readable at 5 m; by what the gate does."""
    line: Mapping[Step, LazyString]
    """Second line: the reason of a hold, else what goes on."""
    shape: str
    """Name of the drawing in ``templates/shapes.html``."""
    badge: str = ""
    """The sign before a hold's reason."""


def _both(text: LazyString) -> Mapping[Step, LazyString]:
    return {Step.LOADING: text, Step.ACCEPTING: text}


def _hold(
    word: LazyString, out: LazyString, badge: str, inward: LazyString | None = None
) -> VerdictWords:
    line = {Step.LOADING: out, Step.ACCEPTING: inward or out}
    return VerdictWords(word, _both(_l("TAHAN")), line, "stop-octagon", badge)


VERDICT: Mapping[Verdict, VerdictWords] = {
    Verdict.ACCEPTED: VerdictWords(
        _l("Sesuai"),
        {Step.LOADING: _l("MUAT"), Step.ACCEPTING: _l("TERIMA")},
        {
            Step.LOADING: _l("Truk %(vehicle)s ke %(destination)s"),
            Step.ACCEPTING: _l("Kotak ke-%(n)s dari %(all)s"),
        },
        "go-square",
    ),
    Verdict.REPEATED: VerdictWords(
        _l("Sudah"),
        _both(_l("SUDAH")),
        _both(_l("Tidak dihitung lagi. Lanjut.")),
        "twice-circle",
    ),
    Verdict.MISROUTED: _hold(
        _l("Salah tujuan"),
        _l("SALAH TUJUAN. Jangan dimuat."),
        "≠",
        _l("SALAH TUJUAN. Pisahkan."),
    ),
    Verdict.UNEXPECTED: _hold(
        _l("Di luar daftar"), _l("DI LUAR DAFTAR. Pisahkan."), "+"
    ),
    Verdict.OUT_OF_SEQUENCE: _hold(
        _l("Urutan salah"), _l("URUTAN SALAH. Pisahkan."), "↕"
    ),
    Verdict.SUPERSEDED: _hold(
        _l("Label lama"), _l("LABEL LAMA. Cari label baru."), "v1"
    ),
    Verdict.UNKNOWN: _hold(
        _l("Tidak terdaftar"), _l("TIDAK TERDAFTAR. Pisahkan."), "∅"
    ),
    Verdict.FOREIGN: VerdictWords(
        _l("Bukan label kita"),
        _both(_l("BUKAN LABEL KITA")),
        _both(_l("Bukan label KPU %(city)s. Diabaikan.")),
        "bar-diamond",
    ),
    Verdict.UNREAD: VerdictWords(
        _l("Tidak terbaca"),
        _both(_l("DEKATKAN")),
        _both(_l("Label terlihat, belum terbaca")),
        "ask-triangle",
    ),
}


REASON: Mapping[Reason, LazyString] = {
    Reason.CHECK: _l("Kode pada label ini tidak utuh atau salah cetak."),
    Reason.TAG: _l("%(code)s benar bentuknya, tetapi label ini bukan terbitan kita."),
    Reason.NOT_REGISTERED: _l(
        "%(code)s benar bentuknya, tetapi tidak ada di stasiun ini."
    ),
    Reason.REPRINTED: _l("Label ini sudah dicetak ulang. Label lama mati."),
    Reason.VOIDED: _l("%(thing)s ini sudah dibatalkan."),
    Reason.OTHER_REGENCY: _l("%(thing)s ini milik kabupaten atau kota lain."),
    Reason.OTHER_AREA: _l("%(thing)s ini milik tempat lain."),
    Reason.OTHER_CONSIGNMENT: _l("%(thing)s ini ada di surat jalan lain."),
    Reason.OTHER_KIND: _l("Jenis %(kind)s tidak ada di surat jalan ini."),
    Reason.BELONGS_IN_BOX: _l(
        "Ikat ini milik kotak %(box)s. Masukkan ke kotaknya, jangan dimuat lepas."
    ),
    Reason.NOT_ON_LIST: _l("%(thing)s ini tidak ada di surat jalan ini."),
    Reason.LOADED_ELSEWHERE: _l("%(thing)s ini sudah dimuat di truk lain."),
    Reason.DEPARTED_ALREADY: _l("%(thing)s ini sudah berangkat."),
    Reason.ACCEPTED_ALREADY: _l("%(thing)s ini sudah diterima."),
    Reason.NOT_ARRIVED: _l("Kedatangan %(thing)s ini di sini belum tercatat."),
    Reason.NOT_DEPARTED: _l("Keberangkatan %(thing)s ini belum tercatat."),
}
