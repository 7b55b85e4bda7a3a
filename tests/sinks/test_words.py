"""Words for those who listen: one change a line, each symbol in its turn, no more than can be heard."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

import pytest

from tickstream.core.board import Now, Row
from tickstream.core.mailbox import Changed
from tickstream.core.tick import Tick, Value
from tickstream.hub import Hub, Reading
from tickstream.sinks.output import Output
from tickstream.sinks.words import PAUSE, WordWriter, sentence_of

NOW = Now(1_700_000_000.0, 1000.0)


def row_of(ago: float = 0.0, **said: Value) -> Row:
    row = Row("AAPL")
    row.said.update(said)
    row.fresh = Now(NOW.wall - ago, NOW.monotonic - ago)
    return row


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (row_of(price=207.72), "AAPL 207.72"),
        (row_of(price=207.72, change_percent=-1.67), "AAPL 207.72, down 1.67 percent"),
        (row_of(price=207.72, change_percent=1.67), "AAPL 207.72, up 1.67 percent"),
        (row_of(price=207.72, change_percent=0.0), "AAPL 207.72, unchanged"),
        (row_of(price=71.84, currency="GBp"), "AAPL 71.84 pence"),
        (row_of(price=0.00001234, price_hint=2), "AAPL 0.00001234"),
        (row_of(price=1.5, market_hours=2), "AAPL 1.50, after hours"),
        (row_of(price=1.5, market_hours=0), "AAPL 1.50, before the market opens"),
        (row_of(price=1.5, market_hours=9), "AAPL 1.50, out of hours"),
        (row_of(59, price=1.5), "AAPL 1.50"),
        (row_of(60, price=1.5), "AAPL 1.50, 1 minute old"),
        (row_of(7200, price=1.5), "AAPL 1.50, 2 hours old"),
        (row_of(200_000, price=1.5), "AAPL 1.50, 2 days old"),
    ],
)
def test_a_row_is_said_in_words(row: Row, sentence: str) -> None:
    assert sentence_of(row, NOW) == sentence
    assert sentence_of(row, NOW, "SIMULATED POLL") == f"{sentence}, simulated, poll"
    assert sentence_of(row, NOW, name="Apple") == sentence.replace("AAPL", "Apple")


class Stage:
    """A writer into a pipe, whose pauses end when they are told to."""

    def __init__(self) -> None:
        self.hub = Hub(wall=lambda: NOW.wall, monotonic=lambda: NOW.monotonic)
        self.mailbox = Changed()
        self.pauses: list[float] = []
        self.go_on = asyncio.Event()
        self.paused = asyncio.Event()

    def publish(self, symbol: str, price: float, **said: Value) -> None:
        self.hub.publish(Tick.from_dict({"id": symbol, "price": price, **said}))

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.paused.set()
        await self.go_on.wait()
        self.go_on.clear()

    async def until_paused(self) -> None:
        await self.paused.wait()
        self.paused.clear()


def written(
    act: Callable[[Stage, WordWriter], Awaitable[None]],
    count: int | None = None,
    write: Callable[[str], str] = str,
) -> tuple[list[str], Stage]:
    """The lines that were written while `act` went on, and after that up to `count`."""
    stage: Stage
    reader, writing = os.pipe()

    async def main() -> Stage:
        stage = Stage()
        async with Output(writing) as output:
            with stage.hub.reading(("A", "B"), stage.mailbox) as reading:
                writer = WordWriter(stage.hub, output, lambda: "SIMULATED", write=write, sleep=stage.sleep)
                await work(stage, writer, reading)
        return stage

    async def work(stage: Stage, writer: WordWriter, reading: Reading) -> None:
        task = asyncio.create_task(writer.write_all(stage.mailbox, reading, count))
        await act(stage, writer)
        if count is None:
            task.cancel()
        await asyncio.wait([task], timeout=20)
        assert task.done()

    try:
        stage = asyncio.run(asyncio.wait_for(main(), 30))
        os.close(writing)
        with os.fdopen(reader, encoding="utf-8", closefd=False) as pipe:
            return pipe.read().splitlines(), stage
    finally:
        os.close(reader)


def test_between_two_lines_there_is_a_pause_and_each_says_the_newest_price_of_the_next_in_turn() -> None:
    async def act(stage: Stage, writer: WordWriter) -> None:
        stage.publish("A", 1.0)
        stage.publish("B", 2.0)
        await stage.until_paused()
        stage.publish("A", 1.5)
        stage.publish("A", 1.75)
        stage.publish("B", 2.5)
        for _ in range(2):
            stage.go_on.set()
            await stage.until_paused()

    lines, stage = written(act)
    assert lines == ["A 1.00, simulated", "B 2.50, simulated", "A 1.75, simulated"]
    assert stage.pauses == [PAUSE] * 3


def test_a_price_that_was_told_is_not_told_again_and_another_session_is() -> None:
    async def act(stage: Stage, writer: WordWriter) -> None:
        stage.publish("A", 1.0, market_hours=1)
        await stage.until_paused()
        stage.publish("A", 1.0, market_hours=1, day_volume=5)
        stage.go_on.set()
        stage.publish("B", 2.0)
        await stage.until_paused()
        stage.publish("A", 1.0, market_hours=2)
        stage.go_on.set()
        await stage.until_paused()

    assert written(act)[0] == ["A 1.00, simulated", "B 2.00, simulated", "A 1.00, after hours, simulated"]


def test_what_a_snapshot_said_is_told_too_and_what_has_no_price_is_not() -> None:
    async def act(stage: Stage, writer: WordWriter) -> None:
        stage.hub.board.row("B").said["price"] = 2.0
        writer.moved(["A", "B"])
        stage.mailbox.wake()
        await stage.until_paused()

    assert written(act)[0] == ["B 2.00, simulated"]


def test_it_ends_after_so_many_lines_without_a_last_pause() -> None:
    async def act(stage: Stage, writer: WordWriter) -> None:
        stage.publish("A", 1.0)
        await stage.until_paused()
        stage.publish("A", 2.0)
        stage.go_on.set()

    lines, stage = written(act, count=2)
    assert lines == ["A 1.00, simulated", "A 2.00, simulated"]
    assert stage.pauses == [PAUSE]


def test_a_line_is_written_as_it_is_asked_to_be() -> None:
    async def act(stage: Stage, writer: WordWriter) -> None:
        stage.publish("A", 1.0)
        await stage.until_paused()

    assert written(act, write=str.upper)[0] == ["A 1.00, SIMULATED"]
