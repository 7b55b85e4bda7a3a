"""Clients that mean no good, or know no better: each is turned away, and the others are served."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.server import LONG, There, receive, serving
from tickstream.server.settings import Access, Limits

QUICK = {"interval": 1.0}
UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


def run(test: Callable[[There], Awaitable[None]], **options: Any) -> None:
    """Let `test` have a server; whoever was served before is served afterwards."""

    async def main() -> None:
        async with serving(**(QUICK | options)) as there, there.connect("/hours", **ADMIN) as other:
            await receive(other)
            await test(there)
            await receive(other)

    asyncio.run(main())


ADMIN: dict[str, Any] = {"additional_headers": {"X-API-Key": "admins"}}
PUBLIC: dict[str, Any] = {"loopback": False, "access": Access(anonymous=True)}
"""As if it listened on every address."""


@asynccontextmanager
async def wire(there: There) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", there.place.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that is said until the end, however abrupt."""
    said = b""
    with suppress(ConnectionError):
        async with asyncio.timeout(LONG):
            while more := await reader.read(65_536):
                said += more
    return said


async def ask(there: There, text: str) -> str:
    """The answer to a request in its very bytes; HOST is the header that belongs there."""
    async with wire(there) as (reader, writer):
        writer.write(text.replace("HOST", f"Host: {there.place.netloc}").encode("latin-1"))
        return (await rest(reader)).decode("latin-1")


def refusals(there: There) -> list[str]:
    return [line for line in there.said if " refused " in line]


def refused(there: There, reason: str) -> int:
    return there.server.door.refused[reason]


def test_a_client_that_says_nothing_is_gone_when_its_handshake_is_due() -> None:
    async def test(there: There) -> None:
        async with wire(there) as (reader, _):
            assert await rest(reader) == b""
        await there.until(lambda: there.server.room.unopened == 0)

    run(test, limits=Limits(handshake=0.2))


def test_a_handshake_that_comes_byte_by_byte_has_no_longer() -> None:
    async def test(there: There) -> None:
        async with wire(there) as (reader, writer):
            head = f"GET /hours HTTP/1.1\r\nHost: {there.place.netloc}\r\nX: ".encode() + b"x" * 10_000
            ended = asyncio.create_task(rest(reader))
            sent = 0
            while not ended.done():
                writer.write(head[sent : sent + 1])
                sent += 1
                await asyncio.wait([ended], timeout=0.02)
            assert ended.result() == b""
            assert sent < len(head)

    run(test, limits=Limits(handshake=0.3))


def test_nobody_takes_all_descriptors_by_saying_nothing() -> None:
    async def test(there: There) -> None:
        silent = [socket.create_connection(("127.0.0.1", there.place.port)) for _ in range(30)]
        await there.until(lambda: refused(there, "unopened") >= 20)
        assert there.server.room.unopened == 10
        assert any("refused reason=unopened address=127.0.0.1" in line for line in there.said)
        for one in silent:
            one.close()
        await there.until(lambda: there.server.room.unopened == 0)
        async with there.connect("/hours") as socket_:
            await receive(socket_)

    run(test, limits=Limits(per_address=2), **PUBLIC)


def test_a_flood_from_one_address_behind_a_proxy_takes_no_place_of_another() -> None:
    async def test(there: There) -> None:
        flood = {"additional_headers": {"X-Forwarded-For": "203.0.113.9"}}
        sockets = [await there.connect("/hours", **flood) for _ in range(3)]
        for _ in range(20):
            with pytest.raises(InvalidStatus) as no:
                await there.connect("/hours", **flood)
            assert no.value.response.status_code == 429
        async with there.connect(
            "/hours", additional_headers={"X-Forwarded-For": "198.51.100.7"}
        ) as neighbour:
            await receive(neighbour)
        # The log names who it was, not the proxy.
        assert any("refused reason=address address=203.0.113.9" in line for line in there.said)
        for socket_ in sockets:
            await socket_.close()

    access = Access(anonymous=True, proxies=(ip_network("127.0.0.0/8"),))
    run(test, limits=Limits(per_address=3), access=access, loopback=False)


