"""From paper to the page: one label, printed, seen, decided, recorded, shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - draws what a camera would see
import numpy as np
import pypdfium2
import pytest

from labels import sheets
from station.camera_frames import CameraSettings
from station.custody.accounts import directory
from station.custody.accounts.directory import Newcomer
from station.custody.consignment.opening import OpeningOrder
from station.custody.labelling import selection
from station.custody.plan import record_plan
from station.founding import create_station
from station.founding.create_station import NewStation
from station.model import Ballot, system_clock
from station.roles import Role
from station.storage import database
from tests.running import hrefs, running, until

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from station.settings.station_toml import Settings

CITY = Path(create_station.__file__).parents[1] / "demo_city"
DPI = 203
"""Of the thermal printers that warehouses have."""
OPERATOR = "p02"
VIDEO_FRAMES = 450
"""At 15 a second: long enough to open a consignment in."""


@pytest.mark.parametrize("source", ["pictures", "video.avi"])
def test_printed_label_seen_by_a_camera_is_a_row_with_a_picture(
    source: str, tmp_path: Path
) -> None:
    settings = _station(tmp_path / "station")
    item, page = _printed(settings)
    _film(page, tmp_path / source)
    camera = CameraSettings(
        name="kamera-1", gate="gerbang-1", source=str(tmp_path / source)
    )

    with running(replace(settings, cameras=(camera,))) as site:
        site.station.gates["gerbang-1"].open(
            OpeningOrder(area="17.71.01", kinds=tuple(Ballot)), OPERATOR
        )
        site.station.gates["gerbang-1"].start_shift(OPERATOR, sound_heard=True)
        until(lambda: site.health()["accepted"] >= 1)
        site.sign_in(create_station.FIRST_LOGIN)
        history = site.get(f"/riwayat/{item}")
        (picture,) = set(hrefs(history, r"/bukti/[0-9a-f]{64}\.jpg"))
        evidence = cv2.imdecode(
            np.frombuffer(site.bytes(picture), np.uint8), cv2.IMREAD_GRAYSCALE
        )

    assert "Pagar Dewa" in history
    assert evidence is not None
    assert min(evidence.shape) > 400


def _station(folder: Path) -> Settings:
    founding = NewStation(regency="1771", title="KPU Kota Bengkulu")
    settings = create_station.create(folder, founding, system_clock)
    log = create_station.open_log(settings, system_clock)
    read = record_plan.read(sorted(CITY.glob("*.csv")))
    record_plan.record(log, read, settings.regency, actor="p01", at=system_clock())
    with log.writing() as batch:
        someone = Newcomer(name="Budi Santoso", role=Role.OPERATOR)
        assert directory.enrol(batch, someone, system_clock()) == OPERATOR
    database.close_writer(log.db)
    return settings


def _printed(settings: Settings) -> tuple[str, NDArray[np.uint8]]:
    """One label's item id and its sheet as a printer's dots, BGR."""
    db = database.open_reader(settings.database)
    (found,) = selection.select(
        db,
        selection.Selection(area="17.71.01.1001", tps="001", ballot=Ballot.PPWP),
    )
    key = create_station.label_key(settings)
    artwork = selection.artwork(
        found, settings, key, selection.regency_name(db, settings)
    )
    db.close()
    pdf = pypdfium2.PdfDocument(sheets.render([artwork], sheets.A4_4))
    drawn = pdf[0].render(scale=DPI / 72).to_numpy()
    return found.item.id, np.ascontiguousarray(drawn[:, :, :3])


def _film(page: NDArray[np.uint8], to: Path) -> None:
    """The sheet as a 720p camera has it, moving: a folder of pictures, or a video."""
    label = cv2.resize(page[: page.shape[0] // 2, : page.shape[1] // 2], (464, 656))
    pictures = []
    for number in range(6):
        picture = np.full((720, 1280, 3), 90, np.uint8)
        left = 200 + 40 * number
        picture[30 : 30 + 656, left : left + 464] = label
        pictures.append(picture)
    if to.suffix:
        motion_jpeg = cv2.VideoWriter.fourcc(*"MJPG")
        video = cv2.VideoWriter(str(to), motion_jpeg, 15, (1280, 720))
        for number in range(VIDEO_FRAMES):
            video.write(pictures[number // 5 % len(pictures)])
        video.release()
        return
    to.mkdir()
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(to / f"{number:02d}.png"), picture)
