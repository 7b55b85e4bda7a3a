"""Charts and sparks of the simulated Yahoo: where the price is now, and a past that stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.web import Web, recorded
from tickstream.core.exchanges import EXCHANGES, Exchange
from tickstream.core.float32 import float32
from tickstream.simulator import Session
from tickstream.simulator.listings import listing_of
from tickstream.simulator.yahoo_http.venues import venue_of

DAY = 86_400


def quote_of(result: dict[str, Any]) -> dict[str, list[Any]]:
    (quote,) = result["indicators"]["quote"]
    return dict(quote)


def meta_keys(path: str, kind: str) -> set[str]:
    result = recorded(path)[kind]["result"][0]
    meta = result["response"][0]["meta"] if kind == "spark" else result["meta"]
    return set(meta)


def test_the_meta_has_the_recorded_keys() -> None:
    daily = Web().chart("AAPL", range="6mo", interval="1d")["meta"]
    assert daily.keys() == meta_keys("v8_chart/rs_AAPL.json", "chart")
    (spark,) = Web().get("/v7/finance/spark", {"symbols": "^GSPC", "range": "1d", "interval": "5m"})["spark"][
        "result"
    ]
    assert spark["response"][0]["meta"].keys() == meta_keys("v7_spark/site_2025_multi.json", "spark")


@pytest.mark.parametrize("symbol", ["AAPL", "^GSPC", "BTC-USD", "EURUSD=X", "ES=F", "^N225", "BARC.L"])
def test_today_is_drawn_from_the_open_to_the_price_of_now(symbol: str) -> None:
    web = Web()
    result, row = web.chart(symbol, range="1d", interval="5m"), web.row(symbol)
    bars = quote_of(result)
    period = result["meta"]["currentTradingPeriod"]["regular"]
    assert result["timestamp"][0] == period["start"]
    assert result["timestamp"] == sorted(set(result["timestamp"]))
    assert period["start"] < result["timestamp"][-1] <= row["regularMarketTime"] + 60
    assert bars["open"][0] == float32(row["regularMarketOpen"])
    assert bars["close"][-1] == float32(row["regularMarketPrice"])
    assert result["meta"]["regularMarketPrice"] == row["regularMarketPrice"]
    assert result["meta"]["previousClose"] == row["regularMarketPreviousClose"]
    low, high = float32(row["regularMarketDayLow"]), float32(row["regularMarketDayHigh"])
    for name in ("open", "high", "low", "close"):
        assert all(low <= price <= high for price in bars[name] if price is not None)
    assert "adjclose" not in result["indicators"]


def test_what_has_passed_does_not_change() -> None:
    web = Web()
    first = web.chart("AAPL", range="1d", interval="1m")
    web.now += 700
    second = web.chart("AAPL", range="1d", interval="1m")
    finished = len(first["timestamp"]) - 1
    assert second["timestamp"][:finished] == first["timestamp"][:finished]
    for name, bars in quote_of(first).items():
        assert quote_of(second)[name][:finished] == bars[:finished]
    assert len(second["timestamp"]) == pytest.approx(finished + 1 + 11, abs=1)


def test_some_bars_are_empty_in_all_arrays_and_never_the_first_or_the_last() -> None:
    bars = quote_of(Web().chart("AAPL", range="1d", interval="1m"))
    empty = [place for place, close in enumerate(bars["close"]) if close is None]
    assert 0 < len(empty) < len(bars["close"]) / 10
    assert all(
        [place for place, value in enumerate(values) if value is None] == empty for values in bars.values()
    )
    assert 0 not in empty
    assert len(bars["close"]) - 1 not in empty


def test_five_years_are_about_1258_days() -> None:
    result = Web().chart("XLK", range="5y", interval="1d")
    assert len(result["timestamp"]) == pytest.approx(1258, abs=12)
    (adjusted,) = result["indicators"]["adjclose"]
    assert adjusted["adjclose"] == quote_of(result)["close"]
    assert "previousClose" not in result["meta"]
    steps = [
        later - earlier for earlier, later in zip(result["timestamp"], result["timestamp"][1:], strict=False)
    ]
    assert min(steps) > 0.9 * DAY
    assert max(steps) < 5.1 * DAY


@pytest.mark.parametrize(
    ("range_", "days"),
    [("5d", 5), ("1mo", 22), ("3mo", 64), ("6mo", 127), ("1y", 252), ("2y", 504), ("ytd", 180)],
)
def test_a_range_is_as_long_as_it_says(range_: str, days: int) -> None:
    assert len(Web().chart("AAPL", range=range_, interval="1d")["timestamp"]) == pytest.approx(days, abs=5)


def test_a_coin_has_every_day() -> None:
    assert len(Web().chart("BTC-USD", range="1mo", interval="1d")["timestamp"]) == 32


def test_the_days_end_with_yesterdays_close_and_with_the_year_of_the_row() -> None:
    web = Web()
    result, row = web.chart("AAPL", range="1y", interval="1d"), web.row("AAPL")
    assert quote_of(result)["close"][-1] == float32(row["regularMarketPrice"])
    assert quote_of(result)["close"][-2] == float32(row["regularMarketPreviousClose"])
    assert result["meta"]["fiftyTwoWeekHigh"] == row["fiftyTwoWeekHigh"]
    week = web.chart("AAPL", range="5d", interval="15m")
    before = result["timestamp"].index(week["timestamp"][0]) - 1
    assert float32(week["meta"]["chartPreviousClose"]) == quote_of(result)["close"][before]


def test_a_day_that_ends_becomes_a_day_of_the_past() -> None:
    web = Web()
    first = web.chart("MSFT", range="1mo", interval="1d")
    web.now += 22 * 3600
    second, row = web.chart("MSFT", range="1mo", interval="1d"), web.row("MSFT")
    assert second["timestamp"][-2] == first["meta"]["currentTradingPeriod"]["regular"]["start"]
    assert quote_of(second)["close"][-2] == float32(row["regularMarketPreviousClose"])
    kept = set(zip(first["timestamp"][:-1], quote_of(first)["close"], strict=False))
    assert set(zip(second["timestamp"][:-2], quote_of(second)["close"], strict=False)) <= kept


@pytest.mark.parametrize(("interval", "bars"), [("1wk", 53), ("1mo", 13), ("3mo", 5)])
def test_days_are_put_together_in_longer_ones(interval: str, bars: int) -> None:
    result = Web().chart("AAPL", range="1y", interval=interval)
    assert len(result["timestamp"]) == pytest.approx(bars, abs=1)


@pytest.mark.parametrize("session", [Session.PRE, Session.POST, Session.CLOSED, Session.OVERNIGHT])
def test_outside_of_the_session_the_last_one_is_drawn(session: Session) -> None:
    web = Web(session)
    result, row = web.chart("AAPL", range="1d", interval="5m"), web.row("AAPL")
    assert len(result["timestamp"]) == 78
    assert quote_of(result)["close"][-1] == float32(row["regularMarketPrice"])
    assert result["timestamp"][-1] < web.now
    period = result["meta"]["currentTradingPeriod"]["regular"]
    assert (period["start"] > web.now) is (session is Session.PRE)


@pytest.mark.parametrize(("session", "group"), [(Session.PRE, "pre"), (Session.POST, "post")])
def test_with_what_is_before_and_after_it_ends_with_the_price_of_then(session: Session, group: str) -> None:
    web = Web(session)
    result, row = web.chart("AAPL", range="1d", interval="5m", includePrePost="true"), web.row("AAPL")
    assert quote_of(result)["close"][-1] == float32(row[f"{group}MarketPrice"])
    assert result["meta"]["tradingPeriods"].keys() == {"pre", "post", "regular"}
    period = result["meta"]["currentTradingPeriod"][group]
    assert period["start"] <= result["timestamp"][-1] <= period["end"]


def test_the_morning_is_drawn_before_the_open() -> None:
    web = Web()
    result, row = web.chart("AAPL", interval="1m", includePrePost="true"), web.row("AAPL")
    period = result["meta"]["currentTradingPeriod"]
    assert result["timestamp"][0] == period["pre"]["start"]
    at_the_open = result["timestamp"].index(period["regular"]["start"])
    assert quote_of(result)["open"][at_the_open] == float32(row["regularMarketOpen"])


def test_a_span_can_be_asked_for() -> None:
    web = Web()
    query = {"period1": str(int(web.now) - 30 * DAY), "period2": str(int(web.now) - 10 * DAY)}
    stamps = web.chart("AAPL", interval="1d", **query)["timestamp"]
    assert int(query["period1"]) <= stamps[0] <= stamps[-1] < int(query["period2"])
    empty = {"period1": str(int(web.now) + DAY), "period2": str(int(web.now) + 2 * DAY), "interval": "1d"}
    error = web.get("/v8/finance/chart/AAPL", empty, status=400)["chart"]["error"]
    theirs = recorded("errors/yf2_chart_400_BEKE.json")["chart"]["error"]
    assert error["code"] == theirs["code"]
    assert error["description"].split(" = ")[0] == theirs["description"].split(" = ")[0]


def test_minutes_cannot_be_had_of_years() -> None:
    document = Web().get("/v8/finance/chart/AAPL", {"range": "1y", "interval": "1m"}, status=422)
    assert "data not available" in document["chart"]["error"]["description"]


@pytest.mark.parametrize("query", [{"range": "7d"}, {"interval": "7m"}, {"period1": "soon"}])
def test_what_is_no_range_is_refused(query: dict[str, str]) -> None:
    assert Web().get("/v8/finance/chart/AAPL", query, status=400)["chart"]["result"] is None


@pytest.mark.parametrize("symbol", ["NOSUCH1", "NONE1", "no such"])
def test_an_unknown_symbol_is_the_recorded_404(symbol: str) -> None:
    document = Web().get(f"/v8/finance/chart/{symbol.replace(' ', '%20')}", status=404)
    assert document == recorded("errors/yf2_chart_404_SI.json")


def test_what_is_traded_no_more_has_neither_stamps_nor_bars() -> None:
    theirs = recorded("v8_chart/scheb_noData_CAPIO.ST.json")["chart"]["result"][0]
    ours = Web().chart("YHDA")
    assert ours.keys() == theirs.keys()
    assert ours["indicators"] == theirs["indicators"]
    assert theirs["meta"].keys() - ours["meta"].keys() == {"longName"}
    assert ours["meta"]["currency"] is None


def test_sparks_are_of_those_that_are_known() -> None:
    web = Web()
    document = web.get("/v7/finance/spark", {"symbols": "AAPL,NOSUCH1,BTC-USD", "crumb": "none is needed"})
    results = document["spark"]["result"]
    assert [result["symbol"] for result in results] == ["AAPL", "BTC-USD"]
    for result in results:
        (response,) = result["response"]
        (quote,) = response["indicators"]["quote"]
        assert quote.keys() == {"close"}
        assert len(quote["close"]) == len(response["timestamp"])
        assert quote["close"][-1] == response["meta"]["regularMarketPrice"]
    assert web.get("/v7/finance/spark", {"symbols": "NOSUCH1"}, status=404)["spark"]["result"] is None
    many = ",".join(f"S{n}" for n in range(21))
    assert web.get("/v7/finance/spark", {"symbols": many}, status=400)["spark"]["result"] is None


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=lambda exchange: exchange.code)
def test_the_symbol_that_tells_an_exchanges_hours_is_listed_where_that_is(exchange: Exchange) -> None:
    listing = listing_of(exchange.symbol)
    assert listing is not None
    assert venue_of(listing).zone == exchange.zone
