"""The shapes of the documents: what `--json` prints, the Python API hands out and the server sends.

The keys are camelCase as in the Finance Query service that inspired them, and
always the same: what is not known is None, but the fields marked NotRequired
are left out where there is none. Numbers are numbers, prices as quoted
(`currency` `GBp` is pence), percent is percent. `time` is ms UTC, every other
time is text, ISO 8601 in UTC. `asOf` says when it was fetched.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

__all__ = [
    "ExchangeDocument",
    "FullQuoteDocument",
    "HeadlineDocument",
    "HoursDocument",
    "IndexDocument",
    "MarketDocument",
    "MoverDocument",
    "ProfileDocument",
    "QuoteDocument",
    "SectorDocument",
    "SectorPerformanceDocument",
    "SessionDocument",
]


class QuoteDocument(TypedDict):
    """One symbol of the quotes view. Prices as quoted: `currency` `GBp` is pence."""

    symbol: str
    name: str | None
    price: float | None
    """Of the regular session."""
    change: float | None
    percentChange: float | None
    """In percent."""
    currency: str | None
    marketState: str | None
    """PREPRE, PRE, REGULAR, POST, POSTPOST, CLOSED or OVERNIGHT."""
    dayHigh: float | None
    dayLow: float | None
    open: float | None
    previousClose: float | None
    volume: int | None
    time: int | None
    """Of the last trade, ms UTC."""
    asOf: str | None
    """When it was fetched, ISO 8601 UTC."""
    preMarketPrice: NotRequired[float]
    afterHoursPrice: NotRequired[float]
    overnightPrice: NotRequired[float]
    logo: NotRequired[str]


class FullQuoteDocument(QuoteDocument):
    """The quote of a profile."""

    exchange: str | None
    quoteType: str | None
    bid: float | None
    bidSize: int | None
    ask: float | None
    askSize: int | None
    averageVolume: int | None
    yearHigh: float | None
    yearLow: float | None
    marketCap: float | None
    pe: float | None
    eps: float | None
    dividendYield: float | None
    """In percent."""
    beta: float | None
    sector: str | None
    industry: str | None
    preMarketChange: NotRequired[float]
    preMarketPercentChange: NotRequired[float]
    afterHoursChange: NotRequired[float]
    afterHoursPercentChange: NotRequired[float]
    overnightChange: NotRequired[float]
    overnightPercentChange: NotRequired[float]


class IndexDocument(TypedDict):
    """An index, or gold."""

    symbol: str
    name: str | None
    price: float | None
    change: float | None
    percentChange: float | None


class MoverDocument(IndexDocument):
    """One that moves, or is similar."""

    volume: int | None


class HeadlineDocument(TypedDict):
    """A piece of news."""

    title: str
    url: str | None
    publishedAt: str | None
    source: str | None
    summary: str | None


class SectorDocument(TypedDict):
    """A sector's day, measured by the SPDR fund that stands for it."""

    sector: str
    symbol: str
    performance: float | None
    """In percent."""
    change: float | None
    """Of the fund's price, in its currency."""
    description: str


class SectorPerformanceDocument(SectorDocument):
    """A sector's day and its years, of the fund that stands for it, in percent."""

    ytdReturn: float | None
    yearReturn: float | None
    threeYearReturn: float | None
    fiveYearReturn: float | None


class MarketDocument(TypedDict):
    """The market view."""

    actives: list[MoverDocument]
    gainers: list[MoverDocument]
    losers: list[MoverDocument]
    indices: list[IndexDocument]
    headlines: list[HeadlineDocument]
    sectors: list[SectorDocument]
    asOf: dict[str, str | None]


class ProfileDocument(TypedDict):
    """The profile view."""

    quote: FullQuoteDocument | None
    similar: list[MoverDocument]
    sectorPerformance: SectorPerformanceDocument | None
    news: list[HeadlineDocument]
    asOf: dict[str, str | None]


class SessionDocument(TypedDict):
    """A stretch of an exchange's day."""

    kind: str
    """`pre`, `regular` or `post`; a lunch break is the gap between two regular ones."""
    open: str
    close: str


class ExchangeDocument(TypedDict):
    """One exchange of the hours view."""

    code: str
    """The MIC: XNYS, XLON, XTKS; or `CRYPTO`."""
    name: str
    status: str
    """OPEN, CLOSED, PRE_MARKET, AFTER_HOURS, or EARLY_CLOSE: open now, and closing early today."""
    reason: str | None
    nextOpen: str | None
    nextClose: str | None
    timezone: str
    """Of the IANA database, as in `America/New_York`."""
    sessions: list[SessionDocument]
    """Of today, by the exchange's own date; empty where it does not open today."""


class HoursDocument(TypedDict):
    """The hours view: the U.S. markets, and the exchanges that were asked for."""

    status: str | None
    """As in an exchange; None where nothing is known."""
    reason: str | None
    """In words: `Weekend`, `Holiday: Thanksgiving Day`, `Regular trading hours`, `Overnight trading`, …"""
    timestamp: str
    """Now, by Yahoo's clock where it is known."""
    nextOpen: str | None
    nextClose: str | None
    asOf: dict[str, str | None]
    exchanges: NotRequired[list[ExchangeDocument]]
