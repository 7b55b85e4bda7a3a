"""Cells: what a row says in one place of the table, as a text and a tone.

A cell is a function of the row and of the width that it gets; most do not
depend on the width, and are asked with 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tickstream.core.board import FRESH, Now, Row
from tickstream.core.figures import (
    NOTHING,
    Cell,
    digits_for,
    number_text,
    percent_cell,
    price_text,
    range_cell,
    short_text,
    tone_of,
    trend_cell,
)
from tickstream.core.regular import Session, newest_of, regular_of
from tickstream.core.text import seconds_text
from tickstream.core.tick import MarketHours, QuoteType, Value

__all__ = [
    "CLOSED",
    "OLD",
    "MakeCell",
    "age",
    "age_cell",
    "change_of",
    "cost",
    "digits_of",
    "extended_change",
    "extended_percent",
    "extended_price",
    "extreme_of",
    "gain_of",
    "gain_percent",
    "lag",
    "last_of",
    "money_of",
    "percent_of",
    "price_of",
    "quantity",
    "range_of",
    "session",
    "short_of",
    "spread",
    "symbol",
    "text_of",
    "trend",
    "volume",
    "weight",
]

MakeCell = Callable[[Row, int], Cell]

CLOSED = frozenset({"CLOSED", "POSTPOST", "PREPRE"})
"""The states of a market in which nothing is traded."""
_OPEN = frozenset({"", "REGULAR"})
"""The states in which a price of the regular session can be of now: an index has no evening."""
OLD = 60.0
"""A row that has said nothing new for this many seconds is shown as old."""

_SESSIONS = {
    MarketHours.PRE_MARKET: ("PRE", "warn"),
    MarketHours.REGULAR_MARKET: ("REG", "good"),
    MarketHours.POST_MARKET: ("POST", "warn"),
    MarketHours.EXTENDED_HOURS_MARKET: ("EXT", "warn"),
    MarketHours.OVERNIGHT_MARKET: ("OVN", "warn"),
}


def digits_of(said: Mapping[str, Value]) -> int:
    """How many decimals the prices of a tick or row that says this are shown with."""
    hint, price = said.get("price_hint"), said.get("price")
    return digits_for(price if isinstance(price, float) else None, hint if isinstance(hint, int) else None)


def symbol(row: Row, width: int) -> Cell:
    return Cell(row.symbol, "bold")


def text_of(field: str, tone: str = "dim") -> MakeCell:
    """A field as it was said."""

    def cell(row: Row, width: int) -> Cell:
        return Cell(str(row.said.get(field, "")), tone)

    return cell


def _price(row: Row, value: float | None, tone: str = "") -> Cell:
    if value is None:
        return NOTHING
    return Cell(price_text(value, digits_of(row.said), str(row.said.get("currency"))), tone)


def price_of(field: str) -> MakeCell:
    """A field that is a price."""
    return lambda row, width: _price(row, row.number(field))


def extreme_of(field: str, choose: Callable[[float, float], float]) -> MakeCell:
    """The day's high or low: of most symbols they are not pushed, and a price beyond them is the new one."""

    def cell(row: Row, width: int) -> Cell:
        value, price = row.number(field), row.number("price")
        if value is None:
            return NOTHING
        if price is not None and row.said.get("market_hours") == MarketHours.REGULAR_MARKET:
            value = choose(value, price)
        return _price(row, value)

    return cell


def spread(row: Row, width: int) -> Cell:
    bid, ask = row.number("bid"), row.number("ask")
    return NOTHING if bid is None or ask is None else _price(row, ask - bid)


# A session's price and change: `of` says which session, the regular or the newest one.


def last_of(of: Callable[[Row], Session]) -> MakeCell:
    def cell(row: Row, width: int) -> Cell:
        return _price(row, of(row).price if row.is_extended else row.number("price"), "bold")

    return cell


def change_of(of: Callable[[Row], Session]) -> MakeCell:
    def cell(row: Row, width: int) -> Cell:
        change, tone = (of(row).change if row.is_extended else row.number("change")), _tone(row, of)
        return Cell(number_text(change, digits_of(row.said), sign=True), tone)

    return cell


def percent_of(of: Callable[[Row], Session], *, hollow: bool = False) -> MakeCell:
    def cell(row: Row, width: int) -> Cell:
        if row.is_extended:
            return percent_cell(of(row).percent, _tone(row, of), width, hollow=hollow)
        return percent_cell(row.number("change_percent"), _tone(row, of), width)

    return cell


