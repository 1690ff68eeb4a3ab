"""A job to a printer: the real client against a printer's end of the line."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from labels.printing import raw_tcp, send_job
from labels.printing.send_job import PrinterError, PrinterState, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ZPL = b"^XA^FO0,0^GFA,1,1,1,00^FS^XZ\n"
READY = (
    b"\x02030,0,0,0000,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02001,0,0,0,0,2,6,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)
STALL_S = 0.4


class FakePrinter:
    """Listens on this machine and does to a connection what ``act`` does."""

    def __init__(self, act: Callable[[FakePrinter, socket.socket], None]) -> None:
        self.taken = b""
        self.done = threading.Event()
        self._act = act
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                self._act(self, connection)

    def close(self) -> None:
        self.done.set()
        with contextlib.suppress(OSError):
            # Wakes an accept that nobody came to.
            socket.create_connection(self._listener.getsockname(), 1).close()
        self._listener.close()
        self._thread.join(5)
        assert not self._thread.is_alive()


@contextlib.contextmanager
def running(act: Callable[[FakePrinter, socket.socket], None]) -> Iterator[FakePrinter]:
    fake = FakePrinter(act)
    try:
        yield fake
    finally:
        fake.close()


def takes_all(fake: FakePrinter, connection: socket.socket) -> None:
    while more := connection.recv(4096):
        fake.taken += more


def speaks(answers: list[bytes]) -> Callable[[FakePrinter, socket.socket], None]:
    """A printer that answers each ``~HS`` with the next of these."""

    def act(fake: FakePrinter, connection: socket.socket) -> None:
        left = list(answers)
        while more := connection.recv(4096):
            fake.taken += more
            while fake.taken.count(b"~HS") > len(answers) - len(left) and left:
                connection.sendall(left.pop(0))

    return act


def test_every_byte_reaches_a_printer_that_is_silent() -> None:
    data = b"%PDF-" + bytes(range(256)) * 4096
    with running(takes_all) as fake:
        send(data, fake.target)
        fake.close()

    assert fake.taken == data


def test_a_label_printer_that_speaks_is_asked_before_and_after_the_job() -> None:
    with running(speaks([READY, READY])) as fake:
        send(ZPL * 3000, fake.target, stall_s=5)
        fake.close()

    assert fake.taken == b"~HS" + ZPL * 3000 + b"~HS"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (READY.replace(b"030,0,0", b"030,1,0"), PrinterState.PAPER),
        (READY.replace(b"030,0,0", b"030,0,1"), PrinterState.PAUSED),
        (READY.replace(b"001,0,0,0", b"001,0,1,0"), PrinterState.HEAD),
        (READY.replace(b"001,0,0,0", b"001,0,0,1"), PrinterState.RIBBON),
    ],
)
def test_a_printer_that_cannot_print_says_why_and_gets_nothing(
    answer: bytes, state: PrinterState
) -> None:
    with running(speaks([answer])) as fake, pytest.raises(PrinterError) as error:
        send(ZPL, fake.target)

    assert error.value.state is state
    assert error.value.can_retry
    assert fake.taken == b"~HS"
    assert "print again; nothing was counted as printed" in str(error.value)


def left(number: int, flag: bytes = b"030,0,0") -> bytes:
    """An answer that says how many labels are still to be printed."""
    batch = READY.replace(b"00000000", b"%08d" % number)
    return batch.replace(b"030,0,0", flag)


def test_a_job_is_taken_when_its_last_label_is_printed() -> None:
    answers = [READY, left(2), left(1), READY]
    with running(speaks(answers)) as fake:
        send(ZPL * 3, fake.target, stall_s=STALL_S)
        fake.close()

    assert fake.taken.count(b"~HS") == len(answers)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (left(2, b"030,1,0"), PrinterState.PAPER),
        (left(0, b"030,1,0"), PrinterState.PAPER),
        (left(2, b"030,0,1"), PrinterState.PAUSED),
        (READY.replace(b"001,0,0,0", b"001,0,1,0"), PrinterState.HEAD),
    ],
)
def test_a_printer_that_stops_in_the_middle_has_not_printed(
    answer: bytes, state: PrinterState
) -> None:
    with (
        running(speaks([READY, left(3), answer])) as fake,
        pytest.raises(PrinterError) as error,
    ):
        send(ZPL * 3, fake.target, stall_s=STALL_S)

    assert error.value.state is state


def test_a_printer_that_prints_no_further_label_has_stalled() -> None:
    with (
        running(speaks([READY, *[left(2)] * 50])) as fake,
        pytest.raises(PrinterError) as error,
    ):
        send(ZPL * 3, fake.target, stall_s=STALL_S)

    assert error.value.state is PrinterState.STALLED


def test_a_printer_that_answers_in_its_turn_is_waited_for() -> None:
    def act(fake: FakePrinter, connection: socket.socket) -> None:
        asked = 0
        while more := connection.recv(4096):
            fake.taken += more
            while fake.taken.count(b"~HS") > asked:
                asked += 1
                if asked > 1:  # it prints three labels first
                    fake.done.wait(3 * STALL_S)
                connection.sendall(READY)

    with running(act) as fake:
        send(ZPL * 3, fake.target, stall_s=STALL_S)


def test_a_printer_that_stops_answering_has_stalled() -> None:
    with running(speaks([READY])) as fake, pytest.raises(PrinterError) as error:
        send(ZPL, fake.target, stall_s=STALL_S)

    assert error.value.state is PrinterState.STALLED


@pytest.mark.parametrize("size", [100, 20_000_000])
def test_a_printer_that_takes_nothing_has_stalled(size: int) -> None:
    # Also a small job, which this machine alone could hold for the printer.
    def act(fake: FakePrinter, _: socket.socket) -> None:
        fake.done.wait(10)

    with running(act) as fake, pytest.raises(PrinterError) as error:
        send(b"%PDF" + bytes(size), fake.target, stall_s=STALL_S)

    assert error.value.state is PrinterState.STALLED


def test_a_printer_that_breaks_off_is_told_apart() -> None:
    def act(_: FakePrinter, connection: socket.socket) -> None:
        connection.recv(1000)
        # Linger 0: the line is cut, not closed.
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    with running(act) as fake, pytest.raises(PrinterError) as error:
        send(b"%PDF" + bytes(20_000_000), fake.target, stall_s=5)

    assert error.value.state is PrinterState.CLOSED


def test_nothing_listening_is_a_refusal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(PrinterError) as error:
        send(ZPL, f"127.0.0.1:{port}")

    assert error.value.state is PrinterState.REFUSED


def test_a_name_without_a_machine_is_offline() -> None:
    with pytest.raises(PrinterError) as error:
        send(ZPL, "printer.invalid")

    assert error.value.state is PrinterState.OFFLINE


@pytest.mark.parametrize(
    "target", ["", "host:0", "host:99999", "a b", "-x", "host:lp", "cups:-o", "cups:"]
)
def test_a_target_without_sense_is_refused_before_anything_is_tried(
    target: str,
) -> None:
    with pytest.raises(PrinterError) as error:
        send(ZPL, target)

    assert error.value.state is PrinterState.ADDRESS
    assert not error.value.can_retry


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("10.0.0.9", ("10.0.0.9", 9100)),
        ("zebra-1.local:6101", ("zebra-1.local", 6101)),
        ("[fe80::1]", ("fe80::1", 9100)),
        ("[fe80::1]:9101", ("fe80::1", 9101)),
        ("fe80::1", ("fe80::1", 9100)),
    ],
)
def test_an_address_has_a_usual_port(target: str, expected: tuple[str, int]) -> None:
    assert raw_tcp.address(target) == expected


def lp(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program of this name first in the path; CUPS itself is no test's to use."""
    if sys.platform == "win32":
        pytest.skip("CUPS is no part of Windows")
    program = folder / "lp"
    program.write_text(f"#!/bin/sh\n{script}\n", "ascii")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_a_queue_gets_zpl_raw_and_pdf_as_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    lp(tmp_path, monkeypatch, f'echo "$@" >> {told}; cat >> {told}')

    send(ZPL, "cups:Zebra_1")
    send(b"%PDF-1\n", "cups:Office")

    assert told.read_bytes() == (
        b"-d Zebra_1 -t Jejak -o raw -\n" + ZPL + b"-d Office -t Jejak -\n%PDF-1\n"
    )


