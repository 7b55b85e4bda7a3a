"""Streamed symbols, shared: whoever says them, each push is heard once and none goes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.streamer import Recorder
from tests.support.tapes import FastTime
from tickstream.core.ports import Feed, Link, Status
from tickstream.core.tick import Tick
from tickstream.server.cluster.leases import shard_of
from tickstream.server.cluster.messages import Beat
from tickstream.server.cluster.shards import ALONE, Leading, SharedTicks

SHARD = shard_of("AAPL")
OURS = Leading({SHARD: 2}, {}, {}, answering=True)
THEIRS = Leading({}, {SHARD: "other"}, {}, answering=True)


def push(number: int) -> Tick:
    return Tick.from_dict({"id": "AAPL", "price": 100.0 + number, "time": 1_700_000_000_000 + number * 1000})


class There:
    """Ticks that are shared, what our own clients hear of them, and what the source below is asked for."""

    def __init__(self) -> None:
        self.clock, self.heard = FastTime(), Recorder()
        self.sent: list[dict[str, Any]] = []
        self.streamed: frozenset[str] = frozenset()
        self.ticks = SharedTicks(self, self.send, wall=self.clock.monotonic, monotonic=self.clock.monotonic)
        self.ticks.follow(frozenset({"AAPL"}))

    def send(self, shard: int, epoch: int, said: dict[str, Any], to: str) -> None:
        self.sent.append(said)

    def follow(self, symbols: frozenset[str]) -> None:
        self.streamed = symbols

    async def run(self, feed: Feed) -> None:
        await asyncio.Event().wait()

    def upstream(self, *numbers: int) -> None:
        for number in numbers:
            self.ticks.publish(push(number))

    def others(self, *numbers: int) -> None:
        self.ticks.hear(SHARD, [push(number) for number in numbers])

    @property
    def prices(self) -> list[float | None]:
        return [tick.price and tick.price - 100 for tick in self.heard.ticks]


def run(test: Callable[[There], None]) -> None:
    async def main() -> None:
        there = There()
        running = asyncio.create_task(there.ticks.run(there.heard))
        await asyncio.sleep(0)
        test(there)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(main())


@pytest.mark.parametrize("ours_first", [True, False])
def test_where_two_stream_the_same_and_one_takes_over_nothing_comes_twice_and_nothing_goes_back(
    ours_first: bool,
) -> None:
    def test(there: There) -> None:
        before, after = (there.upstream, there.others) if ours_first else (there.others, there.upstream)
        there.ticks.lead(OURS if ours_first else THEIRS)
        before(1, 2, 3)
        there.ticks.hear_beat("other", Beat("other", 1, Link.LIVE))
        there.ticks.lead(THEIRS if ours_first else OURS)
        # Whoever took over has streamed all the while, and is a little behind.
        after(2, 3, 1, 4)
        before(4, 5)
        after(5)
        assert there.prices == [1, 2, 3, 4, 5]

    run(test)


def test_what_another_instance_knew_before_is_no_push_where_pushes_were_faster() -> None:
    def test(there: There) -> None:
        there.ticks.lead(THEIRS)
        there.ticks.hear(SHARD, [push(1)], known=True)
        there.others(2, 3)
        there.clock.now += 60.0
        there.ticks.hear(SHARD, [push(2)], known=True)
        there.ticks.hear(SHARD, [push(3)], known=True)
        assert there.prices == [1, 2, 3]
        there.ticks.hear(SHARD, [push(5)], known=True)
        assert there.prices == [1, 2, 3, 5]

    run(test)


def test_what_we_stream_ourselves_is_not_heard_a_second_time_as_an_echo() -> None:
    def test(there: There) -> None:
        there.ticks.lead(Leading({SHARD: 2}, {}, {"other": frozenset({"AAPL"})}, answering=True))
        there.clock.now += 60.0
        there.upstream(1, 2)
        there.ticks.hear(SHARD, [Tick.from_dict(said) for said in there.sent])
        there.upstream(3)
        assert there.prices == [1, 2, 3]
        assert len(there.sent) == 3

    run(test)


def test_without_redis_one_that_hears_nothing_streams_itself_and_stops_when_it_hears_again() -> None:
    def test(there: There) -> None:
        there.ticks.lead(THEIRS)
        there.others(1)
        there.clock.now += ALONE - 0.1
        there.ticks.look(answering=False)
        assert not there.streamed
        there.clock.now += 0.1
        there.ticks.look(answering=False)
        assert there.streamed == {"AAPL"}
        assert there.ticks.taken_over == 1
        there.ticks.report(Status(Link.LIVE, 0))
        there.upstream(1, 2)
        there.others(2, 3)
        (gap,) = there.heard.gaps
        assert gap.end - gap.start == 5_000
        # It is heard again before it is left to it.
        there.ticks.hear_beat("other", Beat("other", 1, Link.LIVE))
        there.ticks.lead(THEIRS)
        assert not there.streamed
        there.others(2, 3)
        there.upstream(3, 4)
        assert there.prices == [1, 2, 3]

    run(test)


QUIET = next(name for name in ("MSFT", "IBM", "TSLA", "NVDA", "F") if shard_of(name) != SHARD)
"""Of another shard."""


def pause(there: There, seconds: float, *, beats: bool = False) -> None:
    for _ in range(int(seconds * 4)):
        there.clock.now += 0.25
        if beats:
            there.ticks.hear_beat("other", Beat("other", 1, Link.LIVE))
        there.ticks.look(answering=True)


def test_a_pause_of_what_others_stream_is_said_when_it_is_over_whatever_we_stream_ourselves() -> None:
    def test(there: There) -> None:
        there.ticks.follow(frozenset({"AAPL", QUIET}))
        there.ticks.lead(Leading({shard_of(QUIET): 1}, {SHARD: "other"}, {}, answering=True))
        there.ticks.report(Status(Link.LIVE, 0))
        there.ticks.publish(Tick.from_dict({"id": QUIET, "price": 1.0}))
        pause(there, 30, beats=True)
        for _ in range(2):
            # Nothing more is said of the one that is ours: its market is closed.
            pause(there, 4)
            pause(there, 30, beats=True)
        assert [gap.end - gap.start for gap in there.heard.gaps] == [4_250, 4_250]

    run(test)


def test_a_quiet_shard_that_was_taken_over_holds_no_gap_back_for_ever() -> None:
    def test(there: There) -> None:
        there.ticks.lead(THEIRS)
        there.others(1)
        there.ticks.lead(OURS)
        there.ticks.report(Status(Link.LIVE, 0))
        pause(there, 9)
        assert not there.heard.gaps
        pause(there, 60)
        (gap,) = there.heard.gaps
        assert gap.end - gap.start == 10_000

    run(test)


def test_a_third_one_hears_nothing_twice_where_one_takes_over_from_another() -> None:
    def test(there: There) -> None:
        there.ticks.lead(THEIRS)
        there.ticks.hear(SHARD, [push(1), push(2)], epoch=7)
        there.clock.now += 60.0
        # The upstream of the new one begins with what it said last, and we do not know yet that it leads.
        there.ticks.hear(SHARD, [push(2), push(1), push(3)], epoch=8)
        there.clock.now += 60.0
        there.ticks.hear(SHARD, [push(3), push(4)], epoch=8)
        assert there.prices == [1, 2, 3, 3, 4]

    run(test)
