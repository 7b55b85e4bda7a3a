"""v6/finance/markettime: what New York does, and until when; its numbers are strings."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tickstream.http import Response
from tickstream.simulator.market import Phase, Session
from tickstream.simulator.yahoo_http import answers
from tickstream.simulator.yahoo_http.answers import Document
from tickstream.simulator.yahoo_http.desk import Desk

__all__ = ["markettime"]

_CACHE = "public, max-age=60, stale-while-revalidate=30"
_NEW_YORK = ZoneInfo("America/New_York")
_DAY_LASTS = 6.5 * 3600


def markettime(desk: Desk) -> Response:
    """The one market that there is an answer for, whatever is asked."""
    document = {
        "finance": {
            "version": 5,
            "lang": "en-US",
            "meta": [{"status": "success"}],
            "marketTimes": [{"marketTime": [_market(desk.us_phase(), desk.now)]}],
        }
    }
    return answers.json(document, cache=_CACHE)


def _market(phase: Phase, now: float) -> Document:
    local = datetime.fromtimestamp(now, _NEW_YORK)
    opens, closes = _day(phase, now)
    is_open = phase.session is Session.REGULAR
    market: Document = {
        "id": "us",
        "name": "U.S. markets",
        "status": "open" if is_open else "closed",
        "yfit_market_id": "us_market",
        "close": _iso(closes),
    }
    if is_open or phase.session is Session.PRE:
        minutes = int((closes if is_open else opens) - now) // 60
        verb, event = ("close", "CLOSE") if is_open else ("open", "OPEN")
        market["duration"] = [{"hrs": str(minutes // 60), "mins": str(minutes % 60)}]
        market["message"] = f"U.S. markets {verb} in {_words(minutes)}"
        status = f"YFT_MARKET_WILL_{event}"
    else:
        market["message"] = "U.S. markets closed"
        status = "YFT_MARKET_CLOSED"
    offset = local.utcoffset()
    return market | {
        "open": _iso(opens),
        "yfit_market_status": status,
        "time": _iso(now),
        "timezone": [
            {
                "dst": "true" if local.dst() else "false",
                "gmtoffset": str(int(offset.total_seconds()) if offset else 0),
                "short": local.tzname(),
                "$text": "America/New_York",
            }
        ],
    }


def _day(phase: Phase, now: float) -> tuple[float, float]:
    """The day that is meant: that of the session, and of a market that was closed yesterday the next one."""
    closed_on = datetime.fromtimestamp(phase.closes, _NEW_YORK).date()
    if phase.session is Session.CLOSED and closed_on != datetime.fromtimestamp(now, _NEW_YORK).date():
        return phase.next_open, phase.next_open + _DAY_LASTS
    return phase.opens, phase.closes


def _words(minutes: int) -> str:
    hours, minutes = divmod(minutes, 60)
    counted = ((hours, "hour"), (minutes, "minute"))
    return " ".join(f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in counted if n) or "0 minutes"


def _iso(seconds: float) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
