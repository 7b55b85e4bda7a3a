"""A tickstream server's `/stream?format=json`: text to ticks and events. Pure.

A reader returns what the frame says, or raises WireError. What has a `type` is
an event, and never a tick.
"""

from __future__ import annotations

from typing import TypedDict, cast

import msgspec

from tickstream.core.ports import Dropped, Event, Gap, Link, Status, Unreadable
from tickstream.core.text import clean
from tickstream.core.tick import EARLIEST, FIELDS, TOMORROW, Tick, Value
from tickstream.errors import WireError

__all__ = ["read"]

_LINKS = frozenset(map(str, Link))
_LONGEST = 1e9
"""Seconds; a wait that is longer is none."""

# The functional form, as the names are those of the tick; what is not among them does no harm.
_Said = TypedDict("_Said", {**FIELDS, "type": str}, total=False)  # type: ignore[misc]
_decode_tick = msgspec.json.Decoder(_Said).decode


class _Saying(msgspec.Struct):
    """Any event: a field that one of them has is not wrong in another."""

    type: str
    time: int = 0
    state: str = ""
    reason: str = ""
    attempt: int = 0
    retry_in: float | None = None
    mark: str = ""
    start: int = 0
    end: int = 0
    count: int = 0


_decode_event = msgspec.json.Decoder(_Saying).decode


def read(frame: bytes, *, now: float) -> Tick | Event | None:
    """What a frame says; None for an event that we know nothing of. `now` is seconds since the epoch.

    Raises:
        WireError: the frame is broken, has no symbol, or neither price nor time.
    """
    try:
        said = cast("dict[str, Value]", _decode_tick(frame))
        if "type" in said:
            return _event(_decode_event(frame), now * 1000)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise WireError("not a tick of a tickstream server") from None
    return _tick(said, now * 1000, frame)


def _tick(said: dict[str, Value], now: float, frame: bytes) -> Tick:
    symbol = said.get("id")
    if not isinstance(symbol, str) or not symbol:
        raise WireError("a message without a symbol")
    time, dropped = said.get("time"), 0
    if time is not None and not EARLIEST <= time <= now + TOMORROW:  # type: ignore[operator]
        del said["time"]
        dropped = 1
    if "price" not in said and "time" not in said:
        raise WireError("a message with neither price nor time")
    for name, value in said.items():
        if isinstance(value, str):
            if not (value.isascii() and value.isprintable()):
                said[name] = clean(value)
        elif isinstance(value, list):
            said[name] = [clean(text) for text in value]
    return Tick(symbol, said, None, None, frame, dropped)


def _event(saying: _Saying, now: float) -> Event | None:
    if not all(0 <= stamp <= now + TOMORROW for stamp in (saying.time, saying.start, saying.end)):
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
            return Dropped(saying.count, saying.time)
        case "unreadable":
            return Unreadable(saying.count, saying.time, reason)
        case _:
            return None
