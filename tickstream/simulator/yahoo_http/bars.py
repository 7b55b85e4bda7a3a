"""Bars: what a chart draws, of minutes and of days.

The bar that runs is stamped with the second of its last trade, all others with
their start; a few are empty, as they are at Yahoo's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple
from zlib import crc32

from tickstream.simulator.listings import Kind, Region
from tickstream.simulator.market import Session
from tickstream.simulator.past import Course, Day, day_of
from tickstream.simulator.prices import Quote
from tickstream.simulator.yahoo_http.desk import Desk

__all__ = ["Bar", "days", "minutes"]

_ONE_EMPTY_IN = 61


class Bar(NamedTuple):
    """One bar, stamped in seconds."""

    at: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    empty: bool = False


def minutes(desk: Desk, quote: Quote, length: int, sessions: int, *, extended: bool = False) -> list[Bar]:
    """Bars of `length` minutes over the last sessions, and what is before and after them."""
    bars: list[Bar] = []
    for day in desk.past(quote).last(sessions - 1, quote):
        course = desk.course(quote, day.opens, day.open)
        course.go_on(day.closes, day.close, day.low, day.high)
        bars += _bars(quote, course, length, day.closes, day.close)
    if extended and quote.listing.kind.extended and quote.listing.region is Region.US:
        return bars + list(_today_extended(desk, quote, length))
    return bars + _today(desk, quote, length)


def days(desk: Desk, quote: Quote, start: float, interval: str) -> list[Bar]:
    """Bars of days since `start`, or of the weeks, months and quarters of an interval."""
    past = desk.past(quote).since(start, quote)
    opens, closes = day_of(quote)
    high, low = quote.day_high, quote.day_low
    today = Day(opens, closes, quote.open, high, low, quote.regular_price, quote.volume)
    if quote.listing.kind is Kind.FUND:
        today = today._replace(open=today.close, high=today.close, low=today.close)
    groups = _GROUPS.get(interval)
    if groups is None:
        symbol = quote.listing.symbol
        bars = [_bar([day], _is_empty(symbol, day.opens) and day is not past[0]) for day in past]
    else:
        rows = groupby([*past, today], key=lambda day: groups(datetime.fromtimestamp(day.opens, UTC)))
        return [_bar(list(group)) for _, group in rows]
    # While the session is on, the day's bar is stamped with the second.
    stamp = int(quote.regular_time) if quote.phase.session is Session.REGULAR else int(opens)
    return [*bars, _bar([today])._replace(at=stamp)]


_GROUPS: Mapping[str, Callable[[datetime], object]] = {
    "5d": lambda day: day.toordinal() // 7,
    "1wk": lambda day: day.isocalendar()[:2],
    "1mo": lambda day: (day.year, day.month),
    "3mo": lambda day: (day.year, (day.month - 1) // 3),
}


def _bar(group: list[Day], empty: bool = False) -> Bar:
    return Bar(
        int(group[0].opens),
        group[0].open,
        max(day.high for day in group),
        min(day.low for day in group),
        group[-1].close,
        sum(day.volume for day in group),
        empty,
    )


def _today(desk: Desk, quote: Quote, length: int) -> list[Bar]:
    opens, closes = day_of(quote)
    now = min(max(quote.regular_time, opens), closes)
    if quote.phase.session is not Session.REGULAR:
        now = closes
    course = desk.course(quote, opens, quote.open)
    course.go_on(now, quote.regular_price, quote.day_low, quote.day_high)
    return _bars(quote, course, length, now, quote.regular_price, running=now < closes)


def _today_extended(desk: Desk, quote: Quote, length: int) -> Iterator[Bar]:
    """The day with its morning and its evening, as far as they have come."""
    phase, session = quote.phase, quote.phase.session
    opens, closes = day_of(quote)
    if session is Session.PRE:
        yield from _today(desk, quote, length)
        yield from _stretch(desk, quote, length, (phase.pre_opens, phase.opens), quote.regular_price)
        return
    morning = opens - 5.5 * 3600
    course = desk.course(quote, morning, quote.previous_close)
    low, high = sorted((quote.previous_close, quote.open))
    course.go_on(opens, quote.open, low * 0.998, high * 1.002)
    yield from _bars(quote, course, length, opens, quote.open)
    yield from _today(desk, quote, length)
    if session is not Session.REGULAR:
        yield from _stretch(desk, quote, length, (closes, phase.post_closes), quote.regular_price)


def _stretch(desk: Desk, quote: Quote, length: int, span: tuple[float, float], first: float) -> list[Bar]:
    """A session before or after the regular one: up to now, or to its end."""
    start, end = span
    now = min(max(quote.time, start), end) if quote.phase.session is not Session.CLOSED else end
    course = desk.course(quote, start, first)
    low, high = sorted((first, quote.price))
    course.go_on(now, quote.price, low * 0.997, high * 1.003)
    return _bars(quote, course, length, now, quote.price, running=now < end)


def _bars(
    quote: Quote, course: Course, length: int, now: float, price: float, *, running: bool = False
) -> list[Bar]:
    """The course in bars of `length` minutes; the last one ends at `price`."""
    points = course.points
    bars: list[Bar] = []
    for first in range(0, len(points), length):
        at = int(course.start) + first * 60
        part = points[first : first + length + 1]
        if at + length * 60 > now:
            if now <= at and bars:
                break
            part = [*part, price]
            at = int(now) if running and bars else at
        empty = bool(bars) and _is_empty(quote.listing.symbol, at)
        volume = _volume(quote, at, len(part) - 1)
        bars.append(Bar(at, part[0], max(part), min(part), part[-1], volume, empty))
    bars[-1] = bars[-1]._replace(close=price, empty=False)
    return bars


def _is_empty(symbol: str, at: float) -> bool:
    return crc32(f"{symbol}:{int(at)}".encode()) % _ONE_EMPTY_IN == 0


def _volume(quote: Quote, at: int, length: int) -> int:
    noise = 0.5 + crc32(f"{at}:{quote.listing.symbol}".encode()) % 1000 / 1000
    return round(quote.average_volume / 390 * length * noise)
