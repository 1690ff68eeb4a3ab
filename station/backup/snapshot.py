"""One backup: the ledger, its pictures and the settings, copied and then checked.

    DEST/jejak-1771-gudang-g1-20261124T045500Z/   ledger.db station.toml manifest.json
    DEST/jejak-1771-gudang-g1-evidence/ab/...     pictures, shared by all backups there

A folder without ``.part`` at its end was written, synced, read back and verified as
a whole; what fails at any step leaves no such folder. No key is ever copied: who
finds a stick must not be able to sign or to print labels as this station.

A backup is evidence, and what a next generation of the log begins from; it is never
a place to continue from (``highwater``).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from station.backup import retention as shelf
from station.backup.backup_order import BackupOrder, BackupResult
from station.backup.picture_pool import PicturePool
from station.custody.entry_data.check import check_data
from station.custody.entry_data.words import BackupFault
from station.errors import StationError, sentence_of
from station.language import Text
from station.ledger import merkle
from station.ledger.log_reading import head, log_id, nodes, pictures
from station.ledger.verify import verify
from station.storage import atomic_file, database, folder_safety
from station.storage.database import DatabaseError
from station.storage.writer_lock import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from station.ledger.log_reading import Head
    from station.storage.database import Connection

_SPARE = 16_000_000
"""Bytes that stay free on the stick, for its own tables and ours."""
_PATIENCE_S = 600.0
"""How long a backup waits for another one that is being made in the same folder."""
_SQLITE_FULL = "database or disk is full"
"""SQLite's own words; the driver's backup gives no code with them."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_KEYS = (
    "Not in this backup: station.key, label.key, web.key. Keep copies of the first two "
    "apart from it, under lock."
)


class BackupError(StationError):
    """There is no new backup; the ones before are as they were."""

    def __init__(self, fault: BackupFault, sentence: str, /, **facts: object) -> None:
        super().__init__(sentence, **facts)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class BackupHooks:
    """What a test can take the place of."""

    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    settled: Callable[[Path], None] = lambda _: None
    """Called with the unnamed backup when it is written, before it is read back."""


def make(order: BackupOrder, world: BackupHooks | None = None) -> BackupResult:
    """A new backup in the folder ``order.to``, checked from its bytes up.

    The station may go on recording; the copy is one moment of its ledger. Of two
    backups into one folder, the second waits for the first.

    Raises:
        BackupError: there is none; nothing of it stays behind under a good name.
    """
    try:
        _ready(order.to)
        with (
            _alone_in(order),
            contextlib.closing(database.open_reader(order.database)) as live,
        ):
            origin = head(live).origin
            stem = shelf.stem(origin)
            part = order.to / f"{_name(stem, order)}.part"
            for old in order.to.glob(f"{stem}-*.part"):  # of a run that was killed
                shutil.rmtree(old)
            try:
                made = _write(order, live, part, world or BackupHooks())
            finally:
                shutil.rmtree(part, ignore_errors=True)
            with contextlib.suppress(OSError):  # the new one stands all the same
                shelf.prune(order.to, live, order.keep, made.name)
            return replace(made, others=shelf.others(order.to, live))
    except (OSError, DatabaseError, StationError) as error:
        fault, message = _explained(error, order.to)
        raise BackupError(fault, message) from error


@contextlib.contextmanager
def _alone_in(order: BackupOrder) -> Iterator[None]:
    """Let no other process of this station make a backup in the same folder now.

    The lock lies beside the ledger: not every stick or share knows locks.

    Raises:
        BackupError: another backup takes too long.
    """
    to = os.path.normcase(order.to.resolve()).encode("utf-8", "surrogateescape")
    name = f"backup-{hashlib.sha256(to).hexdigest()[:16]}.lock"
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(
                one_at_a_time(order.database.with_name(name), _PATIENCE_S)
            )
        except TimeoutError:
            raise BackupError(
                BackupFault.FAILED,
                "Another backup into %(to)s has not finished in %(minutes).0f "
                "minutes; choose another folder.",
                to=order.to,
                minutes=_PATIENCE_S / 60,
            ) from None
        yield


def own_disk(folder: Path, ledger: Path) -> bool:
    """True where both lie on one disk, so that one fault takes both."""
    return folder.stat().st_dev == ledger.stat().st_dev


def _ready(folder: Path) -> None:
    if not folder.is_dir():
        raise BackupError(
            BackupFault.MISSING,
            "Expected a folder at %(folder)s, found none: plug the stick in.",
            folder=folder,
        )
    synced = folder_safety.unsafe_folder(folder.resolve())
    if synced not in {None, "a network share"}:
        raise BackupError(
            BackupFault.FAILED,
            "Expected a stick or disk, got %(folder)s in %(synced)s: names and "
            "pictures would leave this house; choose another folder.",
            folder=folder,
            synced=synced,
        )


