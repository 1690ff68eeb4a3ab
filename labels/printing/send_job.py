"""A job to a printer: by network, CUPS, the Windows spooler, or into a file.

``send`` returns only when everything was taken; whatever else happens is a
``PrinterError`` whose state the screen can show, with a retry. Nothing is counted as
printed before that.

Targets: ``192.168.1.9`` or ``192.168.1.9:9100`` (raw TCP), ``cups:QUEUE``,
``windows:NAME``, ``file:PATH``.
"""

from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labels.printing import raw_tcp
from labels.printing.printer_state import PrinterError, PrinterState

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STALL_S", "PrinterError", "PrinterState", "send"]

STALL_S = 30.0
"""A printer that takes no byte for so long has stopped: paper, head, or pause."""
_QUEUE = re.compile(r"[0-9A-Za-z_][^\s/#\0]*")
_ZPL = b"^XA"


def send(data: bytes, target: str, *, stall_s: float = STALL_S) -> None:
    """Give a job to a printer; returns when all of it was taken.

    A network printer has taken it when it says so (``~HS``, label printers), or when
    it closes the connection after the last byte. A queue has taken it when it stands
    in the queue; what happens to the paper then is the system's to tell.

    Args:
        data: ZPL, or a PDF for a printer or queue that knows PDF.
        target: Where to; see the module.
        stall_s: Longest wait without the printer taking a byte.

    Raises:
        PrinterError: Not everything was taken; nothing may be counted as printed.
    """
    way, found, name = target.partition(":")
    ways: dict[str, Callable[[bytes, str], None]] = {
        "cups": _cups,
        "windows": _windows,
        "file": _file,
    }
    if found and way in ways:
        ways[way](data, name)
    else:
        raw_tcp.send(data, target, stall_s)


def _cups(data: bytes, queue: str) -> None:
    """Send a job to a CUPS queue.

    Raises:
        PrinterError: There is no CUPS here, or it refuses.
    """
    target = f"cups:{queue}"
    if not _QUEUE.fullmatch(queue):
        raise PrinterError(PrinterState.ADDRESS, ascii(target), "no queue's name")
    raw = ["-o", "raw"] if data.startswith(_ZPL) else []
    command = ["lp", "-d", queue, "-t", "Jejak", *raw, "-"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the queue's name is checked
            command, input=data, capture_output=True, timeout=STALL_S, check=False
        )
    except FileNotFoundError as error:
        got = "no CUPS (lp)"
        raise PrinterError(PrinterState.MISSING, target, got) from error
    except subprocess.TimeoutExpired as error:
        raise PrinterError(PrinterState.STALLED, target, "no answer") from error
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise PrinterError(PrinterState.QUEUE, target, told or "a refusal")


def _windows(data: bytes, name: str) -> None:
    """Send a job to a Windows printer, its bytes as they are.

    Raises:
        PrinterError: This is no Windows, or its spooler refuses.
    """
    target = f"windows:{name}"
    try:
        spooler: Any = importlib.import_module("win32print")
    except ImportError as error:
        got = "no Windows spooler (Windows with pywin32)"
        raise PrinterError(PrinterState.MISSING, target, got) from error
    try:
        printer = spooler.OpenPrinter(name)
        try:
            spooler.StartDocPrinter(printer, 1, ("Jejak", None, "RAW"))
            try:
                spooler.StartPagePrinter(printer)
                taken = spooler.WritePrinter(printer, data)
                spooler.EndPagePrinter(printer)
            finally:
                spooler.EndDocPrinter(printer)
        finally:
            spooler.ClosePrinter(printer)
    except spooler.error as error:
        raise PrinterError(PrinterState.QUEUE, target, str(error)) from error
    if taken != len(data):
        got = f"{taken} of {len(data)} bytes taken"
        raise PrinterError(PrinterState.STALLED, target, got)


def _file(data: bytes, path: str) -> None:
    """Write a job into a file.

    Raises:
        PrinterError: It cannot be written.
    """
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        got = error.strerror or str(error)
        raise PrinterError(PrinterState.FILE, f"file:{path}", got) from error
