"""The fan: rows to those who conflate, pushes to those who want each, and nobody waits for anybody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.clients import Reader
from tickstream.core.ports import Event, Gap, Link, Rewound, Status
from tickstream.core.tick import Tick, Value
from tickstream.hub import Hub
from tickstream.server import fan as fan_module
from tickstream.server.fan import Fan
from tickstream.server.wheel import TURN, Follower, Slot, Wheel
from tickstream.server.wire import row_frame

SLOW = 60_000
"""Milliseconds of a turn that never comes in a test: turns are given by hand."""


class There:
    """A fan, and those who follow."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.errors: list[Exception] = []
        self.fan = Fan(self.hub, failed=self.errors.append)
        self.time = 1_700_000_000_000

    def join(self, *symbols: str, every: int = SLOW, form: str = "json", events: bool = False) -> Follower:
        follower = Follower(Reader(), form, events=events)
        self.fan.join(follower, every)
        self.fan.follow(follower, symbols)
        return follower

    def push(self, symbol: str, price: float, **more: Value) -> None:
        self.time += 1000
        said: dict[str, Value] = {"id": symbol, "price": price, "time": self.time}
        self.hub.publish(Tick.from_dict(said | more))

    async def wired(self) -> None:
        """Until the hub knows what is followed."""
        async with asyncio.timeout(30):
            while self.hub.symbols != set(self.fan._counts):  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    def turn(self, *followers: Follower) -> None:
        """Give their slots a turn."""
        for slot in dict.fromkeys(follower.slot for follower in followers):
            assert slot is not None
            self.fan.flush(slot)


def reader(follower: Follower) -> Reader:
    assert isinstance(follower.client, Reader)
    return follower.client


def had(follower: Follower) -> list[tuple[Any, Any]]:
    """Symbol and price of what it was sent since last asked; the type and count of events."""
    said = map(json.loads, reader(follower).take())
    return [(one.get("id") or one["type"], one.get("price") or one.get("count")) for one in said]


def run(test: Callable[[There], Awaitable[None]]) -> None:
    async def main() -> None:
        there = There()
        try:
            await test(there)
        finally:
            there.fan.close()
        assert there.errors == []

    asyncio.run(main())


def test_who_conflates_gets_what_moved_since_its_last_turn_the_newest_of_each_in_one_write() -> None:
    async def test(there: There) -> None:
        one = there.join("A", "B", "C")
        await there.wired()
        for symbol, price in (("A", 1.0), ("B", 2.0), ("A", 3.0)):
            there.push(symbol, price)
        there.turn(one)
        assert len(reader(one).end.writes) == 1
        assert had(one) == [("B", 2.0), ("A", 3.0)]
        there.turn(one)
        assert had(one) == []

    run(test)


def test_a_row_is_all_that_was_said_laid_over() -> None:
    async def test(there: There) -> None:
        one = there.join("A")
        await there.wired()
        there.push("A", 1.0, day_volume=7)
        there.push("A", 2.0)
        there.turn(one)
        (row,) = map(json.loads, reader(one).take())
        assert (row["price"], row["day_volume"]) == (2.0, 7)

    run(test)


def test_a_row_is_encoded_once_for_all_who_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(said: Any, form: str) -> bytes:
        made.append(form)
        return row_frame(said, form)

    monkeypatch.setattr(fan_module, "row_frame", counted)

    async def test(there: There) -> None:
        crowd = [there.join("A", form=form) for form in ("json", "2") * 100]
        await there.wired()
        there.push("A", 1.0)
        there.turn(*crowd)
        assert sorted(made) == ["2", "json"]
        assert all(len(reader(one).take()) == 1 for one in crowd)

    run(test)


def test_what_is_known_comes_at_once_and_a_repeated_wish_brings_nothing() -> None:
    async def test(there: There) -> None:
        first = there.join("A", "B")
        await there.wired()
        there.push("A", 1.0)
        second = there.join("A", "B")
        assert had(second) == [("A", 1.0)]
        there.fan.follow(second, ["A", "A", "B"])
        assert had(second) == []
        assert had(first) == []

    run(test)


