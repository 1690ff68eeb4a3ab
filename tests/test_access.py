"""Every page as every role and as nobody; and what people try at a door."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import re
import urllib.parse
from typing import TYPE_CHECKING

import pytest

from station.custody.accounts import credentials
from station.errors import StationError
from station.model import Ballot
from station.roles import Role
from station.serve import Station
from station.settings.station_toml import WebSettings
from tests.running import running
from tests.web_scene import (
    ELSEWHERE,
    HERE,
    PIN,
    Scene,
    enter,
    scene,
    token,
    without_cameras,
)
from web import access, live
from web.access import ACCESS, To
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

    from tests.running import Site

LOGINS = {
    Role.OPERATOR: "petugas",
    Role.PACKER: "pengemas",
    Role.RECEIVER: "ppk",
    Role.SUPERVISOR: "penyelia",
    Role.OBSERVER: "pengawas",
    Role.ADMINISTRATOR: "pengelola",
}
PASSWORD = "tujuh kotak biru"  # noqa: S105 - of this test's own station
HASH = credentials.make_hash(PASSWORD)
REFUSED = {401, 403}


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One station for all of them: the tests here leave nothing behind."""
    with scene(tmp_path_factory.mktemp("access") / "station") as made:
        made.open()
        made.scan(made.box(HERE, Ballot.PPWP))
        yield made


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Scene]:
    """A station of one's own, its operator with a password."""
    with scene(tmp_path / "station") as made:
        person = made.person("petugas")

        def put(log: object) -> None:
            credentials.put(log.db, person, "password", HASH)  # type: ignore[attr-defined]

        made.station.on_ledger(put)
        yield made


def filled(rule: Rule, box: str) -> str:
    """The rule's path, for a gate, item, entry and person that are there."""
    parts = {
        "<name>": "gerbang-1",
        "<item_id>": box,
        "<int:seq>": "0",
        "<person>": "p99",
        "<token>": "x",
        "<consignment>": "C-9999",
        "<ticket>": "no-such-job",
        "<span>": "1-1",
        "<draft>": "no-such-plan",
        "<path:filename>": "icon.svg",
        "<file>": "gerbang-muat.png",
    }
    path = rule.rule.replace("/bukti/<name>", f"/bukti/{'0' * 64}")
    path = path.replace("/bantuan/<name>", "/bantuan/index")
    for part, value in parts.items():
        path = path.replace(part, value)
    assert "<" not in path, f"say in this test what {path} is"
    return path


def ask(client: FlaskClient, method: str, path: str) -> int:
    """The status; the body of an endless answer is not waited for."""
    headers = {"Accept": "application/json"}
    if method == "POST":
        headers["X-CSRFToken"] = token(client)
    answer = client.open(path, method=method, headers=headers, buffered=False)
    answer.close()
    return answer.status_code


