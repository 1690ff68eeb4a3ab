"""The waybill of a load: paper that vouches for itself, checked by other means."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2  # noqa: TID251 - plays the webcam before which the paper is held
import numpy as np
import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from labels import png
from labels.label_code import ItemId, ItemKind
from station.capture.decoding.decoder import texts
from station.cli.main import main
from station.custody.accounts import directory
from station.custody.consignment import cancelling, trip_details
from station.custody.consignment.opening import OpeningOrder, open_consignment
from station.custody.consignment.trip_details import Trip
from station.custody.labelling import first_issue
from station.custody.labelling.first_issue import Issue
from station.errors import OperationRefused, RefusalReason
from station.exchange import manifest
from station.founding import create_station
from station.ledger.checkpoint import Signer, Verifier
from station.model import Ballot
from station.runtime.waybill_printing import Waybills
from station.storage.database import open_reader
from tests.conftest import NEAR, OPERATOR, SECOND

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from station.ledger.log import Log
    from station.settings.station_toml import Settings
    from tests.conftest import City, Dock, StillClock

TOLD = Trip(vehicle="BD 8123 AU", driver="Rudi Hartono", door_seal="A-0071")
FRAME = (720, 1280)


@pytest.fixture
def bills(settings: Settings, log: Log, clock: StillClock) -> Waybills:
    return Waybills(
        settings=settings,
        signer=create_station.signer(settings),
        write=lambda act: act(log),
        read=lambda: open_reader(settings.database),
        clock=clock,
    )


@pytest.fixture
def load(loading: Dock, city: City) -> str:
    """Departed with all but one box."""
    order = OpeningOrder(area=NEAR, kinds=tuple(Ballot), trip=TOLD)
    entry = open_consignment(
        loading.gate.log,
        loading.gate.settings,
        order,
        actor=OPERATOR,
        at=loading.clock(),
    )
    loading.see(*city.near[:3], city.loose)
    loading.close("ban pecah")
    return str(entry.draft.consignment)


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def held_before_a_webcam(pdf: bytes) -> NDArray[np.uint8]:
    """The first page's lower part in a 1280 x 720 picture, a little soft and noisy."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_numpy()
    grey = cv2.cvtColor(np.ascontiguousarray(page[:, :, :3]), cv2.COLOR_BGR2GRAY)
    width = 1280
    size = (width, round(grey.shape[0] * width / grey.shape[1]))
    seen = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    top, bottom = _rows_of_the_symbol(seen)
    middle = (top + bottom) // 2
    start = max(0, min(middle - FRAME[0] // 2, seen.shape[0] - FRAME[0]))
    part = cv2.GaussianBlur(seen[start : start + FRAME[0]], (0, 0), 0.8)
    noise = np.random.default_rng(7).normal(0, 6, part.shape)
    noisy = np.clip(part * 0.8 + 20 + noise, 0, 255).astype(np.uint8)
    return np.dstack([noisy] * 3)


def _rows_of_the_symbol(grey: NDArray[Any]) -> tuple[int, int]:
    """Where to point the webcam, found on the clean page."""
    # Bars of the page can pass for one of the other kinds.
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    (symbol,) = zxingcpp.read_barcodes(grey, formats=formats)
    corners = symbol.position
    return corners.top_left.y, corners.bottom_right.y


def test_a_load_too_large_for_a_symbol_has_a_paper_without_one(
    bills: Waybills, load: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labels.papers.manifest_symbol._MOST", 100)

    pdf = bills.print(load, OPERATOR).data

    assert "Tanpa QR" in words(pdf)
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_numpy()
    assert not zxingcpp.read_barcodes(np.ascontiguousarray(picture[:, :, :3]))


def test_what_is_cancelled_while_its_paper_is_drawn_is_not_given_out(
    bills: Waybills, log: Log, load: str, clock: StillClock
) -> None:
    def meanwhile(act: Any) -> Any:  # noqa: ANN401 - an act of the waybills
        asked = cancelling.ask(
            log.db, load, reason="x", first=OPERATOR, now_ms=clock().wall_ms
        )
        cancelling.cancel(log, asked, SECOND, clock())
        return act(log)

    late = replace(bills, write=meanwhile)
    with pytest.raises(OperationRefused) as refused:
        late.print(load, OPERATOR)

    assert refused.value.code is RefusalReason.CHANGED_MEANWHILE


def test_names_that_were_erased_are_said_to_be(
    bills: Waybills, log: Log, load: str, clock: StillClock
) -> None:
    with log.writing() as batch:
        trip_details.forget_names(batch, load, actor="p01", at=clock())
        directory.erase(batch, SECOND, clock())

    told = words(bills.print(load, OPERATOR).data)

    assert "(nama dihapus)" in told
    assert "Rudi" not in told
    assert f"Orang {directory.number(SECOND)}" in told


@pytest.mark.parametrize("erased", [False, True])
def test_names_that_were_altered_while_the_station_runs_are_not_printed(
    erased: bool,  # noqa: FBT001 - a parameter of the test
    bills: Waybills,
    log: Log,
    load: str,
    clock: StillClock,
) -> None:
    """It compared them at its start; another writes into the file behind its back."""
    (seq,) = log.db.execute(
        "SELECT trip_seq FROM consignment WHERE id = ?", (load,)
    ).fetchone()
    if erased:
        with log.writing() as batch:
            trip_details.forget_names(batch, load, actor="p01", at=clock())
    log.db.execute("DELETE FROM trip_name WHERE seq = ?", (seq,))
    log.db.executemany(
        "INSERT INTO trip_name (seq, part, name, salt) VALUES (?, ?, ?, ?)",
        [(seq, part, f"Palsu {part}", bytes(16)) for part in trip_details.PEOPLE],
    )
    log.db.execute("UPDATE person SET name = 'Palsu' WHERE id = ?", (SECOND,))

    told = words(bills.print(load, OPERATOR).data)

    assert "Palsu" not in told
    assert "(nama tidak cocok)" in told
    assert f"Orang {directory.number(SECOND)} (nama tidak cocok)" in told
    assert "Siti Rahma" in told


def test_its_manifest_is_read_by_a_webcam_and_equals_the_ledger(
    bills: Waybills, log: Log, load: str, city: City
) -> None:
    """What checks here shares nothing with what wrote: base45, varints, Ed25519."""
    pdf = bills.print(load, OPERATOR).data

    (text,) = texts(held_before_a_webcam(pdf))

    payload = base45(text.removeprefix("JM1:"))
    (genesis,) = log.db.execute("SELECT body FROM entry WHERE seq = 0").fetchone()
    vkey = json.loads(genesis)["data"]["vkey"]
    key = base64.b64decode(vkey.split("+", 2)[2])[1:]
    Ed25519PublicKey.from_public_bytes(key).verify(
        payload[-64:], b"jejak manifest\0" + payload[:-64]
    )
    gone = sorted([*city.near[:3], city.loose])
    listed = "".join(f"{item}\n" for item in gone).encode()
    assert hashlib.sha256(listed).digest()[:16] in payload
    (body,) = log.db.execute(
        "SELECT body FROM entry WHERE seq ="
        " (SELECT departed_seq FROM consignment WHERE id = ?)",
        (load,),
    ).fetchone()
    assert json.loads(body)["data"]["digest"] == hashlib.sha256(listed).hexdigest()

    found = manifest.read(text, Verifier(vkey))
    plan = [row["id"] for row in log.db.execute(PLAN, (NEAR,))]
    assert found.items(plan) == [item for item in plan if item in gone]
    assert found.number == 1


PLAN = """SELECT id FROM item WHERE kecamatan = ? AND container IS NULL
ORDER BY destination, CASE ballot WHEN 'PPWP' THEN 0 ELSE 1 END, id"""


def base45(text: str) -> bytes:
    """RFC 9285 once more, by its own hand."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    found = b""
    for at in range(0, len(text), 3):
        digits = [alphabet.index(character) for character in text[at : at + 3]]
        number = sum(digit * 45**place for place, digit in enumerate(digits))
        found += number.to_bytes(len(digits) - 1, "big")
    return found


def test_it_says_what_departed_and_what_did_not(
    bills: Waybills, load: str, city: City
) -> None:
    said = words(bills.print(load, OPERATOR).data)

    for text in (
        *("Surat jalan 0001", "KPU Kota Bengkulu", "Selebar", "BD 8123 AU"),
        *("Rudi Hartono", "A-0071", "Siti Rahma", "Budi Santoso"),
        *("Tinggal di tempat", "ban pecah", "Pagar Dewa"),
    ):
        assert text in said, text
    assert len(city.near) == 4


def test_the_same_version_is_the_same_paper_and_each_printing_is_an_entry(
    bills: Waybills, log: Log, load: str
) -> None:
    first = bills.print(load, OPERATOR)
    size = log.size
    again = bills.print(load, SECOND)

    assert again.data == first.data
    assert log.size == size + 1
    (body,) = log.db.execute("SELECT body FROM entry WHERE seq = ?", (size,)).fetchone()
    told = json.loads(body)
    assert (told["actor"], told["consignment"]) == (SECOND, load)
    assert told["data"] == {
        "event": "waybill",
        "version": 1,
        "sha256": hashlib.sha256(again.data).hexdigest(),
    }


def test_a_corrected_trip_is_printed_as_the_second_version(
    bills: Waybills, log: Log, load: str, clock: StillClock
) -> None:
    by = (OPERATOR, clock().wall_ms)
    asked = trip_details.ask_correction(
        log.db, load, Trip(vehicle="BD 9 Z"), reason="pelat keliru", by=by
    )
    trip_details.correct(log, asked, SECOND, clock())

    printed = bills.print(load, OPERATOR)

    assert printed.version == 2
    said = words(printed.data)
    assert "pelat keliru" in said
    assert "BD 9 Z" in said
    assert "Rudi" not in said


def test_what_did_not_depart_has_no_waybill(
    bills: Waybills, log: Log, loading: Dock, city: City
) -> None:
    load = loading.open()
    loading.see(city.near[0])
    size = log.size
    for consignment in (load, "C-9999"):
        with pytest.raises(OperationRefused):
            bills.print(consignment, OPERATOR)
    assert log.size == size


def test_what_was_given_up_on_its_way_has_no_waybill_any_more(
    bills: Waybills, log: Log, load: str, clock: StillClock
) -> None:
    bills.print(load, OPERATOR)
    asked = cancelling.ask(
        log.db, load, reason="putar balik", first=OPERATOR, now_ms=clock().wall_ms
    )
    cancelling.cancel(log, asked, SECOND, clock())

    with pytest.raises(OperationRefused):
        bills.print(load, OPERATOR)


def test_what_goes_to_the_kecamatan_itself_stands_under_its_own_heading(
    bills: Waybills, load: str, log: Log
) -> None:
    """A kelurahan may bear its kecamatan's name; they are counted apart."""
    log.db.execute("UPDATE area SET name = 'Selebar' WHERE length(code) > 5")

    told = words(bills.print(load, OPERATOR).data)

    assert "Kecamatan Selebar \N{MIDDLE DOT} 1" in told
    assert "Selebar \N{MIDDLE DOT} 3" in told


def test_the_command_names_each_box_from_a_picture_of_the_paper(
    bills: Waybills, load: str, city: City, settings: Settings, tmp_path: Path
) -> None:
    paper = tmp_path / "surat-jalan.png"
    seen = held_before_a_webcam(bills.print(load, OPERATOR).data)
    paper.write_bytes(png.encode(np.ascontiguousarray(seen[:, :, 0])))
    runner, data = CliRunner(), ["--data", str(settings.folder)]

    done = runner.invoke(main, ["manifest", str(paper), *data])

    assert done.exit_code == 0, done.output
    assert "Waybill 0001, gudang-ppk of 17.71.01" in done.output
    assert "Signed by jejak/1771/gudang/g1: the signature is valid." in done.output
    listed = [line for line in done.output.splitlines() if line.startswith("1771-")]
    gone = {ItemId.parse(item).as_hri() for item in (*city.near[:3], city.loose)}
    assert {line.split()[0] for line in listed} == gone
    stranger = Signer.create(tmp_path / "other.key").vkey("jejak/9999/gudang/g1")
    other = runner.invoke(main, ["manifest", str(paper), *data, "--vkey", stranger])
    assert other.exit_code == 1
    assert not [line for line in other.output.splitlines() if line.startswith("1771")]
    for wrong in (str(tmp_path), str(tmp_path / "x.png"), "JM1:ABC"):
        told = runner.invoke(main, ["manifest", wrong, *data])
        assert told.exit_code == 1
        assert told.output.startswith("jejak: "), told.output


def test_a_corrected_paper_is_read_too_whatever_was_registered_since(
    bills: Waybills, load: str, log: Log, clock: StillClock, tmp_path: Path
) -> None:
    with log.writing() as batch:
        more = Issue(
            kind=ItemKind.BOX,
            destination="17.71.01.1001/002",
            ballots=(Ballot.DPD,),
        )
        first_issue.issue(batch, "1771", [more], actor=OPERATOR, at=clock())
    by = (OPERATOR, clock().wall_ms)
    told = replace(TOLD, vehicle="BD 2 B")
    asked = trip_details.ask_correction(log.db, load, told, reason="salah", by=by)
    trip_details.correct(log, asked, SECOND, clock())
    paper = tmp_path / "v2.png"
    seen = held_before_a_webcam(bills.print(load, OPERATOR).data)
    paper.write_bytes(png.encode(np.ascontiguousarray(seen[:, :, 0])))

    done = CliRunner().invoke(
        main, ["manifest", str(paper), "--data", str(bills.settings.folder)]
    )

    assert done.exit_code == 0, done.output
