"""How much: what is counted of clients, and when it is too much.

No clock in here: whoever calls says what time it is. Whatever a stranger can
make us remember is bounded, and forgotten when it no longer matters.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from math import ceil

from tickstream.server.addresses import counted_as

__all__ = ["Bucket", "Connections", "Days", "Failures"]

_DAY = 86_400


class Bucket:
    """Turns at `rate` a second over time, `burst` of them at once."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left = burst
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """Whether there is a turn at `now` (seconds, monotonic); it is taken where there is one."""
        if self._at is not None:
            self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Connections:
    """Who is here: in all, of each address, with each key. Nothing is kept of those who left."""

    def __init__(self) -> None:
        self.total = 0
        self._addresses: dict[str, int] = {}
        self._labels: dict[str, int] = {}

    def enter(self, address: str | None, label: str | None) -> None:
        """One more; None is not counted."""
        self.total += 1
        for counts, name in self._counts(address, label):
            counts[name] = counts.get(name, 0) + 1

    def leave(self, address: str | None, label: str | None) -> None:
        """One less, of those with which it entered."""
        self.total -= 1
        for counts, name in self._counts(address, label):
            if counts[name] == 1:
                del counts[name]
            else:
                counts[name] -= 1

    def of_address(self, address: str) -> int:
        """Those of one address, or of its /64."""
        return self._addresses.get(counted_as(address), 0)

    def of_key(self, label: str) -> int:
        """Those with the key of this label."""
        return self._labels.get(label, 0)

    @property
    def remembered(self) -> int:
        """How many addresses and labels are kept."""
        return len(self._addresses) + len(self._labels)

    def _counts(self, address: str | None, label: str | None) -> list[tuple[dict[str, int], str]]:
        counts = [] if address is None else [(self._addresses, counted_as(address))]
        return counts if label is None else [*counts, (self._labels, label)]


class Days:
    """Connections of each address on this day, UTC.

    Of more addresses than `remember`, the one that has not connected for longest
    is forgotten: to be forgotten early takes that many addresses.
    """

    def __init__(self, most: int, remember: int = 100_000) -> None:
        self._most, self._remember = most, remember
        self._day: int | None = None
        self._counts: OrderedDict[str, int] = OrderedDict()

    def wait(self, address: str, now: float) -> int:
        """Whole seconds until this address may connect, at `now` (since the epoch); 0 is at once."""
        if not self._most or self._on(now).get(counted_as(address), 0) < self._most:
            return 0
        return max(1, ceil(_DAY - now % _DAY))

    def count(self, address: str, now: float) -> None:
        """One connection."""
        if not self._most:
            return
        counts, name = self._on(now), counted_as(address)
        counts[name] = counts.get(name, 0) + 1
        counts.move_to_end(name)
        if len(counts) > self._remember:
            counts.popitem(last=False)

    @property
    def remembered(self) -> int:
        """How many addresses are kept."""
        return len(self._counts)

    def _on(self, now: float) -> OrderedDict[str, int]:
        day = int(now // _DAY)
        if day != self._day:
            self._day = day
            self._counts.clear()
        return self._counts


class _Tries:
    __slots__ = ("last", "times", "until")

    def __init__(self, most: int) -> None:
        self.times: deque[float] = deque(maxlen=most)
        self.last = self.until = float("-inf")


class Failures:
    """Wrong keys of each address: `most` within `period` seconds, and it is refused for as long."""

    def __init__(self, most: int = 10, period: float = 60.0, remember: int = 10_000) -> None:
        self._most, self._period, self._remember = most, period, remember
        # In the order of the last failure, so that those to forget come first.
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait(self, address: str, now: float) -> int:
        """Whole seconds for which this address is refused, at `now` (monotonic); 0 is not at all."""
        self._forget(now)
        tries = self._tries.get(counted_as(address))
        return ceil(tries.until - now) if tries and tries.until > now else 0

    def count(self, address: str, now: float) -> None:
        """One wrong key."""
        self._forget(now)
        name = counted_as(address)
        tries = self._tries.setdefault(name, _Tries(self._most))
        self._tries.move_to_end(name)
        tries.last = now
        tries.times.append(now)
        if len(tries.times) == self._most and now - tries.times[0] < self._period:
            tries.until = now + self._period
        if len(self._tries) > self._remember:
            self._tries.popitem(last=False)

    @property
    def remembered(self) -> int:
        """How many addresses are kept."""
        return len(self._tries)

    def _forget(self, now: float) -> None:
        # A refusal lasts as long as the period, from the last failure on.
        while self._tries and next(iter(self._tries.values())).last + self._period <= now:
            self._tries.popitem(last=False)
