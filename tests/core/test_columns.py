"""Columns: what a row says as a text and a tone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.board import Board, Now, Row
from tickstream.core.columns import (
    COLUMNS,
    DEFAULT,
    OLD,
    age_cell,
    csv_fields,
    digits_of,
    pick_columns,
)
from tickstream.core.figures import Cell, number_text
from tickstream.core.tick import FIELDS, Tick, Value
from tickstream.errors import UsageError

few = settings(max_examples=100, deadline=None, database=None)
NOW = Now(1_700_000_000.0, 1000.0)


def row_of(**said: Value) -> Row:
    board = Board()
    board.apply(Tick.from_dict({"id": "X"} | said), NOW)
    return board.row("X")


def cell(name: str, said: dict[str, Value]) -> Cell:
    return COLUMNS[name].cell(row_of(**said), 10)


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ({"price": 207.72, "price_hint": 2}, 2),
        ({"price": 1.15327, "price_hint": 4}, 4),
        ({"price": 207.72}, 2),
        ({"price": 0.00001234, "price_hint": 2}, 8),
        ({"price": 0.5, "price_hint": 2}, 4),
        ({"price": -0.01234, "price_hint": 4}, 5),
        ({"price": 0.0, "price_hint": 2}, 2),
        ({"price": 5.0, "price_hint": -3}, 0),
        ({"price": 5.0, "price_hint": 5000}, 10),
        ({"price": 1e-40}, 12),
        ({}, 2),
    ],
)
def test_a_price_shows_as_many_digits_as_make_sense(said: dict[str, Value], digits: int) -> None:
    assert digits_of(said) == digits


@few
@given(st.floats(1e-8, 0.9999, allow_subnormal=False))
def test_a_price_below_one_shows_four_figures(price: float) -> None:
    text = number_text(price, digits_of({"price": price, "price_hint": 2}))
    assert len(text.replace(".", "").lstrip("0")) in (4, 5)  # 5 where it is rounded up to the next power


@pytest.mark.parametrize(
    ("value", "digits", "sign", "text"),
    [
        (None, 2, False, ""),
        (104902.65, 2, False, "104,902.65"),
        (-37.63, 2, False, "-37.63"),
        (0.0, 2, False, "0.00"),
        (0.0, 2, True, "0"),
        (0.0001, 2, True, "0"),
        (-0.0001, 2, True, "0"),
        (3.5, 2, True, "+3.50"),
        (-1649.39, 2, True, "-1,649.39"),
        (1234.5, 0, False, "1,234"),
    ],
)
def test_a_number_is_grouped_and_signed_where_it_should_be(
    value: float | None, digits: int, sign: bool, text: str
) -> None:
    assert number_text(value, digits, sign=sign) == text


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("symbol", {}, Cell("X", "bold")),
        ("name", {"short_name": "Apple"}, Cell("Apple", "dim")),
        ("last", {"price": 207.72}, Cell("207.72", "bold")),
        ("last", {"price": 0.0}, Cell("0.00", "bold")),
        ("last", {"price": 71.84, "currency": "GBp"}, Cell("71.84p", "bold")),
        ("last", {"price": 71.84, "currency": "GBP"}, Cell("71.84", "bold")),
        ("last", {"day_volume": 5}, Cell("")),
        ("chg", {"price": 5.0, "change": 3.5}, Cell("+3.50", "up")),
        ("chg", {"price": 5.0, "change": -3.5}, Cell("-3.50", "down")),
        ("chg", {"price": 5.0, "change": 0.0}, Cell("0", "flat")),
        ("chg%", {"change_percent": -1.67, "change": -3.53}, Cell("▼   -1.67%", "down")),
        ("chg%", {"change_percent": 12.5}, Cell("▲  +12.50%", "up")),
        ("chg%", {"change_percent": 0.0, "change": 0.0}, Cell("=    0.00%", "flat")),
        ("chg%", {"price": 5.0}, Cell("")),
        ("range", {"day_low": 1.0, "day_high": 3.0, "price": 1.0}, Cell("●─────────", "range")),
        ("range", {"day_low": 1.0, "day_high": 3.0, "price": 3.0}, Cell("─────────●", "range")),
        ("range", {"day_low": 1.0, "day_high": 3.0, "price": 9.0}, Cell("─────────●", "range")),
        ("range", {"day_low": 1.0, "day_high": 1.0, "price": 1.0}, Cell("")),
        ("range", {"day_low": 1.0, "price": 1.0}, Cell("")),
        ("volume", {"day_volume": 51_234_567}, Cell("51.2M", "dim")),
        ("volume", {"day_volume": 0}, Cell("0", "dim")),
        ("volume", {"day_volume": 0, "quote_type": 8}, Cell("0", "dim")),
        # Of a currency and of most indices nobody counts it.
        ("volume", {"day_volume": 0, "quote_type": 14}, Cell("-", "dim")),
        ("volume", {"day_volume": 0, "quote_type": 9}, Cell("-", "dim")),
        ("volume", {"day_volume": 2_400_000_000, "quote_type": 9}, Cell("2.4B", "dim")),
        ("high", {"day_high": 5.0, "price": 4.0, "market_hours": 1}, Cell("5.00")),
        ("high", {"day_high": 5.0, "price": 6.0, "market_hours": 1}, Cell("6.00")),
        ("low", {"day_low": 5.0, "price": 4.0, "market_hours": 1}, Cell("4.00")),
        # What is paid in the evening is not within the day.
        ("low", {"day_low": 5.0, "price": 4.0, "market_hours": 2}, Cell("5.00")),
        ("low", {"price": 4.0, "market_hours": 1}, Cell("")),
        ("volume", {"day_volume": 999}, Cell("999", "dim")),
        ("volume", {"day_volume": 999_960}, Cell("1.0M", "dim")),
        ("cap", {"market_cap": 3.2e12}, Cell("3.2T", "dim")),
        ("sess", {"market_hours": 0}, Cell("PRE", "warn")),
        ("sess", {"market_hours": 1}, Cell("REG", "up")),
        ("sess", {"market_hours": 4}, Cell("OVN", "warn")),
        ("sess", {"market_hours": 9}, Cell("?9", "dim")),
        ("sess", {"market_hours": 123_456}, Cell("?123", "dim")),
        ("sess", {"market_hours": 1, "quote_type": 41}, Cell("24h", "accent")),
        ("sess", {"price": 1.0}, Cell("")),
    ],
)  # fmt: skip
def test_a_cell_says_what_the_row_says(name: str, said: dict[str, Value], expected: Cell) -> None:
    assert cell(name, said) == expected


def test_a_trend_is_drawn_from_its_lowest_to_its_highest() -> None:
    row = row_of()
    for second, price in enumerate([1.0, 2.0, 8.0]):
        row.trend.add(float(second), price)
    assert COLUMNS["trend"].cell(row, 10).text == "▁▂█"
    assert COLUMNS["trend"].cell(row, 2).text == "▁█"
    assert COLUMNS["trend"].cell(row, 0).text == ""
    assert COLUMNS["trend"].cell(row_of(price=1.0), 10).text == ""


@few
@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), max_size=80), st.integers(0, 30))
def test_a_trend_of_any_prices_fits(prices: list[float], width: int) -> None:
    row = row_of()
    for second, price in enumerate(prices):
        row.trend.add(float(second), price)
    assert len(COLUMNS["trend"].cell(row, width).text) <= width


anything: dict[type, st.SearchStrategy[Value]] = {
    str: st.text(max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(width=32, allow_nan=False, allow_infinity=False),
}


@few
@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: anything.get(kind, st.just(["x"]))
            for name, kind in FIELDS.items()
            if name not in ("id", "time")
        },
    ),
    st.integers(0, 40),
)
def test_every_column_makes_a_cell_of_whatever_a_tick_can_say(said: dict[str, Value], width: int) -> None:
    row = row_of(**said)
    for column in COLUMNS.values():
        if column.name != "age":
            assert isinstance(column.cell(row, width).text, str)


def test_the_age_is_told_by_a_clock_and_warns_when_it_is_old() -> None:
    row = row_of(price=1.0)
    assert age_cell(row, NOW) == Cell("0s", "dim")
    assert age_cell(row, Now(NOW.wall + OLD, NOW.monotonic + OLD)) == Cell("1m", "warn")
    assert age_cell(Board().row("X"), NOW) == Cell("-", "dim")


def test_columns_are_found_by_their_name_and_by_their_field() -> None:
    assert [column.name for column in pick_columns(["last", "day_volume", "symbol"])] == [
        "last", "volume", "symbol",
    ]  # fmt: skip
    assert pick_columns(DEFAULT) == tuple(COLUMNS.values())
    with pytest.raises(UsageError, match="no column 'nosuch'"):
        pick_columns(["last", "nosuch"])


def test_fields_of_a_line_are_found_by_their_name_and_by_their_column() -> None:
    assert csv_fields(["symbol", "last", "vol_24hr"]) == ("id", "price", "vol_24hr")
    for name in ("nosuch", "trend", "age"):
        with pytest.raises(UsageError, match=f"no field '{name}'"):
            csv_fields(["id", name])


def test_every_column_shows_a_field_that_a_tick_has() -> None:
    for column in COLUMNS.values():
        assert column.field is None or column.field in FIELDS
        assert set(column.needs) <= set(FIELDS)
