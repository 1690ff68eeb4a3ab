"""Consignments, board, search and history on a real station."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from station.camera_frames import ScanSource
from station.custody.entry_data.words import AcknowledgeReason, OwnWords
from station.custody.gate import bring_back
from station.custody.load import open_load
from station.model import Ballot, Instant, system_clock
from station.runtime.backup_schedule import LastBackup
from station.settings.backup_settings import BackupSettings
from station.zone import local
from tests.web_scene import ELSEWHERE, HERE, PIN, Scene, enter, scene, token
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from station.custody.registry import NamedItem
    from station.ledger.log import Log
    from station.settings.gates_and_legs import GateSettings

PPK = "gerbang-ppk"
NOT_YET = "\u2013"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def test_consignment_opens_closes_and_arrives(at: Scene) -> None:
    opened = at.post(
        "/surat-jalan/buka",
        gate="gerbang-1",
        area=HERE,
        kinds=["PPWP"],
        vehicle="BD 1",
    )
    assert opened.status_code == 303
    with contextlib.closing(at.read()) as db:
        load = open_load(db, "gerbang-1")
    assert load is not None
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)

    form = {"gate": "gerbang-1", "consignment": load.id}
    assert "Isi alasannya." in at.post("/surat-jalan/tutup", **form).get_json()["error"]
    form |= {"reason": "Truk kecil", "all": "stays"}
    asked = at.post("/surat-jalan/tutup", **form)
    assert asked.status_code == 200
    second = at.person("petugas")
    assert f'value="{second}"' not in asked.text, "who has no PIN cannot be chosen"
    at.station.authenticator.set_pin(second, PIN)
    asked = at.post("/surat-jalan/tutup", **form)
    assert "Tinggal di tempat" in asked.text
    assert f'value="{second}"' in asked.text
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
    assert ticket is not None
    signed = at.post("/tanda-tangan", ticket=ticket[1], person=second, pin=PIN)
    assert signed.status_code == 303
    assert "Dalam perjalanan" in at.page("/surat-jalan")
    arrived = at.post("/surat-jalan/terima", gate=PPK, consignment=load.id)
    assert arrived.status_code == 303
    at.station.gates[PPK].submit(at.code(box), ScanSource.HANDHELD, at.person("ppk"))

    assert "TERIMA" in at.page(f"/gerbang/{PPK}/panel")
    assert "Kotak ke-1 dari 1" in at.page(f"/gerbang/{PPK}/panel")
    assert "Di PPK Teluk Segara" in at.page(f"/riwayat/{box.item.id}")


def test_every_missing_box_is_given_a_disposition(at: Scene) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, n) for n in (1, 2)]
    at.scan(boxes[0])
    form = {"gate": "gerbang-1", "consignment": load, "reason": "Truk kecil"}

    said = at.post("/surat-jalan/tutup", **form)
    assert "kotak kurang belum diberi keterangan" in said.get_json()["error"]
    one = {f"of-{boxes[1].item.id}": "lost"}
    asked = at.post("/surat-jalan/tutup", **form, **one, all="stays")

    assert "Hilang: 1" in asked.text
    assert "Tinggal di tempat" in asked.text


def test_what_is_said_of_all_that_is_missing_is_said_of_the_list_that_was_shown(
    at: Scene,
) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, n) for n in (1, 2)]
    for box in boxes:
        at.scan(box)
    page = at.page("/gerbang/gerbang-1/tutup")
    shown = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert shown is not None
    form = {"gate": "gerbang-1", "consignment": load, "reason": "Truk kecil"}
    at.line.take_off(boxes[0].item.id, OwnWords("rusak"), at.person("petugas"))

    late = at.post("/surat-jalan/tutup", **form, all="stays", shown=shown[1])

    assert late.status_code == 409
    assert "berubah" in late.text
    assert boxes[0].hri in late.text, "the list is shown again as it is now"
    fresh = re.search(r'name="shown" value="([0-9a-f]{64})"', late.text)
    assert fresh is not None
    again = at.post("/surat-jalan/tutup", **form, all="stays", shown=fresh[1])
    assert again.status_code == 200


def test_a_box_that_cannot_be_brought_back_is_looked_for_and_then_told(
    at: Scene,
) -> None:
    load = at.open()
    at.scan(at.box(HERE, Ballot.PPWP, 1))
    gone = at.box(HERE, Ballot.PPWP, 2)
    gate = at.station.settings.gate("gerbang-1")
    at.station.on_ledger(lambda log: _passed(log, gate, gone.item.id))
    form = {"gate": "gerbang-1", "consignment": load, "reason": "x", "all": "stays"}
    refused = at.post("/surat-jalan/tutup", **form)
    assert "1 kotak lewat tanpa dicatat" in refused.get_json()["error"]
    assert "/gerbang/gerbang-1/bawa-kembali" in at.page("/gerbang/gerbang-1/panel")

    path = "/gerbang/gerbang-1/bawa-kembali"
    assert gone.hri in at.page(path)
    before = at.entries()
    for wrong in ({"reason": "x"}, {"reason": "other"}, {}):
        answer = at.post(path, item=gone.item.id, **wrong)
        assert answer.status_code == 409
        assert "Isi alasannya" in answer.text
    assert at.entries() == before
    told = at.post(path, item=gone.item.id, reason="other", note="di rak 3")
    twice = at.post(path, item=gone.item.id, reason="on_shelf")

    assert told.headers["Location"].endswith("/gerbang/gerbang-1")
    assert (twice.status_code, at.entries()) == (303, before + 1)
    assert "Tidak ada lagi." in at.page(path)
    history = at.page(f"/riwayat/{gone.item.id}")
    assert "Lewat tanpa dicatat, lalu dicari" in history
    assert at.post("/surat-jalan/tutup", **form).status_code == 200


def test_a_label_that_is_not_registered_here_is_looked_for_too(at: Scene) -> None:
    load = at.open()
    at.scan(at.box(HERE, Ballot.PPWP, 1))
    gate = at.station.settings.gate("gerbang-1")
    at.station.on_ledger(lambda log: _passed(log, gate, "1771-B-0ZZZZ"))
    form = {"gate": "gerbang-1", "consignment": load, "reason": "x", "all": "stays"}
    assert at.post("/surat-jalan/tutup", **form).status_code == 409
    path = "/gerbang/gerbang-1/bawa-kembali"
    assert "1771-B-0ZZZZ" in at.page("/gerbang/gerbang-1/panel")
    assert 'value="1771-B-0ZZZZ"' in at.page(path)

    at.post(path, item="1771-B-0ZZZZ", reason="on_shelf")

    assert at.post("/surat-jalan/tutup", **form).status_code == 200


def _passed(log: Log, gate: GateSettings, item: str) -> None:
    with log.writing() as batch:
        bring_back.record(batch, gate, "system", Instant(0, 0), [item])


def test_page_of_a_closed_consignment_cannot_close_the_next_one(at: Scene) -> None:
    at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    before = at.entries()

    answer = at.post(
        "/surat-jalan/tutup", gate="gerbang-1", consignment="C-9999", reason="x"
    )

    assert answer.status_code == 303
    assert at.entries() == before


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"area": HERE}, "Pilih paling sedikit satu."),
        (
            {"area": "99.99.99", "kinds": ["PPWP"], "vehicle": "BD 1"},
            "Pilih dari daftar.",
        ),
        ({"area": HERE, "kinds": ["PPWP"], "vehicle": " "}, "pilih Tanpa pelat"),
    ],
)
def test_consignment_that_cannot_be_opened_says_why(
    at: Scene, form: dict[str, str | list[str]], told: str
) -> None:
    answer = at.post("/surat-jalan/buka", gate="gerbang-1", **form)

    assert answer.status_code == 409
    assert told in answer.get_json()["error"]


def open_form(at: Scene, **form: str | list[str]) -> TestResponse:
    """The answer to a person's browser, whose form is kept where it is refused."""
    data = {"gate": "gerbang-1", "csrf_token": token(at.client), **form}
    return at.client.post("/surat-jalan/buka", data=data)


