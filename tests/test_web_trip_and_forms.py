"""The rooms of the trip and of the paper forms, on a real station."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from station.custody.consignment import trip_details
from station.custody.gate import paper_forms
from station.custody.load import find_load
from station.ledger import log as ledger
from station.model import Ballot, Phase
from station.zone import local
from tests.web_scene import HERE, PIN, Scene, scene, token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


@pytest.fixture
def load(at: Scene) -> str:
    at.station.authenticator.set_pin(at.person("petugas"), PIN)
    found = at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    return found


def phase(at: Scene, load: str) -> Phase:
    with contextlib.closing(at.read()) as db:
        found = find_load(db, load)
    assert found is not None
    return found.phase


def sign(at: Scene, page: str) -> None:
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket is not None, page
    second = at.person("petugas")
    answer = at.post("/tanda-tangan", ticket=ticket[1], person=second, pin=PIN)
    assert answer.status_code == 303, answer.text


def test_a_trip_is_told_in_local_time_and_shown_again(at: Scene, load: str) -> None:
    answer = at.post(
        f"/surat-jalan/{load}/perjalanan/catat",
        vehicle="BD 77 XY",
        driver="Rudi <b>Hartono</b>",
        leaves_ms="2027-02-13T21:05",
        rain_cover="yes",
    )
    assert answer.status_code == 303
    with contextlib.closing(at.read()) as db:
        told = trip_details.current(db, load)
    assert (told.vehicle, told.rain_cover) == ("BD 77 XY", True)
    assert told.leaves_ms == 1_802_527_500_000
    page = at.page(f"/surat-jalan/{load}/perjalanan")
    assert 'value="2027-02-13T21:05"' in page
    assert "Rudi &lt;b&gt;Hartono&lt;/b&gt;" in page
    wrong = at.post(f"/surat-jalan/{load}/perjalanan/catat", leaves_ms="besok")
    assert "error" in wrong.get_json()


def test_what_departed_is_put_right_by_two_and_printed_again(
    at: Scene, load: str
) -> None:
    at.close(reason="truk kecil")
    first = at.post(f"/surat-jalan/{load}/cetak")
    assert first.mimetype == "application/pdf"
    assert 'filename="surat-jalan-0001-v1.pdf"' in first.headers["Content-Disposition"]

    asked = at.post(
        f"/surat-jalan/{load}/perjalanan/catat", vehicle="BD 9 Z", reason="pelat keliru"
    )
    assert "BD 9 Z" in asked.text
    sign(at, asked.text)

    again = at.post(f"/surat-jalan/{load}/cetak")
    said = "".join(
        page.get_textpage().get_text_range()
        for page in pypdfium2.PdfDocument(again.data)
    )
    assert "v2.pdf" in again.headers["Content-Disposition"]
    assert "pelat keliru" in said
    assert "BD 9 Z" in said
    assert "versi 2" in at.page(f"/surat-jalan/{load}/perjalanan")


@pytest.mark.parametrize("departed", [False, True])
def test_it_is_given_up_by_two(at: Scene, load: str, *, departed: bool) -> None:
    if departed:
        at.close(reason="truk kecil")
    asked = at.post(f"/surat-jalan/{load}/batal", reason="jembatan putus")
    assert "1 kotak kembali ke tempat asal" in asked.text
    sign(at, asked.text)

    assert phase(at, load) is Phase.CANCELLED
    assert "Dibatalkan" in at.page("/surat-jalan")
    assert "Batalkan surat jalan" not in at.page(f"/surat-jalan/{load}/perjalanan")


def test_who_receives_tells_no_trip_and_the_administrator_erases_names(
    at: Scene, load: str
) -> None:
    path = f"/surat-jalan/{load}/perjalanan"
    at.post(f"{path}/catat", driver="Rudi Hartono", vehicle="BD 1")
    seen = at.visit("ppk").get(path).text
    assert "Rudi Hartono" in seen
    assert "Catat perjalanan" not in seen
    assert "Batalkan surat jalan" not in seen
    admin = at.visit("pengelola")
    assert "Hapus nama perjalanan ini" in admin.get(path).text

    form = {"csrf_token": token(admin)}
    unsure = admin.post(f"/surat-jalan/{load}/hapus-nama", data=form)
    assert unsure.status_code == 409
    assert "Centang dulu" in unsure.text
    assert "Rudi Hartono" in at.page(path)
    answer = admin.post(f"/surat-jalan/{load}/hapus-nama", data={**form, "sure": "yes"})

    assert answer.status_code == 303
    assert "Rudi Hartono" not in at.page(path)


def test_what_is_still_loaded_has_no_waybill(at: Scene, load: str) -> None:
    assert "Cetak surat jalan" not in at.page(f"/surat-jalan/{load}/perjalanan")
    answer = at.post(f"/surat-jalan/{load}/cetak")
    assert answer.status_code == 409
    assert at.client.get("/surat-jalan/C-9999/perjalanan").status_code == 404


def test_forms_are_printed_entered_and_missed(at: Scene, load: str) -> None:
    asked = at.post("/formulir/cetak", count="4", after="0")
    twice = at.post("/formulir/cetak", count="4", after="0")
    assert asked.headers["Location"] == "/formulir?cetak=1-4"
    assert twice.status_code == 409
    assert 'href="/formulir/1-4.pdf"' in at.page(asked.headers["Location"])
    for none in ("1-5", "0-3", "3-1", "x", "1-99999999999999999999"):
        assert at.client.get(f"/formulir/{none}.pdf").status_code == 404
    printed = at.client.get("/formulir/1-4.pdf")
    text = "".join(
        page.get_textpage().get_text_range()
        for page in pypdfium2.PdfDocument(printed.data)
    )
    assert [name in text for name in ("F-0001", "F-0004", "F-0005")] == [
        True,
        True,
        False,
    ]
    box = at.box(HERE, Ballot.PPWP, 2)

    answer = at.post(
        "/formulir/isi",
        **{
            "number": "3",
            "load": "1",
            "gate": "gerbang-1",
            "date": today(at),
            "code-1": box.hri.lower(),
            "time-1": "00:00",
        },
    )

    assert answer.status_code == 303, answer.text
    with contextlib.closing(at.read()) as db:
        found = find_load(db, load)
        assert found is not None
        assert found.loaded == 2
        assert paper_forms.known(db).missing == (1, 2)
    assert "Formulir hilang: F-0001, F-0002." in at.page("/papan"), "on every page"
    assert "Formulir hilang" in at.page("/gerbang/gerbang-1/panel")
    observer = at.visit("pengawas").get("/papan").text
    assert "Formulir hilang" not in observer
    assert "formulir kertas" in at.page(f"/riwayat/{box.item.id}")
    at.post("/formulir/kosong", number="1", reason="basah")
    assert "Formulir hilang: F-0002." in at.page("/formulir")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"code-1": "1771-B-00000-?", "time-1": "00:00"}, "Baris 1: kode"),
        ({"code-2": "", "time-2": "00:01"}, "Baris 2: kode"),
        ({"code-1": "{box}", "time-1": ""}, "Baris 1: tanggal atau jam"),
        ({"code-1": "{box}", "time-1": "00:00", "load": "9"}, "untuk surat jalan 0009"),
        ({"code-1": "{box}", "time-1": "00:00", "number": "9" * 30}, "tidak pernah"),
    ],
)
def test_a_form_that_is_refused_keeps_what_was_typed(
    at: Scene, load: str, row: dict[str, str], told: str
) -> None:
    assert load
    at.post("/formulir/cetak", count="4", after="0")
    hri = at.box(HERE, Ballot.PPWP, 2).hri
    form = {"number": "3", "load": "1", "gate": "gerbang-1", "date": today(at)}
    form |= {name: text.format(box=hri) for name, text in row.items()}
    form |= {"code-9": hri, "time-9": "00:00"}
    before = at.entries()

    answer = at.post("/formulir/isi", **form)

    assert answer.status_code == 409
    assert told in answer.text
    assert f'value="{hri}"' in answer.text
    assert at.entries() == before


def test_a_form_that_crosses_midnight_is_of_two_days(at: Scene, load: str) -> None:
    at.post("/formulir/cetak", count="1", after="0")
    zone, now_ms = at.station.settings.zone, at.station.clock().wall_ms
    yesterday = f"{local(now_ms - 24 * 3_600_000, zone):%Y-%m-%d}"
    first, second = (at.box(HERE, Ballot.PPWP, n) for n in (2, 3))

    answer = at.post(
        "/formulir/isi",
        **{
            "number": "1",
            "load": "1",
            "gate": "gerbang-1",
            "date": yesterday,
            "code-1": first.hri,
            "time-1": "23:50",
            "code-2": second.hri,
            "time-2": "00:00",
        },
    )

    assert answer.status_code == 303, answer.text
    with contextlib.closing(at.read()) as db:
        entries = [
            e.draft for e in ledger.entries(db) if e.draft.data.get("source") == "paper"
        ]
    times = [local(draft.event.wall_ms, zone) for draft in entries]
    assert [f"{t:%H:%M}" for t in times] == ["23:50", "00:00"]
    assert (times[1] - times[0]).total_seconds() == 600
    assert {draft.consignment for draft in entries} == {load}


def test_an_older_page_does_not_undo_a_newer_telling(at: Scene, load: str) -> None:
    path = f"/surat-jalan/{load}/perjalanan"
    seen = re.search(r'name="seen" value="(\d+)"', at.page(path))
    assert seen is not None
    told = at.post(f"{path}/catat", vehicle="bd 1 a", door_seal="A-7", seen=seen[1])
    assert told.headers["Location"].endswith("?tercatat=1")
    assert "Perjalanan tercatat." in at.page(told.headers["Location"])

    late = at.post(f"{path}/catat", vehicle="BD 2 B", seen=seen[1])

    assert late.status_code == 409
    with contextlib.closing(at.read()) as db:
        now = trip_details.current(db, load)
    assert (now.vehicle, now.door_seal) == ("BD 1 A", "A-7")


def test_what_a_correction_takes_away_is_read_out_to_the_second_person(
    at: Scene, load: str
) -> None:
    path = f"/surat-jalan/{load}/perjalanan"
    at.post(f"{path}/catat", vehicle="BD 1 A", door_seal="A-7")
    at.close(reason="truk kecil")

    asked = at.post(f"{path}/catat", vehicle="BD 1 A", reason="keliru")

    assert re.search(r"[Ss]egel[^<]*: dihapus", asked.text)


def test_an_arrival_before_the_departure_is_flagged_not_refused(
    at: Scene, load: str
) -> None:
    path = f"/surat-jalan/{load}/perjalanan"
    told = at.post(
        f"{path}/catat",
        leaves_ms="2027-02-13T22:00",
        arrives_ms="2027-02-13T21:00",
    )
    assert told.status_code == 303
    assert "Rencana tiba tidak sesudah" in at.page(path)
    assert at.post(f"{path}/catat", leaves_ms="0001-01-01T00:00").status_code == 409


def today(at: Scene) -> str:

    zone = at.station.settings.zone
    return f"{local(at.station.clock().wall_ms, zone):%Y-%m-%d}"
