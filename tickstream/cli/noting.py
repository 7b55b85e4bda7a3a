"""What happens to the stream, as lines for people on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tickstream.core.news import News
from tickstream.core.ports import Event, Link, Status
from tickstream.hub import Hub
from tickstream.sinks.notes import Notes

__all__ = ["noting", "say"]

_LOST = (Link.BACKOFF, Link.REFUSED)


@contextmanager
def noting(hub: Hub, notes: Notes | None = None, *, advice: str = "") -> Iterator[Notes]:
    """States, gaps and drops as lines on stderr; `advice` is said once, where the first way there fails."""
    notes = notes or Notes()
    is_news = News()
    left = [advice] if advice else []

    def note(event: Event) -> None:
        if is_news(event):
            notes.say(str(event))
        if left and isinstance(event, Status) and event.state in _LOST and not hub.pushes:
            notes.say(left.pop())

    hub.watch(note)
    try:
        yield notes
    finally:
        notes.close()


def say(text: str) -> None:
    """One line, and nothing else that might be."""
    notes = Notes()
    notes.say(text)
    notes.close()
