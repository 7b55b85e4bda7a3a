"""The regular session beside what is paid before and after it."""

from __future__ import annotations

import pytest

from tickstream.core.board import Board, Now, Row
from tickstream.core.regular import Session, day_change_of, regular_of
from tickstream.core.snapshot import know
from tickstream.core.tick import MarketHours, Tick, Value
from tickstream.core.values import Quote

HOUR = 3_600_000
CLOSE = 1_700_000_000_000
DAY: dict[str, Value] = {
    "price": 110.0, "change": 10.0, "change_percent": 10.0, "time": CLOSE, "market_hours": 1,
}  # fmt: skip
EVENING: dict[str, Value] = {
    "price": 112.0, "change": 2.0, "change_percent": 1.8, "time": CLOSE + HOUR, "market_hours": 2,
}  # fmt: skip


def row_of(*pushes: dict[str, Value]) -> Row:
    board = Board()
    for said in pushes:
        time = said.get("time", CLOSE)
        assert isinstance(time, int)
        board.apply(Tick.from_dict({"id": "X"} | said), Now(time / 1000, time / 1000))
    return board.row("X")


def test_in_the_session_the_newest_price_is_the_sessions() -> None:
    row = row_of(DAY)
    assert not row.is_extended
    assert regular_of(row) == Session(110.0, 10.0, 10.0)
    assert day_change_of(row) == 10.0


@pytest.mark.parametrize("hours", [0, 2, 3, 4])
def test_a_price_from_outside_of_the_session_does_not_replace_the_one_it_ended_with(hours: int) -> None:
    row = row_of(DAY, EVENING | {"market_hours": hours})
    assert row.is_extended
    assert row.said["price"] == 112.0
    assert regular_of(row) == Session(110.0, 10.0, 10.0)


def test_several_of_them_do_not_replace_it_either_and_the_next_session_does() -> None:
    night = EVENING | {"price": 115.0, "change": 5.0, "time": CLOSE + 6 * HOUR, "market_hours": 4}
    assert regular_of(row_of(DAY, EVENING, night)) == Session(110.0, 10.0, 10.0)
    morning = DAY | {"price": 116.0, "change": 6.0, "change_percent": 5.5, "time": CLOSE + 17 * HOUR}
    assert regular_of(row_of(DAY, EVENING, night, morning)) == Session(116.0, 6.0, 5.5)


def test_without_any_push_of_the_session_its_close_is_what_the_change_counts_from() -> None:
    assert regular_of(row_of(EVENING)) == Session(110.0)
    assert regular_of(row_of({"price": 112.0, "market_hours": 2})) == Session()


def test_float32_noise_does_not_make_it_another_close() -> None:
    noisy = EVENING | {"price": 112.0, "change": 2.00000763}
    assert regular_of(row_of(DAY, noisy)).price == 110.0


def test_where_it_closed_at_another_price_than_was_pushed_last_the_change_of_the_day_follows() -> None:
    row = row_of(DAY, EVENING | {"price": 112.0, "change": 1.0})
    assert regular_of(row) == Session(111.0, 11.0, 11.0)


def test_a_price_of_another_day_tells_nothing_of_the_change_of_this_one() -> None:
    row = row_of(DAY, EVENING | {"change": 1.0, "time": CLOSE + 13 * HOUR})
    assert regular_of(row) == Session(111.0)


def test_a_quote_tells_how_the_session_ended_and_an_older_one_does_not() -> None:
    row = row_of(EVENING)
    quote = Quote(symbol="X", price=110.0, change=9.5, percent_change=9.4, time=CLOSE, year_low=50.0)
    know(row, quote)
    assert regular_of(row) == Session(110.0, 9.5, 9.4)
    assert row.known == {"year_low": 50.0}
    know(row, Quote(symbol="X", price=80.0, change=1.0, time=CLOSE - HOUR))
    assert regular_of(row).change == 9.5
    know(row, Quote(symbol="X"))
    assert regular_of(row).change == 9.5


def test_a_quote_of_the_close_is_not_undone_by_an_older_push_of_the_session() -> None:
    board = Board()
    board.apply(Tick.from_dict({"id": "X"} | DAY), Now(0.0, 0.0))
    row = board.row("X")
    know(row, Quote(symbol="X", price=110.0, change=9.0, percent_change=8.9, time=CLOSE + 60_000))
    board.apply(Tick.from_dict({"id": "X"} | EVENING), Now(0.0, 0.0))
    assert regular_of(row) == Session(110.0, 9.0, 8.9)


def test_the_evening_counts_to_the_day_that_ended_the_night_and_the_morning_to_the_next() -> None:
    assert day_change_of(row_of(DAY, EVENING)) == 12.0
    for hours in (MarketHours.OVERNIGHT_MARKET, MarketHours.PRE_MARKET):
        assert day_change_of(row_of(DAY, EVENING | {"market_hours": int(hours)})) == 2.0


def test_where_no_change_is_said_the_day_counts_from_the_previous_close() -> None:
    assert day_change_of(row_of({"price": 110.0, "previous_close": 100.0})) == 10.0
    assert day_change_of(row_of(EVENING | {"previous_close": 100.0})) == 12.0
    assert day_change_of(row_of(EVENING)) is None
    assert day_change_of(row_of({"price": 110.0})) is None
    assert day_change_of(row_of({"previous_close": 100.0})) is None
    night: dict[str, Value] = {"price": 112.0, "market_hours": 4, "time": CLOSE + HOUR, "previous_close": 1.0}
    # In the night it is the close before the last one that a quote calls the previous one.
    assert (
        day_change_of(row_of({name: DAY[name] for name in ("price", "time", "market_hours")}, night)) == 2.0
    )
    assert day_change_of(row_of(night)) is None
