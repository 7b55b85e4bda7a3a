"""The views of a tickstream server: real ones, and one that sends what it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

import tickstream
from tests.support.server import There, serving
from tests.support.streamer import FakeStreamer, Script, Visit, fast_clock, response
from tickstream.api.plans import Plan, hours_plan, market_plan, profile_plan, quotes_plan
from tickstream.api.relayed import SLACK, Relayed
from tickstream.core.views import iso
from tickstream.errors import BadKey, NotFound, Refused, SourceError
from tickstream.server.settings import Access, Limits
from tickstream.sources.dial import Timing
from tickstream.sources.remote import Address
from tickstream.sources.remote.view import RemoteView
from tickstream.sources.supervisor import Clock

CALM = Timing(open_timeout=20.0, close_timeout=0.1, ping_interval=60.0)


def with_server(test: Callable[[There], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        async with serving(**options) as there:
            await test(there)

    asyncio.run(main())


@asynccontextmanager
async def relayed(
    root: str, plan: Plan, interval: float = 5.0, *, clock: Clock | None = None
) -> AsyncIterator[Relayed]:
    """A view of the server at `root`, by a clock of the test's own."""
    shown = Relayed(plan, interval)
    shown.follow(
        RemoteView(Address(root), plan.request, shown.notice, timing=CALM, clock=clock or fast_clock())
    )
    try:
        yield shown
    finally:
        await shown.close()


