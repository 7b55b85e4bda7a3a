"""Parsers are tolerant of rows and strict with envelopes, whatever is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.core.values import Returns
from tickstream.errors import WireError
from tickstream.sources.yahoo import parse

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PARSERS: dict[str, Callable[[Any], object]] = {
    "quotes": parse.parse_quotes,
    "movers": parse.parse_movers,
    "spark": parse.parse_spark,
    "chart": parse.parse_chart,
    "returns": parse.parse_returns,
    "market_time": parse.parse_market_time,
    "similar": lambda document: parse.parse_similar(document, "AAPL"),
    "headlines": parse.parse_headlines,
    "found": parse.parse_found,
    "summary": parse.parse_summary,
}
ENVELOPES = {
    "quotes": "quoteResponse",
    "movers": "finance",
    "spark": "spark",
    "chart": "chart",
    "returns": "chart",
    "similar": "finance",
    "summary": "quoteSummary",
}


def rows(*found: object, envelope: str = "quoteResponse") -> dict[str, Any]:
    return {envelope: {"result": list(found), "error": None}}


@pytest.mark.parametrize("name", PARSERS)
@given(document=json_values)
def test_nothing_but_a_wire_error_is_raised(name: str, document: object) -> None:
    with suppress(WireError):
        PARSERS[name](document)


@pytest.mark.parametrize("name", ENVELOPES)
@given(row=st.dictionaries(st.sampled_from(
    ["symbol", "meta", "response", "quotes", "timestamp", "indicators", "regularMarketPrice", "summaryDetail",
     "recommendedSymbols", "marketState", "regularMarketTime"]
), json_values))  # fmt: skip
def test_a_row_of_any_shape_does_no_harm(name: str, row: dict[str, object]) -> None:
    PARSERS[name](rows(row, {"symbol": "AAPL", **row}, envelope=ENVELOPES[name]))


@pytest.mark.parametrize("name", ENVELOPES)
@pytest.mark.parametrize("inner", [None, [], "text", 7, {}, {"result": None}, {"result": {}, "error": None}])
def test_an_envelope_of_another_shape_is_an_error(name: str, inner: object) -> None:
    with pytest.raises(WireError):
        PARSERS[name]({ENVELOPES[name]: inner})


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_error_in_the_envelope_is_said_in_yahoos_words(name: str) -> None:
    error = {"code": "Not Found", "description": "No data\x1b[31m found"}
    with pytest.raises(WireError, match=r"Not Found: No data\[31m found"):
        PARSERS[name]({ENVELOPES[name]: {"result": None, "error": error}})


def test_an_empty_result_is_no_error() -> None:
    assert parse.parse_quotes(rows()) == {}
    assert parse.parse_movers(rows(envelope="finance")) == []
    assert parse.parse_spark(rows(envelope="spark")) == {}
    assert parse.parse_chart(rows(envelope="chart")) is None


@pytest.mark.parametrize(
    ("value", "price"),
    [
        (261.25, 261.25),
        ({"raw": 261.25, "fmt": "261.25"}, 261.25),
        ("261.25", 261.25),
        ({"raw": "261.25"}, 261.25),
        (0, 0.0),
        (True, None),
        ("n/a", None),
        ("nan", None),
        ("inf", None),
        ([261.25], None),
        ({}, None),
        (10**400, None),
        (None, None),
    ],
)
def test_a_number_is_read_however_it_is_written(value: object, price: float | None) -> None:
    quote = parse.parse_quotes(rows({"symbol": "A", "regularMarketPrice": value}))["A"]
    assert quote.price == price


@pytest.mark.parametrize("time", [-1, 0, 1e12, "x", True])
def test_a_time_that_is_none_is_not_said(time: object) -> None:
    assert parse.parse_quotes(rows({"symbol": "A", "regularMarketTime": time}))["A"].time is None


def test_a_change_that_is_not_said_is_computed() -> None:
    row = {"symbol": "A", "regularMarketPrice": 110.0, "regularMarketPreviousClose": 100.0}
    quote = parse.parse_quotes(rows(row))["A"]
    assert (quote.change, quote.percent_change) == (10.0, 10.0)


def test_strings_from_outside_are_cleaned_and_only_web_addresses_are_kept() -> None:
    row = {"symbol": "A", "longName": "A\x1b]0;evil\x07 Inc.\u202e", "logoUrl": "javascript:alert(1)"}
    quote = parse.parse_quotes(rows(row))["A"]
    assert quote.name == "A]0;evil Inc."
    assert quote.logo is None


def test_rows_are_matched_by_symbol_and_stubs_left_out() -> None:
    document = rows(
        {"symbol": "B"}, {"quoteType": "EQUITY"}, {"symbol": "GONE", "quoteType": "NONE"}, 7, {"symbol": "A"}
    )
    assert list(parse.parse_quotes(document)) == ["B", "A"]


def chart(prices: Sequence[object], stamps: Sequence[object] | None, **meta: object) -> dict[str, Any]:
    quote = {"close": prices}
    row = {"meta": {"symbol": "A", **meta}, "indicators": {"quote": [quote]}}
    return rows(row if stamps is None else row | {"timestamp": stamps}, envelope="chart")


def test_entries_without_a_price_leave_with_their_time() -> None:
    found = parse.parse_chart(chart([1.0, None, 3.0], [100, 200, 300]))
    assert found is not None
    assert found.closes.prices == (1.0, 3.0)
    assert found.closes.times == (100.0, 300.0)


def test_closes_without_times_are_kept() -> None:
    found = parse.parse_chart(chart([1.0, None, 3.0], None))
    assert found is not None
    assert (found.closes.prices, found.closes.times) == ((1.0, 3.0), ())


def test_a_widened_float32_reads_as_the_decimal_it_was() -> None:
    found = parse.parse_chart(chart([129.0399932861328, 0.1], [1, 2]))
    assert found is not None
    assert found.closes.prices == (129.04, 0.1)


@pytest.mark.parametrize(("range_", "previous"), [("1d", 90.0), ("5d", None), ("", None)])
def test_the_close_before_the_first_bar_is_yesterdays_only_for_one_day(
    range_: str, previous: float | None
) -> None:
    found = parse.parse_chart(chart([], [], range=range_, chartPreviousClose=90.0, regularMarketPrice=99.0))
    assert found is not None
    assert found.quote.previous_close == previous
    assert found.quote.percent_change == (10.0 if previous else None)


def test_the_trading_day_is_read_and_a_period_of_no_length_is_none() -> None:
    periods = {
        "pre": {"start": 10, "end": 10},
        "regular": {"start": 10, "end": 20},
        "post": {"start": 20, "end": 30},
    }
    found = parse.parse_chart(chart([], [], currentTradingPeriod=periods))
    assert found is not None
    assert (found.periods.pre, found.periods.regular, found.periods.post) == (None, (10, 20), (20, 30))


DAY = 86_400
# 2026-11-23 20:00 UTC
LAST = 1_795_464_000


def years(days: int, **meta: object) -> dict[str, Any]:
    """A fund that was worth 100 for years, and 150 on the last day."""
    stamps: list[object] = [LAST - DAY * ago for ago in range(days, -1, -1)]
    prices: list[object] = [*[100.0] * days, 150.0]
    return chart(prices, stamps, dataGranularity="1d", **meta)


def test_returns_are_counted_from_the_close_on_or_before_the_day() -> None:
    assert parse.parse_returns(years(365 * 5 + 2)) == Returns(
        ytd=50.0, year=50.0, three_years=50.0, five_years=50.0
    )


def test_a_fund_that_is_too_young_has_no_returns_of_those_years() -> None:
    assert parse.parse_returns(years(400)) == Returns(ytd=50.0, year=50.0)


def test_dividends_count_where_the_chart_has_adjusted_closes() -> None:
    document = years(400)
    closes: list[object] = [*[50.0] * 400, 150.0]
    document["chart"]["result"][0]["indicators"]["adjclose"] = [{"adjclose": closes}]
    assert parse.parse_returns(document).year == 200.0


def test_a_chart_of_weeks_gives_no_returns() -> None:
    document = years(400)
    document["chart"]["result"][0]["meta"]["dataGranularity"] = "1wk"
    assert parse.parse_returns(document) == Returns()


@pytest.mark.parametrize(
    ("status", "content_type", "body", "crumb"),
    [
        (200, "text/plain", "haT3oykhHqZ", "haT3oykhHqZ"),
        (200, "text/plain", "a.b/c_d-e", "a.b/c_d-e"),
        (429, "text/plain", "haT3oykhHqZ", None),
        (200, "text/html", "haT3oykhHqZ", None),
        (200, "text/plain", "Too Many Requests\r\n", None),
        (200, "text/plain", "Edge: Too Many Requests", None),
        (200, "text/plain", "", None),
        (200, "text/plain", "abcd", None),
        (200, "text/plain", "x" * 33, None),
        (200, "text/plain", '{"finance":{}}', None),
        (200, "text/plain", "<html></html>", None),
    ],
)
def test_only_a_crumb_is_taken_for_one(status: int, content_type: str, body: str, crumb: str | None) -> None:
    assert parse.valid_crumb(status, content_type, body) == crumb


def test_a_page_without_a_form_has_none() -> None:
    assert parse.parse_consent_form("<html><form method=get><input type=hidden name=a></form>") is None
    assert parse.parse_consent_form("<<<>>\x00") is None


def test_only_hidden_fields_of_the_posted_form_are_sent() -> None:
    html = """<input type=hidden name=before value=1><form METHOD=POST action="/go?a=1&amp;b=2">
    <input type=hidden name=token value="a&#x3D;b"><input type=text name=shown value=1>
    </form><input type=hidden name=after value=1>"""
    assert parse.parse_consent_form(html) == parse.ConsentForm("/go?a=1&b=2", {"token": "a=b"})


def test_headlines_come_the_newest_first_and_need_a_title() -> None:
    news = [
        {"title": "old", "providerPublishTime": 1_000, "link": "https://a.example/1", "publisher": "P"},
        {"title": "", "providerPublishTime": 3_000},
        {"title": "new", "providerPublishTime": 2_000, "link": "file:///etc/passwd"},
    ]
    stories = parse.parse_headlines({"news": news})
    assert [story.title for story in stories] == ["new", "old"]
    assert [story.url for story in stories] == [None, "https://a.example/1"]


def test_what_is_not_yahoos_is_not_found() -> None:
    quotes = [
        {"symbol": "A", "isYahooFinance": False},
        {"permalink": "x"},
        {"symbol": "B", "shortname": "Bee"},
    ]
    assert [(one.symbol, one.name) for one in parse.parse_found({"quotes": quotes})] == [("B", "Bee")]


@pytest.mark.parametrize("document", [{}, [], None, {"finance": {"result": None, "error": {"code": "Bad"}}}])
def test_an_answer_that_is_no_search_is_an_error(document: object) -> None:
    with pytest.raises(WireError):
        parse.parse_found(document)
