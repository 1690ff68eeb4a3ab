"""Accounts in a real browser: by keyboard alone, for every role, with no barrier."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from station.custody.accounts import credentials, sessions
from station.demo import city
from station.model import Ballot
from tests.browsing import barriers, enter, needs_chromium, picture, window
from tests.running import running, until
from tests.web_scene import ELSEWHERE, HERE, PIN, Scene, without_cameras

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PASSWORD = "tujuh kotak biru"  # noqa: S105 - of this test's own station

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A station on a port: everybody has the same password and PIN, one box loaded."""
    folder = tmp_path_factory.mktemp("people") / "station"
    with running(without_cameras(folder)) as site:
        made = Scene.of(site)
        kept, pin = credentials.make_hash(PASSWORD), credentials.make_hash(PIN)

        def put(log: object) -> None:
            for login in city.LOGINS:
                person = made.person(login)
                credentials.put(log.db, person, "password", kept)  # type: ignore[attr-defined]
                credentials.put(log.db, person, "pin", pin)  # type: ignore[attr-defined]

        made.station.on_ledger(put)
        made.open()
        made.scan(made.box(HERE, Ballot.PPWP))
        yield made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with window(browser) as context:
        page = context.new_page()
        yield page


def pages_of(at: Scene, login: str) -> list[str]:
    """Every whole page that opens to this account, by the URL map."""
    client = at.visit(login)
    box = at.box(HERE, Ballot.PPWP).item.id
    with at.read() as db:
        (seq,) = db.execute("SELECT last_seq FROM item WHERE id = ?", (box,)).fetchone()
    parts = {"<name>": "gerbang-1", "<item_id>": box, "<int:seq>": str(seq)}
    parts["<consignment>"] = "C-0001"
    paths = ["/riwayat?q=TPS+1", "/tidak-ada"]
    for rule in at.app.url_map.iter_rules():
        path = rule.rule
        for part, value in parts.items():
            path = path.replace(part, value)
        if "GET" in (rule.methods or ()) and "<" not in path and "kabar" not in path:
            answer = client.get(path)
            if answer.status_code == 200 and b"<footer" in answer.data:
                paths.append(path)
    return paths


def test_no_page_has_a_barrier(at: Scene, page: Page) -> None:
    """Each once, as the account that may open most pages; and its menu, once."""
    seen: set[str] = set()
    found: list[str] = []
    paths = {login: pages_of(at, login) for login in city.LOGINS}
    for login in sorted(paths, key=lambda login: -len(paths[login])):
        page.context.clear_cookies()
        enter(page, at, login)
        for path in paths[login]:
            if path not in seen:
                page.goto(at.address(path), wait_until="commit")
                page.locator("footer").wait_for()
                found += barriers(page, path)
                seen.add(path)
        page.locator("#me summary").click()
        found += barriers(page, f"the menu of {login}")

    assert len(seen) >= 7
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("login", city.LOGINS)
def test_no_page_has_a_barrier_for_any_role(login: str, at: Scene, page: Page) -> None:
    enter(page, at, login)
    found: list[str] = []
    paths = pages_of(at, login)
    for path in paths:
        page.goto(at.address(path), wait_until="commit")
        page.locator("footer").wait_for()
        found += barriers(page, path)
        page.locator("#me summary").click()
        found += barriers(page, f"{path} with the menu")

    assert len(paths) >= 7
    assert found == []


def test_sign_in_page_has_no_barrier_and_needs_no_mouse(at: Scene, page: Page) -> None:
    page.goto(at.address("/papan"))
    expect(page.locator("input[name=login]")).to_be_focused()
    assert barriers(page, "/masuk") == []
    page.keyboard.type("penyelia")
    page.keyboard.press("Tab")
    page.keyboard.type("salah lagi")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]").last).to_contain_text("Nama atau sandi salah.")
    assert barriers(page, "/masuk, refused") == []
    picture(page, "sign-in-refused")
    page.keyboard.type("penyelia")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url("**/papan")
    picture(page, "board-signed-in")


