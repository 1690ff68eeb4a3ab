"""What an entry did, in the words of a history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from station.model import (
    EntryType,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

    from station.model import Draft


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


LISTED: Mapping[str, LazyString] = {
    **CONSIGNMENT,
    "open": _l("Masuk daftar surat jalan"),
    "cancel": _l("Surat jalan dibatalkan, kotak kembali ke tempat asal"),
}
"""The same, as an item's own history words it."""


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
"""The same in one word, without a place."""


def of_consignment(draft: Draft) -> LazyString | None:
    """What an entry did to the consignment that it is about; None: it is another."""
    cancels = draft.data.get("action") == "cancel"
    if draft.type is not EntryType.CONSIGNMENT and not cancels:
        return None
    return LISTED.get(str(draft.data.get("action", "")))


def event(draft: Draft) -> str:
    """What an entry means for an item, in a word without a place."""
    if draft.data.get("action") == "condition":
        return str(_l("Kondisi dicatat"))
    return str(of_consignment(draft) or EVENT[draft.type])
