"""The hub: publishing never waits, each reader gets what it follows, the source hears the whole wish."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tickstream.core.mailbox import Changed, Every
from tickstream.core.ports import Dropped, Event, Feed, Gap, Link, Rewound, Status, Unreadable
from tickstream.core.tick import Tick, Value
from tickstream.hub import Hub

STAMP = 1_700_000_001_000


def tick(symbol: str, price: float = 1.0, time: int | None = None) -> Tick:
    said: dict[str, Value] = {"id": symbol, "price": price}
    return Tick.from_dict(said if time is None else {**said, "time": time})


class Clock:
    """Two clocks that stand still until told otherwise."""

    def __init__(self) -> None:
        self.wall, self.monotonic = STAMP / 1000, 100.0

    def hub(self) -> Hub:
        return Hub(wall=lambda: self.wall, monotonic=lambda: self.monotonic)


class Script:
    """A source that does as it is told, and remembers what was wished."""

    def __init__(self, act: Callable[[Feed], None] = lambda feed: None) -> None:
        self.wishes: list[set[str]] = []
        self._act = act

    def follow(self, symbols: frozenset[str]) -> None:
        self.wishes.append(set(symbols))

    async def run(self, feed: Feed) -> None:
        self._act(feed)


def test_a_reader_gets_what_it_follows_and_nothing_else() -> None:
    hub, one, other = Clock().hub(), Every(), Every()
    with hub.reading(["A", "B"], one), hub.reading(["B"], other):
        for symbol in "ABC":
            hub.publish(tick(symbol))
        assert one.take() == [tick("A"), tick("B")]
        assert other.take() == [tick("B")]
        assert hub.symbols == {"A", "B"}


def test_a_symbol_that_nobody_follows_is_dropped_and_counted() -> None:
    hub = Clock().hub()
    hub.publish(tick("A"))
    assert hub.counts["unfollowed"] == 1
    assert hub.meter.pushes == 0
    assert hub.board.row("A").said == {}


def test_a_reader_that_left_gets_nothing_and_its_rows_are_forgotten() -> None:
    hub, mailbox, stays = Clock().hub(), Changed(), Changed()
    with hub.reading(["B"], stays):
        with hub.reading(["A", "B"], mailbox):
            hub.publish(tick("A"))
            hub.publish(tick("B"))
            mailbox.take()
        hub.publish(tick("A"))
        hub.publish(tick("B", 2.0))
        assert not mailbox
        assert hub.symbols == {"B"}
        assert hub.board.row("A").said == {}
        assert hub.board.row("B").pushes == 2
    assert hub.symbols == frozenset()


def test_a_reader_that_fails_leaves_too() -> None:
    hub = Clock().hub()
    with pytest.raises(ZeroDivisionError), hub.reading(["A"], Every()):
        _ = 1 / 0
    assert hub.symbols == frozenset()


def test_a_reader_may_follow_something_else_later_on() -> None:
    hub, mailbox = Clock().hub(), Every()
    with hub.reading(["A", "B"], mailbox) as reading:
        reading.follow(["B", "C"])
        assert reading.follows == {"B", "C"}
        for symbol in "ABC":
            hub.publish(tick(symbol))
        assert mailbox.take() == [tick("B"), tick("C")]


def test_a_wake_that_came_before_the_wait_is_not_lost() -> None:
    async def read() -> list[str]:
        hub, mailbox = Clock().hub(), Changed()
        with hub.reading(["A"], mailbox) as reading:
            hub.publish(tick("A"))
            await reading.wait()
            return mailbox.take()

    assert asyncio.run(asyncio.wait_for(read(), 10)) == ["A"]


def test_a_reader_that_waits_is_woken_by_what_comes() -> None:
    async def read() -> list[list[str]]:
        hub, mailbox, got = Clock().hub(), Changed(), []
        with hub.reading(["A", "B"], mailbox) as reading:
            for symbols in ("A", "BA"):
                waiting = asyncio.create_task(reading.wait())
                await asyncio.sleep(0)
                assert not waiting.done()
                for symbol in symbols:
                    hub.publish(tick(symbol))
                await waiting
                got.append(mailbox.take())
        return got

    assert asyncio.run(asyncio.wait_for(read(), 10)) == [["A"], ["B", "A"]]


def test_the_source_hears_the_whole_wish_and_each_change() -> None:
    async def run() -> list[set[str]]:
        hub = Clock().hub()

        def act(feed: Feed) -> None:
            with hub.reading(["C"], Every()) as reading:
                reading.follow(["D"])

        source = Script(act)
        with hub.reading(["A"], Every()), hub.reading(["B"], Every()):
            await hub.run(source)
        return source.wishes

    assert asyncio.run(run()) == [{"A", "B"}, {"A", "B", "C"}, {"A", "B", "D"}, {"A", "B"}]


def test_after_its_run_a_source_hears_nothing_more() -> None:
    hub, source = Clock().hub(), Script()
    asyncio.run(hub.run(source))
    with hub.reading(["A"], Every()):
        pass
    assert source.wishes == [set()]


def test_a_source_that_fails_is_let_go() -> None:
    def act(feed: Feed) -> None:
        raise OSError("gone")

    hub, source = Clock().hub(), Script(act)
    with pytest.raises(OSError, match="gone"):
        asyncio.run(hub.run(source))
    with hub.reading(["A"], Every()):
        assert source.wishes == [set()]


def test_what_the_source_says_is_published_reported_and_counted() -> None:
    def act(feed: Feed) -> None:
        feed.report(Status(Link.LIVE, STAMP, mark="SIMULATED"))
        feed.publish(tick("A"))
        feed.report(Gap(1000, 3500))
        feed.report(Gap(4000, 5000))
        feed.broken(ValueError())
        feed.report(Dropped(5, STAMP))

    hub, mailbox, heard = Clock().hub(), Every(), list[Event]()
    assert hub.status == Status(Link.CONNECTING, STAMP)
    hub.watch(heard.append)
    hub.watch(mailbox.put)
    with hub.reading(["A"], mailbox):
        asyncio.run(hub.run(Script(act)))
    assert hub.status.mark == "SIMULATED"
    assert hub.missed == 3.5
    assert hub.counts == {"status": 1, "gap": 2, "dropped": 1, "broken": 1, "unreadable": 1}
    assert [event.type for event in heard] == ["status", "gap", "gap", "unreadable", "dropped"]
    items = mailbox.take()
    names = ["Status", "Tick", "Gap", "Gap", "Unreadable", "Dropped"]
    assert [type(item).__name__ for item in items] == names


def test_connections_that_are_lost_together_are_one_outage() -> None:
    hub = Clock().hub()
    for start, end in ((1000, 11_000), (1500, 11_500), (2000, 3000), (20_000, 21_000)):
        hub.report(Gap(start, end))
    assert hub.outages == 2
    assert hub.missed == 11.5


def test_what_cannot_be_read_is_said_at_once_and_then_every_ten_seconds() -> None:
    clock = Clock()
    hub, heard = clock.hub(), list[Event]()
    hub.watch(heard.append)
    for passed in (0, 1, 5, 5, 1):
        clock.monotonic += passed
        hub.broken(ValueError("broken"))
    assert [(event.count, event.reason) for event in heard if isinstance(event, Unreadable)] == [
        (1, "broken"),
        (3, "broken"),
    ]


def test_what_could_not_be_read_since_it_was_last_said_is_said_when_no_more_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts, all_of_them = list[int](), asyncio.Event()

    class Waits(Script):
        async def run(self, feed: Feed) -> None:
            await super().run(feed)
            await all_of_them.wait()
            feed.broken(ValueError())

    def act(feed: Feed) -> None:
        for _ in range(4):
            feed.broken(ValueError())

    def note(event: Event) -> None:
        assert isinstance(event, Unreadable)
        counts.append(event.count)
        if sum(counts) == 4:
            all_of_them.set()

    monkeypatch.setattr("tickstream.hub.QUIET", 0.01)
    hub = Clock().hub()
    hub.watch(note)
    asyncio.run(hub.run(Waits(act)))
    # At once, after a while, and the last with the end of the source.
    assert counts == [1, 3, 1]


def test_each_push_counts_and_only_what_is_new_and_recent_has_a_lag() -> None:
    clock = Clock()
    hub = clock.hub()
    with hub.reading(["A"], Changed()):
        lags = []
        for wait, push in (
            (0, tick("A", 1.0, STAMP - 3_600_000)),
            (2, tick("A", 2.0, STAMP)),
            (15, tick("A", 2.0, STAMP)),
        ):
            clock.wall += wait
            hub.publish(push)
            lags.append(hub.meter.lag)
    assert lags == [None, 2.0, 2.0]
    assert hub.meter.pushes == 3


def test_rows_are_kept_only_where_somebody_reads_rows() -> None:
    hub = Clock().hub()
    with hub.reading(["A"], Every()):
        hub.publish(tick("A"))
        assert hub.board.row("A").said == {}
        with hub.reading(["A"], Changed()):
            hub.publish(tick("A"))
            assert hub.board.row("A").said != {}
    assert hub.pushes == 2


def test_a_full_mailbox_costs_its_reader_and_nobody_else() -> None:
    hub, stuck, reads = Clock().hub(), Every(most=1), Every()
    with hub.reading(["A"], stuck), hub.reading(["A"], reads):
        for price in (1.0, 2.0, 3.0):
            hub.publish(tick("A", price))
    assert stuck.lost == 2
    assert len(reads.take()) == 3


def test_each_push_is_wanted_unless_all_who_read_read_rows() -> None:
    hub = Hub()
    wanted = [hub.wants_each]
    with hub.reading(["AAPL"], Changed()):
        wanted.append(hub.wants_each)
        with hub.reading(["MSFT"], Every()):
            wanted.append(hub.wants_each)
        wanted.append(hub.wants_each)
    assert wanted == [True, False, True, False]


def test_a_source_may_gather_for_longer_only_where_all_look_at_rows_and_seldom() -> None:
    hub = Hub()
    rests = [hub.rest]
    with hub.reading(["AAPL"], Changed()):
        rests.append(hub.rest)
        hub.frame = 0.5
        rests.append(hub.rest)
        with hub.reading(["MSFT"], Every()):
            rests.append(hub.rest)
    assert rests == [0.02, 0.02, 0.5 / 3, 0.02]


def test_who_waits_is_told_that_the_source_has_ended_by_itself() -> None:
    async def run() -> None:
        hub, mailbox = Clock().hub(), Every()
        with hub.reading(["A"], mailbox) as reading:
            ended = [reading.ended]
            waiting = asyncio.create_task(reading.wait())
            await hub.run(Script())
            async with asyncio.timeout(30):
                await waiting
            assert [*ended, reading.ended] == [False, True]

    asyncio.run(run())


class Replaying(Script):
    """A source with a time of its own."""

    def __init__(self, act: Callable[[Feed], None]) -> None:
        super().__init__(act)
        self.crowded: Callable[[], bool] = lambda: False

    def wall(self) -> float:
        return 1_000_000.0

    def monotonic(self) -> float:
        return 50.0


def test_in_a_replay_the_time_is_that_of_the_source_and_it_hears_when_a_reader_has_enough() -> None:
    crowded: list[bool] = []
    hub, each, rows = Clock().hub(), Every(most=4), Changed()

    def act(feed: Feed) -> None:
        for number in range(4):
            feed.publish(tick("A", float(number), 5_000 - number))
            crowded.append(source.crowded())
            if number == 2:
                feed.report(Rewound(1))

    source = Replaying(act)
    with hub.reading(["A"], each), hub.reading(["A"], rows):
        asyncio.run(hub.run(source))
        assert hub.now() == (1_000_000.0, 50.0)
        assert crowded == [False, True, True, True]
        # Older ones did not overwrite the first; the one after time began anew did.
        assert hub.board.row("A").said["price"] == 3.0
        each.take()
        assert not source.crowded()


def test_what_is_polled_is_not_for_those_who_read_pushes_alone() -> None:
    class PushesAlone(Every):
        polled = False

    hub, pushes, lines = Clock().hub(), PushesAlone(), Every()
    with hub.reading(["A"], pushes), hub.reading(["A"], lines):
        hub.publish(tick("A"), polled=True)
        assert (len(pushes.take()), len(lines.take())) == (0, 1)


def test_why_there_is_no_data_is_known_also_while_it_is_tried_again() -> None:
    hub = Clock().hub()
    assert hub.trouble == ""
    hub.report(Status(Link.CONNECTING, 1))
    hub.report(Status(Link.BACKOFF, 2, "connection refused", 1, 0.5))
    hub.report(Status(Link.CONNECTING, 3))
    assert hub.trouble == "connection refused"
    hub.report(Status(Link.LIVE, 4))
    assert hub.trouble == ""


def test_after_the_clock_was_set_back_gaps_are_counted_as_before() -> None:
    clock = Clock()
    hub = clock.hub()
    for _ in range(2):
        hub.report(Gap(int(clock.wall * 1000) - 60_000, int(clock.wall * 1000)))
        clock.wall -= 3600
    assert (hub.outages, hub.missed) == (2, 120.0)


def test_where_time_begins_anew_the_rows_do_and_whoever_watches_is_told() -> None:
    hub, told = Clock().hub(), list[Event]()
    hub.watch(told.append)
    with hub.reading(["A"], Changed()):
        for number, time in enumerate((5_000, 4_000)):
            hub.publish(tick("A", float(number), time))
        assert hub.board.row("A").said["price"] == 0.0
        hub.report(Rewound(1))
        hub.publish(tick("A", 2.0, 4_000))
        assert hub.board.row("A").said["price"] == 2.0
    assert told == [Rewound(1)]
