"""The rooms of the trip and of the paper forms, on a real station."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from station.custody import forms, panel, trip
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
    at.station.door.set_pin(at.person("petugas"), PIN)
    found = at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    return found


def phase(at: Scene, load: str) -> Phase:
    with contextlib.closing(at.read()) as db:
        found = panel.load(db, load)
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
        told = trip.current(db, load)
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
    assert "1 kotak kembali ke gudang" in asked.text
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

    answer = admin.post(
        f"/surat-jalan/{load}/hapus-nama", data={"csrf_token": token(admin)}
    )

    assert answer.status_code == 303
    assert "Rudi Hartono" not in at.page(path)


def test_what_is_still_loaded_has_no_waybill(at: Scene, load: str) -> None:
    assert "Cetak surat jalan" not in at.page(f"/surat-jalan/{load}/perjalanan")
    answer = at.post(f"/surat-jalan/{load}/cetak")
    assert answer.status_code == 409
    assert at.client.get("/surat-jalan/C-9999/perjalanan").status_code == 404


def test_forms_are_printed_entered_and_missed(at: Scene, load: str) -> None:
    printed = at.post("/formulir/cetak", count="4")
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
            "gate": "gerbang-1",
            "date": today(at),
            "code-1": box.hri.lower(),
            "time-1": "00:00",
        },
    )

    assert answer.status_code == 303, answer.text
    with contextlib.closing(at.read()) as db:
        found = panel.load(db, load)
        assert found is not None
        assert found.loaded == 2
        assert forms.known(db).missing == (1, 2)
    assert "Formulir hilang: F-0001, F-0002." in at.page("/papan"), "on every page"
    assert "Formulir hilang" in at.page("/gerbang/gerbang-1/panel")
    observer = at.visit("pengawas").get("/papan").text
    assert "Formulir hilang" not in observer
    assert "formulir kertas" in at.page(f"/riwayat/{box.item.id}")
    at.post("/formulir/kosong", number="1", reason="basah")
    assert "Formulir hilang: F-0002." in at.page("/formulir")


def today(at: Scene) -> str:

    zone = at.station.settings.zone
    return f"{local(at.station.clock().wall_ms, zone):%Y-%m-%d}"
