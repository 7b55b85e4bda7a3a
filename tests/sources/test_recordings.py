# ruff: noqa: E501 - a line a file
"""Every recorded response of an endpoint that a view uses gives the values that a person would read in it.

The tables name each file. One that is new fails until somebody has read it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.shared import SHARED
from tickstream.errors import WireError
from tickstream.sources.yahoo import parse

RECORDED = SHARED / "yahoo" / "http"

LEFT_OUT = {
    "other": "calendars, insights, ratings and stories: no view shows them",
    "v1_providers": "a list of the site's data providers",
    "v1_quoteType": "what it says is in every row of quotes",
    "v1_trending": "no view shows what is searched for",
    "v6_marketSummary": "its rows are rows of quotes, and the indices are asked for as such",
    "v7_options": "no view shows option chains",
    "xhr_ncp_news": "news come from the search, which needs no cookie and no consent",
}

# How many symbols, and of the first: price, change, currency, state, time, and the prices of the
# pre-market, after hours and overnight.
QUOTES: dict[str, tuple[object, ...]] = {
    "ha_sample.json": (7, "0P00008F5Y.L", 1.1275, 0.00030004978, "GBP", "CLOSED", 1755216000000, None, None, None),
    "mop_sample.json": (2, "BA", 331.76, -7.380005, "USD", "PREPRE", 1534363219000, None, 333.85, None),
    "rs_AAPL.json": (1, "AAPL", 269.7, 0.700012, "USD", "POSTPOST", 1761768001000, None, 270.75, None),
    "rs_GS2C.DE.json": (1, "GS2C.DE", 19.948, -0.13199997, "EUR", "PREPRE", 1761755744000, None, None, None),
    "rs_state_AAPL_PRE.json": (1, "AAPL", 254.63, 0.200012, "USD", "PRE", 1759262402000, 255.1, None, None),
    "rs_state_AAPL_REGULAR.json": (1, "AAPL", 269.32, 0.51000977, "USD", "REGULAR", 1761670163000, None, None, None),
    "rs_state_GS2C.DE_POST.json": (1, "GS2C.DE", 20.02, -0.37999916, "EUR", "POST", 1761668595000, None, None, None),
    "rs_state_GS2C.DE_POSTPOST.json": (1, "GS2C.DE", 20.14, -0.055000305, "EUR", "POSTPOST", 1760542546000, None, None, None),
    "rs_state_QQQ.json": (1, "QQQ", 570.99, 0.6699829, "USD", "REGULAR", 1756221126000, None, None, None),
    "site_2025_AAPL_OVERNIGHT.json": (1, "AAPL", 229.31, 2.149994, "USD", "OVERNIGHT", 1756238401000, 227.0, 229.77, 229.92),
    "site_2025_AAPL_POST.json": (1, "AAPL", 249.34, 1.56999, "USD", "POST", 1760558402000, 249.45, 249.35, None),
    "site_2025_AAPL_REGULAR.json": (1, "AAPL", 268.8, -0.2000122, "USD", "REGULAR", 1761755820000, 269.36, None, None),
    "site_2025_QQQ_CLOSED.json": (1, "QQQ", 599.35, 4.0299683, "USD", "CLOSED", 1758312002000, None, 599.67, None),
    "site_2025_QQQ_OVERNIGHT.json": (1, "QQQ", 595.32, 5.3200073, "USD", "OVERNIGHT", 1758225600000, 594.98, 596.3512, 596.68),
    "site_2025_QQQ_POST.json": (1, "QQQ", 605.49, -5.8900146, "USD", "POST", 1761163201000, 610.8, 605.52, None),
    "site_2025_QQQ_REGULAR.json": (1, "QQQ", 583.58, 2.880005, "USD", "REGULAR", 1757601253000, 583.24, None, None),
    "site_2025_VFINX_POST.json": (1, "VFINX", 613.55, -0.95, "USD", "POST", 1760530175000, None, None, None),
    "site_2025_VFINX_REGULAR.json": (1, "VFINX", 634.96, 7.71, "USD", "REGULAR", 1761653403000, None, None, None),
    "site_2026_01_BTC-USD,CL=F.json": (2, "BTC-USD", 63471.29, -363.1914, None, "REGULAR", 1785358468000, None, None, None),
    "site_2026_06_NVDA,SOXX,SOXL,SKHY,HUM,CBRL,P.json": (7, "NVDA", 190.01, -7.0, None, "POST", 1785355201000, None, None, None),
    "site_2026_07_META,MSFT,CMG,SBUX,GOOGL,ARM,B.json": (9, "META", 585.61, -7.799988, None, "POST", 1785355201000, None, None, None),
    "site_2026_11_META,MSFT,AAPL,MS,SOL-USD,BTC-.json": (7, "META", 585.61, -7.799988, None, "POST", 1785355201000, None, None, None),
    "yf2_AAPL.json": (1, "AAPL", 244.6, 3.0700073, "USD", "CLOSED", 1739566800000, None, 244.64, None),
    "yf2_AAPL220121C00025000.json": (0, None, None, None, None, None, None, None, None, None),
    "yf2_AAPL220121C00025000_2021-11.json": (1, "AAPL220121C00025000", 125.0, -0.87000275, "USD", "CLOSED", 1636734687000, None, None, None),
    "yf2_ADH.json": (1, "ADH", None, None, None, "CLOSED", 1561759658000, None, None, None),
    "yf2_AFRAF.json": (1, "AFRAF", 8.46, 0.0, "USD", "CLOSED", 1739563200000, None, None, None),
    "yf2_AZT.OL.json": (1, "AZT.OL", 19.54, 0.5400009, "NOK", "REGULAR", 1739788690000, None, None, None),
    "yf2_EURUSD=X.json": (1, "EURUSD=X", 1.0489877, -0.0005505085, "USD", "REGULAR", 1739789683000, None, None, None),
    "yf2_LDO.MI.json": (1, "LDO.MI", 33.38, 1.7000008, "EUR", "REGULAR", 1739788791000, None, None, None),
    "yf2_MSFT-fields-beta.json": (1, "MSFT", 408.43, None, None, "CLOSED", 1739566800000, None, None, None),
    "yf2_OCDO.L.json": (1, "OCDO.L", 308.8, -6.4000244, "GBp", "REGULAR", 1739788724000, None, None, None),
    "yf2_ORSTED.CO.json": (1, "ORSTED.CO", 299.7, -1.0999756, "DKK", "REGULAR", 1739789655000, None, None, None),
    "yf2_QQQ.json": (1, "QQQ", 538.15, 2.25, "USD", "CLOSED", 1739566801000, None, 538.13, None),
    "yf2_SI.json": (0, None, None, None, None, None, None, None, None, None),
    "yf2_SIX.json": (0, None, None, None, None, None, None, None, None, None),
    "yf2_SOHO.json": (1, "SOHO", 0.8401, 0.003799975, "USD", "CLOSED", 1739566800000, None, None, None),
    "yf2_TSLA-fields-symbol-shortName.json": (1, "TSLA", 355.84, None, None, "CLOSED", 1739566801000, None, None, None),
    "yf2_TSLA-fields-symbol.json": (1, "TSLA", 355.84, None, None, "CLOSED", 1739566801000, None, None, None),
    "yf2_WSKT.JK.json": (1, "WSKT.JK", 202.0, 0.0, "IDR", "POSTPOST", 1721764800000, None, None, None),
    "yf2_ZRC-USD.json": (1, "ZRC-USD", 0.076522574, 0.0, "USD", "REGULAR", 1644085740000, None, None, None),
    "yf2_^VXAPL.json": (1, "^VXAPL", 23.77, -0.5100002, "USD", "CLOSED", 1739566922000, None, None, None),
}  # fmt: skip

# How many rows, and of the first: symbol, price and percent.
MOVERS: dict[str, tuple[object, ...]] = {
    "site_top_mutual_funds.json": (5, "SLMCX", 179.26, 2.963814),
    "yf2_day_gainers.json": (5, "U", 28.0, 30.4145),
}  # fmt: skip

# How many symbols, and of the first: price, previous close, closes, their times, and the last close.
SPARKS: dict[str, tuple[object, ...]] = {
    "java_AAPL_5d.json": (1, "AAPL", 132.54, None, 5, 5, 132.54),
    "pricehist_TSLA_2021.json": (1, "TSLA", 644.22, 650.6, 2, 2, 644.22),
    "site_2025_AAPL.json": (1, "AAPL", 230.35, 232.78, 47, 47, 230.35),
    "site_2025_multi.json": (7, "^GSPC", 6451.99, 6468.54, 18, 18, 6451.99),
    "site_2026-07-29.json": (8, "^GSPC", 7316.15, 7428.78, 79, 79, 7316.15),
}  # fmt: skip

# Symbol, price, currency, previous close, closes, their times, and the last close.
CHARTS: dict[str, tuple[object, ...]] = {
    "java_AAPL_5d_formatted.json": ("AAPL", 134.32, "USD", None, 5, 5, 134.32),
    "java_AAPL_5d_no_ts.json": ("AAPL", 132.54, "USD", None, 5, 0, 132.54),
    "pricehist_INRX_nulls.json": ("INR=X", 83.89, "INR", None, 3, 3, 64.365),
    "pricehist_TSLA_recent.json": ("TSLA", 230.29, "USD", None, 5, 5, 293.34),
    "rs_AAPL.json": ("AAPL", 269.7, "USD", None, 127, 127, 269.7),
    "rs_GS2C.DE.json": ("GS2C.DE", 19.948, "EUR", None, 5, 5, 19.948),
    "rs_MSFT.json": ("MSFT", 541.55, "USD", None, 127, 127, 541.55),
    "rs_VFINX.json": ("VFINX", 636.38, "USD", None, 164, 164, 636.41),
    "scheb_dividendData.json": ("AAPL", 227.55, "USD", None, 61, 61, 227.55),
    "scheb_noData_CAPIO.ST.json": ("CAPIO.ST", None, None, None, 0, 0, None),
    "scheb_splitData.json": ("AAPL", 227.55, "USD", None, 61, 61, 227.55),
    "sminer_SQQQ_prepost.json": ("SQQQ", 44.11, "USD", 42.27, 946, 946, 41.85),
    "yf2_0P000071W8.TO-2020-01-01-to-2020-01-03.json": ("0P000071W8.TO", 153.9, "CAD", None, 1, 1, 73.72),
    "yf2_AAPL-2020-08-31-to-2020-11-07.json": ("AAPL", 244.87, "USD", None, 49, 49, 118.69),
    "yf2_AAPL.json": ("AAPL", 220.003, "USD", None, 1, 1, 164.32),
    "yf2_AFRAF-2020-01-01-to-2020-01-03.json": ("AFRAF", 8.99, "USD", None, 1, 1, 11.27),
    "yf2_BTC-USD-2020-01-01-to-2020-01-03.json": ("BTC-USD", 97208.17, "USD", None, 3, 3, 7344.8843),
    "yf2_EURUSD=X-2020-01-01-to-2020-01-03.json": ("EURUSD=X", 1.0436, "USD", None, 3, 3, 1.1171438),
    "yf2_GC=F-2020-01-01-to-2020-01-03.json": ("GC=F", 2952.5, "USD", None, 1, 1, 1524.5),
    "yf2_OCDO.L-2020-01-01-to-2020-01-03.json": ("OCDO.L", 305.3, "GBp", None, 1, 1, 1259.5),
    "yf2_QQQ-2020-01-01-to-2020-01-03.json": ("QQQ", 539.52, "USD", None, 1, 1, 216.16),
    "yf2_WSKT.JK-2020-01-01-to-2020-01-03.json": ("WSKT.JK", 202.0, "IDR", None, 1, 1, 1505.0),
    "yf2_WSU.DE-2023-08-04-to-2023-08-09.json": ("WSU.DE", 38.9, "EUR", None, 3, 3, 33.2),
    "yf2_hist_0P0000XTS7.json": ("0P0000XTS7", 11796.7, "USD", None, 2, 2, 11892.19),
    "yf2_hist_NVDA_split.json": ("NVDA", 134.43, "USD", None, 252, 252, 22.84),
}  # fmt: skip

SIMILAR: dict[str, list[str]] = {
    "site_QQQ.json": ["SPY", "VOO", "DIA", "IWM", "TQQQ"],
    "yf2_0P000071W8.TO.json": ["0P000071WA.TO", "0P000071AX.TO", "0P000071B1.TO", "0P000071W5.TO", "0P000071WU.TO"],
    "yf2_AAPL.json": ["AMZN", "TSLA", "GOOG", "META", "MSFT"],
    "yf2_EURUSD=X.json": ["GBPUSD=X", "JPY=X", "EURGBP=X", "AUDUSD=X", "^TNX"],
    "yf2_OCDO.L.json": ["ASC.L", "RMV.L", "BOO.L", "JD.L", "SBRY.L"],
    "yf2_QQQ.json": ["SPY", "VOO", "DIA", "IWM", "TQQQ"],
    "yf2_^VXAPL.json": ["^VXAZN", "^GVZ", "^OVX", "^VXGOG", "^VXGS"],
}  # fmt: skip

# How many symbols and the first, how many headlines and how the newest begins.
SEARCHES: dict[str, tuple[object, ...]] = {
    "yf2_AAPL.json": (6, "AAPL", 4, "Warren Buffett Just Gave"),
    "yf2_ADH.json": (5, "ADH.XA", 4, "Adairs Ltd (ASX:ADH) (Q1"),
    "yf2_BTC-USD.json": (6, "BTC-USD", 4, "Top Cryptocurrencies Fal"),
    "yf2_EUR.json": (5, "EURUSD=X", 4, "Net Asset Value(s)"),
    "yf2_EURUSD=X.json": (1, "EURUSD=X", 4, "Is Germany’s election th"),
    "yf2_Evolution_Gaming_Group.json": (2, "0RQ6.IL", 0, None),
    "yf2_NO0010123060.json": (0, None, 0, None),
    "yf2_QQQ.json": (6, "QQQ", 4, "Analyst who correctly pr"),
    "yf2_^VXAPL.json": (1, "^VXAPL", 0, None),
}  # fmt: skip

# Sector, industry, beta, P/E, EPS and yield in percent; or what the error says.
SUMMARIES: dict[str, tuple[object, ...] | str] = {
    "java_MSFT_calendarEvents.json": (None, None, None, None, None, None),
    "rs_calendarEvents_META.json": (None, None, None, None, None, None),
    "rs_profile_AAPL.json": ("Technology", "Consumer Electronics", None, None, None, None),
    "rs_profile_AMZN.json": ("Consumer Cyclical", "Internet Retail", None, None, None, None),
    "rs_profile_SAP.json": ("Technology", "Software - Application", None, None, None, None),
    "rs_profile_TSCO.L.json": ("Consumer Defensive", "Grocery Stores", None, None, None, None),
    "rs_profile_VFINX.json": (None, None, None, None, None, None),
    "site_AAPL.json": ("Technology", "Consumer Electronics", 1.165, 34.97648, 6.59, 0.45),
    "site_VFINX.json": (None, None, None, 28.014032, None, None),
    "yf2_all_ADH.json": (None, None, None, None, None, None),
    "yf2_all_EURUSD=X.json": (None, None, None, None, None, None),
    "yf2_all_WSKT.JK.json": (None, None, None, None, None, None),
    "yf2_all_^VXAPL.json": (None, None, None, None, None, None),
    "yf2_assetProfile_BTC-USD.json": (None, None, None, None, None, None),
    "yf2_assetProfile_EURUSD=X.json": "Yahoo says: Not Found: No fundamentals data found for any of the summaryTypes=assetProfile",
    "yf2_assetProfile_GC=F.json": "Yahoo says: Not Found: No fundamentals data found for any of the summaryTypes=assetProfile",
    "yf2_assetProfile_QQQ.json": (None, None, None, None, None, None),
    "yf2_calendarEvents_AAPL.json": (None, None, None, None, None, None),
    "yf2_calendarEvents_ADH.json": "Yahoo says: Not Found: No fundamentals data found for any of the summaryTypes=calendarEvents",
    "yf2_earnings_AAPL.json": (None, None, None, None, None, None),
    "yf2_price_AAPL.json": (None, None, None, None, None, None),
    "yf2_price_ADH.json": (None, None, None, None, None, None),
    "yf2_price_GC=F.json": (None, None, None, None, None, None),
    "yf2_quoteType_AAPL.json": (None, None, None, None, None, None),
    "yf2_quoteType_EURUSD=X.json": (None, None, None, None, None, None),
    "yf2_quoteType_GC=F.json": (None, None, None, None, None, None),
    "yf2_summaryDetail_AAPL.json": (None, None, 1.2, 38.91442, None, 0.41),
    "yf2_summaryDetail_WSKT.JK.json": "Yahoo says: Not Found: No fundamentals data found for any of the summaryTypes=summaryDetail",
    "yf2_summaryProfile_AAPL.json": ("Technology", "Consumer Electronics", None, None, None, None),
    "yf2_summaryProfile_OCDO.L.json": ("Consumer Defensive", "Grocery Stores", None, None, None, None),
    "yf2_summaryProfile_^VXAPL.json": "Yahoo says: Not Found: No fundamentals data found for any of the summaryTypes=summaryProfile",
}  # fmt: skip

ERRORS: dict[str, str | None] = {
    "ha_quote_400_missing_symbols.json": "Bad Request: Missing required query parameter=symbols",
    "rs_429_too_many_requests.txt": None,
    "site_getcrumb_401_invalid_cookie.json": "Unauthorized: Invalid Cookie",
    "site_ratings_404.json": "Symbol QQQ not covered.",
    "site_xhr_ncp_502.json": "Request timed out",
    "spike_401_invalid_crumb.json": "Unauthorized: Invalid Crumb",
    "yf2_chart_400_BEKE.json": "Bad Request: Data doesn't exist for startDate = 1577836800, endDate = 1578009600",
    "yf2_chart_404_SI.json": "Not Found: No data found, symbol may be delisted",
    "yf2_quoteSummary_404_EURUSD.json": "Not Found: No fundamentals data found for any of the summaryTypes=earnings",
    "yf2_quoteSummary_404_empty_symbol.json": None,
    "yf2_quoteSummary_404_quote_not_found.json": "Not Found: Quote not found for ticker symbol: QQQ,",
    "yf2_recommendations_404_ADH.json": None,
    "yf2_search_400_missing_q.json": "Bad Request: Missing required query parameter=q",
    "yf2_v7_download_400_text.txt": None,
}  # fmt: skip

CONSENT = (
    "01_quote_AAPL.txt",
    "02_guce_consent.txt",
    "03_collectConsent_form.html",
    "04_collectConsent_submit.txt",
    "05_copyConsent.txt",
    "06_final.html",
    "07_getcrumb.txt",
)

MARKET_TIMES = {
    "site_YFT_MARKET_CLOSED.json": (False, 1755264600.0, 1755288000.0, 1755291284.0),
    "site_YFT_MARKET_WILL_CLOSE.json": (True, 1755264600.0, 1755288000.0, 1755269730.0),
}

TABLES: dict[str, Any] = {
    "v7_quote": QUOTES,
    "v1_screener_predefined": MOVERS,
    "v7_spark": SPARKS,
    "v8_chart": CHARTS,
    "v6_recommendationsbysymbol": SIMILAR,
    "v1_search": SEARCHES,
    "v10_quoteSummary": SUMMARIES,
    "v6_markettime": MARKET_TIMES,
    "errors": ERRORS,
    "consent_flow": CONSENT,
}


def path_of(folder: str, name: str) -> Path:
    path = RECORDED / folder / name
    if not path.is_file():
        pytest.skip("../shared is absent, and with it the recorded responses")
    return path


def recorded(folder: str, name: str) -> Any:
    return json.loads(path_of(folder, name).read_text("utf-8"))


def names_in(folder: str) -> list[str]:
    found = RECORDED / folder
    if not found.is_dir():
        pytest.skip("../shared is absent, and with it the recorded responses")
    return sorted(path.name for path in found.iterdir() if not path.name.endswith(".meta.json"))


@pytest.mark.parametrize("folder", TABLES)
def test_every_recorded_file_is_in_a_table(folder: str) -> None:
    assert names_in(folder) == sorted(TABLES[folder])


def test_every_recorded_folder_is_read_or_left_out_for_a_reason() -> None:
    if not RECORDED.is_dir():
        pytest.skip("../shared is absent, and with it the recorded responses")
    folders = {path.name for path in RECORDED.iterdir() if path.is_dir()}
    assert folders == TABLES.keys() | LEFT_OUT.keys()


@pytest.mark.parametrize("name", QUOTES)
def test_quotes_are_read_as_recorded(name: str) -> None:
    quotes = parse.parse_quotes(recorded("v7_quote", name))
    first = next(iter(quotes.values()), None)
    extended = (first.pre_price, first.post_price, first.overnight_price) if first else (None,) * 3
    said = (
        (first.symbol, first.price, first.change, first.currency, first.market_state, first.time)
        if first
        else (None,) * 6
    )
    assert (len(quotes), *said, *extended) == QUOTES[name]


@pytest.mark.parametrize("name", QUOTES)
def test_every_row_of_quotes_that_is_no_stub_is_found_by_its_symbol(name: str) -> None:
    document = recorded("v7_quote", name)
    rows = {row["symbol"]: row for row in document["quoteResponse"]["result"] if row["quoteType"] != "NONE"}
    quotes = parse.parse_quotes(document)
    assert list(quotes) == list(rows)
    for symbol, row in rows.items():
        price = row.get("regularMarketPrice")
        assert quotes[symbol].price == (price["raw"] if isinstance(price, dict) else price)


@pytest.mark.parametrize("name", MOVERS)
def test_movers_are_read_as_recorded(name: str) -> None:
    movers = parse.parse_movers(recorded("v1_screener_predefined", name))
    first = movers[0]
    assert (len(movers), first.symbol, first.price, first.percent_change) == MOVERS[name]


@pytest.mark.parametrize("name", SPARKS)
def test_sparks_are_read_as_recorded(name: str) -> None:
    charts = parse.parse_spark(recorded("v7_spark", name))
    symbol, chart = next(iter(charts.items()))
    quote, closes = chart.quote, chart.closes
    counts = len(closes.prices), len(closes.times)
    assert (len(charts), symbol, quote.price, quote.previous_close, *counts, closes.prices[-1]) == SPARKS[
        name
    ]


@pytest.mark.parametrize("name", CHARTS)
def test_charts_are_read_as_recorded(name: str) -> None:
    chart = parse.parse_chart(recorded("v8_chart", name))
    assert chart is not None
    quote, prices = chart.quote, chart.closes.prices
    said = quote.symbol, quote.price, quote.currency, quote.previous_close
    counts = len(prices), len(chart.closes.times)
    assert (*said, *counts, prices[-1] if prices else None) == CHARTS[name]


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_keeps_every_close_that_is_one(name: str) -> None:
    document = recorded("v8_chart", name)
    quote = document["chart"]["result"][0]["indicators"]["quote"][0]
    chart = parse.parse_chart(document)
    assert chart is not None
    raw = [close for close in quote.get("close", ()) if close is not None]
    assert len(chart.closes.prices) == len(raw)
    # Written shorter, but the same float32.
    assert all(
        abs(price - close) <= abs(close) * 1e-7 for price, close in zip(chart.closes.prices, raw, strict=True)
    )


@pytest.mark.parametrize("name", SIMILAR)
def test_similar_symbols_are_read_as_recorded(name: str) -> None:
    document = recorded("v6_recommendationsbysymbol", name)
    symbol = document["finance"]["result"][0]["symbol"]
    assert parse.parse_similar(document, symbol) == SIMILAR[name]


@pytest.mark.parametrize("name", SEARCHES)
def test_searches_are_read_as_recorded(name: str) -> None:
    document = recorded("v1_search", name)
    found, headlines = parse.parse_found(document), parse.parse_headlines(document)
    said = found[0].symbol if found else None, len(headlines), headlines[0].title[:24] if headlines else None
    assert (len(found), *said) == SEARCHES[name]
    times = [headline.published for headline in headlines]
    assert times == sorted(times, key=lambda time: -(time or 0))


@pytest.mark.parametrize("name", SUMMARIES)
def test_summaries_are_read_as_recorded(name: str) -> None:
    document, expected = recorded("v10_quoteSummary", name), SUMMARIES[name]
    if isinstance(expected, str):
        with pytest.raises(WireError) as caught:
            parse.parse_summary(document)
        assert str(caught.value) == expected
        return
    got = parse.parse_summary(document)
    assert (got.sector, got.industry, got.beta, got.pe, got.eps, got.dividend_yield) == expected


@pytest.mark.parametrize("name", MARKET_TIMES)
def test_the_market_time_is_read_as_recorded(name: str) -> None:
    got = parse.parse_market_time(recorded("v6_markettime", name))
    assert (got.open, got.opens, got.closes, got.time) == MARKET_TIMES[name]


@pytest.mark.parametrize("name", ERRORS)
def test_errors_say_what_was_recorded(name: str) -> None:
    text = path_of("errors", name).read_text("utf-8")
    document = json.loads(text) if name.endswith(".json") else None
    assert parse.error_text(document) == ERRORS[name]
    # None of them is taken for a crumb, whatever status it came with.
    assert parse.valid_crumb(200, "text/plain", text) is None


def test_the_recorded_consent_form_has_the_fields_to_send() -> None:
    html = path_of("consent_flow", "03_collectConsent_form.html").read_text("utf-8")
    form = parse.parse_consent_form(html)
    assert form is not None
    assert form.action == ""
    assert form.fields["csrfToken"] == "GoNrer0"
    assert form.fields["namespace"] == "yahoo"
    assert form.fields["sessionId"].startswith("3_cc-session_")
    assert form.fields["originalDoneUrl"] == "https://finance.yahoo.com/quote/AAPL?guccounter=1"


def test_the_recorded_crumb_is_one_and_no_other_step_is() -> None:
    for name in CONSENT:
        text = path_of("consent_flow", name).read_text("utf-8")
        body = text.rpartition("\n\n")[2].strip() if name.endswith(".txt") else text
        crumb = parse.valid_crumb(200, "text/plain", body)
        assert (crumb is not None) == (name == "07_getcrumb.txt"), name
