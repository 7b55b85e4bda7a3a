"""A quote says as a tick what a push would have said."""

from __future__ import annotations

import msgspec
import pytest

from tickstream.core.board import Board, Now
from tickstream.core.snapshot import extended_of, lasting, lay_closes, overlaid, renew, row_of, tick_of
from tickstream.core.tick import MarketHours, QuoteType, Tick, Value
from tickstream.core.values import Closes, Quote

WALL = 1_795_464_000.0
NOW = Now(WALL, 5000.0)
AAPL = Quote(
    symbol="AAPL", name="Apple Inc.", price=110.0, change=10.0, percent_change=10.0, currency="USD",
    market_state="REGULAR", day_high=111.0, day_low=99.0, open=100.0, previous_close=100.0, volume=7,
    time=int(WALL - 60) * 1000, pre_price=101.0, pre_change=1.0, pre_percent=1.0,
    pre_time=int(WALL - 30) * 1000, post_price=112.0, post_change=2.0, post_percent=1.8,
    overnight_price=113.0, quote_type="EQUITY", price_hint=2,
)  # fmt: skip


def test_a_quote_in_the_session_is_a_regular_tick() -> None:
    tick = tick_of(AAPL)
    assert tick is not None
    assert (tick.price, tick.change, tick.change_percent) == (110.0, 10.0, 10.0)
    assert (tick.time, tick.market_hours) == (AAPL.time, MarketHours.REGULAR_MARKET)
    assert (tick.quote_type, tick.short_name, tick.day_volume) == (QuoteType.EQUITY, "Apple Inc.", 7)


@pytest.mark.parametrize(
    ("state", "price", "hours"),
    [
        ("PRE", 101.0, MarketHours.PRE_MARKET),
        ("POST", 112.0, MarketHours.POST_MARKET),
        ("CLOSED", 112.0, MarketHours.POST_MARKET),
        ("OVERNIGHT", 113.0, MarketHours.OVERNIGHT_MARKET),
        ("REGULAR", 110.0, MarketHours.REGULAR_MARKET),
    ],
)
def test_its_price_is_the_newest_one_there_is(state: str, price: float, hours: MarketHours) -> None:
    quote = msgspec.structs.replace(AAPL, market_state=state)
    tick = tick_of(quote)
    assert tick is not None
    assert (tick.price, tick.market_hours) == (price, hours)
    regular = tick_of(quote, extended=False)
    assert regular is not None
    assert regular.price == 110.0


def test_a_state_without_a_price_of_its_own_has_none() -> None:
    assert extended_of(msgspec.structs.replace(AAPL, market_state="PRE", pre_price=None)) is None


def test_a_quote_without_a_price_is_no_tick() -> None:
    assert tick_of(Quote(symbol="YHD")) is None


def test_what_is_not_known_is_not_said_and_an_odd_type_does_no_harm() -> None:
    tick = tick_of(Quote(symbol="A", price=1.0, quote_type="SOMETHING_NEW"))
    assert tick is not None
    assert dict(tick.said) == {"id": "A", "price": 1.0, "market_hours": 1}


def test_a_row_tells_the_age_of_the_trade_and_the_state_of_its_market() -> None:
    row = row_of(msgspec.structs.replace(AAPL, market_state="CLOSED"), None, NOW)
    assert row.age(NOW) == 60
    assert row.state == "CLOSED"
    assert row.number("price") == 110.0


def test_a_trend_begins_with_the_closes_and_goes_on_at_their_pace() -> None:
    closes = Closes(prices=(1.0, 2.0, 3.0), times=(WALL - 900, WALL - 600, WALL - 300))
    row = row_of(AAPL, closes, NOW)
    assert row.trend.prices == [1.0, 2.0, 3.0]
    row.trend.add(NOW.monotonic, 4.0)
    row.trend.add(NOW.monotonic + 1, 5.0)
    row.trend.add(NOW.monotonic + 2, 6.0)
    # The ticks of five minutes are one point, as the bars are.
    assert row.trend.prices == [1.0, 2.0, 3.0, 6.0]


