"""The virtual gate camera: real labels, read back from nothing but its pixels."""

from __future__ import annotations

import hashlib
import pickle
import threading
from typing import TYPE_CHECKING

import pytest

from station.camera_frames import CameraSettings
from station.capture.decoding.decoder import Decoder
from station.capture.jpeg import colour_of
from station.capture.process.supervisor import CameraProcess
from station.capture.virtual.box_texture import BoxLook, Shape
from station.capture.virtual.virtual_camera import (
    Pass,
    Pause,
    Resume,
    Take,
    VirtualCamera,
    open_virtual,
)
from station.errors import StationError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from station.camera_frames import FrameResult

BOXES = tuple(f"J11771B{number:05d}ABCDEF12" for number in range(8))
CAPTION = ("1771-B-0007K", "TPS 003 Sukarami", "Kec. Selebar")


class Time:
    """Stands still until somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.slept_s: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def camera(time: Time) -> VirtualCamera:
    settings = CameraSettings(name="gerbang-1", gate="gerbang-1", source="virtual")
    return VirtualCamera(settings, time.monotonic, time.sleep)


def grey(camera: VirtualCamera) -> NDArray[np.uint8]:
    picture = camera.read()
    assert picture is not None
    return picture[0]


def texts(camera: VirtualCamera) -> set[str]:
    symbols = Decoder().read(grey(camera), 0)
    return {symbol.text for symbol in symbols if symbol.text is not None}


def looks(*texts: str, wrap: float = 0.0) -> Pass:
    return Pass(
        tuple(BoxLook(text, CAPTION, "DPR", (240, 200, 0), wrap=wrap) for text in texts)
    )


def test_virtual_camera_shows_labels_that_the_decoder_reads(
    camera: VirtualCamera,
) -> None:
    camera.cue(looks(*BOXES[:4]))

    frames = [texts(camera) for _ in range(110)]

    assert set().union(*frames) == set(BOXES[:4])
    assert max(len(seen) for seen in frames) >= 2, "never two labels in one view"
    for text in BOXES[:4]:
        # A label is in view for two seconds and read in most of those pictures.
        assert sum(text in seen for seen in frames) >= 18
    assert frames[-1] == set()


def test_virtual_camera_shows_an_empty_gate_without_cues(
    camera: VirtualCamera,
) -> None:
    pictures = [grey(camera) for _ in range(3)]

    assert [Decoder().read(picture, 0) for picture in pictures] == [[], [], []]
    assert pictures[0].shape == (720, 1280)
    # A sensor is never quite still.
    assert (pictures[0] != pictures[1]).mean() > 0.2


def test_virtual_camera_hands_out_the_same_picture_as_jpeg(
    camera: VirtualCamera,
) -> None:
    picture = camera.read()
    assert picture is not None

    colour = colour_of(picture[1])

    assert colour is not None
    assert colour.shape == (720, 1280, 3)
    assert abs(float(colour.mean()) - float(picture[0].mean())) < 6


def test_virtual_camera_keeps_the_boxes_in_view_while_paused(
    camera: VirtualCamera,
) -> None:
    camera.cue(looks(BOXES[0]))
    for _ in range(22):
        grey(camera)

    camera.cue(Pause())
    standing = [texts(camera) for _ in range(75)]
    camera.cue(Resume())
    leaving = [texts(camera) for _ in range(40)]

    assert standing[-1] == {BOXES[0]}
    assert leaving[-1] == set()


def test_virtual_camera_lifts_a_box_off_the_standing_line(
    camera: VirtualCamera,
) -> None:
    camera.cue(looks(BOXES[0], BOXES[1]))
    for _ in range(30):
        grey(camera)
    camera.cue(Pause())
    before = texts(camera)

    camera.cue(Take(BOXES[0]))
    after = [texts(camera) for _ in range(20)][-1]

    assert before == {BOXES[0], BOXES[1]}
    assert after == {BOXES[1]}


def test_passes_that_come_at_once_do_not_hide_each_other(
    camera: VirtualCamera,
) -> None:
    camera.cue(looks(BOXES[0], BOXES[1]))
    camera.cue(looks(BOXES[2]))

    seen = set().union(*(texts(camera) for _ in range(90)))

    assert seen == set(BOXES[:3])


def test_bundles_and_foreign_parcels_are_read_too(camera: VirtualCamera) -> None:
    parcel = BoxLook("JX4471902835ID", ("EKSPRES",), shape=Shape.PARCEL)
    bundle = BoxLook(BOXES[5], CAPTION, "DPD", (200, 30, 30), Shape.BUNDLE)
    camera.cue(Pass((parcel, bundle)))

    seen = set().union(*(texts(camera) for _ in range(75)))

    assert seen == {"JX4471902835ID", BOXES[5]}


def test_plastic_film_hides_a_label_in_some_pictures_only(
    camera: VirtualCamera,
) -> None:
    camera.cue(looks(*BOXES[:4], wrap=1.0))
    wrapped = [texts(camera) for _ in range(110)]
    camera.cue(looks(*BOXES[:4]))
    bare = [texts(camera) for _ in range(110)]

    assert set().union(*wrapped) == set(BOXES[:4])
    assert sum(map(len, wrapped)) < sum(map(len, bare))


def test_virtual_camera_keeps_its_rate(camera: VirtualCamera, time: Time) -> None:
    for _ in range(31):
        grey(camera)

    assert time.now_s - 100.0 == pytest.approx(30 / 15)


def test_a_late_reader_misses_pictures_but_no_time(time: Time) -> None:
    settings = CameraSettings(name="kamera", gate="gerbang-1", source="virtual")
    camera = VirtualCamera(settings, time.monotonic, time.sleep)
    camera.cue(looks(BOXES[0]))
    for _ in range(9):
        time.now_s += 0.4
        grey(camera)

    assert time.slept_s == []
    assert texts(camera) == set(), "the box has passed after 3.6 s"


def test_the_same_name_and_cues_give_the_same_pictures() -> None:
    def digest(name: str) -> str:
        time = Time()
        settings = CameraSettings(name=name, gate="gerbang-1", source="virtual")
        camera = VirtualCamera(settings, time.monotonic, time.sleep)
        camera.cue(looks(BOXES[0], wrap=0.5))
        return hashlib.sha256(
            b"".join(grey(camera).tobytes() for _ in range(12))
        ).hexdigest()

    assert digest("a") == digest("a")
    assert digest("a") != digest("b")


def test_cues_cross_a_process_border() -> None:
    for cue in (looks(BOXES[0]), Pause(), Resume(), Take(BOXES[0])):
        assert pickle.loads(pickle.dumps(cue)) == cue  # noqa: S301 - our own bytes


def test_virtual_camera_runs_in_a_process_of_its_own() -> None:
    settings = CameraSettings(name="gerbang-1", gate="gerbang-1", source="virtual")
    seen = threading.Event()

    def on_view(view: FrameResult) -> None:
        process.cue(looks(BOXES[0]))
        if any(symbol.text == BOXES[0] for symbol in view.symbols):
            seen.set()

    process = CameraProcess(settings, on_view, lambda *_: None, open_virtual)
    process.start()
    try:
        assert seen.wait(60)
    finally:
        process.stop()


def test_virtual_camera_refuses_what_is_no_cue(camera: VirtualCamera) -> None:
    with pytest.raises(StationError, match="got str"):
        camera.cue("pause")


def test_virtual_camera_draws_other_sizes() -> None:
    time = Time()
    settings = CameraSettings(
        name="kecil",
        gate="gerbang-1",
        source="virtual",
        width=1920,
        height=1080,
        fps=15,
    )
    camera = VirtualCamera(settings, time.monotonic, time.sleep)
    camera.cue(looks(BOXES[0]))

    seen = set().union(*(texts(camera) for _ in range(30)))

    assert grey(camera).shape == (1080, 1920)
    assert seen == {BOXES[0]}
