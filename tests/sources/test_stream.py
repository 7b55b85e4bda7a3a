"""The stream against a real server on loopback that misbehaves in every way we know of."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
import trustme
from websockets.exceptions import ConnectionClosedError
from websockets.http11 import Response

from tests.support.process import with_proxy
from tests.support.shared import recorded_frames, said_in
from tests.support.streamer import FakeStreamer, Recorder, Script, Visit, fast_clock, frame, response
from tickstream.core.ports import Link, Status
from tickstream.core.tick import Tick
from tickstream.errors import Refused
from tickstream.sources import supervisor
from tickstream.sources.dial import Timing
from tickstream.sources.supervisor import Clock
from tickstream.sources.yahoo.stream import YahooStream

CALM = Timing(open_timeout=20.0, close_timeout=0.1, wish_every=0.05, look_every=1.0)
"""No ping is due while a test runs, however loaded the machine is."""
QUICK = replace(CALM, ping_interval=0.2, ping_timeout=0.5, look_every=3600.0)
"""A dead link is noticed at once, and by nothing but a ping."""


@asynccontextmanager
async def running(
    url: str, symbols: set[str], *, timing: Timing = CALM, clock: Clock | None = None, most: int = 100
) -> AsyncIterator[tuple[YahooStream, Recorder, asyncio.Task[None]]]:
    """A stream that runs for as long as the block lasts."""
    stream = YahooStream(url, timing=timing, clock=clock or fast_clock(), most=most)
    feed = Recorder()
    stream.follow(frozenset(symbols))
    task = asyncio.create_task(stream.run(feed))
    try:
        yield stream, feed, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def against(script: Script, test: Callable[[FakeStreamer], Awaitable[None]], **options: object) -> None:
    """Run `test` with a streamer that runs `script` for each connection."""

    async def run() -> None:
        async with FakeStreamer(script, **options).serving() as streamer:  # type: ignore[arg-type]
            await test(streamer)
        assert len(asyncio.all_tasks()) == 1, "a task was left behind"

    asyncio.run(run())


async def serve_prices(visit: Visit) -> None:
    """A well-behaved streamer: one push a subscribed symbol, whose price is the number of the visit."""
    for symbol in (await visit.wish())["subscribe"]:
        await visit.send(
            frame(symbol, price=float(visit.number), time=1_789_000_000_000 + visit.number * 1000)
        )
    await visit.stay()


# -- what flows


def test_recorded_frames_come_out_as_what_they_say() -> None:
    records = recorded_frames()
    symbols = {record["decoded"]["id"] for record in records}

    async def script(visit: Visit) -> None:
        await visit.wish()
        for number, record in enumerate(records):
            version_2 = json.dumps({"type": "pricing", "message": record["raw"]}, separators=(",", ":"))
            await visit.send(version_2 if number % 2 else record["raw"])
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, symbols) as (_, feed, _):
            await feed.until(lambda: len(feed.ticks) == len(records))
            assert [tick.to_dict() for tick in feed.ticks] == [said_in(record) for record in records]

    against(script, test)


def test_the_first_message_is_the_whole_wish_and_it_is_repeated() -> None:
    heard = asyncio.Event()

    async def script(visit: Visit) -> None:
        for _ in range(3):
            await visit.wish()
        heard.set()
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"MSFT", "AAPL"}):
            await heard.wait()
        assert streamer.visits[0].wishes[:3] == [{"subscribe": ["AAPL", "MSFT"]}] * 3

    against(script, test)


def test_a_changed_wish_unsubscribes_first_and_then_says_the_whole_wish() -> None:
    subscribed, heard = asyncio.Event(), asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.wish()
        subscribed.set()
        while {"unsubscribe": ["AAPL"]} not in visit.wishes or len(visit.wishes) < 3:
            await visit.wish()
        heard.set()
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        slow = Timing(wish_every=60.0, connect_gap=0.0)
        async with running(streamer.url, {"AAPL", "MSFT"}, timing=slow) as (stream, _, _):
            await subscribed.wait()
            stream.follow(frozenset({"MSFT", "TSLA"}))
            await heard.wait()
        assert streamer.visits[0].wishes == [
            {"subscribe": ["AAPL", "MSFT"]},
            {"unsubscribe": ["AAPL"]},
            {"subscribe": ["MSFT", "TSLA"]},
        ]

    against(script, test)


def test_a_wish_that_changes_while_nobody_is_connected_is_the_one_that_is_said() -> None:
    async def script(visit: Visit) -> None:
        if visit.number == 1:
            await visit.wish()
            return await visit.ws.close(1001)
        return await serve_prices(visit)

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL", "MSFT"}) as (stream, feed, _):
            await feed.until(lambda: Link.BACKOFF in feed.states)
            stream.follow(frozenset({"NVDA"}))
            stream.follow(frozenset({"MSFT", "TSLA"}))
            await feed.until(lambda: len(feed.ticks) == 2)
        assert streamer.visits[1].wishes[0] == {"subscribe": ["MSFT", "TSLA"]}
        assert not any("unsubscribe" in wish for wish in streamer.visits[1].wishes)

    against(script, test)


def test_more_than_100_symbols_open_more_connections_and_none_has_more() -> None:
    symbols = {f"S{number}" for number in range(250)}

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, symbols) as (_, feed, _):
            await feed.until(lambda: len(feed.ticks) == 250)
            assert {tick.id for tick in feed.ticks} == symbols
            assert sorted(len(visit.wishes[0]["subscribe"]) for visit in streamer.visits) == [50, 100, 100]
            assert feed.states[-1] is Link.LIVE

    against(serve_prices, test)


def test_connections_are_opened_one_after_the_other() -> None:
    clock, waits = fast_clock(), list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await clock.sleep(seconds)

    async def test(streamer: FakeStreamer) -> None:
        stopped = replace(clock, monotonic=lambda: 0.0, sleep=sleep)
        async with running(streamer.url, {"A", "B", "C"}, most=1, clock=stopped) as (_, feed, _):
            await feed.until(lambda: len(feed.ticks) == 3)
            assert waits[:3] == pytest.approx([0.0, 0.3, 0.6])

    against(serve_prices, test)


def test_a_connection_that_nobody_needs_any_more_is_closed() -> None:
    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"A", "B", "C", "D"}, most=2) as (stream, feed, _):
            await feed.until(lambda: len(feed.ticks) == 4)
            stream.follow(frozenset({"A", "B"}))
            left = next(visit for visit in streamer.visits if visit.wishes[0] == {"subscribe": ["C", "D"]})
            await left.ws.wait_closed()
            stays = next(visit for visit in streamer.visits if visit is not left)
            assert stays.ws.close_code is None

    against(serve_prices, test)


def test_frames_that_are_broken_or_of_another_type_are_counted_and_the_stream_goes_on() -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(
            "not base64 !", '{"type":"pricing","message":"CgRB"}', b"\xff\xfe", '{"type":"earnings"}'
        )
        await visit.send(frame("AAPL", 7.0))
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks) and len(feed.errors) == 3)
            assert [tick.price for tick in feed.ticks] == [7.0]
            assert len(streamer.visits) == 1

    against(script, test)


# -- what ends a connection


async def close_1000(visit: Visit) -> None:
    await visit.ws.close(1000)


async def close_1001(visit: Visit) -> None:
    await visit.ws.close(1001, "going away")


async def close_1006(visit: Visit) -> None:
    visit.ws.transport.abort()


async def close_1008(visit: Visit) -> None:
    await visit.ws.close(1008, "policy")


async def go_half_open(visit: Visit) -> None:
    visit.ws.transport.pause_reading()
    await visit.ws.wait_closed()


async def send_too_much(visit: Visit) -> None:
    await visit.send("x" * (2 << 20))
    await visit.stay()


async def send_a_bomb(visit: Visit) -> None:
    """64 MiB in 64 kB, compressed as nobody has agreed to."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(bytes(64 << 20)) + packer.flush()
    visit.ws.transport.write(b"\xc1\x7f" + len(packed).to_bytes(8) + packed)
    await visit.stay()


