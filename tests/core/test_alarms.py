"""Alarms: once per crossing, never lost, never twice; what is old or already so says it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.core.alarms import Alarms
from tickstream.core.alerts import parse_alert, parse_alerts
from tickstream.core.board import Now
from tickstream.core.tick import Tick, Value

STAMP = 1_700_000_000_000


class Watch:
    """Alarms, and a clock that is told how much passes."""

    def __init__(self, *texts: str) -> None:
        self.now = Now(STAMP / 1000, 100.0)
        self.alarms = Alarms()
        self.alarms.follow(parse_alerts(texts), self.now)

    def wait(self, seconds: float) -> list[str]:
        self.now = Now(self.now.wall + seconds, self.now.monotonic + seconds)
        return [str(fired) for fired in self.alarms.pass_time(self.now)]

    def see(self, **said: Value) -> list[str]:
        return [str(fired) for fired in self.alarms.see(Tick.from_dict({"id": "A", **said}), self.now)]

    def count(self, *prices: float) -> list[int]:
        return [len(self.see(price=price)) for price in prices]


def test_it_fires_once_per_crossing_and_again_when_the_price_was_back_by_a_thousandth() -> None:
    course = (99.0, 100.0, 100.01, 105.0, 99.95, 100.5, 99.9, 100.5)
    assert Watch("A>100").count(*course) == [0, 0, 1, 0, 0, 0, 0, 1]
    assert Watch("A>=100").count(99.0, 100.0, 101.0) == [0, 1, 0]
    assert Watch("A<=100").count(101.0, 100.0, 100.05, 99.0, 100.1, 100.0) == [0, 1, 0, 0, 0, 1]


def test_what_is_so_from_the_start_fires_at_once_and_says_so() -> None:
    watch = Watch("A>100")
    assert watch.see(price=101.0, change_percent=0.5) == ["A>100: 101.00 (+0.50%), so from the start"]
    watch.see(price=99.0)
    assert watch.see(price=102.0) == ["A>100: 102.00 (+0.50%)"]


def test_a_price_that_crossed_while_nothing_was_received_fires_with_the_first_push_after() -> None:
    watch = Watch("A>100", "A<90")
    assert watch.count(95.0) == [0]
    watch.wait(3600)
    assert watch.count(130.0) == [1]
    watch.wait(3600)
    assert watch.count(80.0) == [1]


def test_an_old_price_says_how_old_it_is() -> None:
    assert Watch("A>1").see(price=2.0, time=STAMP - 7_200_000) == ["A>1: 2.00, so from the start, 2h00 old"]


def test_a_push_that_is_older_than_the_newest_fires_nothing() -> None:
    watch = Watch("A<90", "A day-low")
    watch.see(price=100.0, time=STAMP - 1000, day_low=95.0)
    assert watch.see(price=80.0, time=STAMP - 2000) == []
    assert watch.see(price=80.0, time=STAMP) == ["A<90: 80.00", "A day-low: 80.00"]


def test_a_push_that_does_not_say_what_is_measured_changes_nothing() -> None:
    watch = Watch("A>100", "A±3%")
    watch.see(price=101.0, change_percent=5.0)
    assert watch.see(bid=1.0) == []
    assert watch.count(102.0) == [0]


def test_the_change_of_the_day_has_two_sides() -> None:
    watch = Watch("A±3%")
    course = (1.0, 3.0, 2.9, 3.1, -3.0, -3.5, 0.0, 2.84, 3.0)
    fired = [len(watch.see(change_percent=percent)) for percent in course]
    assert fired == [0, 1, 0, 0, 1, 0, 0, 0, 1]


def test_a_move_within_a_time_fires_once_until_it_is_over() -> None:
    watch = Watch("A 2% in 5m")
    assert watch.count(100.0, 101.0, 102.0, 103.0) == [0, 0, 1, 0]
    watch.wait(301)
    assert watch.count(103.01, 105.08) == [0, 1]
    assert watch.see(price=102.0) == ["A 2% in 5m: -2.93% at 102.00"]


def test_what_moved_since_a_price_of_days_ago_did_not_move_in_minutes() -> None:
    watch = Watch("A 2% in 5m")
    assert watch.see(price=100.0, time=STAMP - 200_000_000) == []
    watch.wait(1)
    assert watch.see(price=110.0, time=STAMP + 1000) == []
    watch.wait(1)
    assert watch.see(price=113.0, time=STAMP + 2000) == ["A 2% in 5m: +2.73% at 113.00"]


def test_prices_that_are_all_late_move_within_their_own_time() -> None:
    watch, late = Watch("A 2% in 5m"), 900_000
    fired = list[str]()
    for minute, price in enumerate((100.0, 101.0, 102.5, 102.5, 102.5, 102.5, 102.5, 102.5, 100.0)):
        fired += watch.see(price=price, time=STAMP - late + minute * 60_000)
        watch.wait(60)
    assert [text.partition(" at ")[0] for text in fired] == ["A 2% in 5m: +2.50%", "A 2% in 5m: -2.44%"]


def test_a_new_high_fires_once_and_again_when_the_price_had_gone_back() -> None:
    watch = Watch("A day-high")
    assert watch.see(price=99.0, day_high=100.0) == []
    assert watch.count(100.5, 101.0, 100.95, 101.1, 100.0, 101.2) == [1, 0, 0, 0, 0, 1]


def test_silence_fires_by_the_clock_once_and_again_after_news() -> None:
    watch = Watch("A stale 60s")
    assert watch.alarms.needs_clock
    assert watch.wait(59) == []
    assert watch.wait(1) == ["A stale 60s: nothing new for 1m"]
    assert watch.wait(60) == []
    watch.see(price=1.0)
    assert watch.wait(59) == []
    assert len(watch.wait(61)) == 1


def test_what_is_repeated_is_no_news() -> None:
    watch = Watch("A stale 60s")
    watch.see(price=1.0, time=STAMP)
    watch.wait(40)
    watch.see(price=1.0, time=STAMP)
    assert watch.wait(20) == ["A stale 60s: nothing new for 1m"]


def test_only_what_needs_a_clock_asks_for_one() -> None:
    watch = Watch("A>1")
    assert not watch.alarms.needs_clock
    assert watch.wait(1000) == []


def test_alerts_that_stay_know_what_they_did_and_those_that_come_begin_then() -> None:
    watch = Watch("A>1")
    assert watch.count(2.0) == [1]
    watch.wait(1000)
    watch.alarms.follow(parse_alerts(["A>1", "A>1.5", "B stale 60s"]), watch.now)
    assert watch.see(price=2.1) == ["A>1.5: 2.10, so from the start"]
    assert (watch.wait(59), len(watch.wait(1))) == ([], 1)
    watch.alarms.follow([], watch.now)
    assert (watch.count(0.5, 2.0), watch.alarms.symbols) == ([0, 0], frozenset())


def test_symbols_are_told_apart_and_the_tick_is_all_that_was_known() -> None:
    alarms = Alarms()
    alarms.follow(parse_alerts(["A>1", "B>1"]), Now(STAMP / 1000, 0.0))
    now = Now(STAMP / 1000 + 1, 1.0)
    assert alarms.symbols == {"A", "B"}
    assert alarms.see(Tick.from_dict({"id": "C", "price": 5.0}), now) == []
    assert alarms.see(Tick.from_dict({"id": "A", "currency": "EUR"}), now) == []
    (fired,) = alarms.see(Tick.from_dict({"id": "A", "price": 5.0}), now)
    assert (fired.id, fired.alert, fired.time) == ("A", "A>1", STAMP + 1000)
    assert fired.tick == {"id": "A", "currency": "EUR", "price": 5.0}


@pytest.mark.parametrize("text", ["A>100", "A>=100", "A<100", "A<=100"])
@given(prices=st.lists(st.floats(99, 101).map(lambda price: round(price, 2)), max_size=60))
def test_between_two_alerts_the_price_was_back(text: str, prices: list[float]) -> None:
    watch, side = Watch(text), parse_alert(text).sides[0]
    fired = [at for at, price in enumerate(prices) if watch.count(price) == [1]]
    holding = [at for at, price in enumerate(prices) if side.holds(price)]
    assert all(side.holds(prices[at]) for at in fired)
    assert holding[:1] == fired[:1]
    for one, other in pairwise(fired):
        between = prices[one:other]
        back = next(at for at, price in enumerate(between) if side.is_back(price))
        assert not any(side.holds(price) for price in between[back:])
