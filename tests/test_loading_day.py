"""A day of loading, seen in a browser: two gates, forty boxes, what goes wrong.

Everything is real but the cameras' hardware: drawn boxes with real labels, the reader,
the rule, the ledger, the pages in Chromium, the waybill as paper.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import json
import re
import threading
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from station.capture.decoding.decoder import texts
from station.capture.virtual.virtual_camera import Pass, Take
from station.custody.gate import bring_back, panel
from station.custody.load import items_on_truck, missing_items, open_load
from station.demo import city
from station.demo.boxes import Props
from station.demo.script import PassingBox, ScriptPart
from station.founding import create_station
from station.model import Step, system_clock
from station.settings.gates_and_legs import GateSettings
from tests.browsing import PATIENCE_MS, needs_chromium, window
from tests.running import running, until
from tests.test_waybill import base45, held_before_a_webcam

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from station.custody.load import Load
    from station.settings.station_toml import Settings
    from tests.running import Site

pytestmark = needs_chromium
GATES = {"gerbang-1": ("kamera-gudang", "17.71.03"), "gerbang-2": ("k2", "17.71.04")}
PIN = "280642"
EACH = 20
"""Boxes that each gate loads."""


@dataclasses.dataclass
class Day:
    """The station, and who sends boxes past its cameras."""

    site: Site
    seeds: Iterator[int] = dataclasses.field(default_factory=itertools.count)

    def load(self, gate: str) -> Load | None:
        with contextlib.closing(self.site.station.ledger.read()) as db:
            return open_load(db, gate)

    def waiting(self, gate: str) -> list[str]:
        with contextlib.closing(self.site.station.ledger.read()) as db:
            load = open_load(db, gate)
            lines = [] if load is None else missing_items(db, load)
        return [line.item.item.id for line in lines]

    def held(self, gate: str) -> list[int]:
        with contextlib.closing(self.site.station.ledger.read()) as db:
            return list(panel.open_holds(db, gate))

    def missed(self, gate: str) -> list[str]:
        with contextlib.closing(self.site.station.ledger.read()) as db:
            return [found.item.id for found in bring_back.waiting(db, gate)]

    def send(self, gate: str, part: ScriptPart, item: str | None = None) -> list[str]:
        """Let a box pass this gate's camera; gives the texts on it."""
        camera, kecamatan = GATES[gate]
        key = create_station.label_key(self.site.station.settings)
        with contextlib.closing(self.site.station.ledger.read()) as db:
            props = Props(db, key, next(self.seeds))
            looks = props.looks([PassingBox(part, item)], kecamatan)
        self.site.station.cameras[camera].cue(Pass(looks.all))
        return [look.text for look in looks.all]

    def lift(self, gate: str, texts: list[str]) -> None:
        for text in texts:
            self.site.station.cameras[GATES[gate][0]].cue(Take(text))

    def fill(self, gate: str, number: int) -> None:
        """Send boxes until so many are counted; one that was not read comes again."""
        while (load := self.load(gate)) is not None and load.loaded < number:
            self.send(gate, ScriptPart.EXPECTED, self.waiting(gate)[0])
            before, end = load.loaded, time.monotonic() + 6
            while self.load(gate).loaded == before and time.monotonic() < end:  # type: ignore[union-attr]  # it stays open
                time.sleep(0.1)


def prepared(folder: Path) -> Settings:
    settings = city.prepare(folder, system_clock)
    first = settings.cameras[0]
    return dataclasses.replace(
        settings,
        gates=(
            *settings.gates,
            GateSettings(
                name="gerbang-2",
                title="Gerbang 2",
                step=Step.LOADING,
                place="1771/gudang",
            ),
        ),
        cameras=(first, dataclasses.replace(first, name="k2", gate="gerbang-2")),
    )


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with running(prepared(tmp_path / "station")) as site:
        station = site.station
        cameras = station.cameras.values()
        until(lambda: all(camera.status.state == "live" for camera in cameras))
        with contextlib.closing(station.ledger.read()) as db:
            for login in ("petugas", "penyelia"):
                row = db.execute(
                    "SELECT person FROM credential WHERE login = ?", (login,)
                ).fetchone()
                station.authenticator.set_pin(row["person"], PIN)
                gate = "gerbang-1" if login == "petugas" else "gerbang-2"
                station.gates[gate].start_shift(row["person"], sound_heard=True)
        yield Day(site)


@pytest.fixture
def screens(browser: Browser) -> Iterator[tuple[Page, Page]]:
    with window(browser) as one, window(browser) as other:
        yield one.new_page(), other.new_page()


def open_consignment(page: Page, day: Day, login: str, gate: str) -> None:
    """Somebody at a gate's screen, who opens its consignment by the form."""
    page.goto(day.site.once(login))
    page.goto(f"{day.site.address}/surat-jalan?gate={gate}")
    page.select_option("select[name=gate]", gate)
    page.select_option("select[name=area]", GATES[gate][1])
    page.fill("input[name=vehicle]", f"BD 1 {gate[-1]}")
    page.click("section:last-of-type button.main")
    page.wait_for_url(f"**/gerbang/{gate}")


