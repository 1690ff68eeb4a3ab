from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2  # noqa: TID251 - draws what a camera would see
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from station.camera_frames import Reader
from station.capture.decoding import engines, tracking
from station.capture.decoding.decoder import Decoder, still, texts
from station.capture.decoding.engines import zbar, zbar_status, zxing
from tests.capture_pictures import foreign, label, pasted, shelf, wall

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAMES = Path(__file__).resolve().parents[2] / "shared" / "frames"
CODES = [f"J11771B{i:05d}KABCDEF" + "00"[: 20 - 19] for i in range(40)]
CODES = [code[:20] for code in CODES]

needs_zbar = pytest.mark.skipif(
    "ok" not in zbar_status(), reason=f"second reader missing: {zbar_status()}"
)


def bgr(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8)


def noisy(
    grey: NDArray[np.uint8], seed: int, deviation: float = 2
) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, deviation, grey.shape)
    return (grey + noise).clip(0, 255).astype(np.uint8)


def shifted(grey: NDArray[np.uint8], x: int, y: int) -> NDArray[np.uint8]:
    matrix = np.array([[1, 0, x], [0, 1, y]], np.float32)
    size = (grey.shape[1], grey.shape[0])
    return cv2.warpAffine(grey, matrix, size, borderValue=(110,)).astype(np.uint8)


def smeared(grey: NDArray[np.uint8], length: int, angle: float) -> NDArray[np.uint8]:
    size, fine = length * 2 + 3, 8
    kernel = np.zeros((size * fine, size * fine), np.float32)
    half, centre = length * fine / 2, size * fine / 2
    dx, dy = np.cos(angle) * half, np.sin(angle) * half
    start = (int(centre - dx), int(centre - dy))
    cv2.line(kernel, start, (int(centre + dx), int(centre + dy)), (1.0,), fine)
    small = cv2.resize(kernel, (size, size), interpolation=cv2.INTER_AREA)
    return cv2.filter2D(grey, -1, small / small.sum()).astype(np.uint8)


# --- still pictures -------------------------------------------------------------


def test_texts_reads_every_label_of_a_shelf() -> None:
    assert texts(bgr(shelf(CODES[:14]))) == sorted(CODES[:14])


@pytest.mark.parametrize("module_px", [2, 3, 6, 12, 20])
def test_texts_reads_labels_of_any_size(module_px: int) -> None:
    picture = pasted(wall(), label(CODES[0], module_px), 100, 20)

    assert texts(bgr(picture)) == [CODES[0]]


@pytest.mark.parametrize("angle", [0.0, 0.6, 1.2])
@pytest.mark.parametrize("length", [7, 9])
def test_texts_takes_back_the_smear_of_a_moving_box(length: int, angle: float) -> None:
    picture = noisy(
        smeared(pasted(wall(), label(CODES[0], 4), 300, 200), length, angle), 1
    )

    assert {s.text for s in zxing(picture)} <= {None}  # the first engine alone cannot
    assert texts(bgr(picture)) == [CODES[0]]


def test_texts_reads_a_label_seen_from_the_side() -> None:
    patch = label(CODES[0], 6)
    side = float(patch.shape[0])
    source = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    target = np.array([[400, 150], [472, 190], [472, 330], [400, 370]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    picture = wall()
    cv2.warpPerspective(
        patch, matrix, (1280, 720), dst=picture, borderMode=cv2.BORDER_TRANSPARENT
    )

    assert texts(bgr(picture.astype(np.uint8))) == [CODES[0]]


def test_texts_reads_light_on_dark() -> None:
    picture = pasted(wall(), (255 - label(CODES[0])).astype(np.uint8), 100, 100)

    assert texts(bgr(picture)) == [CODES[0]]


@pytest.mark.parametrize(
    "content",
    [
        "http://example.org/a?b=c&d=é",
        "日本語のテキスト",
        "Größe 5 € “x”",
        "مرحبا",
        "\x1d01095060001343521010AB\x1d17",
        "A" * 1200,
    ],
)
def test_texts_gives_any_charset_back_right(content: str) -> None:
    patch = foreign(content, 3)
    picture = wall(patch.shape[0] + 100, patch.shape[1] + 100)

    assert texts(bgr(pasted(picture, patch, 50, 50))) == [content]


@pytest.mark.parametrize(
    "content",
    [
        "ｱｲｳ 日本".encode("shift_jis"),
        "Grüße".encode("latin-1"),
        "你好".encode("big5"),
        b"ABC\0DEF",
        bytes(range(256)),
        np.random.default_rng(3).bytes(2000),
    ],
    ids=["shift-jis", "latin-1", "big5", "nul", "all-bytes", "2000-random"],
)
def test_hostile_payload_crashes_nothing_and_is_no_other_text(content: bytes) -> None:
    patch = foreign(content, 3)
    picture = pasted(wall(patch.shape[0] + 60, patch.shape[1] + 60), patch, 30, 30)

    found = [s.text for s in still(picture) if s.text is not None]
    live = [s.text for s in Decoder().read(picture, 0) if s.text is not None]
    by_zbar = [s.text for s in zbar(picture) if s.text is not None]

    expected = {code.text for code in zxingcpp.read_barcodes(picture)}
    expected |= {
        code.text
        for code in zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    }
    assert set(found) | set(live) <= expected
    assert set(by_zbar) <= {content.decode("ascii", "ignore")}
    for text in found:
        text.encode()  # no lone surrogates reach the ledger


def test_largest_symbol_of_all_is_no_trouble() -> None:
    content = "7" * 7089
    patch = foreign(content, 4)
    picture = pasted(wall(patch.shape[0] + 40, patch.shape[1] + 40), patch, 20, 20)

    assert set(texts(bgr(picture))) <= {content}


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 500), (500, 1), (7, 7), (8, 8), (16, 24), (25, 25), (33, 9)]
)
def test_tiny_picture_is_read_as_nothing(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)

    assert texts(bgr(picture)) == []
    assert Decoder().read(picture, 0) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(20, 300), st.integers(20, 300))
