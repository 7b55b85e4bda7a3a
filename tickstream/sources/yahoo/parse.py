"""Yahoo's JSON to values: pure, and tolerant of all that was ever recorded (WIRE.md, part B).

A row of the wrong shape is skipped, a field of the wrong type is None; only an
envelope that says an error, or is none, raises WireError. Rows are matched by
symbol, never by position.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

from tickstream.core.values import Found, Headline, MarketTime, Quote, Summary
from tickstream.errors import WireError
from tickstream.sources.yahoo.charts import Chart, parse_chart, parse_returns, parse_spark
from tickstream.sources.yahoo.readers import (
    Json,
    error_text,
    iso_time,
    number,
    result_of,
    rows_of,
    span_time,
    text,
    whole,
)

__all__ = [
    "Chart",
    "ConsentForm",
    "error_text",
    "parse_chart",
    "parse_consent_form",
    "parse_found",
    "parse_headlines",
    "parse_market_time",
    "parse_movers",
    "parse_quotes",
    "parse_returns",
    "parse_similar",
    "parse_spark",
    "parse_summary",
    "valid_crumb",
]

_CRUMB = re.compile(r"[A-Za-z0-9./_\-]{5,32}")
_LONGEST_TITLE = 300


def parse_quotes(document: object) -> dict[str, Quote]:
    """v7/finance/quote. A stub of a symbol that was renamed or is gone (`NONE`) is as good as none."""
    quotes = (_quote(row) for row in result_of(document, "quoteResponse"))
    return {quote.symbol: quote for quote in quotes if quote is not None and quote.quote_type != "NONE"}


def parse_movers(document: object) -> list[Quote]:
    """v1/finance/screener, predefined or posted: its rows in its order."""
    first = next(iter(result_of(document, "finance")), {})
    quotes = (_quote(row) for row in rows_of(first.get("quotes")))
    return [quote for quote in quotes if quote is not None and quote.quote_type != "NONE"]


def _quote(row: Json) -> Quote | None:
    symbol = text(row, "symbol", longest=40)
    if symbol is None:
        return None
    price, previous = number(row, "regularMarketPrice"), number(row, "regularMarketPreviousClose")
    change, percent = number(row, "regularMarketChange"), number(row, "regularMarketChangePercent")
    if change is None and price is not None and previous is not None:
        change = round(price - previous, 8)
    if percent is None and change is not None and previous:
        percent = round(change / previous * 100, 6)
    return Quote(
        symbol=symbol,
        name=text(row, "longName", "shortName", "displayName"),
        price=price,
        change=change,
        percent_change=percent,
        currency=text(row, "currency", longest=12),
        market_state=text(row, "marketState", longest=12),
        day_high=number(row, "regularMarketDayHigh"),
        day_low=number(row, "regularMarketDayLow"),
        open=number(row, "regularMarketOpen"),
        previous_close=previous,
        volume=whole(row, "regularMarketVolume"),
        time=_milliseconds(row, "regularMarketTime"),
        logo=_url(row, "logoUrl", "companyLogoUrl"),
        price_hint=whole(row, "priceHint"),
        pre_price=number(row, "preMarketPrice"),
        pre_change=number(row, "preMarketChange"),
        pre_percent=number(row, "preMarketChangePercent"),
        pre_time=_milliseconds(row, "preMarketTime"),
        post_price=number(row, "postMarketPrice"),
        post_change=number(row, "postMarketChange"),
        post_percent=number(row, "postMarketChangePercent"),
        post_time=_milliseconds(row, "postMarketTime"),
        overnight_price=number(row, "overnightMarketPrice"),
        overnight_change=number(row, "overnightMarketChange"),
        overnight_percent=number(row, "overnightMarketChangePercent"),
        overnight_time=_milliseconds(row, "overnightMarketTime"),
        exchange=text(row, "exchange", longest=12),
        exchange_name=text(row, "fullExchangeName", longest=40),
        quote_type=text(row, "quoteType", longest=20),
        bid=number(row, "bid"),
        bid_size=whole(row, "bidSize"),
        ask=number(row, "ask"),
        ask_size=whole(row, "askSize"),
        average_volume=whole(row, "averageDailyVolume3Month"),
        year_high=number(row, "fiftyTwoWeekHigh"),
        year_low=number(row, "fiftyTwoWeekLow"),
        market_cap=number(row, "marketCap"),
        pe=number(row, "trailingPE"),
        eps=number(row, "epsTrailingTwelveMonths"),
        # Here it is percent; the trailing annual one, and that of quoteSummary, are fractions.
        dividend_yield=number(row, "dividendYield"),
        beta=number(row, "beta"),
    )


def parse_market_time(document: object) -> MarketTime:
    """v6/finance/markettime: the U.S. markets, by Yahoo's own clock."""
    finance = document.get("finance") if isinstance(document, dict) else None
    outer = rows_of(finance.get("marketTimes")) if isinstance(finance, dict) else iter(())
    markets = [row for one in outer for row in rows_of(one.get("marketTime"))]
    market = next((row for row in markets if row.get("id") == "us"), None)
    status = text(market, "status") if market else None
    if market is None or status is None:
        said = error_text(document)
        raise WireError(f"Yahoo says: {said}" if said else "Yahoo's market time has another shape")
    return MarketTime(
        open=status == "open",
        opens=iso_time(market, "open"),
        closes=iso_time(market, "close"),
        time=iso_time(market, "time"),
    )


