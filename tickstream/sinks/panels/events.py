"""The events: what happened to the stream while it was watched, and which alerts came true."""

from __future__ import annotations

import time

from tickstream.core.board import Now
from tickstream.core.ports import Event, Fired, Link, Status
from tickstream.sinks.eventlog import EventLog
from tickstream.sinks.frame import Piece
from tickstream.sinks.panels.panel import Scrolled

__all__ = ["Events"]


class Events(Scrolled):
    """A line for each, the last one on top."""

    title = "events"

    def __init__(self, log: EventLog) -> None:
        super().__init__()
        self._log = log

    def content(self, width: int, now: Now) -> list[list[Piece]]:
        if not self._log.entries:
            return [[("  nothing has happened yet", "dim")]]
        return [_line(when, event) for when, event in reversed(self._log.entries)]


def _line(when: float, event: Event) -> list[Piece]:
    stamp = time.strftime("%b %d %H:%M:%S", time.localtime(when))
    return [(f"  {stamp}  ", "dim"), (str(event), _tone(event))]


def _tone(event: Event) -> str:
    if isinstance(event, Status):
        return "" if event.state is Link.LIVE else "dim" if event.state is Link.CONNECTING else "bad"
    return "bold" if isinstance(event, Fired) else "warn"
