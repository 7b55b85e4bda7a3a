"""A tape as a source of ticks: at its own pace, and marked as what it is.

Its time is that of the tape: while it plays, now is when the record that was
played last came, and what went by since, never past the next. So ages, lags and
rates are those that were seen when it was recorded. A tape can wait: where who
reads is too slow it does, and nothing is lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain
from math import isinf
from pathlib import Path

from tickstream.core.playback import Playback, paced
from tickstream.core.ports import Feed, Link, Rewound, Status, Unreadable
from tickstream.core.tape import Push, Record, Told, mark_replay
from tickstream.core.text import clean
from tickstream.errors import NotFound, WireError
from tickstream.sources.tape.reading import Reel, marked_as, tick_of

__all__ = ["TapeSource"]

_LATE = 1.0
"""Seconds by which it may be late; what is more is not made up for."""
_BREATH = 100
"""Records that are played without a pause, at most, where each is due at once."""
_ROOM = 0.002
"""Seconds after which it is asked again whether who reads has room."""
_BETWEEN = 1.0
"""Seconds between the end and the beginning, where it is played again."""


class TapeTime:
    """The present on a tape, by both clocks, in seconds."""

    def __init__(self, speed: float, monotonic: Callable[[], float]) -> None:
        self._speed, self._monotonic = speed, monotonic
        self._at: float | None = None
        self._passed_before = monotonic()
        self._since = 0.0
        self._ahead = 0.0

    def wall(self) -> float:
        """When what is played came; before anything is, the time that it is here."""
        return time.time() if self._at is None else self._at + self._passed()

    def monotonic(self) -> float:
        return self._passed_before + self._passed()

    def reach(self, at: int) -> None:
        """It is `at` (ms UTC) now, and stays so until it goes on."""
        seconds = at / 1000
        if self._at is not None:
            self._passed_before += max(0.0, seconds - self._at)
        self._at, self._ahead = seconds, 0.0

    def go_on(self, ahead: float) -> None:
        """Time passes, up to the next record; that is so many seconds ahead, as they pass here."""
        self._since = self._monotonic()
        self._ahead = 0.0 if isinf(self._speed) else ahead * self._speed

    def _passed(self) -> float:
        return min(self._ahead, (self._monotonic() - self._since) * self._speed) if self._ahead else 0.0


class TapeSource:
    """Plays the tape at `path`, from when something of it is followed to its end.

    Constructing it does nothing.
    """

    def __init__(
        self,
        path: Path,
        playback: Playback = Playback(),  # noqa: B008 - frozen
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._path, self._playback = path, playback
        self._monotonic, self._sleep = monotonic, sleep
        self._time = TapeTime(playback.speed, monotonic)
        self.wall, self.monotonic = self._time.wall, self._time.monotonic
        self.crowded: Callable[[], bool] = lambda: False
        self._wanted: frozenset[str] = frozenset()
        self._wished = asyncio.Event()
        self._reel = Reel(path)
        self._told_bad = False
        self._marked = False
        """Whether it was said what it is marked as."""
        self._mark = mark_replay()
        """What was simulated stays marked as that: what is old of it is still to be seen."""
        self._heard: set[str] = set()

    def follow(self, symbols: frozenset[str]) -> None:
        self._wanted = symbols
        if symbols:
            self._wished.set()

    async def run(self, feed: Feed) -> None:
        """Play it to its end, or again and again.

        Raises:
            UsageError: it is no tape, or goes on in another version.
            NotFound: it has nothing from where it was to begin.
        """
        await self._wished.wait()
        self._mark = await asyncio.to_thread(marked_as, self._path)
        while await self._play(feed) and self._playback.loop:
            self._say(feed, Status(Link.CONNECTING, self._now(), "the tape begins again"))
            feed.report(Rewound(self._now()))
            # Its own states may be those of the link, or it has none.
            self._marked = False
            await self._sleep(0.0 if isinf(self._playback.speed) else _BETWEEN)
        self._say(feed, Status(Link.CLOSED, self._now(), self._ending()))

    def _ending(self) -> str:
        """That it has ended, and what there was not."""
        text = "the tape has ended"
        if missing := sorted(self._wanted - self._heard):
            text += f"; it has nothing of {', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}"
        if bad := self._reel.bad:
            text += f"; {bad:,} line{'s' if bad != 1 else ''} of it could not be read"
        return text

    async def _play(self, feed: Feed) -> bool:
        """Play it once; whether there was anything."""
        self._reel = Reel(self._path)
        records = self._from_start(self._reel.records())
        # To find where to begin may take a while, and nobody is to wait for it.
        first = await asyncio.to_thread(next, records, None)
        if first is None:
            return False
        due, count = self._monotonic(), 0
        with closing(records):
            for wait, record in paced(chain((first,), records), self._playback.speed):
                due += wait
                due += await self._until(due, wait, count)
                count += 1
                self._time.reach(record.at)
                self._put(feed, record)
        return True

    async def _until(self, due: float, wait: float, count: int) -> float:
        """Wait until a record is due, and there is room for it; by how much all that follows is put off."""
        self._time.go_on(wait)
        left = due - self._monotonic()
        if left > 0 or count % _BREATH == 0:
            await self._sleep(max(0.0, left))
        while self.crowded():
            await self._sleep(_ROOM)
        late = self._monotonic() - due
        return late if late > _LATE else 0.0

    def _from_start(self, records: Iterator[Record]) -> Generator[Record, None, None]:
        """The records from where it is to begin, and before them the state that the link was in then."""
        start = self._playback.start
        if start is None:
            yield from records
            return
        begins: int | None = None
        first = last = 0
        state: Told | None = None
        for record in records:
            if begins is None:
                first, begins = record.at, start.after(record.at)
            last = record.at
            if last >= begins:
                yield from () if state is None else (state._replace(at=last),)
                yield record
                yield from records
                return
            if isinstance(record, Told) and isinstance(record.event, Status):
                state = record
                self._mark = mark_replay(self._mark, record.event.mark)
        if begins is not None:
            began, ended = (
                time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at / 1000)) for at in (first, last)
            )
            raise NotFound(
                f"nothing on the tape from {clean(start.text)} on: it is from {began} to {ended} (UTC)"
            )

    def _put(self, feed: Feed, record: Record) -> None:
        if isinstance(record, Push):
            self._publish(feed, record)
        elif isinstance(record.event, Status):
            self._mark = mark_replay(self._mark, record.event.mark)
            self._say(feed, record.event)
        else:
            feed.report(record.event)
        if self._reel.bad and not self._told_bad:
            self._told_bad = True
            feed.report(Unreadable(self._reel.bad, record.at, f"{self._reel.reason}, on the tape"))

    def _publish(self, feed: Feed, push: Push) -> None:
        try:
            tick = tick_of(push)
        except WireError as error:
            self._reel.spoil(str(error))
            return
        if tick is None or tick.id not in self._wanted:
            return
        self._heard.add(tick.id)
        if not self._marked:
            self._say(feed, Status(Link.LIVE, push.at))
        feed.publish(tick)

    def _say(self, feed: Feed, status: Status) -> None:
        self._marked = True
        feed.report(replace(status, mark=self._mark))

    def _now(self) -> int:
        return round(self.wall() * 1000)
