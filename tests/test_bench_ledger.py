"""The ledger's bench runs, and its count of syncs is a true count."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from station.bench import ledger_speed

if TYPE_CHECKING:
    from pathlib import Path


def test_bench_gives_every_figure() -> None:
    figures: Any = ledger_speed.run(entries=200)

    assert figures["verify"]["entries"] == 1 + 200 + ledger_speed._COMMITS
    assert figures["bulk"]["rest"]["entries"] == 180
    assert figures["bulk"]["rest"]["per_s"] > 0
    assert set(figures["history_ms"]) == {"20", "200"}
    assert figures["append"]["cpu_ms"] > 0
    assert figures["append"]["wall_ms"]["p99"] >= figures["append"]["wall_ms"]["p50"]


def test_one_entry_is_one_sync_of_the_wal(tmp_path: Path) -> None:
    ledger_speed._lay(tmp_path)

    counted = ledger_speed.count_syncs(tmp_path, 40)

    if "not_counted" in counted:
        pytest.skip(str(counted["not_counted"]))
    assert counted == {"commits": 40, "wal": 1.0, "other": 0.0}


def test_without_a_tool_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert "strace is missing" in str(
        ledger_speed.count_syncs(tmp_path, 1)["not_counted"]
    )


def test_a_tool_that_fails_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (false := shutil.which("false")) is None:
        pytest.skip("no program that fails is at hand")
    monkeypatch.setattr(shutil, "which", lambda _: false)

    assert "strace failed" in str(ledger_speed.count_syncs(tmp_path, 1)["not_counted"])
