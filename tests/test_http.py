"""Plain HTTP and WebSocket on one port, over real loopback sockets."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tickstream.http import Cut, HttpHandler, Listener, Request, Response, Terms, listen

Act = Callable[[Listener], Awaitable[None]]


async def echo(socket: ServerConnection) -> None:
    async for message in socket:
        await socket.send(message)


async def say(request: Request) -> Response:
    """Answers with what was asked."""
    text = f"{request.method} {request.path} {dict(request.query)} {request.body.decode()}"
    return Response(headers=[("x-agent", request.header("user-agent") or "")], body=text.encode())


def run(act: Act, handler: HttpHandler = say, terms: Terms | None = None) -> None:
    """Let `act` have a listener; afterwards no task may be left."""

    async def main() -> None:
        async with asyncio.timeout(20):
            async with listen(echo, handler, "127.0.0.1", 0, terms=terms or Terms()) as listener:
                await act(listener)
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


async def raw(listener: Listener, sent: bytes, *, shut: bool = False) -> bytes:
    """All that is answered to these bytes until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(sent)
    if shut:
        writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.close()


def asked(method: str = "GET", target: str = "/", *headers: str, body: bytes = b"") -> bytes:
    lines = (f"{method} {target} HTTP/1.1", "Host: here", *headers, "", "")
    return "\r\n".join(lines).encode() + body


UPGRADE = asked(
    "GET", "/", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)  # fmt: skip


def test_a_websocket_and_a_request_share_the_port() -> None:
    async def act(listener: Listener) -> None:
        async with connect(f"ws://127.0.0.1:{listener.port}/", proxy=None) as socket:
            await socket.send("hello")
            assert await socket.recv() == "hello"
            assert b"GET /plain" in await raw(listener, asked("GET", "/plain", "Connection: close"))

    run(act)


def test_a_head_that_comes_byte_by_byte_is_still_told_apart() -> None:
    async def act(listener: Listener) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        for byte in UPGRADE:
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(0)
        assert b"101 Switching Protocols" in await reader.readuntil(b"\r\n\r\n")
        writer.close()

    run(act)


def test_a_frame_that_comes_with_the_head_is_not_lost() -> None:
    async def act(listener: Listener) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(UPGRADE + b"\x81\x82\x00\x00\x00\x00hi")
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(4) == b"\x81\x02hi"
        writer.close()

    run(act)


def test_one_connection_answers_request_after_request() -> None:
    def client(port: int) -> list[str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.connect()
        socket = connection.sock
        answers = []
        for number in range(3):
            connection.request("POST", f"/n%20{number}?a=1&b=", body=f"body{number}")
            answers.append(connection.getresponse().read().decode())
        assert connection.sock is socket
        connection.close()
        return answers

    async def act(listener: Listener) -> None:
        answers = await asyncio.get_running_loop().run_in_executor(None, client, listener.port)
        assert answers == [f"POST /n {n} {{'a': '1', 'b': ''}} body{n}" for n in range(3)]

    run(act)


def test_pipelined_requests_are_answered_in_their_order() -> None:
    async def act(listener: Listener) -> None:
        answer = await raw(
            listener, asked("GET", "/1") + asked("GET", "/2") + asked("GET", "/3", "Connection: close")
        )
        places = [answer.index(text) for text in (b"GET /1", b"GET /2", b"GET /3")]
        assert places == sorted(places)

    run(act)


def test_head_is_answered_with_the_length_and_without_the_body() -> None:
    async def act(listener: Listener) -> None:
        answer = await raw(listener, asked("HEAD", "/x", "Connection: close"))
        assert b"content-length: 11" in answer
        assert answer.endswith(b"\r\n\r\n")

    run(act)


def test_a_client_that_shuts_down_its_side_still_gets_its_answer() -> None:
    async def act(listener: Listener) -> None:
        assert b"GET /x" in await raw(listener, asked("GET", "/x"), shut=True)

    run(act)


async def slowly(request: Request) -> Response:
    # Longer than the deadlines, and than an end takes to come, of the tests that use it.
    await asyncio.sleep(0.1)
    return await say(request)


def test_a_client_that_shuts_down_its_side_gets_also_an_answer_that_takes_a_while() -> None:
    async def act(listener: Listener) -> None:
        assert b"GET /x" in await raw(listener, asked("GET", "/x"), shut=True)

    run(act, slowly)


def test_the_deadline_for_a_head_is_none_for_its_answer() -> None:
    async def act(listener: Listener) -> None:
        assert b"GET /x" in await raw(listener, asked("GET", "/x", "Connection: close"))

    run(act, slowly, Terms(head_seconds=0.02))


def test_a_websocket_whose_client_has_ended_already_is_not_opened() -> None:
    async def act(listener: Listener) -> None:
        assert await raw(listener, UPGRADE, shut=True) == b""

    run(act)


def test_a_client_that_waits_to_send_its_body_is_told_to() -> None:
    async def act(listener: Listener) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(asked("POST", "/", "Content-Length: 2", "Expect: 100-continue", "Connection: close"))
        assert b"100" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"ok")
        assert (await reader.read()).endswith(b"ok")
        writer.close()

    run(act)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01 this is TLS\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (asked("GET", "/", "X: " + "x" * 20_000), b"431"),
        (b"GET /" + b"x" * 20_000, b"431"),
        (asked("POST", "/", "Content-Length: 1048577", body=b"x" * 1_048_577), b"413"),
        (asked("POST", "/", "Content-Length: x"), b"400"),
    ],
    ids=["tls", "no-colon", "no-host", "long-head", "long-line", "long-body", "bad-length"],
)
def test_what_is_no_request_is_refused(sent: bytes, status: bytes) -> None:
    async def act(listener: Listener) -> None:
        answer = await raw(listener, sent)
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert b"connection: close" in answer.lower()

    run(act)


