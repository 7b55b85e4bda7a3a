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
from tickstream.simulator.yahoo_http.figures import Figures
from tickstream.simulator.yahoo_http.venues import venue_of

__all__ = ["BASE", "only", "row_of", "state_of", "time_of"]

BASE = frozenset(
    "language region quoteType typeDisp quoteSourceName triggerable customPriceAlertConfidence marketState"
    " regularMarketPrice regularMarketTime tradeable cryptoTradeable exchange exchangeTimezoneName"
    " exchangeTimezoneShortName gmtOffSetMilliseconds market esgPopulated priceHint fullExchangeName"
    " sourceInterval exchangeDataDelayedBy hasPrePostMarketData firstTradeDateMilliseconds symbol".split()
)
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


def row_of(desk: Desk, symbol: str, *, overnight: bool = False) -> Document | None:
    """The row of `symbol` with all its fields; None where there is no such symbol."""
    if symbol.startswith(("NONE", "YHD")):
        return _stub(symbol)
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
    row |= _year(desk, quote)
    row |= _MORE.get(quote.listing.kind, _nothing)(quote, desk.figures(quote))
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


def figure(price: float) -> float:
    """A price as it comes out of the float32 that it is kept in."""
    return shorten(float32(price))


def _stub(symbol: str) -> Document:
    """Symbols that were renamed or delisted are still known, and have no price."""
    stub: Document = {
        "language": "en-US",
        "region": "US",
        "quoteType": "NONE",
        "triggerable": False,
        "customPriceAlertConfidence": "NONE",
        "corporateActions": [],
        "messageBoardId": f"finmb_{symbol}",
        "esgPopulated": False,
        "tradeable": False,
        "cryptoTradeable": False,
        "hasPrePostMarketData": False,
        "symbol": symbol,
    }
    if symbol.startswith("NONE"):
        return stub
    return stub | {
        "quoteType": "MUTUALFUND",
        "typeDisp": "Fund",
        "quoteSourceName": "Delayed Quote",
        "shortName": "54688",
        "exchangeTimezoneName": "America/New_York",
        "exchangeTimezoneShortName": "EST",
        "gmtOffSetMilliseconds": -18_000_000,
        "market": "us_market",
        "regularMarketTime": 1_561_759_658,
        "exchange": "YHD",
        "fullExchangeName": "YHD",
        "marketState": "CLOSED",
        "fiftyTwoWeekLow": 5.6,
        "fiftyTwoWeekHigh": 9.24,
        "fiftyTwoWeekRange": "5.6 - 9.24",
        "sourceInterval": 15,
        "exchangeDataDelayedBy": 0,
        "firstTradeDateMilliseconds": 1_152_538_200_000,
        "priceHint": 2,
        "averageDailyVolume3Month": 212_316,
        "averageDailyVolume10Day": 66_219,
    }


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


def _nothing(_quote: Quote, _figures: Figures) -> Document:
    return {}


def _market(quote: Quote, _figures: Figures) -> Document:
    """Bid, ask and volumes, of what has an order book."""
    half = max(10.0**-quote.decimals, round(quote.price * 1e-4, quote.decimals))
    lots = Random(f"{quote.listing.symbol}:{quote.ticks}")
    stock = quote.listing.kind in (Kind.EQUITY, Kind.ETF)
    return {
        "bid": figure(quote.price - half),
        "ask": figure(quote.price + half),
        "bidSize": lots.randint(1, 12) if stock else 0,
        "askSize": lots.randint(1, 12) if stock else 0,
        "averageDailyVolume3Month": quote.average_volume,
        "averageDailyVolume10Day": round(quote.average_volume * 0.97),
    }


def _shares(quote: Quote, figures: Figures) -> Document:
    price = quote.regular_price
    said: Document = {
        "sharesOutstanding": figures.shares,
        "marketCap": int(float32(figures.shares * price)),
        "epsTrailingTwelveMonths": figures.eps,
        "bookValue": figures.book_value,
        "priceToBook": figure(price / figures.book_value),
        "financialCurrency": quote.listing.currency,
        "trailingAnnualDividendRate": figures.dividend,
        "trailingAnnualDividendYield": figure(figures.dividend / quote.previous_close),
    }
    if figures.eps > 0:
        said["trailingPE"] = figure(price / figures.eps)
    if figures.dividend:
        said["dividendRate"] = figures.dividend
        said["dividendYield"] = round(figures.dividend / price * 100, 2)
    return said


def _equity(quote: Quote, figures: Figures) -> Document:
    said = _market(quote, figures) | _shares(quote, figures)
    said |= {
        "epsForward": figures.eps_next,
        "forwardPE": figure(quote.regular_price / figures.eps_next) if figures.eps_next else 0.0,
        "beta": figures.beta,
        "displayName": quote.listing.name.removesuffix(", Inc.").removesuffix(" Inc."),
    }
    if quote.listing.region is Region.US:
        said["logoUrl"] = f"https://s.yimg.com/lb/brands/50x50_{quote.listing.symbol.lower()}.png"
    return said


def _etf(quote: Quote, figures: Figures) -> Document:
    said = _market(quote, figures) | _shares(quote, figures)
    return said | {
        "netAssets": said["marketCap"],
        "netExpenseRatio": figures.expenses,
        "ytdReturn": round(figures.beta * 5, 5),
    }


def _fund(quote: Quote, figures: Figures) -> Document:
    return {"netAssets": figures.shares * quote.regular_price, "netExpenseRatio": figures.expenses}


def _coin(quote: Quote, _figures: Figures) -> Document:
    listing = quote.listing
    volume = int(float32(quote.volume))
    coin, _, currency = listing.symbol.rpartition("-")
    return {
        "marketCap": int(float32(listing.supply * quote.price)),
        "circulatingSupply": float32(listing.supply),
        "volume24Hr": volume,
        "volumeAllCurrencies": volume,
        "averageDailyVolume3Month": quote.average_volume,
        "averageDailyVolume10Day": quote.average_volume,
        "fromCurrency": coin,
        "toCurrency": f"{currency}=X",
        "lastMarket": "CoinMarketCap",
        "coinMarketCapLink": "https://coinmarketcap.com/",
    }


def _future(quote: Quote, figures: Figures) -> Document:
    # The front month: what expires next.
    month = datetime.fromtimestamp(quote.time + 40 * 86_400, UTC)
    stem = quote.listing.symbol.removesuffix("=F")
    contract = f"{stem}{'FGHJKMNQUVXZ'[month.month - 1]}{month:%y}.{quote.listing.exchange}"
    return _market(quote, figures) | {
        "headSymbol": True,
        "headSymbolAsString": quote.listing.symbol,
        "contractSymbol": False,
        "underlyingSymbol": contract,
        "expireDate": int(month.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()),
        "openInterest": quote.open_interest,
    }


def _option(quote: Quote, figures: Figures) -> Document:
    contract = quote.listing.contract
    assert contract is not None
    half = max(0.01, round(quote.price * 0.01, 2))
    return _market(quote, figures) | {
        "bid": figure(max(0.0, quote.price - half)),
        "ask": figure(quote.price + half),
        "underlyingSymbol": contract.underlying,
        "strike": contract.strike,
        "openInterest": quote.open_interest,
        "expireDate": contract.expires,
        "expireIsoDate": f"{datetime.fromtimestamp(contract.expires, UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


_MORE = {
    Kind.EQUITY: _equity,
    Kind.ETF: _etf,
    Kind.INDEX: _market,
    Kind.FX: _market,
    Kind.CRYPTO: _coin,
    Kind.FUTURE: _future,
    Kind.OPTION: _option,
    Kind.FUND: _fund,
}
