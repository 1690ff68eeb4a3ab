"""station.toml -> Settings. Only the composition roots (cli, serve, demo) read it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from labels.label_errors import LabelError
from labels.stocks import STOCKS, Stock
from station.camera_frames import CameraSettings
from station.errors import StationError
from station.language import LANGUAGES, Text
from station.leg import OUT
from station.settings.backup_settings import BackupSettings, backup
from station.settings.election_profiles import MAIN, PROFILES, Election, configured
from station.settings.gates_and_legs import AREA, gates, legs
from station.settings.toml_table import NAME, TomlTable
from station.zone import ZONES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date
    from pathlib import Path

    from station.leg import Leg
    from station.settings.gates_and_legs import GateSettings

_REGENCY = re.compile("[0-9]{4}")
_HOST = re.compile("[A-Za-z0-9.-]{1,253}")
_FOURCC = re.compile("[A-Za-z0-9 ]{1,4}")
_BACKENDS = ("auto", "v4l2", "dshow", "msmf")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """``[web]``: how other machines reach the pages; absent: they do not."""

    hosts: tuple[str, ...] = ()
    """Names or addresses under which browsers open this station, besides
    127.0.0.1 and localhost; any other is refused (DNS rebinding)."""
    tls: bool = False
    """True where a proxy on this machine speaks TLS in front: cookies are then
    Secure, and its word on who asks is believed."""


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
    language: str = LANGUAGES[0]
    """In which the command line speaks, where neither --lang nor JEJAK_LANG says."""
    port: int = 8080
    voting_day: date | None = None
    """At each polling station everything must be there the day before."""
    routes: Mapping[str, int] = field(default_factory=dict)
    """``[routes]``: minutes to a place from the one above it, or back, by its code."""
    legs: tuple[Leg, ...] = (OUT,)
    """Which ways this station records, in the order in which goods take them."""
    gates: tuple[GateSettings, ...]
    cameras: tuple[CameraSettings, ...] = ()
    election: Election = PROFILES[MAIN]
    stocks: Mapping[str, Stock] = field(default_factory=lambda: STOCKS)
    """Label sheets and rolls by short name: those that everybody has, and each
    ``[[stock]]`` of this station."""
    backup: BackupSettings = field(default_factory=BackupSettings)
    web: WebSettings = WebSettings()

    @property
    def home(self) -> str:
        """The code of the kab/kota with its dot: ``17.71``."""
        return f"{self.regency[:2]}.{self.regency[2:]}"

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
    def high_water(self) -> Path:
        """How far the ledger has come, outside of it."""
        return self.backup.high_water or self.folder / "high-water"

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
        raise StationError(
            "Expected a gate of this station (%(known)s), got %(name)r.",
            known=known,
            name=name,
        )


def load(folder: Path) -> Settings:
    """The settings in ``folder/station.toml``.

    Raises:
        StationError: no such file, no TOML, a key missing, unknown or wrong; the
            sentence names the key and the line to write.
    """
    file = folder / "station.toml"
    try:
        # With or without the mark that some editors put before UTF-8.
        tree = tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise StationError(
            "Expected a station in %(folder)s, found no station.toml; run `jejak "
            "init` first, or name the folder with --data.",
            folder=folder,
        ) from None
    except OSError as error:
        raise StationError(
            "Cannot read %(file)s: %(reason)s. Fix the file's permissions.",
            file=file,
            reason=error.strerror,
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StationError(
            "%(file)s is not valid TOML: %(error)s; correct that line.",
            file=file,
            error=error,
        ) from error
    return _settings(folder, TomlTable(file, "", tree))


_TABLES = (
    *("station", "gate", "camera", "election", "stock", "backup", "web", "routes"),
)


def _settings(folder: Path, tree: TomlTable) -> Settings:
    tree.only(*_TABLES)
    station = tree.table("station")
    station.only(
        "regency",
        "title",
        "place",
        "generation",
        "zone",
        "language",
        "made_up",
        "port",
        "voting_day",
        "legs",
    )
    regency = station.match("regency", _REGENCY, "1771")
    ways = legs(station)
    found = gates(tree.tables("gate", "gerbang-1"), regency, ways)
    if not found:
        raise tree.wrong(
            "[[gate]]", Text('at least one, with name = "gerbang-1"'), None
        )
    names = [gate.name for gate in found]
    return Settings(
        folder=folder,
        regency=regency,
        title=station.text("title", "KPU Kota Bengkulu"),
        place=station.match("place", NAME, "gudang"),
        generation=station.whole("generation", 1, 9_999),
        zone=station.one_of("zone", ZONES, "WIB"),
        language=station.one_of("language", LANGUAGES, LANGUAGES[0]),
        made_up=station.flag("made_up"),
        port=station.whole("port", 8080, 65_535),
        voting_day=station.day("voting_day", "2029-02-14"),
        routes=_routes(tree),
        legs=ways,
        gates=tuple(found),
        cameras=tuple(
            _camera(table, names) for table in tree.tables("camera", "kamera-1")
        ),
        election=_election(tree),
        stocks=STOCKS
        | {
            table.values["name"]: _stock(table)
            for table in tree.tables("stock", "a4-8")
        },
        backup=backup(tree),
        web=_web(tree),
    )


def _routes(tree: TomlTable) -> dict[str, int]:
    if "routes" not in tree.values:
        return {}
    table = tree.table("routes")
    for code in table.values:
        if not AREA.fullmatch(code):
            raise table.wrong(code, Text('a place such as "17.71.02" = 45'), code)
    return {code: table.whole(code, 1, 7 * 24 * 60) for code in table.values}


def _web(tree: TomlTable) -> WebSettings:
    if "web" not in tree.values:
        return WebSettings()
    table = tree.table("web")
    table.only(*(field.name for field in fields(WebSettings)))
    hosts = table.values.get("hosts", [])
    if not isinstance(hosts, list) or not all(
        isinstance(host, str) and _HOST.fullmatch(host) for host in hosts
    ):
        raise table.wrong("hosts", Text('names such as hosts = ["gudang.lan"]'), hosts)
    return WebSettings(hosts=tuple(hosts), tls=table.flag("tls"))


def _election(tree: TomlTable) -> Election:
    if "election" not in tree.values:
        return PROFILES[MAIN]
    try:
        return configured(tree.table("election").values)
    except StationError as error:
        raise StationError(
            "%(file)s: %(error)s",
            file=tree.file,
            error=error,
        ) from None


def _camera(table: TomlTable, gates: Collection[str]) -> CameraSettings:
    table.only(*(field.name for field in fields(CameraSettings)))
    usual = CameraSettings(
        name=table.match("name", NAME, "kamera-1"),
        gate=table.one_of("gate", gates, ""),
        source=table.text("source", "0"),
    )
    return replace(
        usual,
        width=table.whole("width", usual.width, 10_000),
        height=table.whole("height", usual.height, 10_000),
        fps=table.whole("fps", usual.fps, 240),
        fourcc=table.match("fourcc", _FOURCC, "MJPG")
        if "fourcc" in table.values
        else usual.fourcc,
        backend=table.one_of("backend", _BACKENDS, usual.backend),
    )


def _stock(table: TomlTable) -> Stock:
    known = {field.name for field in fields(Stock)} - {"source"}
    table.only("title", *sorted(known))
    margins = ("left_mm", "top_mm", "column_gap_mm", "row_gap_mm")
    try:
        return Stock(
            name=table.text("title", "A4, 8 label 105 x 74 mm"),
            page_mm=table.lengths("page_mm"),
            label_mm=table.lengths("label_mm"),
            columns=table.whole("columns", 1, 100),
            rows=table.whole("rows", 1, 100),
            roll=table.flag("roll"),
            cut_marks=table.flag("cut_marks"),
            source="station.toml",
            **{key: table.length(key, 0) for key in margins},
        )
    except LabelError as error:
        raise table.wrong(
            f"name = {table.values['name']!r}", error.expected, error.got
        ) from error
