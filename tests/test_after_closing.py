"""What is known too late: boxes that turn up after the closing, a false arrival."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pytest

from station.camera_frames import ScanSource
from station.custody import registry
from station.custody.consignment import after_closing
from station.custody.entry_data.words import Where
from station.custody.labelling import reissue
from station.custody.labelling.print_errors import PrintError
from station.custody.load import find_load
from station.custody.projection import apply_entries
from station.errors import OperationRefused, RefusalReason
from station.ledger import log as ledger
from station.ledger.verify import verify
from station.model import Ballot, EntryType, ItemState, Phase
from tests.conftest import OPERATOR, RECEIVER, SECOND
from tests.web_scene import HERE, PIN, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.ledger.log import Log
    from tests.conftest import City, Dock, StillClock


@pytest.fixture
def load(loading: Dock, accepting: Dock, city: City) -> str:
    """Closed at the other end with all but the first box."""
    found = loading.open()
    loading.see(*city.near, city.loose)
    loading.close()
    accepting.arrive(found)
    accepting.see(*city.near[1:], city.loose)
    accepting.close("satu tidak ada")
    return found


def found(log: Log, clock: StillClock, load: str, item: str, where: Where) -> None:
    by = (RECEIVER, clock().wall_ms)
    asked = after_closing.ask_found(
        log.db, load, (item, where), "di mobil pengawal", by
    )
    after_closing.found(log, asked, SECOND, clock())


def state(log: Log, item: str) -> tuple[ItemState, str | None]:
    named = registry.item(log.db, item)
    assert named is not None
    return named.item.state, named.item.consignment


def test_a_box_found_at_the_other_end_is_accepted_after_all(
    log: Log, load: str, city: City, clock: StillClock
) -> None:
    assert [one.item.id for one in after_closing.missing(log.db, load)] == [
        city.near[0]
    ]

    found(log, clock, load, city.near[0], Where.ARRIVED)

    assert state(log, city.near[0]) == (ItemState.ACCEPTED, load)
    assert after_closing.missing(log.db, load) == []
    told = find_load(log.db, load)
    assert told is not None
    assert (told.accepted, told.phase) == (5, Phase.ACCEPTED)
    with pytest.raises(OperationRefused) as again:
        found(log, clock, load, city.near[0], Where.ARRIVED)
    assert again.value.code is RefusalReason.NOT_MISSING
    assert verify(log.db).holds


def test_a_box_found_in_the_warehouse_goes_with_the_next_truck(
    log: Log, load: str, city: City, clock: StillClock, loading: Dock
) -> None:
    found(log, clock, load, city.near[0], Where.SOURCE)

    assert state(log, city.near[0]) == (ItemState.REGISTERED, None)
    loading.open()
    assert loading.see(city.near[0]) == ["ACCEPTED"]


def test_a_box_that_is_lost_can_be_voided_so_that_another_takes_its_place(
    log: Log, load: str, city: City, clock: StillClock
) -> None:
    lost = registry.item(log.db, city.near[0])
    assert lost is not None
    assert (lost.item.consignment, lost.item.voided) == (load, False)
    reissue.void(log, [city.near[0]], reason="hilang", actor="p01", at=clock())

    named = registry.item(log.db, city.near[0])
    assert named is not None
    assert named.item.voided
    with pytest.raises(PrintError):
        reissue.void(log, [city.near[1]], reason="x", actor="p01", at=clock())


def test_two_people_sign_and_what_changed_meanwhile_is_not_signed(
    log: Log, load: str, city: City, clock: StillClock
) -> None:
    by = (RECEIVER, clock().wall_ms)
    where = (city.near[0], Where.ARRIVED)
    for reason, item, code in (
        ("", city.near[0], RefusalReason.REASON_NEEDED),
        ("x", city.near[1], RefusalReason.NOT_MISSING),
        ("x", city.far[0], RefusalReason.NOT_MISSING),
    ):
        with pytest.raises(OperationRefused) as refused:
            after_closing.ask_found(log.db, load, (item, Where.ARRIVED), reason, by)
        assert refused.value.code is code
    asked = after_closing.ask_found(log.db, load, where, "x", by)
    with pytest.raises(OperationRefused) as alone:
        after_closing.found(log, asked, RECEIVER, clock())
    assert alone.value.code is RefusalReason.SAME_PERSON
    found(log, clock, load, city.near[0], Where.SOURCE)
    with pytest.raises(OperationRefused):
        after_closing.found(log, asked, SECOND, clock())


def test_who_gave_it_away_does_not_receive_it_late(
    log: Log, load: str, city: City, clock: StillClock
) -> None:
    by = (OPERATOR, clock().wall_ms)
    with pytest.raises(OperationRefused) as refused:
        after_closing.ask_found(log.db, load, (city.near[0], Where.ARRIVED), "x", by)
    assert refused.value.code is RefusalReason.GIVER_IS_RECEIVER
    after_closing.ask_found(log.db, load, (city.near[0], Where.SOURCE), "x", by)


def test_an_arrival_by_mistake_is_taken_back_while_nothing_is_counted(
    log: Log, city: City, clock: StillClock, loading: Dock, accepting: Dock
) -> None:
    load = loading.open()
    loading.see(*city.near, city.loose)
    loading.close()
    accepting.arrive(load)
    by = (RECEIVER, clock().wall_ms)
    asked = after_closing.ask_retract(log.db, load, "salah pilih", by)

    entry = after_closing.retract(log, asked, SECOND, clock())

    told = find_load(log.db, load)
    assert told is not None
    assert (told.phase, told.gate) == (Phase.DEPARTED, None)
    assert entry.draft.type is EntryType.ERROR_DECLARATION
    assert entry.draft.corrects is not None
    assert ledger.entry(log.db, entry.draft.corrects).draft.type is EntryType.ARRIVING
    accepting.arrive(load)
    asked = after_closing.ask_retract(log.db, load, "salah pilih", by)
    accepting.see(city.near[0])
    with pytest.raises(OperationRefused) as refused:
        after_closing.retract(log, asked, SECOND, clock())
    assert refused.value.code is RefusalReason.COUNTED_ALREADY


def test_the_tables_are_made_again_from_these_entries(
    log: Log, load: str, city: City, clock: StillClock
) -> None:
    found(log, clock, load, city.near[0], Where.ARRIVED)
    before = state(log, city.near[0])

    apply_entries.rebuild(log.db)

    assert state(log, city.near[0]) == before


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def test_its_page_names_what_is_missing_and_two_people_settle_it(at: Scene) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, n) for n in (1, 2)]
    for box in boxes:
        at.scan(box)
    at.close(reason="truk kecil")
    ppk = at.station.gates["gerbang-ppk"]
    ppk.arrive(load, at.person("ppk"))
    path = f"/surat-jalan/{load}/susulan"
    assert "Dibuka keliru?" in at.page(path)
    ppk.submit(at.code(boxes[0]), ScanSource.HANDHELD, at.person("ppk"))
    at.close("gerbang-ppk", reason="satu kurang")
    assert boxes[1].hri in at.page(path)
    assert boxes[0].hri not in at.page(path)

    form = {"item": boxes[1].item.id, "where": "source"}
    assert at.post(f"/surat-jalan/{load}/ditemukan", **form).status_code == 409
    second = signer(at)
    asked = at.post(f"/surat-jalan/{load}/ditemukan", **form, reason="di bak truk")
    assert f"{boxes[1].hri}: ada di tempat asal" in asked.text
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
    assert ticket is not None
    signed = at.post("/tanda-tangan", ticket=ticket[1], person=second, pin=PIN)

    assert signed.status_code == 303, signed.text
    assert "Tidak ada kotak yang masih dicari." in at.page(path)
    with contextlib.closing(at.read()) as db:
        found = registry.item(db, boxes[1].item.id)
    assert found is not None
    assert found.item.state is ItemState.REGISTERED


def signer(at: Scene) -> str:
    second = at.person("petugas")
    at.station.authenticator.set_pin(second, PIN)
    return second
