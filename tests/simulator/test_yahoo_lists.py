"""Movers, search, news, similar symbols, summaries and the market's clock of the simulated Yahoo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.simulator.web import NOW, Web, recorded
from tickstream.core.views import SECTORS
from tickstream.simulator import Session
from tickstream.simulator.companies import COMPANIES

SAVED = "/v1/finance/screener/predefined/saved"


def movers(web: Web, name: str, **query: str) -> list[dict[str, Any]]:
    (result,) = web.get(SAVED, {"scrIds": name} | query)["finance"]["result"]
    rows: list[dict[str, Any]] = result["quotes"]
    return rows


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_25_rise_and_25_fall_and_both_lists_are_sorted(seed: int) -> None:
    web = Web(seed=seed)
    gainers = [row["regularMarketChangePercent"] for row in movers(web, "day_gainers", count="25")]
    losers = [row["regularMarketChangePercent"] for row in movers(web, "DAY_LOSERS", count="25")]
    assert gainers == sorted(gainers, reverse=True)
    assert losers == sorted(losers)
    assert len(gainers) == len(losers) == 25
    assert 12 < gainers[0] < 20
    assert -18 < losers[0] < -10
    assert min(gainers) > 3
    assert max(losers) < -2.5


def test_the_most_active_are_sorted_by_volume_and_the_best_known_are_among_them() -> None:
    rows = movers(Web(), "most_actives", count="10")
    volumes = [row["regularMarketVolume"] for row in rows]
    assert volumes == sorted(volumes, reverse=True)
    assert {"NVDA", "AAPL"} <= {row["symbol"] for row in rows}


def test_a_mover_is_priced_as_its_stream_is() -> None:
    web = Web()
    web.now += 60
    for row in movers(web, "day_gainers"):
        quote = web.simulator.prices.quote(row["symbol"], web.now)
        assert quote is not None
        assert row["regularMarketPrice"] == pytest.approx(quote.price)
        assert quote.price > quote.previous_close
        assert row == web.row(row["symbol"])


def test_who_moved_goes_back_the_day_after() -> None:
    web = Web()
    first = movers(web, "day_gainers")[0]
    web.now += 22 * 3600
    after = web.row(first["symbol"])
    assert after["regularMarketPreviousClose"] > first["regularMarketPreviousClose"]
    assert after["regularMarketChangePercent"] < -5


def test_a_list_has_the_recorded_keys() -> None:
    (theirs,) = recorded("v1_screener_predefined/yf2_day_gainers.json")["finance"]["result"]
    (ours,) = Web().get(SAVED, {"scrIds": "day_gainers", "count": "5"})["finance"]["result"]
    assert ours.keys() == theirs.keys()
    assert (ours["count"], ours["start"]) == (5, 0)
    assert ours["total"] >= 25


def test_lists_want_a_crumb_and_a_name() -> None:
    web = Web()
    web.get(SAVED, {"scrIds": "day_gainers", "crumb": "wrong"}, status=401)
    web.get(SAVED, {"scrIds": "nonsense"}, status=400)
    web.get("/v1/finance/screener", status=405)


def test_a_screener_of_ones_own() -> None:
    query = {
        "operator": "AND",
        "operands": [
            {"operator": "eq", "operands": ["region", "us"]},
            {"operator": "or", "operands": [
                {"operator": "BTWN", "operands": ["intradayprice", 10, 150]},
                {"operator": "gt", "operands": ["intradayprice", 500]},
            ]},
            {"operator": "eq", "operands": ["sector", "Technology"]},
        ],
    }  # fmt: skip
    asked = {"size": 3, "offset": 1, "sortField": "intradaymarketcap", "sortType": "DESC", "query": query}
    (result,) = Web().get("/v1/finance/screener", json=asked)["finance"]["result"]
    rows = result["quotes"]
    assert len(rows) == 3
    assert result["total"] > 3
    caps = [row["marketCap"] for row in rows]
    assert caps == sorted(caps, reverse=True)
    for row in rows:
        assert 10 <= row["regularMarketPrice"] <= 150 or row["regularMarketPrice"] > 500
        assert COMPANIES[row["symbol"]].sector == "Technology"


@pytest.mark.parametrize(
    "asked",
    [[], {"sortField": "nonsense"}, {"query": {"operator": "??", "operands": ["beta", 1]}}, {"size": []}],
)
def test_a_screener_that_makes_no_sense_is_refused(asked: object) -> None:
    assert (
        Web().get("/v1/finance/screener", json=asked, status=400)["finance"]["error"]["code"] == "Bad Request"
    )


def test_there_are_at_least_80_companies_of_all_sectors() -> None:
    assert len(COMPANIES) >= 80
    assert {company.sector for company in COMPANIES.values()} == set(SECTORS)


def found(q: str, **query: str) -> list[str]:
    return [row["symbol"] for row in Web().get("/v1/finance/search", {"q": q} | query)["quotes"]]


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("AAPL", "AAPL"),
        ("aap", "AAPL"),
        ("apple", "AAPL"),
        ("APPL", "AAPL"),
        ("microsfot", "MSFT"),
        ("coca-cola", "KO"),
        ("bitcoin", "BTC-USD"),
        ("^FTSE", "^FTSE"),
        ("XYZQ", "XYZQ"),
        ("SAP.DE", "SAP.DE"),
    ],
)
def test_a_search_finds_symbols_names_and_what_was_mistyped(q: str, first: str) -> None:
    assert found(q)[0] == first


def test_a_search_finds_nothing_where_there_is_nothing() -> None:
    document = Web().get("/v1/finance/search", {"q": "NOSUCH1"})
    assert document["quotes"] == document["news"] == []


def test_a_search_answers_in_the_recorded_shape() -> None:
    theirs = recorded("v1_search/yf2_AAPL.json")
    ours = Web().get("/v1/finance/search", {"q": "AAPL", "quotesCount": "3", "newsCount": "2"})
    assert ours.keys() == theirs.keys()
    assert ours["quotes"][0].keys() == theirs["quotes"][0].keys()
    assert ours["news"][0].keys() == theirs["news"][0].keys()
    assert ours["quotes"][0]["sector"] == theirs["quotes"][0]["sector"]
    assert len(ours["news"]) == 2


def test_a_search_for_nothing_is_the_recorded_400() -> None:
    assert Web().get("/v1/finance/search", status=400) == recorded("errors/yf2_search_400_missing_q.json")


def test_news_are_invented_minutes_to_hours_old_and_stay() -> None:
    web = Web()
    query = {"q": "MSFT", "quotesCount": "0", "newsCount": "10"}
    news = web.get("/v1/finance/search", query)["news"]
    assert len(news) == 10
    assert {story["publisher"] for story in news} == {"Simulated News"}
    assert all("Microsoft" in story["title"] and story["relatedTickers"] == ["MSFT"] for story in news)
    ages = [NOW - story["providerPublishTime"] for story in news]
    assert ages == sorted(ages)
    assert ages[0] > 60
    assert ages[-1] < 36 * 3600
    web.now += 300
    assert web.get("/v1/finance/search", query)["news"] == news


@pytest.mark.parametrize("q", ["^GSPC", "stock market"])
def test_the_market_as_a_whole_has_20_headlines_about_nobody(q: str) -> None:
    market = Web().get("/v1/finance/search", {"q": q, "newsCount": "20"})["news"]
    assert len({story["title"] for story in market}) == 20
    assert not any(story["relatedTickers"] for story in market)


def test_similar_symbols_are_of_the_same_sector() -> None:
    theirs = recorded("v6_recommendationsbysymbol/yf2_AAPL.json")["finance"]["result"][0]
    document = Web().get("/v6/finance/recommendationsbysymbol/AAPL,NOSUCH1,EURUSD=X")
    first, second = document["finance"]["result"]
    assert first.keys() == theirs.keys()
    assert first["recommendedSymbols"][0].keys() == theirs["recommendedSymbols"][0].keys()
    assert len(first["recommendedSymbols"]) == 5
    names = [entry["symbol"] for entry in first["recommendedSymbols"]]
    assert "AAPL" not in names
    assert {COMPANIES[name].sector for name in names} == {"Technology"}
    assert all(entry["symbol"].endswith("=X") for entry in second["recommendedSymbols"])
    assert Web().get("/v6/finance/recommendationsbysymbol/NOSUCH1")["finance"]["result"] == []


@pytest.mark.parametrize(
    ("module", "path", "unsaid"),
    [
        ("assetProfile", "yf2_summaryProfile_AAPL.json", {"irWebsite"}),
        ("summaryProfile", "yf2_summaryProfile_AAPL.json", {"irWebsite"}),
        ("summaryDetail", "yf2_summaryDetail_AAPL.json",
         {"exDividendDate", "payoutRatio", "fiveYearAvgDividendYield", "priceToSalesTrailing12Months"}),
        ("price", "yf2_price_AAPL.json", {"preMarketSource", "postMarketSource", "postMarketChangePercent",
         "postMarketChange", "postMarketTime", "postMarketPrice"}),
        ("quoteType", "yf2_quoteType_AAPL.json", set()),
    ],
)  # fmt: skip
def test_a_module_has_the_recorded_keys(module: str, path: str, unsaid: set[str]) -> None:
    (theirs,) = recorded(f"v10_quoteSummary/{path}")["quoteSummary"]["result"]
    ours = summary(Web(Session.PRE), "AAPL", module)
    (their_module,) = theirs.values()
    assert ours.keys() == {module}
    assert their_module.keys() - ours[module].keys() <= unsaid


def summary(web: Web, symbol: str, modules: str, **query: str) -> dict[str, Any]:
    query = {"modules": modules, "formatted": "false"} | query
    (result,) = web.get(f"/v10/finance/quoteSummary/{symbol}", query)["quoteSummary"]["result"]
    modules_found: dict[str, Any] = result
    return modules_found


@pytest.mark.parametrize(
    ("symbol", "sector"),
    [
        ("AAPL", "Technology"),
        ("JPM", "Financial Services"),
        ("JNJ", "Healthcare"),
        ("TSLA", "Consumer Cyclical"),
        ("GOOGL", "Communication Services"),
        ("BA", "Industrials"),
        ("KO", "Consumer Defensive"),
        ("XOM", "Energy"),
        ("NEE", "Utilities"),
        ("AMT", "Real Estate"),
        ("LIN", "Basic Materials"),
        ("VOD.L", "Communication Services"),
    ],
)
def test_a_company_is_in_its_sector(symbol: str, sector: str) -> None:
    profile = summary(Web(), symbol, "assetProfile")["assetProfile"]
    assert profile["sector"] == sector
    assert sector in SECTORS


def test_a_summary_agrees_with_the_row() -> None:
    web = Web()
    detail, row = summary(web, "KO", "summaryDetail")["summaryDetail"], web.row("KO")
    assert detail["trailingPE"] == row["trailingPE"]
    assert detail["beta"] == row["beta"]
    assert detail["marketCap"] == row["marketCap"]
    price = summary(web, "KO", "price")["price"]
    assert price["regularMarketChangePercent"] * 100 == pytest.approx(row["regularMarketChangePercent"])


def test_a_module_that_is_not_there_is_left_out() -> None:
    web = Web()
    assert summary(web, "EURUSD=X", "assetProfile,summaryDetail,nonsense").keys() == {"summaryDetail"}
    assert summary(web, "SPY", "assetProfile")["assetProfile"].keys() == {
        "longBusinessSummary", "companyOfficers", "executiveTeam", "maxAge",
    }  # fmt: skip


def test_summaries_are_refused_as_recorded() -> None:
    web = Web()
    path = "/v10/finance/quoteSummary/"
    asked = {"modules": "earnings"}
    assert web.get(f"{path}EURUSD=X", asked, status=404) == recorded(
        "errors/yf2_quoteSummary_404_EURUSD.json"
    )
    found = web.get(f"{path}QQQ,", asked, status=404)
    assert found == recorded("errors/yf2_quoteSummary_404_quote_not_found.json")
    assert web.get(path, asked, status=404) == recorded("errors/yf2_quoteSummary_404_empty_symbol.json")
    web.get(f"{path}AAPL", asked | {"crumb": ""}, status=401)


def test_summaries_are_formatted_unless_told_otherwise() -> None:
    detail = summary(Web(), "AAPL", "summaryDetail", formatted="true")["summaryDetail"]
    assert detail["marketCap"].keys() == {"raw", "fmt", "longFmt"}
    assert detail["maxAge"] == 1


def market(session: Session, later: float = 0) -> dict[str, Any]:
    web = Web(session)
    web.now += later
    document = web.get("/v6/finance/markettime")
    (found,) = document["finance"]["marketTimes"][0]["marketTime"]
    entry: dict[str, Any] = found
    return entry


def test_the_clock_counts_down_to_the_close() -> None:
    entry = market(Session.REGULAR)
    assert entry["status"] == "open"
    assert entry["yfit_market_status"] == "YFT_MARKET_WILL_CLOSE"
    assert entry["duration"] == [{"hrs": "20", "mins": "0"}]
    assert entry["message"] == "U.S. markets close in 20 hours"
    seconds = [datetime.fromisoformat(entry[name]).timestamp() - NOW for name in ("open", "time", "close")]
    assert seconds == [-4 * 3600, 0, 20 * 3600]


def test_the_clock_counts_down_to_the_open() -> None:
    entry = market(Session.PRE, later=61)
    assert (entry["status"], entry["yfit_market_status"]) == ("closed", "YFT_MARKET_WILL_OPEN")
    assert entry["message"] == "U.S. markets open in 19 hours 58 minutes"


@pytest.mark.parametrize("session", [Session.POST, Session.OVERNIGHT, Session.CLOSED])
def test_a_closed_market_counts_nothing(session: Session) -> None:
    entry = market(session)
    assert (entry["status"], entry["yfit_market_status"]) == ("closed", "YFT_MARKET_CLOSED")
    assert "duration" not in entry
    assert entry["message"] == "U.S. markets closed"


@pytest.mark.parametrize(
    ("session", "name"), [(Session.REGULAR, "YFT_MARKET_WILL_CLOSE"), (Session.POST, "YFT_MARKET_CLOSED")]
)
def test_the_clock_has_the_recorded_shape(session: Session, name: str) -> None:
    theirs = recorded(f"v6_markettime/site_{name}.json")
    ours = Web(session).get("/v6/finance/markettime")
    (their_entry,) = theirs["finance"]["marketTimes"][0]["marketTime"]
    entry = market(session)
    assert entry.keys() == their_entry.keys()
    assert {name: type(value) for name, value in entry.items()} == {
        name: type(value) for name, value in their_entry.items()
    }
    assert ours["finance"].keys() == theirs["finance"].keys()
    assert entry["timezone"][0].keys() == their_entry["timezone"][0].keys()
