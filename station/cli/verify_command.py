"""``jejak verify`` and ``jejak rebuild``: is the ledger sound; mend what is not it."""

from __future__ import annotations

import json
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import options
from station.cli.speech import say, spoken
from station.errors import StationError, sentence_of
from station.language import Text
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


@dataclass(frozen=True, slots=True)
class _Verified:
    """The result of verifying a ledger and the files beside it."""

    report: Report
    beside: SurroundingsCheck

    @property
    def fault(self) -> str | None:
        return self.report.fault or self.beside.fault

    @property
    def sentence(self) -> str:
        if self.report.fault is not None or self.beside.fault is None:
            return self.report.sentence
        return Text(
            "The ledger %(origin)s is NOT sound, although its %(size)s entries agree "
            "with each other: %(fault)s",
            origin=self.report.origin,
            size=self.report.size,
            fault=self.beside.fault,
        )

    def as_dict(self) -> dict[str, object]:
        """The same for ``--json``, in the language of this run."""
        fault = None if self.fault is None else spoken(self.fault)
        notes = [spoken(note) for note in self.beside.notes]
        return self.report.as_dict() | {
            "holds": fault is None,
            "fault": fault,
            "notes": notes,
        }


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@options.data
@options.vkey
@options.as_json
def verify(
    path: Path | None, data: str | None, vkey: str | None, *, as_json: bool
) -> None:
    """Check a whole ledger, a backup, or exported tiles; name the first bad entry.

    A station's tables are compared with its entries, and its length with the
    high-water mark. A backup is compared with its manifest, and each of its pictures
    is read.
    """
    key = None if vkey is None else held_key(vkey)
    found = _found(path or options.folder(data), key)
    if as_json:
        click.echo(json.dumps(found.as_dict()))
    else:
        for line in (found.sentence, *found.beside.notes):
            click.echo(spoken(line))
    if found.fault is not None:
        sys.exit(1)


@click.command()
@click.option(
    "--names-from",
    metavar="BACKUP",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Restore altered names from this backup, where the entries' hashes fit.",
)
@click.option(
    "--forget-names",
    is_flag=True,
    help="Erase altered names that no backup holds; enter those people again.",
)
@options.data
def rebuild(data: str | None, names_from: Path | None, *, forget_names: bool) -> None:
    """Rebuild the tables from the entries, where `jejak verify` finds one altered.

    Names of people are kept beside the ledger, which holds only their hashes: say
    from which backup to restore them.
    """
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.founding import create_station  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    settings = options.settings(data)
    with database.WriterLock(settings.folder):
        if names_from is not None or forget_names:
            from station.cli import rebuild_names  # noqa: PLC0415

            click.echo(
                spoken(rebuild_names.mended(settings, names_from, forget=forget_names))
            )
        entry = create_station.rebuild(
            settings, system_clock, open_for_writing.progress
        )
    if entry is None:
        say("Every table agrees with the entries: nothing was changed.")
        return
    facts = entry.draft.data
    say(
        "The tables were rebuilt from %(entries)s entries; the first that "
        "differed was %(table)s. Entry %(seq)s records it.",
        entries=facts["entries"],
        table=facts["table"],
        seq=entry.seq,
    )


def held_key(given: str) -> str:
    """The vkey that somebody holds, from its text or from a file with it.

    Raises:
        StationError: it is neither.
    """
    from station.ledger.checkpoint import Verifier  # noqa: PLC0415

    text = given.strip()
    with suppress(
        OSError, ValueError
    ):  # a text is no path, and may be too long for one
        text = Path(given).read_text("utf-8").strip()
    try:
        Verifier(text)
    except StationError as error:
        raise StationError(
            "Expected for --vkey a key such as "
            "jejak/1771/gudang/g1+1a2b3c4d+AbC..., or a file that holds one, got "
            "%(given)r; `jejak export tiles DIR` writes it to DIR/vkey.",
            given=given[:200],
        ) from error
    return text


def _found(folder: Path, key: str | None) -> _Verified:
    from station.backup import snapshot_check  # noqa: PLC0415
    from station.custody.entry_data.check import check_data  # noqa: PLC0415
    from station.custody.projection import tables_audit  # noqa: PLC0415
    from station.ledger.log_reading import vkey  # noqa: PLC0415
    from station.ledger.verify import verify_tiles  # noqa: PLC0415
    from station.storage import database, schema_upgrade  # noqa: PLC0415

    nothing = snapshot_check.SurroundingsCheck()
    if (folder / "checkpoint").is_file():
        foreign = _foreign(key, lambda: (folder / "vkey").read_text("utf-8").strip())
        return foreign or _Verified(verify_tiles(folder, key, check_data), nothing)
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
        return _Verified(report, beside)


def _foreign(key: str | None, read: Callable[[], str]) -> _Verified | None:
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
    fault = Text(
        "It was signed with another key than yours: expected %(key)s, got "
        "%(stated)s. It is another station's, a later generation's, or was "
        "rewritten from the start.",
        key=key,
        stated=stated,
    )
    return _Verified(
        Report(origin=stated.partition("+")[0], fault=fault), SurroundingsCheck()
    )


def _marked(folder: Path, db: Connection) -> SurroundingsCheck:
    """A station's ledger compared with its high-water mark."""
    from station.backup.snapshot_check import SurroundingsCheck  # noqa: PLC0415
    from station.custody.entry_data.words import MarkState  # noqa: PLC0415
    from station.founding import high_water_mark  # noqa: PLC0415
    from station.storage.database import DatabaseError  # noqa: PLC0415

    path = _mark_file(folder)
    try:
        found = high_water_mark.check(db, path)
    except (DatabaseError, StationError) as error:
        return SurroundingsCheck(sentence_of(error))
    if found is MarkState.UNREADABLE:
        return SurroundingsCheck(
            Text(
                "The high-water mark in %(path)s is not signed with this ledger's "
                "key: the mark is damaged, or one of them was replaced. Once you "
                "know that it is the mark, `jejak serve --restored` makes a new one.",
                path=path,
            )
        )
    if found is MarkState.GONE:
        note = Text(
            "No high-water mark found at %(path)s: an older copy put back would "
            "not be noticed here.",
            path=path,
        )
        return SurroundingsCheck(notes=(note,))
    return SurroundingsCheck()


def _mark_file(folder: Path) -> Path:
    try:
        return station_toml.load(folder).high_water
    except StationError:  # the ledger alone, in a folder of somebody else
        return folder / "high-water"