@pytest.mark.parametrize(
    "end",
    [close_1000, close_1001, close_1006, close_1008, go_half_open, send_too_much, send_a_bomb],
    ids=lambda end: end.__name__,
)
def test_after_a_close_of_any_kind_the_same_symbols_flow_again(end: Script) -> None:
    async def script(visit: Visit) -> None:
        if visit.number > 2:
            return await serve_prices(visit)
        for symbol in (await visit.wish())["subscribe"]:
            await visit.send(frame(symbol, price=float(visit.number)))
        return await end(visit)

    async def test(streamer: FakeStreamer) -> None:
        timing = QUICK if end is go_half_open else CALM
        async with running(streamer.url, {"AAPL", "MSFT"}, timing=timing) as (_, feed, _):
            await feed.until(
                lambda: {tick.id for tick in feed.ticks if tick.price == 3.0} == {"AAPL", "MSFT"}
            )
            assert len(streamer.visits) == 3
            assert all(visit.wishes[0] == {"subscribe": ["AAPL", "MSFT"]} for visit in streamer.visits)
            requests = [visit.ws.request for visit in streamer.visits]
            assert not any(
                request and request.headers.get("Sec-WebSocket-Extensions") for request in requests
            )
            assert len(feed.gaps) == 2
            waits = [event.retry_in for event in feed.events if isinstance(event, Status) and event.retry_in]
            assert len(waits) == 2
            assert all((wait >= 30.0) == (end is close_1008) for wait in waits)
            assert feed.states[-1] is Link.LIVE

    against(script, test)


