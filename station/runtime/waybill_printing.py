"""The waybill (surat jalan) of a consignment that departed, from what the ledger says.

It vouches for itself: the ledger's head with the departing entry in it, and a signed
manifest that names every box. The same version gives the same bytes, until names on it
are erased.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.papers import paper_pdf
from station.custody.entry_data.words import SystemEvent
from station.errors import OperationRefused, RefusalReason
from station.exchange import manifest
from station.ledger.checkpoint import Verifier
from station.runtime.waybill_content import WaybillContent

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.exchange.manifest import Manifest
    from station.ledger.checkpoint import Signer
    from station.ledger.log import Log
    from station.model import Clock, Entry
    from station.settings.station_toml import Settings
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedWaybill:
    """A waybill, made and recorded."""

    data: bytes
    """PDF."""
    number: int
    version: int
    telling: int
    """The entry with the trip details that are printed."""


@dataclass(frozen=True, slots=True)
class Waybills:
    """Makes the waybills of this station."""

    settings: Settings
    signer: Signer
    write: Callable[[Callable[[Log], Entry]], Entry]
    """Runs an act on the writing thread."""
    read: Callable[[], Connection]
    clock: Clock

    def print(self, consignment: str, actor: str) -> PrintedWaybill:
        """The waybill of a consignment; that it was made is an entry.

        Raises:
            OperationRefused: it did not depart, or was changed while this was drawn.
        """
        with contextlib.closing(self.read()) as db:
            made = WaybillContent(db, self.settings, self.signer, consignment)
            data = paper_pdf.waybill(made.drawn())
        printed = PrintedWaybill(
            data=data,
            number=made.number,
            version=made.version,
            telling=made.telling.seq,
        )
        self.write(lambda log: self._record(log, consignment, printed, actor))
        return printed

    def is_ours(self, text: str) -> bool:
        """True where a waybill's QR names this station's key; proves nothing yet.

        Raises:
            StationError: it is damaged.
        """
        return manifest.key_of(text) == self._verifier.key_hash

    @property
    def _verifier(self) -> Verifier:
        return Verifier(self.signer.vkey(self.settings.origin))

    def read_manifest(self, text: str) -> Manifest:
        """What the QR of one of this station's waybills says.

        Raises:
            StationError: it is none, damaged, or signed by another.
        """
        return manifest.read(text, self._verifier)

    def _record(
        self, log: Log, consignment: str, printed: PrintedWaybill, actor: str
    ) -> Entry:
        with log.writing() as batch:
            now = batch.db.execute(
                "SELECT 1 FROM consignment WHERE id = ? AND version = ?"
                " AND trip_seq = ? AND phase <> 'cancelled'",
                (consignment, printed.version, printed.telling),
            ).fetchone()
            if now is None:
                message = f"{consignment} was changed while its waybill was drawn."
                raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message)
            return batch.note(
                SystemEvent.WAYBILL,
                {
                    "version": printed.version,
                    "sha256": hashlib.sha256(printed.data).hexdigest(),
                },
                actor=actor,
                at=self.clock(),
                consignment=consignment,
            )
