"""A budget of HTTP requests: so many a minute and no more, spent in small bursts."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

__all__ = ["BURST", "Budget", "Tally"]

BURST = 15
"""Requests at once; a view of the market and a profile begin with about as many."""


class Tally:
    """Requests that were sent without being planned, as when a crumb is renewed: `sent` counts all."""

    def __init__(self, sent: Callable[[], int] = lambda: 0) -> None:
        self._sent = sent
        self._counted = sent()

    def plan(self, count: int) -> None:
        """So many are about to be sent."""
        self._counted += count

    def unplanned(self) -> int:
        """Those that nobody planned, since the last time."""
        more = max(0, self._sent() - self._counted)
        self._counted += more
        return more


class Budget:
    """At most `rate` requests in any minute.

    A fetch may cost more requests than one; what was not planned is taken from
    what is left.
    """

    def __init__(
        self,
        rate: int,
        sent: Callable[[], int] = lambda: 0,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rate = rate
        self.put_off = 0
        """How many fetches were put off, since there was nothing left to spend."""
        self._monotonic = monotonic
        self._tally = Tally(sent)
        self._spent: deque[float] = deque()
        """When each request of the last minute was counted."""
        self._tokens = float(min(BURST, rate))
        self._filled = monotonic()

    def spend(self, count: int = 1) -> int:
        """Take `count` requests, or as many as there are; how many may be sent now."""
        now = self._monotonic()
        self._fill(now)
        if unplanned := self._tally.unplanned():
            self._take(unplanned, now)
        given = min(count, max(0, self._free()))
        self._tally.plan(given)
        self._take(given, now)
        self.put_off += count - given
        return given

    @property
    def left(self) -> int:
        """Requests that could be sent at once."""
        self._fill(self._monotonic())
        return max(0, self._free())

    def _free(self) -> int:
        return min(int(self._tokens), self.rate - len(self._spent))

    def _fill(self, now: float) -> None:
        most = float(min(BURST, self.rate))
        self._tokens = min(most, self._tokens + (now - self._filled) * self.rate / 60)
        self._filled = now
        while self._spent and now - self._spent[0] >= 60:
            self._spent.popleft()

    def _take(self, count: int, now: float) -> None:
        self._tokens -= count
        self._spent.extend([now] * count)
