"""The sentences of the alarm bar: what is wrong with the station."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from web.wording.gettext import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString


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


def missing_forms(names: list[str]) -> str:
    """That numbered paper forms did not come back."""
    return gettext(
        "Formulir hilang: %(list)s. Cari kertasnya, lalu isi atau nyatakan tidak "
        "dipakai.",
        list=", ".join(names),
    )


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
