"""The regular session beside what is paid before and after it.

A push of extended hours has one price, its own, and its change counts from the
last regular close: so price less change is that close, also where nobody said
it. What that session's own change was, only an earlier push of it or a quote
knows.
"""

from __future__ import annotations

from typing import NamedTuple

from tickstream.core.board import Row
from tickstream.core.tick import MarketHours

__all__ = ["Session", "day_change_of", "newest_of", "regular_of"]

_SAME_DAY = 12 * 3_600_000
"""Milliseconds within which no other regular session can have begun and ended."""
_NOISE = 1e-6
"""Relative: prices and changes are float32, and a difference of two has the noise of both."""


class Session(NamedTuple):
    """The price of a session and how it changed; None is not known."""

    price: float | None = None
    change: float | None = None
    percent: float | None = None


def newest_of(row: Row) -> Session:
    """What the row says, of whatever session that is."""
    return Session(row.number("price"), row.number("change"), row.number("change_percent"))


def regular_of(row: Row) -> Session:
    """The price of the regular session: the newest one, or what it ended with where it is over."""
    newest = newest_of(row)
    if not row.is_extended:
        return newest
    held = Session(*(_number(row, name) for name in ("price", "change", "change_percent")))
    if newest.price is None or newest.change is None:
        return held
    close = newest.price - newest.change
    if held.price is None:
        return Session(close)
    if abs(held.price - close) <= _NOISE * max(abs(newest.price), abs(close)):
        return held
    return _closed_since(row, held, close)


def _closed_since(row: Row, held: Session, close: float) -> Session:
    """The session ended with another price than was last pushed of it: in an auction, or unseen."""
    time, last = row.number("time"), _number(row, "time")
    if time is None or last is None or held.price is None or held.change is None or time - last > _SAME_DAY:
        return Session(close)
    before = held.price - held.change
    change = close - before
    return Session(close, change, 100 * change / before if before else None)


def day_change_of(row: Row) -> float | None:
    """How far the newest price is from the previous close.

    After hours count to the day that ended; pre-market and overnight begin the next one.
    """
    newest = newest_of(row)
    if newest.price is None:
        return None
    if row.said.get("market_hours") == MarketHours.POST_MARKET:
        regular = regular_of(row)
        if newest.change is not None and regular.change is not None:
            return newest.change + regular.change
    elif newest.change is not None:
        return newest.change
    elif row.is_extended:
        return _since(_number(row, "price"), newest.price)
    return _since(row.number("previous_close"), newest.price)


def _since(close: float | None, price: float) -> float | None:
    return None if close is None else price - close


def _number(row: Row, name: str) -> float | None:
    value = row.regular.get(name)
    return value if isinstance(value, (int, float)) else None