@pytest.mark.parametrize("with_data", [False, True], ids=["without data", "with one push each"])
def test_a_server_that_accepts_and_closes_gets_no_more_than_12_connects_a_minute(with_data: bool) -> None:
    clock = fast_clock(200)
    times: list[float] = []

    async def script(visit: Visit) -> None:
        times.append(clock.monotonic())
        if with_data:
            await visit.wish()
            await visit.send(frame("AAPL"))
        visit.ws.transport.abort()

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}, clock=clock) as (_, feed, _):
            await feed.until(lambda: len(times) >= 26)

    against(script, test)
    # The client counts when it begins to connect, the server when it has accepted.
    assert all(later - sooner > 55 for sooner, later in zip(times, times[12:], strict=False))


def test_where_it_connects_too_often_it_is_still_said_why_it_has_to_connect() -> None:
    async def run() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        why = f"cannot reach 127.0.0.1:{port}: connection refused"
        # No step is waited for, so that all twelve are had within the minute.
        clock = replace(fast_clock(5), uniform=lambda low, high: low)
        async with running(f"ws://127.0.0.1:{port}/", {"AAPL"}, clock=clock) as (_, feed, _):
            await feed.until(lambda: f"{why}; connecting too often" in feed.reasons)

    asyncio.run(run())


def test_a_port_that_is_closed_is_tried_again_until_it_opens() -> None:
    async def run() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        async with running(f"ws://127.0.0.1:{port}/", {"AAPL"}) as (_, feed, task):
            await feed.until(lambda: feed.states.count(Link.BACKOFF) >= 3)
            assert not task.done()
            assert f"cannot reach 127.0.0.1:{port}: connection refused" in feed.reasons
            async with FakeStreamer(serve_prices).serving(port):
                await feed.until(lambda: bool(feed.ticks))

    asyncio.run(run())


def test_a_name_that_nobody_knows_is_said_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: str | bytes | None, *_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with_proxy(monkeypatch, {})
    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    async def run() -> None:
        async with running("ws://nx.invalid/", {"AAPL"}) as (_, feed, task):
            await feed.until(lambda: feed.states.count(Link.BACKOFF) >= 3)
            assert not task.done()
            assert "cannot find nx.invalid: no such name, or no network" in feed.reasons

    asyncio.run(run())


