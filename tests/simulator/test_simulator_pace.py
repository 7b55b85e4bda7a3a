"""When what ticks: naturally, or at a rate."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

from tickstream.simulator.pace import Evenly, Naturally

NOW = 1_790_000_000.0


class Seen:
    """What was pushed, and when; what is not in `traded` is not traded."""

    def __init__(self, *traded: str) -> None:
        self.now = NOW
        self.traded = traded
        self.ticks: list[tuple[float, str]] = []

    def push(self, symbol: str) -> bool:
        if self.traded and symbol not in self.traded:
            return False
        self.ticks.append((self.now, symbol))
        return True


def ticks(
    pace: Naturally | Evenly, seconds: float, *traded: str, step: float = 0.05
) -> list[tuple[float, str]]:
    seen = Seen(*traded)
    for number in range(round(seconds / step) + 1):
        seen.now = NOW + number * step
        pace.advance(seen.now, seen.push)
    return seen.ticks


def test_a_lively_symbol_ticks_about_once_a_second_and_never_more_often() -> None:
    pace = Naturally(Random(1))
    pace.follow("AAPL", 1.0, NOW)
    times = [now for now, _ in ticks(pace, 60)]
    assert 50 <= len(times) <= 60
    assert min(b - a for a, b in pairwise(times)) >= 0.999


def test_a_quiet_symbol_ticks_less_often_and_one_that_never_ticks_not_at_all() -> None:
    pace = Naturally(Random(1))
    pace.follow("QUIET", 20.0, NOW)
    pace.follow("FUND", 0.0, NOW)
    counts = Counter(symbol for _, symbol in ticks(pace, 1000))
    assert counts.keys() == {"QUIET"}
    assert 30 <= counts["QUIET"] <= 75


def test_what_is_unfollowed_stops_and_has_one_plan_when_it_is_taken_up_again() -> None:
    pace = Naturally(Random(1))
    pace.follow("AAPL", 1.0, NOW)
    pace.unfollow("AAPL")
    assert ticks(pace, 5) == []
    pace.follow("AAPL", 1.0, NOW)
    pace.unfollow("AAPL")
    pace.follow("AAPL", 1.0, NOW)
    pace.follow("AAPL", 1.0, NOW)
    assert len(ticks(pace, 60)) <= 60


def test_waiting_ends_when_the_next_is_due_and_soon_in_any_case() -> None:
    pace = Naturally(Random(1))
    assert pace.wait(NOW) == 0.25
    pace.follow("AAPL", 1.0, NOW)
    assert pace.wait(NOW) == 0.25
    assert 0.02 <= pace.wait(NOW + 0.95) <= 0.16
    assert Evenly(5000).wait(NOW) == 0.02
    assert Evenly(0.1).wait(NOW) == 0.25


def test_a_rate_is_shared_evenly() -> None:
    pace = Evenly(100)
    for symbol in ("A", "B", "C", "D"):
        pace.follow(symbol, 3.0, NOW)
    counts = Counter(symbol for _, symbol in ticks(pace, 10))
    assert sum(counts.values()) in range(998, 1002)
    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_low_rate_is_kept_too() -> None:
    pace = Evenly(0.5)
    pace.follow("A", 3.0, NOW)
    assert len(ticks(pace, 60)) in (29, 30)


def test_what_is_not_traded_leaves_its_turn_to_the_others() -> None:
    pace = Evenly(10)
    for symbol in ("A", "CLOSED", "FUND"):
        pace.follow(symbol, 0.0 if symbol == "FUND" else 3.0, NOW)
    assert len(ticks(pace, 3, "A")) in (29, 30)
    pace.unfollow("A")
    assert ticks(pace, 3, "A") == []


def test_a_long_pause_is_not_made_up_for() -> None:
    pace = Evenly(1000)
    pace.follow("A", 3.0, NOW)
    assert len(ticks(pace, 3600, step=3600)) == 500
