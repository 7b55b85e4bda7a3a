"""Routes: what the path of a request asks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from tickstream.core.exchanges import EXCHANGES, find_exchanges
from tickstream.core.symbols import parse_symbols
from tickstream.errors import UsageError

__all__ = ["FLUSH", "KINDS", "Route", "route_of"]

KINDS = ("quotes", "market", "hours", "profile", "stream")
FLUSH = 250
"""Milliseconds for which ticks of one symbol are gathered, unless a client asks for another time."""
_STEP, _LONGEST = 50, 60_000


@dataclass(frozen=True, slots=True)
class Route:
    """What a WebSocket client asks for by its path."""

    kind: str
    """One of KINDS."""
    names: tuple[str, ...] = ()
    """The symbol of a profile; the exchanges of hours."""
    form: str = "1"
    """How a stream is written (server/wire.FORMS)."""
    every: int = FLUSH
    """Milliseconds; 0 is each push as it came."""
    events: bool = False
    """Whether a stream says states and gaps too, as objects with a `type`."""


def route_of(target: str) -> Route | None:
    """The route of a request's target; None where there is none.

    Raises:
        UsageError: there is one, and what it is asked for cannot be.
    """
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    match unquote(parts.path).strip("/").split("/"):
        case ["quotes"]:
            return Route("quotes")
        case ["market"]:
            return Route("market")
        case ["hours"]:
            return Route("hours", _exchanges(query))
        case ["profile", symbol]:
            names = parse_symbols([symbol])
            if len(names) != 1:
                raise UsageError("a profile is of one symbol")
            return Route("profile", names)
        case ["stream"]:
            return _stream(query)
        case _:
            return None


def _exchanges(query: dict[str, str]) -> tuple[str, ...]:
    if "all" in query:
        return tuple(EXCHANGES)
    wanted = query.get("exchanges", "")
    return tuple(dict.fromkeys(found.code for found in find_exchanges([wanted]))) if wanted else ()


def _stream(query: dict[str, str]) -> Route:
    if query.get("format", "json") != "json":
        raise UsageError("format is json, or left out for Yahoo's own framing")
    form = "json" if "format" in query else "2" if query.get("version") == "2" else "1"
    events = query.get("events") == "1"
    if events and form != "json":
        raise UsageError("events are said in format=json alone")
    return Route("stream", (), form, _every(query.get("every", str(FLUSH))), events)


def _every(text: str) -> int:
    """Milliseconds in steps that many clients share, so that they can be written to together."""
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise UsageError("every is a number of milliseconds")
    every = int(text)
    return 0 if every == 0 else min(max(_STEP, -(-every // _STEP) * _STEP), _LONGEST)
