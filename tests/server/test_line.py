"""The line to Redis: what waits for it is bounded, answers are never mixed up, and trouble is named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from redis.asyncio import Redis as Client

from tests.support.redis import Redis, needs_redis, proxied, redis
from tickstream.core.ports import Feed
from tickstream.server.cluster.cluster import Cluster, Terms
from tickstream.server.cluster.connect import open_redis
from tickstream.server.cluster.line import Line, Post
from tickstream.server.cluster.messages import MOST, Beat, read_ticks
from tickstream.server.cluster.script import Answer, Question
from tickstream.server.log import Log

pytestmark = needs_redis

LONG = 20.0


def line(client: Client, **owner: Any) -> Line:
    """A line whose owner has nothing to ask and hears nothing, but for what is given."""
    nobody: Any = None
    calls = {"question": nobody, "answered": nobody, "hear": nobody, "beat": nobody} | owner
    return Line(client, "{t}", "me", (60, 15), **calls)


@asynccontextmanager
async def working(line: Line, number: int) -> AsyncIterator[None]:
    """One of its works, running: 1 publishes."""
    task = asyncio.create_task(line.works[number]())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await line.close()


def with_redis(test: Callable[[Redis], Awaitable[None]]) -> None:
    async def main(server: Redis) -> None:
        async with asyncio.timeout(LONG):
            await test(server)

    with redis() as server:
        asyncio.run(main(server))


def test_what_waits_for_redis_is_bounded_and_of_messages_the_oldest_are_lost_and_counted() -> None:
    async def test(server: Redis) -> None:
        client, _ = open_redis(f"redis://127.0.0.1:{server.port}/0")
        ours = line(client)
        for number in range(1_500):
            ours.post(Post(b"%d" % number))
        for number in range(10_002):
            ours.post_tick(3, 1, {"id": "AAPL", "price": float(number)})
        assert ours.lost == 500 + 2
        async with client.pubsub(ignore_subscribe_messages=True) as heard, working(ours, 1):
            await heard.subscribe("{t}:bus", "{t}:ticks:3")
            posts: list[int] = []
            prices: list[float] = []
            async for message in heard.listen():
                if message["channel"].endswith(b":bus"):
                    posts.append(int(message["data"]))
                else:
                    prices += [said["price"] for said in read_ticks(message["data"]).ticks]
                if len(prices) == 10_000:
                    break
        assert posts == list(range(500, 1_500))
        assert prices == list(range(10_000))

    with_redis(test)


def test_an_answer_that_nobody_waits_for_any_more_is_not_taken_for_that_of_the_next_question() -> None:
    async def test(server: Redis) -> None:
        server.command("MSET", "{t}:part:a", "of a", "{t}:part:b", "of b")
        async with proxied(server.port) as proxy:
            ours = line(open_redis(f"redis://127.0.0.1:{proxy.port}/0")[0])
            assert await ours.parts(["b"]) == {"b": b"of b"}
            server.command("CONFIG", "RESETSTAT")
            proxy.delay = 0.1
            asked = asyncio.create_task(ours.parts(["a"]))
            while b"cmdstat_mget" not in server.command("INFO", "commandstats"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            # Its answer is on its way.
            asked.cancel()
            with suppress(asyncio.CancelledError):
                await asked
            assert await ours.parts(["b"]) == {"b": b"of b"}
            await ours.close()

    with_redis(test)


def test_a_message_that_is_too_long_for_the_bus_is_lost_and_counted_and_its_parts_are_kept() -> None:
    async def test(server: Redis) -> None:
        client, _ = open_redis(f"redis://127.0.0.1:{server.port}/0")
        ours = line(client)
        async with client.pubsub(ignore_subscribe_messages=True) as heard, working(ours, 1):
            await heard.subscribe("{t}:bus")
            ours.post(Post(b"x" * (MOST + 1), {"a": (b"of a", 60_000)}))
            ours.post(Post(b"short"))
            async for message in heard.listen():
                assert message["data"] == b"short"
                break
            assert await ours.parts(["a"]) == {"a": b"of a"}
        assert ours.lost == 1

    with_redis(test)


def test_what_was_wrong_is_forgotten_once_all_is_well() -> None:
    async def test(server: Redis) -> None:
        client, _ = open_redis(f"redis://127.0.0.1:{server.port}/0")
        answers: asyncio.Queue[Answer | None] = asyncio.Queue()
        ours = line(
            client,
            question=lambda: Question(frozenset(), []),
            answered=lambda question, answer, began: answers.put_nowait(answer),
            beat=lambda number: Beat("me", number),
        )
        ours.trouble = "no answer in time"
        ours.echo()
        assert ours.trouble == "no answer in time"
        async with working(ours, 0):
            assert await answers.get() is not None
            assert ours.trouble == "no answer in time"
            ours.echo()
        assert ours.trouble == ""

    with_redis(test)


class Silent:
    """A source that says nothing."""

    def follow(self, symbols: frozenset[str]) -> None:
        """Whatever is wished for, nothing is said."""

    async def run(self, feed: Feed) -> None:
        await asyncio.Event().wait()


def cluster(url: str, said: list[str]) -> Cluster:
    def failed(error: Exception) -> None:
        raise error

    terms = Terms(prefix="{t}", interval=1.0, rate=60)
    return Cluster(open_redis(url)[0], terms, Silent(), lambda: 0, Log(said.append), failed=failed)


async def trouble_with(url: str) -> str:
    """What is said of a Redis that cannot be used."""
    ours = line(open_redis(url)[0])
    assert await ours.parts(["a"]) == {}
    await ours.close()
    return ours.trouble


def test_what_is_no_redis_that_lets_us_in_is_named_without_its_password() -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        with suppress(OSError):
            await reader.read()
        writer.close()

    async def test(server: Redis) -> None:
        server.command("ACL", "SETUSER", "limited", "on", ">s3cret", "~*", "+ping")
        async with await asyncio.start_server(page, "127.0.0.1", 0) as web:
            port = web.sockets[0].getsockname()[1]
            account, web_page, tls = await asyncio.gather(
                trouble_with(f"redis://limited:s3cret@127.0.0.1:{server.port}/0"),
                trouble_with(f"redis://:s3cret@127.0.0.1:{port}/0"),
                trouble_with(f"rediss://:s3cret@127.0.0.1:{server.port}/0"),
            )
        assert account == "it wants another user or password"
        assert web_page == "what answers there is no Redis"
        assert tls
        assert "s3cret" not in tls

    with_redis(test)


def test_a_redis_that_was_not_there_at_the_start_is_shared_once_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tickstream.server.cluster.cluster.FIRST", 0.2)

    async def main(server: Redis) -> None:
        said: list[str] = []
        ours = cluster(f"redis://127.0.0.1:{server.port}/0", said)
        async with asyncio.timeout(LONG), ours.running():
            assert ours.state == "away"
            server.start()
            while len(said) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert ours.state == "shared"
        assert [one.split()[2] for one in said[:2]] == ["state=away", "state=shared"]

    server = Redis()
    try:
        asyncio.run(main(server))
    finally:
        server.stop()


def test_a_redis_that_is_full_keeps_nothing_and_publishes_all_the_same() -> None:
    async def test(server: Redis) -> None:
        client, _ = open_redis(f"redis://127.0.0.1:{server.port}/0")
        ours, missed = line(client), list[float]()
        ours.missed = missed.append
        server.command("CONFIG", "SET", "maxmemory", "1")
        async with client.pubsub(ignore_subscribe_messages=True) as heard, working(ours, 1):
            await heard.subscribe("{t}:bus", "{t}:ticks:3")
            ours.post(Post(b"gap", {"a": (b"of a", 60_000)}, again=True))
            ours.post_tick(3, 1, {"id": "AAPL", "price": 1.0})
            channels = []
            async for message in heard.listen():
                channels.append(message["channel"].rpartition(b":")[2])
                if message["data"] == b"last":
                    break
                if len(channels) == 2:
                    ours.post(Post(b"last"))
            while ours.sent < 3:  # noqa: ASYNC110 - the line says nothing of it
                await asyncio.sleep(0.01)
        assert channels == [b"bus", b"3", b"bus"]
        assert (ours.lost, missed) == (0, [])
        assert "maxmemory" in ours.trouble

    with_redis(test)
