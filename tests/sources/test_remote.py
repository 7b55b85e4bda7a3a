"""A tickstream server as a source: real servers, that come and go, and a fake one that says anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import Close

from tests.support.server import There, serving
from tests.support.streamer import FakeStreamer, Recorder, Script, Visit, fast_clock, response
from tickstream.core.ports import Link, Status
from tickstream.errors import BadKey, Refused, UsageError, WireError
from tickstream.server.settings import Access, Limits
from tickstream.sources import check_key, check_views, open_source
from tickstream.sources.dial import Timing
from tickstream.sources.remote import Address, is_server, server_of
from tickstream.sources.remote.answers import judge_server
from tickstream.sources.remote.stream import RemoteStream
from tickstream.sources.yahoo.stream import YahooStream

NOW = 1_790_000_000.0
TIME = int(NOW * 1000)
CALM = Timing(open_timeout=20.0, close_timeout=0.1, look_every=1.0, wish_every=60.0)
LIVE = json.dumps({"type": "status", "state": "live", "time": TIME})


@asynccontextmanager
async def running(
    root: str, *symbols: str, key: str = "", each: bool = True, timing: Timing = CALM, **more: Any
) -> AsyncIterator[tuple[RemoteStream, Recorder, asyncio.Task[None]]]:
    """A source that runs for as long as the block lasts."""
    stream, feed = RemoteStream(Address(root, key), each=each, timing=timing, **more), Recorder()
    stream.follow(frozenset(symbols))
    task = asyncio.create_task(stream.run(feed))
    try:
        yield stream, feed, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def with_server(test: Callable[[There], Awaitable[None]], *faults: str, **options: Any) -> None:
    async def main() -> None:
        async with serving(*faults, **options) as there:
            await test(there)

    asyncio.run(main())


def against(script: Script, test: Callable[[FakeStreamer, str], Awaitable[None]], **options: Any) -> None:
    """Run `test` with a fake server, and its name as a source."""

    async def main() -> None:
        async with FakeStreamer(script, **options).serving() as fake:
            await test(fake, f"ws://127.0.0.1:{fake.port}")
        assert len(asyncio.all_tasks()) == 1, "a task was left behind"

    asyncio.run(main())


def tick(symbol: str = "AAPL", price: float = 1.5, **more: Any) -> str:
    return json.dumps({"id": symbol, "price": price, "time": TIME} | more)


def last_status(feed: Recorder) -> Status:
    return [event for event in feed.events if isinstance(event, Status)][-1]


# -- which source it is


@pytest.mark.parametrize("name", ["ws://h:8000", "ws://h:8000/", "wss://h", "ws://[::1]:1/"])
def test_a_url_without_a_path_is_a_tickstream_server(name: str) -> None:
    assert is_server(name)
    assert isinstance(open_source(name), RemoteStream)


@pytest.mark.parametrize("name", ["ws://h:8000/stream", "ws://h/?version=2", "wss://h/x", "ws://h:1?n=2"])
def test_a_url_with_a_path_or_a_query_is_a_streamer_of_yahoos_protocol(name: str) -> None:
    assert not is_server(name)
    source = open_source(name)
    assert isinstance(source, YahooStream)
    assert source.url == name


def test_each_push_is_asked_for_or_rows() -> None:
    address = Address.of("ws://h:1/", "")
    assert RemoteStream(address).url == "ws://h:1/stream?format=json&events=1&every=0"
    assert RemoteStream(address, each=False).url == "ws://h:1/stream?format=json&events=1"


def test_a_key_is_for_servers_alone_and_has_to_fit_into_a_header_and_is_not_shown() -> None:
    with pytest.raises(UsageError, match="a key is for a tickstream server"):
        check_key("yahoo", "secret")
    for bad in ("two words", "line\nbreak", "schlüssel"):
        with pytest.raises(UsageError, match="bad API key"):
            server_of("ws://h:1", bad)
    address = server_of("ws://h:1", "secret")
    assert address is not None
    assert address.headers == {"X-API-Key": "secret"}
    assert "secret" not in repr(address)


def test_it_has_no_parts_to_be_fetched() -> None:
    with pytest.raises(UsageError, match="is a tickstream server"):
        check_views("ws://h:1")


# -- what an answer means


def refusal(status: int, body: bytes = b"", **headers: str) -> InvalidStatus:
    return InvalidStatus(
        response(status, {name.replace("_", "-"): text for name, text in headers.items()}, body)
    )


def test_a_missing_key_and_a_wrong_one_are_told_apart_and_end_with_5() -> None:
    missing = judge_server(keyed=False)(refusal(401), "h:1")
    wrong = judge_server(keyed=True)(refusal(401), "h:1")
    for trouble in (missing, wrong):
        assert trouble.fatal
        assert isinstance(trouble.error, BadKey)
        assert trouble.error.exit_code == 5
    assert "set TICKSTREAM_API_KEY" in missing.reason
    assert "does not know this key" in wrong.reason


def test_no_room_is_waited_for_as_long_as_the_server_says() -> None:
    full = judge_server(keyed=False)(
        refusal(
            503, b"this server has no room; try again later\n", Retry_After="10", Content_Type="text/plain"
        ),
        "h:1",
    )
    assert (full.reason, full.wait, full.fatal) == (
        "h:1: this server has no room; try again later",
        10.0,
        False,
    )
    often = judge_server(keyed=False)(refusal(429, Retry_After="77"), "h:1")
    assert (often.wait, often.fatal) == (77.0, False)


@pytest.mark.parametrize("code", [4001, 4008, 4013, 4499, 4500, 4505, 4999, 1009, 1011])
def test_codes_from_4500_on_are_final_and_those_below_come_back(code: int) -> None:
    fatal = code >= 4500 or code == 1009
    closed = ConnectionClosedError(Close(code, "200 symbols at most"), None)
    trouble = judge_server(keyed=False)(closed, "h:1")
    assert trouble.fatal is fatal
    assert trouble.refused is fatal
    if code >= 4000:
        assert "200 symbols at most" in trouble.reason


# -- a real server


def test_ticks_come_marked_and_live_only_when_the_server_is() -> None:
    async def test(there: There) -> None:
        async with running(there.base, "AAPL", "BTC-USD") as (_, feed, _):
            await feed.until(lambda: {tick.id for tick in feed.ticks} == {"AAPL", "BTC-USD"})
            await feed.until(lambda: Link.LIVE in feed.states)
        first = feed.events[0]
        assert isinstance(first, Status)
        marked = [event.mark for event in feed.events if isinstance(event, Status)]
        # All but the first, which is from before the handshake.
        assert marked[0] == ""
        assert set(marked[1:]) == {"SIMULATED"}

    with_server(test)


def test_with_rows_a_symbol_says_all_that_was_said() -> None:
    async def test(there: There) -> None:
        async with running(there.base, "AAPL", each=False) as (_, feed, _):
            await feed.until(lambda: len(feed.ticks) >= 3)
            assert all(tick.price is not None and tick.exchange for tick in feed.ticks)

    with_server(test)


def test_a_server_whose_upstream_is_down_is_not_live_and_what_it_knows_comes_all_the_same() -> None:
    async def test(there: There) -> None:
        async with running(there.base, "AAPL") as (_, feed, _):
            await feed.until(lambda: Link.LIVE in feed.states)
            there.simulator.faults.set("status=503")
            for client in there.simulator.clients:
                client.abort()
            await feed.until(lambda: feed.states[-1] is Link.BACKOFF)
            assert last_status(feed).reason.startswith(f"upstream of {there.place.netloc}: ")
            # Who comes now is told before it gets what was known until then.
            async with running(there.base, "AAPL") as (_, later, _):
                await later.until(lambda: bool(later.ticks))
                assert Link.LIVE not in later.states
                assert last_status(later).state in (Link.BACKOFF, Link.CONNECTING)
                there.simulator.faults.set()
                await later.until(lambda: later.states[-1] is Link.LIVE)
                assert later.gaps

    with_server(test)


def test_a_changed_wish_changes_what_comes() -> None:
    async def test(there: There) -> None:
        async with running(there.base, "AAPL") as (stream, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            stream.follow(frozenset({"MSFT"}))
            await feed.until(lambda: feed.ticks[-1].id == "MSFT")
            await there.until(lambda: there.server.hub.symbols == {"MSFT"})

    with_server(test)


def test_more_symbols_than_the_server_allows_are_refused_with_its_reason() -> None:
    async def test(there: There) -> None:
        async with running(there.base, "AAPL", "MSFT", "TSLA") as (_, _, task):
            with pytest.raises(Refused, match=r"2 symbols at most \(4505\)"):
                await task

    with_server(test, limits=Limits(symbols=2))


def test_a_key_opens_the_door_and_none_or_a_wrong_one_does_not() -> None:
    async def test(there: There) -> None:
        async with running(there.base, "AAPL", key="right") as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
        for key, text in (("", "wants a key"), ("wrong", "does not know this key")):
            async with running(there.base, "AAPL", key=key) as (_, _, task):
                with pytest.raises(BadKey, match=text):
                    await task

    with_server(test, access=Access(admin_key="right"))


# -- a fake server, that says anything


def test_the_state_is_the_worse_of_both_and_gaps_of_the_server_are_said_as_its_own() -> None:
    go = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.send(json.dumps({"type": "status", "state": "backoff", "time": TIME, "reason": "refused",
                                     "attempt": 3, "retry_in": 9.0, "mark": "REPLAY"}))  # fmt: skip
        await visit.wish()
        await visit.send(tick())
        await go.wait()
        await visit.send(json.dumps({"type": "gap", "start": TIME - 1000, "end": TIME}), LIVE)
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with running(root, "AAPL") as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            status = last_status(feed)
            assert (status.state, status.attempt, status.mark) == (Link.BACKOFF, 3, "REPLAY")
            assert status.reason == f"upstream of 127.0.0.1:{fake.port}: refused"
            assert Link.LIVE not in feed.states
            go.set()
            await feed.until(lambda: feed.states[-1] is Link.LIVE)
            assert [gap.reason for gap in feed.gaps] == [f"upstream of 127.0.0.1:{fake.port}"]

    against(script, test)


def test_a_server_that_does_not_say_its_state_is_never_live() -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(tick(), tick(price=2.0))
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with running(root, "AAPL") as (_, feed, _):
            await feed.until(lambda: len(feed.ticks) == 2)
            assert set(feed.states) == {Link.CONNECTING}

    against(script, test)


def test_it_comes_back_with_its_wish_after_a_close_and_says_the_gap() -> None:
    async def script(visit: Visit) -> None:
        await visit.send(LIVE)
        await visit.wish()
        await visit.send(tick(price=float(visit.number)))
        if visit.number == 1:
            await visit.ws.close(4001, "the server ends")
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with running(root, "AAPL", clock=fast_clock()) as (_, feed, _):
            await feed.until(lambda: len(feed.ticks) == 2 and feed.states[-1] is Link.LIVE)
            assert [visit.wishes[0] for visit in fake.visits] == [{"subscribe": ["AAPL"]}] * 2
            assert len(feed.gaps) == 1
            lost = next(
                event for event in feed.events if isinstance(event, Status) and event.state is Link.BACKOFF
            )
            assert "the server ends (4001)" in lost.reason

    against(script, test)


def test_a_server_that_accepts_and_closes_gets_no_storm() -> None:
    async def script(visit: Visit) -> None:
        await visit.send(LIVE)
        await visit.ws.close(4001, "")

    async def test(fake: FakeStreamer, root: str) -> None:
        clock = fast_clock()
        began = clock.monotonic()
        async with running(root, "AAPL", clock=clock) as (_, feed, _):
            await feed.until(lambda: feed.states.count(Link.BACKOFF) >= 14)
            # Whatever the waits were drawn as, twelve a minute are the most.
            assert len(fake.visits) <= 12 + (clock.monotonic() - began) / 60 * 12

    against(script, test)


def test_a_refusal_that_comes_later_is_a_state_and_not_the_end() -> None:
    async def script(visit: Visit) -> None:
        await visit.send(LIVE)
        await visit.wish()
        await visit.send(tick())
        await visit.ws.close(4501, "enough")

    async def test(fake: FakeStreamer, root: str) -> None:
        async with running(root, "AAPL", clock=fast_clock(200.0)) as (_, feed, task):
            await feed.until(lambda: Link.REFUSED in feed.states)
            assert last_status(feed).retry_in == pytest.approx(60.0)
            await feed.until(lambda: len(fake.visits) == 2)
            assert not task.done()

    against(script, test)


def test_a_key_that_is_no_longer_known_is_a_state_that_says_so() -> None:
    async def script(visit: Visit) -> None:
        await visit.send(LIVE)
        await visit.wish()
        await visit.send(tick())
        await visit.ws.close(4001, "")

    def refuse(number: int) -> Any:
        return response(401) if number > 1 else None

    async def test(fake: FakeStreamer, root: str) -> None:
        async with running(root, "AAPL", key="old", clock=fast_clock()) as (_, feed, task):
            await feed.until(lambda: Link.REFUSED in feed.states)
            assert "does not know this key" in last_status(feed).reason
            assert not task.done()

    against(script, test, refuse=refuse)


def test_a_long_wish_goes_in_pieces_that_a_server_takes() -> None:
    symbols = [f"{'S' * 18}{number:06}" for number in range(1200)]
    heard: list[str] = []

    async def script(visit: Visit) -> None:
        await visit.send(LIVE)
        while len(heard) < len(symbols):
            heard.extend((await visit.wish())["subscribe"])
        await visit.send(tick(heard[-1]))
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with running(root, *symbols, clock=fast_clock()) as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            assert heard == symbols

    against(script, test, max_size=16_384)


def test_what_cannot_be_read_is_counted_and_the_stream_goes_on() -> None:
    async def script(visit: Visit) -> None:
        await visit.send(LIVE)
        await visit.wish()
        await visit.send("neither", "{}", tick())
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with running(root, "AAPL") as (_, feed, _):
            await feed.until(lambda: bool(feed.ticks))
            assert [type(error) for error in feed.errors] == [WireError, WireError]

    against(script, test)


def test_silence_that_the_server_explains_ends_no_connection_and_other_silence_does() -> None:
    down = json.dumps({"type": "status", "state": "backoff", "time": TIME})

    async def script(visit: Visit) -> None:
        await visit.send(down if visit.number == 1 else LIVE)
        await visit.wish()
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        clock = fast_clock()
        began = clock.monotonic()
        async with running(root, "BTC-USD", clock=clock) as (_, feed, _):
            await feed.until(lambda: Link.BACKOFF in feed.states)
            while clock.monotonic() < began + 400:
                await clock.sleep(5.0)
            assert len(fake.visits) == 1
            await fake.visits[0].send(LIVE)
            await feed.until(lambda: len(fake.visits) == 2)
            assert any("mute" in event.reason for event in feed.events if isinstance(event, Status))

    against(script, test)