def test_random_texture_gives_no_text(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.choice([20, 230], (height // 4 + 1, width // 4 + 1)).astype(np.uint8)
    picture = cells.repeat(4, 0).repeat(4, 1)

    assert texts(bgr(picture)) == []


def test_outlines_lie_on_the_label_whoever_read_it() -> None:
    picture = pasted(wall(), label(CODES[0], 4), 300, 200)
    clean = still(picture)
    blurred = still(noisy(smeared(picture, 8, 0.3), 2))

    for symbol in clean + blurred:
        xs, ys = [x for x, _ in symbol.outline], [y for _, y in symbol.outline]
        assert symbol.text == CODES[0]
        assert np.allclose([min(xs), max(xs)], [316, 416], atol=9)
        assert np.allclose([min(ys), max(ys)], [216, 316], atol=9)
    assert {s.reader for s in clean} == {Reader.ZXING}
    assert {s.reader for s in blurred} == {Reader.ZXING_CROP}


# --- the second engine ------------------------------------------------------------


@needs_zbar
def test_zbar_reads_ascii_and_says_so() -> None:
    assert [(s.text, s.reader) for s in zbar(label(CODES[0]))] == [
        (CODES[0], Reader.ZBAR)
    ]


@needs_zbar
def test_zbar_is_not_believed_beyond_ascii() -> None:
    assert zbar(foreign("Größe", 5)) == []


def test_missing_libzbar_is_said_and_the_first_engine_reads_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name.startswith("pyzbar"):
            raise ImportError("Unable to find zbar shared library")
        return real(name, *rest)  # type: ignore[arg-type]

    for name in [m for m in sys.modules if m.startswith("pyzbar")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    engines._pyzbar.cache_clear()
    try:
        assert "Unable to find zbar shared library" in zbar_status()
        assert "apt-get install libzbar0" in zbar_status()
        assert zbar(label(CODES[0])) == []
        assert texts(bgr(shelf(CODES[:3]))) == CODES[:3]
    finally:
        engines._pyzbar.cache_clear()


# --- a camera's frames ------------------------------------------------------------


def read(decoder: Decoder, picture: NDArray[np.uint8], ms: int) -> set[str | None]:
    return {s.text for s in decoder.read(picture, ms)}


def test_live_reads_a_shelf_in_the_first_frame() -> None:
    assert read(Decoder(), shelf(CODES[:20], 3), 0) == set(CODES[:20])


def test_live_keeps_labels_that_do_not_move() -> None:
    decoder, picture = Decoder(), shelf(CODES[:5])
    for i in range(40):
        assert read(decoder, noisy(picture, i), i * 66) == set(CODES[:5])


def test_live_follows_moving_labels() -> None:
    decoder, picture = Decoder(), shelf(CODES[:5])
    for i in range(40):
        symbols = decoder.read(noisy(shifted(picture, 6 * i, 3 * i), i), i * 66)
        inside = [s for s in symbols if s.text == CODES[0]]
        assert len(inside) == 1
        x, y = inside[0].outline[0]
        assert abs(x - (36 + 6 * i)) < 8
        assert abs(y - (36 + 3 * i)) < 8


def test_live_follows_many_moving_labels() -> None:
    decoder, picture = Decoder(), shelf(CODES[:20], 3)
    for i in range(25):
        seen = read(decoder, noisy(shifted(picture, 3 * i, 2 * i), i), i * 66)
        assert set(CODES[:20]) <= seen


def test_live_sees_a_new_label_beside_known_ones_at_once() -> None:
    decoder = Decoder()
    read(decoder, shelf(CODES[:3]), 0)
    read(decoder, noisy(shelf(CODES[:3]), 1), 66)

    assert read(decoder, noisy(shelf(CODES[:4]), 2), 132) == set(CODES[:4])


@pytest.mark.parametrize("module_px", [2, 4, 12, 20])
def test_live_sees_a_new_label_of_any_size_within_half_a_second(module_px: int) -> None:
    decoder = Decoder()
    base = pasted(wall(), label(CODES[0], 3), 5, 5)
    read(decoder, base, 0)
    read(decoder, noisy(base, 1), 66)
    more = pasted(base, label(CODES[1], module_px), 400, 20)

    seen = [read(decoder, noisy(more, i), 132 + i * 66) for i in range(8)]

    assert set(CODES[:2]) in seen


def test_live_forgets_a_label_that_left_and_does_not_call_it_unread() -> None:
    decoder = Decoder()
    for i in range(5):
        read(decoder, noisy(shelf(CODES[:3]), i), i * 66)

    after = [read(decoder, noisy(shelf(CODES[:2]), i), 330 + i * 66) for i in range(30)]

    assert all(seen == set(CODES[:2]) for seen in after)


def test_live_forgets_everything_when_the_wall_is_empty() -> None:
    decoder = Decoder()
    for i in range(5):
        read(decoder, noisy(shelf(CODES[:3]), i), i * 66)

    assert all(
        read(decoder, noisy(wall(), i), 330 + i * 66) == set() for i in range(30)
    )


def test_live_tells_both_labels_of_a_box_that_carry_one_text() -> None:
    picture = pasted(pasted(wall(), label(CODES[0]), 50, 50), label(CODES[0]), 500, 300)
    decoder = Decoder()
    for i in range(10):
        symbols = decoder.read(noisy(shifted(picture, 4 * i, 0), i), i * 66)
        assert sorted(s.outline[0][1] > 200 for s in symbols) == [False, True]


def test_live_tells_a_label_that_was_covered_as_unread() -> None:
    decoder, picture = Decoder(), pasted(wall(), label(CODES[0], 6), 300, 200)
    covered = picture.copy()
    covered[290:340, 320:480] = 60  # a strap over the middle
    for i in range(5):
        read(decoder, noisy(picture, i), i * 66)

    after = [read(decoder, noisy(covered, i), 330 + i * 66) for i in range(30)]

    assert after[-1] == {None}
    assert sum(seen == {None} for seen in after) > 20


def test_live_unchanged_frames_cost_no_engine_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoder, picture = Decoder(), shelf(CODES[:5])
    for i in range(4):
        read(decoder, noisy(picture, i), i * 66)
    calls: list[object] = []

    def counted(picture: object) -> list[object]:
        calls.append(picture)
        return []

    monkeypatch.setattr(tracking, "zxing", counted)
    for i in range(4, 20):
        assert read(decoder, noisy(picture, i), i * 66) == set(CODES[:5])

    assert calls == []


def test_live_survives_a_camera_that_changes_its_size() -> None:
    decoder = Decoder()
    small = np.ascontiguousarray(shelf(CODES[:3])[:480, :640])
    for i, picture in enumerate(
        [shelf(CODES[:3]), small, wall(1080, 1920), wall(9, 9)]
    ):
        decoder.read(picture, i * 66)

    assert read(decoder, shelf(CODES[:3]), 400) == set(CODES[:3])


def test_live_and_still_agree_on_hard_labels_within_a_few_frames() -> None:
    picture = smeared(shelf(CODES[:4]), 8, 0.4)
    decoder, seen = Decoder(), set[str | None]()
    for i in range(12):
        seen |= read(decoder, noisy(picture, i), i * 66)

    assert set(CODES[:4]) <= seen


# --- other people's photographs -----------------------------------------------------


@pytest.mark.skipif(
    not FRAMES.is_dir(), reason="the photographs of QR codes are not beside the project"
)
def test_photographs_are_read_with_no_wrong_text() -> None:
    truth: dict[str, list[str]] = json.loads((FRAMES / "truth.json").read_text())
    read_count, wrong = 0, []
    for name, wanted in truth.items():
        raw = cv2.imread(str(FRAMES / name), cv2.IMREAD_UNCHANGED)
        if raw is None:
            continue
        got = {_plain(text) for text in texts(_on_white(raw))}
        expected = {_plain(text) for text in wanted}
        read_count += len(got & expected)
        wrong += [(name, text) for text in got - expected]

    assert wrong == []
    assert read_count >= 0.9 * sum(map(len, truth.values()))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip().replace("\0", "")


def _on_white(raw: NDArray[Any]) -> NDArray[np.uint8]:
    if raw.dtype != np.uint8:
        raw = (raw / 257).astype(np.uint8)
    if raw.ndim == 2:
        return bgr(raw)
    if raw.shape[2] == 4:
        alpha = raw[:, :, 3:].astype(np.float32) / 255
        return (raw[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return raw
