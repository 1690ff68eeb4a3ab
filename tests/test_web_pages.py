"""The pages on a real station: what they show, refuse and guard."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from typing import TYPE_CHECKING

import pytest

from labels.code import ItemId, LabelCode
from station import foundation
from station.custody import panel
from station.model import Ballot, Scan, Source, system_clock
from tests.web_scene import ELSEWHERE, HERE, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.custody.registry import NamedItem
    from station.ledger.log import Log

GATE = "/gerbang/gerbang-1"
PPK = "gerbang-ppk"
JPEG = b"\xff\xd8 whatever a picture holds \xff\xd9"
PAGES = [
    "/",
    "/gerbang",
    GATE,
    f"{GATE}/panel",
    f"{GATE}/kurang",
    f"{GATE}/muat",
    "/papan",
    "/papan/tabel",
    "/surat-jalan",
    "/riwayat",
    "/healthz",
]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def _entries(at: Scene) -> int:
    return int(at.client.get("/healthz").get_json()["entries"])


def _listed(at: Scene) -> int:
    with contextlib.closing(at.read()) as db:
        load = panel.open_load(db, "gerbang-1")
    assert load is not None
    return load.listed


def _hold(at: Scene) -> str:
    held = re.search(r'data-hold="(\d*)"', at.page(f"{GATE}/panel"))
    assert held is not None
    return held[1]


def test_every_page_answers_with_its_guards(at: Scene) -> None:
    for path in PAGES:
        answer = at.client.get(path)
        assert answer.status_code == 200, path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_every_post_needs_a_token(at: Scene) -> None:
    rules = [
        rule for rule in at.app.url_map.iter_rules() if "POST" in (rule.methods or ())
    ]
    before = _entries(at)

    assert len(rules) >= 8
    for rule in rules:
        path = rule.rule.replace("<name>", "gerbang-1")
        answer = at.client.post(path, data={"text": "1771-B-0007K-R"})
        assert answer.status_code == 400, path
        assert "Permintaan tidak lengkap." in answer.text
    assert _entries(at) == before


def test_another_host_name_is_refused(at: Scene) -> None:
    answer = at.client.get("/papan", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert answer.text.startswith("Alamat stasiun salah.")


def test_healthz_tells_entries_accepted_and_cameras(at: Scene) -> None:
    at.open()
    before = at.client.get("/healthz").get_json()
    at.scan(at.box(HERE, Ballot.PPWP))

    health = at.client.get("/healthz").get_json()

    assert health == {
        "ok": True,
        "entries": before["entries"] + 1,
        "accepted": before["accepted"] + 1,
        "cameras": [],
    }


def test_too_full_disk_is_told_everywhere_and_nothing_is_recorded(at: Scene) -> None:
    at.open()
    before = _entries(at)
    at.station._guard._least_free = 2**62

    answer = at.post(f"{GATE}/scan", text=at.code(at.box(HERE, Ballot.PPWP)))

    assert answer.status_code == 409
    assert answer.get_json()["error"].startswith("Tidak dicatat. Disk hampir penuh.")
    assert _entries(at) == before
    assert at.client.get("/healthz").get_json()["ok"] is False
    for path in ("/papan", GATE, "/surat-jalan", "/riwayat"):
        assert "Disk hampir penuh. Pemindaian dihentikan." in at.page(path), path


@pytest.mark.parametrize(
    ("path", "status"),
    [("/tidak-ada", 404), ("/gerbang/lain", 404), ("/riwayat/1771-B-ZZZZZ", 404)],
)
def test_what_is_not_there_is_told_in_a_sentence(
    at: Scene, path: str, status: int
) -> None:
    page = at.client.get(path)
    script = at.client.get(path, headers={"Accept": "application/json"})

    assert page.status_code == script.status_code == status
    assert "Halaman tidak ada." in page.text
    assert script.get_json() == {
        "error": "Halaman tidak ada. Alamatnya tidak dikenal. Kembali ke gerbang."
    }


def test_body_that_is_too_large_is_refused(at: Scene) -> None:
    answer = at.post(f"{GATE}/scan", text="A" * 70_000)

    assert answer.status_code == 413
    assert answer.get_json()["error"].startswith("Kiriman terlalu besar.")


def test_text_longer_than_any_qr_is_refused(at: Scene) -> None:
    assert at.post(f"{GATE}/scan", text="A" * 5_000).status_code == 400
    assert at.post(f"{GATE}/scan", text=" ").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/bukti/../ledger.db.jpg",
        "/bukti/%2e%2e%2fledger.db.jpg",
        "/bukti/..%5cstation.key.jpg",
        f"/bukti/{'a' * 64}.jpg",
        f"/bukti/{'A' * 64}.jpg",
        "/bukti/.jpg",
        "/static/../app.py",
    ],
)
def test_evidence_path_leads_nowhere_else(at: Scene, path: str) -> None:
    assert at.client.get(path).status_code == 404


def test_evidence_never_changes_so_browsers_keep_it(at: Scene) -> None:
    name = hashlib.sha256(JPEG).hexdigest()
    path = at.station._evidence.path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(JPEG)

    answer = at.client.get(f"/bukti/{name}.jpg")

    assert answer.data == JPEG
    answer.close()
    assert answer.mimetype == "image/jpeg"
    assert "immutable" in answer.headers["Cache-Control"]


def test_markup_in_a_name_stays_text(at: Scene) -> None:
    at.open(vehicle="<script>alert(1)</script>")

    for path in (GATE, f"{GATE}/panel", "/surat-jalan", f"{GATE}/tutup"):
        text = at.page(path)
        assert "<script>alert" not in text, path
        assert "&lt;script&gt;alert(1)" in text, path
    assert "<b>x" not in at.page("/riwayat?q=<b>x")


def test_accepted_scan_is_shown_and_counted(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)

    answer = at.post(f"{GATE}/scan", text=at.code(box))

    assert answer.get_json() == {"done": True, "verdicts": ["ACCEPTED"]}
    text = at.page(f"{GATE}/panel")
    assert "MUAT" in text
    assert "Truk BD 8123 AB ke Teluk Segara" in text
    assert box.hri in text
    assert f"<b>1</b> dari {_listed(at)}" in text
    assert f"Kurang {_listed(at) - 1}" in text


def test_repeated_scan_says_who_and_when(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)
    at.scan(box)

    text = at.page(f"{GATE}/panel")

    assert "SUDAH" in text
    assert re.search(r"Pukul \d\d\.\d\d\.\d\d · Petugas \w+", text)
    assert f"<b>1</b> dari {_listed(at)}" in text


def test_misrouted_box_holds_and_names_both_places(at: Scene) -> None:
    at.open()
    at.scan(at.box(ELSEWHERE, Ballot.PPWP))

    text = at.page(f"{GATE}/panel")

    assert "TAHAN" in text
    assert "SALAH TUJUAN. Jangan dimuat." in text
    assert re.search(r"Kotak ini untuk</span><b>Muara Bangka Hulu", text)
    assert re.search(r"Truk ini ke</span><b>Teluk Segara", text)
    assert "checked" not in text
    assert "SIAP" not in text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("J1XX", "Kode pada label ini tidak utuh atau salah cetak."),
        ("DPD", "Jenis DPD tidak ada di surat jalan ini."),
        ("old", "penerbitan 2"),
    ],
)
def test_hold_tells_why(at: Scene, text: str, told: str) -> None:
    at.open()
    if text == "DPD":
        text = at.code(at.box(HERE, Ballot.DPD))
    if text == "old":
        reprinted = at.box(HERE, Ballot.PPWP, 0)
        assert reprinted.item.issue == 2
        text = _first_issue(at, reprinted.item.id)
    at.line.submit(text, Source.HANDHELD, "p01")

    page = at.page(f"{GATE}/panel")

    assert "TAHAN" in page
    assert told in page


def _first_issue(at: Scene, item_id: str) -> str:
    key = foundation.label_key(at.station.settings)
    return str(LabelCode.issue(ItemId.parse(item_id), 1, key))


def test_scan_during_a_hold_is_refused_visibly(at: Scene) -> None:
    at.open()
    at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    before = _entries(at)

    answer = at.post(f"{GATE}/scan", text=at.code(at.box(HERE, Ballot.PPWP)))

    assert answer.status_code == 409
    assert "Selesaikan tahanan dulu" in answer.get_json()["error"]
    assert _entries(at) == before


def test_hold_ends_by_a_chosen_reason_only_and_only_once(at: Scene) -> None:
    at.open()
    at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    hold = _hold(at)

    assert at.post(f"{GATE}/acknowledge", hold=hold).status_code == 409
    assert at.post(f"{GATE}/acknowledge", hold=hold, reason="other").status_code == 409
    assert _hold(at) == hold

    assert (
        at.post(f"{GATE}/acknowledge", hold=hold, reason="set_aside").status_code == 200
    )
    after = _entries(at)
    assert _hold(at) == ""

    assert at.post(f"{GATE}/acknowledge", hold=hold, reason="moved").status_code == 200
    assert _entries(at) == after


def test_second_hold_waits_behind_the_first(at: Scene) -> None:
    at.open()
    gate = at.line._gate
    scans = [
        _scan_of(at, at.box(ELSEWHERE, Ballot.PPWP)),
        _scan_of(at, at.box(ELSEWHERE, Ballot.DPR)),
    ]
    at.station.on_ledger(lambda _: gate.record(scans, "p01"))

    text = at.page(f"{GATE}/panel")

    assert text.count("TAHAN") == 1
    assert "1 tahanan lagi" in text


def _scan_of(at: Scene, item: NamedItem) -> Scan:
    return Scan("gerbang-1", at.code(item), Source.CAMERA, seen=system_clock())


def test_typed_code_is_recorded_and_a_mistyped_one_never_is(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    wrong = box.hri[:-1] + ("7" if box.hri[-1] != "7" else "8")
    before = _entries(at)

    refused = at.post(f"{GATE}/scan", text=wrong, source="typed")
    taken = at.post(f"{GATE}/scan", text=box.hri.lower(), source="typed")

    assert refused.status_code == 409
    assert (
        f"seharusnya {box.hri[-1]}, tertulis {wrong[-1]}."
        in refused.get_json()["error"]
    )
    assert taken.get_json()["verdicts"] == ["ACCEPTED"]
    assert _entries(at) == before + 1


def test_without_a_consignment_the_item_is_told_and_nothing_recorded(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    before = _entries(at)

    told = at.post(f"{GATE}/scan", text=at.code(box)).get_json()

    assert box.hri in told["message"]
    assert told["link"] == f"/riwayat/{box.item.id}"
    assert _entries(at) == before


def test_file_that_is_no_picture_is_one_sentence(at: Scene) -> None:
    at.open()
    before = _entries(at)
    at.client.get(GATE)
    token = re.search(r'csrf-token" content="([^"]+)"', at.page(GATE))
    assert token is not None

    answer = at.client.post(
        f"{GATE}/photo",
        data={"photo": (io.BytesIO(b"not a picture"), "x.jpg")},
        headers={"X-CSRFToken": token[1], "Accept": "application/json"},
    )

    assert answer.status_code == 409
    assert answer.get_json()["error"].endswith(".")
    assert _entries(at) == before


def test_missing_list_groups_by_kelurahan_and_tps(at: Scene) -> None:
    at.open()

    text = at.page(f"{GATE}/kurang")

    assert f"Kurang {_listed(at)} dari {_listed(at)}" in text
    assert text.index("Kebun Roos") < text.index("TPS 001")
    for item in range(1, 3):
        assert at.box(HERE, Ballot.DPR, item).item.id in text


def test_take_off_needs_a_reason_and_brings_the_count_down(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)
    item = box.item.id
    assert item in at.page(f"{GATE}/muat")

    refused = at.post(f"{GATE}/take-off", item=item)
    silent = at.post(f"{GATE}/take-off", item=item, reason="other", note=" ")
    done = at.post(f"{GATE}/take-off", item=item, reason="wrong_truck")
    again = at.post(f"{GATE}/take-off", item=item, reason="wrong_truck")

    assert refused.status_code == silent.status_code == again.status_code == 409
    assert "tidak ada di truk ini" in again.get_json()["error"]
    assert done.status_code == 200
    assert item not in at.page(f"{GATE}/muat")
    assert "Diturunkan: salah muat" in at.page(f"/riwayat/{item}")


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
    assert at.post("/surat-jalan/close", **form, reason="Truk kecil").status_code == 303
    assert "Dalam perjalanan" in at.page("/surat-jalan")
    arrived = at.post("/surat-jalan/arrive", gate=PPK, consignment=load.id)
    assert arrived.status_code == 303
    at.station.lines[PPK].submit(at.code(box), Source.HANDHELD, "p01")

    assert "TERIMA" in at.page(f"/gerbang/{PPK}/panel")
    assert "Kotak ke-1 dari 1" in at.page(f"/gerbang/{PPK}/panel")
    assert "Di PPK Teluk Segara" in at.page(f"/riwayat/{box.item.id}")


def test_page_of_a_closed_consignment_cannot_close_the_next_one(at: Scene) -> None:
    at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    before = _entries(at)

    answer = at.post(
        "/surat-jalan/close", gate="gerbang-1", consignment="C-9999", reason="x"
    )

    assert answer.status_code == 303
    assert _entries(at) == before


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


def test_shift_records_whether_the_sound_was_heard(at: Scene) -> None:
    before = _entries(at)

    assert at.post(f"{GATE}/shift").status_code == 400
    assert at.post(f"{GATE}/shift", sound="no").status_code == 200

    assert _entries(at) == before + 1


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


def test_static_files_are_kept_by_address(at: Scene) -> None:
    page = at.page(GATE)
    style = re.search(r'href="(/static/gate\.css\?v=\w+)"', page)
    assert style is not None

    versioned = at.client.get(style[1])
    module = at.client.get("/static/preview.js")

    versioned.close()
    module.close()
    assert "max-age=31536000" in versioned.headers["Cache-Control"]
    assert "no-cache" in module.headers["Cache-Control"]