def test_refused_opening_keeps_what_was_filled_in(at: Scene) -> None:
    answer = open_form(at, area=HERE, kinds=["DPR"], vehicle="")

    assert answer.status_code == 409
    assert "Pelat truk belum diisi." in answer.text
    assert f'value="{HERE}" selected' in answer.text
    assert re.findall(r'name="kinds" value="(\w+)" checked', answer.text) == ["DPR"]


def test_truck_without_plate_is_said_to_have_none(at: Scene) -> None:
    answer = open_form(at, area=HERE, kinds=["DPR"], no_plate="yes")

    assert answer.status_code == 303
    assert "tanpa pelat" in at.page("/surat-jalan")


def test_closing_without_a_reason_keeps_the_form(at: Scene) -> None:
    load = at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    form = {"gate": "gerbang-1", "consignment": load, "reason": " ", "all": "damaged"}

    answer = at.client.post(
        "/surat-jalan/tutup", data={**form, "csrf_token": token(at.client)}
    )

    assert answer.status_code == 409
    assert "kotak kurang tanpa alasan. Isi alasannya." in answer.text
    assert 'action="/surat-jalan/tutup"' in answer.text
    assert re.search(r'value="damaged"\s+checked', answer.text)


def test_list_tells_what_was_loaded_departed_and_arrived(at: Scene) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, number) for number in (1, 2)]
    for box in boxes:
        at.scan(box)
    listed = at.listed()
    assert numbers(at) == [f"2/{listed}", NOT_YET, NOT_YET]

    at.close(reason="Truk kecil")
    assert numbers(at) == [f"2/{listed}", "2", NOT_YET]
    ppk = at.station.gates[PPK]
    ppk.arrive(load, at.person("ppk"))
    ppk.submit(at.code(boxes[0]), ScanSource.HANDHELD, at.person("ppk"))

    assert numbers(at) == [f"2/{listed}", "2", "1/2"]


