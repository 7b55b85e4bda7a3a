"""The hours view: which markets are open, why, and when that changes. Pure.

Status and times come from the source: Yahoo's market time for the U.S., the
trading periods of its charts for the others. The calendar only names the
reason, and only where it agrees with that status. Where no source answered the
calendar is all there is, and `asOf` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tickstream.core.calendar import Day, Outlook, local_date, look
from tickstream.core.documents import ExchangeDocument, HoursDocument, SessionDocument
from tickstream.core.exchanges import EXCHANGES, Exchange
from tickstream.core.text import seconds_text
from tickstream.core.values import MarketTime, Part, Parts, Periods, Span, value_of
from tickstream.core.views import iso

__all__ = [
    "MarketLine",
    "clock_offset",
    "hours_document",
    "hours_keys",
    "market_line",
    "market_time",
    "uses_calendar_only",
]

_US = EXCHANGES["XNYS"]
_NEW_YORK = ZoneInfo(_US.zone)
_OPEN = ("OPEN", "EARLY_CLOSE")


def hours_keys(codes: Sequence[str]) -> frozenset[str]:
    """The parts of the hours view with these exchanges: by MIC, or `CRYPTO`, which needs none."""
    symbols = {EXCHANGES[code].symbol for code in codes if code != "CRYPTO"} | {_US.symbol}
    return frozenset(f"periods:{symbol}" for symbol in symbols) | {"markettime"}


class State(NamedTuple):
    """What an exchange does, and until when."""

    status: str
    reason: str | None
    next_open: float | None
    next_close: float | None


def market_time(parts: Parts, now: float) -> float:
    """Now by Yahoo's clock, where it is known: the user's may be wrong."""
    part = parts.get("markettime")
    market = value_of(MarketTime, parts, "markettime", now)
    if part is None or market is None or market.time is None:
        return now
    return market.time + max(0.0, now - part.fetched)


def clock_offset(parts: Parts) -> float | None:
    """Our clock minus Yahoo's, in seconds, when it last said; None where it did not."""
    part = parts.get("markettime")
    if part is None or not isinstance(part.value, MarketTime) or part.value.time is None:
        return None
    return part.fetched - part.value.time


def uses_calendar_only(parts: Parts, now: float) -> bool:
    """Whether no source says what the U.S. markets do."""
    return value_of(MarketTime, parts, "markettime", now) is None


def hours_document(parts: Parts, now: float, codes: Sequence[str] = ()) -> HoursDocument:
    """The hours view, with the exchanges of these codes."""
    moment = market_time(parts, now)
    state = _us_state(parts, now, moment)
    document: HoursDocument = {
        "status": state.status,
        "reason": state.reason,
        "timestamp": iso(moment) or "",
        "nextOpen": iso(state.next_open),
        "nextClose": iso(state.next_close),
        "asOf": {"markettime": _fetched(parts, ["markettime"], now)},
    }
    if codes:
        keys = [f"periods:{EXCHANGES[code].symbol}" for code in codes if code != "CRYPTO"]
        document["asOf"]["exchanges"] = _fetched(parts, keys, now)
        document["exchanges"] = [_exchange(EXCHANGES[code], parts, now, moment) for code in codes]
    return document


class MarketLine(NamedTuple):
    """The state of the market in a few words."""

    open: bool
    text: str


def market_line(parts: Parts, now: float) -> MarketLine | None:
    """Whether New York trades, and until when, as in `NYSE open · closes 16:00 ET in 2h14`.

    None where it was never asked.
    """
    if value_of(MarketTime, parts, "markettime", now) is None:
        return None
    moment = market_time(parts, now)
    state = _us_state(parts, now, moment)
    words = {"PRE_MARKET": "pre-market", "AFTER_HOURS": "after hours"}
    open_now = state.status in _OPEN
    what = f"NYSE {'open' if open_now else words.get(state.status, 'closed')}"
    change, verb = (state.next_close, "closes") if open_now else (state.next_open, "opens")
    if change is None:
        return MarketLine(open_now, what)
    local = datetime.fromtimestamp(change, _NEW_YORK)
    today = datetime.fromtimestamp(moment, _NEW_YORK).date()
    day = "" if local.date() == today else f"{local:%a} "
    return MarketLine(open_now, f"{what} · {verb} {day}{local:%H:%M} ET in {seconds_text(change - moment)}")


def _us_state(parts: Parts, now: float, moment: float) -> State:
    outlook = look(_US, moment)
    market = value_of(MarketTime, parts, "markettime", now)
    if market is None:
        return _of_calendar(outlook)
    periods = value_of(Periods, parts, f"periods:{_US.symbol}", now)
    # Between two answers, a minute at most, its own times say when it opened or closed.
    is_open = market.open
    if market.opens is not None and market.closes is not None and market.opens < market.closes:
        inside = market.opens <= moment < market.closes
        changed = market.time is not None and _crossed(market, market.time, moment)
        is_open = inside if changed else market.open
    if is_open:
        return _open_state(_US, outlook, market.closes, market.opens, moment)
    status = "CLOSED"
    if periods is not None and _within(periods.pre, moment):
        status = "PRE_MARKET"
    elif periods is not None and _within(periods.post, moment):
        status = "AFTER_HOURS"
    regular = Span(market.opens, market.closes) if market.opens and market.closes else None
    return _closed_state(status, outlook, regular, moment)