def test_a_queue_that_refuses_says_so_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lp(tmp_path, monkeypatch, 'echo "lp: no such destination" >&2; exit 1')

    with pytest.raises(PrinterError, match="lp: no such destination") as error:
        send(ZPL, "cups:Zebra_1")

    assert error.value.state is PrinterState.QUEUE


def test_without_cups_there_is_no_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PrinterError) as error:
        send(ZPL, "cups:Zebra_1")

    assert error.value.state is PrinterState.MISSING


def test_a_queue_that_hangs_has_stalled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lp(tmp_path, monkeypatch, "exec sleep 5")
    monkeypatch.setattr(send_job, "STALL_S", 0.1)

    with pytest.raises(PrinterError) as error:
        send(ZPL, "cups:Zebra_1")

    assert error.value.state is PrinterState.STALLED


class FakeSpooler(ModuleType):
    """The few calls of the Windows spooler, which other systems lack."""

    class error(Exception):  # noqa: N801, N818 - the spooler's own name
        pass

    def __init__(self, *, takes: int | None = None, knows: str = "Zebra") -> None:
        super().__init__("win32print")
        self._takes, self._knows = takes, knows
        self.calls: list[tuple[Any, ...]] = []

    def OpenPrinter(self, name: str) -> int:  # noqa: N802
        if name != self._knows:
            raise self.error(1801, "OpenPrinter", "The printer name is invalid.")
        return 7

    def WritePrinter(self, printer: int, data: bytes) -> int:  # noqa: N802
        self.calls.append(("WritePrinter", printer, data))
        return len(data) if self._takes is None else self._takes

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if not name.endswith("Printer"):
            raise AttributeError(name)
        return lambda *arguments: self.calls.append((name, *arguments))


