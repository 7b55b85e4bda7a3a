"""The soak itself: its books find what is wrong, and a short one finds nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from tests.soak.__main__ import as_text
from tests.soak.faults import FAULTS, HEAVY
from tests.soak.ledger import SYMBOLS, Account, Ledger, number_of, price_of
from tests.soak.run import Outcome, Plan, Process, soak, warming
from tests.soak.slope import medians, slope_of

BEGAN = 1_789_000_000.0


def ledger(count: int = 100) -> Ledger:
    """One in which AAPL was sent a number a second."""
    made = Ledger()
    for number in range(1, count + 1):
        made.note(f"AAPL {number} {BEGAN + number:.3f}")
    return made


def tick(number: int) -> dict[str, Any]:
    return {"id": "AAPL", "day_volume": number, "price": price_of(number)}


def gap(start: int, end: int) -> dict[str, Any]:
    return {"type": "gap", "start": (BEGAN + start) * 1000, "end": (BEGAN + end) * 1000}


def account(*said: int | dict[str, Any], every: bool = True) -> Account:
    """Of one who was told just this: numbers are ticks."""
    made = Account("somebody", every=every)
    for one in said:
        if isinstance(one, int):
            made.tick(tick(one))
        else:
            made.event(one)
    return made


def test_prices_and_numbers_go_both_ways() -> None:
    assert [number_of(price_of(number)) for number in range(0, 40_000, 7)] == list(range(0, 40_000, 7))


def test_who_had_all_of_it_has_nothing_wrong() -> None:
    balance = account(*range(1, 101)).balance(ledger())
    assert (balance.received, balance.lost, balance.wrong) == (100, 0, [])


def test_what_was_lost_in_a_gap_that_was_said_is_not_wrong() -> None:
    balance = account(*range(1, 41), gap(41, 60), *range(60, 101)).balance(ledger())
    assert (balance.lost, balance.in_gaps, balance.reconnects, balance.wrong) == (19, 19, 1, [])


@pytest.mark.parametrize("said", [(), (gap(70, 90),), (gap(58, 60),)], ids=["none", "another", "too short"])
def test_what_was_lost_outside_of_a_gap_is_wrong(said: tuple[dict[str, Any], ...]) -> None:
    books = account(*range(1, 41), *said, *range(60, 101))
    balance = books.balance(ledger())
    assert balance.unsaid >= 7
    assert balance.wrong == [f"somebody: {balance.unsaid} ticks lost and not said"]
    assert any("AAPL 41" in text for text in books.examples)


def test_what_waited_in_a_link_that_was_cut_is_said_by_the_gap_behind_it_if_it_is_not_too_old() -> None:
    assert account(*range(1, 41), gap(48, 60), *range(60, 101)).balance(ledger()).wrong == []
    assert account(*range(1, 41), gap(55, 60), *range(60, 101)).balance(ledger()).unsaid == 4


def test_what_was_dropped_is_wrong_only_beyond_what_was_said() -> None:
    dropped = {"type": "dropped", "count": 15, "time": 0}
    balance = account(*range(1, 41), dropped, *range(60, 101)).balance(ledger())
    assert (balance.lost, balance.dropped, balance.unsaid) == (19, 15, 4)


def test_a_number_may_come_twice_only_as_the_first_on_a_new_link() -> None:
    assert account(1, 2, gap(2, 3), 2, 3).balance(ledger(3)).repeated == 1
    assert account(1, 2, 2, 3).balance(ledger(3)).wrong == ["somebody: 1 ticks doubled"]
    assert account(1, 2, gap(2, 3), 2, 2).balance(ledger(2)).doubled == 1


def test_rows_may_skip_and_repeat_but_not_go_back() -> None:
    assert account(1, 5, 5, 100, every=False).balance(ledger()).wrong == []
    assert account(1, 5, 4, 100, every=False).balance(ledger()).wrong == ["somebody: 1 ticks backwards"]


def test_a_row_of_two_ticks_is_odd() -> None:
    books = account(1)
    books.tick(tick(2) | {"price": price_of(1)})
    assert books.odd == 1


def test_it_has_all_of_it_when_it_has_the_last_of_each() -> None:
    books = account(1, 2)
    assert books.has({"AAPL": 2})
    assert not books.has({"AAPL": 3})
    assert not books.has({"AAPL": 2, "MSFT": 1})


def test_a_slope_is_that_of_most_points_and_as_sure_as_they_are() -> None:
    points = [(float(hour), 50.0 + 2 * hour) for hour in range(20)]
    points[7] = (7.0, 400.0)
    found = slope_of(points)
    assert found is not None
    assert found.low == found.value == found.high == 2.0
    flat = slope_of([(float(hour), 50.0 + hour % 2) for hour in range(20)])
    assert flat is not None
    assert flat.low <= 0 <= flat.high
    assert slope_of(points[:7]) is None


def test_samples_of_a_minute_are_one_point() -> None:
    samples = [(float(second), float(second % 60)) for second in range(0, 180, 5)]
    assert [round(b[0] - a[0]) for a, b in pairwise(medians(samples, 60.0))] == [60, 60]


@pytest.mark.parametrize(
    ("gain", "files", "threads", "wrong"),
    [(0.0, 12, 3, ""), (5.0, 12, 3, "memory"), (0.0, 30, 3, "descriptors"), (0.0, 12, 30, "threads")],
)
def test_growth_is_wrong(gain: float, files: int, threads: int, wrong: str) -> None:
    slope = slope_of([(float(hour), 50 + gain * hour) for hour in range(20)])
    found = Process(
        "somebody", (50.0, 60.0, 55.0), (60.0, 70.0, 65.0), slope, (12, files), (3, threads)
    ).wrong
    assert len(found) == bool(wrong)
    assert wrong in "".join(found)


def test_what_came_of_it_can_be_read() -> None:
    slope = slope_of([(float(hour), 50.0 + hour) for hour in range(20)])
    memory = (50.0, 60.0, 55.0)
    outcome = Outcome(injected=["reset"], balances=[account(*range(1, 101)).balance(ledger(), 0.0)])
    outcome.processes = [
        Process("steep", memory, memory, slope, (1, 2), (3, 4)),
        Process("brief", memory, memory, None, (1, 2), (3, 4)),
    ]
    lines = as_text(outcome).splitlines()
    assert next(line for line in lines if line.startswith("steep")).split()[4] == "+1.00"
    assert "too short" in next(line for line in lines if line.startswith("brief"))
    assert next(line for line in lines if line.startswith("somebody")).split()[1] == "100"


def test_the_warm_up_has_each_fault_and_more_than_once_those_that_need_most_memory() -> None:
    assert set(FAULTS) >= HEAVY
    strikes = Counter(warming(tuple(FAULTS)))
    assert set(strikes) == set(FAULTS)
    assert {name for name, times in strikes.items() if times > 1} == HEAVY
    assert warming(("reset", "burst")) == ["burst", "reset", "burst"]


@pytest.mark.timeout(400)
def test_a_short_soak_finds_nothing() -> None:
    said: list[str] = []
    # The slack is for machines that are busy with all the other tests.
    faults = ("reset", "garbage", "resize")
    plan = Plan(seconds=3.0, interval=1.0, faults=faults, sample=0.5, slack=15.0)
    outcome = asyncio.run(soak(plan, said.append))
    assert outcome.wrong == []
    assert outcome.injected == list(faults)
    assert outcome.sent > len(SYMBOLS)
    assert all(balance.received for balance in outcome.balances)
    assert next(balance.reconnects for balance in outcome.balances if balance.name == "lines")
    assert {process.name for process in outcome.processes} >= {"serve A", "lines", "table"}
