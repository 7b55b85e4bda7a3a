"""Counting what clients cost: messages, connections, connections a day, wrong keys. Clocks are parameters."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv6Address, IPv6Network, ip_address

__all__ = ["Bucket", "Connections", "Days", "Failures", "group_of"]

DAY = 86_400
_MOST_ADDRESSES = 100_000


def group_of(address: str) -> str:
    """What one user has: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Network((found, 64), strict=False))
    return str(found)


class Bucket:
    """So many a second over time, and `burst` of them at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens = burst
        self._filled: float | None = None

    def take(self, now: float) -> bool:
        """Take one, if there is one."""
        if self._filled is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Connections:
    """Who is connected at the moment: in all, by address and by key."""

    def __init__(self) -> None:
        self.total = 0
        self._addresses: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()

    def of_address(self, group: str) -> int:
        return self._addresses.get(group, 0)

    def of_key(self, label: str) -> int:
        return self._keys.get(label, 0)

    def enter(self, group: str, label: str) -> None:
        self.total += 1
        self._addresses[group] += 1
        self._keys[label] += 1

    def leave(self, group: str, label: str) -> None:
        self.total -= 1
        for counts, name in ((self._addresses, group), (self._keys, label)):
            counts[name] -= 1
            if not counts[name]:
                del counts[name]


class Days:
    """Connections by address and day, UTC."""

    def __init__(self) -> None:
        self._day = -1
        self._counts: Counter[str] = Counter()

    def count(self, group: str, now: float) -> int:
        """How many there were today; `now` is seconds since the epoch."""
        return self._counts.get(group, 0) if self._day == int(now // DAY) else 0

    def add(self, group: str, now: float) -> None:
        day = int(now // DAY)
        if day != self._day:
            self._day = day
            self._counts.clear()
        if group in self._counts or len(self._counts) < _MOST_ADDRESSES:
            self._counts[group] += 1

    def left(self, now: float) -> int:
        """Seconds until tomorrow."""
        return DAY - int(now % DAY)


class Failures:
    """Wrong keys by address: after `MOST` within a minute none is looked at for a minute."""

    MOST = 10
    SECONDS = 60.0

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, int]] = {}
        """Since when, and how many."""

    def locked(self, group: str, now: float) -> int | None:
        """The seconds for which this address is not listened to; None where it is (`now` is monotonic)."""
        since, count = self._seen.get(group, (now, 0))
        if count < self.MOST or now - since >= self.SECONDS:
            return None
        return max(1, int(self.SECONDS - (now - since)))

    def add(self, group: str, now: float) -> None:
        since, count = self._seen.pop(group, (now, 0))
        if now - since >= self.SECONDS:
            since, count = now, 0
        # The minute without a hearing counts from the last of them.
        self._seen[group] = (now if count + 1 >= self.MOST else since, count + 1)
        while len(self._seen) > _MOST_ADDRESSES:
            del self._seen[next(iter(self._seen))]
