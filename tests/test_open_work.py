"""A gate is not renamed away from under its hold or its open consignment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from station.custody.gate import open_work
from station.errors import StationError
from station.leg import OUT
from station.model import Step
from station.serve import Station

if TYPE_CHECKING:
    from station.ledger.log import Log
    from station.settings.station_toml import Settings
    from tests.conftest import City, Dock


def changed(settings: Settings, gate: str, **change: object) -> Settings:
    return replace(
        settings,
        gates=tuple(
            replace(one, **change) if one.name == gate else one  # type: ignore[arg-type]
            for one in settings.gates
        ),
    )


def started(settings: Settings) -> str:
    """What the start says; nothing is recorded by it."""
    with pytest.raises(StationError) as refused, Station(settings):
        pass
    return str(refused.value)


def test_a_gate_with_an_open_consignment_keeps_its_name_and_step(
    loading: Dock, city: City, log: Log, settings: Settings
) -> None:
    load = loading.open()
    loading.see(city.near[0])
    size = log.size

    assert started(changed(settings, "gerbang-1", name="utara")) == (
        "Expected a [[gate]] gerbang-1 in station.toml, got utara, ppk, gerbang-2: "
        f'gerbang-1 has consignment {load} open. Write name = "gerbang-1" again; '
        "rename it once that is settled on its page."
    )
    assert started(changed(settings, "gerbang-1", step=Step.ACCEPTING)) == (
        f"Expected gate gerbang-1 to keep its step, since consignment {load} is open "
        'there: write step = "loading" in its [[gate]] again, got "accepting"; change '
        "it once the consignment is closed."
    )
    assert log.size == size
    open_work.require_no_open_work(
        log.db, changed(settings, "ppk", name="kantor").gates, [OUT]
    )
    loading.close(reason="kurang")
    open_work.require_no_open_work(
        log.db, changed(settings, "gerbang-1", name="utara").gates, [OUT]
    )


def test_a_gate_that_is_held_keeps_its_name(
    loading: Dock, city: City, log: Log, settings: Settings
) -> None:
    loading.open()
    loading.see(city.near[0])
    loading.see(city.far[0])
    hold = log.size - 1
    gone = replace(settings, gates=settings.gates[1:])

    assert f"gerbang-1 is held by entry {hold}. Write name" in started(gone)


def test_a_gate_that_receives_keeps_its_step(
    loading: Dock, accepting: Dock, city: City, log: Log, settings: Settings
) -> None:
    load = loading.open()
    loading.see(city.near[0])
    loading.close(reason="kurang")
    accepting.arrive(load)

    open_work.require_no_open_work(log.db, settings.gates, [OUT])
    assert 'write step = "accepting"' in started(
        changed(settings, "ppk", step=Step.LOADING)
    )