def test_language_is_switched_on_the_door_and_in_the_menu(
    at: Scene, page: Page
) -> None:
    page.goto(at.address("/masuk"))
    picture(page, "sign-in")
    page.locator("#me summary").press("Enter")
    page.get_by_role("button", name="English").press("Enter")
    expect(page.locator("h1")).to_have_text("Sign in")
    picture(page, "sign-in-english")
    enter(page, at, "petugas")
    page.goto(at.address("/akun"))
    expect(page.locator("body")).to_contain_text("Change password")
    page.locator("#me summary").press("Enter")
    picture(page, "menu-english")
    page.get_by_role("button", name="Bahasa Indonesia").press("Enter")
    expect(page.locator("body")).to_contain_text("Ganti sandi")


def test_two_people_close_a_consignment_by_keyboard(at: Scene, page: Page) -> None:
    enter(page, at, "petugas")
    page.goto(at.address("/gerbang/gerbang-1/tutup"))
    picture(page, "closing")
    page.locator("input[name=all]").first.focus()
    page.keyboard.press(" ")
    page.keyboard.press("Tab")
    expect(page.locator("input[name=reason]")).to_be_focused()
    page.keyboard.type("Truk kecil")
    page.keyboard.press("Enter")

    expect(page.locator("select[name=person]")).to_be_focused()
    assert barriers(page, "second person") == []
    picture(page, "second-person")
    page.keyboard.type("Penyelia")
    page.keyboard.press("Tab")
    page.keyboard.type("111222")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]", has_text="PIN salah")).to_be_visible()
    picture(page, "second-person-wrong-pin")
    # Whoever was chosen stays so; the PIN alone is typed again.
    expect(page.locator("input[name=pin]")).to_be_focused()
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")

    page.wait_for_url("**/surat-jalan/C-0001/perjalanan")
    expect(page.locator("body")).to_contain_text("Dalam perjalanan")


def test_administrator_adds_somebody_and_sees_the_code_once(
    at: Scene, page: Page
) -> None:
    enter(page, at, "pengelola")
    page.goto(at.address("/orang"))
    picture(page, "people")
    page.locator("input[name=name]").fill("Siti Rahma")
    page.locator("input[name=badge]").fill("0012")
    page.locator("input[name=login]").fill("siti.rahma")
    page.locator("form[action='/orang'] select").select_option("packer")
    page.locator("form[action='/orang'] select").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_have_text(re.compile(r"^\w{5}-\w{5}$"))
    assert barriers(page, "/orang with a code") == []
    picture(page, "people-code")
    page.locator("tr", has_text="Siti Rahma").locator("summary").press("Enter")
    assert barriers(page, "/orang, changing") == []
    picture(page, "people-change")


def test_session_that_ends_leaves_the_gate_as_it_is(at: Scene, page: Page) -> None:
    enter(page, at, "penyelia")
    at.open()
    at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    page.goto(at.address("/gerbang/gerbang-1"), wait_until="commit")
    expect(page.locator("#hold")).to_be_visible()
    picture(page, "hold")

    person = at.person("penyelia")
    at.station.on_ledger(lambda log: sessions.end_all(log.db, person))

    expect(page.locator("#expired")).to_be_visible()
    expect(page.locator("#hold")).to_be_visible()
    picture(page, "expired")
    page.locator("#expired a").press("Enter")
    expect(page.locator("main")).to_contain_text("Sesi berakhir.")
    page.locator("input[name=login]").fill("penyelia")
    page.locator("input[name=secret]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/gerbang/gerbang-1")
    expect(page.locator("#hold")).to_be_visible()


def test_handover_at_a_held_gate(at: Scene, page: Page) -> None:
    enter(page, at, "petugas")
    page.goto(at.address("/gerbang/gerbang-1"), wait_until="commit")
    at.line.start_shift(at.person("petugas"), sound_heard=True)
    if not page.locator("#hold").count():
        at.open()
        at.scan(at.box(ELSEWHERE, Ballot.PPWP))
    page.goto(at.address("/gerbang/gerbang-1/serah-terima"))
    picture(page, "handover")
    page.locator("input[name=login]").fill("penyelia")
    page.locator("input[name=secret]").fill(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url("**/gerbang/gerbang-1")
    expect(page.locator("#on-shift")).to_contain_text("Penyelia")
    expect(page.locator("#hold")).to_be_visible()
    until(lambda: "Penyelia" in page.locator("#me summary").inner_text())
