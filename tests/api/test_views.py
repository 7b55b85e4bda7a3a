"""The views in Python: awaited for one document, iterated over for one each interval."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import tickstream
from tickstream.errors import BadSymbols, NotFound, SourceError, UsageError
from tickstream.simulator import Options, Simulator


@asynccontextmanager
async def served(*faults: str) -> AsyncIterator[tuple[str, Simulator]]:
    simulator = Simulator(Options())
    simulator.faults.set(*faults)
    async with simulator.serving() as address:
        yield address.url, simulator


def test_quotes_are_awaited_once() -> None:
    async def main() -> None:
        async with served() as (source, simulator):
            rows = await tickstream.quotes(["vod.l", "AAPL", "NOSUCH1"], source=source)
            assert [row["symbol"] for row in rows] == ["VOD.L", "AAPL"]
            assert rows[0]["currency"] == "GBp"
            assert simulator.requests["quote"] == 1

    asyncio.run(main())


def test_every_view_is_awaited_with_the_demo_too() -> None:
    async def main() -> None:
        market: Any = await tickstream.market(source="demo")
        assert len(market["indices"]) == 6
        hours: Any = await tickstream.hours(["LSE", "CRYPTO"], source="demo")
        assert hours["status"] == "OPEN"
        assert [row["code"] for row in hours["exchanges"]] == ["XLON", "CRYPTO"]
        profile: Any = await tickstream.profile("AAPL", source="demo")
        assert profile["quote"]["symbol"] == "AAPL"
        assert profile["similar"]
        assert profile["sectorPerformance"]["fiveYearReturn"] is not None

    asyncio.run(main())


def test_a_view_that_is_iterated_over_gives_a_document_each_interval() -> None:
    async def main() -> None:
        async with (
            served() as (source, simulator),
            tickstream.quotes(["AAPL"], interval=1.0, source=source) as documents,
        ):
            seen = []
            async for document in documents:
                # Where a fetch takes longer than an interval, a document comes again as it was.
                seen.append(str(document[0]["asOf"]))
                if len(set(seen)) == 3:
                    break
            assert seen == sorted(seen)
            assert 3 <= simulator.requests["quote"] <= len(seen) + 1

    asyncio.run(main())


def test_a_view_goes_on_while_fetches_fail_and_says_how_old_it_is() -> None:
    async def main() -> None:
        async with (
            served() as (source, simulator),
            tickstream.quotes(["AAPL"], interval=1.0, source=source) as documents,
        ):
            iterator = aiter(documents)
            first = await anext(iterator)
            simulator.faults.set("http-status=404~quote")
            second = await anext(iterator)
            assert second == first

    asyncio.run(main())


def test_what_does_not_exist_is_not_found() -> None:
    async def main() -> None:
        async with served() as (source, _):
            with pytest.raises(NotFound, match="unknown symbols NOSUCH1, NOSUCH2"):
                await tickstream.quotes(["NOSUCH1", "NOSUCH2"], source=source)
            with pytest.raises(NotFound, match="unknown symbol NOSUCH1"):
                await tickstream.profile("NOSUCH1", source=source)

    asyncio.run(main())


def test_a_source_that_is_not_there_is_an_error_but_for_the_hours_which_the_calendar_knows() -> None:
    async def main() -> None:
        with pytest.raises(SourceError, match="connection refused"):
            await tickstream.quotes(["AAPL"], source="yahoo+http://127.0.0.1:1")
        hours = await tickstream.hours(source="yahoo+http://127.0.0.1:1")
        assert hours["asOf"] == {"markettime": None}
        assert hours["status"] is not None

    asyncio.run(main())


def test_bad_input_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(BadSymbols):
        tickstream.quotes(["not a symbol!"])
    with pytest.raises(UsageError, match="one symbol"):
        tickstream.profile("AAPL,MSFT")
    with pytest.raises(UsageError, match="at least 1 s"):
        tickstream.market(interval=0.5)
    with pytest.raises(UsageError, match="no views"):
        tickstream.market(source="ws://127.0.0.1:1/?version=2")
    with pytest.raises(UsageError, match="no exchange 'NOWHERE'"):
        tickstream.hours(["NOWHERE"])
    with pytest.raises(UsageError, match="enter it first"):
        aiter(tickstream.market())