@pytest.mark.parametrize(
    ("url", "variable", "proxy", "why"),
    [
        ("wss://streamer.invalid/", "HTTPS_PROXY", "http://me:secret@127.0.0.1:{port}", "127.0.0.1:{port}"),
        ("ws://streamer.invalid/", "HTTP_PROXY", "http://127.0.0.1:{port}", "connection refused"),
        ("wss://streamer.invalid/", "WSS_PROXY", "gopher://127.0.0.1:{port}", "isn't a valid proxy"),
        ("wss://streamer.invalid/", "HTTPS_PROXY", "http://[", "Invalid IPv6 URL"),
    ],
)
def test_a_proxy_that_does_not_work_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, url: str, variable: str, proxy: str, why: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with_proxy(monkeypatch, {variable: proxy.format(port=port)})

        async def run() -> None:
            async with running(url, {"AAPL"}) as (_, feed, _):
                await feed.until(lambda: Link.BACKOFF in feed.states)
                reason = next(reason for reason in feed.reasons if reason)
                assert reason.startswith(f"the proxy set by {variable} does not work: ")
                assert why.format(port=port) in reason
                assert "secret" not in reason

        asyncio.run(run())


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_handshake_that_hangs_is_given_up_and_tried_again(scheme: str) -> None:
    async def run() -> None:
        greeted: list[asyncio.StreamWriter] = []

        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            greeted.append(writer)
            await reader.read()
            writer.close()

        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        netloc = "{}:{}".format(*server.sockets[0].getsockname())
        timing = replace(CALM, open_timeout=0.1)
        async with server, running(f"{scheme}://{netloc}/", {"AAPL"}, timing=timing) as (_, feed, task):
            await feed.until(lambda: feed.states.count(Link.BACKOFF) == 2)
            assert f"{netloc} did not answer in time" in feed.reasons
            assert len(greeted) == 2
            assert not task.done()

    asyncio.run(run())


def test_a_connection_that_is_reset_before_we_say_anything_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # It takes a reset between two steps of websockets: between connecting and its first write.
    async def reset(url: str, timing: Timing, headers: dict[str, str]) -> None:
        raise ConnectionClosedError(None, None)

    monkeypatch.setattr(supervisor, "dial", reset)

    async def run() -> None:
        async with running("ws://127.0.0.1:9/", {"AAPL"}) as (_, feed, task):
            await feed.until(lambda: feed.states.count(Link.BACKOFF) >= 3)
            assert not task.done()
            assert "127.0.0.1:9 closed the connection before the handshake was done" in feed.reasons

    asyncio.run(run())


def test_only_data_takes_the_backoff_back_to_the_start() -> None:
    waits: list[float] = []
    clock = fast_clock(500)

    def least(low: float, high: float) -> float:
        waits.append(high)
        return low

    watched = Clock(
        wall=clock.wall,
        monotonic=clock.monotonic,
        sleep=clock.sleep,
        uniform=least,
    )

    async def script(visit: Visit) -> None:
        if visit.number in (5, 6):
            await visit.wish()
            await visit.send(frame())
        await visit.ws.close(1001)

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}, clock=watched) as (_, feed, _):
            await feed.until(lambda: len(waits) >= 7)

    against(script, test)
    assert waits[:4] == pytest.approx([0.5, 0.8, 1.28, 2.048])
    assert waits[4:7] == pytest.approx([0.5, 0.5, 0.8])


def test_silence_of_what_should_tick_ends_the_connection_but_not_twice_in_five_minutes() -> None:
    async def script(visit: Visit) -> None:
        if visit.number == 1:
            await visit.wish()
            await visit.send(frame("BTC-USD", 1.0, quote_type=41))
        else:
            await visit.wish()
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        clock = fast_clock(400)
        async with running(streamer.url, {"BTC-USD"}, clock=clock) as (_, feed, _):
            await feed.until(lambda: len(streamer.visits) == 2 and Link.STALE in feed.states[-1:])
            stale = [
                event for event in feed.events if isinstance(event, Status) and event.state is Link.STALE
            ]
            assert stale[0].reason.startswith("connected, but mute for")
            first = stale[0].time
            await feed.until(lambda: len(streamer.visits) == 3, seconds=30)
            assert clock.wall() * 1000 - first > 300_000

    against(script, test)


async def send_garbage(visit: Visit) -> None:
    await visit.send("garbage!", '{"type":"pricing","message":"AAAA"}')


async def send_pings(visit: Visit) -> None:
    for _ in range(20):
        await visit.ws.ping()


@pytest.mark.parametrize("noise", [send_garbage, send_pings], ids=lambda noise: noise.__name__)
def test_noise_is_no_sign_of_life(noise: Script) -> None:
    """Neither what cannot be read nor a flood of pings."""

    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame("BTC-USD", float(visit.number), quote_type=41))
        while True:
            await noise(visit)
            await asyncio.sleep(0.005)

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"BTC-USD"}, clock=fast_clock(400)) as (_, feed, _):
            await feed.until(lambda: len(streamer.visits) == 2 and len(feed.ticks) == 2)
            assert Link.STALE in feed.states
            assert bool(feed.errors) == (noise is send_garbage)

    against(script, test)


