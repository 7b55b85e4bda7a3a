"""A bar: one line for all symbols, written again when it reads differently, no faster than bars can show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from tickstream.core.bars import Bar, Entry, entry_of, notes_of
from tickstream.core.board import Now, Row
from tickstream.core.mailbox import Changed
from tickstream.core.template import Template
from tickstream.hub import Hub, Reading
from tickstream.sinks.highlights import Highlights
from tickstream.sinks.output import Output

__all__ = ["BarWriter"]

REST = 0.25
"""Least seconds between two lines."""


class BarWriter:
    """Writes what `bar` reads about `symbols`; a reader that is slow gets the newest line."""

    def __init__(
        self, hub: Hub, output: Output, bar: Bar, symbols: Sequence[str], template: Template | None = None
    ) -> None:
        self._hub, self._output, self._bar, self._symbols = hub, output, bar, symbols
        self._item = template or Template(bar.item)
        self._written = ""
        self.colors = "green-up"
        self.write: Callable[[str], str] = str
        """What becomes of each text before it is written."""
        self.highlights = Highlights()

    def line(self) -> str:
        """The line as it is now."""
        hub, now = self._hub, self._hub.now()
        entries = [self._entry(hub.board.row(symbol), now) for symbol in self._symbols]
        notes = notes_of(hub.status, hub.down_since, hub.status.mark, now)
        entries = [replace(entry, text=self.write(entry.text)) for entry in entries]
        notes = [note._replace(text=self.write(note.text)) for note in notes]
        return self._bar.line(entries, notes, self.colors)

    def _entry(self, row: Row, now: Now) -> Entry:
        return entry_of(
            row,
            self._item,
            now,
            alert=self.highlights.is_lit(row.symbol, now),
            cut_off=self._hub.cut_off(row),
        )

    async def run(self, mailbox: Changed, reading: Reading, count: int | None = None) -> None:
        """Write until cancelled, until there were `count` lines, or until the source has ended."""
        await self._write(self._bar.header)
        left = count
        while left is None or left > 0:
            mailbox.take()
            if (line := self.line()) != self._written:
                self._written = line
                await self._write(f"{line}\n")
                left = None if left is None else left - 1
                await asyncio.sleep(REST)
            if reading.ended and not mailbox:
                break
            with suppress(TimeoutError):
                # An age, and how long the link is lost, read differently each second.
                async with asyncio.timeout(1.0):
                    await reading.wait()
        await self._output.ready()

    async def write_once(self) -> None:
        """The header and the line as it is now."""
        await self._write(f"{self._bar.header}{self.line()}\n")
        await self._output.ready()

    async def _write(self, text: str) -> None:
        await self._output.ready()
        self._output.write(text.encode("utf-8", "replace"))
