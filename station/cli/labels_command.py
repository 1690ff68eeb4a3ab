"""jejak labels: choose, draw, read back, hand over, and record what was printed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station.cli import options
from station.cli.speech import say, spoken
from station.errors import StationError
from station.language import Text, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from labels.printing.send_job import PrinterError
    from labels.stocks import Stock
    from station.custody.labelling.print_jobs import PreparedJob, PrintRequest
    from station.ledger.log import Log
    from station.settings.station_toml import Settings


def _kinds() -> list[str]:
    from labels.label_code import ItemKind  # noqa: PLC0415

    return [kind.value for kind in ItemKind]


_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.option("--out", type=_FILE, help="A PDF, to be printed at 100 %."),
    click.option("--zpl", type=_FILE, help="ZPL for a label printer."),
    click.option(
        "--printer",
        metavar="TARGET",
        help="HOST[:9100], cups:QUEUE or windows:NAME; rolls as ZPL, sheets as PDF.",
    ),
    click.option("--area", help="Code of a kecamatan or kelurahan."),
    click.option("--tps", help="Its number."),
    click.option("--ballot", type=options.LazyChoice(options.ballots)),
    options.election,
    click.option("--kind", type=options.LazyChoice(_kinds)),
    click.option("--item", help="One item id, such as 1771-B-0007K."),
    click.option("--missing", is_flag=True, help="Only what was never printed."),
    click.option("--stock", help="See --stocks; else a4-4, with --zpl 100x150."),
    click.option(
        "--stocks",
        is_flag=True,
        help="List the stocks, with the distance at which each reads.",
    ),
    click.option("--dpi", type=click.Choice(["203", "300"]), default="203"),
    click.option(
        "--copies",
        type=click.IntRange(1, 20),
        help="Of each label; else two for a box, one for anything else.",
    ),
    click.option(
        "--skip",
        type=click.IntRange(0),
        default=0,
        help="Labels of the first sheet that are used already.",
    ),
    click.option(
        "--offset",
        type=(float, float),
        default=(0.0, 0.0),
        metavar="RIGHT UP",
        help="In mm, for a printer that is askew.",
    ),
    click.option(
        "--reprint",
        is_flag=True,
        help="Print the next issue; the label printed before is no longer valid.",
    ),
    click.option("--reason", help="Why they are printed again."),
    click.option("--test-page", is_flag=True, help="Outlines and rulers to --out."),
    click.option(
        "--test-label",
        is_flag=True,
        help="A sheet of labels for trying cameras, to --out; they are no items.",
    ),
    options.data,
)


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a job goes."""

    zpl: bool
    target: str
    """As ``labels.printing.send_job.send`` takes it."""
    result: str
    """What became of it, for a person."""


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@_with_options
def labels(**given: Any) -> None:  # noqa: ANN401 - as many types as options
    """Print labels; every one is read back before it is offered."""
    settings = options.settings(given["data"])
    given["stock"] = given["stock"] or ("100x150" if given["zpl"] else "a4-4")
    _check_folders(given)
    if given["stocks"]:
        _list_stocks(settings.stocks)
        return
    if given["test_page"]:
        _test_page(settings, given)
        return
    if given["test_label"]:
        _test_label(settings, given)
        return
    way = _way(settings, given)
    job = _print(settings, _request(given, way), way)
    say(
        "%(labels)s labels of %(count)s items %(result)s; SHA-256 %(sha256)s.",
        labels=job.labels,
        count=len(job.items),
        result=way.result,
        sha256=job.sha256,
    )


def _check_folders(given: Mapping[str, Any]) -> None:
    """Let no work begin whose file has no folder to lie in.

    Raises:
        StationError: it has none.
    """
    for way in ("out", "zpl"):
        path = given[way]
        if path is not None and not path.absolute().parent.is_dir():
            raise StationError(
                "Expected a folder %(parent)s for --%(way)s, found none: make it, "
                "or choose another.",
                parent=path.absolute().parent,
                way=way,
            )


def _request(given: Mapping[str, Any], way: _Way) -> PrintRequest:
    from station.custody.entry_data.words import PrintForm  # noqa: PLC0415
    from station.custody.labelling import selection  # noqa: PLC0415
    from station.custody.labelling.print_jobs import PrintRequest  # noqa: PLC0415
    from station.model import Ballot  # noqa: PLC0415

    area, tps, item = given["area"], given["tps"], given["item"]
    return PrintRequest(
        selection=selection.Selection(
            area=None if area is None else selection.area_of(area),
            tps=None if tps is None else selection.tps_of(tps),
            ballot=None if given["ballot"] is None else Ballot(given["ballot"]),
            election=given["election"],
            kind=given["kind"],
            item=None if item is None else selection.item_of(item),
            missing=given["missing"],
        ),
        stock=given["stock"],
        form=PrintForm.ZPL if way.zpl else PrintForm.PDF,
        dpi=int(given["dpi"]),
        copies=given["copies"],
        skip=given["skip"],
        offset_mm=given["offset"],
        reason=given["reason"] if given["reprint"] else None,
    )


