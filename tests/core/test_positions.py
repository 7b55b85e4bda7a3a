"""Positions: worth and gain of each, and sums that are right or say what they wait for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.board import Board
from tickstream.core.positions import Book, Lot, Totals, parse_positions
from tickstream.core.tick import Value
from tickstream.errors import UsageError

few = settings(max_examples=100, deadline=None, database=None)


def board_of(**rows: dict[str, Value]) -> Board:
    board = Board()
    for symbol, said in rows.items():
        board.row(symbol.replace("_L", ".L").replace("_X", "=X")).said.update(said)
    return board


DOLLARS: dict[str, Value] = {"price": 160.0, "change": 2.0, "currency": "USD", "market_hours": 1}
PENCE: dict[str, Value] = {"price": 80.0, "change": -1.0, "currency": "GBp", "market_hours": 1}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], {}),
        (["AAPL=10@150"], {"AAPL": (Lot(10, 150),)}),
        ([" aapl=+10@150.5 "], {"AAPL": (Lot(10, 150.5),)}),
        (["TSLA=-5@410"], {"TSLA": (Lot(-5, 410),)}),
        (["EURUSD=X=1000@1.1"], {"EURUSD=X": (Lot(1000, 1.1),)}),
        (
            ["AAPL=10@150", "MSFT=1@0", "AAPL=5@200"],
            {"AAPL": (Lot(10, 150), Lot(5, 200)), "MSFT": (Lot(1, 0),)},
        ),
    ],
)
def test_a_position_is_a_symbol_how_much_and_at_what_price(
    texts: list[str], expected: dict[str, tuple[Lot, ...]]
) -> None:
    assert parse_positions(texts) == expected


@pytest.mark.parametrize(
    "text",
    ["", "AAPL", "AAPL=10", "AAPL@150", "=10@150", "AAPL=0@150", "AAPL=10@", "AAPL=ten@150", "AAPL=10@-1",
     "AAPL=.@1", "AAPL=1.2.3@1", "A B=1@1", "AAPL=" + "9" * 400 + "@1"],
)  # fmt: skip
def test_what_is_no_position_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="use SYMBOL=QUANTITY@COST, as in AAPL=10@150"):
        parse_positions([text])


def test_a_position_is_worth_its_price_and_has_gained_since_it_was_bought_and_since_the_last_close() -> None:
    board = board_of(AAPL=DOLLARS)
    book = Book({"AAPL": (Lot(10, 150.0), Lot(10, 130.0))})
    assert book.update(board.row) == {"AAPL"}
    assert board.row("AAPL").known == {
        "quantity": 20, "cost": 140.0, "value": 3200.0, "weight": 100.0, "day_gain": 40.0, "gain": 400.0,
        "gain_percent": pytest.approx(100 * 400 / 2800),
    }  # fmt: skip
    assert book.totals == Totals("USD", 3200.0, 40.0, 100 * 40 / 3160, 400.0, 100 * 400 / 2800)


def test_what_was_sold_short_gains_when_the_price_falls() -> None:
    board = board_of(AAPL=DOLLARS | {"change": -2.0})
    book = Book({"AAPL": (Lot(-10, 200.0),)})
    book.update(board.row)
    known = board.row("AAPL").known
    assert (known["value"], known["day_gain"], known["gain"]) == (-1600.0, 20.0, 400.0)
    assert known["gain_percent"] == 20.0
    assert book.totals.value == -1600.0
    assert book.totals.day_percent == pytest.approx(100 * 20 / 1620)


def test_lots_that_cancel_each_other_have_a_gain_and_no_cost_of_one() -> None:
    board = board_of(AAPL=DOLLARS)
    Book({"AAPL": (Lot(10, 100.0), Lot(-10, 120.0))}).update(board.row)
    known = board.row("AAPL").known
    assert (known["quantity"], known["value"], known["gain"], known["day_gain"]) == (0, 0, 200.0, 0)
    assert "cost" not in known
    assert known["gain_percent"] == pytest.approx(100 * 200 / 2200)


def test_what_was_given_has_no_gain_in_percent() -> None:
    board = board_of(AAPL=DOLLARS)
    book = Book({"AAPL": (Lot(10, 0.0),)})
    book.update(board.row)
    assert "gain_percent" not in board.row("AAPL").known
    assert (book.totals.gain, book.totals.gain_percent) == (1600.0, None)


def test_the_sums_are_in_the_currency_that_all_share_and_pence_are_hundredths() -> None:
    book = Book({"VOD.L": (Lot(1000, 70.0),)})
    book.update(board_of(VOD_L=PENCE).row)
    assert (book.totals.currency, book.totals.value, book.totals.gain) == ("GBP", 800.0, 100.0)
    assert book.totals.day_gain == -10.0
    assert not book.pairs


def test_several_currencies_are_converted_to_dollars_by_what_streams() -> None:
    board = board_of(AAPL=DOLLARS, VOD_L=PENCE)
    book = Book({"AAPL": (Lot(10, 150.0),), "VOD.L": (Lot(1000, 70.0),)})
    book.update(board.row)
    assert book.pairs == {"GBPUSD=X"}
    assert book.concerns(["GBPUSD=X"])
    assert book.totals == Totals("USD", missing=("GBP in USD",))
    assert "value" not in board.row("VOD.L").known
    assert board.row("AAPL").known["value"] == 1600.0
    board.row("GBPUSD=X").said["price"] = 1.25
    assert book.update(board.row) == {"AAPL", "VOD.L"}
    assert book.totals[:2] == ("USD", 1600.0 + 1000.0)
    assert not book.totals.missing
    assert book.totals.gain == 100.0 + 125.0
    assert [board.row(symbol).known["weight"] for symbol in ("AAPL", "VOD.L")] == [61.5, 38.5]


def test_another_currency_can_be_asked_for() -> None:
    board = board_of(AAPL=DOLLARS, EURUSD_X={"price": 1.25})
    book = Book({"AAPL": (Lot(10, 150.0),)}, "EUR")
    book.update(board.row)
    assert book.pairs == {"EURUSD=X"}
    assert (book.totals.currency, book.totals.value) == ("EUR", 1280.0)


def test_a_sum_that_cannot_be_known_in_full_says_what_it_waits_for() -> None:
    board = board_of(AAPL=DOLLARS, VOD_L={"price": 80.0, "exchange": "LSE"})
    book = Book({"NONE": (Lot(1, 1.0),), "VOD.L": (Lot(1, 1.0),), "AAPL": (Lot(1, 1.0),)})
    book.update(board.row)
    assert book.totals == Totals(missing=("the price of NONE", "the currency of VOD.L"))
    # What it has gained in percent needs neither.
    assert board.row("VOD.L").known["gain_percent"] == 7900.0
    assert "value" not in board.row("AAPL").known


def test_a_day_that_one_position_does_not_know_has_no_sum() -> None:
    fund = {name: value for name, value in DOLLARS.items() if name != "change"}
    book = Book({"AAPL": (Lot(1, 1.0),), "VFINX": (Lot(1, 1.0),)})
    book.update(board_of(AAPL=DOLLARS, VFINX=fund).row)
    assert (book.totals.value, book.totals.day_gain, book.totals.day_percent) == (320.0, None, None)


def test_only_those_whose_figures_changed_are_named_and_figures_that_are_gone_leave() -> None:
    board = board_of(AAPL=DOLLARS)
    board.row("AAPL").known["year_low"] = 90.0
    book = Book({"AAPL": (Lot(10, 150.0),)})
    assert book.update(board.row) == {"AAPL"}
    assert book.update(board.row) == set()
    board.row("AAPL").said["day_volume"] = 5
    assert book.update(board.row) == set()
    board.row("AAPL").said["price"] = 161.0
    assert book.update(board.row) == {"AAPL"}
    del board.row("AAPL").said["price"]
    assert book.update(board.row) == {"AAPL"}
    assert board.row("AAPL").known == {"year_low": 90.0, "quantity": 10, "cost": 150.0}


def test_it_concerns_what_is_held_and_nothing_else() -> None:
    book = Book({"AAPL": (Lot(10, 150.0),), "MSFT": ()})
    assert book.symbols == ("AAPL",)
    assert book.concerns(["MSFT", "AAPL"])
    assert not book.concerns(["MSFT"])
    assert not Book({}).update(Board().row)


lots = st.lists(
    st.tuples(st.floats(-1e6, 1e6).filter(bool), st.floats(0, 1e6)).map(lambda pair: Lot(*pair)), min_size=1
)


@few
@given(lots, lots, st.floats(0.01, 1e6), st.floats(0.01, 1e6), st.floats(0.01, 100))
def test_the_gain_in_all_is_the_value_less_what_was_paid(
    ours: list[Lot], theirs: list[Lot], price: float, other: float, rate: float
) -> None:
    board = board_of(
        AAPL={"price": price, "currency": "USD"},
        VOD_L={"price": other, "currency": "GBp"},
        GBPUSD_X={"price": rate},
    )
    book = Book({"AAPL": tuple(ours), "VOD.L": tuple(theirs)})
    book.update(board.row)
    totals = book.totals
    assert totals.value is not None
    assert totals.gain is not None
    paid = [lot.quantity * lot.cost for lot in ours]
    paid += [lot.quantity * lot.cost * 0.01 * rate for lot in theirs]
    size = sum(map(abs, paid)) + abs(totals.value) + abs(totals.gain)
    size += sum(abs(lot.quantity) * (price + other * rate) for lot in (*ours, *theirs))
    assert math.isclose(totals.gain, totals.value - math.fsum(paid), abs_tol=1e-9 * size)


def test_sums_beyond_all_numbers_are_none_and_no_bug() -> None:
    board = board_of(AAPL=DOLLARS, MSFT=DOLLARS)
    book = Book({"AAPL": (Lot(1e308, 1.0),), "MSFT": (Lot(-1e308, 1.0),)}, "USD")
    book.update(board.row)
    assert book.totals.value is None or not math.isfinite(book.totals.value)
