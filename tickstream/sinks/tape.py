"""Writing a tape: a mailbox whose reader is a thread, so that no disk, however slow, holds up the event loop.

Each push is on the tape with when it came, and each event that tells of the way
to the data. What the disk does not take in time is lost, oldest first, and the
tape says where and how much, as it does not for what other readers lost.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby
from types import TracebackType
from typing import ClassVar, Self

from tickstream.core.board import Now
from tickstream.core.jsontext import json_lines
from tickstream.core.ports import Dropped, Event, Status
from tickstream.core.tape import line_of
from tickstream.core.tick import Tick
from tickstream.errors import OutputError
from tickstream.sinks.tapefile import TapeFile

__all__ = ["Tape"]

MOST = 65_536
"""Pushes and events that wait for the disk."""
GRACE = 0.5
"""Seconds that the disk has for the rest, where all is to end soon."""

_Item = tuple[int, Tick | Event]


class Tape:
    """What is put in here is written to `file`, which is open. `count` is how many pushes, at most.

    Entering starts its thread; leaving waits until all is written, or, where that
    was cancelled or failed, `grace` seconds at most.
    """

    rows: ClassVar[bool] = False
    polled: ClassVar[bool] = False

    def __init__(
        self,
        file: TapeFile,
        now: Callable[[], Now],
        *,
        count: int | None = None,
        most: int = MOST,
        grace: float = GRACE,
    ) -> None:
        self.wake: Callable[[], None] = lambda: None
        self.path = file.path
        self.taken = 0
        """Pushes that were put in."""
        self.written = 0
        """Pushes that are on the disk."""
        self.size = 0
        """Bytes that were written."""
        self.lost = 0
        """Pushes that the disk did not take in time."""
        self._file, self._now, self._grace = file, now, grace
        self._count, self._most = count, most
        self._items: deque[_Item] = deque()
        self._dropped = 0
        self._lock = threading.Lock()
        self._work_to_do = threading.Event()
        self._ending = threading.Event()
        self._state: Status | None = None
        self._error: Exception | None = None
        self._done = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._work, name="tickstream-tape", daemon=True).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._work_to_do.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(None if kind is None else self._grace):
                await self._done.wait()

    @property
    def complete(self) -> bool:
        """Whether all the pushes are there that it was to take."""
        return self._count is not None and self.taken >= self._count

    @property
    def crowded(self) -> bool:
        return self._error is None and len(self._items) * 2 >= self._most

    async def failed(self) -> None:
        """Until it cannot be written.

        Raises:
            OutputError: always; the text says why.
        """
        await self._done.wait()
        self.check()
        await asyncio.Event().wait()

    def check(self) -> None:
        """Raise what went wrong."""
        if self._error is not None:
            raise self._error

    def put(self, item: Tick | Event) -> None:
        """Take a push or an event, with the present as when it came."""
        if self._error is not None or self.complete:
            return
        if isinstance(item, Dropped) and not item.by:
            return  # another reader's, of this process
        is_push = isinstance(item, Tick)
        with self._lock:
            if len(self._items) >= self._most:
                self._dropped += isinstance(self._items.popleft()[1], Tick)
            self._items.append((round(self._now().wall * 1000), item))
        self.taken += is_push
        self._work_to_do.set()
        self.wake()

    def _take(self) -> list[_Item]:
        """All that waits; first of all what was lost of it, in its place."""
        with self._lock:
            items, dropped = list(self._items), self._dropped
            self._items.clear()
            self._dropped = 0
        if dropped:
            self.lost += dropped
            items.insert(0, (items[0][0], Dropped(dropped, items[0][0])))
        return items

    def _work(self) -> None:
        try:
            while not self._ending.is_set():
                self._work_to_do.wait()
                self._work_to_do.clear()
                self._write(self._take())
                if moment := self._file.packing.moment:
                    self._ending.wait(moment)
            self._write(self._take())
            self._file.close()
        except Exception as error:
            # One that is a bug, too, or nobody would know that nothing is recorded any more.
            self._error = error
            with suppress(OutputError):
                self._file.close()
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        self._done.set()
        self.wake()

    def _write(self, items: Sequence[_Item]) -> None:
        for _, group in groupby(items, key=lambda item: item[0] // 86_400_000):
            self._write_group(list(group))

    def _write_group(self, items: Sequence[_Item]) -> None:
        """Write what came on one day (UTC)."""
        state = b"" if self._state is None else json_lines([line_of(items[0][0], self._state)])
        try:
            self.size += self._file.write(json_lines([line_of(*item) for item in items]), items[0][0], state)
        except OutputError:
            self.written += _pushes(items[: self._file.kept])
            raise
        self.written += _pushes(items)
        states = [item for _, item in items if isinstance(item, Status)]
        self._state = states[-1] if states else self._state


def _pushes(items: Sequence[_Item]) -> int:
    return sum(1 for _, item in items if isinstance(item, Tick))
