"""What happens to the stream, as lines for people on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tickstream.core.news import News
from tickstream.core.ports import Event
from tickstream.hub import Hub
from tickstream.sinks.output import Notes

__all__ = ["noting"]


@contextmanager
def noting(hub: Hub, notes: Notes | None = None) -> Iterator[Notes]:
    """States, gaps and drops as lines on stderr."""
    notes = notes or Notes()
    is_news = News()

    def note(event: Event) -> None:
        if is_news(event):
            notes.say(str(event))

    hub.watch(note)
    try:
        yield notes
    finally:
        notes.close()
