"""Puts cameras, gates and web together: the running station."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Self, TypeVar

from labels import qr_symbol
from station.capture.decoding.decoder import texts
from station.capture.evidence_store import EvidenceStore
from station.capture.jpeg import MOST_PIXELS, colour_of, jpeg_of, size_of
from station.capture.sources.open_camera import open_source
from station.custody.accounts.sign_in import Authenticator
from station.custody.gate.scanning import Gate
from station.custody.labelling.print_jobs import PrintWorkshop
from station.errors import OperationRefused, RefusalReason, StationError
from station.founding import create_station
from station.model import system_clock
from station.runtime.background_services import BackgroundServices, must_check
from station.runtime.gate_ledger import GateServices
from station.runtime.gate_operations import GateOperations
from station.runtime.hub import Hub
from station.runtime.office_operations import OfficeOperations
from station.runtime.page_server import PageServer
from station.runtime.plan_imports import PlanImports
from station.runtime.print_queue import PrintQueue
from station.runtime.scan_stops import ScanStops
from station.runtime.station_cameras import StationCameras
from station.runtime.station_ledger import StationLedger
from station.runtime.waybill_printing import Waybills
from web.app import create_app
from web.services import CameraHealth, Photo, Services

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from station.capture.process.supervisor import CameraProcess, Make
    from station.ledger.log import Log
    from station.model import Clock, Json
    from station.settings.station_toml import Settings

T = TypeVar("T")


class Station:
    """A station at work. Use it in a ``with`` block; leaving it stops everything."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock = system_clock,
        make: Make = open_source,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.hub = Hub()
        self.gates: dict[str, GateOperations] = {}
        self.scan_stops = ScanStops(settings.folder)
        self.ledger = StationLedger(settings, clock, self.hub, self._renew)
        self._cameras = StationCameras(self.gates, self.scan_stops, self.note)
        self.authenticator = Authenticator(self.on_ledger, self.ledger.read, clock)
        self.office = OfficeOperations(self.on_ledger, self.authenticator, clock)
        self.plans = PlanImports(settings, self.ledger.read, self.on_ledger, clock)
        self.print_queue: PrintQueue
        self.background: BackgroundServices
        self._make = make
        self._evidence = EvidenceStore(settings.evidence)
        self._server = PageServer(self.hub)

    def __enter__(self) -> Self:
        """Open the ledger, the gates and the cameras.

        Raises:
            StationError: another station runs on this folder, the ledger is unclear,
                or a gate with open work is no longer in station.toml.
        """
        with contextlib.ExitStack() as undo:
            self.ledger.open()
            undo.callback(self.ledger.close)
            self.background = undo.enter_context(self._background())
            self._open_gates()
            self._cameras.start(self.settings.cameras, self._make, self.clock)
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the entry in hand, end the cameras, close the ledger.

        Raises:
            StationError: the disk does not answer; all but the ledger was ended.
        """
        self.hub.close()
        # First: a thread that waits for a disk that hangs could not be ended else.
        self.ledger.settle()
        self._cameras.stop()
        for gate in self.gates.values():
            with contextlib.suppress(StationError):  # the ledger's own alarm is on
                gate.stop()
        self.print_queue.close()
        self.plans.close()
        self.background.__exit__()
        self.ledger.close()

    @property
    def cameras(self) -> Mapping[str, CameraProcess]:
        """The camera processes by camera name."""
        return self._cameras.processes

    def note(self, event: str, **facts: Json) -> None:
        """Record a fact about the station itself."""
        self.ledger.note(event, **facts)

    def on_ledger(self, act: Callable[[Log], T]) -> T:
        """Run an act on the writing thread; screens may show it once it is durable.

        Raises:
            StationError: it cannot be recorded.
        """
        return self.ledger.run(act)

    def listen(self, port: int, host: str = "127.0.0.1") -> int:
        """Open the port of the pages, on this machine alone; 0 takes a free one.

        Returns:
            The port on which ``run`` will answer.

        Raises:
            StationError: the port is taken.
        """
        self.app = create_app(self._services())
        behind_proxy = self.settings.web.tls
        return self._server.listen(self.app, host, port, behind_proxy=behind_proxy)

    def run(self) -> None:
        """Serve the pages where ``listen`` said, until ``stop`` is called."""
        self._server.run()

    def stop(self) -> None:
        """Let ``run`` return; safe in a signal handler and from any thread."""
        self._server.stop()

    def on_signal(self) -> None:
        """Stop; where a second signal comes while that takes long, end at once."""
        self._server.on_signal()

    def check_lan(self) -> None:
        """Let the pages be served beyond this machine.

        Raises:
            StationError: no names are set, TLS is in front, or nobody has a
                password.
        """
        web = self.settings.web
        if web.tls:
            raise StationError(
                "Expected no --lan with tls = true: the proxy on this machine "
                "reaches the station at 127.0.0.1; leave --lan out."
            )
        if not web.hosts:
            raise StationError(
                "Expected the names under which browsers open this station, got "
                'none; write hosts = ["192.168.1.10"] under [web] in station.toml.'
            )
        if not self.authenticator.has_accounts():
            raise StationError(
                "Expected somebody with a password, found nobody; run `jejak "
                "serve` without --lan and sign in with its one-time code first."
            )

    def _renew(self) -> None:
        for gate in self.gates.values():
            gate.renew()

    def _background(self) -> BackgroundServices:
        writer, log = self.ledger.writer, self.ledger.log
        unclean = writer.run(lambda: must_check(log.db, self.note))
        # A ledger that is too large to be checked at every start.
        large = writer.run(lambda: log.size > create_station.AT_ONCE)
        self.note("start")
        return BackgroundServices(
            *(self.settings, self.clock, self.scan_stops, self.note),
            lambda: writer.busy_s,
            chores=self._finish_erasing,
            check=large,
            unclean=unclean,
        )

    def _finish_erasing(self) -> None:
        """Try again to overwrite erased names where a reader was in the way."""
        if self.office.finish_erasing():
            self.scan_stops.end("erasing")
        else:
            self.scan_stops.begin("erasing")

    def _open_gates(self) -> None:
        key = create_station.label_key(self.settings)
        self.print_queue = PrintQueue(
            PrintWorkshop(settings=self.settings, key=key, decode=qr_symbol.texts),
            self.ledger.read,
            self.on_ledger,
            self.clock,
        )
        services = GateServices(
            writer=self.ledger.writer,
            hub=self.hub,
            evidence=self._evidence,
            scan_stops=self.scan_stops,
            check_pin=self.authenticator.check_pin,
            streams=frozenset(
                camera.name
                for camera in self.settings.cameras
                if camera.source.startswith(("http://", "https://"))
            ),
        )
        for gate in self.settings.gates:
            self.gates[gate.name] = GateOperations(
                Gate(self.ledger.log, gate, key, self.clock), services
            )

    def _services(self) -> Services:
        return Services(
            settings=self.settings,
            hub=self.hub,
            gates=self.gates,
            read=self.ledger.read,
            evidence=self._evidence.path,
            cameras=self._statuses,
            alarms=self.scan_stops.alarms,
            decode_photo=_decode_photo,
            secret_key=create_station.web_key(self.settings),
            authenticator=self.authenticator,
            office=self.office,
            print_queue=self.print_queue,
            plans=self.plans,
            waybills=Waybills(
                self.settings,
                create_station.signer(self.settings),
                self.on_ledger,
                self.ledger.read,
                self.clock,
            ),
            last_backup=lambda: self.background.backups.last,
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
