"""Charts: v8/finance/chart of one symbol, and v7/finance/spark of up to twenty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import ceil

from tickstream.core.float32 import float32
from tickstream.http import Response
from tickstream.simulator.listings import Kind, Region
from tickstream.simulator.past import Day, day_of
from tickstream.simulator.prices import Quote
from tickstream.simulator.yahoo_http import answers
from tickstream.simulator.yahoo_http.answers import Document
from tickstream.simulator.yahoo_http.bars import Bar, days, minutes
from tickstream.simulator.yahoo_http.desk import Desk
from tickstream.simulator.yahoo_http.details import figure
from tickstream.simulator.yahoo_http.rows import row_of, time_of
from tickstream.simulator.yahoo_http.venues import Venue, venue_of

__all__ = ["chart", "spark"]

_CACHE = "public, max-age=10, stale-while-revalidate=20"
_MOST_SPARKS = 20
_RANGES = {
    "1d": 1,
    "24h": 1,
    "5d": 7,
    "1mo": 31,
    "3mo": 92,
    "6mo": 183,
    "1y": 365,
    "2y": 730,
    "5y": 1826,
    "10y": 3652,
    "ytd": 0,
    "max": 3652,
}
"""Days that a range goes back."""
_VALID = [name for name in _RANGES if name != "24h"]
_MINUTES = {"1m": 1, "2m": 2, "5m": 5, "15m": 15, "30m": 30, "60m": 60, "90m": 90, "1h": 60}
_DAILY = ("1d", "5d", "1wk", "1mo", "3mo")
# How many days back bars of minutes can be had.
_FARTHEST = {"1m": 8, "2m": 60, "5m": 60, "15m": 60, "30m": 60, "90m": 60, "60m": 730, "1h": 730}


def chart(desk: Desk, symbol: str, query: Mapping[str, str]) -> Response:
    """v8/finance/chart/{symbol}."""
    quote = None if symbol.startswith(("NONE", "YHD")) else desk.quote(symbol)
    if symbol.startswith("YHD"):
        return answers.json({"chart": {"result": [_without_data(desk, symbol)], "error": None}}, cache=_CACHE)
    if quote is None:
        raise answers.not_found("No data found, symbol may be delisted", "chart")
    drawn = _Drawing(desk, quote, query, "chart")
    arrays = {
        name: [None if bar.empty else float32(getattr(bar, name)) for bar in drawn.bars]
        for name in ("open", "high", "low", "close")
    }
    volumes = [None if bar.empty else bar.volume for bar in drawn.bars]
    indicators: Document = {"quote": [{**arrays, "volume": volumes}]}
    if not drawn.minutes:
        indicators["adjclose"] = [{"adjclose": arrays["close"]}]
    result = {
        "meta": drawn.meta(),
        "timestamp": [bar.at for bar in drawn.bars],
        "indicators": indicators,
    }
    return answers.json({"chart": {"result": [result], "error": None}}, cache=_CACHE)


def spark(desk: Desk, query: Mapping[str, str]) -> Response:
    """v7/finance/spark; symbols that are not known are missing."""
    symbols = [symbol for symbol in query.get("symbols", "").split(",") if symbol]
    if not symbols:
        raise answers.bad_request("Missing required query parameter=symbols")
    if len(symbols) > _MOST_SPARKS:
        raise answers.bad_request(f"Only {_MOST_SPARKS} symbols are allowed per request", "spark")
    results = []
    for symbol in dict.fromkeys(symbols):
        quote = None if symbol.startswith(("NONE", "YHD")) else desk.quote(symbol)
        if quote is not None:
            drawn = _Drawing(desk, quote, query, "spark")
            closes = [None if bar.empty else figure(bar.close) for bar in drawn.bars]
            response = {
                "meta": drawn.meta(),
                "timestamp": [bar.at for bar in drawn.bars],
                "indicators": {"quote": [{"close": closes}]},
            }
            results.append({"symbol": symbol, "response": [response]})
    if not results:
        raise answers.not_found("No data found for spark symbols", "spark")
    return answers.json({"spark": {"result": results, "error": None}}, cache=_CACHE)


class _Drawing:
    """What a query asks for, drawn for one symbol."""

    def __init__(self, desk: Desk, quote: Quote, query: Mapping[str, str], envelope: str) -> None:
        self.desk, self.quote = desk, quote
        explicit = "period1" in query
        self.range = query.get("range", "" if explicit else "1d")
        self.interval = query.get("interval", "1m" if self.range == "1d" else "1d")
        if self.range not in _RANGES and not explicit:
            raise answers.bad_request(
                f"Invalid input - range={self.range} is not supported. Valid ranges: {', '.join(_VALID)}",
                envelope,
            )
        self.minutes = _MINUTES.get(self.interval, 0)
        if not self.minutes and self.interval not in _DAILY:
            raise answers.bad_request(f"Invalid input - interval={self.interval} is not supported.", envelope)
        start, end = self._span(query, envelope)
        self.extended = query.get("includePrePost") == "true" and self.minutes > 0
        self.bars = [bar for bar in self._draw(start, envelope) if not explicit or start <= bar.at < end]
        if not self.bars:
            period = f"startDate = {int(start)}, endDate = {int(end)}"
            raise answers.bad_request(f"Data doesn't exist for {period}", envelope)

    def _span(self, query: Mapping[str, str], envelope: str) -> tuple[float, float]:
        now = self.desk.now
        if "period1" in query:
            try:
                return float(query["period1"]), float(query.get("period2") or now)
            except ValueError:
                raise answers.bad_request(
                    "Invalid input - period1 and period2 are numbers", envelope
                ) from None
        if self.range == "ytd":
            return datetime(datetime.fromtimestamp(now, UTC).year, 1, 1, tzinfo=UTC).timestamp(), now
        return day_of(self.quote)[0] - _RANGES[self.range] * 86_400, now

    def _draw(self, start: float, envelope: str) -> list[Bar]:
        desk, quote = self.desk, self.quote
        if not self.minutes:
            today = day_of(quote)[0]
            farthest = max(start, desk.now - _RANGES["max"] * 86_400)
            return days(desk, quote, today if self.range in ("1d", "24h") else farthest, self.interval)
        # A day's grace, for the market that the range counts from has not opened today.
        back = ceil((desk.now - start) / 86_400) - 1
        if back > _FARTHEST[self.interval] + 1:
            raise answers.Refused(
                422,
                "Unprocessable Entity",
                f"{self.interval} data not available for startTime={int(start)} and endTime={int(desk.now)}."
                f" The requested range must be within the last {_FARTHEST[self.interval]} days.",
                envelope,
            )
        if self.range in ("1d", "24h"):
            sessions = 1
        elif self.range == "5d":
            sessions = 5
        else:
            sessions = 1 + len(desk.past(quote).since(start, quote))
        return minutes(desk, quote, self.minutes, sessions, extended=self.extended)

    def meta(self) -> Document:
        """What is said of the symbol and its session beside the bars."""
        desk, quote, venue = self.desk, self.quote, venue_of(self.quote.listing)
        row = row_of(desk, quote.listing.symbol) or {}
        zone, offset = venue.clock(desk.now)
        first = self.bars[0].at
        before = desk.past(quote).before(min(first, day_of(quote)[0]), quote)
        meta: Document = {
            "currency": quote.listing.currency,
            "symbol": quote.listing.symbol,
            "exchangeName": quote.listing.exchange,
            "fullExchangeName": venue.name,
            "instrumentType": quote.listing.kind.quote_type.name,
            "firstTradeDate": row["firstTradeDateMilliseconds"] // 1000,
            "regularMarketTime": time_of(quote),
            "hasPrePostMarketData": row["hasPrePostMarketData"],
            "gmtoffset": offset,
            "timezone": zone,
            "exchangeTimezoneName": venue.zone,
            "regularMarketPrice": figure(quote.regular_price),
            "fiftyTwoWeekHigh": row["fiftyTwoWeekHigh"],
            "fiftyTwoWeekLow": row["fiftyTwoWeekLow"],
        }
        if quote.listing.kind is not Kind.FUND:
            meta["regularMarketDayHigh"] = row["regularMarketDayHigh"]
            meta["regularMarketDayLow"] = row["regularMarketDayLow"]
            meta["regularMarketVolume"] = row["regularMarketVolume"]
        meta |= {
            "longName": row["longName"],
            "shortName": row["shortName"],
            "chartPreviousClose": figure(before),
        }
        if self.minutes:
            meta |= {"previousClose": figure(quote.previous_close), "scale": 3}
        meta |= {"priceHint": quote.price_hint, "currentTradingPeriod": _current(desk, quote, venue)}
        if self.minutes:
            meta["tradingPeriods"] = self._periods(venue)
        return meta | {"dataGranularity": self.interval, "range": self.range, "validRanges": _VALID}

    def _periods(self, venue: Venue) -> object:
        """The sessions that bars were drawn of: a list, or with those before and after three lists."""
        quote, desk = self.quote, self.desk
        opens, closes = day_of(quote)
        past: list[Day] = desk.past(quote).since(self.bars[0].at, quote)
        spans = [*((day.opens, day.closes) for day in past), (opens, closes)]
        regular = [[_period(venue, *span)] for span in spans]
        if not self.extended:
            return regular
        return {
            "pre": [[_period(venue, start - 5.5 * 3600, start)] for start, _ in spans],
            "post": [[_period(venue, end, end + 4 * 3600)] for _, end in spans],
            "regular": regular,
        }


def _current(desk: Desk, quote: Quote, venue: Venue) -> Document:
    """The trading day that is on or comes next, by what the market as a whole does."""
    phase = desk.phase_of_market(quote.listing)
    opens, closes = phase.opens, phase.closes
    pre, post = phase.pre_opens, phase.post_closes
    if quote.listing.region is not Region.US or quote.listing.kind in (Kind.CRYPTO, Kind.FX, Kind.FUTURE):
        pre, post = opens, closes
    return {
        "pre": _period(venue, pre, opens),
        "regular": _period(venue, opens, closes),
        "post": _period(venue, closes, post),
    }


def _period(venue: Venue, start: float, end: float) -> Document:
    zone, offset = venue.clock(start)
    return {"timezone": zone, "start": int(start), "end": int(end), "gmtoffset": offset}


def _without_data(desk: Desk, symbol: str) -> Document:
    """What is left of a symbol that is traded no more: no stamps, no bars."""
    phase = desk.us_phase()
    venue = Venue("YHD", "America/New_York", "us_market")
    zone, offset = venue.clock(desk.now)
    current = {
        "pre": _period(venue, phase.pre_opens, phase.opens),
        "regular": _period(venue, phase.opens, phase.closes),
        "post": _period(venue, phase.closes, phase.post_closes),
    }
    meta = {
        "currency": None,
        "symbol": symbol,
        "exchangeName": "YHD",
        "fullExchangeName": "YHD",
        "instrumentType": "MUTUALFUND",
        "firstTradeDate": None,
        "regularMarketTime": 1_561_759_658,
        "hasPrePostMarketData": False,
        "gmtoffset": offset,
        "timezone": zone,
        "exchangeTimezoneName": venue.zone,
        "priceHint": 2,
        "currentTradingPeriod": current,
        "dataGranularity": "1d",
        "range": "",
        "validRanges": _VALID,
    }
    return {"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}}
