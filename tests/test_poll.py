"""Parts are fetched on time, one fetch at a time, and the last good one is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from tickstream.core.ports import Fetched
from tickstream.core.values import KEEP, Found, Parts, value_of
from tickstream.errors import RateLimited, SourceError
from tickstream.poll import LONGEST, Poll


@dataclass
class Fake:
    """A source whose fetches end when and as a test says. Keys that begin with `slow` wait to be let go."""

    limits: dict[str, float] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    trouble: SourceError | None = None
    let: asyncio.Event = field(default_factory=asyncio.Event)
    value: int = 0
    mark: str = ""
    shortage: str = ""
    requests: int = 0

    def limit(self, key: str) -> float:
        return self.limits.get(key, 1.0)

    def bound(self, spend: Callable[[int], int]) -> None:
        pass

    def batches(self, keys: Iterable[str]) -> list[tuple[str, ...]]:
        return [(key,) for key in keys]

    async def fetch(self, keys: Sequence[str]) -> Fetched:
        self.asked.append(tuple(keys))
        if keys[0].startswith("slow"):
            await self.let.wait()
        if keys[0] in self.failing:
            raise self.failing[keys[0]]
        self.value += 1
        left = self.left.intersection(keys)
        values = {key: self.value for key in keys if key not in self.gone | left}
        return Fetched(values, frozenset(self.gone.intersection(keys)), frozenset(left), self.trouble)

    async def search(self, text: str) -> list[Found]:
        return []

    async def close(self) -> None:
        pass


class Clock:
    """Both clocks, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept = 0.0

    def wall(self) -> float:
        return self.now + self.slept

    def monotonic(self) -> float:
        return self.now


@asynccontextmanager
async def polling(
    source: Fake, clock: Clock, *keys: str, wish: Callable[[Parts, float], Iterable[str]] | None = None
) -> AsyncIterator[Poll]:
    poll = Poll(source, wish or (lambda parts, now: keys), wall=clock.wall, monotonic=clock.monotonic)
    try:
        yield poll
    finally:
        await poll.close()


async def settle(poll: Poll) -> None:
    """Fetch what is due, and let it come."""
    poll.fetch_due()
    while not poll.settled:
        await poll.changed()


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(main())


def test_a_part_is_fetched_no_more_often_than_its_limit_says() -> None:
    async def test() -> None:
        source, clock = Fake({"a": 60.0, "b": 5.0}), Clock()
        async with polling(source, clock, "a", "b") as poll:
            for _ in range(24):
                await settle(poll)
                clock.now += 5
        assert source.asked.count(("a",)) == 2
        assert source.asked.count(("b",)) == 24

    run(test)


def test_a_fetch_that_takes_long_is_not_started_again() -> None:
    async def test() -> None:
        source, clock = Fake(), Clock()
        async with polling(source, clock, "slow") as poll:
            for _ in range(5):
                poll.fetch_due()
                await asyncio.sleep(0)
                clock.now += 5
            assert source.asked == [("slow",)]
            source.let.set()
            await settle(poll)
            assert poll.parts["slow"].value == 1

    run(test)


def test_a_part_that_fails_keeps_its_last_value_for_a_quarter_of_an_hour_and_costs_no_other() -> None:
    async def test() -> None:
        source, clock = Fake(), Clock()
        async with polling(source, clock, "a", "b") as poll:
            await settle(poll)
            source.failing["a"] = SourceError("out of order")
            clock.now += 300
            await settle(poll)
            assert poll.trouble == "out of order"
            assert value_of(int, poll.parts, "a", clock.wall()) == 1
            assert poll.parts["b"].value == 3
            clock.now += KEEP
            assert value_of(int, poll.parts, "a", clock.wall()) is None

    run(test)


def test_a_part_that_is_fetched_each_hour_stays_a_quarter_of_an_hour_beyond_that() -> None:
    async def test() -> None:
        source, clock = Fake({"a": 3600.0}), Clock()
        async with polling(source, clock, "a") as poll:
            await settle(poll)
            part = poll.parts["a"]
            assert part.until == part.fetched + 3600 + KEEP

    run(test)


