"""The gate's page on a real station: what it shows and records."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - stands in for a phone's camera
import numpy as np
import pytest

from labels.label_code import ItemId, LabelCode
from station.camera_frames import (
    CameraState,
    FrameResult,
    Reader,
    Scan,
    ScanSource,
    Symbol,
)
from station.capture.decoding.decoder import texts
from station.capture.jpeg import colour_of
from station.custody.entry_data.words import AcknowledgeReason, TakeOff
from station.founding import create_station
from station.ledger import log
from station.model import Ballot, Instant, system_clock
from tests.capture_pictures import jpeg, shelf
from tests.web_scene import ELSEWHERE, HERE, Scene, enter, scene
from web.app import create_app
from web.services import CameraHealth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

    from station.custody.registry import NamedItem

GATE = "/gerbang/gerbang-1"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def _hold(at: Scene) -> str:
    held = re.search(r'data-hold="(\d*)"', at.page(f"{GATE}/panel"))
    assert held is not None
    return held[1]


def test_accepted_scan_is_shown_and_counted(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)

    answer = at.post(f"{GATE}/pindai", text=at.code(box))

    assert answer.get_json() == {"done": True, "verdicts": ["ACCEPTED"]}
    text = at.page(f"{GATE}/panel")
    assert "MUAT" in text
    assert "Truk BD 8123 AB ke Teluk Segara" in text
    assert box.hri in text
    assert f"<b>1</b> dari {at.listed()}" in text
    assert f"Kurang {at.listed() - 1}" in text


def test_old_scan_does_not_look_new_after_the_clock_was_set_back(at: Scene) -> None:
    at.open()
    at.scan(at.box(HERE, Ballot.PPWP))
    assert 'id="last"' in at.page(f"{GATE}/panel")

    def an_hour_back() -> Instant:
        now = system_clock()
        return Instant(now.wall_ms - 3_600_000, now.mono_ms)

    app = create_app(at.station._services(), an_hour_back)
    client = app.test_client()
    enter(client, at.station.authenticator.open_once(at.person("penyelia")))
    answer = client.get(f"{GATE}/panel")

    assert answer.status_code == 200
    assert 'id="last"' not in answer.get_data(as_text=True)


def test_repeated_scan_says_who_and_when(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)
    at.scan(box)

    text = at.page(f"{GATE}/panel")

    assert "SUDAH" in text
    assert re.search(r"Pukul \d\d\.\d\d\.\d\d · Petugas \w+", text)
    assert f"<b>1</b> dari {at.listed()}" in text


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
    at.line.submit(text, ScanSource.HANDHELD, "p01")

    page = at.page(f"{GATE}/panel")

    assert "TAHAN" in page
    assert told in page


def _first_issue(at: Scene, item_id: str) -> str:
    key = create_station.label_key(at.station.settings)
    return str(LabelCode.issue(ItemId.parse(item_id), 1, key))


def test_scan_during_a_hold_is_refused_visibly(at: Scene) -> None:
    at.open()
    at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    before = at.entries()

    answer = at.post(f"{GATE}/pindai", text=at.code(at.box(HERE, Ballot.PPWP)))

    assert answer.status_code == 409
    assert "Selesaikan tahanan dulu" in answer.get_json()["error"]
    assert at.entries() == before


def test_hold_ends_by_a_chosen_reason_only_and_only_once(at: Scene) -> None:
    at.open()
    at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    hold = _hold(at)

    assert at.post(f"{GATE}/selesaikan", hold=hold).status_code == 409
    assert at.post(f"{GATE}/selesaikan", hold=hold, reason="other").status_code == 409
    assert _hold(at) == hold

    assert (
        at.post(f"{GATE}/selesaikan", hold=hold, reason="set_aside").status_code == 200
    )
    after = at.entries()
    assert _hold(at) == ""

    assert at.post(f"{GATE}/selesaikan", hold=hold, reason="moved").status_code == 200
    assert at.entries() == after


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
    return Scan("gerbang-1", at.code(item), ScanSource.CAMERA, seen=system_clock())


def test_typed_code_is_recorded_and_a_mistyped_one_never_is(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    wrong = box.hri[:-1] + ("7" if box.hri[-1] != "7" else "8")
    before = at.entries()

    refused = at.post(f"{GATE}/pindai", text=wrong, source="typed")
    taken = at.post(f"{GATE}/pindai", text=box.hri.lower(), source="typed")

    assert refused.status_code == 409
    told = refused.get_json()["error"]
    assert "Huruf terakhir tidak cocok" in told
    # Whoever is told the right letter types it, and records another box.
    assert not re.search(rf"\b{box.hri[-1]}\b", told)
    assert taken.get_json()["verdicts"] == ["ACCEPTED"]
    assert at.entries() == before + 1


def test_without_a_consignment_the_item_is_told_and_nothing_recorded(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    before = at.entries()

    told = at.post(f"{GATE}/pindai", text=at.code(box)).get_json()

    assert box.hri in told["message"]
    assert told["link"] == f"/riwayat/{box.item.id}"
    assert at.entries() == before


def test_file_that_is_no_picture_is_one_sentence(at: Scene) -> None:
    at.open()
    before = at.entries()
    at.client.get(GATE)
    token = re.search(r'csrf-token" content="([^"]+)"', at.page(GATE))
    assert token is not None

    answer = at.client.post(
        f"{GATE}/foto",
        data={"photo": (io.BytesIO(b"not a picture"), "x.jpg")},
        headers={"X-CSRFToken": token[1], "Accept": "application/json"},
    )

    assert answer.status_code == 409
    assert "bukan foto JPEG atau PNG" in answer.get_json()["error"]
    assert at.entries() == before


def test_all_labels_of_one_photo_are_decided_before_one_holds(at: Scene) -> None:
    at.open()
    shown = [at.code(at.box(ELSEWHERE, Ballot.DPR)), at.code(at.box(HERE, Ballot.DPR))]
    before = at.entries()
    token = re.search(r'csrf-token" content="([^"]+)"', at.page(GATE))
    assert token is not None

    answer = at.client.post(
        f"{GATE}/foto",
        data={"photo": (io.BytesIO(jpeg(shelf(shown))), "x.jpg")},
        headers={"X-CSRFToken": token[1], "Accept": "application/json"},
    )

    assert answer.status_code == 200
    assert at.entries() == before + 2
    panel = at.page(f"{GATE}/panel")
    assert "MISROUTED" in panel
    assert ":ACCEPTED" in panel


def send_photo(at: Scene, data: bytes) -> TestResponse:
    token = re.search(r'csrf-token" content="([^"]+)"', at.page(GATE))
    assert token is not None
    return at.client.post(
        f"{GATE}/foto",
        data={"photo": (io.BytesIO(data), "x.jpg")},
        headers={"X-CSRFToken": token[1], "Accept": "application/json"},
    )


def test_photo_is_kept_as_evidence_of_what_it_recorded(at: Scene) -> None:
    at.open()
    text = at.code(at.box(HERE, Ballot.PPWP))
    pixels = shelf([text]).repeat(2, axis=0).repeat(2, axis=1)
    assert pixels.shape[1] > 1280
    _, sent = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 50])

    assert send_photo(at, sent.tobytes()).status_code == 200

    with contextlib.closing(at.read()) as db:
        draft = log.entry(db, log.head(db).size - 1).draft
    assert draft.data["source"] == "photo"
    (sha,) = draft.evidence
    with at.client.get(f"/bukti/{sha}.jpg") as answer:
        kept = colour_of(answer.data)
    assert kept is not None
    assert kept.shape[1] == 1280
    assert texts(kept) == [text]


@pytest.mark.parametrize("why", ["closed", "held", "foreign"])
def test_photo_that_records_nothing_is_not_kept(at: Scene, why: str) -> None:
    if why != "closed":
        at.open()
    if why == "held":
        at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    text = "SILOG/17/71/00000001" if why == "foreign" else ""
    text = text or at.code(at.box(HERE, Ballot.PPWP))

    send_photo(at, jpeg(shelf([text])))

    folder = at.station.settings.evidence
    assert [file for file in folder.rglob("*") if file.is_file()] == []


def test_photo_of_too_many_pixels_is_refused_by_its_header(at: Scene) -> None:
    at.open()
    _, encoded = cv2.imencode(".png", np.zeros((8000, 8000), np.uint8))

    answer = send_photo(at, encoded.tobytes())

    assert answer.status_code == 409
    told = "Paling besar 40 megapiksel, foto ini 64."
    assert told in answer.get_json()["error"]


def test_missing_list_groups_by_kelurahan_and_tps(at: Scene) -> None:
    at.open()

    text = at.page(f"{GATE}/kurang")

    assert f"Kurang {at.listed()} dari {at.listed()}" in text
    assert text.index("Kebun Roos") < text.index("TPS 001")
    for item in range(1, 3):
        assert at.box(HERE, Ballot.DPR, item).item.id in text


def test_take_off_needs_a_reason_and_brings_the_count_down(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)
    item = box.item.id
    assert item in at.page(f"{GATE}/muat")

    refused = at.post(f"{GATE}/turunkan", item=item)
    silent = at.post(f"{GATE}/turunkan", item=item, reason="other", note=" ")
    done = at.post(f"{GATE}/turunkan", item=item, reason="wrong_truck")
    again = at.post(f"{GATE}/turunkan", item=item, reason="wrong_truck")

    assert refused.status_code == silent.status_code == again.status_code == 409
    assert "tidak ada di truk ini" in again.get_json()["error"]
    assert done.status_code == 200
    assert item not in at.page(f"{GATE}/muat")
    assert "Diturunkan: salah muat" in at.page(f"/riwayat/{item}")


def test_box_taken_off_is_green_no_more_in_the_list_of_scans_or_large(
    at: Scene,
) -> None:
    at.open()
    boxes = [at.box(HERE, Ballot.PPWP, n) for n in (1, 2)]
    for box in boxes:
        at.scan(box)

    at.line.take_off(boxes[1].item.id, TakeOff.WRONG_TRUCK, at.person("petugas"))

    page = at.page(f"{GATE}/panel")
    first, second = re.findall(r"<li.*?</li>", recent(page), re.DOTALL)
    assert "shape pencil" in first
    assert "Tidak di truk lagi" in first
    assert "go-square" in second
    assert 'id="last"' not in page

    at.scan(boxes[1])
    again, before, _ = re.findall(
        r"<li.*?</li>", recent(at.page(f"{GATE}/panel")), re.DOTALL
    )
    assert "go-square" in again
    assert "Tidak di truk lagi" in before


def recent(page: str) -> str:
    return page.partition('id="recent"')[2].partition("</section>")[0]


@pytest.mark.parametrize("note", ["", " 1 ", "4", "12.", "?"])
def test_reason_in_ones_own_words_has_words(at: Scene, note: str) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)
    off = at.post(f"{GATE}/turunkan", item=box.item.id, reason="other", note=note)
    at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    hold = {"hold": _hold(at), "reason": "other"}

    ended = at.post(f"{GATE}/selesaikan", **hold, note=note)

    assert off.status_code == ended.status_code == 409
    assert "Alasan belum diisi" in ended.get_json()["error"]
    worded = at.post(f"{GATE}/selesaikan", **hold, note="2 kotak basah")
    assert worded.status_code == 200


def test_shift_records_whether_the_sound_was_heard(at: Scene) -> None:
    before = at.entries()

    assert at.post(f"{GATE}/mulai-tugas").status_code == 400
    assert at.post(f"{GATE}/mulai-tugas", sound="no").status_code == 200

    assert at.entries() == before + 1


@pytest.mark.parametrize(
    ("states", "shift", "word", "told"),
    [
        ([], "none", "PINDAI", "Gerbang ini tanpa kamera."),
        ([CameraState.LOST], "begun", "PINDAI", "Kamera belum hidup."),
        ([CameraState.LIVE], "none", "BELUM", "Tekan Mulai tugas."),
        ([CameraState.LIVE], "begun", "SIAP", "Arahkan label kotak ke kamera"),
    ],
)
def test_panel_is_ready_only_where_a_box_would_be_seen_and_recorded(
    at: Scene, states: list[CameraState], shift: str, word: str, told: str
) -> None:
    cameras = [
        CameraHealth("kamera-1", "gerbang-1", state, 15.0, 10, "") for state in states
    ]
    services = replace(at.station._services(), cameras=lambda: cameras)
    client = create_app(services).test_client()
    enter(client, at.station.authenticator.open_once(at.person("penyelia")))
    assert ">BELUM<" in client.get(f"{GATE}/panel").text
    at.open()
    if shift == "begun":
        at.line.start_shift(at.person("petugas"), sound_heard=True)

    text = client.get(f"{GATE}/panel").text

    assert f">{word}<" in text
    assert told in text


def test_what_passed_during_a_hold_is_named_until_it_is_scanned(at: Scene) -> None:
    at.open()
    at.line.start_shift(at.person("petugas"), sound_heard=True)
    at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    box = at.box(HERE, Ballot.PPWP, 2)
    for ms, text in ((0, at.code(box)), (600, None), (1_200, None), (1_800, None)):
        at.line.cameras.on_frame(view(at, ms, text))
    assert "Bawa kembali" not in visible(at.page(f"{GATE}/panel"))

    at.line.acknowledge(
        int(_hold(at)), AcknowledgeReason.SET_ASIDE, "", at.person("petugas")
    )

    page = at.page(f"{GATE}/panel")
    assert "Bawa kembali ke kamera: 1 kotak lewat tanpa dicatat" in visible(page)
    assert f"/riwayat/{box.item.id}" in page
    at.scan(box)
    assert "Bawa kembali" not in visible(at.page(f"{GATE}/panel"))


def visible(page: str) -> str:
    """The page without its hidden parts."""
    return re.sub(
        r'<section id="bring" class="card bring" hidden>.*?</section>',
        "",
        page,
        flags=re.DOTALL,
    )


def view(at: Scene, ms: int, text: str | None) -> FrameResult:
    """What a camera sees, so many milliseconds on."""
    now = at.station.clock()
    quad = ((10, 10), (60, 10), (60, 60), (10, 60))
    symbols = () if text is None else (Symbol(text, quad, Reader.ZXING),)
    taken = Instant(now.wall_ms, now.mono_ms + ms)
    return FrameResult("kamera-1", ms, taken, 1280, 720, symbols, b"", 15.0, 5.0)


def test_who_may_not_work_is_told_the_state_and_no_act(at: Scene) -> None:
    watched = at.visit("pengelola").get(f"{GATE}/panel").text

    assert "Belum ada surat jalan terbuka" in watched
    assert "Buka surat jalan untuk mulai" not in watched