def test_the_windows_spooler_gets_the_bytes_raw(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spooler = FakeSpooler()
    monkeypatch.setitem(sys.modules, "win32print", spooler)

    send(ZPL, "windows:Zebra")

    assert spooler.calls == [
        ("StartDocPrinter", 7, 1, ("Jejak", None, "RAW")),
        ("StartPagePrinter", 7),
        ("WritePrinter", 7, ZPL),
        ("EndPagePrinter", 7),
        ("EndDocPrinter", 7),
        ("ClosePrinter", 7),
    ]


@pytest.mark.parametrize(
    ("spooler", "state"),
    [
        (FakeSpooler(takes=3), PrinterState.STALLED),
        (FakeSpooler(knows="another"), PrinterState.QUEUE),
        (None, PrinterState.MISSING),
    ],
)
def test_the_windows_spooler_can_fail(
    spooler: FakeSpooler | None, state: PrinterState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "win32print", spooler)

    with pytest.raises(PrinterError) as error:
        send(ZPL, "windows:Zebra")

    assert error.value.state is state


def test_a_file_is_a_printer_too(tmp_path: Path) -> None:
    send(ZPL, f"file:{tmp_path / 'job.zpl'}")

    assert (tmp_path / "job.zpl").read_bytes() == ZPL
    with pytest.raises(PrinterError) as error:
        send(ZPL, f"file:{tmp_path}")
    assert error.value.state is PrinterState.FILE


def test_every_state_says_what_to_do() -> None:
    sentences = {str(PrinterError(state, "x", "y")) for state in PrinterState}

    assert len(sentences) == len(PrinterState)
