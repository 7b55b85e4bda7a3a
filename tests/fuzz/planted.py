"""A reader of frames with a fault in it: fuzzing that does not find it within seconds finds nothing."""

from __future__ import annotations

from tickstream.core.tick import Tick

__all__ = ["Planted", "look"]


class Planted(Exception):
    """The fault that was planted; no documented error."""


def look(tick: Tick) -> None:
    """Fails for one exchange that no kept input names."""
    if tick.exchange == "NYQ":
        raise Planted