def test_a_client_that_did_not_take_the_last_rows_is_passed_over_and_then_gets_the_newest() -> None:
    async def test(there: There) -> None:
        slow, quick = there.join("A", "B"), there.join("A", "B")
        await there.wired()
        reader(slow).end.stuck = True
        prices = iter(range(1, 100))
        for _ in range(5):
            for symbol in ("A", "B"):
                there.push(symbol, float(next(prices)))
            there.turn(slow, quick)
        assert had(slow) == [("A", 1.0), ("B", 2.0)]
        assert len(had(quick)) == 10
        assert there.fan.conflated == 8
        assert slow.frames == []
        there.fan.catch_up()
        assert had(slow) == []
        reader(slow).end.take()
        there.fan.catch_up()
        assert had(slow) == [("A", 9.0), ("B", 10.0)]
        there.turn(slow)
        assert had(slow) == []

    run(test)


def test_who_was_passed_over_gets_at_its_turn_also_what_moved_before() -> None:
    async def test(there: There) -> None:
        one = there.join("A", "B", "C")
        await there.wired()
        there.push("C", 1.0)
        reader(one).end.stuck = True
        there.turn(one)
        there.push("A", 2.0)
        there.turn(one)
        reader(one).end.take()
        there.push("B", 3.0)
        there.turn(one)
        assert had(one) == [("C", 1.0), ("A", 2.0), ("B", 3.0)]

    run(test)


def test_a_wish_of_a_client_that_is_not_free_is_met_when_it_is() -> None:
    async def test(there: There) -> None:
        other = there.join("A", "B")
        await there.wired()
        there.push("A", 1.0)
        there.push("B", 2.0)
        slow = there.join("A")
        assert had(slow) == [("A", 1.0)]
        reader(slow).end.stuck = True
        reader(slow).write(b"")
        reader(slow).end.waiting = 1
        there.fan.follow(slow, ["B"])
        assert had(slow) == []
        reader(slow).end.take()
        there.fan.catch_up()
        assert ("B", 2.0) in had(slow)
        assert had(other) == []

    run(test)


def test_of_each_symbol_a_client_never_gets_an_older_row_after_a_newer_one() -> None:
    async def test(there: There) -> None:
        symbols = [f"S{number}" for number in range(20)]
        crowd = [
            there.join(*symbols[number % 10 :], every=every) for number in range(40) for every in (SLOW, 0)
        ]
        await there.wired()
        seen: list[list[tuple[Any, Any]]] = [[] for _ in crowd]
        for step in range(300):
            there.push(symbols[step * 7 % 20], float(step + 1))
            end = reader(crowd[step % len(crowd)]).end
            end.take() if end.stuck else setattr(end, "stuck", True)
            if step % 5 == 0:
                there.turn(*crowd[::2])
                await asyncio.sleep(0)
                there.fan.catch_up()
            for one, rows in zip(crowd, seen, strict=True):
                rows += had(one)
        for rows in seen:
            assert rows
            for symbol in symbols:
                prices = [price for name, price in rows if name == symbol]
                assert prices == sorted(set(prices))

    run(test)


def test_who_wants_each_push_gets_each_and_those_of_one_moment_in_one_write() -> None:
    async def test(there: There) -> None:
        one = there.join("A", every=0)
        await there.wired()
        for price in (1.0, 2.0, 3.0):
            there.push("A", price)
        await asyncio.sleep(0)
        assert len(reader(one).end.writes) == 1
        assert had(one) == [("A", 1.0), ("A", 2.0), ("A", 3.0)]

    run(test)


def test_one_that_is_stuck_holds_up_nobody_who_wants_each_push() -> None:
    async def test(there: There) -> None:
        stuck, other = there.join("A", every=0), there.join("A", every=0)
        await there.wired()
        reader(stuck).end.stuck = True
        for price in (1.0, 2.0, 3.0):
            there.push("A", price)
            await asyncio.sleep(0)
            assert had(other) == [("A", price)]
        assert had(stuck) == [("A", 1.0)]
        reader(stuck).end.take()
        there.fan.catch_up()
        assert had(stuck) == [("A", 2.0), ("A", 3.0)]

    run(test)