def _name(stem: str, order: BackupOrder) -> str:
    at = datetime.fromtimestamp(order.at_ms / 1000, UTC)
    first = name = f"{stem}-{at:%Y%m%dT%H%M%SZ}"
    number = 1
    while (order.to / name).exists():
        number += 1
        name = f"{first}-{number}"
    return name


def _write(
    order: BackupOrder, live: Connection, part: Path, world: BackupHooks
) -> BackupResult:
    """Write, sync, read back, verify; only then give the folder its name."""
    on_own_disk = own_disk(order.to, order.database)
    wal = order.database.with_name(f"{order.database.name}-wal")
    needed = order.database.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
    _room(order.to, needed, world)
    part.mkdir(mode=0o700)
    ledger = part / "ledger.db"
    database.copy(live, ledger)
    atomic_file.sync_file(ledger)
    pool = PicturePool(order.evidence, order.to / shelf.pool(head(live).origin))
    with contextlib.closing(database.open_reader(ledger)) as copied:
        plan = pool.plan(pictures(copied))
    _room(order.to, plan.bytes, world)
    pool.copy(plan)
    atomic_file.write(part / order.settings.name, order.settings.read_bytes())
    world.settled(part)
    newest = _verified(ledger, live)
    pool.check(plan)
    made = BackupResult(
        name=part.name.removesuffix(".part"),
        size=newest.size,
        root=newest.root.hex(),
        pictures=len(plan.copied),
        lost=len(plan.lost),
        own_disk=on_own_disk,
    )
    _write_manifest(part, made, newest, order, plan.lost)
    part.rename(part.with_name(made.name))
    # From here on the backup counts: a crash is harmless.
    atomic_file.sync_folder(order.to)
    return made


def _room(folder: Path, needed: int, world: BackupHooks) -> None:
    free = world.free(folder)
    if free < needed + _SPARE:
        raise BackupError(
            BackupFault.FULL,
            "Expected %(needed)s MB free in %(folder)s, got %(free)s MB; take "
            "another stick, or keep fewer backups.",
            needed=(needed + _SPARE) // 1000000,
            folder=folder,
            free=free // 1000000,
        )


def _verified(ledger: Path, live: Connection) -> Head:
    """The head of the copy, which holds as a whole and is a prefix of the ledger.

    Raises:
        BackupError: it is not.
    """
    with contextlib.closing(database.open_reader(ledger)) as copied:
        report = verify(
            copied, processes=1, check_data=check_data
        )  # the gates need the others
        if not report.holds:
            raise BackupError(
                BackupFault.FAILED,
                "The copy was written, but it is damaged: %(fault)s",
                fault=report.fault,
            )
        newest = head(copied)
    grown = merkle.Frontier.read(newest.size, nodes(live, log_id(live)))
    if (report.size, report.root) != (newest.size, grown.root()):
        raise BackupError(
            BackupFault.FAILED, "The copy's head is not one of the ledger's."
        )
    return newest


def _write_manifest(
    part: Path, made: BackupResult, newest: Head, order: BackupOrder, lost: list[str]
) -> None:
    told = asdict(made) | {
        "v": 1,
        "origin": newest.origin,
        "checkpoint": newest.note,
        "made_ms": order.at_ms,
        "evidence": f"../{shelf.pool(newest.origin)}",
        "lost_pictures": sorted(lost),
        "keys": _KEYS,
    }
    del told["others"]  # of the folder, and not of this backup
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    atomic_file.write(part / "manifest.json", text.encode("utf-8"))


def _explained(error: Exception, folder: Path) -> tuple[BackupFault, str]:
    """The same fault, as a person can act on it."""
    known = error if isinstance(error, BackupError) else None
    if known is not None and (known.fault is BackupFault.MISSING or folder.is_dir()):
        return known.fault, known.text
    if not folder.is_dir():
        return BackupFault.MISSING, Text(
            "The folder %(folder)s is gone: plug the stick in again. (%(error)s)",
            folder=folder,
            error=sentence_of(error),
        )
    if str(error) == _SQLITE_FULL or getattr(error, "errno", None) in _FULL:
        return BackupFault.FULL, Text(
            "%(folder)s is full: take another stick, or keep fewer backups.",
            folder=folder,
        )
    return BackupFault.FAILED, Text(
        "The backup in %(folder)s failed: %(error)s; try another stick.",
        folder=folder,
        error=sentence_of(error),
    )
