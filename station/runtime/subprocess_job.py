"""Heavy work beside the station, in a process of its own that never outlives it.

A backup and a check of the whole ledger take seconds of a core, and a stick can hang:
in this process no scan waits for them, and one that hangs is left behind. It opens
the ledger for reading only.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station.backup.backup_order import BackupOrder, BackupResult
from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Mapping


_GRACE_S = 2.0
_KIND: dict[str, Any] = (
    # Below normal, no black window, and no Ctrl-C but the station's.
    {"creationflags": 0x00004000 | 0x08000000 | 0x00000200}
    if sys.platform == "win32"
    else {"start_new_session": True}
)


class JobAbandoned(StationError):  # noqa: N818 - what happened, and no error
    """The station is closing: the work was given up, and nothing of it is known."""


class JobProcess:
    """Asks for such work; one piece at a time, from one thread. ``stop`` ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def backup(self, order: BackupOrder) -> BackupResult:
        """The backup that was made.

        Raises:
            BackupError: there is none.
            JobAbandoned: the station is closing.
        """
        from station.backup.snapshot import BackupError  # noqa: PLC0415
        from station.custody.entry_data.words import BackupFault  # noqa: PLC0415

        told = self._ask({"work": "backup", "order": order.as_dict()})
        if "fault" in told:
            sentence = told["sentence"]
            raise BackupError(BackupFault(told["fault"]), sentence)
        return BackupResult(**told)

    def verify(self, database: Path) -> tuple[int, str | None]:
        """How many entries of the ledger hold, and what is wrong (None: nothing).

        The tables made from them are compared with them too.

        Raises:
            BackupError: it could not be checked.
            JobAbandoned: the station is closing.
        """
        told = self._ask({"work": "verify", "database": str(database)})
        return told["entries"], told["fault_sentence"]

    def stop(self) -> None:
        """End the work in hand; ``backup`` and ``verify`` raise then."""
        with self._lock:
            self._stopped = True
            process = self._process
        if process is not None:
            process.kill()

    def _ask(self, job: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        from station.backup.snapshot import BackupError  # noqa: PLC0415
        from station.custody.entry_data.words import BackupFault  # noqa: PLC0415

        with self._lock:
            if self._stopped:
                raise JobAbandoned("The station is closing.")
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "station.runtime.subprocess_job"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                **_KIND,
            )
        said = ""
        # Where it died before it could read, the empty answer says so.
        with contextlib.suppress(OSError):
            said = _answer(process, job)
        if self._stopped:
            raise JobAbandoned("The station is closing.")
        if not said:
            raise BackupError(
                BackupFault.FAILED,
                "The work beside the station was ended before it was done.",
            )
        return json.loads(said)


def _answer(process: subprocess.Popen[str], job: Mapping[str, Any]) -> str:
    """What the process says; its input stays open as long as we live."""
    if process.stdin is None or process.stdout is None:  # both are asked for
        return ""
    try:
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        return process.stdout.read()
    finally:
        for pipe in (process.stdout, process.stdin):
            pipe.close()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            # In a call to a stick that does not answer: the system ends it later.
            process.kill()


def main() -> None:
    """Do the work that the first line of the input names; say the outcome in JSON."""
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    if sys.platform != "win32":
        os.nice(10)
    sys.stdout.write(json.dumps(_work(job)))
    sys.stdout.flush()


def _leave_with_parent() -> None:
    """The station is gone when its end of the pipe is: nothing of it works on."""
    # Not sys.stdin: its lock, held by a thread, would break the end of the process.
    os.read(0, 1)
    os._exit(1)


def _work(job: Mapping[str, Any]) -> Mapping[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415

    from station.backup import snapshot  # noqa: PLC0415
    from station.custody.projection import tables_audit  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    if job["work"] == "verify":
        with closing(database.open_reader(Path(job["database"]))) as db:
            report = tables_audit.check(db, processes=1)
        return {"entries": report.size, "fault_sentence": report.fault}
    try:
        return asdict(snapshot.make(BackupOrder.parse(job["order"])))
    except snapshot.BackupError as error:
        return {"fault": error.fault, "sentence": str(error)}


if __name__ == "__main__":
    main()
