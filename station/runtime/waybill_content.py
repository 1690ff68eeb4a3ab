"""The content of a waybill: places, trip, items, head and manifest."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from babel.dates import format_datetime

from labels.label_code import ItemId, expand
from labels.papers import manifest_symbol, paper_pdf
from labels.papers.paper_pdf import LoadedItem, MissingItem, WaybillHead
from station.custody import registry
from station.custody.accounts import directory
from station.custody.consignment import trip_details
from station.custody.entry_data.words import Condition
from station.custody.gate import seals_and_condition
from station.custody.labelling import selection
from station.errors import OperationRefused, RefusalReason
from station.exchange import expected_items, manifest, proquint
from station.exchange.manifest import Manifest
from station.ledger import log as ledger
from station.ledger.checkpoint import Verifier
from station.leg import Leg, Tier
from station.model import Ballot, Disposition, Step
from station.zone import local

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.custody.consignment.trip_details import Trip
    from station.custody.gate.seals_and_condition import Inspection
    from station.custody.registry import NamedItem
    from station.ledger.checkpoint import Signer
    from station.model import Entry
    from station.settings.station_toml import Settings
    from station.storage.database import Connection


_AS_IT_IS = frozenset(part.name for part in fields(paper_pdf.Waybill))
"""Parts of a trip that the paper calls by the same name."""
_SPOKEN = 8
"""Bytes of the root that are put in words: 64 bits, four words."""
_ERASED = "(nama dihapus)"
_UNFIT = "(nama tidak cocok)"
DISPOSITIONS = {
    Disposition.STAYS: "Tinggal di tempat",
    Disposition.NOT_READY: "Belum siap",
    Disposition.DAMAGED: "Rusak",
    Disposition.LOST: "Hilang",
}
CONDITIONS = {
    Condition.GOOD: "Baik",
    Condition.WET: "Basah",
    Condition.TORN_WRAP: "Plastik robek",
    Condition.SEAL_BROKEN: "Segel rusak",
    Condition.DAMAGED: "Rusak",
}
"""As the paper calls them; paper is Indonesian."""


@dataclass(slots=True)
class WaybillContent:
    """Gathers from the ledger what one version of a waybill shows."""

    db: Connection
    settings: Settings
    signer: Signer
    consignment: str
    number: int = field(init=False)
    version: int = field(init=False)
    leg: Leg = field(init=False)
    ends: tuple[str, str] = field(init=False)
    """Codes of the places that it goes between."""
    area: str = field(init=False)
    """The lower of both, whose goods it carries."""
    kinds: tuple[Ballot, ...] = field(init=False)
    departing: Entry = field(init=False)
    telling: Entry = field(init=False)
    """The entry with the newest trip details."""

    def __post_init__(self) -> None:
        row = self.db.execute(
            "SELECT number, version, opened_seq, departed_seq, trip_seq"
            " FROM consignment"
            " WHERE id = ? AND phase <> 'cancelled'",
            (self.consignment,),
        ).fetchone()
        if row is None or row["departed_seq"] is None:
            message = f"Expected a consignment that departed, got {self.consignment}."
            raise OperationRefused(RefusalReason.NOT_ON_THE_WAY, message)
        self.number, self.version = row["number"], row["version"]
        opened: Any = ledger.entry(self.db, row["opened_seq"]).draft.data
        self.leg, self.ends = Leg.parse(opened["leg"]), (opened["from"], opened["to"])
        self.area = self.leg.area(*self.ends)
        self.kinds = tuple(Ballot(kind) for kind in opened["kinds"])
        self.departing = ledger.entry(self.db, row["departed_seq"])
        self.telling = ledger.entry(self.db, row["trip_seq"])

    def drawn(self) -> paper_pdf.Waybill:
        """What the paper says."""
        draft, db = self.departing.draft, self.db
        printed: Any = draft.data
        items = expected_items.in_order(registry.items(db, expand(draft.items)))
        signed = [self._name(p) for p in (draft.actor, draft.second) if p]
        seen = seals_and_condition.last_inspections(db, self.consignment, Step.LOADING)
        head = self._head()
        return paper_pdf.Waybill(
            number=self.number,
            version=self.version,
            version_reason=self._reason(),
            issuer=self.settings.title,
            departs_from=self._place(self.leg.source, self.ends[0]),
            goes_to=self._place(self.leg.destination, self.ends[1]),
            goods_of=self._place(self.leg.lower, self.area),
            kinds=tuple(selection.BALLOT_WORDS[kind] for kind in self.kinds),
            departed=self._moment(draft.event.wall_ms),
            closed_by=tuple(signed),
            items=tuple(_loaded(item, seen.get(item.item.id)) for item in items),
            missing=tuple(
                _missing(item, disposition, printed["reason"])
                for disposition, ranges in printed["dispositions"].items()
                for item in expected_items.in_order(registry.items(db, expand(ranges)))
            ),
            head=head,
            manifest=self._signed(items, head),
            note="DATA REKAAN" if self.settings.made_up else "",
            **self._trip(trip_details.trip_at(db, self.telling.seq)),
        )

    def _reason(self) -> str:
        return str(self.telling.draft.data["note"]) if self.version > 1 else ""

    def _place(self, tier: Tier, code: str) -> str:
        place = registry.place(self.db, code)
        match tier:
            case Tier.GUDANG:
                return f"Gudang {self.settings.title}"
            case Tier.PPK:
                return f"PPK Kecamatan {place.kecamatan}"
            case Tier.PPS:
                return f"PPS {place.kelurahan}, Kec. {place.kecamatan}"
            case Tier.KPPS:
                kelurahan = place.kelurahan or ""
                return f"TPS {place.tps} {kelurahan}, Kec. {place.kecamatan}"

    def _moment(self, ms: int) -> str:
        zone = self.settings.zone
        when = format_datetime(local(ms, zone), "d MMM yyyy HH.mm", locale="id")
        return f"{when} {zone}"

    def _trip(self, trip: Trip) -> dict[str, Any]:
        hashes: Any = self.telling.draft.data["trip"]
        printed: dict[str, Any] = dict.fromkeys(hashes["names_sha256"], _ERASED)
        for part in fields(trip):
            value = getattr(trip, part.name)
            if value is not None:
                printed[part.name] = value
        printed |= dict.fromkeys(self._unfit(hashes["names_sha256"]), _UNFIT)
        if trip.leaves_ms is not None:
            printed["planned_departure"] = self._moment(trip.leaves_ms)
        if trip.arrives_ms is not None:
            printed["planned_arrival"] = self._moment(trip.arrives_ms)
        named = (printed.get("supervisor"), trip.supervisor_unit)
        printed["supervisor"] = ", ".join(filter(None, named))
        return {name: value for name, value in printed.items() if name in _AS_IT_IS}

    def _name(self, person: str) -> str:
        """A name, or the number that is left of one that was erased or altered."""
        row = self.db.execute(
            "SELECT seq, name, badge, salt FROM account JOIN person ON id = person"
            " WHERE person = ?",
            (person,),
        ).fetchone()
        number = f"Orang {directory.number(person)}"
        if row is None or row["name"] is None:
            return number
        return row["name"] if directory.bound(self.db, row) else f"{number} {_UNFIT}"

    def _unfit(self, hashes: Mapping[str, str]) -> list[str]:
        """The parts of the trip whose names are not those that the entry tells of.

        Somebody altered the file since the station compared them at its start; the
        paper is handed to others and must not say what the ledger does not.
        """
        rows = self.db.execute(
            "SELECT part, name, salt FROM trip_name WHERE seq = ?", (self.telling.seq,)
        )
        return [
            row["part"]
            for row in rows
            if hashlib.sha256(row["salt"] + row["name"].encode()).hexdigest()
            != hashes.get(row["part"])
        ]

    def _head(self) -> WaybillHead:
        """The head with both entries in it: the departing one, and of the trip."""
        last = max(self.departing.seq, self.telling.seq)
        row = self.db.execute(
            "SELECT size, root FROM checkpoint WHERE log_id = ? AND size > ?"
            " ORDER BY size LIMIT 1",
            (ledger.log_id(self.db), last),
        ).fetchone()
        return WaybillHead(
            origin=self.settings.origin,
            size=row["size"],
            root=base64.b64encode(row["root"]).decode(),
            words=proquint.words(row["root"][:_SPOKEN]),
        )

    def _signed(self, items: list[NamedItem], head: WaybillHead) -> str:
        """The manifest, or nothing where no symbol on the page could hold it.

        The truck has left: a paper without a symbol is better than none.
        """
        text = manifest.write(self._manifest(items, head), self.signer)
        return text if manifest_symbol.fits(text) else ""

    def _manifest(self, items: list[NamedItem], head: WaybillHead) -> Manifest:
        draft = self.departing.draft
        before = self.departing.seq
        plan = [
            item.item.id for item in expected_items.plan(self.db, self.area, before)
        ]
        gone = {item.item.id for item in items}
        root = base64.b64decode(head.root)
        return Manifest(
            key=Verifier(self.signer.vkey(self.settings.origin)).key_hash,
            number=self.number,
            leg=self.leg,
            area=self.area,
            departed_ms=draft.event.wall_ms,
            size=head.size,
            root=root[:8],
            plan=manifest.plan_digest(plan),
            counts=Counter(item.item.ballot for item in items),
            digest=bytes.fromhex(str(draft.data["digest"]))[:16],
            present=tuple(item in gone for item in plan),
        )


def _named(item: NamedItem) -> dict[str, Any]:
    ballot = item.item.ballot
    return {
        "item": ItemId.parse(item.item.id),
        "kind": "" if ballot is None else selection.BALLOT_WORDS[ballot],
        # Said so: a kelurahan may bear its kecamatan's name.
        "kelurahan": item.place.kelurahan or f"Kecamatan {item.place.kecamatan}",
        "tps": item.place.tps or "",
    }


def _loaded(item: NamedItem, looked: Inspection | None) -> LoadedItem:
    if looked is None:
        return LoadedItem(**_named(item))
    words = CONDITIONS[looked.condition]
    return LoadedItem(**_named(item), condition=words, seals=looked.seals)


def _missing(item: NamedItem, disposition: str, reason: str | None) -> MissingItem:
    words = DISPOSITIONS[Disposition(disposition)]
    return MissingItem(**_named(item), disposition=words, reason=reason or "")
