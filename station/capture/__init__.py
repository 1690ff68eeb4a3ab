"""LIGHT: cameras, decoding, passings, pictures kept. Knows no ledger and no web."""

from __future__ import annotations

import os
import sys

# Both libraries read these once, when cv2 is first imported: without the first a
# Windows webcam can take 20 s to open (OpenCV issues 17687, 26495); with the
# others a missing camera or a torn video is our one sentence, not their noise.
if sys.platform == "win32":
    os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
