"""The simulated streamer keeps Yahoo's protocol, over real loopback sockets.

Time stands still: what is pushed is pushed by `tick`, and that nothing came is
seen by what comes next, as messages of a connection keep their order.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from http.client import HTTPConnection

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.typing import Origin

from tickstream.core.tick import Tick
from tickstream.simulator import Address, Options, Session, Simulator
from tickstream.sources.yahoo.frames import decode
from tickstream.sources.yahoo.subscriptions import Malformed, read_subscriptions

NOW = 1_790_000_000.0


class Time:
    """A clock that goes on when it is told to, and a sleep that ends then."""

    def __init__(self) -> None:
        self.now = NOW
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self._news = asyncio.Event()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, sleeper))
        self._news.set()
        await sleeper

    async def asleep(self, count: int) -> None:
        """Until so many sleep."""
        while sum(not sleeper.done() for _, sleeper in self._sleepers) < count:
            self._news.clear()
            await self._news.wait()

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for wake, sleeper in self._sleepers:
            if wake <= self.now and not sleeper.done():
                sleeper.set_result(None)


Act = Callable[[Simulator, Address], Awaitable[None]]


def run(act: Act, options: Options | None = None, time: Time | None = None) -> None:
    """Let `act` have a simulator that is served; afterwards no task may be left."""

    async def main() -> None:
        time_ = time or Time()
        simulator = Simulator(options, clock=time_, sleep=time_.sleep)
        async with asyncio.timeout(20):
            async with simulator.serving() as address:
                await act(simulator, address)
            assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def to(address: Address, path: str = "/?version=2") -> connect:
    return connect(f"ws://{address.netloc}{path}", proxy=None)


async def subscribe(socket: ClientConnection, *symbols: str) -> None:
    await socket.send(json.dumps({"subscribe": symbols}))


async def read(socket: ClientConnection, count: int = 1) -> list[Tick]:
    ticks = [decode(await socket.recv(), now=NOW) for _ in range(count)]
    return [tick for tick in ticks if tick is not None]


async def ids(socket: ClientConnection, count: int = 1) -> list[str]:
    return [tick.id for tick in await read(socket, count)]


def test_the_first_message_about_a_symbol_comes_at_once() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL", "BTC-USD")
            assert await ids(socket, 2) == ["AAPL", "BTC-USD"]

    run(act)


def test_version_2_is_an_envelope_and_anything_else_bare_base64() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        for path, start in (
            ("/?version=2", '{"type":"pricing","message":"'),
            ("/?version=1", "Cg"),
            ("/", "Cg"),
        ):
            async with to(address, path) as socket:
                await subscribe(socket, "AAPL")
                message = await socket.recv()
                assert isinstance(message, str)
                assert message.startswith(start)
                assert decode(message) is not None

    run(act)


def test_any_origin_and_any_agent_is_let_in() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with connect(
            address.ws_url, proxy=None, origin=Origin("https://example.com"), user_agent_header="x/1"
        ) as socket:
            await subscribe(socket, "AAPL")
            assert await ids(socket) == ["AAPL"]

    run(act)


def test_subscriptions_add_up_and_each_gets_its_ticks() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            await subscribe(socket, "MSFT")
            assert await ids(socket, 2) == ["AAPL", "MSFT"]
            simulator.streamer.tick("MSFT")
            simulator.streamer.tick("AAPL")
            simulator.streamer.tick("TSLA")
            simulator.streamer.tick("MSFT")
            assert await ids(socket, 3) == ["MSFT", "AAPL", "MSFT"]

    run(act)


def test_subscribing_again_brings_no_second_snapshot() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            await subscribe(socket, "AAPL")
            await subscribe(socket, "AAPL", "MSFT")
            assert await ids(socket, 2) == ["AAPL", "MSFT"]

    run(act)


def test_what_was_unsubscribed_is_silent_until_it_is_subscribed_again() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            await socket.send('{"unsubscribe":["AAPL","NEVER"]}')
            await subscribe(socket, "MSFT")
            assert await ids(socket, 2) == ["AAPL", "MSFT"]
            simulator.streamer.tick("AAPL")
            await subscribe(socket, "AAPL")
            assert await ids(socket) == ["AAPL"]
            assert [client.symbols.keys() for client in simulator.clients] == [{"MSFT": 0, "AAPL": 0}.keys()]

    run(act)


def test_unknown_symbols_are_silent() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "NOSUCH", "NOSUCH-USD", "not a symbol", "aapl", "MSFT")
            assert await ids(socket) == ["MSFT"]

    run(act)


def test_the_hundred_and_first_symbol_is_silent_and_slots_can_be_freed() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            symbols = [f"A{number}" for number in range(90)]
            await subscribe(socket, *(f"NOSUCH{number}" for number in range(10)))
            await subscribe(socket, *symbols, "LATE1", "LATE2")
            assert await ids(socket, 90) == symbols
            await subscribe(socket, "LATE1")
            await socket.send('{"unsubscribe":["NOSUCH3"]}')
            await subscribe(socket, "LATE2", "LATE3")
            await socket.send('{"unsubscribe":["A5"]}')
            await subscribe(socket, "LATE4")
            assert await ids(socket, 2) == ["LATE2", "LATE4"]

    run(act)


def test_each_connection_has_its_own_hundred() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as one, to(address) as two:
            for socket in (one, two):
                await subscribe(socket, *(f"A{number}" for number in range(100)))
                await ids(socket, 100)
            simulator.streamer.tick("A7")
            assert await read(one) == await read(two)

    run(act)


@pytest.mark.parametrize(
    "message",
    [
        '{"subscribe":"BTC-USD"}',
        "hello",
        '{"follow":["A"]}',
        '{"subscribe":[null]}',
        "[]",
        '{"subscribe":[1]}',
        b"\xff",
    ],
)
def test_malformed_input_aborts_the_connection_without_a_close_frame(message: str | bytes) -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await socket.send(message)
            with pytest.raises(ConnectionClosedError) as closed:
                await socket.recv()
            assert closed.value.rcvd is None
        assert not simulator.clients

    run(act)


@pytest.mark.parametrize(
    "message", ['{"subscribe":[]}', "{}", '{"unsubscribe":["AAPL"]}', ' { "subscribe" : [ ] } ']
)
def test_what_asks_for_nothing_is_harmless(message: str) -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await socket.send(message)
            await subscribe(socket, "AAPL")
            assert await ids(socket) == ["AAPL"]

    run(act)


def test_actions_are_read_in_the_order_given() -> None:
    assert read_subscriptions('{"unsubscribe":["A"],"subscribe":["B","C"]}') == [
        ("unsubscribe", ["A"]),
        ("subscribe", ["B", "C"]),
    ]
    with pytest.raises(Malformed):
        read_subscriptions("null")


def test_the_snapshot_can_be_late_and_no_tick_overtakes_it() -> None:
    time = Time()

    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL")
            await time.asleep(2)
            simulator.streamer.tick("AAPL")
            time.advance(1.9)
            simulator.streamer.tick("AAPL")
            time.advance(0.1)
            (snapshot,) = await read(socket)
            assert snapshot.time == (NOW + 1) * 1000

    run(act, Options(snapshot_delay=2.0), time)


def test_symbols_tick_about_once_a_second_by_themselves() -> None:
    time = Time()

    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL", "BTC-USD")
            await ids(socket, 2)
            for _ in range(3):
                time.advance(1.1)
                assert sorted(await ids(socket, 2)) == ["AAPL", "BTC-USD"]

    run(act, time=time)


def test_rate_is_messages_a_second_over_all_symbols() -> None:
    time = Time()

    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as one, to(address) as two:
            await subscribe(one, "AAPL", "NOSUCH", "VFINX")
            await subscribe(two, "MSFT", "TSLA")
            await ids(one, 2)
            await ids(two, 2)
            simulator.streamer.advance(time.now)
            time.now += 0.4
            simulator.streamer.advance(time.now)
            await subscribe(one, "END")
            await subscribe(two, "END")
            assert len(await until(one, "END")) + len(await until(two, "END")) == 40

    run(act, Options(rate=100.0), time)


def test_what_nobody_follows_any_more_takes_no_turns() -> None:
    time = Time()

    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL", "MSFT")
            await ids(socket, 2)
            await socket.send('{"unsubscribe":["MSFT"]}')
            await subscribe(socket, "VFINX")
            assert await ids(socket) == ["VFINX"]
            simulator.streamer.advance(time.now)
            time.now += 0.4
            simulator.streamer.advance(time.now)
            await subscribe(socket, "END")
            assert await until(socket, "END") == ["AAPL"] * 40

    run(act, Options(rate=100.0), time)


async def until(socket: ClientConnection, last: str) -> list[str]:
    seen = []
    while (symbol := (await ids(socket))[0]) != last:
        seen.append(symbol)
    return seen


def test_a_closed_market_shows_its_last_close_and_ticks_no_more() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            await subscribe(socket, "AAPL", "ES=F", "EURUSD=X", "BTC-USD")
            apple, *_, bitcoin = await read(socket, 4)
            assert apple.time is not None
            assert apple.time < (NOW - 4 * 3600) * 1000
            assert bitcoin.time is not None
            assert bitcoin.time > (NOW - 60) * 1000
            assert [simulator.streamer.tick(s) for s in ("AAPL", "ES=F", "EURUSD=X", "BTC-USD")] == [
                False
            ] * 3 + [True]
            assert await ids(socket) == ["BTC-USD"]

    run(act, Options(session=Session.CLOSED))


def test_a_client_that_does_not_read_is_dropped_and_costs_the_others_nothing() -> None:
    async def act(simulator: Simulator, address: Address) -> None:
        async with to(address) as good, connect(address.ws_url, proxy=None, max_queue=1) as stuck:
            await subscribe(stuck, "AAPL")
            await subscribe(good, "AAPL")
            await ids(good)
            while len(simulator.clients) == 2:
                for client in simulator.clients:
                    client.put("x" * 100_000)
                assert await good.recv() == "x" * 100_000
            simulator.streamer.tick("AAPL")
            assert await ids(good) == ["AAPL"]
            stuck.transport.abort()

    run(act)


def test_pings_are_answered() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            assert await (await socket.ping()) >= 0

    run(act)


def test_the_handshake_says_that_it_is_a_simulator() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        async with to(address) as socket:
            assert socket.response is not None
            assert socket.response.headers["Server"] == "tickstream-simulator"

    run(act)


def test_another_path_is_no_streamer() -> None:
    async def act(_simulator: Simulator, address: Address) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await to(address, "/elsewhere")
        assert refused.value.response.status_code == 404

    run(act)


def test_plain_http_is_answered_as_yahoo_answers_an_unknown_path() -> None:
    def ask(address: Address) -> tuple[int, object]:
        connection = HTTPConnection(address.host, address.port, timeout=10)
        connection.request("GET", "/v7/nothing?symbols=AAPL")
        answer = connection.getresponse()
        try:
            return answer.status, json.load(answer)
        finally:
            connection.close()

    async def act(_simulator: Simulator, address: Address) -> None:
        status, body = await asyncio.get_running_loop().run_in_executor(None, ask, address)
        error = {"code": "Not Found", "description": "No such path: /v7/nothing"}
        assert (status, body) == (404, {"finance": {"result": None, "error": error}})

    run(act)


def test_ending_closes_the_connections_with_going_away() -> None:
    async def main() -> None:
        simulator = Simulator(Options())
        async with simulator.serving() as address:
            socket = await to(address)
            await subscribe(socket, "AAPL")
            await ids(socket)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001

    asyncio.run(main())


def test_prices_go_on_when_it_is_served_again_on_the_same_port() -> None:
    async def main() -> None:
        time = Time()
        simulator = Simulator(Options(), clock=time, sleep=time.sleep)
        seen: list[Iterable[Tick]] = []
        port = 0
        for _ in range(2):
            async with simulator.serving(port=port) as address, to(address) as socket:
                port = address.port
                await subscribe(socket, "AAPL")
                seen.append(await read(socket))
        assert seen[0] == seen[1]

    asyncio.run(main())


def test_an_address_of_ipv6_is_written_with_brackets() -> None:
    assert Address("::1", 9100).url == "yahoo+http://[::1]:9100"
    assert Address("127.0.0.1", 9100).ws_url == "ws://127.0.0.1:9100/?version=2"
