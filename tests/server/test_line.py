"""The line to Redis: what could not be published is said when it can be again."""

from __future__ import annotations

import asyncio
from typing import Any, Self

import pytest

from tickstream.server.cluster.line import Line, Post
from tickstream.server.cluster.messages import Beat


class Pipe:
    """Commands that are done, or fail, together."""

    def __init__(self, redis: FakeRedis) -> None:
        self._redis, self._payloads = redis, list[bytes]()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    def publish(self, channel: str, payload: bytes) -> None:
        self._payloads.append(payload)

    async def execute(self) -> None:
        if self._redis.fails:
            self._redis.failed.set()
            raise TimeoutError
        self._redis.published.extend(self._payloads)
        self._redis.took.set()


class FakeRedis:
    """As much of Redis as publishing needs; it fails while `fails`."""

    def __init__(self) -> None:
        self.fails = True
        self.published: list[bytes] = []
        self.failed, self.took = asyncio.Event(), asyncio.Event()

    def register_script(self, script: str) -> None: ...

    def pipeline(self, transaction: bool) -> Pipe:
        return Pipe(self)


def line_to(redis: Any, clock: list[float]) -> Line:
    nothing: Any = None
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
