"""Documents have exactly the documented fields, whatever their parts lack."""

from __future__ import annotations

from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.core import documents
from tickstream.core.values import KEEP, Headline, Part, Quote, Returns, Summary
from tickstream.core.views import (
    INDICES,
    MOVERS,
    SECTORS,
    market_document,
    profile_document,
    quotes_document,
)
from tickstream.core.wishes import market_wish, profile_wish, quotes_wish

NOW = 1_795_464_000.0
AS_OF = "2026-11-23T20:00:00Z"

QUOTE = [
    "symbol",
    "name",
    "price",
    "change",
    "percentChange",
    "currency",
    "marketState",
    "dayHigh",
    "dayLow",
    "open",
    "previousClose",
    "volume",
    "time",
    "asOf",
]
EXTENDED = ["preMarketPrice", "afterHoursPrice", "overnightPrice"]
FULL = [
    "exchange",
    "quoteType",
    "bid",
    "bidSize",
    "ask",
    "askSize",
    "averageVolume",
    "yearHigh",
    "yearLow",
    "marketCap",
    "pe",
    "eps",
    "dividendYield",
    "beta",
    "sector",
    "industry",
]
MOVER = ["symbol", "name", "price", "change", "percentChange", "volume"]
HEADLINE = ["title", "url", "publishedAt", "source", "summary"]
SECTOR = ["sector", "symbol", "performance", "change", "description"]
YEARS = ["ytdReturn", "yearReturn", "threeYearReturn", "fiveYearReturn"]

AAPL = Quote(
    symbol="AAPL", name="Apple Inc.", price=110.0, change=10.0, percent_change=10.0, currency="USD",
    market_state="REGULAR", day_high=111.0, day_low=99.0, open=100.0, previous_close=100.0, volume=7,
    time=1_795_463_999_000, pre_price=101.0, pre_change=1.0, pre_percent=1.0, post_price=112.0,
    post_change=2.0, post_percent=1.8, overnight_price=113.0, overnight_change=3.0, overnight_percent=2.7,
)  # fmt: skip


def part(value: object, age: float = 0.0) -> Part:
    return Part.of(value, NOW - age)


def everything() -> dict[str, Part]:
    symbols = ["AAPL", "MSFT", *INDICES, *SECTORS.values()]
    parts = {f"quote:{symbol}": part(msgspec.structs.replace(AAPL, symbol=symbol)) for symbol in symbols}
    parts |= {key: part([AAPL] * 30) for key in MOVERS.values()}
    story = Headline(title="T", url="https://a.example", published=NOW - 60, source="S", summary=None)
    parts |= {"headlines": part([story]), "news:AAPL": part([story])}
    parts |= {"similar:AAPL": part(["MSFT"]), "summary:AAPL": part(Summary(sector="Technology", beta=1.2))}
    return parts | {"returns:XLK": part(Returns(ytd=1.0, year=2.0, three_years=3.0, five_years=4.0))}


def test_a_quote_has_the_documented_fields_in_their_order() -> None:
    (row,) = quotes_document(["AAPL"], everything(), NOW)
    assert list(row) == QUOTE
    assert row["asOf"] == AS_OF
    assert row["time"] == 1_795_463_999_000


def test_a_symbol_not_fetched_yet_has_nulls_and_an_unknown_one_is_left_out() -> None:
    rows: list[Any] = list(quotes_document(["NEW", "GONE", "AAPL"], everything(), NOW, unknown=["GONE"]))
    assert [row["symbol"] for row in rows] == ["NEW", "AAPL"]
    assert list(rows[0]) == QUOTE
    assert {rows[0][name] for name in QUOTE if name != "symbol"} == {None}


def test_a_quote_that_is_too_old_is_not_known_any_more() -> None:
    parts = {"quote:AAPL": part(AAPL, age=KEEP)}
    assert quotes_document(["AAPL"], parts, NOW)[0]["price"] == 110.0
    assert quotes_document(["AAPL"], parts, NOW + 1)[0]["price"] is None
    assert quotes_document(["AAPL"], parts, NOW + 1)[0]["asOf"] is None


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("PRE", {"preMarketPrice": 101.0}),
        ("REGULAR", {}),
        ("POST", {"afterHoursPrice": 112.0}),
        ("POSTPOST", {"afterHoursPrice": 112.0}),
        ("CLOSED", {"afterHoursPrice": 112.0}),
        ("PREPRE", {"afterHoursPrice": 112.0}),
        ("OVERNIGHT", {"afterHoursPrice": 112.0, "overnightPrice": 113.0}),
        (None, {}),
        ("SOMETHING_NEW", {}),
    ],
)
def test_prices_outside_of_the_session_are_chosen_by_the_state_of_the_market(
    state: str | None, shown: dict[str, float]
) -> None:
    parts = {"quote:AAPL": part(msgspec.structs.replace(AAPL, market_state=state))}
    row: dict[str, Any] = dict(quotes_document(["AAPL"], parts, NOW)[0])
    assert {name: row[name] for name in EXTENDED if name in row} == shown


