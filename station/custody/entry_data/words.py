"""The closed sets of words in an entry's ``data``.

The value of a member is what the bytes of an entry hold: none is ever renamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from station.errors import OperationRefused, RefusalReason

if TYPE_CHECKING:
    from station.leg import Leg, Tier


class RegistryAction(StrEnum):
    """What a ``registry`` entry records, in ``action``."""

    PLAN = "plan"
    ALIAS = "alias"
    ENROL = "enrol"
    ROLE = "role"
    ERASE = "erase"
    PASSWORD = "password"  # noqa: S105 - a word of the ledger, no password
    PIN = "pin"
    CODE = "code"
    TRIP_NAMES_ERASED = "trip_names_erased"


class ConsignmentAction(StrEnum):
    """What happened to a consignment, in ``action``."""

    DRAFT = "draft"
    UNDRAFT = "undraft"
    OPEN = "open"
    TRIP = "trip"
    ACCEPTED = "accepted"
    CANCEL = "cancel"
    RETRACT = "retract"
    FOUND = "found"


class InspectingAction(StrEnum):
    """What somebody who looked at an item did, in ``action``."""

    ACKNOWLEDGE = "acknowledge"
    CONDITION = "condition"


class SystemEvent(StrEnum):
    """What the station or its people did beside the goods, in ``event``."""

    START = "start"
    STOP = "stop"
    UNCLEAN_STOP = "unclean_stop"
    CAMERA_LOST = "camera_lost"
    CAMERA_BACK = "camera_back"
    SLEPT = "slept"
    STOOD_STILL = "stood_still"
    CLOCK_JUMPED = "clock_jumped"
    CLOCK_BEHIND = "clock_behind"
    CLOCK_BEHIND_OVER = "clock_behind_over"
    ON_BATTERY = "on_battery"
    ON_MAINS = "on_mains"
    BATTERY_LOW = "battery_low"
    BATTERY_ENOUGH = "battery_enough"
    DISK_LOW = "disk_low"
    DISK_ENOUGH = "disk_enough"
    UNTOLD = "untold"
    HIGH_WATER_BEGUN = "high_water_begun"
    HIGH_WATER_MISSING = "high_water_missing"
    HIGH_WATER_AHEAD = "high_water_ahead"
    HIGH_WATER_BACK = "high_water_back"
    CHECKED = "checked"
    CHECK_FAILED = "check_failed"
    BACKUP = "backup"
    BACKUP_FAILED = "backup_failed"
    BACKUP_POSSIBLE = "backup_possible"
    EXPORT = "export"
    REBUILT = "rebuilt"
    RESTORED = "restored"
    NAMES_MENDED = "names_mended"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    PASSWORD_FAILED = "password_failed"  # noqa: S105 - a word of the ledger
    PIN_FAILED = "pin_failed"
    LOCKED = "locked"
    SHIFT_START = "shift_start"
    SHIFT_CHECK = "shift_check"
    HANDOVER = "handover"
    SHIFT_END = "shift_end"
    UNDECIDED = "undecided"
    LOOKED_FOR = "looked_for"
    FORMS = "forms"
    FORM = "form"
    FORM_UNUSED = "form_unused"
    PRINT = "print"
    WAYBILL = "waybill"


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A reason in a person's own words, where none of the closed set is it."""

    text: str

    def __post_init__(self) -> None:
        """Refuse words that say nothing.

        Raises:
            OperationRefused: there are none.
        """
        if not self.text.strip():
            raise OperationRefused(RefusalReason.REASON_NEEDED, "Give a reason.")

    @property
    def value(self) -> str:
        """As an entry holds it, like a word of a closed set."""
        return self.text.strip()


class AcknowledgeReason(StrEnum):
    """What was done with a held box."""

    SET_ASIDE = "set_aside"
    MOVED = "moved"
    MISLABELLED = "mislabelled"
    OTHER = "other"
    """The note says what."""


class TakeOff(StrEnum):
    """Why a box was taken off the truck again."""

    WRONG_TRUCK = "wrong_truck"
    DAMAGED = "damaged"
    TRUCK_CHANGED = "truck_changed"
    OTHER = "other"
    """Recorded in the person's own words."""


class LookedFor(StrEnum):
    """What became of a box that passed a gate undecided and is not brought back."""

    ON_SHELF = "on_shelf"
    OTHER_TRUCK = "other_truck"
    OTHER = "other"
    """Recorded in the person's own words."""


class Condition(StrEnum):
    """How a box looks; the blank paper form numbers them 1 to 5 in this order."""

    GOOD = "good"
    WET = "wet"
    TORN_WRAP = "torn_wrap"
    SEAL_BROKEN = "seal_broken"
    DAMAGED = "damaged"


class Where(StrEnum):
    """Where a box turned up that was missing when its consignment was closed."""

    ARRIVED = "arrived"
    """At the other end, after all."""
    SOURCE = "source"
    """Where its consignment began: it never left, or came back."""

    def tier(self, leg: Leg) -> Tier:
        """The place whose people say so."""
        return leg.destination if self is Where.ARRIVED else leg.source


class Wrong(StrEnum):
    """Why an entry is wrong.

    Source: EPCIS 2.0, 7.4.1.4 errorDeclaration; CBV 2.0, 7.5 error reasons.
    """

    DID_NOT_OCCUR = "did_not_occur"
    INCORRECT_DATA = "incorrect_data"


class PrintForm(StrEnum):
    """What a print job is written in."""

    PDF = "pdf"
    ZPL = "zpl"


class SignInBy(StrEnum):
    """How somebody signed in."""

    PASSWORD = "password"  # noqa: S105 - a word of the ledger, no password
    CODE = "code"
    """A one-time code given out by an administrator."""
    ONCE = "once"
    """A link that the demo opens."""


class SecretKind(StrEnum):
    """What was typed wrong too often."""

    PASSWORD = "password"  # noqa: S105 - a word of the ledger, no password
    PIN = "pin"


class BackupFault(StrEnum):
    """Why there is no backup."""

    MISSING = "missing"
    """The folder is not there: the stick is not plugged in, or was pulled out."""
    FULL = "full"
    FAILED = "failed"
    """It could not be written or read back, or what was read back does not hold."""


class MarkState(StrEnum):
    """What was found where the high-water mark should lie."""

    HOLDS = "holds"
    """The ledger has come at least so far, on the same way."""
    GONE = "gone"
    """Nothing lies there: the first start, or the mark's disk is not plugged in."""
    UNREADABLE = "unreadable"
    """Something else, or not signed with this ledger's key."""