def test_closes_without_times_are_a_trend_as_well() -> None:
    row = row_of(AAPL, None, NOW)
    lay_closes(row, Closes(prices=(1.0, 2.0)), NOW)
    assert row.trend.prices == [1.0, 2.0]


def test_a_snapshot_fills_a_row_and_never_overwrites_a_newer_push() -> None:
    board = Board()
    push = tick_of(msgspec.structs.replace(AAPL, price=120.0, name=None, time=int(WALL) * 1000))
    snapshot = tick_of(AAPL)
    assert push is not None
    assert snapshot is not None
    board.apply(push, NOW)
    board.apply(snapshot, NOW)
    row = board.row("AAPL")
    assert row.number("price") == 120.0
    assert row.said["short_name"] == "Apple Inc."


def test_a_later_snapshot_renews_what_no_push_has_said_since() -> None:
    board = Board()
    first = tick_of(AAPL)
    later = tick_of(msgspec.structs.replace(AAPL, price=1.0, day_low=90.0, volume=7, previous_close=95.0))
    assert first is not None
    assert later is not None
    board.apply(first, NOW)
    board.apply(
        Tick.from_dict({"id": "AAPL", "price": 120.0, "time": int(WALL) * 1000, "day_volume": 99}), NOW
    )
    row = board.row("AAPL")
    renew(row, first, later)
    assert (row.said["day_low"], row.said["previous_close"]) == (90.0, 95.0)
    assert (row.said["price"], row.said["time"], row.said["day_volume"]) == (120.0, int(WALL) * 1000, 99)


def test_a_bid_and_an_ask_do_not_last() -> None:
    tick = tick_of(msgspec.structs.replace(AAPL, bid=1.0, bid_size=2, ask=3.0, ask_size=4))
    assert tick is not None
    assert tick.said.keys() - lasting(tick).said.keys() == {"bid", "bid_size", "ask", "ask_size"}
    assert lasting(tick).said.items() <= tick.said.items()


@pytest.mark.parametrize(
    ("hours", "fields"),
    [
        (MarketHours.PRE_MARKET, ("pre_price", "pre_change", "pre_percent", "pre_time")),
        (MarketHours.REGULAR_MARKET, ("price", "change", "percent_change", "time")),
        (MarketHours.POST_MARKET, ("post_price", "post_change", "post_percent", "post_time")),
    ],
)
def test_of_a_quote_and_a_push_that_disagree_the_newer_one_is_right(
    hours: MarketHours, fields: tuple[str, ...]
) -> None:
    time = int(WALL) * 1000
    said: dict[str, Value] = {
        "id": "AAPL",
        "price": 120.0,
        "change": 20.0,
        "change_percent": 20.0,
        "time": time,
    }
    newer = overlaid(AAPL, {**said, "market_hours": int(hours), "day_volume": 99})
    assert [getattr(newer, name) for name in fields] == [120.0, 20.0, 20.0, time]
    assert newer.volume == (99 if hours == MarketHours.REGULAR_MARKET else 7)
    others = [name for name in AAPL.__struct_fields__ if name not in (*fields, "volume")]
    assert all(getattr(newer, name) == getattr(AAPL, name) for name in others)
    older = {**said, "market_hours": int(hours), "time": int(WALL - 3600) * 1000}
    if hours != MarketHours.POST_MARKET:
        assert overlaid(AAPL, older) is AAPL
    assert overlaid(newer, {**said, "market_hours": int(hours), "price": 1.0}) is newer


@pytest.mark.parametrize(
    "said", [{}, {"price": 1.0}, {"market_hours": 1, "time": 2**40}, {"market_hours": 9}]
)
def test_a_push_that_says_no_price_or_no_session_changes_no_quote(said: dict[str, Value]) -> None:
    assert overlaid(AAPL, said) is AAPL
