"""Puts cameras, gates and web together: the running station."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Self, TypeVar

from waitress import wasyncore
from waitress.server import create_server

from labels import qr_symbol
from station.capture.decoding.decoder import texts
from station.capture.evidence_store import EvidenceStore
from station.capture.jpeg import MOST_PIXELS, colour_of, jpeg_of, size_of
from station.capture.process.supervisor import CameraProcess
from station.capture.sources.open_camera import open_source
from station.custody.accounts import directory
from station.custody.accounts.sign_in import Authenticator
from station.custody.gate import open_work
from station.custody.gate.scanning import Gate
from station.custody.labelling.print_jobs import PrintWorkshop
from station.errors import OperationRefused, RefusalReason, StationError
from station.founding import create_station, high_water_mark
from station.model import CameraState, system_clock
from station.runtime.background_services import BackgroundServices, must_check
from station.runtime.gate_ledger import GateServices
from station.runtime.gate_operations import GateOperations
from station.runtime.hub import Hub
from station.runtime.office_operations import OfficeOperations
from station.runtime.plan_imports import PlanImports
from station.runtime.print_queue import PrintQueue
from station.runtime.scan_stops import ScanStops
from station.runtime.waybill_printing import Waybills
from station.storage import database
from web.app import create_app
from web.services import CameraHealth, Photo, Services

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from station.capture.process.supervisor import Make
    from station.ledger.log import Log
    from station.model import CameraSettings, Clock, Json
    from station.settings.station_toml import Settings

T = TypeVar("T")

_THREADS = 16
_LOOP_S = 0.25
_DRAIN_S = 0.02
_ANSWERS_S = 5.0
"""How long a stop waits for answers that are being made."""
PATIENCE_S = 15.0
"""How long a stop waits for a disk that does not answer, twice."""
_SAME_PRESS_S = 1.0
"""One Ctrl-C may arrive twice: from the terminal, and from what started us."""
_ENDED = (
    "jejak: ended at once by a second signal, the stop took too long; the next start "
    "checks the whole ledger.\n"
)

logger = logging.getLogger("jejak")


class Station:
    """A station at work. Use it in a ``with`` block; leaving it stops everything."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock = system_clock,
        make: Make = open_source,
    ) -> None:
        self.settings = settings
        self._make = make
        self.clock = clock
        self.hub = Hub()
        self.gates: dict[str, GateOperations] = {}
        self.cameras: dict[str, CameraProcess] = {}
        self._lock = database.WriterLock(settings.folder)
        self._guard = ScanStops(settings.folder)
        self._evidence = EvidenceStore(settings.evidence)
        self._was_lost: set[str] = set()
        self._sockets: dict[int, object] = {}
        self._asked_to_stop = False
        self._signalled_s: float | None = None
        self.door = Authenticator(self.on_ledger, self._read, clock)
        self.office = OfficeOperations(self.on_ledger, self.door, clock)
        self.plans = PlanImports(settings, self._read, self.on_ledger, clock)
        self.press: PrintQueue

    def __enter__(self) -> Self:
        """Open the ledger, the gates and the cameras.

        Raises:
            StationError: another station runs on this folder, the ledger is unclear,
                or a gate with open work is no longer in station.toml.
        """
        with contextlib.ExitStack() as undo:
            self._lock.acquire()
            undo.callback(self._lock.release)
            self._writer = database.Writer(self._open_ledger)
            undo.callback(self._close_ledger)
            unclean = self._writer.run(lambda: must_check(self.log.db, self.note))
            # One that is too large for a look at every opening.
            large = self._writer.run(lambda: self.log.size > create_station.AT_ONCE)
            self.note("start")
            self._watch = undo.enter_context(
                BackgroundServices(
                    *(self.settings, self.clock, self._guard, self.note),
                    lambda: self._writer.busy_s,
                    chores=self._finish_erasing,
                    check=large,
                    unclean=unclean,
                )
            )
            self._open_lines()
            for camera in self.settings.cameras:
                self._start_camera(camera)
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the entry in hand, end the cameras, close the ledger.

        Raises:
            StationError: the disk does not answer; all but the ledger was ended.
        """
        self.hub.close()
        # Asked now: whoever waits for a disk that hangs could not be ended else.
        self._writer.settle(PATIENCE_S)
        # All at once: each waits for its child to let go of the camera.
        stopping = [
            threading.Thread(target=camera.stop) for camera in self.cameras.values()
        ]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()
        for gate in self.gates.values():
            with contextlib.suppress(StationError):  # told by the ledger's own alarm
                gate.stop()
        self.press.close()
        self.plans.close()
        self._watch.__exit__()
        # The lock stays with a thread that still writes, to the end of the process.
        self._close_ledger()
        self._lock.release()

    @property
    def log(self) -> Log:
        """The ledger; use it on the writing thread only."""
        return self._writer.made

    def note(self, event: str, **facts: Json) -> None:
        """Record a fact about the station itself."""
        at = self.clock()

        def record() -> int:
            with self.log.writing() as batch:
                batch.note(event, facts, actor=directory.SYSTEM, at=at)
            return self.log.size

        self.hub.recorded(self._writer.run(record))

    def _finish_erasing(self) -> None:
        """Try again to overwrite erased names where a reader was in the way."""
        if self.office.finish_erasing():
            self._guard.end("erasing")
        else:
            self._guard.begin("erasing")

    def on_ledger(self, act: Callable[[Log], T]) -> T:
        """Run an act on the thread that writes; what it recorded may be shown then.

        Raises:
            StationError: it cannot be recorded.
        """
        done, size = self._writer.run(lambda: (act(self.log), self.log.size))
        for gate in self.gates.values():
            gate.renew()
        self.hub.recorded(size)
        return done

    def _read(self) -> database.Connection:
        return database.open_reader(self.settings.database)

    def check_lan(self) -> None:
        """Let the pages be served beyond this machine.

        Raises:
            StationError: no names are set, TLS is in front, or nobody has a
                password.
        """
        web = self.settings.web
        if web.tls:
            message = (
                "Expected no --lan with tls = true: the proxy on this machine reaches "
                "the station at 127.0.0.1; leave --lan out."
            )
            raise StationError(message)
        if not web.hosts:
            message = (
                "Expected the names under which browsers open this station, got none; "
                'write hosts = ["192.168.1.10"] under [web] in station.toml.'
            )
            raise StationError(message)
        if not self.door.has_accounts():
            message = (
                "Expected somebody with a password, found nobody; run `jejak serve` "
                "without --lan and sign in with its one-time code first."
            )
            raise StationError(message)

    def listen(self, port: int, host: str = "127.0.0.1") -> int:
        """Open the port of the pages, on this machine alone; 0 takes a free one.

        Returns:
            The port on which ``run`` will answer.

        Raises:
            StationError: the port is taken.
        """
        self.app = create_app(self._services())
        try:
            self._server = create_server(
                self.app,
                map=self._sockets,
                host=host,
                port=port,
                threads=_THREADS,
                channel_request_lookahead=1,
                # The server else drops what the proxy in front says of who asks, and
                # everybody would count as a person at this machine.
                clear_untrusted_proxy_headers=not self.settings.web.tls,
                ident=None,
            )
        except OSError as error:
            message = (
                f"Expected port {port} to be free, got: {error.strerror}; stop what "
                "uses it or choose another with --port."
            )
            raise StationError(message) from error
        return int(self._server.effective_port)

    def run(self) -> None:
        """Serve the pages where ``listen`` said, until ``stop`` is called."""
        while not self._asked_to_stop:
            wasyncore.loop(timeout=_LOOP_S, map=self._sockets, count=1)
        # Pages that wait for news are answered, so that their threads can end.
        self.hub.close()
        dispatcher = self._server.task_dispatcher
        dispatcher.set_thread_count(0)
        end = time.monotonic() + _ANSWERS_S
        while dispatcher.threads and time.monotonic() < end:
            wasyncore.loop(timeout=_DRAIN_S, map=self._sockets, count=1)
        # A thread that still works writes to the server's wake-up pipe when it is
        # done. Were the pipe closed, its number could be a file's by then, even the
        # ledger's: where a disk hangs, the end of the process closes it.
        if not dispatcher.threads:
            wasyncore.close_all(self._sockets)

    def stop(self) -> None:
        """Let ``run`` return; safe in a signal handler and from any thread.

        No lock is taken: a second signal can come in the middle of the first, and an
        Event that was being set then waited for itself for ever.
        """
        self._asked_to_stop = True

    def on_signal(self) -> None:
        """Stop; where a second signal comes while that takes long, end at once.

        No lock here either, so no logging: that has one.
        """
        now_s = time.monotonic()
        if self._signalled_s is None:
            self._signalled_s = now_s
        elif now_s - self._signalled_s > _SAME_PRESS_S:
            os.write(2, _ENDED.encode())
            os._exit(1)
        self.stop()

    def _open_lines(self) -> None:
        key = create_station.label_key(self.settings)
        self.press = PrintQueue(
            PrintWorkshop(settings=self.settings, key=key, decode=qr_symbol.texts),
            self._read,
            self.on_ledger,
            self.clock,
        )
        streams = frozenset(
            camera.name
            for camera in self.settings.cameras
            if camera.source.startswith(("http://", "https://"))
        )
        shared = GateServices(
            writer=self._writer,
            hub=self.hub,
            evidence=self._evidence,
            scan_stops=self._guard,
            check_pin=self.door.check_pin,
            streams=streams,
        )
        for gate in self.settings.gates:
            self.gates[gate.name] = GateOperations(
                Gate(self.log, gate, key, self.clock), shared
            )

    def _start_camera(self, camera: CameraSettings) -> None:
        process = CameraProcess(
            camera,
            self.gates[camera.gate].cameras.on_frame,
            self._on_state,
            self._make,
            clock=self.clock,
        )
        self.cameras[camera.name] = process
        process.start()

    def _on_state(
        self, camera: CameraSettings, state: CameraState, detail: str
    ) -> None:
        """A lost camera, and its return, are entries and visible."""
        logger.info("event=camera name=%s state=%s %s", camera.name, state, detail)
        self._guard.camera(camera.name, state)
        self.gates[camera.gate].cameras.on_state(camera.name, state)
        lost = camera.name in self._was_lost
        try:
            if state is CameraState.LOST and not lost:
                self._was_lost.add(camera.name)
                self.note("camera_lost", camera=camera.name, detail=detail)
            elif state is CameraState.LIVE and lost:
                self._was_lost.discard(camera.name)
                self.note("camera_back", camera=camera.name)
        except StationError as error:
            self._guard.failed(error)

    def _services(self) -> Services:
        return Services(
            settings=self.settings,
            hub=self.hub,
            gates=self.gates,
            read=self._read,
            evidence=self._evidence.path,
            cameras=self._statuses,
            alarms=self._guard.alarms,
            decode_photo=_decode_photo,
            secret_key=create_station.web_key(self.settings),
            door=self.door,
            office=self.office,
            press=self.press,
            plans=self.plans,
            waybills=Waybills(
                self.settings,
                create_station.signer(self.settings),
                self.on_ledger,
                self._read,
                self.clock,
            ),
            last_backup=lambda: self._watch.keeper.last,
        )

    def _statuses(self) -> Sequence[CameraHealth]:
        gates: Mapping[str, str] = {
            camera.name: camera.gate for camera in self.settings.cameras
        }
        found = [process.status for process in self.cameras.values()]
        return [
            CameraHealth(
                status.name,
                gates[status.name],
                status.state,
                status.fps,
                status.age_ms,
                status.detail,
            )
            for status in found
        ]

    def _open_ledger(self) -> Log:
        log = create_station.open_log(self.settings, self.clock)
        # A run that ended before its erasures were through left pages there.
        database.empty_wal(log.db)
        try:
            open_work.require_no_open_work(
                log.db, self.settings.gates, self.settings.legs
            )
        except BaseException:
            log.db.close()
            raise
        return log

    def _close_ledger(self) -> None:
        """Record the stop, move the mark, close the file.

        Raises:
            StationError: the disk does not answer.
        """
        with contextlib.suppress(StationError):  # the ledger's own alarm said it
            self.note("stop")
        with (
            contextlib.suppress(StationError, OSError),  # told when it began
            contextlib.closing(self._read()) as db,
        ):
            high_water_mark.advance(db, self.settings.high_water)
        with contextlib.suppress(StationError):  # abandoned, as the next line finds
            self._writer.run(lambda: database.close_writer(self.log.db))
        if not self._writer.close(PATIENCE_S):
            raise StationError(
                "Expected the disk to take the entry in hand, got no answer in "
                f"{PATIENCE_S:.0f} s: check the disk, then start the station again; "
                "it tells whether that entry was recorded."
            )


def _decode_photo(data: bytes) -> Photo:
    size = size_of(data)
    if size is not None and size[0] * size[1] > MOST_PIXELS:
        # Decoded it would take gigabytes from the scans; its header is enough to know.
        most, got = MOST_PIXELS // 1_000_000, -(-size[0] * size[1] // 1_000_000)
        message = f"Expected a picture of at most {most} megapixels, got {got}."
        raise OperationRefused(
            RefusalReason.PICTURE_TOO_LARGE, message, most=most, got=got
        )
    picture = None if size is None else colour_of(data)
    if picture is None:
        message = "Expected a picture (JPEG or PNG), got something else."
        raise OperationRefused(RefusalReason.NO_PICTURE, message)
    return Photo(texts(picture), jpeg_of(picture))
