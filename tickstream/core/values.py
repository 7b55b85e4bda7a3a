"""What a fetch gives: values, and the parts that hold them.

A part is a value and when it was fetched. Parts are what is fetched, aged,
leased and shared; documents (core/views) are composed from them. A part's key
says what it is:

    quote:AAPL          Quote
    trend:AAPL          Closes          the session's prices
    movers:day_gainers  list[Quote]     of each predefined screener in SCREENERS
    headlines           list[Headline]
    markettime          MarketTime      of the U.S. markets
    periods:^FTSE       Periods         of the exchange whose symbol this is
    similar:AAPL        list[str]       symbols
    news:AAPL           list[Headline]
    summary:AAPL        Summary
    returns:XLK         Returns

In every value None means that the source did not say it. Times are seconds
since the epoch unless their name or their text says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

__all__ = [
    "KEEP",
    "KINDS",
    "Closes",
    "Found",
    "Headline",
    "MarketTime",
    "Part",
    "Parts",
    "Periods",
    "Quote",
    "Returns",
    "Span",
    "Summary",
    "value_of",
]

KEEP = 900.0
"""Seconds for which the last good part stands in for one that is due and fails."""


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a row of quotes says of a symbol. Prices as quoted, percent as percent."""

    symbol: str
    name: str | None = None
    price: float | None = None
    """Of the regular session."""
    change: float | None = None
    percent_change: float | None = None
    currency: str | None = None
    """As Yahoo says it: `GBp`, `ZAc` and `ILA` are hundredths of a currency."""
    market_state: str | None = None
    """PREPRE, PRE, REGULAR, POST, POSTPOST, CLOSED or OVERNIGHT."""
    day_high: float | None = None
    day_low: float | None = None
    open: float | None = None
    previous_close: float | None = None
    volume: int | None = None
    time: int | None = None
    """Of the last trade in the regular session, ms UTC."""
    logo: str | None = None
    price_hint: int | None = None
    """How many decimals prices are to be shown with."""

    pre_price: float | None = None
    """Of the pre-market; said in other states too: `market_state` tells which price counts."""
    pre_change: float | None = None
    pre_percent: float | None = None
    pre_time: int | None = None
    """ms UTC."""
    post_price: float | None = None
    post_change: float | None = None
    post_percent: float | None = None
    post_time: int | None = None
    overnight_price: float | None = None
    overnight_change: float | None = None
    overnight_percent: float | None = None
    overnight_time: int | None = None

    exchange: str | None = None
    """Yahoo's code: NMS, LSE, …"""
    exchange_name: str | None = None
    """NasdaqGS, LSE, …"""
    quote_type: str | None = None
    """EQUITY, ETF, INDEX, CURRENCY, CRYPTOCURRENCY, FUTURE, OPTION, MUTUALFUND, …"""
    bid: float | None = None
    bid_size: int | None = None
    ask: float | None = None
    ask_size: int | None = None
    average_volume: int | None = None
    year_high: float | None = None
    year_low: float | None = None
    market_cap: float | None = None
    pe: float | None = None
    """Price to earnings of the last twelve months."""
    eps: float | None = None
    """Earnings a share of the last twelve months."""
    dividend_yield: float | None = None
    """In percent."""
    beta: float | None = None


class Headline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of news."""

    title: str
    url: str | None = None
    published: float | None = None
    source: str | None = None
    summary: str | None = None


class Span(NamedTuple):
    """A stretch of time, in seconds since the epoch; `end` is not in it."""

    start: float
    end: float


class MarketTime(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What Yahoo says of the U.S. markets, by its own clock."""

    open: bool
    opens: float | None = None
    """Of the day that is, or of the next one."""
    closes: float | None = None
    time: float | None = None
    """Yahoo's own time as it answered."""


class Periods(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The trading day of an exchange: today's, or the nearest one."""

    pre: Span | None = None
    regular: Span | None = None
    post: Span | None = None


class Closes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The prices of a session, as many times as prices; entries without a price are left out."""

    prices: tuple[float, ...] = ()
    times: tuple[float, ...] = ()
    previous_close: float | None = None
    span: Span | None = None
    """The regular session that they belong to."""


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a company is: the part of a profile that hardly ever changes."""

    sector: str | None = None
    industry: str | None = None
    beta: float | None = None
    pe: float | None = None
    eps: float | None = None
    dividend_yield: float | None = None
    """In percent."""


class Returns(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a fund has earned, dividends included, in percent; of several years in all, not a year."""

    ytd: float | None = None
    year: float | None = None
    three_years: float | None = None
    five_years: float | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A symbol that a search found."""

    symbol: str
    name: str | None = None
    quote_type: str | None = None
    exchange: str | None = None
    sector: str | None = None


KINDS: Mapping[str, Any] = {
    "quote": Quote,
    "trend": Closes,
    "movers": list[Quote],
    "headlines": list[Headline],
    "markettime": MarketTime,
    "periods": Periods,
    "similar": list[str],
    "news": list[Headline],
    "summary": Summary,
    "returns": Returns,
}
"""The type of a part's value, by the first word of its key."""


class Part(NamedTuple):
    """A value, when it was fetched, and until when it is shown where nothing newer comes."""

    value: object
    fetched: float
    until: float

    @classmethod
    def of(cls, value: object, fetched: float, limit: float = 0.0) -> Part:
        """A part that is not fetched again for `limit` seconds, and after that stands in for `KEEP` more."""
        return cls(value, fetched, fetched + limit + KEEP)


Parts = Mapping[str, Part]
T = TypeVar("T")


def value_of(kind: type[T], parts: Parts, key: str, now: float) -> T | None:
    """The value of a part that is not too old, and of the kind expected; None where there is none."""
    part = parts.get(key)
    if part is None or now > part.until or not isinstance(part.value, kind):
        return None
    return part.value
