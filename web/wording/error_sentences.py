"""The sentences of what went wrong, in Indonesian: what happened, what to do.

Pattern: [what happened]. [expected, got]. [do]. No blame, no numbers of errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from labels.label_errors import LabelError
from station.custody.labelling.print_errors import PrintError
from station.errors import OperationRefused, RefusalReason
from station.leg import Tier
from station.runtime.print_job_view import NotTakenError
from web.wording import place_names
from web.wording.gettext import gettext, translated
from web.wording.label_words import FAULT, PAPER, PRINTER
from web.wording.refusals import REFUSAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

    from station.errors import StationError


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
    return gettext("Tidak dapat dilakukan. %(detail)s", detail=translated(error.text))


def _filling(refusal: OperationRefused) -> dict[str, str | int]:
    """What a refusal's sentence is filled with; a place in its words, as ``to``."""
    facts = dict(refusal.facts)
    if refusal.code is RefusalReason.WRONG_PLACE:
        tier = Tier(str(facts["tier"]))
        facts["to"] = place_names.named(tier, str(facts["place"]), str(facts["name"]))
    return facts
