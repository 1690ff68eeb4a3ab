"""From a choice to recorded paper: drawn, read back, handed over, in the ledger."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from labels import qr_symbol
from labels.label_code import ItemId, LabelCode, LabelError, expand
from labels.label_errors import LabelFault
from labels.printing import send_job
from labels.printing.send_job import PrinterError
from labels.raster import rastered
from labels.sheets import A4_4
from labels.stocks import STOCKS, Stock
from station.camera_frames import ScanSource
from station.custody import registry
from station.custody.entry_data.words import PrintForm
from station.custody.labelling import print_jobs, reissue
from station.custody.labelling import selection as printing
from station.custody.labelling.print_errors import PrintError, PrintObstacle
from station.custody.labelling.print_jobs import PrintRequest, PrintWorkshop
from station.custody.labelling.selection import Selection
from station.errors import StationError
from station.founding import create_station
from station.model import EntryType
from tests.conftest import NEAR, OPERATOR

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from station.custody.labelling.print_jobs import PreparedJob
    from station.ledger.log import Log
    from station.model import Entry
    from station.settings.station_toml import Settings
    from tests.conftest import City, Dock, StillClock


@pytest.fixture
def press(settings: Settings) -> PrintWorkshop:
    return PrintWorkshop(
        settings=settings,
        key=create_station.label_key(settings),
        decode=qr_symbol.texts,
    )


def printed(
    log: Log, press: PrintWorkshop, clock: StillClock, request: PrintRequest
) -> PreparedJob:
    """A job made, taken whole, and recorded."""
    job = print_jobs.prepare(log.db, request, press)
    print_jobs.begin(log, job, actor=OPERATOR, at=clock())
    print_jobs.finish(log, job, "file", actor=OPERATOR, at=clock())
    return job


def last(log: Log) -> Entry:
    return list(registry_entries(log))[-1]


def registry_entries(log: Log) -> list[Entry]:
    from station.ledger import log as ledger  # noqa: PLC0415 - the name is taken

    return list(ledger.entries(log.db))


def chosen(log: Log, selection: Selection, press: PrintWorkshop) -> set[str]:
    job = print_jobs.prepare(log.db, PrintRequest(selection=selection), press)
    return {item.item.id for item in job.items}


def test_a_job_is_an_entry_with_its_hash_stock_items_and_person(
    log: Log, city: City, press: PrintWorkshop, clock: StillClock
) -> None:
    before = log.size

    job = printed(
        log, press, clock, PrintRequest(selection=Selection(area=NEAR, kind="B"))
    )

    entry = last(log)
    assert log.size == before + 1
    assert (entry.draft.type, entry.draft.actor) == (EntryType.SYSTEM, OPERATOR)
    assert tuple(expand(entry.draft.items)) == city.near
    assert entry.draft.data == {
        "event": "print",
        "sha256": hashlib.sha256(job.data).hexdigest(),
        "form": "pdf",
        "stock": "a4-4",
        "labels": 8,
        "copies": None,
        "skip": 0,
        "dpi": None,
        "offset_um": [0, 0],
        "target": "file",
        "part": [1, 1],
    }


def test_a_box_gets_two_labels_beside_each_other_and_a_bundle_one(
    log: Log, city: City, press: PrintWorkshop, settings: Settings
) -> None:
    wanted = Selection(items=(city.near[0], city.loose))

    job = print_jobs.prepare(log.db, PrintRequest(selection=wanted), press)

    (page,) = rastered(job.data)
    key = create_station.label_key(settings)
    box, bundle = (
        str(LabelCode.issue(ItemId.parse(item), 1, key))
        for item in (city.near[0], city.loose)
    )
    assert job.labels == 3
    assert sorted(qr_symbol.texts(page)) == sorted([box, box, bundle])
    assert (
        print_jobs.prepare(log.db, PrintRequest(selection=wanted), press).data
        == job.data
    )


@pytest.mark.parametrize("name", STOCKS)
def test_every_stock_is_read_back_before_it_is_offered(
    name: str, log: Log, city: City, press: PrintWorkshop
) -> None:
    read: list[int] = []

    def decode(dots: NDArray[np.uint8]) -> list[str]:
        found = qr_symbol.texts(dots)
        read.append(len(found))
        return found

    form = PrintForm.ZPL if STOCKS[name].roll else PrintForm.PDF
    request = PrintRequest(selection=Selection(kind="B"), stock=name, form=form)

    job = print_jobs.prepare(log.db, request, replace(press, decode=decode))

    # The copies of one label are one picture on a roll.
    per_picture = 2 if form is PrintForm.ZPL else 1
    assert sum(read) * per_picture == job.labels == 2 * len(city.near + city.far)


@pytest.mark.parametrize("form", PrintForm)
def test_a_label_that_does_not_read_is_named_and_nothing_is_offered(
    form: PrintForm, log: Log, city: City, press: PrintWorkshop, settings: Settings
) -> None:
    key = create_station.label_key(settings)
    bad = str(LabelCode.issue(ItemId.parse(city.far[1]), 1, key))
    smudged: list[str] = []

    def decode(dots: NDArray[np.uint8]) -> list[str]:
        found = qr_symbol.texts(dots)
        if bad in found and not smudged:
            smudged.append(bad)
            found.remove(bad)
        return found

    request = PrintRequest(
        selection=Selection(kind="B"),
        stock="100x50" if form is PrintForm.ZPL else "a4-4",
        form=form,
    )
    hri = ItemId.parse(city.far[1]).as_hri()

    with pytest.raises(StationError, match=f"label {hri} on page .* does not"):
        print_jobs.prepare(log.db, request, replace(press, decode=decode))

    assert smudged


def test_a_label_that_reads_as_another_is_found(
    log: Log, city: City, press: PrintWorkshop
) -> None:
    def decode(dots: NDArray[np.uint8]) -> list[str]:
        return [*qr_symbol.texts(dots), "STRANGE"]

    with pytest.raises(StationError, match="read also 'STRANGE'"):
        print_jobs.prepare(
            log.db,
            PrintRequest(selection=Selection(item=city.near[0])),
            replace(press, decode=decode),
        )


def test_paper_that_is_too_far_off_is_refused(
    log: Log, city: City, press: PrintWorkshop
) -> None:
    # Half of the first row's labels would lie beside the sheet.
    request = PrintRequest(selection=Selection(kind="B"), offset_mm=(-60.0, 0.0))

    with pytest.raises(LabelError, match="off the page") as refused:
        print_jobs.prepare(log.db, request, press)

    assert city.near
    assert refused.value.fault is LabelFault.RIGHT


def test_labels_are_chosen_by_place_kind_and_what_is_missing(
    log: Log, city: City, press: PrintWorkshop, clock: StillClock
) -> None:
    near, far = set(city.near), set(city.far)

    assert chosen(log, Selection(area="17.71.01.1001", kind="B"), press) == near
    assert chosen(log, Selection(kind="K"), press) == {city.loose, city.packed}
    assert len(chosen(log, Selection(tps="002"), press)) == 2
    printed(log, press, clock, PrintRequest(selection=Selection(area=NEAR)))
    assert chosen(log, Selection(missing=True), press) == far
    printed(log, press, clock, PrintRequest(selection=Selection(missing=True)))
    with pytest.raises(StationError, match="never printed"):
        chosen(log, Selection(missing=True), press)


def test_a_reprint_makes_the_next_issue_and_kills_the_one_before(
    log: Log, city: City, press: PrintWorkshop, clock: StillClock, loading: Dock
) -> None:
    box = city.near[0]
    printed(log, press, clock, PrintRequest(selection=Selection(item=box)))
    request = PrintRequest(selection=Selection(item=box), reason="sobek")

    job = printed(log, press, clock, request)

    (page,) = rastered(job.data)
    assert qr_symbol.texts(page) == [loading.text(box, 2)] * 2
    commissioning, printing = registry_entries(log)[-2:]
    assert commissioning.draft.data == {"issue": 2, "reason": "sobek"}
    assert printing.draft.data["reason"] == "sobek"
    loading.open()
    assert loading.show(loading.text(box, 2)) == ["ACCEPTED"]
    assert loading.show(loading.text(box, 1)) == ["SUPERSEDED"]


def test_a_job_that_fails_on_its_way_is_missing_and_can_be_handed_over_again(
    log: Log, city: City, press: PrintWorkshop, clock: StillClock, tmp_path: Path
) -> None:
    box = city.near[0]
    printed(log, press, clock, PrintRequest(selection=Selection(kind="B")))
    request = PrintRequest(selection=Selection(item=box), reason="basah")
    job = print_jobs.prepare(log.db, request, press)
    print_jobs.begin(log, job, actor=OPERATOR, at=clock())

    with pytest.raises(PrinterError):
        send_job.send(job.data, f"file:{tmp_path}")

    assert chosen(log, Selection(kind="B", missing=True), press) == {box}
    size = log.size
    assert print_jobs.begin(log, job, actor=OPERATOR, at=clock()) == []
    print_jobs.finish(log, job, "file", actor=OPERATOR, at=clock())
    assert log.size == size + 1
    with pytest.raises(StationError, match="never printed"):
        chosen(log, Selection(kind="B", missing=True), press)


def test_a_job_drawn_before_another_reprint_is_not_handed_over(
    log: Log, city: City, press: PrintWorkshop, clock: StillClock
) -> None:
    box = city.near[0]
    printed(log, press, clock, PrintRequest(selection=Selection(item=box)))
    request = PrintRequest(selection=Selection(item=box), reason="sobek")
    early = print_jobs.prepare(log.db, request, press)
    printed(log, press, clock, request)
    printed(log, press, clock, replace(request, reason="basah"))
    size = log.size

    with pytest.raises(StationError, match="prepare the job again"):
        print_jobs.begin(log, early, actor=OPERATOR, at=clock())

    assert log.size == size


def test_what_is_on_paper_is_printed_again_only_with_a_reason(
    log: Log, city: City, press: PrintWorkshop, clock: StillClock
) -> None:
    box = city.near[0]
    one, all_ = Selection(item=box), Selection(kind="B")
    late = print_jobs.prepare(log.db, PrintRequest(selection=all_), press)
    printed(log, press, clock, PrintRequest(selection=one))

    with pytest.raises(PrintError, match="never printed, 1 of 6 were") as refused:
        print_jobs.prepare(log.db, PrintRequest(selection=all_), press)
    size = log.size
    with pytest.raises(PrintError, match="1 of 6 were"):
        print_jobs.begin(log, late, actor=OPERATOR, at=clock())

    assert refused.value.code is PrintObstacle.PRINTED
    assert log.size == size
    # With a reason, that one dies and the others keep the issue they were born with.
    job = printed(log, press, clock, PrintRequest(selection=all_, reason="sobek"))
    assert {item.item.issue for item in job.items if item.item.id == box} == {2}
    assert {item.item.issue for item in job.items if item.item.id != box} == {1}


def test_labels_are_chosen_by_election_and_an_area_is_no_pattern(
    log: Log, city: City, press: PrintWorkshop
) -> None:
    assert city.near
    assert chosen(log, Selection(election="pemilu"), press)
    for nothing in (Selection(election="psu-2024-02"), Selection(area="17.71.%")):
        with pytest.raises(PrintError, match="found none"):
            chosen(log, nothing, press)


@pytest.mark.parametrize(
    ("read", "text", "wanted"),
    [
        (printing.tps_of, "2", "002"),
        (printing.area_of, "1771021001", "17.71.02.1001"),
        (printing.area_of, "17.71.02", "17.71.02"),
        (printing.item_of, "1771-b-0007k", "1771-B-0007K"),
        (printing.item_of, "1771 b ooo7k r", "1771-B-0007K"),
    ],
)
def test_choices_are_understood_as_people_type_them(
    read: Callable[[str], str], text: str, wanted: str
) -> None:
    assert read(text) == wanted


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (printing.tps_of, "0", "TPS from 1 to 999"),
        (printing.tps_of, "1000", "TPS from 1 to 999"),
        (printing.tps_of, "satu", "TPS from 1 to 999"),
        (printing.area_of, "17.71.%", "code of a kecamatan"),
        (printing.area_of, "17", "code of a kecamatan"),
        (printing.item_of, "1771-B-0007K-X", "check should be"),
        (printing.item_of, "x", "item id such as"),
    ],
)
def test_choices_that_are_none_are_told(
    read: Callable[[str], str], text: str, sentence: str
) -> None:
    with pytest.raises(PrintError, match=sentence):
        read(text)


def test_one_page_of_a_job_can_be_printed_again(
    log: Log, city: City, press: PrintWorkshop, clock: StillClock, settings: Settings
) -> None:
    printed(log, press, clock, PrintRequest(selection=Selection(kind="B"), skip=1))
    seq = last(log).seq
    order = (*city.near, *city.far)

    pages = [
        print_jobs.page_items(log.db, seq, page, settings) for page in (1, 2, 3, 4)
    ]

    # Two copies of each, four labels a page, the first position used up.
    assert pages == [order[:2], order[1:4], order[3:6], order[5:]]
    for wrong in (0, 5):
        with pytest.raises(StationError, match="no page"):
            print_jobs.page_items(log.db, seq, wrong, settings)
    with pytest.raises(StationError, match="none"):
        print_jobs.page_items(log.db, 0, 1, settings)


def test_a_page_is_the_same_page_when_a_label_of_it_was_voided(
    log: Log, city: City, press: PrintWorkshop, clock: StillClock, settings: Settings
) -> None:
    printed(log, press, clock, PrintRequest(selection=Selection(kind="B"), skip=1))
    seq = last(log).seq
    order = (*city.near, *city.far)
    reissue.void(log, [order[0]], reason="terbakar", actor=OPERATOR, at=clock())

    pages = [
        print_jobs.page_items(log.db, seq, page, settings) for page in (1, 2, 3, 4)
    ]

    assert pages == [order[1:2], order[1:4], order[3:6], order[5:]]


def test_more_items_than_one_entry_holds_are_several_parts(
    log: Log,
    city: City,
    press: PrintWorkshop,
    clock: StillClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reissue, "RANGES", 1)
    before = log.size

    printed(log, press, clock, PrintRequest())

    parts = registry_entries(log)[before:]
    assert [entry.draft.data["part"] for entry in parts] == [[1, 3], [2, 3], [3, 3]]
    items = {item for entry in parts for item in expand(entry.draft.items)}
    assert items == {*city.near, *city.far, city.loose, city.packed}


def test_a_station_prints_on_its_own_stock_and_no_unknown_one(
    log: Log, city: City, press: PrintWorkshop, settings: Settings
) -> None:
    own = Stock(name="A4, 8", page_mm=(210, 297), label_mm=(105, 74), columns=2, rows=4)
    mine = replace(press, settings=replace(settings, stocks={"a4-8": own}))
    request = PrintRequest(selection=Selection(item=city.near[0]), stock="a4-8")

    assert print_jobs.prepare(log.db, request, mine).labels == 2
    with pytest.raises(StationError, match="'a4-8'; choose one"):
        print_jobs.prepare(log.db, request, press)
    with pytest.raises(LabelError, match="used positions"):
        print_jobs.prepare(log.db, PrintRequest(skip=A4_4.per_page), press)


def test_progress_is_told_for_both_halves_of_the_work(
    log: Log, city: City, press: PrintWorkshop
) -> None:
    told: list[tuple[str, int, int]] = []

    def progress(*step: str | int) -> None:
        told.append(step)  # type: ignore[arg-type]  # three, as Press says

    print_jobs.prepare(
        log.db,
        PrintRequest(selection=Selection(kind="B")),
        replace(press, progress=progress),
    )

    total = 2 * len(city.near + city.far)
    assert told[-1] == ("verify", total, total)
    assert ("draw", total, total) in told


def test_a_destroyed_label_is_void_for_good(
    log: Log, city: City, clock: StillClock, loading: Dock, press: PrintWorkshop
) -> None:
    box = city.near[0]

    reissue.void(log, [box], reason="terbakar", actor=OPERATOR, at=clock())

    loading.open()
    assert loading.see(box) == ["SUPERSEDED"]
    assert box not in chosen(log, Selection(kind="B"), press)
    for again in (box, "1771-B-ZZZZZ"):
        with pytest.raises(StationError, match="not voided"):
            reissue.void(log, [again], reason="x", actor=OPERATOR, at=clock())


def test_what_is_on_a_truck_cannot_be_voided(
    log: Log, city: City, clock: StillClock, loading: Dock
) -> None:
    loading.open()
    loading.see(city.near[0])

    with pytest.raises(StationError, match="take it off first"):
        reissue.void(log, city.near, reason="x", actor=OPERATOR, at=clock())


@pytest.mark.parametrize("reason", ["", "  "])
def test_nothing_is_voided_or_reissued_without_a_reason(
    reason: str, log: Log, city: City, clock: StillClock
) -> None:
    with pytest.raises(StationError, match="reason"):
        reissue.void(log, city.near, reason=reason, actor=OPERATOR, at=clock())
    with log.writing() as batch, pytest.raises(StationError, match="reason"):
        reissue.reissue(batch, city.near, reason=reason, actor=OPERATOR, at=clock())


def test_items_of_different_issues_get_each_their_next(
    log: Log, city: City, clock: StillClock
) -> None:
    def reissued(items: tuple[str, ...]) -> list[object]:
        with log.writing() as batch:
            entries = reissue.reissue(
                batch, items, reason="sobek", actor=OPERATOR, at=clock()
            )
        return [entry.draft.data["issue"] for entry in entries]

    assert reissued(city.near[:1]) == [2]
    assert reissued(city.near) == [2, 3]
    first = registry.item(log.db, city.near[0])
    assert first is not None
    assert first.item.issue == 3


SILOG = "https://silog.example/?id=7&n=\u0e01 é"


def test_another_label_linked_once_is_its_item_at_the_gate(
    log: Log, city: City, clock: StillClock, loading: Dock
) -> None:
    loading.open()
    assert loading.show(SILOG) == ["FOREIGN"]

    reissue.link(log, city.near[0], SILOG, actor=OPERATOR, at=clock())

    assert loading.show(SILOG) == ["ACCEPTED"]
    assert last(log).draft.items == (city.near[0],)
    assert last(log).draft.data["alias"] is True
    assert loading.see(city.near[0]) == ["REPEATED"]
    assert "alias" not in last(log).draft.data
    assert loading.show(SILOG + "x") == ["FOREIGN"]


def test_a_wedge_scanner_reads_another_label_as_it_is(
    log: Log, city: City, clock: StillClock, loading: Dock
) -> None:
    reissue.link(log, city.near[0], SILOG, actor=OPERATOR, at=clock())
    loading.open()

    (outcome,) = loading.gate.record(
        [loading.scan(SILOG, ScanSource.HANDHELD)], OPERATOR
    )

    assert outcome.decision.item == city.near[0]


def test_a_link_is_made_once_and_only_to_another_label(
    log: Log, city: City, clock: StillClock, loading: Dock
) -> None:
    first, second = city.near[:2]

    def link(item: str, text: str) -> Entry:
        return reissue.link(log, item, text, actor=OPERATOR, at=clock())

    link(first, SILOG)
    for item, text in ((first, SILOG), (second, SILOG), (first, "another")):
        with pytest.raises(StationError, match=f"{first} has one already"):
            link(item, text)
    for text in (
        "",
        " ",
        "x" * 1001,
        loading.text(second),
        loading.text(second).lower(),
    ):
        with pytest.raises(StationError, match="scan the other label"):
            link(second, text)
    with pytest.raises(StationError, match="not voided"):
        link("1771-B-ZZZZZ", "another")


def test_a_linked_text_is_known_whatever_blanks_a_scanner_adds(
    log: Log, city: City, clock: StillClock
) -> None:
    item = city.near[0]
    reissue.link(log, item, "SILOG 17 \r\n", actor=OPERATOR, at=clock())

    for text in ("SILOG 17", " SILOG 17", "SILOG 17\n"):
        assert registry.linked(log.db, text) == item
    with pytest.raises(PrintError):
        reissue.link(log, city.near[1], "SILOG 17", actor=OPERATOR, at=clock())


def test_where_nothing_is_registered_nothing_was_printed_either(
    log: Log, press: PrintWorkshop
) -> None:
    with pytest.raises(PrintError) as refused:
        print_jobs.prepare(
            log.db, PrintRequest(selection=Selection(missing=True)), press
        )
    assert refused.value.code is PrintObstacle.NOTHING_FITS
