"""One frame of the table, 50 rows × 140 columns, beside rich.table.Table with the same text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from random import Random

from rich.console import Console
from rich.table import Table as RichTable

from tests.bench.measure import Row, alternate, seconds_of
from tickstream.core.columns import DEFAULT, pick_columns
from tickstream.core.float32 import float32, shorten
from tickstream.core.mailbox import Changed
from tickstream.core.tick import Tick, Value
from tickstream.hub import Hub
from tickstream.sinks.paint import Painter
from tickstream.sinks.table import Table

ROWS, WIDTH = 50, 140
SYMBOLS = [f"SYM{number:02d}" for number in range(ROWS)]
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


SAID: dict[str, Value] = {
    "id": "", "price": 0.0, "time": 0, "exchange": "NMS", "quote_type": 8, "market_hours": 1,
    "change_percent": 0.5, "day_volume": 51_234_567, "day_high": 201.0, "day_low": 99.0, "change": 0.91,
    "price_hint": 2,
}  # fmt: skip


class Market:
    """A hub with 50 symbols that push."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.mailbox = Changed()
        self._random = Random(1)
        self._time = 1_789_000_000_000
        self.reading = self.hub.reading(SYMBOLS, self.mailbox)
        self.reading.__enter__()

    def push(self, count: int) -> None:
        """The first `count` symbols say a new price."""
        self._time += 1000
        for symbol in SYMBOLS[:count]:
            price = float32(self._random.uniform(100, 200))
            self.hub.publish(
                Tick.from_dict(SAID | {"id": symbol, "price": shorten(price), "time": self._time})
            )


def rows(rounds: int) -> list[Row]:
    market = Market()
    table = Table(market.hub, SYMBOLS, pick_columns(DEFAULT), painter=Painter())
    market.push(ROWS)

    def ours(moved: int) -> Callable[[], float]:
        def frame() -> float:
            market.push(moved)

            def draw() -> None:
                table.moved(market.mailbox.take())
                table.lines(WIDTH, ROWS + 3)

            return seconds_of(draw)

        return lambda: sum(frame() for _ in range(20)) / 20 * 1e3

    cells = [
        re.split(r"\s{2,}", ESCAPES.sub("", line).strip()) for line in table.lines(WIDTH, ROWS + 3)[1:-1]
    ]

    def rich() -> float:
        def draw() -> None:
            drawn = RichTable(box=None, width=WIDTH)
            for title in cells[0]:
                drawn.add_column(title, justify="right")
            for row in cells[1:]:
                drawn.add_row(*row)
            Console(file=io.StringIO(), width=WIDTH, force_terminal=True, color_system="standard").print(
                drawn
            )

        return seconds_of(draw, 3) * 1e3

    found = alternate({"all": ours(ROWS), "ten": ours(10), "rich": rich}, rounds)
    return [
        _row("a frame of the table, all 50 rows changed, vs rich.table.Table", found, "all"),
        _row("… 10 rows changed", found, "ten"),
    ]


def _row(name: str, found: dict[str, float], ours: str) -> Row:
    return Row(
        name,
        f"{found[ours]:.2f} ms",
        f"{found['rich']:.1f} ms",
        found["rich"] / found[ours],
        ">=",
        15.0,
        30.0,
    )
