"""Pace: connects that are spaced out, and honest figures about what was received."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.pace import Limiter, Meter, Spacing

few = settings(max_examples=100, deadline=None, database=None)


def test_half_the_turns_are_free_and_the_others_are_spread_over_the_period() -> None:
    limiter, now, waits = Limiter(most=12, period=60.0), 0.0, []
    for _ in range(14):
        wait = limiter.wait(now)
        waits.append(wait)
        now += wait
        limiter.take(now)
    assert waits == [0.0] * 6 + [10.0] * 8


def test_turns_are_free_again_when_the_period_is_over() -> None:
    limiter = Limiter(most=12, period=60.0)
    for _ in range(6):
        limiter.take(0.0)
    assert limiter.wait(1.0) == 9.0
    assert limiter.wait(60.0) == 0.0


@few
@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 5), st.integers(1, 60))
def test_whoever_waits_as_told_never_takes_more_turns_in_any_period(
    pauses: list[int], most: int, period: int
) -> None:
    limiter, now, turns = Limiter(most=most, period=period), 0.0, []
    for pause in pauses:
        now += pause
        wait = limiter.wait(now)
        assert 0.0 <= wait <= period
        now += wait
        limiter.take(now)
        turns.append(now)
    for turn in turns:
        assert sum(turn <= other < turn + period for other in turns) <= most


@few
@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 5))
def test_turns_that_are_handed_out_are_spaced(pauses: list[int], gap: int) -> None:
    spacing, now, turns = Spacing(gap=gap), 0.0, []
    for pause in pauses:
        now += pause
        wait = spacing.take(now)
        assert wait >= 0
        turns.append(now + wait)
    assert all(after - before >= gap for before, after in pairwise(turns))


def test_the_first_turn_comes_at_once() -> None:
    assert Spacing(gap=5.0).take(0.0) == 0.0


def test_the_rate_is_that_of_the_last_seconds() -> None:
    meter = Meter()
    assert meter.rate(0.0) == 0.0
    for number in range(400):
        meter.count(number / 10)
    assert meter.pushes == 400
    assert meter.rate(40.0) == pytest.approx(10.0, rel=0.15)
    assert meter.rate(100.0) == 0.0


def test_the_rate_of_the_first_second_is_not_exaggerated() -> None:
    meter = Meter()
    for _ in range(7):
        meter.count(100.0)
    assert meter.rate(100.1) == 7.0
    assert meter.rate(102.0) == 3.5


def test_the_lag_is_the_median_and_none_before_there_is_one() -> None:
    meter = Meter()
    assert meter.lag is None
    for lag in (0.5, 100.0, 0.25):
        meter.saw(1_700_000_001_000, 1_700_000_001.0 + lag)
    assert meter.lag == 0.5


def test_a_stamp_of_a_whole_minute_says_nothing_about_the_lag() -> None:
    meter = Meter()
    meter.saw(60_000 * 28_333_333, 60.0 * 28_333_333 + 30)
    assert meter.lag is None


def test_a_lag_is_never_negative() -> None:
    meter = Meter()
    meter.saw(1_700_000_001_000, 1_700_000_000.0)
    assert meter.lag == 0.0