def numbers(at: Scene) -> list[str]:
    row = at.page("/surat-jalan").partition("Teluk Segara")[2].partition("</tr>")[0]
    return re.findall(r'<td class="n">([^<]*)</td>', row)


def test_consignment_is_opened_from_the_list_and_tells_its_items_and_history(
    at: Scene,
) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, number) for number in (1, 2)]
    for box in boxes:
        at.scan(box)
    outcome = at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    assert outcome.entry is not None
    petugas = at.person("petugas")
    at.line.acknowledge(outcome.entry.seq, AcknowledgeReason.SET_ASIDE, "", petugas)
    at.close(reason="Truk kecil")
    ppk = at.station.gates[PPK]
    ppk.arrive(load, at.person("ppk"))
    ppk.submit(at.code(boxes[0]), ScanSource.HANDHELD, at.person("ppk"))
    at.close(PPK, reason="Satu jatuh di jalan")
    listed = at.page("/surat-jalan")
    (address,) = re.findall(r'href="(/surat-jalan/[^"]+/riwayat)"', listed)
    assert "kurang 1" in listed
    assert f'href="/surat-jalan/{load}/susulan"' in listed

    text = at.page(address)

    for told in (
        "Surat jalan dibuka",
        "Ditahan: salah tujuan",
        "Tahanan diakui: dipisahkan ke area tahan",
        "Berangkat ke Teluk Segara",
        "“Truk kecil”",
        "Kiriman tiba",
        "Penerimaan ditutup",
        "“Satu jatuh di jalan”",
    ):
        assert told in text
    assert came(text, boxes[0]) == "Diterima"
    assert came(text, boxes[1]) == "Berangkat, tidak diterima"
    left = came(text, at.box(HERE, Ballot.DPR))
    assert left == "Tidak ikut · Tinggal di tempat"
    assert at.client.get("/surat-jalan/C-9999/riwayat").status_code == 404
    watched = at.visit("pengawas").get(address).text
    assert "Berangkat ke Teluk Segara" in watched
    assert "Truk kecil" not in watched
    assert "Petugas" not in watched


