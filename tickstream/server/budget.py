"""A budget of HTTP requests: so many a minute and no more, spent in small bursts."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

__all__ = ["Budget"]

BURST = 15
"""Requests at once; a view of the market and a profile begin with about as many."""


class Budget:
    """At most `rate` requests in any minute.

    A fetch may cost more requests than one, as when a crumb is renewed. `sent`
    says how many there were, and what was not planned is taken from what is left.
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
        """How often there was nothing left to spend."""
        self._sent, self._monotonic = sent, monotonic
        self._counted = sent()
        self._spent: deque[float] = deque()
        """When each request of the last minute was counted."""
        self._tokens = float(min(BURST, rate))
        self._filled = monotonic()

    def spend(self) -> bool:
        """Take one request, if there is one."""
        now = self._monotonic()
        self._fill(now)
        if unplanned := max(0, self._sent() - self._counted):
            self._take(unplanned, now)
        if self._tokens < 1 or len(self._spent) >= self.rate:
            self.put_off += 1
            return False
        self._take(1, now)
        return True

    @property
    def left(self) -> int:
        """Requests that could be sent at once."""
        self._fill(self._monotonic())
        return max(0, min(int(self._tokens), self.rate - len(self._spent)))

    def _fill(self, now: float) -> None:
        most = float(min(BURST, self.rate))
        self._tokens = min(most, self._tokens + (now - self._filled) * self.rate / 60)
        self._filled = now
        while self._spent and now - self._spent[0] >= 60:
            self._spent.popleft()

    def _take(self, count: int, now: float) -> None:
        self._counted += count
        self._tokens -= count
        self._spent.extend([now] * count)
