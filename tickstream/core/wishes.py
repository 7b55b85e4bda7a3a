"""Which parts a view is made of. What a view wants may depend on the parts that are there already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tickstream.core.hours import hours_keys
from tickstream.core.values import Parts
from tickstream.core.views import INDICES, MOVERS, SECTORS, fund_of, similar_symbols

__all__ = ["hours_wish", "market_wish", "profile_wish", "quote_keys", "quotes_wish"]

HEADER = ("markettime",)
"""The header of every screen says whether New York trades."""


def quote_keys(symbols: Iterable[str], *, trends: bool = False) -> frozenset[str]:
    """The quotes of `symbols`, and with `trends` the course of their session."""
    kinds = ("quote", "trend") if trends else ("quote",)
    return frozenset(f"{kind}:{symbol}" for symbol in symbols for kind in kinds)


def quotes_wish(symbols: Sequence[str], *, screen: bool = False) -> frozenset[str]:
    """The quotes view; on a `screen` with trends and the state of the market."""
    return quote_keys(symbols, trends=screen).union(HEADER if screen else ())


def market_wish(*, screen: bool = False) -> frozenset[str]:
    """The market view; on a `screen` with the trends of the indices and the state of the market."""
    keys = quote_keys(INDICES, trends=screen) | quote_keys(SECTORS.values())
    return keys.union(MOVERS.values(), ["headlines"], HEADER if screen else ())


def hours_wish(exchanges: Sequence[str]) -> frozenset[str]:
    """The hours view, with these exchanges beside the U.S. markets."""
    return hours_keys(exchanges)


def profile_wish(symbol: str, parts: Parts, now: float, *, screen: bool = False) -> frozenset[str]:
    """The profile view. Similar symbols and the sector's fund follow once they are known."""
    fund = fund_of(symbol, parts, now)
    others = [*similar_symbols(symbol, parts, now), *([fund] if fund else [])]
    keys = quote_keys([symbol], trends=screen) | quote_keys(others)
    own = (f"similar:{symbol}", f"news:{symbol}", f"summary:{symbol}")
    return keys.union(own, [f"returns:{fund}"] if fund else (), HEADER if screen else ())
