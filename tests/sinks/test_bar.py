"""A bar on a pipe: a line when it reads differently, the newest where it is slow."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace

from tickstream.core.bars import BARS
from tickstream.core.mailbox import Changed
from tickstream.core.ports import Fired, Gap, Link, Status
from tickstream.core.template import Template
from tickstream.core.tick import Tick
from tickstream.hub import Hub, Reading
from tickstream.sinks.bar import BarWriter
from tickstream.sinks.output import Output

LIVE = Status(Link.LIVE, 0)


class Taken(Changed):
    """A mailbox that says when it was emptied."""

    def __init__(self) -> None:
        super().__init__()
        self.emptied = asyncio.Event()

    def take(self) -> list[str]:
        self.emptied.set()
        return super().take()


class Stage:
    """A bar that writes into a pipe."""

    def __init__(self, name: str = "line", symbols: str = "A") -> None:
        self.hub, self.mailbox = Hub(), Taken()
        self.name, self.symbols = name, symbols
        self.hub.report(LIVE)

    def publish(self, price: float, symbol: str = "A") -> None:
        self.hub.publish(Tick.from_dict({"id": symbol, "price": price}))

    async def looked_at(self) -> None:
        self.mailbox.emptied.clear()
        await self.mailbox.emptied.wait()

    def run(self, act: Callable[[BarWriter, Reading], Awaitable[None]]) -> list[str]:
        """The lines that were written when `act` was over."""
        read_end, write_end = os.pipe()

        async def run() -> None:
            async with Output(write_end) as output:
                with self.hub.reading(self.symbols, self.mailbox) as reading:
                    item = Template("{id} {price}")
                    await act(BarWriter(self.hub, output, BARS[self.name], self.symbols, item), reading)
                    await output.ready()

        try:
            asyncio.run(asyncio.wait_for(run(), 30))
        finally:
            os.close(write_end)
        with os.fdopen(read_end) as lines:
            return lines.read().splitlines()


def test_a_line_is_written_when_it_reads_differently_and_for_nothing_else() -> None:
    stage = Stage(symbols="AB")

    async def act(bar: BarWriter, reading: Reading) -> None:
        writing = asyncio.create_task(bar.run(stage.mailbox, reading, 3))
        for price in (1.0, 1.0, 2.0):
            await stage.looked_at()
            stage.publish(price)
        await writing

    assert stage.run(act) == ["A …  B …", "A 1.0  B …", "A 2.0  B …"]


def test_a_burst_is_one_line_with_the_newest_price() -> None:
    stage = Stage()

    async def act(bar: BarWriter, reading: Reading) -> None:
        stage.publish(1.0)
        writing = asyncio.create_task(bar.run(stage.mailbox, reading, 2))
        await stage.looked_at()
        for price in range(2, 1000):
            stage.publish(float(price))
        await writing

    assert stage.run(act) == ["A 1.0", "A 999.0"]


def test_letters_are_those_that_there_are() -> None:
    stage = Stage("tmux", "AB")

    async def act(bar: BarWriter, reading: Reading) -> None:
        bar.write, bar.colors = (lambda text: text.replace("…", "~")), "none"
        await bar.write_once()

    assert stage.run(act) == ["A ~  B ~"]


def test_a_lost_link_is_said_and_its_prices_lose_their_colour() -> None:
    stage = Stage("tmux")

    async def act(bar: BarWriter, reading: Reading) -> None:
        stage.publish(1.0)
        await bar.write_once()
        now = stage.hub.now().wall
        stage.hub.report(replace(LIVE, state=Link.BACKOFF, time=int(now * 1000) + 1000, mark="SIMULATED"))
        stage.hub.report(Gap(0, 1))
        await bar.write_once()

    assert stage.run(act) == ["A 1.0", "#[fg=brightblack]A 1.0#[fg=default]  SIMULATED  ○ offline 0s"]


def test_an_alert_stands_out() -> None:
    stage = Stage()

    async def act(bar: BarWriter, reading: Reading) -> None:
        stage.publish(1.0)
        bar.highlights.add(Fired("A", "A>0", 0, "", {}), stage.hub.now())
        await bar.write_once()

    assert stage.run(act) == ["! A 1.0"]
