"""What happened to the stream, kept from the start for the panel that may be opened later."""

from __future__ import annotations

from collections import deque

from tickstream.core.news import News
from tickstream.core.ports import Event
from tickstream.hub import Hub

__all__ = ["EventLog"]

MOST = 1000


class EventLog:
    """The last events of a hub, each with when it was said."""

    def __init__(self, hub: Hub, most: int = MOST) -> None:
        self.entries: deque[tuple[float, Event]] = deque(maxlen=most)
        self._hub, self._is_news = hub, News()
        hub.watch(self._note)

    def _note(self, event: Event) -> None:
        if self._is_news(event):
            self.entries.append((self._hub.now().wall, event))
