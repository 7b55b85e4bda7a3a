"""Backoff: waits grow, are spread out, and only data takes them back to the start."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.retry import Backoff

few = settings(max_examples=100, deadline=None, database=None)


def longest_draw(low: float, high: float) -> float:
    return high


def test_a_wait_is_drawn_evenly_up_to_a_step_that_grows() -> None:
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return high

    backoff, now = Backoff(first=0.5, factor=2.0, floor=0.25, longest=3.0, uniform=uniform), 0.0
    for _ in range(5):
        now += backoff.failed(now)
    assert drawn == [(0.25, 0.5), (0.25, 1.0), (0.25, 2.0), (0.25, 3.0), (0.25, 3.0)]
    assert backoff.failures == 5


def test_data_takes_it_back_to_the_start() -> None:
    backoff = Backoff(uniform=longest_draw)
    now = 0.0
    for _ in range(10):
        now += backoff.failed(now)
    assert backoff.step > 10
    backoff.succeeded()
    assert (backoff.failures, backoff.step) == (0, 0.5)
    assert backoff.failed(now) == 0.5


def test_connections_that_fail_together_are_one_failure() -> None:
    backoff = Backoff(first=1.0, uniform=longest_draw)
    for _ in range(100):
        assert backoff.failed(50.0) == 1.0
    assert backoff.failures == 1
    backoff.failed(51.0)
    assert backoff.failures == 2


def test_a_day_without_network_does_not_overflow() -> None:
    backoff, now = Backoff(), 0.0
    for _ in range(5000):
        now += backoff.failed(now)
    assert backoff.step == 60.0


def test_whoever_loses_a_link_for_a_second_is_back_within_three() -> None:
    backoff, now = Backoff(uniform=longest_draw), 0.0
    while now < 1.0:
        now += backoff.failed(now)
    assert now <= 3.0


def test_with_middling_luck_the_longest_step_is_reached_within_two_minutes() -> None:
    backoff, now = Backoff(uniform=lambda low, high: (low + high) / 2), 0.0
    while backoff.step < 60.0:
        now += backoff.failed(now)
    assert now <= 120.0


def test_many_that_are_turned_away_together_do_not_come_back_together() -> None:
    """A server that is away for a minute: of 200 clients, no second sees more than one in fifteen."""
    back: list[float] = []
    for seed in range(200):
        backoff, now = Backoff(uniform=random.Random(seed).uniform), 0.0
        while now < 60.0:
            now += backoff.failed(now)
        back.append(now)
    seconds = Counter(int(each) for each in back)
    assert max(seconds.values()) <= len(back) / 15


@few
@given(
    st.integers(0, 2**32),
    st.floats(0.01, 5),
    st.floats(1, 10),
    st.floats(0, 5),
    st.floats(1, 100),
    st.lists(st.floats(0, 100), max_size=50),
)
def test_a_wait_is_never_shorter_than_the_floor_nor_longer_than_the_longest(
    seed: int, first: float, factor: float, floor: float, longest: float, pauses: list[float]
) -> None:
    backoff = Backoff(
        first=first, factor=factor, floor=floor, longest=longest, uniform=random.Random(seed).uniform
    )
    now = 0.0
    for number, pause in enumerate(pauses, 1):
        now += pause
        before = backoff.step
        wait = backoff.failed(now)
        assert min(floor, longest) <= wait <= max(floor, longest)
        assert backoff.step >= before
        assert backoff.failures <= number
