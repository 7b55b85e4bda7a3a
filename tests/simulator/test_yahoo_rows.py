"""v7/finance/quote of the simulated Yahoo: Yahoo's fields, and the streamer's prices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.web import NOW, Web, recorded
from tickstream.core.float32 import float32, shorten
from tickstream.core.views import INDICES, SECTORS
from tickstream.simulator import Session
from tickstream.simulator.pushes import push
from tickstream.simulator.yahoo_http.rows import BASE

# What Yahoo says of corporate events, analysts and the like, which nothing of ours shows.
UNSAID = {
    "earningsTimestamp", "earningsTimestampStart", "earningsTimestampEnd", "earningsCallTimestampStart",
    "earningsCallTimestampEnd", "isEarningsDateEstimate", "dividendDate", "averageAnalystRating",
    "epsCurrentYear", "priceEpsCurrentYear", "trailingThreeMonthReturns", "trailingThreeMonthNavReturns",
    "coinImageUrl", "startDate", "logoUrl", "nameChangeDate", "prevName", "ipoExpectedDate",
}  # fmt: skip


@pytest.mark.parametrize(
    ("symbol", "path", "session"),
    [
        ("AAPL", "v7_quote/rs_state_AAPL_PRE.json", Session.PRE),
        ("AAPL", "v7_quote/rs_state_AAPL_REGULAR.json", Session.REGULAR),
        ("QQQ", "v7_quote/yf2_QQQ.json", Session.CLOSED),
        ("SAP.DE", "v7_quote/rs_GS2C.DE.json", Session.CLOSED),
        ("^VIX", "v7_quote/yf2_^VXAPL.json", Session.CLOSED),
        ("EURUSD=X", "v7_quote/yf2_EURUSD=X.json", Session.REGULAR),
        ("BTC-USD", "v7_quote/yf2_ZRC-USD.json", Session.REGULAR),
        ("AAPL280121C00025000", "v7_quote/yf2_AAPL220121C00025000_2021-11.json", Session.CLOSED),
        ("NONESUCH", "v7_quote/yf2_SI.json", Session.CLOSED),
        ("YHDA", "v7_quote/yf2_ADH.json", Session.CLOSED),
    ],
)
def test_a_row_has_the_fields_of_a_recorded_one(symbol: str, path: str, session: Session) -> None:
    (theirs,) = recorded(path)["quoteResponse"]["result"]
    ours = Web(session).row(symbol)
    year = {"fiftyTwoWeekChangePercent", "fiftyDayAverage", "twoHundredDayAverage"}
    assert theirs.keys() - ours.keys() <= UNSAID | (year if symbol.startswith("YHD") else set())
    same_type = {name for name in theirs.keys() & ours.keys() if isinstance(theirs[name], int | float)}
    assert all(isinstance(ours[name], int | float) for name in same_type)
    assert all(type(theirs[name]) is type(ours[name]) for name in theirs.keys() & ours.keys() - same_type)


def test_with_fields_there_are_those_and_the_base_set() -> None:
    theirs = recorded("v7_quote/yf2_TSLA-fields-symbol.json")["quoteResponse"]["result"][0]
    assert Web().row("TSLA", fields="symbol").keys() == theirs.keys() == BASE
    assert Web().row("TSLA", fields="beta,nonsense").keys() == BASE | {"beta"}


@pytest.mark.parametrize("symbol", ["AAPL", "SPY", "^GSPC", "EURUSD=X", "BTC-USD", "ES=F", "BARC.L", "BRK-A"])
@pytest.mark.parametrize("session", list(Session))
def test_a_row_says_what_the_streamer_says(symbol: str, session: Session) -> None:
    web = Web(session)
    web.now += 30
    row = web.row(symbol, overnightPrice="true")
    quote = web.simulator.prices.quote(symbol, web.now)
    assert quote is not None
    said: dict[str, Any] = push(quote)
    group = {"PRE": "pre", "POST": "post", "OVERNIGHT": "overnight"}.get(row["marketState"], "regular")
    if f"{group}MarketPrice" not in row:
        group = "regular"
    assert float32(row[f"{group}MarketPrice"]) == float32(said["price"])
    assert row[f"{group}MarketChange"] == shorten(said["change"])
    assert row[f"{group}MarketChangePercent"] == shorten(said["change_percent"])
    assert row[f"{group}MarketTime"] * 1000 == said["time"]
    if said.get("day_volume"):
        assert row["regularMarketVolume"] == said["day_volume"]


@pytest.mark.parametrize(
    ("session", "state", "groups", "at_night", "groups_at_night"),
    [
        (Session.PRE, "PRE", {"pre"}, "PRE", {"pre", "post", "overnight"}),
        (Session.REGULAR, "REGULAR", set(), "REGULAR", {"pre"}),
        (Session.POST, "POST", {"post"}, "POST", {"pre", "post"}),
        (Session.CLOSED, "CLOSED", {"post"}, "CLOSED", {"post"}),
        (Session.OVERNIGHT, "POSTPOST", {"post"}, "OVERNIGHT", {"pre", "post", "overnight"}),
    ],
)
def test_the_state_says_which_prices_there_are(
    session: Session, state: str, groups: set[str], at_night: str, groups_at_night: set[str]
) -> None:
    web = Web(session)
    plain, with_night = web.row("AAPL"), web.row("AAPL", overnightPrice="true")
    assert (plain["marketState"], groups_of(plain)) == (state, groups)
    assert (with_night["marketState"], groups_of(with_night)) == (at_night, groups_at_night)
    assert with_night["market"] == "us_ot_market"
    assert groups_of(web.row("SAP.DE", overnightPrice="true")) == groups_of(web.row("^GSPC")) == set()


def test_the_second_half_of_the_night_is_before_the_morning() -> None:
    web = Web(Session.OVERNIGHT)
    web.now += 4 * 3600
    assert web.row("AAPL")["marketState"] == "PREPRE"


def groups_of(row: dict[str, Any]) -> set[str]:
    return {group for group in ("pre", "post", "overnight") if f"{group}MarketPrice" in row}


def test_the_morning_is_compared_with_the_close_before_it() -> None:
    row = Web().row("AAPL", overnightPrice="true")
    change = row["preMarketPrice"] - row["regularMarketPreviousClose"]
    assert row["preMarketChange"] == pytest.approx(change, abs=1e-3)
    row = Web(Session.PRE).row("AAPL")
    change = row["preMarketPrice"] - row["regularMarketPrice"]
    assert row["preMarketChange"] == pytest.approx(change, abs=1e-3)


def test_unknown_symbols_are_missing_and_each_other_is_there_once() -> None:
    rows = Web().rows("MSFT", "NOSUCH1", "AAPL", "MSFT")
    assert [row["symbol"] for row in rows] == ["MSFT", "AAPL"]
    assert Web().rows("NOSUCH1") == []


def test_numbers_can_be_had_formatted() -> None:
    theirs = recorded("v7_quote/site_2025_AAPL_REGULAR.json")["quoteResponse"]["result"][0]
    web = Web()
    plain, ours = web.row("AAPL"), web.row("AAPL", formatted="true")
    for name in theirs.keys() & ours.keys():
        assert type(theirs[name]) is type(ours[name])
        if isinstance(theirs[name], dict):
            assert theirs[name].keys() == ours[name].keys()
    assert ours["regularMarketPrice"] == {
        "raw": plain["regularMarketPrice"],
        "fmt": f"{plain['regularMarketPrice']:.2f}",
    }
    assert ours["marketCap"]["fmt"].endswith("T")
    assert ours["regularMarketTime"]["fmt"].endswith("EDT")


def test_figures_stay_while_prices_move() -> None:
    web = Web()
    first = web.row("AAPL")
    web.now += 60
    second = web.row("AAPL")
    stay = {"sharesOutstanding", "epsTrailingTwelveMonths", "beta", "fiftyTwoWeekHigh", "longName"}
    assert {name: first[name] for name in stay} == {name: second[name] for name in stay}
    assert first["regularMarketPrice"] != second["regularMarketPrice"]
    pe = second["regularMarketPrice"] / second["epsTrailingTwelveMonths"]
    assert second["trailingPE"] == pytest.approx(pe, rel=1e-5)
    assert second["fiftyTwoWeekLow"] <= second["regularMarketDayLow"]
    assert second["fiftyTwoWeekHigh"] >= second["regularMarketDayHigh"]


@pytest.mark.parametrize(
    ("symbol", "zone", "market"),
    [
        ("^FTSE", "Europe/London", "gb_market"),
        ("FTSEMIB.MI", "Europe/Rome", "it_market"),
        ("^TASI.SR", "Asia/Riyadh", "sr_market"),
        ("^J203.JO", "Africa/Johannesburg", "za_market"),
        ("^N225", "Asia/Tokyo", "jp_market"),
        ("000001.SS", "Asia/Shanghai", "cn_market"),
        ("^BVSP", "America/Sao_Paulo", "br_market"),
        ("^GSPTSE", "America/Toronto", "ca_market"),
    ],
)
def test_an_index_abroad_has_the_day_of_its_exchange(symbol: str, zone: str, market: str) -> None:
    row = Web().row(symbol)
    assert (row["quoteType"], row["exchangeTimezoneName"], row["market"]) == ("INDEX", zone, market)
    asia, europe = market in ("jp_market", "cn_market"), zone.startswith(("Europe", "Africa", "Asia/R"))
    morning = "REGULAR" if europe else "POSTPOST"
    assert Web(Session.PRE).row(symbol)["marketState"] == morning
    night = "REGULAR" if asia else "POSTPOST"
    assert Web(Session.OVERNIGHT).row(symbol)["marketState"] == night


def test_all_that_the_views_ask_for_has_a_price() -> None:
    symbols = [*INDICES, *SECTORS.values()]
    rows = Web().rows(*symbols)
    assert [row["symbol"] for row in rows] == symbols
    assert all(row["regularMarketPrice"] > 0 for row in rows)


def test_without_symbols_it_is_the_recorded_400() -> None:
    assert Web().get("/v7/finance/quote", status=400) == recorded("errors/ha_quote_400_missing_symbols.json")


@pytest.mark.parametrize("crumb", ["", "wrong"])
def test_without_its_crumb_it_is_the_recorded_401(crumb: str) -> None:
    document = Web().get("/v7/finance/quote", {"symbols": "AAPL", "crumb": crumb}, status=401)
    assert document == recorded("errors/spike_401_invalid_crumb.json")


def test_quotes_may_be_kept_for_a_second() -> None:
    headers = dict(Web().ask("/v7/finance/quote", {"symbols": "AAPL"}).headers)
    assert headers["cache-control"] == "public, max-age=1, stale-while-revalidate=9"
    assert headers["content-type"] == "application/json;charset=utf-8"


def test_the_same_seed_says_the_same_again() -> None:
    assert Web(now=NOW).row("NVDA") == Web(now=NOW).row("NVDA")