def test_one_symbol_that_falls_silent_among_others_ends_no_connection() -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame("ETH-USD", quote_type=41))
        for number in range(1_000_000):
            await visit.send(frame("BTC-USD", float(number), quote_type=41))
            await asyncio.sleep(0.005)

    async def test(streamer: FakeStreamer) -> None:
        clock = fast_clock(400)
        async with running(streamer.url, {"BTC-USD", "ETH-USD"}, clock=clock) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            await clock.sleep(200.0)
            assert len(streamer.visits) == 1
            assert Link.STALE not in feed.states

    against(script, test)


def test_a_redirect_within_the_server_is_followed() -> None:
    def refuse(number: int) -> Response | None:
        return response(302, {"Location": "/elsewhere?version=2"}) if number == 1 else None

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            assert Link.BACKOFF not in feed.states
            request = streamer.visits[0].ws.request
            assert request is not None
            assert request.path == "/elsewhere?version=2"

    against(serve_prices, test, refuse=refuse)


def test_all_is_not_live_before_all_connections_are() -> None:
    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"A", "B", "C"}, most=1) as (_, feed, _):
            await feed.until(lambda: len(feed.ticks) == 3)
            assert feed.states.count(Link.LIVE) == 1
            assert feed.states[-1] is Link.LIVE

    against(serve_prices, test)


def test_what_was_mute_is_live_again_with_the_next_tick_and_the_gap_is_said() -> None:
    again = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame("BTC-USD", 1.0, quote_type=41))
        await again.wait()
        await visit.send(frame("BTC-USD", 2.0, quote_type=41, time=1_789_000_001_000))
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        # Silence must not end the connection here: once is allowed an hour, and that was spent.
        timing = replace(CALM, mute_again=1e9)
        async with running(streamer.url, {"BTC-USD"}, timing=timing, clock=fast_clock(400)) as (_, feed, _):
            await feed.until(lambda: feed.states.count(Link.STALE) == 1 and len(streamer.visits) == 2)
            await feed.until(lambda: feed.states.count(Link.STALE) == 2)
            again.set()
            await feed.until(lambda: feed.states[-1] is Link.LIVE)
            assert len(feed.gaps) == 2
            assert all(gap.start <= gap.end for gap in feed.gaps)

    against(script, test)


def test_who_is_followed_no_longer_does_not_decide_what_is_said() -> None:
    async def script(visit: Visit) -> None:
        wish = await visit.wish()
        if "A" in wish["subscribe"]:
            await visit.send(frame("A"))
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"A", "B"}, most=1) as (stream, feed, _):
            await feed.until(lambda: len(feed.ticks) == 1 and len(streamer.visits) == 2)
            assert feed.states[-1] is Link.CONNECTING
            stream.follow(frozenset({"A"}))
            await feed.until(lambda: feed.states[-1] is Link.LIVE)

    against(script, test)


def test_what_one_connection_knows_to_be_simulated_is_marked_for_all() -> None:
    async def script(visit: Visit) -> None:
        wish = await visit.wish()
        if "A" in wish["subscribe"]:
            await visit.send(frame("A"))
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"A", "B"}, most=1) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            statuses = [event for event in feed.events if isinstance(event, Status)]
            assert statuses[-1].mark == "SIMULATED"
            assert statuses[-1].state is Link.CONNECTING

    against(script, test, server_header="tickstream-simulator/1")


def test_ticks_that_nobody_asked_for_are_no_sign_of_life_and_are_not_kept() -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(*(frame(f"X{number}") for number in range(50)))
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}) as (_, feed, _):
            await feed.until(lambda: len(feed.ticks) == 50)
            assert Link.LIVE not in feed.states

    against(script, test)


def test_a_bug_in_whoever_publishes_ends_it_and_is_no_lost_connection() -> None:
    class Broken(Recorder):
        def publish(self, tick: Tick) -> None:
            raise ZeroDivisionError

    async def test(streamer: FakeStreamer) -> None:
        stream = YahooStream(streamer.url, timing=CALM, clock=fast_clock())
        stream.follow(frozenset({"AAPL"}))
        with pytest.raises(ExceptionGroup) as raised:
            await stream.run(Broken())
        assert raised.group_contains(ZeroDivisionError)

    against(serve_prices, test)


