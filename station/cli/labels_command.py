"""jejak labels: choose, draw, read back, hand over, and record what was printed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labels.label_code import ItemKind
from station.errors import StationError
from station.model import Ballot, system_clock
from station.settings import station_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from labels.stocks import Stock
    from station.custody.labelling.print_jobs import PreparedJob, PrintRequest
    from station.ledger.log import Log
    from station.settings.station_toml import Settings

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
    click.option("--ballot", type=click.Choice([ballot.value for ballot in Ballot])),
    click.option("--election", help="Id of an election, such as psu-2024-02."),
    click.option("--kind", type=click.Choice([kind.value for kind in ItemKind])),
    click.option("--item", help="One item id, such as 1771-B-0007K."),
    click.option("--missing", is_flag=True, help="Only what was never printed."),
    click.option("--stock", help="See --stocks; else a4-4, with --zpl 100x150."),
    click.option("--stocks", is_flag=True, help="List them, with how far each reads."),
    click.option("--dpi", type=click.Choice(["203", "300"]), default="203"),
    click.option(
        "--copies",
        type=click.IntRange(1, 20),
        help="Of each label; else two for a box, one for anything else.",
    ),
    click.option(
        "--skip", type=click.IntRange(0), default=0, help="Used positions of the sheet."
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
        help="Next issue of what was printed; the old one is dead.",
    ),
    click.option("--reason", help="Why they are printed again."),
    click.option("--test-page", is_flag=True, help="Outlines and rulers to --out."),
    click.option(
        "--test-label",
        is_flag=True,
        help="A sheet of the label that tries cameras, to --out; it is no item.",
    ),
    click.option("--data", metavar="DIR", help="Where the station lives."),
)


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a job goes."""

    zpl: bool
    target: str
    """As ``labels.printing.send_job.send`` takes it."""
    told: str


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@_with_options
def labels(**given: Any) -> None:  # noqa: ANN401 - as many types as options
    """Print labels; every one is read back before it is offered."""
    settings = station_toml.load(station_toml.data_folder(given["data"]))
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
    click.echo(
        f"{job.labels} labels of {len(job.items)} items {way.told}; SHA-256 "
        f"{job.sha256}."
    )


def _check_folders(given: Mapping[str, Any]) -> None:
    """Let no work begin whose file has no folder to lie in.

    Raises:
        StationError: it has none.
    """
    for way in ("out", "zpl"):
        path = given[way]
        if path is not None and not path.absolute().parent.is_dir():
            message = (
                f"Expected a folder {path.absolute().parent} for --{way}, found none: "
                "make it, or choose another."
            )
            raise StationError(message)


def _request(given: Mapping[str, Any], way: _Way) -> PrintRequest:
    from station.custody.entry_data.words import PrintForm  # noqa: PLC0415
    from station.custody.labelling import selection  # noqa: PLC0415
    from station.custody.labelling.print_jobs import PrintRequest  # noqa: PLC0415

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
            again = (
                " The new issues are recorded: print them with --missing."
                if request.reason
                else ""
            )
            raise StationError(f"{error}{again}") from error
        # No path: a folder's name may tell a person's, and the ledger is public.
        place = "file" if way.target.startswith("file:") else way.target
        print_jobs.finish(log, job, place, actor=SYSTEM, at=system_clock())
        return job

    with open_for_writing.ledger(settings, "Label") as log:
        return act(log)


def _way(settings: Settings, given: Mapping[str, Any]) -> _Way:
    """Where the job goes, and in what form.

    Raises:
        UsageError: Nowhere or to several places, or a reprint without a reason.
        StationError: ZPL for paper that is no roll.
    """
    if given["reprint"] != bool((given["reason"] or "").strip()):
        message = "--reprint and --reason go together: say why labels are printed again"
        raise click.UsageError(message)
    ways = [name for name in ("out", "zpl", "printer") if given[name] is not None]
    if len(ways) != 1:
        message = "name one of --out X.pdf, --zpl X.zpl and --printer TARGET"
        raise click.UsageError(message)
    stock = settings.stocks.get(given["stock"])
    if ways == ["zpl"] and stock is not None and not stock.roll:
        rolls = ", ".join(name for name, one in settings.stocks.items() if one.roll)
        message = (
            f"Expected a roll for --zpl, got the sheet {given['stock']}: choose "
            f"--stock of {rolls}, such as --zpl label.zpl --stock 100x150."
        )
        raise StationError(message)
    if ways == ["printer"]:
        target = given["printer"]
        return _Way(stock is not None and stock.roll, target, f"taken by {target}")
    path = given[ways[0]]
    advice = "; print at 100 %" if ways == ["out"] else ""
    return _Way(ways == ["zpl"], f"file:{path}", f"in {path}{advice}")


def _progress(step: str, done: int, total: int) -> None:
    words = {"draw": "Drawn", "verify": "Read back"}
    if total >= 400 and (done == total or done % 200 < 4):  # noqa: PLR2004 - long work
        click.echo(f"\r{words[step]} {done} of {total}", nl=done == total, err=True)


def _list_stocks(stocks: Mapping[str, Stock]) -> None:
    for name, stock in stocks.items():
        module = stock.layout.spot.module_mm
        reaches = ", ".join(
            f"{reach.camera} {reach.comfortable_m:.1f} m (at most {reach.limit_m:.1f})"
            for reach in stock.reaches()
        )
        click.echo(f"{name:8} {stock.name}: module {module:.2f} mm; {reaches}")
        click.echo(f"{'':8} {stock.source}")


def _test_label(settings: Settings, given: Mapping[str, Any]) -> None:
    from labels import qr_symbol  # noqa: PLC0415
    from station.custody.gate import camera_trial  # noqa: PLC0415
    from station.custody.labelling import selection  # noqa: PLC0415
    from station.custody.labelling.print_jobs import stock_named  # noqa: PLC0415
    from station.founding import create_station  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    if given["out"] is None:
        message = "test labels are a PDF: name it with --out X.pdf"
        raise click.UsageError(message)
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
    click.echo(f"Test labels in {given['out']}; print at 100 %, keep one at each gate.")


def _test_page(settings: Settings, given: Mapping[str, Any]) -> None:
    from labels import sheets  # noqa: PLC0415
    from station.custody.labelling.print_jobs import stock_named  # noqa: PLC0415

    if given["out"] is None:
        message = "a test page is a PDF: name it with --out X.pdf"
        raise click.UsageError(message)
    page = sheets.ruler_page(stock_named(settings, given["stock"]), given["offset"])
    given["out"].write_bytes(page)
    click.echo(f"Test page in {given['out']}; print at 100 % and measure.")
