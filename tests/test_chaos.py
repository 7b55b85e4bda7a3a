"""The proxy that disturbs: each of its faults is what it says, in front of anything that listens."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect

from tests.support.chaos import Proxy, proxied, proxied_in_a_thread
from tests.support.server import receive, serving
from tests.support.streamer import Recorder
from tests.support.web import yahoo
from tickstream.sources.yahoo.stream import YahooStream

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def echoing() -> AsyncIterator[Proxy]:
    """A proxy in front of a server that says what it is told."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data)
        writer.write(b"bye")
        writer.close()

    async with (
        await asyncio.start_server(echo, "127.0.0.1", 0) as server,
        proxied(server.sockets[0].getsockname()[1]) as proxy,
    ):
        yield proxy


def run(test: Callable[[Proxy, Ends], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(30), echoing() as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            try:
                writer.write(b"hello")
                assert await reader.readexactly(5) == b"hello"
                await test(proxy, (reader, writer))
            finally:
                writer.close()

    asyncio.run(main())


def test_reset_is_a_reset_and_cut_an_end() -> None:
    async def reset(proxy: Proxy, ends: Ends) -> None:
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            await ends[0].read(1)

    async def cut(proxy: Proxy, ends: Ends) -> None:
        proxy.cut()
        assert await ends[0].read(1) == b""

    run(reset)
    run(cut)


def test_what_is_held_is_lost_and_the_connection_stays() -> None:
    async def test(proxy: Proxy, ends: Ends) -> None:
        proxy.holds = True
        ends[1].write(b"lost")
        # The proxy has had it, when it has had what was said after it on another line.
        await came(proxy, b"also lost")
        proxy.holds = False
        ends[1].write(b"here")
        assert await ends[0].readexactly(4) == b"here"

    async def came(proxy: Proxy, text: bytes) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(text)
        for _ in range(20):
            await asyncio.sleep(0)
        writer.close()

    run(test)


def test_half_open_is_for_the_connections_that_there_are() -> None:
    async def test(proxy: Proxy, ends: Ends) -> None:
        proxy.half_open()
        ends[1].write(b"lost")
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"sound")
        assert await reader.readexactly(5) == b"sound"
        writer.close()
        assert proxy.accepted == 2
        assert not ends[0].at_eof()

    run(test)


def test_half_closed_it_says_the_end_and_listens_on() -> None:
    async def test(proxy: Proxy, ends: Ends) -> None:
        proxy.half_close()
        assert await ends[0].read() == b""
        ends[1].write(b"is heard")
        await ends[1].drain()

    run(test)


def test_in_pieces_and_late_all_arrives_in_its_order() -> None:
    async def test(proxy: Proxy, ends: Ends) -> None:
        proxy.piece = 1
        ends[1].write(bytes(range(100)))
        assert await ends[0].read(1000) != bytes(range(100))
        proxy.delay = 0.01
        ends[1].write(b"end")
        assert (await ends[0].readuntil(b"end")).endswith(bytes([98, 99]) + b"end")

    run(test)


def test_refused_nobody_listens_and_later_somebody_does_at_the_same_port() -> None:
    async def test(proxy: Proxy, ends: Ends) -> None:
        port = proxy.port
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        ends[1].write(b"still")
        assert await ends[0].readexactly(5) == b"still"
        await proxy.accept()
        assert proxy.port == port
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    run(test)


def test_in_front_of_the_simulator_and_the_server_one_byte_at_a_time_all_is_read() -> None:
    async def main() -> None:
        async with yahoo() as there, proxied(int(there.web.host.rpartition(":")[2])) as line:
            line.piece = 1
            feed, stream = Recorder(), YahooStream(f"ws://127.0.0.1:{line.port}/?version=2")
            stream.follow(frozenset(["AAPL"]))
            running = asyncio.create_task(stream.run(feed))
            await feed.until(lambda: bool(feed.ticks))
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert feed.errors == []
        async with serving() as served, proxied(served.place.port) as line:
            line.piece = 1
            async with connect(f"ws://127.0.0.1:{line.port}/quotes", proxy=None) as client:
                await client.send("AAPL")
                assert [row["symbol"] for row in await receive(client)] == ["AAPL"]

    asyncio.run(main())


def test_in_a_thread_it_is_told_from_outside() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        proxied_in_a_thread(server.getsockname()[1]) as (proxy, act),
    ):
        with socket.create_connection(("127.0.0.1", proxy.port), 30) as client:
            behind, _ = server.accept()
            with behind:
                behind.sendall(b"hello")
                assert client.recv(5) == b"hello"
                act(proxy.reset)
                with pytest.raises(ConnectionResetError):
                    client.recv(1)
        act(proxy.refuse)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", proxy.port), 30)
        act(proxy.accept)
        with socket.create_connection(("127.0.0.1", proxy.port), 30):
            server.accept()[0].close()