def acknowledge(page: Page) -> None:
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#hold")).to_have_count(0)


def wrong_box_holds_and_what_passed_is_brought_back(page: Page, day: Day) -> None:
    wrong = day.send("gerbang-1", ScriptPart.MISROUTED)
    until(lambda: day.held("gerbang-1"))
    expect(page.locator("#hold .giant")).to_contain_text("TAHAN")
    passed = day.waiting("gerbang-1")[0]
    day.send("gerbang-1", ScriptPart.EXPECTED, passed)
    time.sleep(6)  # it comes, and is gone
    day.lift("gerbang-1", wrong)
    acknowledge(page)

    assert day.missed("gerbang-1") == [passed]
    expect(page.locator("#bring")).to_contain_text("Bawa kembali")
    day.send("gerbang-1", ScriptPart.EXPECTED, passed)
    until(lambda: not day.missed("gerbang-1"))
    expect(page.locator("#bring")).to_be_hidden()


def old_label_holds(page: Page, day: Day) -> None:
    wrong = day.send("gerbang-1", ScriptPart.SUPERSEDED)
    until(lambda: day.held("gerbang-1"))
    expect(page.locator('#panel[data-hold-verdict="SUPERSEDED"]')).to_have_count(1)
    day.lift("gerbang-1", wrong)
    acknowledge(page)


def counted_again_is_told_and_not_counted(page: Page, day: Day) -> None:
    load = day.load("gerbang-1")
    assert load is not None
    with contextlib.closing(day.site.station.ledger.read()) as db:
        item = items_on_truck(db, load)[-1].item.id
    day.send("gerbang-1", ScriptPart.REPEATED, item)
    expect(page.locator("#panel")).to_have_attribute(
        "data-scans", re.compile(r":REPEATED \s*$")
    )
    after = day.load("gerbang-1")
    assert after is not None
    assert after.loaded == load.loaded


@pytest.mark.slow
def test_a_day_of_loading(screens: tuple[Page, Page], day: Day, tmp_path: Path) -> None:
    first, second = screens
    open_consignment(first, day, "petugas", "gerbang-1")
    open_consignment(second, day, "penyelia", "gerbang-2")
    other = threading.Thread(target=day.fill, args=("gerbang-2", EACH))
    other.start()
    day.fill("gerbang-1", 6)

    wrong_box_holds_and_what_passed_is_brought_back(first, day)
    old_label_holds(first, day)
    counted_again_is_told_and_not_counted(first, day)
    day.fill("gerbang-1", EACH)

    # One comes off the truck again.
    first.click("[data-act=loaded]")
    first.click("#take-off .reasons .pick >> nth=0")
    first.click("#take-off li .pick >> nth=0")
    first.click("#off")
    until(lambda: day.load("gerbang-1").loaded == EACH - 1)  # type: ignore[union-attr]  # it is open
    other.join(PATIENCE_MS / 1000)
    assert not other.is_alive()

    pdf = close_and_print(first, tmp_path)
    close_and_print(second, tmp_path)
    check(day, pdf, "C-0001", EACH - 1)


def close_and_print(page: Page, folder: Path) -> bytes:
    """Close with what is missing left behind, two people, then the waybill."""
    page.keyboard.press("F9")
    page.wait_for_url("**/tutup")
    page.check("input[name=all][value=stays]")
    page.fill("input[name=reason]", "truk penuh")
    page.click("#close button.main")
    page.select_option("select[name=person]", index=1)
    page.fill("input[name=pin]", PIN)
    page.click("#sign")
    page.wait_for_url("**/perjalanan")
    with page.expect_download() as download:
        page.click("text=Cetak surat jalan (PDF)")
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file.read_bytes()


def check(day: Day, pdf: bytes, consignment: str, number: int) -> None:
    """The paper's symbol against the ledger's bytes, by what wrote neither."""
    (text,) = texts(held_before_a_webcam(pdf))
    payload = base45(text.removeprefix("JM1:"))
    with contextlib.closing(day.site.station.ledger.read()) as db:
        (body,) = db.execute(
            "SELECT body FROM entry WHERE seq ="
            " (SELECT departed_seq FROM consignment WHERE id = ?)",
            (consignment,),
        ).fetchone()
        rows = db.execute(
            "SELECT item FROM consignment_item WHERE consignment = ? AND departed = 1"
            " ORDER BY item",
            (consignment,),
        ).fetchall()
    said = json.loads(body)["data"]
    listed = "".join(f"{row['item']}\n" for row in rows).encode()
    assert len(rows) == said["count"] == number
    assert said["digest"] == hashlib.sha256(listed).hexdigest()
    assert bytes.fromhex(said["digest"])[:16] in payload
