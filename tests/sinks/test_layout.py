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


def test_details_come_only_where_the_others_have_all_that_they_can_use() -> None:
    columns = pick_columns(["symbol", "name", "last", "trend", "open"])
    needed = {"name": 20}
    widest = {"symbol": 8, "name": 20, "last": 8, "trend": COLUMNS["trend"].width + COLUMNS["trend"].stretch}
    everything = sum(widest.values()) + len("OPEN") + 2 * 4 + 2 * MARGIN
    with_open, without = lay_out(columns, needed, everything), lay_out(columns, needed, everything - 1)
    assert [column.name for column in with_open.columns] == [*widest, "open"]
    assert list(with_open.widths[:4]) == list(widest.values())
    assert {column.name: size for column, size in zip(without.columns, without.widths, strict=True)} == widest


def test_a_text_gets_no_more_than_it_needs_and_all_of_that_before_a_drawing_gets_any() -> None:
    columns = pick_columns(["symbol", "name", "last", "trend"])
    short, long = lay_out(columns, {"name": 15}, 60), lay_out(columns, {"name": 40}, 60)
    assert short.widths[1] == 15
    assert long.widths[1] - short.widths[1] == short.widths[3] - long.widths[3] > 0
