"""``jejak rebuild --names-from``: names that were altered, put back or erased."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from station.backup import restore_names
from station.cli import open_for_writing
from station.custody.accounts import directory
from station.custody.entry_data.check import check_data
from station.custody.projection import tables_audit
from station.errors import StationError
from station.founding import create_station
from station.language import Text
from station.ledger.verify import verify
from station.model import Draft, EntryType, system_clock
from station.storage import database

if TYPE_CHECKING:
    from pathlib import Path

    from station.model import Json
    from station.settings.station_toml import Settings
    from station.storage.database import Connection


def mended(settings: Settings, source: Path | None, *, forget: bool) -> str:
    """Put altered names back, or erase them; what was done, in a sentence.

    Raises:
        StationError: the entries do not hold, or a table must be made anew first.
    """
    with ExitStack() as stack:
        log = create_station.open_unaudited(
            settings, system_clock, progress=open_for_writing.progress
        )
        stack.callback(database.close_writer, log.db)
        _let_mend_names(log.db)
        if source is None:
            backup = None
        else:
            file = database.open_reader(source / "ledger.db", older=True)
            backup = stack.enter_context(closing(file))
        with log.writing() as batch:
            back = [] if backup is None else restore_names.restore(batch.db, backup)
            erased = restore_names.forget(batch, system_clock()) if forget else []
            if not back and not erased:
                return Text(
                    "No name was restored; --forget-names erases what fits no hash."
                )
            facts: dict[str, Json] = {"restored": [*back], "erased": [*erased]}
            batch.append(
                Draft(
                    type=EntryType.SYSTEM,
                    event=system_clock(),
                    actor=directory.SYSTEM,
                    place=batch.place,
                    data={"event": "names_mended", **facts},
                )
            )
    none = Text("none")
    return Text(
        "Names restored: %(restored)s; erased: %(erased)s. An entry records it.",
        restored=", ".join(back) or none,
        erased=", ".join(erased) or none,
    )


def _let_mend_names(db: Connection) -> None:
    """Let a ledger pass of which nothing but names may have been altered.

    Raises:
        StationError: the entries do not hold, or a table differs.
    """
    report = verify(db, check_data=check_data)
    if not report.holds:
        raise StationError(report.sentence)
    found = tables_audit.difference(db)
    if found is not None and found.table not in tables_audit.NAMES:
        raise StationError(
            "%(sentence)s Run `jejak rebuild` for the tables first, then again for "
            "the names.",
            sentence=found.sentence,
        )
