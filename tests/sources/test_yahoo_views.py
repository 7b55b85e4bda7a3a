"""Parts come in as few requests as can be, and without a crumb from the endpoints that need none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from typing import Any

import httpx
import pytest

from tests.support.web import Yahoo, scripted, yahoo
from tickstream.core.ports import Fetched
from tickstream.core.values import Closes, MarketTime, Periods, Quote, Returns, Summary
from tickstream.core.views import INDICES, MOVERS, SECTORS
from tickstream.core.wishes import market_wish, quotes_wish
from tickstream.errors import RateLimited, SourceError
from tickstream.poll import Poll
from tickstream.server.budget import Budget
from tickstream.sources.yahoo import Web
from tickstream.sources.yahoo.session import Session
from tickstream.sources.yahoo.views import YahooViews


@asynccontextmanager
async def views(*faults: str) -> AsyncIterator[tuple[YahooViews, Yahoo]]:
    async with yahoo(*faults) as there:
        yield YahooViews(there.session), there


def run(test: Callable[[YahooViews, Yahoo], Awaitable[None]], *faults: str) -> None:
    async def main() -> None:
        async with views(*faults) as (source, there):
            await test(source, there)

    asyncio.run(main())


class Hour:
    """A clock on which only pauses pass, and take no time."""

    def __init__(self) -> None:
        self.passed = 0.0

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds

    @property
    def clocks(self) -> dict[str, Any]:
        return {
            "wall": lambda: 1_795_539_600.0 + self.passed,
            "monotonic": lambda: self.passed,
            "sleep": self.sleep,
        }


async def fetch(source: YahooViews, keys: Sequence[str]) -> Fetched:
    values: dict[str, object] = {}
    unknown: set[str] = set()
    for batch in source.batches(keys):
        fetched = await source.fetch(batch)
        values |= fetched.values
        unknown |= fetched.unknown
    return Fetched(values, frozenset(unknown))


def test_fifty_quotes_are_one_request() -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        keys = sorted(quotes_wish([f"S{number}" for number in range(50)]))
        fetched = await fetch(source, keys)
        assert fetched.values.keys() == set(keys)
        assert there.simulator.requests["quote"] == 1

    run(test)


@pytest.mark.parametrize(
    ("wish", "rounds", "most"),
    [
        (partial(market_wish, screen=True), 240, 350),
        # Twenty minutes of the market, at 1,050 an hour; and of fifty quotes one request a round.
        (lambda: quotes_wish([f"S{number}" for number in range(50)]), 60, 63),
    ],
)
def test_rounds_every_five_seconds_cost_no_more_requests_than_yahoo_bears(
    wish: Callable[[], frozenset[str]], rounds: int, most: int
) -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        hour = Hour()
        poll = Poll(source, lambda parts, now: wish(), **hour.clocks)
        number = 0
        async with aclosing(poll.rounds(5.0, patience=60.0, grace=60.0)) as going:
            async for _ in going:
                assert not poll.failing
                assert poll.parts.keys() == wish()
                number += 1
                if number == rounds:
                    break
        assert hour.passed == 5.0 * (rounds - 1)
        # With those for the cookie and the crumb.
        assert rounds <= source.requests <= most

    run(test)


def test_each_kind_of_part_is_what_it_says() -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        keys = [
            "quote:AAPL", "trend:AAPL", "periods:SPY", "markettime", "summary:AAPL", "returns:XLK",
            "similar:AAPL", "headlines", "news:AAPL", *MOVERS.values(),
        ]  # fmt: skip
        fetched = await fetch(source, keys)
        assert fetched.unknown == frozenset()
        kinds = {key: type(value) for key, value in fetched.values.items()}
        assert kinds.pop("quote:AAPL") is Quote
        assert kinds.pop("trend:AAPL") is Closes
        assert kinds.pop("periods:SPY") is Periods
        assert kinds.pop("markettime") is MarketTime
        assert kinds.pop("summary:AAPL") is Summary
        assert kinds.pop("returns:XLK") is Returns
        assert set(kinds.values()) == {list}
        assert all(fetched.values[key] for key in kinds)
        assert source.mark == "SIMULATED"

    run(test)


def test_an_unknown_symbol_is_told_from_one_that_failed() -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        fetched = await fetch(source, ["quote:AAPL", "quote:NOSUCH1", "quote:NONE1"])
        assert fetched.values.keys() == {"quote:AAPL"}
        assert fetched.unknown == {"quote:NOSUCH1", "quote:NONE1"}

    run(test)


@pytest.mark.parametrize(
    "fault",
    [
        "http-status=429~quote", "http-status=429~crumb", "http-crumb~quote", "http-status=403~crumb",
        "http-status=503~crumb", "http-status=401~crumb", "http-html~crumb", "http-nocookie http-html~page",
    ],
)  # fmt: skip
def test_without_a_crumb_quotes_come_from_the_sparks_each_minute(fault: str) -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        keys = ["quote:AAPL", "quote:VOD.L", "quote:NOSUCH1"]
        fetched = await fetch(source, keys)
        quote = fetched.values["quote:AAPL"]
        assert isinstance(quote, Quote)
        assert quote.price is not None
        assert quote.previous_close is not None
        assert isinstance(fetched.values["trend:AAPL"], Closes)
        assert fetched.unknown == {"quote:NOSUCH1"}
        assert source.limit("quote:AAPL") == 60
        assert "crumb" in source.shortage
        asked = there.simulator.requests["quote"]
        await fetch(source, keys)
        assert there.simulator.requests["quote"] == asked

    run(test, *fault.split())


def test_where_the_sparks_fail_too_the_charts_are_asked() -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        fetched = await fetch(source, ["quote:AAPL", "quote:MSFT"])
        assert fetched.values.keys() >= {"quote:AAPL", "quote:MSFT"}
        assert there.simulator.requests["chart"] == 2

    run(test, "http-status=429~quote", "http-status=404~spark")


def test_where_everything_is_limited_it_is_said_until_when() -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        with pytest.raises(RateLimited):
            await fetch(source, ["quote:AAPL"])

    run(test, "http-status=429~quote", "http-status=429~spark")


@pytest.mark.parametrize("shape", ["list", "strings", "null"])
def test_json_of_another_shape_is_an_error_of_that_part_or_values_that_are_right(shape: str) -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        for key in ("quote:AAPL", "markettime", "headlines", "returns:XLK", MOVERS["gainers"]):
            with suppress(SourceError):
                quote = (await fetch(source, [key])).values.get("quote:AAPL")
                assert quote is None or isinstance(quote, Quote)

    run(test, f"http-json={shape}")


def test_an_index_or_a_currency_has_no_summary_and_that_is_no_failure() -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        fetched = await fetch(source, ["summary:EURUSD=X", "similar:EURUSD=X"])
        assert fetched.values["summary:EURUSD=X"] == Summary()

    run(test)


def test_symbols_with_signs_in_them_reach_their_endpoints() -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        fetched = await fetch(source, ["quote:^GSPC", "quote:EURUSD=X", "trend:BRK-B", "similar:^GSPC"])
        assert len(fetched.values) == 4

    run(test)


def test_the_indices_and_the_sectors_are_one_request_together() -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        await fetch(source, sorted(f"quote:{symbol}" for symbol in (*INDICES, *SECTORS.values())))
        assert there.simulator.requests["quote"] == 1

    run(test)


def test_a_search_finds_what_was_meant() -> None:
    async def test(source: YahooViews, there: Yahoo) -> None:
        assert (await source.search("apple"))[0].symbol == "AAPL"
        assert await source.search("NOSUCH1") == []

    run(test)


def chart_of(symbol: str) -> dict[str, object]:
    meta = {"symbol": symbol, "regularMarketPrice": 10.0, "chartPreviousClose": 9.0, "currency": "USD"}
    return {"meta": meta, "timestamp": [], "indicators": {"quote": [{"close": []}]}}


def crumbless(bad: int, known: Sequence[str] = ()) -> Callable[[httpx.Request], httpx.Response]:
    """A Yahoo that gives no crumb, whose sparks have those known alone; the charts of others are `bad`."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/spark"):
            asked = request.url.params["symbols"].split(",")
            found = [{"symbol": one, "response": [chart_of(one)]} for one in asked if one in known]
            return httpx.Response(200, json={"spark": {"result": found, "error": None}})
        if "/chart/" in path:
            return httpx.Response(bad, json={"chart": {"result": None, "error": {"description": "Bad"}}})
        return httpx.Response(404 if "crumb" not in path else 403)

    return answer


