"""Words: one change a line, for those who listen. Nothing that was written is ever touched again.

A line takes seconds to be read aloud, so there is one every few seconds and not
one a push: symbols take turns, and each says its newest price when its turn
comes. A price that was told is not told again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from tickstream.core.board import Now, Row
from tickstream.core.cells import OLD, digits_of
from tickstream.core.figures import number_text, tone_of
from tickstream.core.mailbox import Changed
from tickstream.core.tick import MarketHours
from tickstream.hub import Hub, Reading
from tickstream.sinks.output import Output

__all__ = ["PAUSE", "WordWriter", "sentence_of"]

PAUSE = 3.0
"""Seconds between two lines."""

_SESSIONS = {
    MarketHours.PRE_MARKET: "before the market opens",
    MarketHours.POST_MARKET: "after hours",
    MarketHours.EXTENDED_HOURS_MARKET: "out of hours",
    MarketHours.OVERNIGHT_MARKET: "overnight",
}
_WAYS = {"up": "up", "down": "down", "flat": "unchanged"}
_HUNDREDTHS = {"GBp": " pence", "GBX": " pence", "ZAc": " cents", "ILA": " agorot"}
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"))


def sentence_of(row: Row, now: Now, mark: str = "", name: str = "") -> str:
    """What a row says, in words; how old it is where it is old, and what it must be marked as.

    `name` is said for its symbol, where it has one.
    """
    price, percent = row.number("price"), row.number("change_percent")
    unit = _HUNDREDTHS.get(str(row.said.get("currency")), "")
    parts = [f"{name or row.symbol} {number_text(price, digits_of(row.said))}{unit}"]
    way = _WAYS.get(tone_of(percent), "")
    if percent is not None:
        parts.append(way if way == "unchanged" else f"{way} {abs(percent):.2f} percent")
    if row.is_extended:
        parts.append(_SESSIONS.get(row.said.get("market_hours"), "out of hours"))  # type: ignore[call-overload]
    age = row.age(now)
    if age is not None and age >= OLD:
        parts.append(f"{_age_words(age)} old")
    return ", ".join([*parts, *mark.lower().split()])


def _age_words(seconds: float) -> str:
    size, name = next(unit for unit in _UNITS if seconds >= unit[0])
    count = int(seconds // size)
    return f"{count} {name}{'s' if count != 1 else ''}"


class WordWriter:
    """Writes what changes to an output, a line at a time; `mark` says what the data must be marked as.

    Symbols that have one of `names` are called by it.
    """

    def __init__(
        self,
        hub: Hub,
        output: Output,
        mark: Callable[[], str] = str,
        *,
        names: Mapping[str, str] | None = None,
        write: Callable[[str], str] = str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._hub, self._output, self._mark = hub, output, mark
        self._names, self._write, self._sleep = names or {}, write, sleep
        self._waiting: dict[str, None] = {}
        """The symbols that have something to say, in the order of their turns."""
        self._told: dict[str, tuple[object, object]] = {}

    def moved(self, symbols: Iterable[str]) -> None:
        """These symbols said something, in a snapshot too."""
        self._waiting.update(dict.fromkeys(symbols))

    async def write_all(self, mailbox: Changed, reading: Reading, count: int | None = None) -> None:
        """A line for each change: until cancelled, `count` lines are written, or the source has ended."""
        left = count
        while left is None or left > 0:
            self.moved(mailbox.take())
            row = self._next()
            if row is None:
                if reading.ended:
                    break
                await reading.wait()
                continue
            await self._output.ready()
            # It is the newest price that is told, also after waiting for a slow reader.
            line = sentence_of(row, self._hub.now(), self._mark(), self._names.get(row.symbol, ""))
            self._output.write(f"{self._write(line)}\n".encode("utf-8", "replace"))
            left = None if left is None else left - 1
            if left != 0:
                await self._sleep(PAUSE)
        await self._output.ready()

    def _next(self) -> Row | None:
        """The row whose turn it is; None where nobody has anything to say."""
        while self._waiting:
            symbol = next(iter(self._waiting))
            del self._waiting[symbol]
            row = self._hub.board.row(symbol)
            news = row.said.get("price"), row.said.get("market_hours")
            if news[0] is not None and news != self._told.get(symbol):
                self._told[symbol] = news
                return row
        return None
