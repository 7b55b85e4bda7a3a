"""The hours view: which markets are open, why, and when that changes. Pure.

Status and times come from the source: Yahoo's market time for the U.S., the
trading periods of its charts for the others, and for what is before and after
the U.S. session. The calendar only names the reason, and only where it agrees
with that status and that session; it also says when an exchange has lunch, of
which charts say nothing. Where no source answers the calendar is all there is,
and `asOf` says so. No time that is said to be next is in the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from tickstream.core.calendar import OUTSIDE, Day, Outlook, local_date, look, zone_of
from tickstream.core.documents import ExchangeDocument, HoursDocument, SessionDocument
from tickstream.core.exchanges import EXCHANGES, Exchange
from tickstream.core.text import seconds_text
from tickstream.core.values import MarketTime, Parts, Periods, Span, value_of
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
_OPEN = ("OPEN", "EARLY_CLOSE")
_EXTENDED = {"PRE_MARKET": "Pre-market trading", "AFTER_HOURS": "After-hours trading"}
_NEAR = 1200.0
"""Seconds between two times that mean the same: an auction is within for one and not for the other."""


class Source(NamedTuple):
    """What a source says of an exchange's day."""

    open: bool
    opens: float | None
    closes: float | None
    pre: Span | None = None
    post: Span | None = None
    extended: bool = False
    """Whether it says what is before and after the session."""


class State(NamedTuple):
    """What an exchange does, why, and until when."""

    status: str
    reason: str
    next_open: float | None
    next_close: float | None


class MarketLine(NamedTuple):
    """The state of the U.S. market in a few words."""

    open: bool
    text: str


def hours_keys(exchanges: Sequence[str]) -> frozenset[str]:
    """The parts of the hours view with these exchanges: by MIC, or `CRYPTO`, which needs none."""
    symbols = {EXCHANGES[code].symbol for code in exchanges if EXCHANGES[code].sessions} | {_US.symbol}
    return frozenset(f"periods:{symbol}" for symbol in symbols) | {"markettime"}


def market_time(parts: Parts, now: float) -> float:
    """Now by Yahoo's clock, where it is known: the user's may be wrong."""
    market = value_of(MarketTime, parts, "markettime", now)
    return now if market is None or market.time is None else market.time + _age(parts, "markettime", now)


def clock_offset(parts: Parts) -> float | None:
    """Our clock minus Yahoo's, in seconds, when it last said; None where it did not."""
    part = parts.get("markettime")
    if part is None or not isinstance(part.value, MarketTime) or part.value.time is None:
        return None
    return part.fetched - part.value.time


def uses_calendar_only(parts: Parts, now: float) -> bool:
    """Whether no source says what the U.S. markets do."""
    return _us_source(parts, now, market_time(parts, now)) is None


def hours_document(parts: Parts, now: float, exchanges: Sequence[str] = ()) -> HoursDocument:
    """The hours view, with the exchanges of these codes."""
    moment = market_time(parts, now)
    state = _state(_US, _us_source(parts, now, moment), moment)
    market = value_of(MarketTime, parts, "markettime", now)
    document: HoursDocument = {
        "status": state.status,
        "reason": state.reason,
        "timestamp": _text(moment),
        "nextOpen": iso(state.next_open),
        "nextClose": iso(state.next_close),
        "asOf": {"markettime": iso(parts["markettime"].fetched) if market else None},
    }
    if exchanges:
        keys = {f"periods:{EXCHANGES[code].symbol}" for code in exchanges if EXCHANGES[code].sessions}
        used = [parts[key].fetched for key in keys if value_of(Periods, parts, key, now) is not None]
        document["asOf"]["exchanges"] = iso(min(used, default=None))
        document["exchanges"] = [_exchange(EXCHANGES[code], parts, now, moment) for code in exchanges]
    return document


