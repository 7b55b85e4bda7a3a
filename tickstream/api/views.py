"""The views in Python: each is awaited for one document, or iterated over for one each interval.

    quotes = await tickstream.quotes(["AAPL", "BTC-USD"])
    async with tickstream.market() as documents:
        async for document in documents:
            print(document["gainers"][0]["symbol"])

A document is what `--json` prints: dicts and lists, in the shapes of
`tickstream.core.documents`. A part of it that cannot be had is None or empty,
and costs the others nothing; the last good one stays for 15 minutes.

With the `ws://` URL of a tickstream server as `source` the documents are those
that it sends, as they come, but no more often than each `interval`. `api_key` is
the key that it wants; without one it is taken from TICKSTREAM_API_KEY.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from tickstream.api.opening import checked_key
from tickstream.api.plans import Plan, hours_plan, market_plan, profile_plan, quotes_plan
from tickstream.api.polled import Polled, polling
from tickstream.api.showing import Showing
from tickstream.core.documents import HoursDocument, MarketDocument, ProfileDocument, QuoteDocument
from tickstream.errors import UsageError
from tickstream.sources.remote import server_of

__all__ = ["View", "hours", "market", "profile", "quotes", "showing"]

LEAST = 1.0
"""Seconds; no view is asked for more often."""

T = TypeVar("T")


class View(Generic[T]):
    """A view that can be awaited once, or entered and iterated over.

    >>> import asyncio, tickstream
    >>> async def first():
    ...     async with tickstream.quotes(["AAPL"], source="demo") as documents:
    ...         async for document in documents:
    ...             return document[0]["symbol"]
    >>> asyncio.run(first())
    'AAPL'
    """

    def __init__(self, plan: Plan, interval: float, source: str, api_key: str | None = None) -> None:
        if not interval >= LEAST:
            raise UsageError(f"bad interval {interval:g}: it has to be at least {LEAST:g} s")
        self._plan, self._interval, self._source = plan, interval, source
        self._key = checked_key(source, api_key, taped=plan.taped)
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
        """A document at once, or after 5 s at the latest, and then one each interval, without an end.

        From a tickstream server they come as it sends them: the first one as soon as there is one.
        """
        if self._documents is None:
            raise UsageError("enter it first: async with tickstream.quotes(…) as documents")
        return self._documents

    async def _once(self) -> T:
        async with self._showing() as shown:
            async with aclosing(shown.rounds(patience=60.0, once=True)) as rounds:
                async for _ in rounds:
                    shown.check_known()
                    shown.check_reached()
            document: T = shown.document()
            return document

    async def _every(self) -> AsyncGenerator[T, None]:
        async with self._showing() as shown, aclosing(shown.rounds()) as rounds:
            async for _ in rounds:
                yield shown.document()

    def _showing(self) -> AbstractAsyncContextManager[Showing]:
        return showing(self._source, self._plan, self._interval, self._key)


@asynccontextmanager
async def showing(source: str, plan: Plan, interval: float, key: str = "") -> AsyncIterator[Showing]:
    """The view that `plan` describes, kept up to date while this is entered."""
    address = server_of(source, key)
    if address is not None:
        from tickstream.api.relayed import relaying

        async with relaying(address, plan, interval) as relayed:
            yield relayed
        return
    async with polling(source, plan) as poll:
        yield Polled(poll, plan, interval)


def quotes(
    symbols: str | Iterable[str],
    *,
    interval: float = 5.0,
    source: str = "yahoo",
    api_key: str | None = None,
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

    >>> import asyncio, tickstream
    >>> async def look():
    ...     return await tickstream.quotes(["VOD.L"], source="demo")
    >>> row = asyncio.run(look())[0]
    >>> row["symbol"], row["currency"], row["marketState"]
    ('VOD.L', 'GBp', 'REGULAR')

    Raises:
        BadSymbols, UsageError: before anything is connected.
    """
    return View(quotes_plan(symbols), interval, source, api_key)


def market(
    *, interval: float = 5.0, source: str = "yahoo", api_key: str | None = None
) -> View[MarketDocument]:
    """The U.S. market: `{actives, gainers, losers, indices, headlines, sectors, asOf}`.

    Movers (25 each, from Yahoo's predefined screeners, each minute) are `{symbol,
    name, price, change, percentChange, volume}`; indices (^GSPC ^DJI ^IXIC ^RUT
    ^VIX and gold, from its quotes, each interval) the same without volume;
    headlines (from its search, every ten minutes) `{title, url, publishedAt,
    source, summary}`; sectors `{sector, symbol, performance, change,
    description}`: the day of the SPDR fund that stands for each, in percent and
    in its currency. `asOf` says of each when it was fetched, ISO 8601 UTC.

    >>> import asyncio, tickstream
    >>> async def look():
    ...     return await tickstream.market(source="demo")
    >>> document = asyncio.run(look())
    >>> len(document["gainers"]), [index["symbol"] for index in document["indices"]][:3]
    (25, ['^GSPC', '^DJI', '^IXIC'])
    """
    return View(market_plan(), interval, source, api_key)


def hours(
    exchanges: str | Iterable[str] = (),
    *,
    interval: float = 5.0,
    source: str = "yahoo",
    api_key: str | None = None,
) -> View[HoursDocument]:
    """Whether markets are open, why, and when that changes.

    `{status, reason, timestamp, nextOpen, nextClose, asOf}` of the U.S. markets,
    from Yahoo's markettime, and with `exchanges` (MICs or names: XLON, TSE,
    CRYPTO) a list of `{code, name, status, reason, nextOpen, nextClose,
    timezone, sessions}`, from the trading periods of its charts. `status` is
    OPEN, CLOSED, PRE_MARKET, AFTER_HOURS or EARLY_CLOSE. Times are ISO 8601 UTC.
    The reason is the calendar's (the package `holidays`), where it agrees with
    the status; without an answer all of it is, and `asOf` is null.

    >>> import asyncio, tickstream
    >>> async def look():
    ...     return await tickstream.hours(["LSE"], source="demo")
    >>> document = asyncio.run(look())
    >>> document["status"], document["exchanges"][0]["code"]
    ('OPEN', 'XLON')

    Raises:
        UsageError: there is no such exchange.
    """
    return View(hours_plan(exchanges), interval, source, api_key)


def profile(
    symbol: str, *, interval: float = 5.0, source: str = "yahoo", api_key: str | None = None
) -> View[ProfileDocument]:
    """One symbol: `{quote, similar, sectorPerformance, news, asOf}`.

    `quote` is that of `quotes` with `exchange, quoteType, bid, bidSize, ask,
    askSize, averageVolume, yearHigh, yearLow, marketCap, pe, eps, dividendYield,
    beta, sector, industry` (from v7/finance/quote and, each hour, quoteSummary),
    or None where Yahoo does not know the symbol. `similar` are rows as of the
    market's movers (recommendationsbysymbol), `sectorPerformance` the sector's
    SPDR fund with its `ytdReturn`, `yearReturn`, `threeYearReturn` and
    `fiveYearReturn` in percent, of several years in all (its chart), `news`
    headlines (search). `dividendYield` is in percent.

    >>> import asyncio, tickstream
    >>> async def look():
    ...     return await tickstream.profile("AAPL", source="demo")
    >>> document = asyncio.run(look())
    >>> document["quote"]["sector"], document["sectorPerformance"]["symbol"]
    ('Technology', 'XLK')

    Raises:
        BadSymbols, UsageError: before anything is connected.
    """
    return View(profile_plan(symbol), interval, source, api_key)
