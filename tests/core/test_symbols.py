"""Symbols: however they are typed, each comes out once, in capitals, in the order given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.symbols import MOST, is_symbol, parse_symbols
from tickstream.errors import BadSymbols, UsageError

few = settings(max_examples=100, deadline=None, database=None)

symbols = st.from_regex(r"[A-Z0-9^.][A-Z0-9.^=&_-]{0,23}", fullmatch=True)
separators = st.text(", \t\n", min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("words", "parsed"),
    [
        (["AAPL"], ("AAPL",)),
        (["aapl", "Btc-Usd"], ("AAPL", "BTC-USD")),
        (["AAPL,MSFT ,, GOOG\n\tTSLA"], ("AAPL", "MSFT", "GOOG", "TSLA")),
        (["MSFT", "AAPL", "msft"], ("MSFT", "AAPL")),
        (["\ufeffAAPL\r\nMSFT\r\n"], ("AAPL", "MSFT")),
        (["^GSPC EURUSD=X GC=F M&M.NS BRK-B 0005.HK AAPL250117C00150000"],
         ("^GSPC", "EURUSD=X", "GC=F", "M&M.NS", "BRK-B", "0005.HK", "AAPL250117C00150000")),
    ],
)  # fmt: skip
def test_words_become_symbols(words: list[str], parsed: tuple[str, ...]) -> None:
    assert parse_symbols(words) == parsed


@few
@given(st.lists(st.tuples(symbols, st.booleans(), separators), min_size=1, max_size=20))
def test_whatever_stands_between_them_they_are_found_in_their_order(
    typed: list[tuple[str, bool, str]],
) -> None:
    text = "".join((symbol.lower() if lower else symbol) + between for symbol, lower, between in typed)
    assert parse_symbols([text]) == tuple(dict.fromkeys(symbol for symbol, _, _ in typed))


@few
@given(st.lists(st.text()))
def test_whatever_is_typed_only_symbols_come_out_or_it_is_refused(words: list[str]) -> None:
    try:
        parsed = parse_symbols(words)
    except UsageError:
        return
    assert parsed
    assert all(is_symbol(symbol) for symbol in parsed)
    assert len(set(parsed)) == len(parsed)
    assert parse_symbols(parsed) == parsed
    typed = "".join(words)
    assert all(char in typed or char.lower() in typed for symbol in parsed for char in symbol)


@pytest.mark.parametrize("letter", ["ß", "ſ", "ı", "ﬁ", "Å"])
def test_a_letter_that_only_becomes_one_of_ours_in_capitals_is_not_taken_for_it(letter: str) -> None:
    with pytest.raises(BadSymbols):
        parse_symbols([letter])


@pytest.mark.parametrize("bad", ["-AAPL", "=X", "&", "AA/PL", "AAPL;", "A" * 25, "\x1b[31M", "Ａ", "'"])
def test_what_is_not_well_formed_is_named(bad: str) -> None:
    assert not is_symbol(bad)
    with pytest.raises(BadSymbols) as caught:
        parse_symbols(["AAPL", bad])
    assert caught.value.symbols == (bad,)
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()


def test_a_symbol_with_a_line_break_is_not_a_symbol() -> None:
    assert not is_symbol("AAPL\n")
    assert not is_symbol("")


def test_all_that_are_not_well_formed_are_named() -> None:
    with pytest.raises(BadSymbols) as caught:
        parse_symbols(["a/b,AAPL,c/d"])
    assert caught.value.symbols == ("A/B", "C/D")


@pytest.mark.parametrize("words", [[], [""], [" , ,\n"], ["\ufeff"]])
def test_no_symbols_are_a_wrong_use(words: list[str]) -> None:
    with pytest.raises(UsageError, match="no symbols"):
        parse_symbols(words)


def test_too_many_symbols_are_a_wrong_use() -> None:
    many = [f"S{number}" for number in range(MOST + 1)]
    assert len(parse_symbols(many[:MOST])) == MOST
    with pytest.raises(UsageError, match="10,001 symbols are more than 10,000"):
        parse_symbols(many)
    with pytest.raises(UsageError, match="3 symbols are more than 2"):
        parse_symbols(["A B C"], most=2)
    assert parse_symbols(["A A B"], most=2) == ("A", "B")


@pytest.mark.parametrize("words", ["AAPL msft", "AAPL,msft", ["AAPL", "msft"], ("AAPL,msft",)])
def test_one_text_is_the_words_in_it_and_not_its_letters(words: Any) -> None:
    assert parse_symbols(words) == ("AAPL", "MSFT")


@pytest.mark.parametrize("words", [[["AAPL"]], [None], [b"AAPL"], ["AAPL", 5]])
def test_what_is_no_text_is_no_symbol(words: Any) -> None:
    with pytest.raises(UsageError, match="symbols are texts"):
        parse_symbols(words)
