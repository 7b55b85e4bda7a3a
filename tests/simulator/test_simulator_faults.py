"""Faults of the simulated streamer: what can be asked for, and that it happens, over real sockets."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from tickstream.core.tick import Tick
from tickstream.errors import UsageError, WireError
from tickstream.simulator import Address, Fault, Options, Simulator
from tickstream.simulator.faults import FaultKind, Faults
from tickstream.sources.yahoo.frames import decode
from tickstream.sources.yahoo.pricing_pb2 import PricingData

NOW = 1_790_000_000.0

Act = Callable[[Simulator, Address], Awaitable[None]]


def run(act: Act, *faults: str, clock: Callable[[], float] = lambda: NOW) -> None:
    """Let `act` have a simulator with these faults, in which nothing happens by itself."""

    async def main() -> None:
        async def sleep(_seconds: float) -> None:
            await asyncio.Event().wait()

        options = Options(faults=tuple(Fault.parse(fault) for fault in faults))
        simulator = Simulator(options, clock=clock, sleep=sleep)
        async with asyncio.timeout(20):
            async with simulator.serving() as address:
                await act(simulator, address)
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


async def subscribe(socket: ClientConnection, *symbols: str) -> None:
    await socket.send(json.dumps({"subscribe": symbols}))


async def read(socket: ClientConnection) -> Tick | None:
    return decode(await socket.recv(), now=NOW)


def to(address: Address, version: int = 2) -> connect:
    return connect(f"ws://{address.netloc}/?version={version}", proxy=None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("close=1001@20", Fault(FaultKind.CLOSE, "1001", 20)),
        ("close=1006", Fault(FaultKind.CLOSE, "1006")),
        ("mute@5x2", Fault(FaultKind.MUTE, "", 5, 2)),
        (" hole ", Fault(FaultKind.HOLE)),
        ("garbage=json@1", Fault(FaultKind.GARBAGE, "json", 1)),
        ("status=429:30", Fault(FaultKind.STATUS, "429:30")),
        ("slow=0.5x9", Fault(FaultKind.SLOW, "0.5", 0, 9)),
        ("type=earnings", Fault(FaultKind.TYPE, "earnings")),
    ],
)
def test_a_fault_is_what_its_text_says(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault
    assert str(fault) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "close", "close=abc", "close=999", "close=5000", "close=1001.5", "close=nan",
        "mute=5", "mute@", "mute@-1", "mute@5x0", "garbage=xml", "status=99", "status=", "status=429@3",
        "slow", "slow=-1", "slow=inf", "type", "type=a b", "refuse@2", "idle=x", "=1", "mute@5@6", "double=2",
    ],
)  # fmt: skip
def test_a_text_that_is_no_fault_says_what_is(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        Fault.parse(text)
    assert str(refused.value).startswith(f"bad fault {text!r}: ")
    assert "\n" not in str(refused.value)


def test_a_fault_strikes_as_often_as_it_says() -> None:
    faults = Faults([Fault.parse("refusex2")])
    assert [faults.strike(FaultKind.REFUSE) is not None for _ in range(3)] == [True, True, False]
    faults.set("mute@3")
    assert faults.strike(FaultKind.MUTE, sent=2) is None
    assert faults.strike(FaultKind.MUTE, sent=3) is not None
    faults.add("hole")
    assert faults.of(FaultKind.HOLE)
    assert faults.of(FaultKind.MUTE)
    faults.clear()
    assert not faults


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1013, 4001, 2999])
def test_a_connection_is_closed_with_a_code_after_so_many_messages(code: int) -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL", "MSFT", "TSLA")
            assert await read(socket)
            assert await read(socket)
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        # The client itself refuses to know a code that nobody may use.
        rcvd = closed.value.rcvd
        assert (rcvd.code if rcvd else 2999) == code
        assert simulator.streamer.connects == 1

    run(act, f"close={code}@2")


def test_a_connection_is_aborted_without_a_close_frame() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is None

    run(act, "close=1006")


def test_a_close_frame_can_be_without_a_code() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1005

    run(act, "close=1005")


def test_a_mute_connection_answers_pings_and_sends_nothing() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL", "MSFT")
            tick = await read(socket)
            assert tick is not None
            assert tick.id == "AAPL"
            simulator.streamer.tick("AAPL")
            await (await socket.ping())
            # Whatever was sent before the pong would be here by now.
            assert not socket.recv_messages.frames

    run(act, "mute@1")


def test_a_hole_does_not_even_answer_pings() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as mute, to(address) as socket:
            await subscribe(socket, "AAPL")
            assert await read(socket)
            simulator.faults.set("hole@1")
            simulator.streamer.tick("AAPL")
            simulator.faults.clear()
            pong = await socket.ping()
            await (await mute.ping())
            await (await mute.ping())
            assert isinstance(pong, asyncio.Future)
            assert not pong.done()
            assert len(simulator.clients) == 2
            socket.transport.abort()

    run(act)


def test_a_fault_that_was_set_while_it_runs_strikes_before_the_next_message() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            assert await read(socket)
            simulator.faults.set("mute@1")
            simulator.streamer.tick("AAPL")
            await (await socket.ping())
            assert not socket.recv_messages.frames

    run(act)


def test_garbage_takes_turns_and_decodes_to_nothing() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        for version in (1, 2):
            async with to(address, version) as socket:
                await subscribe(socket, "AAPL")
                for _ in range(3):
                    with pytest.raises(WireError):
                        await read(socket)
                    simulator.streamer.tick("AAPL")

    run(act, "garbage")


def test_one_kind_of_garbage_can_be_asked_for_and_ends_with_its_times() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            message = await socket.recv()
            assert isinstance(message, str)
            with pytest.raises(json.JSONDecodeError):
                json.loads(message)
            simulator.streamer.tick("AAPL")
            assert await read(socket)

    run(act, "garbage=jsonx1")


def test_a_truncated_message_is_base64_of_half_a_protobuf() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address, 1) as socket:
            await subscribe(socket, "AAPL")
            message = await socket.recv()
            assert b64decode(message, validate=True).startswith(b"\n\x04AAPL")
            with pytest.raises(WireError):
                decode(message)

    run(act, "truncate")


def test_a_field_that_nobody_knows_does_no_harm() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address, 1) as socket:
            await subscribe(socket, "AAPL")
            message = await socket.recv()
            assert b64decode(message).endswith(b"new")
            assert PricingData.FromString(b64decode(message)).id == "AAPL"
            tick = decode(message, now=NOW)
            assert tick is not None
            assert tick.price

    run(act, "unknown")


def test_messages_of_another_type_come_before_the_others() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            assert json.loads(await socket.recv())["type"] == "earnings"
            assert await read(socket)

    run(act, "type=earnings")


def test_each_message_can_come_twice() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            assert await socket.recv() == await socket.recv()

    run(act, "double")


def test_an_older_message_can_follow_each() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            new, old = await read(socket), await read(socket)
            assert new is not None
            assert old is not None
            assert new.time is not None
            assert old.time == new.time - 60_000
            assert old.price != new.price

    run(act, "old=60")


def test_a_slow_message_waits_and_keeps_its_place() -> None:
    async def main() -> None:
        slept: list[float] = []
        go = asyncio.Event()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await go.wait() if seconds == 2 else await asyncio.Event().wait()

        simulator = Simulator(Options(faults=(Fault.parse("slow=2x2"),)), clock=lambda: NOW, sleep=sleep)
        async with simulator.serving() as address, to(address) as socket:
            await subscribe(socket, "AAPL", "MSFT", "TSLA")
            ids = [tick.id for tick in [await read(socket)] if tick]
            go.set()
            ids += [tick.id for tick in [await read(socket), await read(socket)] if tick]
            assert ids == ["TSLA", "AAPL", "MSFT"]
        assert slept.count(2) == 2

    asyncio.run(main())


def test_subscriptions_are_forgotten_unless_they_are_repeated() -> None:
    now = [NOW]

    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL", "MSFT")
            await read(socket)
            await read(socket)
            now[0] += 15
            await subscribe(socket, "MSFT", "TSLA")
            await read(socket)
            now[0] += 5
            simulator.streamer.advance(now[0])
            assert [list(client.symbols) for client in simulator.clients] == [["MSFT", "TSLA"]]

    run(act, "forget=20", clock=lambda: now[0])


def test_repeating_is_remembered_also_when_no_slot_is_free() -> None:
    now = [NOW]

    async def act(simulator: Simulator, address: Address) -> None:
        symbols = [f"A{number}" for number in range(100)]
        async with to(address) as socket:
            await subscribe(socket, *symbols)
            for _ in symbols:
                await read(socket)
            now[0] += 15
            await subscribe(socket, *symbols)
            # Its snapshot shows that the message before it was read.
            await socket.send('{"unsubscribe":["A0"]}')
            await subscribe(socket, "A0")
            await read(socket)
            simulator.streamer.advance(NOW + 20)
            assert [len(client.symbols) for client in simulator.clients] == [100]
            # All that ticked meanwhile is of no interest, and would be in the way of a close frame.
            socket.transport.abort()

    run(act, "forget=20", clock=lambda: now[0])


def test_a_connection_in_which_nothing_flows_is_closed() -> None:
    now = [NOW]

    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as quiet, to(address) as busy:
            await subscribe(quiet, "VFINX")
            await subscribe(busy, "AAPL")
            await read(quiet)
            await read(busy)
            now[0] += 1199
            simulator.streamer.advance(now[0])
            await (await quiet.ping())
            now[0] += 1
            simulator.streamer.advance(now[0])
            with pytest.raises(ConnectionClosed) as closed:
                await quiet.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
            assert [client.ended for client in simulator.clients if "AAPL" in client.symbols] == [False]

    run(act, "idle=1200", clock=lambda: now[0])


def test_a_connection_can_be_refused_before_the_handshake_and_the_next_let_in() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        with pytest.raises((InvalidMessage, ConnectionError)):
            await to(address)
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            assert await read(socket)

    run(act, "refusex1")


@pytest.mark.parametrize(
    ("fault", "status", "header", "body"),
    [
        ("status=429", 429, ("Retry-After", None), b"Too Many Requests"),
        ("status=429:30", 429, ("Retry-After", "30"), b"Too Many Requests"),
        ("status=403", 403, ("Location", None), b"Forbidden"),
        ("status=500", 500, ("Location", None), b""),
        ("status=302", 302, ("Location", "https://consent.invalid/"), b""),
        ("status=301:http://127.0.0.1:1/", 301, ("Location", "http://127.0.0.1:1/"), b""),
        ("status=200", 200, ("Content-Type", "text/html; charset=utf-8"), b"<!doctype html>"),
    ],
)
def test_the_handshake_is_answered_with_a_status(
    fault: str, status: int, header: tuple[str, str | None], body: bytes
) -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(
            b"GET /?version=2 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        head, _, rest = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        assert lines[0].startswith(f"HTTP/1.1 {status} ")
        assert headers.get(header[0]) == header[1]
        assert rest.startswith(body)

    run(act, fault)


def test_a_refused_handshake_is_an_error_of_the_client_and_the_next_is_let_in() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        with pytest.raises(InvalidStatus):
            await to(address)
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            assert await read(socket)

    run(act, "status=503x1")


def test_a_handshake_can_be_left_unanswered() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        with pytest.raises(TimeoutError):
            await connect(address.ws_url, proxy=None, open_timeout=0.05)

    run(act, "hang")


def test_faults_can_change_and_strike_open_connections_while_it_runs() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            assert await read(socket)
            simulator.afflict("close=1013x1")
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            assert await read(socket)

    run(act)
