"""Ticks that Redis did not take for a while: that they are missing is said when it can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import pytest
from redis.exceptions import NoPermissionError

from tests.support.streamer import Recorder
from tickstream.core.ports import Feed
from tickstream.core.tick import Tick
from tickstream.server.cluster.leases import SHARDS, shard_of
from tickstream.server.cluster.line import Line, Post
from tickstream.server.cluster.messages import Beat
from tickstream.server.cluster.shards import Leading, SharedTicks


class Pipe:
    """Commands that are done, or fail, together."""

    def __init__(self, redis: FakeRedis) -> None:
        self._redis, self._payloads, self._channels = redis, list[bytes](), list[str]()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    def publish(self, channel: str, payload: bytes) -> None:
        self._payloads.append(payload)
        self._channels.append(channel)

    async def execute(self, *, raise_on_error: bool) -> list[object]:
        assert not raise_on_error
        if self._redis.fails:
            self._redis.failed.set()
            raise TimeoutError
        self._redis.published.extend(self._payloads)
        self._redis.took.set()
        return [
            NoPermissionError("no") if self._redis.bars and ":ticks:" in channel else 1
            for channel in self._channels
        ]


class FakeRedis:
    """As much of Redis as publishing needs; it fails while `fails`."""

    def __init__(self) -> None:
        self.fails, self.bars = True, False
        """Whether it fails; whether it takes no ticks."""
        self.published: list[bytes] = []
        self.failed, self.took = asyncio.Event(), asyncio.Event()

    def register_script(self, script: str) -> None: ...

    def pipeline(self, transaction: bool) -> Pipe:
        return Pipe(self)


class Ear:
    """A subscription on which messages come, each when a clock says this; None is the end of it."""

    def __init__(self, clock: list[float], messages: list[tuple[float, bytes | None]]) -> None:
        self._clock, self._messages = clock, messages

    async def subscribe(self, *channels: object) -> None: ...

    async def get_message(self, timeout: float) -> dict[str, Any]:
        if not self._messages:
            await asyncio.Event().wait()
        self._clock[0], data = self._messages.pop(0)
        if data is None:
            raise RuntimeError("the handler is closed")
        return {"channel": b"prefix:ticks:0", "data": data}


class Silent:
    """A source that says nothing."""

    def follow(self, symbols: frozenset[str]) -> None: ...

    async def run(self, feed: Feed) -> None:
        await asyncio.Event().wait()


def line_to(redis: Any, clock: list[float], hear: Callable[[int | None, bytes], None] | None = None) -> Line:
    nothing: Any = hear
    return Line(
        redis,
        "prefix",
        "i",
        (1, 1),
        question=nothing,
        answered=nothing,
        hear=nothing,
        beat=lambda number: Beat("i", number),
        monotonic=lambda: clock[0],
        uniform=lambda low, high: 0.0,
    )


@pytest.mark.parametrize(("away", "said"), [(2.0, [2.0]), (60.0, [])], ids=["a moment", "long"])
def test_ticks_that_could_not_be_published_are_said_unless_everybody_knows(
    away: float, said: list[float]
) -> None:
    async def run() -> None:
        redis, clock, missed = FakeRedis(), [100.0], list[float]()
        line = line_to(redis, clock)
        line.missed = missed.append
        publish = asyncio.create_task(line.works[1]())
        line.post_tick(0, 1, {"id": "AAPL", "price": 1.0})
        line.post(Post(b"beat"))
        line.post(Post(b"gap", again=True))
        await redis.failed.wait()
        clock[0] += away
        redis.fails = False
        line.post(Post(b"later"))
        await redis.took.wait()
        assert redis.published == [b"gap", b"later"]
        line.post(Post(b"more"))
        redis.took.clear()
        await redis.took.wait()
        assert missed == said
        publish.cancel()
        await asyncio.gather(publish, return_exceptions=True)

    asyncio.run(run())


def test_more_ticks_than_may_wait_are_said_too() -> None:
    async def run() -> None:
        redis, missed = FakeRedis(), list[float]()
        redis.fails = False
        line = line_to(redis, [100.0])
        line.missed = missed.append
        for _ in range(10_001):
            line.post_tick(0, 1, {"id": "AAPL", "price": 1.0})
        publish = asyncio.create_task(line.works[1]())
        await redis.took.wait()
        line.post(Post(b"more"))
        redis.took.clear()
        await redis.took.wait()
        assert (line.lost, missed) == (1, [0.0])
        publish.cancel()
        await asyncio.gather(publish, return_exceptions=True)

    asyncio.run(run())


def test_a_subscription_that_was_lost_is_a_gap_before_the_first_message_of_the_next() -> None:
    async def run() -> None:
        clock, heard, all_of_it = [100.0], list[object](), asyncio.Event()
        ears = Ear(
            clock, [(100.0, b"one"), (100.5, b"two"), (101.0, None), (102.0, b"three"), (102.1, b"end")]
        )

        class Redis(FakeRedis):
            @asynccontextmanager
            async def pubsub(self, **options: object) -> Any:
                yield ears

        def hear(shard: int | None, data: bytes) -> None:
            if data == b"end":
                all_of_it.set()
            else:
                heard.append(data)

        line = line_to(Redis(), clock, hear)
        line.deaf = heard.append
        line.echo()
        listen = asyncio.create_task(line.works[2]())
        await all_of_it.wait()
        assert heard == [b"one", b"two", 1.5, b"three"]
        listen.cancel()
        await asyncio.gather(listen, return_exceptions=True)

    asyncio.run(run())


@pytest.mark.parametrize("mine", [False, True], ids=["of another", "our own"])
def test_who_relies_on_another_is_told_what_did_not_reach_it(mine: bool) -> None:
    async def run() -> None:
        feed = Recorder()
        ticks = SharedTicks(Silent(), lambda *message: None, wall=lambda: 1000.0, monotonic=lambda: 5.0)
        running = asyncio.create_task(ticks.run(feed))
        await asyncio.sleep(0)
        ticks.follow(frozenset({"AAPL"}))
        every = dict.fromkeys(range(SHARDS), 1) if mine else {}
        ticks.lead(Leading(every, {}, {}, answering=True))
        ticks.deaf(1.5)
        assert [(gap.start, gap.end) for gap in feed.gaps] == ([] if mine else [(998_500, 1_000_000)])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


def test_who_takes_a_shard_over_says_what_was_missed_until_its_own_first_tick() -> None:
    async def run() -> None:
        feed, clock, shard = Recorder(), [50.0], shard_of("AAPL")
        ticks = SharedTicks(
            Silent(), lambda *message: None, wall=lambda: 950.0 + clock[0], monotonic=lambda: clock[0]
        )
        running = asyncio.create_task(ticks.run(feed))
        await asyncio.sleep(0)
        ticks.follow(frozenset({"AAPL"}))
        ticks.lead(Leading({}, {shard: "another"}, {}, answering=True))
        ticks.hear(shard, [Tick.from_dict({"id": "AAPL", "price": 1.0})])
        clock[0] += 1.0
        ticks.lead(Leading({shard: 2}, {}, {}, answering=True))
        clock[0] += 1.0
        ticks.publish(Tick.from_dict({"id": "AAPL", "price": 2.0}))
        assert [(gap.start, gap.end) for gap in feed.gaps] == [(1_000_000, 1_002_000)]
        assert len(feed.ticks) == 2
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


def test_where_redis_takes_no_ticks_at_all_what_else_it_takes_does_not_end_that() -> None:
    async def run() -> None:
        redis, clock, missed = FakeRedis(), [100.0], list[float]()
        redis.fails, redis.bars = False, True
        line = line_to(redis, clock)
        line.missed = missed.append
        publish = asyncio.create_task(line.works[1]())

        async def post(*, tick: bool) -> None:
            redis.took.clear()
            if tick:
                line.post_tick(0, 1, {"id": "AAPL", "price": 1.0})
            else:
                line.post(Post(b"beat"))
            await redis.took.wait()
            clock[0] += 1.0

        for tick in (True, False, True, False):
            await post(tick=tick)
        assert missed == []
        redis.bars = False
        await post(tick=True)
        await post(tick=False)
        assert len(missed) == 1
        publish.cancel()
        await asyncio.gather(publish, return_exceptions=True)

    asyncio.run(run())