def test_wrong_keys_are_answered_ten_times_and_then_the_address_waits() -> None:
    async def test(there: There) -> None:
        answers = []
        for number in range(11):
            with pytest.raises(InvalidStatus) as no:
                await there.connect("/hours", additional_headers={"X-API-Key": f"guess{number}"})
            answers.append(no.value.response)
        assert [answer.status_code for answer in answers] == [401] * 10 + [429]
        assert answers[0].headers["WWW-Authenticate"] == "Bearer"
        assert int(answers[-1].headers["Retry-After"]) <= 60
        assert refused(there, "key") == 10
        assert not any("guess" in line for line in there.said)

    run(test, loopback=False, access=Access(admin_key="admins"))


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("X-API-Key: k\xe9y\xff", 401),
        ("X-API-Key: ", 401),
        ("X-API-Key: " + "k" * 9_000, 431),
        ("Authorization: Bearer", 401),
        ("Sec-WebSocket-Protocol: tickstream.key.wrong", 401),
    ],
)
def test_no_key_whatever_it_is_made_of_breaks_anything(head: str, status: int) -> None:
    async def test(there: There) -> None:
        answer = await ask(there, f"GET /hours HTTP/1.1\r\nHOST\r\n{UPGRADE}{head}\r\n\r\n")
        assert answer.startswith(f"HTTP/1.1 {status} ")

    run(test, access=Access(admin_key="admins"))


def test_a_key_of_a_megabyte_is_not_read_to_its_end() -> None:
    async def test(there: There) -> None:
        head = f"GET /hours HTTP/1.1\r\nHOST\r\n{UPGRADE}X-API-Key: {'k' * 2**20}\r\n\r\n"
        answer = await ask(there, head)
        # It may be cut off before it has read the answer.
        assert not answer or answer.startswith("HTTP/1.1 431 ")
        assert refused(there, "malformed") == 1

    run(test, access=Access(admin_key="admins"))


def test_a_key_in_the_address_opens_nothing_and_is_nowhere_in_the_log() -> None:
    async def test(there: There) -> None:
        with pytest.raises(InvalidStatus) as no:
            await there.connect("/hours?key=admins&api_key=admins")
        assert no.value.response.status_code == 401
        assert not any("admins" in line for line in there.said)

    run(test, access=Access(admin_key="admins"))


@pytest.mark.parametrize(
    ("head", "status", "reason"),
    [
        ("Host: evil.example", 421, "host"),
        ("Host: \xff", 400, "host"),
        ("Accept: */*", 400, "malformed"),
        ("HOST\r\nOrigin: https://evil.example", 403, "origin"),
        ("HOST\r\nOrigin: null", 403, "origin"),
        ("HOST\r\nOrigin: \xff", 403, "origin"),
        ("HOST\r\nOrigin: http://localhost.evil.com", 403, "origin"),
        ("HOST\r\nOrigin: http://" + "a" * 9_000, 431, "malformed"),
        ("HOST\r\n" + "\r\n".join(f"X-{number}: 1" for number in range(200)), 431, "malformed"),
    ],
)
def test_a_page_of_another_site_gets_no_websocket_however_it_asks(
    head: str, status: int, reason: str
) -> None:
    async def test(there: There) -> None:
        answer = await ask(there, f"GET /hours HTTP/1.1\r\n{head}\r\n{UPGRADE}\r\n")
        assert answer.startswith(f"HTTP/1.1 {status} ")
        await there.until(lambda: refused(there, reason) == 1)
        assert f'refused_total{{reason="{reason}"}}' in there.server.metrics.text()

    run(test)


@pytest.mark.parametrize(
    "sent",
    [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\0" * 200,
        "\x00\xff\r\n\r\n",
        "GET /hours HTTP/1.0\r\nHOST\r\n" + UPGRADE + "\r\n",
        "GET /hours HTTP/1.1\r\nHOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "GET /hours HTTP/1.1\r\nHOST\r\n" + UPGRADE.replace("13", "8") + "\r\n",
    ],
)
def test_what_is_no_request_is_answered_no_and_is_one_short_line_in_the_log(sent: str) -> None:
    async def test(there: There) -> None:
        answer = await ask(there, sent)
        await there.until(lambda: refusals(there) != [])
        assert answer.startswith(("HTTP/1.1 400 ", "HTTP/1.1 505 ", "HTTP/1.1 426 "))
        (line,) = refusals(there)
        assert len(line) < 120

    run(test)


