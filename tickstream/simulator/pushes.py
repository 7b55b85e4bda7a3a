"""What one push says about a quote: the fields that Yahoo sends for its kind and session. Pure.

A push is partial. Which fields there are, is what was seen on the wire; of
futures, options and funds no frame was ever recorded, theirs are plausible.
All arithmetic is that of float32, as Yahoo's is.
"""

from __future__ import annotations

from tickstream.core.float32 import float32
from tickstream.core.tick import Value
from tickstream.simulator.listings import Kind, Region
from tickstream.simulator.market import Session
from tickstream.simulator.prices import Quote

__all__ = ["change_of", "push"]


def push(quote: Quote) -> dict[str, Value]:
    """All that a push about `quote` says now, by the names of the proto."""
    listing = quote.listing
    change, percent = change_of(quote.price, quote.reference)
    said: dict[str, Value] = {
        "id": listing.symbol,
        "price": quote.price,
        "time": _stamp(quote),
        "exchange": listing.exchange,
        "quote_type": int(listing.kind.quote_type),
        "market_hours": int(quote.phase.session.market_hours),
        "change_percent": percent,
        "change": change,
        "price_hint": quote.price_hint,
    }
    match listing.kind:
        case Kind.EQUITY | Kind.ETF:
            _say_stock(said, quote)
        case Kind.INDEX:
            _say_index(said, quote)
        case Kind.FX:
            said |= {"field_46": change, "field_47": percent}
        case Kind.CRYPTO:
            _say_coin(said, quote)
        case Kind.FUTURE:
            said["day_volume"] = quote.volume
        case Kind.OPTION:
            _say_option(said, quote)
    return said


def change_of(price: float, reference: float) -> tuple[float, float]:
    """The change and the change in percent, in float32 arithmetic."""
    price, reference = float32(price), float32(reference)
    change = float32(price - reference)
    return change, float32(change * 100 / reference)


def _stamp(quote: Quote) -> int:
    # Whole seconds; those of coins are whole minutes since 2025.
    step = 60 if quote.listing.kind is Kind.CRYPTO else 1
    return int(quote.time // step * step) * 1000


def _say_stock(said: dict[str, Value], quote: Quote) -> None:
    # Before and after the regular session there is neither volume nor size on the wire.
    if quote.phase.session in (Session.REGULAR, Session.CLOSED):
        said["day_volume"] = quote.volume
        if quote.new_extreme:
            said |= {"day_high": quote.day_high, "day_low": quote.day_low}
        if quote.listing.kind is Kind.EQUITY and quote.last_size and quote.ticks % 3 == 0:
            said["last_size"] = quote.last_size
    # Since August 2026 some frames repeat change and percent in two fields without a name.
    if quote.listing.kind is Kind.EQUITY and (quote.listing.region is not Region.US or quote.ticks % 2):
        said |= {"field_46": said["change"], "field_47": said["change_percent"]}


def _say_index(said: dict[str, Value], quote: Quote) -> None:
    # Seen: INR of ^NSEI, and no currency of ^VIX.
    if quote.listing.currency != "USD":
        said["currency"] = quote.listing.currency
    if quote.ticks % 2:
        said["day_volume"] = 0


def _say_coin(said: dict[str, Value], quote: Quote) -> None:
    listing = quote.listing
    volume = int(float32(quote.volume))
    said |= {
        "currency": listing.currency,
        "day_volume": volume,
        "day_high": quote.day_high,
        "day_low": quote.day_low,
        "open_price": quote.open,
        "last_size": volume,
        "vol_24hr": volume,
        "vol_all_currencies": volume,
        "from_currency": listing.symbol.rpartition("-")[0],
        "circulating_supply": float32(listing.supply),
        "market_cap": float32(listing.supply * quote.price),
    }


def _say_option(said: dict[str, Value], quote: Quote) -> None:
    contract = quote.listing.contract
    assert contract is not None
    half = max(0.01, round(quote.price * 0.01, 2))
    said |= {
        "day_volume": quote.volume,
        "expire_date": contract.expires,
        "strike_price": contract.strike,
        "underlying_symbol": contract.underlying,
        "open_interest": quote.open_interest,
        "options_type": int(contract.put),
        "mini_option": 0,
        "last_size": quote.last_size,
        "bid": max(0.0, quote.price - half),
        "ask": quote.price + half,
    }
