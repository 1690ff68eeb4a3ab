"""jejak issue: register bundles and cartons, so that their labels can be printed."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from station.cli import options
from station.cli.speech import say, spoken
from station.language import Text

if TYPE_CHECKING:
    from station.custody.labelling.first_issue import Issue
    from station.storage.database import Connection

_KINDS = {"bundles": "K", "cartons": "C"}


@click.command()
@click.argument("what", type=click.Choice(list(_KINDS)))
@click.option("--area", help="Code of a kecamatan or kelurahan; bundles only.")
@click.option("--tps", help="Its number; bundles only.")
@click.option("--ballot", type=options.LazyChoice(options.ballots))
@options.election
@click.option("--dry-run", is_flag=True, help="Print how many; record nothing.")
@options.data
def issue(  # noqa: PLR0913 - a command's options
    *,
    what: str,
    area: str | None,
    tps: str | None,
    ballot: str | None,
    election: str | None,
    data: str | None,
    dry_run: bool,
) -> None:
    """Register bundles (ikat) for boxes, or cartons (dus), by the plan's counts.

    What is registered already is not registered again.
    """
    from labels.label_code import ItemKind  # noqa: PLC0415
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.custody.accounts.directory import SYSTEM  # noqa: PLC0415
    from station.custody.labelling import bundles_and_cartons, first_issue, selection  # noqa: PLC0415
    from station.model import Ballot, system_clock  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    if what == "cartons":
        _check_whole(area, tps)
    settings = options.settings(data)
    chosen = selection.Selection(
        area=None if area is None else selection.area_of(area),
        tps=None if tps is None else selection.tps_of(tps),
        ballot=None if ballot is None else Ballot(ballot),
        election=election,
    )

    def proposed(db: Connection) -> list[Issue]:
        kind = ItemKind(_KINDS[what])
        return bundles_and_cartons.proposed(
            db, kind, chosen, settings.election, settings.home
        )

    if dry_run:  # beside a station that is at work, too
        with closing(database.open_reader(settings.database)) as db:
            many = bundles_and_cartons.count(proposed(db))
        say("%(many)s %(what)s would be registered.", many=many, what=what)
        return
    with open_for_writing.ledger(settings, "Label") as log:
        issues = proposed(log.db)
        if issues:
            with log.writing() as batch:
                first_issue.issue(
                    batch, settings.regency, issues, actor=SYSTEM, at=system_clock()
                )
    say(
        "%(issues)s %(what)s registered.",
        issues=bundles_and_cartons.count(issues),
        what=what,
    )


def _check_whole(area: str | None, tps: str | None) -> None:
    """Refuse cartons of an area.

    Raises:
        UsageError: an area or TPS was chosen.
    """
    if area or tps:
        raise click.UsageError(
            spoken(
                Text("cartons belong to the whole kab/kota: leave out --area, --tps")
            )
        )
