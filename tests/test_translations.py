"""The catalogues: whole, compiled as committed, and on every page."""

from __future__ import annotations

import ast
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
FILLED = re.compile(r"%\(\w+\)[-#.\d]*[a-z]|%%|\{[^}]*\}")
STATION = SCRIPT.parents[1] / "station"
MADE = {"Text", "say", "StationError", "CameraError", "SourceEnded", "Behind"} | {
    "BackupError",
    "Flaw",
    "PrintError",
}
"""What takes a sentence and its facts apart."""
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


@pytest.fixture(scope="module", params=["web-en", "station-id", "station-en"])
def messages(request: pytest.FixtureRequest, script: Any) -> Any:  # noqa: ANN401
    package, language = request.param.split("-")
    return script.Messages(language, package)


def test_no_text_lacks_a_translation_and_no_file_is_stale(
    script: Any,  # noqa: ANN401
    messages: Any,  # noqa: ANN401
) -> None:
    source = (messages.folder / "messages.po").read_bytes()
    compiled = (messages.folder / "messages.mo").read_bytes()

    catalogue = script.brought_up(messages, source)

    assert script.untranslated(catalogue) == [], "translate, then: python .ci/catalogue"
    again = "out of date, run: python .ci/catalogue"
    assert script.written(catalogue) == (source, compiled), again


def test_translations_fill_in_the_same_facts(
    script: Any,  # noqa: ANN401
    messages: Any,  # noqa: ANN401
) -> None:
    source = (messages.folder / "messages.po").read_bytes()
    texts = [text for text in script.brought_up(messages, source) if text.id]

    assert len(texts) > 100
    for text in texts:
        if not isinstance(text.id, str):  # click's plurals; Indonesian has none
            continue
        facts = sorted(FILLED.findall(text.id))
        assert sorted(FILLED.findall(text.string)) == facts, text.id


def test_every_error_of_the_station_can_be_translated() -> None:
    """A sentence that is put together before it is given has no translation."""
    together = [
        f"{file.name} line {call.lineno}"
        for file in STATION.rglob("*.py")
        if file.relative_to(STATION).parts[0] not in {"bench", "demo"}
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] in MADE
        and any(isinstance(part, ast.JoinedStr) for part in call.args[:2])
    ]

    assert together == []


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
