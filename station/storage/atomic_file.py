"""Files that are whole or not there, after a power cut too."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Put the bytes at ``path`` in place of what was there: all of them, or none.

    Raises:
        OSError: the disk refuses; what was there stays.
    """
    temp = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with temp.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temp.replace(path)
    finally:
        temp.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Let a file that others wrote reach the disk; the cache forgets it then.

    What is read next comes from the disk itself where the system can be asked for
    that (Linux); elsewhere it may come from memory.

    Raises:
        OSError: the disk refuses.
    """
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        if sys.platform == "linux":
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def sync_folder(folder: Path) -> None:
    """Make a folder's new names durable, where the system and the disk know how.

    Windows has no such call, and some sticks' file systems refuse it as invalid.

    Raises:
        OSError: the disk refuses.
    """
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)
