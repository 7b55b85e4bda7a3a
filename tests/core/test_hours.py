"""The hours view: the source says what is open and until when, the calendar why, and only if they agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_type_hints
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.calendar import look
from tickstream.core.documents import ExchangeDocument, HoursDocument
from tickstream.core.exchanges import EXCHANGES
from tickstream.core.hours import (
    MarketLine,
    clock_offset,
    hours_document,
    hours_keys,
    market_line,
    market_time,
    uses_calendar_only,
)
from tickstream.core.values import KEEP, MarketTime, Part, Parts, Periods, Span
from tickstream.core.views import iso

ALL = tuple(EXCHANGES)
HOUR = 3600.0


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def ny(text: str) -> float:
    return at(text, "America/New_York")


def span(start: float, hours: float) -> Span:
    return Span(start, start + hours * HOUR)


def us(
    now: float, opens: float, closes: float, *, is_open: bool | None = None, ahead: float = 0.0
) -> dict[str, Part]:
    """Yahoo's market time, asked just now by a clock that is `ahead` of Yahoo's; and nothing else."""
    found = opens <= now < closes if is_open is None else is_open
    market = MarketTime(open=found, opens=opens, closes=closes, time=now)
    return {"markettime": Part.of(market, now + ahead, 60.0)}


def chart(code: str, fetched: float, regular: Span, **beside: Span) -> dict[str, Part]:
    """The trading periods that the chart of an exchange says."""
    key = f"periods:{EXCHANGES[code].symbol}"
    return {key: Part.of(Periods(regular=regular, **beside), fetched, 60.0)}


def us_chart(fetched: float, date: str, *, hours: float = 6.5) -> dict[str, Part]:
    opens = ny(f"{date}T09:30")
    closes = opens + hours * HOUR
    return chart(
        "XNYS", fetched, Span(opens, closes), pre=Span(opens - 5.5 * HOUR, opens), post=span(closes, 4)
    )


Said = tuple[str | None, str | None, str | None, str | None]


def said(document: HoursDocument | ExchangeDocument) -> Said:
    return document["status"], document["reason"], document["nextOpen"], document["nextClose"]


def row(code: str, parts: Parts, now: float) -> ExchangeDocument:
    (only,) = hours_document(parts, now, [code])["exchanges"]
    return only


def stretches(document: ExchangeDocument) -> list[str]:
    return [f"{one['kind']} {one['open'][5:16]}/{one['close'][5:16]}" for one in document["sessions"]]


# The U.S., by Yahoo's market time


@pytest.mark.parametrize(
    ("moment", "day", "expected"),
    [
        # As recorded: open in the morning, and after the close the same day's times.
        (
            "2025-08-15T14:55:30",
            "2025-08-15",
            ("OPEN", "Regular trading hours", "2025-08-18T13:30:00Z", "2025-08-15T20:00:00Z"),
        ),
        (
            "2025-08-15T20:54:44",
            "2025-08-15",
            ("AFTER_HOURS", "After-hours trading", "2025-08-18T13:30:00Z", "2025-08-18T20:00:00Z"),
        ),
        (
            "2025-08-15T12:00:00",
            "2025-08-15",
            ("PRE_MARKET", "Pre-market trading", "2025-08-15T13:30:00Z", "2025-08-15T20:00:00Z"),
        ),
        # On a weekend those of the next session.
        (
            "2025-08-16T12:00:00",
            "2025-08-18",
            ("CLOSED", "Weekend", "2025-08-18T13:30:00Z", "2025-08-18T20:00:00Z"),
        ),
        (
            "2026-11-24T02:00:00",
            "2026-11-23",
            ("CLOSED", "Overnight trading", "2026-11-24T14:30:00Z", "2026-11-24T21:00:00Z"),
        ),
        (
            "2026-11-26T15:00:00",
            "2026-11-27",
            ("CLOSED", "Holiday: Thanksgiving Day", "2026-11-27T14:30:00Z", "2026-11-27T21:00:00Z"),
        ),
    ],
)
def test_where_source_and_calendar_agree_the_calendar_names_the_reason(
    moment: str, day: str, expected: Said
) -> None:
    now = at(moment)
    parts = us(now, ny(f"{day}T09:30"), ny(f"{day}T16:00"))
    assert said(hours_document(parts, now)) == expected
    # The chart, when it has come, says the same of what is before and after.
    assert said(hours_document(parts | us_chart(now, day), now)) == expected


def test_a_half_day_that_both_know_is_named() -> None:
    now = ny("2026-11-27T11:00")
    document = hours_document(us(now, ny("2026-11-27T09:30"), ny("2026-11-27T13:00")), now)
    reason = "Early close: Day after Thanksgiving Day"
    assert said(document) == ("EARLY_CLOSE", reason, "2026-11-30T14:30:00Z", "2026-11-27T18:00:00Z")


def test_an_early_close_that_only_the_source_knows_is_one_without_a_name() -> None:
    now = ny("2026-11-23T11:00")
    document = hours_document(us(now, ny("2026-11-23T09:30"), ny("2026-11-23T14:00")), now)
    assert said(document) == ("EARLY_CLOSE", "Early close", "2026-11-24T14:30:00Z", "2026-11-23T19:00:00Z")


def test_a_half_day_that_ends_at_another_time_than_the_calendars_is_not_named() -> None:
    parts = us(ny("2026-11-27T13:30"), ny("2026-11-27T09:30"), ny("2026-11-27T14:00"))
    document = hours_document(parts, ny("2026-11-27T13:30"))
    assert said(document) == ("EARLY_CLOSE", "Early close", None, "2026-11-27T19:00:00Z")


def test_a_whole_day_of_the_source_is_none_that_closes_early() -> None:
    now = ny("2026-11-27T11:00")
    document = hours_document(us(now, ny("2026-11-27T09:30"), ny("2026-11-27T16:00")), now)
    assert said(document)[:2] == ("OPEN", "Regular trading hours")
    assert document["nextClose"] == "2026-11-27T21:00:00Z"


def test_an_auction_at_the_end_makes_no_early_close() -> None:
    now = ny("2026-11-23T11:00")
    document = hours_document(us(now, ny("2026-11-23T09:30"), ny("2026-11-23T15:45")), now)
    assert said(document)[0] == "OPEN"


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-23T11:00",  # the real session
        "2026-11-23T13:30",  # so that it seems to have begun with the real one
        "2026-11-23T16:30",
        "2026-11-23T22:00",
        "2026-11-27T11:00",  # a half day
        "2026-11-27T16:45",
        "2026-11-28T12:00",  # a Saturday
        "2026-11-26T12:00",  # a holiday
        "2026-12-31T23:59",
    ],
)
def test_the_demo_is_open_whenever_it_is_started(moment: str) -> None:
    now = ny(moment)
    opens, closes = now - 4 * HOUR, now + 20 * HOUR
    parts = us(now, opens, closes) | chart("XNYS", now, Span(opens, closes), pre=span(opens - HOUR, 1))
    document = hours_document(parts, now + 3.0, ["XNYS", "XNAS"])
    expected = ("OPEN", "Regular trading hours", None, iso(closes))
    assert said(document) == expected
    assert [said(exchange) for exchange in document["exchanges"]] == [expected, expected]
    regular = [one for one in document["exchanges"][0]["sessions"] if one["kind"] == "regular"]
    assert regular == [{"kind": "regular", "open": iso(opens), "close": iso(closes)}]


@pytest.mark.parametrize(
    ("before", "status", "reason"),
    [(1.0, "PRE_MARKET", "Pre-market trading"), (7.0, "CLOSED", "Outside trading hours")],
)
def test_a_simulated_session_that_is_yet_to_come_is_the_sources(
    before: float, status: str, reason: str
) -> None:
    now = ny("2026-11-23T12:00")
    opens, closes = now + before * HOUR, now + 9 * HOUR
    parts = us(now, opens, closes) | chart(
        "XNYS", now, Span(opens, closes), pre=Span(opens - 5.5 * HOUR, opens)
    )
    assert said(hours_document(parts, now)) == (status, reason, iso(opens), iso(closes))


def test_a_simulated_evening_is_after_hours_and_what_comes_next_is_not_made_up() -> None:
    now = ny("2026-11-23T12:00")
    opens, closes = now - 8 * HOUR, now - HOUR
    parts = us(now, opens, closes) | chart("XNYS", now, Span(opens, closes), post=span(closes, 4))
    assert said(hours_document(parts, now)) == ("AFTER_HOURS", "After-hours trading", None, None)


def test_an_unscheduled_closing_is_closed_for_no_reason_that_we_know() -> None:
    now = ny("2026-11-24T11:00")
    parts = us(now, ny("2026-11-25T09:30"), ny("2026-11-25T16:00"))
    expected = ("CLOSED", "Outside trading hours", "2026-11-25T14:30:00Z", "2026-11-25T21:00:00Z")
    document = hours_document(parts, now, ["XNYS"])
    assert said(document) == expected
    assert document["exchanges"][0]["sessions"] == []


def test_a_day_that_the_source_leaves_out_is_not_before_its_open() -> None:
    now = ny("2026-11-24T03:00")
    parts = us(now, ny("2026-11-25T09:30"), ny("2026-11-25T16:00"))
    assert said(hours_document(parts, now))[:2] == ("CLOSED", "Outside trading hours")


def test_a_holiday_on_which_the_source_opens_is_not_said_to_be_one() -> None:
    now = ny("2026-11-26T03:00")
    parts = us(now, ny("2026-11-26T09:30"), ny("2026-11-26T16:00"))
    assert said(hours_document(parts, now))[:3] == ("CLOSED", "Outside trading hours", "2026-11-26T14:30:00Z")


def test_a_weekend_that_lasts_longer_than_the_calendar_knows_is_still_one() -> None:
    now = ny("2026-11-28T12:00")
    parts = us(now, ny("2026-12-01T09:30"), ny("2026-12-01T16:00"))
    assert said(hours_document(parts, now))[:3] == ("CLOSED", "Weekend", "2026-12-01T14:30:00Z")


def test_the_chart_of_another_day_says_nothing_of_before_and_after() -> None:
    # A chart that takes Thanksgiving for a day of trade: the market time knows better.
    now = ny("2026-11-26T08:00")
    parts = us(now, ny("2026-11-27T09:30"), ny("2026-11-27T13:00")) | us_chart(now, "2026-11-26")
    assert said(hours_document(parts, now))[:2] == ("CLOSED", "Holiday: Thanksgiving Day")


def test_a_day_that_closes_early_has_an_early_evening_by_the_chart() -> None:
    now = ny("2026-11-27T16:30")
    parts = us(now, ny("2026-11-27T09:30"), ny("2026-11-27T13:00"))
    assert said(hours_document(parts | us_chart(now, "2026-11-27", hours=3.5), now))[0] == "AFTER_HOURS"
    later = now + HOUR
    assert said(hours_document(parts | us_chart(now, "2026-11-27", hours=3.5), later))[0] == "CLOSED"


def test_between_two_answers_its_own_times_say_that_it_opened_and_closed() -> None:
    opens, closes = ny("2026-11-23T09:30"), ny("2026-11-23T16:00")
    morning = us(opens - 30, opens, closes)
    assert hours_document(morning, opens - 1)["status"] == "PRE_MARKET"
    assert hours_document(morning, opens)["status"] == "OPEN"
    evening = us(closes - 30, opens, closes)
    assert hours_document(evening, closes - 1)["status"] == "OPEN"
    assert hours_document(evening, closes)["status"] == "AFTER_HOURS"


def test_what_was_said_stands_while_nothing_was_crossed() -> None:
    opens, closes = ny("2026-11-23T09:30"), ny("2026-11-23T16:00")
    halted = us(ny("2026-11-23T11:00"), opens, closes, is_open=False)
    document = hours_document(halted, ny("2026-11-23T11:05"))
    assert said(document) == ("CLOSED", "Outside trading hours", None, None)


def test_without_times_of_its_own_the_chart_gives_them_and_else_the_calendar() -> None:
    now = ny("2026-11-23T11:00")
    parts = {"markettime": Part.of(MarketTime(open=True), now, 60.0)}
    expected = ("OPEN", "Regular trading hours", "2026-11-24T14:30:00Z", "2026-11-23T21:00:00Z")
    assert said(hours_document(parts, now)) == expected
    early = hours_document(parts | us_chart(now, "2026-11-23", hours=4), now)
    assert said(early) == ("EARLY_CLOSE", "Early close", "2026-11-24T14:30:00Z", "2026-11-23T18:30:00Z")


def test_without_times_and_against_the_calendar_nothing_is_said_to_be_next() -> None:
    now = ny("2026-11-28T11:00")
    parts = {"markettime": Part.of(MarketTime(open=True), now, 60.0)}
    assert said(hours_document(parts, now)) == ("OPEN", "Regular trading hours", None, None)


# No source


@pytest.mark.parametrize("age", [0.0, 60.0, 60.0 + KEEP])
def test_an_answer_stands_until_it_is_too_old(age: float) -> None:
    now = ny("2026-11-28T12:00")
    parts = us(now, now - HOUR, now + 8 * HOUR)  # no calendar has a session on this Saturday
    assert hours_document(parts, now + age)["status"] == "OPEN"
    assert hours_document(parts, now + age)["asOf"] == {"markettime": iso(now)}
    assert not uses_calendar_only(parts, now + age)


def test_without_an_answer_or_with_one_that_is_too_old_there_is_the_calendar() -> None:
    now = ny("2026-11-28T12:00")
    late = now + 61.0 + KEEP
    for parts in ({}, us(now, now - HOUR, now + 8 * HOUR)):
        document = hours_document(parts, late, ["XLON"])
        assert said(document) == ("CLOSED", "Weekend", "2026-11-30T14:30:00Z", "2026-11-30T21:00:00Z")
        assert document["asOf"] == {"markettime": None, "exchanges": None}
        assert document["timestamp"] == iso(late)
        assert uses_calendar_only(parts, late)


def test_where_only_the_chart_answers_it_is_the_source() -> None:
    now = ny("2026-11-23T17:00")
    parts = us_chart(now, "2026-11-23", hours=8)
    assert not uses_calendar_only(parts, now)
    document = hours_document(parts, now)
    assert said(document) == ("OPEN", "Regular trading hours", None, "2026-11-23T22:30:00Z")
    assert document["asOf"] == {"markettime": None}


def test_a_part_of_another_kind_is_none() -> None:
    now = ny("2026-11-28T12:00")
    parts = {"markettime": Part.of("open", now), "periods:SPY": Part.of(None, now)}
    assert said(hours_document(parts, now))[:2] == ("CLOSED", "Weekend")
    assert uses_calendar_only(parts, now)
    assert clock_offset(parts) is None


# Whose clock


@pytest.mark.parametrize("ahead", [-HOUR, -0.2, 0.0, HOUR])
def test_a_clock_that_is_wrong_changes_nothing_but_is_said(ahead: float) -> None:
    now = ny("2026-11-23T15:30")
    parts = us(now, ny("2026-11-23T09:30"), ny("2026-11-23T16:00"), ahead=ahead)
    assert market_time(parts, now + ahead + 20.0) == pytest.approx(now + 20.0)
    document = hours_document(parts, now + ahead + 20.0)
    assert document["timestamp"] == "2026-11-23T20:30:20Z"
    assert said(document)[::3] == ("OPEN", "2026-11-23T21:00:00Z")
    offset = clock_offset(parts)
    assert offset == pytest.approx(ahead)
    line = market_line(parts, now + ahead + 20.0)
    assert line == MarketLine(True, "NYSE open · closes 16:00 ET in 29m")


def test_a_clock_that_is_set_back_does_not_set_yahoos_back() -> None:
    now = ny("2026-11-23T15:30")
    parts = us(now, ny("2026-11-23T09:30"), ny("2026-11-23T16:00"))
    assert market_time(parts, now - HOUR) == now


def test_without_yahoos_clock_there_is_ours() -> None:
    now = ny("2026-11-23T15:30")
    parts = {"markettime": Part.of(MarketTime(open=True, closes=now + HOUR), now, 60.0)}
    assert market_time({}, now) == now
    assert market_time(parts, now) == now
    assert clock_offset({}) is None
    assert clock_offset(parts) is None


# Other exchanges


def test_an_exchange_is_what_its_chart_says_and_the_calendar_says_why() -> None:
    now = at("2026-11-23T15:00")
    parts = chart("XLON", now, span(at("2026-11-23T08:00"), 8.5))
    london = row("XLON", parts, now)
    assert london == {
        "code": "XLON",
        "name": "London",
        "status": "OPEN",
        "reason": "Regular trading hours",
        "nextOpen": "2026-11-24T08:00:00Z",
        "nextClose": "2026-11-23T16:30:00Z",
        "timezone": "Europe/London",
        "sessions": [{"kind": "regular", "open": "2026-11-23T08:00:00Z", "close": "2026-11-23T16:30:00Z"}],
    }
    evening = row("XLON", parts, now + 240)
    assert evening["status"] == "OPEN"


@pytest.mark.parametrize(
    ("code", "moment", "regular", "expected"),
    [
        # After the close, by the same day's period; on a holiday by that of the day before.
        (
            "XLON",
            "2026-11-23T18:46",
            ("2026-11-23T08:00", 8.5),
            ("CLOSED", "After the close", "2026-11-24T08:00:00Z", "2026-11-24T16:30:00Z"),
        ),
        (
            "XTKS",
            "2026-11-23T03:00",
            ("2026-11-20T00:00", 6.5),
            ("CLOSED", "Holiday: Labor Thanksgiving Day", "2026-11-24T00:00:00Z", "2026-11-24T02:30:00Z"),
        ),
        # A day that the calendar does not know: the source opens.
        (
            "XTKS",
            "2026-11-23T03:00",
            ("2026-11-23T00:00", 6.5),
            ("OPEN", "Regular trading hours", None, "2026-11-23T06:30:00Z"),
        ),
        # Lunch is the calendar's, where both have the same day.
        (
            "XTKS",
            "2026-11-24T02:00",
            ("2026-11-24T00:00", 6.5),
            ("OPEN", "Regular trading hours", "2026-11-24T03:30:00Z", "2026-11-24T02:30:00Z"),
        ),
        (
            "XTKS",
            "2026-11-24T03:00",
            ("2026-11-24T00:00", 6.5),
            ("CLOSED", "Lunch break", "2026-11-24T03:30:00Z", "2026-11-24T06:30:00Z"),
        ),
        (
            "XTKS",
            "2026-11-24T04:00",
            ("2026-11-24T00:00", 6.75),
            ("OPEN", "Regular trading hours", "2026-11-25T00:00:00Z", "2026-11-24T06:45:00Z"),
        ),
        (
            "XTKS",
            "2026-11-24T03:00",
            ("2026-11-24T00:00", 4),
            ("EARLY_CLOSE", "Early close", None, "2026-11-24T04:00:00Z"),
        ),
        (
            "XTKS",
            "2026-11-24T02:00",
            ("2026-11-24T00:00", 4),
            ("EARLY_CLOSE", "Early close", None, "2026-11-24T04:00:00Z"),
        ),
        # A half day that ends with the morning.
        (
            "XHKG",
            "2026-12-24T03:00",
            ("2026-12-24T01:30", 2.5),
            (
                "EARLY_CLOSE",
                "Early close: Christmas Eve",
                "2026-12-28T01:30:00Z",
                "2026-12-24T04:00:00Z",
            ),
        ),
        # A typhoon: the calendar would have it open.
        (
            "XHKG",
            "2026-11-24T03:00",
            ("2026-11-25T01:30", 6.5),
            ("CLOSED", "Outside trading hours", "2026-11-25T01:30:00Z", "2026-11-25T08:00:00Z"),
        ),
        # It opens an hour late.
        (
            "XKRX",
            "2026-11-23T23:30",
            ("2026-11-24T01:00", 6.5),
            ("CLOSED", "Outside trading hours", "2026-11-24T01:00:00Z", "2026-11-24T07:30:00Z"),
        ),
        # Sunday, the first day of the week in Riyadh.
        (
            "XSAU",
            "2026-11-22T08:00",
            ("2026-11-22T07:00", 5),
            ("OPEN", "Regular trading hours", "2026-11-23T07:00:00Z", "2026-11-22T12:00:00Z"),
        ),
        # Where no holidays are known the source takes the doubt away.
        (
            "XSTO",
            "2026-11-24T10:00",
            ("2026-11-24T08:00", 8.5),
            ("OPEN", "Regular trading hours", "2026-11-25T08:00:00Z", "2026-11-24T16:30:00Z"),
        ),
        # The weeks in which New York has its summer time and London has not.
        (
            "XLON",
            "2026-03-09T16:00",
            ("2026-03-09T08:00", 8.5),
            ("OPEN", "Regular trading hours", "2026-03-10T08:00:00Z", "2026-03-09T16:30:00Z"),
        ),
    ],
)
def test_the_source_decides_and_the_calendar_explains(
    code: str, moment: str, regular: tuple[str, float], expected: Said
) -> None:
    now = at(moment)
    parts = chart(code, now, span(at(regular[0]), regular[1]))
    assert said(row(code, parts, now)) == expected


def test_orders_that_are_taken_before_the_session_are_no_trade() -> None:
    # As recorded of London: 7:15 to 8:00 and 16:30 to 17:15.
    opens = at("2025-02-20T08:00")
    parts = chart("XLON", opens, span(opens, 8.5), pre=span(opens - 0.75 * HOUR, 0.75))
    london = row("XLON", parts, opens - HOUR / 2)
    assert said(london)[:2] == ("CLOSED", "Before the open")
    assert stretches(london) == ["regular 02-20T08:00/02-20T16:30"]


def test_a_chart_of_yesterday_that_was_not_asked_since_the_morning_is_not_believed() -> None:
    yesterday = span(at("2026-11-23T08:00"), 8.5)
    opens = at("2026-11-24T08:00")
    before = chart("XLON", opens - 60, yesterday)
    assert said(row("XLON", before, opens - 1))[:2] == ("CLOSED", "Before the open")
    assert said(row("XLON", before, opens + 60))[:2] == ("OPEN", "Regular trading hours")
    asked_since = chart("XLON", opens + 30, yesterday)
    assert said(row("XLON", asked_since, opens + 60))[:2] == ("CLOSED", "Outside trading hours")


def test_the_coins_are_always_open_whatever_their_chart_says() -> None:
    now = at("2026-11-28T18:46")
    coins = row("CRYPTO", chart("CRYPTO", now, span(now - 9 * HOUR, 1)), now)
    assert said(coins) == ("OPEN", "Always open", None, None)
    assert stretches(coins) == ["regular 11-28T00:00/11-29T00:00"]
    assert coins["timezone"] == "UTC"


@pytest.mark.parametrize(
    ("code", "moment", "regular", "expected"),
    [
        (
            "XTKS",
            "2026-11-24T01:00",
            ("2026-11-24T00:00", 6.75),
            ["regular 11-24T00:00/11-24T02:30", "regular 11-24T03:30/11-24T06:45"],
        ),
        ("XTKS", "2026-11-24T01:00", ("2026-11-24T00:00", 4), ["regular 11-24T00:00/11-24T04:00"]),
        # Of another day: that is not today's.
        ("XLON", "2026-11-24T18:00", ("2026-11-25T08:00", 8.5), ["regular 11-24T08:00/11-24T16:30"]),
        ("XLON", "2026-11-28T12:00", ("2026-11-27T08:00", 8.5), []),
        ("XLON", "2026-11-28T12:00", ("2026-11-30T08:00", 8.5), []),
        # Of a day on which the calendar has none.
        ("XLON", "2026-11-28T12:00", ("2026-11-28T08:00", 8.5), ["regular 11-28T08:00/11-28T16:30"]),
        # By the exchange's own date: there it is Tuesday.
        ("XASX", "2026-11-23T23:30", ("2026-11-23T23:00", 6), ["regular 11-23T23:00/11-24T05:00"]),
    ],
)
def test_the_sessions_are_todays_by_the_source_and_lunch_by_the_calendar(
    code: str, moment: str, regular: tuple[str, float], expected: list[str]
) -> None:
    now = at(moment)
    assert stretches(row(code, chart(code, now, span(at(regular[0]), regular[1])), now)) == expected


def test_new_york_shows_what_is_before_and_after_by_its_chart_and_else_by_the_calendar() -> None:
    now = ny("2026-11-23T11:00")
    parts = us(now, ny("2026-11-23T09:30"), ny("2026-11-23T16:00"))
    expected = [
        "pre 11-23T09:00/11-23T14:30",
        "regular 11-23T14:30/11-23T21:00",
        "post 11-23T21:00/11-24T01:00",
    ]
    assert stretches(row("XNYS", parts, now)) == expected
    assert stretches(row("XNYS", parts | us_chart(now, "2026-11-23"), now)) == expected
    early = us(now, ny("2026-11-23T09:30"), ny("2026-11-23T14:00"))
    assert stretches(row("XNYS", early, now)) == ["regular 11-23T14:30/11-23T19:00"]


def test_nasdaq_is_what_the_us_markets_are() -> None:
    now = ny("2026-11-28T12:00")
    document = hours_document(us(now, now - HOUR, now + HOUR), now, ["XNAS"])
    assert document["exchanges"][0]["code"] == "XNAS"
    assert said(document["exchanges"][0]) == said(document)


# The document and its parts


def test_the_parts_are_the_market_time_and_a_chart_an_exchange() -> None:
    always = {"markettime", "periods:SPY"}
    assert hours_keys([]) == always
    assert hours_keys(["CRYPTO", "XNYS", "XNAS"]) == always
    assert hours_keys(["XLON", "XTKS"]) == always | {"periods:^FTSE", "periods:^N225"}


def test_as_of_is_the_oldest_chart_that_is_used() -> None:
    now = at("2026-11-24T10:00")
    parts = (
        us(now, ny("2026-11-24T09:30"), ny("2026-11-24T16:00"))
        | chart("XLON", now - 5, span(at("2026-11-24T08:00"), 8.5))
        | chart("XETR", now - 50, span(at("2026-11-24T08:00"), 8.5))
        | chart("XPAR", now - 5000, span(at("2026-11-24T08:00"), 8.5))
        | chart("XTKS", now - 90, span(at("2026-11-24T00:00"), 6.5))
    )
    asked = ["XLON", "XETR", "XPAR", "CRYPTO"]
    assert hours_document(parts, now, asked)["asOf"] == {"markettime": iso(now), "exchanges": iso(now - 50)}
    assert hours_document(parts, now, ["CRYPTO"])["asOf"]["exchanges"] is None


def test_the_exchanges_are_there_in_the_order_asked_for_and_only_if_asked_for() -> None:
    now = at("2026-11-24T10:00")
    assert "exchanges" not in hours_document({}, now)
    assert list(hours_document({}, now)) == ["status", "reason", "timestamp", "nextOpen", "nextClose", "asOf"]
    asked = hours_document({}, now, ["XTKS", "CRYPTO", "XLON"])
    assert [exchange["code"] for exchange in asked["exchanges"]] == ["XTKS", "CRYPTO", "XLON"]


def test_by_the_calendar_alone_every_exchange_is_what_the_calendar_says() -> None:
    now = at("2026-11-24T10:00")
    for exchange in hours_document({}, now, ALL)["exchanges"]:
        outlook = look(EXCHANGES[exchange["code"]], now)
        times = (iso(outlook.next_open), iso(outlook.next_close))
        assert said(exchange) == (outlook.status, outlook.reason, *times)
        assert len(exchange["sessions"]) == len(outlook.day.spans)


FIRST, LAST = int(at("1990-01-01T00:00")), int(at("2099-12-31T00:00"))
NOW = st.integers(FIRST, LAST)


@st.composite
def periods(draw: st.DrawFn, now: int) -> Periods:
    def stretch() -> Span | None:
        start = draw(st.none() | st.integers(-90_000, 90_000))
        return None if start is None else span(now + start, draw(st.integers(1, 30)))

    return Periods(pre=stretch(), regular=stretch(), post=stretch())


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, Part], float, tuple[str, ...]]:
    """Any time, and whatever a source may say of it, sensible or not."""
    now = draw(NOW)
    near = st.none() | st.integers(-90_000, 90_000).map(lambda seconds: float(now + seconds))
    fetched = st.integers(-1200, 60).map(lambda seconds: float(now + seconds))
    codes = tuple(draw(st.lists(st.sampled_from(ALL), max_size=3)))
    parts: dict[str, Part] = {}
    for code in ("XNYS", *codes):
        if draw(st.booleans()):
            parts[f"periods:{EXCHANGES[code].symbol}"] = Part.of(draw(periods(now)), draw(fetched), 60.0)
    if draw(st.booleans()):
        market = MarketTime(open=draw(st.booleans()), opens=draw(near), closes=draw(near), time=draw(near))
        parts["markettime"] = Part.of(market, draw(fetched), 60.0)
    return parts, float(now), codes


@settings(max_examples=400, deadline=None)
@given(situations())
def test_whatever_the_source_says_the_document_is_whole_and_nothing_next_is_past(
    situation: tuple[dict[str, Part], float, tuple[str, ...]],
) -> None:
    parts, now, codes = situation
    document = hours_document(parts, now, codes)
    keys = set(get_type_hints(HoursDocument))
    assert set(document) == (keys if codes else keys - {"exchanges"})
    assert len(document.get("exchanges", [])) == len(codes)
    for one in (document, *document.get("exchanges", [])):
        assert one["status"] in {"OPEN", "CLOSED", "PRE_MARKET", "AFTER_HOURS", "EARLY_CLOSE"}
        assert one["reason"]
        opens, closes = one["nextOpen"], one["nextClose"]
        assert all(time is None or time >= document["timestamp"] for time in (opens, closes))
        if opens and closes:
            assert (closes <= opens) is (one["status"] in ("OPEN", "EARLY_CLOSE"))
    for exchange in document.get("exchanges", []):
        assert set(exchange) == set(get_type_hints(ExchangeDocument))
        assert all(set(session) == {"kind", "open", "close"} for session in exchange["sessions"])
        assert all(session["open"] <= session["close"] for session in exchange["sessions"])
    line = market_line(parts, now)
    assert (line is None) is ("markettime" not in parts)
    assert line is None or line.text.startswith("NYSE ")


# The header


@pytest.mark.parametrize(
    ("moment", "day", "expected"),
    [
        ("2026-11-23T13:46", "2026-11-23", MarketLine(True, "NYSE open · closes 16:00 ET in 2h14")),
        ("2026-11-23T08:25", "2026-11-23", MarketLine(False, "NYSE pre-market · opens 09:30 ET in 1h05")),
        (
            "2026-11-23T19:30",
            "2026-11-23",
            MarketLine(False, "NYSE after hours · opens Tue 09:30 ET in 14h00"),
        ),
        ("2026-11-24T03:30", "2026-11-24", MarketLine(False, "NYSE closed · opens 09:30 ET in 6h00")),
        ("2026-11-28T09:30", "2026-11-30", MarketLine(False, "NYSE closed · opens Mon 09:30 ET in 2d")),
        # In summer too it is called ET.
        ("2026-07-01T15:59", "2026-07-01", MarketLine(True, "NYSE open · closes 16:00 ET in 1m")),
        # The night in which the clocks are set back has an hour more.
        ("2026-10-31T09:30", "2026-11-02", MarketLine(False, "NYSE closed · opens Mon 09:30 ET in 2d")),
        ("2026-11-01T00:30", "2026-11-02", MarketLine(False, "NYSE closed · opens Mon 09:30 ET in 1d")),
    ],
)
def test_the_header_says_what_new_york_does_and_until_when(
    moment: str, day: str, expected: MarketLine
) -> None:
    now = ny(moment)
    assert market_line(us(now, ny(f"{day}T09:30"), ny(f"{day}T16:00")), now) == expected


def test_the_header_says_that_it_closes_early() -> None:
    now = ny("2026-11-27T10:46")
    parts = us(now, ny("2026-11-27T09:30"), ny("2026-11-27T13:00"))
    assert market_line(parts, now) == MarketLine(True, "NYSE open · closes early 13:00 ET in 2h14")


@pytest.mark.parametrize("closes", ["13:00", "15:45", "16:00", "16:15", "23:00"])
@pytest.mark.parametrize("day", ["2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28"])
def test_the_header_says_of_an_open_market_what_the_hours_say(day: str, closes: str) -> None:
    # A usual day, a holiday, a half day, and a weekend: the header asks the calendar only where it has to.
    now, end = ny(f"{day}T10:30"), ny(f"{day}T{closes}")
    parts = us(now, ny(f"{day}T09:30"), end, is_open=True)
    document, line = hours_document(parts, now), market_line(parts, now)
    assert line is not None
    assert document["nextClose"] == iso(end)
    assert ("early" in line.text) == (document["status"] == "EARLY_CLOSE")
    assert f" {closes} ET" in line.text


def test_the_header_leaves_out_what_it_does_not_know() -> None:
    now = ny("2026-11-28T12:00")
    open_now = {"markettime": Part.of(MarketTime(open=True), now)}
    assert market_line(open_now, now) == MarketLine(True, "NYSE open")
    now = ny("2026-11-24T12:00")
    closed = {"markettime": Part.of(MarketTime(open=False), now)}
    assert market_line(closed, now) == MarketLine(False, "NYSE closed")


def test_the_header_goes_by_the_calendar_when_the_answer_is_too_old_and_is_empty_where_none_ever_came() -> (
    None
):
    now = ny("2026-11-28T09:30")
    old = us(now - 2 * KEEP, now - HOUR, now + 8 * HOUR)
    assert market_line(old, now) == MarketLine(False, "NYSE closed · opens Mon 09:30 ET in 2d")
    assert market_line({}, now) is None


def test_times_are_written_in_utc() -> None:
    now = ny("2026-11-23T13:46")
    assert datetime.fromisoformat(hours_document({}, now)["timestamp"]).tzinfo == UTC