def test_what_fails_is_tried_again_later_and_later_and_at_once_when_it_works() -> None:
    async def test() -> None:
        source, clock = Fake(), Clock()
        source.failing["a"] = SourceError("no network")
        times = []
        async with polling(source, clock, "a") as poll:
            for _ in range(120):
                before = len(source.asked)
                await settle(poll)
                if len(source.asked) > before:
                    times.append(clock.now)
                clock.now += 1
            pauses = [later - sooner for sooner, later in pairwise(times)]
            assert pauses[:4] == [5, 10, 20, LONGEST]
            assert max(pauses) == LONGEST
            source.failing.clear()
            clock.now += LONGEST
            await settle(poll)
            assert poll.trouble == ""
            assert poll.failing == {}

    run(test)


def test_a_rate_limit_is_waited_out_to_the_second_it_ends() -> None:
    async def test() -> None:
        source, clock = Fake(), Clock()
        source.failing["a"] = RateLimited(clock.wall() + 600)
        async with polling(source, clock, "a") as poll:
            await settle(poll)
            clock.now += 599
            await settle(poll)
            assert len(source.asked) == 1
            assert poll.trouble.startswith("rate limited until")
            clock.now += 1
            await settle(poll)
            assert len(source.asked) == 2

    run(test)


def test_what_is_not_known_is_told_from_what_failed_and_may_come_to_be() -> None:
    async def test() -> None:
        source, clock = Fake(gone={"a"}), Clock()
        async with polling(source, clock, "a", "b") as poll:
            await settle(poll)
            assert poll.unknown == {"a"}
            assert poll.failing == {}
            assert "a" not in poll.parts
            source.gone.clear()
            clock.now += 5
            await settle(poll)
            assert poll.unknown == set()
            assert "a" in poll.parts

    run(test)


def test_what_becomes_unknown_is_asked_for_no_more_often_than_before() -> None:
    async def test() -> None:
        source, clock = Fake({"a": 60.0}), Clock()
        async with polling(source, clock, "a") as poll:
            await settle(poll)
            source.gone.add("a")
            for _ in range(36):
                clock.now += 5
                await settle(poll)
            assert poll.unknown == {"a"}
            assert len(source.asked) == 4

    run(test)


def test_after_a_night_asleep_everything_is_due() -> None:
    async def test() -> None:
        source, clock = Fake({"a": 600.0}), Clock()
        async with polling(source, clock, "a") as poll:
            await settle(poll)
            # A laptop that sleeps stops its monotonic clock.
            clock.slept += 8 * 3600
            await settle(poll)
            assert len(source.asked) == 2

    run(test)


def test_what_was_not_wanted_in_the_last_round_is_new_again_when_it_is_due() -> None:
    async def test() -> None:
        source, clock, wanted = Fake({"c": 60.0}), Clock(), {"a", "b", "c"}
        async with polling(source, clock, wish=lambda parts, now: sorted(wanted)) as poll:
            await settle(poll)
            clock.now += 5.0
            # It waits for its round, however late that is.
            poll.fetch_new()
            assert not poll.waits_for(wanted)
            assert len(source.asked) == 3
            wanted.clear()
            await settle(poll)
            wanted |= {"a", "c"}
            assert poll.waits_for({"a"})
            assert not poll.waits_for({"c"})
            poll.fetch_new()
            assert poll.waits_for({"a"})
            while poll.waits_for({"a"}):
                await poll.changed()
            assert source.asked[3:] == [("a",)]
            # From then on it waits for its round again.
            clock.now += 2.0
            poll.fetch_new()
            assert not poll.waits_for({"a", "c"})
            assert len(source.asked) == 4

    run(test)


def test_what_failed_when_it_was_wanted_last_is_new_again_too() -> None:
    async def test() -> None:
        source, clock, wanted = Fake(failing={"a": SourceError("no")}), Clock(), {"a"}
        async with polling(source, clock, wish=lambda parts, now: sorted(wanted)) as poll:
            await settle(poll)
            assert not poll.waits_for({"a"})
            wanted.clear()
            clock.now += 600.0
            await settle(poll)
            source.failing.clear()
            wanted.add("a")
            poll.fetch_new()
            while poll.waits_for({"a"}):
                await poll.changed()
            assert poll.parts["a"].value == 1
            assert not poll.failing

    run(test)


