"""Documents: what a view says, composed of parts. All functions here are pure.

What the documents look like is said in core/documents, what parts there are in
core/values; the hours view has a module of its own, core/hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from tickstream.core.documents import (
    FullQuoteDocument,
    HeadlineDocument,
    IndexDocument,
    MarketDocument,
    MoverDocument,
    ProfileDocument,
    QuoteDocument,
    SectorDocument,
    SectorPerformanceDocument,
)
from tickstream.core.values import Headline, Part, Parts, Quote, Returns, Summary, value_of

__all__ = [
    "INDICES",
    "MOVERS",
    "SECTORS",
    "fund_of",
    "iso",
    "market_document",
    "profile_document",
    "quotes_document",
    "similar_symbols",
]

INDICES = ("^GSPC", "^DJI", "^IXIC", "^RUT", "^VIX", "GC=F")
MOVERS: Mapping[str, str] = {
    "actives": "movers:most_actives",
    "gainers": "movers:day_gainers",
    "losers": "movers:day_losers",
}
"""The part that each list of movers is made of."""
MOST_MOVERS = 25


SECTORS: Mapping[str, str] = {
    "Technology": "XLK",
    "Financial Services": "XLF",
    "Healthcare": "XLV",
    "Consumer Cyclical": "XLY",
    "Communication Services": "XLC",
    "Industrials": "XLI",
    "Consumer Defensive": "XLP",
    "Energy": "XLE",
    "Utilities": "XLU",
    "Real Estate": "XLRE",
    "Basic Materials": "XLB",
}
"""The eleven sectors by Yahoo's names, and the SPDR fund that stands for each."""


def quotes_document(
    symbols: Sequence[str], parts: Parts, now: float, *, unknown: Iterable[str] = ()
) -> list[QuoteDocument]:
    """The quotes view: a row a symbol in this order, without those that are `unknown`."""
    gone = frozenset(unknown)
    return [_quote_row(symbol, parts, now) for symbol in symbols if symbol not in gone]


def market_document(parts: Parts, now: float) -> MarketDocument:
    """The market view. Each part of it may be missing without costing the others."""
    movers = {name: _movers(parts, key, now) for name, key in MOVERS.items()}
    oldest = [f"quote:{symbol}" for symbol in (*INDICES, *SECTORS.values())]
    return {
        "actives": movers["actives"],
        "gainers": movers["gainers"],
        "losers": movers["losers"],
        "indices": [_index(symbol, parts, now) for symbol in INDICES if _there(parts, symbol, now)],
        "headlines": _headlines(parts, "headlines", now),
        "sectors": [_sector(name, parts, now) for name in SECTORS if _there(parts, SECTORS[name], now)],
        "asOf": {
            **{name: _as_of(parts, [key], now) for name, key in MOVERS.items()},
            "indices": _as_of(parts, oldest[: len(INDICES)], now),
            "headlines": _as_of(parts, ["headlines"], now),
            "sectors": _as_of(parts, oldest[len(INDICES) :], now),
        },
    }


def profile_document(symbol: str, parts: Parts, now: float) -> ProfileDocument:
    """The profile view of one symbol. Its quote is None where the symbol is not known."""
    fund = fund_of(symbol, parts, now)
    similar = [name for name in similar_symbols(symbol, parts, now) if _there(parts, name, now)]
    return {
        "quote": _full_quote(symbol, parts, now),
        "similar": [_mover(cast("Quote", _quote(name, parts, now))) for name in similar],
        "sectorPerformance": _performance(fund, parts, now) if fund else None,
        "news": _headlines(parts, f"news:{symbol}", now),
        "asOf": {
            "quote": _as_of(parts, [f"quote:{symbol}"], now),
            "similar": _as_of(parts, [f"similar:{symbol}"], now),
            "sectorPerformance": _as_of(parts, [f"quote:{fund}"], now) if fund else None,
            "news": _as_of(parts, [f"news:{symbol}"], now),
        },
    }


def similar_symbols(symbol: str, parts: Parts, now: float) -> list[str]:
    """The symbols that are similar to this one, as far as that is known."""
    return list(value_of(list, parts, f"similar:{symbol}", now) or ())


def fund_of(symbol: str, parts: Parts, now: float) -> str | None:
    """The fund that stands for the sector of `symbol`; None where it has none, or none is known."""
    summary = value_of(Summary, parts, f"summary:{symbol}", now)
    return SECTORS.get(summary.sector or "") if summary else None


