"""Quote rows: one symbol as v7/finance/quote describes it, and by what the state of its market.

Prices and changes are those of the streamer, in the same float32 arithmetic;
which groups of them there are, is table B.1 of what was recorded.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from random import Random

from tickstream.core.float32 import float32, shorten
from tickstream.simulator.listings import Kind, Region
from tickstream.simulator.market import Session
from tickstream.simulator.past import day_of
from tickstream.simulator.prices import Quote
from tickstream.simulator.pushes import change_of
from tickstream.simulator.yahoo_http.answers import Document
from tickstream.simulator.yahoo_http.desk import Desk
from tickstream.simulator.yahoo_http.details import figure, more_of
from tickstream.simulator.yahoo_http.stubs import stub_of
from tickstream.simulator.yahoo_http.venues import venue_of

__all__ = ["BASE", "only", "row_of", "state_of", "time_of"]

_BASE = """
language region quoteType typeDisp quoteSourceName triggerable customPriceAlertConfidence marketState
regularMarketPrice regularMarketTime tradeable cryptoTradeable exchange exchangeTimezoneName
exchangeTimezoneShortName gmtOffSetMilliseconds market esgPopulated priceHint fullExchangeName
sourceInterval exchangeDataDelayedBy hasPrePostMarketData firstTradeDateMilliseconds symbol
"""
BASE = frozenset(_BASE.split())
"""What is there whatever `fields` asks for."""

_TYPES = {
    Kind.EQUITY: "Equity",
    Kind.ETF: "ETF",
    Kind.INDEX: "Index",
    Kind.FX: "Currency",
    Kind.CRYPTO: "Cryptocurrency",
    Kind.FUTURE: "Futures",
    Kind.OPTION: "Option",
    Kind.FUND: "Fund",
}
_STATES = {
    Session.PRE: "PRE",
    Session.REGULAR: "REGULAR",
    Session.POST: "POST",
    Session.CLOSED: "CLOSED",
}
# Which groups beside the regular one belong to a state: without overnight prices, and with them.
_GROUPS = {
    "PRE": (("pre",), ("pre", "post", "overnight")),
    "REGULAR": ((), ("pre",)),
    "POST": (("post",), ("pre", "post")),
    "POSTPOST": (("post",), ("post",)),
    "CLOSED": (("post",), ("post",)),
    "PREPRE": (("post",), ("post",)),
    "OVERNIGHT": ((), ("pre", "post", "overnight")),
}
_EXTENDED = {"pre": Session.PRE, "post": Session.POST, "overnight": Session.OVERNIGHT}


def row_of(desk: Desk, symbol: str, *, overnight: bool = False, year: bool = True) -> Document | None:
    """The row of `symbol` with all its fields; None where there is no such symbol.

    Without `year` it says nothing of the last year, which costs the most to know.
    """
    if symbol.startswith(("NONE", "YHD")):
        return stub_of(symbol)
    quote = desk.quote(symbol)
    if quote is None:
        return None
    # A share of New York is traded at night too, if one asks for that.
    overnight = overnight and quote.listing.kind.extended and quote.listing.region is Region.US
    state = state_of(desk, quote, overnight=overnight)
    row = _identity(desk, quote, state, overnight=overnight)
    row |= _regular(quote)
    if quote.listing.kind.extended and quote.listing.region is Region.US:
        for group in _GROUPS[state][overnight]:
            row |= _group(desk, quote, group)
    if year:
        row |= _year(desk, quote)
    row |= more_of(quote, desk.figures(quote))
    return row


def only(row: Document, fields: Collection[str]) -> Document:
    """What `fields` asks for, and the base set; all of it where it asks for nothing."""
    if not fields:
        return row
    return {name: value for name, value in row.items() if name in BASE or name in fields}


def state_of(desk: Desk, quote: Quote, *, overnight: bool = False) -> str:
    """The market's state, one of Yahoo's seven."""
    phase = desk.phase_of_market(quote.listing)
    if quote.listing.region is not Region.US:
        return "REGULAR" if phase.session is Session.REGULAR else "POSTPOST"
    if phase.session is Session.OVERNIGHT and not overnight:
        # The first half of the night is still yesterday.
        return "POSTPOST" if desk.now - phase.post_closes < 5 * 3600 else "PREPRE"
    return _STATES.get(phase.session, "OVERNIGHT")


def time_of(quote: Quote) -> int:
    """When the regular price was traded, in seconds; of a coin, in whole minutes."""
    step = 60 if quote.listing.kind is Kind.CRYPTO else 1
    return int(quote.regular_time // step * step)


def _identity(desk: Desk, quote: Quote, state: str, *, overnight: bool) -> Document:
    listing, venue = quote.listing, venue_of(quote.listing)
    zone_name, offset = venue.clock(desk.now)
    us_stock = listing.kind.extended and listing.region is Region.US
    source = "Nasdaq Real Time Price" if us_stock else "Delayed Quote"
    source = "CoinMarketCap" if listing.kind is Kind.CRYPTO else source
    first = datetime(desk.figures(quote).founded, 3, 1, tzinfo=UTC).timestamp()
    return {
        "language": "en-US",
        "region": "US",
        "quoteType": listing.kind.quote_type.name,
        "typeDisp": _TYPES[listing.kind],
        "quoteSourceName": "BOATS Real Time Price" if state == "OVERNIGHT" else source,
        "triggerable": us_stock,
        "customPriceAlertConfidence": "HIGH" if us_stock else "LOW",
        "currency": listing.currency,
        "corporateActions": [],
        "exchange": listing.exchange,
        "fullExchangeName": venue.name,
        "messageBoardId": f"finmb_{listing.symbol}",
        "exchangeTimezoneName": venue.zone,
        "exchangeTimezoneShortName": zone_name,
        "gmtOffSetMilliseconds": offset * 1000,
        "market": "us_ot_market" if overnight else venue.market,
        "marketState": state,
        "esgPopulated": False,
        "hasPrePostMarketData": us_stock,
        "firstTradeDateMilliseconds": int(first) * 1000,
        "priceHint": quote.price_hint,
        "sourceInterval": 15,
        "exchangeDataDelayedBy": venue.delay,
        "tradeable": False,
        "cryptoTradeable": listing.kind is Kind.CRYPTO,
        "shortName": listing.name[:30],
        "longName": listing.name,
        "symbol": listing.symbol,
    }


def _regular(quote: Quote) -> Document:
    kind = quote.listing.kind
    reference = quote.day_ago if kind is Kind.CRYPTO else quote.previous_close
    change, percent = change_of(quote.regular_price, reference)
    said: Document = {
        "regularMarketPrice": figure(quote.regular_price),
        "regularMarketChange": shorten(change),
        "regularMarketChangePercent": shorten(percent),
        "regularMarketPreviousClose": figure(quote.previous_close),
        "regularMarketTime": time_of(quote),
    }
    if kind is Kind.FUND:
        return said
    return said | {
        "regularMarketOpen": figure(quote.open),
        "regularMarketDayHigh": figure(quote.day_high),
        "regularMarketDayLow": figure(quote.day_low),
        "regularMarketDayRange": f"{figure(quote.day_low)} - {figure(quote.day_high)}",
        "regularMarketVolume": int(float32(quote.volume)) if kind is Kind.CRYPTO else quote.volume,
    }


def _group(desk: Desk, quote: Quote, group: str) -> Document:
    """A price outside of the regular session: the streamed one where that session is on, else its last."""
    phase = quote.phase
    opens, closes = day_of(quote)
    if phase.session is _EXTENDED[group]:
        price, at = quote.price, quote.time
    else:
        chance = Random(f"{desk.seed}:{quote.listing.symbol}:{group}:{int(opens)}")
        base = quote.previous_close if group == "pre" else quote.regular_price
        price = round(base * (1 + chance.gauss(0, 0.003)), quote.decimals)
        night = min(closes + 12 * 3600, desk.now)
        at = {"pre": opens - 1, "post": min(closes + 4 * 3600 - 1, desk.now), "overnight": night}[group]
    # What a morning's price is compared with is, once the session has begun, the close before it.
    morning = group == "pre" and phase.session is not Session.PRE
    change, percent = change_of(price, quote.previous_close if morning else quote.regular_price)
    return {
        f"{group}MarketPrice": figure(price),
        f"{group}MarketChange": shorten(change),
        f"{group}MarketChangePercent": shorten(percent),
        f"{group}MarketTime": int(at),
    }


def _year(desk: Desk, quote: Quote) -> Document:
    """What the last year says, by the same days that the chart shows."""
    days = desk.past(quote).last(252, quote)
    price = quote.regular_price
    low = min(quote.day_low, *(day.low for day in days))
    high = max(quote.day_high, *(day.high for day in days))
    closes = [day.close for day in days]
    said: Document = {
        "fiftyTwoWeekLow": figure(low),
        "fiftyTwoWeekHigh": figure(high),
        "fiftyTwoWeekRange": f"{figure(low)} - {figure(high)}",
        "fiftyTwoWeekLowChange": figure(price - low),
        "fiftyTwoWeekLowChangePercent": figure((price - low) / low),
        "fiftyTwoWeekHighChange": figure(price - high),
        "fiftyTwoWeekHighChangePercent": figure((price - high) / high),
        "fiftyTwoWeekChangePercent": figure((price / closes[0] - 1) * 100),
    }
    for name, average in (("fiftyDay", sum(closes[-50:]) / 50), ("twoHundredDay", sum(closes[-200:]) / 200)):
        said[f"{name}Average"] = figure(average)
        said[f"{name}AverageChange"] = figure(price - average)
        said[f"{name}AverageChangePercent"] = figure((price - average) / average)
    return said