@pytest.mark.parametrize("role", [None, *Role])
def test_every_route_and_method_opens_to_whom_the_table_says(
    role: Role | None, at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PICTURE_WAIT_S", 0.01)
    box = at.box(HERE, Ballot.PPWP).item.id
    tried = 0
    for rule in at.app.url_map.iter_rules():
        for method in sorted(rule.methods or ()):
            client = at.app.test_client() if role is None else at.visit(LOGINS[role])
            status = ask(client, method, filled(rule, box))
            admitted = access.admits(ACCESS[rule.endpoint], role, at_machine=True)
            told = f"{method} {rule.rule} as {role}: {status}"
            if rule.endpoint == "auth.sign_in" and method == "POST":
                assert status == 401, "nobody has that password"
            elif admitted and _works_here(rule.endpoint, role, method):
                assert status not in REFUSED, told
            else:
                assert status == (401 if role is None else 403), told
            tried += 1
    assert tried > 100


def _works_here(endpoint: str, role: Role | None, method: str) -> bool:
    """Acts at gerbang-1, a loading gate, are for who works at such gates."""
    at_gate = endpoint in {
        "closing.page",
        *(
            "passed_undecided.page",
            "passed_undecided.settle",
            "condition.page",
            "condition.record",
        ),
        *(name for name in ACCESS if name.startswith("shift.")),
        *(
            "gate_acts.scan",
            "gate_acts.photo",
            "gate_acts.acknowledge",
            "gate_acts.take_off",
        ),
    }
    return method == "OPTIONS" or not at_gate or role is not Role.RECEIVER


def test_the_table_says_what_was_agreed() -> None:
    def may(role: Role) -> set[str]:
        return {
            name
            for name, rule in ACCESS.items()
            if access.admits(rule, role, at_machine=False)
        }

    nobody = {
        name
        for name, rule in ACCESS.items()
        if access.admits(rule, None, at_machine=False)
    }
    assert nobody == {
        *("static", "auth.page", "auth.sign_in", "auth.once", "auth.language"),
        *("help.index", "help.page", "help.picture"),
    }
    for name in ("items.evidence", "live.frame", "gate.page", "gate.panel"):
        assert name not in may(Role.OBSERVER)
    for role in set(Role) - {Role.ADMINISTRATOR}:
        assert not any(name.startswith("people.") for name in may(role))
    work = {
        "gate_acts.scan",
        "gate_acts.acknowledge",
        "second_person.sign",
        "closing.close",
    }
    for role in (Role.ADMINISTRATOR, Role.OBSERVER, Role.PACKER):
        assert not work & may(role)
    assert work <= may(Role.OPERATOR) & may(Role.RECEIVER) & may(Role.SUPERVISOR)
    printing = {name for name in ACCESS if name.startswith("printing.")}
    plan = {name for name in ACCESS if name.startswith("plan.")}
    for role in (Role.OPERATOR, Role.PACKER, Role.SUPERVISOR, Role.ADMINISTRATOR):
        assert printing <= may(role)
    for role in (Role.OBSERVER, Role.RECEIVER):
        assert not (printing | plan) & may(role)
    for role in (Role.OPERATOR, Role.PACKER):
        assert not plan & may(role)
    assert plan <= may(Role.SUPERVISOR) & may(Role.ADMINISTRATOR)
    assert ACCESS["health.healthz"].to is To.MACHINE


def test_the_app_does_not_start_when_an_endpoint_has_no_rule(at: Scene) -> None:
    without = {name: rule for name, rule in ACCESS.items() if name != "gate_acts.scan"}

    with pytest.raises(StationError, match=r"got none for gate_acts\.scan"):
        create_app(at.station._services(), rules=without)


def test_the_app_does_not_start_when_a_rule_has_no_endpoint(at: Scene) -> None:
    more = {**ACCESS, "gate.opens_everything": access.Rule(To.EVERYBODY)}

    with pytest.raises(StationError, match=r"got none for gate\.opens_everything"):
        create_app(at.station._services(), rules=more)


def test_from_elsewhere_healthz_asks_who_it_is(at: Scene) -> None:
    elsewhere = {"REMOTE_ADDR": "192.168.1.20"}
    client = at.app.test_client()

    assert client.get("/healthz").status_code == 200
    answer = client.get("/healthz", environ_base=elsewhere)
    assert answer.status_code == 401 or "/masuk" in answer.headers["Location"]


def test_observers_see_numbers_for_people_and_no_pictures(at: Scene) -> None:
    box = at.box(HERE, Ballot.PPWP)
    person = at.person("petugas")

    seen = at.page(f"/riwayat/{box.item.id}")
    client = at.visit("pengawas")
    watched = client.get(f"/riwayat/{box.item.id}").text

    assert "Petugas Gudang" in seen
    assert "Petugas Gudang" not in watched
    assert f"Orang {person[1:].lstrip('0')}" in watched
    assert "/bukti/" not in watched
    assert "Ralat" not in watched
    for path in ("/papan", "/surat-jalan", "/riwayat"):
        assert "Petugas" not in client.get(path).text, path


# --- the door -----------------------------------------------------------------


def sign_in(client: FlaskClient, login: str, secret: str, **more: str) -> TestResponse:
    form = {"login": login, "secret": secret, "csrf_token": token(client), **more}
    return client.post("/masuk", data=form)


def events(at: Scene) -> list[str]:
    with contextlib.closing(at.read()) as db:
        rows = db.execute(
            "SELECT json_extract(CAST(body AS TEXT), '$.data.event') FROM entry"
            " WHERE type = 'system' ORDER BY seq"
        )
        return [row[0] for row in rows]


def test_nobody_is_sent_to_the_door_and_comes_back_to_where_they_were(
    fresh: Scene,
) -> None:
    client = fresh.app.test_client()

    sent = client.get("/riwayat?q=TPS+1")
    assert sent.status_code == 303
    assert sent.headers["Location"] == "/masuk?next=/riwayat?q%3DTPS%2B1"
    back = sign_in(client, " Petugas", PASSWORD, next="/riwayat?q=TPS+1")

    assert back.headers["Location"] == "/riwayat?q=TPS+1"
    assert client.get("/riwayat?q=TPS+1").status_code == 200
    assert events(fresh)[-1] == "sign_in"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "x"],
)
def test_the_door_leads_to_this_station_only(elsewhere: str, fresh: Scene) -> None:
    answer = sign_in(fresh.app.test_client(), "petugas", PASSWORD, next=elsewhere)

    assert answer.headers["Location"] == "/"


