"""The station's camera processes: started, stopped, and their losses recorded."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from station.camera_frames import CameraState
from station.capture.process.supervisor import CameraProcess
from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from station.camera_frames import CameraSettings
    from station.capture.process.supervisor import Make
    from station.model import Clock
    from station.runtime.gate_operations import GateOperations
    from station.runtime.machine_monitor import RecordNote
    from station.runtime.scan_stops import ScanStops

logger = logging.getLogger("jejak")


class StationCameras:
    """One process per camera; each feeds the pipeline of its gate."""

    def __init__(
        self,
        gates: Mapping[str, GateOperations],
        scan_stops: ScanStops,
        note: RecordNote,
    ) -> None:
        self._gates, self._scan_stops, self._note = gates, scan_stops, note
        self.processes: dict[str, CameraProcess] = {}
        """By camera name."""
        self._lost: set[str] = set()
        """Cameras whose loss is recorded."""

    def start(
        self, cameras: Sequence[CameraSettings], make: Make, clock: Clock
    ) -> None:
        """Start a process for each camera."""
        for camera in cameras:
            process = CameraProcess(
                camera,
                self._gates[camera.gate].cameras.on_frame,
                self.on_state,
                make,
                clock=clock,
            )
            self.processes[camera.name] = process
            process.start()

    def stop(self) -> None:
        """Stop all at once: each waits for its child to let go of the camera."""
        stopping = [
            threading.Thread(target=process.stop) for process in self.processes.values()
        ]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()

    def on_state(self, camera: CameraSettings, state: CameraState, detail: str) -> None:
        """Show and record that a camera is lost, or back."""
        logger.info("event=camera name=%s state=%s %s", camera.name, state, detail)
        self._scan_stops.camera(camera.name, state)
        self._gates[camera.gate].cameras.on_state(camera.name, state)
        lost = camera.name in self._lost
        try:
            if state is CameraState.LOST and not lost:
                self._lost.add(camera.name)
                self._note("camera_lost", camera=camera.name, detail=detail)
            elif state is CameraState.LIVE and lost:
                self._lost.discard(camera.name)
                self._note("camera_back", camera=camera.name)
        except StationError as error:
            self._scan_stops.failed(error)
