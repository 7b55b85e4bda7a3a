"""The past of a price: finished days, and how today went minute by minute.

What was said of the past once is said again whenever it is asked for: days
are drawn backwards from yesterday's close and only added to, minutes are drawn
towards the price of the moment and then kept. Nothing here waits or sends.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from math import exp, log, sqrt
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tickstream.simulator.listings import Kind, Listing
from tickstream.simulator.market import Session
from tickstream.simulator.prices import Quote

__all__ = ["Course", "Day", "Past", "day_of"]

_HOURS = 6.5 * 3600
_SIGMAS = {Kind.CRYPTO: 0.03, Kind.FX: 0.005, Kind.INDEX: 0.01, Kind.ETF: 0.01, Kind.FUND: 0.01}
_SIGMA = 0.016
_GROWTH = {Kind.EQUITY: 3e-4, Kind.ETF: 3e-4, Kind.INDEX: 3e-4, Kind.FUND: 3e-4, Kind.CRYPTO: 5e-4}
"""By how much a day's price is higher than that of the day before, in the long run."""


class Day(NamedTuple):
    """A finished trading day; times in seconds since the epoch."""

    opens: float
    closes: float
    open: float
    high: float
    low: float
    close: float
    volume: int


def day_of(quote: Quote) -> tuple[float, float]:
    """When the regular session that `quote` speaks of opened, and when it closes or closed."""
    phase = quote.phase
    if phase.session is not Session.REGULAR and phase.opens > phase.last_close:
        return phase.last_close - _HOURS, phase.last_close
    return phase.opens, phase.closes


class Past:
    """The finished days of one symbol."""

    def __init__(self, quote: Quote, zone: str, seed: int) -> None:
        self._decimals = quote.decimals
        self._volume = quote.average_volume
        self._zone = ZoneInfo(zone)
        kind = quote.listing.kind
        # Looked up once: a list of movers asks for thousands of days.
        self._sigma, self._growth = _SIGMAS.get(kind, _SIGMA), _GROWTH.get(kind, 0.0)
        self._length = 24 * 3600 if kind in (Kind.CRYPTO, Kind.FX, Kind.FUTURE) else _HOURS
        self._always = kind is Kind.CRYPTO
        self._chance = Random(f"{seed}:{quote.listing.symbol}:past")
        self._today = day_of(quote)[0]
        self._first, self._close = self._today, quote.previous_close
        self._days: list[Day] = []  # newest first

    def since(self, start: float, quote: Quote) -> list[Day]:
        """The days that opened at `start` or later, oldest first, up to yesterday."""
        self._take_note(quote)
        while self._first > start:
            self._go_back()
        return [day for day in reversed(self._days) if day.opens >= start]

    def last(self, count: int, quote: Quote) -> list[Day]:
        """The last `count` days, oldest first."""
        self._take_note(quote)
        while len(self._days) < count:
            self._go_back()
        return self._days[count - 1 :: -1] if count else []

    def before(self, opens: float, quote: Quote) -> float:
        """The close of the day before the one that opened then."""
        self._take_note(quote)
        while self._first >= opens:
            self._go_back()
        return next(day.close for day in self._days if day.opens < opens)

    def _take_note(self, quote: Quote) -> None:
        """Count the days that ended since it was last looked at."""
        today = day_of(quote)[0]
        if today - self._today < 12 * 3600:
            return
        opens, ended = today, []
        while (opens := self._day_before(opens)) > self._today + 12 * 3600:
            ended.append(opens)
        for opens in (self._today, *reversed(ended)):
            self._days.insert(0, self._day(opens, quote.previous_close, quote.previous_close))
        self._today = today

    def _go_back(self) -> None:
        change = self._chance.gauss(self._growth, self._sigma)
        before = self._rounded(self._close / exp(change))
        self._first = self._day_before(self._first)
        self._days.append(self._day(self._first, before, self._close))
        self._close = before

    def _day(self, opens: float, before: float, close: float) -> Day:
        chance, third = self._chance, self._sigma / 3
        start = self._rounded(before * exp(chance.gauss(0, third)))
        high = self._rounded(max(start, close) * exp(abs(chance.gauss(0, third))))
        low = self._rounded(min(start, close) * exp(-abs(chance.gauss(0, third))))
        volume = round(self._volume * exp(chance.gauss(0, 0.3)))
        return Day(opens, opens + self._length, start, high, low, close, volume)

    def _rounded(self, price: float) -> float:
        return max(round(price, self._decimals), 10.0**-self._decimals)

    def _day_before(self, opens: float) -> float:
        return _day_before(opens, self._zone, self._always)


@lru_cache(4096)
def _day_before(opens: float, zone: ZoneInfo, always: bool) -> float:
    """When the day before the one that opened then did, of those that are traded on all days or not."""
    day = datetime.fromtimestamp(opens, zone)
    while True:
        # Wall clock, so that it opens at the same time on both sides of a change of clocks.
        day -= timedelta(days=1)
        if always or (day.weekday() < 5 and not _is_holiday(day.date())):
            return day.timestamp()


_FIXED = {(1, 1), (6, 19), (7, 4), (12, 25)}
# Month, weekday and which of them in the month: King, Washington, Labor Day and Thanksgiving.
_FLOATING = {(1, 0, 2), (2, 0, 2), (9, 0, 0), (11, 3, 3)}


def _is_holiday(day: date) -> bool:
    """New York's holidays, about as many as everybody has."""
    floating = (day.month, day.weekday(), (day.day - 1) // 7)
    memorial = day.month == 5 and day.weekday() == 0 and day.day > 24
    return (day.month, day.day) in _FIXED or floating in _FLOATING or memorial


class Course:
    """How one session went: the price at its start and after each full minute."""

    def __init__(self, listing: Listing, decimals: int, start: float, first: float, seed: int) -> None:
        self.start = start
        self.points = [first]
        self._decimals = decimals
        # What an hour of ticks does, spread over its minutes.
        kind = listing.kind
        self._sigma = kind.step * sqrt(60 / kind.gap) if kind.gap else 0.0
        self._chance = Random(f"{seed}:{listing.symbol}:{int(start)}")

    def go_on(self, now: float, price: float, low: float, high: float) -> None:
        """Draw the minutes that have passed, on the way to `price` and between `low` and `high`."""
        ahead = (now - self.start) / 60 - (len(self.points) - 1)
        if ahead < 1:
            return
        position, goal = log(self.points[-1]), log(price)
        while ahead >= 1:
            free = sqrt((ahead - 1) / ahead)
            position += (goal - position) / ahead + self._chance.gauss(0.0, self._sigma) * free
            position = _folded(position, log(low), log(high))
            self.points.append(min(max(round(exp(position), self._decimals), low), high))
            ahead -= 1


def _folded(value: float, low: float, high: float) -> float:
    """`value`, thrown back where it left the limits."""
    if value > high:
        value = max(2 * high - value, low)
    return min(2 * low - value, high) if value < low else value
