"""`tickstream.stream`: typed ticks as an async iterator."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

import tickstream
from tests.support.streamer import FakeStreamer, Visit, frame, response
from tests.support.tapes import live, push, write_tape
from tickstream.errors import BadSymbols, Refused, UsageError


async def three_pushes(visit: Visit) -> None:
    await visit.wish()
    for number in range(3):
        await visit.send(frame("AAPL", float(number), time=1_789_000_000_000 + number * 1000, change=0.0))
    await visit.stay()


def test_it_gives_typed_ticks_in_the_order_they_came() -> None:
    async def run() -> None:
        async with (
            FakeStreamer(three_pushes).serving() as streamer,
            tickstream.stream("aapl", source=streamer.url) as ticks,
        ):
            seen = []
            async for tick in ticks:
                seen.append(tick)
                if len(seen) == 3:
                    break
            assert [tick.price for tick in seen] == [0.0, 1.0, 2.0]
            assert seen[0].change == 0.0
            assert seen[0].day_volume is None
            assert seen[0].market_hours == tickstream.MarketHours.REGULAR_MARKET
            assert ticks.lost == 0

    asyncio.run(run())


def test_leaving_closes_the_connection_at_once_and_leaves_no_task() -> None:
    async def run() -> None:
        async with FakeStreamer(three_pushes).serving() as streamer:
            async with tickstream.stream("AAPL", source=streamer.url) as ticks:
                async for _ in ticks:
                    break
            await streamer.visits[0].ws.wait_closed()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


def test_a_slow_reader_loses_the_oldest_ticks_and_they_are_counted() -> None:
    sent = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.wish()
        for number in range(100):
            await visit.send(frame("AAPL", float(number)))
        await (await visit.ws.ping())
        sent.set()
        await visit.stay()

    async def run() -> None:
        async with (
            FakeStreamer(script).serving() as streamer,
            tickstream.Stream(["AAPL"], source=streamer.url, most=10) as ticks,
        ):
            await sent.wait()
            seen = [(await anext(ticks)).price for _ in range(10)]
            assert seen == [float(number) for number in range(90, 100)]
            assert ticks.lost == 90

    asyncio.run(run())


def test_what_ends_the_source_is_raised_where_ticks_are_read() -> None:
    async def run() -> None:
        async with (
            FakeStreamer(three_pushes, refuse=lambda number: response(403)).serving() as streamer,
            tickstream.stream("AAPL", source=streamer.url) as ticks,
        ):
            with pytest.raises(Refused):
                await anext(ticks)

    asyncio.run(run())


def test_constructing_connects_to_nothing_and_checks_what_it_can() -> None:
    with pytest.raises(BadSymbols):
        tickstream.stream("../x")
    with pytest.raises(UsageError, match="unknown source"):
        tickstream.stream("AAPL", source="nowhere")
    with pytest.raises(UsageError, match="enter it first"):
        asyncio.run(tickstream.stream("AAPL").__anext__())


def test_it_says_what_its_ticks_must_be_marked_as_and_how_its_link_is() -> None:
    async def main() -> list[tuple[str, str]]:
        ticks = tickstream.stream("AAPL", source="demo")
        said = [(ticks.state, ticks.mark)]
        async with ticks:
            async for _ in ticks:
                break
            said.append((ticks.state, ticks.mark))
        return said

    assert asyncio.run(main()) == [("connecting", ""), ("live", "SIMULATED")]


def test_entered_again_it_has_nothing_of_the_time_before(tmp_path: Path) -> None:
    tape = write_tape(tmp_path / "a.ndjson", live(), *(push(number, price=number) for number in range(1, 9)))

    async def run() -> None:
        ticks = tickstream.stream("AAPL", source=str(tape), speed=math.inf)
        for _ in range(2):
            async with ticks:
                assert (await anext(ticks)).price == 1.0
                assert ticks.mark == "REPLAY"

    asyncio.run(run())