def test_a_session_gets_a_new_id_at_the_door_and_none_after_it(fresh: Scene) -> None:
    client = fresh.app.test_client()
    client.get("/masuk")
    planted = client.get_cookie(fresh.app.config["SESSION_COOKIE_NAME"])
    assert planted is not None

    sign_in(client, "petugas", PASSWORD)
    first = client.get_cookie(fresh.app.config["SESSION_COOKIE_NAME"])
    enter(client, fresh.station.authenticator.open_once(fresh.person("penyelia")))
    second = client.get_cookie(fresh.app.config["SESSION_COOKIE_NAME"])
    assert first is not None
    assert second is not None
    assert len({planted.value, first.value, second.value}) == 3
    thief = fresh.app.test_client()
    thief.set_cookie(fresh.app.config["SESSION_COOKIE_NAME"], planted.value)
    assert thief.get("/papan").status_code == 303

    client.post("/keluar", data={"csrf_token": token(client)})
    thief.set_cookie(fresh.app.config["SESSION_COOKIE_NAME"], second.value)
    assert thief.get("/papan").status_code == 303, "a copied cookie opens nothing"


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites(fresh: Scene) -> None:
    answer = sign_in(fresh.app.test_client(), "petugas", PASSWORD)

    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert PASSWORD not in cookie


def test_guessing_is_slowed_down_and_told_without_what_was_typed(fresh: Scene) -> None:
    client = fresh.app.test_client()
    before = len(events(fresh))

    told = [sign_in(client, "petugas", f"salah-{n}").text for n in range(6)]
    right = sign_in(client, "petugas", PASSWORD)

    assert all("Nama atau sandi salah." in text for text in told[:5])
    assert "Terlalu banyak salah ketik." in told[5]
    assert right.status_code == 401, "the right one waits like any other"
    assert events(fresh)[before:] == ["password_failed"] * 5 + ["locked"]
    for word in (b"salah-", PASSWORD.encode()):
        for file in fresh.station.settings.folder.glob("ledger.db*"):
            assert word not in file.read_bytes()


def test_logins_that_nobody_has_cannot_flood_the_ledger(fresh: Scene) -> None:
    before = fresh.entries()

    told = {
        sign_in(fresh.app.test_client(), f"tamu{n}", "x").status_code for n in range(6)
    }

    assert told == {401}
    assert fresh.entries() == before + 1


def test_one_address_may_not_ask_for_ever(fresh: Scene) -> None:
    client = fresh.app.test_client()
    form = {"csrf_token": token(client)}

    told = [client.post("/masuk", data=form).status_code for _ in range(31)]

    assert told[-1] == 429
    assert "Tunggu satu menit." in client.post("/masuk", data=form).text


def test_a_one_time_link_is_one(fresh: Scene) -> None:
    once = fresh.station.authenticator.open_once(fresh.person("petugas"))
    far = fresh.app.test_client()
    seen = far.get(f"/sekali/{once}", environ_base={"REMOTE_ADDR": "10.0.0.5"})
    assert seen.headers["Location"] == "/masuk"
    first, second = fresh.app.test_client(), fresh.app.test_client()

    assert first.get(f"/sekali/{once}").headers["Location"] == "/"
    assert second.get(f"/sekali/{once}").headers["Location"] == "/masuk"
    assert second.get("/papan").status_code == 303


