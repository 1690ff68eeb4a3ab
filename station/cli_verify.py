"""``jejak verify`` and ``jejak rebuild``: is the ledger sound; mend what is not it."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station import config
from station.model import Draft, EntryType, StationError, system_clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.backup_check import Beside
    from station.config import Settings
    from station.database import Connection
    from station.ledger.log import Log
    from station.ledger.report import Report
    from station.model import Json

_data = click.option(
    "--data",
    metavar="DIR",
    help="Where the station lives; else JEJAK_DATA, else the user's own data folder.",
)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a ledger says of itself, and what lies beside it says of it."""

    report: Report
    beside: Beside

    @property
    def fault(self) -> str | None:
        return self.report.fault or self.beside.fault

    @property
    def sentence(self) -> str:
        if self.report.fault is not None or self.beside.fault is None:
            return self.report.sentence
        return (
            f"The ledger {self.report.origin} is NOT sound, though its "
            f"{self.report.size} entries hold by themselves: {self.beside.fault}"
        )

    def as_dict(self) -> dict[str, object]:
        told: dict[str, object] = dict(self.report.as_dict())
        notes = list(self.beside.notes)
        return told | {
            "holds": self.fault is None,
            "fault": self.fault,
            "notes": notes,
        }


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@_data
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def verify(path: Path | None, data: str | None, *, as_json: bool) -> None:
    """Check a whole ledger, a backup, or exported tiles; names the first bad entry.

    In a ledger the tables made from the entries are compared with them too, and how
    far it has come with its high-water mark; a backup's with its manifest, and each
    of its pictures is read.
    """
    found = _found(path or config.data_folder(data))
    if as_json:
        click.echo(json.dumps(found.as_dict()))
    else:
        for line in (found.sentence, *found.beside.notes):
            click.echo(line)
    if found.fault is not None:
        sys.exit(1)


@click.command()
@click.option(
    "--names-from",
    metavar="BACKUP",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Put altered names back from this backup, where the entries' hashes fit.",
)
@click.option(
    "--forget-names",
    is_flag=True,
    help="Erase altered names that no backup holds; who has one must be put in anew.",
)
@_data
def rebuild(data: str | None, names_from: Path | None, *, forget_names: bool) -> None:
    """Make the tables anew from the entries, where `jejak verify` finds one altered.

    Names of people lie beside the ledger, which holds their hashes alone: say where
    they are to be taken from.
    """
    from station import database, foundation  # noqa: PLC0415

    settings = config.load(config.data_folder(data))
    with database.WriterLock(settings.folder):
        if names_from is not None or forget_names:
            click.echo(_names_mended(settings, names_from, forget=forget_names))
        told = foundation.rebuild(settings, system_clock)
    if told is None:
        click.echo("Every table says what the entries say: nothing was done.")
        return
    facts = told.draft.data
    click.echo(
        f"The tables were made anew from {facts['entries']} entries; the first that "
        f"differed was {facts['table']}. Entry {told.seq} says so."
    )


def _names_mended(settings: Settings, source: Path | None, *, forget: bool) -> str:
    """Put altered names back, or erase them; what was done, in a sentence.

    Raises:
        StationError: the entries do not hold, or a table must be made anew first.
    """
    from station import backup_names, database  # noqa: PLC0415

    with ExitStack() as stack:
        log = stack.enter_context(_unchecked(settings))
        _let_mend_names(log.db)
        if source is None:
            backup = None
        else:
            path = source / "ledger.db"
            backup = stack.enter_context(closing(database.open_reader(path)))
        with log.writing() as batch:
            back = [] if backup is None else backup_names.restore(batch.db, backup)
            erased = backup_names.forget(batch, system_clock()) if forget else []
            if not back and not erased:
                return "No name was put back; --forget-names erases what fits no hash."
            facts: dict[str, Json] = {"restored": [*back], "erased": [*erased]}
            batch.append(
                Draft(
                    type=EntryType.SYSTEM,
                    event=system_clock(),
                    actor="system",
                    place=batch.place,
                    data={"event": "names_mended", **facts},
                )
            )
    return (
        f"Names put back: {', '.join(back) or 'none'}; erased: "
        f"{', '.join(erased) or 'none'}. An entry says so."
    )


def _let_mend_names(db: Connection) -> None:
    """Let a ledger pass of which nothing but names may have been altered.

    Raises:
        StationError: the entries do not hold, or a table differs.
    """
    from station.custody import shadow  # noqa: PLC0415
    from station.ledger.verify import verify as verified  # noqa: PLC0415

    report = verified(db)
    if not report.holds:
        raise StationError(report.sentence)
    found = shadow.difference(db)
    if found is not None and found.table not in shadow.NAMES:
        raise StationError(
            f"{found.sentence} Run `jejak rebuild` for the tables first, then again "
            "for the names."
        )


@contextmanager
def _unchecked(settings: Settings) -> Iterator[Log]:
    """The ledger to append to, though a name was altered.

    Raises:
        StationError: it is older than its mark, or its newest entries do not hold.
    """
    from station import database, foundation, highwater  # noqa: PLC0415
    from station.custody import projection  # noqa: PLC0415
    from station.ledger.log import Log  # noqa: PLC0415

    db = database.open_writer(settings.database)
    try:
        highwater.check(db, settings.high_water)
        signer = foundation.signer(settings)
        yield Log.open(db, signer, system_clock, project=projection.apply)
    finally:
        database.close_writer(db)


def _found(folder: Path) -> _Finding:
    from station import backup_check, database  # noqa: PLC0415
    from station.custody import shadow  # noqa: PLC0415
    from station.ledger.verify import verify_tiles  # noqa: PLC0415

    if (folder / "checkpoint").is_file():
        return _Finding(verify_tiles(folder), backup_check.Beside())
    with closing(database.open_reader(folder / "ledger.db")) as db:
        copied = backup_check.is_backup(folder)
        # Before the rest: a running station moves it on, and never ahead of the ledger.
        beside = backup_check.Beside() if copied else _marked(folder, db)
        report = shadow.check(db)
        if copied and report.holds:
            beside = backup_check.beside(folder, db)
        return _Finding(report, beside)


def _marked(folder: Path, db: Connection) -> Beside:
    """What the high-water mark says of a ledger in its station's folder."""
    from station import highwater  # noqa: PLC0415
    from station.backup_check import Beside  # noqa: PLC0415
    from station.database import DatabaseError  # noqa: PLC0415
    from station.highwater import Mark  # noqa: PLC0415

    path = _mark_file(folder)
    try:
        found = highwater.check(db, path)
    except (DatabaseError, StationError) as error:
        return Beside(str(error))
    if found is Mark.UNREADABLE:
        return Beside(
            f"Expected a high-water mark in {path} that this ledger's key signed, got "
            "another text: one of them was put in the other's place, or the mark is "
            "damaged; a station that starts on this ledger writes it anew."
        )
    if found is Mark.GONE:
        note = f"No high-water mark of it lies in {path}: an older copy put back would"
        return Beside(notes=(f"{note} not be noticed here.",))
    return Beside()


def _mark_file(folder: Path) -> Path:
    try:
        return config.load(folder).high_water
    except StationError:  # the ledger alone, in a folder of somebody else
        return folder / "high-water"
