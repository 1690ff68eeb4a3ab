"""The words of every enum member on the screen; a test proves that none lacks one.

The msgid is the Indonesian text itself (notes of the screens, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from labels.label_code import ItemKind
from station.custody.consignment.after_closing import Where
from station.custody.gate.seals_and_condition import Condition
from station.custody.history.error_declaration import Wrong
from station.model import (
    Act,
    Ballot,
    CameraState,
    ClockState,
    Disposition,
    EntryType,
    ItemState,
    Phase,
    Reader,
    Reason,
    Role,
    ScanSource,
    Step,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

    from station.model import Draft


@dataclass(frozen=True, slots=True)
class VerdictWords:
    """How a gate tells of one verdict."""

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


class AcknowledgeReason(StrEnum):
    """What was done with a held box; the reason in the acknowledging entry."""

    SET_ASIDE = "set_aside"
    MOVED = "moved"
    MISLABELLED = "mislabelled"
    OTHER = "other"
    """The note tells."""


class TakeOff(StrEnum):
    """Why a box was taken off the truck again."""

    WRONG_TRUCK = "wrong_truck"
    DAMAGED = "damaged"
    TRUCK_CHANGED = "truck_changed"
    OTHER = "other"
    """The note tells."""


class LookedFor(StrEnum):
    """What became of a box that passed a gate undecided and is not brought back."""

    ON_SHELF = "on_shelf"
    OTHER_TRUCK = "other_truck"
    OTHER = "other"
    """The note tells."""


LOOKED_FOR: Mapping[LookedFor, LazyString] = {
    LookedFor.ON_SHELF: _l("Tidak di truk, ada di rak"),
    LookedFor.OTHER_TRUCK: _l("Tidak di truk ini, ada di truk lain"),
    LookedFor.OTHER: _l("Lain (tulis)"),
}


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

ACKNOWLEDGE: Mapping[AcknowledgeReason, LazyString] = {
    AcknowledgeReason.SET_ASIDE: _l("Dipisahkan ke area tahan"),
    AcknowledgeReason.MOVED: _l("Dipindah ke truk yang benar"),
    AcknowledgeReason.MISLABELLED: _l("Label salah tempel"),
    AcknowledgeReason.OTHER: _l("Alasan lain (tulis)"),
}

TAKE_OFF: Mapping[TakeOff, LazyString] = {
    TakeOff.WRONG_TRUCK: _l("Salah muat"),
    TakeOff.DAMAGED: _l("Rusak atau basah"),
    TakeOff.TRUCK_CHANGED: _l("Ganti truk"),
    TakeOff.OTHER: _l("Alasan lain (tulis)"),
}

BALLOT: Mapping[Ballot, LazyString] = {
    Ballot.PPWP: _l("PPWP"),
    Ballot.DPR: _l("DPR"),
    Ballot.DPD: _l("DPD"),
    Ballot.DPRD_PROV: _l("DPRD Provinsi"),
    Ballot.DPRD_KOTA: _l("DPRD Kab/Kota"),
    Ballot.PILGUB: _l("Gubernur"),
    Ballot.PILBUP: _l("Bupati"),
    Ballot.PILWALI: _l("Wali Kota"),
}
"""The words of the labels (``printing.BALLOT_WORDS``), for the catalogue to find."""

KIND: Mapping[ItemKind, LazyString] = {
    ItemKind.BOX: _l("Kotak"),
    ItemKind.BUNDLE: _l("Ikat"),
    ItemKind.CARTON: _l("Dus"),
    ItemKind.ENVELOPE: _l("Sampul"),
    ItemKind.CONTAINER: _l("Wadah"),
    ItemKind.SEAL: _l("Barang"),
}

STEP: Mapping[Step, LazyString] = {
    # What the gate does, and never the words for signing in and out.
    Step.LOADING: _lp("gerbang", "Muat"),
    Step.ACCEPTING: _lp("gerbang", "Terima"),
}

PHASE: Mapping[Phase, LazyString] = {
    Phase.LOADING: _l("Sedang dimuat"),
    Phase.DEPARTED: _l("Dalam perjalanan"),
    Phase.ARRIVING: _l("Sedang diterima"),
    Phase.ACCEPTED: _l("Selesai"),
    Phase.CANCELLED: _lp("surat jalan", "Dibatalkan"),
}

CONSIGNMENT: Mapping[str, LazyString] = {
    "open": _l("Surat jalan dibuka"),
    "draft": _l("Truk direncanakan"),
    "undraft": _l("Rencana truk dihapus"),
    "trip": _l("Perjalanan dicatat"),
    "accepted": _l("Penerimaan ditutup"),
    "cancel": _l("Surat jalan dibatalkan"),
    "found": _l("Kotak susulan dicatat"),
    "retract": _l("Kedatangan ditarik kembali"),
}
"""What an entry did to a consignment, by its ``action``."""

FOUND: Mapping[Where, LazyString] = {
    Where.ARRIVED: _l("ada di tujuan, diterima menyusul"),
    Where.SOURCE: _l("ada di tempat asal"),
}
"""Where a box turned up after its consignment was closed without it."""

CONDITION: Mapping[Condition, LazyString] = {
    Condition.GOOD: _l("Baik"),
    Condition.WET: _l("Basah"),
    Condition.TORN_WRAP: _l("Plastik robek"),
    Condition.SEAL_BROKEN: _l("Segel rusak"),
    Condition.DAMAGED: _lp("kondisi kotak", "Rusak"),
}

LISTED: Mapping[str, LazyString] = {
    **CONSIGNMENT,
    "open": _l("Masuk daftar surat jalan"),
    "cancel": _l("Surat jalan dibatalkan, kotak kembali ke tempat asal"),
}
"""The same as an item's own history tells it."""