def test_a_body_that_is_too_large_is_refused_before_anybody_is_asked(
    fresh: Scene,
) -> None:
    client = fresh.app.test_client()

    answer = client.post("/masuk", data={"login": "x" * 200_000})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/vendor/..%2f..%2f..%2fschema.sql",
        "/bukti/..%2f..%2fstation.key.jpg",
        "/bukti/%2e%2e%2fledger.db.jpg",
        "/gerbang/..%2f..%2fstation.toml",
        "/riwayat/..%2f..%2fweb.key",
    ],
)
def test_no_path_leads_out_of_the_house(path: str, at: Scene) -> None:
    assert at.client.get(path).status_code == 404


# --- accounts -----------------------------------------------------------------


def test_administrator_adds_somebody_who_comes_in_by_code_and_chooses_a_password(
    fresh: Scene,
) -> None:
    admin = fresh.visit("pengelola")
    form = {
        "csrf_token": token(admin),
        "name": "Siti <script>alert(1)</script>",
        "badge": "0012",
        "login": "siti.rahma",
        "role": "packer",
    }
    page = admin.post("/orang", data=form).text
    found = re.search(r'id="code">([0-9A-Z-]{11})<', page)
    assert found is not None
    assert "<script>alert" not in page
    assert "Siti &lt;script&gt;" in page
    assert found[1] not in admin.get("/orang").text, "shown once"

    client = fresh.app.test_client()
    came = sign_in(client, "siti.rahma", found[1].lower())
    assert came.status_code == 303
    assert client.get("/papan").headers["Location"] == "/akun"
    weak = client.post(
        "/akun/sandi", data={"csrf_token": token(client), "password": "aaaaaaaaaaaa"}
    )
    assert weak.status_code == 409
    chosen = {"csrf_token": token(client), "password": PASSWORD}
    assert client.post("/akun/sandi", data=chosen).status_code == 200
    assert client.get("/papan").status_code == 200
    again = sign_in(fresh.app.test_client(), "siti.rahma", found[1])
    assert again.status_code == 401, "a code is used once"
    assert "&lt;script&gt;" in client.get("/papan").text


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A0", "+62", "@SUM(A1)", "-1", "\t=x", "<b>x</b>", ""]
)
def test_a_formula_is_no_name(name: str, fresh: Scene) -> None:
    admin = fresh.visit("pengelola")
    before = fresh.entries()
    form = {"name": name, "login": "baru", "role": "packer"}

    answer = admin.post("/orang", data={"csrf_token": token(admin), **form})

    assert answer.status_code == 409
    assert "Belum disimpan." in answer.text
    assert fresh.entries() == before


def test_role_change_and_erasure_end_the_sessions_of_that_person(fresh: Scene) -> None:
    admin, client = fresh.visit("pengelola"), fresh.visit("pengemas")
    person = fresh.person("pengemas")
    assert client.get("/papan").status_code == 200

    form = {"csrf_token": token(admin), "role": "operator"}
    assert admin.post(f"/orang/{person}/peran", data=form).status_code == 303
    assert client.get("/papan").status_code == 303
    client = fresh.visit("pengemas")
    assert "Surat jalan" in client.get("/surat-jalan").text
    form = {"csrf_token": token(admin), "sure": "yes"}
    assert admin.post(f"/orang/{person}/lupakan", data=form).status_code == 303

    assert client.get("/papan").status_code == 303
    page = admin.get("/orang").text
    assert f"Orang {person[1:].lstrip('0')}" in page
    assert ">Pengemas</th>" not in page


def test_nobody_takes_their_own_account_away(fresh: Scene) -> None:
    admin, me = fresh.visit("pengelola"), fresh.person("pengelola")
    form = {"csrf_token": token(admin), "role": "packer", "sure": "yes"}

    for act in ("peran", "lupakan", "kode"):
        assert admin.post(f"/orang/{me}/{act}", data=form).status_code == 409, act


# --- the second person --------------------------------------------------------


