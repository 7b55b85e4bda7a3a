"""Yahoo's charts and sparks: the course of a price, and what their `meta` says of the symbol."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from tickstream.core.float32 import float32, shorten
from tickstream.core.values import Closes, Periods, Quote, Returns, Span
from tickstream.sources.yahoo.readers import Json, number, result_of, rows_of, span_time, text, whole

__all__ = ["Chart", "parse_chart", "parse_returns", "parse_spark"]

_NEAR = timedelta(days=10)
"""How far a fund's first day may be from the one that a return counts from."""


class Chart(NamedTuple):
    """What a chart tells: a quote with few fields, the course of the price, and the trading day."""

    quote: Quote
    closes: Closes
    periods: Periods


def parse_spark(document: object) -> dict[str, Chart]:
    """v7/finance/spark: a chart a symbol; those it does not know are left out."""
    charts = {}
    for row in result_of(document, "spark"):
        symbol = text(row, "symbol", longest=40)
        response = next(rows_of(row.get("response")), None)
        if symbol and response is not None:
            charts[symbol] = _chart(response, symbol)
    return charts


def parse_chart(document: object) -> Chart | None:
    """v8/finance/chart: the chart of one symbol; None where the answer has none."""
    row = next(iter(result_of(document, "chart")), None)
    meta = row.get("meta") if row else None
    symbol = text(meta, "symbol", longest=40) if isinstance(meta, dict) else None
    return _chart(row, symbol) if row is not None and symbol else None


def parse_returns(document: object) -> Returns:
    """What a fund earned, from its daily chart of five years: dividends are in its adjusted closes."""
    row = next(iter(result_of(document, "chart")), None)
    if row is None:
        return Returns()
    times, prices = _series(row, adjusted=True)
    if len(times) < 2:
        return Returns()
    meta = row.get("meta")
    if not isinstance(meta, dict) or meta.get("dataGranularity") != "1d":
        # The close of a week or a month is of another day than its stamp.
        return Returns()
    ahead = number(meta, "gmtoffset") or 0.0
    offset = timedelta(seconds=ahead if abs(ahead) <= 86_400 else 0.0)
    days = [(datetime.fromtimestamp(time, UTC) + offset).date() for time in times]
    today = days[-1]
    return Returns(
        ytd=_since(days, prices, date(today.year - 1, 12, 31)),
        year=_since(days, prices, _years_before(today, 1)),
        three_years=_since(days, prices, _years_before(today, 3)),
        five_years=_since(days, prices, _years_before(today, 5)),
    )


def _since(days: Sequence[date], prices: Sequence[float], day: date) -> float | None:
    """The return in percent since the last close on or before `day`."""
    at = bisect_right(days, day) - 1
    if at < 0:
        if days[0] - day > _NEAR:
            return None
        at = 0
    return round((prices[-1] / prices[at] - 1) * 100, 4) if prices[at] > 0 else None


def _years_before(day: date, years: int) -> date:
    # 29 February has no day a year before.
    return date(day.year - years, day.month, min(day.day, 28) if day.month == 2 else day.day)


def _chart(row: Json, symbol: str) -> Chart:
    found = row.get("meta")
    meta: Json = found if isinstance(found, dict) else {}
    times, prices = _series(row)
    periods = _periods(meta)
    quote = _quote(meta, symbol)
    closes = Closes(
        prices=tuple(prices),
        times=tuple(times) if len(times) == len(prices) else (),
        previous_close=quote.previous_close,
        span=periods.regular,
    )
    return Chart(quote, closes, periods)


def _quote(meta: Json, symbol: str) -> Quote:
    price = _rounded(number(meta, "regularMarketPrice"))
    previous = number(meta, "previousClose")
    if previous is None and meta.get("range") == "1d":
        # It is the close before the first bar, which is yesterday's only if the bars are today's.
        previous = number(meta, "chartPreviousClose")
    previous = _rounded(previous)
    time = span_time(meta, "regularMarketTime")
    known = price is not None and previous is not None
    change = price - previous if known and price is not None and previous is not None else None
    return Quote(
        symbol=symbol,
        name=text(meta, "longName", "shortName"),
        price=price,
        change=round(change, 8) if change is not None else None,
        percent_change=round(change / previous * 100, 6) if change is not None and previous else None,
        currency=text(meta, "currency", longest=12),
        day_high=_rounded(number(meta, "regularMarketDayHigh")),
        day_low=_rounded(number(meta, "regularMarketDayLow")),
        previous_close=previous,
        volume=whole(meta, "regularMarketVolume"),
        time=int(time * 1000) if time is not None else None,
        price_hint=whole(meta, "priceHint"),
        exchange=text(meta, "exchangeName", longest=12),
        exchange_name=text(meta, "fullExchangeName", longest=40),
        quote_type=text(meta, "instrumentType", longest=20),
        year_high=_rounded(number(meta, "fiftyTwoWeekHigh")),
        year_low=_rounded(number(meta, "fiftyTwoWeekLow")),
    )


def _periods(meta: Json) -> Periods:
    found = meta.get("currentTradingPeriod")
    current: Json = found if isinstance(found, dict) else {}
    return Periods(
        pre=_span(current.get("pre")), regular=_span(current.get("regular")), post=_span(current.get("post"))
    )


def _span(value: object) -> Span | None:
    if not isinstance(value, dict):
        return None
    start, end = span_time(value, "start"), span_time(value, "end")
    # An exchange without extended hours says a period of no length.
    return Span(start, end) if start is not None and end is not None and start < end else None


def _series(row: Json, *, adjusted: bool = False) -> tuple[list[float], list[float]]:
    """Times and closes, without the entries that have none; no times where there are none for each."""
    found = row.get("indicators")
    indicators: Json = found if isinstance(found, dict) else {}
    closes = _closes(indicators, "adjclose", "adjclose") if adjusted else []
    closes = closes or _closes(indicators, "quote", "close")
    stamps = row.get("timestamp")
    if not isinstance(stamps, list) or len(stamps) != len(closes):
        return [], [price for price in map(_price, closes) if price is not None]
    pairs = [
        (time, price)
        for stamp, close in zip(stamps, closes, strict=True)
        if (time := span_time({"": stamp}, "")) is not None and (price := _price(close)) is not None
    ]
    return [time for time, _ in pairs], [price for _, price in pairs]


def _closes(indicators: Json, kind: str, name: str) -> list[object]:
    first = next(rows_of(indicators.get(kind)), None)
    values = first.get(name) if first else None
    return values if isinstance(values, list) else []


def _price(value: object) -> float | None:
    return _rounded(number({"": value}, ""))


def _rounded(value: float | None) -> float | None:
    """A float32 that was widened on its way, as the decimal that it stood for."""
    return shorten(value) if value is not None and float32(value) == value else value
