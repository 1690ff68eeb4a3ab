from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import cv2  # noqa: TID251 - writes the video files
import numpy as np
import pytest

from station.camera_frames import CameraSettings
from station.capture.decoding.decoder import Decoder
from station.capture.jpeg import is_jpeg
from station.capture.sources import (
    mjpeg_stream,
    one_shot_recording,
    open_camera,
    playback,
)
from station.capture.sources.open_camera import (
    CameraError,
    SourceEnded,
    Webcam,
    open_source,
)
from tests.capture_pictures import jpeg, shelf, wall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from station.capture.sources.picture_source import PictureSource

TEXT = "J11771B0007KABCDEF00"


def settings(source: object) -> CameraSettings:
    return CameraSettings(name="k1", gate="g1", source=str(source), fps=500)


def video(path: Path, frames: int, fps: float = 120.0) -> Path:
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (1280, 720)
    )
    assert writer.isOpened()
    for _ in range(frames):
        writer.write(cv2.cvtColor(shelf([TEXT]), cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


def texts(source: PictureSource) -> list[str | None]:
    picture = source.read()
    assert picture is not None
    return [s.text for s in Decoder().read(picture[0], 0)]


def drain(source: PictureSource) -> None:
    while source.read() is not None:
        pass


def drained(source: PictureSource) -> tuple[int, str]:
    """How many pictures came, and the sentence at the end.

    Raises:
        AssertionError: no sentence came.
    """
    count = 0
    try:
        while source.read() is not None:
            count += 1
    except CameraError as error:
        return count, str(error)
    raise AssertionError("a source that is lost must say why")


# --- recordings ---------------------------------------------------------------


def test_video_file_is_read_and_ends_with_a_sentence(tmp_path: Path) -> None:
    source = open_source(settings(video(tmp_path / "a.avi", 12)))

    assert texts(source) == [TEXT]
    count, sentence = drained(source)
    source.close()

    assert count == 11
    assert "ended after 12 frames" in sentence


def test_video_that_breaks_off_says_so(tmp_path: Path) -> None:
    whole = video(tmp_path / "a.avi", 40).read_bytes()
    torn = tmp_path / "torn.avi"
    torn.write_bytes(whole[: len(whole) // 2])

    source = open_source(settings(torn))
    count, sentence = drained(source)
    source.close()

    assert 0 < count < 40
    assert "the file is torn" in sentence or f"ended after {count} frames" in sentence


def test_video_whose_frames_are_overwritten_ends_without_a_crash(
    tmp_path: Path,
) -> None:
    path = video(tmp_path / "a.avi", 30)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 :] = b"\x55" * (len(data) - len(data) // 3)
    path.write_bytes(data)

    source = open_source(settings(path))
    count, sentence = drained(source)
    source.close()

    assert count < 30
    assert "torn" in sentence


@pytest.mark.parametrize("content", [b"", b"this is no video", b"\0" * 5000])
def test_file_that_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)

    with pytest.raises(CameraError, match="expected a video"):
        open_source(settings(path))


def test_folder_shows_each_picture_long_enough_and_leaves_out_what_is_none(
    tmp_path: Path,
) -> None:
    (tmp_path / "2.jpg").write_bytes(jpeg(shelf([TEXT])))
    (tmp_path / "1.jpg").write_bytes(b"no picture")
    (tmp_path / "3.png").write_bytes(jpeg(wall()))
    (tmp_path / "notes.txt").write_text("no picture either")

    source = open_source(settings(tmp_path))
    first = texts(source)
    count, sentence = drained(source)

    assert first == [TEXT]
    assert count == 29
    assert "every picture" in sentence
    assert "not pictures: 1.jpg" in sentence


def test_folder_that_vanishes_can_be_opened_again_later(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "1.jpg").write_bytes(jpeg(wall()))
    (folder / "2.jpg").write_bytes(jpeg(wall()))
    source = open_source(settings(folder))
    source.read()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()

    with pytest.raises(CameraError, match="expected a folder of pictures") as caught:
        drain(source)

    assert not isinstance(caught.value, SourceEnded)


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="expected pictures in"):
        open_source(settings(tmp_path))


def test_source_that_is_not_there_is_refused_in_one_sentence() -> None:
    with pytest.raises(CameraError, match=r"'nowhere/x\.mp4', which is not there"):
        open_source(settings("nowhere/x.mp4"))


def test_picture_with_a_header_that_promises_too_much_is_refused(
    tmp_path: Path,
) -> None:
    data = bytearray(cv2.imencode(".png", wall())[1].tobytes())
    data[16:24] = b"\x7f\xff\xff\xff\x7f\xff\xff\xff"
    (tmp_path / "huge.png").write_bytes(data)

    with pytest.raises(CameraError, match="that are none"):
        playback.load(tmp_path / "huge.png")


# --- webcam -------------------------------------------------------------------


class FakeCapture:
    """cv2.VideoCapture of a camera that this machine does not have."""

    def __init__(self, frames: list[Any], *, raw: list[Any] | None = None) -> None:
        self.frames, self.raw = frames, raw
        self.set_calls: list[tuple[int, float]] = []
        self.convert = 1.0

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def set(self, key: int, value: float, /) -> bool:
        self.set_calls.append((key, value))
        if key == cv2.CAP_PROP_CONVERT_RGB:
            self.convert = value
            return self.raw is not None
        return True

    def get(self, key: int, /) -> float:
        return dict(self.set_calls).get(key, 0.0)

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        frames = self.raw if self.convert == 0 and self.raw is not None else self.frames
        if not frames:
            return False, None
        return True, frames.pop(0)

    def release(self) -> None:
        self.frames = []


def flat(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8).reshape(1, -1)


def bgr(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8)


def test_webcam_hands_on_its_own_jpeg() -> None:
    own = jpeg(shelf([TEXT]))
    capture = FakeCapture([], raw=[flat(own), flat(own + b"\0" * 900)])

    webcam = Webcam(capture, settings(0))
    picture = webcam.read()

    assert picture is not None
    assert picture[1] == own
    assert picture[0].shape == (720, 1280)


def test_webcam_that_hands_over_raw_yuv_is_asked_for_pixels_again() -> None:
    yuv = np.zeros((720, 1280, 2), np.uint8)
    capture = FakeCapture([bgr(shelf([TEXT]))], raw=[yuv] * 10)

    webcam = Webcam(capture, settings(0))

    assert texts(webcam) == [TEXT]
    assert capture.convert == 1


def test_webcam_jpeg_without_huffman_tables_is_encoded_again_for_the_browser() -> None:
    own = jpeg(wall())
    bare = own[: own.index(b"\xff\xc4")] + own[own.index(b"\xff\xda") :]
    capture = FakeCapture([bgr(wall())], raw=[flat(bare)] * 10)

    picture = Webcam(capture, settings(0)).read()

    assert picture is not None
    assert b"\xff\xc4" in picture[1]


def test_webcam_leaves_out_a_torn_picture() -> None:
    own = jpeg(shelf([TEXT]))
    capture = FakeCapture([], raw=[flat(own), flat(own[:2000]), flat(own)])

    webcam = Webcam(capture, settings(0))

    assert texts(webcam) == [TEXT]


def test_webcam_asks_for_format_before_size_before_rate() -> None:
    capture = FakeCapture([bgr(wall())])

    Webcam(capture, settings(0))

    assert [key for key, _ in capture.set_calls[:5]] == [
        cv2.CAP_PROP_FOURCC,
        cv2.CAP_PROP_FRAME_WIDTH,
        cv2.CAP_PROP_FRAME_HEIGHT,
        cv2.CAP_PROP_FPS,
        cv2.CAP_PROP_BUFFERSIZE,
    ]
    assert capture.set_calls[0][1] == cv2.VideoWriter.fourcc(*"MJPG")


def test_webcam_that_is_unplugged_gives_none() -> None:
    assert Webcam(FakeCapture([bgr(wall())]), settings(0)).read() is not None
    assert Webcam(FakeCapture([]), settings(0)).read() is None


def test_webcam_that_is_not_there_is_told_without_noise(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CameraError, match="expected a webcam with number 97, got none"):
        open_source(settings(97))

    assert capfd.readouterr().err == ""


def test_cameras_lists_nothing_where_there_is_none(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nowhere:
        def __init__(self, _path: str) -> None:
            return

        def glob(self, _pattern: str) -> list[Path]:
            return []

    monkeypatch.setattr(open_camera, "Path", Nowhere)
    monkeypatch.setattr(open_camera, "_INDICES_TRIED", 0)

    assert open_camera.cameras() == []
    assert capfd.readouterr().err == ""


def test_backend_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CameraError, match="expected a backend of v4l2"):
        open_source(replace(settings(0), backend="gstreamer"))


# --- network camera -----------------------------------------------------------


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A real http server for one kind of answer; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_args: object) -> None:
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}/video"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def multipart(
    parts: list[bytes], boundary: str = "frame", *, length: bool = True
) -> bytes:
    out = b""
    for part in parts:
        out += f"--{boundary}\r\nContent-Type: image/jpeg\r\n".encode()
        if length:
            out += f"Content-Length: {len(part)}\r\n".encode()
        out += b"\r\n" + part + b"\r\n"
    return out + f"--{boundary}\r\n".encode()