def _print(settings: Settings, request: PrintRequest, way: _Way) -> PreparedJob:
    """The job, when it was handed over and recorded."""
    from labels import qr_symbol  # noqa: PLC0415
    from labels.printing import send_job  # noqa: PLC0415
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.custody.accounts.directory import SYSTEM  # noqa: PLC0415
    from station.custody.labelling import print_jobs  # noqa: PLC0415
    from station.founding import create_station  # noqa: PLC0415
    from station.model import system_clock  # noqa: PLC0415

    press = print_jobs.PrintWorkshop(
        settings=settings,
        key=create_station.label_key(settings),
        decode=qr_symbol.texts,
        progress=_progress,
    )

    def act(log: Log) -> PreparedJob:
        job = print_jobs.prepare(log.db, request, press)
        print_jobs.begin(log, job, actor=SYSTEM, at=system_clock())
        try:
            send_job.send(job.data, way.target)
        except send_job.PrinterError as error:
            raise StationError(_not_printed(error, request)) from error
        # No path: a folder's name may tell a person's, and the ledger is public.
        place = "file" if way.target.startswith("file:") else way.target
        print_jobs.finish(log, job, place, actor=SYSTEM, at=system_clock())
        return job

    with open_for_writing.ledger(settings, "Label") as log:
        return act(log)


def _not_printed(error: PrinterError, request: PrintRequest) -> Text:
    from labels.printing.printer_state import ADVICE  # noqa: PLC0415

    sentence = Text(
        "Expected a printer that takes the job at %(target)s, got %(got)s: %(advice)s; "
        "nothing was counted as printed.",
        target=error.target,
        got=error.got,
        advice=Text("%(advice)s, then print again", advice=Text(ADVICE[error.state]))
        if error.can_retry
        else Text(ADVICE[error.state]),
    )
    if request.reason is None:
        return sentence
    return Text(
        "%(error)s The new issues are recorded: print them with --missing.",
        error=sentence,
    )


def _way(settings: Settings, given: Mapping[str, Any]) -> _Way:
    """Where the job goes, and in what form.

    Raises:
        UsageError: Nowhere or to several places, or a reprint without a reason.
        StationError: ZPL for paper that is no roll.
    """
    if given["reprint"] != bool((given["reason"] or "").strip()):
        raise click.UsageError(
            spoken(Text("--reprint and --reason go together: say why you print again"))
        )
    ways = [name for name in ("out", "zpl", "printer") if given[name] is not None]
    if len(ways) != 1:
        raise click.UsageError(
            spoken(Text("give one of --out X.pdf, --zpl X.zpl and --printer TARGET"))
        )
    stock = settings.stocks.get(given["stock"])
    if ways == ["zpl"] and stock is not None and not stock.roll:
        rolls = ", ".join(name for name, one in settings.stocks.items() if one.roll)
        raise StationError(
            "Expected a roll for --zpl, got the sheet %(stock)s: choose --stock of "
            "%(rolls)s, such as --zpl label.zpl --stock 100x150.",
            stock=given["stock"],
            rolls=rolls,
        )
    if ways == ["printer"]:
        target = given["printer"]
        return _Way(
            stock is not None and stock.roll,
            target,
            Text("taken by %(target)s", target=target),
        )
    path = given[ways[0]]
    printed = Text("in %(path)s; print at 100 %%", path=path)
    return _Way(
        ways == ["zpl"],
        f"file:{path}",
        printed if ways == ["out"] else Text("in %(path)s", path=path),
    )


def _progress(step: str, done: int, total: int) -> None:
    words = {"draw": Text("Drawn"), "verify": Text("Read back")}
    if total >= 400 and (done == total or done % 200 < 4):  # noqa: PLR2004 - long work
        line = spoken(
            Text(
                "%(words)s %(done)s of %(total)s",
                words=words[step],
                done=done,
                total=total,
            )
        )
        click.echo(f"\r{line}", nl=done == total, err=True)


def _list_stocks(stocks: Mapping[str, Stock]) -> None:
    for name, stock in stocks.items():
        reaches = joined(
            Text(
                "%(camera)s %(fine).1f m (at most %(most).1f)",
                camera=reach.camera,
                fine=reach.comfortable_m,
                most=reach.limit_m,
            )
            for reach in stock.reaches()
        )
        say(
            "%(name)-8s %(title)s: module %(module).2f mm; %(reaches)s",
            name=name,
            title=stock.name,
            module=stock.layout.spot.module_mm,
            reaches=reaches,
        )
        click.echo(f"{'':8} {stock.source}")


def _test_label(settings: Settings, given: Mapping[str, Any]) -> None:
    from labels import qr_symbol  # noqa: PLC0415
    from station.custody.gate import camera_trial  # noqa: PLC0415
    from station.custody.labelling import selection  # noqa: PLC0415
    from station.custody.labelling.print_jobs import stock_named  # noqa: PLC0415
    from station.founding import create_station  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    if given["out"] is None:
        raise click.UsageError(
            spoken(Text("test labels are a PDF: give its name with --out X.pdf"))
        )
    db = database.open_reader(settings.database)
    try:
        name = selection.regency_name(db, settings)
    finally:
        db.close()
    sheet = camera_trial.sheet(
        (settings.regency, name),
        create_station.label_key(settings),
        stock_named(settings, given["stock"]),
        qr_symbol.texts,
        "DATA REKAAN" if settings.made_up else "",
    )
    given["out"].write_bytes(sheet)
    say(
        "Test labels in %(given)s; print at 100 %%, keep one at each gate.",
        given=given["out"],
    )


def _test_page(settings: Settings, given: Mapping[str, Any]) -> None:
    from labels import sheets  # noqa: PLC0415
    from station.custody.labelling.print_jobs import stock_named  # noqa: PLC0415

    if given["out"] is None:
        raise click.UsageError(
            spoken(Text("a test page is a PDF: give its name with --out X.pdf"))
        )
    page = sheets.ruler_page(stock_named(settings, given["stock"]), given["offset"])
    given["out"].write_bytes(page)
    say("Test page in %(given)s; print at 100 %% and measure.", given=given["out"])
