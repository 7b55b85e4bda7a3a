"""The backlog of lines: the oldest are lost first and counted, and no more than asked for is kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from mmap import mmap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.ports import Event, Gap
from tickstream.core.tick import Tick
from tickstream.sinks.backlog import Backlog
from tickstream.sinks.lines import json_format
from tickstream.sinks.output import Data

few = settings(max_examples=200, deadline=None, database=None)


def tick(number: int) -> Tick:
    return Tick.from_dict({"id": "A", "price": float(number)})


def backlog(most: int = 8192, count: int | None = None) -> Backlog:
    return Backlog(json_format.lines, most, count=count)


def numbers_in(lines: Data) -> list[int]:
    """The numbers of ticks and of events, which are those of their ends, below 0."""
    said = map(json.loads, bytes(lines).splitlines())
    return [-int(one["end"]) if one.get("type") == "gap" else int(one["price"]) for one in said]


def test_ticks_and_events_wait_as_lines_in_the_order_they_came() -> None:
    waiting = backlog()
    items: Sequence[Tick | Event] = (tick(1), Gap(0, 2), tick(3), tick(4), Gap(0, 5))
    for item in items:
        waiting.put(item)
    lines, ticks = waiting.take()
    assert numbers_in(lines) == [1, -2, 3, 4, -5]
    assert ticks == 3
    assert waiting.take() == (b"", 0)
    assert not waiting


def test_most_of_what_waits_is_no_tick_any_more() -> None:
    made: list[int] = []

    def lines(ticks: Sequence[Tick]) -> bytes:
        made.append(len(ticks))
        return json_format.lines(ticks)

    waiting = Backlog(lines)
    for number in range(5000):
        waiting.put(tick(number))
    assert sum(made) > 4700
    assert min(made) > 100, "they are made together, as one by one costs twice as much"
    assert numbers_in(waiting.take()[0]) == list(range(5000))


def test_events_are_lost_only_where_there_is_no_tick_to_lose() -> None:
    waiting = backlog(most=3)
    for item in (Gap(0, 1), tick(2), tick(3), Gap(0, 4), Gap(0, 5)):
        waiting.put(item)
    assert waiting.lost == 2
    waiting.put(Gap(0, 6))
    assert numbers_in(waiting.take()[0]) == [-4, -5, -6]
    assert waiting.lost == 2


def test_of_a_count_the_first_are_there_and_nothing_after_them() -> None:
    waiting = backlog(count=3)
    for number in range(10):
        waiting.put(tick(number))
    assert (bool(waiting), waiting.complete) == (True, False)
    # An alert of the last one comes after it.
    waiting.put(Gap(0, 11))
    assert numbers_in(waiting.take()[0]) == [0, 1, 2, -11]
    assert waiting.complete
    waiting.put(Gap(0, 12))
    assert waiting.complete
    assert waiting.lost == 0
    assert backlog(count=0).complete


def test_what_is_lost_of_a_count_is_made_up_for() -> None:
    waiting = backlog(most=2, count=4)
    for number in range(10):
        waiting.put(tick(number))
    assert numbers_in(waiting.take()[0]) == [8, 9]
    assert waiting.lost == 8
    for number in range(10, 20):
        waiting.put(tick(number))
    assert numbers_in(waiting.take()[0]) == [10, 11]
    assert waiting.complete


def test_a_line_that_cannot_be_made_is_said_to_whoever_takes_it_and_not_to_the_source() -> None:
    def lines(ticks: Sequence[Tick]) -> bytes:
        raise MemoryError

    waiting = Backlog(lines, most=8)
    for number in range(20):
        waiting.put(tick(number))
    with pytest.raises(MemoryError):
        waiting.take()


def test_it_is_crowded_from_the_half_on() -> None:
    waiting = backlog(most=8)
    for number in range(4):
        assert not waiting.crowded
        waiting.put(tick(number))
    assert waiting.crowded


@pytest.mark.parametrize("most", [1, 2, 7, 8])
def test_of_few_that_may_wait_one_is_lost_at_a_time(most: int) -> None:
    waiting = backlog(most)
    for number in range(most + 3):
        waiting.put(tick(number))
    assert waiting.lost == 3
    assert numbers_in(waiting.take()[0]) == list(range(3, most + 3))


@few
@given(st.lists(st.sampled_from(["tick", "tick", "tick", "gap", "take"]), max_size=120), st.integers(1, 40))
def test_nothing_is_lost_but_what_is_counted_and_the_newest_never(steps: list[str], most: int) -> None:
    waiting, sent, got = backlog(most), 0, list[int]()
    ticks = 0

    def wake() -> None:
        assert not waiting, "woken although it was not empty"
        woken.append(sent)

    woken: list[int] = []
    waiting.wake = wake
    for step in steps:
        before, lost = bool(waiting), waiting.lost
        if step == "take":
            lines, count = waiting.take()
            found = numbers_in(lines)
            assert len(found) <= most
            assert count == len([number for number in found if number > 0])
            assert not found or abs(found[-1]) == sent
            got += found
            continue
        sent += 1
        ticks += step == "tick"
        waiting.put(tick(sent) if step == "tick" else Gap(0, sent))
        assert (sent in woken) == (not before)
        assert waiting.lost - lost <= max(1, most // 8)
    got += numbers_in(waiting.take()[0])
    assert [abs(number) for number in got] == sorted({abs(number) for number in got})
    assert len([number for number in got if number > 0]) + waiting.lost == ticks


@pytest.mark.parametrize(("ticks", "kept"), [(10, bytes), (300, bytes), (8000, mmap)])
def test_many_lines_wait_in_memory_that_is_given_back_when_they_are_written(ticks: int, kept: type) -> None:
    waiting = backlog()
    for number in range(ticks):
        waiting.put(tick(number))
    lines, count = waiting.take()
    assert (type(lines), count) == (kept, ticks)
    assert bytes(lines) == json_format.lines([tick(number) for number in range(ticks)])
    # Nothing else holds it, so that it goes with whoever writes it.
    assert sys.getrefcount(lines) == 2