def test_what_waits_is_bounded_and_the_oldest_is_lost_counted_and_said() -> None:
    async def test(there: There) -> None:
        plain, told = there.join("A", every=0), there.join("A", every=0, events=True)
        await there.wired()
        for one in (plain, told):
            reader(one).end.stuck = True
        for step in range(5000):
            there.push("A", float(step + 1))
            await asyncio.sleep(0)
            assert max(sum(map(len, one.frames)) for one in (plain, told)) <= 131_072
        for one in (plain, told):
            reader(one).end.take()
        there.fan.catch_up()
        rows, (first, dropped, *rest) = had(plain), had(told)
        assert dropped == ("dropped", 5000 - 1 - len(rest))
        assert [first, *rest] == rows
        assert rows[0] == ("A", 1.0)
        # After the gap, all up to the newest.
        assert [price for _, price in rows[1:]] == [float(step) for step in range(5002 - len(rows), 5001)]
        assert there.fan.dropped == 2 * dropped[1]

    run(test)


def test_events_come_in_their_place_between_pushes() -> None:
    async def test(there: There) -> None:
        one = there.join("A", every=0, events=True)
        row = there.join("A", events=True)
        other = there.join("A", every=0)
        await there.wired()
        there.push("A", 1.0)
        there.hub.report(Gap(there.time, there.time + 5000))
        there.push("A", 2.0)
        await asyncio.sleep(0)
        assert had(one) == [("A", 1.0), ("gap", None), ("A", 2.0)]
        assert had(row) == [("gap", None)]
        assert had(other) == [("A", 1.0), ("A", 2.0)]

    run(test)


def test_a_row_that_cannot_be_written_is_reported_and_the_others_go_on() -> None:
    async def test(there: There) -> None:
        one, each = there.join("A", "B", form="2"), there.join("A", "B", form="2", every=0)
        await there.wired()
        there.push("A", 1.0, day_volume=2**70)
        there.push("B", 2.0)
        there.turn(one)
        await asyncio.sleep(0)
        assert len(reader(one).take()) == len(reader(each).take()) == 1
        assert len(there.errors) == 2
        there.errors.clear()

    run(test)


def test_symbols_are_streamed_while_somebody_follows_them_and_forgotten_with_the_last() -> None:
    async def test(there: There) -> None:
        one, other = there.join("A", "B"), there.join("B", every=0)
        await there.wired()
        there.push("B", 1.0)
        there.turn(one)
        there.fan.leave(one)
        await there.wired()
        assert there.hub.symbols == {"B"}
        there.fan.leave(other)
        await there.wired()
        fan = there.fan
        assert fan.symbols == 0
        assert not fan.followers
        kept = (fan._moved, fan._frames, fan._each, fan._wheels)
        assert not any(kept)

    run(test)


def test_a_crowd_that_comes_at_once_is_one_wish_upstream() -> None:
    async def test(there: There) -> None:
        wishes: list[frozenset[str]] = []

        class Source:
            def follow(self, symbols: frozenset[str]) -> None:
                wishes.append(symbols)

            async def run(self, _: object) -> None:
                await asyncio.Event().wait()

        running = asyncio.create_task(there.hub.run(Source()))
        await asyncio.sleep(0)
        crowd = [there.join(f"S{number % 100}") for number in range(1000)]
        await there.wired()
        assert wishes == [frozenset(), frozenset(f"S{number}" for number in range(100))]
        for follower in crowd:
            there.fan.leave(follower)
        there.fan.close()
        # It ends: what is followed is not told later.
        assert wishes[2:] == [frozenset()]
        running.cancel()

    run(test)


def test_a_crowd_is_spread_evenly_over_the_slots_also_after_some_have_left() -> None:
    async def test(there: There) -> None:
        crowd = [there.join("A", every=250) for _ in range(100)]
        slots = {follower.slot for follower in crowd}
        assert len(slots) == 250 // TURN
        assert {slot.size for slot in slots if slot} == {10}
        gone = crowd[0].slot
        for follower in [one for one in crowd if one.slot is gone]:
            there.fan.leave(follower)
        newcomers = [there.join("A", every=250) for _ in range(10)]
        assert {follower.slot for follower in newcomers} == {gone}

    run(test)


