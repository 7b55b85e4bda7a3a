"""A live ticker for the command line, a library, and a relay.

    async with tickstream.stream("AAPL", "BTC-USD") as ticks:
        async for tick in ticks:
            print(tick.id, tick.price)

    quotes = await tickstream.quotes(["AAPL", "BTC-USD"])

`WebSocket` and `AsyncWebSocket` are those of yfinance, which reconnect by
themselves. Names are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tickstream.api import AsyncWebSocket, Stream, WebSocket, stream
    from tickstream.api.views import View, hours, market, profile, quotes
    from tickstream.core.tick import MarketHours, QuoteType, Tick
    from tickstream.errors import (
        BadKey,
        BadSymbols,
        NoData,
        NotFound,
        OutputError,
        RateLimited,
        Refused,
        SourceError,
        TickstreamError,
        UsageError,
        WireError,
    )

__version__ = "0.1.0"

_HOMES = {
    "tickstream.api": ("AsyncWebSocket", "Stream", "WebSocket", "stream"),
    "tickstream.api.views": ("View", "hours", "market", "profile", "quotes"),
    "tickstream.core.tick": ("MarketHours", "QuoteType", "Tick"),
    "tickstream.errors": (
        "BadKey",
        "BadSymbols",
        "NoData",
        "NotFound",
        "OutputError",
        "RateLimited",
        "Refused",
        "SourceError",
        "TickstreamError",
        "UsageError",
        "WireError",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AsyncWebSocket",
    "BadKey",
    "BadSymbols",
    "MarketHours",
    "NoData",
    "NotFound",
    "OutputError",
    "QuoteType",
    "RateLimited",
    "Refused",
    "SourceError",
    "Stream",
    "Tick",
    "TickstreamError",
    "UsageError",
    "View",
    "WebSocket",
    "WireError",
    "__version__",
    "hours",
    "market",
    "profile",
    "quotes",
    "stream",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'tickstream' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