CAME: Mapping[str, LazyString] = {
    "waiting": _l("Belum dimuat"),
    "loaded": _l("Di truk"),
    "left": _l("Tidak ikut"),
    "departed": _l("Di jalan"),
    "accepted": _l("Diterima"),
    "lost": _l("Berangkat, tidak diterima"),
    "back": _l("Ditemukan di tempat asal"),
}
"""How far an item came with a consignment."""

DISPOSITION: Mapping[Disposition, LazyString] = {
    Disposition.STAYS: _l("Tinggal di tempat"),
    Disposition.NOT_READY: _l("Belum siap"),
    Disposition.DAMAGED: _l("Rusak"),
    Disposition.LOST: _l("Hilang"),
}

CAMERA: Mapping[CameraState, LazyString] = {
    CameraState.OPENING: _l("Kamera dibuka"),
    CameraState.LIVE: _l("Kamera hidup"),
    CameraState.LOST: _l("Kamera terputus"),
    CameraState.ENDED: _l("Rekaman habis"),
    CameraState.STOPPED: _l("Kamera mati"),
}

ITEM_STATE: Mapping[ItemState, LazyString] = {
    ItemState.REGISTERED: _l("Belum dimuat"),
    ItemState.LOADED: _l("Di truk ke %(destination)s, belum berangkat"),
    ItemState.DEPARTED: _l("Dalam perjalanan ke %(destination)s"),
    ItemState.ACCEPTED: _l("Di %(place)s"),
}

ENTRY: Mapping[EntryType, LazyString] = {
    EntryType.COMMISSIONING: _l("Label diterbitkan"),
    EntryType.DECOMMISSIONING: _l("Label dimatikan"),
    EntryType.PACKING: _l("Dikemas"),
    EntryType.LOADING: _l("Dimuat ke truk tujuan %(to)s"),
    EntryType.UNLOADING: _l("Diturunkan"),
    EntryType.DEPARTING: _l("Berangkat ke %(to)s"),
    EntryType.ARRIVING: _l("Kiriman tiba"),
    EntryType.ACCEPTING: _l("Tiba di %(at)s"),
    EntryType.INSPECTING: _l("Tahanan diakui"),
    EntryType.REFUSED: _l("Ditahan"),
    EntryType.CONSIGNMENT: _l("Surat jalan"),
    EntryType.ERROR_DECLARATION: _l("Koreksi atas entri %(n)s"),
    EntryType.REGISTRY: _l("Didaftarkan"),
    EntryType.SYSTEM: _l("Catatan stasiun"),
}

EVENT: Mapping[EntryType, LazyString] = {
    **ENTRY,
    EntryType.LOADING: _l("Dimuat"),
    EntryType.DEPARTING: _l("Berangkat"),
    EntryType.ACCEPTING: _l("Tiba"),
    EntryType.ERROR_DECLARATION: _l("Koreksi"),
}
"""The same in one word, where no place is told."""

SOURCE: Mapping[ScanSource, LazyString] = {
    ScanSource.CAMERA: _l("kamera"),
    ScanSource.HANDHELD: _l("pemindai genggam"),
    ScanSource.TYPED: _l("kode diketik"),
    ScanSource.PHOTO: _l("foto"),
    ScanSource.STREAM: _l("kamera jaringan"),
    ScanSource.PAPER: _l("formulir kertas"),
}

