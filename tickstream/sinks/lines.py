"""Lines: each push as it came, as NDJSON, as CSV, or aligned for people.

Lines are pushes and nothing else, in the order they came. A reader that is too
slow loses the oldest ticks, which are counted and said, never the connection.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tickstream.core.cells import digits_of
from tickstream.core.figures import number_text, tone_of
from tickstream.core.jsontext import json_lines
from tickstream.core.ports import Dropped
from tickstream.core.template import Template
from tickstream.core.tick import FIELDS, MarketHours, Tick, Value
from tickstream.hub import Hub, Reading
from tickstream.sinks.backlog import Backlog
from tickstream.sinks.output import Data, Output

if TYPE_CHECKING:
    from tickstream.sinks.paint import Painter

__all__ = ["Format", "LineWriter", "csv_format", "json_format", "plain_format", "template_format"]


class Format:
    """How ticks become lines; `header` comes before all of them."""

    def __init__(self, lines: Callable[[Sequence[Tick]], bytes], header: bytes = b"") -> None:
        self.lines, self.header = lines, header


json_format = Format(lambda ticks: json_lines([tick.said for tick in ticks]))


def csv_format(fields: Sequence[str] = tuple(FIELDS)) -> Format:
    """A line a tick with these fields; empty means not said."""

    def lines(ticks: Sequence[Tick]) -> bytes:
        return _csv_lines([_csv_text(tick.said.get(field)) for field in fields] for tick in ticks)

    return Format(lines, _csv_lines([list(fields)]))


def _csv_lines(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _csv_text(value: Value | None) -> str:
    if isinstance(value, list):
        value = " ".join(value)
    if isinstance(value, str):
        # A spreadsheet takes such a cell for a formula (CWE-1236); ^GSPC and the like are harmless.
        return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return "" if value is None else repr(value)


def template_format(template: Template, write: Callable[[str], str] = str) -> Format:
    """A line a tick, as `template` says."""
    return Format(
        lambda ticks: "".join(f"{write(template.of(tick.said))}\n" for tick in ticks).encode(
            "utf-8", "replace"
        )
    )


def plain_format(mark: Callable[[], str] = str, painter: Painter | None = None) -> Format:
    """Aligned for people; `mark` says what the data must be marked as, if anything."""

    def paint(text: str, tone: str) -> str:
        return painter.paint(text, tone) if painter else text

    def line(tick: Tick) -> str:
        digits, percent = digits_of(tick.said), tick.change_percent
        tone = tone_of(percent if tick.change is None else tick.change)
        cells = (
            f"{_stamp(tick.time):<20}",
            f"{tick.id:<10}",
            f"{number_text(tick.price, digits):>12}",
            paint(f"{number_text(tick.change, digits, sign=True):>11}", tone),
            paint(f"{'' if percent is None else f'{percent:+.2f}%':>9}", tone),
            f"{_session_name(tick.market_hours):<9}",
            mark(),
        )
        return "  ".join(cells).rstrip() + "\n"

    return Format(lambda ticks: "".join(map(line, ticks)).encode("utf-8", "replace"))


def _stamp(time: int | None) -> str:
    if time is None:
        return ""
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _session_name(hours: int | None) -> str:
    names = {0: "pre", 1: "regular", 2: "post", 3: "extended", 4: "overnight"}
    return "" if hours is None else names.get(hours, f"session {hours}")


assert set(MarketHours) == {0, 1, 2, 3, 4}, "a session without a name"


class LineWriter:
    """Writes what a backlog has to an output, as fast as that takes it."""

    def __init__(self, hub: Hub, output: Output, form: Format) -> None:
        self._hub, self._output, self._format = hub, output, form
        self._said_lost, self._said_at = 0, float("-inf")

    async def write_rows(self, ticks: Iterable[Tick]) -> None:
        """The header and these ticks."""
        await self._write(self._format.header + self._format.lines(list(ticks)))
        await self._output.ready()

    async def write_all(self, backlog: Backlog, reading: Reading) -> None:
        """All that comes, until cancelled, until the backlog is complete, or until the source has ended."""
        await self._write(self._format.header)
        try:
            while not backlog.complete:
                await reading.wait()
                while backlog:
                    await self._until_ready(backlog)
                    # All at once: a burst fills it as fast as it is emptied by any fixed number.
                    lines, _ = backlog.take()
                    await self._write(lines)
                    self._say_lost(backlog, every=1.0)
                if reading.ended:
                    break
            await self._output.ready()
        except asyncio.CancelledError:
            # Ended as asked, while lines were waiting; a reader that is gone is no slow one.
            rest, ticks = backlog.take()
            if rest and not await self._output.leave(rest):
                backlog.lost += ticks
            self._say_lost(backlog, every=0.0)
            raise
        self._say_lost(backlog, every=0.0)

    async def _write(self, data: Data) -> None:
        await self._output.ready()
        self._output.write(data)

    async def _until_ready(self, backlog: Backlog) -> None:
        """Wait for the reader, and go on saying what it costs."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    return await self._output.ready()
            self._say_lost(backlog, every=1.0)

    def _say_lost(self, backlog: Backlog, *, every: float) -> None:
        """Say how many ticks were lost since this was last said, at most once in `every` seconds."""
        now = self._hub.now()
        lost = backlog.lost - self._said_lost
        if lost and now.monotonic - self._said_at >= every:
            self._said_lost, self._said_at = backlog.lost, now.monotonic
            self._hub.report(Dropped(lost, int(now.wall * 1000)))