def ticket_of(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_second_person_is_another_with_the_pin_for_this_very_act(fresh: Scene) -> None:
    load = fresh.open()
    fresh.scan(fresh.box(HERE, Ballot.PPWP))
    fresh = dataclasses.replace(fresh, client=fresh.visit("petugas"))
    second, me = fresh.person("penyelia"), fresh.person("petugas")
    fresh.station.authenticator.set_pin(second, PIN)
    fresh.station.authenticator.set_pin(me, PIN)
    form = {"gate": "gerbang-1", "consignment": load, "reason": "Truk kecil"}
    form["all"] = "stays"
    ticket = ticket_of(fresh.post("/surat-jalan/tutup", **form).text)

    def sign(person: str, pin: str, what: str = ticket) -> TestResponse:
        return fresh.post("/tanda-tangan", ticket=what, person=person, pin=pin)

    assert "PIN salah" in sign(second, "111222").text
    assert "Harus orang lain." in sign(me, PIN).text
    observer = fresh.person("pengawas")
    fresh.station.authenticator.set_pin(observer, PIN)
    assert "tidak boleh menandatangani" in sign(observer, PIN).get_json()["error"]
    assert sign(second, PIN, ticket[:-2] + "xx").status_code == 400
    fresh.scan(fresh.box(HERE, Ballot.PPWP, 2))
    assert "Isinya berubah" in sign(second, PIN).get_json()["error"]
    ticket = ticket_of(fresh.post("/surat-jalan/tutup", **form).text)
    assert sign(second, PIN, ticket).status_code == 303
    assert "Belum ada surat jalan" in sign(second, PIN, ticket).get_json()["error"]
    assert "Dalam perjalanan" in fresh.page("/surat-jalan")


def test_correction_strikes_an_entry_out_and_says_why(fresh: Scene) -> None:
    fresh.open()
    box = fresh.box(HERE, Ballot.PPWP)
    entry = fresh.scan(box).entry
    assert entry is not None
    second = fresh.person("petugas")
    fresh.station.authenticator.set_pin(second, PIN)
    path = f"/riwayat/{box.item.id}/ralat/{entry.seq}"
    assert path in fresh.page(f"/riwayat/{box.item.id}")
    assert "Dimuat ke truk" in fresh.page(path)

    silent = fresh.post(path, reason="did_not_occur", note=" ")
    asked = fresh.post(path, reason="did_not_occur", note="Kotak lain yang dimuat")
    ticket = ticket_of(asked.text)
    signed = fresh.post("/tanda-tangan", ticket=ticket, person=second, pin=PIN)

    assert silent.status_code == 409
    assert signed.status_code == 303
    page = fresh.page(f"/riwayat/{box.item.id}")
    assert f"Koreksi atas entri {entry.seq}" in page
    assert "corrected" in page
    assert path not in page
    assert fresh.client.get(path).status_code == 404
    again = fresh.post("/tanda-tangan", ticket=ticket, person=second, pin=PIN)
    assert "sudah diralat" in again.get_json()["error"]


# --- the shift ----------------------------------------------------------------


def test_handover_keeps_load_and_hold_and_gives_the_browser_to_the_next(
    fresh: Scene,
) -> None:
    fresh.open()
    fresh.scan(fresh.box(HERE, Ballot.PPWP))
    fresh.scan(fresh.box(ELSEWHERE, Ballot.PPWP))
    client, me = fresh.client, fresh.person("penyelia")
    old = client.get_cookie(fresh.app.config["SESSION_COOKIE_NAME"])
    assert old is not None
    form = {"login": "petugas", "secret": PASSWORD}
    path = "/gerbang/gerbang-1/serah-terima"
    assert "bukan milik Anda" in fresh.post(path, **form).text
    fresh.line.start_shift(me, sound_heard=True)

    wrong = client.post(path, data={**form, "secret": "x", "csrf_token": token(client)})
    done = client.post(path, data={**form, "csrf_token": token(client)})

    assert wrong.status_code == 409
    assert done.status_code == 303
    page = client.get("/gerbang/gerbang-1").text
    assert "Tugas: Petugas Gudang" in page
    assert "TAHAN" in page
    assert "<b>1</b> dari" in page
    thief = fresh.app.test_client()
    thief.set_cookie(fresh.app.config["SESSION_COOKIE_NAME"], old.value)
    assert thief.get("/papan").status_code == 303
    assert events(fresh)[-4:] == ["password_failed", "handover", "sign_out", "sign_in"]


def test_ending_a_shift_is_told_where_a_camera_looks(fresh: Scene) -> None:
    fresh.open()
    fresh.line.start_shift(fresh.person("penyelia"), sound_heard=True)

    assert fresh.post("/gerbang/gerbang-1/akhiri-tugas").status_code == 303

    assert "Tanpa petugas" in fresh.page("/gerbang/gerbang-1")
    assert fresh.post("/gerbang/gerbang-1/akhiri-tugas").status_code == 409


# --- the language -------------------------------------------------------------


def test_language_is_a_cookie_and_nothing_else(fresh: Scene) -> None:
    client = fresh.app.test_client()
    form = {"csrf_token": token(client), "language": "en", "next": "/masuk"}

    assert client.post("/bahasa", data={**form, "language": "xx"}).status_code == 400
    assert client.post("/bahasa", data=form).headers["Location"] == "/masuk"
    assert '<html lang="en">' in client.get("/masuk").text
    client.set_cookie("jejak_bahasa", "../../etc")
    assert '<html lang="id">' in client.get("/masuk").text


# --- the network ---------------------------------------------------------------


def test_other_machines_come_in_only_where_accounts_and_names_are(
    tmp_path: Path,
) -> None:
    settings = without_cameras(tmp_path / "station")
    named = dataclasses.replace(settings, web=WebSettings(hosts=("gudang.lan",)))
    for less, told in (
        (settings, "names under which browsers"),
        (named, "somebody with a password"),
        (dataclasses.replace(settings, web=WebSettings(tls=True)), "leave --lan out"),
    ):
        with Station(less) as station, pytest.raises(StationError, match=told):
            station.check_lan()
    with Station(named) as station:
        station.authenticator.set_password("p01", PASSWORD)
        station.check_lan()
        app = create_app(station._services())
        answer = app.test_client().get("/masuk", headers={"Host": "gudang.lan"})
        assert answer.status_code == 200
        other = app.test_client().get("/masuk", headers={"Host": "evil.example"})
        assert other.status_code == 400


def test_behind_a_real_server_the_proxy_says_who_asks_and_people_can_sign_in(
    tmp_path: Path,
) -> None:
    web = WebSettings(hosts=("gudang.lan",), tls=True)
    settings = dataclasses.replace(without_cameras(tmp_path / "station"), web=web)
    with running(settings) as site:
        site.station.authenticator.set_password(_person(site, "petugas"), PASSWORD)

        def ask(
            method: str, path: str, sender: str, body: str = "", **more: str
        ) -> tuple[int, str, str]:
            line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
            told = {
                "Host": "gudang.lan",
                "X-Forwarded-For": sender,
                "X-Forwarded-Proto": "https",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            line.request(method, path, body, {**told, **more})
            answer = line.getresponse()
            text = answer.read().decode()
            line.close()
            return answer.status, text, answer.getheader("Set-Cookie") or ""

        assert ask("GET", "/healthz", "203.0.113.9")[0] in {303, 401}
        _, page, cookie = ask("GET", "/masuk", "203.0.113.9")
        found = re.search(r'csrf-token" content="([^"]+)"', page)
        assert found is not None
        form = {"csrf_token": found[1], "login": "petugas", "secret": "salah"}
        sent = {
            "Cookie": cookie.partition(";")[0],
            "Referer": "https://gudang.lan/masuk",
        }

        def enter(sender: str, secret: str) -> int:
            body = urllib.parse.urlencode({**form, "secret": secret})
            return ask("POST", "/masuk", sender, body, **sent)[0]

        assert enter("198.51.100.7", PASSWORD) == 303
        form["login"] = "tidak.ada"
        guesses = [enter("203.0.113.9", "x") for _ in range(32)]
        assert guesses[-1] == 429
        assert enter("198.51.100.8", "x") == 401, "another address is not held up"


def _person(site: Site, login: str) -> str:
    with contextlib.closing(site.station.ledger.read()) as db:
        row = db.execute("SELECT person FROM credential WHERE login = ?", (login,))
        return str(row.fetchone()["person"])


def test_behind_tls_cookies_are_secure_and_the_proxy_says_who_asks(
    tmp_path: Path,
) -> None:
    web = WebSettings(hosts=("gudang.lan",), tls=True)
    settings = dataclasses.replace(without_cameras(tmp_path / "station"), web=web)
    with Station(settings) as station:
        client = create_app(station._services()).test_client()
        page = client.get("/masuk")
        assert all("Secure" in one for one in page.headers.getlist("Set-Cookie"))
        assert page.headers.getlist("Set-Cookie")
        far = {"X-Forwarded-For": "192.168.1.20", "X-Forwarded-Proto": "https"}
        assert client.get("/healthz").status_code == 200
        assert client.get("/healthz", headers=far).status_code in {303, 401}
