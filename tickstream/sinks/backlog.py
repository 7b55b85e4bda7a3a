"""The backlog of lines: what their reader has not taken yet, as the bytes that it will be given."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Sequence
from mmap import mmap
from typing import ClassVar

from tickstream.core.jsontext import json_lines
from tickstream.core.ports import Event, event_dict
from tickstream.core.tick import Tick
from tickstream.sinks.output import Data

__all__ = ["Backlog"]

_BATCH = 256
"""Ticks that become lines together: one by one that would cost twice as much."""
_MANY = 32_768
"""Bytes from which lines are kept in memory of their own: those of a reader that stalls, or of a burst."""


class Backlog:
    """A mailbox for lines: each tick, at most `most` at a time, and of all that come `count` at most.

    The oldest are lost first, a batch at a time, and counted. Events may be put
    in between, and are lost only where there is no tick to lose.

    They wait as lines, and not as ticks: thousands of ticks are a hundred
    thousand small objects, and of the memory for those an allocator keeps a MiB
    or two for good, since something always lives on among them. Where they are
    many they wait in memory of their own, which is given back when they are taken.
    """

    rows: ClassVar[bool] = False
    polled: ClassVar[bool] = True

    def __init__(
        self, lines: Callable[[Sequence[Tick]], bytes], most: int = 8192, *, count: int | None = None
    ) -> None:
        self.wake: Callable[[], None] = lambda: None
        self.lost = 0
        """Ticks that were never written."""
        self._lines, self._most, self._left = lines, most, count
        self._batch = max(1, min(_BATCH, most // 8))
        self._open: list[Tick] = []
        """The newest ticks, which are no lines yet."""
        self._closed: deque[tuple[Data, int]] = deque()
        """Data, and how many ticks they are; none, where it is an event."""
        self._size = 0
        self._error: Exception | None = None

    def __bool__(self) -> bool:
        return self._size > 0

    @property
    def crowded(self) -> bool:
        """Whether it is half full: a source that can wait does."""
        return self._size * 2 >= self._most

    @property
    def complete(self) -> bool:
        """Whether all the ticks were taken that it was to have."""
        return self._left == 0 and not self

    def put(self, item: Tick | Event) -> None:
        # What comes on the last tick at once, as an alert of it, is still heard of.
        if self._left == 0 and (isinstance(item, Tick) or not self):
            return
        if not self:
            self.wake()
        elif self._size >= self._most:
            self._lose()
        self._size += 1
        if not isinstance(item, Tick):
            self._close()
            self._closed.append((json_lines([event_dict(item)]), 0))
            return
        if self._left is not None:
            self._left -= 1
        self._open.append(item)
        if len(self._open) >= self._batch:
            self._close()

    def take(self) -> tuple[Data, int]:
        """All that waits, in the order it came, and how many ticks that is.

        What went wrong with making lines is raised here: whoever puts a tick has nothing to do with it.
        """
        self._close()
        if self._error:
            raise self._error
        closed = list(self._closed)
        self._closed.clear()
        self._size = 0
        return _together([lines for lines, _ in closed]), sum(ticks for _, ticks in closed)

    def _close(self) -> None:
        if self._open:
            lines = b""
            try:
                lines = self._lines(self._open)
            except Exception as error:
                self._error = error
            self._closed.append((_together([lines]), len(self._open)))
            self._open.clear()

    def _lose(self) -> None:
        if not any(ticks for _, ticks in self._closed):
            self._close()
        for at, (_, ticks) in enumerate(self._closed):
            if ticks:
                del self._closed[at]
                self._size -= ticks
                self.lost += ticks
                if self._left is not None:
                    self._left += ticks
                return
        self._closed.popleft()
        self._size -= 1


def _together(pieces: Sequence[Data]) -> Data:
    """All of these, one behind the other."""
    size = sum(map(len, pieces))
    if size < _MANY:
        return b"".join(pieces)
    if len(pieces) == 1 and isinstance(pieces[0], mmap):
        return pieces[0]
    lines, start = _mapped(size), 0
    for piece in pieces:
        lines[start : start + len(piece)] = piece
        start += len(piece)
    return lines


def _mapped(size: int) -> mmap:
    if sys.platform == "win32":
        return mmap(-1, size)
    from mmap import MAP_ANONYMOUS, MAP_PRIVATE

    return mmap(-1, size, flags=MAP_PRIVATE | MAP_ANONYMOUS)
