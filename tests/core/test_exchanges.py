"""The table of exchanges: each is found by what people call it, and what it says can be used."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.core.exchanges import EXCHANGES, Exchange, find_exchanges
from tickstream.errors import UsageError

ALL = list(EXCHANGES.values())


def codes(*names: str) -> list[str]:
    return [exchange.code for exchange in find_exchanges(names)]


def refusal(*names: str) -> str:
    with pytest.raises(UsageError) as caught:
        find_exchanges(names)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("XNYS", "XNYS"),
        ("NYSE", "XNYS"),
        ("US", "XNYS"),
        ("NASDAQ", "XNAS"),
        ("LSE", "XLON"),
        ("london", "XLON"),
        ("xetra", "XETR"),
        ("Frankfurt", "XETR"),
        ("TSE", "XTKS"),
        ("XTSE", "XTSE"),
        ("TSX", "XTSE"),
        ("XJPX", "XTKS"),
        ("HKEX", "XHKG"),
        ("SSE", "XSHG"),
        ("NSE", "XNSE"),
        ("BSE", "XBOM"),
        ("Zurich", "XSWX"),
        ("são paulo", "BVMF"),
        ("sao paulo", "BVMF"),
        ("crypto", "CRYPTO"),
    ],
)
def test_an_exchange_is_found_by_its_mic_its_short_name_its_city_and_what_else_it_is_called(
    name: str, code: str
) -> None:
    assert codes(name) == [code]


@pytest.mark.parametrize("exchange", ALL, ids=lambda exchange: exchange.code)
def test_every_exchange_is_found_by_its_own_names(exchange: Exchange) -> None:
    assert find_exchanges([exchange.code, exchange.short.lower()]) == (exchange,)


@pytest.mark.parametrize(("city", "code"), [("New York", "XNYS"), ("Mumbai", "XNSE")])
def test_where_two_share_a_city_the_first_is_meant(city: str, code: str) -> None:
    assert [exchange.name for exchange in ALL].count(city) == 2
    assert codes(city) == [code]


def test_names_are_split_at_commas_and_blanks_and_each_counts_once_in_this_order() -> None:
    assert codes("XTKS,lse", " XNYS\tTokyo ", "", ",") == ["XTKS", "XLON", "XNYS"]


def test_a_city_of_two_words_is_one_name() -> None:
    assert codes("Hong Kong, tel aviv", "LSE Hong Kong".removeprefix("LSE ")) == ["XHKG", "XTAE"]


def test_who_asks_for_none_gets_none() -> None:
    assert find_exchanges([]) == ()


@pytest.mark.parametrize(
    ("name", "near"), [("XLOM", "XLON"), ("NASDAK", "NASDAQ"), ("TOKIO", "TOKYO"), ("XTRA", "XETRA")]
)
def test_an_unknown_name_is_refused_with_those_that_are_near(name: str, near: str) -> None:
    text = refusal("XNYS", name)
    assert text.startswith(f"no exchange '{name}': did you mean ")
    assert near in text
    assert text.endswith("hours --all shows all that are known")


def test_a_name_that_is_near_to_nothing_is_refused_without_a_guess() -> None:
    assert refusal("§§§") == "no exchange '§§§': hours --all shows all that are known"


@given(st.lists(st.text(max_size=200), max_size=3))
def test_whatever_is_asked_the_answer_is_exchanges_or_one_clear_line(names: list[str]) -> None:
    try:
        said = " ".join(exchange.code for exchange in find_exchanges(names))
    except UsageError as error:
        said = str(error)
    assert said == "" or said.isprintable()
    assert len(said) < 200


def test_a_very_long_name_is_refused_at_once_and_briefly() -> None:
    assert len(refusal("X" * 1_000_000)) < 200


def test_all_begins_with_those_that_most_ask_for_and_ends_with_the_coins() -> None:
    assert list(EXCHANGES)[:7] == ["XNYS", "XNAS", "XLON", "XETR", "XPAR", "XTKS", "XHKG"]
    assert list(EXCHANGES)[-1] == "CRYPTO"


@pytest.mark.parametrize("exchange", ALL, ids=lambda exchange: exchange.code)
def test_what_the_table_says_of_an_exchange_can_be_used(exchange: Exchange) -> None:
    assert EXCHANGES[exchange.code] is exchange
    assert ZoneInfo(exchange.zone).key == exchange.zone
    assert exchange.symbol == exchange.symbol.strip().upper() != ""
    assert exchange.short == exchange.short.upper() != ""
    times = [moment for session in exchange.sessions for moment in session]
    assert all(earlier < later for earlier, later in pairwise(times))
    assert bool(times) is (exchange.code != "CRYPTO")


def test_no_two_exchanges_share_a_short_name_and_only_those_of_the_us_a_chart() -> None:
    assert len({exchange.short for exchange in ALL}) == len(ALL)
    symbols = [exchange.symbol for exchange in ALL]
    assert {symbol for symbol in symbols if symbols.count(symbol) > 1} == {"SPY"}
    assert [exchange.code for exchange in ALL if exchange.pre and exchange.post] == ["XNYS", "XNAS"]


@pytest.mark.parametrize(
    ("code", "symbol"),
    [
        ("XNYS", "SPY"),
        ("XLON", "^FTSE"),
        ("XETR", "^GDAXI"),
        ("XTKS", "^N225"),
        ("XSHG", "000001.SS"),
        ("XSHE", "399001.SZ"),
        ("XOSL", "OSEBX.OL"),
        ("CRYPTO", "BTC-USD"),
    ],
)
def test_the_chart_that_tells_the_periods_is_that_of_the_index(code: str, symbol: str) -> None:
    assert EXCHANGES[code].symbol == symbol


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("XNYS", date(2026, 11, 27), False),
        ("XNYS", date(2026, 11, 28), True),
        ("XSAU", date(2026, 11, 27), True),  # Friday
        ("XSAU", date(2026, 11, 28), True),
        ("XSAU", date(2026, 11, 29), False),  # Sunday
        ("XTAE", date(2025, 12, 28), False),  # a Sunday of trade, and the Friday before it is none
        ("XTAE", date(2025, 12, 26), True),
        ("XTAE", date(2026, 1, 1), False),
        ("XTAE", date(2026, 1, 2), True),
        ("XTAE", date(2026, 1, 4), True),
        ("XTAE", date(2026, 1, 5), False),
        ("XTAE", date(2026, 1, 9), False),  # the first Friday of trade
        ("XTAE", date(2026, 1, 11), True),
        ("CRYPTO", date(2026, 11, 28), False),
    ],
)
def test_weekends_are_those_of_the_exchange_and_of_its_time(code: str, day: date, expected: bool) -> None:
    assert EXCHANGES[code].is_weekend(day) is expected
