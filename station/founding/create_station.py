"""A new station: its folder, keys, database and first entries (``jejak init``)."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody.accounts import directory
from station.custody.accounts.directory import Newcomer
from station.custody.projection import apply_entries, tables_audit
from station.errors import StationError
from station.founding import high_water_mark
from station.language import Text
from station.ledger.checkpoint import Signer
from station.ledger.log import Log
from station.model import Draft, EntryType
from station.roles import Role
from station.settings import station_toml
from station.storage import database, folder_safety, schema_upgrade
from station.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from station.custody.projection.apply_entries import Progress
    from station.ledger.verify_report import Report
    from station.model import Clock, Entry
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

    LetPass = Callable[[Connection, Settings], None]

LABEL_KEY_BYTES = 32
AT_ONCE = 100_000
"""Up to so many entries the tables are compared with them at every opening: 4 s."""
FIRST_LOGIN = "pengelola"
"""The first administrator's; `jejak serve` prints a one-time code for it."""
_HEX = re.compile(f"[0-9a-fA-F]{{{LABEL_KEY_BYTES * 2}}}")

_TOML = """\
# This station. Every key: docs/settings.md.

[station]
regency = {regency}
title = {title}
place = "gudang"
zone = {zone}
{made_up}
[[gate]]
name = "gerbang-1"
title = "Gerbang 1"
step = "loading"
place = "gudang"
{more}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStation:
    """What ``jejak init`` is told."""

    regency: str
    title: str
    administrator: str = "Pengelola"
    """Name of the first person in the directory, who signs in as ``pengelola``."""
    zone: str = "WIB"
    made_up: bool = False
    more: str = ""
    """Further lines of station.toml."""


def create(folder: Path, founding: NewStation, clock: Clock) -> Settings:
    """Make a station in a new or empty folder; nothing is left where it fails.

    Raises:
        StationError: the folder holds something, is synchronised by a cloud
            service, cannot be written, or a setting is wrong.
    """
    # Resolved: a link may lead to where a synchronising client works.
    unsafe = folder_safety.unsafe_folder(folder.resolve())
    if unsafe is not None:
        raise StationError(
            "Expected a folder on this machine's own disk, got %(folder)s in "
            "%(unsafe)s; choose another with --data.",
            folder=folder,
            unsafe=unsafe,
        )
    try:
        if folder.exists() and any(folder.iterdir()):
            raise StationError(
                "Expected an empty folder, %(folder)s holds files; choose another.",
                folder=folder,
            )
        with _all_or_nothing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            return _lay(folder, founding, clock)
    except OSError as error:
        raise StationError(
            "Could not write %(folder)s: %(reason)s; choose another folder.",
            folder=folder,
            reason=error.strerror,
        ) from error


def signer(settings: Settings) -> Signer:
    """The key that signs this station's checkpoints.

    Raises:
        StationError: it is missing or is no such key.
    """
    return Signer.load(settings.key_file)


def label_key(settings: Settings) -> bytes:
    """The key of the labels' tags.

    Raises:
        StationError: it is missing or not 64 hexadecimal digits.
    """
    return _hex_key(
        settings.label_key_file,
        Text(
            "put back its copy, which is locked away; no backup holds a key. "
            "Without it no label that is printed is known here."
        ),
    )


def web_key(settings: Settings) -> bytes:
    """The key of the browser sessions; made anew where a restored station lacks it.

    Raises:
        StationError: it is not 64 hexadecimal digits, or cannot be written.
    """
    if not settings.web_key_file.exists():
        try:
            _write_private(settings.web_key_file, secrets.token_hex(LABEL_KEY_BYTES))
        except OSError as error:
            raise StationError(
                "Could not write %(web_key_file)s: %(reason)s; free the disk or "
                "mend its permissions.",
                web_key_file=settings.web_key_file,
                reason=error.strerror,
            ) from error
    return _hex_key(
        settings.web_key_file,
        Text(
            "delete it; a new one is made at the next start, and everybody signs "
            "in again."
        ),
    )


def open_log(
    settings: Settings,
    clock: Clock,
    let_pass: LetPass = high_water_mark.require_current,
    progress: Progress = apply_entries.silent,
) -> Log:
    """The ledger, checked and ready to append; on the calling thread.

    Args:
        settings: The station's.
        clock: The station's clock.
        let_pass: Lets a ledger pass by its high-water marks.
        progress: Told how far it is with the folder of an older release.

    Raises:
        StationError: the ledger is unclear, or older than this station has been, or
            no mark tells that it is not, or a table was altered; the sentence says
            where.
    """
    log = open_unaudited(settings, clock, let_pass, progress)
    try:
        if log.size <= AT_ONCE:
            tables_audit.let_pass(log.db)
    except BaseException:
        log.db.close()
        raise
    return log


def upgrade(settings: Settings, progress: Progress) -> None:
    """Bring a folder that an older release made up to this one.

    ``open_log`` does so too; this is for who wants it done, and seen, before that.

    Raises:
        StationError: it is older than its high-water mark, or an entry cannot be
            read; nothing was changed.
    """
    db = _open_database(settings, high_water_mark.require_current, progress)
    database.close_writer(db)


def rebuild(
    settings: Settings, clock: Clock, progress: Progress = apply_entries.silent
) -> Entry | None:
    """Make the tables anew where they do not say what the entries say.

    Gives:
        The entry that tells of it; None where nothing had to be done.

    Raises:
        StationError: the entries themselves do not hold, or the ledger is older than
            this station has been; nothing was changed.
    """
    log = open_unaudited(settings, clock, progress=progress)
    try:
        report = tables_audit.check(log.db)
        if report.holds:
            return None
        if report.table is None:
            raise StationError(report.sentence)
        with log.writing() as batch:
            entries = apply_entries.rebuild(batch.db)
            tables_audit.mend_counts(batch.db)
            told = _rebuilt(report, entries, settings, clock)
            return batch.append(told)
    finally:
        database.close_writer(log.db)


def open_unaudited(
    settings: Settings,
    clock: Clock,
    let_pass: LetPass = high_water_mark.require_current,
    progress: Progress = apply_entries.silent,
) -> Log:
    """The ledger to append to though a table or a name may have been altered.

    Raises:
        StationError: as ``open_log``, but for the tables.
    """
    db = _open_database(settings, let_pass, progress)
    try:
        return Log.open(db, signer(settings), clock, project=apply_entries.record)
    except BaseException:
        db.close()
        raise


def _rebuilt(report: Report, entries: int, settings: Settings, clock: Clock) -> Draft:
    return Draft(
        type=EntryType.SYSTEM,
        event=clock(),
        actor=directory.SYSTEM,
        place=settings.place_id,
        data={
            "event": "rebuilt",
            "table": report.table,
            "row": report.row,
            "entries": entries,
        },
    )


def _open_database(
    settings: Settings, let_pass: LetPass, progress: Progress
) -> Connection:
    """The database, with the tables of this release."""
    db = database.open_writer(settings.database, older=True)
    try:
        let_pass(db, settings)
        if schema_upgrade.needed(db):
            _upgrade(db, settings, progress)
    except BaseException:
        db.close()
        raise
    return db


def _upgrade(db: Connection, settings: Settings, progress: Progress) -> None:
    """Give the database the tables of this release.

    Raises:
        StationError: it cannot be done; nothing was changed.
    """
    try:
        schema_upgrade.run(
            db, apply_entries.TABLES, lambda db: apply_entries.rebuild(db, progress)
        )
    except DatabaseError as fault:
        raise StationError(
            "Could not bring %(database)s up to this release (%(fault)s): nothing "
            "was changed; free the disk, or run `jejak verify`, and try again.",
            database=settings.database,
            fault=fault,
        ) from fault


def _lay(folder: Path, founding: NewStation, clock: Clock) -> Settings:
    text = _TOML.format(
        regency=_quoted(founding.regency),
        title=_quoted(founding.title),
        zone=_quoted(founding.zone),
        made_up="made_up = true\n" if founding.made_up else "",
        more=founding.more,
    )
    (folder / "station.toml").write_text(text, "utf-8", newline="\n")
    settings = station_toml.load(folder)
    for file in (settings.label_key_file, settings.web_key_file):
        _write_private(file, secrets.token_hex(LABEL_KEY_BYTES))
    key = Signer.create(settings.key_file)
    settings.evidence.mkdir()
    db = database.create(settings.database)
    try:
        _first_entries(db, settings, key, founding.administrator, clock)
    finally:
        database.close_writer(db)
    high_water_mark.lay(settings)
    return settings


def _first_entries(
    db: Connection, settings: Settings, key: Signer, administrator: str, clock: Clock
) -> None:
    log = Log.create(
        db,
        origin=settings.origin,
        place=settings.place_id,
        signer=key,
        clock=clock,
        project=apply_entries.record,
    )
    with log.writing() as batch:
        directory.enrol(
            batch,
            Newcomer(name=administrator, role=Role.ADMINISTRATOR, login=FIRST_LOGIN),
            clock(),
        )


def _write_private(file: Path, text: str) -> None:
    # Never readable by others, not even between creation and chmod.
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(text + "\n")


def _hex_key(file: Path, way: str) -> bytes:
    """The key in the file.

    Args:
        file: 64 hexadecimal digits.
        way: What a person does where it is missing or damaged.

    Raises:
        StationError: it is.
    """
    try:
        text = file.read_text("ascii").strip()
    except OSError as error:
        raise StationError(
            "Expected a key in %(file)s, got: %(reason)s; %(way)s",
            file=file,
            reason=error.strerror,
            way=way,
        ) from error
    except UnicodeDecodeError:
        text = ""
    if not _HEX.fullmatch(text):
        raise StationError(
            "Expected %(digits)s hexadecimal digits in %(file)s, got something "
            "else; %(way)s",
            digits=LABEL_KEY_BYTES * 2,
            file=file,
            way=way,
        )
    return bytes.fromhex(text)


@contextmanager
def _all_or_nothing(folder: Path) -> Iterator[None]:
    """Whatever goes wrong inside, the empty folder, or none, is left as it was."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    except BaseException:
        for path in missing[-1:] or folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise


def _quoted(text: str) -> str:
    """A TOML basic string, in which JSON's escapes hold too.

    Raises:
        StationError: the text cannot be written at all.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise StationError(
            "Expected text for station.toml, got %(text)r.",
            text=text,
        ) from error
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
