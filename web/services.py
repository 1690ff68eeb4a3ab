"""What the pages ask of the running station; ``station/serve.py`` provides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from station.custody.accounts.second_signature import Request
    from station.custody.accounts.sign_in import Door
    from station.custody.consignment.opening import Order
    from station.custody.gate.closing import Closing
    from station.custody.gate.paper_forms import Form
    from station.custody.gate.scanning import Outcome
    from station.custody.gate.seals_and_condition import Looked
    from station.model import CameraState, Entry, Source
    from station.runtime.backup_schedule import Good
    from station.runtime.office_operations import Office
    from station.runtime.plan_imports import PlanDesk
    from station.runtime.print_queue import PressRoom
    from station.runtime.waybill_printing import Waybills
    from station.settings.station_toml import Settings
    from station.storage.database import Connection
    from web.hub import Hub


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """A camera as the bar and /healthz tell of it."""

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


class Line(Protocol):
    """The acts of one gate; each returns only when the ledger holds it.

    All raise StationError with one sentence where the act cannot be done.
    """

    def submit(self, text: str, source: Source, actor: str) -> Outcome:
        """Record a scan that no camera made: handheld, typed, or from a photo."""

    def submit_all(
        self,
        texts: Sequence[str],
        source: Source,
        actor: str,
        evidence: bytes | None = None,
    ) -> list[Outcome]:
        """Record the scans of one picture; all are decided before one can hold.

        ``evidence`` is the picture as a JPEG; it is kept where something is recorded.
        """

    def acknowledge(self, hold: int, reason: str, note: str, actor: str) -> Entry:
        """End the hold that entry ``hold`` began."""

    def inspect(
        self, item: str, looked: Looked, actor: str, jpeg: bytes | None = None
    ) -> Entry:
        """Record what was seen of a box that is counted here, and a photo of it."""

    def looked_for(self, item: str, reason: str, actor: str) -> Entry:
        """Say what became of an item that passed and cannot be brought back."""

    def take_off(self, item: str, reason: str, actor: str) -> Entry:
        """Take a loaded item off the truck again (turunkan)."""

    def open(self, order: Order, actor: str) -> str:
        """Open a consignment here; gives its id (loading gates)."""

    def open_planned(self, consignment_id: str, actor: str) -> str:
        """Open one of the truck plan here; gives its id (loading gates)."""

    def arrive(self, consignment: str, actor: str) -> Entry:
        """Open a departed consignment at this end (accepting gates)."""

    def ask_close(self, actor: str, closing: Closing | None = None) -> Request:
        """The closing of what is open here, for a second person to sign.

        A reason is needed where something is missing, and at a loading gate what
        becomes of each missing item.
        """

    def close(self, request: Request, second: str, pin: str) -> Entry:
        """Close what is open here, signed by a second person's PIN."""

    def cancel(self, request: Request, second: str, pin: str) -> Entry:
        """Give up what is open here, signed by a second person's PIN."""

    def start_shift(self, actor: str, *, sound_heard: bool) -> Entry | None:
        """Begin a shift here; the test sound was heard or not."""

    def enter_form(self, form: Form, actor: str) -> list[Outcome]:
        """Record what a numbered paper form says of this gate."""

    def hand_over(self, actor: str, to: str) -> Entry:
        """Give the shift to the next person; what is open or held here stays so."""

    def end_shift(self, actor: str) -> Entry:
        """End the shift; the cameras record nothing until the next one."""


@dataclass(frozen=True, slots=True)
class Services:
    """The running station, as ``create_app`` gets it."""

    settings: Settings
    hub: Hub
    lines: Mapping[str, Line]
    """By gate name."""
    read: Callable[[], Connection]
    """A new read-only connection; the app closes it after the request."""
    evidence: Callable[[str], Path]
    """The picture file of a SHA-256; StationError for what is no hash."""
    cameras: Callable[[], Sequence[CameraStatus]]
    alarms: Callable[[], Sequence[str]]
    """Codes of what is wrong now, shown as a bar on every page: ``disk``,
    ``ledger``, ``camera:NAME``, and those of ``sentences.Alarm``."""
    decode_photo: Callable[[bytes], Photo]
    """Reads an uploaded picture; Refusal where it is none, or too large."""
    secret_key: bytes
    door: Door
    """Signing in and out."""
    office: Office
    """Accounts and corrections."""
    press: PressRoom
    """Labels: preview, jobs, reprints, links."""
    plans: PlanDesk
    """The plan: dry run and import."""
    waybills: Waybills
    """Papers of what departed."""
    last_backup: Callable[[], Good | None] = lambda: None
    """The last backup that was made and verified, for the board."""
