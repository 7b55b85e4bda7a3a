"""A tape as a source: each push at its own pace, marked, in the time of the tape, in whatever state it is."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from math import inf
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.streamer import Recorder
from tests.support.tapes import BEGAN, FastTime, Line, live, push, tape_bytes, write_tape
from tickstream.core.mailbox import Changed, Every
from tickstream.core.packing import packing_for
from tickstream.core.playback import Playback, parse_start
from tickstream.core.ports import Event, Gap, Link, Status, Unreadable
from tickstream.core.tape import LONGEST_LINE, Push, read_line, version_line
from tickstream.core.tick import Tick
from tickstream.errors import NotFound, SourceError, UsageError, WireError
from tickstream.hub import Hub
from tickstream.sources import check_source, check_views, open_source, open_views
from tickstream.sources.tape import is_tape
from tickstream.sources.tape.player import TapeSource
from tickstream.sources.tape.quotes import NoViews, TapeQuotes
from tickstream.sources.tape.reading import Reel, marked_as, tick_of

SECOND = 1000
THREE = (live(0, "SIMULATED"), push(0, price=1.0), push(2 * SECOND, price=2.0), push(2500, price=3.0))


def play(path: Path, playback: Playback = Playback(), *, symbols: str = "AAPL") -> tuple[Recorder, FastTime]:  # noqa: B008
    """Play a tape to its end; what it said, and the time that took."""
    feed, passed = Recorder(), FastTime()

    async def run() -> None:
        source = TapeSource(path, playback, monotonic=passed.monotonic, sleep=passed.sleep)
        source.follow(frozenset(symbols.split()))
        await source.run(feed)

    asyncio.run(run())
    return feed, passed


def prices(feed: Recorder) -> list[float | None]:
    return [tick.price for tick in feed.ticks]


# -- at its own pace


def test_pushes_come_as_they_came_when_it_was_recorded(tmp_path: Path) -> None:
    feed, passed = play(write_tape(tmp_path / "a.ndjson", *THREE))
    assert prices(feed) == [1.0, 2.0, 3.0]
    assert passed.slept == [2.0, 0.5]


@pytest.mark.parametrize(("speed", "slept"), [(10, [0.2, 0.05]), (0.5, [4.0, 1.0]), (inf, [])])
def test_it_can_be_played_faster_and_slower(tmp_path: Path, speed: float, slept: list[float]) -> None:
    feed, passed = play(write_tape(tmp_path / "a.ndjson", *THREE), Playback(speed))
    assert (prices(feed), passed.slept) == ([1.0, 2.0, 3.0], slept)


def test_a_moment_that_was_missed_is_not_made_up_for(tmp_path: Path) -> None:
    """As where a laptop slept: what follows keeps its distance."""
    path = write_tape(tmp_path / "a.ndjson", *(push(number * SECOND) for number in range(4)))
    passed = FastTime()

    class Napping(Recorder):
        def publish(self, tick: Tick) -> None:
            super().publish(tick)
            if len(self.ticks) == 2:
                passed.now += 3600

    async def run() -> None:
        source = TapeSource(path, monotonic=passed.monotonic, sleep=passed.sleep)
        source.follow(frozenset({"AAPL"}))
        await source.run(Napping())

    asyncio.run(run())
    assert passed.slept == [1.0, 1.0]


def test_it_begins_when_something_of_it_is_followed(tmp_path: Path) -> None:
    async def run() -> list[Tick]:
        feed, passed = Recorder(), FastTime()
        source = TapeSource(
            write_tape(tmp_path / "a.ndjson", *THREE), monotonic=passed.monotonic, sleep=passed.sleep
        )
        task = asyncio.create_task(source.run(feed))
        source.follow(frozenset())
        done, _ = await asyncio.wait([task], timeout=0.2)
        assert not done
        assert feed.events == []
        source.follow(frozenset({"AAPL"}))
        await task
        return feed.ticks

    assert len(asyncio.run(run())) == 3


def test_of_a_symbol_that_is_not_followed_nothing_is_said(tmp_path: Path) -> None:
    feed, _ = play(
        write_tape(tmp_path / "a.ndjson", push(0), push(1, "MSFT"), push(2, "TSLA")), symbols="MSFT A B"
    )
    assert [tick.id for tick in feed.ticks] == ["MSFT"]
    closed = feed.events[-1]
    assert isinstance(closed, Status)
    assert closed.reason == "the tape has ended; it has nothing of A, B"


def test_it_waits_while_those_who_read_have_enough(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", *(push(0, price=float(number)) for number in range(100)))

    async def run() -> None:
        hub, mailbox = Hub(), Every(most=10)
        passed = FastTime()
        source = TapeSource(path, Playback(inf), monotonic=passed.monotonic, sleep=passed.sleep)
        seen: list[float | None] = []
        with hub.reading(["AAPL"], mailbox) as reading:
            task = asyncio.create_task(hub.run(source))
            while not (reading.ended and not mailbox):
                await reading.wait()
                seen += [item.price for item in mailbox.take() if isinstance(item, Tick)]
            await task
        assert seen == [float(number) for number in range(100)]
        assert mailbox.lost == 0

    asyncio.run(run())


# -- honest


def test_it_says_that_it_is_a_replay_before_anything_else_and_what_it_was_then(tmp_path: Path) -> None:
    gap = Gap(BEGAN, BEGAN + 400)
    lost = Status(Link.BACKOFF, BEGAN + 100, "reset", 1, 2.0, "SIMULATED")
    feed, _ = play(
        write_tape(tmp_path / "a.ndjson", live(0, "SIMULATED"), (100, lost), (400, gap), push(401))
    )
    marks = [event.mark for event in feed.events if isinstance(event, Status)]
    assert marks == ["REPLAY SIMULATED"] * 3
    assert feed.states == [Link.LIVE, Link.BACKOFF, Link.CLOSED]
    assert feed.gaps == [gap]


def test_what_was_simulated_is_marked_so_from_the_beginning_to_the_end(tmp_path: Path) -> None:
    """Who is shown it before its first push has to know, and rows of it are still there when it is over."""
    path = write_tape(
        tmp_path / "a.ndjson",
        (0, Status(Link.CONNECTING, BEGAN)),
        live(1, "SIMULATED"),
        push(2),
        live(3),
        push(4),
    )
    assert marked_as(path) == "REPLAY SIMULATED"
    feed, _ = play(path)
    assert {event.mark for event in feed.events if isinstance(event, Status)} == {"REPLAY SIMULATED"}


def test_what_was_real_is_marked_as_a_replay_alone_even_where_no_state_is_on_it(tmp_path: Path) -> None:
    feed, _ = play(write_tape(tmp_path / "a.ndjson", push(0)))
    assert [(event.state, event.mark) for event in feed.events if isinstance(event, Status)] == [
        (Link.LIVE, "REPLAY"),
        (Link.CLOSED, "REPLAY"),
    ]


def read_on_a_board(
    path: Path,
    look: Callable[[Hub, FastTime], None],
    playback: Playback = Playback(),  # noqa: B008 - frozen
) -> None:
    """Play a tape to a hub, and `look` after each push, and at the end."""

    async def run() -> None:
        hub, passed = Hub(), FastTime()
        source = TapeSource(path, playback, monotonic=passed.monotonic, sleep=passed.sleep)

        class Looking(Changed):
            def put(self, tick: Tick) -> None:
                super().put(tick)
                look(hub, passed)

        with hub.reading(["AAPL", "MSFT"], Looking()):
            await hub.run(source)
            look(hub, passed)

    asyncio.run(run())


@pytest.mark.parametrize("speed", [1.0, 10.0, 0.5, inf])
def test_ages_lag_and_rate_are_those_of_the_tape_at_any_speed(tmp_path: Path, speed: float) -> None:
    path = write_tape(tmp_path / "a.ndjson", push(0, "MSFT"), push(20_000), push(61_000))
    seen: list[tuple[float | None, float | None]] = []

    def look(hub: Hub, passed: FastTime) -> None:
        ages = [hub.board.row(symbol).age(hub.now()) for symbol in ("AAPL", "MSFT")]
        seen.append(tuple(None if age is None else round(age, 3) for age in ages))  # type: ignore[arg-type]

    read_on_a_board(path, look, Playback(speed))
    # A first push counts from its own stamp, which is a tenth of a second older.
    assert seen == [(None, 0.1), (0.1, 20.1), (0.0, 61.1), (0.0, 61.1)]


def test_its_lag_is_the_one_that_was_seen(tmp_path: Path) -> None:
    lags: list[float | None] = []
    path = write_tape(tmp_path / "a.ndjson", push(0), push(1000), push(2000))
    read_on_a_board(path, lambda hub, passed: lags.append(hub.meter.lag))
    assert lags[-1] == pytest.approx(0.1, abs=0.001)


def test_between_two_records_its_time_passes_and_never_goes_past_the_next(tmp_path: Path) -> None:
    async def run() -> list[float]:
        passed = FastTime()
        seen: list[float] = []
        path = write_tape(tmp_path / "a.ndjson", push(0), push(60_000))

        async def sleep(seconds: float) -> None:
            before = passed.now
            for share in (0.0, 0.25, 1.0, 5.0) if seconds > 1 else ():
                passed.now = before + share * seconds
                seen.append(round(source.wall() - BEGAN / 1000, 3))
            passed.now = before
            await passed.sleep(seconds)

        source = TapeSource(path, Playback(10), monotonic=passed.monotonic, sleep=sleep)
        source.follow(frozenset({"AAPL"}))
        await source.run(Recorder())
        seen.append(round(source.wall() - BEGAN / 1000, 3))
        return seen

    assert asyncio.run(run()) == [0.0, 15.0, 60.0, 60.0, 60.0]


# -- from, and again


def test_it_can_be_played_from_a_time_of_day_on_and_then_says_the_state_of_then(tmp_path: Path) -> None:
    stale = Status(Link.STALE, BEGAN + 1000, "mute", mark="SIMULATED")
    path = write_tape(
        tmp_path / "a.ndjson",
        live(0),
        push(0, price=1.0),
        (1000, stale),
        push(60_000, price=2.0),
        push(61_000, price=3.0),
    )
    feed, passed = play(path, Playback(start=parse_start("09:31")))
    assert prices(feed) == [2.0, 3.0]
    assert feed.states == [Link.STALE, Link.CLOSED]
    assert [event.mark for event in feed.events if isinstance(event, Status)] == ["REPLAY SIMULATED"] * 2
    assert passed.slept == [1.0]


def test_where_it_has_nothing_from_then_on_it_says_where_it_ends(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", push(0), push(61_000))
    with pytest.raises(
        NotFound,
        match="nothing on the tape from 10:00 on: it is from 2026-09-10T09:30:00 to 2026-09-10T09:31:01 ",
    ):
        play(path, Playback(start=parse_start("10:00")))


def test_in_a_loop_it_begins_again_and_older_times_count_anew(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", live(), push(0, price=1.0), push(3000, price=2.0))
    seen: list[float | None] = []

    def look(hub: Hub, passed: FastTime) -> None:
        seen.append(hub.board.row("AAPL").number("price"))
        age = hub.board.row("AAPL").age(hub.now())
        assert age is not None
        assert age <= 0.11
        if len(seen) == 5:
            raise EOFError

    with suppress(EOFError):
        read_on_a_board(path, look, Playback(loop=True))
    assert seen == [1.0, 2.0, 1.0, 2.0, 1.0]


@pytest.mark.parametrize("states", [True, False])
def test_each_time_it_begins_that_is_said_and_that_it_is_live(tmp_path: Path, states: bool) -> None:
    path = write_tape(tmp_path / "a.ndjson", *([live()] if states else []), push(0), push(3000))

    class Twice(Recorder):
        def report(self, event: Event) -> None:
            super().report(event)
            if len([one for one in self.states if one is Link.CONNECTING]) == 2:
                raise EOFError

    heard = Twice()
    passed = FastTime()

    async def run() -> None:
        source = TapeSource(path, Playback(loop=True), monotonic=passed.monotonic, sleep=passed.sleep)
        source.follow(frozenset({"AAPL"}))
        with suppress(EOFError):
            await source.run(heard)

    asyncio.run(run())
    kinds = [str(event.state) if isinstance(event, Status) else event.type for event in heard.events]
    assert kinds == ["live", "connecting", "rewound", "live", "connecting"]


@pytest.mark.parametrize("lines", [(), (live(),)], ids=["empty", "an event"])
def test_a_loop_of_nothing_is_no_busy_one(tmp_path: Path, lines: tuple[Line, ...]) -> None:
    passed = FastTime()

    async def run() -> None:
        source = TapeSource(
            write_tape(tmp_path / "a.ndjson", *lines),
            Playback(loop=True),
            monotonic=passed.monotonic,
            sleep=passed.sleep,
        )
        source.follow(frozenset({"AAPL"}))
        task = asyncio.create_task(source.run(Recorder()))
        while not task.done() and passed.now < 1010:
            await asyncio.wait([task], timeout=0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert passed.slept == [1.0] * len(passed.slept)


# -- whatever state it is in


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_a_tape_cut_at_any_byte_opens_and_loses_at_most_what_was_hit(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.ndjson{suffix}"
    pack = packing_for(path.name).pack
    members = [
        pack(version_line(BEGAN)),
        *(pack(tape_bytes(push(n, price=float(n))).partition(b"\n")[2]) for n in range(3)),
    ]
    data = b"".join(members)
    ends = [sum(map(len, members[:number])) for number in range(1, 5)]
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        check_source(str(path))
        reel = Reel(path)
        found = [tick_of(record) for record in reel.records() if isinstance(record, Push)]
        there = max(0, sum(size >= end for end in ends) - 1)
        # The line break may be all that is missing.
        assert [tick.price for tick in found if tick] in (
            [float(n) for n in range(there)],
            [float(n) for n in range(there + 1)],
        )
        assert reel.bad <= 1


def test_lines_that_cannot_be_read_are_passed_over_counted_and_said_once(tmp_path: Path) -> None:
    broken = [b"{\n", b"\n", b"x" * (LONGEST_LINE + 5) + b"\n", b'{"at":%d,"raw":"?"}\n' % BEGAN, b"\xff\n"]
    last = tape_bytes(push(5, price=9.0)).partition(b"\n")[2]
    feed, _ = play(write_tape(tmp_path / "a.ndjson", push(0), more=[*broken, last, b'{"at":17']))
    assert prices(feed) == [100.0, 9.0]
    said = [event for event in feed.events if isinstance(event, Unreadable)]
    assert len(said) == 1
    assert said[0].reason.endswith("on the tape")
    closed = feed.events[-1]
    assert isinstance(closed, Status)
    assert closed.reason == "the tape has ended; 5 lines of it could not be read"


def test_a_line_as_long_as_a_tape_is_not_held(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson.gz", push(0), more=[b"x" * 50_000_000, b"\n"])
    reel = Reel(path)
    tracemalloc.start()
    assert len(list(reel.records())) == 1
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reel.bad == 1
    assert most < 25_000_000


def test_two_tapes_one_behind_the_other_are_one(tmp_path: Path) -> None:
    one = write_tape(tmp_path / "a.ndjson.gz", push(0, price=1.0))
    other = write_tape(tmp_path / "b.ndjson.gz", push(10, price=2.0))
    one.write_bytes(one.read_bytes() + other.read_bytes())
    assert prices(play(one)[0]) == [1.0, 2.0]


def test_what_a_tickstream_server_said_is_played_as_well(tmp_path: Path) -> None:
    said = Tick.from_dict({"id": "AAPL", "price": 1.5, "time": BEGAN})
    raw = b'{"at":%d,"raw":"{\\"id\\":\\"AAPL\\",\\"price\\":2.5}"}\n' % BEGAN
    assert prices(play(write_tape(tmp_path / "a.ndjson", (0, said), more=[raw]))[0]) == [1.5, 2.5]


@given(st.lists(st.binary(max_size=60)))
def test_whatever_is_on_it_nothing_breaks(lines: list[bytes]) -> None:
    for line in lines:
        with suppress(WireError):
            record = read_line(line)
            if isinstance(record, Push):
                tick_of(record)


junk = st.binary(min_size=1, max_size=40).map(lambda data: data.replace(b"\n", b"x") + b"!\n")


@given(
    pieces=st.lists(junk | st.integers(0, 10**6), max_size=20),
    cut=st.integers(0, 40),
    name=st.sampled_from(["a.ndjson", "a.ndjson.gz", "a.ndjson.zst"]),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_between_them_each_push_comes_and_each_bad_line_is_counted(
    tmp_path: Path, pieces: list[bytes | int], cut: int, name: str
) -> None:
    lines = [piece if isinstance(piece, bytes) else tape_line(piece) for piece in pieces]
    tail = tape_line(1)[: 1 + cut]
    reel = Reel(write_tape(tmp_path / name, more=[*lines, tail]))
    read = [record.at - BEGAN for record in reel.records()]
    assert read == [piece for piece in pieces if isinstance(piece, int)]
    assert reel.bad == sum(isinstance(piece, bytes) for piece in pieces) + 1


def tape_line(after: int) -> bytes:
    return tape_bytes(push(after)).split(b"\n", 1)[1]


def test_a_tape_that_goes_on_in_another_version_ends_with_one_line(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", push(0), more=[b'{"type":"tape","version":2,"at":1}\n'])
    with pytest.raises(UsageError, match="a tape of version 2"):
        play(path)


# -- which names stand for one


@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz", "x/a", "./a", "A.ZST", "a.tape", "a.jsonl"])
def test_a_name_that_looks_like_a_tape_is_one(name: str) -> None:
    assert is_tape(name)
    assert isinstance(open_source(name), TapeSource)


@pytest.mark.parametrize(
    "name", ["yahoo", "demo", "ws://a/b.ndjson", "yahoo+http://a/x.gz", "nosuch", "", "a\0"]
)
def test_other_names_are_not(name: str) -> None:
    assert not is_tape(name)


def test_a_file_of_any_name_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_tape(Path("monday"), push(0))
    assert is_tape("monday")
    check_source("monday")


def not_tapes(folder: Path) -> Iterator[tuple[str, str]]:
    (folder / "text.ndjson").write_text("hello\n")
    (folder / "other.ndjson").write_bytes(b'{"type":"tape","version":7,"at":1}\n')
    (folder / "noise.gz").write_bytes(b"\x1f\x8bnoise")
    os.mkfifo(folder / "pipe.ndjson")
    (folder / "folder.ndjson").mkdir()
    yield "missing.ndjson", "No such file"
    yield "text.ndjson", "is not a tape: tickstream record writes one"
    yield "noise.gz", "is not a tape"
    yield "other.ndjson", "a tape of version 7"
    yield "pipe.ndjson", "no file either"
    yield "folder.ndjson", "no file either|Is a directory"
    yield "a\0.ndjson", "cannot read the tape"


def test_what_is_no_tape_is_a_wrong_use_that_one_line_says(tmp_path: Path) -> None:
    for name, text in not_tapes(tmp_path):
        with pytest.raises(UsageError, match=text) as caught:
            check_source(str(tmp_path / name))
        assert "\n" not in str(caught.value)


def test_speed_loop_and_start_are_for_tapes_alone() -> None:
    with pytest.raises(UsageError, match="are for tapes"):
        check_source("yahoo", playback=Playback(2.0))
    check_source("yahoo")


# -- its quotes


def test_its_quotes_are_the_newest_of_each_symbol_as_old_as_its_end(tmp_path: Path) -> None:
    path = write_tape(
        tmp_path / "a.ndjson",
        live(0, "SIMULATED"),
        push(0, price=1.0, short_name="Apple", day_volume=5, currency="USD"),
        push(1000, price=2.0, change=0.5, day_volume=7),
        push(5000, "MSFT", price=3.0),
        more=[b"broken\n"],
    )

    async def run() -> None:
        quotes = open_views(str(path))
        assert isinstance(quotes, TapeQuotes)
        fetched = await quotes.fetch(["quote:AAPL", "quote:NONE", "trend:AAPL"])
        quote = fetched.values["quote:AAPL"]
        assert fetched.unknown == {"quote:NONE", "trend:AAPL"}
        said = {
            name: getattr(quote, name) for name in ("name", "price", "change", "volume", "currency", "time")
        }
        assert said == {
            "name": "Apple", "price": 2.0, "change": 0.5, "volume": 7, "currency": "USD", "time": BEGAN + 900,
        }  # fmt: skip
        assert quotes.wall() == BEGAN / 1000 + 5
        assert quotes.mark == "REPLAY SIMULATED"
        assert quotes.shortage == "1 line of the tape could not be read"

    asyncio.run(run())


def test_a_price_before_the_session_is_none_of_it(tmp_path: Path) -> None:
    path = write_tape(
        tmp_path / "a.ndjson", push(0, price=1.0, market_hours=0), push(1000, price=2.0, market_hours=0)
    )

    async def run() -> None:
        quote = (await TapeQuotes(path).fetch(["quote:AAPL"])).values["quote:AAPL"]
        assert (getattr(quote, "price"), getattr(quote, "pre_price")) == (None, 2.0)  # noqa: B009

    asyncio.run(run())


def test_where_it_has_none_of_the_symbols_it_says_which_it_has(tmp_path: Path) -> None:
    path = write_tape(tmp_path / "a.ndjson", push(0), push(1, "MSFT"))
    with pytest.raises(SourceError, match="the tape has nothing of NONE: it has AAPL, MSFT"):
        asyncio.run(TapeQuotes(path).fetch(["quote:NONE"]))


def test_a_tape_that_is_played_has_no_views_and_is_short_of_nothing() -> None:
    views = NoViews("REPLAY SIMULATED")
    fetched = asyncio.run(views.fetch(["quote:AAPL", "markettime"]))
    assert fetched.values == {"quote:AAPL": None}
    assert fetched.unknown == {"markettime"}
    assert (views.mark, views.shortage) == ("REPLAY SIMULATED", "")


def test_only_quotes_can_be_told_by_a_tape_that_is_there(tmp_path: Path) -> None:
    place = write_tape(tmp_path / "a.ndjson", push(0))
    check_views(str(place), taped=True)
    with pytest.raises(UsageError, match=r"a\.ndjson is a tape, and has ticks alone"):
        check_views(str(place))
    with pytest.raises(UsageError, match="No such file"):
        check_views(str(tmp_path / "b.ndjson"), taped=True)
