"""The calendar: what an exchange should be doing at an instant, and why. Pure.

Sessions and zones come from the table (core/exchanges), holidays and half days
from the package `holidays`, which is loaded when first asked. What an exchange
really does, the source says; the calendar gives the reason, and stands in
where no source answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tickstream.core.exchanges import Exchange
from tickstream.core.text import clean
from tickstream.core.values import Span

__all__ = ["Day", "Outlook", "day_of", "local_date", "look"]

_FAR = 14
"""Days within which an exchange opens again, whatever the holiday."""
_NIGHT_BEGINS, _NIGHT_ENDS = time(20), time(4)
"""When stocks are traded overnight in the U.S. (WIRE.md, B.1)."""
_CLOSES_AT = re.compile(r"close at (\d{1,2}):(\d{2}) ?(?:([ap])\.?m)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Day:
    """A date at an exchange."""

    date: date
    closed: str
    """Why it does not open, as in `Weekend`, `Holiday: Thanksgiving Day`; empty where it does."""
    early: str
    """Why it closes early; empty where it does not."""
    spans: tuple[tuple[str, Span], ...]
    """Its stretches in order, each `pre`, `regular` or `post`."""

    @property
    def opens(self) -> float | None:
        return next((span.start for kind, span in self.spans if kind == "regular"), None)

    @property
    def closes(self) -> float | None:
        return next((span.end for kind, span in reversed(self.spans) if kind == "regular"), None)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an exchange should be doing."""

    status: str
    reason: str
    next_open: float | None
    next_close: float | None
    day: Day


def local_date(exchange: Exchange, now: float) -> date:
    """The date at the exchange."""
    return datetime.fromtimestamp(now, ZoneInfo(exchange.zone)).date()


@lru_cache(maxsize=2048)
def day_of(exchange: Exchange, day: date) -> Day:
    """What the calendar says of a date at an exchange."""
    if exchange.code == "CRYPTO":
        start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        return Day(day, "", "", (("regular", Span(start, start + 86_400)),))
    if exchange.is_weekend(day):
        return Day(day, "Weekend", "", ())
    holidays, half_days = _calendar(exchange.calendar, day.year)
    if day in holidays:
        return Day(day, f"Holiday: {holidays[day]}", "", ())
    early, closes = "", None
    if day in half_days:
        name = half_days[day]
        closes = _closing_time(name) or exchange.half_day
        early = clean(name.partition(" (")[0]) if closes else ""
    return Day(day, "", early, _spans(exchange, day, closes))


def look(exchange: Exchange, now: float) -> Outlook:
    """What the calendar says that `exchange` is doing at `now`."""
    day = day_of(exchange, local_date(exchange, now))
    if exchange.code == "CRYPTO":
        return Outlook("OPEN", "Always open", None, None, day)
    kind = next((kind for kind, span in day.spans if span.start <= now < span.end), "")
    next_open, next_close = _next_changes(exchange, now)
    if kind == "regular":
        status, reason = "OPEN", "Regular trading hours"
        if day.early:
            status, reason = "EARLY_CLOSE", f"Early close: {day.early}"
        return Outlook(status, reason, next_open, next_close, day)
    if kind == "pre":
        return Outlook("PRE_MARKET", "Pre-market trading", next_open, next_close, day)
    if kind == "post":
        return Outlook("AFTER_HOURS", "After-hours trading", next_open, next_close, day)
    return Outlook("CLOSED", _why_closed(exchange, now, day), next_open, next_close, day)


def _why_closed(exchange: Exchange, now: float, day: Day) -> str:
    if exchange.pre and _is_overnight(exchange, now):
        return "Overnight trading"
    if day.closed:
        return day.closed
    opens, closes = day.opens, day.closes
    if opens is not None and now < opens:
        return "Before the open"
    return "After the close" if closes is not None and now >= closes else "Lunch break"


def _is_overnight(exchange: Exchange, now: float) -> bool:
    """Whether it is the night before a trading day."""
    local = datetime.fromtimestamp(now, ZoneInfo(exchange.zone))
    if local.time() >= _NIGHT_BEGINS:
        return not day_of(exchange, local.date() + timedelta(days=1)).closed
    return local.time() < _NIGHT_ENDS and not day_of(exchange, local.date()).closed


def _next_changes(exchange: Exchange, now: float) -> tuple[float | None, float | None]:
    """When the next regular session begins, and when the present or next one ends."""
    today = local_date(exchange, now)
    spans = [
        span
        for ahead in range(_FAR)
        for kind, span in day_of(exchange, today + timedelta(days=ahead)).spans
        if kind == "regular" and span.end > now
    ]
    opens = next((span.start for span in spans if span.start > now), None)
    return opens, spans[0].end if spans else None


def _spans(exchange: Exchange, day: date, closes: time | None) -> tuple[tuple[str, Span], ...]:
    zone = ZoneInfo(exchange.zone)

    def at(moment: time) -> float:
        return datetime.combine(day, moment, zone).timestamp()

    spans: list[tuple[str, Span]] = []
    if exchange.pre:
        spans.append(("pre", Span(at(exchange.pre[0]), at(exchange.pre[1]))))
    for start, end in exchange.sessions:
        if closes is None or start < closes:
            spans.append(("regular", Span(at(start), at(min(end, closes) if closes else end))))
    if exchange.post:
        early = closes or exchange.post[0]
        # After a half day the evening is as much shorter as it begins earlier: 13:00 to 17:00.
        late = time(early.hour + 4, early.minute) if closes else exchange.post[1]
        spans.append(("post", Span(at(early), at(late))))
    return tuple(spans)


def _closing_time(text: str) -> time | None:
    """The time in `Christmas Eve (markets close at 1:00pm)`, or `… at 14:05 CET)`."""
    found = _CLOSES_AT.search(text)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    if found[3]:
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


@lru_cache(maxsize=256)
def _calendar(code: str, year: int) -> tuple[Mapping[date, str], Mapping[date, str]]:
    """The holidays and the half days of a year, by date; none where nobody knows them."""
    if not code:
        return {}, {}
    try:
        from holidays import financial_holidays
        from holidays.constants import HALF_DAY, PUBLIC

        known = financial_holidays(code, years=year, categories=(PUBLIC,), language="en_US")
        halves: Mapping[date, str] = {}
        if HALF_DAY in known.supported_categories:
            halves = financial_holidays(code, years=year, categories=(HALF_DAY,), language="en_US")
        # One date may have two names.
        return {day: _first(name) for day, name in known.items()}, dict(halves.items())
    except Exception:  # whatever it is that another year or version of the package does not know
        return {}, {}


def _first(names: str) -> str:
    """One of the names of a date; the one that says more than that the banks are closed."""
    several = [clean(name, 60) for name in names.split(";")]
    return next((name for name in several if name != "Bank Holiday"), several[0])