def came(text: str, item: NamedItem) -> str:
    row = text.partition(f">{item.hri}</a>")[2].partition("</tr>")[0]
    found = re.search(r"</svg><b>([^<]*)</b>", row)
    return found[1] if found else ""


def test_board_tells_what_is_loaded_on_the_road_and_arrived(at: Scene) -> None:
    load = at.open()
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)
    assert counts(at) == ["1", "0", "0", "22"]

    at.close(reason="Truk kecil")
    assert counts(at) == ["0", "1", "0", "22"]
    ppk = at.station.gates[PPK]
    ppk.arrive(load, at.person("ppk"))
    ppk.submit(at.code(box), ScanSource.HANDHELD, at.person("ppk"))

    assert counts(at) == ["0", "0", "1", "22"]


def counts(at: Scene) -> list[str]:
    row = at.page("/papan").partition(">Teluk Segara<")[2].partition("</tr>")[0]
    return re.findall(r'<td class="n">(?:<b>)?([^<]*)<', row)


def test_board_counts_the_five_rights(at: Scene) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, number) for number in (1, 2)]
    for box in boxes:
        at.scan(box)
    for item in (at.box(ELSEWHERE, Ballot.PPWP), at.box(HERE, Ballot.DPD)):
        held = at.scan(item).entry
        assert held is not None
        at.line.acknowledge(
            held.seq, AcknowledgeReason.SET_ASIDE, "", at.person("petugas")
        )
    at.station.on_ledger(lambda _: at.line._gate.unread(3))
    at.close(reason="Truk kecil")
    ppk = at.station.gates[PPK]
    ppk.arrive(load, at.person("ppk"))
    ppk.submit(at.code(boxes[0]), ScanSource.HANDHELD, at.person("ppk"))
    at.close(PPK, reason="Satu jatuh di jalan")

    assert figures(at) == {
        "Tepat jumlah": ["1 tidak sampai"],
        "Tepat jenis": ["1 di luar daftar"],
        "Tepat sasaran": ["1 salah tujuan"],
        "Tepat waktu": ["212 belum tiba"],
        "Tepat kualitas": ["3 tidak terbaca"],
    }


def test_board_is_not_content_while_boxes_are_on_the_road(at: Scene) -> None:
    load = at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    assert figures(at)["Tepat jumlah"] == ["0 tidak sampai"]
    assert shapes(at)["Tepat jumlah"] == "go-square"

    at.close(reason="Truk kecil")
    assert figures(at)["Tepat jumlah"] == ["1 masih di jalan"]
    assert shapes(at)["Tepat jumlah"] == "ring"
    at.station.gates[PPK].arrive(load, at.person("ppk"))
    assert figures(at)["Tepat jumlah"] == ["1 masih di jalan"]
    at.close(PPK, reason="Jatuh di jalan")

    assert figures(at)["Tepat jumlah"] == ["1 tidak sampai"]
    assert shapes(at)["Tepat jumlah"] == "alert-triangle"


def tiles(at: Scene) -> list[str]:
    page = at.page("/papan").partition('class="rights"')[2].partition("</ul>")[0]
    return re.findall(r"<li.*?</li>", page, re.DOTALL)


def figures(at: Scene) -> dict[str, list[str]]:
    """The board's tiles: each number with its words."""
    found = r'<span class="figure">([^<]*)</span> ([^<]*)<'
    return {
        tile.partition("<b>")[2].partition("<")[0]: [
            " ".join(count) for count in re.findall(found, tile)
        ]
        for tile in tiles(at)
    }


def shapes(at: Scene) -> dict[str, str]:
    return {
        name: drawing
        for tile in tiles(at)
        for drawing, name in re.findall(r'shape ([\w-]+)".*?<b>([^<]*)<', tile)
    }


