"""The English catalogue: whole, compiled as committed, and on every page."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from station.demo import city
from station.model import Ballot
from tests.web_scene import ELSEWHERE, HERE, scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web_scene import Scene

SCRIPT = Path(__file__).resolve().parents[1] / ".ci" / "catalogue"
FILLED = re.compile(r"%\(\w+\)s|%%|\{\w+\}")
INDONESIAN = re.compile(
    r"\b(yang|tidak|belum|sudah|dengan|untuk|dari|ini|oleh|atau)\b", re.IGNORECASE
)

pytestmark = pytest.mark.skipif(
    not SCRIPT.is_file(), reason="needs the checkout's .ci/catalogue"
)


@pytest.fixture(scope="module")
def script() -> Any:  # noqa: ANN401 - a script, loaded as a module
    loader = importlib.machinery.SourceFileLoader("catalogue", str(SCRIPT))
    spec = importlib.util.spec_from_loader("catalogue", loader)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    loader.exec_module(made)
    return made


def test_no_text_lacks_a_translation_and_no_file_is_stale(script: Any) -> None:  # noqa: ANN401
    source = (script.FOLDER / "messages.po").read_bytes()
    compiled = (script.FOLDER / "messages.mo").read_bytes()

    catalogue = script.brought_up(source)

    assert script.untranslated(catalogue) == [], "translate, then: python .ci/catalogue"
    again = "out of date, run: python .ci/catalogue"
    assert script.written(catalogue) == (source, compiled), again


def test_translations_fill_in_the_same_facts(script: Any) -> None:  # noqa: ANN401
    catalogue = script.brought_up((script.FOLDER / "messages.po").read_bytes())
    texts = [text for text in catalogue if text.id]

    assert len(texts) > 500
    for text in texts:
        facts = sorted(FILLED.findall(text.id))
        assert sorted(FILLED.findall(text.string)) == facts, text.id


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("english") / "station") as made:
        made.open()
        made.scan(made.box(HERE, Ballot.PPWP))
        made.scan(made.box(HERE, Ballot.PPWP))
        made.scan(made.box(ELSEWHERE, Ballot.PPWP))
        yield made


@pytest.mark.parametrize("login", [*city.LOGINS, None])
def test_english_pages_speak_no_indonesian(login: str | None, at: Scene) -> None:
    client = at.visit(login) if login else at.app.test_client()
    client.set_cookie("jejak_bahasa", "en")
    box = at.box(HERE, Ballot.PPWP).item.id
    paths = ["/masuk", "/akun", "/papan", "/surat-jalan", "/riwayat?q=TPS", "/orang"]
    paths += ["/gerbang", "/gerbang/gerbang-1", "/gerbang/gerbang-1/serah-terima"]
    paths += ["/gerbang/gerbang-1/tutup", "/gerbang/gerbang-1/kurang", "/tidak-ada"]
    paths += [f"/riwayat/{box}", "/gerbang/gerbang-1/muat", "/label", "/rencana"]
    seen = 0
    for path in paths:
        answer = client.get(path)
        if answer.status_code == 303:
            continue
        assert 'lang="en"' in answer.text or "<html" not in answer.text, path
        text = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<head.*?</head>", "", answer.text))
        found = INDONESIAN.findall(text)
        assert found == [], f"{path} as {login}: {found}"
        seen += 1
    assert seen >= (10 if login else 2)
