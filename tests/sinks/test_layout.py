"""Which columns fit into a screen, and how wide each is."""

from __future__ import annotations

import pytest

from tickstream.core.columns import COLUMNS, pick_columns
from tickstream.sinks.layout import MARGIN, lay_out


def test_a_layout_gives_what_is_left_to_those_that_can_stretch() -> None:
    columns = pick_columns(["symbol", "last", "range"])
    narrow, wide = lay_out(columns, {}, 40), lay_out(columns, {}, 200)
    assert narrow.columns == wide.columns == columns
    assert narrow.widths[:2] == wide.widths[:2]
    assert narrow.widths[2] < wide.widths[2] == COLUMNS["range"].width + COLUMNS["range"].stretch
    assert (lay_out(columns, {"last": 30}, 200).widths[1], len(wide.gap)) == (30, 4)


@pytest.mark.parametrize("pair", [{"bid", "ask"}, {"high", "low"}])
def test_half_of_a_pair_does_not_stay_alone(pair: set[str]) -> None:
    shown = [
        {column.name for column in lay_out(tuple(COLUMNS.values()), {}, width).columns}
        for width in range(1, 300)
    ]
    assert {len(names & pair) for names in shown} == {0, 2}


def test_one_column_always_stays_and_is_no_wider_than_the_screen() -> None:
    for names in (["bid", "ask"], ["bid", "bid", "bid"], ["symbol"]):
        for width in range(1, 60):
            layout = lay_out(pick_columns(names), {}, width)
            assert layout.columns
            assert sum(layout.widths) + len(layout.gap) * (len(layout.columns) - 1) <= max(0, width - MARGIN)
