"""``jejak verify`` and ``jejak rebuild``: is the ledger sound; mend what is not it."""

from __future__ import annotations

import json
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.errors import StationError
from station.model import system_clock
from station.settings import station_toml

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.backup.snapshot_check import SurroundingsCheck
    from station.ledger.verify_report import Report
    from station.storage.database import Connection

_OLDER = (
    "An older release made it, so the tables beside its entries were not compared with "
    "them: the first `jejak serve` or `jejak rebuild` makes them anew."
)
_data = click.option(
    "--data",
    metavar="DIR",
    help="Where the station lives; else JEJAK_DATA, else the user's own data folder.",
)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a ledger says of itself, and what lies beside it says of it."""

    report: Report
    beside: SurroundingsCheck

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
@click.option(
    "--vkey",
    metavar="TEXT|FILE",
    help="The log's public key as you got it elsewhere; else the ledger's own word.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def verify(
    path: Path | None, data: str | None, vkey: str | None, *, as_json: bool
) -> None:
    """Check a whole ledger, a backup, or exported tiles; names the first bad entry.

    In a ledger the tables made from the entries are compared with them too, and how
    far it has come with its high-water mark; a backup's with its manifest, and each
    of its pictures is read.
    """
    key = None if vkey is None else held_key(vkey)
    found = _found(path or station_toml.data_folder(data), key)
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
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.founding import create_station  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    settings = station_toml.load(station_toml.data_folder(data))
    with database.WriterLock(settings.folder):
        if names_from is not None or forget_names:
            from station.cli import rebuild_names  # noqa: PLC0415

            click.echo(rebuild_names.mended(settings, names_from, forget=forget_names))
        told = create_station.rebuild(settings, system_clock, open_for_writing.progress)
    if told is None:
        click.echo("Every table says what the entries say: no row was mended.")
        return
    facts = told.draft.data
    click.echo(
        f"The tables were made anew from {facts['entries']} entries; the first that "
        f"differed was {facts['table']}. Entry {told.seq} says so."
    )


def held_key(said: str) -> str:
    """The vkey that somebody holds, from its text or from a file with it.

    Raises:
        StationError: it is neither.
    """
    from station.ledger.checkpoint import Verifier  # noqa: PLC0415

    text = said.strip()
    with suppress(
        OSError, ValueError
    ):  # a text is no path, and may be too long for one
        text = Path(said).read_text("utf-8").strip()
    try:
        Verifier(text)
    except StationError as error:
        raise StationError(
            "Expected with --vkey a key such as jejak/1771/gudang/g1+1a2b3c4d+AbC..., "
            f"or a file that holds one, got {said[:200]!r}; `jejak export tiles DIR` "
            "writes it to DIR/vkey."
        ) from error
    return text


def _found(folder: Path, key: str | None) -> _Finding:
    from station.backup import snapshot_check  # noqa: PLC0415
    from station.custody.entry_data.check import check_data  # noqa: PLC0415
    from station.custody.projection import tables_audit  # noqa: PLC0415
    from station.ledger.log_reading import vkey  # noqa: PLC0415
    from station.ledger.verify import verify_tiles  # noqa: PLC0415
    from station.storage import database, schema_upgrade  # noqa: PLC0415

    nothing = snapshot_check.SurroundingsCheck()
    if (folder / "checkpoint").is_file():
        foreign = _foreign(key, lambda: (folder / "vkey").read_text("utf-8").strip())
        return foreign or _Finding(verify_tiles(folder, key, check_data), nothing)
    with closing(database.open_reader(folder / "ledger.db", older=True)) as db:
        foreign = _foreign(key, lambda: vkey(db))
        if foreign is not None:
            return foreign
        copied = snapshot_check.is_backup(folder)
        # Before the rest: a running station moves it on, and never ahead of the ledger.
        beside = nothing if copied else _marked(folder, db)
        report = tables_audit.check(db, vkey=key)
        if copied and report.holds:
            beside = snapshot_check.beside(folder, db)
        if schema_upgrade.needed(db):
            beside = replace(beside, notes=(*beside.notes, _OLDER))
        return _Finding(report, beside)


def _foreign(key: str | None, read: Callable[[], str]) -> _Finding | None:
    """The finding where another key signed than the one that somebody holds.

    Args:
        key: The one that is held; None: none is.
        read: Reads the one that the ledger states.
    """
    from station.backup.snapshot_check import SurroundingsCheck  # noqa: PLC0415
    from station.ledger.verify_report import Report  # noqa: PLC0415
    from station.storage.database import DatabaseError  # noqa: PLC0415

    try:
        stated = key if key is None else read()
    except (OSError, ValueError, DatabaseError, StationError):
        return None  # the check itself says what cannot be read
    if key is None or stated is None or stated == key:
        return None
    fault = (
        f"It was signed by another key than yours: expected {key}, got {stated}. It is "
        "another station's, a later generation's, or was written anew from the start."
    )
    return _Finding(
        Report(origin=stated.partition("+")[0], fault=fault), SurroundingsCheck()
    )


def _marked(folder: Path, db: Connection) -> SurroundingsCheck:
    """What the high-water mark says of a ledger in its station's folder."""
    from station.backup.snapshot_check import SurroundingsCheck  # noqa: PLC0415
    from station.custody.entry_data.words import MarkState  # noqa: PLC0415
    from station.founding import high_water_mark  # noqa: PLC0415
    from station.storage.database import DatabaseError  # noqa: PLC0415

    path = _mark_file(folder)
    try:
        found = high_water_mark.check(db, path)
    except (DatabaseError, StationError) as error:
        return SurroundingsCheck(str(error))
    if found is MarkState.UNREADABLE:
        return SurroundingsCheck(
            f"Expected a high-water mark in {path} that this ledger's key signed, got "
            "another text: one of them was put in the other's place, or the mark is "
            "damaged; `jejak serve --restored` lays it anew, once you know which."
        )
    if found is MarkState.GONE:
        note = f"No high-water mark of it lies in {path}: an older copy put back would"
        return SurroundingsCheck(notes=(f"{note} not be noticed here.",))
    return SurroundingsCheck()


def _mark_file(folder: Path) -> Path:
    try:
        return station_toml.load(folder).high_water
    except StationError:  # the ledger alone, in a folder of somebody else
        return folder / "high-water"
