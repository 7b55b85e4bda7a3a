"""Instances whose clocks differ: each has what the others fetched by its own clock."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from tests.support.redis import Redis, needs_redis, redis
from tickstream.core.ports import Feed, Outcome
from tickstream.core.values import Part, Quote
from tickstream.server.cluster.clocks import Clocks
from tickstream.server.cluster.cluster import Cluster, Terms
from tickstream.server.cluster.connect import open_redis
from tickstream.server.log import Log

HOUR = 3600.0


def test_clocks_that_agree_but_for_what_an_answer_takes_are_the_same() -> None:
    clocks = Clocks(lambda: 1000.0)
    outcome = Outcome({"quote:A": Part("value", 990.0, 1900.0)})
    clocks.told(1001.5, 0.5)
    assert clocks.theirs(outcome) is outcome
    clocks.told(400.0, 1.0)
    assert clocks.ahead == -599.5
    assert clocks.theirs(outcome).parts == {"quote:A": Part("value", 390.5, 1300.5)}
    assert clocks.ours(clocks.theirs(outcome)) == outcome
    clocks.told(1000.0, 0.0)
    assert clocks.theirs(outcome) is outcome


class Silent:
    """A source that says nothing."""

    def follow(self, symbols: frozenset[str]) -> None:
        """Whatever is wished for, nothing is said."""

    async def run(self, feed: Feed) -> None:
        await asyncio.Event().wait()


class Instance:
    """One of a cluster, whose clock is `ahead`, and what it accepts of others."""

    def __init__(self, server: Redis, ahead: float) -> None:
        def failed(error: Exception) -> None:
            raise error

        self._ahead = ahead
        self.accepted: list[Part] = []
        client, _ = open_redis(f"redis://127.0.0.1:{server.port}/0")
        terms = Terms(prefix="{t}", interval=1.0, rate=60)
        log = Log(lambda line: None)
        self.cluster = Cluster(
            client, terms, Silent(), lambda: 0, log, failed=failed, clocks=Clocks(self.wall)
        )
        self.cluster.wish = lambda: frozenset({"quote:AAPL"})
        self.cluster.accept = lambda outcome: self.accepted.extend(outcome.parts.values())

    def wall(self) -> float:
        return time.time() + self._ahead

    def tell(self) -> None:
        now = self.wall()
        self.cluster.tell(Outcome({"quote:AAPL": Part(Quote(symbol="AAPL", price=1.0), now, now + 900.0)}))


@needs_redis
@pytest.mark.parametrize(("leader", "follower"), [(HOUR, 0.0), (0.0, HOUR), (-HOUR, 86_400.0)])
def test_what_another_fetched_just_now_was_fetched_just_now_by_our_own_clock(
    leader: float, follower: float
) -> None:
    async def main(server: Redis) -> None:
        one, other = Instance(server, leader), Instance(server, follower)
        async with asyncio.timeout(20.0), AsyncExitStack() as stack:
            await stack.enter_async_context(one.cluster.running())
            while not one.cluster.numbers()["leases"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            one.tell()
            # It is kept for who comes late, and said to who is there.
            await stack.enter_async_context(other.cluster.running())
            for count in (1, 2):
                while len(other.accepted) < count:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                one.tell()
            for part in other.accepted:
                assert abs(part.fetched - other.wall()) < 60.0
                assert part.until - part.fetched == pytest.approx(900.0)

    with redis() as server:
        asyncio.run(main(server))
