"""The market clock: which session it is, by the clock or as asked for.

Pure: an instant in, a `Phase` out. A session that was asked for began 4 hours
before the simulator was started, lasts 24 hours, and comes again, so whatever
was asked for is what there is whenever somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from tickstream.core.tick import MarketHours
from tickstream.simulator.listings import Kind, Listing, Region

__all__ = ["MarketClock", "Phase", "Session"]

_HOUR = 3600.0
_DAY = 24 * _HOUR
_BEGAN = 4 * _HOUR


class Session(StrEnum):
    """What the market does; REAL stands for what it does by the clock of New York."""

    PRE = "pre"
    REGULAR = "regular"
    POST = "post"
    OVERNIGHT = "overnight"
    CLOSED = "closed"
    REAL = "real"

    @property
    def market_hours(self) -> MarketHours:
        """How the streamer says it; what is closed says that it was in the regular session."""
        return _MARKET_HOURS.get(self, MarketHours.REGULAR_MARKET)


_MARKET_HOURS = {
    Session.PRE: MarketHours.PRE_MARKET,
    Session.POST: MarketHours.POST_MARKET,
    Session.OVERNIGHT: MarketHours.OVERNIGHT_MARKET,
}


@dataclass(frozen=True, slots=True)
class Phase:
    """A session and the trading day around it, in seconds since the epoch.

    The day is the one that the session belongs to: in PRE it is still to open,
    in POST, OVERNIGHT and CLOSED it has ended.
    """

    session: Session
    pre_opens: float
    opens: float
    closes: float
    post_closes: float
    last_close: float
    """When a regular session last ended."""
    next_open: float

    @property
    def ticking(self) -> bool:
        """Whether anything is traded."""
        return self.session is not Session.CLOSED


class MarketClock:
    """Says the phase that a listing is in."""

    def __init__(self, session: Session, started: float) -> None:
        self.session = session
        self._first = started - _BEGAN
        self._second = 0.0
        self._phases: dict[tuple[Kind, Region], Phase] = {}

    def phase(self, listing: Listing, now: float) -> Phase:
        """The phase of what `listing` is traded in."""
        # It is asked for each tick of each symbol, and is the same for the whole of a second.
        if now // 1 != self._second:
            self._second = now // 1
            self._phases.clear()
        alike = listing.kind, listing.region
        phase = self._phases.get(alike)
        if phase is None:
            phase = self._phases[alike] = self._phase(listing, now)
        return phase

    def _phase(self, listing: Listing, now: float) -> Phase:
        kind, region = listing.kind, listing.region
        if kind is Kind.CRYPTO:
            return _around_the_clock(now)
        if self.session is Session.REAL:
            return _real(listing, now)
        if kind in (Kind.FX, Kind.FUTURE) and self.session is not Session.CLOSED:
            return _around_the_clock(now)
        if region is not Region.US:
            # Open or closed, with a day that says so too, and nothing before or after it.
            session = Session.REGULAR if self.session in _OPEN_ABROAD[region] else Session.CLOSED
            phase = self._asked_for(session, now)
            return replace(phase, pre_opens=phase.opens, post_closes=phase.closes)
        phase = self._asked_for(self.session, now)
        return phase if kind.extended or self.session is Session.REGULAR else _as_closed(phase)

    def _asked_for(self, session: Session, now: float) -> Phase:
        began = self._first + (now - self._first) // _DAY * _DAY
        return Phase(session, *(began + hours * _HOUR for hours in _OFFSETS[session]))


# pre_opens, opens, closes, post_closes, last_close and next_open, in hours from when the session began.
_OFFSETS: dict[Session, tuple[float, float, float, float, float, float]] = {
    Session.PRE: (0, 24, 30.5, 34.5, -12, 24),
    Session.REGULAR: (-5.5, 0, 24, 28, -17.5, 24),
    Session.POST: (-12, -6.5, 0, 24, 0, 37.5),
    Session.OVERNIGHT: (-16, -10.5, -4, 0, -4, 29.5),
    Session.CLOSED: (-16, -10.5, -4, 0, -4, 29.5),
}
# When New York is in the pre-market London trades, and in its night Tokyo does.
_OPEN_ABROAD = {
    Region.EUROPE: (Session.PRE, Session.REGULAR),
    Region.ASIA: (Session.OVERNIGHT, Session.REGULAR),
    Region.AMERICAS: (Session.REGULAR,),
}


def _as_closed(phase: Phase) -> Phase:
    return replace(phase, session=Session.CLOSED)


def _around_the_clock(now: float) -> Phase:
    midnight = now // _DAY * _DAY
    close = midnight + _DAY
    return Phase(Session.REGULAR, midnight, midnight, close, close, midnight, close)


@dataclass(frozen=True, slots=True)
class _Hours:
    """A region's trading day in hours of its own clock; holidays are not known."""

    zone: str
    pre_opens: float
    opens: float
    closes: float
    post_closes: float


_REAL = {
    Region.US: _Hours("America/New_York", 4, 9.5, 16, 20),
    Region.EUROPE: _Hours("Europe/London", 8, 8, 16.5, 16.5),
    Region.ASIA: _Hours("Asia/Tokyo", 9, 9, 15.5, 15.5),
    Region.AMERICAS: _Hours("America/Toronto", 9.5, 9.5, 16, 16),
}


def _real(listing: Listing, now: float) -> Phase:
    days = _days_around(listing.region, int(now // _HOUR))
    at = max(index for index, day in enumerate(days) if day.pre_opens <= now)
    today, tomorrow = days[at], days[at + 1]
    last_close = today.closes if today.closes <= now else days[at - 1].closes
    next_open = today.opens if now < today.opens else tomorrow.opens
    session = _session_of(today, tomorrow, now, night=listing.region is Region.US)
    if listing.kind in (Kind.FX, Kind.FUTURE):
        # Both trade from Sunday to Friday evening, which is when something is open or it is night.
        return _around_the_clock(now) if session is not Session.CLOSED else _as_closed(today)
    if session is not Session.REGULAR and not listing.kind.extended:
        session = Session.CLOSED
    return replace(today, session=session, last_close=last_close, next_open=next_open)


def _session_of(today: Phase, tomorrow: Phase, now: float, *, night: bool) -> Session:
    if now < today.opens:
        return Session.PRE
    if now < today.closes:
        return Session.REGULAR
    if now < today.post_closes:
        return Session.POST
    # Overnight trading fills the eight hours before a pre-market.
    return Session.OVERNIGHT if night and tomorrow.pre_opens - now <= 8 * _HOUR else Session.CLOSED


@lru_cache(maxsize=16)
def _days_around(region: Region, hour: int) -> tuple[Phase, ...]:
    """The trading days from a week before to a week after, in order."""
    hours = _REAL[region]
    local = datetime.fromtimestamp(hour * _HOUR, ZoneInfo(hours.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    dates = (midnight + timedelta(days=days) for days in range(-7, 8))
    return tuple(_day(date, hours) for date in dates if date.weekday() < 5)


def _day(midnight: datetime, hours: _Hours) -> Phase:
    # Not midnight + seconds: on the days when the clocks change that is an hour off.
    pre, opens, closes, post = (
        midnight.replace(hour=int(hour), minute=int(hour % 1 * 60)).timestamp()
        for hour in (hours.pre_opens, hours.opens, hours.closes, hours.post_closes)
    )
    return Phase(Session.REGULAR, pre, opens, closes, post, closes, opens)
