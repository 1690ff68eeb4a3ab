"""Plays the demo: opens consignments, cues the virtual cameras, acts for absent people.

It does only what a person at the gate could do, through the same doors; the scans
themselves come from the pictures. What to show and when is ``screenplay.py``'s.
"""

from __future__ import annotations

import itertools
import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from station.camera_frames import CameraState
from station.capture.virtual.virtual_camera import Pass, Pause, Resume, Take
from station.custody.accounts import directory
from station.custody.consignment.opening import OpeningOrder
from station.custody.consignment.trip_details import Trip
from station.custody.entry_data.words import AcknowledgeReason
from station.custody.gate import panel
from station.custody.history import progress_by_place
from station.custody.load import list_loads, missing_items, open_load
from station.demo import city
from station.demo.boxes import Props
from station.demo.script import (
    HOLDING,
    QUIET,
    AcknowledgeHold,
    Close,
    Halt,
    Lift,
    LineRuns,
    Script,
    Show,
    Situation,
)
from station.errors import StationError
from station.founding import create_station
from station.model import Phase, Step
from station.settings.election_profiles import PEMILU
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from station.capture.process.supervisor import CameraProcess
    from station.custody.accounts.sign_in import Authenticator
    from station.custody.load import Load
    from station.demo.script import Act
    from station.ledger.log import Log
    from station.model import Clock
    from station.runtime.gate_operations import GateOperations
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

T = TypeVar("T")

_TURN_S = 0.15
_NEXT_LOAD_S = 3.0
"""Between two consignments at a gate."""
_ALONE_S = 15.0
"""Without anybody on shift, after a visitor ended one."""
_NOTE = "Diakui otomatis oleh demo: 4 detik tidak ada petugas."

logger = logging.getLogger("jejak.demo")


