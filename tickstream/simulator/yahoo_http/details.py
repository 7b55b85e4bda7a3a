"""What a quote row says beside its prices, by what kind of thing is quoted. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random

from tickstream.core.float32 import float32, shorten
from tickstream.simulator.listings import Kind, Region
from tickstream.simulator.prices import Quote
from tickstream.simulator.yahoo_http.answers import Document
from tickstream.simulator.yahoo_http.figures import Figures

__all__ = ["figure", "more_of"]


def more_of(quote: Quote, figures: Figures) -> Document:
    """The fields that only its kind has."""
    return _MORE[quote.listing.kind](quote, figures)


def figure(price: float) -> float:
    """A price as it comes out of the float32 that it is kept in."""
    return shorten(float32(price))


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


_MORE: Mapping[Kind, Callable[[Quote, Figures], Document]] = {
    Kind.EQUITY: _equity,
    Kind.ETF: _etf,
    Kind.INDEX: _market,
    Kind.FX: _market,
    Kind.CRYPTO: _coin,
    Kind.FUTURE: _future,
    Kind.OPTION: _option,
    Kind.FUND: _fund,
}
