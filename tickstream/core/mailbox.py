"""Mailboxes: what a reader has not read yet, each with a stated loss policy.

Publishing never waits, so a mailbox is bounded: `Changed` keeps the names of
what moved (the newest row is on the board), `Every` keeps each tick up to a
number, then loses the oldest and counts them. Data only: the hub makes a
mailbox awaitable through `wake`, which is called when it stops being empty.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import ClassVar

from tickstream.core.ports import Event
from tickstream.core.tick import Tick

__all__ = ["Changed", "Every"]


def _nobody() -> None:
    """No one waits for this mailbox."""


class Changed:
    """For the table and for clients that conflate: the symbols that said something since last asked."""

    rows: ClassVar[bool] = True
    polled: ClassVar[bool] = True
    crowded: ClassVar[bool] = False

    def __init__(self) -> None:
        self.wake: Callable[[], None] = _nobody
        self._moved: dict[str, None] = {}
        self.pushes = 0

    def __bool__(self) -> bool:
        return bool(self._moved)

    def put(self, tick: Tick) -> None:
        self.pushes += 1
        if not self._moved:
            self.wake()
        self._moved[tick.id] = None

    def take(self) -> list[str]:
        """The symbols that moved, in the order they first did; asking forgets them."""
        moved = list(self._moved)
        self._moved.clear()
        return moved


class Every:
    """For programs: each tick, at most `most` at a time; the oldest are lost first, and counted.

    Events may be put in between, so that they are read in their place; they are
    lost only where there is no tick to lose.
    """

    rows: ClassVar[bool] = False
    polled: ClassVar[bool] = True

    def __init__(self, most: int = 8192) -> None:
        self.wake: Callable[[], None] = _nobody
        self.lost = 0
        self._items: deque[Tick | Event] = deque()
        self._most = most

    def __bool__(self) -> bool:
        return bool(self._items)

    @property
    def crowded(self) -> bool:
        """Whether it is half full: a source that can wait does."""
        return len(self._items) * 2 >= self._most

    def put(self, item: Tick | Event) -> None:
        if not self._items:
            self.wake()
        elif len(self._items) == self._most:
            self._lose()
        self._items.append(item)

    def _lose(self) -> None:
        for at, item in enumerate(self._items):
            if isinstance(item, Tick):
                self.lost += 1
                del self._items[at]
                return
        self._items.popleft()

    def take(self) -> list[Tick | Event]:
        """All that waits, in the order it came."""
        items = list(self._items)
        self._items.clear()
        return items
