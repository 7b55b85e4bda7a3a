"""Opening a WebSocket, and leaving it."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from contextlib import ExitStack

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import SecurityError
from websockets.http11 import Request, Response
from websockets.protocol import State

from tests.support.streamer import response
from tickstream.sources.dial import Timing, dial, hang_up


def test_a_goodbye_that_is_itself_cut_short_leaves_no_connection_open() -> None:
    async def main() -> None:
        released = asyncio.Event()

        async def silent(connection: ServerConnection) -> None:
            # It never reads, so it never answers the goodbye either.
            connection.transport.pause_reading()
            await released.wait()

        async with serve(silent, "127.0.0.1", 0, close_timeout=0.1) as server:
            port = server.sockets[0].getsockname()[1]
            ws = await dial(f"ws://127.0.0.1:{port}/", Timing())
            try:
                leaving = asyncio.create_task(hang_up(ws, 1.0))
                await asyncio.sleep(0)
                assert ws.state is State.CLOSING
                leaving.cancel()
                await asyncio.wait([leaving])
                assert leaving.cancelled()
                assert ws.transport.is_closing()
            finally:
                ws.transport.abort()
                released.set()

    asyncio.run(main())


def test_a_connection_that_is_given_up_at_any_step_loses_no_socket() -> None:
    async def dialled(port: int) -> ClientConnection:
        return await dial(f"ws://127.0.0.1:{port}/", Timing())

    async def greeted(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def main() -> None:
        async with serve(greeted, "127.0.0.1", 0, close_timeout=0.1) as server:
            port = server.sockets[0].getsockname()[1]
            for steps in range(12):
                dialling = asyncio.create_task(dialled(port))
                for _ in range(steps):
                    await asyncio.sleep(0)
                dialling.cancel()
                await asyncio.wait([dialling])
                if not dialling.cancelled():
                    dialling.result().transport.abort()

    with warnings.catch_warnings(record=True) as lost:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(main())
        gc.collect()
    assert not [str(one.message) for one in lost if one.category is ResourceWarning]


def test_nobody_is_called_whom_a_redirect_names() -> None:
    """A server elsewhere, with what could be a key in the headers: it does not even see a connection."""

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as elsewhere:

            def redirect(connection: ServerConnection, request: Request) -> Response:
                assert request.headers["X-API-Key"] == "secret"
                return response(302, {"Location": "ws://127.0.0.1:{1}/".format(*elsewhere.getsockname())})

            async with serve(lambda _: asyncio.sleep(0), "127.0.0.1", 0, process_request=redirect) as server:
                port = server.sockets[0].getsockname()[1]
                with pytest.raises(SecurityError, match="sends us elsewhere"):
                    await dial(f"ws://127.0.0.1:{port}/", Timing(), {"X-API-Key": "secret"})
            elsewhere.setblocking(False)
            with pytest.raises(BlockingIOError):
                elsewhere.accept()

    asyncio.run(main())


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6 on loopback")
def test_a_dead_ipv6_does_not_keep_a_living_ipv4_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port whose queue is full answers nothing, as an address that leads nowhere."""

    async def main() -> None:
        async with serve(lambda ws: ws.wait_closed(), "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with ExitStack() as held:
                hole = held.enter_context(socket.socket(socket.AF_INET6))
                hole.bind(("::1", port))
                hole.listen(0)
                for _ in range(4):
                    waiting = held.enter_context(socket.socket(socket.AF_INET6))
                    waiting.setblocking(False)
                    waiting.connect_ex(("::1", port))

                def resolve(*_: object, **__: object) -> list[tuple[object, ...]]:
                    v6 = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))
                    return [v6, (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

                monkeypatch.setattr(socket, "getaddrinfo", resolve)
                monkeypatch.setattr("urllib.request.getproxies", dict)
                ws = await dial(f"ws://streamer.invalid:{port}/", Timing(open_timeout=5.0))
                assert ws.remote_address == ("127.0.0.1", port)
                await hang_up(ws, 1.0)

    asyncio.run(main())


def test_what_was_promised_of_a_link_is_what_is_set() -> None:
    timing = Timing()
    assert timing.ping_interval + timing.ping_timeout + timing.close_timeout <= 16
    assert timing.mute_after + timing.look_every <= 75
    assert (timing.mute_again, timing.wish_every, timing.open_timeout) == (300, 15, 10)
    assert (timing.connects_a_minute, timing.connect_gap) == (12, 0.3)
