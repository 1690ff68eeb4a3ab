"""The command line in one language a run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from station.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from station.settings.station_toml import Settings

ENGLISH = re.compile(
    r"(?<![-\w])(the|of|with|and|is|are|expected|got|this|from|for|Usage|Options|Error)\b"
)
INDONESIAN = re.compile(r"\b(yang|tidak|dengan|dari|untuk|atau|di|dan|berkas)\b")
COMMANDS = (
    *("init", "serve", "demo", "doctor", "import", "labels", "issue", "backup"),
    *("export", "manifest", "verify", "rebuild", "scan", "bench"),
)


def run(*command: str, language: str | None = None) -> Result:
    """The result of a command where JEJAK_LANG says ``language``, or nothing."""
    return CliRunner(env={"JEJAK_LANG": language}).invoke(main, command)


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=str)
def test_help_is_in_one_language(command: tuple[str, ...]) -> None:
    indonesian = run(*command, "--help", "--lang", "id")
    english = run("--lang=en", *command, "--help")

    assert (indonesian.exit_code, english.exit_code) == (0, 0)
    assert indonesian.output.startswith("Pemakaian: ")
    assert english.output.startswith("Usage: ")
    # What is quoted from Windows, and names of options, are in no language.
    assert ENGLISH.findall(indonesian.output) == []
    assert INDONESIAN.findall(english.output) == []


def test_the_option_comes_before_the_variable_and_both_before_the_station(
    settings: Settings,
) -> None:
    here = ("issue", "cartons", "--tps", "1", "--data", str(settings.folder))
    english, indonesian = "cartons belong to", "cartons untuk"
    file = settings.folder / "station.toml"

    assert indonesian in run(*here).output  # the default
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("[station]\n", '[station]\nlanguage = "en"\n'), "utf-8"
    )
    assert english in run(*here).output
    assert indonesian in run(*here, language="id").output
    assert english in run(*here, "--lang", "en", language="id").output


def test_a_language_that_is_none_is_refused() -> None:
    refused = run("verify", "--lang", "fr")

    assert refused.exit_code == 2
    assert "'fr'" in refused.output


def test_an_error_from_deep_down_is_in_the_language_of_the_run(tmp_path: Path) -> None:
    here = ("verify", "--data", str(tmp_path))

    indonesian = run(*here, "--lang", "id")
    english = run(*here, "--lang", "en")

    assert indonesian.exit_code == english.exit_code == 1
    assert indonesian.output.startswith("jejak: Tidak ada basis data stasiun")
    assert english.output.startswith("jejak: Expected a station's database")


def test_an_import_speaks_one_language(settings: Settings, tmp_path: Path) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_text(
        "kode kelurahan,TPS,DPT,PPWP\n"
        "17.71.01.1001,1,250,255\n17.71.01.1001,2,250,255\n17.71.01.1002,1,9,10\n",
        "utf-8",
    )
    here = ("import", str(plan), "--dry-run", "--data", str(settings.folder))

    indonesian = run(*here, "--lang", "id").output
    english = run(*here, "--lang", "en").output

    assert "2 kelurahan belum terdaftar" in indonesian
    assert ENGLISH.findall(indonesian) == []
    assert "2 kelurahan are not registered" in english
    assert INDONESIAN.findall(english) == []


def test_the_rows_behind_a_problem_are_listed_where_asked(
    settings: Settings, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.csv"
    rows = [f"17.71.01.100{n % 2 + 1},{n},250,255" for n in range(1, 9)]
    plan.write_text("kode kelurahan,TPS,DPT,PPWP\n" + "\n".join(rows), "utf-8")
    here = ("import", str(plan), "--dry-run", "--data", str(settings.folder))

    short = run(*here, "--lang", "en").stderr.splitlines()
    whole = run(*here, "--all-rows", "--lang", "en").stderr.splitlines()

    codes = '"17.71.01.1002", "17.71.01.1001"'
    assert short[0].startswith(
        f"2 kelurahan are not registered (codes {codes}), 8 rows"
    )
    assert [line for line in whole if not line.startswith("  ")] == short
    behind = [line for line in whole if line.startswith("  ")]
    assert all(f"row {n}," in line for n, line in enumerate(behind, start=2))
    assert len(behind) == 8