def test_a_market_has_the_documented_fields() -> None:
    document: Any = market_document(everything(), NOW)
    assert list(document) == ["actives", "gainers", "losers", "indices", "headlines", "sectors", "asOf"]
    for name in ("actives", "gainers", "losers"):
        assert len(document[name]) == 25
        assert list(document[name][0]) == MOVER
    assert [row["symbol"] for row in document["indices"]] == list(INDICES)
    assert list(document["indices"][0]) == MOVER[:-1]
    assert list(document["headlines"][0]) == HEADLINE
    assert document["headlines"][0]["publishedAt"] == "2026-11-23T19:59:00Z"
    assert len(document["sectors"]) == 11
    assert list(document["sectors"][0]) == SECTOR
    assert "in USD" in document["sectors"][0]["description"]
    assert document["asOf"] == dict.fromkeys(list(document)[:-1], AS_OF)


def test_each_part_of_a_market_may_be_missing_alone() -> None:
    for key in market_wish():
        parts = everything()
        del parts[key]
        document: Any = market_document(parts, NOW)
        missing = [name for name in ("actives", "gainers", "losers", "headlines") if not document[name]]
        assert len(missing) + (6 - len(document["indices"])) + (11 - len(document["sectors"])) == 1


def test_a_market_without_anything_is_empty_lists() -> None:
    document: Any = market_document({}, NOW)
    assert {name: document[name] for name in list(document)[:-1]} == {
        name: [] for name in list(document)[:-1]
    }
    assert set(document["asOf"].values()) == {None}


def test_as_of_is_that_of_the_oldest_of_several() -> None:
    parts = everything() | {"quote:^VIX": part(AAPL, age=30)}
    assert market_document(parts, NOW)["asOf"]["indices"] == "2026-11-23T19:59:30Z"


def test_a_profile_has_the_documented_fields() -> None:
    document: Any = profile_document("AAPL", everything(), NOW)
    assert list(document) == ["quote", "similar", "sectorPerformance", "news", "asOf"]
    assert list(document["quote"]) == [*QUOTE, *FULL]
    assert document["quote"]["sector"] == "Technology"
    assert document["quote"]["beta"] == 1.2
    assert list(document["similar"][0]) == MOVER
    assert list(document["sectorPerformance"]) == [*SECTOR, *YEARS]
    assert document["sectorPerformance"]["symbol"] == "XLK"
    assert document["sectorPerformance"]["fiveYearReturn"] == 4.0
    assert document["asOf"] == dict.fromkeys(list(document)[:-1], AS_OF)


def test_a_profile_has_the_changes_of_the_extended_prices_that_it_shows() -> None:
    parts = everything() | {"quote:AAPL": part(msgspec.structs.replace(AAPL, market_state="OVERNIGHT"))}
    quote: Any = profile_document("AAPL", parts, NOW)["quote"]
    assert quote["afterHoursChange"] == 2.0
    assert quote["overnightPercentChange"] == 2.7
    assert "preMarketChange" not in quote


def test_the_profile_of_an_unknown_symbol_has_no_quote_and_empty_lists() -> None:
    document: Any = profile_document("NEW", {}, NOW)
    assert document["quote"] is None
    assert document["similar"] == document["news"] == []
    assert document["sectorPerformance"] is None


def test_a_profile_wants_what_it_turns_out_to_need() -> None:
    first = profile_wish("AAPL", {}, NOW)
    assert first == {"quote:AAPL", "similar:AAPL", "news:AAPL", "summary:AAPL"}
    then = profile_wish("AAPL", everything(), NOW)
    assert then - first == {"quote:MSFT", "quote:XLK", "returns:XLK"}


def test_fifty_quotes_are_fifty_keys_and_a_screen_wants_more() -> None:
    assert quotes_wish(["A", "B"]) == {"quote:A", "quote:B"}
    assert quotes_wish(["A"], screen=True) == {"quote:A", "trend:A", "markettime"}


def test_the_typed_documents_name_the_documented_fields() -> None:
    optional = [*EXTENDED, "logo"]
    assert set(get_type_hints(documents.QuoteDocument)) == {*QUOTE, *optional}
    assert set(get_type_hints(documents.MoverDocument)) == set(MOVER)
    assert set(get_type_hints(documents.HeadlineDocument)) == set(HEADLINE)
    assert set(get_type_hints(documents.SectorPerformanceDocument)) == {*SECTOR, *YEARS}


def test_parts_of_another_kind_than_expected_are_as_good_as_none() -> None:
    parts = {key: part("text") for key in everything()}
    assert quotes_document(["AAPL"], parts, NOW)[0]["price"] is None
    assert profile_document("AAPL", parts, NOW)["quote"] is None
    assert market_document(parts, NOW)["gainers"] == []


@given(st.sets(st.sampled_from(sorted(everything()))), st.floats(0, 3 * KEEP))
def test_any_parts_of_any_age_give_documents_that_json_can_say(present: set[str], age: float) -> None:
    whole = everything()
    parts = {key: Part.of(whole[key].value, NOW - age) for key in present}
    for document in (
        market_document(parts, NOW),
        profile_document("AAPL", parts, NOW),
        quotes_document(["AAPL", "MSFT"], parts, NOW),
    ):
        assert msgspec.json.decode(msgspec.json.encode(document)) == document