def market_line(parts: Parts, now: float) -> MarketLine | None:
    """Whether New York trades, and until when, as in `NYSE open · closes 16:00 ET in 2h14`.

    Where the answer is too old the calendar says it; None where there never was
    one: a tape or a demo that has just begun has no market that we know of.
    """
    if "markettime" not in parts:
        return None
    moment = market_time(parts, now)
    source = _us_source(parts, now, moment)
    state = _plainly_open(source, moment) or _state(_US, source, moment)
    words = {"PRE_MARKET": "pre-market", "AFTER_HOURS": "after hours", "CLOSED": "closed"}
    what = f"NYSE {words.get(state.status, 'open')}"
    is_open = state.status in _OPEN
    verb, change = ("closes", state.next_close) if is_open else ("opens", state.next_open)
    if change is None:
        return MarketLine(is_open, what)
    early = " early" if state.status == "EARLY_CLOSE" else ""
    at = datetime.fromtimestamp(change, zone_of(_US.zone))
    weekday = "" if at.date() == local_date(_US, moment) else f"{at:%a} "
    left = seconds_text(change - moment)
    return MarketLine(is_open, f"{what} · {verb}{early} {weekday}{at:%H:%M} ET in {left}")


def _plainly_open(source: Source | None, moment: float) -> State | None:
    """New York's state where the source says that it is open, until its usual time or later; else None.

    The calendar has nothing to add to that, and loading its holidays takes 20 MiB.
    """
    closes = _future(source.closes, moment) if source and source.open else None
    usual = datetime.combine(local_date(_US, moment), _US.sessions[-1][1], zone_of(_US.zone))
    if closes is None or closes < usual.timestamp() - _NEAR:
        return None
    return State("OPEN", "Regular trading hours", None, closes)


def _exchange(exchange: Exchange, parts: Parts, now: float, moment: float) -> ExchangeDocument:
    # What is said of New York is said of all the U.S. markets.
    is_us = exchange.symbol == _US.symbol
    source = _us_source(parts, now, moment) if is_us else _chart_source(exchange, parts, now, moment)
    state = _state(exchange, source, moment)
    sessions: list[SessionDocument] = [
        {"kind": kind, "open": _text(span.start), "close": _text(span.end)}
        for kind, span in _sessions(exchange, source, moment)
    ]
    return {
        "code": exchange.code,
        "name": exchange.name,
        "status": state.status,
        "reason": state.reason,
        "nextOpen": iso(state.next_open),
        "nextClose": iso(state.next_close),
        "timezone": exchange.zone,
        "sessions": sessions,
    }


def _us_source(parts: Parts, now: float, moment: float) -> Source | None:
    chart = _chart_source(_US, parts, now, moment)
    market = value_of(MarketTime, parts, "markettime", now)
    if market is None:
        return chart
    # Between two answers, a minute at most, its own times say whether it opened or closed.
    asked = moment - _age(parts, "markettime", now)
    edges = ((market.opens, True), (market.closes, False))
    crossed = [(edge, opens) for edge, opens in edges if edge is not None and asked < edge <= moment]
    is_open = max(crossed)[1] if crossed else market.open
    source = Source(is_open, market.opens, market.closes)
    if chart is None or not (source.opens is None or _near(source.opens, chart.opens)):
        return source
    if source.opens is None and source.closes is None:
        return chart._replace(open=is_open)
    return source._replace(pre=chart.pre, post=chart.post, extended=True)


def _chart_source(exchange: Exchange, parts: Parts, now: float, moment: float) -> Source | None:
    key = f"periods:{exchange.symbol}"
    periods = value_of(Periods, parts, key, now)
    if not exchange.sessions or periods is None or periods.regular is None:
        return None
    start, end = periods.regular
    due = look(exchange, moment).day.opens
    if due is not None and end <= due and moment - _age(parts, key, now) < due <= moment:
        # It spoke of an earlier day, and was not asked since this one began.
        return None
    source = Source(start <= moment < end, start, end)
    # What charts have before and after other sessions is when orders are taken, not when there is trade.
    return source._replace(pre=periods.pre, post=periods.post, extended=True) if exchange.pre else source


def _state(exchange: Exchange, source: Source | None, moment: float) -> State:
    outlook = look(exchange, moment)
    if source is None:
        return _by_calendar(outlook)
    return _open_state(source, outlook, moment) if source.open else _closed_state(source, outlook, moment)


def _by_calendar(outlook: Outlook) -> State:
    return State(outlook.status, outlook.reason, outlook.next_open, outlook.next_close)


