"""How each part is fetched from Yahoo, and how often it may be.

Quotes come from one call for many symbols, which needs a crumb. While that is
refused they come from the sparks, and what those do not have from the chart:
less is known then, and less often, and `shortage` says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from tickstream.core.ports import Fetched
from tickstream.core.values import Found
from tickstream.errors import NotFound, RateLimited, SourceError
from tickstream.sources.yahoo.exchange import NoAnswer
from tickstream.sources.yahoo.parse import (
    Chart,
    parse_chart,
    parse_found,
    parse_headlines,
    parse_market_time,
    parse_movers,
    parse_quotes,
    parse_returns,
    parse_similar,
    parse_spark,
    parse_summary,
)
from tickstream.sources.yahoo.session import Blocked, Session

__all__ = ["YahooViews"]

# Seconds, by Yahoo's own cache-control (WIRE.md, part B); what a company is hardly ever changes.
_LIMITS = {
    "quote": 1.0,
    "trend": 60.0,
    "periods": 60.0,
    "movers": 60.0,
    "markettime": 60.0,
    "similar": 60.0,
    "headlines": 600.0,
    "news": 600.0,
    "summary": 3600.0,
    "returns": 3600.0,
}
_QUOTES, _SPARKS, _CHARTS = 50, 20, 10
"""How many symbols are asked for at once; the charts are one request each."""
_BATCHES = {"quote": _QUOTES, "trend": _SPARKS, "periods": _SPARKS}
_NEWS, _HEADLINES = 10, 20
_HEADLINE_QUERY = "stock market"
_MODULES = "assetProfile,summaryDetail,defaultKeyStatistics"
_PLAIN = {"formatted": "false", "lang": "en-US", "region": "US"}


class YahooViews:
    """Parts from Yahoo, or from whoever speaks as it does."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._fetchers: Mapping[str, Callable[[Sequence[str]], Awaitable[Fetched]]] = {
            "quote": self._quotes,
            "trend": self._trends,
            "periods": self._periods,
        }
        self._single: Mapping[str, Callable[[str], Awaitable[object]]] = {
            "movers": self._movers,
            "markettime": self._market_time,
            "similar": self._similar,
            "headlines": self._headlines,
            "news": self._news,
            "summary": self._summary,
            "returns": self._returns,
        }

    @property
    def mark(self) -> str:
        return self._session.mark

    @property
    def requests(self) -> int:
        return self._session.requests

    @property
    def shortage(self) -> str:
        until = self._session.refused
        if until is None:
            return ""
        return f"Yahoo refuses its crumb until {datetime.fromtimestamp(until):%H:%M:%S}: quotes each minute"

    def bound(self, spend: Callable[[int], int]) -> None:
        self._session.bound(spend)

    def limit(self, key: str) -> float:
        kind = key.partition(":")[0]
        if kind == "quote" and self._session.refused is not None:
            kind = "trend"
        return _LIMITS[kind]

    def batches(self, keys: Iterable[str]) -> Iterator[tuple[str, ...]]:
        kinds: dict[str, list[str]] = {}
        for key in keys:
            kinds.setdefault(key.partition(":")[0], []).append(key)
        for kind, group in kinds.items():
            # While the crumb is refused, a batch of quotes is a spark.
            refused = kind == "quote" and self._session.refused is not None
            yield from _by(_SPARKS if refused else _BATCHES.get(kind, 1), group)

    async def fetch(self, keys: Sequence[str]) -> Fetched:
        kind = keys[0].partition(":")[0]
        names = [key.partition(":")[2] for key in keys]
        if kind in self._fetchers:
            return await self._fetchers[kind](names)
        return Fetched({keys[0]: await self._single[kind](names[0])})

    async def search(self, text: str) -> list[Found]:
        """The symbols that `text` may mean, the best first."""
        params = {"q": text, "quotesCount": "10", "newsCount": "0", "listsCount": "0"}
        return parse_found(await self._session.get("/v1/finance/search", params))

    async def close(self) -> None:
        await self._session.close()

    async def _quotes(self, symbols: Sequence[str]) -> Fetched:
        planned = self._session.refused is not None
        if not planned:
            params = {"symbols": ",".join(symbols), "overnightPrice": "true", **_PLAIN}
            try:
                document = await self._session.get("/v7/finance/quote", params, crumb=True)
            except (RateLimited, Blocked):
                pass  # what needs no crumb may still be had
            else:
                return _known("quote", symbols, parse_quotes(document))
        return await self._quotes_without_crumb(symbols, planned=planned)

    async def _quotes_without_crumb(self, symbols: Sequence[str], *, planned: bool) -> Fetched:
        """From the sparks, whose trends come with them; from the chart what they leave out.

        `planned` is whether the first request is. What no budget pays for is left for
        another time; what fails costs nothing that was had.
        """
        charts: dict[str, Chart | None] = {}
        left_out: list[str] = []
        tried: set[str] = set()
        trouble: SourceError | None = None
        for some in _by(_SPARKS, symbols):
            if not planned and not self._session.spend():
                break
            planned = False
            try:
                charts |= (found := await self._sparks(some))
            except SourceError as error:
                trouble = error
                tried.update(symbols)  # the others would fare no better
                break
            left_out += [symbol for symbol in some if symbol not in found]
        for symbol in left_out[:_CHARTS]:
            if not self._session.spend():
                break
            tried.add(symbol)
            try:
                charts[symbol] = await self._chart(symbol)
            except (NoAnswer, RateLimited, Blocked) as error:
                trouble = error
                tried.update(symbols)
                break
            except SourceError as error:
                trouble = error
        left = frozenset(f"quote:{symbol}" for symbol in symbols if symbol not in tried.union(charts))
        if trouble and not charts and not left:
            raise trouble
        known = {symbol: chart for symbol, chart in charts.items() if chart is not None}
        values: dict[str, object] = {f"quote:{symbol}": chart.quote for symbol, chart in known.items()}
        values |= {f"trend:{symbol}": chart.closes for symbol, chart in known.items()}
        unknown = frozenset(f"quote:{symbol}" for symbol in charts if symbol not in known)
        return Fetched(values, unknown, left, trouble)

    async def _trends(self, symbols: Sequence[str]) -> Fetched:
        charts = await self._sparks(symbols)
        return _known("trend", symbols, {symbol: chart.closes for symbol, chart in charts.items()})

    async def _periods(self, symbols: Sequence[str]) -> Fetched:
        charts = await self._sparks(symbols)
        return _known("periods", symbols, {symbol: chart.periods for symbol, chart in charts.items()})

    async def _sparks(self, symbols: Sequence[str]) -> dict[str, Chart]:
        params = {"symbols": ",".join(symbols), "range": "1d", "interval": "5m", "indicators": "close"}
        try:
            return parse_spark(await self._session.get("/v7/finance/spark", params))
        except NotFound:
            return {}

    async def _chart(self, symbol: str) -> Chart | None:
        try:
            params = {"range": "1d", "interval": "5m"}
            return parse_chart(await self._session.get(f"/v8/finance/chart/{_escaped(symbol)}", params))
        except NotFound:
            return None

    async def _movers(self, screener: str) -> object:
        params = {"scrIds": screener, "count": "25", "start": "0", **_PLAIN}
        return parse_movers(
            await self._session.get("/v1/finance/screener/predefined/saved", params, crumb=True)
        )

    async def _market_time(self, _: str) -> object:
        params = {"formatted": "true", "key": "finance", "lang": "en-US", "region": "US"}
        return parse_market_time(await self._session.get("/v6/finance/markettime", params))

    async def _similar(self, symbol: str) -> object:
        try:
            document = await self._session.get(
                f"/v6/finance/recommendationsbysymbol/{_escaped(symbol)}", {"count": "5"}
            )
        except NotFound:
            return []
        return parse_similar(document, symbol)

    async def _headlines(self, _: str) -> object:
        return await self._stories(_HEADLINE_QUERY, _HEADLINES)

    async def _news(self, symbol: str) -> object:
        return await self._stories(symbol, _NEWS)

    async def _stories(self, query: str, count: int) -> object:
        params = {"q": query, "quotesCount": "0", "newsCount": str(count), "listsCount": "0"}
        return parse_headlines(await self._session.get("/v1/finance/search", params))

    async def _summary(self, symbol: str) -> object:
        path = f"/v10/finance/quoteSummary/{_escaped(symbol)}"
        try:
            document = await self._session.get(path, {"modules": _MODULES, "formatted": "false"}, crumb=True)
        except NotFound:
            document = {"quoteSummary": {"result": [], "error": None}}  # an index, a currency: it has none
        return parse_summary(document)

    async def _returns(self, fund: str) -> object:
        params = {"range": "5y", "interval": "1d", "includeAdjustedClose": "true"}
        return parse_returns(await self._session.get(f"/v8/finance/chart/{_escaped(fund)}", params))


def _known(kind: str, symbols: Sequence[str], found: Mapping[str, Any]) -> Fetched:
    """What of the symbols was found, and what is therefore not known."""
    values = {f"{kind}:{symbol}": found[symbol] for symbol in symbols if symbol in found}
    return Fetched(values, frozenset(f"{kind}:{symbol}" for symbol in symbols if symbol not in found))


def _by(size: int, items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(items[start : start + size]) for start in range(0, len(items), size))


def _escaped(symbol: str) -> str:
    return quote(symbol, safe="")
