"""What can stand in the way of a job for a printer, and the sentence that says so."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class PrinterState(StrEnum):
    """What stands in the way of a job."""

    ADDRESS = "address"
    """The target cannot be understood."""
    OFFLINE = "offline"
    REFUSED = "refused"
    """The machine is there, but nothing prints on it."""
    STALLED = "stalled"
    """It took some of the job and no more."""
    CLOSED = "closed"
    """It broke off in the middle."""
    PAPER = "paper"
    RIBBON = "ribbon"
    HEAD = "head"
    PAUSED = "paused"
    QUEUE = "queue"
    """The system's own printing refused the job."""
    MISSING = "missing"
    """This machine has no such way of printing."""
    FILE = "file"


ADVICE: Mapping[PrinterState, str] = {
    PrinterState.ADDRESS: "write HOST[:9100], cups:QUEUE, windows:NAME or file:PATH",
    PrinterState.OFFLINE: "switch the printer on, look at its cable and address",
    PrinterState.REFUSED: "look at its address, and switch raw printing on in it",
    PrinterState.STALLED: "look at the paper, the ribbon and the printer's lamp",
    PrinterState.CLOSED: "look at the printer's lamp and at the network",
    PrinterState.PAPER: "load labels and press feed",
    PrinterState.RIBBON: "load ribbon",
    PrinterState.HEAD: "close the print head",
    PrinterState.PAUSED: "press pause on the printer",
    PrinterState.QUEUE: "look at the queue of this machine",
    PrinterState.MISSING: "choose another way of printing",
    PrinterState.FILE: "choose another file",
}
"""What a person does about it, in English."""


class PrinterError(Exception):
    """Why a job was not printed; the sentence ends with what to do, then to retry."""

    def __init__(self, state: PrinterState, target: str, got: str) -> None:
        super().__init__(state, target, got)
        self.state = state
        self.target = target
        self.got = got
        """What was seen instead of a printer that takes the job."""

    @property
    def can_retry(self) -> bool:
        """False where the same job to the same target can never work."""
        return self.state not in {PrinterState.ADDRESS, PrinterState.MISSING}

    def __str__(self) -> str:
        """The sentence, in English."""
        again = ", then print again" if self.can_retry else ""
        return (
            f"Expected a printer that takes the job at {self.target}, got {self.got}: "
            f"{ADVICE[self.state]}{again}; nothing was counted as printed."
        )