def test_a_head_that_never_comes_ends_the_connection() -> None:
    async def act(listener: Listener) -> None:
        assert await raw(listener, b"GET / HTTP/1.1\r\nHost: he") == b""

    run(act, terms=Terms(head_seconds=0.05))


def test_a_kept_connection_that_stays_idle_is_closed() -> None:
    async def act(listener: Listener) -> None:
        assert b"GET /x" in await raw(listener, asked("GET", "/x"))

    run(act, terms=Terms(idle_seconds=0.05))


def test_a_body_that_never_comes_ends_the_connection() -> None:
    async def act(listener: Listener) -> None:
        assert await raw(listener, asked("POST", "/", "Content-Length: 5")) == b""

    run(act, terms=Terms(body_seconds=0.05))


def test_nobody_is_admitted_whom_the_terms_refuse() -> None:
    peers: list[str] = []

    def refuse(peer: str) -> bool:
        peers.append(peer)
        return False

    async def act(listener: Listener) -> None:
        with suppress(ConnectionError):
            assert await raw(listener, asked()) == b""
        assert peers == ["127.0.0.1"]

    run(act, terms=Terms(admit=refuse))


async def dripping() -> AsyncIterator[bytes]:
    for piece in (b"one ", b"two ", b"three"):
        yield piece


async def cut_short() -> AsyncIterator[bytes]:
    yield b"half of "
    raise Cut


def answering(response: Response) -> HttpHandler:
    async def handler(_request: Request) -> Response:
        return response

    return handler


def test_a_body_goes_out_piece_by_piece_in_chunks() -> None:
    async def act(listener: Listener) -> None:
        answer = await raw(listener, asked("GET", "/", "Connection: close"))
        assert b"transfer-encoding: chunked" in answer.lower()
        assert b"4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n" in answer

    run(act, answering(Response(body=dripping())))


def test_a_body_in_pieces_of_a_stated_length_goes_out_as_it_is() -> None:
    async def act(listener: Listener) -> None:
        assert (await raw(listener, asked("GET", "/", "Connection: close"))).endswith(
            b"\r\n\r\none two three"
        )

    run(act, answering(Response(headers=[("content-length", "13")], body=dripping())))


def test_a_body_can_be_cut() -> None:
    async def act(listener: Listener) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(asked())
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await reader.readuntil(b"0\r\n\r\n")
        writer.close()

    run(act, answering(Response(body=cut_short())))


