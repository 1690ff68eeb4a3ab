"""A network camera: Motion JPEG over http (multipart/x-mixed-replace)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import urllib3
from urllib3.util import Timeout, make_headers, parse_url

from station.capture.jpeg import colour_of, grey_of, is_jpeg, jpeg_of
from station.capture.sources.picture_source import CameraError, Picture

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

_CONNECT_S, _READ_S = 5.0, 10.0
_CHUNK: Final = 65_536
_LARGEST: Final = 16 << 20
_BAD_IN_A_ROW: Final = 20


class StreamSource:
    """The pictures of a network camera; its own JPEG is passed on unchanged."""

    def __init__(self, url: str) -> None:
        self._shown = url.rpartition("@")[2]
        """The address without its password, for sentences."""
        try:
            parsed = parse_url(url)
        except urllib3.exceptions.LocationParseError as error:
            raise self._error("an http address", "none that can be read") from error
        self._shown = str(parsed._replace(auth=None).url)
        self._pool = urllib3.PoolManager(
            timeout=Timeout(connect=_CONNECT_S, read=_READ_S), retries=False
        )
        headers = make_headers(basic_auth=parsed.auth) if parsed.auth else None
        try:
            self._response = self._pool.request(
                "GET", parsed._replace(auth=None).url, headers=headers,
                preload_content=False,
            )  # fmt: skip
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise self._error("a stream", _reason(error)) from error
        try:
            self._parts = Parts(self._response, self._boundary())
        except CameraError:
            self.close()
            raise

    def _boundary(self) -> bytes:
        """The line between two pictures, as the camera announces it."""
        if self._response.status != 200:  # noqa: PLR2004 - http's own number
            raise self._error("status 200", f"status {self._response.status}")
        kind = self._response.headers.get("Content-Type", "nothing")
        name, _, rest = kind.partition("boundary=")
        if not name.lower().startswith("multipart/"):
            raise self._error("multipart/x-mixed-replace (Motion JPEG)", kind)
        return rest.split(";")[0].strip().strip('"').removeprefix("--").encode()

    def _error(self, expected: str, got: str) -> CameraError:
        return CameraError(
            "expected %(expected)s from %(shown)s, got %(got)s; check the camera's "
            "address, password and cable",
            expected=expected,
            shown=self._shown,
            got=got,
        )

    def read(self) -> Picture | None:
        """The next valid picture.

        Raises:
            CameraError: the camera went away, or sends no pictures.
        """
        for _ in range(_BAD_IN_A_ROW):
            try:
                data = self._parts.next()
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise self._error("a picture", _reason(error)) from error
            if data is None:
                raise self._error("a picture", "the end of the stream")
            if picture := _picture(data):
                return picture
        raise self._error("JPEG pictures", f"{_BAD_IN_A_ROW} parts that are none")

    def close(self) -> None:
        """Hang up."""
        self._response.close()
        self._pool.clear()


def _picture(data: bytes) -> Picture | None:
    grey = grey_of(data)
    if grey is None:
        return None
    if is_jpeg(data):
        return grey, data
    pixels = colour_of(data)
    return None if pixels is None else (grey, jpeg_of(pixels))


def _reason(error: Exception) -> str:
    """A library's error in a few words, without object addresses."""
    system = error if isinstance(error, OSError) else error.__cause__
    if isinstance(system, OSError) and system.strerror:
        return system.strerror
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return f"no answer in {_READ_S:g} s"
    return type(error).__name__


class Parts:
    """The bodies of a multipart answer, with or without Content-Length.

    Source: RFC 2046 section 5.1; cameras differ in where they put blank lines.
    """

    def __init__(self, response: BaseHTTPResponse, boundary: bytes) -> None:
        self._response = response
        self._line = b"--" + boundary
        self._buffer = bytearray()

    def next(self) -> bytes | None:
        """The next body; None when the stream ended."""
        if (
            not self._pass_over(self._line)
            or (head := self._until(b"\r\n\r\n")) is None
        ):
            return None
        length = _content_length(head)
        if length is None:
            body = self._until(b"\r\n" + self._line, keep=True)
        else:
            body = self._exactly(length)
        return body

    def _more(self) -> bool:
        chunk = self._response.read1(_CHUNK)
        self._buffer += chunk
        return bool(chunk)

    def _pass_over(self, mark: bytes) -> bool:
        return self._until(mark) is not None

    def _until(self, mark: bytes, *, keep: bool = False) -> bytes | None:
        """The bytes before the mark, which is consumed too unless kept.

        Raises:
            ProtocolError: the mark does not come.
        """
        start = 0
        while (at := self._buffer.find(mark, start)) < 0:
            start = max(0, len(self._buffer) - len(mark))
            if len(self._buffer) > _LARGEST:
                raise urllib3.exceptions.ProtocolError("a part without end")
            if not self._more():
                return None
        before = bytes(self._buffer[:at])
        del self._buffer[: at if keep else at + len(mark)]
        return before

    def _exactly(self, length: int) -> bytes | None:
        while len(self._buffer) < length:
            if not self._more():
                return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return body


def _content_length(head: bytes) -> int | None:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            try:
                length = int(value)
            except ValueError:
                return None
            return length if 0 < length <= _LARGEST else None
    return None
