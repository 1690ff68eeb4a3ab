"""A failure that the engine reports at no place is no label that nobody could read."""

from __future__ import annotations

import cv2  # noqa: TID251 - the reader takes grey
import numpy as np
import zxingcpp

from labels.label_code import ItemId, LabelCode
from station.camera_frames import CameraSettings
from station.capture.decoding.engines import zxing
from station.capture.virtual.box_texture import BoxLook
from station.capture.virtual.virtual_camera import Pass, open_virtual


def test_a_failure_at_no_place_is_no_unread_label() -> None:
    camera = open_virtual(
        CameraSettings(name="kamera-gudang", gate="g", source="virtual", fps=16)
    )
    for number in range(1, 7):
        code = LabelCode.issue(ItemId.parse(f"1771-B-0000{number}"), 1, bytes(32))
        look = BoxLook(
            text=str(code),
            caption=("TPS 001",),
            kind="DPR",
            colour=(255, 214, 10),
            wrap=0.8,
        )
        camera.cue(Pass((look,)))
    nowhere = 0

    for _ in range(260):
        grey = np.asarray(
            cv2.cvtColor(camera.draw(1 / 16), cv2.COLOR_BGR2GRAY), np.uint8
        )
        raw = zxingcpp.read_barcodes(
            grey,
            formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2),
            return_errors=True,
        )
        nowhere += sum(
            not code.valid and str(code.position).startswith("0x0 0x0 0x0 0x0")
            for code in raw
        )
        for symbol in zxing(grey):
            assert len(set(symbol.outline)) == 4

    assert nowhere, "the engine reported no failure without a place"