def test_each_slot_has_its_turn_and_one_that_is_empty_has_none() -> None:
    async def main() -> None:
        turns: list[Slot] = []
        full = asyncio.Event()

        def turn(slot: Slot) -> None:
            turns.append(slot)
            if len(turns) >= 6:
                full.set()

        wheel = Wheel(100, 0, turn)
        for slot in wheel.slots[:3]:
            slot.size = 1
        await asyncio.wait_for(full.wait(), 30)
        wheel.stop()
        assert turns[:6] == wheel.slots[:3] * 2

    asyncio.run(main())


def test_a_turn_that_meets_a_bug_is_reported_and_the_next_one_comes() -> None:
    async def test(there: There) -> None:
        one = there.join("A", every=50)
        broken, whole = reader(one).end.write, asyncio.Event()

        def breaks_once(data: bytes) -> None:
            reader(one).end.write = broken  # type: ignore[method-assign]
            whole.set()
            raise RuntimeError("a bug")

        await there.wired()
        reader(one).end.write = breaks_once  # type: ignore[method-assign]
        there.push("A", 1.0)
        await asyncio.wait_for(whole.wait(), 30)
        there.push("A", 2.0)
        async with asyncio.timeout(30):
            while ("A", 2.0) not in had(one):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        assert [str(error) for error in there.errors] == ["a bug"]
        there.errors.clear()

    run(test)


def test_events_are_not_lost_with_the_pushes_that_are() -> None:
    async def test(there: There) -> None:
        one = there.join("A", every=0, events=True)
        await there.wired()
        there.push("A", 1.0)
        await asyncio.sleep(0)
        assert had(one) == [("A", 1.0)]
        reader(one).end.stuck = True
        there.push("A", 1.0)
        await asyncio.sleep(0)
        told: list[Event] = [Status(Link.BACKOFF, 1, "lost"), Gap(1, 2), Status(Link.LIVE, 2)]
        for event in told:
            there.hub.report(event)
        for step in range(6000):
            there.push("A", 1.0 + step)
            await asyncio.sleep(0)
        reader(one).end.take()
        there.fan.catch_up()
        _, dropped, *said = had(one)
        assert dropped == ("dropped", there.fan.dropped)
        assert [kind for kind, _ in said[:4]] == ["status", "gap", "status", "A"]
        assert len(said) - 3 + there.fan.dropped == 6000

    run(test)


def test_who_begins_to_follow_gets_no_row_twice() -> None:
    async def test(there: There) -> None:
        first = there.join("A", "B")
        await there.wired()
        there.push("A", 1.0)
        there.push("B", 1.0)
        second = there.join("A", "B")
        assert had(second) == [("A", 1.0), ("B", 1.0)]
        there.push("B", 2.0)
        there.turn(first, second)
        assert had(first) == [("A", 1.0), ("B", 2.0)]
        assert had(second) == [("B", 2.0)]
        there.push("A", 2.0)
        there.turn(second)
        assert had(second) == [("A", 2.0)]

    run(test)


def test_where_time_begins_anew_no_row_of_before_comes_after_that() -> None:
    async def test(there: There) -> None:
        one, stuck = there.join("A", "B", events=True), there.join("A", "B", events=True)
        await there.wired()
        there.push("A", 1.0)
        there.push("B", 1.0)
        there.turn(one, stuck)
        for follower in (one, stuck):
            reader(follower).take()
        reader(stuck).end.stuck = True
        there.push("A", 2.0)
        # It is not their turn yet, and one of them is not free.
        there.hub.report(Rewound(there.time))
        there.time -= 10_000
        there.push("A", 0.5)
        reader(stuck).end.take()
        there.turn(one, stuck)
        there.fan.catch_up()
        assert had(one) == [("A", 2.0), ("rewound", None), ("A", 0.5)]
        later = had(stuck)
        assert later.index(("rewound", None)) < later.index(("A", 0.5))
        assert ("A", 2.0) not in later[later.index(("rewound", None)) :]
        # What has not been said anew is not known anew.
        assert had(there.join("B")) == []

    run(test)
