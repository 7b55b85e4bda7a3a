"""The hub: every tick passes here once, on its way from a source to whoever reads.

Publishing never waits. A reader has a mailbox with a loss policy of its own
(core/mailbox), is found by symbol, and is woken when its mailbox stops being
empty. A symbol that nobody follows is dropped and counted.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from tickstream.core.board import FRESH, Board, Now, Row
from tickstream.core.pace import Meter
from tickstream.core.ports import Event, Gap, Link, Mailbox, Replay, Rewound, Source, Status, Unreadable
from tickstream.core.text import clean
from tickstream.core.tick import Tick

__all__ = ["Hub", "Reading"]

QUIET = 10.0
"""Seconds between two reports of messages that could not be read."""

SET_BACK = 5_000
"""Milliseconds by which a gap may end later than it is here, as by another machine's clock."""

REST = 0.02
"""Seconds for which a source may gather ticks in any case."""

Watcher = Callable[[Event], None]
Judge = Callable[[Tick], None]


class Waking(Mailbox, Protocol):
    """A mailbox that calls `wake` when it stops being empty."""

    wake: Callable[[], None]


class Reading:
    """One reader's place in the hub: what it follows, and where it waits until its mailbox has something."""

    def __init__(self, hub: Hub, mailbox: Waking) -> None:
        self._hub, self._mailbox = hub, mailbox
        self._event = asyncio.Event()
        self._follows: frozenset[str] = frozenset()
        mailbox.wake = self.wake

    @property
    def follows(self) -> frozenset[str]:
        return self._follows

    @property
    def ended(self) -> bool:
        """Whether the source has ended, as a tape does: what is in the mailbox is the last."""
        return self._hub.ended

    def follow(self, symbols: Iterable[str]) -> None:
        """Read just these symbols from now on: the whole wish, not the difference."""
        before, self._follows = self._follows, frozenset(symbols)
        self._hub.rewire(self._mailbox, self._follows - before, before - self._follows)

    def wake(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        """Until woken; a wake that came before is not lost."""
        await self._event.wait()
        self._event.clear()


class Hub:
    """Publishes ticks to mailboxes and events to watchers, and keeps the board."""

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.board = Board()
        self.meter = Meter()
        self.counts: Counter[str] = Counter()
        """How often each event was reported; how many messages were `broken`, `unfollowed`, values `odd`."""
        self.outages = 0
        self.missed = 0.0
        """Seconds in which something could not be received, after there had been data."""
        self._missed_until = 0
        self.status = Status(Link.CONNECTING, int(wall() * 1000))
        self.trouble = ""
        """What was last said of why the link is not live; empty while it is."""
        self._wall, self._monotonic = wall, monotonic
        self.down_since: float | None = None
        """Since when the link is not live, by the wall clock; None while it is."""
        self.heard: set[str] = set()
        """The symbols that were ever pushed, of those that somebody reads."""
        self.pushes = 0
        """Pushes of symbols that somebody reads."""
        self.frame = 0.0
        """Seconds between two looks of who reads rows, where it is known."""
        self._readers: dict[str, tuple[Mailbox, ...]] = {}
        self._each: tuple[Mailbox, ...] = ()
        """The mailboxes that are for each tick, and not for rows."""
        self._boarded: set[str] = set()
        """Symbols of which somebody reads rows; of the others none are kept."""
        self._watchers: list[Watcher] = []
        self._judges: dict[str, tuple[Judge, ...]] = {}
        self._source: Source | None = None
        self.note = ""
        """What people are to be told beside the state of the link."""
        self.ended = False
        """Whether the source has ended by itself."""
        self._readings: list[Reading] = []
        self._said_broken = float("-inf"), 0
        self._why_broken = ""
        self._say_later: asyncio.TimerHandle | None = None

    def now(self) -> Now:
        return Now(self._wall(), self._monotonic())

    @property
    def symbols(self) -> frozenset[str]:
        """All symbols that somebody reads."""
        return frozenset(self._readers)

    @property
    def wants_each(self) -> bool:
        """Whether somebody reads each push, and not rows alone; where nobody reads yet, somebody may."""
        return bool(self._judges or self._each) or not self._readers

    @property
    def rest(self) -> float:
        return REST if self.wants_each else max(REST, self.frame / 3)

    def publish(self, tick: Tick, *, polled: bool = False) -> None:
        """Give a push, or what was `polled` in place of one, to all who read its symbol."""
        readers = self._readers.get(tick.id)
        if readers is None:
            self.counts["unfollowed"] += 1
            return
        self.pushes += 1
        self.heard.add(tick.id)
        if tick.dropped:
            self.counts["odd"] += tick.dropped
        if tick.id in self._boarded:
            self._lay(tick)
        for mailbox in readers:
            if mailbox.polled or not polled:
                mailbox.put(tick)
        if tick.id in self._judges:
            self.judge(tick)

    def judge(self, tick: Tick) -> None:
        """Let those who guard its symbol see `tick`, which came on another way than by a push."""
        for judge in self._judges.get(tick.id, ()):
            judge(tick)

    def guard(self, symbols: Iterable[str], judge: Judge) -> None:
        """Show each tick of just these symbols to `judge` from now on, once, after the mailboxes had it.

        Nothing is lost between them, as in a mailbox that is full: alerts are
        evaluated so. What they guard somebody has to read.
        """
        wanted = frozenset(symbols)
        for symbol in wanted.union(self._judges):
            others = tuple(other for other in self._judges.get(symbol, ()) if other != judge)
            judges = (*others, judge) if symbol in wanted else others
            if judges:
                self._judges[symbol] = judges
            else:
                self._judges.pop(symbol, None)

    def _lay(self, tick: Tick) -> None:
        now = self.now()
        self.meter.count(now.monotonic)
        if self.board.apply(tick, now):
            stamp = tick.said.get("time")
            if isinstance(stamp, int) and now.wall - stamp / 1000 <= FRESH:
                self.meter.saw(stamp, now.wall)

    def report(self, event: Event) -> None:
        self.counts[event.type] += 1
        if isinstance(event, Status):
            self.status = event
            live = event.state is Link.LIVE
            # Each try begins without a reason, and that of the one before is still why there is no data.
            self.trouble = "" if live else event.reason or self.trouble
            if live:
                self.down_since = None
            elif self.down_since is None:
                self.down_since = event.time / 1000
        elif isinstance(event, Gap):
            self._miss(event)
        elif isinstance(event, Rewound):
            self.board.rewind()
        for watcher in self._watchers:
            watcher(event)

    def cut_off(self, row: Row) -> bool:
        """Whether the link is lost, and was after all that is known of a row."""
        return self.down_since is not None and row.fresh is not None and row.fresh.wall < self.down_since

    def _miss(self, gap: Gap) -> None:
        """Several connections that were lost together are one outage."""
        if self.now().wall * 1000 + SET_BACK < self._missed_until:
            self._missed_until = 0  # the clock was set back since
        if gap.start >= self._missed_until:
            self.outages += 1
        self.missed += max(0, gap.end - max(gap.start, self._missed_until)) / 1000
        self._missed_until = max(self._missed_until, gap.end)

    def broken(self, error: Exception) -> None:
        self.counts["broken"] += 1
        self._why_broken = clean(str(error), 120)
        if self.now().monotonic - self._said_broken[0] >= QUIET:
            self._say_broken()
        elif self._say_later is None and self._source is not None:
            # There may be no further one with which these would be said.
            self._say_later = asyncio.get_running_loop().call_later(QUIET, self._say_broken)

    def _say_broken(self) -> None:
        """Say how many messages could not be read since this was last said."""
        if self._say_later is not None:
            self._say_later.cancel()
            self._say_later = None
        now, count = self.now(), self.counts["broken"] - self._said_broken[1]
        if count:
            self._said_broken = now.monotonic, self.counts["broken"]
            self.report(Unreadable(count, int(now.wall * 1000), self._why_broken))

    @contextmanager
    def reading(self, symbols: Iterable[str], mailbox: Waking) -> Iterator[Reading]:
        """Put each tick of `symbols` into `mailbox` for as long as the block lasts."""
        reading = Reading(self, mailbox)
        reading.follow(symbols)
        self._readings.append(reading)
        try:
            yield reading
        finally:
            self._readings.remove(reading)
            reading.follow(())

    def rewire(self, mailbox: Mailbox, more: Iterable[str], less: Iterable[str]) -> None:
        """Put ticks of `more` symbols into `mailbox`, of `less` no longer; tell the source."""
        for symbol in more:
            self._readers[symbol] = (*self._readers.get(symbol, ()), mailbox)
            self._settle(symbol)
        for symbol in less:
            self._readers[symbol] = tuple(other for other in self._readers[symbol] if other is not mailbox)
            self._settle(symbol)
        if not mailbox.rows:
            mailboxes = (other for readers in self._readers.values() for other in readers)
            self._each = tuple(dict.fromkeys(other for other in mailboxes if not other.rows))
        if self._source is not None:
            self._source.follow(self.symbols)

    def _settle(self, symbol: str) -> None:
        """Keep what there has to be of a symbol: readers, and a row where one of them reads rows."""
        readers = self._readers[symbol]
        if any(mailbox.rows for mailbox in readers):
            self._boarded.add(symbol)
            self.board.row(symbol)
        else:
            self._boarded.discard(symbol)
            self.board.forget(symbol)
        if not readers:
            del self._readers[symbol]
            self.heard.discard(symbol)

    def watch(self, watcher: Watcher) -> None:
        """Say each event to `watcher` from now on."""
        self._watchers.append(watcher)

    async def run(self, source: Source) -> None:
        """Publish what `source` says of the symbols that are read, until it ends or this is cancelled."""
        self._source, self.ended = source, False
        if isinstance(source, Replay):
            # What it says is old by our clocks; by its own it is as old as it was then.
            self._wall, self._monotonic = source.wall, source.monotonic
            source.crowded = self._is_crowded
        source.follow(self.symbols)
        try:
            await source.run(self)
        finally:
            self._source = None
            self._say_broken()
        self.ended = True
        for reading in self._readings:
            reading.wake()

    def _is_crowded(self) -> bool:
        return any(mailbox.crowded for mailbox in self._each)
