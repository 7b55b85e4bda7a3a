"""A guard sees each tick that is published: none is lost in a burst, none fires twice."""

from __future__ import annotations

import asyncio

from tickstream.api.guard import Guard
from tickstream.core.alerts import parse_alerts
from tickstream.core.mailbox import Changed, Every
from tickstream.core.ports import Fired, Link, Rewound, Status
from tickstream.core.tick import Tick, Value
from tickstream.hub import Hub

STAMP = 1_700_000_000_000


class Stage:
    """A hub with clocks that stand still, somebody who reads, and what fired."""

    def __init__(self, *texts: str) -> None:
        self.wall = STAMP / 1000
        self.hub = Hub(wall=lambda: self.wall, monotonic=lambda: self.wall)
        self.fired: list[Fired] = []
        self.guard = Guard(self.hub, parse_alerts(texts), self.fired.append)

    def publish(self, symbol: str, price: float, time: int | None = None) -> None:
        said: dict[str, Value] = {"id": symbol, "price": price}
        self.hub.publish(Tick.from_dict(said | ({"time": time} if time else {})))


def test_of_fifty_thousand_ticks_in_one_go_each_crossing_fires_once() -> None:
    stage = Stage("A>100", "A<90", "B±3%", "C>1")
    crossings = 5000
    # A mailbox that is full loses most of them, as a table that is paused does; an alert none.
    with stage.hub.reading("AB", Every(most=10)), stage.hub.reading("C", Changed()):
        for at in range(crossings):
            for price in (95.0, 101.0, 102.0, 95.0, 89.0):
                stage.publish("A", price, STAMP + at)
            for price in (95.0, 95.1, 95.2, 95.3, 0.5):
                stage.publish("B", price)
        stage.publish("C", 2.0)
    counts = [sum(fired.alert == alert for fired in stage.fired) for alert in ("A>100", "A<90", "C>1")]
    assert stage.hub.pushes == 50_001
    assert counts == [crossings, crossings, 1]
    assert len(stage.fired) == 2 * crossings + 1


def test_a_symbol_without_alerts_costs_nothing() -> None:
    asked = list[str]()
    hub = Hub()
    hub.guard(["A"], lambda tick: asked.append(tick.id))
    with hub.reading("AB", Every()):
        hub.publish(Tick.from_dict({"id": "B", "price": 1.0}))
        hub.publish(Tick.from_dict({"id": "A", "price": 1.0}))
    assert asked == ["A"]


def test_readers_have_the_tick_before_its_alert_and_hear_of_the_alert() -> None:
    stage, mailbox = Stage(), Every()
    Guard(stage.hub, parse_alerts(["A>1"]), stage.hub.report)
    stage.hub.watch(mailbox.put)
    with stage.hub.reading("A", mailbox):
        stage.publish("A", 2.0)
    assert [type(item) for item in mailbox.take()] == [Tick, Fired]
    assert stage.hub.counts["alert"] == 1


def test_what_is_not_real_is_marked() -> None:
    stage = Stage("A>1", "A>2", "A>3")
    with stage.hub.reading("A", Every()):
        stage.publish("A", 1.5)
        stage.hub.report(Status(Link.LIVE, STAMP, mark="SIMULATED"))
        stage.publish("A", 2.5)
        stage.guard.mark = lambda: "POLL"
        stage.hub.judge(Tick.from_dict({"id": "A", "price": 3.5}))
    assert [fired.mark for fired in stage.fired] == ["", "SIMULATED", "POLL"]
    assert str(stage.fired[1]).endswith(" [SIMULATED]")


def test_with_a_guard_each_push_is_wanted_of_a_server() -> None:
    hub = Hub()
    with hub.reading("A", Changed()):
        assert not hub.wants_each
        Guard(hub, parse_alerts(["A>1"]), lambda fired: None)
        assert hub.wants_each


def test_silence_is_found_out_by_the_clock() -> None:
    async def run() -> None:
        stage, fired = Stage(), asyncio.Queue[Fired]()
        guard = Guard(stage.hub, parse_alerts(["A stale 60s"]), fired.put_nowait)
        stage.wall += 61
        clock = asyncio.create_task(guard.run())
        assert (await fired.get()).message == "A stale 60s: nothing new for 1m"
        clock.cancel()

    asyncio.run(asyncio.wait_for(run(), 30))


def test_other_alerts_are_guarded_from_then_on_and_see_what_was_said_before() -> None:
    async def main() -> None:
        stage, silent = Stage(), asyncio.Event()
        fired = list[str]()

        def fire(what: Fired) -> None:
            fired.append(what.alert)
            if what.alert == "B stale 2s":
                silent.set()

        guard = Guard(stage.hub, parse_alerts(["A>100"]), fire)
        clock = asyncio.create_task(guard.run())
        with stage.hub.reading("AB", Changed()):
            stage.publish("A", 101.0)
            stage.publish("B", 5.0)
            await asyncio.sleep(0)
            guard.follow(parse_alerts(["B>1", "B stale 2s"]))
            stage.publish("A", 99.0)
            stage.publish("A", 101.0)
            assert fired == ["A>100", "B>1"]
            stage.wall += 10
            await asyncio.wait_for(silent.wait(), 30)
        clock.cancel()

    asyncio.run(main())


def test_where_time_begins_anew_alerts_do_too() -> None:
    stage = Stage("A>100", "A stale 10s")
    with stage.hub.reading("A", Changed()):
        for _ in range(2):
            for number in range(30):
                stage.publish("A", 95.0 + number, STAMP + number * 1000)
                stage.wall += 1
            stage.wall = STAMP / 1000
            stage.hub.report(Rewound(STAMP))
    assert [fired.alert for fired in stage.fired] == ["A>100"] * 2
