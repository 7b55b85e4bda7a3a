"""What tickstream takes Yahoo for, asked of the real one: off by default, `python3 -m pytest -m live`.

Each test names the endpoint and the facts (WIRE.md) that the code rests on; a message says what changed.
"""

from __future__ import annotations

import asyncio
import time

import pytest

import tickstream
from tests.live.conftest import SOURCE, Visit
from tickstream.core.ports import PartSource
from tickstream.core.values import Closes, Found, Headline, MarketTime, Periods, Quote, Returns, Summary
from tickstream.core.views import INDICES, MOVERS, SECTORS
from tickstream.errors import SourceError

pytestmark = [pytest.mark.live, pytest.mark.timeout(90)]

SYMBOLS = ("AAPL", "BTC-USD", "^GSPC", "EURUSD=X", "VOD.L")
STATES = {"PREPRE", "PRE", "REGULAR", "POST", "POSTPOST", "CLOSED", "OVERNIGHT"}
DAY = 86_400


def test_the_streamer_pushes_what_is_followed() -> None:
    """streamer, version 2: bitcoin trades on every day of the year."""

    async def main() -> tickstream.Tick:
        async with asyncio.timeout(45), tickstream.stream("BTC-USD", source=SOURCE) as ticks:
            async for tick in ticks:
                return tick
        raise AssertionError("the stream ended")

    try:
        tick = asyncio.run(main())
    except (SourceError, TimeoutError) as error:
        pytest.fail(f"{SOURCE}: {error or 'no push within 45 s'}", pytrace=False)
    assert tick.id == "BTC-USD"
    assert tick.price
    assert tick.price > 0
    assert abs((tick.time or 0) / 1000 - time.time()) < DAY, "times are ms UTC"
    assert tick.quote_type == tickstream.QuoteType.CRYPTOCURRENCY
    assert tick.change_percent is not None
    assert tick.day_volume


def test_quotes_of_all_kinds_come_in_one_request(visit: Visit) -> None:
    """v7/finance/quote, with a crumb."""
    found = visit.fetch(*(f"quote:{symbol}" for symbol in (*SYMBOLS, "NOSUCH1XYZ")))
    quotes = {quote.symbol: quote for quote in found.values.values() if isinstance(quote, Quote)}
    assert quotes.keys() == set(SYMBOLS)
    assert found.unknown == {"quote:NOSUCH1XYZ"}, "what does not exist is left out"
    for quote in quotes.values():
        assert None not in (quote.price, quote.previous_close), quote
        assert quote.market_state in STATES, quote.market_state
        assert (quote.time or 0) > 1_500_000_000_000, "times are turned into ms"
    assert quotes["VOD.L"].currency == "GBp", "London quotes in pence"
    assert quotes["AAPL"].quote_type == "EQUITY"
    assert quotes["AAPL"].market_cap
    assert quotes["AAPL"].market_cap > 1e11


def test_sparks_have_the_session_and_its_periods(visit: Visit) -> None:
    """v7/finance/spark, without a crumb."""
    trends = visit.parts(Closes, ["trend:AAPL", "trend:BTC-USD"])
    assert all(trend.prices for trend in trends.values())
    periods = visit.parts(Periods, ["periods:^GSPC", "periods:^FTSE"])
    for key, period in periods.items():
        assert period.regular is not None, key
        assert 3 * 3600 <= period.regular.end - period.regular.start <= DAY, key


@pytest.mark.parametrize("key", MOVERS.values())
def test_screeners_have_movers(visit: Visit, key: str) -> None:
    """v1/finance/screener/predefined/saved, with a crumb."""
    rows = visit.part(key, list)
    assert len(rows) >= 5, f"{len(rows)} rows"
    assert all(isinstance(row, Quote) and row.price and row.percent_change is not None for row in rows)


def test_the_market_time_says_whether_new_york_trades(visit: Visit) -> None:
    """v6/finance/markettime, without a crumb."""
    market = visit.part("markettime", MarketTime)
    assert abs((market.time or 0) - time.time()) < 3600, "Yahoo's clock, or ours, is off"
    assert market.opens
    assert market.closes
    if market.open:
        assert (market.time or 0) < market.closes


def test_indices_and_the_funds_of_sectors_exist(visit: Visit) -> None:
    """v7/finance/quote: the symbols that the market view names."""
    wanted = (*INDICES, *SECTORS.values())
    found = visit.parts(Quote, [f"quote:{symbol}" for symbol in wanted])
    assert all(quote.price for quote in found.values())


def test_similar_symbols_are_recommended(visit: Visit) -> None:
    """v6/finance/recommendationsbysymbol, without a crumb."""
    similar = visit.part("similar:AAPL", list)
    assert similar
    assert all(isinstance(symbol, str) and symbol != "AAPL" for symbol in similar)


def test_search_finds_symbols_and_news(visit: Visit) -> None:
    """v1/finance/search, without a crumb."""

    async def ask(views: PartSource) -> list[Found]:
        return await views.search("apple")

    assert "AAPL" in {found.symbol for found in visit.run(ask)}
    for key in ("headlines", "news:AAPL"):
        stories = visit.part(key, list)
        assert stories, key
        assert all(isinstance(story, Headline) and story.title for story in stories)
        assert any(story.url and story.published for story in stories), key


def test_summaries_name_the_sector(visit: Visit) -> None:
    """v10/finance/quoteSummary, with a crumb: the sectors by the names that stand for funds."""
    summary = visit.part("summary:AAPL", Summary)
    assert summary.sector in SECTORS, summary.sector
    assert summary.industry


def test_returns_of_a_fund_come_from_five_years_of_its_chart(visit: Visit) -> None:
    """v8/finance/chart, without a crumb."""
    returns = visit.part("returns:XLK", Returns)
    assert None not in (returns.ytd, returns.year, returns.three_years, returns.five_years), returns
