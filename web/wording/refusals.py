"""Why an act at a screen cannot be done, in Indonesian; tests prove them total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from station.errors import RefusalReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

REFUSAL: Mapping[RefusalReason, LazyString] = {
    RefusalReason.NO_CONSIGNMENT: _l(
        "Belum ada surat jalan terbuka di gerbang ini. Buka surat jalan dulu."
    ),
    RefusalReason.CONSIGNMENT_OPEN: _l(
        "Surat jalan %(number)s masih terbuka di gerbang ini. Tutup dulu."
    ),
    RefusalReason.NOTHING_TO_SEND: _l(
        "Surat jalan belum dibuka. Tidak ada kotak jenis ini yang siap untuk jalur "
        "itu. Pilih tempat atau jenis lain."
    ),
    RefusalReason.NO_KINDS: _l(
        "Surat jalan belum dibuka. Belum ada jenis yang dipilih. "
        "Pilih paling sedikit satu."
    ),
    RefusalReason.NO_VEHICLE: _l(
        "Surat jalan belum dibuka. Pelat truk belum diisi. "
        "Isi pelatnya, atau pilih Tanpa pelat."
    ),
    RefusalReason.UNKNOWN_AREA: _l(
        "Surat jalan belum dibuka. Tempat itu tidak terdaftar di stasiun ini. "
        "Pilih dari daftar."
    ),
    RefusalReason.NOT_ON_THE_WAY: _l(
        "Kiriman belum dapat diterima. Surat jalan itu tidak dalam perjalanan. "
        "Periksa nomornya."
    ),
    RefusalReason.WRONG_PLACE: _l(
        "SALAH TUJUAN. Surat jalan %(number)s untuk %(to)s, bukan untuk gerbang ini. "
        "Jangan turunkan kotaknya. Hubungi yang mengirimnya."
    ),
    RefusalReason.WRONG_WAY: _l(
        "Surat jalan belum dibuka. %(gate)s tidak mengirim lewat jalur itu. "
        "Pilih gerbang atau tempat yang lain."
    ),
    RefusalReason.WRONG_STEP: _l(
        "Gerbang ini untuk arah lain. Pakai gerbang yang sesuai."
    ),
    RefusalReason.MISSING_WITHOUT_REASON: _l(
        "Belum dapat ditutup. %(missing)s kotak kurang tanpa alasan. Isi alasannya."
    ),
    RefusalReason.LINE_OPEN: _l(
        "Belum dapat ditutup. %(missing)s kotak kurang belum diberi keterangan. "
        "Pilih keterangan untuk tiap kotak."
    ),
    RefusalReason.UNDECIDED_LEFT: _l(
        "Belum dapat ditutup. %(n)s kotak lewat tanpa dicatat, mungkin ada di truk. "
        "Bawa ke kamera, atau catat di mana ia ditemukan."
    ),
    RefusalReason.NOT_COUNTED: _l(
        "Belum dicatat. %(item)s tidak ada di surat jalan yang terbuka di sini. "
        "Pindai kotaknya dulu."
    ),
    RefusalReason.SEAL_FORM: _l(
        "Belum dicatat. \u201c%(got)s\u201d bukan nomor segel, atau segelnya terlalu "
        "banyak. Periksa nomornya."
    ),
    RefusalReason.SEAL_TAKEN: _l(
        "Belum dicatat. Segel %(got)s sudah tercatat pada %(item)s. Periksa nomornya."
    ),
    RefusalReason.SEALS_MISSING: _l(
        "Belum dapat ditutup. %(n)s kotak belum ada nomor segelnya. "
        "Isi di Kondisi dan segel."
    ),
    RefusalReason.NO_MOMENT: _l(
        "Belum dicatat. \u201c%(got)s\u201d bukan tanggal dan jam. "
        "Isi tanggal dan jamnya."
    ),
    RefusalReason.NOT_THAT_WAY: _l(
        "Belum dicatat. %(item)s bukan barang untuk tujuan ini. Periksa kodenya."
    ),
    RefusalReason.NOT_PLANNED: _l(
        "Rencana itu sudah dibuka atau dihapus. Lihat daftar surat jalan."
    ),
    RefusalReason.NOT_MISSING: _l(
        "Belum dicatat. Kotak itu tidak tercatat hilang dari surat jalan ini. "
        "Periksa riwayatnya."
    ),
    RefusalReason.COUNTED_ALREADY: _l(
        "Belum dapat ditarik. %(n)s kotak sudah diterima. Tutup penerimaannya."
    ),
    RefusalReason.NOT_WAITING: _l("Kotak itu tidak ada di daftar bawa kembali lagi."),
    RefusalReason.WRONG_COUNT: _l("Belum dicatat. Isi 1 sampai %(most)s."),
    RefusalReason.WRONG_TIME: _l(
        "Belum dicatat. Jam %(item)s belum terjadi, atau lebih dari 7 hari lalu. "
        "Periksa tanggal dan jamnya."
    ),
    RefusalReason.ROW_CODE: _l(
        "Belum dicatat. Baris %(row)s: kode \u201c%(got)s\u201d tidak dikenali. "
        "Periksa tiap huruf pada label atau formulir."
    ),
    RefusalReason.ROW_TIME: _l(
        "Belum dicatat. Baris %(row)s: tanggal atau jam belum benar "
        "(\u201c%(got)s\u201d). Isi seperti pada formulir."
    ),
    RefusalReason.OTHER_CONSIGNMENT: _l(
        "Belum dicatat. Formulir ini untuk surat jalan %(form)s, yang terbuka di "
        "gerbang itu %(open)s. Periksa nomornya."
    ),
    RefusalReason.NO_SUCH_FORM: _l(
        "Formulir %(form)s tidak pernah dicetak di stasiun ini. Periksa nomornya."
    ),
    RefusalReason.FORM_ENTERED: _l(
        "Formulir %(form)s sudah masuk. Periksa nomornya, atau lihat entri lamanya."
    ),
    RefusalReason.NOTHING_DIFFERS: _l(
        "Tidak ada yang berbeda dari yang tercatat. Ubah dulu yang keliru."
    ),
    RefusalReason.NOTHING_COUNTED: _l(
        "Belum dapat ditutup. Belum ada kotak yang dimuat. Pindai kotaknya dulu."
    ),
    RefusalReason.GATE_HELD: _l("Gerbang sedang ditahan. Selesaikan tahanan dulu."),
    RefusalReason.NO_SUCH_HOLD: _l(
        "Tahanan itu sudah diakui. Tidak ada lagi yang perlu dilakukan."
    ),
    RefusalReason.REASON_NEEDED: _l(
        "Belum dicatat. Alasan belum diisi. Isi alasannya."
    ),
    RefusalReason.NO_PICTURE: _l(
        "Foto tidak dibaca. Berkas itu bukan foto JPEG atau PNG. "
        "Pilih fotonya, atau ketik kode di bawah QR."
    ),
    RefusalReason.PICTURE_TOO_LARGE: _l(
        "Foto tidak dibaca. Paling besar %(most)s megapiksel, foto ini %(got)s. "
        "Pilih ukuran foto yang lebih kecil di kamera, lalu foto lagi."
    ),
    RefusalReason.NOT_LOADED: _l(
        "Belum diturunkan. %(item)s tidak ada di truk ini. Periksa daftar muat."
    ),
    RefusalReason.TOO_MANY_ITEMS: _l(
        "Surat jalan belum dibuka. Paling banyak %(most)s kotak tiap surat jalan. "
        "Pilih jenis lebih sedikit."
    ),
    RefusalReason.DISK_FULL: _l(
        "Tidak dicatat. Disk hampir penuh. Kosongkan ruang disk, paling sedikit 200 MB."
    ),
    RefusalReason.LEDGER_UNCLEAR: _l(
        "Tidak dicatat. Buku serah terima tidak dapat ditulis. Hubungi pengelola."
    ),
    RefusalReason.POWER_LOW: _l(
        "Tidak dicatat. Baterai hampir habis. Pasang pengisi daya."
    ),
    RefusalReason.NO_SHIFT: _l(
        "Tidak dicatat. Belum ada yang bertugas di gerbang ini. Mulai tugas dulu."
    ),
    RefusalReason.SAME_PERSON: _l(
        "Belum dilakukan. Orangnya sama. Harus orang lain. Minta rekan lain."
    ),
    RefusalReason.GIVER_IS_RECEIVER: _l(
        "Belum dapat ditutup. Yang menyerahkan tidak boleh menerima. "
        "Minta orang lain menerima kiriman ini."
    ),
    RefusalReason.MAY_NOT_SIGN: _l(
        "Belum dilakukan. Kedua peran ini tidak boleh menandatangani bersama. "
        "Pilih orang lain."
    ),
    RefusalReason.MAY_NOT_WORK: _l(
        "Orang ini tidak bertugas di gerbang seperti ini. Pilih orang lain."
    ),
    RefusalReason.TOO_LATE: _l(
        "Belum dilakukan. PIN harus dimasukkan dalam 60 detik. Ulangi dari awal."
    ),
    RefusalReason.CHANGED_MEANWHILE: _l(
        "Belum dilakukan. Isinya berubah sesudah ditampilkan. Periksa lagi, lalu "
        "ulangi."
    ),
    RefusalReason.WRONG_PIN: _l(
        "Belum dilakukan. PIN salah atau belum dipasang. Masukkan lagi PIN orang kedua."
    ),
    RefusalReason.WRONG_PASSWORD: _l(
        "Belum masuk. Nama atau sandi salah. Periksa, lalu ketik lagi."
    ),
    RefusalReason.LOCKED: _l(
        "Terkunci sementara. Terlalu banyak salah ketik. Tunggu %(wait_s)s detik."
    ),
    RefusalReason.WEAK_PIN: _l(
        "PIN belum dipasang. PIN %(digits)s angka, bukan angka sama atau berurutan. "
        "Pilih yang lain."
    ),
    RefusalReason.WEAK_PASSWORD: _l(
        "Sandi belum diganti. Sandi paling sedikit %(shortest)s huruf atau angka yang "
        "tidak berulang. Pilih yang lain."
    ),
    RefusalReason.NO_NAME: _l(
        "Belum disimpan. Nama diawali huruf; nama masuk memakai huruf kecil dan "
        "angka, seperti siti.rahma. Periksa isian."
    ),
    RefusalReason.NAME_TAKEN: _l(
        "Belum disimpan. Nama masuk atau nomor lencana itu sudah dipakai. "
        "Pilih yang lain."
    ),
    RefusalReason.LAST_ADMINISTRATOR: _l(
        "Belum diubah. Ini pengelola terakhir. Tambah pengelola lain dulu."
    ),
    RefusalReason.NOT_YOURS: _l(
        "Belum dilakukan. Tugas di gerbang ini bukan milik Anda. Muat ulang halaman."
    ),
    RefusalReason.NOT_CORRECTABLE: _l(
        "Belum diralat. Entri itu tidak ada, sudah diralat, atau tidak dapat diralat. "
        "Muat ulang riwayatnya."
    ),
}
