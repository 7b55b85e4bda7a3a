"""What clients say to the streamer: `{"subscribe":["AAPL"]}` and `{"unsubscribe":["AAPL"]}`. Pure."""

from __future__ import annotations

import msgspec

__all__ = ["Malformed", "read_subscriptions"]

_ACTIONS = {"subscribe", "unsubscribe"}


class Malformed(Exception):
    """A client's message is none that Yahoo understands."""


def read_subscriptions(message: str | bytes) -> list[tuple[str, list[str]]]:
    """What a client's message asks for, in order: `subscribe` or `unsubscribe`, and symbols.

    Raises:
        Malformed: it is something else.
    """
    try:
        asked = msgspec.json.decode(message, type=dict[str, list[str]])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed from error
    if not asked.keys() <= _ACTIONS:
        raise Malformed
    return list(asked.items())
