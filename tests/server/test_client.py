"""A client: written to while it is free, cut off when it takes nothing, and no more kept for it than that."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError
from websockets.protocol import State

from tests.support.clients import Reader
from tickstream.server.client import Client
from tickstream.server.settings import Limits
from tickstream.server.wire import text_frame

ONE, TWO, THREE = (text_frame(text) for text in (b"one", b"two", b"three"))
LIMITS = Limits(progress=10.0, unsent=1000)


def test_it_is_free_while_nothing_waits_and_it_is_open() -> None:
    reader = Reader()
    assert reader.free
    reader.end.stuck = True
    reader.write(ONE)
    assert (reader.free, reader.open) == (False, True)
    reader.end.take()
    assert (reader.free, reader.open) == (True, True)
    reader.connection.state = State.CLOSING
    assert (reader.free, reader.open) == (False, False)


def test_of_messages_that_cannot_be_written_only_the_newest_is_kept() -> None:
    reader = Reader()
    reader.end.stuck = True
    for frame in (ONE, TWO, THREE):
        reader.put(frame)
    reader.end.take()
    reader.look(1.0)
    assert reader.take() == [b"one", b"three"]
    assert reader.sent == 2
    reader.look(2.0)
    assert reader.take() == []


def test_a_client_that_is_closed_keeps_nothing() -> None:
    reader = Reader()
    reader.connection.state = State.CLOSED
    reader.put(ONE)
    assert (reader.end.writes, reader.waiting) == ([], b"")


def test_a_client_that_takes_nothing_for_too_long_is_cut_off() -> None:
    reader = Reader(LIMITS)
    reader.end.stuck = True
    reader.write(ONE)
    reader.look(100.0)
    reader.look(109.9)
    assert (reader.end.aborted, reader.reasons) == (False, [])
    reader.look(110.0)
    assert (reader.end.aborted, reader.reasons) == (True, ["slow"])


def test_a_client_that_takes_a_little_at_a_time_is_not_cut_off() -> None:
    reader = Reader(LIMITS)
    reader.end.stuck = True
    reader.write(b"x" * 100)
    for moment in range(100):
        reader.look(moment * 9.0)
        reader.end.take(1)
    assert not reader.end.aborted


def test_a_client_that_has_as_much_waiting_at_each_look_but_took_it_all_between_is_not_cut_off() -> None:
    reader = Reader(LIMITS)
    for moment in range(100):
        reader.end.stuck = True
        reader.write(ONE)
        reader.look(moment * 9.0)
        reader.end.take()
        assert reader.free
    assert not reader.end.aborted


def test_one_message_may_be_larger_than_what_may_wait() -> None:
    reader = Reader(LIMITS)
    reader.end.stuck = True
    reader.write(b"x" * 5000)
    for moment in range(10):
        reader.look(float(moment))
        reader.end.take(100)
    assert not reader.end.aborted


def test_a_client_for_which_more_and_more_waits_is_cut_off_at_once() -> None:
    reader = Reader(LIMITS)
    reader.end.stuck = True
    reader.add(b"x" * 900)
    reader.look(0.0)
    reader.add(b"x" * 200)
    reader.look(0.25)
    assert reader.end.aborted


async def meet(test: Callable[[Client, ClientConnection], Awaitable[None]]) -> None:
    """Both ends of a real connection, whose client has little room."""
    met: asyncio.Future[ServerConnection] = asyncio.get_running_loop().create_future()

    async def attend(connection: ServerConnection) -> None:
        met.set_result(connection)
        await connection.wait_closed()

    async with serve(attend, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        room = socket.socket()
        room.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        room.connect(server.sockets[0].getsockname())
        options: dict[str, Any] = {"proxy": None, "compression": None, "ping_interval": None, "max_queue": 1}
        async with connect("ws://127.0.0.1", sock=room, **options) as there:
            nobody: Any = None
            client = Client(await met, nobody, Limits())
            await test(client, there)
            there.transport.abort()


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="this system cannot be told")
def test_the_kernel_takes_little_for_a_client_that_does_not_read() -> None:
    async def test(client: Client, there: ClientConnection) -> None:
        there.transport.pause_reading()
        frame = text_frame(b"x" * 1000)
        # It takes megabytes on loopback where it is not told.
        while client.free and client.sent < 10_000:
            client.write(frame)
            await asyncio.sleep(0)
        assert client.sent < 300

    asyncio.run(meet(test))


def test_who_is_cut_off_is_reset_and_what_waited_is_gone() -> None:
    async def test(client: Client, there: ClientConnection) -> None:
        client.cut()
        with pytest.raises(ConnectionClosedError) as closed:
            await there.recv()
        assert isinstance(closed.value.__cause__, ConnectionResetError)

    asyncio.run(meet(test))
