"""The room where labels are printed: jobs made aside, proved, handed over, recorded.

A job is drawn and read back in a thread of its own, so that no gate waits for it. It
goes to its printer off the writing thread; only what was taken whole is recorded.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from labels import png, raster
from labels.label_code import SCHEME, LabelCode, parse_typed
from labels.printing import send_job, zpl
from labels.printing.send_job import PrinterError, PrinterState
from station.custody import registry
from station.custody.entry_data.words import PrintForm
from station.custody.labelling import bundles_and_cartons, print_jobs, reissue
from station.custody.labelling import selection as printing
from station.custody.labelling.print_errors import PrintError, PrintObstacle
from station.custody.labelling.selection import Selection
from station.errors import StationError
from station.runtime.background_task import BackgroundTask
from station.runtime.print_job_view import (
    FILE,
    NotTakenError,
    PrintJob,
    PrintStage,
    forget,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from labels.label_code import ItemKind
    from station.custody.accounts.sign_in import Write
    from station.custody.labelling.print_jobs import (
        PreparedJob,
        PrintRequest,
        PrintWorkshop,
    )
    from station.custody.registry import NamedItem
    from station.ledger.log import Log
    from station.model import Clock, Entry
    from station.runtime.print_job_view import PrintJobView
    from station.storage.database import Connection

_PICTURES = 24
_SCREEN_DPI = 96.0


class PrintQueue:
    """Everything that people do with labels at a screen."""

    def __init__(
        self,
        press: PrintWorkshop,
        read: Callable[[], Connection],
        write: Write,
        clock: Clock,
        send: Callable[[bytes, str], None] = send_job.send,
    ) -> None:
        """A room without jobs.

        Args:
            press: Settings, label key and reader of this station.
            read: Gives a new reading connection.
            write: Runs an act on the writing thread.
            clock: The station's.
            send: Gives a job to a printer; returns when all of it was taken.
        """
        self._press, self._read, self._write = press, read, write
        self._clock, self._send = clock, send
        self._lock = threading.Lock()
        self._works: OrderedDict[str, PrintJob] = OrderedDict()
        self._pictures: OrderedDict[str, bytes] = OrderedDict()

    def prepare(self, ticket: str, request: PrintRequest, actor: str) -> None:
        """Begin to draw and read back a job; a ticket that is known begins nothing."""
        with self._lock:
            if ticket in self._works:
                return
            drawing = BackgroundTask(partial(self._draw, request))
            self._works[ticket] = PrintJob(request, actor, drawing)
            forget(self._works)

    def ticket(self, ticket: str) -> PrintJobView | None:
        """How a job stands; None where nobody remembers it."""
        work = self._work(ticket)
        return None if work is None else work.told(ticket)

    def hand_over(self, ticket: str, target: str, actor: str) -> None:
        """Give a job that is ready to a printer, or to be taken as a file.

        Once: a job that is on its way or was taken is not given again.

        Args:
            ticket: The job's.
            target: ``file``, or as ``labels.printing.send_job.send`` takes it.
            actor: Who hands it over.
        """
        work = self._work(ticket)
        if work is None:
            return
        with work.lock:
            if work.stage is not PrintStage.READY:
                return
            # What a printer has is not given to another: only its record is missing.
            target = work.target if work.taken else target
            work.target = target
            work.sending = BackgroundTask(
                lambda _: self._hand_over(work, target, actor)
            )
        if target == FILE:
            work.sending.join()

    def file(self, ticket: str) -> bytes | None:
        """The bytes of a job that was taken as a file, or None."""
        work = self._work(ticket)
        if work is None or work.stage is not PrintStage.DONE or work.target != FILE:
            return None
        job = work.drawing.result
        return None if job is None else job.data

    def preview(self, db: Connection, request: PrintRequest) -> tuple[str, bytes]:
        """A digest of the first page's contents, and its picture as PNG.

        Raises:
            PrintError: nothing fits, or a label does not read back.
            LabelError: copies, used positions or resolution are out of bounds.
        """
        stock = print_jobs.stock_named(self._press.settings, request.stock)
        room = max(1, stock.per_page - request.skip)
        items = printing.select(db, request.selection, first=room)
        only = Selection(items=tuple(item.item.id for item in items))
        request = replace(request, selection=only)
        told = repr((items, request, stock))
        digest = hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()
        with self._lock:
            picture = self._pictures.get(digest)
        if picture is None:
            picture = self._pictured(print_jobs.prepare(db, request, self._press))
            with self._lock:
                self._pictures[digest] = picture
                while len(self._pictures) > _PICTURES:
                    self._pictures.popitem(last=False)
        return digest, picture

    def resolve(self, db: Connection, text: str) -> NamedItem:
        """The item of one of our own labels, scanned or typed.

        Raises:
            LabelError: it is no code of ours, or mistyped.
            PrintError: not registered here, voided, or an old issue's label.
        """
        scanned = text.strip().upper()
        if scanned.startswith(SCHEME) and "-" not in scanned:
            code = LabelCode.parse(scanned)
            item = code.item
        else:
            code, item = None, parse_typed(text)
        found = registry.item(db, str(item))
        if found is None or found.item.voided:
            raise PrintError(
                PrintObstacle.NOT_STANDING,
                "Expected a registered item that is not voided, got %(item)s.",
                item=item.as_hri(),
            )
        if code is not None and not code.bears(found.item.issue, self._press.key):
            raise PrintError(
                PrintObstacle.OLD_LABEL,
                "Expected the valid label of %(item)s, got another.",
                label=item.as_hri(),
                item=item,
            )
        return found

    def link(self, item: str, text: str, actor: str) -> Entry:
        """Let another label's text name this item; see ``relabelling.link``."""
        at = self._clock()
        return self._write(
            lambda log: reissue.link(log, item, text, actor=actor, at=at)
        )

    def register(
        self, kind: ItemKind, selection: Selection, shown: int, actor: str
    ) -> None:
        """Register bundles or cartons; see ``packaging.register``."""
        settings, at = self._press.settings, self._clock()
        self._write(
            lambda log: bundles_and_cartons.register(
                log, kind, selection, settings, shown=shown, actor=actor, at=at
            )
        )

    def close(self) -> None:
        """Let work that is under way end; nothing new is recorded from here on."""
        with self._lock:
            works = list(self._works.values())
        for work in works:
            work.drawing.stop()
        for work in works:
            work.drawing.join()

    def _work(self, ticket: str) -> PrintJob | None:
        with self._lock:
            return self._works.get(ticket)

    def _draw(
        self, request: PrintRequest, tell: Callable[[str, int, int], None]
    ) -> PreparedJob:
        db = self._read()
        try:
            return print_jobs.prepare(db, request, replace(self._press, progress=tell))
        finally:
            db.close()

    def _hand_over(self, work: PrintJob, target: str, actor: str) -> int:
        job = work.drawing.result
        if job is None:
            raise StationError("Expected a job that was drawn, there is none.")
        self._write(
            lambda log: print_jobs.begin(log, job, actor=actor, at=self._clock())
        )
        work.renewed = job.request.reason is not None
        if target != FILE and not work.taken:
            self._give(job, target)
            work.taken = True

        def finish(log: Log) -> int:
            at = self._clock()
            return print_jobs.finish(log, job, target, actor=actor, at=at)[0].seq

        return self._write(finish)

    def _give(self, job: PreparedJob, target: str) -> None:
        """Send a job; returns when all of it was taken.

        Raises:
            NotTakenError: it was not.
        """
        # A page may name printers, never files of the station's machine.
        if target.startswith("file:") or not target.strip():
            address = PrinterError(PrinterState.ADDRESS, ascii(target), "no printer")
            raise NotTakenError(address)
        try:
            self._send(job.data, target)
        except PrinterError as error:
            raise NotTakenError(error) from error

    def _pictured(self, job: PreparedJob) -> bytes:
        if job.request.form is PrintForm.PDF:
            return png.encode(raster.pictured(job.data, _SCREEN_DPI))
        return png.encode(next(iter(zpl.read(job.data))).dots)
