"""When what ticks. No loop and no clock: an instant in, the symbols that are due out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

__all__ = ["Evenly", "Naturally", "Pace"]

_LONGEST = 0.25
_SHORTEST = 0.02
_CATCH_UP = 0.5
"""After a pause no more than this many seconds are made up for."""

Push = Callable[[str], bool]
"""Lets a symbol tick; False where nothing is traded now."""


class Naturally:
    """Each symbol at its own pace, the lively ones about once a second, none more often."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._gaps: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def follow(self, symbol: str, gap: float, now: float) -> None:
        """Let `symbol` tick every `gap` seconds on average, at least 1 apart."""
        if gap > 0 and symbol not in self._gaps:
            self._gaps[symbol] = gap
            self._plan(symbol, now)

    def unfollow(self, symbol: str) -> None:
        """Let it tick no more."""
        self._gaps.pop(symbol, None)
        self._due.pop(symbol, None)

    def advance(self, now: float, push: Push) -> None:
        """Push all that is due at `now`."""
        while self._heap and self._heap[0][0] <= now:
            due, symbol = heappop(self._heap)
            # Of a symbol that was dropped, and perhaps taken up again, an old plan may be left.
            if self._due.get(symbol) == due:
                push(symbol)
                self._plan(symbol, now)

    def wait(self, now: float) -> float:
        """How long to sleep until the next is due, or something may have changed."""
        due = self._heap[0][0] if self._heap else now + _LONGEST
        return min(max(due - now, _SHORTEST), _LONGEST)

    def _plan(self, symbol: str, now: float) -> None:
        gap = self._gaps[symbol]
        more = self._chance.expovariate(1 / (gap - 1)) if gap > 1 else self._chance.uniform(0.0, 0.1)
        self._due[symbol] = now + 1.0 + more
        heappush(self._heap, (self._due[symbol], symbol))


class Evenly:
    """So many ticks a second in all, each symbol in its turn."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._ring: deque[str] = deque()
        self._owed = 0.0
        self._last: float | None = None

    def follow(self, symbol: str, gap: float, _now: float) -> None:
        """Let `symbol` have its turns, unless it never ticks (`gap` 0)."""
        if gap > 0 and symbol not in self._ring:
            self._ring.append(symbol)

    def unfollow(self, symbol: str) -> None:
        """Let it tick no more."""
        if symbol in self._ring:
            self._ring.remove(symbol)

    def advance(self, now: float, push: Push) -> None:
        """Push as many as are due at `now`."""
        passed = 0.0 if self._last is None else min(max(now - self._last, 0.0), _CATCH_UP)
        self._last = now
        # Without anybody to send to nothing is owed, but the next tick does not wait longer for that.
        self._owed = min(self._owed, 1.0) + passed * self.rate
        idle = 0
        while self._owed >= 1 and idle < len(self._ring):
            symbol = self._ring[0]
            self._ring.rotate(-1)
            if push(symbol):
                self._owed -= 1
                idle = 0
            else:
                idle += 1

    def wait(self, _now: float) -> float:
        """How long to sleep; ticks that fall into it go out together."""
        return min(max(1 / self.rate, _SHORTEST), _LONGEST)


Pace = Naturally | Evenly
