"""Condition of boxes and their seals: told, asked for, printed, entered from paper."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2
import pytest

from labels import png
from labels.label_code import ItemId
from station.custody.entry_data.words import Condition, OwnWords
from station.custody.gate import paper_forms, seals_and_condition
from station.custody.gate.paper_forms import PaperForm, PaperFormRow
from station.custody.gate.seals_and_condition import Inspection
from station.custody.history import five_rights
from station.custody.load import find_load
from station.custody.projection import apply_entries
from station.errors import OperationRefused, RefusalReason
from station.founding import create_station
from station.ledger import log as ledger
from station.model import Ballot, EntryType, Step
from station.runtime.waybill_printing import Waybills
from station.storage.database import open_reader
from tests.conftest import OPERATOR, SECOND, staying
from tests.web_scene import HERE, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.ledger.log import Log
    from station.model import Entry
    from station.settings.station_toml import Settings
    from tests.conftest import City, Dock, StillClock


def tell(dock: Dock, item: str, looked: Inspection) -> Entry:
    with dock.gate.log.writing() as batch:
        return seals_and_condition.record(
            batch, dock.gate.settings, item, looked, actor=OPERATOR, at=dock.clock()
        )


def refused(dock: Dock, item: str, looked: Inspection) -> RefusalReason:
    with pytest.raises(OperationRefused) as found:
        tell(dock, item, looked)
    return found.value.code


def test_the_newest_word_counts_and_the_older_stays_in_the_ledger(
    loading: Dock, city: City, log: Log
) -> None:
    load = loading.open()
    loading.see(city.near[0])
    wet = Inspection(condition=Condition.WET, seals=("A-1", "A-2"), note="pojok")

    first = tell(loading, city.near[0], Inspection(seals=("A-1",)))
    second = tell(loading, city.near[0], wet)

    assert seals_and_condition.last_inspections(log.db, load, Step.LOADING) == {
        city.near[0]: wet
    }
    assert (first.draft.type, first.draft.consignment) == (EntryType.INSPECTING, load)
    assert first.draft.data["seals"] == ["A-1"]
    assert second.draft.data["note"] == "pojok"
    apply_entries.rebuild(log.db)
    assert seals_and_condition.last_inspections(log.db, load, Step.LOADING) == {
        city.near[0]: wet
    }


def test_the_board_counts_boxes_whose_last_word_is_not_good(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(*city.near[:2])
    assert five_rights.rights(log.db, 0, {}, 0).harmed == 0
    for item in city.near[:2]:
        tell(loading, item, Inspection(condition=Condition.WET))
    assert five_rights.rights(log.db, 0, {}, 0).harmed == 2

    tell(loading, city.near[0], Inspection())

    assert five_rights.rights(log.db, 0, {}, 0).harmed == 1


def test_only_what_is_counted_here_is_told_of_and_a_seal_is_one_boxs(
    loading: Dock, accepting: Dock, city: City
) -> None:
    looked = Inspection(seals=("A-1",))
    assert refused(loading, city.near[0], looked) is RefusalReason.NO_CONSIGNMENT
    load = loading.open()
    assert refused(loading, city.near[0], looked) is RefusalReason.NOT_COUNTED
    loading.see(*city.near[:2])
    tell(loading, city.near[0], looked)
    assert refused(loading, city.near[1], looked) is RefusalReason.SEAL_TAKEN
    # Replaced on its box, the number is free.
    tell(loading, city.near[0], Inspection(seals=("A-9",)))
    tell(loading, city.near[1], looked)
    loading.close("truk penuh")
    accepting.arrive(load)
    assert refused(accepting, city.near[0], looked) is RefusalReason.NOT_COUNTED
    accepting.see(city.near[0])
    tell(
        accepting, city.near[0], Inspection(condition=Condition.DAMAGED, seals=("A-9",))
    )


def test_a_box_taken_off_is_looked_at_again_when_it_is_loaded_again(
    loading: Dock, city: City, log: Log
) -> None:
    load = loading.open()
    loading.see(*city.near[:2])
    tell(loading, city.near[0], Inspection(seals=("A-1",)))
    loading.gate.take_off(city.near[0], reason=OwnWords("rusak"), actor=OPERATOR)
    loading.see(city.near[0])

    assert seals_and_condition.last_inspections(log.db, load, Step.LOADING) == {}
    tell(loading, city.near[1], Inspection(seals=("A-1",)))
    apply_entries.rebuild(log.db)
    assert set(seals_and_condition.last_inspections(log.db, load, Step.LOADING)) == {
        city.near[1]
    }


def test_a_seal_said_of_a_box_that_left_is_told_not_refused(
    loading: Dock, accepting: Dock, city: City
) -> None:
    load = loading.open(kinds=(Ballot.PPWP,))
    loading.see(city.near[0], city.near[2], city.loose)
    tell(loading, city.near[0], Inspection(seals=("A-9",)))  # A-6 was meant
    loading.close("truk penuh")
    accepting.arrive(load)
    accepting.see(city.near[0])
    # No word of the seals at this end frees the number that was told at the other.
    tell(accepting, city.near[0], Inspection())
    loading.open(kinds=(Ballot.DPR,))
    loading.see(city.near[1])

    entry = tell(loading, city.near[1], Inspection(seals=("A-9",)))

    assert entry.draft.data["doubled"] == ["A-9"]


def test_bundles_need_no_seal_and_those_without_one_are_listed(
    loading: Dock, city: City, log: Log
) -> None:
    gate = replace(loading.gate.settings, seals=True)
    dock = replace(loading, gate=replace(loading.gate, settings=gate))
    load = dock.open()
    dock.see(city.near[0], city.loose)

    told = find_load(log.db, load)
    assert told is not None
    assert [one.item.id for one in seals_and_condition.bare(log.db, gate, told)] == [
        city.near[0]
    ]


def test_an_older_paper_form_does_not_undo_what_was_seen_since(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    with log.writing() as batch:
        paper_forms.issue(batch, 1, actor=OPERATOR, at=clock())
    load = loading.open()
    loading.see(city.near[0])
    clock.pass_ms(60_000)
    wet = Inspection(condition=Condition.WET, seals=("A-1",))
    tell(loading, city.near[0], wet)
    row = PaperFormRow(
        ItemId.parse(city.near[0]).as_hri(), clock().wall_ms - 30_000, Inspection()
    )

    paper_forms.enter(loading.gate, PaperForm(1, 1, [row]), actor=OPERATOR)

    assert seals_and_condition.last_inspections(log.db, load, Step.LOADING) == {
        city.near[0]: wet
    }


@pytest.mark.parametrize(
    "text", ["A" * 41, ",".join(f"S{n}" for n in range(13)), "\x07"]
)
def test_what_is_no_seal_is_refused(text: str) -> None:
    with pytest.raises(OperationRefused) as found:
        seals_and_condition.parse_seals(text)
    assert found.value.code is RefusalReason.SEAL_FORM


def test_where_the_gate_asks_no_consignment_closes_without_seals(
    loading: Dock, city: City, log: Log
) -> None:
    gate = replace(loading.gate, settings=replace(loading.gate.settings, seals=True))
    dock = replace(loading, gate=gate)
    dock.open()
    dock.see(*city.near[:2])
    tell(dock, city.near[0], Inspection(seals=("A-1",)))
    tell(dock, city.near[1], Inspection())
    said = staying(log.db, gate.settings, "truk penuh")

    with pytest.raises(OperationRefused) as found:
        gate.ask_close(said, first=OPERATOR)
    assert found.value.code is RefusalReason.SEALS_MISSING
    assert found.value.facts["n"] == 1
    tell(dock, city.near[1], Inspection(seals=("A-2",)))

    entry = gate.close(gate.ask_close(said, first=OPERATOR), SECOND)
    assert entry.draft.type is EntryType.DEPARTING


def test_the_waybill_says_both(
    loading: Dock, city: City, log: Log, settings: Settings, clock: StillClock
) -> None:
    load = loading.open()
    loading.see(*city.near[:2])
    tell(
        loading,
        city.near[0],
        Inspection(condition=Condition.WET, seals=("A-71", "A-72")),
    )
    loading.close("truk penuh")
    bills = Waybills(
        settings=settings,
        signer=create_station.signer(settings),
        write=lambda act: act(log),
        read=lambda: open_reader(settings.database),
        clock=clock,
    )

    paper = pypdfium2.PdfDocument(bills.print(load, OPERATOR).data)

    told = "".join(page.get_textpage().get_text_range() for page in paper)
    assert "Basah \N{MIDDLE DOT} A-71, A-72" in told.replace("\r\n", " ")


def test_a_paper_form_tells_them_too(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    with log.writing() as batch:
        paper_forms.issue(batch, 1, actor=OPERATOR, at=clock())
    load = loading.open()
    now = clock.pass_ms(60_000).wall_ms
    torn = Inspection(condition=Condition.TORN_WRAP, seals=("B-1",))
    rows = [
        PaperFormRow(ItemId.parse(city.near[0]).as_hri(), now - 9, torn),
        PaperFormRow(
            ItemId.parse(city.far[0]).as_hri(), now - 8, Inspection(seals=("B-2",))
        ),
    ]

    paper_forms.enter(loading.gate, PaperForm(1, 1, rows), actor=OPERATOR)

    assert seals_and_condition.last_inspections(log.db, load, Step.LOADING) == {
        city.near[0]: torn
    }
    told = [e.draft for e in ledger.entries(log.db) if e.draft.data.get("seals")]
    assert [draft.event.wall_ms for draft in told] == [now - 9]
    assert told[0].data["form"] == 1


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def test_its_page_records_with_a_photo_and_keeps_what_was_typed(at: Scene) -> None:
    path = "/gerbang/gerbang-1/kondisi"
    assert "Tidak ada surat jalan terbuka" in at.page(path)
    at.open()
    assert "Belum ada kotak" in at.page(path)
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)
    assert f'value="{box.hri}"' in at.page(path), "the last one is meant"

    for form, told in (
        ({"item": box.hri, "condition": ""}, "Kondisinya belum dipilih"),
        ({"item": "x", "condition": "good"}, "bukan nomor barang"),
        ({"item": box.hri, "condition": "wet", "seals": "S" * 41}, "bukan nomor segel"),
    ):
        wrong = at.post(path, **form, note="basah di pojok")
        assert wrong.status_code == 409
        assert told in wrong.text
        assert 'value="basah di pojok"' in wrong.text
    picture = png.encode(np.full((60, 80), 128, np.uint8))
    done = at.post(
        path,
        item=at.code(box),
        condition="wet",
        seals="A-1\nA-2",
        photo=(io.BytesIO(picture), "foto.png"),  # type: ignore[arg-type]
    )

    assert done.status_code == 303, done.text
    history = at.page(f"/riwayat/{box.item.id}")
    assert "Kondisi dicatat: Basah" in history
    assert "segel A-1, A-2" in history
    for path_to in ("muat", "kurang"):
        assert path in at.page(f"/gerbang/gerbang-1/{path_to}")
    page = at.page(done.headers["Location"])
    assert "A-1, A-2" in page
    # Pressed again it says the same again: what was told fills the form.
    assert re.search(r'value="wet" required checked', page)
    assert re.search(r"<textarea[^>]*>A-1\nA-2</textarea>", page)
    assert "Basah" in page
    db = at.read()
    entry = list(ledger.entries(db))[-1]
    db.close()
    assert len(entry.draft.evidence) == 1
    with at.client.get(f"/bukti/{entry.draft.evidence[0]}.jpg") as picture_there:
        assert picture_there.status_code == 200


def test_no_picture_is_kept_of_what_is_refused(at: Scene) -> None:
    at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    kept = len(list(at.station.settings.evidence.rglob("*.jpg")))
    picture = png.encode(np.full((60, 80), 90, np.uint8))

    refused_ = at.post(
        "/gerbang/gerbang-1/kondisi",
        item=at.box(HERE, Ballot.DPR).hri,
        condition="wet",
        photo=(io.BytesIO(picture), "x.png"),  # type: ignore[arg-type]
    )

    assert refused_.status_code == 409
    assert len(list(at.station.settings.evidence.rglob("*.jpg"))) == kept
