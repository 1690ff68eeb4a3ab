"""Consignments, board, search and history on a real station."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pytest

from station.custody import panel
from station.model import Ballot, Source
from tests.web_scene import ELSEWHERE, HERE, PIN, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.ledger.log import Log

PPK = "gerbang-ppk"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def test_consignment_opens_closes_and_arrives(at: Scene) -> None:
    opened = at.post(
        "/surat-jalan/open",
        gate="gerbang-1",
        destination=HERE,
        kinds=["PPWP"],
        vehicle="BD 1",
    )
    assert opened.status_code == 303
    with contextlib.closing(at.read()) as db:
        load = panel.open_load(db, "gerbang-1")
    assert load is not None
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)

    form = {"gate": "gerbang-1", "consignment": load.id}
    assert "Isi alasannya." in at.post("/surat-jalan/close", **form).get_json()["error"]
    form |= {"reason": "Truk kecil", "all": "stays"}
    asked = at.post("/surat-jalan/close", **form)
    assert asked.status_code == 200
    second = at.person("petugas")
    assert f'value="{second}"' not in asked.text, "who has no PIN cannot be chosen"
    at.station.door.set_pin(second, PIN)
    asked = at.post("/surat-jalan/close", **form)
    assert "Tinggal di gudang" in asked.text
    assert f'value="{second}"' in asked.text
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
    assert ticket is not None
    signed = at.post("/tanda-tangan", ticket=ticket[1], person=second, pin=PIN)
    assert signed.status_code == 303
    assert "Dalam perjalanan" in at.page("/surat-jalan")
    arrived = at.post("/surat-jalan/arrive", gate=PPK, consignment=load.id)
    assert arrived.status_code == 303
    at.station.lines[PPK].submit(at.code(box), Source.HANDHELD, at.person("ppk"))

    assert "TERIMA" in at.page(f"/gerbang/{PPK}/panel")
    assert "Kotak ke-1 dari 1" in at.page(f"/gerbang/{PPK}/panel")
    assert "Di PPK Teluk Segara" in at.page(f"/riwayat/{box.item.id}")


def test_every_missing_box_is_given_a_disposition(at: Scene) -> None:
    load = at.open()
    boxes = [at.box(HERE, Ballot.PPWP, n) for n in (1, 2)]
    at.scan(boxes[0])
    form = {"gate": "gerbang-1", "consignment": load, "reason": "Truk kecil"}

    said = at.post("/surat-jalan/close", **form)
    assert "kotak kurang belum diberi keterangan" in said.get_json()["error"]
    one = {f"of-{boxes[1].item.id}": "lost"}
    asked = at.post("/surat-jalan/close", **form, **one, all="stays")

    assert "Hilang: 1" in asked.text
    assert "Tinggal di gudang" in asked.text


def test_page_of_a_closed_consignment_cannot_close_the_next_one(at: Scene) -> None:
    at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    before = at.entries()

    answer = at.post(
        "/surat-jalan/close", gate="gerbang-1", consignment="C-9999", reason="x"
    )

    assert answer.status_code == 303
    assert at.entries() == before


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"destination": HERE}, "Pilih paling sedikit satu."),
        ({"destination": "99.99.99", "kinds": ["PPWP"]}, "Pilih dari daftar."),
    ],
)
def test_consignment_that_cannot_be_opened_says_why(
    at: Scene, form: dict[str, str | list[str]], told: str
) -> None:
    answer = at.post("/surat-jalan/open", gate="gerbang-1", **form)

    assert answer.status_code == 409
    assert told in answer.get_json()["error"]


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
