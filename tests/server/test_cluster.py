"""Instances that share a real Redis: one fetches for all, and all go on when it, or Redis, is gone."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from tests.support.cluster import Instance, Instances, instances
from tests.support.redis import Redis, needs_redis, redis
from tests.support.server import receive

pytestmark = needs_redis

Test = Callable[[Instances], Awaitable[None]]


def run(test: Test, count: int = 3, **options: Any) -> None:
    async def main(server: Redis) -> None:
        async with instances(server, count, **options) as there:
            await test(there)

    with redis() as server:
        asyncio.run(main(server))


class Followed:
    """A client of a view, and when each of its documents came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.documents: list[tuple[float, Any]] = []

    async def read(self) -> None:
        while True:
            self.documents.append((time.monotonic(), json.loads(await self.socket.recv())))

    @property
    def pauses(self) -> list[float]:
        times = [at for at, _ in self.documents]
        return [after - before for before, after in itertools.pairwise(times)]


@asynccontextmanager
async def following(instance: Instance, path: str, message: str = "") -> AsyncIterator[Followed]:
    async with instance.connect(path) as socket:
        if message:
            await socket.send(message)
        followed = Followed(socket)
        task = asyncio.create_task(followed.read())
        try:
            yield followed
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def streaming(instance: Instance, *symbols: str, every: int = 0) -> AsyncIterator[Followed]:
    async with following(
        instance, f"/stream?format=json&every={every}", json.dumps({"subscribe": symbols})
    ) as followed:
        yield followed


def test_a_part_is_fetched_once_an_interval_whichever_instance_its_clients_are_at() -> None:
    async def test(there: Instances) -> None:
        a, b, c = there.all
        async with (
            following(a, "/quotes", "AAPL,MSFT") as one,
            following(b, "/quotes", "MSFT,NVDA") as two,
            following(c, "/market") as three,
            following(c, "/profile/AAPL") as four,
        ):
            followed = (one, two, three, four)
            await there.until(lambda: all(len(client.documents) >= 2 for client in followed))
            began = time.monotonic()
            counts = [len(client.documents) for client in followed]
            await there.until(
                lambda: all(
                    len(client.documents) >= count + 6 for client, count in zip(followed, counts, strict=True)
                )
            )
            rounds = (time.monotonic() - began) / 1.0
            fetched = there.since(began)
            assert {"quote:AAPL", "quote:MSFT", "quote:NVDA", "quote:^GSPC"} <= fetched.keys()
            assert max(fetched.values()) <= rounds + 1
            # What is fetched each minute or less was fetched once, by one of them.
            assert all(count == 1 for key, count in there.since(0).items() if not key.startswith("quote:"))
            quotes = {number for _, number, key in there.fetched if key.startswith("quote:")}
            assert len(quotes) == 1
            # What others fetched is as fresh as what one fetched oneself.
            row = two.documents[-1][1][0]
            assert row["price"] is not None
            assert three.documents[-1][1]["gainers"]
            assert four.documents[-1][1]["news"]

    run(test)


def test_a_client_has_its_own_order_and_unknown_symbols_are_left_out_on_every_instance() -> None:
    async def test(there: Instances) -> None:
        for instance, order in zip(
            there.all, ("AAPL,NOSUCH1,MSFT", "MSFT,AAPL,NOSUCH1", "NOSUCH1,AAPL"), strict=True
        ):
            async with instance.connect("/quotes") as socket:
                await socket.send(order)
                rows = await receive(socket)
                assert [row["symbol"] for row in rows] == [n for n in order.split(",") if n != "NOSUCH1"]
        assert there.since(0)["quote:NOSUCH1"] <= 3

    run(test)


def test_a_late_comer_is_given_what_others_have_and_asks_upstream_for_nothing() -> None:
    async def test(there: Instances) -> None:
        a, b, _ = there.all
        async with following(a, "/profile/AAPL") as first:
            await there.until(lambda: bool(first.documents) and bool(first.documents[-1][1]["news"]))
            before = time.monotonic()
            async with b.connect("/profile/AAPL") as socket:
                document = await receive(socket)
            assert document["news"]
            assert document["quote"]["sector"] == "Technology"
            fresh = there.since(before)
            assert not [key for key in fresh if not key.startswith("quote:")]

    run(test, interval=5.0)


