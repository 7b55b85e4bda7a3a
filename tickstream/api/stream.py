"""Live ticks as an async iterator."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tickstream.api.opening import key_of, run_source
from tickstream.core.mailbox import Every
from tickstream.core.symbols import parse_symbols
from tickstream.core.tick import Tick
from tickstream.errors import UsageError
from tickstream.hub import Hub, Reading
from tickstream.sources import check_source

if TYPE_CHECKING:
    from tickstream.core.playback import Playback

__all__ = ["Reader", "Stream", "stream"]


class Reader:
    """A hub of one's own with one mailbox in it, and the task that fills it."""

    def __init__(
        self, source: str, key: str = "", most: int = 8192, playback: Playback | None = None
    ) -> None:
        self.hub = Hub()
        self.mailbox = Every(most)
        self.reading = Reading(self.hub, self.mailbox)
        self._source, self._key, self._playback = source, key, playback
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            run = run_source(self.hub, self._source, self._key, self._playback)
            self._task = asyncio.create_task(run)
            self._task.add_done_callback(lambda task: self.reading.wake())

    async def stop(self) -> None:
        self.reading.follow(())
        self.reading.wake()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def next(self) -> list[Tick]:
        """The ticks since the last time; none when the source has ended. What ended it is raised."""
        while not self.mailbox:
            if self._task is None or self._task.done():
                if self._task is not None and not self._task.cancelled():
                    self._task.result()
                return []
            await self.reading.wait()
        return [item for item in self.mailbox.take() if isinstance(item, Tick)]


class Stream:
    """Live ticks of some symbols, in the order they came.

    Use it as an async context manager and iterate over it. A reader that is too
    slow loses the oldest ticks, which `lost` counts.
    """

    def __init__(
        self,
        symbols: Iterable[str],
        *,
        source: str = "yahoo",
        api_key: str | None = None,
        most: int = 8192,
        playback: Playback | None = None,
    ) -> None:
        self._key = key_of(source, api_key)
        check_source(source, key=self._key, playback=playback)
        self._symbols = parse_symbols(symbols)
        self._source, self._most, self._playback = source, most, playback
        self._batch: deque[Tick] = deque()
        self._reader: Reader | None = None
        self._left = False

    @property
    def lost(self) -> int:
        """Ticks that were dropped because they were not read in time."""
        return self._reader.mailbox.lost if self._reader else 0

    @property
    def missed(self) -> float:
        """Seconds in which nothing could be received, after there had been data."""
        return self._reader.hub.missed if self._reader else 0.0

    @property
    def mark(self) -> str:
        """What the ticks must be marked as: `SIMULATED`, `REPLAY` or both; empty where they are real.

        It is known from the first tick on, and where the source is another one later, it changes.
        """
        return self._reader.hub.status.mark if self._reader else ""

    @property
    def state(self) -> str:
        """How the link is: `connecting`, `live`, `stale`, `backoff`, `refused` or `closed`."""
        if self._left:
            return "closed"
        return str(self._reader.hub.status.state) if self._reader else "connecting"

    async def __aenter__(self) -> Self:
        self._left = False
        self._batch.clear()  # of the time before
        self._reader = Reader(self._source, self._key, self._most, self._playback)
        self._reader.reading.follow(self._symbols)
        self._reader.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left = True
        if self._reader is not None:
            await self._reader.stop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Tick:
        """The next tick.

        Raises:
            BadKey: the server wants a key, or another one.
            Refused: the source turned the very first try away in a way that will not change.
            StopAsyncIteration: the source has ended, as a tape does.
        """
        if self._reader is None:
            raise UsageError("enter it first: async with tickstream.stream(…) as ticks")
        if not self._batch:
            self._batch.extend(await self._reader.next())
        if not self._batch:
            raise StopAsyncIteration
        return self._batch.popleft()


def stream(
    *symbols: str,
    source: str = "yahoo",
    api_key: str | None = None,
    speed: float | None = None,
    loop: bool = False,
    start: str | None = None,
) -> Stream:
    """Live ticks of `symbols`, each push as it came.

    >>> import asyncio, tickstream
    >>> async def watch():
    ...     async with tickstream.stream("AAPL", source="demo") as ticks:
    ...         async for tick in ticks:
    ...             print(tick.id, tick.exchange, tick.price_hint)
    ...             break
    >>> asyncio.run(watch())
    AAPL NMS 2

    `source` is `yahoo`, `demo`, `yahoo+http://HOST:PORT`, `ws://HOST:PORT` of a
    tickstream server, the `ws://` URL, path and all, of any other that speaks
    Yahoo's streamer protocol, or the path of a tape. `api_key` is the key that a
    tickstream server wants; without one it is taken from TICKSTREAM_API_KEY. A tape is
    played at `speed` times its pace (`math.inf`: as fast as it is read), once or in a
    `loop`, from its beginning or from `start` on, as in `10:30` (UTC); then it ends.

    It connects again by itself, with all symbols, for as long as it is entered:
    `missed` counts the seconds in which nothing could be received.

    Raises:
        BadSymbols, UsageError: before anything is connected.
        Refused, BadKey: the very first try is turned away; raised by the iteration.
    """
    return Stream(symbols, source=source, api_key=api_key, playback=_playback(speed, loop, start))


def _playback(speed: float | None, loop: bool, start: str | None) -> Playback | None:
    """How a tape is to be played; None where nothing was said of it."""
    if speed is None and not loop and start is None:
        return None
    from tickstream.core.playback import Playback, parse_start

    if speed is not None and not speed > 0:
        raise UsageError(f"bad speed {speed}: it has to be above 0")
    return Playback(1.0 if speed is None else speed, loop, None if start is None else parse_start(start))
