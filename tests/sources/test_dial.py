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
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State

from tests.support.streamer import response
from tickstream.sources.dial import Direct, Timing, dial, hang_up, text_frames


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


def framed(text: str, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    return Frame(opcode, text.encode(), fin).serialize(mask=False)


TEXTS = ["", "a", "b" * 125, "c" * 126, "d" * 65535, "e" * 65536, "f", "g"]
"""Around the lengths at which frames are written in another way."""


@pytest.mark.parametrize("size", [1, 2, 3, 5, 128, 1000, 1_000_000])
def test_frames_in_pieces_of_any_size_are_handed_over_whole_and_in_order(size: int) -> None:
    sent = framed("i", Opcode.BINARY).join(map(framed, TEXTS[:4]))
    sent += framed("", Opcode.PING) + framed("in ", fin=False) + framed("parts", Opcode.CONT)
    sent += b"".join(map(framed, TEXTS[4:]))

    async def main() -> tuple[list[bytes], list[str | bytes]]:
        async def quiet(connection: ServerConnection) -> None:
            await connection.wait_closed()

        async with serve(quiet, "127.0.0.1", 0, close_timeout=0.1) as server:
            ws = await dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", Timing())
            assert isinstance(ws, Direct)
            taken: list[bytes] = []
            ws.take = taken.append
            for start in range(0, len(sent), size):
                ws.data_received(sent[start : start + size])
            others = [await ws.recv() for _ in range(4)]
            ws.transport.abort()
            return taken, others

    taken, others = asyncio.run(main())
    assert taken == [text.encode() for text in TEXTS]
    assert others == [b"i", b"i", b"i", "in parts"]


@pytest.mark.parametrize(("rest", "reads"), [(0.0, True), (3600.0, False)])
def test_after_a_wake_up_that_came_soon_it_rests_for_as_long_as_it_may(rest: float, reads: bool) -> None:
    async def main() -> bool:
        async def quiet(connection: ServerConnection) -> None:
            await connection.wait_closed()

        async with serve(quiet, "127.0.0.1", 0, close_timeout=0.1) as server:
            ws = await dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", Timing())
            assert isinstance(ws, Direct)
            ws.take, ws.rest = (lambda frame: None), lambda: rest
            for _ in range(2):
                ws.data_received(framed("one"))
            reading = ws.transport.is_reading()
            ws.transport.abort()
            return reading

    assert asyncio.run(main()) is reads


def test_a_frame_of_text_does_not_go_through_the_parser_of_websockets() -> None:
    async def main() -> tuple[list[bytes], int]:
        async def quiet(connection: ServerConnection) -> None:
            await connection.wait_closed()

        async with serve(quiet, "127.0.0.1", 0, close_timeout=0.1) as server:
            ws = await dial(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", Timing())
            assert isinstance(ws, Direct)
            taken: list[bytes] = []
            ws.take = taken.append
            ws.protocol.receive_data = None  # type: ignore[method-assign, assignment]
            ws.data_received(framed("one") + framed("two")[:2])
            ws.data_received(framed("two")[2:])
            ws.transport.abort()
            return taken, len(ws.protocol.reader.buffer)

    assert asyncio.run(main()) == ([b"one", b"two"], 0)


@pytest.mark.parametrize(
    "frame",
    [
        framed("x", Opcode.BINARY),
        framed("x", fin=False),
        framed("x" * 65536),
        Frame(Opcode.TEXT, b"x").serialize(mask=True),
        b"\xc1\x01x",
        framed("xyz")[:-1],
        b"\x81",
    ],
    ids=["binary", "fragment", "long", "masked", "extended", "cut", "begun"],
)
def test_what_is_no_whole_message_of_text_is_left_to_websockets(frame: bytes) -> None:
    assert text_frames(framed("a") + frame) == ([b"a"], 3)
