"""The pages of a station that records the ways on from the PPK, and back."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from station.camera_frames import ScanSource
from station.capture.decoding.decoder import texts
from station.custody.consignment.trip_details import Trip
from station.custody.entry_data.words import Where
from station.custody.load import open_load
from station.demo import city
from station.leg import Tier, place_of
from station.model import Ballot, system_clock
from tests.conftest import staying
from tests.test_waybill import held_before_a_webcam
from tests.web_scene import HERE, PIN, Scene, enter, scene, token
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.custody.registry import NamedItem

LEGS = ("gudang-ppk", "ppk-pps", "pps-kpps", "kpps-pps", "pps-ppk", "ppk-gudang")


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station", *LEGS) as made:
        yield made


def send(at: Scene, gate: str, leg: str, area: str, **more: str) -> str:
    """Open one by the form; gives its id."""
    form: dict[str, str | list[str]] = {
        "gate": gate,
        "jalur": leg,
        "area": area,
        "kinds": ["PPWP", "DPR"],
        "vehicle": "BD 1 PP",
        **more,
    }
    answer = at.post("/surat-jalan/buka", **form)
    assert answer.status_code == 303, answer.text
    with contextlib.closing(at.read()) as db:
        load = open_load(db, gate)
    assert load is not None
    return load.id


def scan(at: Scene, gate: str, *items: NamedItem) -> list[str]:
    line, person = at.station.gates[gate], at.person("penyelia")
    outcomes = [
        line.submit(at.code(item), ScanSource.HANDHELD, person) for item in items
    ]
    return [str(outcome.decision.verdict) for outcome in outcomes]


def close(at: Scene, gate: str, first: str) -> None:
    line, second = at.station.gates[gate], at.person("penyelia")
    at.station.authenticator.set_pin(second, PIN)
    said = at.station.on_ledger(
        lambda log: staying(log.db, at.station.settings.gate(gate), "sebagian")
    )
    line.close(line.ask_close(at.person(first), said), second, PIN)


def go(at: Scene, leg: str, area: str, *items: NamedItem) -> str:
    """These items alone go all of a leg."""
    source, destination = leg.split("-")
    out, inward = f"{source}-keluar", f"{destination}-masuk"
    load = send(at, out, leg, area)
    assert set(scan(at, out, *items)) == {"ACCEPTED"}
    close(at, out, "petugas" if source == "gudang" else "ppk")
    at.post("/surat-jalan/terima", gate=inward, consignment=load)
    assert set(scan(at, inward, *items)) == {"ACCEPTED"}
    close(at, inward, "petugas" if destination == "gudang" else "demo-ppk")
    return load


def village(item: NamedItem) -> str:
    return str(place_of(item.item.destination, Tier.PPS))


def test_every_leg_is_opened_told_and_printed(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    kelurahan, tps = box.place.kelurahan, box.place.tps
    area = {
        "ppk": HERE,
        "pps": village(box),
        "kpps": box.item.destination,
        "gudang": HERE,
    }
    headings = (
        "Teluk Segara",
        f"PPS {kelurahan}",
        f"TPS {tps} {kelurahan}",
        f"TPS {tps} {kelurahan} → PPS {kelurahan}",
        f"PPS {kelurahan} → PPK Teluk Segara",
        "PPK Teluk Segara → gudang",
    )
    places = (
        "PPK Teluk Segara",
        f"PPS {kelurahan}",
        f"TPS {tps} {kelurahan}",
        f"PPS {kelurahan}",
        "PPK Teluk Segara",
        "gudang",
    )
    for leg, heading, place in zip(LEGS, headings, places, strict=True):
        source, destination = leg.split("-")
        deeper = destination if LEGS.index(leg) < LEGS.index("kpps-pps") else source
        load = go(at, leg, area[deeper], box)

        assert f"· {heading}</h1>" in at.page(f"/surat-jalan/{load}/riwayat")
        assert f"<b>Di {place}</b>" in at.page(f"/riwayat/{box.item.id}")
        paper = at.post(f"/surat-jalan/{load}/cetak")
        assert paper.data.startswith(b"%PDF")
        assert f"<td>{heading}<br>" in at.page("/surat-jalan")


def test_the_form_asks_for_the_leg_and_lists_its_places(at: Scene) -> None:
    page = at.page("/surat-jalan")
    for words in ("Gudang → PPK", "PPK → PPS", "KPPS → PPS", "PPK → Gudang"):
        assert words in page
    assert f'<option value="{HERE}"' in page

    page = at.page("/surat-jalan?jalur=ppk-pps")
    assert "Pilih kelurahan atau desa" in page
    assert f'<option value="{HERE}.' in page
    assert f'<option value="{HERE}"' not in page
    assert '<option value="ppk-keluar"' in page
    assert '<option value="gudang-keluar"' not in page
    assert "TPS 001</option>" in at.page("/surat-jalan?jalur=pps-kpps")


def test_a_refused_opening_keeps_its_leg(at: Scene) -> None:
    form = {"gate": "ppk-keluar", "jalur": "ppk-gudang", "area": HERE, "kinds": "PPWP"}
    answer = at.client.post(
        "/surat-jalan/buka",
        data={**form, "no_plate": "yes", "csrf_token": token(at.client)},
    )

    assert answer.status_code == 409
    assert 'name="jalur" value="ppk-gudang"' in answer.text
    assert f'value="{HERE}" selected' in answer.text


def test_only_who_works_at_a_place_sends_from_there(at: Scene) -> None:
    form = {
        "gate": "ppk-keluar",
        "jalur": "ppk-pps",
        "area": f"{HERE}.1001",
        "kinds": "PPWP",
        "no_plate": "yes",
    }
    for login, told in (("petugas", 403), ("pengawas", 403), ("ppk", 409)):
        client = at.visit(login)
        answer = client.post(
            "/surat-jalan/buka", data={**form, "csrf_token": token(client)}
        )
        assert answer.status_code == told
    warehouse = at.visit("petugas").get("/surat-jalan").text
    assert "Gudang → PPK" not in warehouse, "one leg alone is no choice"
    ppk = at.visit("ppk").get("/surat-jalan").text
    assert "PPK → PPS" in ppk
    assert "Gudang → PPK" not in ppk


def test_the_board_shows_each_leg_and_after_the_vote_the_way_back(at: Scene) -> None:
    boxes = [at.box(HERE, Ballot.PPWP, n) for n in (1, 2)]
    go(at, "gudang-ppk", HERE, *boxes)
    go(at, "ppk-gudang", HERE, boxes[0])

    def arrived(query: str = "") -> int:
        told = re.search(r"tiba (\d+) dari", at.page(f"/papan{query}"))
        assert told is not None
        return int(told[1])

    assert arrived() == arrived("?jalur=gudang-ppk") == 2
    assert arrived("?jalur=ppk-gudang") == 1
    assert arrived("?jalur=ppk-pps") == 0, "it came back, and was never there"
    assert 'aria-current="true">Gudang → PPK' in at.page("/papan")
    old = at.client.get("/papan/tabel?jalur=gudang-ppk").headers["ETag"]
    assert at.client.get("/papan/tabel?jalur=ppk-gudang").headers["ETag"] != old


def test_a_box_of_another_kecamatan_on_the_way_back_names_both(at: Scene) -> None:
    box, stray = at.box(HERE, Ballot.PPWP), at.box("17.71.04", Ballot.PPWP)
    go(at, "gudang-ppk", HERE, box)
    send(at, "ppk-keluar", "ppk-gudang", HERE)

    assert scan(at, "ppk-keluar", stray) == ["MISROUTED"]
    page = at.page("/gerbang/ppk-keluar/panel")
    for words in ("Kotak ini milik", "Muara Bangka", "Kiriman ini dari", "Teluk"):
        assert words in page


def test_a_truck_back_is_planned_and_opened_as_planned(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    go(at, "gudang-ppk", HERE, box)
    form: dict[str, str | list[str]] = {
        "gate": "ppk-keluar",
        "jalur": "ppk-gudang",
        "area": HERE,
        "kinds": ["PPWP"],
        "vehicle": "BD 7",
    }
    assert at.post("/rencana-truk/simpan", **form).status_code == 303
    page = at.page("/rencana-truk")
    assert "PPK Teluk Segara → gudang" in page
    edit = at.page("/rencana-truk?ubah=C-0002")
    assert 'name="jalur" value="ppk-gudang"' in edit

    assert at.post("/rencana-truk/C-0002/buka").status_code == 303
    assert scan(at, "ppk-keluar", box) == ["ACCEPTED"]


def test_nobody_takes_over_the_plan_of_another_place(at: Scene) -> None:
    form: dict[str, str | list[str]] = {
        "gate": "gudang-keluar",
        "jalur": "gudang-ppk",
        "area": HERE,
        "kinds": ["PPWP"],
        "driver": "Rudi Hartono",
        "vehicle": "BD 7",
    }
    assert at.post("/rencana-truk/simpan", **form).status_code == 303
    ppk = at.visit("ppk")
    theirs = {
        **form,
        "gate": "ppk-keluar",
        "jalur": "ppk-gudang",
        "instead": "C-0001",
        "csrf_token": token(ppk),
    }

    assert ppk.post("/rencana-truk/simpan", data=theirs).status_code == 403
    assert "Rudi" not in ppk.get("/rencana-truk?ubah=C-0001").text
    answer = ppk.post("/rencana-truk/C-0001/hapus", data=theirs)
    assert answer.status_code == 403
    assert "Teluk Segara" in at.page("/rencana-truk")
    assert "Rudi" in at.visit("petugas").get("/rencana-truk?ubah=C-0001").text


def test_the_plan_of_a_gate_that_is_gone_can_be_dropped(tmp_path: Path) -> None:
    with scene(tmp_path / "station") as before:
        form: dict[str, str | list[str]] = {
            "gate": "gerbang-1",
            "area": HERE,
            "kinds": ["PPWP"],
        }
        assert before.post("/rencana-truk/simpan", **form).status_code == 303
    with scene(tmp_path / "station", *LEGS) as after:
        assert "/rencana-truk?ubah=C-0001" in after.page("/rencana-truk")
        assert after.post("/rencana-truk/C-0001/hapus").status_code == 303
        assert "C-0001" not in after.page("/rencana-truk")


def test_a_leg_that_the_gate_does_not_serve_is_refused(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    go(at, "gudang-ppk", HERE, box)
    for leg in ("gudang-ppk", "gudang-pps", "x"):
        answer = at.post(
            "/surat-jalan/buka",
            gate="ppk-keluar",
            jalur=leg,
            area=HERE,
            kinds=["PPWP"],
            no_plate="yes",
        )
        assert answer.status_code == 409
        assert "tidak mengirim lewat jalur itu" in answer.get_json()["error"]


def test_who_asks_is_of_the_place_where_it_is_done(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    go(at, "gudang-ppk", HERE, box)
    load = send(at, "ppk-keluar", "ppk-gudang", HERE)
    path = f"/surat-jalan/{load}"

    def asks(login: str, what: str, **form: str) -> int:
        client = at.visit(login)
        data = {"reason": "salah", "csrf_token": token(client), **form}
        return client.post(f"{path}/{what}", data=data).status_code

    assert asks("petugas", "batal") == 403
    assert asks("ppk", "batal") == 200
    assert asks("petugas", "perjalanan/catat", driver="Rudi") == 403
    assert asks("ppk", "perjalanan/catat", driver="Rudi") == 303
    scan(at, "ppk-keluar", box)
    close(at, "ppk-keluar", "ppk")
    assert asks("petugas", "perjalanan/catat", driver="Adi") == 403
    assert asks("ppk", "perjalanan/catat", driver="Adi") == 200
    at.post("/surat-jalan/terima", gate="gudang-masuk", consignment=load)
    assert asks("ppk", "belum-tiba") == 403
    assert asks("petugas", "belum-tiba") == 200


def test_a_load_for_another_place_is_named_with_its_place(tmp_path: Path) -> None:
    with scene(tmp_path / "station", *LEGS) as at:
        box, other = at.box(HERE, Ballot.PPWP), at.box(HERE, Ballot.PPWP, 2)
        assert village(box) != village(other)
        go(at, "gudang-ppk", HERE, box)
        load = send(at, "ppk-keluar", "ppk-pps", village(box))
        scan(at, "ppk-keluar", box)
        close(at, "ppk-keluar", "ppk")
        line = at.station.gates["pps-masuk"]
        fixed = replace(line._gate.settings, area=village(other))
        object.__setattr__(line._gate, "settings", fixed)

        answer = at.post("/surat-jalan/terima", gate="pps-masuk", consignment=load)

        assert answer.status_code == 409
        kelurahan = box.place.kelurahan
        assert f"untuk PPS {kelurahan}, bukan" in answer.get_json()["error"]


def paper(at: Scene, load: str) -> str:
    """What the QR on its waybill says."""
    pdf = at.post(f"/surat-jalan/{load}/cetak").data
    (text,) = texts(held_before_a_webcam(pdf))
    return text


def test_a_waybill_at_a_gate_is_told_of_and_counted_as_nothing(at: Scene) -> None:
    box, other = at.box(HERE, Ballot.PPWP), at.box(HERE, Ballot.PPWP, 2)
    first = go(at, "gudang-ppk", HERE, box, other)
    back = send(at, "ppk-keluar", "ppk-gudang", HERE)
    scan(at, "ppk-keluar", box)
    close(at, "ppk-keluar", "ppk")
    at.post("/surat-jalan/terima", gate="gudang-masuk", consignment=back)
    text, path = paper(at, back), "/gerbang/gudang-masuk"
    size = at.entries()

    told = at.post(f"{path}/pindai", text=text, source="handheld").get_json()
    assert told["message"] == (
        f"Surat jalan {back[2:]} · PPK Teluk Segara → gudang · 1 kotak. "
        "Tanda tangan dan isi cocok dengan buku."
    )
    assert told["link"] == f"/surat-jalan/{back}/riwayat"
    line, person = at.station.gates["gudang-masuk"], at.person("petugas")
    line.submit(text, ScanSource.CAMERA, person)
    assert at.entries() == size
    assert "Bukan label kita:" not in at.page(f"{path}/panel")

    capitals = at.post(f"{path}/pindai", text=text.swapcase(), source="handheld")
    assert capitals.get_json() == told, "Caps Lock is on"
    line.submit(text.swapcase(), ScanSource.HANDHELD, person)
    assert "Bukan label kita:" not in at.page(f"{path}/panel")

    torn = at.post(f"{path}/pindai", text=f"{text[:-3]}000", source="handheld")
    assert "rusak" in torn.get_json()["message"]
    # Another departure under its number, as in a ledger that was put back.
    at.station.on_ledger(
        lambda log: log.db.execute(
            "UPDATE consignment SET departed_seq ="
            " (SELECT departed_seq FROM consignment WHERE id = ?) WHERE id = ?",
            (first, back),
        )
    )
    other_set = at.post(f"{path}/pindai", text=text, source="handheld")
    assert "tidak sama" in other_set.get_json()["message"]


def test_a_paper_that_counts_no_more_says_so(at: Scene, tmp_path: Path) -> None:
    box, path = at.box(HERE, Ballot.PPWP), "/gerbang/ppk-masuk/pindai"
    load = send(at, "gudang-keluar", "gudang-ppk", HERE)
    scan(at, "gudang-keluar", box)
    close(at, "gudang-keluar", "petugas")
    text, office = paper(at, load), at.station._services().office
    petugas, penyelia = at.person("petugas"), at.person("penyelia")

    def told(what: str) -> str:
        answer = at.post(path, text=what, source="handheld").get_json()
        return str(answer["message"])

    mended = office.ask_trip(load, Trip(vehicle="BD 2"), "salah tulis", petugas)
    office.sign(mended, penyelia, PIN)
    assert "cocok dengan buku. Kertas yang berlaku: versi 2." in told(text)
    gone = office.ask_cancel(load, "banjir", petugas)
    office.sign(gone, penyelia, PIN)
    assert "sudah dibatalkan" in told(text)
    city.prepare(tmp_path / "other", system_clock)  # with keys of its own
    with scene(tmp_path / "other", *LEGS) as other:
        theirs = send(other, "gudang-keluar", "gudang-ppk", HERE)
        scan(other, "gudang-keluar", other.box(HERE, Ballot.PPWP))
        close(other, "gudang-keluar", "petugas")
        strange = paper(other, theirs)
    assert "dari stasiun lain" in told(strange)


def test_what_is_on_its_way_is_listed_however_old(
    at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.consignments.MOST_LISTED", 2)
    first = send(at, "gudang-keluar", "gudang-ppk", HERE)
    scan(at, "gudang-keluar", at.box(HERE, Ballot.PPWP))
    close(at, "gudang-keluar", "petugas")
    assert "Yang lebih lama" not in at.page("/surat-jalan")
    office = at.station._services().office
    for _ in range(3):
        load = send(at, "gudang-keluar", "gudang-ppk", HERE)
        asked = office.ask_cancel(load, "salah buka", at.person("petugas"))
        at.station.gates["gudang-keluar"].cancel(asked, at.person("penyelia"), PIN)

    page = at.page("/surat-jalan")

    assert f"/surat-jalan/{first}/riwayat" in page
    assert f"/surat-jalan/{load}/riwayat" in page
    assert "Yang lebih lama tidak ditampilkan" in page


def test_the_list_says_why_nobody_takes_a_load_in(tmp_path: Path) -> None:
    legs = ("gudang-ppk", "ppk-gudang")
    with scene(tmp_path / "station", *legs) as at:
        box, other = at.box(HERE, Ballot.PPWP), at.box("17.71.04", Ballot.PPWP)
        loads = []
        for area, item in ((HERE, box), ("17.71.04", other)):
            loads.append(send(at, "gudang-keluar", "gudang-ppk", area))
            scan(at, "gudang-keluar", item)
            close(at, "gudang-keluar", "petugas")
        # Whoever signed it sees that somebody else signs for its receipt.
        assert "Anda yang menyerahkan" in at.page("/surat-jalan")
        assert "Anda yang" not in at.visit("ppk").get("/surat-jalan").text

        at.post("/surat-jalan/terima", gate="ppk-masuk", consignment=loads[0])
        assert "PPK masuk sedang dipakai." in at.visit("ppk").get("/surat-jalan").text
        settings = at.station.settings
        elsewhere = tuple(
            replace(gate, area=HERE) if gate.name == "ppk-masuk" else gate
            for gate in settings.gates
        )
        services = replace(
            at.station._services(), settings=replace(settings, gates=elsewhere)
        )
        client = create_app(services).test_client()
        enter(client, at.station.authenticator.open_once(at.person("ppk")))
        assert "tidak ada gerbang yang menerimanya" in client.get("/surat-jalan").text


def test_after_a_wrong_pin_the_second_person_stays_chosen(at: Scene) -> None:
    load = send(at, "gudang-keluar", "gudang-ppk", HERE)
    scan(at, "gudang-keluar", at.box(HERE, Ballot.PPWP))
    second = at.person("petugas")
    at.station.authenticator.set_pin(second, PIN)
    form = {
        "gate": "gudang-keluar",
        "consignment": load,
        "reason": "x",
        "all": "stays",
        "csrf_token": token(at.client),
    }
    asked = at.client.post("/surat-jalan/tutup", data=form).text
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked)
    assert ticket is not None
    wrong = {**form, "ticket": ticket[1], "person": second, "pin": "000000"}

    again = at.client.post("/tanda-tangan", data=wrong)

    assert f'value="{second}" selected' in again.text
    assert re.search(r'name="pin"[^>]* autofocus', again.text)


def test_a_box_that_turned_up_is_told_with_its_place(at: Scene) -> None:
    box, other = at.box(HERE, Ballot.PPWP), at.box(HERE, Ballot.PPWP, 2)
    load = send(at, "gudang-keluar", "gudang-ppk", HERE)
    scan(at, "gudang-keluar", box, other)
    close(at, "gudang-keluar", "petugas")
    at.post("/surat-jalan/terima", gate="ppk-masuk", consignment=load)
    scan(at, "ppk-masuk", box)
    close(at, "ppk-masuk", "ppk")
    found = at.visit("petugas")
    form = {"item": other.item.id, "reason": "x", "csrf_token": token(found)}
    page = f"/surat-jalan/{load}/ditemukan"
    # Of the warehouse it is the operator's to say, of the PPK the receiver's.
    for where, status in (("arrived", 403), ("source", 200)):
        answer = found.post(page, data={**form, "where": where})
        assert answer.status_code == status
    assert "ada di tempat asal (Gudang)" in answer.text
    receiver = at.visit("ppk")
    form["csrf_token"] = token(receiver)
    answer = receiver.post(page, data={**form, "where": "source"})
    assert answer.status_code == 403
    office = at.station._services().office
    asked = office.ask_found(
        load, (other.item.id, Where.ARRIVED), "di truk", at.person("ppk")
    )

    assert "ada di tempat asal: gudang" in at.page(f"/surat-jalan/{load}/susulan")
    office.sign(asked, at.person("penyelia"), PIN)
    page = at.page(f"/riwayat/{other.item.id}")
    assert "Kotak susulan dicatat: PPK Teluk Segara" in page


def test_a_properly_received_box_is_not_called_gone(at: Scene) -> None:
    box, stray = at.box(HERE, Ballot.PPWP), at.box(HERE, Ballot.PPWP, 2)
    go(at, "gudang-ppk", HERE, box, stray)
    send(at, "ppk-keluar", "ppk-pps", village(box))

    assert scan(at, "ppk-keluar", stray) == ["MISROUTED"]
    assert "Sudah berangkat" not in at.page("/gerbang/ppk-keluar/panel")