@pytest.mark.parametrize(
    ("age_ms", "folder", "told", "old"),
    [
        (None, None, "Cadangan belum diatur.", True),
        (None, "E:/jejak", "Belum ada cadangan yang utuh.", True),
        (3_600_000, "E:/jejak", "flashdisk-1 · sudah diperiksa", False),
        (90_000_000, None, "lebih dari sehari", True),
    ],
)
def test_board_tells_the_last_backup(
    at: Scene,
    age_ms: int | None,
    folder: str | None,
    told: str,
    old: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    settings = replace(
        at.station.settings,
        backup=BackupSettings(folder=None if folder is None else Path(folder)),
    )
    last: list[LastBackup | None] = [None]
    if age_ms is not None:
        at_ms = system_clock().wall_ms - age_ms
        last = [LastBackup(at_ms, 9, "00", "flashdisk-1", own_disk=False)]
    app = create_app(
        replace(at.station._services(), settings=settings, last_backup=lambda: last[0])
    )
    client = app.test_client()
    enter(client, at.station.authenticator.open_once(at.person("penyelia")))

    table = client.get("/papan/tabel")

    assert told in table.text
    assert ('class="backup old"' in table.text) == old
    last[0] = LastBackup(system_clock().wall_ms, 9, "00", "flashdisk-2", own_disk=False)
    again = client.get("/papan/tabel", headers={"If-None-Match": table.headers["ETag"]})
    assert "flashdisk-2" in again.text


def test_board_and_list_show_one_election_where_there_are_more(at: Scene) -> None:
    at.open()
    assert "Semua pemilihan" not in at.page("/papan")
    update = "UPDATE item SET election = 'psu-1' WHERE kecamatan = ?"
    at.station.on_ledger(lambda log: log.db.execute(update, (ELSEWHERE,)))

    assert "Semua pemilihan" in at.page("/papan")
    for page in ("/papan?pemilihan=psu-1", "/papan/tabel?pemilihan=psu-1"):
        text = at.page(page)
        assert re.findall(r"kecamatan=([\d.]+)", text) == [ELSEWHERE]
    assert "kecamatan=17.71.01" in at.page("/papan?pemilihan=pemilu")
    assert "Teluk Segara<br>" in at.page("/surat-jalan?pemilihan=pemilu")
    assert "Teluk Segara<br>" not in at.page("/surat-jalan?pemilihan=psu-1")


def test_board_counts_and_puts_the_held_kecamatan_first(at: Scene) -> None:
    at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    at.scan(at.box(ELSEWHERE, Ballot.PPWP))

    text = at.page("/papan")
    rows = re.findall(
        r'<tr class="standing-(\w+)">.*?kecamatan=([\d.]+)', text, re.DOTALL
    )

    assert rows[0] == ("held", HERE)
    assert len(rows) == 9
    assert "Ada tahanan" in text
    assert '<td class="n">1</td>' in text


@pytest.mark.parametrize(
    ("days", "told", "state"),
    [
        (12, "H-12", "waiting"),
        (1, "H-1", "overdue"),
        (0, "Hari H", "overdue"),
        (-2, "H+2", "overdue"),
        (None, "", "waiting"),
    ],
)
def test_board_counts_down_to_the_day_before_the_vote(
    at: Scene, days: int | None, told: str, state: str
) -> None:
    services = at.station._services()
    today = local(system_clock().wall_ms, services.settings.zone).date()
    day = None if days is None else today + timedelta(days=days)
    services = replace(services, settings=replace(services.settings, voting_day=day))
    client = create_app(services).test_client()
    enter(client, at.station.authenticator.open_once(at.person("penyelia")))

    page = client.get("/papan").text

    assert ('id="countdown"' in page) == (days is not None)
    assert told in page
    assert set(re.findall(r'<tr class="standing-(\w+)">', page)) == {state}
    assert ("Belum lengkap H-1" in page) == (state == "overdue")


def test_board_table_is_sent_again_only_when_the_ledger_grew(at: Scene) -> None:
    at.open()
    first = at.client.get("/papan/tabel")
    tag = {"If-None-Match": first.headers["ETag"]}

    assert at.client.get("/papan/tabel", headers=tag).status_code == 304
    at.scan(at.box(HERE, Ballot.PPWP))

    assert at.client.get("/papan/tabel", headers=tag).status_code == 200


def test_search_finds_by_code_tps_and_name(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    here = f"/riwayat/{box.item.id}"

    for query in (box.hri.lower(), box.item.id):
        answer = at.client.get("/riwayat", query_string={"q": query})
        assert answer.headers["Location"] == here
    assert here in at.page(f"/riwayat?q=TPS+{box.place.tps}+{box.place.kelurahan}")
    assert "Tidak ditemukan." in at.page("/riwayat?q=%25%25%25")


def test_history_tells_every_entry_and_where_the_box_is(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)

    text = at.page(f"/riwayat/{box.item.id}")

    assert "Label diterbitkan" in text
    assert "Dimuat ke truk tujuan Teluk Segara" in text
    assert "Di truk ke Teluk Segara, belum berangkat" in text
    assert text.index("Label diterbitkan") < text.index("Dimuat ke truk")
    assert re.search(r"Riwayat utuh: \d entri cocok", text)


def close_with(at: Scene, load: str, *said: str) -> None:
    """Close what is loaded; ``said`` is ``ITEM=disposition``, the others stay."""
    at.station.authenticator.set_pin(second := at.person("petugas"), PIN)
    of = {f"of-{item}": code for item, _, code in (one.partition("=") for one in said)}
    form = {"gate": "gerbang-1", "consignment": load, "reason": "basah", "all": "stays"}
    asked = at.post("/surat-jalan/tutup", **form, **of)
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
    assert ticket is not None
    signed = at.post("/tanda-tangan", ticket=ticket[1], person=second, pin=PIN)
    assert signed.status_code == 303


def titles(page: str) -> list[str]:
    return re.findall(r'<div class="what"><b>([^<]*)</b>', page)


def test_box_left_behind_tells_why_in_its_history_its_state_and_the_search(
    at: Scene,
) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, n) for n in (1, 2, 3)]
    at.scan(boxes[0])
    wet, gone = boxes[1].item.id, boxes[2].item.id
    close_with(at, load, f"{wet}=damaged", f"{gone}=lost")

    page = at.page(f"/riwayat/{wet}")

    assert titles(page)[-1] == "Tidak ikut: Rusak"
    assert "<b>Belum dimuat · Rusak · Surat jalan 0001</b>" in page
    assert "“basah”" in page
    assert re.search(r"Riwayat utuh: 3 entri cocok", page)
    assert "Belum dimuat · Hilang · Surat jalan 0001" in at.page(f"/riwayat/{gone}")
    found = at.page(f"/riwayat?q=TPS+{boxes[1].place.tps}+PPWP")
    assert "Belum dimuat · Rusak · Surat jalan 0001" in found
    assert "basah" not in at.visit("pengawas").get(f"/riwayat/{wet}").text
    assert titles(at.page(f"/riwayat/{boxes[0].item.id}"))[-1].startswith("Berangkat")


