"""station.toml -> Settings. Only the composition roots (cli, serve, demo) read it."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from station.model import CameraSettings, StationError, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

ZONES: Mapping[str, int] = {"WIB": 7, "WITA": 8, "WIT": 9}
"""Hours east of UTC of Indonesia's three zones; none has summer time."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """One ``[[gate]]``: a place where labels pass cameras."""

    name: str
    """Goes into entries and addresses: lower case letters, digits, hyphens."""
    title: str
    """What the screen calls it."""
    step: Step
    """``loading`` at the warehouse, ``accepting`` at the PPK."""
    place: str
    """Place id in entries, such as ``1771/gudang``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A station: what it is, its gates and its cameras."""

    folder: Path
    regency: str
    """Four digits of the kab/kota, as on its labels: ``1771``."""
    title: str
    place: str
    """Short name of the station's place: ``gudang``."""
    generation: int = 1
    """Counts up when a log is replaced by its successor."""
    zone: str = "WIB"
    made_up: bool = False
    """True in the demo: screens and paper say that the data is made up."""
    port: int = 8080
    gates: tuple[GateSettings, ...]
    cameras: tuple[CameraSettings, ...] = ()

    @property
    def place_id(self) -> str:
        """The place in entries: ``1771/gudang``."""
        return f"{self.regency}/{self.place}"

    @property
    def origin(self) -> str:
        """The log's origin line: ``jejak/1771/gudang/g1``."""
        return f"jejak/{self.place_id}/g{self.generation}"

    @property
    def database(self) -> Path:
        """The ledger and everything derived from it."""
        return self.folder / "ledger.db"

    @property
    def key_file(self) -> Path:
        """Ed25519 key that signs checkpoints; PKCS#8 PEM, mode 0600."""
        return self.folder / "station.key"

    @property
    def label_key_file(self) -> Path:
        """Key of the labels' tags; 64 hexadecimal digits, mode 0600."""
        return self.folder / "label.key"

    @property
    def web_key_file(self) -> Path:
        """Key of the browser sessions; no part of the ledger, mode 0600."""
        return self.folder / "web.key"

    @property
    def evidence(self) -> Path:
        """Folder of the pictures that entries name by hash."""
        return self.folder / "evidence"

    def gate(self, name: str) -> GateSettings:
        """The gate of this name.

        Raises:
            StationError: no such gate.
        """
        for gate in self.gates:
            if gate.name == name:
                return gate
        known = ", ".join(gate.name for gate in self.gates)
        message = f"Expected a gate of this station ({known}), got {name!r}."
        raise StationError(message)


def data_folder(given: str | None) -> Path:
    """Where the station lives: ``--data``, else JEJAK_DATA, else the user's own."""
    if given or os.environ.get("JEJAK_DATA"):
        return Path(given or os.environ["JEJAK_DATA"]).expanduser().absolute()
    return Path(platformdirs.user_data_dir("jejak", appauthor=False))


def load(folder: Path) -> Settings:
    """The settings in ``folder/station.toml``.

    Raises:
        StationError: no such file, no TOML, a key missing, unknown or wrong; the
            sentence names the key and the line to write.
    """
    file = folder / "station.toml"
    try:
        tree = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        message = (
            f"Expected a station in {folder}, found no station.toml; "
            "run `jejak init` first, or name the folder with --data."
        )
        raise StationError(message) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{file} is not TOML: {error}; mend that line."
        raise StationError(message) from error
    return _settings(folder, tree, file)


def _settings(folder: Path, tree: dict[str, Any], file: Path) -> Settings:
    _refuse_unknown(file, "", tree, {"station", "gate", "camera"})
    station = _table(file, tree, "station")
    _refuse_unknown(
        file,
        "[station] ",
        station,
        {"regency", "title", "place", "generation", "zone", "made_up", "port"},
    )
    regency = _need(file, "[station] ", station, "regency", '"1771"')
    if not re.fullmatch(r"\d{4}", regency):
        _wrong(file, "[station] regency", "four digits", regency)
    place = _need(file, "[station] ", station, "place", '"gudang"')
    if not _NAME.fullmatch(place):
        _wrong(file, "[station] place", "lower case letters and digits", place)
    zone = station.get("zone", "WIB")
    if zone not in ZONES:
        _wrong(file, "[station] zone", "WIB, WITA or WIT", zone)
    gates = tuple(_gate(file, table, regency) for table in tree.get("gate", []))
    if not gates:
        _wrong(file, "[[gate]]", 'at least one, such as name = "gerbang-1"', "none")
    cameras = tuple(_camera(file, table, gates) for table in tree.get("camera", []))
    return Settings(
        folder=folder,
        regency=regency,
        title=_need(file, "[station] ", station, "title", '"KPU Kota Bengkulu"'),
        place=place,
        generation=_whole(file, "[station] generation", station.get("generation", 1)),
        zone=zone,
        made_up=bool(station.get("made_up", False)),
        port=_whole(file, "[station] port", station.get("port", 8080)),
        gates=gates,
        cameras=cameras,
    )


def _gate(file: Path, table: dict[str, Any], regency: str) -> GateSettings:
    _refuse_unknown(file, "[[gate]] ", table, {"name", "title", "step", "place"})
    name = _need(file, "[[gate]] ", table, "name", '"gerbang-1"')
    if not _NAME.fullmatch(name):
        _wrong(file, "[[gate]] name", "lower case letters, digits, hyphens", name)
    step = table.get("step", "loading")
    if step not in set(Step):
        _wrong(file, "[[gate]] step", "loading or accepting", step)
    place = _need(file, "[[gate]] ", table, "place", '"gudang"')
    return GateSettings(
        name=name,
        title=_need(file, "[[gate]] ", table, "title", '"Gerbang 1"'),
        step=Step(step),
        place=f"{regency}/{place}",
    )


def _camera(
    file: Path, table: dict[str, Any], gates: tuple[GateSettings, ...]
) -> CameraSettings:
    known = {field.name: field.type for field in fields(CameraSettings)}
    _refuse_unknown(file, "[[camera]] ", table, set(known))
    for key in ("name", "gate", "source"):
        _need(file, "[[camera]] ", table, key, '"kamera-1"')
    if table["gate"] not in {gate.name for gate in gates}:
        _wrong(file, "[[camera]] gate", "the name of a [[gate]]", table["gate"])
    for key in ("width", "height", "fps"):
        if key in table:
            _whole(file, f"[[camera]] {key}", table[key])
    return CameraSettings(**table)


def _table(file: Path, tree: dict[str, Any], name: str) -> dict[str, Any]:
    table = tree.get(name)
    if not isinstance(table, dict):
        _wrong(file, f"[{name}]", "a table of this name", "none")
    return table  # type: ignore[return-value]  # _wrong does not return


def _need(file: Path, where: str, table: dict[str, Any], key: str, like: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        _wrong(file, f"{where}{key}", f"a text such as {key} = {like}", value)
    return str(value)


def _whole(file: Path, where: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        _wrong(file, where, "a whole number from 1 up", value)
    return int(value)  # type: ignore[call-overload, no-any-return]  # checked above


def _refuse_unknown(
    file: Path, where: str, table: dict[str, Any], known: set[str]
) -> None:
    for key in table:
        if key not in known:
            _wrong(file, f"{where}{key}", "one of " + ", ".join(sorted(known)), key)


def _wrong(file: Path, where: str, expected: str, got: object) -> None:
    message = f"{file}: {where}: expected {expected}, got {got!r}; mend that line."
    raise StationError(message)
