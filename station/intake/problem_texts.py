"""What can be wrong with a plan file: what was expected, and what to do."""

from __future__ import annotations

import enum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ProblemKind(enum.StrEnum):
    """What it is; ``SENTENCES`` has its words."""

    CODE_EMPTY = "code_empty"
    CODE_FORM = "code_form"
    CODE_SHORTENED = "code_shortened"
    CODE_UNKNOWN = "code_unknown"
    CODE_OTHER_REGENCY = "code_other_regency"
    CODE_NO_VILLAGE = "code_no_village"
    CODE_TWICE = "code_twice"
    PARENT_UNKNOWN = "parent_unknown"
    PARENT_OTHER = "parent_other"
    LEVEL = "level"
    NAME_FORM = "name_form"
    DAPIL_FORM = "dapil_form"
    NAME_NO_KECAMATAN = "name_no_kecamatan"
    NAME_UNKNOWN = "name_unknown"
    NAME_AMBIGUOUS = "name_ambiguous"
    NAME_OTHER = "name_other"
    KECAMATAN_OTHER = "kecamatan_other"
    TPS_EMPTY = "tps_empty"
    TPS_FORM = "tps_form"
    TPS_TWICE = "tps_twice"
    COUNT_EMPTY = "count_empty"
    DPT_EMPTY = "dpt_empty"
    COUNT_FORM = "count_form"
    COUNT_NEGATIVE = "count_negative"
    COUNT_FRACTION = "count_fraction"
    COUNT_LARGE = "count_large"
    UNCALCULATED = "uncalculated"
    MERGED = "merged"
    COLUMNS_DIFFER = "columns_differ"
    PARTS_DIFFER = "parts_differ"
    SUM_DIFFERS = "sum_differs"
    NO_PAPERS = "no_papers"
    CELLS_MISSING = "cells_missing"
    CELLS_TOO_MANY = "cells_too_many"
    CELL_SWALLOWS = "cell_swallows"
    TOTAL_DIFFERS = "total_differs"
    RECAP_DIFFERS = "recap_differs"
    LIKE_RECAP = "like_recap"
    KIND_OUTSIDE = "kind_outside"
    KIND_EMPTY = "kind_empty"
    KIND_MISSING = "kind_missing"
    KIND_NONE = "kind_none"
    NAME_DIFFERS = "name_differs"
    NAME_MATCHED = "name_matched"
    FORMULA_DIFFERS = "formula_differs"
    FEWER_THAN_DPT = "fewer_than_dpt"
    FAR_OVER_DPT = "far_over_dpt"
    HIDDEN_ROWS = "hidden_rows"
    HIDDEN_COLUMNS = "hidden_columns"
    HIDDEN_UNKNOWN = "hidden_unknown"
    SHEET_LEFT_OUT = "sheet_left_out"
    COLUMN_LEFT_OUT = "column_left_out"
    ROWS_LEFT_OUT = "rows_left_out"
    ENCODING = "encoding"
    UNREADABLE = "unreadable"
    MORE = "more"


_MEND = "perbaiki di berkas, lalu impor lagi"
_EXCEL = "buka di Excel atau LibreOffice, simpan, lalu impor lagi"

