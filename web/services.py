"""What the pages ask of the running station; ``station/serve.py`` provides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from station.camera_frames import CameraState, ScanSource
    from station.custody.accounts.second_signature import SigningRequest
    from station.custody.accounts.sign_in import Authenticator
    from station.custody.consignment.opening import OpeningOrder
    from station.custody.entry_data.words import (
        AcknowledgeReason,
        LookedFor,
        OwnWords,
        TakeOff,
    )
    from station.custody.gate.closing import Closing
    from station.custody.gate.paper_forms import PaperForm
    from station.custody.gate.scanning import Outcome
    from station.custody.gate.seals_and_condition import Inspection
    from station.model import Entry
    from station.runtime.backup_schedule import LastBackup
    from station.runtime.hub import Hub
    from station.runtime.office_operations import OfficeOperations
    from station.runtime.plan_imports import PlanImports
    from station.runtime.print_queue import PrintQueue
    from station.runtime.waybill_printing import Waybills
    from station.settings.station_toml import Settings
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """A camera as the bar and /healthz show it."""

    name: str
    gate: str
    state: CameraState
    fps: float
    age_ms: int | None
    """Since the newest picture; None before the first."""
    detail: str
    """One sentence where it is lost."""


@dataclass(frozen=True, slots=True)
class Photo:
    """An uploaded picture, read."""

    texts: Sequence[str]
    """Of its QR symbols."""
    jpeg: bytes
    """The picture as evidence, at most 1280 px wide, without what a phone adds."""


class GateActions(Protocol):
    """The acts of one gate; each returns only when the ledger holds it.

    All raise StationError with one sentence where the act cannot be done.
    """

    def submit(self, text: str, source: ScanSource, actor: str) -> Outcome:
        """Record a scan that no camera made: handheld, typed, or from a photo."""

    def submit_all(
        self,
        texts: Sequence[str],
        source: ScanSource,
        actor: str,
        evidence: bytes | None = None,
    ) -> list[Outcome]:
        """Record the scans of one picture; all are decided before one can hold.

        ``evidence`` is the picture as a JPEG; it is kept where something is recorded.
        """

    def acknowledge(
        self, hold: int, reason: AcknowledgeReason, note: str, actor: str
    ) -> Entry:
        """End the hold that entry ``hold`` began."""

    def inspect(
        self, item: str, looked: Inspection, actor: str, jpeg: bytes | None = None
    ) -> Entry:
        """Record what was seen of a box that is counted here, and a photo of it."""

    def looked_for(self, item: str, reason: LookedFor | OwnWords, actor: str) -> Entry:
        """Say what became of an item that passed and cannot be brought back."""

    def take_off(self, item: str, reason: TakeOff | OwnWords, actor: str) -> Entry:
        """Take a loaded item off the truck again (turunkan)."""

    def open(self, order: OpeningOrder, actor: str) -> str:
        """Open a consignment here; gives its id (loading gates)."""

    def open_planned(self, consignment_id: str, actor: str) -> str:
        """Open one of the truck plan here; gives its id (loading gates)."""

    def arrive(self, consignment: str, actor: str) -> Entry:
        """Open a departed consignment at this end (accepting gates)."""

    def ask_close(self, actor: str, closing: Closing | None = None) -> SigningRequest:
        """The closing of what is open here, for a second person to sign.

        A reason is needed where something is missing, and at a loading gate what
        becomes of each missing item.
        """

    def close(self, request: SigningRequest, second: str, pin: str) -> Entry:
        """Close what is open here, signed by a second person's PIN."""

    def cancel(self, request: SigningRequest, second: str, pin: str) -> Entry:
        """Give up what is open here, signed by a second person's PIN."""

    def start_shift(self, actor: str, *, sound_heard: bool) -> Entry | None:
        """Begin a shift here; the test sound was heard or not."""

    def enter_form(self, form: PaperForm, actor: str) -> list[Outcome]:
        """Record the rows of a numbered paper form of this gate."""

    def hand_over(self, actor: str, to: str) -> Entry:
        """Give the shift to the next person; what is open or held here stays so."""

    def end_shift(self, actor: str) -> Entry:
        """End the shift; the cameras record nothing until the next one."""


@dataclass(frozen=True, slots=True)
class Services:
    """The running station, as ``create_app`` gets it."""

    settings: Settings
    hub: Hub
    gates: Mapping[str, GateActions]
    """By gate name."""
    read: Callable[[], Connection]
    """A new read-only connection; the app closes it after the request."""
    evidence: Callable[[str], Path]
    """The picture file of a SHA-256; StationError for what is no hash."""
    cameras: Callable[[], Sequence[CameraHealth]]
    alarms: Callable[[], Sequence[str]]
    """Codes of what is wrong now, shown as a bar on every page: ``disk``,
    ``ledger``, ``camera:NAME``, and those of ``sentences.Alarm``."""
    decode_photo: Callable[[bytes], Photo]
    """Reads an uploaded picture; OperationRefused where it is none, or too large."""
    secret_key: bytes
    authenticator: Authenticator
    """Signing in and out."""
    office: OfficeOperations
    """Accounts and corrections."""
    print_queue: PrintQueue
    """Labels: preview, jobs, reprints, links."""
    plans: PlanImports
    """The plan: dry run and import."""
    waybills: Waybills
    """Papers of what departed."""
    last_backup: Callable[[], LastBackup | None] = lambda: None
    """The last backup that was made and verified, for the board."""
