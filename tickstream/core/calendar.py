"""The calendar: what an exchange should be doing at an instant, and why. Pure.

Sessions and zones come from the table (core/exchanges), holidays and half days
from the package `holidays`, which is loaded when first asked. What an exchange
really does, the source says; the calendar gives the reason, and stands in
where no source answers. Where an exchange's holidays are not known it claims no
more than it knows: the weekend, and hours that hold unless it is a holiday.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tickstream.core.exchanges import Exchange
from tickstream.core.text import clean
from tickstream.core.values import Span

__all__ = ["OUTSIDE", "Day", "Outlook", "day_of", "local_date", "look", "zone_of"]

OUTSIDE = "Outside trading hours"
"""The reason where no better one is known."""

_FAR = 30
"""Days within which an exchange opens again, whatever the holiday."""
_NIGHT_BEGINS, _NIGHT_ENDS = time(20), time(4)
"""When stocks are traded overnight in the U.S. (WIRE.md, B.1)."""
_CLOSES_AT = re.compile(r"close at (\d{1,2}):(\d{2})(?: ?([ap])\.?m\.?)?( CET)?", re.IGNORECASE)
_REMARK = re.compile(r" \(\S+ \S+ .*\)$")
"""`(markets close early)`, `(substituted from 02/14/2026)`; but not `(observed)`, `(estimated)`."""


@dataclass(frozen=True, slots=True)
class Day:
    """A date at an exchange."""

    date: date
    closed: str | None = None
    """Why it does not open, as in `Weekend`, `Holiday: Thanksgiving Day`."""
    early: str | None = None
    """Why it closes early, as in `Christmas Eve`."""
    spans: tuple[tuple[str, Span], ...] = ()
    """Its stretches in order, each `pre`, `regular` or `post`."""
    usual_close: float | None = None
    """When it would close if it were a whole day."""
    known: bool = True
    """Whether its holidays are known; if not, it may be one."""

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
    """When the next regular session begins; after lunch, too."""
    next_close: float | None
    """When the regular session that is on, or the next one, ends; for lunch, too."""
    day: Day


class _Year(NamedTuple):
    holidays: Mapping[date, str]
    half_days: Mapping[date, str]


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """A zone by its name. ZoneInfo itself keeps only eight, and reads the others from their files again."""
    return ZoneInfo(name)


def local_date(exchange: Exchange, now: float) -> date:
    """The date at the exchange."""
    return datetime.fromtimestamp(now, zone_of(exchange.zone)).date()


@lru_cache(maxsize=4096)
def day_of(exchange: Exchange, day: date) -> Day:
    """What the calendar says of a date at an exchange."""
    if not exchange.sessions:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        return Day(day, spans=(("regular", Span(start, start + 86_400)),))
    year = _year(exchange.calendar, day.year)
    known = year is not None
    if exchange.is_weekend(day):
        return Day(day, closed="Weekend", known=known)
    if year is not None and day in year.holidays:
        return Day(day, closed=f"Holiday: {_name(year.holidays[day])}")
    ends = exchange.closes_on.get(day.weekday(), exchange.sessions[-1][1])
    usual = _stamp(day, ends, exchange.closes_by or exchange.zone)
    label = year.half_days.get(day, "") if year is not None else ""
    closes = _half_day_close(exchange, day, label) if label else None
    opens = _stamp(day, exchange.sessions[0][0], exchange.opens_by or exchange.zone)
    if closes is None or not opens < closes < usual:
        return Day(day, spans=_spans(exchange, day, usual, usual), usual_close=usual, known=known)
    return Day(day, early=_name(label), spans=_spans(exchange, day, closes, usual), usual_close=usual)


def look(exchange: Exchange, now: float) -> Outlook:
    """What the calendar says that `exchange` is doing at `now`."""
    day = day_of(exchange, local_date(exchange, now))
    if not exchange.sessions:
        return Outlook("OPEN", "Always open", None, None, day)
    ahead = _ahead(exchange, day.date)
    next_open = next((span.start for span in ahead if span.start > now), None)
    next_close = next((span.end for span in ahead if span.end > now), None)
    kind = next((kind for kind, span in day.spans if span.start <= now < span.end), "")
    status, reason = _WORDS.get(kind) or ("CLOSED", _why_closed(exchange, now, day))
    if kind == "regular" and day.early:
        status, reason = "EARLY_CLOSE", f"Early close: {day.early}"
    elif kind == "regular" and not day.known:
        reason = f"{reason}, if no holiday"
    return Outlook(status, reason, next_open, next_close, day)


_WORDS = {
    "pre": ("PRE_MARKET", "Pre-market trading"),
    "regular": ("OPEN", "Regular trading hours"),
    "post": ("AFTER_HOURS", "After-hours trading"),
}


def _why_closed(exchange: Exchange, now: float, day: Day) -> str:
    if exchange.pre and _is_overnight(exchange, now):
        return "Overnight trading"
    opens, closes = day.opens, day.closes
    if opens is None or closes is None:
        return day.closed or OUTSIDE
    if opens <= now < closes:
        return "Lunch break"
    if not day.known:
        return OUTSIDE
    return "Before the open" if now < opens else "After the close"


def _is_overnight(exchange: Exchange, now: float) -> bool:
    """Whether it is the night before a trading day."""
    local = datetime.fromtimestamp(now, zone_of(exchange.zone))
    if local.time() >= _NIGHT_BEGINS:
        return not day_of(exchange, local.date() + timedelta(days=1)).closed
    return local.time() < _NIGHT_ENDS and not day_of(exchange, local.date()).closed


@lru_cache(maxsize=512)
def _ahead(exchange: Exchange, today: date) -> tuple[Span, ...]:
    """The regular sessions of today and of the trading day that follows."""
    spans: list[Span] = []
    for days in range(_FAR):
        regular = [
            span for kind, span in day_of(exchange, today + timedelta(days)).spans if kind == "regular"
        ]
        spans += regular
        if days and regular:
            break
    return tuple(spans)


def _stamp(day: date, moment: time, zone: str) -> float:
    return datetime.combine(day, moment, zone_of(zone)).timestamp()


def _spans(exchange: Exchange, day: date, closes: float, usual: float) -> tuple[tuple[str, Span], ...]:
    """The stretches of a day on which it closes at `closes`, where `usual` is when it closes on others."""
    zone = exchange.zone
    spans: list[tuple[str, Span]] = []
    if exchange.pre:
        spans.append(("pre", Span(_stamp(day, exchange.pre[0], zone), _stamp(day, exchange.pre[1], zone))))
    last = len(exchange.sessions) - 1
    for number, (start, end) in enumerate(exchange.sessions):
        opens = _stamp(day, start, (not number and exchange.opens_by) or zone)
        ends = min(closes, _stamp(day, end, zone)) if number < last else closes
        if opens < ends:
            spans.append(("regular", Span(opens, ends)))
    if exchange.post:
        # After a half day the evening ends as much earlier as it begins: 13:00 to 17:00.
        late = _stamp(day, exchange.post[1], zone) - (usual - closes)
        spans.append(("post", Span(closes, late)))
    return tuple(spans)


def _half_day_close(exchange: Exchange, day: date, label: str) -> float | None:
    """The close in `Christmas Eve (markets close at 1:00pm)` or `… at 14:05 CET)`, or that of the table."""
    found = _CLOSES_AT.search(label)
    if found is None:
        return _stamp(day, exchange.half_day, exchange.zone) if exchange.half_day else None
    hour, minute = int(found[1]), int(found[2])
    if found[3]:
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    # Lisbon and Dublin close by the clock of Paris, which is not theirs.
    return _stamp(day, time(hour, minute), "Europe/Paris" if found[4] else exchange.zone)


@lru_cache(maxsize=256)
def _year(code: str, year: int) -> _Year | None:
    """The holidays and the half days of a year, by date; None where nobody knows them."""
    if not code:
        return None
    try:
        from holidays import financial_holidays
        from holidays.constants import HALF_DAY, PUBLIC

        days = financial_holidays(code, years=year, categories=(PUBLIC,), language="en_US")
        halves: Mapping[date, str] = {}
        if HALF_DAY in days.supported_categories:
            halves = financial_holidays(code, years=year, categories=(HALF_DAY,), language="en_US")
        if not days.start_year <= year <= days.end_year:
            return None
        return _Year(dict(days.items()), dict(halves.items()))
    except Exception:  # whatever it is that another version of the package, or none, does not know
        return None


def _name(names: str) -> str:
    """One of the names of a date, without remarks; the one that says more than that the banks are closed."""
    several = [_REMARK.sub("", clean(name, 80)) for name in names.split("; ")]
    return next((name for name in several if name != "Bank Holiday"), several[0])
