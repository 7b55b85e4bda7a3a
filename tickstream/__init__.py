"""A live ticker for the command line, a library, and a relay.

Ticks are what Yahoo's streamer pushes, each as it came:

>>> import asyncio, tickstream
>>> async def watch():
...     async with tickstream.stream("AAPL", "BTC-USD", source="demo") as ticks:
...         async for tick in ticks:
...             return tick.id in ("AAPL", "BTC-USD"), tick.price > 0
>>> asyncio.run(watch())
(True, True)

Views are documents that are fetched: awaited for one, iterated over for one
each interval.

>>> async def look():
...     return await tickstream.quotes(["AAPL", "VOD.L"], source="demo")
>>> [(row["symbol"], row["currency"]) for row in asyncio.run(look())]
[('AAPL', 'USD'), ('VOD.L', 'GBp')]

- `stream`, `Stream`, `Tick`: ticks, and what one says
- `quotes`, `market`, `hours`, `profile`, and `View`, which each of them gives
- `WebSocket`, `AsyncWebSocket`: those of yfinance, which reconnect by themselves
- `TickstreamError`: the base of all errors, which are below it

`source` is `yahoo` unless said otherwise; `demo` is simulated, and needs no
network. Prices are as quoted (`GBp` is pence), percent is percent, `time` is ms
UTC. What was not said is None or no key; it is never 0 for that. The data is
Yahoo's, which may be delayed, and is for personal use by its terms.

Names are imported when they are first used.
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