def _open_state(source: Source, outlook: Outlook, moment: float) -> State:
    """An exchange that is open, as the source says."""
    day, usual = outlook.day, outlook.day.usual_close or 0.0
    # Whether it is the session that the calendar has for today, though it may end before its time.
    same = (source.closes or 0.0) <= usual + _NEAR and (
        source.opens is None or _near(source.opens, day.opens)
    )
    has_lunch = len(_regular(day)) > 1 and _near(source.closes, day.closes)
    if same and has_lunch and outlook.reason == "Lunch break":
        return _by_calendar(outlook)
    agrees = same and outlook.status in _OPEN
    closes = next_close = _future(source.closes, moment) or (day.closes if agrees else None)
    next_open = _future(source.opens, moment) or (outlook.next_open if agrees else None)
    if agrees and has_lunch and outlook.next_close != day.closes:
        next_close = outlook.next_close
    elif next_open is not None and closes is not None and next_open < closes:
        next_open = None
    if same and closes is not None and closes < usual - _NEAR:
        named = day.early is not None and _near(closes, day.closes)
        reason = f"Early close: {day.early}" if named else "Early close"
        return State("EARLY_CLOSE", reason, next_open, next_close)
    return State("OPEN", "Regular trading hours", next_open, next_close)


def _closed_state(source: Source, outlook: Outlook, moment: float) -> State:
    """An exchange that is not open, as the source says."""
    status = _closed_status(source, outlook, moment)
    agrees = outlook.status == status and not _is_denied(source, outlook, moment)
    reason = outlook.reason if agrees else _EXTENDED.get(status, OUTSIDE)
    opens, closes = _future(source.opens, moment), _future(source.closes, moment)
    if opens is None:
        times = (outlook.next_open, outlook.next_close) if agrees else (None, None)
        return State(status, reason, *times)
    return State(status, reason, opens, closes if closes is not None and closes > opens else None)


def _closed_status(source: Source, outlook: Outlook, moment: float) -> str:
    if source.extended:
        spans = {"PRE_MARKET": source.pre, "AFTER_HOURS": source.post}
        within = (status for status, span in spans.items() if span and span.start <= moment < span.end)
        return next(within, "CLOSED")
    # Yahoo's market time knows of the session alone: around the same one it is as the calendar says.
    same = _near(source.opens, outlook.day.opens) and _near(source.closes, outlook.day.closes)
    return outlook.status if same and outlook.status in _EXTENDED else "CLOSED"


def _is_denied(source: Source, outlook: Outlook, moment: float) -> bool:
    """Whether the source's next session is one that the calendar's reason leaves no room for."""
    opens = _future(source.opens, moment)
    if opens is None or outlook.next_open is None:
        return False
    # A weekend may last longer than the calendar knows, but not end before its time.
    if outlook.reason == outlook.day.closed:
        return opens < outlook.next_open - _NEAR
    return not _near(opens, outlook.next_open)


def _sessions(exchange: Exchange, source: Source | None, moment: float) -> Sequence[tuple[str, Span]]:
    """Today's stretches: the source's where it speaks of today; only the calendar knows of lunch."""
    day = look(exchange, moment).day
    if source is None or source.opens is None or source.closes is None or source.opens >= source.closes:
        return day.spans
    regular = Span(source.opens, source.closes)
    dates = (local_date(exchange, regular.start), local_date(exchange, regular.end - 1))
    if day.date not in dates and not source.open:
        put_off = regular.start > moment and day.closes is not None and moment < day.closes
        return () if put_off else day.spans
    stretches, pre, post = [regular], source.pre, source.post
    if _near(regular.start, day.opens) and _near(regular.end, day.closes):
        own = _regular(day)
        if len(own) > 1:
            first, *others, last = own
            stretches = [first._replace(start=regular.start), *others, last._replace(end=regular.end)]
        if not source.extended:
            pre, post = (dict(day.spans).get(kind) for kind in ("pre", "post"))
    named = [("pre", pre), *(("regular", span) for span in stretches), ("post", post)]
    return [(kind, span) for kind, span in named if span is not None]


def _regular(day: Day) -> list[Span]:
    return [span for kind, span in day.spans if kind == "regular"]


def _near(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= _NEAR


def _future(time: float | None, moment: float) -> float | None:
    return time if time is not None and time > moment else None


def _age(parts: Parts, key: str, now: float) -> float:
    """How long ago a part was fetched; a clock that was set back makes it no younger than new."""
    return max(0.0, now - parts[key].fetched)


def _text(time: float) -> str:
    return iso(time) or ""