def test_a_redirect_to_an_address_that_is_none_is_refused() -> None:
    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}) as (_, _, task):
            with pytest.raises(Refused, match="an address that is none"):
                await task

    against(serve_prices, test, refuse=lambda number: response(302, {"Location": "http://["}))


def test_silence_is_fine_where_nothing_has_to_tick() -> None:
    async def test(streamer: FakeStreamer) -> None:
        clock = fast_clock(2000)
        async with running(streamer.url, {"AAPL"}, clock=clock) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            await clock.sleep(3600.0 - clock.monotonic())
            assert len(streamer.visits) == 1
            assert Link.STALE not in feed.states

    against(serve_prices, test)


def test_a_link_that_did_not_survive_a_pause_is_noticed_at_once() -> None:
    paused = 0.0
    real = fast_clock(1)
    clock = Clock(wall=lambda: real.wall() + paused, monotonic=real.monotonic, sleep=real.sleep)

    async def script(visit: Visit) -> None:
        if visit.number == 2:
            return await serve_prices(visit)
        await visit.wish()
        await visit.send(frame())
        return await go_half_open(visit)

    async def test(streamer: FakeStreamer) -> None:
        nonlocal paused
        # Pings are too far off to notice.
        timing = Timing(ping_interval=60.0, ping_timeout=0.1, look_every=0.05, connect_gap=0.0)
        async with running(streamer.url, {"AAPL"}, timing=timing, clock=clock) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            paused = 3600.0
            await feed.until(lambda: len(feed.ticks) == 2)
            assert "the link did not survive a pause" in feed.reasons

    against(script, test)


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_is_set_or_a_process_that_stood_still_ends_no_link_that_is_sound(jump: float) -> None:
    jumped, looked = 0.0, 0
    more = asyncio.Event()
    real = fast_clock(1)

    async def sleep(seconds: float) -> None:
        nonlocal looked
        looked += bool(jumped)
        if looked > 3:
            more.set()
        await real.sleep(seconds)

    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame())
        await more.wait()
        await visit.send(frame(price=101.0))
        await visit.stay()

    async def test(streamer: FakeStreamer) -> None:
        nonlocal jumped
        timing = Timing(ping_interval=60.0, ping_timeout=20.0, look_every=0.05, connect_gap=0.0)
        clock = Clock(wall=lambda: real.wall() + jumped, monotonic=real.monotonic, sleep=sleep)
        async with running(streamer.url, {"AAPL"}, timing=timing, clock=clock) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            jumped = jump
            await feed.until(lambda: len(feed.ticks) == 2)
            assert len(streamer.visits) == 1
            assert not feed.gaps
            assert feed.states[-1] is Link.LIVE

    against(script, test)


@pytest.mark.parametrize("goodbye", [False, True], ids=["reset", "goodbye"])
def test_a_link_that_was_lost_while_we_stood_still_is_a_gap_from_then_on(goodbye: bool) -> None:
    gap, stopped = _gap_after_a_pause(goodbye=goodbye, proven=False)
    assert gap >= stopped


def test_what_came_over_a_link_before_it_was_reset_is_no_part_of_the_gap() -> None:
    gap, waited = _gap_after_a_pause(goodbye=False, proven=True)
    assert 0 < gap < waited


def _gap_after_a_pause(*, goodbye: bool, proven: bool) -> tuple[float, float]:
    """How long the gap is of a link that ends after a time in which nothing came, and how long that was.

    With `goodbye` the server says so; `proven` is a ping that comes just before.
    """
    waited = 12.0 if proven else 100.0
    passed, ticked = 0.0, asyncio.Event()
    real = fast_clock(1)
    clock = Clock(wall=lambda: real.wall() + passed, monotonic=real.monotonic, sleep=real.sleep)
    gaps: list[float] = []

    async def script(visit: Visit) -> None:
        if visit.number == 2:
            return await serve_prices(visit)
        await visit.wish()
        await visit.send(frame())
        await ticked.wait()
        if proven:
            await (await visit.ws.ping())
        if goodbye:
            return await visit.ws.close(1001)
        return visit.ws.transport.abort()

    async def test(streamer: FakeStreamer) -> None:
        nonlocal passed
        timing = replace(CALM, look_every=60.0, connect_gap=0.0)
        async with running(streamer.url, {"AAPL"}, timing=timing, clock=clock) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            passed = waited
            ticked.set()
            await feed.until(lambda: len(feed.ticks) == 2)
            gaps.extend((gap.end - gap.start) / 1000 for gap in feed.gaps)

    against(script, test)
    (gap,) = gaps
    return gap, waited


