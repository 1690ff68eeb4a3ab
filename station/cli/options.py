"""The options that several commands share, and the settings that they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from station.settings.station_toml import Settings

data = click.option(
    "--data",
    metavar="DIR",
    help="The station's folder; else JEJAK_DATA, else the user's own data folder.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
vkey = click.option(
    "--vkey",
    metavar="TEXT|FILE",
    help="The log's public key, as received from elsewhere; else the ledger's own.",
)
election = click.option("--election", help="Id of an election, such as psu-2024-02.")


class LazyChoice(click.Choice[str]):
    """One of some words that are looked up when they are needed.

    The modules that define them would be imported by every ``jejak --help``.
    """

    def __init__(self, words: Callable[[], Iterable[str]]) -> None:
        self._words = words
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]  # click sets it once
        """The words."""
        return tuple(self._words())


def ballots() -> list[str]:
    """The kinds of election."""
    from station.model import Ballot  # noqa: PLC0415

    return [ballot.value for ballot in Ballot]


def folder(given: str | None) -> Path:
    """The station's folder."""
    from station.settings.data_folder import data_folder  # noqa: PLC0415

    return data_folder(given)


def settings(given: str | None) -> Settings:
    """The settings of the station that ``--data`` names.

    Raises:
        StationError: there is none, or its station.toml is wrong.
    """
    from station.settings import station_toml  # noqa: PLC0415

    return station_toml.load(folder(given))
