"""The totals in the header: what fits, what is hidden, and what is waited for."""

from __future__ import annotations

import pytest

from tickstream.core.positions import Totals
from tickstream.sinks.frame import Piece, pieces_width
from tickstream.sinks.totals import TotalsLine

TOTALS = Totals("USD", 40040.85, -85.65, -0.21, 3872.85, 110.71)


def text_of(pieces: list[Piece]) -> str:
    return "".join(text for text, _ in pieces)


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (100, "  40,040.85 USD  day -85.65 ▼ -0.21%  P/L +3,872.85 ▲ +110.71%"),
        (60, "  40,040.85 USD  day -85.65  P/L +3,872.85 ▲ +110.71%"),
        (50, "  40,040.85 USD  day -85.65  P/L +3,872.85"),
        (30, "  day -85.65  P/L +3,872.85"),
        (15, "  day -85.65"),
        (5, ""),
    ],
)
def test_as_much_as_fits_and_never_a_part_of_a_number(room: int, text: str) -> None:
    assert text_of(TotalsLine().pieces(TOTALS, room)) == text


def test_each_says_which_way_it_went_and_old_ones_nothing() -> None:
    tones = {text: tone for text, tone in TotalsLine().pieces(TOTALS, 100) if text.strip()}
    assert tones["-85.65"] == "down"
    assert tones["▲ +110.71%"] == "up"
    assert {tone for _, tone in TotalsLine().pieces(TOTALS, 100, old=True)} == {"dim"}


def test_what_is_hidden_is_every_amount_and_no_percentage() -> None:
    assert text_of(TotalsLine().pieces(TOTALS, 100, hidden=True)) == (
        "  ••• USD  day ••• ▼ -0.21%  P/L ••• ▲ +110.71%"
    )


def test_what_gets_shorter_leaves_the_rest_where_it_is() -> None:
    line = TotalsLine()
    wide = text_of(line.pieces(TOTALS, 100))
    again = text_of(line.pieces(Totals("USD", 9.5, 0.0, 0.0, -1.0, -1.0), 100))
    assert len(again) == len(wide)
    assert again.index("P/L") == wide.index("P/L")


def test_what_is_not_known_is_left_out() -> None:
    assert (
        text_of(TotalsLine().pieces(Totals("USD", 5.0, None, None, 1.0, None), 100))
        == "  5.00 USD  P/L +1.00"
    )
    assert TotalsLine().pieces(Totals(), 100) == []


def test_sums_that_are_not_known_say_what_they_wait_for() -> None:
    one, two = Totals(missing=("GBP in USD",)), Totals(missing=("GBP in USD", "the price of X"))
    assert TotalsLine().pieces(one, 60) == [("  totals wait for GBP in USD", "warn")]
    assert TotalsLine().pieces(two, 60) == [("  totals wait for GBP in USD and 1 more", "warn")]
    assert TotalsLine().pieces(two, 20) == [("  no totals yet", "warn")]
    assert pieces_width(TotalsLine().pieces(two, 3)) == 0
