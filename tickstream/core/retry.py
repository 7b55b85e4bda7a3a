"""How long to wait before trying again.

Full jitter: each wait is drawn evenly from nothing up to a step that grows
with every failure, so that a thousand clients of one host come back spread
out. Only data takes the step back to the start: a handshake proves nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["Backoff"]


class Backoff:
    """The waits after failures, shared by all connections to one host; all in seconds.

    With the first step at 0.5 s and a factor of 1.6, whoever loses a link for a
    second is back within three, and the longest step is reached in two minutes.
    """

    def __init__(
        self,
        *,
        first: float = 0.5,
        factor: float = 1.6,
        floor: float = 0.25,
        longest: float = 60.0,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._first, self._factor, self._floor, self._longest = first, factor, floor, longest
        self._uniform = uniform
        self._until = 0.0
        self.failures = 0

    @property
    def step(self) -> float:
        """The longest that the present wait can be."""
        # The power is bounded first: 1.6 ** 2000 is an OverflowError, after a day without network.
        return min(self._longest, self._first * self._factor ** min(max(self.failures - 1, 0), 64))

    def failed(self, now: float) -> float:
        """One more failure, at `now` (monotonic); how long to wait.

        Connections that fail together, before the wait of the first is over,
        count as one failure.
        """
        if now >= self._until:
            self.failures += 1
        wait = self._uniform(self._floor, max(self._floor, self.step))
        self._until = max(self._until, now + wait)
        return wait

    def succeeded(self) -> None:
        """Data came."""
        self.failures = 0
        self._until = 0.0