SENTENCES: Mapping[ProblemKind, tuple[str, str]] = MappingProxyType(
    {
        ProblemKind.CODE_EMPTY: ("kode kelurahan seperti 17.71.03.1011", _MEND),
        ProblemKind.CODE_FORM: (
            "kode wilayah seperti 17.71.03.1011 atau 1771031011",
            _MEND,
        ),
        ProblemKind.CODE_SHORTENED: (
            "kode wilayah lengkap seperti 1771031011",
            "Excel memendekkan kode ini: jadikan kolomnya teks, tulis kode lengkap",
        ),
        ProblemKind.CODE_UNKNOWN: (
            "kode kelurahan yang terdaftar",
            "periksa kodenya; wilayah baru didaftarkan lewat berkas wilayah",
        ),
        ProblemKind.CODE_OTHER_REGENCY: (
            "wilayah di %(regency)s",
            "impor di stasiun kab/kota itu",
        ),
        ProblemKind.CODE_NO_VILLAGE: ("kode kelurahan atau desa (10 angka)", _MEND),
        ProblemKind.CODE_TWICE: (
            "setiap kode satu kali; kode ini juga di %(other)s",
            "hapus yang salah, lalu impor lagi",
        ),
        ProblemKind.PARENT_UNKNOWN: (
            "wilayah induk %(parent)s terdaftar atau ada di berkas",
            "tambahkan wilayah induknya, lalu impor lagi",
        ),
        ProblemKind.PARENT_OTHER: ("kode induk %(parent)s", _MEND),
        ProblemKind.LEVEL: ("tingkat %(levels)s", _MEND),
        ProblemKind.NAME_FORM: (
            "nama wilayah, paling panjang 120 huruf, tanpa tanda yang tak tampak",
            _MEND,
        ),
        ProblemKind.DAPIL_FORM: (
            "dapil seperti 3, paling panjang 40 huruf, tanpa tanda yang tak tampak",
            _MEND,
        ),
        ProblemKind.NAME_NO_KECAMATAN: (
            "kode kelurahan, atau nama kelurahan beserta nama kecamatan",
            "tambahkan kolom kode kelurahan, lalu impor lagi",
        ),
        ProblemKind.NAME_UNKNOWN: (
            "nama kelurahan yang terdaftar di kecamatan %(kecamatan)s",
            "periksa namanya atau tulis kodenya",
        ),
        ProblemKind.NAME_AMBIGUOUS: (
            "nama yang menunjuk satu kelurahan; nama ini cocok dengan %(codes)s",
            "tulis kode kelurahannya",
        ),
        ProblemKind.NAME_OTHER: (
            "nama kelurahan %(name)s sesuai kode %(code)s; nama ini milik %(other)s",
            "periksa kode dan namanya",
        ),
        ProblemKind.KECAMATAN_OTHER: (
            "kecamatan %(kecamatan)s, sesuai kode %(code)s",
            "periksa kode dan kecamatannya",
        ),
        ProblemKind.TPS_EMPTY: ("nomor TPS 1 sampai 999", _MEND),
        ProblemKind.TPS_FORM: ("nomor TPS 1 sampai 999", _MEND),
        ProblemKind.TPS_TWICE: (
            "TPS %(tps)s di %(area)s satu kali; juga ada di %(other)s",
            "tentukan baris yang benar, hapus yang lain, lalu impor lagi",
        ),
        ProblemKind.COUNT_EMPTY: (
            "bilangan bulat, 0 bila memang tidak ada",
            "isi angkanya, lalu impor lagi",
        ),
        ProblemKind.DPT_EMPTY: (
            "jumlah pemilih seperti 293",
            "isi angkanya, jangan dikira-kira, lalu impor lagi",
        ),
        ProblemKind.COUNT_FORM: ("bilangan bulat seperti 293", _MEND),
        ProblemKind.COUNT_NEGATIVE: ("bilangan bulat dari 0 ke atas", _MEND),
        ProblemKind.COUNT_FRACTION: (
            "bilangan bulat; barangkali titik ribuan terbaca sebagai koma desimal",
            "tulis angkanya tanpa titik, lalu impor lagi",
        ),
        ProblemKind.COUNT_LARGE: (
            "bilangan paling besar %(most)s untuk satu TPS",
            _MEND,
        ),
        ProblemKind.UNCALCULATED: ("rumus yang sudah dihitung", _EXCEL),
        ProblemKind.MERGED: (
            "satu angka untuk satu TPS; %(cells)s satu sel gabungan",
            "pisahkan sel gabungan itu, isi angka tiap TPS, lalu impor lagi",
        ),
        ProblemKind.COLUMNS_DIFFER: (
            "isi yang sama di kedua kolom %(column)s; kolom lain berisi %(other)s",
            "hapus kolom yang salah, lalu impor lagi",
        ),
        ProblemKind.PARTS_DIFFER: ("laki-laki + perempuan = %(sum)s", _MEND),
        ProblemKind.SUM_DIFFERS: ("jumlah semua jenis = %(sum)s", _MEND),
        ProblemKind.NO_PAPERS: (
            "jumlah surat suara untuk paling sedikit satu jenis",
            "isi jumlahnya, lalu impor lagi",
        ),
        ProblemKind.CELLS_MISSING: ("%(wanted)s sel, sebanyak judul kolom", _MEND),
        ProblemKind.CELLS_TOO_MANY: (
            "%(wanted)s sel, sebanyak judul kolom; barangkali ada pemisah di dalam sel",
            _MEND,
        ),
        ProblemKind.CELL_SWALLOWS: (
            "satu baris; tanda kutip di sel ini menelan baris berikutnya",
            "hapus tanda kutipnya, lalu impor lagi",
        ),
        ProblemKind.TOTAL_DIFFERS: (
            "%(sum)s, jumlah baris-baris di atasnya",
            "cari baris yang hilang atau salah, lalu impor lagi",
        ),
        ProblemKind.RECAP_DIFFERS: (
            "%(sum)s, jumlah rincian TPS %(area)s",
            "samakan rekap dan rincian, lalu impor lagi",
        ),
        ProblemKind.LIKE_RECAP: (
            "satu baris tiap TPS; TPS %(tps)s sendirian di sini, barangkali jumlah TPS",
            "kirim rincian tiap TPS, atau TPS lain di kelurahan ini sekaligus",
        ),
        ProblemKind.KIND_OUTSIDE: (
            "jenis pemilihan %(kinds)s",
            "hapus kolomnya, atau ubah [election] di station.toml",
        ),
        ProblemKind.KIND_EMPTY: (
            "jumlah surat suara di setiap baris kolom ini",
            "isi kolomnya, atau hapus bila jenis itu memang tidak diadakan",
        ),
        ProblemKind.KIND_MISSING: (
            "kolom %(column)s, jenis dalam pemilihan ini",
            "tanpa kolom itu kotaknya tidak didaftarkan",
        ),
        ProblemKind.KIND_NONE: (
            "jumlah surat suara; semua jenis diadakan di setiap TPS",
            "isi angkanya; tanpa itu kotaknya tidak didaftarkan%(more)s",
        ),
        ProblemKind.NAME_DIFFERS: (
            "%(name)s, nama terdaftar dari %(code)s",
            "kode yang dipakai; periksa bila ragu",
        ),
        ProblemKind.NAME_MATCHED: (
            "kode kelurahan; dicocokkan lewat nama dengan %(code)s",
            "periksa sebelum mencatat",
        ),
        ProblemKind.FORMULA_DIFFERS: (
            "%(wanted)s = DPT %(dpt)s + cadangan %(percent)s %%",
            "angka di berkas yang dipakai; periksa bila ragu%(more)s",
        ),
        ProblemKind.FEWER_THAN_DPT: (
            "paling sedikit DPT %(dpt)s",
            "periksa angkanya, surat suara kurang%(more)s",
        ),
        ProblemKind.FAR_OVER_DPT: (
            "sekitar %(wanted)s = DPT %(dpt)s + cadangan %(percent)s %%",
            "periksa angkanya, lebih dari dua kali cadangan%(more)s",
        ),
        ProblemKind.HIDDEN_ROWS: (
            "tidak ada baris tersembunyi",
            "baris tersembunyi ikut dibaca; periksa isinya",
        ),
        ProblemKind.HIDDEN_COLUMNS: (
            "tidak ada kolom tersembunyi",
            "%(use)s; periksa isinya",
        ),
        ProblemKind.HIDDEN_UNKNOWN: (
            "berkas XLSX, ODS atau CSV",
            "baris dan kolom tersembunyi tidak dapat dikenali, semuanya dibaca",
        ),
        ProblemKind.SHEET_LEFT_OUT: (
            "lembar rincian TPS",
            "lembar ini tidak dibaca%(why)s",
        ),
        ProblemKind.COLUMN_LEFT_OUT: ("kolom yang dikenal", "kolom ini tidak dibaca"),
        ProblemKind.ROWS_LEFT_OUT: (
            "baris dengan nomor TPS dan angka",
            "baris ini dilewati",
        ),
        ProblemKind.ENCODING: (
            "UTF-8",
            "dibaca sebagai %(encoding)s; periksa huruf khusus pada nama",
        ),
        ProblemKind.UNREADABLE: (
            "berkas yang dapat dibaca",
            "simpan ulang, lalu impor lagi",
        ),
        ProblemKind.MORE: (
            "paling banyak %(most)s masalah",
            "perbaiki dulu yang tertulis, sisanya tertulis sesudah itu",
        ),
    }
)
"""What was expected, and what to do; names in braces are a problem's facts."""
