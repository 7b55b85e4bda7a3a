"""The views in Python: each is awaited for one document, or iterated over for one each interval.

    quotes = await tickstream.quotes(["AAPL", "BTC-USD"])
    async with tickstream.market() as documents:
        async for document in documents:
            print(document["gainers"][0]["symbol"])

A document is what `--json` prints: dicts and lists, in the shapes of
`tickstream.core.documents`. A part of it that cannot be had is None or empty,
and costs the others nothing; the last good one stays for 15 minutes.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

from tickstream.api.opening import check_views_source, opened_views
from tickstream.core.documents import HoursDocument, MarketDocument, ProfileDocument, QuoteDocument
from tickstream.core.exchanges import EXCHANGES, find_exchanges
from tickstream.core.hours import hours_document
from tickstream.core.ports import Timed
from tickstream.core.symbols import parse_symbols
from tickstream.core.values import Parts
from tickstream.core.views import market_document, profile_document, quotes_document
from tickstream.core.wishes import hours_wish, market_wish, profile_wish, quotes_wish
from tickstream.errors import NotFound, SourceError, UsageError
from tickstream.poll import Poll

__all__ = [
    "Plan",
    "View",
    "check_known",
    "check_reached",
    "hours",
    "hours_plan",
    "market",
    "market_plan",
    "polling",
    "profile",
    "profile_plan",
    "quotes",
    "quotes_plan",
]

LEAST = 1.0
"""Seconds; no view is asked for more often."""

T = TypeVar("T")


class Plan(NamedTuple):
    """A view, ready to be asked for: which parts it wants, and how a document is made of them."""

    title: str
    wish: Callable[[Parts, float], Iterable[str]]
    compose: Callable[[Poll, float], Any]
    """Pure, but for the poll that it reads."""
    symbols: tuple[str, ...] = ()
    """The symbols that were asked for by name, so that one which does not exist can be named."""
    offline: bool = False
    """Whether there is something to say without any answer."""
    taped: bool = False
    """Whether a tape can tell it."""


class View(Generic[T]):
    """A view that can be awaited once, or entered and iterated over."""

    def __init__(self, plan: Plan, interval: float, source: str) -> None:
        if not interval >= LEAST:
            raise UsageError(f"bad interval {interval:g}: it has to be at least {LEAST:g} s")
        check_views_source(source, taped=plan.taped)
        self._plan, self._interval, self._source = plan, interval, source
        self._documents: AsyncGenerator[T, None] | None = None

    def __await__(self) -> Generator[Any, None, T]:
        """One document, as soon as each of its parts has come or failed.

        Raises:
            NotFound: the source answered, and knows none of the symbols.
            SourceError: nothing could be fetched; the text says why.
        """
        return self._once().__await__()

    async def __aenter__(self) -> Self:
        self._documents = self._every()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._documents is not None:
            await self._documents.aclose()

    def __aiter__(self) -> AsyncIterator[T]:
        """A document at once, or after 5 s at the latest, and then one each interval, without an end."""
        if self._documents is None:
            raise UsageError("enter it first: async with tickstream.quotes(…) as documents")
        return self._documents

    async def _once(self) -> T:
        async with polling(self._source, self._plan) as poll:
            async with aclosing(poll.rounds(self._interval, patience=60.0, once=True)) as rounds:
                async for _ in rounds:
                    check_known(poll, self._plan)
                    check_reached(poll, self._plan)
            document: T = self._plan.compose(poll, poll.now())
            return document

    async def _every(self) -> AsyncGenerator[T, None]:
        async with (
            polling(self._source, self._plan) as poll,
            aclosing(poll.rounds(self._interval)) as rounds,
        ):
            async for _ in rounds:
                yield self._plan.compose(poll, poll.now())


@asynccontextmanager
async def polling(source: str, plan: Plan) -> AsyncIterator[Poll]:
    """A poll of what `plan` wishes for, while this is entered."""
    async with opened_views(source) as parts:
        # What a tape says is as old as the tape.
        poll = Poll(parts, plan.wish, wall=parts.wall if isinstance(parts, Timed) else time.time)
        try:
            yield poll
        finally:
            await poll.close()


def check_known(poll: Poll, plan: Plan) -> None:
    """Raise NotFound where the source answered that it knows none of the symbols."""
    keys = {f"quote:{symbol}" for symbol in plan.symbols}
    if keys and keys <= poll.unknown:
        noun, they = ("symbol", "it") if len(keys) == 1 else ("symbols", "any of them")
        names = ", ".join(plan.symbols[:5]) + (", …" if len(keys) > 5 else "")
        raise NotFound(f"unknown {noun} {names}: Yahoo does not know {they}; tickstream search finds others")


def check_reached(poll: Poll, plan: Plan) -> None:
    """Raise SourceError where nothing at all could be fetched, and nothing can be said without."""
    if not poll.parts and not poll.unknown and poll.failing and not plan.offline:
        raise SourceError(poll.trouble)


def quotes_plan(symbols: Iterable[str], *, screen: bool = False, most: int = 1000) -> Plan:
    chosen = parse_symbols(symbols, most=most)
    keys = quotes_wish(chosen, screen=screen)

    def compose(poll: Poll, now: float) -> list[QuoteDocument]:
        unknown = (key.partition(":")[2] for key in poll.unknown if key.startswith("quote:"))
        return quotes_document(chosen, poll.parts, now, unknown=unknown)

    return Plan("quotes", lambda parts, now: keys, compose, chosen, taped=True)


def market_plan(*, screen: bool = False) -> Plan:
    keys = market_wish(screen=screen)
    return Plan("market", lambda parts, now: keys, lambda poll, now: market_document(poll.parts, now))


def hours_plan(exchanges: Iterable[str] = (), *, every: bool = False) -> Plan:
    codes = tuple(EXCHANGES) if every else tuple(found.code for found in find_exchanges(exchanges))
    keys = hours_wish(codes)
    compose = partial(_hours, codes)
    return Plan("hours", lambda parts, now: keys, compose, offline=True)


def _hours(codes: tuple[str, ...], poll: Poll, now: float) -> HoursDocument:
    return hours_document(poll.parts, now, codes)


def profile_plan(symbol: str, *, screen: bool = False) -> Plan:
    chosen = parse_symbols([symbol])
    if len(chosen) != 1:
        raise UsageError(f"a profile is of one symbol, and these are {len(chosen)}: leave out all but one")
    name = chosen[0]
    wish = partial(profile_wish, name, screen=screen)
    return Plan(f"profile {name}", wish, lambda poll, now: profile_document(name, poll.parts, now), chosen)


def quotes(
    symbols: Iterable[str], *, interval: float = 5.0, source: str = "yahoo"
) -> View[list[QuoteDocument]]:
    """The quotes of `symbols`: a list, in this order, without those that Yahoo does not know.

    Each is `{symbol, name, price, change, percentChange, currency, marketState,
    dayHigh, dayLow, open, previousClose, volume, time, asOf}` and, where there is
    one, `preMarketPrice`, `afterHoursPrice`, `overnightPrice`, `logo`. Prices are
    as quoted (`currency` `GBp` is pence), `percentChange` is in percent, `time`
    is that of the last trade in ms UTC, `asOf` that of the fetch in ISO 8601.
    All from Yahoo's v7/finance/quote, fifty symbols a request; while that is
    refused from its sparks and charts, each minute, and with fewer fields known.
    Of a tape (`source="FILE"`) they are what it says last, `asOf` its end.

    Raises:
        BadSymbols, UsageError: before anything is connected.
    """
    return View(quotes_plan(symbols), interval, source)


def market(*, interval: float = 5.0, source: str = "yahoo") -> View[MarketDocument]:
    """The U.S. market: `{actives, gainers, losers, indices, headlines, sectors, asOf}`.

    Movers (25 each, from Yahoo's predefined screeners, each minute) are `{symbol,
    name, price, change, percentChange, volume}`; indices (^GSPC ^DJI ^IXIC ^RUT
    ^VIX and gold, from its quotes, each interval) the same without volume;
    headlines (from its search, every ten minutes) `{title, url, publishedAt,
    source, summary}`; sectors `{sector, symbol, performance, change,
    description}`: the day of the SPDR fund that stands for each, in percent and
    in its currency. `asOf` says of each when it was fetched, ISO 8601 UTC.
    """
    return View(market_plan(), interval, source)


def hours(
    exchanges: Iterable[str] = (), *, interval: float = 5.0, source: str = "yahoo"
) -> View[HoursDocument]:
    """Whether markets are open, why, and when that changes.

    `{status, reason, timestamp, nextOpen, nextClose, asOf}` of the U.S. markets,
    from Yahoo's markettime, and with `exchanges` (MICs or names: XLON, TSE,
    CRYPTO) a list of `{code, name, status, reason, nextOpen, nextClose,
    timezone, sessions}`, from the trading periods of its charts. `status` is
    OPEN, CLOSED, PRE_MARKET, AFTER_HOURS or EARLY_CLOSE. Times are ISO 8601 UTC.
    The reason is the calendar's (the package `holidays`), where it agrees with
    the status; without an answer all of it is, and `asOf` is null.

    Raises:
        UsageError: there is no such exchange.
    """
    return View(hours_plan(exchanges), interval, source)


def profile(symbol: str, *, interval: float = 5.0, source: str = "yahoo") -> View[ProfileDocument]:
    """One symbol: `{quote, similar, sectorPerformance, news, asOf}`.

    `quote` is that of `quotes` with `exchange, quoteType, bid, bidSize, ask,
    askSize, averageVolume, yearHigh, yearLow, marketCap, pe, eps, dividendYield,
    beta, sector, industry` (from v7/finance/quote and, each hour, quoteSummary),
    or None where Yahoo does not know the symbol. `similar` are rows as of the
    market's movers (recommendationsbysymbol), `sectorPerformance` the sector's
    SPDR fund with its `ytdReturn`, `yearReturn`, `threeYearReturn` and
    `fiveYearReturn` in percent, of several years in all (its chart), `news`
    headlines (search). `dividendYield` is in percent.

    Raises:
        BadSymbols, UsageError: before anything is connected.
    """
    return View(profile_plan(symbol), interval, source)