class DemoStage(Protocol):
    """The running station, as far as the director needs it."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102
    @property
    def clock(self) -> Clock: ...  # noqa: D102
    @property
    def gates(self) -> Mapping[str, GateOperations]: ...  # noqa: D102
    @property
    def cameras(self) -> Mapping[str, CameraProcess]: ...  # noqa: D102
    @property
    def authenticator(self) -> Authenticator: ...  # noqa: D102
    def on_ledger(self, act: Callable[[Log], T]) -> T:
        """Run an act on the thread that writes."""


@dataclass(slots=True)
class _Scene:
    """One gate of the play."""

    line: GateOperations
    actor: str
    """Who works at it."""
    step: Step
    camera: CameraProcess
    script: Script
    live: bool = False
    idle_since_s: float | None = None
    alone_since_s: float | None = None
    """Since when nobody has had the shift."""
    wrong: list[str] = field(default_factory=list)
    """Texts shown that may hold the line; somebody lifts them off then."""


class Play:
    """The play at all virtual gates; one turn at a time, on one thread."""

    def __init__(self, stage: DemoStage, db: Connection, seed: int) -> None:
        """Begin; nothing happens before the first turn.

        Args:
            stage: The running station.
            db: A reading connection of the thread that takes the turns.
            seed: The same seed gives the same play.
        """
        self._stage, self._db = stage, db
        self._props = Props(db, create_station.label_key(stage.settings), seed)
        self._actor = _demo_person(db, city.DEMO_PERSON)
        self._receiver = _demo_person(db, city.DEMO_RECEIVER)
        self._second = _demo_person(db, city.DEMO_SECOND)
        # As anybody does it: a PIN of one's own, typed for each signature.
        self._pin = city.random_pin()
        stage.authenticator.set_pin(self._second, self._pin)
        self._plates = itertools.count(8001)
        self._round = city.round_of(db)
        self._scenes = [
            self._scene(number, camera.gate, camera.name)
            for number, camera in enumerate(stage.settings.cameras, start=seed)
            if camera.source == "virtual"
        ]

    def turn(self) -> None:
        """Look at every gate and do what is due there."""
        for scene in self._scenes:
            try:
                self._turn(scene)
            except StationError as error:
                # A person was quicker, or the disk is full: the next turn looks anew.
                logger.info("event=demo gate=%s %s", scene.line.name, error)

    def _scene(self, seed: int, gate: str, camera: str) -> _Scene:
        step = self._stage.settings.gate(gate).step
        strays = HOLDING + QUIET if step is Step.LOADING else QUIET
        return _Scene(
            self._stage.gates[gate],
            self._actor if step is Step.LOADING else self._receiver,
            step,
            self._stage.cameras[camera],
            Script(seed, strays),
        )

    def _turn(self, scene: _Scene) -> None:
        live = scene.camera.status.state is CameraState.LIVE
        if live and not scene.live:
            scene.script.forget()
            scene.wrong.clear()
        scene.live = live
        if not live:
            return
        now_s = self._stage.clock().mono_ms / 1000
        self._take_shift(scene, now_s)
        load = open_load(self._db, scene.line.name)
        if load is None:
            self._open_next(scene, now_s)
        lines = [] if load is None else missing_items(self._db, load)
        situation = Situation(
            now_s=now_s,
            load=None if load is None else load.id,
            missing=[line.item.item.id for line in lines],
            holds=panel.open_holds(self._db, scene.line.name),
        )
        for act in scene.script.step(situation):
            self._perform(act, scene, load)

    def _perform(self, act: Act, scene: _Scene, load: Load | None) -> None:
        match act:
            case Show(shown) if load is not None:
                looks = self._props.looks(shown, load.destination)
                scene.wrong.extend(look.text for look in looks.holding)
                scene.camera.cue(Pass(looks.all))
            case Halt():
                scene.camera.cue(Pause())
            case Lift():
                for text in scene.wrong:
                    scene.camera.cue(Take(text))
                scene.wrong.clear()
            case LineRuns():
                scene.camera.cue(Resume())
            case AcknowledgeHold(hold):
                scene.line.acknowledge(
                    hold, AcknowledgeReason.SET_ASIDE, _NOTE, scene.actor
                )
            case Close():
                request = scene.line.ask_close(scene.actor)
                scene.line.close(request, self._second, self._pin)

    def _take_shift(self, scene: _Scene, now_s: float) -> None:
        """Begin a shift where nobody has one: at once, or after a visitor ended it."""
        if panel.shift(self._db, scene.line.name) is not None:
            scene.alone_since_s = None
            return
        if scene.alone_since_s is None:
            scene.alone_since_s = now_s if list_loads(self._db) else -_ALONE_S
        if now_s - scene.alone_since_s >= _ALONE_S:
            scene.line.start_shift(scene.actor, sound_heard=False)

    def _open_next(self, scene: _Scene, now_s: float) -> None:
        """Open what comes next at this gate, a little after the last was closed."""
        loads = list_loads(self._db)
        if scene.idle_since_s is None:
            scene.idle_since_s = now_s - (0.0 if loads else _NEXT_LOAD_S)
        if now_s - scene.idle_since_s < _NEXT_LOAD_S:
            return
        opened = (
            self._arrive(scene, loads)
            if scene.step is Step.ACCEPTING
            else self._load(scene, loads)
        )
        if opened:
            scene.idle_since_s = None

    def _arrive(self, scene: _Scene, loads: Sequence[Load]) -> bool:
        """Open the consignment that has been on the way for longest."""
        for load in reversed(loads):
            if load.phase is Phase.DEPARTED:
                scene.line.arrive(load.id, scene.actor)
                return True
        return False

    def _load(self, scene: _Scene, loads: Sequence[Load]) -> bool:
        """Open one to the next kecamatan that waits for something.

        When nothing waits anywhere and nothing is on the way, a new round of labels
        is issued for the whole city.
        """
        for line in progress_by_place.progress(self._db):
            if line.planned > line.loaded + line.departed:
                order = OpeningOrder(
                    area=line.kecamatan,
                    kinds=PEMILU,
                    trip=Trip(vehicle=self._truck()),
                )
                scene.line.open(order, scene.actor)
                return True
        if not {load.phase for load in loads} & {Phase.DEPARTED, Phase.ARRIVING}:
            self._begin_round()
        return False

    def _begin_round(self) -> None:
        clock = self._stage.clock
        self._stage.on_ledger(lambda log: city.new_round(log, self._actor, clock))
        self._round += 1
        logger.info(
            "event=demo round=%d everything was delivered: the whole city is issued "
            "new boxes, and the board counts them beside the ones before",
            self._round,
        )

    def _truck(self) -> str:
        """Its plate, as the gate shows it; from the second round on with the round."""
        plate = f"BD {next(self._plates)} XX"
        return plate if self._round == 1 else f"{plate} (putaran {self._round})"


class Director:
    """Gives the play in a thread of its own; use it in a ``with`` block."""

    def __init__(self, stage: DemoStage, seed: int = 1771) -> None:
        self._stage, self._seed = stage, seed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="director", daemon=True)

    def __enter__(self) -> Self:
        """Begin to play."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; returns when the act in hand is done."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        db = database.open_reader(self._stage.settings.database)
        try:
            play = Play(self._stage, db, self._seed)
            while not self._stopping.wait(_TURN_S):
                play.turn()
        finally:
            db.close()


def _demo_person(db: Connection, wanted: str) -> str:
    for person, name in directory.names(db).items():
        if name == wanted:
            return person
    raise StationError(
        "Expected %(wanted)s in the directory; use a new demo folder.",
        wanted=wanted,
    )
