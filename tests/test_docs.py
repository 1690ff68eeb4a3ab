"""What is linked, shown and said to be on the screen in docs/ and README.md is there.

Conventions that the tests hold the pages to:

* What is **bold** in an Indonesian page is on the screen, letter by letter: the name of
  a button, a heading, a word of the gate. A number in it may be any; what comes after
  a colon or in brackets may be left out. For emphasis there is *italic*; keys and what
  is typed are `code`.
* Links and pictures are relative. Each page is reached from docs/index.md, and each
  picture in docs/gambar is taken by `.ci/screenshots` and shown somewhere.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir

from tests.doc_pages import DOCS, INDONESIAN, PAGES, PICTURES, ROOT, read, targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_KB = 2_000
_LETTERS = 4
"""So many an on-screen text has at least beside its placeholders to be told by."""


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub and the help pages make them."""
    titles = re.findall(r"^#+ (.+)$", read(page).text, re.MULTILINE)
    words = [re.sub(r"[^\w\- ]", "", title.lower()) for title in titles]
    return {title.replace(" ", "-") for title in words}


def broken_links(page: Path) -> list[str]:
    broken = []
    for target in targets(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    return broken


def reached(start: Path) -> set[Path]:
    """The pages that a reader comes to from this one."""
    seen, waiting = {start}, [start]
    while waiting:
        page = waiting.pop()
        for target in targets(page):
            file = (page.parent / target.partition("#")[0]).resolve()
            if file.suffix == ".md" and file.exists() and file not in seen:
                seen.add(file)
                waiting.append(file)
    return seen


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_every_page_is_reached_from_the_index() -> None:
    assert set(DOCS.glob("*.md")) - reached(DOCS / "index.md") == set()


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# Satu, dua\n", "utf-8")
    page = tmp_path / "a.md"
    page.write_text(
        "[good](b.md#satu-dua) [gone](c.md) ![gone](gambar/x.png) [no](b.md#tiga)\n"
        "[web](https://example.org/) `[code](d.md)` [here](#none)\n"
        "```\n[x](e.md)\n```\n",
        "utf-8",
    )

    assert broken_links(page) == ["c.md", "gambar/x.png", "b.md#tiga", "#none"]
    assert reached(page) == {page, tmp_path / "b.md"}


@cache
def on_screen() -> re.Pattern[str]:
    """Every text of web/, as one expression that a bold text has to match whole."""
    keywords = {
        **dict.fromkeys(("_", "_l", "gettext", "lazy_gettext")),
        "_lp": ((1, "c"), 2),
    }
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = extract_from_dir(ROOT / "web", methods, keywords=keywords)
    texts = {str(text) for _, _, text, _, _ in found}
    shapes = {shape for text in texts for shape in _shapes(" ".join(text.split()))}
    return re.compile("|".join(sorted(shapes)))


def _shapes(text: str) -> Iterator[str]:
    """The text itself, and what stands before its colon or brackets."""
    for part in {text, text.partition(": ")[0], text.partition(" (")[0]}:
        words = re.split(r"%\(\w+\)s|\{\w+\}", part.replace("%%", "%"))
        if sum(letter.isalpha() for letter in "".join(words)) >= _LETTERS or (
            part == text and len(words) == 1
        ):
            yield r"[^:]{1,40}".join(re.escape(word) for word in words)


def not_on_screen(page: Path) -> list[str]:
    bold = re.findall(r"\*\*(.+?)\*\*", read(page).text, re.DOTALL)
    texts = [" ".join(text.split()) for text in bold]
    return [text for text in texts if not on_screen().fullmatch(text)]


@pytest.mark.parametrize("page", INDONESIAN, ids=lambda page: page.name)
def test_bold_words_are_on_the_screen(page: Path) -> None:
    assert "**" in page.read_text("utf-8")
    assert not_on_screen(page) == []


def test_words_that_are_not_on_the_screen_are_found(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(
        "**Mulai tugas**, **Mulai\ntugas**, **4 Cetak 12 lembar**, **Ya**, **TAHAN**, "
        "**Mulai tugasnya**, **Tutup kiriman**, **sesuatu**\n",
        "utf-8",
    )

    assert not_on_screen(page) == ["Mulai tugasnya", "Tutup kiriman", "sesuatu"]


def test_pictures_are_taken_by_the_script_shown_and_small() -> None:
    script = (ROOT / ".ci" / "screenshots").read_text("utf-8")
    taken = set(re.findall(r'keep\(page, "([\w-]+)"', script))
    shown = {target for page in PAGES for target in targets(page)}
    files = list(PICTURES.glob("*"))

    assert {file.name for file in files} == {f"{name}.png" for name in taken}
    assert {f"gambar/{file.name}" for file in files} <= shown
    assert sum(file.stat().st_size for file in files) < MOST_KB * 1000