def parse_similar(document: object, symbol: str) -> list[str]:
    """v6/finance/recommendationsbysymbol: the symbols that are similar to `symbol`, the nearest first."""
    for row in result_of(document, "finance"):
        if text(row, "symbol", longest=40) == symbol:
            names = (text(one, "symbol", longest=40) for one in rows_of(row.get("recommendedSymbols")))
            return [name for name in dict.fromkeys(names) if name and name != symbol]
    return []


def parse_headlines(document: object) -> list[Headline]:
    """The news of v1/finance/search, the newest first."""
    stories = []
    for row in rows_of(_searched(document).get("news")):
        title = text(row, "title", longest=_LONGEST_TITLE)
        if title:
            stories.append(
                Headline(
                    title=title,
                    url=_url(row, "link"),
                    published=span_time(row, "providerPublishTime"),
                    source=text(row, "publisher", longest=80),
                    summary=text(row, "summary", longest=1000),
                )
            )
    return sorted(stories, key=lambda story: -(story.published or 0.0))


def parse_found(document: object) -> list[Found]:
    """The symbols of v1/finance/search, the best first; what is not Yahoo's has none."""
    found = []
    for row in rows_of(_searched(document).get("quotes")):
        symbol = text(row, "symbol", longest=40)
        if symbol and row.get("isYahooFinance") is not False:
            found.append(
                Found(
                    symbol=symbol,
                    name=text(row, "longname", "shortname"),
                    quote_type=text(row, "quoteType", longest=20),
                    exchange=text(row, "exchDisp", "exchange", longest=40),
                    sector=text(row, "sector", longest=60),
                )
            )
    return found


def _searched(document: object) -> Json:
    """The answer to a search, which has no envelope."""
    if isinstance(document, dict) and ("quotes" in document or "news" in document):
        return document
    said = error_text(document)
    raise WireError(f"Yahoo says: {said}" if said else "Yahoo's search has another shape")


def parse_summary(document: object) -> Summary:
    """The modules of v10/finance/quoteSummary; those that a symbol does not have are not there."""
    found = next(iter(result_of(document, "quoteSummary")), {})
    modules = {name: module for name, module in found.items() if isinstance(module, dict)}
    empty: Json = {}
    about = modules.get("assetProfile") or modules.get("summaryProfile") or empty
    detail = modules.get("summaryDetail") or empty
    statistics = modules.get("defaultKeyStatistics") or empty
    dividend = number(detail, "dividendYield")
    beta = number(detail, "beta")
    return Summary(
        sector=text(about, "sector", longest=60),
        industry=text(about, "industry", longest=80),
        beta=beta if beta is not None else number(statistics, "beta"),
        pe=number(detail, "trailingPE"),
        eps=number(statistics, "trailingEps"),
        dividend_yield=round(dividend * 100, 6) if dividend is not None else None,
    )


def valid_crumb(status: int, content_type: str, body: str) -> str | None:
    """The crumb in an answer; None where it is a page, an error, or anything else that was taken for one."""
    if status != 200 or content_type != "text/plain" or not _CRUMB.fullmatch(body):
        return None
    return body


class ConsentForm(NamedTuple):
    """The form that stands before Yahoo's pages in the EU."""

    action: str
    fields: dict[str, str]


def parse_consent_form(html: str) -> ConsentForm | None:
    """The first form of a page that is posted, with its hidden fields; None where there is none."""
    reader = _FormReader()
    reader.feed(html)
    return reader.form


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.form: ConsentForm | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None and values.get("method", "").lower() == "post":
            self.form, self._inside = ConsentForm(values.get("action", ""), {}), True
        hidden = tag == "input" and values.get("type", "").lower() == "hidden"
        if hidden and self._inside and self.form is not None and values.get("name"):
            self.form.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def _milliseconds(row: Json, name: str) -> int | None:
    seconds = span_time(row, name)
    return int(seconds * 1000) if seconds is not None else None


def _url(row: Json, *names: str) -> str | None:
    """An address that a browser may be sent to."""
    value = text(row, *names, longest=1000)
    return value if value and value.startswith(("https://", "http://")) else None
