"""The order of rows: as given, or by what a column shows, those without a value last."""

from __future__ import annotations

import pytest

from tickstream.core.board import Board, Now, Row
from tickstream.core.order import GIVEN, NAMES, parse_order
from tickstream.core.tick import Tick, Value
from tickstream.errors import UsageError

NOW = Now(1_700_000_000.0, 100.0)


def rows() -> list[Row]:
    board = Board()
    said: dict[str, dict[str, Value]] = {
        "MSFT": {"price": 300.0, "change_percent": -1.0, "time": 1_699_999_990_000},
        "NONE": {"currency": "USD"},
        "AAPL": {"price": 170.0, "change_percent": 2.5, "short_name": "Apple", "time": 1_699_999_970_000},
        "ZERO": {"price": 0.0, "change_percent": 0.0, "time": 1_699_999_995_000},
        "NEVER": {},
    }
    for symbol, values in said.items():
        if values:
            board.apply(Tick.from_dict({"id": symbol} | values), NOW)
    return [board.row(symbol) for symbol in said]


def test_rows_are_sorted_by_what_is_held_too() -> None:
    some = rows()
    for row, gain in zip(some, (5.0, None, -3.0, 70.0, None), strict=True):
        row.known.update({} if gain is None else {"gain": gain})
    assert [row.symbol for row in parse_order("gain").sort(some, NOW)] == [
        "ZERO", "MSFT", "AAPL", "NONE", "NEVER",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("given", "MSFT NONE AAPL ZERO NEVER"),
        ("given:desc", "NEVER ZERO AAPL NONE MSFT"),
        ("symbol", "AAPL MSFT NEVER NONE ZERO"),
        ("symbol:desc", "ZERO NONE NEVER MSFT AAPL"),
        ("last", "MSFT AAPL ZERO NONE NEVER"),
        ("last:asc", "ZERO AAPL MSFT NONE NEVER"),
        (" CHG%:ASC ", "MSFT ZERO AAPL NONE NEVER"),
        ("chg%", "AAPL ZERO MSFT NONE NEVER"),
        ("name", "AAPL MSFT NONE ZERO NEVER"),
        ("age", "NONE ZERO MSFT AAPL NEVER"),
        ("age:desc", "AAPL MSFT ZERO NONE NEVER"),
        ("volume", "MSFT NONE AAPL ZERO NEVER"),
    ],
)
def test_rows_are_sorted_as_asked_and_those_without_a_value_come_last(text: str, expected: str) -> None:
    assert [row.symbol for row in parse_order(text).sort(rows(), NOW)] == expected.split()


@pytest.mark.parametrize("name", NAMES)
def test_every_order_that_is_offered_can_be_had(name: str) -> None:
    assert len(parse_order(name).sort(rows(), NOW)) == 5


def test_rows_of_the_same_value_stay_in_the_order_given() -> None:
    board = Board()
    for symbol in ("C", "A", "B"):
        board.apply(Tick.from_dict({"id": symbol, "price": 1.0}), NOW)
    given = [board.row(symbol) for symbol in ("C", "A", "B")]
    for text in ("last", "last:asc"):
        assert parse_order(text).sort(given, NOW) == given


def test_the_rows_that_were_given_stay_as_they_were() -> None:
    given = rows()
    before = list(given)
    GIVEN.sort(given, NOW).clear()
    parse_order("given:desc").sort(given, NOW)
    assert given == before


@pytest.mark.parametrize("text", ["", "nosuch", "last:up", ":asc", "trend", "range", "last:asc:desc"])
def test_what_cannot_be_sorted_by_is_a_wrong_use(text: str) -> None:
    with pytest.raises(UsageError, match="cannot sort by"):
        parse_order(text)


def test_a_key_that_is_nearly_one_is_asked_back() -> None:
    with pytest.raises(UsageError, match=r"cannot sort by 'chgg': did you mean chg\? use one of"):
        parse_order("chgg")


def test_an_order_may_be_named_by_a_field_as_a_column_may() -> None:
    assert parse_order("change_percent") == parse_order("chg%")
    assert parse_order("price:asc") == parse_order("last:asc")
    with pytest.raises(UsageError, match=r"cannot sort by 'pricee': did you mean price\?"):
        parse_order("pricee")
