"""A guard: alerts that are evaluated as ticks are published, and by the clock where only time passes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

from tickstream.core.alarms import Alarms
from tickstream.core.alerts import Alert
from tickstream.core.ports import Event, Fired, Rewound
from tickstream.core.tick import Tick
from tickstream.hub import Hub

__all__ = ["Guard"]

CLOCK = 1.0
"""Seconds between two looks at what comes true by the time that passes."""


class Guard:
    """Calls `fired` for each alert that comes true in `hub`, from now on, before publishing goes on."""

    def __init__(self, hub: Hub, alerts: Iterable[Alert], fired: Callable[[Fired], None]) -> None:
        self._hub, self._fired = hub, fired
        self._alarms = Alarms()
        self._changed = asyncio.Event()
        self.mark: Callable[[], str] = lambda: hub.status.mark
        """What the data must be marked as."""
        hub.watch(self._hear)
        self.follow(alerts)

    def follow(self, alerts: Iterable[Alert]) -> None:
        """Watch over just these from now on; one that stays knows whether it has fired."""
        before = self._alarms.symbols
        self._alarms.follow(alerts, self._hub.now())
        self._hub.guard(self._alarms.symbols, self._see)
        self._changed.set()
        for symbol in self._alarms.symbols - before:
            # What was said before counts too, as the range of the day.
            if said := self._hub.board.row(symbol).said:
                self._see(Tick.from_dict(said))

    async def run(self) -> None:
        """Look at the clock until cancelled."""
        while True:
            while self._alarms.needs_clock:
                await asyncio.sleep(CLOCK)
                self._say(self._alarms.pass_time(self._hub.now()))
            self._changed.clear()
            await self._changed.wait()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Rewound):
            self._alarms.rewind(self._hub.now())

    def _see(self, tick: Tick) -> None:
        self._say(self._alarms.see(tick, self._hub.now()))

    def _say(self, all_fired: Iterable[Fired]) -> None:
        for fired in all_fired:
            self._fired(replace(fired, mark=self.mark()))
