"""The board: pushes laid over each other, and an older one never overwrites."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.board import FRESH, Board, Now, Trend
from tickstream.core.tick import Tick, Value

few = settings(max_examples=100, deadline=None, database=None)

WALL = 1_700_000_000.0
NOW = Now(WALL, 100.0)
STAMP = int(WALL * 1000)


def tick(**said: Value) -> Tick:
    return Tick.from_dict({"id": "AAPL"} | said)


def later(seconds: float) -> Now:
    return Now(NOW.wall + seconds, NOW.monotonic + seconds)


def test_what_a_push_does_not_say_stays_as_it_was() -> None:
    board = Board()
    assert board.apply(tick(price=1.0, time=STAMP, day_volume=500), NOW)
    assert board.apply(tick(price=2.0, time=STAMP + 1000, market_hours=2), NOW)
    assert board.row("AAPL").said == {
        "id": "AAPL", "price": 2.0, "time": STAMP + 1000, "day_volume": 500, "market_hours": 2,
    }  # fmt: skip


def test_an_older_push_never_overwrites_and_only_fills() -> None:
    board = Board()
    board.apply(tick(price=2.0, time=STAMP), NOW)
    assert board.apply(tick(price=1.0, time=STAMP - 1000, currency="USD"), NOW)
    assert board.row("AAPL").said == {"id": "AAPL", "price": 2.0, "time": STAMP, "currency": "USD"}
    assert not board.apply(tick(price=1.0, time=STAMP - 1000, currency="EUR"), NOW)
    assert board.row("AAPL").trend.prices == [2.0]


def test_of_two_pushes_with_the_same_time_the_later_one_stands() -> None:
    board = Board()
    board.apply(tick(price=1.0, time=STAMP, day_volume=14_805_050, last_size=120), NOW)
    assert board.apply(tick(price=1.0, time=STAMP, day_volume=14_805_114), NOW)
    assert board.row("AAPL").said["day_volume"] == 14_805_114


def test_a_push_without_a_time_counts_as_new() -> None:
    board = Board()
    board.apply(tick(price=1.0, time=STAMP), NOW)
    assert board.apply(tick(price=2.0), later(5))
    assert board.row("AAPL").said["price"] == 2.0
    assert board.row("AAPL").age(later(6)) == 1.0


def test_a_stamp_from_the_future_does_not_keep_the_true_ones_away() -> None:
    board = Board()
    board.apply(tick(price=1.0, time=STAMP + 3_600_000), NOW)
    assert board.apply(tick(price=2.0, time=STAMP), NOW)
    assert board.row("AAPL").said["price"] == 2.0


def test_a_repeated_push_is_counted_and_says_nothing_new() -> None:
    board = Board()
    said = tick(price=1.0, time=STAMP, indices=["^GSPC"])
    assert board.apply(said, NOW)
    assert not board.apply(said, later(20))
    row = board.row("AAPL")
    assert row.pushes == 2
    assert row.age(later(20)) == 20.0


def test_a_first_push_is_as_old_as_its_stamp_says() -> None:
    board = Board()
    board.apply(tick(price=1.0, time=STAMP - 30_000), NOW)
    assert board.row("AAPL").age(NOW) == 30.0


def test_a_later_push_that_is_a_little_late_is_new() -> None:
    board = Board()
    board.apply(tick(price=1.0, time=STAMP - 60_000), NOW)
    board.apply(tick(price=2.0, time=STAMP - 30_000), NOW)
    assert board.row("AAPL").age(NOW) == 0.0


def test_a_push_that_was_old_when_it_came_stays_old() -> None:
    board = Board()
    board.apply(tick(price=1.0, time=STAMP - 7_200_000), NOW)
    board.apply(tick(price=2.0, time=STAMP - 3_600_000), NOW)
    assert board.row("AAPL").age(NOW) == 3600.0
    board.apply(tick(price=3.0, time=STAMP - int(FRESH * 1000) - 1000), NOW)
    assert board.row("AAPL").age(NOW) == FRESH + 1


def test_a_stamp_from_the_future_makes_nothing_younger_than_now() -> None:
    board = Board()
    board.apply(tick(price=1.0, time=STAMP + 30_000), NOW)
    assert board.row("AAPL").age(NOW) == 0.0


def test_the_age_never_falls_when_a_clock_stands_still_or_is_set_back() -> None:
    board = Board()
    board.apply(tick(price=1.0, time=STAMP), NOW)
    row = board.row("AAPL")
    assert row.age(Now(NOW.wall + 3600, NOW.monotonic)) == 3600.0
    assert row.age(Now(NOW.wall - 3600, NOW.monotonic + 60)) == 60.0
    assert row.age(Now(NOW.wall - 3600, NOW.monotonic)) == 0.0


def test_a_row_of_which_nothing_was_said_is_empty_and_has_no_age() -> None:
    row = Board(["MSFT"]).row("MSFT")
    assert (row.symbol, row.said, row.age(NOW), row.pushes, row.number("price")) == (
        "MSFT",
        {},
        None,
        0,
        None,
    )


def test_a_number_is_only_what_is_one() -> None:
    board = Board()
    board.apply(tick(price=0.0, currency="USD"), NOW)
    assert board.row("AAPL").number("price") == 0.0
    assert board.row("AAPL").number("currency") is None


def test_what_is_forgotten_starts_again() -> None:
    board = Board()
    board.apply(tick(price=1.0, time=STAMP), NOW)
    board.forget("AAPL")
    board.forget("never there")
    assert board.row("AAPL").said == {}


pushes = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "time": st.integers(-100, 0).map(lambda seconds: STAMP + seconds * 1000),
            "price": st.floats(1, 5),
            "day_volume": st.integers(0, 5),
            "currency": st.sampled_from(["USD", "EUR"]),
        },
    ),
    max_size=20,
)


@few
@given(pushes)
def test_whatever_the_order_no_older_push_overwrites(said: list[dict[str, Value]]) -> None:
    board = Board()
    held: dict[str, Value] = {}
    for number, push in enumerate(said):
        was = dict(held)
        new = board.apply(tick(**push), later(number))
        held = board.row("AAPL").said
        older = "time" in push and "time" in was and push["time"] < was["time"]  # type: ignore[operator]
        for name, value in ({"id": "AAPL"} | push).items():
            assert held[name] == (was.get(name, value) if older else value)
        assert all(held[name] == value for name, value in was.items() if name not in push)
        assert new == (held != was)
    assert board.row("AAPL").pushes == len(said)


def test_a_trend_keeps_the_last_price_of_each_step() -> None:
    trend = Trend(step=1.0)
    for seconds, price in [(0.0, 1.0), (0.5, 2.0), (1.0, 3.0), (1.9, 4.0), (3.0, 5.0)]:
        trend.add(seconds, price)
    assert trend.prices == [2.0, 4.0, 5.0]


@few
@given(st.lists(st.tuples(st.floats(-1, 5), st.floats(1, 9)), min_size=1, max_size=300), st.integers(3, 20))
def test_a_trend_never_outgrows_its_points_and_ends_with_the_last_price(
    steps: list[tuple[float, float]], most: int
) -> None:
    trend, seconds = Trend(most=most), 0.0
    for step, price in steps:
        seconds += step
        trend.add(seconds, price)
        assert 1 <= len(trend.prices) <= most
        assert trend.prices[-1] == price


def test_where_time_begins_anew_an_older_push_is_the_newest() -> None:
    board = Board()
    board.apply(tick(price=2.0, time=STAMP, currency="USD"), NOW)
    board.rewind()
    assert board.apply(tick(price=1.0, time=STAMP - 5_000), NOW)
    assert board.row("AAPL").said == {"id": "AAPL", "price": 1.0, "time": STAMP - 5_000, "currency": "USD"}
    # Once: from then on older ones are older again, and what was said before is not new.
    assert not board.apply(tick(price=3.0, time=STAMP - 6_000), NOW)
    board.rewind()
    again = tick(price=1.0, time=STAMP - 5_000)
    assert [board.apply(again, NOW) for _ in range(2)] == [True, False]


def test_where_time_begins_anew_the_evening_keeps_what_its_own_day_ended_with() -> None:
    day, board, ended = 86_400_000, Board(), []
    for _ in range(2):
        board.rewind()
        for number in range(2):
            close, time = 100.0 + 20 * number, STAMP + number * day
            board.apply(tick(price=close, market_hours=1, time=time), NOW)
            board.apply(tick(price=close + 1, market_hours=2, time=time + 60_000), NOW)
            ended.append(board.row("AAPL").regular.get("price"))
    assert ended == [100.0, 120.0, 100.0, 120.0]


def test_a_push_without_a_time_and_a_late_one_do_not_end_what_begins_anew() -> None:
    board = Board()
    board.apply(tick(price=2.0, time=STAMP), NOW)
    board.rewind()
    board.apply(tick(price=6.0), NOW)
    board.apply(tick(price=2.5, time=STAMP + 1_000), NOW)
    for number in range(3):
        assert board.apply(tick(price=float(number), time=STAMP - 5_000 + number), NOW)
