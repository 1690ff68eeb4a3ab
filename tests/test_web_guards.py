"""What every page of a real station refuses and guards."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from station.model import Ballot
from tests.web_scene import HERE, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


GATE = "/gerbang/gerbang-1"
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


def test_every_page_answers_with_its_guards(at: Scene) -> None:
    for path in PAGES:
        answer = at.client.get(path)
        assert answer.status_code == 200, path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_every_post_needs_a_token(at: Scene) -> None:
    rules = [
        rule for rule in at.app.url_map.iter_rules() if "POST" in (rule.methods or ())
    ]
    both = [at.client, at.visit("pengelola")]
    before = at.entries()

    assert len(rules) >= 20
    for rule in rules:
        path = (
            rule.rule.replace("<name>", "gerbang-1")
            .replace("<person>", "p03")
            .replace("<item_id>", "1771-B-00001")
            .replace("<int:seq>", "9")
        )
        answers = [
            client.post(path, data={"text": "1771-B-0007K-R"}) for client in both
        ]
        told = [answer.status_code for answer in answers]
        assert 400 in told and set(told) <= {400, 403}, path  # noqa: PT018
        assert any("Permintaan tidak lengkap." in answer.text for answer in answers)
    assert at.entries() == before


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
    before = at.entries()
    at.station.scan_stops._least_free = 2**62

    answer = at.post(f"{GATE}/pindai", text=at.code(at.box(HERE, Ballot.PPWP)))

    assert answer.status_code == 409
    assert answer.get_json()["error"].startswith("Tidak dicatat. Disk hampir penuh.")
    assert at.entries() == before
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
    answer = at.post(f"{GATE}/pindai", text="A" * 70_000)

    assert answer.status_code == 413
    assert answer.get_json()["error"].startswith("Kiriman terlalu besar.")


def test_text_longer_than_any_qr_is_refused(at: Scene) -> None:
    assert at.post(f"{GATE}/pindai", text="A" * 5_000).status_code == 400
    assert at.post(f"{GATE}/pindai", text=" ").status_code == 400


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
