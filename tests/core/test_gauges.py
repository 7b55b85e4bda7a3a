"""Gauges: a window is what it says, the day's range is widened by prices, and silence counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.core.board import Now, Row
from tickstream.core.gauges import SLOTS, Gauge, Seen, moved, new_extreme, silence
from tickstream.core.tick import Tick, Value

BEGAN = Now(1_700_000_000.0, 0.0)


def seen(after: float, *, late: bool = False, **said: Value) -> Seen:
    now = Now(BEGAN.wall + after, BEGAN.monotonic + after)
    return Seen(Tick.from_dict({"id": "A", **said}), Row("A"), now, BEGAN, late)


def figures(gauge: Gauge, *all_seen: Seen) -> list[float | None]:
    return [None if (figure := gauge(one)) is None else round(figure, 6) for one in all_seen]


def test_a_move_is_measured_from_the_lowest_or_the_highest_price_of_its_window() -> None:
    course = [seen(at, price=price) for at, price in ((0, 100.0), (10, 98.0), (20, 99.96), (65, 99.96))]
    assert figures(moved(60, up=True), *course) == [0.0, 0.0, 2.0, 2.0]
    assert figures(moved(60, up=False), *course) == [0.0, -2.0, -0.04, 0.0]
    assert figures(moved(60, up=True), *course, seen(71, price=99.96))[-1] == 0.0


def test_a_move_needs_a_price_and_a_price_that_can_be_divided_by() -> None:
    assert figures(moved(60, up=True), seen(0, bid=1.0), seen(1, price=0.0), seen(2, price=1.0)) == [None] * 3
    assert figures(moved(60, up=True), seen(0, price=-10.0), seen(1, price=-9.0)) == [0.0, 10.0]


def test_time_that_a_laptop_slept_through_has_passed() -> None:
    gauge = moved(60, up=True)
    gauge(seen(0, price=100.0))
    awake = Seen(Tick.from_dict({"id": "A", "price": 110.0}), Row("A"), Now(BEGAN.wall + 3600, 1.0), BEGAN)
    assert gauge(awake) == 0.0


@given(
    st.lists(st.tuples(st.floats(0, 5), st.integers(90, 110)), min_size=1, max_size=200),
    st.sampled_from([5.0, 30.0]),
    st.booleans(),
)
def test_a_window_agrees_with_looking_at_all_its_prices(
    steps: list[tuple[float, int]], seconds: float, up: bool
) -> None:
    gauge, at, course = moved(seconds, up=up), 0.0, list[tuple[float, float]]()
    slot = seconds / SLOTS
    for passed, price in steps:
        at += passed
        course.append((at, float(price)))
        figure = gauge(seen(at, price=float(price)))
        # Of prices within one slot the extreme alone is kept, so the window may end that much sooner.
        bounds = sorted(move_of(course, window, up) for window in (seconds - 2 * slot, seconds + 1e-6))
        assert figure is not None
        assert bounds[0] - 1e-6 <= figure <= bounds[1] + 1e-6


def move_of(course: list[tuple[float, float]], window: float, up: bool) -> float:
    """The move in percent, by looking at everything."""
    at, last = course[-1]
    prices = [price for when, price in course if at - when <= window]
    start = min(prices) if up else max(prices)
    return (last - start) / start * 100


def test_a_new_high_is_a_price_beyond_what_was_said_and_seen() -> None:
    course = (
        seen(0, price=100.0),  # of which day's high nobody knows yet
        seen(1, price=100.0, day_high=101.0),
        seen(2, price=102.01),
        seen(3, price=101.5, day_high=101.0),  # the range lags
        seen(4, price=102.01),
    )
    assert figures(new_extreme(up=True), *course) == [None, -0.990099, 1.0, -0.499951, 0.0]


def test_a_new_low_mirrors_it() -> None:
    course = (seen(0, price=100.0, day_low=99.0), seen(1, price=98.01), seen(2, bid=1.0))
    assert figures(new_extreme(up=False), *course) == [1.010101, -1.0, None]


def test_prices_outside_of_the_session_make_no_high_and_a_range_that_is_said_does() -> None:
    course = (
        seen(0, price=100.0, day_high=100.0),
        seen(1, price=105.0, market_hours=2),
        seen(2, price=106.0, late=True),
        seen(3, day_high=101.0, market_hours=2, price=99.0),
    )
    assert figures(new_extreme(up=True), *course) == [0.0, None, None, 1.0]


def test_a_range_that_is_clearly_narrower_is_that_of_a_new_day() -> None:
    course = (
        seen(0, price=100.0, day_high=100.0),
        seen(1, price=100.0, day_high=99.99),  # said from elsewhere, a little behind
        seen(2, price=90.0, day_high=90.0),
        seen(3, price=90.9),
    )
    assert figures(new_extreme(up=True), *course) == [0.0, 0.0, 0.0, 1.0]


def test_silence_counts_from_the_last_news_or_from_the_beginning() -> None:
    assert silence(seen(7)) == 7.0
    row = Row("A")
    row.fresh = Now(BEGAN.wall + 5, 5.0)
    assert silence(Seen(None, row, Now(BEGAN.wall + 7, 7.0), BEGAN)) == pytest.approx(2.0)