def test_gate_says_that_a_box_was_declared_damaged_or_lost_when_it_is_loaded_next(
    at: Scene,
) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, n) for n in (1, 2, 3)]
    boxes.append(at.box(HERE, Ballot.DPR))
    at.scan(boxes[0])
    wet, gone = boxes[1].item.id, boxes[2].item.id
    close_with(at, load, f"{wet}=damaged", f"{gone}=lost")
    at.open()

    for box, told in (
        (boxes[1], "Dinyatakan rusak pada surat jalan 0001: periksa"),
        (boxes[2], "Dinyatakan hilang pada surat jalan 0001: periksa"),
        (boxes[3], ""),
    ):
        at.scan(box)
        page = at.page("/gerbang/gerbang-1/panel")
        assert "MUAT" in page
        assert ("Dinyatakan" in page) is bool(told)
        assert told in page

    page = at.page(f"/riwayat/{wet}")
    assert "Di truk ke Teluk Segara, belum berangkat" in page


def test_what_was_said_of_a_departure_that_was_cancelled_holds_no_more(
    at: Scene,
) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, n) for n in (1, 2)]
    at.scan(boxes[0])
    close_with(at, load, f"{boxes[1].item.id}=damaged")
    cancel(at, load)

    left = at.page(f"/riwayat/{boxes[1].item.id}")
    was_on = at.page(f"/riwayat/{boxes[0].item.id}")

    assert "<b>Belum dimuat</b>" in left
    assert "Dibatalkan oleh entri" in left.partition("Tidak ikut: Rusak")[2]
    assert titles(was_on)[-1] == "Surat jalan dibatalkan, kotak kembali ke tempat asal"
    assert titles(was_on).count("Masuk daftar surat jalan") == 1