def test_no_line_of_the_log_can_be_forged_by_what_a_client_asks_for() -> None:
    async def test(there: There) -> None:
        forged = "/%0a2026-01-01T00:00:00Z%20listening%20url=http://evil/%1b[31m%e2%80%ae"
        await ask(there, f"GET {forged} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        (line,) = refusals(there)
        assert "reason=host" in line
        assert line.isascii()
        assert line.isprintable()
        assert 'path="' in line

    run(test)


@pytest.mark.parametrize(
    ("path", "message", "code"),
    [
        ("/quotes", "x" * 2**21, 1009),
        ("/quotes", b"\xff" * 2**21, 1009),
        ("/stream", json.dumps({"subscribe": [f"SYM{number}" for number in range(10_000)]}), 1009),
        ("/quotes", ",".join(f"SYM{number}" for number in range(2_000)), 4505),
        ("/quotes", ["\N{PILE OF POO}" * 200] * 10, 4501),
        ("/stream", ["{" * 4_000, '{"subscribe":[' + "9" * 10_000 + "]}"] * 5, 4501),
    ],
)
def test_whatever_is_said_a_client_is_closed_with_the_code_that_is_meant_for_it(
    path: str, message: str | bytes | list[str], code: int
) -> None:
    async def test(there: There) -> None:
        socket_ = await there.connect(path)
        with suppress(ConnectionClosed):
            await receive_all(socket_, message if isinstance(message, list) else [message])
        assert socket_.close_code == code
        assert not any(" bug " in line for line in there.said)

    run(test, limits=Limits(commands=1_000.0))


async def receive_all(socket_: Any, messages: list[Any]) -> None:
    for message in messages:
        await socket_.send(message)
    async with asyncio.timeout(LONG):
        while True:
            await socket_.recv()


def test_nothing_is_compressed_so_nothing_can_be_a_bomb() -> None:
    async def test(there: There) -> None:
        async with connect(f"{there.base}/stream", proxy=None, compression="deflate") as socket_:
            assert socket_.protocol.extensions == []
            # A text frame that says it is compressed, masked with zeros.
            socket_.transport.write(b"\xc1\x81\0\0\0\0x")
            with suppress(ConnectionClosed):
                await receive_all(socket_, [])
            assert socket_.close_code == 1002

    run(test)


def test_a_client_that_vanished_is_missed_and_what_it_followed_is_followed_no_more() -> None:
    async def test(there: There) -> None:
        async with wire(there) as (reader, writer):
            writer.write(f"GET /stream HTTP/1.1\r\nHost: {there.place.netloc}\r\n{UPGRADE}\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            text = b'{"subscribe":["AAPL"]}'
            writer.write(bytes((0x81, 0x80 | len(text))) + bytes(4) + text)
            await there.until(lambda: there.metric("symbols") == 1)
            # It takes what it is sent, and never answers a ping.
            assert await rest(reader)
        await there.until(lambda: there.metric("symbols") == 0)
        assert there.server.door.gate.connections.total == 1

    run(test, limits=Limits(ping=0.3, pong=0.3))


def test_when_a_crowd_that_came_and_went_is_gone_nothing_is_left_of_it() -> None:
    async def one(there: There, chance: random.Random) -> None:
        path = chance.choice(
            ("/quotes", "/stream", "/stream?every=0&format=json", "/market", "/profile/AAPL")
        )
        socket_ = await there.connect(path)
        symbols = chance.sample([f"S{number}" for number in range(50)], 5)
        stream = path.startswith("/stream")
        with suppress(ConnectionClosed):
            await socket_.send(json.dumps({"subscribe": symbols}) if stream else ",".join(symbols))
            await receive_some(socket_)
        if chance.random() < 0.5:
            socket_.transport.abort()
        await socket_.close()

    async def test(there: There) -> None:
        chance = random.Random(4)
        await asyncio.gather(*(one(there, chance) for _ in range(80)))
        await there.until(lambda: len(there.server.clients) == 1)
        await there.until(lambda: there.metric("symbols") == 0)
        await there.until(lambda: there.server.room.unopened == 0)
        assert there.metric("channels") == 1
        fan, gate = there.server.fan, there.server.door.gate
        assert not fan.followers
        await there.until(lambda: not there.server.hub.symbols)
        assert not there.server.hub.heard
        assert gate.connections.total == 1

    run(test)


async def receive_some(socket_: Any) -> None:
    async with asyncio.timeout(LONG):
        for _ in range(2):
            await socket_.recv()


def test_ticks_of_a_symbol_come_in_their_order() -> None:
    async def test(there: There) -> None:
        async with there.connect("/stream?format=json&every=50") as socket_:
            await socket_.send('{"subscribe":["AAPL","BTC-USD"]}')
            times: dict[str, list[int]] = {}
            while min((len(seen) for seen in times.values()), default=0) < 5 or len(times) < 2:
                tick = await receive(socket_)
                times.setdefault(tick["id"], []).append(tick["time"])
        assert all(seen == sorted(seen) for seen in times.values())

    run(test)
