"""A scan as the gate's screen shows it: the giant word, the reason, the facts.

Only words and choices; of the ledger it knows the names of people alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from station.model import (
    Ballot,
    Disposition,
    EntryType,
    Reason,
    Step,
    Verdict,
)
from station.zone import local
from web import context
from web.wording import dates, entry_words, place_names, terms, verdicts
from web.wording.gettext import gettext
from web.wording.item_names import printed, thing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

    from station.custody.gate.panel import Panel
    from station.custody.gate.scan_line import ScanLine
    from station.custody.load import Load

SHOWN_MS = 3_000
"""How long ACCEPTED and REPEATED stay before the screen is ready again."""


_COUNTS = {Step.LOADING: EntryType.LOADING, Step.ACCEPTING: EntryType.ACCEPTING}
"""What a gate records for a box that it lets pass."""


@dataclass(frozen=True, slots=True)
class Card:
    """One side of a contradiction."""

    caption: str
    value: str


@dataclass(frozen=True, slots=True)
class ScanView:
    """One verdict as the big panel shows it."""

    verdict: Verdict
    giant: str
    line: str
    shape: str
    badge: str
    cards: tuple[Card, ...]
    """None or two, with a sign for "differs" between them."""
    facts: tuple[str, ...]


def view_of(line: ScanLine, panel: Panel, zone: str) -> ScanView:
    """This scan as the panel shows it."""
    words = verdicts.VERDICT[line.verdict]
    return ScanView(
        verdict=line.verdict,
        giant=str(words.giant[panel.step]),
        line=str(words.line[panel.step]) % _filling(panel.load),
        shape=words.shape,
        badge=words.badge,
        cards=_cards(line, panel, zone),
        facts=_facts(line, panel, zone),
    )


WARNED: Mapping[Disposition, LazyString] = {
    Disposition.DAMAGED: _l("Dinyatakan rusak pada surat jalan %(number)s: periksa"),
    Disposition.LOST: _l("Dinyatakan hilang pada surat jalan %(number)s: periksa"),
}
"""Warnings about a box that was left behind as damaged or lost."""

HINTS: Mapping[str, LazyString] = {
    "choose": _l("Belum diakui. Pilih tindakan 1 sampai 4 dulu."),
    "write": _l("Belum dicatat. Tulis alasannya dulu. Angka saja bukan alasan."),
    "off": _l("Belum diturunkan. Pilih satu kotak dan alasannya dulu."),
    "role": _l(
        "Tidak dilakukan. Peran Anda hanya melihat gerbang ini. Panggil petugasnya."
    ),
    "held": _l("Gerbang sedang ditahan. Selesaikan tahanan dulu."),
    "closed": _l("Belum ada surat jalan terbuka, jadi tidak ada yang ditutup."),
    "silent": _l(
        "Suara belum hidup, jadi tidak ada yang didiamkan. Tekan Mulai tugas."
    ),
    "unheard": _l(
        "Tugas dimulai, tetapi suara tidak terdengar. Perhatikan layar. Periksa "
        "pengeras suara, lalu tekan Uji suara."
    ),
    "code": _l("Belum dicatat. Ketik kode di bawah QR dulu."),
    "photo": _l("Pilih foto label. Hasilnya tampil di sini."),
    "reading": _l("Foto sedang dibaca. Tunggu hasilnya."),
}
"""Why a key or button of the gate's page did nothing, or what it waits for."""


def code_of(line: ScanLine) -> str:
    """The code as printed under the QR, or a placeholder if it is unreadable."""
    if line.item is not None:
        return line.item.hri
    ids = line.entry.draft.items
    return printed(ids[0]) if ids else gettext("Kode tidak terbaca utuh")


def reason(line: ScanLine) -> str:
    """Why the scan got its verdict, one sentence; empty if the verdict says it all."""
    code = line.entry.draft.data.get("reason")
    if not isinstance(code, str) or code not in set(Reason):
        return ""
    ids = line.entry.draft.items
    data = line.entry.draft.data
    kind = data.get("kind")
    filling = {
        "code": printed(ids[0]) if ids else "",
        "thing": thing(ids[0] if ids else ""),
        "kind": str(terms.BALLOT[Ballot(kind)]) if isinstance(kind, str) else "",
        "box": printed(str(data.get("box", ""))),
    }
    return str(verdicts.REASON[Reason(code)]) % filling