def test_loading_that_was_cancelled_is_no_second_listing(at: Scene) -> None:
    load = at.open()
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)
    cancel(at, load)

    told = titles(at.page(f"/riwayat/{box.item.id}"))

    assert told[-1] == "Surat jalan dibatalkan, kotak kembali ke tempat asal"
    assert told.count("Masuk daftar surat jalan") == 1


def cancel(at: Scene, load: str) -> None:
    at.station.authenticator.set_pin(second := at.person("petugas"), PIN)
    asked = at.post(f"/surat-jalan/{load}/batal", reason="Truk mogok")
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
    assert ticket is not None, asked.text
    signed = at.post("/tanda-tangan", ticket=ticket[1], person=second, pin=PIN)
    assert signed.status_code == 303


def test_trip_page_says_who_prints_the_waybill_or_that_nobody_does(at: Scene) -> None:
    loading, later = "dapat dicetak sesudah ditutup", "Yang mencetaknya petugas"
    load = at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    keeper, path = at.visit("pengelola"), f"/surat-jalan/{load}/perjalanan"
    assert loading in keeper.get(path).text

    at.close(reason="Truk kecil")
    departed = keeper.get(path).text
    assert loading not in departed
    assert later in departed
    assert later not in at.page(path)
    assert "Cetak surat jalan (PDF)" in at.page(path)

    cancel(at, load)
    cancelled = at.page(path)
    assert "dibatalkan, jadi tidak dicetak" in cancelled
    assert loading not in cancelled


@pytest.mark.parametrize("login", ["pengelola", "pengawas"])
def test_who_can_never_sign_is_offered_no_pin(at: Scene, login: str) -> None:
    client = at.visit(login)
    page = client.get("/akun")
    assert page.status_code == 200
    assert "PIN" not in page.text
    assert "Sandi baru" in page.text
    headers = {"X-CSRFToken": token(client)}

    refused = client.post("/akun/pin", data={"pin": PIN}, headers=headers)

    assert refused.status_code == 403
    assert "PIN baru" in at.page("/akun")
    assert "PIN baru" in at.visit("petugas").get("/akun").text


@pytest.mark.parametrize("vehicle", ["BD 8123 AB", ""])
def test_hold_tells_when_and_with_which_truck_the_box_departed(
    at: Scene, vehicle: str
) -> None:
    load = at.open(vehicle)
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)
    close_with(at, load)
    at.open()
    at.scan(box)

    page = at.page("/gerbang/gerbang-1/panel")

    assert "TAHAN" in page
    truck = f" · truk {vehicle}" if vehicle else ""
    told = rf"Sudah berangkat \d\d\.\d\d{truck} · surat jalan 0001<"
    assert re.search(told, page)


def test_history_of_an_altered_entry_says_so(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    entry = at.scan(box).entry
    assert entry is not None
    _alter(at, entry.seq)

    text = at.page(f"/riwayat/{box.item.id}")

    assert "Riwayat utuh" not in text
    assert f"Riwayat tidak cocok pada entri {entry.seq}" in text


def _alter(at: Scene, seq: int) -> None:
    """Change an entry's bytes as the owner of the file could."""

    def change(log: Log) -> None:
        log.db.execute("DROP TRIGGER entry_no_update")
        log.db.execute(
            "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT),"
            " '\"handheld\"', '\"handhelt\"') AS BLOB) WHERE seq = ?",
            (seq,),
        )

    at.station.on_ledger(change)