def sends(
    body: bytes,
    kind: str = "multipart/x-mixed-replace; boundary=frame",
    status: int = 200,
) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize("length", [True, False], ids=["length", "no-length"])
@pytest.mark.parametrize(
    "kind",
    [
        "multipart/x-mixed-replace; boundary=frame",
        "multipart/x-mixed-replace;boundary=--frame",
        'multipart/x-mixed-replace; boundary="frame"; charset=x',
    ],
)
def test_stream_hands_on_the_cameras_own_jpeg(kind: str, *, length: bool) -> None:
    own = jpeg(shelf([TEXT]))
    body = multipart([own, own], length=length)

    with server(sends(body, kind)) as url:
        source = open_source(settings(url))
        first, second = source.read(), source.read()
        _, sentence = drained(source)
        source.close()

    assert first is not None
    assert second is not None
    assert first[1] == second[1] == own
    assert [s.text for s in Decoder().read(first[0], 0)] == [TEXT]
    assert "got the end of the stream" in sentence


def test_stream_skips_a_part_that_is_no_picture() -> None:
    own = jpeg(shelf([TEXT]))

    with server(sends(multipart([b"rubbish", own]))) as url:
        source = open_source(settings(url))
        picture = source.read()
        source.close()

    assert picture is not None
    assert picture[1] == own


