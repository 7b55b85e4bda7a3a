"""Instances that share a real Redis: one fetches for all, and all go on when it, or Redis, is gone."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from websockets.asyncio.client import ClientConnection, connect

from tests.support.cluster import Instance, Instances, instances
from tests.support.process import LONG, serving, simulated
from tests.support.process import run as run_command
from tests.support.redis import Redis, free_port, needs_redis, redis
from tests.support.server import receive
from tickstream.core.ports import Feed
from tickstream.server.cluster.cluster import Cluster, Terms
from tickstream.server.cluster.connect import open_redis
from tickstream.server.cluster.leases import shard_of
from tickstream.server.log import Log
from tickstream.simulator import Options

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
                    len(client.documents) >= count + 4 for client, count in zip(followed, counts, strict=True)
                )
            )
            rounds = (time.monotonic() - began) / 2.0
            fetched = there.since(began)
            assert {"quote:AAPL", "quote:MSFT", "quote:NVDA", "quote:^GSPC"} <= fetched.keys()
            assert max(fetched.values()) <= round(rounds) + 1
            # What is fetched each minute or less was fetched once, by one of them.
            # Each asks once, before it lets anybody in, whether upstream is simulated.
            rare = {key for _, _, key in there.fetched if not key.startswith("quote:")} - {"markettime"}
            assert {key: there.fetches(key) for key in rare if len(there.fetches(key)) > 1} == {}
            quotes = {number for _, number, key in there.fetched if key.startswith("quote:")}
            assert len(quotes) == 1
            # What others fetched is as fresh as what one fetched oneself.
            row = two.documents[-1][1][0]
            assert row["price"] is not None
            assert three.documents[-1][1]["gainers"]
            assert four.documents[-1][1]["news"]

    run(test, interval=2.0)


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
                assert max(second.pauses) < 5.0
                assert max(ticks.pauses) < 5.0
                assert there.streams("AAPL") == 1

    run(test, 2)


@pytest.mark.parametrize("how", ["cut off", "a black hole", "slow"])
def test_without_redis_views_miss_nothing_and_ticks_pause_for_eight_seconds_at_most(how: str) -> None:
    async def test(there: Instances) -> None:
        a, b, _ = there.all
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            leader = await enter(streaming(a, "AAPL"))
            one = await enter(following(a, "/quotes", "AAPL,MSFT"))
            # Who is first leads.
            await there.until(lambda: bool(leader.documents and one.documents))
            follower = await enter(streaming(b, "AAPL"))
            two = await enter(following(b, "/quotes", "AAPL,MSFT"))
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
            assert time.monotonic() - back < 8.0
            await there.until(lambda: time.monotonic() > back + 5.0)
            later = time.monotonic()
            await there.until(lambda: time.monotonic() > later + 3.0)
            # Shared again: one fetch for all, and one stream.
            assert max(there.since(later).values()) <= 4
            assert there.streams("AAPL") == 1
            # Views missed nothing, the leader's ticks neither, and the follower's were back in time.
            # (An interval is a second; the bounds leave room for a busy machine, and none for a wait of six.)
            assert max(*one.pauses, *two.pauses, *leader.pauses) < 5.0
            assert max(follower.pauses) < 12.0
            rows = [row for at, document in two.documents for row in document if at > gone]
            assert all(row["price"] is not None for row in rows)
            # Each push once, in its order.
            for client in (leader, follower):
                times = [tick["time"] for _, tick in client.documents]
                assert times == sorted(times)
                assert len({json.dumps(tick) for _, tick in client.documents}) == len(client.documents)
            for instance in there.all:
                states = [line.split()[0] for line in instance.redis_lines()]
                # One line a change. (On a busy machine it may begin before Redis has answered.)
                assert states[-3:] == ["state=shared", "state=away", "state=shared"]
                assert len(states) <= 4

    run(test)


def disturb(there: Instances, how: str) -> None:
    match how:
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


@pytest.mark.parametrize(
    ("break_it", "mend_it"),
    [
        (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
        (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    ],
    ids=["full", "read-only"],
)
def test_with_a_redis_that_keeps_nothing_parts_are_still_shared_and_documents_fresh(
    break_it: tuple[str, ...], mend_it: tuple[str, ...]
) -> None:
    async def test(there: Instances) -> None:
        a, b = there.all
        async with following(a, "/quotes", "AAPL") as one, following(b, "/quotes", "AAPL") as two:
            await there.until(lambda: min(len(one.documents), len(two.documents)) >= 2)
            assert b"OK" in there.redis.command(*break_it)
            await there.until(lambda: a.state == b.state == "away")
            before = [client.documents[-1][1][0]["asOf"] for client in (one, two)]
            count = len(one.documents)
            await there.until(lambda: len(one.documents) >= count + 4)
            after = [client.documents[-1][1][0]["asOf"] for client in (one, two)]
            assert all(late > early for early, late in zip(before, after, strict=True))
            assert b"OK" in there.redis.command(*mend_it)
            await there.shared()
            assert max(*one.pauses, *two.pauses) < 5.0

    run(test, 2)


def test_a_connection_that_is_half_open_is_found_and_replaced() -> None:
    async def test(there: Instances) -> None:
        a, b = there.all
        b.proxy.half_open()
        await there.until(lambda: b.state == "away")
        await there.until(lambda: b.state == "shared")
        async with streaming(a, "AAPL") as one, streaming(b, "AAPL") as two:
            await there.until(lambda: min(len(one.documents), len(two.documents)) >= 2)
            assert there.streams("AAPL") == 1

    run(test, 2)


def test_a_subscriber_that_redis_cuts_off_is_back_within_the_moment_and_hears_on() -> None:
    async def test(there: Instances) -> None:
        a, b = there.all
        async with streaming(a, "AAPL") as one:
            await there.until(lambda: bool(one.documents))
            async with streaming(b, "AAPL") as two:
                await there.until(lambda: len(two.documents) >= 2)
                # As it does with who is too slow for what it is sent.
                assert there.redis.command("CLIENT", "KILL", "TYPE", "pubsub") == b":2\r\n"
                heard = len(two.documents)
                await there.until(lambda: len(two.documents) >= heard + 3)
                assert not any(" bug " in line for line in (*a.said, *b.said))
                assert (a.state, b.state) == ("shared", "shared")
                assert there.streams("AAPL") == 1
                times = [tick["time"] for _, tick in two.documents]
                assert times == sorted(times)

    run(test, 2, options=Options(rate=20.0))


def test_what_strangers_put_on_its_channels_changes_nothing() -> None:
    async def test(there: Instances) -> None:
        (a,) = there.all
        prefix = "{tickstream:1:0:yahoo+http://simulated}"
        forged = {"i": "x", "lease": "quotes", "e": 2**62, "parts": {"news:AAPL": [[], 1.0, 2.0]}}
        messages = [
            b"junk",
            b"\x80\x04K\x05.",
            b"x" * (2 << 20),
            json.dumps({"k": "parts"} | forged).encode(),
            b'{"k":"beat","i":"x","n":1,"mark":"\\u001b[2J"}',
        ]
        async with streaming(a, "AAPL") as one:
            await there.until(lambda: bool(one.documents))
            for message in messages:
                there.redis.command("PUBLISH", f"{prefix}:bus", message)
                there.redis.command("PUBLISH", f"{prefix}:ticks:{shard_of('AAPL')}", message)
            there.redis.command("SET", f"{prefix}:lease:news:AAPL", "junk")
            await there.until(lambda: a.server.sharing.numbers()["messages_ignored"] >= 8)
            count = len(one.documents)
            await there.until(lambda: len(one.documents) >= count + 2)
            async with a.connect("/profile/AAPL") as socket:
                assert (await receive(socket))["news"]
            assert all(line.isprintable() for line in a.said)
            assert not any(" bug " in line for line in a.said)

    run(test, 1)


def test_all_instances_have_one_budget() -> None:
    async def test(there: Instances) -> None:
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            for number in range(40):
                symbols = ",".join(f"S{(number * 7 + step) % 280}" for step in range(20))
                await stack.enter_async_context(following(there.all[number % 3], "/quotes", symbols))
            await there.until(lambda: time.monotonic() > began + 12)
        # Requests go by in batches of fifty; each of these is one.
        assert there.simulator.requests.total() <= 24
        assert sum(instance.server.sharing.put_off for instance in there.all) > 0

    run(test, rate=24)


def leases_of(netloc: str) -> float:
    with urllib.request.urlopen(f"http://{netloc}/metrics", timeout=LONG) as answer:
        text = answer.read().decode()
    return float(text.split("\ntickstream_leases ")[1].split()[0])


def test_when_the_leader_is_killed_another_leads_within_ten_seconds() -> None:
    async def main(server: Redis) -> None:
        with simulated() as source, ExitStack() as stack:
            url = f"redis://127.0.0.1:{server.port}/0"
            first, second = (
                stack.enter_context(serving("--source", source, code=code, REDIS_URL=url))
                for code in (-signal.SIGKILL, 143)
            )
            async with (
                connect(f"ws://{first.netloc}/quotes", proxy=None) as leader,
                connect(f"ws://{second.netloc}/quotes", proxy=None) as socket,
                connect(f"ws://{second.netloc}/stream?format=json&every=0&events=1", proxy=None) as ticks,
            ):
                await leader.send("AAPL")
                await receive(leader)
                while await asyncio.to_thread(leases_of, first.netloc) < 3:
                    pass  # of the quotes, of Yahoo's clock, and of the shard that AAPL is in
                await socket.send("AAPL,MSFT")
                await ticks.send('{"subscribe":["AAPL"]}')
                assert (await receive(socket))[0]["price"] is not None
                while "id" not in await receive(ticks):
                    pass
                first.process.kill()
                killed = time.monotonic()
                documents, gap = [], None
                while gap is None or len(documents) < 3:
                    rows, pushes = asyncio.ensure_future(socket.recv()), asyncio.ensure_future(ticks.recv())
                    done, waiting = await asyncio.wait({rows, pushes}, return_when=asyncio.FIRST_COMPLETED)
                    for task in waiting:
                        task.cancel()
                    documents += [(time.monotonic(), json.loads(rows.result()))] if rows in done else []
                    said = json.loads(pushes.result()) if pushes in done else {}
                    gap = said if said.get("type") == "gap" else gap
                    assert time.monotonic() < killed + 30
                # Its pause was said; documents came on time, and are fetched again.
                assert gap["end"] - gap["start"] < 11_000
                stamps = [row["asOf"] for _, rows in documents for row in rows]
                assert stamps[-1] > stamps[0]

    with redis() as server:
        asyncio.run(main(server))


@pytest.mark.parametrize(
    ("options", "url", "said"),
    [
        ((), "redis://127.0.0.1:1/0", "connection refused"),
        (("--requirepass", "right"), "redis://:wrong@127.0.0.1:{port}/0", "another user or password"),
        (("--requirepass", "right"), "redis://127.0.0.1:{port}/0", "another user or password"),
    ],
)
def test_with_a_redis_that_cannot_be_used_it_serves_alone_and_says_why(
    options: tuple[str, ...], url: str, said: str
) -> None:
    async def main(netloc: str) -> None:
        async with connect(f"ws://{netloc}/quotes", proxy=None) as client:
            await client.send("AAPL")
            assert (await receive(client))[0]["price"] is not None

    with redis(*options) as server, serving("--demo", REDIS_URL=url.format(port=server.port)) as served:
        asyncio.run(main(served.netloc))
    (line,) = [line for line in served.log if " redis " in line]
    assert "state=away" in line
    assert said in line
    assert not any("wrong" in line or "right" in line for line in served.log)


@pytest.mark.parametrize(
    "url", ["http://localhost", "redis+sentinel://localhost", "nonsense", "redis://h:port/"]
)
def test_a_url_that_is_none_is_refused_before_anything_is_opened(url: str) -> None:
    done = run_command("serve", "--demo", "--port", "0", REDIS_URL=url)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "URL" in line
    assert url not in line


def test_redis_by_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    files = {name: str(tmp_path / f"{name}.pem") for name in ("ca", "cert", "key")}
    authority.cert_pem.write_to_path(files["ca"])
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(files["key"])
    certificate.cert_chain_pems[0].write_to_path(files["cert"])
    port = free_port()
    options = ["--tls-port", str(port), "--tls-cert-file", files["cert"], "--tls-key-file", files["key"]]
    with redis(*options, "--tls-auth-clients", "no"):
        url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={files['ca']}"
        with serving("--demo", REDIS_URL=url) as served:
            assert any("redis state=shared" in line for line in served.log) or served.until("state=shared")
        # A certificate that nobody vouches for is not believed.
        with serving("--demo", REDIS_URL=f"rediss://127.0.0.1:{port}/0") as served:
            assert any("redis state=away" in line and "certificate" in line.lower() for line in served.log)


def test_redis_by_sentinel(tmp_path: Path) -> None:
    with redis() as server:
        file = tmp_path / "sentinel.conf"
        file.write_text(f"sentinel monitor mine 127.0.0.1 {server.port} 1\n")
        sentinel = Redis(sentinel=str(file))
        sentinel.start()
        try:
            url = f"redis+sentinel://127.0.0.1:{sentinel.port}/mine/3"
            with serving("--demo", REDIS_URL=url) as served:
                assert any("redis state=shared" in line for line in served.log) or served.until(
                    "state=shared"
                )
                names = server.command("PUBSUB", "CHANNELS").decode()
                assert "{tickstream:1:3:demo}:bus" in names
        finally:
            sentinel.stop()


def test_it_ends_whatever_it_is_doing_at_that_moment() -> None:
    """redis-py swallows a cancellation now and then, about once in fifty times."""

    async def once(port: int, seconds: float) -> None:
        client, _ = open_redis(f"redis://127.0.0.1:{port}/0")
        terms = Terms(prefix="{t}", interval=1.0, rate=60)
        cluster = Cluster(client, terms, Silent(), lambda: 0, Log(said.append), failed=failed.append)
        async with cluster.running():
            await asyncio.sleep(seconds)

    async def main(port: int) -> None:
        for _ in range(4):
            await asyncio.gather(*(once(port, 0.02 * number) for number in range(50)))

    said: list[str] = []
    failed: list[Exception] = []
    with redis() as server:
        asyncio.run(main(server.port))
    assert len([line for line in said if " redis " in line]) >= 200
    assert not failed


class Silent:
    """A source that says nothing."""

    def follow(self, symbols: frozenset[str]) -> None:
        """Whatever is wished for, nothing is said."""

    async def run(self, feed: Feed) -> None:
        await asyncio.Event().wait()
