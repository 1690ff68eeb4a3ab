"""The pages in docs/ and README.md, as far as tests read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PICTURES = DOCS / "gambar"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
INDONESIAN = [
    DOCS / f"{name}.md"
    for name in ("administrator", "label", "pengamat", "penyelia", "petugas", "ppk")
]


@dataclass(frozen=True)
class Prose:
    """A page without its fenced blocks, and those by themselves."""

    text: str
    blocks: tuple[tuple[str, str], ...]
    """Language, or empty, and text of each."""


def read(page: Path) -> Prose:
    fenced = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
    text = page.read_text("utf-8")
    blocks = tuple((match[2], match[3]) for match in fenced.finditer(text))
    return Prose(fenced.sub("", text), blocks)


def code_of(prose: Prose) -> list[str]:
    return [" ".join(one.split()) for one in re.findall(r"`([^`]+)`", prose.text)]


def targets(page: Path) -> list[str]:
    """The relative links and pictures of a page."""
    text = re.sub(r"`[^`]*`", "", read(page).text)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [one for one in found if not re.match(r"[a-z]+:", one)]