def _filling(load: Load | None) -> dict[str, str]:
    if load is None:
        return dict.fromkeys(("vehicle", "destination", "n", "all", "city"), "")
    return {
        "vehicle": load.vehicle or "",
        "destination": place_names.destination(load),
        "n": dates.number(load.counted),
        "all": dates.number(load.expected),
        "city": "",
    }


def _cards(line: ScanLine, panel: Panel, zone: str) -> tuple[Card, ...]:
    match line.verdict:
        case Verdict.MISROUTED:
            return _misrouted(line, panel)
        case Verdict.OUT_OF_SEQUENCE if line.prior is not None:
            draft = line.prior.draft
            at = dates.clock(draft.event.wall_ms, zone)[:5]
            before = f"{entry_words.event(draft)} · {at}"
            now = str(entry_words.EVENT[_COUNTS[panel.step]])
            return (
                Card(gettext("Catatan terakhir"), before),
                Card(gettext("Sekarang"), now),
            )
        case Verdict.SUPERSEDED if "valid_issue" in line.entry.draft.data:
            data = line.entry.draft.data
            return (
                Card(gettext("Label ini"), _issue(data["issue"])),
                Card(gettext("Berlaku"), _issue(data["valid_issue"])),
            )
    return ()


def _misrouted(line: ScanLine, panel: Panel) -> tuple[Card, ...]:
    other = line.entry.draft.data.get("belongs_on")
    ids = line.entry.draft.items
    this = thing(ids[0] if ids else "")
    if isinstance(other, str):
        number = "" if panel.load is None else f"{panel.load.number:04d}"
        return (
            Card(gettext("%(thing)s ini di surat jalan", thing=this), other[2:]),
            Card(gettext("Terbuka di sini"), number),
        )
    owns = gettext("%(thing)s ini untuk", thing=this)
    if panel.load is not None and panel.load.leg.returns:
        heading = gettext("Kiriman ini dari")
        owns = gettext("%(thing)s ini milik", thing=this)
    elif panel.step is Step.LOADING:
        heading = gettext("Truk ini ke")
    else:
        heading = gettext("Kiriman ini untuk")
    return (
        Card(owns, line.goes_to or "?"),
        Card(heading, line.heading_for or "?"),
    )


def _issue(number: object) -> str:
    return gettext("penerbitan %(n)s", n=number)


def _facts(line: ScanLine, panel: Panel, zone: str) -> tuple[str, ...]:
    if line.verdict is Verdict.REPEATED and line.prior is not None:
        at = dates.clock(line.prior.draft.event.wall_ms, zone)
        return (
            gettext(
                "Pukul %(time)s · %(name)s",
                time=at,
                name=context.person(line.prior.draft.actor),
            ),
        )
    if line.verdict is Verdict.ACCEPTED:
        return _doubted(line)
    gone = "" if _stands_here(line, panel) else _gone(line, zone)
    reason_line = "" if line.verdict is Verdict.MISROUTED else reason(line)
    if gone and line.entry.draft.data.get("reason") == Reason.DEPARTED_ALREADY:
        reason_line = ""
    return tuple(text for text in (reason_line, gone) if text)


def _doubted(line: ScanLine) -> tuple[str, ...]:
    """A warning if this box was recorded as damaged or lost before."""
    last = line.departure
    if last is None or last.disposition is None:
        return ()
    words = WARNED.get(last.disposition)
    return () if words is None else (str(words) % {"number": f"{last.number:04d}"},)


def _stands_here(line: ScanLine, panel: Panel) -> bool:
    """True for an item that may leave here: it did depart, to where it is now."""
    if panel.load is None or panel.step is not Step.LOADING or line.item is None:
        return False
    return line.item.item.stands(panel.load.leg.source)


def _gone(line: ScanLine, zone: str) -> str:
    """With which truck the item before a held gate departed; empty where with none."""
    last = line.departure
    if not line.verdict.holds or last is None or last.disposition is not None:
        return ""
    went, seen = last.entry.draft.event.wall_ms, line.entry.draft.event.wall_ms
    at = dates.clock(went, zone)[:5]
    if local(went, zone).date() != local(seen, zone).date():
        at = f"{dates.date(went, zone)} {at}"
    number = f"{last.number:04d}"
    if last.vehicle is None:
        return gettext(
            "Sudah berangkat %(time)s · surat jalan %(number)s",
            time=at,
            number=number,
        )
    return gettext(
        "Sudah berangkat %(time)s · truk %(vehicle)s · surat jalan %(number)s",
        time=at,
        vehicle=last.vehicle,
        number=number,
    )
