"""The hub lies in the station, which fills it; the pages only wait on it."""

from station.runtime.hub import Hub, OutlinedLabel, Picture

__all__ = ["Hub", "OutlinedLabel", "Picture"]
