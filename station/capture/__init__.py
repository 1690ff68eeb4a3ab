"""LIGHT: cameras, decoding, passings, pictures kept. Knows no ledger and no web."""

from __future__ import annotations

import os
import sys

# Both are read once, when cv2 is first imported: without the first a Windows webcam
# can take 20 s to open (OpenCV issues 17687, 26495); with the second a torn video is
# told in our one sentence, not in FFmpeg's noise.
if sys.platform == "win32":
    os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