def test_what_others_fetch_is_waited_for_until_the_next_round_at_most() -> None:
    async def test() -> None:
        source, clock, wanted = Fake(), Clock(), {"a"}
        async with polling(source, clock, wish=lambda parts, now: sorted(wanted)) as poll:
            await settle(poll)
            wanted.clear()
            clock.now += 60.0
            await settle(poll)
            wanted.add("a")
            poll._fetches = lambda key: False
            poll.fetch_new()
            assert poll.waits_for({"a"})
            poll.fetch_due()
            assert not poll.waits_for({"a"})

    run(test)


def test_what_turns_out_to_be_wanted_is_fetched_in_the_same_round() -> None:
    async def test() -> None:
        source, clock = Fake(), Clock()

        def wish(parts: Parts, now: float) -> list[str]:
            return ["a", "b"] if "a" in parts else ["a"]

        async with polling(source, clock, wish=wish) as poll, aclosing(poll.rounds(5.0)) as rounds:
            await anext(rounds)
            assert poll.parts.keys() == {"a", "b"}

    run(test)


def test_the_first_round_goes_without_what_takes_too_long() -> None:
    async def test() -> None:
        source = Fake()
        poll = Poll(source, lambda parts, now: ("slow", "b"))
        async with aclosing(poll.rounds(5.0, patience=0.05)) as rounds:
            await anext(rounds)
            assert poll.parts.keys() == {"b"}
            assert not poll.settled
        await poll.close()

    run(test)


def test_rounds_stay_on_time_however_long_each_takes_and_missed_ones_are_not_made_up_for() -> None:
    async def test() -> None:
        clock, starts = Clock(), []

        async def sleep(seconds: float) -> None:
            clock.now += seconds

        wish = ("a",)
        poll = Poll(Fake(), lambda parts, now: wish, wall=clock.wall, monotonic=clock.monotonic, sleep=sleep)
        async with aclosing(poll.rounds(5.0)) as rounds:
            for took in (0.5, 4.5, 0.0, 12.0, 1.0, 0.0):
                await anext(rounds)
                starts.append(clock.now - 1_000_000)
                clock.now += took
        await poll.close()
        assert starts == [0, 5, 10, 15, 30, 35]

    run(test)


def test_a_round_that_is_to_be_the_only_one_ends() -> None:
    async def test() -> None:
        poll = Poll(Fake(), lambda parts, now: ("a",))
        assert [None async for _ in poll.rounds(5.0, once=True)] == [None]
        await poll.close()

    run(test)


def test_closing_stops_what_is_on_its_way() -> None:
    async def test() -> None:
        source, clock = Fake(), Clock()
        async with polling(source, clock, "slow") as poll:
            poll.fetch_due()
            await asyncio.sleep(0)
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    run(test)


def test_a_bug_in_a_fetch_is_seen() -> None:
    async def test() -> None:
        source = Fake(failing={"a": ZeroDivisionError("bug")})
        poll = Poll(source, lambda parts, now: ("a",))
        async with aclosing(poll.rounds(5.0)) as rounds:
            with pytest.raises(ZeroDivisionError):
                await anext(rounds)
        await poll.close()

    run(test)


def test_what_a_source_is_short_of_is_said_when_nothing_fails() -> None:
    async def test() -> None:
        source, clock = Fake(shortage="quotes each minute"), Clock()
        async with polling(source, clock, "a") as poll:
            await settle(poll)
            assert poll.trouble == "quotes each minute"

    run(test)


def test_what_a_fetch_leaves_for_another_time_has_not_failed_and_is_fetched_when_it_can_be() -> None:
    async def test() -> None:
        source, clock = Fake(left={"a"}), Clock()
        async with polling(source, clock, "a") as poll:
            poll.fetch_due()
            while poll._flying:
                await poll.changed()
            assert (poll.failing, poll.settled) == ({}, False)
            source.left.clear()
            poll.fetch_put_off()
            while not poll.parts:
                await poll.changed()
            assert poll.parts["a"].value == 2

    run(test)
