"""How often: connects that are spaced out, and the rate and lag of what is received.

No clock in here: whoever calls says what time it is.
"""

from __future__ import annotations

from collections import deque

__all__ = ["Limiter", "Meter", "Spacing"]


class Limiter:
    """At most `most` turns in any `period` seconds: half of them as they come, the others spread out.

    Whoever spends all turns at once has none for the rest of the period.
    """

    def __init__(self, most: int = 12, period: float = 60.0) -> None:
        self._turns: deque[float] = deque(maxlen=most)
        self._most, self._period = most, period

    def wait(self, now: float) -> float:
        """How long until there is a turn; 0 when there is one now."""
        recent = [turn for turn in self._turns if turn + self._period > now]
        free = (self._most + 1) // 2
        if len(recent) < free:
            return 0.0
        spread = self._period / max(1, self._most - free) if len(recent) < self._most else 0.0
        oldest = recent[0] + self._period if len(recent) == self._most else now
        return max(0.0, oldest - now, recent[-1] + spread - now)

    def take(self, now: float) -> None:
        self._turns.append(now)


class Spacing:
    """Turns at least `gap` seconds apart, handed out in advance."""

    def __init__(self, gap: float = 0.3) -> None:
        self._gap = gap
        self._next = float("-inf")

    def take(self, now: float) -> float:
        """Reserve the next turn; how long until it comes."""
        turn = max(now, self._next)
        self._next = turn + self._gap
        return turn - now


class Meter:
    """The rate of pushes, and their lag: from the exchange's stamp to here."""

    WINDOW = 5.0
    """Seconds over which the rate is taken."""

    def __init__(self) -> None:
        self._buckets: deque[list[float]] = deque()
        self._lags: deque[float] = deque(maxlen=101)
        self._began: float | None = None
        self.pushes = 0

    def count(self, now: float) -> None:
        """One push, at `now` (monotonic)."""
        self.pushes += 1
        buckets = self._buckets
        if buckets and now - buckets[-1][0] < 0.5:
            buckets[-1][1] += 1
            return
        if self._began is None:
            self._began = now
        buckets.append([now, 1])
        self._trim(now)

    def saw(self, stamp: int, wall: float) -> None:
        """A push stamped `stamp` (ms) came at `wall` (s); a whole minute is no exact stamp."""
        if stamp % 60_000:
            self._lags.append(max(0.0, wall - stamp / 1000))

    def rate(self, now: float) -> float:
        """Pushes a second over the last few seconds."""
        self._trim(now)
        if self._began is None:
            return 0.0
        seconds = min(self.WINDOW, max(1.0, now - self._began))
        return sum(count for _, count in self._buckets) / seconds

    @property
    def lag(self) -> float | None:
        """The median lag in seconds; None before there is any."""
        # By hand: the module `statistics` would be a twentieth of all that is imported.
        return sorted(self._lags)[len(self._lags) // 2] if self._lags else None

    def _trim(self, now: float) -> None:
        while self._buckets and now - self._buckets[0][0] > self.WINDOW:
            self._buckets.popleft()
