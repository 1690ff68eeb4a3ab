"""Jobs by raw TCP, as network printers take them on port 9100.

TCP takes bytes long before a printer does. So a job counts as taken only when the
printer says so (``~HS``, label printers) or closes after the last byte.
"""

from __future__ import annotations

import contextlib
import re
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.printing.printer_state import PrinterError, PrinterState

if TYPE_CHECKING:
    from collections.abc import Iterator

RAW_PORT = 9100
CONNECT_S = 5.0
_STATUS_S = 2.0
_CHUNK = 16_384
_HOST = re.compile(r"\[?([0-9A-Za-z][0-9A-Za-z._:-]*)\]?")
_ZPL = b"^XA"
_ASK = b"~HS"
_IN_BUFFER, _IN_BATCH = 4, 8
_POLL_S = 0.5
_LABEL_S = 2.0
"""A slow printer's time for one label."""
_LINE = re.compile(rb"\x02([^\x02\x03]*)\x03")


@dataclass(slots=True)
class _Line:
    """A connection to a printer."""

    socket: socket.socket
    target: str

    def put(self, data: bytes) -> None:
        """Hand over these bytes.

        Raises:
            PrinterError: Not all of them were taken.
        """
        view = memoryview(data)
        sent = 0
        while sent < len(view):
            with _told(self.target, f"{sent} of {len(view)} bytes taken"):
                sent += self.socket.send(view[sent : sent + _CHUNK])

    def status(self, wait_s: float) -> list[list[str]] | None:
        """The printer's own answer to ``~HS``, or None where it gives none."""
        self.put(_ASK)
        usual = self.socket.gettimeout()
        self.socket.settimeout(wait_s)
        answer = b""
        try:
            while len(found := _LINE.findall(answer)) < 3:  # noqa: PLR2004 - lines
                more = self.socket.recv(_CHUNK)
                if not more:
                    return None
                answer += more
        except OSError:
            return None
        finally:
            self.socket.settimeout(usual)
        return [line.decode("ascii", "replace").split(",") for line in found]

    def wait_for_end(self) -> None:
        """Wait until the printer has taken all and closes.

        Raises:
            PrinterError: It does not close, or breaks off.
        """
        with _told(self.target, "all bytes sent, not all of them taken"):
            self.socket.shutdown(socket.SHUT_WR)
            while self.socket.recv(_CHUNK):
                pass


@contextlib.contextmanager
def _told(target: str, progress: str) -> Iterator[None]:
    """Turn what a socket says into a state.

    Raises:
        PrinterError: Whatever went wrong inside.
    """
    try:
        yield
    except TimeoutError as error:
        got = f"{progress}, then nothing more"
        raise PrinterError(PrinterState.STALLED, target, got) from error
    except OSError as error:
        got = f"{progress}, then a closed line"
        raise PrinterError(PrinterState.CLOSED, target, got) from error


def send(data: bytes, target: str, stall_s: float) -> None:
    """Give a job to the printer at an address; returns when all of it was taken.

    Args:
        data: What it shall print.
        target: ``HOST`` or ``HOST:PORT``.
        stall_s: Longest wait without the printer taking a byte.

    Raises:
        PrinterError: Not everything was taken.
    """
    host, port = address(target)
    try:
        connection = socket.create_connection((host, port), CONNECT_S)
    except ConnectionRefusedError as error:
        got = "a refusal"
        raise PrinterError(PrinterState.REFUSED, target, got) from error
    except OSError as error:
        got = f"no answer ({error})"
        raise PrinterError(PrinterState.OFFLINE, target, got) from error
    with connection:
        connection.settimeout(stall_s)
        line = _Line(connection, target)
        speaks = data.startswith(_ZPL) and _ready(line)
        line.put(data)
        if not speaks:
            line.wait_for_end()
        else:
            _printed(line, stall_s, data.count(_ZPL))


def _printed(line: _Line, stall_s: float, labels: int) -> None:
    """Wait until the printer says that nothing of the job is left to print.

    Raises:
        PrinterError: It stops, says nothing more, or prints nothing for ``stall_s``.

    Source: Zebra, ZPL II Programming Guide, ``~HS``: string 1, formats in the receive
        buffer; string 2, labels remaining in the batch.
    """
    # A printer that answers in its turn answers after it has printed all of them.
    patience_s = stall_s + labels * _LABEL_S
    fewest, since = None, time.monotonic()
    while True:
        said = line.status(patience_s)
        if said is None:
            got = "all bytes sent, not all of them taken"
            raise PrinterError(PrinterState.STALLED, line.target, got)
        _check(said, line.target)
        left = _count(said[0], _IN_BUFFER) + _count(said[1], _IN_BATCH)
        if not left:
            return
        if fewest is None or left < fewest:
            fewest, since, patience_s = left, time.monotonic(), stall_s
        elif time.monotonic() - since > stall_s:
            got = f"{left} labels that stay unprinted"
            raise PrinterError(PrinterState.STALLED, line.target, got)
        time.sleep(min(_POLL_S, stall_s / 4))


def _count(line: list[str], place: int) -> int:
    text = line[place].strip() if len(line) > place else ""
    return int(text) if text.isdecimal() else 0


def _ready(line: _Line) -> bool:
    """True when the printer says that it can print, False when it says nothing.

    Raises:
        PrinterError: It says why it cannot.
    """
    said = line.status(min(_STATUS_S, line.socket.gettimeout() or _STATUS_S))
    if said is None:
        return False
    _check(said, line.target)
    return True


def _check(said: list[list[str]], target: str) -> None:
    """Let a printer pass that can print.

    Raises:
        PrinterError: It says why it cannot.

    Source: Zebra, ZPL II Programming Guide, ``~HS``: strings 1 and 2.
    """
    flags = (
        (0, 1, PrinterState.PAPER, "no paper"),
        (1, 2, PrinterState.HEAD, "an open head"),
        (1, 3, PrinterState.RIBBON, "no ribbon"),
        (0, 2, PrinterState.PAUSED, "a pause"),
    )
    for string, place, state, got in flags:
        if len(said[string]) > place and said[string][place].strip() == "1":
            raise PrinterError(state, target, got)


def address(target: str) -> tuple[str, int]:
    """Host and port of a target.

    Raises:
        PrinterError: It has another form.
    """
    host, port = target, str(RAW_PORT)
    if target.startswith("[") and "]" in target:  # an IPv6 address
        host, _, rest = target.partition("]")
        port = rest.removeprefix(":") or port
    elif target.count(":") == 1:
        host, _, port = target.partition(":")
    found = _HOST.fullmatch(host.strip("[]"))
    if not found or not port.isdecimal() or not 0 < int(port) < 65_536:  # noqa: PLR2004
        raise PrinterError(PrinterState.ADDRESS, ascii(target), "no address")
    return found[1], int(port)
