"""The sentences of what went wrong, in Indonesian: what happened, what to do.

Pattern: [what happened]. [expected, got]. [do]. No blame, no numbers of errors.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

from labels.label_code import ItemId, expand
from labels.label_errors import LabelError, LabelFault
from station.custody.history.error_declaration import Wrong
from station.custody.labelling.print_errors import PrintError
from station.errors import OperationRefused, RefusalReason
from station.leg import Tier
from station.model import Disposition
from station.runtime.print_job_view import NotTakenError
from web.wording import dates, place_names, terms
from web.wording.gettext import gettext
from web.wording.label_words import PAPER, PRINTER
from web.wording.refusals import REFUSAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

    from station.errors import StationError


class Alarm(StrEnum):
    """What is wrong with the station itself.

    ``camera`` comes with a name, ``battery`` with its percent: ``battery:41``.
    """

    DISK = "disk"
    LEDGER = "ledger"
    LEDGER_CHECK = "ledger:check"
    LEDGER_OLD = "ledger:old"
    LEDGER_SLOW = "ledger:slow"
    CAMERA = "camera"
    BACKUP_MISSING = "backup:missing"
    BACKUP_FULL = "backup:full"
    BACKUP_FAILED = "backup:failed"
    BACKUP_OLD = "backup:old"
    HIGH_WATER = "high_water"
    SLEEP = "sleep"
    CLOCK_JUMP = "clock:jump"
    CLOCK_BACK = "clock:back"
    CLOCK_UNSET = "clock:unset"
    BATTERY = "battery"
    BATTERY_LOW = "battery_low"
    UNCLEAN = "unclean"
    UNCHECKED = "unchecked"
    WATCH = "watch"
    ERASING = "erasing"


ALARM: Mapping[Alarm, LazyString] = {
    Alarm.DISK: _l(
        "Disk hampir penuh. Pemindaian dihentikan. Kosongkan ruang disk, "
        "paling sedikit 200 MB."
    ),
    Alarm.LEDGER: _l(
        "Buku serah terima tidak dapat ditulis. Pemindaian dihentikan. "
        "Hubungi pengelola."
    ),
    Alarm.CAMERA: _l(
        "Kamera %(name)s terputus. Sedang dicoba lagi. "
        "Periksa kabel USB, atau pakai F2."
    ),
    Alarm.LEDGER_CHECK: _l(
        "Pemeriksaan menemukan catatan yang tidak utuh di buku serah terima. "
        "Pemindaian dihentikan. Simpan laptop ini apa adanya. Hubungi pengelola."
    ),
    Alarm.LEDGER_OLD: _l(
        "Buku serah terima ini bukan yang terbaru. Pemindaian dihentikan. "
        "Hubungi pengelola."
    ),
    Alarm.LEDGER_SLOW: _l(
        "Disk lambat. Pindaian terakhir belum dicatat. Tunggu sampai ada bunyi; bila "
        "lama, hubungi pengelola."
    ),
    Alarm.BACKUP_MISSING: _l(
        "Cadangan tidak dibuat. Flashdisk cadangan tidak terpasang. Pasang flashdisk."
    ),
    Alarm.BACKUP_FULL: _l(
        "Cadangan tidak dibuat. Flashdisk cadangan penuh. Pasang flashdisk lain."
    ),
    Alarm.BACKUP_FAILED: _l(
        "Cadangan gagal dibuat atau tidak utuh. Cadangan sebelumnya tetap ada. "
        "Pasang flashdisk lain."
    ),
    Alarm.BACKUP_OLD: _l(
        "Cadangan terakhir sudah lama. Periksa flashdisk cadangan, atau hubungi "
        "pengelola."
    ),
    Alarm.HIGH_WATER: _l(
        "Tanda batas buku serah terima tidak dapat ditulis. Pemindaian jalan terus. "
        "Pasang lagi flashdisknya, atau hubungi pengelola."
    ),
    Alarm.SLEEP: _l(
        "Laptop baru saja tertidur. Yang lewat selama itu tidak dipindai. "
        "Jangan tutup layar, dan periksa kotak yang baru lewat."
    ),
    Alarm.CLOCK_JUMP: _l(
        "Jam laptop baru saja melompat. Urutan catatan tetap benar. "
        "Periksa tanggal dan jam."
    ),
    Alarm.CLOCK_BACK: _l(
        "Jam laptop mundur. Urutan catatan tetap benar. Periksa tanggal dan jam."
    ),
    Alarm.CLOCK_UNSET: _l("Jam laptop belum disetel. Setel tanggal dan jam."),
    Alarm.BATTERY: _l(
        "Listrik putus. Laptop memakai baterai, tersisa %(name)s%%. "
        "Pasang pengisi daya."
    ),
    Alarm.BATTERY_LOW: _l(
        "Baterai hampir habis. Pemindaian dihentikan. Pasang pengisi daya; "
        "pemindaian lalu jalan sendiri."
    ),
    Alarm.UNCLEAN: _l(
        "Stasiun terakhir kali mati mendadak. Yang tercatat aman; seluruh buku serah "
        "terima sedang diperiksa."
    ),
    Alarm.UNCHECKED: _l(
        "Pemeriksaan seluruh buku serah terima terhenti sebelum selesai; belum "
        "diketahui apakah semuanya utuh. Dicoba lagi tiap beberapa menit. Bila tidak "
        "hilang, hubungi pengelola."
    ),
    Alarm.ERASING: _l(
        "Nama yang dihapus masih ada di berkas sementara, karena cadangan atau "
        "pemeriksaan sedang membacanya. Dihapus sendiri sesudah itu selesai."
    ),
    Alarm.WATCH: _l(
        "Penjagaan stasiun (cadangan, jam, baterai) terhenti. Sedang dicoba lagi. Bila "
        "tidak hilang, hubungi pengelola."
    ),
}

FAULT: Mapping[LabelFault, LazyString] = {
    LabelFault.LENGTH: _l(
        "Kode tidak lengkap. Seharusnya 11 huruf dan angka seperti 1771-B-0007K-R, "
        "tertulis %(got)s. Periksa kode di bawah QR."
    ),
    LabelFault.ALPHABET: _l(
        "Kode salah ketik. Hanya angka dan huruf tanpa tanda baca, tertulis %(got)s. "
        "Periksa kode di bawah QR."
    ),
    LabelFault.SCHEME: _l(
        "Bukan kode kita. Seharusnya diawali %(expected)s, tertulis %(got)s. "
        "Periksa kode di bawah QR."
    ),
    LabelFault.REGENCY: _l(
        "Kode salah ketik. Empat karakter pertama seharusnya angka, tertulis %(got)s. "
        "Periksa kode di bawah QR."
    ),
    LabelFault.KIND: _l(
        "Kode salah ketik. Huruf kelima seharusnya salah satu dari %(expected)s, "
        "tertulis %(got)s. Periksa kode di bawah QR."
    ),
    LabelFault.SERIAL: _l(
        "Kode salah ketik. Nomornya lima huruf atau angka tanpa U, tertulis %(got)s. "
        "Periksa kode di bawah QR."
    ),
    LabelFault.TAG: _l(
        "Kode label rusak. Seharusnya enam huruf atau angka, tertulis %(got)s. "
        "Pindai lagi."
    ),
    # Never tells the right one: whoever copied it would record another box.
    LabelFault.CHECK: _l(
        "Kode salah ketik. Huruf terakhir tidak cocok dengan yang lain. "
        "Periksa lagi seluruh kode di bawah QR."
    ),
    LabelFault.NUMBER: _l(
        "Nomor di luar batas. Seharusnya %(expected)s, tertulis %(got)s."
    ),
    LabelFault.ISSUE: _l(
        "Penerbitan salah. Seharusnya 1 atau lebih, tertulis %(got)s."
    ),
    LabelFault.KEY: _l("Kunci label salah. Seharusnya %(expected)s, terbaca %(got)s."),
    LabelFault.RANGE: _l(
        "Rentang kode salah. Seharusnya %(expected)s, tertulis %(got)s."
    ),
    LabelFault.SYMBOL: _l("QR gagal dibuat. Seharusnya %(expected)s, jadinya %(got)s."),
    LabelFault.COUNT: _l("Angka salah. Seharusnya %(expected)s, tertulis %(got)s."),
    LabelFault.RIGHT: _l(
        "Geseran ke kanan harus %(expected)s mm, tertulis %(got)s. "
        "Lebih dari itu label keluar dari kertas."
    ),
    LabelFault.UP: _l(
        "Geseran ke atas harus %(expected)s mm, tertulis %(got)s. "
        "Lebih dari itu label keluar dari kertas."
    ),
    LabelFault.BAR: _l("Jenis salah. Seharusnya %(expected)s, tertulis %(got)s."),
    LabelFault.MEASURE: _l(
        "Ukuran lembar salah. Seharusnya %(expected)s, ada %(got)s."
    ),
}

HTTP: Mapping[int, LazyString] = {
    400: _l(
        "Permintaan tidak lengkap. Halaman mungkin sudah lama terbuka. "
        "Muat ulang halaman, lalu ulangi."
    ),
    401: _l("Belum masuk, atau sesi sudah berakhir. Masuk lagi."),
    403: _l(
        "Tidak diizinkan. Peran Anda tidak mencakup ini. "
        "Minta rekan dengan peran yang sesuai."
    ),
    404: _l("Halaman tidak ada. Alamatnya tidak dikenal. Kembali ke gerbang."),
    405: _l("Halaman ini tidak dapat dibuka begitu. Kembali ke gerbang."),
    413: _l(
        "Kiriman terlalu besar. Berkas rencana paling besar 20 MB, foto 12 MB, isian "
        "lain 64 KB. "
        "Perkecil, lalu kirim lagi."
    ),
    429: _l("Terlalu sering. Terlalu banyak permintaan. Tunggu satu menit."),
    500: _l(
        "Stasiun gagal menjawab. Yang sudah tercatat tetap aman. "
        "Muat ulang halaman; bila berulang, hubungi pengelola."
    ),
}

HOST = _l("Alamat stasiun salah. Buka dengan 127.0.0.1 atau localhost.")
NO_SHIFT = _l(
    "Mulai tugas dulu. Belum ada yang bertugas di gerbang ini, jadi kamera tidak "
    "dicatat."
)
UNDECIDED = _l("Belum dicatat. Gerbang sedang ditahan. Selesaikan tahanan dulu.")
NO_CONDITION = _l("Belum dicatat. Kondisinya belum dipilih. Pilih salah satu.")
NO_LABEL = _l(
    "Foto tidak terbaca. Tidak ada QR di foto itu. "
    "Foto lagi lebih dekat, atau ketik kode di bawah QR."
)


def closing(facts: Mapping[str, Any]) -> list[str]:
    """What two people sign when a consignment is closed."""
    told = [
        gettext("Surat jalan %(number)s", number=facts["consignment"][2:]),
        gettext("%(n)s kotak dihitung", n=dates.number(facts["count"])),
    ]
    if facts["missing"]:
        missing = dates.number(facts["missing"])
        told.append(
            gettext("Kurang %(n)s: %(reason)s", n=missing, reason=facts["reason"])
        )
    for disposition, items in facts["dispositions"].items():
        told.append(
            gettext(
                "%(what)s: %(n)s",
                what=terms.DISPOSITION[Disposition(disposition)],
                n=dates.number(len(list(expand(items)))),
            )
        )
    return told


def missing_forms(names: list[str]) -> str:
    """That numbered paper forms did not come back."""
    return gettext(
        "Formulir hilang: %(list)s. Cari kertasnya, lalu isi atau nyatakan tidak "
        "dipakai.",
        list=", ".join(names),
    )


def cancelling(facts: Mapping[str, Any]) -> list[str]:
    """What two people sign when a consignment is cancelled."""
    return [
        gettext("Surat jalan %(number)s", number=facts["consignment"][2:]),
        gettext("%(n)s kotak kembali ke tempat asal", n=dates.number(facts["count"])),
        f"“{facts['reason']}”",
    ]


def retracting(facts: Mapping[str, Any]) -> list[str]:
    """What two people sign when an arrival is taken back."""
    return [
        gettext("Surat jalan %(number)s", number=facts["consignment"][2:]),
        gettext("Belum tiba: kembali menjadi \u201cdalam perjalanan\u201d"),
        f"“{facts['reason']}”",
    ]


def found(facts: Mapping[str, Any]) -> list[str]:
    """What two people sign when a box turned up after the closing."""
    item = ItemId.parse(facts["item"]).as_hri()
    return [
        gettext("Surat jalan %(number)s", number=facts["consignment"][2:]),
        f"{item}: {terms.FOUND[facts['where']]} ({place_names.TIER[facts['at']]})",
        f"“{facts['reason']}”",
    ]


def trip(facts: Mapping[str, Any], zone: str) -> list[str]:
    """What two people sign when what was told of a trip is put right."""
    return [
        gettext("Surat jalan %(number)s", number=facts["consignment"][2:]),
        *(f"{name}: {value}" for name, value in told_trip(facts["trip"], zone)),
        *(
            gettext("%(part)s: dihapus", part=terms.TRIP[part])
            for part in facts["gone"]
        ),
        f"“{facts['reason']}”",
    ]


def told_trip(trip: Mapping[str, Any], zone: str) -> list[tuple[str, str]]:
    """The parts of a trip that were told, each with its name."""
    said = []
    for part, name in terms.TRIP.items():
        value = trip.get(part)
        if value is None:
            continue
        if part.endswith("_ms"):
            value = f"{dates.date(value, zone)} {dates.clock(value, zone)[:5]} {zone}"
        elif isinstance(value, bool):
            value = gettext("Ada") if value else gettext("Tidak ada")
        said.append((str(name), str(value)))
    return said


def correcting(facts: Mapping[str, Any]) -> list[str]:
    """What two people sign when an entry is declared wrong."""
    return [
        gettext("Koreksi atas entri %(n)s", n=dates.number(facts["corrects"])),
        str(terms.WRONG[Wrong(facts["reason"])]),
        f"“{facts['note']}”",
    ]


def voiding(facts: Mapping[str, Any]) -> list[str]:
    """What two people sign when a label is taken out of use."""
    return [
        ItemId.parse(facts["item"]).as_hri(),
        gettext("Label ini mati untuk selamanya, dan barangnya tidak dikirim lagi."),
        f"“{facts['reason']}”",
    ]


def of_error(error: StationError | LabelError) -> str:
    """The sentence for an error that the station or a label gave."""
    if isinstance(error, LabelError):
        got = error.got.strip("'")
        return str(FAULT[error.fault]) % {"expected": error.expected, "got": got}
    if isinstance(error, OperationRefused):
        return str(REFUSAL[error.code]) % _filling(error)
    if isinstance(error, PrintError):
        return str(PAPER[error.code]) % error.facts
    if isinstance(error, NotTakenError):
        return str(PRINTER[error.error.state]) % {"target": error.error.target}
    # Set-up faults have no words here: the station's own sentence, better than none.
    return gettext("Tidak dapat dilakukan. %(detail)s", detail=str(error))


def _filling(refusal: OperationRefused) -> dict[str, str | int]:
    """What a refusal's sentence is filled with; a place in its words, as ``to``."""
    facts = dict(refusal.facts)
    if refusal.code is RefusalReason.WRONG_PLACE:
        tier = Tier(str(facts["tier"]))
        facts["to"] = place_names.named(tier, str(facts["place"]), str(facts["name"]))
    return facts


def of_alarm(code: str) -> str:
    """The sentence for an alarm such as ``disk`` or ``camera:kamera-1``."""
    kind, _, name = code.partition(":")
    if code in set(Alarm):
        kind = code
    if kind not in set(Alarm):
        return gettext(
            "Ada yang salah di stasiun: %(code)s. Hubungi pengelola.", code=code
        )
    return str(ALARM[Alarm(kind)]) % {"name": name}
