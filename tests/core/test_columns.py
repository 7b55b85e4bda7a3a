"""Columns: what a row says as a text and a tone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.board import Board, Now, Row
from tickstream.core.cells import OLD, age_cell, digits_of
from tickstream.core.columns import COLUMNS, DEFAULT, csv_fields, pick_columns
from tickstream.core.figures import Cell, number_text
from tickstream.core.positions import FIGURES
from tickstream.core.tick import FIELDS, Tick, Value
from tickstream.errors import UsageError

few = settings(max_examples=100, deadline=None, database=None)
NOW = Now(1_700_000_000.0, 1000.0)


EVENING: dict[str, Value] = {"price": 102.0, "change": 2.0, "change_percent": 2.0, "market_hours": 2}


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
        ("range", {"day_low": 1.0, "day_high": 3.0, "price": 1.0}, Cell("▼─────────", "down")),
        ("range", {"day_low": 1.0, "day_high": 3.0, "price": 3.0}, Cell("─────────▲", "up")),
        ("range", {"day_low": 1.0, "day_high": 3.0, "price": 9.0}, Cell("─────────▲", "up")),
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
        ("sess", {"market_hours": 1}, Cell("REG", "good")),
        ("sess", {"market_hours": 4}, Cell("OVN", "warn")),
        ("sess", {"market_hours": 9}, Cell("?9", "dim")),
        ("sess", {"market_hours": 123_456}, Cell("?123", "dim")),
        ("sess", {"market_hours": 1, "quote_type": 41}, Cell("24h", "accent")),
        ("sess", {"price": 1.0}, Cell("")),
        ("spread", {"price": 5.0, "bid": 4.75, "ask": 5.25}, Cell("0.50")),
        ("spread", {"price": 5.0, "ask": 5.25}, Cell("")),
        ("prev", {"price": 5.0, "previous_close": 4.5}, Cell("4.50")),
        # A first push, a stamp in whole minutes, an old one and one from the future tell nothing.
        ("lag", {"price": 5.0, "time": 1_699_999_999_600}, Cell("")),
        ("lag", {"price": 5.0, "time": 1_699_999_980_000}, Cell("")),
        ("lag", {"price": 5.0, "time": 1_699_900_000_001}, Cell("")),
        ("lag", {"price": 5.0, "time": 1_700_000_001_000}, Cell("")),
        ("lag", {"price": 5.0}, Cell("")),
        # In the evening the regular close stays, and what is paid now stands beside it.
        ("last", EVENING, Cell("100.00", "bold")),
        ("chg", EVENING, Cell("")),
        ("chg%", EVENING, Cell("")),
        ("ext", EVENING, Cell("102.00", "bold")),
        ("ext-chg", EVENING, Cell("+2.00", "up")),
        ("ext%", EVENING, Cell("△   +2.00%", "up")),
        ("ext", {"price": 5.0, "market_hours": 1}, Cell("")),
        ("ext-chg", {"price": 5.0, "change": 1.0, "market_hours": 1}, Cell("")),
        ("ext%", {"price": 5.0, "change_percent": 1.0, "market_hours": 1}, Cell("")),
        ("range", EVENING | {"day_low": 90.0, "day_high": 101.0}, Cell("────────●─", "range")),
    ],
)  # fmt: skip
def test_a_cell_says_what_the_row_says(name: str, said: dict[str, Value], expected: Cell) -> None:
    assert cell(name, said) == expected


def test_where_nothing_shows_the_evenings_price_beside_it_the_newest_one_is_the_last() -> None:
    row = row_of(**EVENING)
    shown = {name: column.alone(row, 10) for name, column in COLUMNS.items() if column.alone}
    assert shown == {
        "last": Cell("102.00", "bold"),
        "chg": Cell("+2.00", "up"),
        # Hollow, since it is no change of the session's.
        "chg%": Cell("△   +2.00%", "up"),
    }


def test_the_lag_is_that_of_the_last_push() -> None:
    board = Board()
    for ago in (1000, 400):
        time = int(NOW.wall * 1000) - ago
        board.apply(Tick.from_dict({"id": "X", "price": 5.0, "time": time}), NOW)
    assert COLUMNS["lag"].cell(board.row("X"), 5) == Cell("0.4s", "dim")


def test_an_index_has_no_evening_so_what_it_says_then_is_of_a_closed_market() -> None:
    row = row_of(price=5.0, market_hours=1, quote_type=9)
    row.state = "POST"
    assert COLUMNS["sess"].cell(row, 4) == Cell("CLS", "dim")
    row.state = "REGULAR"
    assert COLUMNS["sess"].cell(row, 4) == Cell("REG", "good")
    evening = row_of(**EVENING)
    evening.state = "POST"
    assert COLUMNS["sess"].cell(evening, 4) == Cell("POST", "warn")


def test_the_range_of_the_year_is_known_from_http_alone() -> None:
    row = row_of(price=75.0)
    assert COLUMNS["year"].cell(row, 10) == Cell("")
    row.known.update(year_low=50.0, year_high=100.0)
    assert COLUMNS["year"].cell(row, 11) == Cell("─────●─────", "range")


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("position", {"quantity": -1234.5}, Cell("-1,234.5")),
        ("position", {"quantity": 0.05}, Cell("0.05")),
        ("cost", {"cost": 71.5}, Cell("71.50p", "dim")),
        ("value", {"value": 1234.5}, Cell("1,234.50")),
        ("day", {"day_gain": -3.5}, Cell("-3.50", "down")),
        ("gain", {"gain": 3.5}, Cell("+3.50", "up")),
        ("gain", {"gain": 0.0}, Cell("0", "flat")),
        ("gain%", {"gain_percent": 12.5}, Cell("▲  +12.50%", "up")),
        ("weight", {"weight": 33.3}, Cell("33.3%", "dim")),
    ],
)
def test_what_is_held_stands_in_columns_of_its_own(
    name: str, known: dict[str, float], expected: Cell
) -> None:
    row = row_of(price=71.84, currency="GBp")
    assert COLUMNS[name].cell(row, 10) == Cell("")
    row.known.update(known)
    assert COLUMNS[name].cell(row, 10) == expected


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
    with pytest.raises(UsageError, match="no column 'nosuch': there are symbol, name"):
        pick_columns(["last", "nosuch"])
    with pytest.raises(UsageError, match=r"no column 'volum': did you mean volume\? there are symbol"):
        pick_columns(["volum"])


def test_fields_of_a_line_are_found_by_their_name_and_by_their_column() -> None:
    assert csv_fields(["symbol", "last", "vol_24hr"]) == ("id", "price", "vol_24hr")
    with pytest.raises(UsageError, match="no field 'nosuch' in a tick: use id, price"):
        csv_fields(["id", "nosuch"])
    with pytest.raises(UsageError, match=r"no field 'prise' in a tick: did you mean price\? use id"):
        csv_fields(["prise"])
    for name in ("trend", "age"):
        with pytest.raises(UsageError, match=f"column '{name}' is of the table alone"):
            csv_fields(["id", name])


def test_every_column_shows_a_field_that_a_tick_has() -> None:
    for column in COLUMNS.values():
        assert column.field is None or column.field in FIELDS
        assert column.figure is None or column.figure in FIGURES
        assert set(column.needs) <= {*FIELDS, *FIGURES, "year_low", "year_high", "extended"}
