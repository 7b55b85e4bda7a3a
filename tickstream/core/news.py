"""Which events are news to a person: trying again is none, being lost for another reason is."""

from __future__ import annotations

from tickstream.core.ports import Event, Link, Rewound, Status

__all__ = ["News"]


class News:
    """Asked with each event, in the order they came."""

    def __init__(self) -> None:
        self._said: tuple[object, ...] = ()

    def __call__(self, event: Event) -> bool:
        if isinstance(event, Rewound):
            return False  # that it is connecting again says as much
        if not isinstance(event, Status):
            return True
        # "connecting" again with another reason is no news; why it is lost is.
        news = event.state not in (Link.CONNECTING, Link.LIVE)
        before = self._said
        self._said = (event.state, event.mark, *((event.reason, event.attempt) if news else ()))
        return self._said != before