READER: Mapping[Reader, LazyString] = {
    Reader.ZXING: _l("pembaca pertama"),
    Reader.ZXING_CROP: _l("pembaca pertama, diperbesar"),
    Reader.ZBAR: _l("pembaca kedua"),
}

CLOCK: Mapping[ClockState, LazyString] = {
    ClockState.OK: _l("Jam wajar"),
    ClockState.BACK: _l("Jam stasiun mundur"),
    ClockState.JUMP: _l("Jam stasiun melompat"),
    ClockState.UNSET: _l("Jam stasiun belum disetel"),
}


ROLE: Mapping[Role, LazyString] = {
    Role.OPERATOR: _l("Petugas gudang"),
    Role.PACKER: _l("Pengemas"),
    Role.RECEIVER: _l("Penerima PPK"),
    Role.SUPERVISOR: _l("Penyelia"),
    Role.OBSERVER: _l("Pengawas"),
    Role.ADMINISTRATOR: _l("Pengelola"),
}

ROLE_MEANS: Mapping[Role, LazyString] = {
    Role.OPERATOR: _l("Bekerja di gerbang gudang, membuka dan menutup surat jalan."),
    Role.PACKER: _l("Mengemas kotak, dan menjadi orang kedua di gudang."),
    Role.RECEIVER: _l(
        "Bekerja di gerbang PPK, PPS dan KPPS: menerima, meneruskan, mengembalikan."
    ),
    Role.SUPERVISOR: _l("Boleh bekerja di semua gerbang, dan menandatangani ralat."),
    Role.OBSERVER: _l(
        "Bawaslu, Panwascam, saksi: hanya membaca, tanpa nama orang dan tanpa gambar "
        "kamera."
    ),
    Role.ADMINISTRATOR: _l("Mengurus akun dan laptop; tidak ikut serah terima."),
}

ACT: Mapping[Act, LazyString] = {
    Act.DEPART: _l("Tutup surat jalan"),
    Act.COMPLETE: _l("Tutup penerimaan"),
    Act.CORRECT: _l("Ralat entri"),
    Act.CORRECT_TRIP: _l("Ralat perjalanan"),
    Act.CANCEL: _l("Batalkan surat jalan"),
    Act.RETRACT: _l("Tarik kedatangan"),
    Act.FOUND: _l("Catat kotak susulan"),
    Act.VOID: _l("Batalkan label"),
}

TRIP: Mapping[str, LazyString] = {
    "vehicle": _l("Pelat truk"),
    "driver": _l("Pengemudi"),
    "carrier": _l("Pengangkut"),
    "escort_unit": _l("Satuan pengawal"),
    "escort": _l("Pengawal"),
    "supervisor_unit": _l("Pengawas dari"),
    "supervisor": _l("Nama pengawas"),
    "door_seal": _l("Segel pintu truk"),
    "key_holder": _l("Pemegang kunci"),
    "leaves_ms": _l("Rencana berangkat"),
    "arrives_ms": _l("Rencana tiba"),
    "weather": _l("Cuaca"),
    "rain_cover": _l("Pelindung hujan"),
}
"""The parts of a trip, by the field names of ``custody.trip.Trip``."""

WRONG: Mapping[Wrong, LazyString] = {
    Wrong.DID_NOT_OCCUR: _l("Tidak terjadi"),
    Wrong.INCORRECT_DATA: _l("Data keliru"),
}


def of_consignment(draft: Draft) -> LazyString | None:
    """What an entry did to the consignment that it is about; None: it is another."""
    cancels = draft.data.get("action") == "cancel"
    if draft.type is not EntryType.CONSIGNMENT and not cancels:
        return None
    return LISTED.get(str(draft.data.get("action", "")))


def event(draft: Draft) -> str:
    """What an entry tells of an item, where no place is told."""
    if draft.data.get("action") == "condition":
        return str(_l("Kondisi dicatat"))
    return str(of_consignment(draft) or EVENT[draft.type])


def act_reason(code: str) -> str:
    """The words of a reason in an acknowledging or unloading entry.

    What is no code was written by a person, and stays as it is.
    """
    if code in set(AcknowledgeReason) - {AcknowledgeReason.OTHER}:
        return str(ACKNOWLEDGE[AcknowledgeReason(code)]).lower()
    if code in set(TakeOff) - {TakeOff.OTHER}:
        return str(TAKE_OFF[TakeOff(code)]).lower()
    return str(_l("alasan lain")) if code == "other" else code
