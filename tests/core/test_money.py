"""Currencies, and rates by what streams."""

from __future__ import annotations

import pytest

from tickstream.core.board import Board, Row
from tickstream.core.money import Unit, currency_of, pairs_of, parse_currency, rate_of, unit_of
from tickstream.errors import UsageError


def board_of(**prices: float) -> Board:
    board = Board()
    for name, price in prices.items():
        board.row(f"{name}=X").said["price"] = price
    return board


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ("USD", Unit("USD")),
        ("GBP", Unit("GBP")),
        ("GBp", Unit("GBP", 0.01)),
        ("GBX", Unit("GBP", 0.01)),
        ("ZAc", Unit("ZAR", 0.01)),
        ("ILA", Unit("ILS", 0.01)),
    ],
)
def test_hundredths_are_part_of_a_currency(said: str, unit: Unit) -> None:
    assert unit_of(said) == unit


@pytest.mark.parametrize(
    ("currency", "into", "pairs"),
    [
        ("USD", "USD", ()),
        ("EUR", "EUR", ()),
        ("EUR", "USD", ("EURUSD=X",)),
        ("JPY", "USD", ("JPY=X",)),
        ("USD", "EUR", ("EURUSD=X",)),
        ("JPY", "EUR", ("JPY=X", "EURUSD=X")),
    ],
)
def test_each_rate_goes_by_the_dollar_whose_pairs_stream(
    currency: str, into: str, pairs: tuple[str, ...]
) -> None:
    assert pairs_of(currency, into) == pairs


def test_a_rate_is_that_of_the_pairs_whichever_way_they_are_quoted() -> None:
    find = board_of(EURUSD=1.25, JPY=160.0, GBPUSD=1.5).row
    assert rate_of("EUR", "USD", find) == 1.25
    assert rate_of("USD", "EUR", find) == 0.8
    assert rate_of("JPY", "USD", find) == 1 / 160
    assert rate_of("JPY", "EUR", find) == pytest.approx(1 / 200)
    assert rate_of("GBP", "EUR", find) == pytest.approx(1.2)
    assert rate_of("CHF", "CHF", find) == 1.0


@pytest.mark.parametrize("price", [0.0, -1.0])
def test_a_rate_that_is_not_known_or_none_is_no_rate(price: float) -> None:
    assert rate_of("EUR", "USD", board_of().row) is None
    assert rate_of("EUR", "USD", board_of(EURUSD=price).row) is None
    assert rate_of("JPY", "EUR", board_of(JPY=160.0).row) is None


def test_what_a_price_is_in_is_said_or_told_by_an_exchange_that_trades_in_dollars() -> None:
    row = Row("X")
    assert currency_of(row) == ""
    row.said["exchange"] = "GER"
    assert currency_of(row) == ""
    row.said["exchange"] = "NMS"
    assert currency_of(row) == "USD"
    row.said["currency"] = "GBp"
    assert currency_of(row) == "GBp"


def test_a_currency_for_sums_is_a_whole_one() -> None:
    assert parse_currency(" eur ") == "EUR"
    with pytest.raises(UsageError, match="GBp is a hundredth of GBP: use GBP"):
        parse_currency("GBp")
    for bad in ("EURO", "E1R", "€", ""):
        with pytest.raises(UsageError, match="use three letters"):
            parse_currency(bad)
