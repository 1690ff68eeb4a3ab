"""The words of every enum member on the screen; a test proves that none lacks one.

The msgid is the Indonesian text itself (notes of the screens, section 4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from labels.label_code import ItemKind
from station.camera_frames import CameraState, Reader, ScanSource
from station.custody.entry_data.words import (
    AcknowledgeReason,
    Condition,
    LookedFor,
    TakeOff,
    Where,
    Wrong,
)
from station.model import Ballot, ClockState, Disposition, ItemState, Phase, Step
from station.roles import Act, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString


LOOKED_FOR: Mapping[LookedFor, LazyString] = {
    LookedFor.ON_SHELF: _l("Tidak di truk, ada di rak"),
    LookedFor.OTHER_TRUCK: _l("Tidak di truk ini, ada di truk lain"),
    LookedFor.OTHER: _l("Lain (tulis)"),
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


def act_reason(code: str) -> str:
    """The words of a reason in an acknowledging or unloading entry.

    What is no code was written by a person, and stays as it is.
    """
    if code in set(AcknowledgeReason) - {AcknowledgeReason.OTHER}:
        return str(ACKNOWLEDGE[AcknowledgeReason(code)]).lower()
    if code in set(TakeOff) - {TakeOff.OTHER}:
        return str(TAKE_OFF[TakeOff(code)]).lower()
    return str(_l("alasan lain")) if code == "other" else code