def test_an_answer_can_be_refused_by_cutting() -> None:
    async def handler(_request: Request) -> Response:
        raise Cut

    async def act(listener: Listener) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(asked())
        assert await reader.read() == b""
        writer.close()

    run(act, handler)


def test_a_handler_that_fails_is_answered_500_and_the_connection_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler(request: Request) -> Response:
        if request.path == "/bad":
            raise RuntimeError("a bug")
        return Response(204)

    async def act(listener: Listener) -> None:
        answer = await raw(listener, asked("GET", "/bad") + asked("GET", "/good", "Connection: close"))
        assert b"500 Internal Server Error" in answer
        assert b"204 No Content" in answer
        assert "a bug" in caplog.text

    run(act, handler)


def test_a_client_that_is_gone_cancels_its_handler() -> None:
    entered, cancelled = asyncio.Event(), asyncio.Event()

    async def handler(_request: Request) -> Response:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return Response()

    async def act(listener: Listener) -> None:
        _reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(asked())
        await entered.wait()
        writer.transport.abort()
        await cancelled.wait()

    # A client that closes may have shut down its side only, and has a while left to get its answer.
    run(act, handler, replace(Terms(), stall_seconds=0.05))


async def hanging(_request: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


@pytest.mark.parametrize("sent", [b"", b"GET /", asked(), asked("POST", "/", "Content-Length: 9")])
def test_closing_does_not_wait_for_anybody(sent: bytes) -> None:
    async def act(listener: Listener) -> None:
        _reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(sent)
        # Another connection is made and answered after it, so that one is waited for by now.
        async with connect(f"ws://127.0.0.1:{listener.port}/", proxy=None):
            assert len(listener.connections) == 2
        listener.close()
        await listener.wait_closed()
        writer.close()

    run(act, hanging)


def test_closing_ends_websockets_with_the_code_that_was_said() -> None:
    async def act(listener: Listener) -> None:
        async with connect(f"ws://127.0.0.1:{listener.port}/", proxy=None) as socket:
            listener.close(code=1012)
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012

    run(act)


def test_a_request_being_answered_is_finished_within_the_grace() -> None:
    entered, go = asyncio.Event(), asyncio.Event()

    async def handler(_request: Request) -> Response:
        entered.set()
        await go.wait()
        return Response(body=b"finished")

    async def act(listener: Listener) -> None:
        answer = asyncio.create_task(raw(listener, asked()))
        await entered.wait()
        listener.close(grace=10)
        go.set()
        assert (await answer).endswith(b"finished")

    run(act, handler)


def test_the_handshake_can_still_be_refused_by_the_options_of_websockets() -> None:
    async def main() -> None:
        async with listen(
            echo, say, "127.0.0.1", 0, process_request=lambda socket, _: socket.respond(403, "no")
        ) as listener:
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"ws://127.0.0.1:{listener.port}/", proxy=None)
            assert refused.value.response.status_code == 403

    asyncio.run(main())


def test_a_websocket_that_sends_too_fast_is_read_more_slowly_and_others_are_not() -> None:
    pings = b"\x89\x80abcd" * 2000

    async def act(listener: Listener) -> None:
        uri = f"ws://127.0.0.1:{listener.port}/"
        async with connect(uri, proxy=None) as flooding, connect(uri, proxy=None) as other:
            there = {connection.remote_address: connection for connection in listener.connections}
            served = there[flooding.local_address]
            flooding.transport.write(pings)
            while served.transport.is_reading():
                await other.send("a turn of the loop")
                await other.recv()
            await flooding.send("after them")
            assert await flooding.recv() == "after them"
            assert there[other.local_address].transport.is_reading()

    run(act, terms=Terms(rate=len(pings) / 2))


def test_what_nobody_takes_is_not_read_on_for_the_rates_sake() -> None:
    async def act(listener: Listener) -> None:
        async with connect(f"ws://127.0.0.1:{listener.port}/", proxy=None) as ws:
            (served,) = listener.connections
            served.recv_messages.paused = True
            served.transport.pause_reading()
            served._read_on()
            assert not served.transport.is_reading()
            served.recv_messages.paused = False
            served._read_on()
            await ws.send("again")
            assert await ws.recv() == "again"

    run(act)
