"""The simulator's market clock: open whenever it is started, or as the real one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tickstream.core.tick import MarketHours
from tickstream.simulator.listings import Listing, listing_of
from tickstream.simulator.market import MarketClock, Phase, Session

HOUR = 3600.0
STARTED = 1_790_000_000.0


def listed(symbol: str) -> Listing:
    listing = listing_of(symbol)
    assert listing is not None
    return listing


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def phase(symbol: str, session: Session, now: float = STARTED) -> Phase:
    return MarketClock(session, STARTED).phase(listed(symbol), now)


def test_the_regular_session_began_4_hours_ago_and_closes_in_20() -> None:
    now = phase("AAPL", Session.REGULAR)
    assert now.session is Session.REGULAR
    assert (now.opens, now.closes) == (STARTED - 4 * HOUR, STARTED + 20 * HOUR)
    assert now.pre_opens < now.opens < now.closes < now.post_closes
    assert now.next_open == now.closes


@pytest.mark.parametrize("session", [session for session in Session if session is not Session.REAL])
@pytest.mark.parametrize("hours", [-3.9, 0, 19.9, 20.1, 1000])
def test_what_was_asked_for_is_what_there_is(session: Session, hours: float) -> None:
    now = STARTED + hours * HOUR
    found = phase("AAPL", session, now)
    assert found.session is session
    assert found.pre_opens <= found.opens < found.closes <= found.post_closes
    assert found.last_close <= now < found.next_open
    bounds = {
        Session.PRE: (found.pre_opens, found.opens),
        Session.REGULAR: (found.opens, found.closes),
        Session.POST: (found.closes, found.post_closes),
        Session.OVERNIGHT: (found.post_closes, found.next_open),
        Session.CLOSED: (found.post_closes, found.next_open),
    }[session]
    assert bounds[0] <= now < bounds[1]


@pytest.mark.parametrize(
    ("symbol", "ticking"),
    [
        ("AAPL", {"pre", "regular", "post", "overnight"}),
        ("SPY", {"pre", "regular", "post", "overnight"}),
        ("^GSPC", {"regular"}),
        ("AAPL220121C00025000", {"regular"}),
        ("VOD.L", {"pre", "regular"}),
        ("7203.T", {"regular", "overnight"}),
        ("SHOP.TO", {"regular"}),
        ("EURUSD=X", {"pre", "regular", "post", "overnight"}),
        ("ES=F", {"pre", "regular", "post", "overnight"}),
        ("BTC-USD", {"pre", "regular", "post", "overnight", "closed"}),
    ],
)
def test_each_kind_trades_when_it_does(symbol: str, ticking: set[str]) -> None:
    sessions = [session for session in Session if session is not Session.REAL]
    assert {str(session) for session in sessions if phase(symbol, session).ticking} == ticking


def test_only_stocks_are_in_a_session_that_is_not_the_regular_one() -> None:
    for symbol in ("EURUSD=X", "ES=F", "BTC-USD", "VOD.L"):
        assert phase(symbol, Session.PRE).session is Session.REGULAR


@pytest.mark.parametrize(
    ("text", "session"),
    [
        ("2026-09-16T07:59:59", Session.OVERNIGHT),
        ("2026-09-16T08:00:00", Session.PRE),
        ("2026-09-16T13:29:59", Session.PRE),
        ("2026-09-16T13:30:00", Session.REGULAR),
        ("2026-09-16T19:59:59", Session.REGULAR),
        ("2026-09-16T20:00:00", Session.POST),
        ("2026-09-17T00:00:00", Session.OVERNIGHT),
        ("2026-09-19T00:00:00", Session.CLOSED),
        ("2026-09-20T23:59:59", Session.CLOSED),
        ("2026-09-21T00:00:00", Session.OVERNIGHT),
        ("2026-01-14T14:29:59", Session.PRE),
        ("2026-01-14T14:30:00", Session.REGULAR),
        # The Monday after the clocks went forward in New York.
        ("2026-03-09T13:30:00", Session.REGULAR),
    ],
)
def test_the_real_session_is_that_of_new_york(text: str, session: Session) -> None:
    now = phase("AAPL", Session.REAL, at(text))
    assert now.session is session
    assert now.last_close <= at(text) < now.next_open


def test_on_a_weekend_the_last_close_is_fridays_and_the_next_open_mondays() -> None:
    now = phase("AAPL", Session.REAL, at("2026-09-19T12:00:00"))
    assert now.last_close == at("2026-09-18T20:00:00")
    assert now.next_open == at("2026-09-21T13:30:00")


@pytest.mark.parametrize(
    ("symbol", "text", "ticking"),
    [
        ("VOD.L", "2026-09-16T07:30:00", True),
        ("VOD.L", "2026-09-16T16:00:00", False),
        ("VOD.L", "2026-09-16T03:00:00", False),
        ("7203.T", "2026-09-16T01:00:00", True),
        ("^GSPC", "2026-09-16T12:00:00", False),
        ("^GSPC", "2026-09-16T14:00:00", True),
        ("EURUSD=X", "2026-09-16T03:00:00", True),
        ("ES=F", "2026-09-19T12:00:00", False),
        ("BTC-USD", "2026-09-19T12:00:00", True),
    ],
)
def test_by_the_real_clock_each_kind_trades_when_it_does(symbol: str, text: str, ticking: bool) -> None:
    assert phase(symbol, Session.REAL, at(text)).ticking is ticking


def test_the_streamer_says_sessions_by_number() -> None:
    said = [
        session.market_hours for session in (Session.PRE, Session.REGULAR, Session.POST, Session.OVERNIGHT)
    ]
    assert said == [0, 1, 2, 4]
    assert Session.CLOSED.market_hours is MarketHours.REGULAR_MARKET
