"""What the second person reads before signing, by act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labels.label_code import ItemId, expand
from station.custody.entry_data.words import Wrong
from station.model import Disposition
from web.wording import dates, place_names, terms
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping


def closing(facts: Mapping[str, Any]) -> list[str]:
    """What two people sign when a consignment is closed."""
    lines = [
        gettext("Surat jalan %(number)s", number=facts["consignment"][2:]),
        gettext("%(n)s kotak dihitung", n=dates.number(facts["count"])),
    ]
    if facts["missing"]:
        missing = dates.number(facts["missing"])
        lines.append(
            gettext("Kurang %(n)s: %(reason)s", n=missing, reason=facts["reason"])
        )
    for disposition, items in facts["dispositions"].items():
        lines.append(
            gettext(
                "%(what)s: %(n)s",
                what=terms.DISPOSITION[Disposition(disposition)],
                n=dates.number(len(list(expand(items)))),
            )
        )
    return lines


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
    """What two people sign when trip details are corrected."""
    return [
        gettext("Surat jalan %(number)s", number=facts["consignment"][2:]),
        *(f"{name}: {value}" for name, value in trip_rows(facts["trip"], zone)),
        *(
            gettext("%(part)s: dihapus", part=terms.TRIP[part])
            for part in facts["gone"]
        ),
        f"“{facts['reason']}”",
    ]


def trip_rows(trip: Mapping[str, Any], zone: str) -> list[tuple[str, str]]:
    """The parts of a trip that are known, each with its name."""
    rows = []
    for part, name in terms.TRIP.items():
        value = trip.get(part)
        if value is None:
            continue
        if part.endswith("_ms"):
            value = f"{dates.date(value, zone)} {dates.clock(value, zone)[:5]} {zone}"
        elif isinstance(value, bool):
            value = gettext("Ada") if value else gettext("Tidak ada")
        rows.append((str(name), str(value)))
    return rows


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
