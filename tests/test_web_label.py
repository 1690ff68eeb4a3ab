"""The Label page on a real station: choose, see, prove, hand over, print again."""

from __future__ import annotations

import contextlib
import io
import re
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from labels import qr_symbol
from labels.label_code import LabelCode
from labels.printing import zpl
from labels.printing.send_job import PrinterState
from labels.raster import rastered
from station.camera_frames import ScanSource
from station.custody import registry
from station.custody.labelling import print_history
from station.custody.labelling import selection as printing
from station.custody.labelling.print_errors import PrintObstacle
from station.custody.labelling.selection import Selection
from station.errors import StationError
from station.ledger import log as ledger
from station.ledger import log_reading
from station.model import Ballot, EntryType
from station.runtime.print_job_view import PrintStage
from tests.running import until
from tests.web_scene import HERE, PIN, Scene, scene
from web.wording import label_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from werkzeug.test import TestResponse

    from station.model import Entry
    from station.runtime.print_job_view import PrintJobView

TICKET = "ticket-of-a-test"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


@contextlib.contextmanager
def listening(*, reads: bool = True) -> Iterator[tuple[str, list[bytes]]]:
    """A network printer: takes a job whole and closes, or takes nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[bytes] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = server.accept()
                    with line:
                        whole = b""
                        while reads and (part := line.recv(65536)):
                            whole += part
                        if reads:
                            taken.append(whole)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", taken
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def prepared(at: Scene, ticket: str = TICKET, **form: str) -> PrintJobView:
    """The job of this form, when its drawing has ended."""
    answer = at.post("/label/cetak", ticket=ticket, asked="1", **form)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"] == f"/label/pekerjaan/{ticket}"
    return settled(at, ticket)


def settled(at: Scene, ticket: str = TICKET) -> PrintJobView:
    def there() -> PrintJobView | None:
        found = at.station.print_queue.ticket(ticket)
        assert found is not None
        moving = found.stage in {PrintStage.PREPARING, PrintStage.SENDING}
        return None if moving else found

    found: PrintJobView = until(there)
    return found


def hand_over(at: Scene, ticket: str = TICKET, **form: str) -> TestResponse:
    return at.post(f"/label/pekerjaan/{ticket}/serahkan", **form)


def print_entries(at: Scene) -> list[Entry]:
    with contextlib.closing(at.read()) as db:
        return log_reading.events(db, 0, "print")


def texts(pdf: bytes) -> list[str]:
    return sorted(text for page in rastered(pdf) for text in qr_symbol.texts(page))


def labels_of(at: Scene, selection: Selection, copies: int = 2) -> list[str]:
    with contextlib.closing(at.read()) as db:
        return sorted(
            at.code(item)
            for item in printing.select(db, selection)
            for _ in range(copies if item.item.id[5] == "B" else 1)
        )


def test_a_pdf_is_proved_recorded_and_holds_what_was_chosen(at: Scene) -> None:
    before = at.entries()

    ready = prepared(at, kec=HERE, ballot="PPWP", kind="B")

    page = at.page(f"/label/pekerjaan/{TICKET}")
    assert ready.stage is PrintStage.READY
    assert f"Terbaca {ready.labels} dari {ready.labels}" in page
    assert at.entries() == before, "nothing is recorded before it is handed over"
    answer = hand_over(at, way="file")
    assert answer.headers["Location"] == f"/label/pekerjaan/{TICKET}/berkas"
    got = at.client.get(answer.headers["Location"])
    assert got.mimetype == "application/pdf"
    assert texts(got.data) == labels_of(
        at, Selection(area=HERE, ballot=Ballot.PPWP, kind="B")
    )
    (entry,) = print_entries(at)
    assert entry.draft.actor == at.person("penyelia")
    assert entry.draft.data["sha256"] == ready.sha256
    assert entry.draft.data["target"] == "file"
    assert f"entri {entry.seq}" in at.page(f"/label/pekerjaan/{TICKET}")
    listed = at.page("/label/cetakan")
    assert ready.sha256[:12] in listed
    assert "Penyelia" in listed


def test_a_double_post_prepares_prints_and_records_once(at: Scene) -> None:
    with listening() as (target, taken):
        for _ in range(3):
            prepared(at, kec=HERE, stock="100x50", ballot="DPR")
        before = at.entries()

        for _ in range(3):
            hand_over(at, way="printer", target=target)
        settled(at)
        for _ in range(2):
            hand_over(at, way="printer", target=target)
            hand_over(at, way="file")

        done = settled(at)
        assert done.stage is PrintStage.DONE
        assert done.target == target
        assert len(taken) == 1
    assert at.entries() == before + 1
    shown = [
        text
        for page in zpl.read(taken[0].removeprefix(b"~HS"))
        for text in qr_symbol.texts(page.dots) * page.copies
    ]
    assert sorted(shown) == labels_of(at, Selection(area=HERE, ballot=Ballot.DPR))
    assert at.client.get(f"/label/pekerjaan/{TICKET}/berkas").status_code == 404


def test_a_printer_that_is_off_counts_nothing_and_can_be_tried_again(
    at: Scene,
) -> None:
    prepared(at, kec=HERE, ballot="DPD", stock="60x40")
    before = at.entries()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"

    hand_over(at, way="printer", target=nobody)
    failed = settled(at)

    page = at.page(f"/label/pekerjaan/{TICKET}")
    assert failed.stage is PrintStage.READY
    assert "Cetak gagal." in page
    assert nobody in page
    assert "Cetak lagi" in page
    assert "Belum ada yang dihitung sebagai tercetak." in page
    assert at.entries() == before
    with contextlib.closing(at.read()) as db:
        chosen = Selection(area=HERE, ballot=Ballot.DPD, missing=True)
        assert printing.count(db, chosen).items > 0, "still never printed"
    with listening() as (target, taken):
        hand_over(at, way="printer", target=target)
        assert settled(at).stage is PrintStage.DONE
        assert len(taken) == 1
    assert at.entries() == before + 1


def test_what_a_printer_took_is_recorded_later_and_not_printed_twice(
    at: Scene,
) -> None:
    prepared(at, kec=HERE, ballot="DPD", stock="60x40")
    with listening() as (target, taken):
        original = at.station.print_queue._write

        def full(act: object) -> object:
            if taken:
                message = "Expected a disk with room, it is full."
                raise StationError(message)
            return original(act)  # type: ignore[arg-type]

        at.station.print_queue._write = full  # type: ignore[assignment]
        hand_over(at, way="printer", target=target)
        failed = settled(at)
        assert failed.stage is PrintStage.READY
        assert "Pencetak sudah mengambil semuanya" in at.page(
            f"/label/pekerjaan/{TICKET}"
        )
        assert print_entries(at) == []

        at.station.print_queue._write = original
        hand_over(at, way="file")

        done = settled(at)
        assert done.stage is PrintStage.DONE
        assert done.target == target
        assert len(taken) == 1
    (entry,) = print_entries(at)
    assert entry.draft.data["target"] == target


@pytest.mark.parametrize("target", ["file:/tmp/x.zpl", "file:x", "", "  ", "a b c"])
def test_a_page_names_printers_and_never_files(at: Scene, target: str) -> None:
    prepared(at, kec=HERE, ballot="DPD", stock="60x40")

    hand_over(at, way="printer", target=target)

    assert settled(at).stage is PrintStage.READY
    assert "Alamat pencetak tidak dikenali" in at.page(f"/label/pekerjaan/{TICKET}")
    assert print_entries(at) == []


def test_a_label_that_does_not_read_is_named_and_nothing_is_offered(
    at: Scene,
) -> None:
    box = at.box(HERE, Ballot.PPWP)
    real = at.station.print_queue._press.decode
    code = at.code(box)
    blind = replace(
        at.station.print_queue._press,
        decode=lambda dots: [text for text in real(dots) if text != code],
    )
    at.station.print_queue._press = blind

    failed = prepared(at, kec=HERE, ballot="PPWP")

    assert failed.stage is PrintStage.FAILED
    page = at.page(f"/label/pekerjaan/{TICKET}")
    assert f"Label {box.hri} di halaman" in page
    assert "serahkan" not in page
    assert at.client.get(f"/label/pekerjaan/{TICKET}/berkas").status_code == 404
    hand_over(at, way="file")
    assert print_entries(at) == []


def test_a_job_goes_on_while_the_page_is_loaded_again(at: Scene) -> None:
    go = threading.Event()
    real = at.station.print_queue._press.decode

    def slow(dots: NDArray[np.uint8]) -> Sequence[str]:
        go.wait(60)
        return real(dots)

    at.station.print_queue._press = replace(at.station.print_queue._press, decode=slow)
    answer = at.post("/label/cetak", ticket=TICKET, asked="1", kec=HERE)
    assert answer.status_code == 303

    for _ in range(3):
        page = at.page(f"/label/pekerjaan/{TICKET}")
        assert "Sedang disiapkan" in page
        assert 'data-busy="yes"' in at.page(f"/label/pekerjaan/{TICKET}/keadaan")
        assert "serahkan" not in page
    go.set()

    assert settled(at).stage is PrintStage.READY
    assert 'data-busy="no"' in at.page(f"/label/pekerjaan/{TICKET}/keadaan")


def test_the_station_closes_while_a_job_is_drawn(tmp_path: Path) -> None:
    with scene(tmp_path / "station") as at:
        begun, closing = threading.Event(), threading.Event()

        def until_closing(_: object) -> list[str]:
            begun.set()
            closing.wait(60)
            return []

        press = replace(at.station.print_queue._press, decode=until_closing)
        at.station.print_queue._press = press
        at.post("/label/cetak", ticket=TICKET, asked="1", stock="l7160")
        assert begun.wait(60)
        work = at.station.print_queue._work(TICKET)
        assert work is not None
        work.drawing._stopping = closing

    assert closing.is_set()
    assert not work.drawing._thread.is_alive()


def test_the_preview_shows_the_first_page_with_its_used_positions(at: Scene) -> None:
    query = f"asked=1&kec={HERE}&ballot=PPWP&kind=B&skip=2"

    answer = at.client.get(f"/label/pratinjau.png?{query}")

    picture = np.asarray(Image.open(io.BytesIO(answer.data)))
    read = [found.text for found in zxingcpp.read_barcodes(picture)]
    wanted = labels_of(at, Selection(area=HERE, ballot=Ballot.PPWP, kind="B"))
    with contextlib.closing(at.read()) as db:
        chosen = Selection(area=HERE, ballot=Ballot.PPWP, kind="B")
        first = at.code(printing.select(db, chosen, first=1)[0])
    assert read == [first, first]
    assert first in wanted
    assert (picture[: len(picture) // 2 - 60] > 200).mean() > 0.99, "used: left blank"
    again = at.client.get(
        f"/label/pratinjau.png?{query}",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304
    assert again.data == b""


def test_counts_labels_and_sheets_as_they_are_printed(at: Scene) -> None:
    chosen = Selection(area=HERE, ballot=Ballot.PPWP, kind="B")
    labels = len(labels_of(at, chosen))
    query = f"/label?asked=1&kec={HERE}&ballot=PPWP&kind=B"

    page = at.page(f"{query}&skip=3")

    sheets = -(-(labels + 3) // 4)
    assert f"{labels} label" in page
    assert f"4 Cetak {sheets} lembar" in page
    assert f"{3 * labels // 2} label" in at.page(f"{query}&copies=3")
    ready = prepared(at, kec=HERE, ballot="PPWP", kind="B", skip="3")
    assert ready.labels == labels


def test_reprinting_a_page_asks_why_and_kills_its_labels_alone(at: Scene) -> None:
    prepared(at, kec=HERE, ballot="PPWP", kind="B")
    hand_over(at, way="file")
    (entry,) = print_entries(at)
    page = at.page(f"/label?job={entry.seq}&page=1&stock=a4-4")
    assert "Label lama mati" in page
    assert "Alasan cetak ulang" in page
    with contextlib.closing(at.read()) as db:
        on_page = printing.select(
            db, Selection(area=HERE, ballot=Ballot.PPWP, kind="B"), first=2
        )
    old = {item.item.id: at.code(item) for item in on_page}
    form = {"job": str(entry.seq), "page": "1"}

    refused = at.post("/label/cetak", ticket="second-ticket", asked="1", **form)
    assert refused.status_code == 409
    assert "Alasan belum diisi" in refused.text
    ready = prepared(at, "second-ticket", reason="Kertas macet", **form)

    assert ready.items == 2
    assert "Label lama mati begitu" in at.page("/label/pekerjaan/second-ticket")
    with contextlib.closing(at.read()) as db:
        for item in on_page:
            now = registry.item(db, item.item.id)
            assert now is not None
            assert now.item.issue == item.item.issue, "alive until it is handed over"
    hand_over(at, "second-ticket", way="file")
    data = at.client.get("/label/pekerjaan/second-ticket/berkas").data
    read = {LabelCode.parse(text) for text in texts(data)}
    key = at.station.print_queue._press.key
    assert {str(code.item) for code in read} == set(old)
    for item in on_page:
        code = next(code for code in read if str(code.item) == item.item.id)
        assert code.bears(item.item.issue + 1, key)
    at.open()
    outcome = at.line.submit(
        old[on_page[0].item.id], ScanSource.HANDHELD, at.person("petugas")
    )
    assert outcome.decision.verdict == "SUPERSEDED"


def test_one_item_is_printed_first_and_printed_again_later(at: Scene) -> None:
    box = at.box(HERE, Ballot.DPR).item.id
    assert f'href="/label?item={box}"' in at.page(f"/riwayat/{box}")
    assert "Alasan cetak ulang" not in at.page(f"/label?item={box}")
    prepared(at, item=box, stock="100x150")
    hand_over(at, way="file")

    assert "Alasan cetak ulang" in at.page(f"/label?item={box}")
    story = at.page(f"/riwayat/{box}")
    assert "Label dicetak" in story
    prepared(at, "second-ticket", item=box, reason="Robek <b>basah</b>")
    hand_over(at, "second-ticket", way="file")
    story = at.page(f"/riwayat/{box}")
    assert "Robek &lt;b&gt;basah&lt;/b&gt;" in story
    assert "penerbitan 2" in story


def test_missing_offers_only_what_was_never_printed(at: Scene) -> None:
    assert "4 Cetak" in at.page("/label")
    prepared(at, missing="1", stock="l7160")
    hand_over(at, way="file")

    page = at.page("/label")

    assert "Tidak ada label yang belum dicetak" in page
    assert "4 Cetak" not in page


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("copies=0", "Seharusnya 1 sampai 20, tertulis 0."),
        ("copies=99999999999999999999", "Seharusnya 1 sampai 20"),
        ("copies=%D9%A3", "Seharusnya 1 sampai 20"),
        ("skip=4", "Seharusnya 0 sampai 3, tertulis 4."),
        ("skip=-1", "Seharusnya 0 sampai 3, tertulis -1."),
        ("right=nan", "Geseran ke kanan harus -5.35 … 5.35 mm, tertulis nan."),
        ("right=1e9", "tertulis 1e+09."),
        ("up=%3Cscript%3E", "Geseran ke atas harus"),
        ("tps=abc", "Nomor TPS harus 1 sampai 999, tertulis abc."),
        ("kec=%27+OR+1", "Pilih wilayah dari daftar"),
        ("stock=a3", "Kertas itu tidak dikenal"),
        ("item=x", "x bukan nomor barang"),
        ("job=0", "Cetakan itu tidak ada"),
        ("job=99999", "Cetakan itu tidak ada"),
    ],
)
def test_a_wrong_form_is_told_in_a_sentence_and_offers_nothing(
    at: Scene, query: str, told: str
) -> None:
    page = at.page(f"/label?asked=1&{query}")

    assert told in page
    assert "4 Cetak" not in page
    assert "<script>" not in page.replace('<script type="module"', "")
    field, _, value = query.partition("=")
    posted = at.post("/label/cetak", ticket=TICKET, asked="1", **{field: value})
    assert posted.status_code in {303, 409}


def test_offset_is_read_with_a_comma_and_moves_the_page(at: Scene) -> None:
    query = {"kec": HERE, "ballot": "DPR"}
    prepared(at, **query)
    prepared(at, "second-ticket", right="1,5", up="-2", **query)

    one, two = (
        at.station.print_queue.ticket(name) for name in (TICKET, "second-ticket")
    )

    assert one is not None
    assert two is not None
    assert two.request.offset_mm == (1.5, -2.0)
    assert one.sha256 != two.sha256


def test_the_test_page_is_a_pdf_with_the_stocks_outlines(at: Scene) -> None:
    answer = at.client.get("/label/uji.pdf?asked=1&stock=tj-103")

    assert answer.mimetype == "application/pdf"
    (page,) = rastered(answer.data)
    height, width = page.shape
    assert abs(width / height - 215 / 165) < 0.01
    assert qr_symbol.texts(page) == []


def test_a_label_is_voided_by_two_people_and_the_gate_refuses_it(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    code = at.code(box)
    path = f"/label/batal/{box.item.id}"
    assert "Label ini mati untuk selamanya" in at.page(path)
    assert "Alasan belum diisi" in at.post(path, reason=" ").text
    second = at.person("pengemas")
    at.station.authenticator.set_pin(second, PIN)

    asked = at.post(path, reason="Kotak hancur")
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
    assert ticket is not None
    wrong = at.post("/tanda-tangan", ticket=ticket[1], person=second, pin="111111")
    assert wrong.status_code == 409
    signed = at.post("/tanda-tangan", ticket=ticket[1], person=second, pin=PIN)

    assert signed.status_code == 303
    assert signed.headers["Location"] == f"/riwayat/{box.item.id}"
    story = at.page(f"/riwayat/{box.item.id}")
    assert "Dibatalkan" in story
    assert "Kotak hancur" in story
    with contextlib.closing(at.read()) as db:
        last = ledger.history(db, box.item.id)[-1].draft
    assert last.type is EntryType.DECOMMISSIONING
    assert last.second == second
    once_more = at.post("/tanda-tangan", ticket=ticket[1], person=second, pin=PIN)
    assert once_more.status_code == 409
    assert "sudah dibatalkan" in at.post(path, reason="Lagi").text
    at.open()
    outcome = at.line.submit(code, ScanSource.HANDHELD, at.person("petugas"))
    assert outcome.decision.verdict == "SUPERSEDED"


def test_what_is_on_a_truck_is_not_voided(at: Scene) -> None:
    at.open()
    box = at.box(HERE, Ballot.PPWP)
    at.scan(box)

    answer = at.post(f"/label/batal/{box.item.id}", reason="Rusak")

    assert answer.status_code == 409
    assert "sudah dimuat atau dikirim" in answer.text


def test_a_silog_qr_is_linked_once_by_scanning_both(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    text = "HTTPS://SILOG.KPU.GO.ID/K?x=<b>^FS~&id=١٢٣"

    asked = at.post("/label/tautan", ours=at.code(box), text="")
    assert box.hri in asked.text
    done = at.post("/label/tautan", ours=at.code(box), text=text)

    assert done.status_code == 303
    assert f"Tertaut dan tercatat: {box.hri}." in at.page(done.headers["Location"])
    with contextlib.closing(at.read()) as db:
        assert registry.linked(db, text) == box.item.id
    assert "QR SILOG ditautkan" in at.page(f"/riwayat/{box.item.id}")
    before = at.entries()
    other = at.box(HERE, Ballot.DPR)
    for ours, second in (
        (at.code(box), text),
        (at.code(box), "ANOTHER"),
        (other.hri, text),
    ):
        answer = at.post("/label/tautan", ours=ours, text=second)
        assert answer.status_code == 409
        assert "sudah punya tautan" in answer.text
    assert at.entries() == before
    at.open()
    seen = at.line.submit(text, ScanSource.HANDHELD, at.person("petugas"))
    assert seen.decision.item == box.item.id


def test_only_a_valid_label_of_ours_is_linked(at: Scene) -> None:
    old = at.box(HERE, Ballot.PPWP, 0)
    assert old.item.issue > 1, "its label was reprinted"
    key = at.station.print_queue._press.key
    from_before = LabelCode.parse(at.code(old))
    dead = str(LabelCode.issue(from_before.item, old.item.issue - 1, key))
    typo = old.hri[:-1] + ("A" if old.hri[-1] != "A" else "B")
    before = at.entries()

    for ours, told in (
        (dead, "bukan label yang berlaku"),
        (typo, "Kode salah ketik"),
        ("1771-B-ZZZZZ", "Kode tidak lengkap"),
        ("J1", "Kode"),
        ("<b>x", "Kode"),
    ):
        answer = at.post("/label/tautan", ours=ours, text="SILOG-1")
        assert answer.status_code == 409, ours
        assert told in answer.text, ours
    itself = at.post("/label/tautan", ours=at.code(old), text=at.code(old))
    assert "Itu label kita sendiri" in itself.text
    assert at.entries() == before


def test_jobs_are_listed_newest_first_page_by_page(at: Scene) -> None:
    for number in range(22):
        name = f"ticket-{number:04d}"
        again = {"reason": "coba"} if number else {}
        prepared(at, name, kec=HERE, ballot="DPR", stock="60x40", **again)
        hand_over(at, name, way="file")

    first = at.page("/label/cetakan")
    older = re.search(r"/label/cetakan\?before=(\d+)", first)

    assert older is not None
    assert first.count('class="one-page"') == 20
    assert at.page(f"/label/cetakan?before={older[1]}").count('class="one-page"') == 2
    with contextlib.closing(at.read()) as db:
        found = print_history.jobs(db, None, 50)
    assert [job.seq for job in found] == sorted(
        (job.seq for job in found), reverse=True
    )
    assert at.station.print_queue.ticket("ticket-0000") is None, (
        "the oldest are forgotten"
    )
    gone = at.client.get("/label/pekerjaan/ticket-0000")
    assert gone.status_code == 404


@pytest.mark.parametrize("ticket", ["", "x", "a b c d e f", "ü" * 12, "x" * 41])
def test_a_ticket_of_another_form_is_refused(at: Scene, ticket: str) -> None:
    assert at.post("/label/cetak", ticket=ticket, asked="1").status_code == 400


def test_every_paper_fault_printer_state_and_stage_has_words() -> None:
    assert set(label_words.PAPER) == set(PrintObstacle)
    assert set(label_words.PRINTER) == set(PrinterState)
    assert set(label_words.STAGE) == set(PrintStage)


def test_what_is_on_paper_needs_a_reason_and_the_rest_can_be_had_alone(
    at: Scene,
) -> None:
    prepared(at, kec=HERE, tps="1")
    hand_over(at, way="file")

    page = at.page(f"/label?asked=1&kec={HERE}")
    bare = at.post("/label/cetak", ticket="ticket-2222", asked="1", kec=HERE)

    assert "barang sudah dicetak: cetak ulang." in page
    assert 'name="reason" required' in page
    assert "Cetak yang belum dicetak saja" in page
    assert bare.status_code == 409
    assert "Alasan belum diisi" in bare.text
    rest = prepared(at, "ticket-3333", kec=HERE, missing="1")
    assert rest.request.reason is None
    again = prepared(at, "ticket-4444", kec=HERE, reason="sobek")
    assert again.labels > rest.labels