def test_stream_of_rubbish_is_given_up() -> None:
    with server(sends(multipart([b"rubbish"] * 30))) as url:
        source = open_source(settings(url))
        count, sentence = drained(source)
        source.close()

    assert count == 0
    assert "expected JPEG pictures" in sentence


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("text/html", 200, "got text/html"),
        ("image/jpeg", 200, "got image/jpeg"),
        ("text/plain", 401, "got status 401"),
    ],
)
def test_stream_that_is_something_else_is_refused(
    kind: str, status: int, words: str
) -> None:
    with (
        server(sends(b"x", kind, status)) as url,
        pytest.raises(CameraError, match=words),
    ):
        open_source(settings(url))


def test_stream_password_goes_to_the_camera_and_into_no_sentence() -> None:
    seen: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Authorization"])
        handler.send_error(403)

    with server(answer) as url, pytest.raises(CameraError) as caught:
        open_source(settings(url.replace("//", "//op:rahasia@")))

    assert seen == ["Basic b3A6cmFoYXNpYQ=="]
    assert "rahasia" not in str(caught.value)


def test_stream_of_a_camera_that_is_off_is_told() -> None:
    with server(sends(b"")) as url:
        gone = url

    with pytest.raises(CameraError, match=r"[Rr]efused"):
        open_source(settings(gone))


def test_stream_that_falls_silent_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mjpeg_stream, "_READ_S", 0.2)
    let_go = threading.Event()
    own = jpeg(wall())

    def answer(handler: BaseHTTPRequestHandler) -> None:
        sends(multipart([own]))(handler)
        handler.wfile.flush()
        let_go.wait(10)

    with server(answer) as url:
        source = open_source(settings(url))
        count, sentence = drained(source)
        source.close()
        let_go.set()

    assert count == 1
    assert "no answer" in sentence


# --- a recording at a gate ----------------------------------------------------


def test_a_recording_at_a_gate_ends_with_a_card_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(jpeg(shelf([TEXT])))
    source = one_shot_recording.open_camera(settings(tmp_path))
    shown = [source.read() for _ in range(15)]

    card, again = source.read(), source.read()

    assert card is not None
    assert again is card
    assert all(card is not one for one in shown)
    assert Decoder().read(card[0], 0) == []
    assert is_jpeg(card[1])


def test_a_folder_that_vanishes_at_a_gate_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("1.jpg", "2.jpg"):
        (folder / name).write_bytes(jpeg(wall()))
    source = one_shot_recording.open_camera(settings(folder))
    source.read()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()

    with pytest.raises(CameraError, match="expected a folder of pictures"):
        drain(source)


def test_what_is_neither_picture_nor_video_is_told_what_would_be(
    tmp_path: Path,
) -> None:
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.7")

    with pytest.raises(CameraError, match=r"give a picture \(JPEG, PNG\) or a video"):
        open_source(settings(tmp_path / "plan.pdf"))
