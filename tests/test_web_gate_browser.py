"""The gate's screen in a real browser: keys, bursts, holds, sound, and nothing cut."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from labels.trial_label import trial_item
from station.custody.gate import panel
from station.custody.load import missing_items, open_load
from station.ledger import log
from station.model import Ballot, Verdict
from station.runtime.hub import OutlinedLabel, Picture
from tests.browsing import (
    CONTRAST,
    COVERED,
    CUT,
    SMALL,
    burst,
    enter,
    needs_chromium,
    picture,
    window,
)
from tests.capture_pictures import jpeg, shelf
from tests.running import running
from tests.web_scene import ELSEWHERE, HERE, Scene, without_cameras

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from station.model import Json


pytestmark = needs_chromium

EXPECTED = ("Failed to load resource", "htmx:")
"""What the console says of a refused scan (409) and of a line that was cut."""
UNCHOOSE = """() => {
  const chosen = document.querySelector('#hold input:checked');
  if (!chosen) return;
  chosen.checked = false;
  chosen.dispatchEvent(new Event('change', { bubbles: true }));
}"""


@pytest.fixture
def at(tmp_path: Path) -> Iterator[tuple[Scene, str]]:
    """A station on a port, a consignment open at its first gate."""
    with running(without_cameras(tmp_path / "station")) as site:
        made = Scene.of(site)
        made.open()
        # As at work: somebody has begun the shift.
        made.line.start_shift(made.person("petugas"), sound_heard=True)
        yield made, f"{site.address}/gerbang/gerbang-1"


@pytest.fixture
def page(browser: Browser, at: tuple[Scene, str]) -> Iterator[Page]:
    """The gate's page, 1366 x 768; it must not complain of anything."""
    with window(browser) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text))
        enter(page, at[0], "petugas")
        _open(page, at[1])
        yield page
    assert [text for text in complaints if not text.startswith(EXPECTED)] == []


def _open(page: Page, address: str) -> None:
    page.goto(address, wait_until="commit")
    expect(page.locator("html[data-ready]")).to_have_count(1)


