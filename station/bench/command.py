"""``jejak bench``: figures of this machine, made in one run so that they compare."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any

from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(what: str, folders: Sequence[Path] = ()) -> dict[str, Any]:
    """The figures of one subject, with what they were measured on.

    Args:
        what: ``decode``, ``ledger``, ``gate`` or ``labels``.
        folders: for ``decode``: pictures to score, each with its ``truth.json``.
    """
    return {"bench": what, "machine": _machine(), **_figures(what, folders)}


def _figures(what: str, folders: Sequence[Path]) -> dict[str, Any]:
    # Imported here: each needs other parts, and one may be missing on a machine.
    if what == "decode":
        from station.bench import decode_speed as decode  # noqa: PLC0415

        return decode.run(folders)
    if what == "ledger":
        from station.bench import ledger_speed as ledger  # noqa: PLC0415

        return ledger.run()
    if what == "labels":
        from station.bench import label_speed  # noqa: PLC0415

        return label_speed.run()
    from station.bench import gate_latency  # noqa: PLC0415

    return gate_latency.run()


def _machine() -> dict[str, Any]:
    name, version = database.driver()
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "sqlite": f"{version} ({name})",
    }