def iso(seconds: float | None) -> str | None:
    """A time as ISO 8601 in UTC, to the second."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quote(symbol: str, parts: Parts, now: float) -> Quote | None:
    return value_of(Quote, parts, f"quote:{symbol}", now)


def _there(parts: Parts, symbol: str, now: float) -> bool:
    return _quote(symbol, parts, now) is not None


def _as_of(parts: Parts, keys: Iterable[str], now: float) -> str | None:
    """When the oldest of these parts was fetched, of those that are still shown."""
    times = [part.fetched for part in _present(parts, keys, now)]
    return iso(min(times)) if times else None


def _present(parts: Parts, keys: Iterable[str], now: float) -> Iterator[Part]:
    for key in keys:
        part = parts.get(key)
        if part is not None and part.value is not None and now <= part.until:
            yield part


def _quote_row(symbol: str, parts: Parts, now: float) -> QuoteDocument:
    part = next(_present(parts, [f"quote:{symbol}"], now), None)
    quote = part.value if part and isinstance(part.value, Quote) else Quote(symbol=symbol)
    row: dict[str, Any] = {
        "symbol": symbol,
        "name": quote.name,
        "price": quote.price,
        "change": quote.change,
        "percentChange": quote.percent_change,
        "currency": quote.currency,
        "marketState": quote.market_state,
        "dayHigh": quote.day_high,
        "dayLow": quote.day_low,
        "open": quote.open,
        "previousClose": quote.previous_close,
        "volume": quote.volume,
        "time": quote.time,
        "asOf": iso(part.fetched) if part else None,
    }
    shown = _extended(quote)
    prices = {f"{name}Price": value for name, (value, _, _) in shown.items()}
    row |= {name: value for name, value in prices.items() if value is not None}
    if quote.logo:
        row["logo"] = quote.logo
    return cast("QuoteDocument", row)


Figures = tuple[float | None, float | None, float | None]
"""A price, its change, and that in percent."""

_SHOWN = {
    # Which prices beside the regular one belong to a state: in POSTPOST, CLOSED and PREPRE the evening's
    # is still the newest there is, while Yahoo goes on saying that of a pre-market which is long over.
    "PRE": ("preMarket",),
    "POST": ("afterHours",),
    "POSTPOST": ("afterHours",),
    "CLOSED": ("afterHours",),
    "PREPRE": ("afterHours",),
    "OVERNIGHT": ("afterHours", "overnight"),
}


def _extended(quote: Quote) -> dict[str, Figures]:
    """The prices outside of the regular session that belong to the state the market is in."""
    figures = {
        "preMarket": (quote.pre_price, quote.pre_change, quote.pre_percent),
        "afterHours": (quote.post_price, quote.post_change, quote.post_percent),
        "overnight": (quote.overnight_price, quote.overnight_change, quote.overnight_percent),
    }
    return {name: figures[name] for name in _SHOWN.get(quote.market_state or "", ())}


def _full_quote(symbol: str, parts: Parts, now: float) -> FullQuoteDocument | None:
    quote = _quote(symbol, parts, now)
    if quote is None:
        return None
    summary = value_of(Summary, parts, f"summary:{symbol}", now) or Summary()
    row: dict[str, Any] = {
        **_quote_row(symbol, parts, now),
        "exchange": quote.exchange,
        "quoteType": quote.quote_type,
        "bid": quote.bid,
        "bidSize": quote.bid_size,
        "ask": quote.ask,
        "askSize": quote.ask_size,
        "averageVolume": quote.average_volume,
        "yearHigh": quote.year_high,
        "yearLow": quote.year_low,
        "marketCap": quote.market_cap,
        "pe": _either(quote.pe, summary.pe),
        "eps": _either(quote.eps, summary.eps),
        "dividendYield": _either(quote.dividend_yield, summary.dividend_yield),
        "beta": _either(quote.beta, summary.beta),
        "sector": summary.sector,
        "industry": summary.industry,
    }
    for name, (price, change, percent) in _extended(quote).items():
        figures = {f"{name}Change": change, f"{name}PercentChange": percent}
        row |= {key: value for key, value in figures.items() if price is not None and value is not None}
    return cast("FullQuoteDocument", row)


def _either(one: float | None, other: float | None) -> float | None:
    return other if one is None else one


def _index(symbol: str, parts: Parts, now: float) -> IndexDocument:
    quote = _quote(symbol, parts, now) or Quote(symbol=symbol)
    return {
        "symbol": quote.symbol,
        "name": quote.name,
        "price": quote.price,
        "change": quote.change,
        "percentChange": quote.percent_change,
    }


def _mover(quote: Quote) -> MoverDocument:
    return {
        "symbol": quote.symbol,
        "name": quote.name,
        "price": quote.price,
        "change": quote.change,
        "percentChange": quote.percent_change,
        "volume": quote.volume,
    }


def _movers(parts: Parts, key: str, now: float) -> list[MoverDocument]:
    rows = value_of(list, parts, key, now) or []
    return [_mover(row) for row in rows if isinstance(row, Quote)][:MOST_MOVERS]


def _headlines(parts: Parts, key: str, now: float) -> list[HeadlineDocument]:
    rows = value_of(list, parts, key, now) or []
    return [
        {
            "title": row.title,
            "url": row.url,
            "publishedAt": iso(row.published),
            "source": row.source,
            "summary": row.summary,
        }
        for row in rows
        if isinstance(row, Headline)
    ]


def _sector(name: str, parts: Parts, now: float) -> SectorDocument:
    fund = SECTORS[name]
    quote = _quote(fund, parts, now) or Quote(symbol=fund)
    money = f" in {quote.currency}" if quote.currency else ""
    return {
        "sector": name,
        "symbol": fund,
        "performance": quote.percent_change,
        "change": quote.change,
        "description": f"{quote.name or fund}: the day of this fund, which stands for the sector{money}",
    }


def _performance(fund: str, parts: Parts, now: float) -> SectorPerformanceDocument:
    name = next(sector for sector, symbol in SECTORS.items() if symbol == fund)
    returns = value_of(Returns, parts, f"returns:{fund}", now) or Returns()
    return {
        **_sector(name, parts, now),
        "ytdReturn": returns.ytd,
        "yearReturn": returns.year,
        "threeYearReturn": returns.three_years,
        "fiveYearReturn": returns.five_years,
    }
