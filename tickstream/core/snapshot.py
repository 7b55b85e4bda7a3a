"""Quotes as ticks and rows: what a fetch said, in the shape of what a push says.

So the tables show both in one way, and a snapshot can lie under the pushes: the
newest `time` wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from tickstream.core.board import REGULAR, Now, Row, Trend
from tickstream.core.tick import MarketHours, QuoteType, Tick, Value
from tickstream.core.values import Closes, Quote

__all__ = [
    "Extended",
    "extended_of",
    "know",
    "lasting",
    "lay_closes",
    "overlaid",
    "quote_of",
    "renew",
    "row_of",
    "tick_of",
]

_BOOK = ("bid", "bid_size", "ask", "ask_size")
_PRICE = frozenset({"id", "price", "time", "change", "change_percent", "market_hours"})


class Extended(NamedTuple):
    """The newest price outside of the regular session."""

    name: str
    """`pre`, `post` or `night`."""
    hours: MarketHours
    price: float | None
    change: float | None
    percent: float | None
    time: int | None


def extended_of(quote: Quote) -> Extended | None:
    """The price outside of the regular session that belongs to the state the market is in; None without."""
    pre = (quote.pre_price, quote.pre_change, quote.pre_percent, quote.pre_time)
    post = (quote.post_price, quote.post_change, quote.post_percent, quote.post_time)
    night = (quote.overnight_price, quote.overnight_change, quote.overnight_percent, quote.overnight_time)
    match quote.market_state:
        case "PRE":
            extended = Extended("pre", MarketHours.PRE_MARKET, *pre)
        case "OVERNIGHT":
            extended = Extended("night", MarketHours.OVERNIGHT_MARKET, *night)
        case "POST" | "POSTPOST" | "CLOSED" | "PREPRE":
            extended = Extended("post", MarketHours.POST_MARKET, *post)
        case _:
            return None
    return extended if extended.price is not None else None


def tick_of(quote: Quote, *, extended: bool = True) -> Tick | None:
    """What a push would say of `quote`; None where it has no price.

    With `extended` its price is the newest one there is, as the streamer's is;
    else that of the regular session.
    """
    if quote.price is None:
        return None
    said: dict[str, Value | None] = {
        "id": quote.symbol,
        "price": quote.price,
        "time": quote.time,
        "currency": quote.currency,
        "exchange": quote.exchange,
        "quote_type": _kind_of(quote.quote_type),
        "market_hours": int(MarketHours.REGULAR_MARKET),
        "change_percent": quote.percent_change,
        "day_volume": quote.volume,
        "day_high": quote.day_high,
        "day_low": quote.day_low,
        "change": quote.change,
        "short_name": quote.name,
        "open_price": quote.open,
        "previous_close": quote.previous_close,
        "bid": quote.bid,
        "bid_size": quote.bid_size,
        "ask": quote.ask,
        "ask_size": quote.ask_size,
        "price_hint": quote.price_hint,
        "market_cap": quote.market_cap,
    }
    newest = extended_of(quote) if extended else None
    if newest is not None and newest.price is not None:
        said |= {
            "price": newest.price,
            "change": newest.change,
            "change_percent": newest.percent,
            "market_hours": int(newest.hours),
            "time": newest.time if newest.time is not None else quote.time,
        }
    return Tick.from_dict({name: value for name, value in said.items() if value is not None})


_FIELDS = {
    # A session's price, change, change in percent and time, by the names that a quote has for them.
    MarketHours.PRE_MARKET: ("pre_price", "pre_change", "pre_percent", "pre_time"),
    MarketHours.REGULAR_MARKET: ("price", "change", "percent_change", "time"),
    MarketHours.POST_MARKET: ("post_price", "post_change", "post_percent", "post_time"),
    MarketHours.OVERNIGHT_MARKET: (
        "overnight_price",
        "overnight_change",
        "overnight_percent",
        "overnight_time",
    ),
}


def overlaid(quote: Quote, said: Mapping[str, Value]) -> Quote:
    """`quote` with what was pushed since, in the session that the push belongs to; the newest time wins."""
    names = _FIELDS.get(said.get("market_hours"))  # type: ignore[call-overload]
    time = said.get("time")
    if names is None or not isinstance(time, int):
        return quote
    price, change, percent, stamp = names
    held = getattr(quote, stamp)
    if held is not None and held >= time:
        return quote
    pushed = {
        price: said.get("price"),
        change: said.get("change"),
        percent: said.get("change_percent"),
        stamp: time,
    }
    if price == "price":
        pushed["volume"] = said.get("day_volume")
    new = {name: value for name, value in pushed.items() if value is not None}
    return msgspec.structs.replace(quote, **new) if price in new else quote


_NAMES = {
    "short_name": "name",
    "change_percent": "percent_change",
    "day_volume": "volume",
    "open_price": "open",
}
"""The fields of a tick that a quote has another name for."""


def quote_of(row: Row) -> Quote:
    """What a row says, as a quote: where nothing was fetched there is no more."""
    said = {name: value for name, value in row.said.items() if name != "quote_type"}
    if row.is_extended:
        said = {name: value for name, value in said.items() if name not in REGULAR} | {**row.regular}
    known = {**row.known, **{_NAMES.get(name, name): value for name, value in said.items()}}
    fields = {name: known[name] for name in Quote.__struct_fields__ if name in known}
    return overlaid(Quote(symbol=row.symbol, **fields), row.said)  # type: ignore[arg-type]  # by name


def lasting(tick: Tick) -> Tick:
    """`tick` without what is true for a moment only, and hardly ever pushed: the bid and the ask."""
    return Tick.from_dict({name: value for name, value in tick.said.items() if name not in _BOOK})


def renew(row: Row, before: Tick, tick: Tick) -> None:
    """Lay what `tick` says in place of what the snapshot `before` said and no push since.

    The price, and when it was, are the streamer's.
    """
    for name, value in tick.said.items():
        if name not in _PRICE and row.said.get(name) == before.said.get(name):
            row.said[name] = value


def know(row: Row, quote: Quote) -> None:
    """Keep beside `row` what no push says: the range of the year, and how the regular session ended."""
    beside = {"year_low": quote.year_low, "year_high": quote.year_high}
    row.known.update({name: value for name, value in beside.items() if value is not None})
    held = row.regular.get("time", 0)
    if quote.price is not None and quote.time is not None and isinstance(held, int) and held <= quote.time:
        regular = (quote.price, quote.change, quote.percent_change, quote.time)
        said = zip(REGULAR, regular, strict=True)
        row.regular = {name: value for name, value in said if value is not None}


def row_of(quote: Quote, closes: Closes | None, now: Now) -> Row:
    """A row that says what `quote` does, its price being that of the regular session."""
    row = Row(quote.symbol)
    tick = tick_of(quote, extended=False)
    if tick is not None:
        row.said.update(tick.said)
        row.state = quote.market_state or ""
        know(row, quote)
    if quote.time is not None:
        late = max(0.0, now.wall - quote.time / 1000)
        row.fresh = Now(now.wall - late, now.monotonic - late)
    if closes is not None:
        lay_closes(row, closes, now)
    return row


def lay_closes(row: Row, closes: Closes, now: Now) -> None:
    """Let the trend of `row` begin with the session's closes."""
    if len(closes.times) == len(closes.prices) > 1:
        ago = now.wall - now.monotonic
        row.trend = Trend.of(
            [(time - ago, price) for time, price in zip(closes.times, closes.prices, strict=True)]
        )
    elif len(closes.prices) > 1:
        count = len(closes.prices)
        row.trend = Trend.of(
            [(now.monotonic - 300.0 * (count - at), price) for at, price in enumerate(closes.prices)]
        )


def _kind_of(quote_type: str | None) -> int | None:
    try:
        return int(QuoteType[quote_type or ""])
    except KeyError:
        return None