def _crossed(market: MarketTime, asked: float, moment: float) -> bool:
    """Whether it opened or closed since it was asked."""
    edges = (market.opens, market.closes)
    return any(edge is not None and asked < edge <= moment for edge in edges)


def _open_state(
    exchange: Exchange, outlook: Outlook, closes: float | None, opens: float | None, moment: float
) -> State:
    """An exchange that is open, as the source says."""
    agrees = outlook.status in _OPEN
    next_close = closes if closes is not None and closes > moment else None
    if next_close is None and agrees:
        next_close = outlook.next_close
    next_open = opens if opens is not None and opens > moment else None
    if next_open is None and agrees:
        next_open = outlook.next_open
    if agrees and next_close is not None and _is_early(exchange, outlook.day, next_close):
        reason = outlook.reason if outlook.status == "EARLY_CLOSE" else "Early close"
        return State("EARLY_CLOSE", reason, next_open, next_close)
    return State("OPEN", "Regular trading hours", next_open, next_close)


def _is_early(exchange: Exchange, day: Day, closes: float) -> bool:
    """Whether an exchange closes earlier than it does on a whole day; minutes of an auction are none."""
    end = exchange.sessions[-1][1]
    usual = datetime.combine(day.date, end, ZoneInfo(exchange.zone)).timestamp()
    return closes <= usual - 1200


def _closed_state(status: str, outlook: Outlook, regular: Span | None, moment: float) -> State:
    """An exchange that is not open, as the source says."""
    agrees = outlook.status == status
    if agrees:
        reason = outlook.reason
    else:
        words = {"PRE_MARKET": "Pre-market trading", "AFTER_HOURS": "After-hours trading"}
        reason = words.get(status, "Outside trading hours")
    ahead = regular is not None and regular.start > moment
    next_open = regular.start if regular and ahead else outlook.next_open if agrees else None
    next_close = regular.end if regular and ahead else outlook.next_close if agrees else None
    return State(status, reason, next_open, next_close)


def _of_calendar(outlook: Outlook) -> State:
    return State(outlook.status, outlook.reason, outlook.next_open, outlook.next_close)


def _exchange(exchange: Exchange, parts: Parts, now: float, moment: float) -> ExchangeDocument:
    outlook = look(exchange, moment)
    periods = value_of(Periods, parts, f"periods:{exchange.symbol}", now)
    if exchange.code == "XNYS":
        state = _us_state(parts, now, moment)
    elif exchange.code == "CRYPTO" or periods is None or periods.regular is None:
        state = _of_calendar(outlook)
    else:
        state = _state_by_periods(exchange, periods, outlook, moment)
    return {
        "code": exchange.code,
        "name": exchange.name,
        "status": state.status,
        "reason": state.reason,
        "nextOpen": iso(state.next_open),
        "nextClose": iso(state.next_close),
        "timezone": exchange.zone,
        "sessions": _sessions(exchange, periods, outlook.day, moment),
    }


def _state_by_periods(exchange: Exchange, periods: Periods, outlook: Outlook, moment: float) -> State:
    """What an exchange does by the trading day that its chart says."""
    regular = periods.regular
    assert regular is not None
    if regular.start <= moment < regular.end:
        # Charts say one period for the day, and nothing of lunch.
        if outlook.reason == "Lunch break":
            return _of_calendar(outlook)
        return _open_state(exchange, outlook, regular.end, None, moment)
    for status, span in (("PRE_MARKET", periods.pre), ("AFTER_HOURS", periods.post)):
        if _within(span, moment):
            return _closed_state(status, outlook, regular, moment)
    return _closed_state("CLOSED", outlook, regular, moment)


def _within(span: Span | None, moment: float) -> bool:
    return span is not None and span.start <= moment < span.end


def _sessions(exchange: Exchange, periods: Periods | None, day: Day, moment: float) -> list[SessionDocument]:
    """Today's stretches: the source's where it speaks of today; only the calendar knows of lunch."""
    spans = day.spans
    regular = periods.regular if periods else None
    if periods is not None and regular is not None and _is_today(exchange, regular, moment):
        same = (day.opens, day.closes) == (regular.start, regular.end)
        if not same:
            named = (("pre", periods.pre), ("regular", regular), ("post", periods.post))
            spans = tuple((kind, span) for kind, span in named if span is not None)
    return [
        {"kind": kind, "open": iso(span.start) or "", "close": iso(span.end) or ""} for kind, span in spans
    ]


def _is_today(exchange: Exchange, regular: Span, moment: float) -> bool:
    """Whether a session is of the exchange's own date, or is going on."""
    today = local_date(exchange, moment)
    return regular.start <= moment < regular.end or local_date(exchange, regular.start) == today


def _fetched(parts: Parts, keys: Sequence[str], now: float) -> str | None:
    """When the oldest of these parts was fetched, of those that are still shown."""
    found = [part for key in keys if isinstance(part := parts.get(key), Part) and now <= part.until]
    return iso(min(part.fetched for part in found)) if found else None
