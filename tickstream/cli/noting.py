"""What happens to the stream, as lines for people on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tickstream.core.ports import Event, Link, Status
from tickstream.hub import Hub
from tickstream.sinks.output import Notes

__all__ = ["noting"]


@contextmanager
def noting(hub: Hub, notes: Notes | None = None) -> Iterator[Notes]:
    """States, gaps and drops as lines on stderr."""
    notes = notes or Notes()
    said: tuple[object, ...] = ()

    def note(event: Event) -> None:
        nonlocal said
        if isinstance(event, Status):
            # "connecting" again with another reason is no news; why it is lost is.
            news = event.state not in (Link.CONNECTING, Link.LIVE)
            before, said = said, (event.state, event.mark, *((event.reason, event.attempt) if news else ()))
            if said == before:
                return
        notes.say(str(event))

    hub.watch(note)
    try:
        yield notes
    finally:
        notes.close()
