"""Ticks and events read back from their JSON, as `--json`, a tape and a server have it. Pure.

A reader returns what the text says, or raises WireError. What has a `type` is
an event, and never a tick. What cannot be true at the time it came is none.
"""

from __future__ import annotations

from typing import TypedDict, cast

import msgspec

from tickstream.core.ports import Dropped, Event, Gap, Link, Rewound, Status, Unreadable
from tickstream.core.text import LONGEST, clean
from tickstream.core.tick import EARLIEST, FIELDS, TOMORROW, Tick, Value
from tickstream.errors import WireError

__all__ = ["UNREADABLE", "Said", "Saying", "event_of", "read", "tick_of"]

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What decoding raises, whatever it is given."""

_LINKS = frozenset(map(str, Link))
_LONGEST = 1e9
"""Seconds; a wait that is longer is none."""

# The functional form, as the names are those of the tick; what is not among them does no harm.
Said = TypedDict("Said", {**FIELDS}, total=False)  # type: ignore[misc]
_Text = TypedDict("_Text", {**FIELDS, "type": str}, total=False)  # type: ignore[misc]
_decode_text = msgspec.json.Decoder(_Text).decode


class Saying(msgspec.Struct):
    """Any event: a field that one of them has is not wrong in another."""

    type: str = ""
    time: int = 0
    state: str = ""
    reason: str = ""
    attempt: int = 0
    retry_in: float | None = None
    mark: str = ""
    start: int = 0
    end: int = 0
    count: int = 0


_decode_event = msgspec.json.Decoder(Saying).decode


def read(text: str | bytes, *, now: float) -> Tick | Event | None:
    """What a text says; None for an event that we know nothing of. `now` is seconds since the epoch.

    Raises:
        WireError: it is broken, has no symbol, or neither price nor time.
    """
    try:
        said = cast("dict[str, Value]", _decode_text(text))
        if "type" in said:
            return event_of(_decode_event(text), now * 1000)
    except UNREADABLE:
        raise WireError("not a tick in JSON") from None
    return tick_of(said, now * 1000, text)


def tick_of(said: dict[str, Value], at: float, raw: str | bytes = "") -> Tick:
    """The tick that says this, and came at `at` (ms UTC); `said` is of the right types, and its own.

    Raises:
        WireError: it is none.
    """
    symbol = said.get("id")
    if not isinstance(symbol, str) or not symbol:
        raise WireError("a message without a symbol")
    time, dropped = said.get("time"), 0
    if time is not None and not EARLIEST <= time <= at + TOMORROW:  # type: ignore[operator]
        del said["time"]
        dropped = 1
    if "price" not in said and "time" not in said:
        raise WireError("a message with neither price nor time")
    for name, value in said.items():
        if isinstance(value, str):
            if len(value) > LONGEST or not (value.isascii() and value.isprintable()):
                said[name] = clean(value)
        elif isinstance(value, list):
            said[name] = [clean(text) for text in value]
    return Tick(symbol, said, None, None, raw, dropped)


def event_of(saying: Saying, at: float) -> Event | None:
    """The event that is told, and came at `at` (ms UTC); None for one that we know nothing of.

    Raises:
        WireError: it says what cannot be.
    """
    if not all(0 <= stamp <= at + TOMORROW for stamp in (saying.time, saying.start, saying.end)):
        raise WireError("an event at a time that is none")
    reason = clean(saying.reason, 160)
    match saying.type:
        case "status" if saying.state in _LINKS:
            retry = saying.retry_in
            wait = retry if retry is None or 0 <= retry < _LONGEST else None
            mark = clean(saying.mark, 40)
            return Status(Link(saying.state), saying.time, reason, saying.attempt, wait, mark)
        case "gap":
            return Gap(saying.start, max(saying.start, saying.end), reason)
        case "dropped":
            return Dropped(saying.count, saying.time, by="upstream")
        case "rewound":
            return Rewound(saying.time)
        case "unreadable":
            return Unreadable(saying.count, saying.time, reason)
        case _:
            return None
