"""Charts of blocks: each price in its place, and nothing where nothing was traded."""

from __future__ import annotations

from datetime import UTC

import pytest

from tickstream.core.values import Span
from tickstream.sinks.paint import PlainPainter
from tickstream.sinks.screens.chart import (
    Stretch,
    chart_lines,
    columns_of,
    day_names,
    day_pieces,
    day_titles,
    with_lunch,
)

DAY = Span(0.0, 86_400.0)
HOUR = 3600.0
SESSION = Span(9 * HOUR, 17 * HOUR)


def chart(prices: list[float], width: int, height: int, **more: object) -> list[str]:
    return chart_lines(PlainPainter(), prices, width, height, "up", **more)  # type: ignore[arg-type]


def test_a_session_is_as_wide_as_the_chart_and_what_is_to_come_stays_empty() -> None:
    times = [SESSION.start, SESSION.start + HOUR, SESSION.start + 2 * HOUR]
    columns = columns_of([1.0, 2.0, 3.0], 8, times=times, span=SESSION)
    assert columns == [1.0, 2.0, 3.0, None, None, None, None, None]


def test_before_the_session_begins_the_prices_are_of_the_last_one_and_fill_the_chart() -> None:
    times = [SESSION.start - 24 * HOUR + number * HOUR for number in range(4)]
    columns = columns_of([1.0, 2.0, 3.0, 4.0], 8, times=times, span=SESSION)
    assert columns == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]


def test_a_column_holds_the_price_before_it_and_the_last_one_is_the_newest() -> None:
    times = [SESSION.start, SESSION.start + 3 * HOUR, SESSION.start + 3.5 * HOUR]
    columns = columns_of([1.0, 3.0, 2.0], 8, times=times, span=SESSION)
    assert columns == [1.0, 1.0, 1.0, 2.0, None, None, None, None]


def test_the_highest_and_the_lowest_are_seen_however_few_columns_there_are() -> None:
    prices = [5.0] * 200
    prices[70], prices[130] = 9.0, 1.0
    assert {9.0, 1.0} <= set(columns_of(prices, 10))


def test_the_extremes_are_labelled_and_the_reference_is_a_dotted_line_between_them() -> None:
    lines = chart([1.0, 2.0, 3.0, 4.0], 20, 4, reference=2.6)
    assert [line[-4:] for line in lines] == ["4.00", "2.60", "    ", "1.00"]
    assert [("┈" in line) for line in lines] == [False, True, False, False]
    assert {len(line) for line in lines} == {20}
    assert all(set(line[:14]) <= set(" ▁▂▃▄▅▆▇█┈") for line in lines)


@pytest.mark.parametrize(("prices", "width", "height"), [([], 20, 4), ([1.0], 20, 4), ([1.0, 2.0], 3, 4)])
def test_where_there_is_nothing_to_draw_there_is_no_chart(
    prices: list[float], width: int, height: int
) -> None:
    assert chart(prices, width, height) == []


def test_prices_that_do_not_move_are_a_line_in_the_middle() -> None:
    assert [line[:8] for line in chart([2.0, 2.0], 8, 2)] == ["        ", "████████"]


def test_a_day_shows_its_sessions_and_now() -> None:
    stretches: list[Stretch] = [
        ("regular", Span(9 * HOUR, 12 * HOUR)),
        ("regular", Span(13 * HOUR, 17 * HOUR)),
    ]
    pieces = day_pieces(with_lunch(stretches), DAY, 15 * HOUR, 24, "up")
    assert "".join(text for text, _ in pieces) == "·········███▒██│█·······"
    assert dict(pieces)["│"] == "warn"


def test_a_night_between_two_sessions_is_no_lunch() -> None:
    stretches: list[Stretch] = [("regular", Span(0.0, HOUR)), ("regular", Span(20 * HOUR, 23 * HOUR))]
    assert with_lunch(stretches) == stretches


@pytest.mark.parametrize("cells", [24, 48, 72, 96, 120, 144])
def test_the_hours_stand_above_their_cells(cells: int) -> None:
    titles = day_titles(cells, "UTC")
    assert len(titles) == cells
    for hour in range(0, 21, 3):
        assert titles.index(f"{hour:02d}") == hour * cells // 24


def test_below_a_day_stands_when_each_part_begins_and_when_the_last_ends() -> None:
    stretches: list[Stretch] = [
        ("post", Span(16 * HOUR, 20 * HOUR)),
        ("regular", Span(9.5 * HOUR, 16 * HOUR)),
        ("pre", Span(4 * HOUR, 9.5 * HOUR)),
    ]
    times, names = day_names(stretches, DAY, 96, UTC)
    assert times[0][0].split() == ["04:00", "09:30", "16:00", "20:00"]
    assert times[0][0].index("09:30") == 38
    assert names[0][0].split("  ")[0].strip() == ""
    assert "pre-market" in names[0][0]
    assert "regular session" in names[0][0]
    assert "closed all day" in day_names([], DAY, 96, UTC)[0][0][0]