def test_ticks_reach_clients_of_every_instance_over_one_stream() -> None:
    async def test(there: Instances) -> None:
        a, b, c = there.all
        async with (
            streaming(a, "AAPL") as one,
            streaming(b, "AAPL", "MSFT") as two,
            streaming(c, "MSFT") as three,
        ):
            await there.until(lambda: min(len(x.documents) for x in (one, two, three)) >= 4)
            assert there.streams("AAPL") == 1
            assert there.streams("MSFT") == 1
            assert {tick["id"] for _, tick in two.documents} == {"AAPL", "MSFT"}
            ours = [tick for _, tick in one.documents]
            theirs = [tick for _, tick in two.documents if tick["id"] == "AAPL"]
            shared = [tick for tick in ours if tick in theirs]
            assert len(shared) >= 3
            assert all("SIMULATED" in instance.server.ready[1] for instance in there.all)

    run(test)


def test_who_subscribes_late_on_another_instance_has_the_row_at_once() -> None:
    async def test(there: Instances) -> None:
        a, b, _ = there.all
        async with streaming(a, "AAPL") as first:
            await there.until(lambda: len(first.documents) >= 2)
            there.simulator.faults.set("mute@0")
            said = len(first.documents)
            async with streaming(b, "AAPL") as late:
                await there.until(lambda: bool(late.documents))
                assert late.documents[0][1]["price"] == first.documents[-1][1]["price"]
            # A row for one who came late is no push for those who were there.
            assert len(first.documents) == said

    run(test)


def test_an_instance_that_ends_hands_over_at_once() -> None:
    async def test(there: Instances) -> None:
        a, b = there.all
        async with following(a, "/quotes", "AAPL") as first:
            await there.until(lambda: bool(first.documents))
            async with following(b, "/quotes", "AAPL") as second, streaming(b, "AAPL") as ticks:
                await there.until(lambda: min(len(second.documents), len(ticks.documents)) >= 2)
                assert a.leases > b.leases
                ended = time.monotonic()
                await a.end()
                await there.until(lambda: b.leases >= 3)
                await there.until(lambda: there.by(1, ended) > 0 and ticks.documents[-1][0] > ended + 1)
                assert max(second.pauses) < 2.5
                assert max(ticks.pauses) < 5.0
                assert there.streams("AAPL") == 1

    run(test, 2)


@pytest.mark.parametrize("how", ["stopped", "a black hole", "slow", "cut off"])
def test_without_redis_views_miss_nothing_and_ticks_pause_for_eight_seconds_at_most(how: str) -> None:
    async def test(there: Instances) -> None:
        a, b, _ = there.all
        async with (
            streaming(a, "AAPL") as leader,
            streaming(b, "AAPL") as follower,
            following(a, "/quotes", "AAPL,MSFT") as one,
            following(b, "/quotes", "AAPL,MSFT") as two,
        ):
            everybody = (leader, follower, one, two)
            await there.until(lambda: min(len(x.documents) for x in everybody) >= 4)
            disturb(there, how)
            gone = time.monotonic()
            await there.until(lambda: all(instance.state == "away" for instance in there.all))
            await there.until(lambda: there.by(0, gone + 8) > 0 and there.by(1, gone + 8) > 0)
            await there.until(lambda: follower.documents[-1][0] > gone + 6)
            heal(there)
            back = time.monotonic()
            await there.until(lambda: all(instance.state == "shared" for instance in there.all))
            assert time.monotonic() - back < 5.0
            await there.until(lambda: time.monotonic() > back + 6.0)
            later = time.monotonic()
            await there.until(lambda: time.monotonic() > later + 4.0)
            # Shared again: one fetch for all, and one stream.
            assert max(there.since(later).values()) <= 5
            assert there.streams("AAPL") == 1
            # Views missed nothing, the leader's ticks neither, and the follower's were back in time.
            assert max(one.pauses) < 2.5
            assert max(two.pauses) < 2.5
            assert max(leader.pauses) < 3.0
            assert max(follower.pauses) < 9.5
            rows = [row for at, document in two.documents for row in document if at > gone]
            assert all(row["price"] is not None for row in rows)
            # Each push once, in its order.
            for client in (leader, follower):
                times = [tick["time"] for _, tick in client.documents]
                assert times == sorted(times)
                assert len({json.dumps(tick) for _, tick in client.documents}) == len(client.documents)
            for instance in there.all:
                states = [line.split()[0] for line in instance.redis_lines()]
                assert states == ["state=shared", "state=away", "state=shared"]

    run(test)


def disturb(there: Instances, how: str) -> None:
    match how:
        case "stopped":
            there.redis.stop()
        case "a black hole":
            for instance in there.all:
                instance.proxy.holds = True
        case "slow":
            for instance in there.all:
                instance.proxy.delay = 2.5
        case _:
            there.redis.stop()
            for instance in there.all:
                instance.proxy.reset()


def heal(there: Instances) -> None:
    for instance in there.all:
        instance.proxy.holds, instance.proxy.delay = False, 0.0
    if there.redis.stopped:
        there.redis.start()
