"""Gauges: what alerts measure of a symbol, at each of its ticks. Pure.

A gauge returns its figure, or None where this tick says nothing about it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tickstream.core.board import Now, Row, since
from tickstream.core.tick import MarketHours, Tick

__all__ = ["Gauge", "Seen", "day_percent", "last_price", "moved", "new_extreme", "silence"]

SLOTS = 300
"""The parts of a window, of which each keeps one price: a window is exact to this part of it."""


NARROWER = 0.001
"""The part of the day's high or low by which one that is said has to be narrower to be another day's."""


class Seen(NamedTuple):
    """What there is to measure: the tick, None where only time has passed, and all that was said before."""

    tick: Tick | None
    row: Row
    now: Now
    began: Now
    """Since when somebody has been watching."""
    late: bool = False
    """Whether a newer tick came before this one: its price is none any more."""


Gauge = Callable[[Seen], float | None]


def last_price(seen: Seen) -> float | None:
    """The price, of whatever session."""
    return seen.tick.price if seen.tick else None


def day_percent(seen: Seen) -> float | None:
    """The change in percent, against what the source compares with."""
    return seen.tick.change_percent if seen.tick else None


def silence(seen: Seen) -> float:
    """Seconds since something new was said; since the watch began where nothing ever was."""
    age = seen.row.age(seen.now)
    return since(seen.began, seen.now) if age is None else age


def moved(seconds: float, *, up: bool) -> Gauge:
    """The way in percent from the lowest price of the last `seconds`; with `up` false, from the highest.

    The time is that of the price: what moved since a last price of days ago did not move in minutes.
    """
    # Extremes only: each price is beyond all that came after it, so the first is the one of the window.
    held: deque[tuple[Now, float]] = deque()

    def gauge(seen: Seen) -> float | None:
        price = last_price(seen)
        if price is None:
            return None
        now = seen.row.fresh or seen.now
        while held and since(held[0][0], now) > seconds:
            held.popleft()
        while held and (held[-1][1] >= price if up else held[-1][1] <= price):
            held.pop()
        if not held or since(held[-1][0], now) >= seconds / SLOTS:
            held.append((now, price))
        start = held[0][1]
        # Rounded, or 2 % of a price would be 1.9999999999999932 %.
        return round((price - start) / abs(start) * 100, 9) if start else None

    return gauge


def new_extreme(*, up: bool) -> Gauge:
    """How far the price is beyond the day's high so far, in percent; with `up` false, its low.

    Of most symbols the range is hardly ever said, and where it is, it lags
    behind the prices: those of the regular session widen it. A range that is
    clearly narrower than the one said before is that of a new day.
    """
    name, further = ("day_high", max) if up else ("day_low", min)
    said_before: float | None = None
    extreme: float | None = None

    def gauge(seen: Seen) -> float | None:
        nonlocal said_before, extreme
        said, price = _said(seen, name), _regular_price(seen)
        before = extreme
        if said is not None:
            if before is None or (said_before is not None and _is_narrower(said, said_before, up)):
                before = said
            said_before = said
        here = [value for value in (said, price) if value is not None]
        if before is None or not here:
            return None
        extreme = further(before, *here)
        reached = price if extreme == before else extreme
        return None if reached is None or not before else (reached - before) / abs(before) * 100

    return gauge


def _is_narrower(said: float, before: float, up: bool) -> bool:
    return (before - said if up else said - before) > NARROWER * abs(before)


def _said(seen: Seen, name: str) -> float | None:
    value = seen.tick.said.get(name) if seen.tick else None
    return value if isinstance(value, float) else None


def _regular_price(seen: Seen) -> float | None:
    """The price, where the day's range is made of such."""
    tick = seen.tick
    if tick is None or seen.late or tick.market_hours not in (None, MarketHours.REGULAR_MARKET):
        return None
    return tick.price