def against(script: Script, test: Callable[[FakeStreamer, str], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        async with FakeStreamer(script, **options).serving() as fake:
            await test(fake, f"ws://127.0.0.1:{fake.port}")

    asyncio.run(main())


def row(symbol: str, as_of: float | None, price: float = 1.0) -> dict[str, Any]:
    names = "name change percentChange currency marketState dayHigh dayLow open previousClose volume time"
    nothing = dict.fromkeys(names.split())
    return {"symbol": symbol, "price": price, "asOf": iso(as_of)} | nothing


async def until(shown: Relayed, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20.0):
        while not condition():
            await shown.changed()


def test_every_view_is_awaited_from_a_server() -> None:
    async def test(there: There) -> None:
        rows = await tickstream.quotes(["vod.l", "AAPL", "NOSUCH1"], source=there.base)
        assert [row["symbol"] for row in rows] == ["VOD.L", "AAPL"]
        market = await tickstream.market(source=there.base)
        assert len(market["indices"]) == 6
        hours = await tickstream.hours(["LSE", "CRYPTO"], source=there.base)
        assert [row["code"] for row in hours["exchanges"]] == ["XLON", "CRYPTO"]
        profile = await tickstream.profile("^GSPC", source=there.base)
        assert profile["quote"] is not None
        with pytest.raises(NotFound, match="unknown symbols NOSUCH1, NOSUCH2"):
            await tickstream.quotes(["NOSUCH1", "NOSUCH2"], source=there.base)
        with pytest.raises(Refused, match="4 symbols at most"):
            await tickstream.quotes(["A", "B", "C", "D", "E"], source=there.base)

    with_server(test, limits=Limits(symbols=4))


def test_a_view_is_iterated_over_as_documents_come() -> None:
    async def test(there: There) -> None:
        async with tickstream.quotes(["AAPL"], interval=1.0, source=there.base) as documents:
            seen = []
            async for document in documents:
                seen.append(document[0]["symbol"])
                if len(seen) == 3:
                    break
            assert seen == ["AAPL"] * 3

    with_server(test, interval=1.0)


def test_keys_are_given_or_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TICKSTREAM_API_KEY", raising=False)

    async def test(there: There) -> None:
        with pytest.raises(BadKey, match="wants a key"):
            await tickstream.hours(source=there.base)
        with pytest.raises(BadKey, match="does not know this key"):
            await tickstream.hours(source=there.base, api_key="wrong")
        await tickstream.hours(source=there.base, api_key="right")
        monkeypatch.setenv("TICKSTREAM_API_KEY", "right")
        await tickstream.hours(source=there.base)
        async with tickstream.stream("AAPL", source=there.base) as ticks:
            assert (await anext(ticks)).id == "AAPL"
        async with tickstream.AsyncWebSocket(there.base, verbose=False) as socket:
            await socket.subscribe("AAPL")
            (message, *_) = await socket._next()
            assert message["id"] == "AAPL"

    with_server(test, access=Access(admin_key="right"))


def test_a_server_that_is_not_there_is_an_error_at_once_when_awaited() -> None:
    async def main() -> None:
        with pytest.raises(SourceError, match="connection refused"):
            await tickstream.hours(source="ws://127.0.0.1:1")

    asyncio.run(main())


def test_the_mark_is_there_before_the_first_document() -> None:
    async def test(there: There) -> None:
        async with relayed(there.base, market_plan(), clock=Clock()) as shown:
            while not shown.mark:
                assert not shown.came
                await shown.changed()
            assert shown.mark == "SIMULATED"

    with_server(test)


def test_documents_that_come_too_early_are_left_out_and_none_that_is_due() -> None:
    clock = fast_clock(20.0)

    async def script(visit: Visit) -> None:
        assert await visit.ws.recv() == "AAPL"
        for number in range(40):
            await visit.send(json.dumps([row("AAPL", clock.wall(), float(number))]))
            await clock.sleep(5.0)
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with (
            relayed(root, quotes_plan(["AAPL"]), 12.0, clock=clock) as shown,
            aclosing(shown.rounds()) as rounds,
        ):
            taken = []
            async for _ in rounds:
                taken.append(shown.document()[0]["price"])
                if len(taken) == 4:
                    break
            steps = [after - before for before, after in pairwise(taken)]
            assert min(steps) >= 2.0
            # As the server's documents come, however unevenly: none that is due is left out for being early.
            assert shown.interval >= 12.0 - SLACK

    against(script, test)


def test_a_lost_server_is_said_and_what_it_sent_is_old_after_two_intervals_and_gone_after_a_while() -> None:
    clock = fast_clock(200.0)

    async def script(visit: Visit) -> None:
        await visit.ws.recv()
        await visit.send(json.dumps([row("AAPL", clock.wall())]))
        await visit.ws.close(4001, "the server ends")

    async def test(fake: FakeStreamer, root: str) -> None:
        async with (
            relayed(root, quotes_plan(["AAPL"]), clock=clock) as shown,
            aclosing(shown.rounds()) as rounds,
        ):
            await anext(rounds)
            assert shown.document()[0]["price"] == 1.0
            await until(shown, lambda: bool(shown.trouble))
            assert "the server ends" in shown.trouble
            while not shown.old:
                await clock.sleep(1.0)
            assert shown.document()[0]["price"] == 1.0
            assert shown.ages["quotes"] is not None
            await clock.sleep(900.0)
            assert shown.document()[0]["price"] is None

    def refuse(number: int) -> Any:
        return response(503) if number > 1 else None

    against(script, test, refuse=refuse)


def test_a_server_that_sends_old_data_is_up_and_old() -> None:
    clock = fast_clock(1.0)

    async def script(visit: Visit) -> None:
        await visit.ws.recv()
        await visit.send(json.dumps([row("AAPL", clock.wall() - 100)]))
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with (
            relayed(root, quotes_plan(["AAPL"]), clock=clock) as shown,
            aclosing(shown.rounds()) as rounds,
        ):
            await anext(rounds)
            assert shown.old
            assert shown.trouble == f"127.0.0.1:{fake.port} is up, but what it has is old"

    against(script, test)


def test_data_of_a_server_is_not_old_because_more_of_it_was_asked_for_than_it_has() -> None:
    clock = fast_clock(1.0)

    async def script(visit: Visit) -> None:
        await visit.ws.recv()
        await visit.send(json.dumps([row("AAPL", clock.wall() - 8)]))
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with (
            relayed(root, quotes_plan(["AAPL"]), 1.0, clock=clock) as shown,
            aclosing(shown.rounds()) as rounds,
        ):
            await anext(rounds)
            assert not shown.old

    against(script, test)


def test_a_server_that_has_fetched_nothing_yet_says_so() -> None:
    async def script(visit: Visit) -> None:
        await visit.ws.recv()
        await visit.send(json.dumps([row("AAPL", None)]))
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with relayed(root, quotes_plan(["AAPL"])) as shown, aclosing(shown.rounds()) as rounds:
            await anext(rounds)
            assert shown.trouble == f"127.0.0.1:{fake.port} is up, but has nothing"
            assert not shown.unknown

    against(script, test)


def test_ages_are_by_the_clock_of_the_server() -> None:
    clock = fast_clock(1.0)
    behind = Clock(wall=lambda: clock.wall() - 3600, monotonic=clock.monotonic, sleep=clock.sleep)

    async def script(visit: Visit) -> None:
        await visit.ws.recv()
        await visit.send(json.dumps([row("AAPL", clock.wall() - 5)]))
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with (
            relayed(root, quotes_plan(["AAPL"]), clock=behind) as shown,
            aclosing(shown.rounds()) as rounds,
        ):
            await anext(rounds)
            assert 3 <= (shown.ages["quotes"] or 0) <= 60

    against(script, test)


def test_what_cannot_be_read_is_said_and_the_next_document_is_shown() -> None:
    go = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.send('{"status": 1}')
        await go.wait()
        document = {"status": "OPEN", "reason": None, "timestamp": iso(1_790_000_000), "nextOpen": None,
                    "nextClose": None, "asOf": {"markettime": None}}  # fmt: skip
        await visit.send(json.dumps(document))
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with relayed(root, hours_plan()) as shown, aclosing(shown.rounds()) as rounds:
            await until(shown, lambda: "not a document of hours" in shown.trouble)
            go.set()
            await anext(rounds)
            assert shown.document()["status"] == "OPEN"
            assert not shown.trouble

    against(script, test)


def test_a_profile_before_its_first_document_is_empty() -> None:
    async def script(visit: Visit) -> None:
        await visit.stay()

    async def test(fake: FakeStreamer, root: str) -> None:
        async with relayed(root, profile_plan("AAPL")) as shown:
            assert shown.document()["quote"] is None
            assert not shown.parts

    against(script, test)
