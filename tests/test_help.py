"""Help is the pages of docs/, drawn by the station itself, without a network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from tests.web_scene import scene
from web import help_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web_scene import Scene

NAMES = sorted(file.stem for file in help_pages.folder().glob("*.md"))
LINK = re.compile(r'(?:href|src)="([^"]+)"')


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("help") / "station") as made:
        yield made


def article(at: Scene, name: str) -> str:
    text = at.page(f"/bantuan/{name}")
    found = re.search(r"<article.*</article>", text, re.DOTALL)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_drawn_and_every_link_on_it_answers(at: Scene, name: str) -> None:
    drawn = article(at, name)

    assert "<h1" in drawn
    for link in LINK.findall(drawn):
        if link.startswith(("http:", "https:")):
            continue
        path, _, anchor = link.partition("#")
        with at.client.get(urljoin(f"/bantuan/{name}", path)) as answer:
            text = answer.get_data().decode("utf-8", "replace")
        assert answer.status_code == 200, link
        if anchor:
            assert f'id="{anchor}"' in text, link
    assert not re.search(r'src="(https?:|//)', drawn)


def test_every_room_has_a_page_that_exists(at: Scene) -> None:
    assert set(help_pages.PAGE_OF) <= set(at.app.blueprints)
    assert set(help_pages.PAGE_OF.values()) | {"ppk", "pengamat"} <= set(NAMES)


@pytest.mark.parametrize(
    ("login", "path", "name"),
    [
        ("petugas", "/gerbang/gerbang-1", "petugas"),
        ("penyelia", "/gerbang/gerbang-ppk", "ppk"),
        ("ppk", "/papan", "ppk"),
        ("pengawas", "/papan", "pengamat"),
        ("pengelola", "/orang", "administrator"),
        ("penyelia", "/label", "label"),
    ],
)
def test_a_page_leads_to_the_help_that_matches(
    at: Scene, login: str, path: str, name: str
) -> None:
    text = at.visit(login).get(path).text

    assert f'href="/bantuan/{name}"' in text


def test_help_opens_before_anybody_signed_in(at: Scene) -> None:
    answer = at.app.test_client().get("/bantuan", follow_redirects=True)

    assert answer.status_code == 200
    assert "/bantuan/petugas" in answer.text


def test_no_other_file_is_given_out(at: Scene) -> None:
    for path in ("..%2FREADME", "petugas.md", "gambar", "../schema"):
        assert at.client.get(f"/bantuan/{path}").status_code == 404, path
    assert at.client.get("/bantuan/..%2F..%2Fweb%2Fstatic%2Fx.png").status_code == 404


def test_html_in_a_page_stays_text(at: Scene) -> None:
    with at.app.test_request_context():
        title, html = help_pages.drawn("# Satu <b>dua</b>\n\n<script>x</script>\n")

    assert "<script>" not in html
    assert title == "Satu <b>dua</b>"