@asynccontextmanager
async def crumbless_views(answer: Callable[[httpx.Request], httpx.Response]) -> AsyncIterator[Any]:
    async with scripted(answer, host="yahoo.invalid") as (exchange, script):
        session = Session(Web.at("http://yahoo.invalid"), exchange=exchange)
        yield YahooViews(session), script


@pytest.mark.parametrize("status", [400, 500])
def test_a_chart_that_fails_costs_no_other_symbol(status: int) -> None:
    async def main() -> None:
        async with crumbless_views(crumbless(status, ["AAPL", "MSFT"])) as (source, _):
            fetched = await source.fetch(["quote:AAPL", "quote:BAD", "quote:MSFT", "quote:WORSE"])
            assert {key for key in fetched.values if key.startswith("quote")} == {"quote:AAPL", "quote:MSFT"}
            assert fetched.unknown == frozenset()
            with pytest.raises(SourceError, match="Bad" if status == 400 else "out of order"):
                await source.fetch(["quote:BAD"])

    asyncio.run(main())


@pytest.mark.parametrize("status", [404, 503])
def test_what_a_fetch_costs_beyond_its_first_request_is_in_the_budget_too(status: int) -> None:
    async def main() -> None:
        async with crumbless_views(crumbless(status)) as (source, script):
            clock = [0.0]
            budget = Budget(30, lambda: source.requests, monotonic=lambda: clock[0])
            keys = [f"quote:S{number}" for number in range(1000)]
            poll = Poll(source, lambda parts, now: keys, spend=budget.spend, monotonic=lambda: clock[0])
            for _ in range(12):
                poll.fetch_due()
                while poll._flying:
                    await poll.changed()
                clock[0] += 5
            # What it takes to find out that there is no crumb is booked when it has been sent.
            others = [one for one in script.asked if "/chart/" not in str(one) and "/spark" not in str(one)]
            assert 25 <= len(script.asked) <= 30 + len(others)
            # What was put off has not failed.
            assert "Yahoo did not say" not in {failing.reason for failing in poll.failing.values()}

    asyncio.run(main())


def test_a_chart_that_is_limited_ends_the_asking_and_says_so_of_what_is_missing() -> None:
    async def main() -> None:
        async with crumbless_views(crumbless(429, ["AAPL"])) as (source, script):
            fetched = await source.fetch(["quote:AAPL", "quote:BAD", "quote:WORSE"])
            assert {key for key in fetched.values if key.startswith("quote")} == {"quote:AAPL"}
            assert isinstance(fetched.trouble, RateLimited)
            assert fetched.left == frozenset()
            assert sum("/chart/" in str(one.url) for one in script.asked) == 1

    asyncio.run(main())
