"""The words about labels, printers and plans, in Indonesian; tests prove them total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from labels.label_errors import LabelFault
from labels.printing.send_job import PrinterState
from station.custody.labelling.print_errors import PrintObstacle
from station.intake.header_recognition import TableKind
from station.intake.problem import Weight
from station.runtime.plan_imports import ImportStage as PlanStage
from station.runtime.print_job_view import PrintStage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString
if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString


PAPER: Mapping[PrintObstacle, LazyString] = {
    PrintObstacle.NOTHING_FITS: _l(
        "Belum ada yang dicetak. Tidak ada label yang cocok. "
        "Catat rencana dulu, atau pilih yang lain."
    ),
    PrintObstacle.ALL_PRINTED: _l(
        "Belum ada yang dicetak. Semua label yang cocok sudah pernah dicetak. "
        "Pilih yang lain, atau cetak ulang dengan alasan."
    ),
    PrintObstacle.PRINTED: _l(
        "Belum dicetak. %(n)s label sudah pernah dicetak, antara lain %(label)s. "
        "Cetak yang belum dicetak saja, atau cetak ulang dengan alasan."
    ),
    PrintObstacle.AREA_FORM: _l(
        "Belum ada yang dicetak. Wilayah %(got)s tidak dikenali. "
        "Pilih wilayah dari daftar."
    ),
    PrintObstacle.TPS_FORM: _l(
        "Belum ada yang dicetak. Nomor TPS harus 1 sampai 999, tertulis %(got)s. "
        "Perbaiki nomornya."
    ),
    PrintObstacle.ITEM_FORM: _l(
        "Belum dilakukan. %(got)s bukan nomor barang. Tulis seperti 1771-B-0007K."
    ),
    PrintObstacle.NO_STOCK: _l(
        "Belum ada yang dicetak. Kertas itu tidak dikenal stasiun ini. "
        "Pilih dari daftar."
    ),
    PrintObstacle.NO_JOB: _l(
        "Cetakan itu tidak ada di buku serah terima. Pilih dari daftar cetakan."
    ),
    PrintObstacle.NO_PAGE: _l(
        "Cetakan itu tidak punya halaman %(page)s yang masih berlaku. "
        "Pilih halaman lain."
    ),
    PrintObstacle.UNREAD: _l(
        "Tidak ada yang dicetak. Label %(label)s di halaman %(page)s tidak terbaca "
        "kembali. Pilih kertas dengan label lebih besar, atau ubah geseran pencetak; "
        "bila berulang, hubungi pengelola."
    ),
    PrintObstacle.STRANGE: _l(
        "Tidak ada yang dicetak. Di halaman %(page)s terbaca kode yang tidak digambar. "
        "Hubungi pengelola."
    ),
    PrintObstacle.CHANGED: _l(
        "Belum dicetak. Label %(label)s sudah dicetak ulang atau dibatalkan sesudah "
        "cetakan ini disiapkan. Siapkan cetakan lagi."
    ),
    PrintObstacle.NO_REASON: _l("Belum dilakukan. Alasan belum diisi. Isi alasannya."),
    PrintObstacle.NOT_STANDING: _l(
        "Belum dilakukan. %(item)s tidak terdaftar di stasiun ini, atau sudah "
        "dibatalkan. Periksa riwayatnya."
    ),
    PrintObstacle.OLD_LABEL: _l(
        "Belum dilakukan. Label %(label)s ini bukan label yang berlaku. "
        "Pindai label yang baru."
    ),
    PrintObstacle.ON_ITS_WAY: _l(
        "Belum dibatalkan. %(label)s sudah dimuat atau dikirim. "
        "Turunkan dulu, atau cetak ulang labelnya."
    ),
    PrintObstacle.TEXT_FORM: _l(
        "Belum ditautkan. Isi QR harus 1 sampai %(most)s huruf. "
        "Pindai QR SILOG sekali lagi."
    ),
    PrintObstacle.TEXT_OURS: _l(
        "Belum ditautkan. Itu label kita sendiri. Pindai QR SILOG."
    ),
    PrintObstacle.LINKED: _l(
        "Belum ditautkan. QR atau kotak ini sudah punya tautan (%(item)s). "
        "Periksa riwayatnya."
    ),
}

PRINTER: Mapping[PrinterState, LazyString] = {
    PrinterState.ADDRESS: _l(
        "Cetak gagal. Alamat pencetak tidak dikenali: %(target)s. Tulis alamat seperti "
        "192.168.1.9, cups:NAMA, atau windows:NAMA."
    ),
    PrinterState.OFFLINE: _l(
        "Cetak gagal. Pencetak %(target)s tidak menjawab. Nyalakan pencetak, periksa "
        "kabel dan alamatnya, lalu tekan Cetak lagi."
    ),
    PrinterState.REFUSED: _l(
        "Cetak gagal. Mesin %(target)s ada, tetapi tidak menerima cetakan. Periksa "
        "alamatnya, nyalakan cetak langsung (port 9100), lalu tekan Cetak lagi."
    ),
    PrinterState.STALLED: _l(
        "Cetak gagal. Pencetak %(target)s berhenti di tengah. Periksa kertas, pita, "
        "dan lampunya, buang label yang telanjur keluar, lalu tekan Cetak lagi."
    ),
    PrinterState.CLOSED: _l(
        "Cetak gagal. Pencetak %(target)s memutus sambungan. Periksa lampu dan "
        "jaringannya, buang label yang telanjur keluar, lalu tekan Cetak lagi."
    ),
    PrinterState.PAPER: _l(
        "Cetak gagal. Kertas label di %(target)s habis. Pasang label, tekan feed, lalu "
        "tekan Cetak lagi."
    ),
    PrinterState.RIBBON: _l(
        "Cetak gagal. Pita di %(target)s habis. Pasang pita, lalu tekan Cetak lagi."
    ),
    PrinterState.HEAD: _l(
        "Cetak gagal. Kepala cetak %(target)s terbuka. Tutup, lalu tekan Cetak lagi."
    ),
    PrinterState.PAUSED: _l(
        "Cetak gagal. Pencetak %(target)s sedang dijeda. Tekan pause di pencetak, lalu "
        "tekan Cetak lagi."
    ),
    PrinterState.QUEUE: _l(
        "Cetak gagal. Antrean cetak %(target)s menolak. Periksa antrean di laptop ini, "
        "lalu tekan Cetak lagi."
    ),
    PrinterState.MISSING: _l(
        "Cetak gagal. Laptop ini tidak punya cara cetak itu (%(target)s). Pilih cara "
        "lain, atau unduh berkasnya."
    ),
    PrinterState.FILE: _l(
        "Cetak gagal. Berkas %(target)s tidak dapat ditulis. Unduh berkasnya."
    ),
}

STAGE: Mapping[PrintStage, LazyString] = {
    PrintStage.PREPARING: _l("Sedang disiapkan"),
    PrintStage.READY: _l("Siap dicetak"),
    PrintStage.SENDING: _l("Sedang dikirim ke pencetak"),
    PrintStage.DONE: _l("Selesai, sudah tercatat"),
    PrintStage.FAILED: _l("Tidak dapat dicetak"),
}

PLAN_STAGE: Mapping[PlanStage, LazyString] = {
    PlanStage.READING: _l("Sedang dibaca"),
    PlanStage.SHOWN: _l("Belum dicatat"),
    PlanStage.RECORDING: _l("Sedang dicatat"),
    PlanStage.RECORDED: _l("Sudah dicatat"),
    PlanStage.UNREADABLE: _l("Tidak dapat dibaca"),
}

STEP: Mapping[str, LazyString] = {
    "": _l("Mulai"),
    "draw": _l("Label digambar"),
    "verify": _l("QR dibaca kembali"),
    "read": _l("Berkas dibaca"),
    "compare": _l("Dibandingkan dengan yang terdaftar"),
    "record": _l("Kotak dicatat"),
}
"""The state of a background task."""

WEIGHT: Mapping[Weight, LazyString] = {
    Weight.HELD: _l("Ditahan"),
    Weight.DOUBT: _l("Tidak cocok"),
    Weight.NOTE: _l("Perlu tahu"),
}

TABLE: Mapping[TableKind, LazyString] = {
    TableKind.AREAS: _l("Wilayah"),
    TableKind.STATIONS: _l("TPS"),
    TableKind.RECAP: _l("Rekap, dipakai sebagai pemeriksa"),
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
