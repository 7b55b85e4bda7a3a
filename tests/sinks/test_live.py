"""A live view: drawn at the frame rate, only when something changed, and to the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

from tickstream.core.columns import DEFAULT, pick_columns
from tickstream.core.mailbox import Changed
from tickstream.core.ports import Feed
from tickstream.core.positions import Book, Lot
from tickstream.core.tick import Tick, Value
from tickstream.hub import Hub, Reading
from tickstream.sinks.live import LiveTable
from tickstream.sinks.output import Output
from tickstream.sinks.paint import Painter
from tickstream.sinks.table import Table
from tickstream.sinks.terminal import Screen

END = b"\x1b[?2026l"


class Stage:
    """A live table on a pipe, which counts as a terminal of 80 by 24."""

    def __init__(self) -> None:
        self.wall, self.monotonic = 1_700_000_000.5, 100.0
        self.hub = Hub(wall=lambda: self.wall, monotonic=lambda: self.monotonic)
        self.mailbox = Changed()
        self.book: Book | None = None
        self._pipe, self._got = -1, b""
        self._output: Output

    def publish(self, price: float, symbol: str = "AAPL", **said: Value) -> None:
        self.hub.publish(Tick.from_dict({"id": symbol, "price": price, **said}))

    async def frame(self) -> str:
        """The next frame that was drawn."""
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._pipe, readable.set)
        try:
            while END not in self._got:
                await readable.wait()
                readable.clear()
                self._got += os.read(self._pipe, 65536)
        finally:
            loop.remove_reader(self._pipe)
        # What can be read is written; that its writer knows so too may take a moment more.
        await self._output.ready()
        frame, _, self._got = self._got.partition(END)
        return frame.decode()

    def run(self, act: Callable[[LiveTable, Reading], Awaitable[None]], fps: float = 1000) -> str:
        """What was sent and not yet looked at when `act` was over."""

        async def run() -> None:
            async with Output(writing) as output:
                self._output = output
                with Screen(output) as screen, self.hub.reading(["AAPL"], self.mailbox) as reading:
                    painter, columns = Painter(color=False), pick_columns(DEFAULT)
                    table = Table(self.hub, ["AAPL"], columns, painter=painter, book=self.book)
                    await act(LiveTable(self.hub, table, screen, fps=fps), reading)
                    await output.ready()

        self._pipe, writing = os.pipe()
        try:
            asyncio.run(asyncio.wait_for(run(), 30))
        finally:
            os.close(writing)
        with os.fdopen(self._pipe, "rb") as rest:
            return (self._got + rest.read()).decode()


def test_a_source_is_told_how_often_somebody_looks() -> None:
    stage = Stage()

    async def act(live: LiveTable, reading: Reading) -> None:
        assert stage.hub.frame == 0.5

    stage.run(act, fps=2)


def test_what_is_published_is_drawn_and_nothing_else() -> None:
    stage = Stage()

    async def act(live: LiveTable, reading: Reading) -> None:
        running = asyncio.create_task(live.run(stage.mailbox, reading))
        first = await stage.frame()
        assert "AAPL" in first
        assert "SYMBOL" in first
        stage.publish(171.52)
        second = await stage.frame()
        assert "171.52" in second
        assert "SYMBOL" not in second
        running.cancel()
        await asyncio.wait([running])

    stage.run(act)


def test_a_burst_is_one_frame_with_the_newest_price() -> None:
    stage = Stage()

    async def act(live: LiveTable, reading: Reading) -> None:
        running = asyncio.create_task(live.run(stage.mailbox, reading))
        await stage.frame()
        stage.publish(0.5)
        await stage.frame()
        for number in range(1000):
            stage.publish(float(number))
            await asyncio.sleep(0)
        live.redraw()
        assert "999.00" in await stage.frame()
        running.cancel()
        await asyncio.wait([running])

    stage.run(act, fps=0.001)


def test_it_ends_when_so_many_pushes_came_and_they_are_all_drawn() -> None:
    stage = Stage()

    async def act(live: LiveTable, reading: Reading) -> None:
        running = asyncio.create_task(live.run(stage.mailbox, reading, 3))
        await stage.frame()
        for price in (1.0, 2.0, 3.25):
            assert not running.done()
            stage.publish(price)
        await running

    assert "3.25" in stage.run(act)


def test_it_ends_with_its_source_and_what_came_last_is_drawn() -> None:
    stage = Stage()

    class Ending:
        def follow(self, symbols: frozenset[str]) -> None:
            """It says what it says."""

        async def run(self, feed: Feed) -> None:
            stage.publish(7.25)

    async def act(live: LiveTable, reading: Reading) -> None:
        running = asyncio.create_task(live.run(stage.mailbox, reading))
        await stage.frame()
        await stage.hub.run(Ending())
        await running

    assert "7.25" in stage.run(act)


def test_what_came_before_it_began_counts() -> None:
    stage = Stage()

    async def act(live: LiveTable, reading: Reading) -> None:
        stage.publish(1.5)
        await live.run(stage.mailbox, reading, 1)

    assert "1.50" in stage.run(act)


def test_ages_are_drawn_again_though_nobody_says_anything() -> None:
    stage = Stage()

    async def act(live: LiveTable, reading: Reading) -> None:
        stage.publish(1.5)
        stage.wall += 0.499
        running = asyncio.create_task(live.run(stage.mailbox, reading))
        assert "0s\x1b" in await stage.frame()
        stage.wall, stage.monotonic = stage.wall + 40, stage.monotonic + 40
        assert "40s\x1b" in await stage.frame()
        running.cancel()
        await asyncio.wait([running])

    stage.run(act)


def test_it_draws_again_when_it_is_woken() -> None:
    stage = Stage()

    async def act(live: LiveTable, reading: Reading) -> None:
        running = asyncio.create_task(live.run(stage.mailbox, reading))
        await stage.frame()
        stage.hub.broken(ValueError())
        reading.wake()
        assert "1 broken" in await stage.frame()
        running.cancel()
        await asyncio.wait([running])

    stage.run(act)


def test_rates_that_positions_need_are_followed_and_are_no_pushes_of_what_is_watched() -> None:
    stage = Stage()
    stage.book = Book({"AAPL": (Lot(10, 100.0),)}, "EUR")

    async def act(live: LiveTable, reading: Reading) -> None:
        running = asyncio.create_task(live.run(stage.mailbox, reading, 2))
        await stage.frame()
        assert stage.hub.symbols == {"AAPL"}
        stage.publish(150.0, currency="USD")
        assert "USD in EUR" in await stage.frame()
        assert stage.hub.symbols == {"AAPL", "EURUSD=X"}
        stage.publish(1.25, "EURUSD=X")
        reading.wake()
        assert "1,200.00 EUR" in await stage.frame()
        assert not running.done()
        stage.publish(151.0)
        await running
        assert stage.hub.symbols == {"AAPL"}

    stage.run(act)
