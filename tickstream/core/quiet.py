"""When a symbol should be ticking: a guess that only ever decides whether silence is suspicious.

Markets have holidays, half days and quiet symbols, so the guess errs towards
silence being fine. What a session really is, the source says.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from tickstream.core.tick import MarketHours, QuoteType, Tick

__all__ = ["should_tick"]

RECENT = 600.0
"""Who has not ticked for this many seconds may well be quiet for a reason."""

_US_EXCHANGES = frozenset(
    {"NMS", "NGM", "NCM", "NYQ", "PCX", "ASE", "BTS", "PNK", "SNP", "DJI", "NIM", "CXI"}
)
_CRYPTO = re.compile(r"[A-Z0-9]+-(USD|EUR|GBP|JPY|CAD|AUD|INR|BTC|ETH)")
_ROUND_THE_CLOCK = (QuoteType.CURRENCY, QuoteType.FUTURE)


def should_tick(symbol: str, last: Tick | None, now: float) -> bool:
    """Whether `symbol`, whose last tick is `last`, should be ticking at `now` (seconds UTC)."""
    if last is None:
        return _CRYPTO.fullmatch(symbol) is not None
    if last.quote_type == QuoteType.CRYPTOCURRENCY:
        return True
    if last.time is None or now - last.time / 1000 > RECENT:
        return False
    if last.quote_type in _ROUND_THE_CLOCK:
        return _in_the_trading_week(now)
    if last.market_hours != MarketHours.REGULAR_MARKET:
        return False
    return last.exchange not in _US_EXCHANGES or _in_new_york_hours(now)


def _in_the_trading_week(now: float) -> bool:
    """Sunday 23:00 to Friday 21:00 UTC, the hours that FX and futures share in summer and winter."""
    moment = datetime.fromtimestamp(now, UTC)
    match moment.weekday():
        case 4:
            return moment.hour < 21
        case 5:
            return False
        case 6:
            return moment.hour >= 23
        case _:
            return True


def _in_new_york_hours(now: float) -> bool:
    moment = datetime.fromtimestamp(now, ZoneInfo("America/New_York"))
    return moment.weekday() < 5 and time(9, 30) <= moment.time() < time(16)
