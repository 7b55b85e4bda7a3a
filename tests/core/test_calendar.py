"""The calendar: holidays, half days, lunch and clocks, of every exchange and at any instant."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.calendar import Day, Outlook, day_of, local_date, look, zone_of
from tickstream.core.exchanges import EXCHANGES, Exchange

ALL = list(EXCHANGES.values())
OPEN = ("OPEN", "EARLY_CLOSE")


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def day(code: str, text: str) -> Day:
    return day_of(EXCHANGES[code], date.fromisoformat(text))


def hours(code: str, text: str) -> list[str]:
    """The stretches of a day in UTC, as in `regular 14:30-21:00`."""
    moments = [
        (kind, *(datetime.fromtimestamp(edge, UTC) for edge in span)) for kind, span in day(code, text).spans
    ]
    return [f"{kind} {start:%H:%M}-{end:%H:%M}" for kind, start, end in moments]


def local(code: str, text: str) -> Outlook:
    """What the calendar says at a time by the clock of the exchange."""
    return look(EXCHANGES[code], at(text, EXCHANGES[code].zone))


def clock(code: str, seconds: float | None) -> str | None:
    """A time by the clock of the exchange."""
    if seconds is None:
        return None
    return f"{datetime.fromtimestamp(seconds, ZoneInfo(EXCHANGES[code].zone)):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        ("XNYS", "2026-01-19", "Holiday: Martin Luther King Jr. Day"),
        ("XNYS", "2026-04-03", "Holiday: Good Friday"),
        ("XNYS", "2026-07-03", "Holiday: Independence Day (observed)"),
        ("XNYS", "2026-11-26", "Holiday: Thanksgiving Day"),
        ("XNYS", "2026-12-25", "Holiday: Christmas Day"),
        ("XNYS", "2027-06-18", "Holiday: Juneteenth National Independence Day (observed)"),
        ("XNYS", "2027-12-24", "Holiday: Christmas Day (observed)"),
        ("XNYS", "2028-01-17", "Holiday: Martin Luther King Jr. Day"),
        ("XNAS", "2026-11-26", "Holiday: Thanksgiving Day"),
        ("XNYS", "2026-11-28", "Weekend"),
        ("XNYS", "2026-07-04", "Weekend"),
        ("XLON", "2026-04-06", "Holiday: Easter Monday"),
        ("XLON", "2026-12-28", "Holiday: Boxing Day (observed)"),
        ("XETR", "2026-12-24", "Holiday: Christmas Eve"),
        ("XDUB", "2026-05-04", "Holiday: Irish May Bank Holiday"),
        ("XTKS", "2026-11-23", "Holiday: Labor Thanksgiving Day"),
        # Of the names of the first of January the one that says more.
        ("XTKS", "2026-01-01", "Holiday: New Year's Day"),
        ("XTKS", "2026-01-02", "Holiday: Bank Holiday"),
        ("XHKG", "2026-02-17", "Holiday: Chinese New Year"),
        ("XSHG", "2026-02-20", "Holiday: Day off"),
        ("XNSE", "2026-11-24", "Holiday: Guru Nanak Jayanti"),
        ("XSAU", "2026-09-23", "Holiday: National Day Holiday"),
        ("XTAI", "2026-02-20", "Holiday: Chinese New Year's Eve (Adjusted Holiday)"),
    ],
)
def test_a_day_without_trade_says_why(code: str, text: str, reason: str) -> None:
    assert (day(code, text).closed, day(code, text).spans) == (reason, ())
    assert day(code, text).opens is day(code, text).closes is None


@pytest.mark.parametrize(
    ("code", "text", "early", "expected"),
    [
        (
            "XNYS",
            "2026-11-27",
            "Day after Thanksgiving Day",
            ["pre 09:00-14:30", "regular 14:30-18:00", "post 18:00-22:00"],
        ),
        (
            "XNYS",
            "2026-12-24",
            "Christmas Eve",
            ["pre 09:00-14:30", "regular 14:30-18:00", "post 18:00-22:00"],
        ),
        ("XTSE", "2026-12-24", "Christmas Eve", ["regular 14:30-18:00"]),
        ("XLON", "2026-12-24", "Christmas Eve", ["regular 08:00-12:30"]),
        ("XLON", "2027-12-31", "New Year's Eve", ["regular 08:00-12:30"]),
        # All of Euronext closes by the clock of Paris, and Lisbon and Dublin have another.
        ("XPAR", "2026-12-24", "Christmas Eve", ["regular 08:00-13:05"]),
        ("XLIS", "2026-12-24", "Christmas Eve", ["regular 08:00-13:05"]),
        ("XDUB", "2026-12-24", "Christmas Eve", ["regular 08:00-13:00"]),
        ("XMAD", "2026-12-31", "New Year's Eve", ["regular 08:00-13:00"]),
        ("XOSL", "2026-04-01", "Wednesday before Easter", ["regular 07:00-11:00"]),
        ("XJSE", "2026-12-24", "Christmas Eve", ["regular 07:00-10:00"]),
        # There the afternoon is left out, and the calendar does not say when; nor does it in Sydney.
        ("XHKG", "2026-02-16", "Chinese New Year's Eve", ["regular 01:30-04:00"]),
        ("XSES", "2026-12-31", "New Year's Eve", ["regular 01:00-04:00"]),
        ("XASX", "2026-12-24", "Last Business Day before Christmas Day", ["regular 23:00-03:10"]),
    ],
)
def test_a_half_day_ends_when_it_does_and_says_why(
    code: str, text: str, early: str, expected: list[str]
) -> None:
    found = day(code, text)
    assert (found.closed, found.early, hours(code, text)) == (None, early, expected)
    assert found.closes is not None
    assert found.usual_close is not None
    assert found.closes < found.usual_close


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("XNYS", "2026-11-23", ["pre 09:00-14:30", "regular 14:30-21:00", "post 21:00-01:00"]),
        ("XLON", "2026-11-23", ["regular 08:00-16:30"]),
        # From 8 to 29 March New York has its summer time and London not yet.
        ("XNYS", "2026-03-06", ["pre 09:00-14:30", "regular 14:30-21:00", "post 21:00-01:00"]),
        ("XNYS", "2026-03-09", ["pre 08:00-13:30", "regular 13:30-20:00", "post 20:00-00:00"]),
        ("XLON", "2026-03-09", ["regular 08:00-16:30"]),
        ("XLON", "2026-03-27", ["regular 08:00-16:30"]),
        ("XLON", "2026-03-30", ["regular 07:00-15:30"]),
        ("XNYS", "2026-03-30", ["pre 08:00-13:30", "regular 13:30-20:00", "post 20:00-00:00"]),
        # And in autumn London has left it from 25 October, New York from 1 November.
        ("XLON", "2026-10-26", ["regular 08:00-16:30"]),
        ("XNYS", "2026-10-30", ["pre 08:00-13:30", "regular 13:30-20:00", "post 20:00-00:00"]),
        ("XNYS", "2026-11-02", ["pre 09:00-14:30", "regular 14:30-21:00", "post 21:00-01:00"]),
        ("XTKS", "2026-11-24", ["regular 00:00-02:30", "regular 03:30-06:30"]),
        ("XHKG", "2026-11-24", ["regular 01:30-04:00", "regular 05:00-08:00"]),
        ("XSHG", "2026-11-24", ["regular 01:30-03:30", "regular 05:00-07:00"]),
        ("XNSE", "2026-11-23", ["regular 03:45-10:00"]),
        ("XASX", "2026-11-24", ["regular 23:00-05:00"]),
        ("XSAU", "2026-11-22", ["regular 07:00-12:00"]),
        # Neither Mexico nor Brazil changes its clocks, and both go with New York.
        ("XMEX", "2026-07-01", ["regular 13:30-20:00"]),
        ("XMEX", "2026-11-24", ["regular 14:30-21:00"]),
        ("BVMF", "2026-07-01", ["regular 13:00-20:00"]),
        ("BVMF", "2026-11-24", ["regular 13:00-21:00"]),
        # Tel Aviv: a Thursday, the short Friday that it has now, the short Sunday that it had.
        ("XTAE", "2026-11-26", ["regular 07:59-15:25"]),
        ("XTAE", "2026-11-27", ["regular 07:59-11:50"]),
        ("XTAE", "2025-12-28", ["regular 07:59-13:50"]),
        ("CRYPTO", "2026-11-28", ["regular 00:00-00:00"]),
    ],
)
def test_hours_are_right_whatever_the_clocks_do(code: str, text: str, expected: list[str]) -> None:
    assert hours(code, text) == expected
    assert day(code, text).early is None


@pytest.mark.parametrize(
    ("code", "moment", "status", "reason", "opens", "closes"),
    [
        ("XNYS", "2026-11-23T09:29", "PRE_MARKET", "Pre-market trading", "23T09:30", "23T16:00"),
        ("XNYS", "2026-11-23T09:30", "OPEN", "Regular trading hours", "24T09:30", "23T16:00"),
        ("XNYS", "2026-11-23T15:59", "OPEN", "Regular trading hours", "24T09:30", "23T16:00"),
        ("XNYS", "2026-11-23T16:00", "AFTER_HOURS", "After-hours trading", "24T09:30", "24T16:00"),
        ("XNYS", "2026-11-23T20:00", "CLOSED", "Overnight trading", "24T09:30", "24T16:00"),
        ("XNYS", "2026-11-24T03:59", "CLOSED", "Overnight trading", "24T09:30", "24T16:00"),
        ("XNYS", "2026-11-24T04:00", "PRE_MARKET", "Pre-market trading", "24T09:30", "24T16:00"),
        # The night before a holiday is none of trade; that before the half day after it is one.
        ("XNYS", "2026-11-25T20:00", "CLOSED", "After the close", "27T09:30", "27T13:00"),
        ("XNYS", "2026-11-26T03:00", "CLOSED", "Holiday: Thanksgiving Day", "27T09:30", "27T13:00"),
        ("XNYS", "2026-11-26T12:00", "CLOSED", "Holiday: Thanksgiving Day", "27T09:30", "27T13:00"),
        ("XNYS", "2026-11-26T20:00", "CLOSED", "Overnight trading", "27T09:30", "27T13:00"),
        (
            "XNYS",
            "2026-11-27T12:59",
            "EARLY_CLOSE",
            "Early close: Day after Thanksgiving Day",
            "30T09:30",
            "27T13:00",
        ),
        ("XNYS", "2026-11-27T13:00", "AFTER_HOURS", "After-hours trading", "30T09:30", "30T16:00"),
        ("XNYS", "2026-11-27T17:00", "CLOSED", "After the close", "30T09:30", "30T16:00"),
        ("XNYS", "2026-11-28T12:00", "CLOSED", "Weekend", "30T09:30", "30T16:00"),
        ("XNYS", "2026-11-29T19:59", "CLOSED", "Weekend", "30T09:30", "30T16:00"),
        ("XNYS", "2026-11-29T20:00", "CLOSED", "Overnight trading", "30T09:30", "30T16:00"),
        # The clocks are set on these Sundays at two.
        ("XNYS", "2026-03-08T01:59", "CLOSED", "Weekend", "09T09:30", "09T16:00"),
        ("XNYS", "2026-03-08T03:01", "CLOSED", "Weekend", "09T09:30", "09T16:00"),
        ("XNYS", "2026-11-01T01:30", "CLOSED", "Weekend", "02T09:30", "02T16:00"),
        ("XLON", "2026-11-23T07:59", "CLOSED", "Before the open", "23T08:00", "23T16:30"),
        ("XLON", "2026-11-23T16:30", "CLOSED", "After the close", "24T08:00", "24T16:30"),
        ("XLON", "2026-11-23T21:00", "CLOSED", "After the close", "24T08:00", "24T16:30"),
        ("XLON", "2026-12-24T12:30", "CLOSED", "After the close", "29T08:00", "29T16:30"),
        ("XTKS", "2026-11-23T10:00", "CLOSED", "Holiday: Labor Thanksgiving Day", "24T09:00", "24T11:30"),
        ("XTKS", "2026-11-24T11:29", "OPEN", "Regular trading hours", "24T12:30", "24T11:30"),
        ("XTKS", "2026-11-24T11:30", "CLOSED", "Lunch break", "24T12:30", "24T15:30"),
        ("XTKS", "2026-11-24T12:30", "OPEN", "Regular trading hours", "25T09:00", "24T15:30"),
        ("XHKG", "2026-11-24T12:30", "CLOSED", "Lunch break", "24T13:00", "24T16:00"),
        ("XHKG", "2026-12-24T12:30", "CLOSED", "After the close", "28T09:30", "28T12:00"),
        ("XSAU", "2026-11-27T11:00", "CLOSED", "Weekend", "29T10:00", "29T15:00"),
        ("XSAU", "2026-11-29T11:00", "OPEN", "Regular trading hours", "30T10:00", "29T15:00"),
        # Nobody knows the holidays of these; a weekend is one all the same.
        ("XTAE", "2026-11-27T13:00", "OPEN", "Regular trading hours, if no holiday", "30T09:59", "27T13:50"),
        ("XSTO", "2026-11-24T08:00", "CLOSED", "Outside trading hours", "24T09:00", "24T17:30"),
        ("XSTO", "2026-11-24T18:00", "CLOSED", "Outside trading hours", "25T09:00", "25T17:30"),
        ("XSTO", "2026-11-28T12:00", "CLOSED", "Weekend", "30T09:00", "30T17:30"),
        ("CRYPTO", "2026-11-28T12:00", "OPEN", "Always open", None, None),
    ],
)
def test_what_an_exchange_does_why_and_until_when(
    code: str, moment: str, status: str, reason: str, opens: str | None, closes: str | None
) -> None:
    found = local(code, moment)
    assert (found.status, found.reason) == (status, reason)
    next_open, next_close = clock(code, found.next_open), clock(code, found.next_close)
    assert (next_open and next_open[8:]) == opens
    assert (next_close and next_close[8:]) == closes


@pytest.mark.parametrize(
    ("code", "moment", "opens"),
    [
        ("XNYS", "2026-12-31T21:00", "2027-01-04T09:30"),
        ("XNYS", "2027-12-31T21:00", "2028-01-03T09:30"),  # the first is a Saturday, and is not made up for
        ("XLON", "2027-12-31T12:30", "2028-01-04T08:00"),
        ("XTKS", "2026-12-30T15:30", "2027-01-04T09:00"),
        ("XSHG", "2026-02-13T15:00", "2026-02-24T09:30"),  # eleven days
        ("XTAI", "2026-02-11T13:30", "2026-02-23T09:00"),
        ("XNYS", "2038-01-19T03:14", "2038-01-19T09:30"),
        ("XNYS", "2064-12-25T12:00", "2064-12-26T09:30"),
    ],
)
def test_the_next_session_is_found_over_long_holidays_and_the_end_of_the_year(
    code: str, moment: str, opens: str
) -> None:
    assert clock(code, local(code, moment).next_open) == opens


def test_holidays_are_known_of_all_but_five_exchanges_and_of_these_nothing_is_claimed() -> None:
    unknown = {exchange.code for exchange in ALL if not day_of(exchange, date(2026, 6, 10)).known}
    assert unknown == {"XWBO", "XSTO", "XHEL", "XCSE", "XTAE"}
    for year in (2026, 2027, 2028):
        christmas = {code: day(code, f"{year}-12-25") for code in unknown}
        assert {found.closed for found in christmas.values()} <= {None, "Weekend"}


def test_a_year_that_the_package_has_no_calendar_of_is_not_known() -> None:
    assert not day("XTKS", "2100-01-01").known
    assert day("XTKS", "2100-01-01").closed is None
    assert not day("XSAU", "1995-09-23").known


def test_a_whole_day_closes_as_usual() -> None:
    found = day("XTKS", "2026-11-24")
    assert found.opens == at("2026-11-24T00:00")
    assert found.closes == found.usual_close == at("2026-11-24T06:30")


def test_coins_are_traded_for_the_whole_day_of_utc() -> None:
    start = at("2026-11-28T00:00")
    assert day("CRYPTO", "2026-11-28").spans == (("regular", (start, start + 86_400)),)


def test_the_date_is_the_exchanges_own() -> None:
    moment = at("2026-11-23T18:46")
    assert local_date(EXCHANGES["XTKS"], moment) == date(2026, 11, 24)
    assert local_date(EXCHANGES["XNYS"], moment) == date(2026, 11, 23)


def test_days_and_zones_are_worked_out_once() -> None:
    before = [(day_of(exchange, date(2026, 6, 10)), zone_of(exchange.zone)) for exchange in ALL]
    after = [(day_of(exchange, date(2026, 6, 10)), zone_of(exchange.zone)) for exchange in ALL]
    assert all(
        one is other for pair in zip(before, after, strict=True) for one, other in zip(*pair, strict=True)
    )


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ALL),
    st.integers(int(at("1990-01-01T00:00")), int(at("2100-12-31T00:00"))),
)
def test_at_any_instant_what_is_said_to_be_next_is_what_happens_next(exchange: Exchange, now: int) -> None:
    found = look(exchange, now)
    assert found.status in ("OPEN", "EARLY_CLOSE", "PRE_MARKET", "AFTER_HOURS", "CLOSED")
    assert found.reason
    assert all(one.end <= other.start for (_, one), (_, other) in pairwise(found.day.spans))
    assert all(span.start < span.end for _, span in found.day.spans)
    if exchange.code == "CRYPTO":
        return
    assert found.next_open is not None
    assert found.next_close is not None
    assert now < found.next_open
    assert now < found.next_close
    assert (found.next_close < found.next_open) is (found.status in OPEN)
    assert look(exchange, found.next_open).status in OPEN
    assert look(exchange, found.next_open - 1).status not in OPEN
    assert look(exchange, found.next_close - 1).status in OPEN
    assert look(exchange, found.next_close).status not in OPEN


def said_by(code: str, **environment: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    return done.stdout


LOOK = """
from tickstream.core.calendar import look
from tickstream.core.exchanges import EXCHANGES
for code in ("XNYS", "XLON", "XTKS"):
    print(look(EXCHANGES[code], 1795795200.0))  # Thanksgiving Day 2026, at noon in New York
"""


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Apia", "Not/AZone"])
def test_the_users_own_zone_changes_nothing(zone: str) -> None:
    expected = [str(look(EXCHANGES[code], 1_795_795_200.0)) for code in ("XNYS", "XLON", "XTKS")]
    assert "Thanksgiving" in expected[0]
    assert said_by(LOOK, TZ=zone).splitlines() == expected


def test_without_the_package_only_weekends_are_known() -> None:
    without = said_by(f"import sys; sys.modules['holidays'] = None{LOOK}")
    assert "Thanksgiving" not in without
    assert without.count("status='OPEN', reason='Regular trading hours, if no holiday'") == 2


def test_the_package_is_not_loaded_before_it_is_asked() -> None:
    code = "import sys; import tickstream.core.hours as hours; print('holidays' in sys.modules)"
    assert said_by(code) == "False\n"