# -- who turns us away


def test_429_is_waited_out_for_as_long_as_the_server_asks() -> None:
    def refuse(number: int) -> Response | None:
        return response(429, {"Retry-After": "7"}) if number == 1 else None

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            refused = next(
                event for event in feed.events if isinstance(event, Status) and event.state is Link.REFUSED
            )
            assert refused.retry_in == 7.0
            assert "HTTP 429" in refused.reason

    against(serve_prices, test, refuse=refuse)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (response(403), "refused: HTTP 403"),
        (response(404), "refused: HTTP 404"),
        (
            response(302, {"Location": "ws://elsewhere.example/"}),
            "it sends us elsewhere, to elsewhere.example",
        ),
        (
            response(307, {"Location": "https://consent.example/v2"}),
            "it sends us elsewhere, to consent.example",
        ),
    ],
    ids=["403", "404", "redirect elsewhere", "consent page"],
)
def test_who_is_refused_at_the_very_start_is_told_so(answer: Response, says: str) -> None:
    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}) as (_, _, task):
            with pytest.raises(Refused, match=says):
                await task

    against(serve_prices, test, refuse=lambda number: answer)


def test_who_is_refused_later_goes_on_trying_slowly() -> None:
    async def script(visit: Visit) -> None:
        if visit.number == 2:
            return await serve_prices(visit)
        await visit.wish()
        await visit.send(frame())
        return await visit.ws.close(1001)

    def refuse(number: int) -> Response | None:
        return response(403) if number == 2 else None

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}, clock=fast_clock(200)) as (_, feed, _):
            await feed.until(lambda: len(feed.ticks) == 2)
            refused = next(
                event for event in feed.events if isinstance(event, Status) and event.state is Link.REFUSED
            )
            assert refused.retry_in is not None
            assert refused.retry_in >= 60

    against(script, test, refuse=refuse)


def test_a_captive_portal_is_named_and_tried_again() -> None:
    def refuse(number: int) -> Response | None:
        return response(200, {"Content-Type": "text/html"}, b"<html>pay here</html>") if number == 1 else None

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            assert any("a captive portal?" in reason for reason in feed.reasons)
            assert not any("<html>" in reason for reason in feed.reasons)

    against(serve_prices, test, refuse=refuse)


@pytest.mark.parametrize(
    ("name", "days", "trusted", "why"),
    [
        ("127.0.0.1", 1, False, "unable to get local issuer certificate"),
        ("127.0.0.1", -1, True, "certificate has expired"),
        ("127.0.0.2", 1, True, "IP address mismatch"),
    ],
    ids=["nobody vouches for it", "expired", "of another"],
)
def test_a_certificate_that_is_not_valid_is_said_and_not_tried_for_ever(
    name: str, days: int, trusted: bool, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    until = datetime.now(UTC) + timedelta(days=days)
    authority.issue_cert(name, not_after=until).configure_cert(context)
    if trusted:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    async def test(streamer: FakeStreamer) -> None:
        async with running(streamer.url, {"AAPL"}) as (_, _, task):
            with pytest.raises(Refused, match=rf"certificate of 127\.0\.0\.1:.* is not valid: .*{why}"):
                await task

    against(serve_prices, test, ssl=context)


def test_cancelling_ends_it_in_any_state() -> None:
    async def run(symbols: set[str], url: str, state: Link) -> None:
        async with running(url, symbols, clock=fast_clock(1)) as (_, feed, task):
            await feed.until(lambda: state in feed.states)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled()

    async def test(streamer: FakeStreamer) -> None:
        await run({"AAPL"}, streamer.url, Link.LIVE)
        await run({"AAPL"}, streamer.url, Link.CONNECTING)
        await run({"AAPL"}, "ws://127.0.0.1:1/", Link.BACKOFF)

    against(serve_prices, test)
