"""A live view: a table drawn on a screen, at most so many times a second, and only when something changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from tickstream.core.mailbox import Changed
from tickstream.hub import Hub, Reading
from tickstream.sinks.table import Table
from tickstream.sinks.terminal import Screen

__all__ = ["LiveTable"]


class LiveTable:
    """Draws `table` on `screen` until cancelled, until `count` pushes came, or until the source has ended.

    The `hints` name keys in the footer, where there is a keyboard.
    """

    def __init__(
        self,
        hub: Hub,
        table: Table,
        screen: Screen,
        *,
        fps: float = 10.0,
        hints: Callable[[], Sequence[tuple[str, str]]] = lambda: (("q", "quit"),),
    ) -> None:
        self._hub, self._table, self._screen = hub, table, screen
        self._frame = hub.frame = 1.0 / fps
        self._rates = Changed()
        self._hurry = asyncio.Event()
        self._hints = hints

    async def run(self, mailbox: Changed, reading: Reading, count: int | None = None) -> None:
        # Rates wake nobody, and are no pushes of what is watched.
        with self._hub.reading((), self._rates) as rates:
            self._draw(mailbox, rates)
            # The first prices do not wait for the end of the frame that had none.
            pause = 0.0
            while not reading.ended and (count is None or mailbox.pushes < count):
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._until_something_reads_differently()):
                        await reading.wait()
                await self._rest(pause)
                self._draw(mailbox, rates)
                pause = self._frame
            self._draw(mailbox, rates)

    def redraw(self) -> None:
        """Draw at once: the screen has another size, or was away."""
        self._hurry.set()

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        self._hurry.clear()

    def _draw(self, mailbox: Changed, rates: Reading) -> None:
        self._table.moved([*mailbox.take(), *self._rates.take()])
        # A terminal that is slow gets fewer frames; what moved meanwhile is in the next one.
        if self._screen.ready:
            width, height = self._screen.size
            hints = self._hints() if self._screen.has_keys else ()
            self._screen.draw(self._table.lines(width, height, hints))
            if rates.follows != self._table.pairs:
                rates.follow(self._table.pairs)

    def _until_something_reads_differently(self) -> float:
        """Ages and the rate read differently each second; a flash ends when it ends."""
        now = self._hub.now()
        to_next_second = 1.0 - now.wall % 1.0
        ends = self._table.flash_ends
        return to_next_second if ends is None else max(0.0, min(to_next_second, ends - now.monotonic))