def _tone(row: Row, of: Callable[[Row], Session]) -> str:
    """Which way it went; in the regular session both sessions are one, and nothing has to be found out."""
    if row.is_extended:
        shown = of(row)
        return tone_of(shown.percent if shown.change is None else shown.change)
    change = row.number("change")
    return tone_of(row.number("change_percent") if change is None else change)


def extended_price(row: Row, width: int) -> Cell:
    return _price(row, row.number("price"), "bold") if row.is_extended else NOTHING


_newest_change = change_of(newest_of)
_newest_percent = percent_of(newest_of, hollow=True)


def extended_change(row: Row, width: int) -> Cell:
    return _newest_change(row, width) if row.is_extended else NOTHING


def extended_percent(row: Row, width: int) -> Cell:
    return _newest_percent(row, width) if row.is_extended else NOTHING


def range_of(low: str, high: str) -> MakeCell:
    """Where the price stands within the day or the year, which are made of regular sessions."""

    def cell(row: Row, width: int) -> Cell:
        price = regular_of(row).price if row.is_extended else row.number("price")
        return range_cell(row.figure(low), row.figure(high), price, width)

    return cell


def trend(row: Row, width: int) -> Cell:
    return trend_cell(row.trend.prices, _tone(row, regular_of), width)


def volume(row: Row, width: int) -> Cell:
    value = row.number("day_volume")
    if value == 0 and row.said.get("quote_type") in (QuoteType.INDEX, QuoteType.CURRENCY):
        # Nobody counts it, and Yahoo says 0.
        return Cell("-", "dim")
    return Cell(short_text(value), "dim")


def short_of(field: str) -> MakeCell:
    """A field that is a large number."""
    return lambda row, width: Cell(short_text(row.number(field)), "dim")


def session(row: Row, width: int) -> Cell:
    if row.polled:
        return Cell("POLL", "warn")
    kind, hours = row.said.get("quote_type"), row.said.get("market_hours")
    if kind in (QuoteType.CRYPTOCURRENCY, QuoteType.CURRENCY):
        return Cell("24h", "accent")
    if row.state in CLOSED or (row.state not in _OPEN and hours == MarketHours.REGULAR_MARKET):
        return Cell("CLS", "dim")
    if not isinstance(hours, int):
        return NOTHING
    text, tone = _SESSIONS.get(hours, (f"?{hours}"[:4], "dim"))  # type: ignore[call-overload]
    return Cell(text, tone)


def lag(row: Row, width: int) -> Cell:
    """How long the last push was under way; not of a stamp in whole minutes, which does not tell."""
    time = row.said.get("time")
    if row.fresh is None or not row.pushes or not isinstance(time, int) or time % 60_000 == 0:
        return NOTHING
    late = row.fresh.wall - time / 1000
    # One that counts from its own stamp was an old one, and not late.
    return Cell(f"{late:.1f}s", "dim") if 0 < late <= FRESH else NOTHING


def age_cell(row: Row, now: Now) -> Cell:
    """How old the row is; drawn apart from the others, since it changes while nothing is said."""
    old = row.age(now)
    if old is None:
        return Cell("-", "dim")
    return Cell(seconds_text(old), "dim" if old < OLD else "warn")


def age(row: Row, width: int) -> Cell:
    raise AssertionError("the age needs a clock: age_cell")


# One's own positions, in the figures that core/positions laid into the row.


def quantity(row: Row, width: int) -> Cell:
    held = row.known.get("quantity")
    return NOTHING if held is None else Cell(f"{held:,.10g}")


def cost(row: Row, width: int) -> Cell:
    return _price(row, row.known.get("cost"), "dim")


def money_of(figure: str) -> MakeCell:
    return lambda row, width: Cell(number_text(row.known.get(figure), 2))


def gain_of(figure: str) -> MakeCell:
    def cell(row: Row, width: int) -> Cell:
        gain = row.known.get(figure)
        return Cell(number_text(gain, 2, sign=True), tone_of(gain))

    return cell


def gain_percent(row: Row, width: int) -> Cell:
    gain = row.known.get("gain_percent")
    return percent_cell(gain, tone_of(gain), width)


def weight(row: Row, width: int) -> Cell:
    share = row.known.get("weight")
    return NOTHING if share is None else Cell(f"{share:.1f}%", "dim")