def test_burst_from_anywhere_is_a_scan_and_shows_after_the_ledger_holds_it(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    box = scene.box(HERE, Ballot.PPWP)

    burst(page, scene.code(box))

    expect(page.locator("#last.accepted .giant")).to_contain_text("MUAT")
    expect(page.locator("#recent")).to_contain_text(box.item.id[-5:])
    expect(page.locator("html")).to_have_attribute("data-sound", "ACCEPTED 1")
    # Three seconds later the next green would be seen as new.
    expect(page.locator("#ready")).to_be_visible()


@pytest.mark.parametrize("pause_s", [0.1, 0.3, 0.9])
def test_a_scanner_that_pauses_in_the_middle_of_a_code_is_one_scan(
    pause_s: float, page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    code = scene.code(scene.box(HERE, Ballot.PPWP))

    burst(page, code, pauses={9: pause_s, len(code): pause_s})

    expect(page.locator("#last.accepted .giant")).to_contain_text("MUAT")
    with contextlib.closing(scene.read()) as db:
        gate = scene.station.settings.gate("gerbang-1")
        assert panel.panel(db, gate).foreign == 0


def test_burst_is_taken_out_of_the_field_that_had_the_focus(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    page.keyboard.press("F2")
    page.locator("#code").fill("1771-B")

    burst(page, scene.code(scene.box(HERE, Ballot.PPWP)))

    expect(page.locator("#recent li svg.go-square")).to_have_count(1)
    expect(page.locator("#code")).to_have_value("1771-B")
    expect(page.locator("#code")).to_be_focused()


def test_burst_presses_nothing_whatever_has_the_focus(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, address = at
    boxes = [scene.box(HERE, Ballot.PPWP, number) for number in (1, 2, 3)]
    for act, box in zip(("type", "missing", "start"), boxes, strict=True):
        page.locator(f"[data-act={act}]").focus()
        burst(page, scene.code(box))
        expect(page.locator("#recent")).to_contain_text(box.item.id[-5:])

    assert page.url == address
    for closed in ("#typing", "#list", "#heard"):
        expect(page.locator(closed)).to_be_hidden()


def test_burst_neither_chooses_an_action_nor_ends_a_hold(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))
    expect(page.locator("#hold")).to_be_visible()
    for focus in ("#confirm", "#action-2", "body"):
        page.locator(focus).evaluate("one => one.focus()")
        burst(page, "1234123412341234")
        # Visible first: the sentence of the burst before lies there hidden.
        expect(page.locator("#trouble")).to_be_visible()
        expect(page.locator("#trouble")).to_contain_text("Selesaikan tahanan dulu")
        page.keyboard.press("Escape")
        expect(page.locator("#trouble")).to_be_hidden()

    assert page.locator("#hold input:checked").count() == 0
    expect(page.locator("#hold")).to_be_visible()


def test_hold_survives_escape_and_reload_and_ends_by_choice_and_ctrl_enter(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, address = at
    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))
    expect(page.locator("#hold[role=alert] .giant")).to_contain_text("TAHAN")

    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    _open(page, address)
    expect(page.locator("#hold")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-sound", "MISROUTED 1")
    assert page.locator("#hold input:checked").count() == 0

    page.keyboard.press("2")
    expect(page.locator("#action-2")).to_be_checked()
    expect(page.locator("#confirm")).to_contain_text("Akui dan lanjutkan")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ready")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-sound", "acknowledged 2")


def test_reason_that_is_being_written_outlives_news(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))
    expect(page.locator("#hold")).to_be_visible()
    page.keyboard.press("4")
    page.locator("#note").fill("Label basah")

    scene.station.note("disk_enough")
    rev = scene.client.get("/healthz").get_json()["entries"]
    expect(page.locator(f'#panel[data-rev="{rev}"]')).to_have_count(1)

    expect(page.locator("#note")).to_have_value("Label basah")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#hold")).to_have_count(0)


def test_mistyped_code_is_told_and_the_right_one_recorded(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    box = scene.box(HERE, Ballot.PPWP)
    page.keyboard.press("F2")
    page.locator("#code").fill(box.hri[:-1] + "0")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_contain_text("tidak cocok")
    expect(page.locator("html")).to_have_attribute("data-sound", "FAILED 1")

    page.locator("#code").fill(box.hri)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#last.accepted")).to_be_visible()
    expect(page.locator("#typing")).to_be_hidden()


def test_scan_that_cannot_be_recorded_never_sounds_like_success(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    scene.station.scan_stops._least_free = 2**62

    burst(page, scene.code(scene.box(HERE, Ballot.PPWP)))

    expect(page.locator("#trouble")).to_contain_text("Tidak dicatat.")
    expect(page.locator("#alarms")).to_contain_text("Pemindaian dihentikan.")
    expect(page.locator("html")).to_have_attribute("data-sound", "FAILED 1")
    expect(page.locator("#count")).to_contain_text("0 dari")


def test_scan_that_failed_replaces_the_green_of_the_box_before_at_once(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    first, second = (scene.box(HERE, Ballot.PPWP, number) for number in (1, 2))
    burst(page, scene.code(first))
    expect(page.locator("#last.accepted")).to_be_visible()

    page.keyboard.press("F2")
    page.locator("#code").fill(second.hri[:-1] + "0")
    page.keyboard.press("Control+Enter")

    failed = page.locator("#failed")
    expect(failed.locator(".giant")).to_contain_text("ULANGI")
    expect(failed).to_contain_text("BELUM DICATAT.")
    expect(page.locator("#last")).to_be_hidden()
    assert page.evaluate(CUT) == []
    assert page.evaluate(CONTRAST) == []
    picture(page, "gate-failed")
    scene.station.note("disk_enough")
    rev = scene.client.get("/healthz").get_json()["entries"]
    expect(page.locator(f'#panel[data-rev="{rev}"]')).to_have_count(1)
    expect(failed).to_be_visible()

    page.locator("#code").fill(second.hri)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#last.accepted")).to_contain_text(second.hri)
    expect(failed).to_be_hidden()

    page.route("**/pindai", lambda route: route.abort())
    burst(page, scene.code(first))
    expect(failed).to_be_visible()
    expect(page.locator("#trouble")).to_contain_text("Belum dicatat.")
    page.keyboard.press("Escape")
    expect(failed).to_be_hidden()
    expect(page.locator("#last")).to_be_hidden()


def test_what_is_read_and_not_recorded_stands_beside_no_older_green(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    scene.scan(scene.box(HERE, Ballot.PPWP))
    expect(page.locator("#last.accepted")).to_be_visible()

    page.keyboard.press("F2")
    page.locator("#code").fill(trial_item("1771").as_hri())
    page.keyboard.press("Enter")

    expect(page.locator("#trouble")).to_contain_text("Label uji terbaca.")
    assert page.locator("#last.accepted").is_hidden()
    assert page.locator("#failed").is_hidden()


def test_beginning_asks_large_and_at_once_whether_the_sound_was_heard(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    asked, waits = page.locator("#heard"), page.locator("#asking")
    expect(waits).to_be_hidden()
    page.locator("#start").click()

    expect(asked).to_be_visible()
    expect(asked).to_contain_text("langkah 2 dari 2")
    expect(asked.locator("h1")).to_have_text("Terdengar jelas?")
    expect(waits).to_be_visible()
    expect(waits).to_contain_text("Menunggu jawaban")
    expect(page.locator("#on-shift")).to_be_hidden()
    expect(page.locator("#ready")).to_be_hidden()
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALL) == []
    assert page.evaluate(CONTRAST) == []
    picture(page, "gate-asked")

    # It is asked while boxes pass, too, but never instead of one that is to stop.
    scene.scan(scene.box(HERE, Ballot.PPWP))
    expect(page.locator("#count")).to_contain_text("1 dari")
    expect(asked).to_be_visible()
    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))
    expect(page.locator("#hold")).to_be_visible()
    expect(asked).to_be_hidden()
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(asked).to_be_visible()

    page.locator("#heard button[value=yes]").click()
    expect(asked).to_be_hidden()
    expect(waits).to_be_hidden()
    expect(page.locator("#on-shift")).to_be_visible()
    expect(page.locator("#ready")).to_be_visible()


def test_beginning_can_be_given_up(page: Page) -> None:
    page.locator("#start").click()
    expect(page.locator("#heard")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator("#heard")).to_be_hidden()
    expect(page.locator("#asking")).to_be_hidden()
    expect(page.locator("#start")).to_be_visible()


def test_gate_without_a_camera_asks_for_no_test_of_it(page: Page) -> None:
    expect(page.locator("[data-act=setup]")).to_have_count(0)
    page.locator("#start").click()
    page.locator("#heard button[value=yes]").click()

    expect(page.locator("#heard")).to_be_hidden()
    expect(page.locator("#start")).to_be_hidden()
    expect(page.locator("#setup")).to_be_hidden()
    expect(page.locator("#count")).to_be_visible()


def test_dead_station_never_looks_alive(page: Page) -> None:
    expect(page.locator("#lost")).to_be_hidden()

    page.route("**/gerbang/**", lambda route: route.abort())

    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#lost")).to_contain_text("Sambungan ke stasiun terputus")
    page.unroute_all()
    expect(page.locator("#lost")).to_be_hidden()


def test_other_reason_is_written_where_it_was_chosen_by_key(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))
    expect(page.locator("#hold")).to_be_visible()

    page.keyboard.press("4")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type("salah muat 4", delay=150)
    page.keyboard.press("Control+Enter")

    expect(page.locator("#hold")).to_have_count(0)
    with_note = scene.read()
    last = log.entry(with_note, log.head(with_note).size - 1).draft.data
    with_note.close()
    assert (last["reason"], last["note"]) == ("other", "salah muat 4")


def test_plain_enter_records_a_code_that_a_person_typed(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    box = scene.box(HERE, Ballot.PPWP)
    page.keyboard.press("F2")
    page.keyboard.type(box.hri.lower(), delay=80)

    page.keyboard.press("Enter")

    expect(page.locator("#last.accepted")).to_contain_text(box.hri)
    expect(page.locator("#typing")).to_be_hidden()


def test_piece_of_a_slow_burst_in_the_code_field_records_nothing(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    before = scene.entries()
    page.keyboard.press("F2")
    page.locator("#code").fill("1771-B-")

    burst(page, "0001")
    page.wait_for_timeout(500)

    expect(page.locator("#trouble")).to_be_hidden()
    assert scene.entries() == before


def test_digit_first_in_an_empty_reason_chooses_and_is_no_reason(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))
    expect(page.locator("#hold")).to_be_visible()
    page.keyboard.press("4")
    expect(page.locator("#note")).to_be_focused()

    page.keyboard.press("1")

    expect(page.locator("#action-1")).to_be_checked()
    expect(page.locator("#note")).to_have_value("")

    page.keyboard.press("4")
    page.locator("#note").fill("7")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#trouble")).to_contain_text("Angka saja bukan alasan")
    expect(page.locator("#hold")).to_be_visible()

    # A burst is neither the reason nor a choice, also where a reason is awaited.
    page.locator("#note").fill("")
    page.keyboard.press("Escape")
    burst(page, "1234123412341234")
    expect(page.locator("#trouble")).to_contain_text("Selesaikan tahanan dulu")
    expect(page.locator("#note")).to_have_value("")
    expect(page.locator("#action-4")).to_be_checked()


def test_one_box_at_a_time_is_taken_off_by_a_button_that_stays_where_it_is(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    boxes = [scene.box(HERE, Ballot.PPWP, number) for number in (1, 2, 3)]
    for box in boxes:
        scene.scan(box)
    page.locator("[data-act=loaded]").click()
    rows, off = page.locator("#take-off li"), page.locator("#off")
    expect(rows).to_have_count(3)
    before = scene.entries()

    off.click()
    expect(page.locator("#trouble")).to_contain_text("Pilih satu kotak")
    page.locator("#take-off input[value=wrong_truck]").check()
    # The newest is first: two quick clicks on a row choose, and take nothing off.
    rows.first.locator("label").dblclick()
    assert scene.entries() == before
    expect(off).to_contain_text(f"Turunkan {boxes[2].item.id[-5:]}")
    picture(page, "gate-take-off")
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALL) == []
    assert page.evaluate(CONTRAST) == []

    off.dblclick()

    expect(rows).to_have_count(2)
    expect(page.locator("#take-off input:checked")).to_have_count(0)
    assert scene.entries() == before + 1
    assert scene.station.on_ledger(lambda log: log.size) == before + 1


def test_choice_of_what_to_take_off_outlives_news(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    boxes = [scene.box(HERE, Ballot.PPWP, number) for number in (1, 2)]
    scene.scan(boxes[0])
    page.locator("[data-act=loaded]").click()
    page.locator("#take-off input[value=damaged]").check()
    page.locator("#take-off li label").click()

    scene.scan(boxes[1])

    expect(page.locator("#take-off li")).to_have_count(2)
    chosen = page.locator("#take-off li input:checked")
    expect(chosen).to_have_value(boxes[0].item.id)
    expect(page.locator("#off")).to_contain_text(boxes[0].item.id[-5:])


def test_screen_that_cannot_be_renewed_never_looks_alive(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    page.route("**/panel", lambda route: route.abort())
    # The page asks once at a time: after one that failed, none from before the route
    # is under way that could still bring the hold.
    with page.expect_event("requestfailed", lambda one: one.url.endswith("/panel")):
        scene.station.note("disk_enough")

    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))

    # Events and pictures still come; the hold does not.
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#hold")).to_have_count(0)
    page.unroute_all()
    expect(page.locator("#hold")).to_be_visible()
    expect(page.locator("#lost")).to_be_hidden()


def test_shift_unlocks_the_sound_and_records_that_it_was_heard(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, address = at
    # Begun twice within seconds is one shift, so this one begins with none.
    scene.line.end_shift(scene.person("petugas"))
    # The driver's questions count as gestures: none may be asked before the page has
    # made its sound, so this tab is left alone until it has loaded.
    page = page.context.new_page()
    page.goto(address, wait_until="load")
    expect(page.locator("#sound-off")).to_be_visible()
    before = scene.client.get("/healthz").get_json()["entries"]

    page.locator("#start").click()
    expect(page.locator("#heard")).to_be_visible()
    expect(page.locator("#sound-on")).to_be_visible()
    page.locator("#heard button[value=yes]").click()
    expect(page.locator("#heard")).to_be_hidden()

    assert scene.client.get("/healthz").get_json()["entries"] == before + 1


def test_each_gate_keeps_what_was_said_of_its_own_sound(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, address = at
    enter(page, scene, "penyelia")
    for gate in (address, address.replace("gerbang-1", "gerbang-ppk")):
        page.goto(gate, wait_until="load")
        page.locator("#start").click()
        page.locator("#heard button[value=yes]").click()
        expect(page.locator("#heard")).to_be_hidden()

    page.goto(address, wait_until="load")
    expect(page.locator("#sound-off")).to_be_visible()
    page.keyboard.press("F4")

    expect(page.locator("#sound-on")).to_be_visible()


def test_hold_shows_its_buttons_while_somebody_types_a_code(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    page.keyboard.press("F2")
    page.locator("#code").fill("1771")

    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))

    expect(page.locator("#hold")).to_be_visible()
    expect(page.locator("#confirm")).to_be_visible()
    expect(page.locator("#code")).to_be_focused()
    expect(page.locator("#code")).to_have_value("1771")
    assert page.evaluate(CUT) == []


def test_mute_is_in_the_bar_and_a_new_hold_ends_it(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    page.locator("#start").click()
    page.locator("#heard button[value=no]").click()
    page.keyboard.press("F8")
    expect(page.locator("#sound-muted")).to_be_visible()

    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))

    expect(page.locator("#hold")).to_be_visible()
    expect(page.locator("#sound-muted")).to_be_hidden()


@pytest.mark.parametrize(
    ("width", "height", "root"),
    [(1366, 768, ""), (1366, 625, ""), (1920, 1080, ""), (1366, 768, "20px")],
)
def test_nothing_is_cut_too_small_or_too_pale(
    page: Page, at: tuple[Scene, str], width: int, height: int, root: str
) -> None:
    scene, _ = at
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("size => document.documentElement.style.fontSize = size", root)
    for act in (
        lambda: None,
        lambda: scene.scan(scene.box(HERE, Ballot.PPWP)),
        lambda: scene.scan(scene.box(HERE, Ballot.PPWP)),
        lambda: scene.scan(scene.box(ELSEWHERE, Ballot.PPWP)),
    ):
        act()
        rev = scene.client.get("/healthz").get_json()["entries"]
        expect(page.locator(f'#panel[data-rev="{rev}"]')).to_have_count(1)
        assert page.evaluate(CUT) == []
        assert page.evaluate(SMALL) == []
        assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize(
    ("width", "height", "root"),
    [(1366, 768, ""), (1366, 625, ""), (1920, 1080, ""), (1366, 768, "20px")],
)
def test_hold_over_a_departed_box_shows_all_it_has_to_say(
    page: Page, at: tuple[Scene, str], width: int, height: int, root: str
) -> None:
    scene, _ = at
    box = scene.box(HERE, Ballot.PPWP)
    scene.scan(box)
    scene.close(reason="Truk kecil")
    scene.open()
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("size => document.documentElement.style.fontSize = size", root)

    scene.scan(box)

    expect(page.locator("#hold .fact")).to_contain_text("Sudah berangkat")
    assert page.evaluate(CUT) == []
    # With a sentence above it, too.
    page.keyboard.press("F2")
    expect(page.locator("#trouble")).to_be_visible()
    assert page.evaluate(CUT) == []
    page.keyboard.press("4")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#trouble")).to_be_hidden()
    assert page.evaluate(CUT) == []
    inner = "one => [one.scrollHeight - one.clientHeight, one.scrollTop]"
    assert page.locator("#hold .inner").evaluate(inner) == [0, 0]
    picture(page, f"hold-departed-{width}-{height}{root}")


def test_board_tells_that_its_data_is_old(page: Page, at: tuple[Scene, str]) -> None:
    scene, address = at
    board = address.replace("/gerbang/gerbang-1", "/papan")
    page.goto(board)
    expect(page.locator("#age-fresh")).to_be_visible()
    scene.scan(scene.box(HERE, Ballot.PPWP))
    row = page.locator("tr", has_text="Teluk Segara")
    expect(row.locator("td.n").first).to_have_text("1")

    page.route("**/papan/tabel", lambda route: route.abort())

    expect(page.locator("#age-old")).to_be_visible()
    expect(page.locator("#age.warn")).to_contain_text("Mencoba lagi.")


def test_every_other_page_is_strong_in_contrast_and_easy_to_hit(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, address = at
    box = scene.box(ELSEWHERE, Ballot.PPWP)
    scene.scan(box)
    root = address.removesuffix("/gerbang/gerbang-1")
    for path in (
        "/gerbang",
        "/papan",
        "/surat-jalan",
        "/riwayat?q=TPS",
        f"/riwayat/{box.item.id}",
        "/surat-jalan/C-0001/riwayat",
        "/gerbang/gerbang-1/tutup",
        "/tidak-ada",
    ):
        page.goto(root + path)
        assert page.evaluate(CONTRAST) == [], path
        assert page.evaluate(SMALL) == [], path
        width = "() => document.documentElement.scrollWidth <= innerWidth"
        assert page.evaluate(width), path
        assert page.evaluate(COVERED) == [], path


def test_only_a_reason_that_was_seen_chosen_is_recorded(
    page: Page, at: tuple[Scene, str]
) -> None:
    """Wherever Tab has gone, Enter and the blank record nothing."""
    scene, _ = at
    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))
    expect(page.locator("#hold")).to_be_visible()
    before = scene.client.get("/healthz").get_json()["entries"]
    for _ in range(16):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.matches('a, summary, #list *')"):
            continue
        page.keyboard.press("Enter")
        page.keyboard.press(" ")
        page.wait_for_timeout(200)
        chosen = page.locator("#hold input:checked").count()
        assert page.locator("#after").is_visible() == bool(chosen)
        page.evaluate(UNCHOOSE)
    assert scene.client.get("/healthz").get_json()["entries"] == before

    page.keyboard.press("2")
    expect(page.locator("#action-2")).to_be_checked()
    page.keyboard.press("Tab")
    # At once, as two hands do it: the last key pressed is the one that counts.
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#hold")).to_have_count(0)
    assert _last(scene)["reason"] == "set_aside"


def _last(scene: Scene) -> Mapping[str, Json]:
    with contextlib.closing(scene.read()) as db:
        return log.entry(db, log.head(db).size - 1).draft.data


def test_closing_takes_the_green_panel_away(page: Page, at: tuple[Scene, str]) -> None:
    scene, _ = at
    page.clock.install()
    scene.scan(scene.box(HERE, Ballot.PPWP))
    expect(page.locator("#last.accepted")).to_be_visible()

    scene.close(reason="Truk kecil")

    # The page's own time stands still: it is the closing that takes it away.
    expect(page.locator("#ready[data-idle=closed] .giant")).to_contain_text("BELUM")
    expect(page.locator("#last")).to_have_count(0)


def test_full_load_is_told_complete_and_its_next_act(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    with contextlib.closing(scene.read()) as db:
        load = open_load(db, "gerbang-1")
        assert load is not None
        listed = [line.item for line in missing_items(db, load)]

    for item in listed:
        scene.scan(item)

    full = page.locator("#ready[data-idle=complete]")
    expect(full.locator(".giant")).to_contain_text("LENGKAP")
    expect(full).to_contain_text("Tekan F9 untuk menutup surat jalan.")
    assert page.evaluate(CUT) == []


def test_keys_that_cannot_act_now_say_why(page: Page, at: tuple[Scene, str]) -> None:
    scene, _ = at
    told = page.locator("#trouble")
    page.keyboard.press("F2")
    page.keyboard.press("Control+Enter")
    expect(told).to_contain_text("Ketik kode di bawah QR dulu.")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))
    expect(page.locator("#hold")).to_be_visible()

    for key, why in (
        ("Control+Enter", "Pilih tindakan 1 sampai 4 dulu."),
        ("F2", "Selesaikan tahanan dulu."),
        ("F9", "Selesaikan tahanan dulu."),
    ):
        page.keyboard.press(key)
        expect(told).to_be_visible()
        expect(told).to_contain_text(why)
        assert page.evaluate(CUT) == []
        page.keyboard.press("Escape")
        expect(told).to_be_hidden()

    page.keyboard.press("4")
    page.keyboard.press("Control+Enter")
    expect(told).to_contain_text("Tulis alasannya dulu.")
    expect(page.locator("#hold")).to_be_visible()


def test_nothing_open_to_close_is_told(page: Page, at: tuple[Scene, str]) -> None:
    scene, _ = at
    scene.scan(scene.box(HERE, Ballot.PPWP))
    scene.close(reason="Truk kecil")
    expect(page.locator("#closing")).to_have_count(0)

    page.keyboard.press("F9")

    expect(page.locator("#trouble")).to_contain_text("Belum ada surat jalan terbuka")


def test_mute_without_sound_says_why(page: Page, at: tuple[Scene, str]) -> None:
    page = page.context.new_page()
    page.goto(at[1], wait_until="load")
    expect(page.locator("#sound-off")).to_be_visible()

    page.evaluate(
        "() => document.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'F8', cancelable: true}))"
    )

    expect(page.locator("#trouble")).to_contain_text("Suara belum hidup")


def test_sound_that_was_not_heard_stays_told_until_it_is(page: Page) -> None:
    page.locator("#start").click()
    expect(page.locator("#heard")).to_be_visible()
    expect(page.locator("#foot")).to_be_visible()
    assert page.evaluate(CUT) == []

    page.locator("#heard button[value=no]").click()

    expect(page.locator("#trouble")).to_contain_text("suara tidak terdengar")
    expect(page.locator("#sound-unheard")).to_be_visible()
    assert page.evaluate(CUT) == []
    page.locator("#start", has_text="Uji suara").click()
    page.locator("#heard button[value=yes]").click()
    expect(page.locator("#sound-unheard")).to_be_hidden()
    expect(page.locator("#start")).to_be_hidden()
    expect(page.locator("#trouble")).to_be_hidden()


def test_photo_is_told_to_be_read_and_what_came_of_it(
    page: Page, at: tuple[Scene, str], tmp_path: Path
) -> None:
    scene, _ = at
    file = tmp_path / "label.jpg"
    file.write_bytes(jpeg(shelf([scene.code(scene.box(HERE, Ballot.PPWP))])))
    with page.expect_file_chooser() as chooser:
        page.locator("[data-act=photo]").click()
    expect(page.locator("#trouble")).to_contain_text("Pilih foto label.")

    chooser.value.set_files(file)

    expect(page.locator("#last.accepted")).to_be_visible()
    expect(page.locator("#trouble")).to_be_hidden()
    scene.close(reason="Truk kecil")
    expect(page.locator("#closing")).to_have_count(0)
    page.locator("#photo").set_input_files(file)
    expect(page.locator("#trouble")).to_contain_text("Tidak dicatat")


def test_counts_that_make_no_entry_are_shown_soon(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    gate, hub = scene.line._gate, scene.station.hub
    outline = ((1, 2), (3, 2), (3, 4), (1, 4))
    data = jpeg(shelf([]))

    def show(*marks: OutlinedLabel) -> None:
        picture = Picture(0, "kamera-1", data, 1280, 720, marks, gate.clock().wall_ms)
        hub.show("gerbang-1", picture)

    # No other news: only what the page asks for by itself.
    page.clock.install()
    show(OutlinedLabel(outline, Verdict.UNREAD))
    expect(page.locator("#unread")).to_be_visible()
    scene.station.on_ledger(lambda _: gate.unread(3))
    show()

    expect(page.locator("#count .tally")).to_contain_text("Tidak terbaca: 3")


def test_settled_hold_is_no_danger_in_the_list_any_more(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    scene.scan(scene.box(ELSEWHERE, Ballot.PPWP))
    expect(page.locator("#recent .is-hold")).to_have_count(1)

    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#recent .is-hold")).to_have_count(0)
    expect(page.locator("#recent .what")).to_contain_text("diakui")
